//! What became of what the lock wanted.
#![allow(unsafe_code)]

use lock_core::device::{LogRead, PersistFailure, PersistId};
use lock_core::proto::Uptime;
use lock_core::state::UpdateAnswer;

use super::{Device, LK_LOG_BEGINNING};
use crate::{Status, gate, object, words};

/// The record, the log's entry or the freeing named `id` is durable: it was written and read back.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_NOT_PENDING`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_persisted(device: *mut Device, id: u32) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let device = unsafe { object::started(device) }?;
        device.persisted(PersistId::from_number(id)).map_err(|_| Status::NotPending)
    })
}

/// The record, the log's entry or the freeing named `id` is not durable, or nobody knows; `failure` is an `lk_failure`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`,
/// `LK_STATUS_NOT_PENDING`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_persist_failed(
    device: *mut Device,
    id: u32,
    failure: u8,
    now_ms: u64,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let device = unsafe { object::started(device) }?;
        let failure = match failure {
            by if by == words::Failure::Busy as u8 => PersistFailure::Busy,
            by if by == words::Failure::Fault as u8 => PersistFailure::Fault,
            by if by == words::Failure::Mismatch as u8 => PersistFailure::Mismatch,
            _ => return Err(Status::BadValue),
        };
        let now = Uptime::from_millis(now_ms);
        device.persist_failed(PersistId::from_number(id), failure, now).map_err(|_| Status::NotPending)
    })
}

/// An entry of the log, for `LK_TASK_LOG_READ`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LogPayload {
    /// Its payload.
    pub payload: *const u8,
    /// How many bytes.
    pub length: usize,
    /// How the payload of the entry before it begins; zeros before the very first.
    pub before: [u8; LK_LOG_BEGINNING],
}

/// The entry that was to be read; null where it cannot be.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
/// `LK_STATUS_NOT_PENDING`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies; `entry` must be null or valid for a read, and
/// so must its payload.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_answer_log(
    device: *mut Device,
    id: u32,
    entry: *const LogPayload,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let device = unsafe { object::started(device) }?;
        // SAFETY: the caller vouches for the entry.
        let read = match unsafe { gate::optional(entry) }? {
            Some(entry) => {
                // SAFETY: the caller vouches for the payload.
                let payload = unsafe { gate::bytes(entry.payload, entry.length) }?;
                Some(LogRead { before: entry.before, payload })
            }
            None => None,
        };
        device.log_read(PersistId::from_number(id), read).map_err(|_| Status::NotPending)
    })
}

/// The answer to work on the spare slot or with the boot loader; `answer` is an `lk_work_answer`, and `bytes` are those that were to be
/// read, of just the amount that was asked; for the others any pointer that is not null, with a length of 0.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
/// `LK_STATUS_BAD_VALUE`, `LK_STATUS_NOT_PENDING` (also for bytes that were not asked for).
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies; `bytes` must be valid for reads of
/// `bytes_length` bytes.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_answer_update(
    device: *mut Device,
    answer: u8,
    bytes: *const u8,
    bytes_length: usize,
    now_ms: u64,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let device = unsafe { object::started(device) }?;
        // SAFETY: the caller vouches for the bytes.
        let bytes = unsafe { gate::bytes(bytes, bytes_length) }?;
        let answer = match answer {
            by if by == words::WorkAnswer::Done as u8 && bytes.is_empty() => UpdateAnswer::Done,
            by if by == words::WorkAnswer::Failed as u8 && bytes.is_empty() => UpdateAnswer::Failed,
            by if by == words::WorkAnswer::Read as u8 => UpdateAnswer::Read(bytes),
            _ => return Err(Status::BadValue),
        };
        device.update_answer(answer, Uptime::from_millis(now_ms)).map_err(|_| Status::NotPending)
    })
}
