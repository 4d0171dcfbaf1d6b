//! What valgrind is told of secrets: bytes that count as undefined may be computed with, and no branch and no address may depend on them.

use std::ffi::c_void;

unsafe extern "C" {
    fn mark_undefined(bytes: *const c_void, length: usize);
    fn mark_defined(bytes: *const c_void, length: usize);
    safe fn is_watched() -> u32;
}

/// Whether this runs under valgrind: nothing is shown otherwise.
pub(crate) fn watched() -> bool {
    is_watched() != 0
}

/// The same value, that nobody may branch on from here.
pub(crate) fn secret<T>(value: T) -> T {
    // SAFETY: the value is valid for reads of its size, and valgrind changes none of its bytes.
    unsafe { mark_undefined((&raw const value).cast(), size_of::<T>()) };
    value
}

/// What was computed from secrets, and everybody may know.
pub(crate) fn publish<T: ?Sized>(value: &T) {
    // SAFETY: as above.
    unsafe { mark_defined((&raw const *value).cast(), size_of_val(value)) };
}
