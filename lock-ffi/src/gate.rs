//! The one gate between C and Rust: whatever crosses it is checked here, and comes out as a type that Rust may trust.
#![allow(unsafe_code)]

use core::mem::size_of;
use core::ptr::NonNull;

use crate::Status;

/// The status of a call, from what its body says.
pub(crate) fn status(body: impl FnOnce() -> Result<(), Status>) -> Status {
    match body() {
        Ok(()) => Status::Ok,
        Err(failure) => failure,
    }
}

/// An input of `length` bytes.
///
/// # Errors
/// [`Status::NullPointer`]; [`Status::BadLength`] for more bytes than any object can have.
///
/// # Safety
/// If it is not null, `pointer` is valid for reads of `length` bytes that nobody writes while the result is in use.
pub(crate) unsafe fn bytes<'a>(pointer: *const u8, length: usize) -> Result<&'a [u8], Status> {
    if pointer.is_null() {
        return Err(Status::NullPointer);
    }
    if isize::try_from(length).is_err() {
        return Err(Status::BadLength);
    }
    // SAFETY: not null, not too long, bytes need no alignment; the caller vouches for the rest.
    Ok(unsafe { core::slice::from_raw_parts(pointer, length) })
}

/// Bytes that are read and written in place.
///
/// # Errors
/// As of [`bytes`].
///
/// # Safety
/// If it is not null, `pointer` is valid for reads and writes of `length` bytes that nobody else uses while the result is in use.
pub(crate) unsafe fn bytes_mut<'a>(pointer: *mut u8, length: usize) -> Result<&'a mut [u8], Status> {
    let pointer = NonNull::new(pointer).ok_or(Status::NullPointer)?;
    if isize::try_from(length).is_err() {
        return Err(Status::BadLength);
    }
    // SAFETY: not null, not too long, bytes need no alignment; the caller vouches for the rest.
    Ok(unsafe { core::slice::from_raw_parts_mut(pointer.as_ptr(), length) })
}

/// An input that is a structure, or the first of `count` of them.
///
/// # Errors
/// [`Status::NullPointer`], [`Status::Misaligned`]; [`Status::BadLength`] for more than any object can have.
///
/// # Safety
/// If it is not null, `pointer` is valid for reads of `count` values, every bit pattern of which is one, that nobody writes while the
/// result is in use.
pub(crate) unsafe fn inputs<'a, T>(pointer: *const T, count: usize) -> Result<&'a [T], Status> {
    let pointer = aligned(pointer.cast_mut())?;
    let length = count.checked_mul(size_of::<T>()).ok_or(Status::BadLength)?;
    if isize::try_from(length).is_err() {
        return Err(Status::BadLength);
    }
    // SAFETY: not null, aligned, not too long; the caller vouches for the rest.
    Ok(unsafe { core::slice::from_raw_parts(pointer.as_ptr(), count) })
}

/// An input that is a structure.
///
/// # Errors
/// [`Status::NullPointer`], [`Status::Misaligned`].
///
/// # Safety
/// As of [`inputs`], for one.
pub(crate) unsafe fn input<'a, T>(pointer: *const T) -> Result<&'a T, Status> {
    let pointer = aligned(pointer.cast_mut())?;
    // SAFETY: not null and aligned; the caller vouches for the rest.
    Ok(unsafe { &*pointer.as_ptr() })
}

/// The same where null says that there is none.
///
/// # Errors
/// [`Status::Misaligned`].
///
/// # Safety
/// As of [`inputs`], for one.
pub(crate) unsafe fn optional<'a, T>(pointer: *const T) -> Result<Option<&'a T>, Status> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: as the caller vouches.
    unsafe { input(pointer) }.map(Some)
}

/// An input of exactly `N` bytes.
///
/// # Errors
/// [`Status::NullPointer`].
///
/// # Safety
/// If it is not null, `pointer` is valid for reads of `N` bytes.
pub(crate) unsafe fn array<const N: usize>(pointer: *const u8) -> Result<[u8; N], Status> {
    // SAFETY: as the caller vouches.
    unsafe { array_in_place(pointer) }.copied()
}

