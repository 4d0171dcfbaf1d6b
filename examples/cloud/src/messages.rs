//! The vocabulary of the service in JSON: bodies of the REST interface, and the text messages of the relay (`relay`).
//!
//! Facts about the door keep the names that `lock-proto` gives them (`"Extended"`, `{"Keypad":{"slot":2}}`); ages are in seconds,
//! times in Unix milliseconds, identifiers of locks 32 hex digits. Unknown fields are refused: a misspelt one must not pass unseen.

mod backup;
mod claim;
mod code;
mod command;
mod firmware;
mod item;
mod key;
mod log;
mod lost;
pub mod relay;
mod rotation;

use lock_proto::{Profile, Status, UnixMillis};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Rights;

pub use backup::BackupView;
pub use claim::{ClaimStep, FromClaimer, LabelText};
pub use code::{CodeMade, NewCode, NewSeries, SeriesView, SeriesWish};
pub use command::{Candour, CommandStage, CommandView, Ending, NewCommand, OutcomeView, Wish};
pub use firmware::{ImageName, ImageView, Install, InstallWish, NewUpdate, RolloutView, UpdateView};
pub use item::{ItemStage, ItemView, Restore, RestoreMade};
pub use key::{KeyConditions, KeyMade, KeyRight, KeyStage, KeyView, KeyWindow, NewKey, Revoke};
pub use log::{LogEntryView, LogFaultView, LogGap, LogKeyWish, LogUnverifiedView, LogView, LogWhen};
pub use lost::{LostKeyView, LostPhone, LostPhoneView};
pub use rotation::{RotationView, UnderWay, UnderWayStage};

/// Body of `POST /v1/locks`: what manufacture made.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct NewLock {
    /// 32 hex digits.
    pub lock_id: String,
    /// The root key: 64 hex digits.
    pub root: String,
    /// For people: 1 to 64 printable characters.
    pub name: String,
    /// The profile that it was made for: `"S"`, or `"X"` for forward secrecy.
    #[serde(default)]
    #[zeroize(skip)]
    pub profile: Profile,
}

impl std::fmt::Debug for NewLock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewLock")
            .field("lock_id", &self.lock_id)
            .field("name", &self.name)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

/// A lock in `GET /v1/locks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockSummary {
    /// 32 hex digits.
    pub lock_id: String,
    /// For people.
    pub name: String,
    /// What the caller may do with it.
    pub rights: Rights,
}

/// `GET /v1/locks/{id}`: what is known of a lock, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockView {
    /// 32 hex digits.
    pub lock_id: String,
    /// For people.
    pub name: String,
    /// Whose it is, as far as is known here.
    #[serde(default)]
    pub standing: LockStanding,
    /// What the lock last said; `None` when it has never been heard.
    pub heard: Option<Heard>,
}

/// Whose a lock is, as far as is known here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockStanding {
    /// This cloud's.
    #[default]
    Owned,
    /// It was claimed, and has not proven it.
    Claiming,
    /// The lock has confirmed the end of the ownership.
    Released,
    /// Given up here.
    Lost,
}

/// What a lock said, and when it was heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// When the service heard it.
    pub at: UnixMillis,
    /// How it came.
    pub by: HeardBy,
    /// How long ago that was, in seconds: add it to each age in `status`.
    pub seconds_ago: u64,
    /// Whether the door could be called locked at that moment, which only sensor evidence allows.
    pub locked: bool,
    /// For people.
    pub sentence: String,
    /// What the lock said, fact by fact.
    pub status: Status,
}

/// How a status came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeardBy {
    /// In a live session: it was so when it was heard.
    Live,
    /// Sealed, through a relay that may have kept it: it was so then or before.
    Relayed,
}

impl Heard {
    /// What `status`, heard at `at`, means at `now`.
    #[must_use]
    pub fn new(status: Status, at: UnixMillis, by: HeardBy, now: UnixMillis) -> Self {
        let seconds_ago = now.millis_since(at) / 1_000;
        let locked = status.is_locked();
        let when = match by {
            HeardBy::Live => format!("{seconds_ago} s ago"),
            HeardBy::Relayed => format!("{seconds_ago} s ago or before"),
        };
        let sentence = format!("{} ({when})", door_sentence(&status));
        Self { at, by, seconds_ago, locked, sentence, status }
    }
}

/// The state of bolt and door in one sentence, which says "locked" on sensor evidence alone.
#[must_use]
pub fn door_sentence(status: &Status) -> &'static str {
    use lock_proto::{BoltPosition, Fault, Motion};
    match (status.is_locked(), status.fault.value, status.motion, status.bolt.value) {
        (true, ..) => "locked: the sensor sees the bolt thrown",
        (false, Fault::Jammed, ..) => "not locked: the bolt is jammed",
        (false, Fault::MotorTimeout, ..) => "not locked: the motor ran and the bolt did not arrive",
        (false, Fault::ClutchFailed, ..) => "not locked: the motor turns and the bolt does not",
        (false, Fault::BoltSensor, ..) => {
            "not known: the sensor of the bolt is silent or contradicts the motor"
        }
        (false, Fault::None, Motion::Extending, _) => "not locked yet: the bolt is moving out",
        (false, Fault::None, Motion::Retracting, _) => "the bolt is moving in",
        (false, Fault::None, Motion::Relieving | Motion::Pausing, _) => {
            "not there yet: the bolt met resistance and is tried again"
        }
        (false, Fault::None, Motion::Unlatching | Motion::HoldingLatch | Motion::Releasing, _) => {
            "unlocked: the latch is pulled back for a moment"
        }
        (false, Fault::None, Motion::Still, BoltPosition::Retracted) => {
            "unlocked: the sensor sees the bolt withdrawn"
        }
        (false, Fault::None, Motion::Still, BoltPosition::Between) => {
            "not locked: the bolt rests between its ends"
        }
        (false, Fault::None, Motion::Still, BoltPosition::Extended) => {
            "not locked: the bolt is thrown and the door is open"
        }
        (false, Fault::None, Motion::Still, BoltPosition::Unknown) => {
            "not known: no sensor says where the bolt is"
        }
    }
}

/// Body of `POST /v1/users`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// 1 to 64 printable characters.
    pub name: String,
}

/// A user that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserMade {
    /// The number of the user.
    pub user_id: i64,
}

/// A token that was made. This is the one time that it can be read.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct TokenMade {
    /// The number of the token, with which it can be revoked.
    pub token_id: i64,
    /// The token.
    pub token: String,
}

impl std::fmt::Debug for TokenMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenMade").field("token_id", &self.token_id).finish_non_exhaustive()
    }
}

/// Body of `PUT /v1/locks/{id}/rights/{user}`: all the rights that the user has from now on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRights {
    /// The rights; empty to take all away.
    pub rights: Rights,
}

/// One line of `GET /v1/locks/{id}/audit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its number: grows with each entry.
    pub number: u64,
    /// When.
    pub at: UnixMillis,
    /// Who caused it.
    pub who: String,
    /// What was asked or said.
    pub what: String,
    /// What came of it.
    pub result: String,
}

/// Body of every answer that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What is wrong and what to do, for people.
    pub error: String,
}
