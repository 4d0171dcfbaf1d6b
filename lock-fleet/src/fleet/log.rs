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

mod export;

use lock_core::cloud::{Exported, LockKeys, LogPull, LogReader, PullState, Pulled};
use lock_core::crypto::{
    Key, KeyEpoch, LockId, LogChain, LogFault, LogHead, LogMac, Missing, RootKey, RustCrypto,
};
use lock_core::proto::{LogAnswer, LogEntry, LogEvent, Query, UnixMillis};
use zeroize::Zeroizing;

pub use export::{ExportKey, LogExport, LogKeyExport};

use super::change::Change;
use super::live::{LiveRequest, LogQuestion};
use super::{ClientToken, Fleet, FleetError, Task, random};
use crate::custody::{CustodyError, Purpose};
use crate::store::{LogChange, LogEntryRow, LogFaultRow, LogPosition, Store};

/// How many entries of one fault are kept: a lock that makes them up gives no more.
const MOST_FAULTS: usize = 64;

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
    /// What is wrong with it, by the name of section 6.2; `None` for one that is right.
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
            position.head.as_ref().is_some_and(|(head, ..)| head.next == position.next)
                && position.missing.is_none()
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
        Ok(LogStanding {
            next: position.as_ref().map_or(0, |position| position.next),
            level_at: position.as_ref().and_then(|position| Some(position.head.as_ref()?.2)),
            unexplained: position.and_then(|position| position.missing),
            faults,
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
    /// Keeps where the log of the key epoch in force begins, which its root is needed for, before that root goes.
    pub(super) fn begin_log(&mut self) -> Result<(), FleetError> {
        let (lock, epoch) = (self.lock(), self.row.key_epoch);
        if self.store.log_position(lock)?.is_some() {
            return Ok(());
        }
        let secret = self.unwrap(Purpose::Root(lock, epoch), &self.row.wrapped_root)?;
        let bytes: Zeroizing<[u8; 32]> =
            Zeroizing::new(secret.as_slice().try_into().map_err(|_| CustodyError::Altered)?);
        let root = RootKey::from_bytes::<RustCrypto>(*bytes, lock)?;
        let chain = <LockKeys>::expand(&root, lock, epoch).log_chain();
        let position = self.position(&chain, None, None)?;
        self.put_log(LogChange { position: Some(position), ..LogChange::default() });
        Ok(())
    }

    fn position(
        &self,
        chain: &LogChain,
        missing: Option<Missing>,
        head: Option<(LogHead, [u8; 16], UnixMillis)>,
    ) -> Result<LogPosition, FleetError> {
        Ok(LogPosition {
            key_epoch: chain.epoch(),
            next: chain.next(),
            last_mac: chain.last().0,
            wrapped_key: self.wrap(Purpose::Log(self.lock(), chain.next()), chain.key().expose())?,
            missing,
            head,
        })
    }

    /// Takes an answer about the log. One whose question another session has overtaken changes nothing.
    pub(super) fn take_log(
        &mut self,
        answer: &LogAnswer,
        (asked, nonce): LogQuestion,
        first_chain: LogChain,
    ) -> Result<Fetched, FleetError> {
        let lock = self.lock();
        let position = self.store.log_position(lock)?;
        if position.as_ref().map_or(0, |position| position.next) != asked {
            return Ok(Fetched::More { entries: 0 });
        }
        let reader = match &position {
            None => LogReader::new(first_chain),
            Some(position) => {
                let key = self.unwrap(Purpose::Log(lock, position.next), &position.wrapped_key)?;
                let key: Zeroizing<[u8; 32]> =
                    Zeroizing::new(key.as_slice().try_into().map_err(|_| CustodyError::Altered)?);
                let (key, last) = (Key::from_bytes(*key), LogMac(position.last_mac));
                let chain = LogChain::resume(position.key_epoch, position.next, key, last);
                LogReader::new(chain.map_err(|_| CustodyError::Altered)?).with_unexplained(position.missing)
            }
        };
        let mut pull = <LogPull>::new(reader);
        let (now, epoch) = (self.now.unix, pull.reader().chain().epoch());
        let mut taking = Taking { log: LogChange::default(), expected: asked, epoch, now };
        let state = pull.take(answer, &nonce, |pulled| taking.entry(&pulled));
        let mut log = taking.log;
        let entries = log.entries.len();
        let fault = match state {
            PullState::More => None,
            PullState::Level { dropped } => dropped.map(LogFault::Dropped),
            PullState::Broken(fault) => Some(fault),
        };
        log.faults.extend(fault.map(|fault| fault_row(fault, epoch, now)));
        for row in &log.faults {
            self.note("lock", "a fault in its log", row.sentence.clone());
        }
        let chain = pull.reader().chain();
        let head = match state {
            PullState::Level { .. } => Some((head_of(answer, chain.epoch()), nonce, now)),
            PullState::More | PullState::Broken(_) => position.and_then(|position| position.head),
        };
        log.position = Some(self.position(chain, pull.reader().unexplained(), head)?);
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

/// What an answer adds to the log.
struct Taking {
    log: LogChange,
    /// The index at which the verifier stands.
    expected: u64,
    epoch: KeyEpoch,
    now: UnixMillis,
}

impl Taking {
    /// An entry that is right is kept, and so is one that the verifier walked past though it was edited or forked, with its fault: until a
    /// right one takes its place. What was edited at an index that nothing proves is none of the log.
    fn entry(&mut self, pulled: &Pulled<'_>) {
        let Exported { index, previous, mac, body } = pulled.entry;
        let fault = pulled.verdict.err().map(|fault| (fault, fault_row(fault, self.epoch, self.now)));
        let is_passed = match fault {
            None | Some((LogFault::Forked { .. }, _)) => true,
            Some((LogFault::Edited { .. }, _)) => index == self.expected,
            Some(_) => false,
        };
        let fault = fault.map(|(_, row)| row);
        let kind = fault.as_ref().map(|row| row.kind.clone());
        self.log.faults.extend(fault.filter(|_| self.log.faults.len() < MOST_FAULTS));
        if is_passed {
            self.expected = index.saturating_add(1);
            self.log.entries.push(LogEntryRow {
                index,
                key_epoch: self.epoch,
                previous: previous.0,
                mac: mac.0,
                body: body.to_vec(),
                fault: kind,
                received_at: self.now,
            });
        }
    }
}

fn fault_row(fault: LogFault, key_epoch: KeyEpoch, found_at: UnixMillis) -> LogFaultRow {
    let (kind, first, last) = match fault {
        LogFault::Edited { index } => ("Edited", index, index),
        LogFault::Reordered { index, .. } => ("Reordered", index, index),
        LogFault::Forked { index } => ("Forked", index, index),
        LogFault::Dropped(Missing { first, last }) => ("Dropped", first, last),
        LogFault::Truncated(Missing { first, last }) => ("Truncated", first, last),
        LogFault::HeadBehind { next } => ("HeadBehind", next, next),
        LogFault::TooFar { index } => ("TooFar", index, index),
        LogFault::NotFresh => ("NotFresh", 0, 0),
        LogFault::WrongKey => ("WrongKey", 0, 0),
    };
    LogFaultRow { key_epoch, kind: kind.into(), first, last, sentence: fault.to_string(), found_at }
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
        | LogEvent::Lost(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edited_entry_is_kept_with_its_fault_where_the_verifier_walked_past_it_and_nowhere_else() {
        let chain = || LogChain::begin(KeyEpoch::FIRST, Key::from_bytes([7; 32]));
        let (mut lock, mut reader) = (chain(), <LogReader>::new(chain()));
        let mut taking =
            Taking { log: LogChange::default(), expected: 0, epoch: KeyEpoch::FIRST, now: UnixMillis(1) };
        let mut take = |index, previous, mac, body: &[u8]| {
            let entry = Exported { index, previous, mac, body };
            taking.entry(&Pulled { entry, verdict: reader.entry(&entry) });
        };
        // Right at 0, edited at 1, right at 2; then one that is made up for index 9, and the right one of 3.
        for (index, shown) in [(0, b"in"), (1, b"no"), (2, b"in")] {
            let (previous, link) = (lock.last(), lock.link::<RustCrypto>(b"in"));
            take(index, previous, link.mac(), shown);
            lock.advance(link);
        }
        take(9, LogMac([5; 16]), LogMac([6; 16]), b"forged");
        let (previous, link) = (lock.last(), lock.link::<RustCrypto>(b"in"));
        take(3, previous, link.mac(), b"in");
        let kept: Vec<_> = taking.log.entries.iter().map(|row| (row.index, row.fault.as_deref())).collect();
        assert_eq!(kept, [(0, None), (1, Some("Edited")), (2, None), (3, None)]);
        let faults: Vec<_> = taking.log.faults.iter().map(|row| (row.first, row.kind.as_str())).collect();
        assert_eq!(faults, [(1, "Edited"), (9, "Edited")]);
    }
}
