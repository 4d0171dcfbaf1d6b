//! Wiping memory of the caller that held a secret.
#![allow(unsafe_code)]

use core::ffi::c_void;

use zeroize::Zeroize;

use crate::{Status, gate};

/// Zeroes `length` bytes that held a secret, such as a record of keys. A compiler may leave out a `memset` of memory that is not read again; this
/// it cannot.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_BAD_LENGTH`.
///
/// # Safety
/// `bytes` must be valid for writes of `length` bytes, and hold no started object: that has a function to end it, or is started anew.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_wipe(bytes: *mut c_void, length: usize) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the bytes, of which none is read.
        unsafe { gate::bytes_mut(bytes.cast(), length) }?.zeroize();
        Ok(())
    })
}
