//! How the log goes over into the chain of a new key epoch, after a rotation and after a claim (section 6.2).
//!
//! ```text
//! record of the keys:  old leaves        | new leaves, with `log`         ...           | the same without `log`
//! the log's flash:     .. entry, k_n     |                  KeyEpoch, `log`             |                   entry, k_1 ..
//! Ownership:                             | (a claim) nothing told      | told from here |
//! ```
//!
//! Each bar is a record, and a cut leaves what is on one side of it. So the leaf `log` is in one place or in both, and never nowhere: at
//! boot the two are compared, and what is left is done. No entry is stored behind KeyEpoch before the leaf is in the log's flash alone.

use lock_crypto::{FirstKey, Key, KeyEpoch, Label, Suite};
use lock_proto::{Cause, CommandId, LogEntry, LogEvent, MAX_PACKET, Uptime};
use lock_state::Tables;

use super::keeping::{Keeper, StoredLog};
use crate::device::output::{Made, PersistFailure, PersistId};
use crate::device::storage::{self, BootError, Identity, Standing};
use crate::device::{Device, RecordTag};

/// From which entry on the present owner is told the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub(crate) enum LogTenure {
    /// From this one on: the first of the chain with which the ownership began.
    Began(u64),
    /// The entry with which that chain begins is not stored yet. Nothing is told.
    Beginning,
}

/// `format[1]`, and once it is known `index[8]` of the first entry that is told.
pub(crate) const OWNERSHIP: usize = 1 + 8;

impl LogTenure {
    /// A lock without such a record is its first owner's, who is told all.
    pub(crate) fn at_boot(record: Option<&[u8]>) -> Result<Self, BootError> {
        match record {
            None => Ok(Self::Began(0)),
            Some([storage::FORMAT]) => Ok(Self::Beginning),
            Some(record) => storage::decode_number(record)
                .map(Self::Began)
                .ok_or(BootError::Damaged(RecordTag::Ownership)),
        }
    }

    pub(crate) fn encode(self, out: &mut [u8]) -> Option<usize> {
        match self {
            Self::Began(first) => storage::encode_number(first, out),
            Self::Beginning => {
                *out.first_mut()? = storage::FORMAT;
                Some(1)
            }
        }
    }

    pub(super) const fn began(self) -> Option<u64> {
        match self {
            Self::Began(first) => Some(first),
            Self::Beginning => None,
        }
    }
}

/// What of the step into another epoch is still to be stored, behind its entry.
#[derive(Debug, Default)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Turn {
    owes: Option<RecordTag>,
    /// The record that was handed out for that.
    pending: Option<PersistId>,
}

impl Turn {
    pub(super) const fn owes(&self) -> Option<RecordTag> {
        self.owes
    }

    fn owe(&mut self, tag: Option<RecordTag>) {
        *self = Self { owes: tag, pending: None };
    }
}

/// What the log's flash says, at boot, of the first key that is stored with the other keys.
enum Found {
    /// The entry is stored: the key is to go from the record of the keys.
    Stored,
    /// The entry is not stored.
    Owed,
}

impl Keeper {
    /// The entry with which an epoch begins is stored.
    pub(super) fn epoch_begun(&mut self) {
        self.turn.owe(Some(match self.tenure {
            LogTenure::Began(_) => RecordTag::Keys,
            LogTenure::Beginning => {
                self.tenure = LogTenure::Began(self.book.next());
                RecordTag::Ownership
            }
        }));
    }

    /// A record is durable.
    pub(crate) fn record_stored(&mut self, id: PersistId) {
        if self.turn.pending == Some(id) {
            let behind = self.turn.owes.filter(|tag| *tag == RecordTag::Ownership);
            self.turn.owe(behind.map(|_| RecordTag::Keys));
            self.works();
        }
    }

    /// A record is not durable.
    pub(crate) fn record_failed(&mut self, id: PersistId, why: PersistFailure, now: Uptime) {
        if self.turn.pending.take_if(|pending| *pending == id).is_some() {
            self.rests(why, now);
        }
    }

