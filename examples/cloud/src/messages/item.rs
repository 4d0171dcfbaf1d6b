//! The configuration of a lock as a list of items, in JSON.

use lock_proto::{Reason, Table, UnixMillis};
use serde::{Deserialize, Serialize};

/// One line of `GET /v1/locks/{id}/items`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemView {
    /// The table, by the names of the protocol.
    pub table: Table,
    /// The slot, or the number of a single setting.
    pub slot: u8,
    /// What is wanted there, for people; absent where nobody wants anything. No digits are in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<String>,
    /// The configuration version in which the lock set what it has there; 0 for nothing.
    pub held: u32,
    /// How far wish and lock agree.
    pub stage: ItemStage,
    /// Why the lock refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// When that was learnt.
    pub changed_at: UnixMillis,
    /// For people.
    pub sentence: String,
}

/// How far wish and lock agree about an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemStage {
    /// A command that brings it is on its way.
    Pending,
    /// The lock has it.
    Applied,
    /// The lock refused it.
    Refused,
    /// The lock has something else there, or nothing.
    Missing,
    /// The lock has something there that this service never asked for.
    Foreign,
}

/// Body of `POST /v1/locks/{id}/items/restore`: send what differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// Also clear what this service never asked for.
    #[serde(default)]
    pub clear_foreign: bool,
    /// Also send codes again from the backups, where they did not change since. The lock must have the key of the backup: that is what
    /// `restore` over a relay is for.
    #[serde(default)]
    pub from_backup: bool,
}

/// What a restore has set going.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreMade {
    /// The commands that were queued.
    pub queued: Vec<u64>,
    /// Slots of codes whose digits have to be given again.
    pub needs_code: Vec<u8>,
    /// For people.
    pub sentence: String,
}
