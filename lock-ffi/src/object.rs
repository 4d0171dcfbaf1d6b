//! Objects in the caller's storage: a word that tells storage that was started where it lies from any other, and behind it what it holds.
#![allow(unsafe_code)]

use core::mem::{MaybeUninit, align_of, size_of};
use core::ptr::NonNull;
use core::sync::atomic::{Ordering, compiler_fence};

use crate::Status;
use crate::gate;

/// Storage that the header declares.
///
/// # Safety
/// Every bit pattern is one of it, and it is `repr(C)` and aligned as a `u64`.
pub(crate) unsafe trait Storage: Sized {
    /// What is in it once it was started.
    type Held;
    /// "lk", the number of the object, the number of its layout, and bits that neither zeroed nor erased memory has.
    const MAGIC: u64;
    /// That what is held has room, wherever the storage lies; evaluated where an object is started.
    const FITS: () = {
        assert!(align_of::<Self>() >= align_of::<u64>(), "the word that tells is aligned");
        let slack = align_of::<Self::Held>().saturating_sub(align_of::<u64>());
        assert!(
            WORD + slack + size_of::<Self::Held>() <= size_of::<Self>(),
            "what is held fits into the storage"
        );
    };
}

const WORD: usize = size_of::<u64>();

/// The word of an object that was started where it lies: a copy in another place is none, since it would repeat numbers that must never
/// come twice.
fn word<S: Storage>(storage: NonNull<S>) -> u64 {
    S::MAGIC ^ (storage.addr().get() as u64).rotate_left(16)
}

/// Where what is held begins: the alignment of C's storage may not suffice for it.
fn place<S: Storage>(storage: NonNull<S>) -> *mut S::Held {
    let behind = storage.as_ptr().cast::<u8>().wrapping_add(WORD);
    let skip = behind.align_offset(align_of::<S::Held>());
    behind.wrapping_add(skip).cast()
}

/// Checks the storage of an object that is to be started, and touches nothing.
///
/// # Errors
/// [`Status::NullPointer`], [`Status::Misaligned`]; [`Status::SizeMismatch`] where the header is of another version.
pub(crate) fn room<S: Storage>(storage: *mut S, size: usize) -> Result<NonNull<S>, Status> {
    let storage = gate::aligned(storage)?;
    if size == size_of::<S>() { Ok(storage) } else { Err(Status::SizeMismatch) }
}

/// Starts an object: `make` writes it where it stays, over what was there. Where that fails, the storage is zeroed: neither what was there nor
/// what `make` left is kept.
///
/// # Errors
/// Those of [`room`]; what `make` says.
///
/// # Safety
/// If it is not null, `storage` is valid for writes of `size` bytes.
pub(crate) unsafe fn start<S: Storage>(
    storage: *mut S,
    size: usize,
    make: impl FnOnce(&mut MaybeUninit<S::Held>) -> Result<(), Status>,
) -> Result<(), Status> {
    let () = S::FITS;
    let storage = room(storage, size)?;
    // SAFETY: aligned, and the storage is large enough, as said above; the caller vouches for as many bytes as it has.
    unsafe { storage.cast::<u64>().write(0) };
    // SAFETY: as above.
    let made = make(unsafe { &mut *place(storage).cast::<MaybeUninit<S::Held>>() });
    if made.is_err() {
        // SAFETY: as above.
        unsafe { wipe(storage) };
        return made;
    }
    // SAFETY: as above.
    unsafe { storage.cast::<u64>().write(word(storage)) };
    Ok(())
}

/// Zeroes storage, secrets and the word that tells, even where nobody reads it again.
///
/// # Safety
/// `storage` is valid for writes.
unsafe fn wipe<S: Storage>(storage: NonNull<S>) {
    // SAFETY: aligned, and the caller vouches for the rest.
    unsafe { storage.write_bytes(0, 1) };
    compiler_fence(Ordering::SeqCst);
}

/// The object in storage that was started.
///
/// # Errors
/// [`Status::NullPointer`], [`Status::Misaligned`]; [`Status::NotInitialised`], also where it was moved.
///
/// # Safety
/// If it is not null, `storage` is valid for reads and writes, is zeroed or was started, and nobody else uses it while the result is in
/// use.
pub(crate) unsafe fn started<'a, S: Storage>(storage: *mut S) -> Result<&'a mut S::Held, Status> {
    let storage = gate::aligned(storage)?;
    // SAFETY: aligned and large enough; zeroed or started, its first word is a number.
    if unsafe { storage.cast::<u64>().read() } != word(storage) {
        return Err(Status::NotInitialised);
    }
    // SAFETY: the word says that `start` wrote it there.
    Ok(unsafe { &mut *place(storage) })
}

/// Ends an object: what it held is dropped, which wipes its secrets, and the storage is as nobody has started it.
///
/// # Errors
/// As of [`started`].
///
/// # Safety
/// As of [`started`].
pub(crate) unsafe fn end<S: Storage>(storage: *mut S) -> Result<(), Status> {
    // SAFETY: as the caller vouches.
    let held: *mut S::Held = unsafe { started(storage) }?;
    let storage = gate::aligned(storage)?;
    // SAFETY: what was started is dropped once: from here on no word says that it is there.
    unsafe {
        core::ptr::drop_in_place(held);
        wipe(storage);
    }
    Ok(())
}
