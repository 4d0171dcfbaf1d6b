//! What is kept of the log of a lock.

use std::fmt;

use lock_core::crypto::{KeyEpoch, LogHead, Missing};
use lock_core::proto::UnixMillis;

/// An entry, as the lock gave it. One that is right never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntryRow {
    /// Its index.
    pub index: u64,
    /// The key epoch of its key.
    pub key_epoch: KeyEpoch,
    /// The MAC before it.
    pub previous: [u8; 16],
    /// Its own.
    pub mac: [u8; 16],
    /// Its body, as on the wire (section 7.7).
    pub body: Vec<u8>,
    /// What is wrong with it, by the name of section 6.2; `None` for one that is right.
    pub fault: Option<String>,
    /// When it came here.
    pub received_at: UnixMillis,
}

/// Something that was wrong with a log. It is kept for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFaultRow {
    /// The key epoch of the log.
    pub key_epoch: KeyEpoch,
    /// The name of section 6.2.
    pub kind: String,
    /// The first index that it speaks of.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// What it is, for people.
    pub sentence: String,
    /// When it was found.
    pub found_at: UnixMillis,
}

/// The first key of the chain of one key epoch. It stays when the root that it follows from goes.
#[derive(Clone, PartialEq, Eq)]
pub struct LogKeyRow {
    /// The epoch.
    pub key_epoch: KeyEpoch,
    /// The index of the first entry, once it is known.
    pub begins: Option<u64>,
    /// The key, wrapped.
    pub wrapped_key: Vec<u8>,
}

impl fmt::Debug for LogKeyRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogKeyRow")
            .field("key_epoch", &self.key_epoch)
            .field("begins", &self.begins)
            .finish_non_exhaustive()
    }
}

/// A stretch of a log that could not be verified. It is kept for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogUnverifiedRow {
    /// The first index.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// The epoch whose key is lost here; `None` for what was written before the present ownership.
    pub key_epoch: Option<KeyEpoch>,
    /// When it was found.
    pub found_at: UnixMillis,
}

/// Whether the key of the entry to come is here.
#[derive(Clone, PartialEq, Eq)]
pub enum LogGroundRow {
    /// It is, wrapped.
    Keyed(Vec<u8>),
    /// An ownership has begun, and its first entry was not fetched yet.
    Start,
    /// The key of the epoch is lost, since this entry.
    Lost(u64),
}

impl fmt::Debug for LogGroundRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyed(_) => f.write_str("Keyed(..)"),
            Self::Start => f.write_str("Start"),
            Self::Lost(since) => f.debug_tuple("Lost").field(since).finish(),
        }
    }
}

/// Where the verifier of a log stands.
#[derive(Clone, PartialEq, Eq)]
pub struct LogPosition {
    /// The epoch of the key of the entry to come; at the start of an ownership that with which it began.
    pub key_epoch: KeyEpoch,
    /// The index of the entry to come.
    pub next: u64,
    /// The MAC of the last entry.
    pub last_mac: [u8; 16],
    /// The key of the entry to come.
    pub ground: LogGroundRow,
    /// What is missing and no entry has explained yet.
    pub missing: Option<Missing>,
    /// The newest head that was right, the nonce that it answers, and when it came.
    pub head: Option<(LogHead, [u8; 16], UnixMillis)>,
}

impl fmt::Debug for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogPosition")
            .field("key_epoch", &self.key_epoch)
            .field("next", &self.next)
            .field("ground", &self.ground)
            .field("missing", &self.missing)
            .finish_non_exhaustive()
    }
}

/// What an answer of a lock changes of its log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogChange {
    /// Entries to add. One whose index is there already changes nothing, unless it is right and that one was not.
    pub entries: Vec<LogEntryRow>,
    /// Faults to add. One that is there already changes nothing.
    pub faults: Vec<LogFaultRow>,
    /// First keys to add. Of one that is there already, where its chain begins is noted once.
    pub keys: Vec<LogKeyRow>,
    /// What could not be verified. What is there already changes nothing.
    pub unverified: Vec<LogUnverifiedRow>,
    /// Where the verifier stands then.
    pub position: Option<LogPosition>,
}

impl LogChange {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
