//! The cloud's role: it authorises, and never believes the relay.
//!
//! Sans-IO: storage of counters, keys and queues is the caller's (`lock-fleet` is one). What the caller must make durable
//! before it calls is said with each function.

mod backup;
mod codes;
mod log;
mod reconcile;
mod resync;
mod rotation;
mod sealed;
mod session;
mod tickets;
mod update;

use core::fmt;
use core::marker::PhantomData;

use lock_crypto::{Key, KeyEpoch, Label, LeafKeys, LockId, LogChain, RootKey, RustCrypto, Suite};
use lock_proto::{Hello, Profile};

pub use backup::{BackupError, open_backup, pin_key_check, seal_backup};
pub use codes::offline_code;
pub use log::{ExportLine, Exported, LogPull, LogReader, PullState, Pulled, Read};
pub use reconcile::{Comparison, Difference, ItemState, Wanted, expected_digest, unwanted};
pub use resync::{CaughtUp, FreshMarks, Numbers, Probe};
pub use rotation::{Committed, NextRoot, Offer, Proof, Proven, Proving, Rotating, RotationError, Side};
pub use sealed::{OpenedUp, SealedError, open_up, seal_down};
pub(crate) use session::spoken_with;
pub use session::{Connecting, Session, SessionError};
pub use tickets::{Conditions, IssueError, NewTicket, Uses, WeeklyWindow};
pub use update::{ImageSender, NotThisImage, Piece, Sending};

/// Milliseconds by the caller's own monotonic clock, from any start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Monotonic(pub u64);

impl Monotonic {
    /// Milliseconds from `earlier` to this moment; zero when `earlier` is later.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// The cloud's keys for one lock and key epoch, with the profile that it is registered with: 352 bytes of keys, wiped when dropped.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct LockKeys<S: Suite = RustCrypto> {
    lock_id: LockId,
    key_epoch: KeyEpoch,
    profile: Profile,
    leaves: LeafKeys,
    suite: PhantomData<S>,
}

impl<S: Suite> LockKeys<S> {
    /// Expands the leaves of an epoch, for a lock of profile S.
    #[must_use]
    pub fn expand(root: &RootKey, lock_id: LockId, key_epoch: KeyEpoch) -> Self {
        Self {
            lock_id,
            key_epoch,
            profile: Profile::S,
            leaves: LeafKeys::expand::<S>(root, lock_id, key_epoch),
            suite: PhantomData,
        }
    }

    /// The same for a lock that is registered with this profile: no Hello with another one is answered (section 4.4).
    #[must_use]
    pub fn with_profile(self, profile: Profile) -> Self {
        Self { profile, ..self }
    }

    /// The profile that the lock is registered with.
    #[must_use]
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// The lock that they belong to.
    #[must_use]
    pub const fn lock_id(&self) -> LockId {
        self.lock_id
    }

    /// The epoch that they belong to.
    #[must_use]
    pub const fn key_epoch(&self) -> KeyEpoch {
        self.key_epoch
    }

    /// Where a log begins under this epoch's first key (section 6.2), to be read by a [`LogReader`].
    #[must_use]
    pub fn log_chain(&self) -> LogChain {
        LogChain::begin(self.key_epoch, Key::from_bytes(*self.leaf(Label::Log).expose()))
    }

    /// A leaf of the epoch.
    pub(crate) const fn leaf(&self, label: Label) -> &Key {
        self.leaves.leaf(label)
    }

    /// Whether this lock made the Hello (section 3.3). It says nothing of who sent it now.
    #[must_use]
    pub fn recognises(&self, hello: &Hello) -> bool {
        lock_crypto::handle::<S>(self.leaves.leaf(Label::Handle), &hello.nonce) == hello.handle
    }
}

impl<S: Suite> fmt::Debug for LockKeys<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockKeys")
            .field("lock_id", &self.lock_id)
            .field("key_epoch", &self.key_epoch)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}
