//! The text messages of a claim, `GET /v1/locks/{id}/claim`, subprotocol `lk1.relay`. Binary messages are packets.
//!
//! ```text
//! phone                              cloud
//!   | --- Hello (binary) ------------> |   of a lock without an owner
//!   | --- claim (text) --------------> |   the label's text, and what the lock will be called
//!   | <-- Message1 (binary) ---------- |
//!   | <-- claiming (text) ------------ |   press the button inside, where the lock is silent
//!   | --- Message2 (binary) ---------> |   the new root is durable, the rights are the claimer's
//!   | <-- Record (binary) ------------ |
//!   | --- Record (binary) -----------> |   the lock has taken it
//!   | <-- need_hello (text) ---------- |   for a session under the new root, which proves it
//!   | <-- claimed (text) ------------- |
//! ```

use std::fmt;

use lock_proto::Profile;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What a phone says in text on the relay of a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum FromClaimer {
    /// Make the lock the cloud's, with all rights for whoever asks.
    Claim {
        /// What the label says, as somebody typed or scanned it.
        label: LabelText,
        /// What people will call the lock: 1 to 200 characters.
        name: String,
        /// The profile that the lock speaks from then on.
        #[serde(default)]
        profile: Profile,
    },
}

/// The text of a label: a secret until the lock has an owner. Wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub struct LabelText(pub String);

impl fmt::Debug for LabelText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LabelText(..)")
    }
}

/// How far a claim is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimStep {
    /// The lock was asked and is silent: somebody has to press its button.
    PressButton,
    /// A claim of before is not proven: the lock is asked whether it has taken its keys.
    Resuming,
    /// The lock takes part. Its new root is kept, and on its way.
    HandingOver,
    /// The lock says that it has taken it.
    Taken,
}

impl ClaimStep {
    /// For people.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::PressButton => {
                "the lock does not answer; press the button inside it and stay near: it takes a claim within two minutes of a press"
            }
            Self::Resuming => {
                "this lock was claimed before and has not proven it; it is asked whether it has its keys"
            }
            Self::HandingOver => "the lock takes part; its new keys are kept here and on their way to it",
            Self::Taken => "the lock has taken its new keys; now it proves that",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_read_as_it_is_written_and_its_label_is_never_printed() {
        let claim = FromClaimer::Claim {
            label: LabelText("LK1-SECRET".into()),
            name: "front door".into(),
            profile: Profile::X,
        };
        let text = serde_json::to_string(&claim).unwrap();
        assert_eq!(serde_json::from_str::<FromClaimer>(&text).unwrap(), claim);
        assert!(!format!("{claim:?}").contains("SECRET"), "{claim:?}");
        assert!(serde_json::from_str::<FromClaimer>(&text.replace("label", "labl")).is_err());
    }
}
