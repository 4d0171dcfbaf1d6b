//! The flash of a lock's log: entries in a ring, each stored with the secret that the next one needs.
#![allow(unsafe_code)]

use core::mem::{MaybeUninit, size_of};

use lock_store::{
    AcknowledgeError, FormatError, LogAppendError, LogIdleError, LogMountError, LogReadError, LogRing,
    MAX_ENTRY, SECRET, UntilErase,
};
use zeroize::Zeroizing;

use crate::flash::{Driver, Flash};
use crate::gate::{self, Output, OutputBytes};
use crate::object::{self, Storage};
use crate::{LK_LOG_BEGINNING, StartOfLog, Status};

/// The size of an `lk_log`, in bytes, with head-room for later versions.
pub const LK_LOG_SIZE: usize = 272;

/// The longest payload of an entry, in bytes.
pub const LK_LOG_ENTRY_MAX: usize = 256;

const _: () = assert!(LK_LOG_ENTRY_MAX == MAX_ENTRY, "the header promises the longest payload");

/// A ring of entries in a NOR flash. Storage for the caller to declare; what is in it is the library's. Declare it zeroed (`= {0}`, or
/// static), and start it with `lk_log_mount`; with `lk_log_format` at manufacture alone. A secret that a later one superseded stays until
/// its sector is erased.
#[repr(C)]
#[derive(Debug)]
pub struct Log {
    /// The library's.
    opaque: [MaybeUninit<u64>; 34],
}

const _: () = assert!(size_of::<Log>() == LK_LOG_SIZE, "the header promises the size of the storage");

// SAFETY: `repr(C)`, and words that may be anything.
unsafe impl Storage for Log {
    type Held = LogRing<Driver, UntilErase>;
    const MAGIC: u64 = 0x6C6B_0401_4A7D_93C1;
}

/// The size of an `lk_log` that the library was built with, in bytes.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn lk_log_size() -> usize {
    LK_LOG_SIZE
}

/// Erases the whole flash and starts an empty log with the 32 bytes that `lk_provision_log` gave. For manufacture alone.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_FLASH_UNSUITED`,
/// `LK_STATUS_FLASH_FAULT`.
///
/// # Safety
/// `log` must be valid for writes of `size` bytes, `flash` for a read and `secret` for reads of 32 bytes; the functions of `flash` must do
/// what is said there for as long as the log is used.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_log_format(
    log: *mut Log,
    size: usize,
    flash: *const Flash,
    secret: *const u8,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for all of them.
        unsafe {
            object::start(log, size, |place| {
                let secret = gate::array_in_place::<SECRET>(secret)?;
                let made = LogRing::format(Driver::new(flash)?, secret).map_err(|error| match error {
                    FormatError::Geometry(_) => Status::FlashUnsuited,
                    FormatError::Fault | FormatError::Flash(_) | _ => Status::FlashFault,
                })?;
                place.write(made);
                Ok(())
            })
        }
    })
}

/// Finds the entries. Writes nothing. Where it fails, boot without a log: the lock works on, and its health says so.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_FLASH_UNSUITED`,
/// `LK_STATUS_FLASH_BLANK`, `LK_STATUS_FLASH_DAMAGED`, `LK_STATUS_FLASH_FAULT`.
///
/// # Safety
/// `log` must be valid for writes of `size` bytes and `flash` for a read; its functions must do what is said there for as long as the log
/// is used.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_log_mount(log: *mut Log, size: usize, flash: *const Flash) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for both.
        unsafe {
            object::start(log, size, |place| {
                let made = LogRing::mount(Driver::new(flash)?).map_err(|error| match error {
                    LogMountError::Geometry(_) => Status::FlashUnsuited,
                    LogMountError::Unformatted => Status::FlashBlank,
                    LogMountError::Damaged(_) => Status::FlashDamaged,
                    LogMountError::Flash(_) | _ => Status::FlashFault,
                })?;
                place.write(made);
                Ok(())
            })
        }
    })
}

/// What `lk_boot.log` points to: `start` gets it. Erase its secret after the boot. Ask again after idle work for what `lk_device_log_held`
/// is to be told.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_FLASH_DAMAGED`,
/// `LK_STATUS_FLASH_FAULT`.
///
/// # Safety
/// `log` must be valid for reads and writes, and be zeroed or started where it lies; `start` must be valid for a write.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_log_start(log: *mut Log, start: *mut StartOfLog) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for both.
        let (log, output) = unsafe { (object::started(log)?, Output::new(start)?) };
        let mut secret = Zeroizing::new([0; SECRET]);
        let last = log.newest(&mut secret).map_err(|error| read_failure(&error))?;
        let held = log.held();
        output.write(StartOfLog {
            next: held.next,
            first: held.first,
            acknowledged: held.acknowledged,
            capacity: held.capacity,
            secret: *secret,
            last,
        });
        Ok(())
    })
}

