//! Offline codes, in JSON.

use lock_proto::{CodeClass, UnixMillis};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{CommandView, ItemStage};

/// Body of `POST /v1/locks/{id}/offline-codes`: a code for somebody who comes to the door, while the lock need not be reached.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCode {
    /// What it opens for, by the names of the protocol: `"Once"` within a day, `"OneHour"` and so on to `"FourWeeks"`.
    pub class: CodeClass,
    /// From when on, in Unix milliseconds; rounded down to the grid of the class. Now, where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<UnixMillis>,
}

/// The answer: the code, which the service does not keep.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct CodeMade {
    /// Nine digits.
    pub digits: String,
    /// What it opens for.
    #[zeroize(skip)]
    pub class: CodeClass,
    /// The first moment at which it opens.
    #[zeroize(skip)]
    pub from: UnixMillis,
    /// The first moment at which it opens no more.
    #[zeroize(skip)]
    pub until: UnixMillis,
    /// The code epoch that it belongs to.
    pub code_epoch: u32,
    /// Whether the lock takes this epoch: `applied`, or `pending` where it has to be told of it first.
    #[zeroize(skip)]
    pub stage: ItemStage,
    /// For people.
    pub sentence: String,
}

impl std::fmt::Debug for CodeMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeMade")
            .field("class", &self.class)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// Body of `POST /v1/locks/{id}/offline-codes/series`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSeries {
    /// What is wanted.
    pub wish: SeriesWish,
    /// Chosen by the caller: the same token is the same wish, however often it is sent.
    pub client_token: String,
}

/// What is wanted of the offline codes of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesWish {
    /// The lock takes them.
    Allow,
    /// It takes none; allowing them again brings the same ones back.
    Forbid,
    /// All that were given out are dead; new ones are taken.
    Revoke,
}

/// How it stands with the codes of a lock: the answer to `GET /v1/locks/{id}/offline-codes`, and to a wish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesView {
    /// Whether they are wanted.
    pub are_allowed: bool,
    /// The code epoch that is wanted; codes of any other are dead once the lock has it.
    pub code_epoch: u32,
    /// How far the lock is known to have it.
    pub stage: ItemStage,
    /// Since when earlier codes are certainly dead. Absent until the lock has confirmed it: no moment can be promised before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_by: Option<UnixMillis>,
    /// When the last code ends that was ever given out, whatever becomes of a revocation; absent where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_code_ends: Option<UnixMillis>,
    /// The command that carries the wish; absent in the answer to `GET`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandView>,
    /// For people.
    pub sentence: String,
}
