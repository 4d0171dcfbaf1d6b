//! Changes of owner: a lock is claimed with the code on its label, released, or given up (section 3.2).
//!
//! ```text
//! begin_claim   Hello    -> Message1          nothing is stored but the number of the attempt
//! finish_claim  Message2 -> the record        the root is durable, the lock is Claiming
//! end_claim     answer   -> told              where it is lost, nothing is: begin_live tells
//! begin_live, finish_live                     the lock has the root: it is Owned
//! ```

mod promise;

use lock_core::claimer::{ClaimSession, Claimer, Claiming, Unowned, greets_unowned};
use lock_core::cloud::{Numbers, SessionError};
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::crypto::{Delivery, Key, LockId, RootKey, RustCrypto};
use lock_core::label::ClaimCode;
use lock_core::proto::{Hello, MAX_PACKET, Outcome, Packet, Profile};
use zeroize::{Zeroize, Zeroizing};

pub use promise::{Account, ClaimProof, Discarded};
use promise::{Begun, claimant};

use super::change::Change;
use super::maker_secret::MakerSecretStanding;
use super::outcome::told;
use super::queue::Wish;
use super::registry::is_good_name;
use super::{Command, Fleet, FleetError, QueueOptions, Task, random};
use crate::audit::AuditEntry;
use crate::clock::Moment;
use crate::custody::{CustodyError, Purpose};
use crate::store::{
    Claimant, ClaimedLock, CommandKind, IssuedCodes, LockRow, LockState, NewLock, Path, Standing, Store,
    StoreError,
};

/// A lock that is to be this cloud's.
#[derive(Debug)]
pub struct ClaimWish {
    /// Its number, from the label.
    pub lock: LockId,
    /// The code on the label.
    pub code: ClaimCode,
    /// What people will call it.
    pub name: String,
    /// The profile that it speaks from then on.
    pub profile: Profile,
    /// Who asks.
    pub by: String,
    /// The same, as the caller tells its users apart.
    pub account: Account,
    /// What the claim takes besides the label.
    pub proof: ClaimProof,
}

/// A claim that waits for the lock's Message2.
#[derive(Debug)]
pub struct ClaimAttempt {
    wish: ClaimWish,
    claimant: Claimant,
    packet: Vec<u8>,
    number: u64,
    wrapped_handle: Vec<u8>,
    claiming: Claiming,
}

impl ClaimAttempt {
    /// Message1, to be sent once: at most 128 bytes.
    #[must_use]
    pub fn packet(&self) -> &[u8] {
        &self.packet
    }

    /// The number of the attempt, which is used once: a later attempt has a higher one.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }
}

/// A claim whose root is on its way to the lock.
#[derive(Debug)]
pub struct ClaimHandOver {
    lock: LockId,
    packet: Vec<u8>,
    session: ClaimSession,
    by: String,
}

impl ClaimHandOver {
    /// The record with the root, to be sent once.
    #[must_use]
    pub fn packet(&self) -> &[u8] {
        &self.packet
    }
}

impl<S: Store> Fleet<S> {
    /// Keeps what the maker registered for the label of a lock. The caller erases its copy. A claim that began without it, and that no session
    /// has proven, ends: it was not with this lock. Returns whether there was one.
    ///
    /// # Errors
    /// [`FleetError::Store`], [`FleetError::Custody`].
    pub fn set_maker_secret(
        &mut self,
        lock: LockId,
        secret: &[u8; 32],
        now: Moment,
    ) -> Result<Discarded, FleetError> {
        match self.compare_maker_secret(lock, secret)? {
            MakerSecretStanding::Kept => return Ok(Discarded::Nothing),
            MakerSecretStanding::New | MakerSecretStanding::Other => {}
        }
        let discarded = self.discard_claim(lock, "operator", "import a maker's secret", now)?;
        let wrapped = self.vault.wrap(Purpose::MakerSecret(lock), secret)?;
        self.store.put_maker_secret(lock, &wrapped)?;
        Ok(discarded)
    }

    fn maker_secret(&mut self, lock: LockId) -> Result<Option<Key>, FleetError> {
        let Some(wrapped) = self.store.maker_secret(lock)? else { return Ok(None) };
        let secret = self.vault.unwrap(Purpose::MakerSecret(lock), &wrapped)?;
        let secret: Zeroizing<[u8; 32]> =
            Zeroizing::new(secret.as_slice().try_into().map_err(|_| CustodyError::Altered)?);
        Ok(Some(Key::from_bytes(*secret)))
    }

    fn claimer(&mut self, lock: LockId, code: &ClaimCode) -> Result<Claimer, FleetError> {
        Ok(Claimer::of(code, self.maker_secret(lock)?.as_ref(), lock))
    }

