//! The rotation of a lock's keys, in JSON.

use lock_proto::UnixMillis;
use serde::{Deserialize, Serialize};

use super::KeyView;

/// The answer to `POST` and `GET /v1/locks/{id}/rotation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotationView {
    /// The key epoch in force: 1 for the keys that the lock was made with.
    pub key_epoch: u32,
    /// How far a rotation is that was asked for; absent where none is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<UnderWay>,
    /// Virtual keys that died with an earlier key epoch, were not revoked and are not over: issue them again where they are wanted.
    pub to_reissue: Vec<KeyView>,
    /// For people.
    pub sentence: String,
}

/// A rotation that is not over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderWay {
    /// Who asked for it.
    pub by: String,
    /// When.
    pub at: UnixMillis,
    /// How far it is.
    pub stage: UnderWayStage,
}

/// How far a rotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnderWayStage {
    /// It waits for a phone at the lock; nothing has changed.
    Wanted,
    /// Lock and service have agreed on the next keys. A backup of the database from now on holds them.
    Prepared,
}
