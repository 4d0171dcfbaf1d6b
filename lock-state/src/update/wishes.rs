//! What an update wants of its host, one thing at a time.

use lock_crypto::Suite;
use lock_proto::{Chunk, Uptime};

use super::{Asked, Phase, Update};

/// What is read back at once, in bytes.
const READ: u32 = 512;
/// So much may be wished for one input: an erase, a write and a record.
const WISHES: u8 = 3;
/// So long until the next wish where there is more to do than that, in milliseconds.
const PACE_MILLIS: u64 = 1;
/// So long until the next attempt of what failed, in milliseconds.
pub(super) const RETRY_MILLIS: u64 = 1_000;
/// So long nobody must have been at the door before the lock asks for a reset, in milliseconds.
pub const CALM_MILLIS: u64 = 5_000;
/// So long the lock waits for that at most, in milliseconds: whoever stays at the door must not keep a firmware that has failed.
pub const CALM_WITHIN_MILLIS: u64 = 60_000;

/// What to do with the spare slot and the loader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Work {
    /// Erase `length` bytes from `offset` on: one sector, or what is left of the slot.
    Erase {
        /// From where on.
        offset: u32,
        /// How much.
        length: u32,
    },
    /// Write [`UpdateWish::Do`]'s bytes from `offset` on.
    Write {
        /// From where on.
        offset: u32,
    },
    /// Read `length` bytes, at most 512, from `offset` on.
    Read {
        /// From where on.
        offset: u32,
        /// How much.
        length: u32,
    },
    /// Have the loader try the image in the spare slot with the next reset, once.
    MarkPending,
    /// Have the loader keep what runs.
    Confirm,
    /// Reset the chip. Not answered.
    Restart,
}

/// What the machine wants now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateWish<'u> {
    /// Store [`Update::record`].
    Save,
    /// Do this, with these bytes to be written.
    Do(Work, &'u [u8]),
}

/// The host's answer to what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateAnswer<'a> {
    /// It is done, and stays after a power cut.
    Done,
    /// These are the bytes.
    Read(&'a [u8]),
    /// It cannot be done.
    Failed,
}

/// How the lock stands, for what must not disturb it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// The motor rests.
    pub motor_rests: bool,
    /// A factory reset is under way.
    pub is_resetting: bool,
    /// What [`Lock::may_install`](crate::Lock::may_install) asks is so.
    pub may_install: bool,
    /// What [`Lock::is_mechanism_fine`](crate::Lock::is_mechanism_fine) says.
    pub is_mechanism_fine: bool,
}

impl<S: Suite> Update<S> {
    /// An input came: it may lead to a little work.
    pub fn begin_input(&mut self, now: Uptime) {
        self.pace.left = WISHES;
        self.pace.due = self.pace.due.filter(|due| now < *due);
        if let Some(trial) = &mut self.trial {
            trial.is_over |= now >= trial.until;
        }
    }

    /// Somebody is at the door.
    pub const fn note_person(&mut self, now: Uptime) {
        self.pace.person_at = Some(now);
    }

    /// When the machine wants to be asked again, at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Uptime> {
        let trial_ends = self.trial.filter(|trial| !trial.is_over).map(|trial| trial.until);
        [self.pace.due, trial_ends].into_iter().flatten().min()
    }

    /// What it wants now; `None` where nothing is to be done, or what was asked is not answered yet.
    pub fn next(&mut self, around: &Surroundings, now: Uptime) -> Option<UpdateWish<'_>> {
        self.pace.due = None;
        if self.firmware.is_none() || self.asked.is_some() {
            return None;
        }
        let work = match self.wish(around, now) {
            Wish::Nothing => return None,
            Wish::At(due) => {
                self.pace.due = Some(due);
                return None;
            }
            Wish::Save => None,
            Wish::Do(work) => Some(work),
        };
        let Some(left) = self.pace.left.checked_sub(1) else {
            self.pace.due = Some(now.plus_millis(PACE_MILLIS));
            return None;
        };
        self.pace.left = left;
        let Some(work) = work else { return Some(UpdateWish::Save) };
        self.asked = Some(Asked { work, is_stale: false });
        let bytes = match work {
            Work::Write { .. } => self.chunk.bytes.get(..self.chunk.length).unwrap_or_default(),
            Work::Erase { .. } | Work::Read { .. } | Work::MarkPending | Work::Confirm | Work::Restart => &[],
        };
        Some(UpdateWish::Do(work, bytes))
    }

    fn wish(&mut self, around: &Surroundings, now: Uptime) -> Wish {
        let is_waiting = now < self.pace.not_before;
        if self.trial.is_some_and(|trial| trial.is_over) {
            // Whatever cannot be stored or finished under this firmware is what the reset is for: the record follows the loader.
            return if around.motor_rests { self.restart(now) } else { Wish::Nothing };
        }
        if !self.is_stored() {
            // Nothing is done before what it follows from is durable.
            return if is_waiting { Wish::At(self.pace.not_before) } else { Wish::Save };
        }
        if !around.motor_rests || around.is_resetting {
            return Wish::Nothing;
        }
        if let Some(trial) = self.trial {
            return if !trial.cloud_heard || !around.is_mechanism_fine {
                Wish::Nothing
            } else if is_waiting {
                Wish::At(self.pace.not_before)
            } else {
                Wish::Do(Work::Confirm)
            };
        }
        match self.saved.phase {
            Phase::Receiving { manifest, .. } if self.written < manifest.size => self.receive(),
            Phase::Receiving { manifest, .. } => {
                let read = self.check.get_or_insert_default().read;
                let length = manifest.size.saturating_sub(read).min(READ);
                Wish::Do(Work::Read { offset: read, length })
            }
            Phase::Installing { .. } => Wish::Do(Work::MarkPending),
            Phase::Pending { .. } if around.may_install => self.restart(now),
            Phase::None
            | Phase::Ready { .. }
            | Phase::Pending { .. }
            | Phase::Trial { .. }
            | Phase::Failed { .. }
            | Phase::RolledBack { .. } => Wish::Nothing,
        }
    }

    fn receive(&self) -> Wish {
        let (Some(firmware), 1..=Chunk::MAX) = (self.firmware, self.chunk.length) else {
            return Wish::Nothing;
        };
        let end =
            u32::try_from(self.chunk.length).map_or(u32::MAX, |length| self.written.saturating_add(length));
        if self.erased < end {
            let offset = self.erased;
            let length = firmware.slot.sector.min(firmware.slot.bytes.saturating_sub(offset));
            return Wish::Do(Work::Erase { offset, length });
        }
        Wish::Do(Work::Write { offset: self.written })
    }

    /// A reset, when nobody is at the door, or has been for too long.
    fn restart(&mut self, now: Uptime) -> Wish {
        let latest = self.pace.restart_since.get_or_insert(now).plus_millis(CALM_WITHIN_MILLIS);
        match self.pace.person_at.map(|at| at.plus_millis(CALM_MILLIS).min(latest)) {
            Some(calm) if now < calm => Wish::At(calm),
            Some(_) | None => Wish::Do(Work::Restart),
        }
    }
}

enum Wish {
    Nothing,
    /// Not before this.
    At(Uptime),
    Save,
    Do(Work),
}