    /// Whether this lock made the Hello while it had no owner, as far as a code from its label tells. It says nothing of when that was.
    ///
    /// # Errors
    /// [`FleetError::Store`], [`FleetError::Custody`].
    pub fn greets_unowned(
        &mut self,
        lock: LockId,
        code: &ClaimCode,
        hello_packet: &[u8],
    ) -> Result<bool, FleetError> {
        let claimer = self.claimer(lock, code)?;
        Ok(matches!(Packet::parse(hello_packet), Ok(Packet::Hello(hello)) if claimer.recognises(&hello)))
    }

    /// Why a Hello is not that of this lock with the owner that it had here.
    pub(super) fn stranger(&mut self, row: &LockRow, hello: &Hello) -> Result<FleetError, FleetError> {
        if row.state.standing.has_ended() {
            return Ok(FleetError::OwnershipEnded);
        }
        let Some(wrapped) = self.store.unowned_handle(row.lock_id)? else {
            return Ok(SessionError::AnotherLock.into());
        };
        let handle = self.vault.unwrap(Purpose::UnownedHandle(row.lock_id), &wrapped)?;
        let handle: Zeroizing<[u8; 32]> =
            Zeroizing::new(handle.as_slice().try_into().map_err(|_| CustodyError::Altered)?);
        let has_none = greets_unowned::<RustCrypto>(&Key::from_bytes(*handle), hello);
        Ok(if has_none { FleetError::GreetsUnowned } else { SessionError::AnotherLock.into() })
    }

    /// Answers the Hello of a lock without an owner, whose inside button was pressed less than two minutes ago.
    ///
    /// # Errors
    /// [`StoreError::LockExists`] for a lock of this cloud: release it, or give it up, first. [`FleetError::Session`] for a Hello that is
    /// not of this lock, or of this lock with an owner. [`FleetError::BadName`], [`FleetError::NoMakerSecret`], [`FleetError::TooManyClaims`].
    pub fn begin_claim(&mut self, wish: ClaimWish, hello_packet: &[u8]) -> Result<ClaimAttempt, FleetError> {
        if !is_good_name(&wish.name) {
            return Err(FleetError::BadName);
        }
        if wish.proof == ClaimProof::MakerSecret && self.store.maker_secret(wish.lock)?.is_none() {
            return Err(FleetError::NoMakerSecret);
        }
        let known = self.store.lock(wish.lock)?;
        if known.is_some_and(|row| row.state.standing == Standing::Owned) {
            return Err(StoreError::LockExists(wish.lock).into());
        }
        self.check_room(wish.lock, wish.account)?;
        let claimer = self.claimer(wish.lock, &wish.code)?;
        let claimant = claimant(wish.account, &claimer);
        let purpose = Purpose::UnownedHandle(wish.lock);
        let wrapped_handle = self.vault.wrap(purpose, claimer.unowned_handle().expose())?;
        let number = self.store.take_claim()?;
        let mut hedge = InitiatorHedge { attempt: number, entropy: random()? };
        let mut packet = [0; MAX_PACKET];
        let started = claimer.start(hello_packet, &hedge, &mut packet);
        // An ephemeral secret was drawn from it (section 3.4).
        hedge.entropy.zeroize();
        let (length, claiming) = started?;
        Ok(ClaimAttempt {
            wish,
            claimant,
            packet: packet[..length].to_vec(),
            number,
            wrapped_handle,
            claiming,
        })
    }

    /// Takes the lock's Message2. The root that the record carries is durable before this returns. It is the same in each attempt of one
    /// account with one label until one is proven, and nobody else's.
    ///
    /// # Errors
    /// [`FleetError::Session`], [`FleetError::ClaimOvertaken`], [`FleetError::TooManyClaims`], [`FleetError::Store`]: nothing must be sent.
    pub fn finish_claim(
        &mut self,
        attempt: ClaimAttempt,
        packet: &[u8],
        now: Moment,
    ) -> Result<ClaimHandOver, FleetError> {
        let ClaimAttempt { wish, claimant, claiming, wrapped_handle, number, .. } = attempt;
        let mut packet = packet.to_vec();
        let (unowned, mut session) = claiming.finish(&mut packet, Delivery::Ordered, now.monotonic)?;
        let begun = Begun { wish: &wish, claimant, number, wrapped_handle };
        let (root, profile) = self.root_for(begun, &unowned, now)?;
        let mut record = [0; MAX_PACKET];
        let length = session.hand_over(&root, profile, now.monotonic, &mut record)?;
        Ok(ClaimHandOver { lock: wish.lock, packet: record[..length].to_vec(), session, by: wish.by })
    }

    /// Takes the lock's answer to the record. `Done` is the lock's word; the proof is a session.
    ///
    /// # Errors
    /// [`FleetError::Session`]: it is unknown whether the lock has the root; a session tells.
    pub fn end_claim(
        &mut self,
        claim: ClaimHandOver,
        packet: &[u8],
        now: Moment,
    ) -> Result<Outcome, FleetError> {
        let ClaimHandOver { lock, mut session, by, .. } = claim;
        let outcome = session.open(&mut packet.to_vec(), now.monotonic)?;
        self.record(lock, &by, "claim", &told(outcome), now)?;
        Ok(outcome)
    }

