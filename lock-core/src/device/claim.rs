//! A lock without an owner: how it greets, how it is claimed, and how it comes to be without one (section 3.2).
//!
//! ```text
//!   made unowned, or ownership ended            claimed
//!   Keys: lock_id, epoch of the claim, K_pin    Keys: lock_id, epoch, leaves of the claimer's root, K_pin
//!        |  press of the inside button               ^
//!        |  Message1 (claim key) -> Message2         |  one record, durable before the answer
//!        +--- record: NewOwner ----------------------+
//! ```
//!
//! The record of the keys decides alone whose the lock is, so that a cut leaves no third state.

use lock_crypto::{
    Authenticated, Channel, ClaimKey, Key, KeyEpoch, KeySelector, Label, LeafKeys, LockId, RootKey, Suite,
};
use lock_proto::{
    DecodeError, Down, Live, NewOwner, Opening, Outcome, Profile, Reason, Reply, Request, Uptime,
};
use lock_state::{Tables, Tenure, Wiping};

use super::command::Via;
use super::links::Peer;
use super::rotation::Rotation;
use super::steps::{Answering, Step};
use super::storage::{self, Identity, Standing};
use super::{BootError, Device, LinkId, RecordTag, unowned};
use crate::handshake::Spoken;

/// How long after a press of the inside button a claim may begin, in milliseconds.
const WINDOW_MILLIS: u64 = 120_000;

/// In the prologue of a claim: the claimer does not know the lock's epoch yet.
pub(crate) const CLAIM_EPOCH: KeyEpoch = KeyEpoch::FIRST;

/// What a lock needs to change its owner.
#[derive(Debug, Default)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Claims {
    /// `None` in a lock that keeps the owner it was made for.
    key: Option<ClaimKey>,
    /// When the inside button was last pressed, until a claim began.
    pressed: Option<Uptime>,
    /// The new owner, whose keys are on their way to storage.
    incoming: Option<Incoming>,
}

/// What the keys of a new owner follow from, in the lock's next epoch: a tenth of them.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Incoming {
    profile: Spoken,
    root: RootKey,
    k_pin: Key,
}

impl Incoming {
    /// The lock as the new owner's.
    #[inline(never)]
    fn identity<S: Suite>(&self, before: &Identity) -> Identity {
        let Identity { lock_id, key_epoch, .. } = before;
        Identity {
            standing: Standing::Owned,
            profile: self.profile,
            lock_id: *lock_id,
            key_epoch: *key_epoch,
            leaves: LeafKeys::expand::<S>(&self.root, *lock_id, *key_epoch),
            k_pin: Key::from_bytes(*self.k_pin.expose()),
        }
    }

    /// The record of its keys.
    #[inline(never)]
    pub(super) fn record<S: Suite>(&self, before: &Identity, buffer: &mut [u8]) -> Option<usize> {
        self.identity::<S>(before).encode(None, buffer)
    }
}

/// The claim key that storage holds. A build that could not be claimed has no use for it.
pub(super) fn key_at_boot(record: Option<&[u8]>) -> Result<Option<ClaimKey>, BootError> {
    let key = match record {
        Some(record) => Some(unowned::decode_claim(record).ok_or(BootError::Damaged(RecordTag::Claim))?),
        None => None,
    };
    Ok(key.filter(|_| Spoken::of(Profile::X).is_some()))
}

/// Reads the keys of the lock where they stay; those of one without an owner follow from the claim key.
#[inline(never)]
pub(super) fn load_identity<S: Suite>(
    identity: &mut Identity,
    key: Option<&ClaimKey>,
    keys: &[u8],
) -> Result<(), BootError> {
    if !unowned::is_unowned(keys) {
        return identity.load(keys);
    }
    let (profile, key) = needed(key)?;
    unowned::load::<S>(identity, profile, key, keys).ok_or(BootError::Damaged(RecordTag::Keys))
}

/// Whether what began to be wiped can be finished.
pub(super) fn can_finish(key: Option<&ClaimKey>, wiping: Wiping) -> Result<(), BootError> {
    match wiping {
        Wiping::Nothing | Wiping::Reset => Ok(()),
        Wiping::EndOfOwnership => needed(key).map(|_| ()),
    }
}

fn needed(key: Option<&ClaimKey>) -> Result<(Spoken, &ClaimKey), BootError> {
    let profile = Spoken::of(Profile::X).ok_or(BootError::ProfileNotInBuild)?;
    Ok((profile, key.ok_or(BootError::Missing(RecordTag::Claim))?))
}

impl Claims {
    pub(super) const fn new(key: Option<ClaimKey>) -> Self {
        Self { key, pressed: None, incoming: None }
    }

    pub(super) const fn key(&self) -> Option<&ClaimKey> {
        self.key.as_ref()
    }

    pub(super) const fn incoming(&self) -> Option<&Incoming> {
        self.incoming.as_ref()
    }

