//! Who asked what of which lock, and what came of it: rows that are only ever added.

use lock_core::crypto::LockId;
use lock_core::proto::UnixMillis;

/// Something to be remembered. It never holds keys or digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When, by the service's wall clock.
    pub at: UnixMillis,
    /// Which lock it concerns.
    pub lock: LockId,
    /// Who asked; `lock` where the lock itself said it, `fleet` where this crate decided it.
    pub who: String,
    /// What was asked or said.
    pub what: String,
    /// What came of it.
    pub result: String,
}

/// An entry with its place in the order of all entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Grows with each entry of a database; the cursor for reading on.
    pub number: u64,
    /// The entry.
    pub entry: AuditEntry,
}
