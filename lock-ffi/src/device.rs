//! The lock's role: everything that happens goes in by a function, everything that is to be done comes out of `lk_device_poll`.
#![allow(unsafe_code)]

use core::mem::{MaybeUninit, size_of};

use lock_core::crypto::ChipCrypto;
use lock_core::device::{BootError, Device as CoreDevice, LogHeld, RecordTag, Records, StoredLog};
use lock_core::proto::{BootReason, Uptime};
use lock_core::state::{BootedAs, Firmware, Slot};
use lock_store::{Journal as CoreJournal, ReadError};

use crate::flash::Driver;
use crate::journal::Journal;
use crate::object::{self, Storage};
use crate::{Status, gate, words};

pub(crate) mod answers;
pub(crate) mod inputs;
pub(crate) mod outputs;
pub(crate) mod report;

/// How many links a device has.
pub const LK_DEVICE_LINKS: u8 = 2;

/// The size of an `lk_device` in a library of the set `core`, in bytes, with head-room for later versions.
pub const LK_DEVICE_SIZE_CORE: usize = 8_128;

/// The size of an `lk_device` in a library of any other set, in bytes, with head-room for later versions.
pub const LK_DEVICE_SIZE_KEYS: usize = 10_816;

/// The header chooses by `LK_SET_CORE`.
const LK_DEVICE_SIZE: usize = if cfg!(feature = "keys") { LK_DEVICE_SIZE_KEYS } else { LK_DEVICE_SIZE_CORE };
const LK_DEVICE_WORDS: usize = LK_DEVICE_SIZE / size_of::<u64>();

/// The longest stored record, in bytes.
pub const LK_RECORD_MAX: usize = 512;

/// The numbers of the records are below this.
pub const LK_RECORD_TAGS: u8 = 22;

/// How the payload of a log's entry begins, in bytes: what the log's flash keeps for the next boot.
pub const LK_LOG_BEGINNING: usize = 20;

const _: () = {
    assert!(LK_RECORD_MAX == RecordTag::MAX_BYTES, "the header promises the longest record");
    assert!(LK_RECORD_TAGS as usize == RecordTag::COUNT, "the header promises how many records there are");
    assert!(
        LK_LOG_BEGINNING == lock_core::device::LogRecord::BEGINNING,
        "the header promises how an entry begins"
    );
    assert!(size_of::<Device>() == LK_DEVICE_SIZE, "the header promises the size of the storage");
};

/// A smart lock with two links and room for 20 users and 40 credentials. Storage for the caller to declare; what is in it is the
/// library's. Declare it zeroed (`= {0}`, or static), and start it with `lk_device_boot`.
#[repr(C)]
#[derive(Debug)]
pub struct Device {
    /// The library's.
    opaque: [MaybeUninit<u64>; LK_DEVICE_WORDS],
}

/// Room for people, and what the lock does: as the features say.
#[cfg(feature = "life")]
pub(crate) type Room = lock_core::state::House;
#[cfg(all(feature = "keys", not(feature = "life")))]
pub(crate) type Room = lock_core::state::ForGood;
#[cfg(not(feature = "keys"))]
pub(crate) type Room = lock_core::state::CloudOnly;

type Held = CoreDevice<ChipCrypto, { LK_DEVICE_LINKS as usize }, Room>;

/// As large as the part of an `lk_device` that is filled: its size is what the footprint report reads in the archive. Nothing refers to it, so no
/// image holds it.
// SAFETY: no other symbol of the program has this name; the prefix is ours.
#[unsafe(no_mangle)]
static LK_DEVICE_FILLED: [u8; size_of::<u64>() + size_of::<Held>()] = [0; _];

// SAFETY: `repr(C)`, and words that may be anything.
unsafe impl Storage for Device {
    type Held = Held;
    const MAGIC: u64 = 0x6C6B_0201_9C4E_E1B7;
}

impl Device {
    /// Storage that nobody started yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { opaque: [MaybeUninit::new(0); LK_DEVICE_WORDS] }
    }
}

impl Default for Device {
    fn default() -> Self {
        Self::new()
    }
}

/// A record as storage holds it: the newest that was committed under its tag.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Record {
    /// Its bytes.
    pub bytes: *const u8,
    /// How many, at most `LK_RECORD_MAX`.
    pub length: usize,
    /// Its number, as `lk_output` said. One that this version does not know is not read.
    pub tag: u8,
}

