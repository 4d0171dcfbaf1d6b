//! The issue of virtual keys.
#![allow(unsafe_code)]

use lock_core::cloud::{IssueError, NewTicket};
use lock_core::crypto::Key;
use lock_core::proto::UnixMillis;

use super::Cloud;
use crate::holder::narrow::{self, Conditions};
use crate::{Status, gate, object};

/// A virtual key that is issued.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct NewKey {
    /// Its number, from 1: used once for this lock and key epoch, and stored durably before. By it the key can be denied.
    pub serial: u64,
    /// The cloud's clock now, in Unix milliseconds.
    pub issued_ms: u64,
    /// The revocation epoch of the lock, or the one that it is to be told; 0 as made.
    pub epoch: u32,
    /// Random bytes. If the source is broken, nothing is lost.
    pub entropy: [u8; 32],
    /// What it yields. Without rights it is to lock, to unlock and to be told how the lock stands; without a depth it cannot be passed on.
    pub conditions: Conditions,
}

/// Issues a virtual key. `secret` is the 32 bytes that its holder has registered, to whom it is bound then: a link that is stolen on its way is worth
/// nothing. Null for a key that whoever has its link can use.
///
/// `link` gets its link and `link_length` the length, without a zero at the end; `link_capacity` must be at least `LK_LINK_MAX`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
/// `LK_STATUS_BAD_VALUE` (no serial, a single use without a last moment, a depth over 4, the latch without unlocking, no such window).
///
/// # Safety
/// `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `new_key` must be valid for a read, `secret` null or
/// valid for reads of 32 bytes, `link` valid for writes of `link_capacity` bytes and `link_length` for a write. None of them may overlap
/// another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_cloud_issue(
    cloud: *mut Cloud,
    new_key: *const NewKey,
    secret: *const u8,
    link: *mut u8,
    link_capacity: usize,
    link_length: *mut usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(cloud) }?;
        // SAFETY: the caller vouches for the key that is to be made, and for the secret.
        let (new, secret) = unsafe { (gate::input(new_key)?, gate::optional(secret.cast::<[u8; 32]>())?) };
        // SAFETY: the caller vouches for the outputs.
        let outputs = unsafe { narrow::outputs(link, link_capacity, link_length) }?;
        let secret = secret.map(|bytes| Key::from_bytes(*bytes));
        let ticket = NewTicket {
            serial: new.serial,
            issued: UnixMillis(new.issued_ms),
            epoch: new.epoch,
            conditions: new.conditions.read()?,
        };
        let key = held.keys.issue(&ticket, secret.as_ref(), &new.entropy).map_err(|error| match error {
            IssueError::NoSerial
            | IssueError::SingleUseWithoutEnd
            | IssueError::TooDeep
            | IssueError::NoSuchRights
            | IssueError::NoSuchWindow
            | IssueError::Caveats(_) => Status::BadValue,
        })?;
        narrow::write(&key, outputs)
    })
}
