//! Walking along a log with its first key, and naming what does not fit.

use core::fmt;

use super::{LogChain, LogHead, LogMac, entry_mac, fits, head_tag, next_key};
use crate::key::Key;
use crate::keys::KeyEpoch;
use crate::suite::Suite;

/// The most entries that may be missing at one place: a made-up index costs no more work than so many hashes.
pub const MAX_LOG_JUMP: u64 = 1 << 20;

/// Entries that are not there, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Missing {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

/// What is wrong with a log, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LogFault {
    /// An entry does not fit its MAC, or the place that it claims.
    #[error("entry {index} was edited")]
    Edited {
        /// Which.
        index: u64,
    },
    /// An entry comes after a later one, or a second time.
    #[error("entry {index} is out of order or repeated: entry {expected} was to come")]
    Reordered {
        /// Which.
        index: u64,
        /// The one that was to come.
        expected: u64,
    },
    /// An entry is authentic and does not follow from the one before it: somebody with the key made two.
    #[error("entry {index} does not follow from the entry before it: two logs were made with one key")]
    Forked {
        /// Which.
        index: u64,
    },
    /// Entries are missing, and no later one says that they were overwritten.
    #[error("entries {} to {} were dropped", .0.first, .0.last)]
    Dropped(Missing),
    /// The log ends before its head.
    #[error("entries {} to {} were cut off at the end", .0.first, .0.last)]
    Truncated(Missing),
    /// The head is older than the entries.
    #[error("the head was made before entry {next}, and there are later ones")]
    HeadBehind {
        /// The entry that was to come when it was made.
        next: u64,
    },
    /// The head answers another nonce than the one that was drawn, or was edited.
    #[error("the head does not answer this nonce, or was edited: ask for a fresh one")]
    NotFresh,
    /// An index, of an entry or of the head, is more than [`MAX_LOG_JUMP`] ahead.
    #[error("index {index} is too far ahead to be true")]
    TooFar {
        /// The index.
        index: u64,
    },
    /// Nothing at all fits: this is not the key of this log.
    #[error("nothing fits this key: it is the key of another log or epoch")]
    WrongKey,
}

/// Walks along a log: entries in order, then its head. It holds one key, and never looks back.
///
/// It goes on after a fault, so that each is named once. What it was given is authentic where it returned `Ok`.
///
/// ```
/// use lock_crypto::{Key, KeyEpoch, LogChain, LogVerifier, RustCrypto};
///
/// let first_key = || Key::from_bytes(*b"the leaf `log` of this key epoch");
/// let mut lock = LogChain::begin(KeyEpoch::FIRST, first_key());
/// let before = lock.last();
/// let link = lock.link::<RustCrypto>(b"unlocked by the cloud");
/// let mac = link.mac();
/// lock.advance(link); // once MAC, body and next key are stored
///
/// let mut cloud = LogVerifier::begin(KeyEpoch::FIRST, first_key());
/// cloud.entry::<RustCrypto>(0, before, mac, b"unlocked by the cloud")?;
/// let nonce = [7; 16];
/// cloud.head::<RustCrypto>(&lock.head::<RustCrypto>(&nonce, 0), &nonce)?;
/// # Ok::<(), lock_crypto::LogFault>(())
/// ```
pub struct LogVerifier {
    chain: LogChain,
    /// What the MAC of the entry before may be: as it came, and as it should have been.
    before: [LogMac; 2],
    /// Whether the entry before is known to be right.
    is_anchored: bool,
    /// Missing and not explained: from the first such entry to the last.
    unexplained: Option<Missing>,
    verified: u64,
    faults: u64,
}

impl LogVerifier {
    /// From the first key of an epoch.
    #[must_use]
    pub const fn begin(epoch: KeyEpoch, first_key: Key) -> Self {
        Self::from_chain(LogChain::begin(epoch, first_key))
    }

    /// From a position that was verified before.
    #[must_use]
    pub const fn from_chain(chain: LogChain) -> Self {
        let before = [chain.last; 2];
        Self { chain, before, is_anchored: true, unexplained: None, verified: 0, faults: 0 }
    }

    /// The same, where entries before the position were missing and not [explained](Self::unexplained).
    #[must_use]
    pub fn with_unexplained(self, missing: Option<Missing>) -> Self {
        Self { unexplained: missing, ..self }
    }

    /// Takes what is missing as lost: whoever calls this keeps it as a fault.
    pub fn give_up_unexplained(&mut self) {
        self.unexplained = None;
    }

    /// The position behind what was verified, to go on from later. What is unexplained is not in it: keep it beside, for
    /// [`with_unexplained`](Self::with_unexplained).
    #[must_use]
    pub const fn chain(&self) -> &LogChain {
        &self.chain
    }

    /// How many entries were right.
    #[must_use]
    pub const fn verified(&self) -> u64 {
        self.verified
    }

    /// Entries that are missing and that nothing has explained yet: the range from the first such one to the last.
    #[must_use]
    pub const fn unexplained(&self) -> Option<Missing> {
        self.unexplained
    }