/// What the log's flash held at boot.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct StartOfLog {
    /// The index of the entry to come.
    pub next: u64,
    /// The index of the oldest entry that can be read; `next` where there is none.
    pub first: u64,
    /// Entries below this were acknowledged.
    pub acknowledged: u64,
    /// How many typical entries it holds at least.
    pub capacity: u32,
    /// The secret that is stored with the last entry. Erase it after the boot.
    pub secret: [u8; 32],
    /// How the payload of the last entry begins; zeros where there is none yet.
    pub last: [u8; LK_LOG_BEGINNING],
}

/// What the boot loader says of the firmware that runs.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct RunningFirmware {
    /// The model that it is for, as the maker numbers it.
    pub model: u32,
    /// Its version, as the maker numbers it.
    pub version: u32,
    /// Its rollback index: MCUboot's security counter.
    pub rollback_index: u32,
    /// The longest image that fits in the spare slot, in bytes.
    pub slot_bytes: u32,
    /// What is erased there at once, in bytes: 512 at least, and a multiple of 32.
    pub slot_sector: u32,
    /// An `lk_booted_as`.
    pub booted_as: u8,
}

/// What a boot starts from. Zero it first (`= {0}`), so that what a later version adds is absent.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Boot {
    /// Milliseconds since the chip started; they go on in every call and never back.
    pub now_ms: u64,
    /// All records that storage holds, in any order; null where they are in `journal`.
    pub records: *const Record,
    /// How many; 0 where they are in `journal`.
    pub record_count: usize,
    /// What the log's flash holds; null in a lock that keeps no log.
    pub log: *const StartOfLog,
    /// What the boot loader says; null where firmware is not updated through the lock.
    pub firmware: *const RunningFirmware,
    /// Random bytes. If the source is broken, nonces still never repeat.
    pub entropy: [u8; 32],
    /// An `lk_boot_reason`.
    pub reason: u8,
    /// The journal that holds the records, mounted: they are read one by one, so that RAM holds one at a time. Null where `records` are
    /// given.
    pub journal: *mut Journal,
}

/// The size of an `lk_device` that the library was built with, in bytes. `lk_device_boot` compares it too.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn lk_device_size() -> usize {
    LK_DEVICE_SIZE
}

/// Boots a lock from what storage holds. Whatever was in `device` is overwritten, and where storage lacks something it is zeroed and no
/// started object any more; arguments that are refused leave it as it was.
/// `size` is `sizeof(lk_device)`, so that a header of another version is noticed before it does harm. What comes first is
/// `lk_device_poll`; the records may go as soon as this returns.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_BAD_LENGTH` (a record),
/// `LK_STATUS_NOT_INITIALISED` (the journal), `LK_STATUS_BAD_VALUE` (`reason`, `booted_as`, a journal and records), and with what storage
/// lacks: `LK_STATUS_NOT_PROVISIONED`, `LK_STATUS_RECORD_DAMAGED`, `LK_STATUS_RECORD_MISSING`, `LK_STATUS_FLASH_FAULT`,
/// `LK_STATUS_BOOTS_EXHAUSTED`, `LK_STATUS_PROFILE_NOT_IN_BUILD`, `LK_STATUS_PART_NOT_IN_BUILD`. Never erase anything to make it boot.
///
/// # Safety
/// `device` must be valid for writes of `size` bytes; `boot` and all that it points to must be valid for reads, and lie outside
/// `device`.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_boot(device: *mut Device, size: usize, boot: *const Boot) -> Status {
    gate::status(|| {
        let _ = object::room(device, size)?;
        // SAFETY: the caller vouches for the structure, and for what it points to.
        let (boot, mut from) = unsafe {
            let boot = gate::input(boot)?;
            (boot, From::read(boot)?)
        };
        // SAFETY: the caller vouches for the storage.
        unsafe { object::start(device, size, |place| start(place, boot, &mut from)) }
    })
}

/// What a boot starts from, checked.
struct From<'b> {
    source: Source<'b>,
    log: Option<StoredLog<'b>>,
    firmware: Option<Firmware>,
    reason: BootReason,
}

