//! The log of a lock: fetched in a live session, verified, kept, and only then acknowledged (section 6.2).
//!
//! ```text
//! LiveRequest::Log ──> the lock ──> entries, faults and where the verifier stands, in one batch
//!        ^                              ├─ More    ask again
//!        └──────────────────────────────┤
//!                                       ├─ Level   LiveRequest::AcknowledgeLog: the lock may overwrite what is here
//!                                       └─ Broken  the fault is kept; nothing is acknowledged
//! ```
//!
//! Nothing that was found is ever hidden: faults are kept for good, and what the lock says that it overwrote is a gap.

mod chains;
mod export;
mod taking;

use lock_core::cloud::{LogPull, PullState};
use lock_core::crypto::{KeyEpoch, LockId, LogFault, LogHead, LogMac, Missing};
use lock_core::proto::{LogAnswer, LogEntry, LogEvent, Query, UnixMillis};

pub use export::{ExportKey, LogExport, LogKeyExport};
use taking::{Taking, fault_row};

use super::change::Change;
use super::live::{LiveRequest, LogQuestion};
use super::{ClientToken, Fleet, FleetError, Task, random};
use crate::store::{LogGroundRow, LogPosition, LogUnverifiedRow, Store};

/// How far a fetch of a log is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// So many entries came; ask again.
    More {
        /// How many.
        entries: usize,
    },
    /// All is here, verified and durable. Ask [`LiveRequest::AcknowledgeLog`], so that the lock may overwrite it.
    Level {
        /// How many came with the last answer.
        entries: usize,
    },
    /// What the lock says does not hold. The fault is kept; nothing is acknowledged.
    Broken {
        /// What is wrong.
        fault: LogFault,
    },
}

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEntry {
    /// Its index.
    pub index: u64,
    /// What it says; `None` for an event of a newer version.
    pub entry: Option<LogEntry>,
    /// What is wrong with it, by the name of section 6.2; `None` for one that is right. `NoKey` is no fault of the log: the key with which
    /// it would be verified is lost here.
    pub fault: Option<String>,
    /// When it came here.
    pub received_at: UnixMillis,
}

/// A fault that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptFault {
    /// The name of section 6.2.
    pub kind: String,
    /// The first index that it speaks of, and the last.
    pub range: Missing,
    /// What it is, for people.
    pub sentence: String,
    /// When it was found.
    pub found_at: UnixMillis,
}

/// A stretch of a log that is not verified, which is no fault of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unverified {
    /// The first index and the last.
    pub range: Missing,
    /// Why.
    pub why: Unverifiable,
}

/// Why a stretch of a log is not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unverifiable {
    /// The first key of the key epoch with this number is lost here, as after the restore of an old database.
    KeyLost(u32),
    /// It was written before the present ownership began: the lock tells nothing of it.
    BeforeOwnership,
}

impl From<LogUnverifiedRow> for Unverified {
    fn from(row: LogUnverifiedRow) -> Self {
        let LogUnverifiedRow { first, last, key_epoch, .. } = row;
        let why =
            key_epoch.map_or(Unverifiable::BeforeOwnership, |epoch| Unverifiable::KeyLost(epoch.number()));
        Self { range: Missing { first, last }, why }
    }
}

/// What is known of a log as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogStanding {
    /// The index of the entry to come, as far as was fetched.
    pub next: u64,
    /// When the log was last level with a fresh head of the lock; `None` for never.
    pub level_at: Option<UnixMillis>,
    /// What is missing and no entry has explained yet.
    pub unexplained: Option<Missing>,
    /// What was found wrong, for good.
    pub faults: Vec<KeptFault>,
    /// What could not be verified, in order.
    pub unverified: Vec<Unverified>,
}

impl<S: Store> Fleet<S> {
    /// The question that goes on where the log stands.
    pub(super) fn log_query(&mut self, lock: LockId) -> Result<Query, FleetError> {
        self.row(lock)?;
        let from = self.store.log_position(lock)?.map_or(0, |position| position.next);
        Ok(Query::Log { from, nonce: random()? })
    }

    /// The command that acknowledges what is here; `None` where the log is not level or empty.
    pub(super) fn acknowledgement(&mut self, lock: LockId) -> Result<Option<LiveRequest>, FleetError> {
        let position = self.store.log_position(lock)?;
        let level = position.filter(|position| {
            let is_level = |head: &LogHead| (head.epoch, head.next) == (position.key_epoch, position.next);
            position.head.as_ref().is_some_and(|(head, ..)| is_level(head))
                && position.missing.is_none()
                && matches!(position.ground, LogGroundRow::Keyed(_))
        });
        let Some(LogPosition { key_epoch, next, last_mac, .. }) = level else { return Ok(None) };
        let Some(index) = next.checked_sub(1) else { return Ok(None) };
        let key_epoch = key_epoch.number();
        let task = Task::AcknowledgeLog { key_epoch, index, mac: last_mac };
        let Ok(client_token) = ClientToken::new(format!("log-{key_epoch}-{index}")) else { return Ok(None) };
        Ok(Some(LiveRequest::Action { task, client_token, by: "fleet".into() }))
    }