    /// Whether a claim may begin now: once a press.
    fn use_window(&mut self, now: Uptime) -> bool {
        self.pressed.take().is_some_and(|pressed| now.millis_since(pressed) < WINDOW_MILLIS)
    }

    /// Whose a lock with this identity is.
    pub(super) fn tenure(&self, identity: &Identity) -> Tenure {
        match (identity.standing, &self.key) {
            (Standing::Unowned, _) => Tenure::Unowned,
            (Standing::Owned, Some(_)) => Tenure::Owned,
            (Standing::Owned, None) => Tenure::Fixed,
        }
    }
}

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// The key, selector and epoch that a Message1 will most likely use.
    pub(super) fn expected_handshake(&self) -> (&Key, KeySelector<'static>, KeyEpoch) {
        match (self.identity.standing, self.claims.key()) {
            (Standing::Unowned, Some(key)) => (key.psk(), KeySelector::Claim, CLAIM_EPOCH),
            (Standing::Unowned, None) | (Standing::Owned, _) => (
                self.identity.leaves.leaf(Label::Session),
                KeySelector::CloudCurrent,
                self.identity.key_epoch,
            ),
        }
    }

    /// The inside button was pressed: a claim may begin from now on, where there is anything to claim.
    pub(super) fn open_claim_window(&mut self, now: Uptime) {
        if self.identity.standing == Standing::Unowned && !self.lock.is_resetting() {
            self.claims.pressed = Some(now);
        }
    }

    /// Whether whoever has proven itself may go on: a claimer once a press, and then nobody else who claimed before. Whether the button was
    /// pressed is looked at only then, so that all that fails takes the same path.
    pub(super) fn admits_peer(&mut self, link: LinkId, peer: Channel, now: Uptime) -> bool {
        if peer != Channel::LiveClaim {
            return true;
        }
        let may_claim = self.claims.use_window(now) && self.claims.incoming.is_none();
        if may_claim {
            self.links.forget_peers(Some(link));
        }
        may_claim
    }

    /// Answers the first message of a claimer, which asks for nothing.
    pub(super) fn claim_opening(&mut self, via: Via, message: &Authenticated<Down<Opening>>) {
        let answering = match message.get().request {
            Request::Nothing => Answering::Unowned,
            Request::Command { .. } | Request::Query(_) => Answering::NotUnderstood,
        };
        self.answer(via, answering);
    }

    /// Takes the record of a claimer: the keys of its root are stored, and then the lock is the claimer's. Before them comes the memory,
    /// which may still say that an ownership ends: the next boot would end that of the claimer; and that nothing of the log so far is told.
    #[inline(never)]
    pub(super) fn claim_record(
        &mut self,
        link: LinkId,
        message: Result<Authenticated<NewOwner>, DecodeError>,
        now: Uptime,
    ) {
        let via = Via::Session(link);
        let Ok(message) = message else { return self.answer(via, Answering::NotUnderstood) };
        match self.new_owner(message.into_inner(), now) {
            Ok(incoming) => {
                self.claims.incoming = Some(incoming);
                self.save_first();
                self.steps.push(Step::Persist(RecordTag::Ownership));
                self.steps.push(Step::Persist(RecordTag::Keys));
                self.steps.push(Step::Own(link));
            }
            Err(reason) => self.answer(via, Answering::Claimed(Outcome::Refused(reason))),
        }
    }

    #[inline(never)]
    fn new_owner(&mut self, owner: NewOwner, now: Uptime) -> Result<Incoming, Reason> {
        let NewOwner { header: Live { valid_until }, profile, root } = owner;
        super::live::in_time(valid_until, now)?;
        if self.lock.is_resetting() {
            return Err(Reason::Busy);
        }
        if self.identity.standing == Standing::Owned || self.claims.incoming.is_some() {
            return Err(Reason::StorageBusy);
        }
        let profile = Spoken::of(profile).ok_or(Reason::Unsupported)?;
        let lock_id = self.identity.lock_id;
        let root = RootKey::from_bytes::<S>(*root.expose(), lock_id).map_err(|_| Reason::InvalidArgument)?;
        let leaves = LeafKeys::expand::<S>(&root, lock_id, self.identity.key_epoch);
        let k_pin = storage::new_pin_key::<S>(&self.nonces.draw(), leaves.leaf(Label::Hedge), lock_id);
        Ok(Incoming { profile, root, k_pin })
    }

    /// The keys of the new owner are durable. The claimer is told in its session, which is over then; it speaks with the lock under
    /// its root next.
    #[inline(never)]
    pub(super) fn own(&mut self, link: LinkId, now: Uptime) {
        let Some(incoming) = self.claims.incoming.take() else { return };
        self.identity = incoming.identity::<S>(&self.identity);
        self.begin_log_tenure(now);
        self.keys_changed(Some(link));
        self.steps.push(Step::Reply(link, Answering::Claimed(Outcome::Done)));
    }

    /// The keys of the new owner are not durable: the lock stays without one. Their record may be there all the same: one with what is
    /// in force has the last word, if it can be written.
    pub(super) fn disown(&mut self, link: LinkId, reason: Reason, failed: RecordTag) {
        self.claims.incoming = None;
        self.steps.push(Step::Reply(link, Answering::Claimed(Outcome::Refused(reason))));
        if failed == RecordTag::Keys {
            self.steps.push_first(Step::Persist(RecordTag::Keys));
        }
    }

    /// Prepares the end of the ownership that a command asks for.
    pub(super) fn plan_end_of_ownership(&mut self, key_epoch: u32) -> Result<(), Reason> {
        if key_epoch != self.identity.key_epoch.number() {
            return Err(Reason::InvalidArgument);
        }
        self.lock.end_ownership()
    }

    /// What a memory record says is being wiped. The end of an ownership that still waits is in the record of its own command alone:
    /// where that fails, it is refused, and no other has said it.
    pub(super) fn wiping_to_store(&self) -> Wiping {
        let ends = |step: &Step| matches!(step, Step::EndOwnership(_));
        let is_of_another = self.steps.any(ends) && !self.steps.any_of_this_input(ends);
        if is_of_another { Wiping::Nothing } else { self.lock.wiping() }
    }

    /// The end of the ownership is stored and will come, whatever happens. It is answered first: afterwards nobody is there to tell, and what
    /// is wiped waits until all answers have left.
    #[inline(never)]
    pub(super) fn ownership_ends(&mut self, now: Uptime) {
        let effects = self.lock.halt_to_wipe(now);
        self.follow(effects, now);
        self.owe_wipe();
    }

    /// Whether a claim waits for the record of the keys.
    pub(super) fn is_claimed(&self) -> bool {
        self.steps.any_of_this_input(|step| matches!(step, Step::Own(_)))
    }

    /// What a claimer has to know to go on from: the epoch that its claim begins, and where versions and epochs stand. An end of the ownership
    /// has set these to 0.
    pub(super) fn unowned_reply(&self) -> Reply {
        let configuration = self.lock.configuration();
        Reply::Unowned {
            key_epoch: self.identity.key_epoch.number(),
            revocation_epoch: self.tickets.epoch(),
            configuration: configuration.version(),
            code_epoch: configuration.settings().offline_codes.epoch,
        }
    }

    /// Erases the owner's keys, where that is what is being wiped: everything else is stored as wiped.
    #[inline(never)]
    pub(super) fn erase_keys(&mut self) {
        if self.lock.wiping() == Wiping::EndOfOwnership
            && self.identity.standing == Standing::Owned
            && let Some(key) = self.claims.key()
            && let Some(identity) = unowned::without_owner::<S>(&self.identity, key)
        {
            self.identity = identity;
            self.keys_changed(None);
        }
        self.steps.push(Step::Persist(RecordTag::Keys));
        // What the old owner has prepared leads nowhere any more.
        self.rotation = Rotation::default();
        self.steps.push(Step::Persist(RecordTag::Rotation));
        self.steps.push(Step::ResetFinished);
    }

    /// What lived under other keys is over, but for the link that asked for the change.
    fn keys_changed(&mut self, but: Option<LinkId>) {
        self.links.forget_greetings();
        self.links.forget_peers(but);
        self.steps.drop_said(but);
        self.claims.pressed = None;
        self.forget_untold_alarms();
        self.lock.set_tenure(self.claims.tenure(&self.identity));
    }

    /// After the answer to a claim the session is over: the next one is under the new root.
    pub(super) fn end_claim(&mut self, link: LinkId, now: Uptime) {
        if let Some(state) = self.links.of(link) {
            (state.peer, state.unproven_since) = (Peer::Unknown, now);
        }
    }
}

