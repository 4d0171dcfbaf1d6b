//! From the flash to a lock that runs: its keys at the first boot, its records at each.

use core::mem::MaybeUninit;

use cortex_m::singleton;
use lock_core::crypto::{ChipCrypto, LockId, RootKey};
use lock_core::device::{self, BootError, Device, LogHeld, RecordTag, Records, StoredLog};
use lock_core::proto::{BootReason, Uptime};
use lock_core::state::{BootedAs, House};
use lock_store::{Journal, LogRing, MountError, ReadError, SECRET, UntilErase};
use zeroize::Zeroizing;

use crate::factory::FactoryPage;
use crate::flash::Region;
use crate::loader::Loader;
use crate::stop::Stop;

/// A lock with one link, and room for 20 users and 40 credentials.
pub(crate) type Lock = Device<ChipCrypto, 1, House>;
/// The log's flash. This one forbids to program a unit twice: a superseded secret stays until its sector is erased.
pub(crate) type Log = LogRing<Region, UntilErase>;

/// What was done before the lock's first boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    /// It got its keys now.
    Now,
    /// It had them.
    Before,
}

/// Gives a new lock its keys: the log first, then the journal with the keys, and only then what they were made from is erased.
pub(crate) fn make() -> Result<Made, Stop> {
    let Some(page) = FactoryPage::read()? else { return Ok(Made::Before) };
    if has_keys()? {
        FactoryPage::erase()?; // the power went between the two
        return Ok(Made::Before);
    }
    let lock_id = LockId(page.lock_id);
    let root = RootKey::from_bytes::<ChipCrypto>(page.root, lock_id).map_err(|_| Stop::RootRefused)?;
    Log::format(Region::log(), &device::provision_log::<ChipCrypto>(&root, lock_id))
        .map_err(|_| Stop::Flash)?;
    let mut journal = Journal::format(Region::records()).map_err(|_| Stop::Flash)?;
    if !journal.has_room_for(device::record_lengths::<House>()) {
        return Err(Stop::SectorsTooSmall);
    }
    let keys = Zeroizing::new(device::provision::<ChipCrypto>(&root, lock_id, &page.entropy));
    journal.append(RecordTag::Keys.number(), &*keys).map_err(|_| Stop::Flash)?;
    FactoryPage::erase()?;
    Ok(Made::Now)
}

/// Whether the lock was given its keys: only a journal that never was, or one without keys, says that it was not. What cannot be read is never
/// made anew, since its numbers would come again.
fn has_keys() -> Result<bool, Stop> {
    let mut journal = match Journal::mount(Region::records()) {
        Ok(journal) => journal,
        Err(MountError::Unformatted) => return Ok(false),
        Err(MountError::Geometry(_) | MountError::Corrupt(_) | MountError::Flash(_) | _) => {
            return Err(Stop::Journal);
        }
    };
    let mut keys = Zeroizing::new([0; RecordTag::MAX_BYTES]);
    let found = journal.read(RecordTag::Keys.number(), &mut *keys).map_err(|_| Stop::Journal)?;
    Ok(found.is_some())
}

/// A lock that runs, and where it remembers.
pub(crate) struct Started {
    pub(crate) lock: &'static mut Lock,
    pub(crate) journal: Journal<Region>,
    /// A lock whose log cannot be read works on without one, and its health report says so.
    pub(crate) log: Option<Log>,
    pub(crate) loader: Loader,
}

/// Starts the lock from what its flash holds. It cannot be called twice.
pub(crate) fn start(now: Uptime) -> Result<Started, Stop> {
    let place = singleton!(: MaybeUninit<Lock> = MaybeUninit::uninit()).ok_or(Stop::RunLoop)?;
    let mut journal = mount()?;
    let mut log = Log::mount(Region::log()).ok();
    let mut secret = Zeroizing::new([0; SECRET]);
    let last = log.as_mut().and_then(|log| log.newest(&mut secret).ok());
    let stored_log = log.as_ref().zip(last.as_ref()).map(|(log, last)| {
        let next = log.held().next;
        StoredLog { next, secret: &secret, last, held: held(log) }
    });
    let mut records = Kept(&mut journal);
    let (loader, firmware) = Loader::boot();
    let reason = match firmware.booted_as {
        BootedAs::OnTrial => BootReason::Update,
        BootedAs::Confirmed | BootedAs::Reverted => BootReason::PowerOn,
    };
    // This board has no random source: the entropy stays zero, and no nonce repeats all the same. Give yours if you have one.
    let lock = Lock::boot_in(place, &mut records, stored_log.as_ref(), [0; 32], reason, now)?;
    lock.set_firmware(firmware, now);
    Ok(Started { lock, journal, log, loader })
}

/// The records of a boot, one at a time.
struct Kept<'j>(&'j mut Journal<Region>);

impl Records for Kept<'_> {
    fn read<'r>(
        &'r mut self,
        tag: RecordTag,
        buffer: &'r mut [u8; RecordTag::MAX_BYTES],
    ) -> Result<Option<&'r [u8]>, BootError> {
        match self.0.read(tag.number(), buffer) {
            Ok(length) => Ok(length.and_then(|length| buffer.get(..length))),
            Err(ReadError::Corrupt(_)) => Err(BootError::Damaged(tag)),
            Err(
                ReadError::UnknownTag { .. } | ReadError::BufferTooSmall { .. } | ReadError::Flash(_) | _,
            ) => Err(BootError::Unreadable(tag)),
        }
    }
}

/// What the lock is told of its log.
pub(crate) fn held(log: &Log) -> LogHeld {
    let held = log.held();
    LogHeld { first: held.first, acknowledged: held.acknowledged, capacity: held.capacity }
}

fn mount() -> Result<Journal<Region>, Stop> {
    let mut journal = Journal::mount(Region::records()).map_err(|_| Stop::Journal)?;
    // A cut in a switch of sectors: finished before anything is to be stored.
    while journal.needs_idle_work() {
        journal.idle_work().map_err(|_| Stop::Flash)?;
    }
    // What a cut kept from being forgotten.
    for tag in RecordTag::all().filter(|tag| tag.is_secret()) {
        journal.forget_older(tag.number()).map_err(|_| Stop::Journal)?;
    }
    Ok(journal)
}
