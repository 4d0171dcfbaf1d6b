//! How a lock starts from what storage holds: the records that it cannot be without, the device where it is to stay, and then the rest, record
//! by record. A lock is too large to be handed around on the stack of a small chip, and so is all that is stored.

use core::mem::MaybeUninit;

use lock_crypto::{CounterBlock, Suite};
use lock_place::{Made, Place, emplace};
use lock_proto::{BootReason, Cause, LogEvent, Uptime};
use lock_state::{BootInfo, Configuration, Lock, SavedUpdate, Tables, TicketBook, Update, Upkeep, UsedCodes};
use zeroize::Zeroizing;

use super::alarms::AlarmSet;
use super::claim::{self, Claims};
use super::links::Links;
use super::log::keeping::Kept;
use super::log::turning::LogTenure;
use super::nonces::NonceSource;
use super::rotation::Rotation;
use super::steps::{Life, Step, Steps};
use super::storage::{self, BootError, Identity, Memory, RecordTag, Records, Stored};
use super::{Device, MAX_LINKS, StoredLog, parts};

/// Room for one record, erased behind the last: it held keys.
type RecordBuffer = Zeroizing<[u8; RecordTag::MAX_BYTES]>;

/// What has to be known before there is a device. Its keys are read where they stay.
struct Start {
    memory: Memory,
    /// No memory was ever written.
    is_new: bool,
    upkeep: Upkeep,
    info: BootInfo,
    up_ceiling: u64,
}

impl Start {
    /// Of a lock that stores nothing yet.
    fn new(reason: BootReason) -> Self {
        Self {
            memory: Memory::new(),
            is_new: true,
            upkeep: Upkeep::default(),
            info: BootInfo { count: 0, reason },
            up_ceiling: 0,
        }
    }

    /// Reads the records that a lock cannot be without, where they stay: this is where a boot is deepest.
    #[inline(never)]
    fn read(&mut self, records: &mut dyn Records) -> Result<(), BootError> {
        let boots = number(records, RecordTag::Boot)?;
        self.is_new = !load_memory(records, &mut self.memory)?;
        // It was durable before the first boot counter was.
        if self.is_new && boots.is_some() {
            return Err(BootError::Missing(RecordTag::Memory));
        }
        self.memory.ledger.after_boot();
        self.info.count = boots.unwrap_or_default().checked_add(1).ok_or(BootError::BootsExhausted)?;
        self.upkeep = upkeep(records);
        self.up_ceiling = number(records, RecordTag::UpCeiling)?.unwrap_or_default();
        Ok(())
    }
}

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// Starts from what storage holds. `entropy` is 32 random bytes; if the source is broken, nonces still never repeat. `reason` is
    /// what the chip says of this boot, for the health report.
    ///
    /// The first output is the boot counter's record; in a new lock its first memory record, and then that. A factory reset that a
    /// power cut interrupted goes on behind it.
    ///
    /// # Errors
    /// [`BootError`]: nothing was changed; the lock must not be made to work by erasing what it holds.
    pub fn boot(
        stored: &Stored<'_>,
        entropy: [u8; 32],
        reason: BootReason,
        now: Uptime,
    ) -> Result<Self, BootError> {
        let mut records = *stored;
        let mut start = Start::new(reason);
        start.read(&mut records)?;
        let mut device = lock_place::make(|place| start.device(place, entropy, now));
        device.load(&mut records, stored.log(), now)?;
        Ok(device)
    }

    /// The same where the device is to stay, from records that are read one by one: neither the device nor all that is stored has to fit on
    /// a stack. `log` is what the log's flash holds; a lock that is given none keeps no log.
    ///
    /// # Errors
    /// As of [`boot`](Self::boot). No key that was read is left in the place then; what lay there before is its owner's to drop.
    pub fn boot_in<'p>(
        place: &'p mut MaybeUninit<Self>,
        records: &mut dyn Records,
        log: Option<&StoredLog<'_>>,
        entropy: [u8; 32],
        reason: BootReason,
        now: Uptime,
    ) -> Result<&'p mut Self, BootError> {
        let device = Self::begin(place, records, entropy, reason, now)?;
        match device.load(records, log, now) {
            Ok(()) => Ok(device),
            Err(why) => {
                device.forget_keys();
                Err(why)
            }
        }
    }

    #[inline(never)]
    fn begin<'p>(
        place: &'p mut MaybeUninit<Self>,
        records: &mut dyn Records,
        entropy: [u8; 32],
        reason: BootReason,
        now: Uptime,
    ) -> Result<&'p mut Self, BootError> {
        let mut start = Start::new(reason);
        start.read(records)?;
        Ok(lock_place::make_in(place, |place| start.device(place, entropy, now)))
    }
}

