//! The log's flash of a lock in a test, and the part of its run loop that serves it.

use std::collections::BTreeMap;

use lock_core::cloud::{Exported, LogReader};
use lock_core::crypto::{Key, KeyEpoch, Label, LeafKeys, LogChain, LogMac, Missing, RustCrypto};
use lock_core::device::{
    Device, Input, LogHeld, LogRead, LogRecord, LogWork, PersistFailure, PersistId, StoredLog, provision_log,
};
use lock_core::proto::{BootReason, LogEntry, LogEvent, Uptime};
use lock_core::state::Tables;
use lock_store::host::RewritableMemory;
use lock_store::{AcknowledgeError, LogAppendError, LogRing, MAX_ENTRY, SECRET, ZeroInPlace};

use super::{Did, LOCK_ID, root, stored};

pub(crate) type Cells = RewritableMemory<4, 1024>;
pub(crate) type Ring = LogRing<Cells, ZeroInPlace>;

/// What the flash does with the next entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Append {
    Works,
    Fails(PersistFailure),
    /// The entry is written and the driver says that it is not.
    Lies,
    /// The entry is not answered: the flash is slow.
    Slow,
}

pub(crate) struct LogFlash {
    pub(crate) ring: Ring,
    pub(crate) next: Append,
    /// What a slow flash has not answered.
    pub(crate) unanswered: Option<PersistId>,
    /// Whether it has ever failed: the power went.
    pub(crate) failed: bool,
    /// All entries that it said to hold.
    pub(crate) stored: Vec<(u64, LogEntry)>,
    /// Entries that went bad.
    pub(crate) unreadable: Vec<u64>,
}

impl LogFlash {
    pub(crate) fn new(sectors: usize) -> Self {
        let secret = provision_log::<RustCrypto>(&root(), LOCK_ID);
        let ring = LogRing::format(Cells::new(sectors), &secret).unwrap();
        Self {
            ring,
            next: Append::Works,
            unanswered: None,
            failed: false,
            stored: Vec::new(),
            unreadable: Vec::new(),
        }
    }

    /// Goes on from what the cells hold.
    pub(crate) fn boot<T: Tables>(
        &mut self,
        records: &BTreeMap<u8, Vec<u8>>,
        entropy: [u8; 32],
        now: Uptime,
    ) -> Device<RustCrypto, 2, T> {
        self.with_cells(Cells::power_on);
        (self.next, self.unanswered) = (Append::Works, None);
        let mut secret = [0; SECRET];
        let last = self.ring.newest(&mut secret).unwrap();
        let log =
            StoredLog { next: self.ring.held().next, secret: &secret, last: &last, held: held(&self.ring) };
        Device::boot(&stored(records).with_log(log), entropy, BootReason::BrownOut, now).unwrap()
    }

    /// Does what the lock wants of the flash.
    pub(crate) fn work<T: Tables>(
        &mut self,
        lock: &mut Device<RustCrypto, 2, T>,
        work: LogWork<'_>,
        now: Uptime,
    ) -> Vec<Did> {
        match work {
            LogWork::Append { id, record } => {
                let did = vec![Did::Log(record.index)];
                let written = match self.next {
                    Append::Works | Append::Lies => self.ring.append(&record.secret, record.payload),
                    Append::Fails(PersistFailure::Busy) => Err(LogAppendError::Busy),
                    Append::Fails(_) => Err(LogAppendError::Fault),
                    Append::Slow => {
                        self.unanswered = Some(id);
                        return did;
                    }
                };
                match written {
                    Ok(index) if self.next == Append::Works => {
                        assert_eq!(index, record.index);
                        let body = &record.payload[LogRecord::BEGINNING..];
                        self.stored.push((index, LogEntry::decode(body).unwrap()));
                        lock.persisted(id).unwrap();
                    }
                    Err(LogAppendError::Busy) => lock.persist_failed(id, PersistFailure::Busy, now).unwrap(),
                    Ok(_) | Err(_) => {
                        self.failed = true;
                        lock.persist_failed(id, PersistFailure::Fault, now).unwrap();
                    }
                }
                did
            }
            LogWork::Read { id, index } => {
                let mut payload = [0; MAX_ENTRY];
                let length = self.ring.read(index, &mut payload).ok().flatten();
                let before = self.ring.before(index).ok().flatten();
                let read = before
                    .zip(length)
                    .map(|(before, length)| LogRead { before, payload: &payload[..length] });
                lock.log_read(id, read.filter(|_| !self.unreadable.contains(&index))).unwrap();
                vec![Did::LogRead(index)]
            }
            LogWork::Acknowledge { id, index, mac } => {
                match self.ring.acknowledge(index, &mac) {
                    Ok(()) => lock.persisted(id).unwrap(),
                    Err(AcknowledgeError::Mismatch) => {
                        lock.persist_failed(id, PersistFailure::Mismatch, now).unwrap();
                    }
                    Err(AcknowledgeError::Busy) => {
                        lock.persist_failed(id, PersistFailure::Busy, now).unwrap();
                    }
                    Err(_) => lock.persist_failed(id, PersistFailure::Fault, now).unwrap(),
                }
                vec![Did::Acknowledged(index)]
            }
        }
    }

