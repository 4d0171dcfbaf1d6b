//! What is wanted of a lock, before it has a number.

use std::fmt;

use lock_core::proto::{Action, PinDigits, Seconds, Setting};

use crate::store::CommandKind;

/// What somebody wants of a lock. A configuration has no version yet: the fleet gives it one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Throw the bolt.
    Lock,
    /// Withdraw the bolt.
    Unlock,
    /// Throw the bolt by itself so long after it was withdrawn; 0 seconds for never.
    AutoRelock(Seconds),
    /// Put a PIN code in a slot, whatever is there.
    SetPin {
        /// The slot, from 0.
        slot: u8,
        /// The digits.
        digits: PinDigits,
    },
    /// Clear the PIN code of a slot.
    ClearPin {
        /// The slot, from 0.
        slot: u8,
    },
}

impl Task {
    /// The command that it becomes, under the configuration version that results; a motion ignores the version.
    pub(crate) const fn kind(&self, version: u32) -> CommandKind {
        match self {
            Self::Lock => CommandKind::Lock,
            Self::Unlock => CommandKind::Unlock,
            Self::AutoRelock(seconds) => CommandKind::AutoRelock { version, seconds: *seconds },
            Self::SetPin { slot, .. } => CommandKind::SetPin { version, slot: *slot },
            Self::ClearPin { slot } => CommandKind::ClearPin { version, slot: *slot },
        }
    }

    /// Whether it changes the configuration, and so needs the number of the one that results.
    pub(crate) const fn configures(&self) -> bool {
        match self {
            Self::AutoRelock(_) | Self::SetPin { .. } | Self::ClearPin { .. } => true,
            Self::Lock | Self::Unlock => false,
        }
    }

    /// The digits of a PIN, where it sets one.
    pub(crate) const fn digits(&self) -> Option<&PinDigits> {
        match self {
            Self::SetPin { digits, .. } => Some(digits),
            Self::AutoRelock(_) | Self::ClearPin { .. } | Self::Lock | Self::Unlock => None,
        }
    }
}

/// The action that a stored command asks of the lock; `None` when its digits were erased.
pub(crate) fn action(kind: CommandKind, digits: Option<PinDigits>) -> Option<Action> {
    let configure = |version, setting| Some(Action::Configure { version, setting });
    match kind {
        CommandKind::Lock => Some(Action::Lock),
        CommandKind::Unlock => Some(Action::Unlock),
        CommandKind::AutoRelock { version, seconds } => configure(version, Setting::AutoRelock(seconds)),
        CommandKind::SetPin { version, slot } => configure(version, Setting::pin(slot, digits?)),
        CommandKind::ClearPin { version, slot } => configure(version, Setting::clear_credential(slot)),
    }
}

/// The caller's name for one wish, unique for a lock: asking again with the same token never does it twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientToken(String);

/// Why a text is not a client token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a client token has 1 to 128 printable ASCII characters without spaces; use a random one for each wish"
)]
pub struct ClientTokenError;

impl ClientToken {
    /// The longest, in bytes.
    pub const MAX: usize = 128;

    /// Takes 1 to 128 printable ASCII characters without spaces.
    ///
    /// # Errors
    /// [`ClientTokenError`] for anything else.
    pub fn new(text: impl Into<String>) -> Result<Self, ClientTokenError> {
        let text = text.into();
        let is_good =
            (1..=Self::MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_good { Ok(Self(text)) } else { Err(ClientTokenError) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