/// Appends an entry, for `LK_TASK_LOG_APPEND`: `payload` is the buffer, `secret` the 32 bytes of the `lk_todo`. Answer as for
/// `lk_journal_append`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
/// `LK_STATUS_FLASH_BUSY`, `LK_STATUS_FLASH_FAULT`.
///
/// # Safety
/// `log` must be valid for reads and writes, and be zeroed or started where it lies; `secret` must be valid for reads of 32 bytes, and
/// `payload` of `payload_length`.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_log_append(
    log: *mut Log,
    secret: *const u8,
    payload: *const u8,
    payload_length: usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for all of them.
        let (log, secret, payload) = unsafe {
            (
                object::started(log)?,
                gate::array_in_place::<SECRET>(secret)?,
                gate::bytes(payload, payload_length)?,
            )
        };
        log.append(secret, payload).map(drop).map_err(|error| match error {
            LogAppendError::TooLong { .. } => Status::BadLength,
            LogAppendError::Busy => Status::FlashBusy,
            LogAppendError::Fault | LogAppendError::Flash(_) | _ => Status::FlashFault,
        })
    })
}

/// Reads an entry, for `LK_TASK_LOG_READ`: `payload` gets it, `payload_length` its length, and `before` the `LK_LOG_BEGINNING` bytes with
/// which the entry before it begins. `payload_capacity` must be at least `LK_LOG_ENTRY_MAX`. Where it fails, answer with a null
/// `lk_log_payload`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
/// `LK_STATUS_NOT_FOUND`, `LK_STATUS_FLASH_DAMAGED`, `LK_STATUS_FLASH_FAULT`.
///
/// # Safety
/// `log` must be valid for reads and writes, and be zeroed or started where it lies; `payload` must be valid for writes of
/// `payload_capacity` bytes, `payload_length` for a write, `before` for writes of `LK_LOG_BEGINNING` bytes.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_log_read(
    log: *mut Log,
    index: u64,
    payload: *mut u8,
    payload_capacity: usize,
    payload_length: *mut usize,
    before: *mut u8,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for all of them.
        let (log, place, length, beginning) = unsafe {
            (
                object::started(log)?,
                OutputBytes::new(payload, payload_capacity)?,
                Output::new(payload_length)?,
                OutputBytes::new(before, LK_LOG_BEGINNING)?,
            )
        };
        place.holds(LK_LOG_ENTRY_MAX)?;
        let last = log.before(index).map_err(|error| read_failure(&error))?.ok_or(Status::NotFound)?;
        let mut bytes = [0; LK_LOG_ENTRY_MAX];
        let count =
            log.read(index, &mut bytes).map_err(|error| read_failure(&error))?.ok_or(Status::NotFound)?;
        place.write(bytes.get(..count).unwrap_or_default())?;
        beginning.write(&last)?;
        length.write(count);
        Ok(())
    })
}

/// Frees the entries up to one for overwriting, for `LK_TASK_LOG_ACKNOWLEDGE`: `mac` is the 16 bytes of the `lk_todo`. Answer
/// `LK_STATUS_MISMATCH` with `LK_FAILURE_MISMATCH`, and else as for `lk_journal_append`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_MISMATCH`,
/// `LK_STATUS_FLASH_BUSY`, `LK_STATUS_FLASH_FAULT`.
///
/// # Safety
/// `log` must be valid for reads and writes, and be zeroed or started where it lies; `mac` must be valid for reads of 16 bytes.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_log_acknowledge(log: *mut Log, index: u64, mac: *const u8) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for both.
        let (log, mac) = unsafe { (object::started(log)?, gate::array::<16>(mac)?) };
        log.acknowledge(index, &mac).map_err(|error| match error {
            AcknowledgeError::Mismatch => Status::Mismatch,
            AcknowledgeError::Busy => Status::FlashBusy,
            AcknowledgeError::Fault | AcknowledgeError::Flash(_) | _ => Status::FlashFault,
        })
    })
}

/// Whether there is idle work: `needs_work` gets 1 or 0.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
///
/// # Safety
/// `log` must be valid for reads and writes, and be zeroed or started where it lies; `needs_work` must be valid for a write.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_log_needs_work(log: *mut Log, needs_work: *mut u8) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for both.
        let (log, output) = unsafe { (object::started(log)?, Output::new(needs_work)?) };
        output.write(log.needs_idle_work().into());
        Ok(())
    })
}

/// Erases at most one sector. Then tell the device what is held: `lk_log_start`, `lk_device_log_held`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_FLASH_DAMAGED`,
/// `LK_STATUS_FLASH_FAULT`: no entry is lost, and calling again retries.
///
/// # Safety
/// `log` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_log_work(log: *mut Log) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let log = unsafe { object::started(log) }?;
        log.idle_work().map(drop).map_err(|error| match error {
            LogIdleError::Damaged(_) => Status::FlashDamaged,
            LogIdleError::Fault | LogIdleError::Flash(_) | _ => Status::FlashFault,
        })
    })
}

fn read_failure<E>(error: &LogReadError<E>) -> Status {
    match error {
        LogReadError::BufferTooSmall { .. } => Status::BufferTooShort,
        LogReadError::Damaged(_) => Status::FlashDamaged,
        LogReadError::Flash(_) | _ => Status::FlashFault,
    }
}