    /// Tidies, and tells what is held then.
    pub(crate) fn idle<T: Tables>(&mut self, lock: &mut Device<RustCrypto, 2, T>, now: Uptime) {
        while self.ring.needs_idle_work() {
            if self.ring.idle_work().is_err() {
                self.failed = true;
                return;
            }
            lock.handle(Input::LogHeld(held(&self.ring)), now).unwrap();
        }
    }
}

pub(crate) fn held(ring: &Ring) -> LogHeld {
    let lock_store::LogHeld { first, acknowledged, capacity, .. } = ring.held();
    LogHeld { first, acknowledged, capacity }
}

fn empty() -> Ring {
    LogRing::format(Cells::new(2), &[1; SECRET]).unwrap()
}

impl LogFlash {
    /// What the flash holds, verified from the first key on: the entries with their indices, and what was given up and said so.
    pub(crate) fn read(&mut self) -> (Vec<(u64, LogEntry)>, Vec<Missing>) {
        let leaves = LeafKeys::expand::<RustCrypto>(&root(), LOCK_ID, KeyEpoch::FIRST);
        let first_key = Key::from_bytes(*leaves.leaf(Label::Log).expose());
        let mut reader = <LogReader>::new(LogChain::begin(KeyEpoch::FIRST, first_key));
        let (mut entries, mut gaps) = (Vec::new(), Vec::new());
        let held = self.ring.held();
        for index in held.first..held.next {
            let previous = mac(&self.ring.before(index).unwrap().unwrap());
            let mut payload = [0; MAX_ENTRY];
            let length = self.ring.read(index, &mut payload).unwrap().unwrap();
            let (beginning, body) = payload[..length].split_at(LogRecord::BEGINNING);
            let read = reader.entry(&Exported { index, previous, mac: mac(beginning), body }, &[]).unwrap();
            entries.push((index, read.entry.unwrap()));
            gaps.extend(read.gap);
        }
        assert_eq!(reader.unexplained(), None);
        (entries, gaps)
    }

    /// Does something to the cells, between a boot's reading of them and the next.
    pub(crate) fn with_cells<R>(&mut self, act: impl FnOnce(&mut Cells) -> R) -> R {
        let mut cells = core::mem::replace(&mut self.ring, empty()).into_flash();
        let result = act(&mut cells);
        self.ring = LogRing::mount(cells).unwrap();
        result
    }

    /// What happened, in order.
    pub(crate) fn events(&mut self) -> Vec<LogEvent> {
        self.read().0.into_iter().map(|(_, entry)| entry.event).collect()
    }

    /// The keys of all entries that are written, which nobody must find any more.
    pub(crate) fn spent_keys(&self) -> Vec<[u8; SECRET]> {
        let leaves = LeafKeys::expand::<RustCrypto>(&root(), LOCK_ID, KeyEpoch::FIRST);
        let mut chain = LogChain::begin(KeyEpoch::FIRST, Key::from_bytes(*leaves.leaf(Label::Log).expose()));
        let step = |_| {
            let key = *chain.key().expose();
            let link = chain.link::<RustCrypto>(&[]);
            chain.advance(link);
            key
        };
        (0..self.ring.held().next).map(step).collect()
    }
}

fn mac(beginning: &[u8]) -> LogMac {
    LogMac(*beginning.first_chunk().unwrap())
}