impl<'b> From<'b> {
    /// # Safety
    /// All pointers of `boot` are null or valid for reads.
    unsafe fn read(boot: &'b Boot) -> Result<Self, Status> {
        // SAFETY: the caller vouches for each pointer that is not null.
        let (source, log, firmware) =
            unsafe { (Source::of(boot)?, gate::optional(boot.log)?, gate::optional(boot.firmware)?) };
        let held = |log: &StartOfLog| LogHeld {
            first: log.first,
            acknowledged: log.acknowledged,
            capacity: log.capacity,
        };
        Ok(Self {
            source,
            log: log.map(|log| StoredLog {
                next: log.next,
                secret: &log.secret,
                last: &log.last,
                held: held(log),
            }),
            firmware: firmware.map(RunningFirmware::read).transpose()?,
            reason: BootReason::from_number(boot.reason).ok_or(Status::BadValue)?,
        })
    }
}

/// Where the records of a boot are.
enum Source<'b> {
    /// Each points to bytes that can be read.
    Given(&'b [Record]),
    Kept(&'b mut CoreJournal<Driver>),
}

impl<'b> Source<'b> {
    /// # Safety
    /// All pointers of `boot` are null or valid, for as long as it is.
    unsafe fn of(boot: &'b Boot) -> Result<Self, Status> {
        if !boot.journal.is_null() {
            if !boot.records.is_null() || boot.record_count > 0 {
                return Err(Status::BadValue);
            }
            // SAFETY: the caller vouches for it.
            return unsafe { object::started(boot.journal) }.map(Self::Kept);
        }
        // SAFETY: the caller vouches for the records.
        let records = unsafe { gate::inputs(boot.records, boot.record_count) }?;
        for record in records {
            if record.length > LK_RECORD_MAX {
                return Err(Status::BadLength);
            }
            // SAFETY: the caller vouches for each record.
            let _ = unsafe { gate::bytes(record.bytes, record.length) }?;
        }
        Ok(Self::Given(records))
    }
}

impl Records for Source<'_> {
    fn read<'r>(
        &'r mut self,
        tag: RecordTag,
        buffer: &'r mut [u8; RecordTag::MAX_BYTES],
    ) -> Result<Option<&'r [u8]>, BootError> {
        match self {
            Self::Given(records) => {
                let record = records.iter().rfind(|record| record.tag == tag.number());
                // SAFETY: checked where the records were taken.
                let bytes = record.map(|record| unsafe { gate::bytes(record.bytes, record.length) });
                bytes.transpose().map_err(|_| BootError::Unreadable(tag))
            }
            Self::Kept(journal) => match journal.read(tag.number(), buffer) {
                Ok(length) => Ok(length.and_then(|length| buffer.get(..length))),
                Err(ReadError::Corrupt(_)) => Err(BootError::Damaged(tag)),
                Err(
                    ReadError::UnknownTag { .. } | ReadError::BufferTooSmall { .. } | ReadError::Flash(_) | _,
                ) => Err(BootError::Unreadable(tag)),
            },
        }
    }
}

fn start(place: &mut MaybeUninit<Held>, boot: &Boot, from: &mut From<'_>) -> Result<(), Status> {
    let now = Uptime::from_millis(boot.now_ms);
    let log = from.log.as_ref();
    let device =
        Held::boot_in(place, &mut from.source, log, boot.entropy, from.reason, now).map_err(boot_failure)?;
    if let Some(firmware) = from.firmware {
        device.set_firmware(firmware, now);
    }
    Ok(())
}

impl RunningFirmware {
    fn read(&self) -> Result<Firmware, Status> {
        let booted_as = match self.booted_as {
            by if by == words::BootedAs::Confirmed as u8 => BootedAs::Confirmed,
            by if by == words::BootedAs::OnTrial as u8 => BootedAs::OnTrial,
            by if by == words::BootedAs::Reverted as u8 => BootedAs::Reverted,
            _ => return Err(Status::BadValue),
        };
        Ok(Firmware {
            model: self.model,
            version: self.version,
            rollback_index: self.rollback_index,
            booted_as,
            slot: Slot { bytes: self.slot_bytes, sector: self.slot_sector },
        })
    }
}

const fn boot_failure(error: BootError) -> Status {
    match error {
        BootError::NotProvisioned => Status::NotProvisioned,
        BootError::Damaged(_) => Status::RecordDamaged,
        BootError::Missing(_) => Status::RecordMissing,
        BootError::Unreadable(_) => Status::FlashFault,
        BootError::BootsExhausted => Status::BootsExhausted,
        BootError::ProfileNotInBuild => Status::ProfileNotInBuild,
        BootError::PartNotInBuild(_) => Status::PartNotInBuild,
    }
}

#[cfg(test)]
mod tests;
