//! Backups of a lock, in JSON.

use lock_proto::UnixMillis;
use serde::{Deserialize, Serialize};

/// One line of `GET /v1/locks/{id}/backups`, the newest first. The file is at `GET /v1/locks/{id}/backup`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupView {
    /// Its number, from 1.
    pub number: u32,
    /// When the lock was read.
    pub taken_at: UnixMillis,
    /// Who asked for it.
    pub by: String,
    /// How many codes and tokens are in it.
    pub credentials: u16,
}