impl Start {
    /// The device, with nothing in its tables: it has to load them before anything else.
    #[inline(never)]
    fn device<S: Suite, const LINKS: usize, T: Tables>(
        self,
        place: Place<'_, Device<S, LINKS, T>>,
        entropy: [u8; 32],
        now: Uptime,
    ) -> Made<'_, Device<S, LINKS, T>> {
        const {
            assert!(LINKS >= 1 && LINKS <= MAX_LINKS, "a device has 1 to 8 links");
            assert!(
                Configuration::<T>::PAGES <= RecordTag::PAGES,
                "each page of the configuration is a record: fewer users, credentials or windows"
            );
        }
        let marks = self.memory.marks();
        emplace!(place => Device {
            identity: Identity::blank(),
            claims: Claims::default(),
            nonces: NonceSource::at_boot(self.info.count, entropy),
            lock <- |lock| Lock::waking(lock, &self.memory.saved, &self.upkeep, self.info, now),
            memory: self.memory,
            up: CounterBlock::after_boot(self.up_ceiling),
            links <- Links::none,
            steps <- Steps::none,
            barrier: None,
            next_persist: 0,
            durable_marks: marks,
            is_behind: self.is_new,
            adopting: None,
            tickets <- TicketBook::empty,
            rotation: Rotation::default(),
            holder_commands: 0,
            presented: None,
            alarms: AlarmSet::default(),
            untold_alarms: AlarmSet::default(),
            telling: None,
            stop: false,
            stale_answered_at: None,
            log: Kept::NONE,
            staged_by: Cause::Unknown,
            update <- |update| Update::restoring(update, SavedUpdate::default()),
            owed: None,
        })
    }
}

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// Takes the records that are left.
    #[inline(never)]
    fn load(
        &mut self,
        records: &mut dyn Records,
        log: Option<&StoredLog<'_>>,
        now: Uptime,
    ) -> Result<(), BootError> {
        let buffer = &mut RecordBuffer::new([0; RecordTag::MAX_BYTES]);
        self.load_identity(records, buffer)?;
        Self::refuse_foreign(records, buffer)?;
        self.steps.begin_boot(match (self.is_behind, self.memory.saved.wiping.is_under_way()) {
            (true, _) => Life::New,
            (false, true) => Life::Resetting,
            (false, false) => Life::Known,
        });
        self.lock.set_tenure(self.claims.tenure(&self.identity));
        for page in (0..=u8::MAX).take(Configuration::<T>::PAGES) {
            let tag = RecordTag::Page(page);
            if parts::keeps(T::PARTS, tag)
                && let Some(record) = records.read(tag, buffer)?
            {
                self.lock.load_page(page, record).map_err(|_| BootError::Damaged(tag))?;
            }
        }
        self.lock.configured(now);
        if T::PARTS.people
            && let Some(record) = records.read(RecordTag::Codes, buffer)?
        {
            let used = UsedCodes::decode(record).map_err(|_| BootError::Damaged(RecordTag::Codes))?;
            self.lock.load_used_codes(used);
        }
        if T::PARTS.virtual_keys {
            self.load_tickets(records, buffer)?;
        }
        if T::PARTS.life {
            self.load_life(records, buffer)?;
        }
        let tenure = match parts::keeps(T::PARTS, RecordTag::Ownership) {
            true => LogTenure::at_boot(records.read(RecordTag::Ownership, buffer)?)?,
            false => LogTenure::Began(0),
        };
        self.log.begin(log, tenure);
        self.resume_turn(log, now);
        self.note(LogEvent::Booted(self.lock.boot_reason()), Cause::Boot, None, now);
        self.note_overwritten(now);
        Ok(())
    }

    /// Reads whose the lock is.
    #[inline(never)]
    fn load_identity(
        &mut self,
        records: &mut dyn Records,
        buffer: &mut RecordBuffer,
    ) -> Result<(), BootError> {
        if T::PARTS.life {
            self.claims = Claims::new(claim::key_at_boot(records.read(RecordTag::Claim, buffer)?)?);
        }
        let keys = records.read(RecordTag::Keys, buffer)?.ok_or(BootError::NotProvisioned)?;
        claim::load_identity::<S>(&mut self.identity, self.claims.key(), keys)?;
        claim::can_finish(self.claims.key(), self.memory.saved.wiping)
    }

    /// What is stored of a part that this lock does without would outlive a factory reset, and come back under another firmware.
    fn refuse_foreign(records: &mut dyn Records, buffer: &mut RecordBuffer) -> Result<(), BootError> {
        for tag in RecordTag::all().filter(|tag| !Self::has_place_for(*tag)) {
            if records.read(tag, buffer)?.is_some() {
                return Err(BootError::PartNotInBuild(tag));
            }
        }
        Ok(())
    }

    fn has_place_for(tag: RecordTag) -> bool {
        let has_room = match tag {
            RecordTag::Page(page) => usize::from(page) < Configuration::<T>::PAGES,
            RecordTag::Keys
            | RecordTag::Boot
            | RecordTag::Memory
            | RecordTag::UpCeiling
            | RecordTag::Upkeep
            | RecordTag::Tickets
            | RecordTag::Codes
            | RecordTag::Rotation
            | RecordTag::Claim
            | RecordTag::Update
            | RecordTag::Ownership => true,
        };
        has_room && parts::keeps(T::PARTS, tag)
    }

    #[inline(never)]
    fn load_tickets(
        &mut self,
        records: &mut dyn Records,
        buffer: &mut RecordBuffer,
    ) -> Result<(), BootError> {
        if let Some(record) = records.read(RecordTag::Tickets, buffer)? {
            self.tickets.load(record).map_err(|_| BootError::Damaged(RecordTag::Tickets))?;
        }
        Ok(())
    }

    /// Takes what is left of a rotation, and of an update.
    #[inline(never)]
    fn load_life(&mut self, records: &mut dyn Records, buffer: &mut RecordBuffer) -> Result<(), BootError> {
        let prepared = records.read(RecordTag::Rotation, buffer)?;
        self.rotation = Rotation::at_boot(prepared, self.identity.key_epoch);
        if self.rotation.is_overtaken(prepared) {
            self.steps.push(Step::Persist(RecordTag::Rotation));
        }
        if let Some(record) = records.read(RecordTag::Update, buffer)? {
            let saved = SavedUpdate::decode(record).map_err(|_| BootError::Damaged(RecordTag::Update))?;
            self.update = Update::restore(saved);
        }
        Ok(())
    }

    /// A boot has failed.
    fn forget_keys(&mut self) {
        self.identity.wipe();
        self.claims = Claims::default();
        self.rotation = Rotation::default();
    }
}

/// Reads the memory; `false` where it was never written.
#[inline(never)]
fn load_memory(records: &mut dyn Records, memory: &mut Memory) -> Result<bool, BootError> {
    let buffer = &mut [0; RecordTag::MAX_BYTES];
    let Some(record) = records.read(RecordTag::Memory, buffer)? else { return Ok(false) };
    memory.load(record).ok_or(BootError::Damaged(RecordTag::Memory))?;
    Ok(true)
}

/// Wear and battery, which are worth less than a lock that starts, so that no fault of this record stops it.
#[inline(never)]
fn upkeep(records: &mut dyn Records) -> Upkeep {
    let buffer = &mut [0; RecordTag::MAX_BYTES];
    let record = records.read(RecordTag::Upkeep, buffer).ok().flatten();
    record.and_then(|record| Upkeep::decode(record).ok()).unwrap_or_default()
}

/// The number in a record; `None` where it was never written.
#[inline(never)]
fn number(records: &mut dyn Records, tag: RecordTag) -> Result<Option<u64>, BootError> {
    let buffer = &mut [0; RecordTag::MAX_BYTES];
    let number = |record| storage::decode_number(record).ok_or(BootError::Damaged(tag));
    records.read(tag, buffer)?.map(number).transpose()
}
