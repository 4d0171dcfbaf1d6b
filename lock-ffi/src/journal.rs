//! The journal: the newest committed record of each tag, whatever happens to the power.
#![allow(unsafe_code)]

use core::mem::{MaybeUninit, size_of};

use lock_core::device::{RecordTag, record_lengths};
use lock_store::{AppendError, FormatError, IdleError, Journal as CoreJournal, MountError, ReadError};
use zeroize::Zeroizing;

use crate::flash::{Driver, Flash};
use crate::gate::{self, Output, OutputBytes};
use crate::object::{self, Storage};
use crate::{LK_RECORD_MAX, Status};

/// The size of an `lk_journal`, in bytes, with head-room for later versions.
pub const LK_JOURNAL_SIZE: usize = 320;

/// A journal of records in a NOR flash. Storage for the caller to declare; what is in it is the library's. Declare it zeroed (`= {0}`, or
/// static), and start it with `lk_journal_mount`; with `lk_journal_format` at manufacture alone.
#[repr(C)]
#[derive(Debug)]
pub struct Journal {
    /// The library's.
    opaque: [MaybeUninit<u64>; 40],
}

const _: () = assert!(size_of::<Journal>() == LK_JOURNAL_SIZE, "the header promises the size of the storage");

// SAFETY: `repr(C)`, and words that may be anything.
unsafe impl Storage for Journal {
    type Held = CoreJournal<Driver>;
    const MAGIC: u64 = 0x6C6B_0301_B5D0_27F9;
}

/// The size of an `lk_journal` that the library was built with, in bytes.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn lk_journal_size() -> usize {
    LK_JOURNAL_SIZE
}

/// Erases the whole flash and starts an empty journal. For manufacture alone: never call it because something does not mount.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_FLASH_UNSUITED`,
/// `LK_STATUS_FLASH_FAULT`.
///
/// # Safety
/// `journal` must be valid for writes of `size` bytes, and `flash` for a read; its functions must do what is said there for as long as
/// the journal is used.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_journal_format(
    journal: *mut Journal,
    size: usize,
    flash: *const Flash,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for both.
        unsafe {
            object::start(journal, size, |place| {
                let made = CoreJournal::format(Driver::new(flash)?).map_err(|error| match error {
                    FormatError::Geometry(_) => Status::FlashUnsuited,
                    FormatError::Fault | FormatError::Flash(_) | _ => Status::FlashFault,
                })?;
                place.write(made);
                Ok(())
            })
        }
    })
}

/// Finds the newest committed record of each tag. Writes nothing. Then do `lk_journal_work` while `lk_journal_needs_work` says so, and boot
/// from what `lk_journal_read` finds. A secret that was replaced before a power cut and lies there still is such work.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_FLASH_UNSUITED`,
/// `LK_STATUS_FLASH_BLANK`, `LK_STATUS_FLASH_DAMAGED`, `LK_STATUS_FLASH_FAULT`.
///
/// # Safety
/// As of `lk_journal_format`.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_journal_mount(journal: *mut Journal, size: usize, flash: *const Flash) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for both.
        unsafe {
            object::start(journal, size, |place| {
                let made = CoreJournal::mount(Driver::new(flash)?).map_err(|error| match error {
                    MountError::Geometry(_) => Status::FlashUnsuited,
                    MountError::Unformatted => Status::FlashBlank,
                    MountError::Corrupt(_) => Status::FlashDamaged,
                    MountError::Flash(_) | _ => Status::FlashFault,
                })?;
                forget_replaced(place.write(made))
            })
        }
    })
}

/// Wants the secrets gone that a power cut kept from going.
fn forget_replaced(journal: &mut CoreJournal<Driver>) -> Result<(), Status> {
    for tag in RecordTag::all().filter(|tag| tag.is_secret()) {
        journal.forget_older(tag.number()).map_err(|error| read_failure(&error))?;
    }
    Ok(())
}

/// Whether the records of a lock with all its tables full fit in one sector: `has_room` gets 1 or 0. Ask at manufacture; one in which they
/// do not fit refuses orders one day.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
///
/// # Safety
/// `journal` must be valid for reads and writes, and be zeroed or started where it lies; `has_room` must be valid for a write.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_journal_has_room(journal: *mut Journal, has_room: *mut u8) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for both.
        let (journal, output) = unsafe { (object::started(journal)?, Output::new(has_room)?) };
        output.write(journal.has_room_for(record_lengths::<crate::device::Room>()).into());
        Ok(())
    })
}

