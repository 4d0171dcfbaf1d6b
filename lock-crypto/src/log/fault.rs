//! What a verifier says of an entry, and of a log as a whole.

use crate::keys::KeyEpoch;

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
    /// An index, of an entry or of the head, is more than [`MAX_LOG_JUMP`](super::MAX_LOG_JUMP) ahead.
    #[error("index {index} is too far ahead to be true")]
    TooFar {
        /// The index.
        index: u64,
    },
    /// Nothing at all fits: this is not the key of this log.
    #[error("nothing fits this key: it is the key of another log or epoch")]
    WrongKey,
    /// The first key of this epoch is not here. It is no fault of the log.
    #[error("the key of key epoch {} is not here: what was written under it cannot be verified", .epoch.number())]
    NoKey {
        /// Which epoch.
        epoch: KeyEpoch,
    },
}

/// What became of an entry that has no fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walked {
    /// It is right. Until a later entry [explains](super::LogVerifier::explain) what is missing before it, that is
    /// [unexplained](super::LogVerifier::unexplained).
    Right {
        /// What is missing before it.
        missing: Option<Missing>,
        /// Where the chain that it is of begins, if that was found with it.
        begins: Option<u64>,
    },
    /// Its key is not here: nothing is known of it. See [`LogGround::Lost`](super::LogGround::Lost).
    Unverified,
}
