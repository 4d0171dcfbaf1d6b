//! What an answer about the log adds to what is kept of it.

use lock_core::cloud::{Exported, LogReader, Pulled};
use lock_core::crypto::{KeyEpoch, LogFault, LogGround, Missing};
use lock_core::proto::{LogEntry, LogEvent, UnixMillis};

use crate::store::{LogChange, LogEntryRow, LogFaultRow, LogGroundRow, LogPosition, LogUnverifiedRow};

/// How many entries of one fault are kept: a lock that makes them up gives no more.
const MOST_FAULTS: usize = 64;

/// The name under which an entry is kept whose key is lost.
const NO_KEY: &str = "NoKey";

/// What an answer adds to the log.
pub(super) struct Taking {
    pub(super) log: LogChange,
    /// Where chains were found to begin.
    pub(super) begun: Vec<(KeyEpoch, u64)>,
    /// The index at which the verifier stands.
    expected: u64,
    epoch: KeyEpoch,
    ground: LogGround,
    now: UnixMillis,
}

impl Taking {
    pub(super) fn from(position: Option<&LogPosition>, reader: &LogReader, now: UnixMillis) -> Self {
        let chain = reader.chain();
        let epoch = position.map_or(chain.epoch(), |position| position.key_epoch);
        // A lock whose log was never asked for, and that was never claimed, began with this chain.
        let begun = if position.is_none() { vec![(epoch, chain.next())] } else { Vec::new() };
        let (expected, ground) = (chain.next(), reader.ground());
        Self { log: LogChange::default(), begun, expected, epoch, ground, now }
    }

    /// An entry that is right is kept, and so is one that the verifier walked past though it was edited or forked, with its fault: until a
    /// right one takes its place. What was edited at an index that nothing proves is none of the log. One whose key is lost is kept, too, and
    /// says so.
    pub(super) fn entry(&mut self, pulled: &Pulled<'_>) {
        let Exported { index, previous, mac, body } = pulled.entry;
        let (kind, is_passed) = match pulled.verdict {
            Ok(read) => {
                self.end_stretch(read.unverified);
                self.epoch = read.epoch;
                self.begun.extend(read.begins.map(|begins| (read.epoch, begins)));
                ((!read.is_verified).then(|| NO_KEY.to_owned()), true)
            }
            Err(fault) => {
                let row = fault_row(fault, self.epoch, self.now);
                let kind = row.kind.clone();
                self.log.faults.extend(Some(row).filter(|_| self.log.faults.len() < MOST_FAULTS));
                let is_passed = match fault {
                    LogFault::Forked { .. } => true,
                    LogFault::Edited { .. } => index == self.expected && self.ground == LogGround::Keyed,
                    LogFault::Reordered { .. }
                    | LogFault::Dropped(_)
                    | LogFault::Truncated(_)
                    | LogFault::HeadBehind { .. }
                    | LogFault::NotFresh
                    | LogFault::TooFar { .. }
                    | LogFault::WrongKey
                    | LogFault::NoKey { .. } => false,
                };
                (Some(kind), is_passed)
            }
        };
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
        if let Ok(read) = pulled.verdict {
            self.heed(read.is_verified, read.entry.as_ref());
        }
    }

    /// What is kept behind an entry that says that a key epoch begins is of that epoch.
    fn heed(&mut self, is_verified: bool, entry: Option<&LogEntry>) {
        if !is_verified {
            return;
        }
        self.ground = LogGround::Keyed;
        if let Some(LogEntry { event: LogEvent::KeyEpoch(number), .. }) = entry
            && let Some(epoch) = KeyEpoch::new(*number).filter(|epoch| *epoch > self.epoch)
        {
            self.epoch = epoch;
            self.begun.push((epoch, self.expected));
        }
    }

    /// Behind all entries: a chain may begin where the log ends.
    pub(super) fn end(&mut self, unverified: Option<Missing>, reader: &LogReader) {
        self.end_stretch(unverified);
        let chain = reader.chain();
        if self.ground != LogGround::Keyed && reader.ground() == LogGround::Keyed {
            self.begun.push((chain.epoch(), chain.next()));
        }
    }

    fn end_stretch(&mut self, unverified: Option<Missing>) {
        let Some(Missing { first, last }) = unverified else { return };
        // Before the first entry of an ownership nothing is told; otherwise the key of this epoch is lost.
        let key_epoch = (self.ground != LogGround::Start).then_some(self.epoch);
        self.log.unverified.push(LogUnverifiedRow { first, last, key_epoch, found_at: self.now });
    }
}

/// Where a reader without a key stands, as it is stored.
pub(super) const fn keyless_row(ground: LogGround) -> LogGroundRow {
    match ground {
        LogGround::Lost { since } => LogGroundRow::Lost(since),
        LogGround::Start | LogGround::Keyed => LogGroundRow::Start,
    }
}

pub(super) fn unverified_sentence(row: &LogUnverifiedRow) -> String {
    let LogUnverifiedRow { first, last, key_epoch, .. } = row;
    match key_epoch {
        Some(epoch) => {
            format!("entries {first} to {last}: the key of key epoch {} is lost here", epoch.number())
        }
        None => {
            format!("entries {first} to {last}: from before this ownership, of which the lock tells nothing")
        }
    }
}

pub(super) fn fault_row(fault: LogFault, key_epoch: KeyEpoch, found_at: UnixMillis) -> LogFaultRow {
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
        LogFault::NoKey { .. } => (NO_KEY, 0, 0),
    };
    LogFaultRow { key_epoch, kind: kind.into(), first, last, sentence: fault.to_string(), found_at }
}

#[cfg(test)]
mod tests {
    use lock_core::crypto::{Key, LogChain, LogMac, RustCrypto};

    use super::*;

    #[test]
    fn an_edited_entry_is_kept_with_its_fault_where_the_verifier_walked_past_it_and_nowhere_else() {
        let chain = || LogChain::begin(KeyEpoch::FIRST, Key::from_bytes([7; 32]));
        let (mut lock, mut reader) = (chain(), <LogReader>::new(chain()));
        let mut taking = Taking::from(None, &reader, UnixMillis(1));
        let mut take = |index, previous, mac, body: &[u8]| {
            let entry = Exported { index, previous, mac, body };
            taking.entry(&Pulled { entry, verdict: reader.entry(&entry, &[]) });
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