/// The newest committed record of a tag: `record` gets it and `record_length` its length. `record_capacity` must be at least
/// `LK_RECORD_MAX`. Ask for each tag below `LK_RECORD_TAGS` at boot.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
/// `LK_STATUS_NOT_FOUND` (never written), `LK_STATUS_BAD_VALUE` (no tag), `LK_STATUS_FLASH_DAMAGED`, `LK_STATUS_FLASH_FAULT`.
///
/// # Safety
/// `journal` must be valid for reads and writes, and be zeroed or started where it lies; `record` must be valid for writes of
/// `record_capacity` bytes and `record_length` for a write.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_journal_read(
    journal: *mut Journal,
    tag: u8,
    record: *mut u8,
    record_capacity: usize,
    record_length: *mut usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for all of them.
        let (journal, place, length) = unsafe {
            (
                object::started(journal)?,
                OutputBytes::new(record, record_capacity)?,
                Output::new(record_length)?,
            )
        };
        place.holds(LK_RECORD_MAX)?;
        // It may be a secret.
        let mut bytes = Zeroizing::new([0; LK_RECORD_MAX]);
        let found = journal.read(tag, &mut *bytes).map_err(|error| read_failure(&error))?;
        let count = found.ok_or(Status::NotFound)?;
        place.write(bytes.get(..count).unwrap_or_default())?;
        length.write(count);
        Ok(())
    })
}

/// Makes a record the newest of its tag: programs it, reads it back and compares before it returns. It never erases. What was replaced of
/// a secret is wanted gone, and idle work does that. For `LK_TASK_PERSIST`: answer `LK_STATUS_OK` with `lk_device_persisted`,
/// `LK_STATUS_FLASH_BUSY` with `LK_FAILURE_BUSY`, anything else with `LK_FAILURE_FAULT`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
/// `LK_STATUS_BAD_VALUE` (no tag), `LK_STATUS_FLASH_BUSY`, `LK_STATUS_FLASH_FULL`, `LK_STATUS_FLASH_DAMAGED`, `LK_STATUS_FLASH_FAULT`.
///
/// # Safety
/// `journal` must be valid for reads and writes, and be zeroed or started where it lies; `record` must be valid for reads of
/// `record_length` bytes.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_journal_append(
    journal: *mut Journal,
    tag: u8,
    record: *const u8,
    record_length: usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for both.
        let (journal, record) = unsafe { (object::started(journal)?, gate::bytes(record, record_length)?) };
        journal.append(tag, record).map_err(|error| match error {
            AppendError::UnknownTag { .. } => Status::BadValue,
            AppendError::TooLong { .. } => Status::BadLength,
            AppendError::Busy => Status::FlashBusy,
            AppendError::Full => Status::FlashFull,
            AppendError::Corrupt(_) => Status::FlashDamaged,
            AppendError::Fault | AppendError::Flash(_) | _ => Status::FlashFault,
        })?;
        if RecordTag::from_number(tag).is_some_and(RecordTag::is_secret) {
            // The record is durable whatever this says; the next one asks again, and so does the next mount.
            let _ = journal.forget_older(tag);
        }
        Ok(())
    })
}

/// Whether there is idle work: `needs_work` gets 1 or 0.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
///
/// # Safety
/// `journal` must be valid for reads and writes, and be zeroed or started where it lies; `needs_work` must be valid for a write.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_journal_needs_work(journal: *mut Journal, needs_work: *mut u8) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for both.
        let (journal, output) = unsafe { (object::started(journal)?, Output::new(needs_work)?) };
        output.write(journal.needs_idle_work().into());
        Ok(())
    })
}

/// Erases or moves at most one sector. Call it when nobody waits at the door: an erase stops many chips for tens of milliseconds.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_FLASH_DAMAGED`,
/// `LK_STATUS_FLASH_FAULT`: no record is lost, and calling again retries.
///
/// # Safety
/// `journal` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_journal_work(journal: *mut Journal) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let journal = unsafe { object::started(journal) }?;
        journal.idle_work().map(drop).map_err(|error| match error {
            IdleError::Corrupt(_) => Status::FlashDamaged,
            IdleError::Fault | IdleError::Flash(_) | _ => Status::FlashFault,
        })
    })
}

fn read_failure<E>(error: &ReadError<E>) -> Status {
    match error {
        ReadError::UnknownTag { .. } => Status::BadValue,
        ReadError::Corrupt(_) => Status::FlashDamaged,
        ReadError::BufferTooSmall { .. } | ReadError::Flash(_) | _ => Status::FlashFault,
    }
}
