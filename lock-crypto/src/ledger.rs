//! Commands: each executed at most once (section 6).
//!
//! ```text
//!   id, digest ── judge ──> Execute(permit) ── begin ── persist ── motor ── finish ── persist
//!                     └───> anything else: nothing moves
//!   power cut between persist and finish ── after_boot ──> Interrupted, never run again
//! ```
//!
//! The ledger keeps the highest id begun, a map of the 64 ids up to it, and the last 8 with digest and outcome. Persist
//! [`CommandLedger::encode`] after `begin` and *before* the motor moves or a setting changes. A cut between the two loses the
//! command and never repeats it; [`CommandLedger::query`] tells which.

mod encoding;

pub use encoding::LedgerError;

use crate::digest::CommandDigest;

/// How far above the highest id a command's id may be (section 6).
pub const MAX_ID_JUMP: u64 = 1 << 20;

/// How many commands are kept with digest and outcome.
pub const KEPT: usize = 8;

/// Ids in the map: the highest and the 63 below it.
const MAP_BITS: u64 = 64;

/// What the ledger says about a command that was received (table in section 6).
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub enum Judgement {
    /// Never begun: execute it once it is begun and persisted.
    Execute(Permit),
    /// The same command is being executed now: it moves nothing again; its outcome follows.
    Started,
    /// Finished before with this outcome code: answer it, marked as a repeat.
    Repeat(u8),
    /// Begun before a power cut and never finished: never run again.
    Interrupted,
    /// Another command was begun under this id: refuse.
    IdConflict,
    /// Begun or passed over too long ago to tell: refuse.
    OutcomeUnknown,
    /// More than [`MAX_ID_JUMP`] above the highest, or the last number there is: refuse.
    IdTooFar,
}

/// What the ledger says about an id that somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Progress {
    /// Not begun; it would still be executed if it arrived.
    NotExecuted,
    /// Begun, and not finished yet.
    Started,
    /// Finished with this outcome code.
    Finished(u8),
    /// Begun before a power cut and never finished.
    Interrupted,
    /// No longer kept.
    OutcomeUnknown,
}

/// The leave to begin one command.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Permit {
    id: u64,
    digest: CommandDigest,
}

impl Permit {
    /// The command's id.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }
}

/// A permit that another command has overtaken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the command can no longer be begun under this permit; judge it again")]
pub struct PermitOvertaken;

/// An outcome for a command that is not being executed, or no longer kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("no command with this id is being executed; report the outcome once, under the id that was begun")]
pub struct NotStarted;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
enum State {
    Started,
    Finished(u8),
    Interrupted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
#[repr(Rust, packed(2))]
struct Entry {
    id: u64,
    digest: CommandDigest,
    state: State,
}

/// Which commands a lock has begun. Ids start at 1; 0 stands for none.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct CommandLedger {
    highest: u64,
    /// Bit n: the id `highest - n` was begun. Bit 0 is always set.
    map: u64,
    /// In the order in which they were begun, newest first.
    kept: [Option<Entry>; KEPT],
}

impl CommandLedger {
    /// A lock that has begun nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { highest: 0, map: 1, kept: [None; KEPT] }
    }

    /// The highest id begun; 0 before the first.
    #[must_use]
    pub const fn highest(&self) -> u64 {
        self.highest
    }

    /// Judges a command that an authenticated peer sent. It changes nothing.
    pub fn judge(&self, id: u64, digest: CommandDigest) -> Judgement {
        if let Some(entry) = self.entry(id) {
            return match entry.state {
                _ if entry.digest != digest => Judgement::IdConflict,
                State::Started => Judgement::Started,
                State::Finished(code) => Judgement::Repeat(code),
                State::Interrupted => Judgement::Interrupted,
            };
        }
        if id == u64::MAX || id.saturating_sub(self.highest) > MAX_ID_JUMP {
            Judgement::IdTooFar
        } else if self.was_begun_or_passed(id) {
            Judgement::OutcomeUnknown
        } else {
            Judgement::Execute(Permit { id, digest })
        }
    }

    /// Begins a command: from now on its id never executes again. Persist the ledger before anything moves.
    ///
    /// # Errors
    /// [`PermitOvertaken`] when the id was begun, or fell below the map, since the permit was given; nothing changed.
    pub fn begin(&mut self, Permit { id, digest }: Permit) -> Result<(), PermitOvertaken> {
        if self.was_begun_or_passed(id) {
            return Err(PermitOvertaken);
        }
        match self.highest.checked_sub(id) {
            Some(below) => self.map |= 1 << below,
            None => {
                let step = u32::try_from(id - self.highest).ok();
                self.map = step.and_then(|step| self.map.checked_shl(step)).unwrap_or(0) | 1;
                self.highest = id;
            }
        }
        self.kept.rotate_right(1);
        if let Some(newest) = self.kept.first_mut() {
            *newest = Some(Entry { id, digest, state: State::Started });
        }
        Ok(())
    }

    /// Records the outcome of a command that was begun.
    ///
    /// # Errors
    /// [`NotStarted`] when it is not being executed, or eight more were begun since; nothing changed.
    pub fn finish(&mut self, id: u64, code: u8) -> Result<(), NotStarted> {
        let mut kept = self.kept.iter_mut().flatten();
        match kept.find(|entry| entry.id == id && entry.state == State::Started) {
            Some(entry) => {
                entry.state = State::Finished(code);
                Ok(())
            }
            None => Err(NotStarted),
        }
    }

    /// After a power cut: what was begun and not finished is interrupted, for good.
    pub fn after_boot(&mut self) {
        for entry in self.kept.iter_mut().flatten() {
            if entry.state == State::Started {
                entry.state = State::Interrupted;
            }
        }
    }

    /// What became of an id, for an authenticated peer that asks.
    #[must_use]
    pub fn query(&self, id: u64) -> Progress {
        match self.entry(id).map(|entry| entry.state) {
            Some(State::Started) => Progress::Started,
            Some(State::Finished(code)) => Progress::Finished(code),
            Some(State::Interrupted) => Progress::Interrupted,
            None if self.was_begun_or_passed(id) => Progress::OutcomeUnknown,
            None => Progress::NotExecuted,
        }
    }

    fn entry(&self, id: u64) -> Option<&Entry> {
        self.kept.iter().flatten().find(|entry| entry.id == id)
    }

    /// Whether the map marks `id` as begun, or no longer reaches down to it.
    const fn was_begun_or_passed(&self, id: u64) -> bool {
        match self.highest.checked_sub(id) {
            None => false,
            Some(below) => below >= MAP_BITS || self.map >> below & 1 == 1,
        }
    }
}

impl Default for CommandLedger {
    fn default() -> Self {
        Self::new()
    }
}