/// Why a lock cannot be made claimable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotClaimable {
    /// The claim is a handshake of profile X, and this build knows profile S alone.
    #[error(
        "a lock of this firmware cannot be claimed, because it was built without the feature x25519; provision it with an owner"
    )]
    ProfileNotInBuild,
}

/// The record, for [`RecordTag::Claim`], that lets a lock change its owner. Wiped by the caller after it is stored.
///
/// # Errors
/// [`NotClaimable`].
pub fn provision_claim(key: &ClaimKey) -> Result<[u8; unowned::CLAIM], NotClaimable> {
    Spoken::of(Profile::X).ok_or(NotClaimable::ProfileNotInBuild)?;
    Ok(unowned::encode_claim(key))
}

/// The record that makes a blank chip a lock without an owner, beside that of [`provision_claim`]. Wiped by the caller after it is
/// stored.
///
/// # Errors
/// [`NotClaimable`].
pub fn provision_unowned<S: Suite>(
    key: &ClaimKey,
    lock_id: LockId,
    entropy: &[u8; 32],
) -> Result<[u8; unowned::KEYS], NotClaimable> {
    let profile = Spoken::of(Profile::X).ok_or(NotClaimable::ProfileNotInBuild)?;
    Ok(unowned::new::<S>(profile, key, lock_id, entropy))
}
