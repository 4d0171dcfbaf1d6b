//! The one gate between C and Rust: whatever crosses it is checked here, and comes out as a type that Rust may trust.
#![allow(unsafe_code)]

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

/// An object in the caller's storage.
///
/// # Errors
/// [`Status::NullPointer`], [`Status::Misaligned`].
///
/// # Safety
/// If it is not null, `pointer` is valid for reads and writes of a `T`, every bit pattern of which is a `T`, and
/// nobody else uses it while the result is in use.
pub(crate) unsafe fn object<'a, T>(pointer: *mut T) -> Result<&'a mut T, Status> {
    let pointer = aligned(pointer)?;
    // SAFETY: not null and aligned; the caller vouches for the rest.
    Ok(unsafe { &mut *pointer.as_ptr() })
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

fn aligned<T>(pointer: *mut T) -> Result<NonNull<T>, Status> {
    let pointer = NonNull::new(pointer).ok_or(Status::NullPointer)?;
    if pointer.is_aligned() { Ok(pointer) } else { Err(Status::Misaligned) }
}
