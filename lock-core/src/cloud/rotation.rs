//! The cloud's half of a rotation (section 3.7): one type for each step, made only by the lock's word for the step before.
//!
//! ```text
//! Offer ── PrepareRotation, in a session ──> lock      nothing need be durable: what is lost is offered anew
//!   │ agree <── Query Rotation ─────────────            store NextRoot before anything is sent under it; never replace it while the
//!   v                                                   lock may hold it (NextRoot::is_held)
//! NextRoot ── Rotating::start ──> lock                  a session under the next epoch
//!   │ finish <── Message2 ────────                      Proof::Proven, or Proof::Committed where the lock is there already
//!   v
//! Proven ── CommitRotation, in that session ──> lock
//!   │ answered <── Done ───────────────────────
//!   v
//! Committed                                             put the next epoch in force in storage; only then erase the one before
//! ```
//!
//! Where an answer is lost, connect again: the Hello and the handshake say on which side of the commit the lock is.

use lock_crypto::hedge::InitiatorHedge;
use lock_crypto::rotation::{next_root, share_digest};
use lock_crypto::{Authenticated, Delivery, KeyEpoch, Label, RootKey, RustCrypto, Suite};
use lock_proto::{
    Action, Answer, CloudShare, Down, Hello, Opening, Outcome, Packet, PreparedRotation, Reply, Selector,
};

use super::session::hello_of;
use super::{Connecting, FreshMarks, LockKeys, Monotonic, Session, SessionError};

/// Why a rotation does not go on like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotationError {
    /// No number is left.
    #[error("the lock's key epochs are used up; replace the lock")]
    EpochsExhausted,
    /// The lock holds no preparation, or that of another offer.
    #[error("the lock has not prepared this rotation; prepare it again")]
    NotPrepared,
    /// The lock is in another key epoch than the keys that it was asked with.
    #[error(
        "the lock says that it is in key epoch {0}; look for keys of that epoch in a newer copy of the database"
    )]
    AnotherEpoch(u32),
    /// The reply answers something else.
    #[error("the lock has answered another question; ask it for its rotation")]
    NotAsked,
}

/// What the cloud offers for the next epoch.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Offer {
    epoch: KeyEpoch,
    share: CloudShare,
}

impl Offer {
    /// An offer with 32 fresh random bytes.
    ///
    /// # Errors
    /// [`RotationError::EpochsExhausted`].
    pub fn new<S: Suite>(in_force: &LockKeys<S>, share: CloudShare) -> Result<Self, RotationError> {
        let epoch = in_force.key_epoch.next().ok_or(RotationError::EpochsExhausted)?;
        Ok(Self { epoch, share })
    }

    /// What to ask, in a record of a session under the epoch in force; again as often as an answer is lost.
    #[must_use]
    pub fn action(&self) -> Action {
        Action::PrepareRotation { epoch: self.epoch.number(), share: self.share.clone() }
    }

    /// Takes the lock's answer to [`Query::Rotation`](lock_proto::Query::Rotation).
    ///
    /// # Errors
    /// [`RotationError`]: nothing is agreed.
    pub fn agree<S: Suite>(
        &self,
        in_force: &LockKeys<S>,
        reply: &Authenticated<Reply>,
    ) -> Result<NextRoot, RotationError> {
        let digest = share_digest::<S>(self.share.expose());
        let held = prepared_of(reply, in_force.key_epoch)?
            .filter(|held| held.epoch == self.epoch.number() && held.digest == digest);
        let held = held.ok_or(RotationError::NotPrepared)?;
        let rotate = in_force.leaf(Label::Rotate);
        let root = next_root::<S>(rotate, self.share.expose(), &held.share.0, in_force.lock_id, self.epoch);
        Ok(NextRoot { epoch: self.epoch, digest, root })
    }
}

/// The root of the next epoch. Store all of it, durably and where a restored database finds it, before anything is sent under it: once
/// the lock has committed there is no other key.
#[derive(Debug)]
pub struct NextRoot {
    /// The next epoch.
    pub epoch: KeyEpoch,
    /// Which preparation of the lock it belongs to.
    pub digest: [u8; 16],
    /// The root.
    pub root: RootKey,
}

impl NextRoot {
    /// Whether the lock says, under the epoch in force, that it holds the preparation of this root. Where it does not, no commit can come any
    /// more: only then a stored root may give way to another offer.
    ///
    /// # Errors
    /// [`RotationError::AnotherEpoch`], [`RotationError::NotAsked`].
    pub fn is_held(
        digest: [u8; 16],
        in_force: KeyEpoch,
        reply: &Authenticated<Reply>,
    ) -> Result<bool, RotationError> {
        Ok(prepared_of(reply, in_force)?.is_some_and(|held| held.digest == digest))
    }
}

