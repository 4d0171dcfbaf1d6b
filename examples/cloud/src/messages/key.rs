//! Virtual keys, in JSON.

use lock_proto::{MinuteOfDay, Seconds, TicketRights, UnixMillis, Weekdays};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Body of `POST /v1/locks/{id}/virtual-keys`: a key for somebody, while the lock need not be reached.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// Whom or what it is for: 1 to 200 characters.
    #[zeroize(skip)]
    pub label: String,
    /// What it yields. Never absent: a key without limits is asked for by `{}`.
    #[zeroize(skip)]
    pub conditions: KeyConditions,
    /// The secret that the holder's phone made, 64 hex digits, to bind the key to that phone: a link that is stolen on its way is then
    /// worth nothing. It is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// The number of the token of the phone that it is for, where that has one: it dies with that phone when it is lost. A key always
    /// dies with the phone that issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[zeroize(skip)]
    pub phone: Option<i64>,
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewKey")
            .field("label", &self.label)
            .field("conditions", &self.conditions)
            .field("phone", &self.phone)
            .finish_non_exhaustive()
    }
}

/// What a virtual key yields; what is absent limits nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyConditions {
    /// No other rights. Absent: lock, unlock and status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights: Option<Vec<KeyRight>>,
    /// Not before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<UnixMillis>,
    /// Not after this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<UnixMillis>,
    /// Within this window of each week, by the lock's local clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekly: Option<KeyWindow>,
    /// It opens once, for all who were given it; it needs `not_after`.
    #[serde(default)]
    pub single_use: bool,
    /// How often it may be narrowed and passed on: at most 4. Absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<u8>,
    /// The lock must have heard the service within so many seconds. This bounds a revocation that somebody keeps from the lock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staleness: Option<Seconds>,
}

/// One right of a virtual key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyRight {
    /// Throw the bolt.
    Lock,
    /// Withdraw the bolt.
    Unlock,
    /// Pull the latch.
    Unlatch,
    /// See the status.
    Status,
}

impl KeyRight {
    const ALL: [Self; 4] = [Self::Lock, Self::Unlock, Self::Unlatch, Self::Status];

    const fn of_protocol(self) -> TicketRights {
        match self {
            Self::Lock => TicketRights::LOCK,
            Self::Unlock => TicketRights::UNLOCK,
            Self::Unlatch => TicketRights::UNLATCH,
            Self::Status => TicketRights::STATUS,
        }
    }

    /// A list of rights, as the protocol has them.
    #[must_use]
    pub fn together(rights: &[Self]) -> TicketRights {
        rights.iter().fold(TicketRights(0), |all, right| all.or(right.of_protocol()))
    }

    /// The rights of the protocol, as a list.
    #[must_use]
    pub fn listed(rights: TicketRights) -> Vec<Self> {
        Self::ALL.into_iter().filter(|right| rights.contain(right.of_protocol())).collect()
    }
}

/// A window of each week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyWindow {
    /// The days on which it begins, one bit each; Sunday is bit 0.
    pub days: Weekdays,
    /// When it begins, in minutes since midnight.
    pub from: MinuteOfDay,
    /// The first minute after it; at or before `from` it is on the next day.
    pub until: MinuteOfDay,
}

/// The answer: the key itself, which the service does not keep.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct KeyMade {
    /// The key as a text, for a message or a QR code. Whoever has it can use it, unless it is bound to a phone.
    pub link: String,
    /// What is kept of it.
    #[zeroize(skip)]
    pub key: KeyView,
}

impl std::fmt::Debug for KeyMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyMade").field("key", &self.key).finish_non_exhaustive()
    }
}

/// A virtual key in `GET /v1/locks/{id}/virtual-keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyView {
    /// Its number, below 2^52.
    pub serial: u64,
    /// Whom or what it is for.
    pub label: String,
    /// Who issued it.
    pub by: String,
    /// When.
    pub issued_at: UnixMillis,
    /// What it yields to its first holder; who passes it on can only narrow it.
    pub conditions: KeyConditions,
    /// Whether it is bound to its holder's phone.
    pub is_bound: bool,
    /// Whether it still counts.
    pub stage: KeyStage,
    /// Of a key that is revoked: it is certainly dead from this moment on, at the latest. Absent where only the lock can confirm it, and
    /// it has not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_by: Option<UnixMillis>,
    /// The command that carries its revocation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<u64>,
    /// For people.
    pub sentence: String,
}

/// Whether a virtual key still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStage {
    /// It counts, as far as its conditions hold.
    Given,
    /// It counts once the lock has heard that all earlier keys are revoked.
    Awaiting,
    /// Its time is over.
    Over,
    /// It was made with an earlier root key.
    Outdated,
    /// Its revocation is on its way; it may still open until `effective_by`.
    Revoking,
    /// The lock has confirmed that it is dead.
    Revoked,
    /// The lock did not take the revocation.
    NotRevoked,
}

/// Body of `POST /v1/locks/{id}/virtual-keys/{serial}/revoke` and of `POST /v1/locks/{id}/virtual-keys/revoke`, which ends all keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// Chosen by the caller: the same token is the same wish, however often it is sent.
    pub client_token: String,
}
