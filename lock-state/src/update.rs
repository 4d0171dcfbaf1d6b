//! Firmware on its way into the spare slot, on trial, confirmed or rolled back (protocol section 12).
//!
//! ```text
//!  None ── offer ──> Receiving ── all there, digest right ──> Ready ── install ──> Installing ── loader: pending ──> Pending
//!   ^                    │ digest wrong, flash fails                                                        reset     │
//!   │                    v                                                                                            v
//!   └── confirmed <──  Failed                     RolledBack <── any reset, or the trial's time is up ────────────── Trial
//!         ^                                                                                                           │
//!         └────────────────────────── mechanism fine, cloud heard ────────────────────────────────────────────────────┘
//! ```
//!
//! The image itself is the boot loader's to verify. This machine says what may come into the slot, fills it in order, checks its
//! digest by reading it back, and says when the loader may try it and keep it. It wants one thing at a time of its host, and only
//! while the motor rests; nothing waits for it.
//!
//! What is stored: the manifest and the phase with each change, the progress at each sector of the slot that is full. So a power cut
//! costs what was received of one sector, which is erased and received again.

mod answers;
mod booted;
mod saved;
mod wishes;

use core::fmt;

use lock_crypto::Suite;
use lock_place::{Made, Place, emplace};
use lock_proto::{
    Chunk, CommandId, FirmwareHealth, Manifest, Outcome, Reason, Seconds, UpdateReport, UpdateState, Uptime,
};

use crate::RecordError;

pub use booted::{BootedAs, Firmware, Slot};
pub use saved::{Phase, SavedUpdate};
pub use wishes::{CALM_MILLIS, CALM_WITHIN_MILLIS, Surroundings, UpdateAnswer, UpdateWish, Work};

/// The shortest and the longest trial (section 12.4).
pub const TRIAL: (Seconds, Seconds) = (Seconds(10), Seconds(86_400));
/// The trial of a firmware that was not installed by a command.
const UNASKED_TRIAL: Seconds = Seconds(600);
/// How often a sector, or a whole check, is tried before an update fails.
const ATTEMPTS: u8 = 3;

/// The update of a lock. `S` hashes what the slot holds.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Update<S: Suite> {
    /// What the loader says of what runs; `None` in a firmware without updates.
    firmware: Option<Firmware>,
    /// How it stands, as it is to be stored.
    saved: SavedUpdate,
    /// What storage is known to hold; `None` where a record failed.
    durable: Option<SavedUpdate>,
    /// What a command makes of it once its record is durable.
    staged: Option<Staged>,
    /// The record that is on its way to storage.
    handed: Option<SavedUpdate>,
    /// All below it was written since boot or is durable.
    written: u32,
    /// The slot is erased from `written` to here.
    erased: u32,
    /// A chunk that waits to be written.
    chunk: HeldChunk,
    /// The digest of what was read back.
    check: Option<Check<S>>,
    failures: u8,
    /// What the host was asked and has not answered.
    asked: Option<Asked>,
    /// Whose outcome is open.
    command: Option<CommandId>,
    notice: Notice,
    trial: Option<Trial>,
    pace: Pace,
}

/// What a command wants to be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
struct Staged {
    /// `None` where it is so already.
    phase: Option<Phase>,
    /// The command ends later.
    command: Option<CommandId>,
}

/// What the host is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
struct Asked {
    work: Work,
    /// Another phase began meanwhile: what comes of it counts for nothing.
    is_stale: bool,
}

#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
struct HeldChunk {
    bytes: [u8; Chunk::MAX],
    length: usize,
}

struct Check<S: Suite> {
    hash: S::RunningHash,
    read: u32,
}

impl<S: Suite> Default for Check<S> {
    fn default() -> Self {
        Self { hash: S::RunningHash::default(), read: 0 }
    }
}

/// A model has no firmware, so that nothing is checked in it: a hash that is under way is neither copied nor compared.
#[cfg(lock_model)]
#[allow(clippy::unreachable, reason = "a model that came here would be told so")]
mod modelled {
    use core::hash::{Hash, Hasher};

    use super::{Check, Suite};

    impl<S: Suite> Clone for Check<S> {
        fn clone(&self) -> Self {
            unreachable!("a model without firmware checks none")
        }
    }

    impl<S: Suite> PartialEq for Check<S> {
        fn eq(&self, _: &Self) -> bool {
            unreachable!("a model without firmware checks none")
        }
    }

    impl<S: Suite> Eq for Check<S> {}

    impl<S: Suite> Hash for Check<S> {
        fn hash<H: Hasher>(&self, _: &mut H) {
            unreachable!("a model without firmware checks none")
        }
    }
}

/// New firmware that has to prove itself.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
struct Trial {
    until: Uptime,
    is_over: bool,
    cloud_heard: bool,
}

