//! Where the chain of one key epoch ends and that of a later one begins.

use core::fmt;

use super::next_key;
use super::verify::MAX_LOG_JUMP;
use crate::key::Key;
use crate::keys::KeyEpoch;
use crate::suite::Suite;

/// The first key of an epoch's chain.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct FirstKey {
    /// The epoch.
    pub epoch: KeyEpoch,
    /// Its leaf `log`.
    pub key: Key,
}

impl fmt::Debug for FirstKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstKey").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// Whether a verifier has the key of where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogGround {
    /// It has.
    Keyed,
    /// The first chain that it is to verify begins somewhere ahead.
    Start,
    /// The key of the epoch that began with this entry is lost. Entries are walked past unverified, until one fits the chain of a later
    /// epoch.
    Lost {
        /// The first entry that cannot be verified.
        since: u64,
    },
}

/// What became of the step into another epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandOver {
    /// Verification goes on under the first key of the epoch.
    Continues,
    /// The first key of the epoch is not here: what follows is [`LogGround::Lost`].
    KeyLost,
    /// The epoch is not a later one. Nothing changed.
    NotLater,
}

/// The chain that something fits.
pub(super) struct Found {
    pub(super) epoch: KeyEpoch,
    /// The key that it fits.
    pub(super) key: Key,
    /// How many entries of the chain come before it.
    pub(super) steps: u64,
}

/// Looks for a chain of an epoch after `after` of which at most `most` entries come before what `fits`.
pub(super) fn find<S: Suite>(
    later: &[FirstKey],
    after: Option<KeyEpoch>,
    most: u64,
    fits: impl Fn(KeyEpoch, &Key) -> bool,
) -> Option<Found> {
    later.iter().filter(|first| after.is_none_or(|after| first.epoch > after)).find_map(|first| {
        let mut key = first.key.duplicate();
        for steps in 0..=most.min(MAX_LOG_JUMP) {
            if fits(first.epoch, &key) {
                return Some(Found { epoch: first.epoch, key, steps });
            }
            key = next_key::<S>(&key);
        }
        None
    })
}