    /// What is known of the log of a lock as a whole.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn log_standing(&mut self, lock: LockId) -> Result<LogStanding, FleetError> {
        self.row(lock)?;
        let faults = self.store.log_faults(lock)?.into_iter().map(|row| KeptFault {
            kind: row.kind,
            range: Missing { first: row.first, last: row.last },
            sentence: row.sentence,
            found_at: row.found_at,
        });
        let faults = faults.collect();
        let position = self.store.log_position(lock)?;
        let mut unverified = self.store.log_unverified(lock)?;
        // One that goes on is told while it does.
        unverified
            .extend(position.as_ref().and_then(|position| chains::open_stretch(position, UnixMillis(0))));
        let unverified = unverified.into_iter().map(Unverified::from).collect();
        Ok(LogStanding {
            next: position.as_ref().map_or(0, |position| position.next),
            level_at: position.as_ref().and_then(|position| Some(position.head.as_ref()?.2)),
            unexplained: position.and_then(|position| position.missing),
            faults,
            unverified,
        })
    }

    /// At most `limit` entries of the log of a lock from an index on, in order.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn log(&mut self, lock: LockId, from: u64, limit: usize) -> Result<Vec<KeptEntry>, FleetError> {
        self.row(lock)?;
        let rows = self.store.log_entries(lock, from, limit)?.into_iter().map(|row| KeptEntry {
            index: row.index,
            entry: LogEntry::decode(&row.body).ok(),
            fault: row.fault,
            received_at: row.received_at,
        });
        Ok(rows.collect())
    }
}

impl<S: Store> Change<'_, S> {
    /// Takes an answer about the log. One whose question another session has overtaken changes nothing.
    pub(super) fn take_log(
        &mut self,
        answer: &LogAnswer,
        (asked, nonce): LogQuestion,
    ) -> Result<Fetched, FleetError> {
        let lock = self.lock();
        let position = self.store.log_position(lock)?;
        if position.as_ref().map_or(0, |position| position.next) != asked {
            return Ok(Fetched::More { entries: 0 });
        }
        self.keep_log_key()?;
        let chains = self.chains(position.as_ref())?;
        let reader = self.reader(position.as_ref(), &chains)?;
        let mut taking = Taking::from(position.as_ref(), &reader, self.now.unix);
        let mut pull = <LogPull>::new(reader);
        let state = pull.take(answer, &nonce, &chains.first_keys, |pulled| taking.entry(&pulled));
        taking.end(pull.take_unverified(), pull.reader());
        let epoch = pull.reader().chain().epoch();
        let mut log = taking.log;
        let entries = log.entries.len();
        let fault = match state {
            // The key of a whole epoch is lost here: that is no fault of the log.
            PullState::More | PullState::Broken(LogFault::NoKey { .. }) => None,
            PullState::Level { dropped } => dropped.map(LogFault::Dropped),
            PullState::Broken(fault) => Some(fault),
        };
        log.faults.extend(fault.map(|fault| fault_row(fault, epoch, self.now.unix)));
        for row in &log.faults {
            self.note("lock", "a fault in its log", row.sentence.clone());
        }
        for row in &log.unverified {
            self.note("fleet", "a stretch of its log is not verified", taking::unverified_sentence(row));
        }
        let begun = core::mem::take(&mut taking.begun);
        log.keys = chains.begun(&begun);
        let head = match state {
            PullState::Level { .. } => Some((head_of(answer, epoch), nonce, self.now.unix)),
            PullState::More | PullState::Broken(_) => position.as_ref().and_then(|position| position.head),
        };
        log.position = Some(self.position(pull.reader(), position.as_ref(), head)?);
        self.put_log(log);
        Ok(match state {
            PullState::More => Fetched::More { entries },
            PullState::Level { .. } => Fetched::Level { entries },
            PullState::Broken(fault) => Fetched::Broken { fault },
        })
    }
}

fn head_of(answer: &LogAnswer, epoch: KeyEpoch) -> LogHead {
    let LogAnswer { first, next, last_mac, tag, .. } = *answer;
    LogHead { epoch, first, next, last: LogMac(last_mac), tag }
}

/// The range that an entry says was overwritten.
#[must_use]
pub const fn gap_of(entry: &LogEntry) -> Option<Missing> {
    match entry.event {
        LogEvent::Overwritten { first, last } => Some(Missing { first, last }),
        LogEvent::Booted(_)
        | LogEvent::Asked(_)
        | LogEvent::Bolt(_)
        | LogEvent::Refused(_)
        | LogEvent::Configured { .. }
        | LogEvent::Alarm(_)
        | LogEvent::Mode(_)
        | LogEvent::ClockSet
        | LogEvent::ClockLost
        | LogEvent::FactoryReset
        | LogEvent::Lost(_)
        | LogEvent::KeyEpoch(_) => None,
    }
}