/// When something may be wished, so that each input leads to little work.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
struct Pace {
    left: u8,
    due: Option<Uptime>,
    not_before: Uptime,
    /// Somebody was at the door then.
    person_at: Option<Uptime>,
    /// A reset is wanted since then.
    restart_since: Option<Uptime>,
}

/// What the device has to say of it, once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub struct Notice {
    /// A chunk that was taken is to be answered.
    pub chunk_done: bool,
    /// A command has ended.
    pub finished: Option<(CommandId, Outcome)>,
    /// People should hear of it.
    pub alarm: Option<lock_proto::Alarm>,
    /// The state changed.
    pub changed: bool,
}

/// What became of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is kept until it is written, and answered then.
    Kept,
    /// It is not the one that is wanted, or another one is being written.
    NotWanted,
    /// No image is being received, or another one.
    NotReceiving,
}

impl<S: Suite> Update<S> {
    /// What storage holds of it. Nothing is taken before [`Self::booted`] says what runs.
    #[must_use]
    pub fn restore(saved: SavedUpdate) -> Self {
        lock_place::make(|place| Self::restoring(place, saved))
    }

    /// The same where it stays.
    pub fn restoring(place: Place<'_, Self>, saved: SavedUpdate) -> Made<'_, Self> {
        emplace!(place => Update {
            firmware: None,
            written: saved.phase.written(),
            erased: saved.phase.written(),
            saved: saved,
            durable: Some(saved),
            staged: None,
            handed: None,
            chunk: HeldChunk { bytes: [0; Chunk::MAX], length: 0 },
            check: None,
            failures: 0,
            asked: None,
            command: None,
            notice: Notice::default(),
            trial: None,
            pace: Pace::default(),
        })
    }

    /// Stages a manifest: the same as before changes nothing, any other begins from zero. In force with [`Self::commit`].
    ///
    /// # Errors
    /// `Unsupported` in a firmware without updates; `StorageBusy` while another command waits for its record; `UpdateUnderWay` from the
    /// install until it is confirmed or rolled back; `WrongModel`; `RollbackRefused`; `AlreadyRuns`; `ImageTooLarge`; `InvalidArgument`
    /// for an image of no bytes.
    pub fn offer(&mut self, manifest: Manifest) -> Result<(), Reason> {
        let firmware = self.firmware.ok_or(Reason::Unsupported)?;
        if self.staged.is_some() {
            return Err(Reason::StorageBusy);
        }
        if self.trial.is_some() || self.saved.phase.is_under_way() {
            return Err(Reason::UpdateUnderWay);
        }
        firmware.takes(&manifest, self.saved.rollback_index)?;
        let is_here = match self.saved.phase {
            Phase::Receiving { manifest: known, .. } | Phase::Ready { manifest: known } => known == manifest,
            Phase::None
            | Phase::Installing { .. }
            | Phase::Pending { .. }
            | Phase::Trial { .. }
            | Phase::Failed { .. }
            | Phase::RolledBack { .. } => false,
        };
        let phase = (!is_here).then_some(Phase::Receiving { manifest, written: 0 });
        self.staged = Some(Staged { phase, command: None });
        Ok(())
    }

    /// Stages the install of the verified image. The caller has asked [`Lock::may_install`](crate::Lock::may_install).
    ///
    /// # Errors
    /// `Unsupported`, `StorageBusy` and `UpdateUnderWay` as for [`Self::offer`]; `UpdateNotReady` unless the slot holds a verified image of
    /// this version; `RollbackRefused` where its index fell below the lock's; `InvalidArgument` for a trial out of range.
    pub fn install(&mut self, command: CommandId, version: u32, trial: Seconds) -> Result<(), Reason> {
        self.firmware.ok_or(Reason::Unsupported)?;
        if self.staged.is_some() {
            return Err(Reason::StorageBusy);
        }
        if self.trial.is_some() || self.saved.phase.is_under_way() {
            return Err(Reason::UpdateUnderWay);
        }
        let Phase::Ready { manifest } = self.saved.phase else { return Err(Reason::UpdateNotReady) };
        if manifest.version != version {
            return Err(Reason::UpdateNotReady);
        }
        if manifest.rollback_index < self.saved.rollback_index {
            return Err(Reason::RollbackRefused);
        }
        if trial < TRIAL.0 || trial > TRIAL.1 {
            return Err(Reason::InvalidArgument);
        }
        let phase = Some(Phase::Installing { manifest, trial });
        self.staged = Some(Staged { phase, command: Some(command) });
        Ok(())
    }

    /// Puts what was staged in force: its record is durable. Returns whether the command is done with that; an install ends later.
    pub fn commit(&mut self) -> bool {
        let Some(Staged { phase, command }) = self.staged.take() else { return true };
        if let Some(phase) = phase {
            self.enter(phase);
        }
        self.command = command;
        command.is_none()
    }

    /// Drops what the loader was not told of, as the ownership ends: the next owner did not ask for it. The rollback index stays; what the
    /// loader was told of or is on trial goes on, and is the maker's by its signature.
    pub fn forget(&mut self) {
        (self.staged, self.command) = (None, None);
        match self.saved.phase {
            Phase::Receiving { .. }
            | Phase::Ready { .. }
            | Phase::Installing { .. }
            | Phase::Failed { .. }
            | Phase::RolledBack { .. } => self.enter(Phase::None),
            Phase::None | Phase::Pending { .. } | Phase::Trial { .. } => {}
        }
    }

    /// Drops what was staged: its record could not be stored.
    pub fn discard(&mut self) {
        self.staged = None;
    }

    /// Takes a chunk where it is the one that is wanted.
    pub fn chunk(&mut self, chunk: &Chunk<'_>) -> Taken {
        let Phase::Receiving { manifest, .. } = self.saved.phase else { return Taken::NotReceiving };
        if self.firmware.is_none() || chunk.image != manifest.image() {
            return Taken::NotReceiving;
        }
        let length = u32::try_from(chunk.bytes.len()).unwrap_or(u32::MAX);
        let end = chunk.offset.saturating_add(length);
        let is_whole = chunk.bytes.len().is_multiple_of(Chunk::UNIT) || end == manifest.size;
        let is_wanted = chunk.offset == self.written && end <= manifest.size && is_whole;
        if !is_wanted || self.chunk.length > 0 {
            return Taken::NotWanted;
        }
        match self.chunk.bytes.get_mut(..chunk.bytes.len()) {
            Some(place) => place.iter_mut().zip(chunk.bytes).for_each(|(to, from)| *to = *from),
            None => return Taken::NotWanted,
        }
        self.chunk.length = chunk.bytes.len();
        Taken::Kept
    }

    /// Whether an image is being received.
    #[must_use]
    pub const fn is_receiving(&self) -> bool {
        matches!(self.saved.phase, Phase::Receiving { .. })
    }

    /// The offset of the first byte that is wanted; 0 where none is.
    #[must_use]
    pub const fn wanted(&self) -> u32 {
        if self.is_receiving() { self.written } else { 0 }
    }

    /// How it stands.
    #[must_use]
    pub fn report(&self) -> UpdateReport {
        let phase = &self.saved.phase;
        UpdateReport {
            state: self.state(),
            manifest: phase.manifest(),
            wanted: self.wanted(),
            version: self.firmware.map(|firmware| firmware.version).unwrap_or_default(),
            rollback_index: self.saved.rollback_index,
            failure: if let Phase::Failed { reason, .. } = phase { Some(*reason) } else { None },
        }
    }

    /// For the health report; `None` in a firmware without updates.
    #[must_use]
    pub fn health(&self) -> Option<FirmwareHealth> {
        self.firmware.map(|firmware| FirmwareHealth { version: firmware.version, update: self.state() })
    }

    fn state(&self) -> UpdateState {
        if self.trial.is_some() { UpdateState::Trial } else { self.saved.phase.state() }
    }

    /// Writes the record that is to be stored next and returns its length in bytes.
    ///
    /// # Errors
    /// [`RecordError::BufferTooShort`]; [`SavedUpdate::MAX_BYTES`] suffice.
    pub fn record(&mut self, out: &mut [u8]) -> Result<usize, RecordError> {
        let phase = self.staged.and_then(|staged| staged.phase).unwrap_or(self.saved.phase);
        let record = SavedUpdate { phase, ..self.saved };
        let length = record.encode(out)?;
        self.handed = Some(record);
        Ok(length)
    }

    /// The record is durable.
    pub fn stored(&mut self) {
        self.durable = self.handed.take();
    }

    /// It is not, or not known to be: it is tried again after a while.
    pub fn not_stored(&mut self, now: Uptime) {
        (self.handed, self.durable) = (None, None);
        self.pace.not_before = now.plus_millis(wishes::RETRY_MILLIS);
    }

    fn is_stored(&self) -> bool {
        self.durable == Some(self.saved)
    }

    /// What the device has to say; nothing the second time.
    pub fn take_notice(&mut self) -> Option<Notice> {
        let notice = core::mem::take(&mut self.notice);
        (notice != Notice::default()).then_some(notice)
    }

    fn enter(&mut self, phase: Phase) {
        self.saved.phase = phase;
        self.begin_phase();
    }

    /// What is in RAM begins anew with each phase.
    fn begin_phase(&mut self) {
        self.written = self.saved.phase.written();
        self.erased = self.written;
        self.notice.chunk_done |= self.chunk.length > 0;
        self.chunk.length = 0;
        self.check = None;
        self.failures = 0;
        self.pace.restart_since = None;
        self.notice.changed = true;
        if let Some(asked) = &mut self.asked {
            asked.is_stale = true;
        }
    }
}

impl<S: Suite> fmt::Debug for Update<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Update")
            .field("firmware", &self.firmware)
            .field("saved", &self.saved)
            .field("written", &self.written)
            .field("asked", &self.asked)
            .finish_non_exhaustive()
    }
}