    /// Takes the next entry, as it was exported. `Ok` says which entries are missing before it: until a later entry
    /// [explains](Self::explain) that, they are [unexplained](Self::unexplained).
    ///
    /// # Errors
    /// `Reordered`, `TooFar`, `Edited`, `Forked`. The verifier goes on behind the entry, or stays where it was when the index is
    /// behind it or too far ahead.
    pub fn entry<S: Suite>(
        &mut self,
        index: u64,
        previous: LogMac,
        mac: LogMac,
        body: &[u8],
    ) -> Result<Option<Missing>, LogFault> {
        let result = self.walk::<S>(index, previous, mac, body);
        let count = if result.is_ok() { &mut self.verified } else { &mut self.faults };
        *count = count.saturating_add(1);
        result
    }

    fn walk<S: Suite>(
        &mut self,
        index: u64,
        previous: LogMac,
        mac: LogMac,
        body: &[u8],
    ) -> Result<Option<Missing>, LogFault> {
        let expected = self.chain.next;
        let Some(ahead) = index.checked_sub(expected) else {
            self.came_late(index);
            return Err(LogFault::Reordered { index, expected });
        };
        if ahead > MAX_LOG_JUMP {
            return Err(LogFault::TooFar { index });
        }
        let key = key_after::<S>(&self.chain.key, ahead);
        let computed = entry_mac::<S>(&key, self.chain.epoch, index, previous, body);
        let is_right = fits(&mac.0, &computed.0);
        if ahead > 0 && !is_right {
            // Nothing proves this index: the walk stays where it is.
            return Err(LogFault::Edited { index });
        }
        let missing =
            ahead.checked_sub(1).map(|_| Missing { first: expected, last: index.saturating_sub(1) });
        let follows = missing.is_some() || self.before.contains(&previous);
        let was_anchored = self.is_anchored || missing.is_some();
        if let Some(missing) = missing {
            self.miss(missing);
        }
        self.chain.next = index.saturating_add(1);
        self.chain.key = next_key::<S>(&key);
        self.chain.last = mac;
        (self.before, self.is_anchored) = ([mac, computed], is_right);
        if !is_right {
            return Err(LogFault::Edited { index });
        }
        if follows || !was_anchored { Ok(missing) } else { Err(LogFault::Forked { index }) }
    }

    /// The entry that was just verified says that these were overwritten. Whether that explains all that was unexplained.
    pub fn explain(&mut self, overwritten: Missing) -> bool {
        let is_past = overwritten.last < self.chain.next;
        let explains =
            |missing: Missing| overwritten.first <= missing.first && missing.last <= overwritten.last;
        if is_past && self.unexplained.is_some_and(explains) {
            self.unexplained = None;
            true
        } else {
            false
        }
    }

    /// Ends the walk with the head that answers `nonce`.
    ///
    /// # Errors
    /// The first of `WrongKey`, `HeadBehind`, `TooFar`, `NotFresh`, `Truncated`, `Dropped` that holds.
    pub fn head<S: Suite>(&self, head: &LogHead, nonce: &[u8; 16]) -> Result<(), LogFault> {
        let Some(ahead) = head.next.checked_sub(self.chain.next) else {
            return Err(LogFault::HeadBehind { next: head.next });
        };
        if ahead > MAX_LOG_JUMP {
            return Err(LogFault::TooFar { index: head.next });
        }
        let key = key_after::<S>(&self.chain.key, ahead);
        let is_right = head.epoch == self.chain.epoch && fits(&head.tag, &head_tag::<S>(&key, head, nonce));
        if !is_right {
            let nothing_fits = self.verified == 0 && self.faults > 0;
            return Err(if nothing_fits { LogFault::WrongKey } else { LogFault::NotFresh });
        }
        if ahead > 0 {
            let cut = Missing { first: self.chain.next, last: head.next.saturating_sub(1) };
            return Err(LogFault::Truncated(cut));
        }
        match self.unexplained {
            Some(missing) => Err(LogFault::Dropped(missing)),
            None if self.before.contains(&head.last) || !self.is_anchored => Ok(()),
            None => Err(LogFault::Edited { index: head.next.saturating_sub(1) }),
        }
    }

    fn miss(&mut self, missing: Missing) {
        let first = self.unexplained.map_or(missing.first, |before| before.first);
        self.unexplained = Some(Missing { first, last: missing.last });
    }

    /// An entry that was missing is only late: what is named is its order. Those inside a longer range stay missing.
    fn came_late(&mut self, index: u64) {
        let Some(Missing { first, last }) = self.unexplained else { return };
        self.unexplained = match (index == first, index == last) {
            (true, true) => None,
            (true, false) => Some(Missing { first: first.saturating_add(1), last }),
            (false, true) => Some(Missing { first, last: last.saturating_sub(1) }),
            (false, false) => Some(Missing { first, last }),
        };
    }
}

impl fmt::Debug for LogVerifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LogVerifier")
            .field("chain", &self.chain)
            .field("unexplained", &self.unexplained)
            .field("verified", &self.verified)
            .finish_non_exhaustive()
    }
}

/// The key `steps` entries later.
pub(super) fn key_after<S: Suite>(key: &Key, steps: u64) -> Key {
    (0..steps).fold(key.duplicate(), |key, _| next_key::<S>(&key))
}
