//! The claimer's role: whoever makes a lock without an owner its own (section 3.2). A cloud plays it, with the code that a phone
//! scanned, and then the lock is this cloud's and nobody else's.
//!
//! ```text
//!   claimer (cloud)                          phone, relay                 lock without an owner
//!   Claimer::of(code, maker's secret, id)                                   inside button pressed
//!      recognises  <------------------------------------------------------  Hello
//!      start       --- Message1: nothing -------------------------------->
//!      finish      <-- Message2: marks, epochs ---------------------------
//!   make the root durable
//!      hand_over   --- record: profile, root ---------------------------->  stored, then in force
//!      open        <-- record: Claimed(Done) -----------------------------
//!   prove it: a session under the new root
//! ```
//!
//! The root is durable at the claimer *before* it leaves. Where the answer is lost, a session under the new root tells how it stands:
//! either the lock has the root, or it still greets without an owner and may be claimed again, with the same root.

use core::fmt;
use core::marker::PhantomData;

use lock_crypto::{
    ClaimKey, Delivery, InitiatorHedge, Key, KeyEpoch, KeySelector, LockId, Prologue, RootKey, RustCrypto,
    Suite,
};
use lock_proto::{
    Down, FreshRoot, Hello, NewOwner, Opening, Outcome, Packet, Profile, Reply, ReportBody, Request, Selector,
};

use crate::cloud::{Connecting, FreshMarks, Monotonic, Session, SessionError, spoken_with};
use crate::device::CLAIM_EPOCH;
use crate::label::ClaimCode;

/// Whoever knows what the label of a lock says, and what its maker registered for it.
pub struct Claimer<S: Suite = RustCrypto> {
    lock_id: LockId,
    key: ClaimKey,
    handle: Key,
    suite: PhantomData<S>,
}

impl<S: Suite> Claimer<S> {
    /// `maker_secret` is what the maker registered for this lock; `None` where it registered none, so that the code alone suffices.
    #[must_use]
    pub fn of(code: &ClaimCode, maker_secret: Option<&Key>, lock_id: LockId) -> Self {
        let maker_secret = maker_secret.map_or(&[0; 32], Key::expose);
        let key = ClaimKey::derive::<S>(code.expose(), maker_secret, lock_id);
        let handle = key.unowned_handle::<S>(lock_id);
        Self { lock_id, key, handle, suite: PhantomData }
    }

    /// The lock.
    #[must_use]
    pub const fn lock_id(&self) -> LockId {
        self.lock_id
    }

    /// The key, for the lock's storage at manufacture only.
    #[must_use]
    pub const fn key(&self) -> &ClaimKey {
        &self.key
    }

    /// By what the lock is recognised while it has no owner: all that [`greets_unowned`] takes.
    #[must_use]
    pub const fn unowned_handle(&self) -> &Key {
        &self.handle
    }

    /// Whether this lock made the Hello, and has no owner. It says nothing of who sent it now, nor of when it was made.
    #[must_use]
    pub fn recognises(&self, hello: &Hello) -> bool {
        greets_unowned::<S>(&self.handle, hello)
    }

    /// Answers the Hello of the lock with a Message1, written to `out` (128 bytes suffice). Returns the packet's length.
    /// `hedge.attempt` is reserved in storage for this handshake alone (section 3.4).
    ///
    /// # Errors
    /// [`SessionError`]: nothing must be sent. `AnotherLock` also for a lock that has an owner, and for a wrong label.
    pub fn start(
        &self,
        hello_packet: &[u8],
        hedge: &InitiatorHedge,
        out: &mut [u8],
    ) -> Result<(usize, Claiming<S>), SessionError> {
        let Ok(Packet::Hello(hello)) = Packet::parse(hello_packet) else {
            return Err(SessionError::UnexpectedPacket);
        };
        let hello_packet: &[u8; Hello::BYTES] =
            hello_packet.try_into().map_err(|_| SessionError::UnexpectedPacket)?;
        if !self.recognises(&hello) {
            return Err(SessionError::AnotherLock);
        }
        // A claim is profile X, whatever the lock speaks afterwards.
        let (version, profile) = spoken_with(&hello, Profile::X)?;
        let prologue = Prologue {
            lock_id: self.lock_id,
            key_epoch: CLAIM_EPOCH,
            hello: hello_packet,
            version,
            selector: KeySelector::Claim,
        };
        let opening = Down { header: Opening { time: None }, request: Request::Nothing };
        let key = (self.key.psk(), &prologue);
        let (length, connecting) =
            Connecting::start_with(profile, key, Selector::Claim, &opening, hedge, out)?;
        Ok((length, Claiming { connecting }))
    }
}

