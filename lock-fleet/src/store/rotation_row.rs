//! How far the rotation of a lock's keys is, as it is stored.

use lock_core::crypto::KeyEpoch;
use lock_core::proto::UnixMillis;

/// A rotation that was asked for and is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotationRow {
    /// Who asked.
    pub by: String,
    /// When.
    pub at: UnixMillis,
    /// The root of the next epoch; `None` until lock and cloud have agreed on one.
    pub next: Option<NextRow>,
}

/// The root of the next epoch. It gives way to no other while the lock may hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextRow {
    /// Which preparation of the lock it belongs to.
    pub digest: [u8; 16],
    /// The root, wrapped.
    pub wrapped_root: Vec<u8>,
    /// Whether the last attempt to prove it was heard of.
    pub proof: ProofRow,
}

/// What became of the last attempt to prove the next root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofRow {
    /// Nothing is open.
    Known,
    /// It was begun, and nothing was heard: the lock may hold another preparation.
    Unheard,
}

/// Keys that replace those in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKeys {
    /// Their epoch: one above that of the row.
    pub key_epoch: KeyEpoch,
    /// Their root, wrapped.
    pub wrapped_root: Vec<u8>,
}