/// What the lock holds, where it is in this epoch.
fn prepared_of(
    reply: &Authenticated<Reply>,
    in_force: KeyEpoch,
) -> Result<Option<PreparedRotation>, RotationError> {
    let Reply::Rotation { epoch, prepared } = *reply.get() else { return Err(RotationError::NotAsked) };
    if epoch == in_force.number() { Ok(prepared) } else { Err(RotationError::AnotherEpoch(epoch)) }
}

/// Both epochs of a lock between prepare and the proof of its commit.
#[derive(Debug)]
pub struct Rotating<'k, S: Suite = RustCrypto> {
    /// The keys in force.
    pub in_force: &'k LockKeys<S>,
    /// Those of the next epoch, whose root is stored.
    pub next: &'k LockKeys<S>,
}

/// On which side of its commit a lock says to be by its Hello, which anybody may repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub enum Side {
    /// It greets under the epoch in force.
    Before,
    /// It greets under the next one.
    After,
}

impl<S: Suite> Rotating<'_, S> {
    /// Which epoch the lock greets under; `None` for another lock.
    #[must_use]
    pub fn side(&self, hello: &Hello) -> Option<Side> {
        if self.in_force.recognises(hello) {
            Some(Side::Before)
        } else {
            self.next.recognises(hello).then_some(Side::After)
        }
    }

    /// Answers a Hello under the next epoch: to prove its keys, or to find that the lock has committed.
    ///
    /// # Errors
    /// [`SessionError`].
    pub fn start(
        &self,
        hello_packet: &[u8],
        opening: &Down<Opening>,
        hedge: &InitiatorHedge,
        out: &mut [u8],
    ) -> Result<(usize, Proving<S>), SessionError> {
        let Ok(Packet::Hello(hello)) = Packet::parse(hello_packet) else {
            return Err(SessionError::UnexpectedPacket);
        };
        let side = self.side(&hello).ok_or(SessionError::AnotherLock)?;
        let selector = match side {
            Side::Before => Selector::CloudPending,
            Side::After => Selector::CloudCurrent,
        };
        let packet = hello_of(hello_packet)?;
        let (length, connecting) =
            Connecting::answer(self.next, (&hello, packet), selector, opening, hedge, out)?;
        Ok((length, Proving { connecting, side, epoch: self.next.key_epoch }))
    }
}

/// A handshake under the next epoch that waits for the lock's Message2.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Proving<S: Suite = RustCrypto> {
    connecting: Connecting<S>,
    side: Side,
    epoch: KeyEpoch,
}

/// What a handshake under the next epoch has shown.
#[derive(Debug, PartialEq, Eq)]
pub enum Proof {
    /// The lock holds the next keys, beside those in force.
    Proven(Proven),
    /// The lock is in the next epoch.
    Committed(Committed),
}

impl<S: Suite> Proving<S> {
    /// Opens the lock's Message2 in place, as [`Connecting::finish`].
    ///
    /// # Errors
    /// [`SessionError`]: nothing is proven. Where the lock stays silent it may hold another preparation: ask it under the epoch in force.
    pub fn finish(
        self,
        packet: &mut [u8],
        delivery: Delivery,
        now: Monotonic,
    ) -> Result<(Authenticated<Answer>, FreshMarks, Session<S>, Proof), SessionError> {
        let Self { connecting, side, epoch } = self;
        let (answer, marks, session) = connecting.finish(packet, delivery, now)?;
        let proof = match side {
            Side::Before => Proof::Proven(Proven { epoch }),
            Side::After => Proof::Committed(Committed { epoch }),
        };
        Ok((answer, marks, session, proof))
    }
}

/// The lock holds the next keys. Keep it beside the session that proved it.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Clone, Hash))]
#[must_use = "the lock stays in two epochs until it is told to commit"]
pub struct Proven {
    epoch: KeyEpoch,
}

impl Proven {
    /// What to ask, in a record of that session.
    #[must_use]
    pub const fn action(&self) -> Action {
        Action::CommitRotation { epoch: self.epoch.number() }
    }

    /// Takes the outcome of that command.
    ///
    /// # Errors
    /// Itself, where the lock does not say that it is done: connect again to find out.
    pub fn answered(self, outcome: &Authenticated<Outcome>) -> Result<Committed, Self> {
        if *outcome.get() == Outcome::Done { Ok(Committed { epoch: self.epoch }) } else { Err(self) }
    }
}

/// The lock is in the next epoch, and takes nothing of the one before.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "put the next epoch in force in storage"]
pub struct Committed {
    epoch: KeyEpoch,
}

impl Committed {
    /// The epoch in force from now on.
    #[must_use]
    pub const fn epoch(&self) -> KeyEpoch {
        self.epoch
    }

    /// The same by a sealed message of the lock, which a lock seals under the epoch in force alone: one that opens under the next one's
    /// keys comes from behind the commit.
    pub fn by_sealed<T>(next: KeyEpoch, _message: &Authenticated<T>) -> Self {
        Self { epoch: next }
    }
}
