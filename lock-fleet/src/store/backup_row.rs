//! A backup of what a lock keeps of its credentials, as it is stored.

use lock_core::proto::UnixMillis;

/// One backup. Its content opens with the key encryption key alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupRow {
    /// Its number, from 1; it grows with each backup of the lock.
    pub number: u32,
    /// When the lock was read.
    pub taken_at: UnixMillis,
    /// Who asked for it.
    pub by: String,
    /// How many credentials are in it.
    pub credentials: u16,
    /// The body of section 11, wrapped.
    pub wrapped: Vec<u8>,
}

impl BackupRow {
    /// How many of a lock are kept: the newest ones.
    pub const KEPT: u32 = 4;
}