/// The same where it lies: no copy of a secret has to be wiped.
///
/// # Errors
/// [`Status::NullPointer`].
///
/// # Safety
/// If it is not null, `pointer` is valid for reads of `N` bytes that nobody writes while the result is in use.
pub(crate) unsafe fn array_in_place<'a, const N: usize>(pointer: *const u8) -> Result<&'a [u8; N], Status> {
    if pointer.is_null() {
        return Err(Status::NullPointer);
    }
    // SAFETY: not null, bytes need no alignment; the caller vouches for the rest.
    Ok(unsafe { &*pointer.cast::<[u8; N]>() })
}

/// A place for one output of type `T`, written at the end of a call that succeeds.
pub(crate) struct Output<T>(NonNull<T>);

impl<T> Output<T> {
    /// Checks the place; reads and writes nothing.
    ///
    /// # Errors
    /// [`Status::NullPointer`], [`Status::Misaligned`].
    ///
    /// # Safety
    /// If it is not null, `pointer` is valid for a write of a `T` until the result is gone.
    pub(crate) unsafe fn new(pointer: *mut T) -> Result<Self, Status> {
        aligned(pointer).map(Self)
    }

    /// Writes the output.
    pub(crate) fn write(self, value: T) {
        // SAFETY: `new` checked the pointer and its caller vouched for it; what lay there before needs no drop.
        unsafe { self.0.as_ptr().write(value) };
    }
}

/// A place for an output of bytes, written at the end of a call that succeeds.
pub(crate) struct OutputBytes {
    start: NonNull<u8>,
    capacity: usize,
}

impl OutputBytes {
    /// Checks the place; reads and writes nothing.
    ///
    /// # Errors
    /// [`Status::NullPointer`].
    ///
    /// # Safety
    /// If it is not null, `pointer` is valid for writes of `capacity` bytes until the result is gone.
    pub(crate) unsafe fn new(pointer: *mut u8, capacity: usize) -> Result<Self, Status> {
        let start = NonNull::new(pointer).ok_or(Status::NullPointer)?;
        Ok(Self { start, capacity })
    }

    /// Refuses a place for fewer than `length` bytes.
    ///
    /// # Errors
    /// [`Status::BufferTooShort`].
    pub(crate) fn holds(&self, length: usize) -> Result<(), Status> {
        if length > self.capacity { Err(Status::BufferTooShort) } else { Ok(()) }
    }

    /// The first bytes of the place, to be written in place.
    ///
    /// # Safety
    /// The place holds so many bytes, they are valid for reads as well, or written before they are read, and nobody else uses them while
    /// the result is in use.
    pub(crate) unsafe fn first<'a, const N: usize>(&self) -> &'a mut [u8; N] {
        // SAFETY: `new` checked the pointer, and bytes need no alignment; the caller vouches for the rest.
        unsafe { &mut *self.start.as_ptr().cast::<[u8; N]>() }
    }

    /// Writes all of `bytes` to the start of the place, or nothing.
    ///
    /// # Errors
    /// [`Status::BufferTooShort`].
    pub(crate) fn write(self, bytes: &[u8]) -> Result<(), Status> {
        self.holds(bytes.len())?;
        // SAFETY: `new` checked the pointer and its caller vouched for `capacity` bytes; that suffices, as just seen.
        unsafe { core::ptr::copy(bytes.as_ptr(), self.start.as_ptr(), bytes.len()) };
        Ok(())
    }
}

/// A number that says yes or no.
///
/// # Errors
/// [`Status::BadValue`].
pub(crate) const fn flag(value: u8) -> Result<bool, Status> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Status::BadValue),
    }
}

pub(crate) fn aligned<T>(pointer: *mut T) -> Result<NonNull<T>, Status> {
    let pointer = NonNull::new(pointer).ok_or(Status::NullPointer)?;
    if pointer.is_aligned() { Ok(pointer) } else { Err(Status::Misaligned) }
}