impl<S: Suite> fmt::Debug for Claimer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claimer").field("lock_id", &self.lock_id).finish_non_exhaustive()
    }
}

/// Whether a lock made the Hello while it had no owner, by its [`Claimer::unowned_handle`].
#[must_use]
pub fn greets_unowned<S: Suite>(unowned_handle: &Key, hello: &Hello) -> bool {
    lock_crypto::handle::<S>(unowned_handle, &hello.nonce) == hello.handle
}

/// A claim that waits for the lock's Message2.
#[derive(Debug)]
pub struct Claiming<S: Suite = RustCrypto> {
    connecting: Connecting<S>,
}

/// What a lock without an owner says of itself. No change of owner sets back the key epoch and the counters; the others begin anew at 0
/// with the end of an ownership (section 3.2).
#[derive(Debug)]
pub struct Unowned {
    /// The key epoch that the claim begins.
    pub key_epoch: KeyEpoch,
    /// Its counters: the new cloud starts above them.
    pub marks: FreshMarks,
    /// The revocation epoch of virtual keys in force.
    pub revocation_epoch: u32,
    /// The configuration version in force.
    pub configuration: u32,
    /// The epoch of offline codes in force.
    pub code_epoch: u32,
}

impl<S: Suite> Claiming<S> {
    /// Opens the lock's Message2 in place.
    ///
    /// # Errors
    /// [`SessionError`]: nothing is known of the lock; start again with a new press of its button.
    pub fn finish(
        self,
        packet: &mut [u8],
        delivery: Delivery,
        now: Monotonic,
    ) -> Result<(Unowned, ClaimSession<S>), SessionError> {
        let (answer, marks, session) = self.connecting.finish(packet, delivery, now)?;
        let Reply::Unowned { key_epoch, revocation_epoch, configuration, code_epoch } =
            answer.into_inner().reply
        else {
            return Err(SessionError::NotUnderstood);
        };
        let key_epoch = KeyEpoch::new(key_epoch).ok_or(SessionError::NotUnderstood)?;
        let unowned = Unowned { key_epoch, marks, revocation_epoch, configuration, code_epoch };
        Ok((unowned, ClaimSession { session }))
    }
}

/// The session of a claim: one record each way.
#[derive(Debug)]
pub struct ClaimSession<S: Suite = RustCrypto> {
    session: Session<S>,
}

impl<S: Suite> ClaimSession<S> {
    /// Seals the root of the new owner into `packet` (512 bytes suffice) and returns the packet's length. The root is durable here
    /// before it is called.
    ///
    /// # Errors
    /// [`SessionError::TooLong`], [`SessionError::Ended`].
    pub fn hand_over(
        &mut self,
        root: &RootKey,
        profile: Profile,
        now: Monotonic,
        packet: &mut [u8],
    ) -> Result<usize, SessionError> {
        let root = FreshRoot::from_bytes(*root.expose());
        self.session
            .seal(now, packet, |header, body| Ok(NewOwner { header, profile, root }.encode(body)?.len()))
    }

    /// Opens the lock's answer in place: `Done` where the lock is the claimer's from now on.
    ///
    /// # Errors
    /// [`SessionError`]: how it stands is unknown until a session under the new root is tried.
    pub fn open(&mut self, packet: &mut [u8], now: Monotonic) -> Result<Outcome, SessionError> {
        match self.session.open(packet, now)?.into_inner().body {
            ReportBody::Reply(Reply::Claimed(outcome)) => Ok(outcome),
            ReportBody::Reply(_) | ReportBody::Event(_) => Err(SessionError::NotUnderstood),
        }
    }
}
