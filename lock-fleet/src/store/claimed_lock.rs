//! A change of owner, as a database sees it.

use lock_core::cloud::Numbers;
use lock_core::crypto::KeyEpoch;

use super::{LogChange, NewLock};

/// Whose a lock is, as far as is known here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// This cloud's.
    #[default]
    Owned,
    /// A claim began: the root is here, and whether the lock has it is not proven.
    Claiming,
    /// Nobody's, or somebody else's: the lock has confirmed the end of the ownership.
    Released,
    /// Given up here: its keys fit no more, since the ownership was ended at the lock, or nobody knows where it is.
    Lost,
}

impl Standing {
    /// Whether the ownership has ended here, so that nothing is made for the lock any more.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        match self {
            Self::Owned | Self::Claiming => false,
            Self::Released | Self::Lost => true,
        }
    }
}

/// Whose a claim is, as an engine keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claimant {
    /// Whom the caller of the fleet knows.
    pub account: [u8; 16],
    /// A digest over the account and the claim key: the same label, read by the same account.
    pub digest: [u8; 32],
}

/// A claim that no session has proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimRow {
    /// Whose it is.
    pub claimant: Claimant,
    /// The epoch of the last ownership that was proven; `None` where none ever was.
    pub proven_epoch: Option<KeyEpoch>,
}

/// A lock that is claimed: registered, or registered anew where it was not this cloud's any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedLock {
    /// What is known of it; its standing is [`Standing::Claiming`].
    pub lock: NewLock,
    /// The numbers above its marks.
    pub numbers: Numbers,
    /// Whose claim it is.
    pub claimant: Claimant,
    /// The number of the attempt, from [`super::Store::take_claim`].
    pub attempt: u64,
    /// By what it is recognised while it has no owner, wrapped.
    pub wrapped_handle: Vec<u8>,
    /// The log of the new ownership begins; what was kept of an earlier one stays.
    pub log: LogChange,
}