    fn compare(&self, stored: &StoredLog<'_>, leaf: &Key, key_epoch: KeyEpoch) -> Found {
        let is_there = match self.tenure {
            LogTenure::Began(_) => self.book.epoch() >= key_epoch,
            // The chain before may be of the same epoch: that of a lock that was made without an owner.
            LogTenure::Beginning => leaf.is_same(stored.secret),
        };
        if is_there { Found::Stored } else { Found::Owed }
    }
}

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// Whether the record of the keys still holds the first key of the epoch's chain.
    fn holds_log_key(identity: &Identity) -> bool {
        identity.standing == Standing::Owned && !identity.leaves.leaf(Label::Log).is_blank()
    }

    /// Goes on, at boot, with what a cut has left.
    #[inline(never)]
    pub(in crate::device) fn resume_turn(&mut self, stored: Option<&StoredLog<'_>>, now: Uptime) {
        let (Some(log), Some(stored)) = (self.log.as_mut(), stored) else { return };
        if Self::holds_log_key(&self.identity) {
            match log.compare(stored, self.identity.leaves.leaf(Label::Log), self.identity.key_epoch) {
                Found::Stored => {
                    log.epoch_begun();
                    self.drop_log_key();
                }
                Found::Owed => self.turn_log(Cause::Boot, None, now),
            }
        } else if log.tenure == LogTenure::Beginning && self.identity.standing == Standing::Owned {
            // Its record is gone or old: what came before this boot is not told.
            log.epoch_begun();
        }
    }

    /// The keys of a new epoch are durable: the log goes over into its chain, behind all that happened before.
    #[inline(never)]
    pub(in crate::device) fn turn_log(&mut self, cause: Cause, command: Option<CommandId>, now: Uptime) {
        let epoch = self.identity.key_epoch;
        let entry = self.entry(LogEvent::KeyEpoch(epoch.number()), cause, command, now);
        let key = Key::from_bytes(*self.identity.leaves.leaf(Label::Log).expose());
        if let Some(log) = self.log.as_mut() {
            // The keys that were to be written anew are replaced.
            log.turn.owe(log.turn.owes.filter(|tag| *tag == RecordTag::Ownership));
            // Who had no entry until now is counted in the chain of before.
            if let Some(lost) = log.sparing.take_untold() {
                log.book.note(LogEntry { cause: Cause::Unknown, command: None, event: lost, ..entry });
            }
            log.book.begin_epoch(entry, FirstKey { epoch, key });
        }
    }

    /// A new ownership begins: nothing of before is told any more.
    pub(in crate::device) fn begin_log_tenure(&mut self, now: Uptime) {
        if let Some(log) = self.log.as_mut() {
            log.tenure = LogTenure::Beginning;
            log.turn.owe(None);
            log.telling = None;
        }
        self.turn_log(Cause::RemoteLive, None, now);
    }

    /// The chain has its first key, in the log's flash: what is stored of the leaves holds it no longer.
    pub(in crate::device) fn drop_log_key(&mut self) {
        let is_begun = self
            .log
            .as_ref()
            .is_some_and(|log| log.turn.owes.is_some() && log.book.epoch() == self.identity.key_epoch);
        if is_begun && Self::holds_log_key(&self.identity) {
            drop(self.identity.leaves.take_log());
        }
    }

    /// Hands out what is to be stored behind the entry.
    pub(super) fn persist_turn(
        &mut self,
        tag: RecordTag,
        now: Uptime,
        buffer: &mut [u8; MAX_PACKET],
    ) -> Option<Made> {
        let made = self.persist(tag, self.steps.current(), now, buffer);
        if let (Some(Made::Persist(id, ..)), Some(log)) = (&made, self.log.as_mut()) {
            log.turn.pending = Some(*id);
        }
        made
    }

    /// The record of an ownership that begins, or of the present one.
    pub(in crate::device) fn ownership_record(&self, buffer: &mut [u8; MAX_PACKET]) -> Option<usize> {
        let is_claimed =
            self.steps.any_of_this_input(|step| matches!(step, crate::device::steps::Step::Own(_)));
        let tenure = self.log.as_ref().filter(|_| !is_claimed).map_or(LogTenure::Beginning, |log| log.tenure);
        tenure.encode(buffer)
    }
}
