//! A phone that is lost, in JSON.

use lock_proto::UnixMillis;
use serde::{Deserialize, Serialize};

use super::KeyView;

/// Body of `POST /v1/users/{user}/tokens/{token}/lost`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LostPhone {
    /// Revoke all keys of a lock where those of the phone cannot be revoked one by one: a lock remembers twelve, and a restored database
    /// may have forgotten some.
    #[serde(default)]
    pub revoke_all_where_needed: bool,
}

/// What is dead with a phone, and from when on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostPhoneView {
    /// The token, which is dead since `ended_at`.
    pub token_id: i64,
    /// When it ended, at this call or one before.
    pub ended_at: UnixMillis,
    /// The virtual keys that were issued by the phone or for it.
    pub keys: Vec<LostKeyView>,
    /// All of it is certainly dead from this moment on, at the latest. Absent where only a lock can confirm it, or a key still counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_by: Option<UnixMillis>,
    /// For people.
    pub sentence: String,
}

/// A virtual key of a phone that is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostKeyView {
    /// The lock: 32 hex digits.
    pub lock_id: String,
    /// The number of the key.
    pub serial: u64,
    /// How it stands with it; absent where the service has forgotten it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyView>,
    /// Why it still counts, and what to do; absent where it is dead or on its way to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub still_counts: Option<String>,
}