    /// The root that this claimer was promised, or a new one, which takes the place of all that was not proven.
    fn root_for(
        &mut self,
        begun: Begun<'_>,
        unowned: &Unowned,
        now: Moment,
    ) -> Result<(RootKey, Profile), FleetError> {
        let (lock, key_epoch) = (begun.wish.lock, unowned.key_epoch);
        if let Some(promised) = self.promised_root(&begun, key_epoch)? {
            return Ok(promised);
        }
        let Begun { wish, claimant, number: attempt, wrapped_handle } = begun;
        self.check_room(lock, wish.account)?;
        let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(random()?);
        let root = RootKey::from_bytes::<RustCrypto>(*bytes, lock)?;
        let mut numbers = Numbers::FIRST;
        let marks = unowned.marks.marks();
        let _ = numbers.catch_up(unowned.marks);
        let state = LockState {
            standing: Standing::Claiming,
            configuration: unowned.configuration,
            ticket_epoch: unowned.revocation_epoch,
            issued_codes: IssuedCodes::none_of(unowned.code_epoch),
            marks,
            down_seen: marks.down,
            proven: numbers.next_command,
            ..LockState::new(self.store.incarnation())
        };
        let wrapped_root = self.vault.wrap(Purpose::Root(lock, key_epoch), root.expose())?;
        let profile = wish.profile;
        let new = NewLock { lock_id: lock, name: wish.name.clone(), key_epoch, profile, wrapped_root, state };
        let audit = AuditEntry {
            at: now.unix,
            lock,
            who: wish.by.clone(),
            what: "claim".into(),
            result: format!("a root for key epoch {} is kept, as {}", key_epoch.number(), wish.name),
        };
        let log = self.log_of_claim(lock, key_epoch, now.unix)?;
        let claimed = ClaimedLock { lock: new, numbers, claimant, attempt, wrapped_handle, log };
        self.store.claim_lock(&claimed, &audit)?;
        Ok((root, profile))
    }

    /// Ends the ownership by a sealed command, which counts for a minute: whoever brings it to the lock leaves it without an owner.
    ///
    /// # Errors
    /// As of [`Fleet::queue`].
    pub fn release(
        &mut self,
        lock: LockId,
        options: QueueOptions,
        now: Moment,
    ) -> Result<Command, FleetError> {
        let key_epoch = self.row(lock)?.key_epoch.number();
        let QueueOptions { client_token, by, not_after } = options;
        let task = Task::EndOwnership { key_epoch };
        let wish = Wish { task, token: client_token, by, path: Path::Queued, not_after };
        let id = self.change(lock, now, |change| change.queue(&wish))?;
        self.command(lock, id)
    }

    /// Gives a lock up whose keys fit no more: from then on it may be claimed here again. A claim that no session has proven ends with its root:
    /// a lock that took it needs a reset at the door. One that nobody was ever proven to own is forgotten, but for its audit.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn give_up(&mut self, lock: LockId, by: &str, now: Moment) -> Result<(), FleetError> {
        self.row(lock)?;
        match self.discard_claim(lock, by, "give the lock up", now)? {
            Discarded::Claim => Ok(()),
            Discarded::Nothing => self.change(lock, now, |change| {
                change.row.state.standing = Standing::Lost;
                change.note(by, "give the lock up", "it may be claimed again");
                Ok(())
            }),
        }
    }

    fn root(&self, row: &LockRow) -> Result<RootKey, FleetError> {
        let secret = self.vault.unwrap(Purpose::Root(row.lock_id, row.key_epoch), &row.wrapped_root)?;
        let bytes: Zeroizing<[u8; 32]> =
            Zeroizing::new(secret.as_slice().try_into().map_err(|_| CustodyError::Altered)?);
        Ok(RootKey::from_bytes::<RustCrypto>(*bytes, row.lock_id)?)
    }
}

impl LockRow {
    /// Keys, codes and messages are made for a lock of this cloud alone.
    pub(super) const fn check_owned(&self) -> Result<(), FleetError> {
        if self.state.standing.has_ended() { Err(FleetError::OwnershipEnded) } else { Ok(()) }
    }
}

impl<S: Store> Change<'_, S> {
    /// The lock has opened a session under the root that is kept here.
    pub(super) fn prove_ownership(&mut self) {
        if self.row.state.standing != Standing::Owned {
            self.row.state.standing = Standing::Owned;
            self.note("fleet", "claim", "proven by a session under the new root");
        }
    }

    /// The lock has done a command: an end of the ownership is one of these.
    pub(super) fn note_release(&mut self, kind: CommandKind, outcome: Outcome) {
        if let (CommandKind::EndOwnership { .. }, Outcome::Done) = (kind, outcome) {
            self.row.state.standing = Standing::Released;
        }
    }
}
