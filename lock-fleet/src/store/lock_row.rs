//! What a cloud remembers of one lock.

use std::ops::RangeInclusive;

use lock_core::cloud::Numbers;
use lock_core::crypto::{KeyEpoch, LockId};
use lock_core::proto::{CommandId, Marks, Profile, Status, UnixMillis};

use super::{AcceptedUp, IssuedCodes, RotationRow, Standing};

/// A lock that is registered for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLock {
    /// Its public number.
    pub lock_id: LockId,
    /// What people call it.
    pub name: String,
    /// The epoch of its root key.
    pub key_epoch: KeyEpoch,
    /// The profile that it was made for, or that its claim has fixed.
    pub profile: Profile,
    /// The root key, wrapped.
    pub wrapped_root: Vec<u8>,
    /// What is known of it.
    pub state: LockState,
}

/// One lock as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockRow {
    /// Its public number.
    pub lock_id: LockId,
    /// What people call it.
    pub name: String,
    /// The epoch of its root key.
    pub key_epoch: KeyEpoch,
    /// The profile that it was made for, or that its claim has fixed.
    pub profile: Profile,
    /// The root key, wrapped.
    pub wrapped_root: Vec<u8>,
    /// The number of the claim that the ownership began with; 0 for a lock that was registered with its root.
    pub ownership: u64,
    /// The numbers that come next. `next_down` may have grown since the row was read: take one with [`super::Store::take`].
    pub numbers: Numbers,
    /// Grows with each batch; a batch says which one it was made from.
    pub version: u64,
    /// What is known of it.
    pub state: LockState,
}

/// What is known of a lock, as one value that batches replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockState {
    /// The highest configuration version that was given out or heard of.
    pub configuration: u32,
    /// Which sealed-up counters were accepted.
    pub accepted_up: AcceptedUp,
    /// The newest status.
    pub heard: Option<HeardStatus>,
    /// The highest marks that the lock gave in answer to a fresh nonce, and when.
    pub marks: Marks,
    /// When the question was asked that `marks` answers.
    pub marks_asked_at: UnixMillis,
    /// The highest sealed-down counter that the lock is known to have accepted.
    pub down_seen: u64,
    /// The question for the marks that was asked last.
    pub probe: Option<ProbeRow>,
    /// Counters above `next_down` that were spent on probes, as one range: they are skipped when they come up.
    pub probed: Option<RangeInclusive<u64>>,
    /// The opening of the database in which the lock's marks were last compared with ours (see [`super::Store::incarnation`]).
    pub level_in: u64,
    /// Command ids below this were issued by a database that knew the lock's marks: they are its own.
    pub proven: CommandId,
    /// Which offline codes were given out.
    pub issued_codes: IssuedCodes,
    /// The highest revocation epoch of virtual keys that was asked for.
    pub ticket_epoch: u32,
    /// The highest revocation epoch that the lock has told: a factory reset raises it without anybody's asking.
    pub told_ticket_epoch: u32,
    /// The rotation of its keys that is under way.
    pub rotation: Option<RotationRow>,
    /// Whose it is.
    pub standing: Standing,
}

impl LockState {
    /// Of a lock that has never been spoken to.
    #[must_use]
    pub fn new(incarnation: u64) -> Self {
        Self {
            configuration: 0,
            accepted_up: AcceptedUp::default(),
            heard: None,
            marks: Marks::default(),
            marks_asked_at: UnixMillis(0),
            down_seen: 0,
            probe: None,
            probed: None,
            level_in: incarnation,
            proven: Numbers::FIRST.next_command,
            issued_codes: IssuedCodes::default(),
            ticket_epoch: 0,
            told_ticket_epoch: 0,
            rotation: None,
            standing: Standing::Owned,
        }
    }
}

impl LockState {
    /// The revocation epoch in force as far as is known: keys of this epoch count, or will once the lock has what is on its way.
    #[must_use]
    pub fn revocation_epoch(&self) -> u32 {
        self.ticket_epoch.max(self.told_ticket_epoch)
    }
}

/// A status and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeardStatus {
    /// The lock's boot counter that `status.sequence` counts in.
    pub boot: u64,
    /// What the lock said.
    pub status: Status,
    /// When it was heard, by the service's wall clock.
    pub at: UnixMillis,
    /// How.
    pub by: HeardBy,
}

/// How a status came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeardBy {
    /// In a live session: it was so when it was heard.
    Live,
    /// Sealed, through a relay that may have kept it: it was so then or before.
    Relayed,
}

/// A question for the marks, for store and forward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeRow {
    /// Its nonce.
    pub nonce: [u8; 16],
    /// When it was asked.
    pub asked_at: UnixMillis,
    /// The sealed packet, to be sent again as it is; empty once it was answered.
    pub packet: Vec<u8>,
}
