//! The rotation of the lock's keys (section 3.7): prepare, prove by a handshake under the new epoch, commit.
//!
//! What is prepared is a record of its own, and nothing depends on it but that handshake. The commit is one record: the keys. Storage
//! holds the old keys or the new ones, never a part of each; a preparation that the keys have overtaken is erased at the next boot.

use core::ops::Range;

use lock_crypto::rotation::{next_root, share_digest};
use lock_crypto::{Key, KeyEpoch, KeySelector, Label, LeafKeys, RootKey, Suite, hedge};
use lock_proto::{
    Action, Cause, CloudShare, CommandId, LockShare, Outcome, PreparedRotation, Reason, Reply, Uptime,
};
use lock_state::Tables;
use zeroize::Zeroizing;

use super::command::Via;
use super::links::{Epoch, Peer};
use super::steps::Step;
use super::storage::{Identity, array, put};
use super::{Device, LinkId, RecordTag};

/// A key epoch to come: what its root follows from.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Preparation {
    epoch: KeyEpoch,
    cloud: CloudShare,
    own: Key,
}

/// How far a rotation is.
#[derive(Debug, Default)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Rotation {
    /// What is durable.
    prepared: Option<Preparation>,
    /// What waits for its record.
    staged: Option<Preparation>,
    /// A record of the keys failed and may be there all the same: storage may be an epoch ahead, or hold another key for PIN hashes.
    are_keys_in_doubt: bool,
}

mod field {
    //! `format[1] ‖ key_epoch[4] ‖ share of the cloud[32] ‖ share of the lock[32]`; of nothing prepared, the format alone.
    use super::Range;
    pub(super) const EPOCH: Range<usize> = 1..5;
    pub(super) const CLOUD: Range<usize> = 5..37;
    pub(super) const OWN: Range<usize> = 37..69;
}

/// The length of the record, in bytes.
pub(super) const ROTATION: usize = field::OWN.end;
const FORMAT: u8 = 1;

impl Preparation {
    fn root<S: Suite>(&self, identity: &Identity) -> RootKey {
        let rotate = identity.leaves.leaf(Label::Rotate);
        next_root::<S>(rotate, self.cloud.expose(), self.own.expose(), identity.lock_id, self.epoch)
    }

    fn leaves<S: Suite>(&self, identity: &Identity) -> LeafKeys {
        LeafKeys::expand::<S>(&self.root::<S>(identity), identity.lock_id, self.epoch)
    }

    fn decode(record: &[u8]) -> Option<Self> {
        if record.len() != ROTATION || record.first() != Some(&FORMAT) {
            return None;
        }
        Some(Self {
            epoch: KeyEpoch::new(u32::from_be_bytes(array(record, field::EPOCH)?))?,
            cloud: CloudShare::new(*Zeroizing::new(array(record, field::CLOUD)?)),
            own: Key::from_bytes(*Zeroizing::new(array(record, field::OWN)?)),
        })
    }
}

impl Rotation {
    /// Goes on from what storage holds. A record of another form, or of an epoch that is not the next, prepares nothing: the cloud
    /// keeps the keys in force until a commit is proven, and asks again.
    pub(super) fn at_boot(record: Option<&[u8]>, in_force: KeyEpoch) -> Self {
        let prepared =
            record.and_then(Preparation::decode).filter(|prepared| Some(prepared.epoch) == in_force.next());
        Self { prepared, ..Self::default() }
    }

    /// Whether storage holds shares that lead nowhere any more.
    pub(super) fn is_overtaken(&self, record: Option<&[u8]>) -> bool {
        self.prepared.is_none() && record.is_some_and(|record| record.len() > 1)
    }

    /// The record of what is prepared, or is about to be.
    pub(super) fn encode(&self, out: &mut [u8]) -> Option<usize> {
        put(out, 0..1, &[FORMAT]);
        let Some(prepared) = self.staged.as_ref().or(self.prepared.as_ref()) else { return Some(1) };
        let record = out.get_mut(..ROTATION)?;
        put(record, field::EPOCH, &prepared.epoch.to_bytes());
        put(record, field::CLOUD, prepared.cloud.expose());
        put(record, field::OWN, prepared.own.expose());
        Some(ROTATION)
    }

    /// What was staged is not durable.
    pub(super) fn discard(&mut self) {
        self.staged = None;
    }

    /// Whether something waits for its record.
    pub(super) const fn is_staged(&self) -> bool {
        self.staged.is_some()
    }

    /// A record of the keys is durable, or is not known to be.
    pub(super) const fn keys_written(&mut self, is_certain: Certainty) {
        self.are_keys_in_doubt = matches!(is_certain, Certainty::Doubtful);
    }

    /// What the cloud is told.
    pub(super) fn reply<S: Suite>(&self, in_force: KeyEpoch) -> Reply {
        let prepared = self.prepared.as_ref().map(|prepared| PreparedRotation {
            epoch: prepared.epoch.number(),
            digest: share_digest::<S>(prepared.cloud.expose()),
            share: LockShare(*prepared.own.expose()),
        });
        Reply::Rotation { epoch: in_force.number(), prepared }
    }
}

/// Whether a record is known to be what storage holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    Durable,
    Doubtful,
}

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// Plans a rotation's action. It belongs into a record of a session: what it says must stay secret from whoever learns the old
    /// keys later, and the session proves which keys the cloud holds.
    pub(super) fn plan_rotation(&mut self, id: CommandId, via: Via, action: &Action) -> Result<Step, Reason> {
        let Via::Session(link) = via else { return Err(Reason::SessionNeeded) };
        let under = self.links.of(link).map(|state| state.epoch).ok_or(Reason::SessionNeeded)?;
        if self.steps.any(|step| matches!(step, Step::Prepared(_) | Step::Rotated(..))) {
            return Err(Reason::StorageBusy);
        }
        if let Action::PrepareRotation { epoch, share } = action {
            self.plan_preparation(id, under, *epoch, share)
        } else if let Action::CommitRotation { epoch } = action {
            self.plan_commit(id, link, under, *epoch)
        } else {
            Err(Reason::Unsupported)
        }
    }

    fn plan_preparation(
        &mut self,
        id: CommandId,
        under: Epoch,
        epoch: u32,
        share: &CloudShare,
    ) -> Result<Step, Reason> {
        if under != Epoch::InForce {
            return Err(Reason::SessionNeeded);
        }
        let next = self.identity.key_epoch.next().filter(|next| next.number() == epoch);
        let next = next.ok_or(Reason::InvalidArgument)?;
        self.keys_are_certain()?;
        let is_known = self.rotation.prepared.as_ref().is_some_and(|prepared| prepared.cloud == *share);
        if !is_known {
            let draw = self.nonces.draw_secret::<S>();
            let own = hedge::rotation_share::<S>(self.identity.leaves.leaf(Label::Hedge), &draw);
            self.rotation.staged = Some(Preparation { epoch: next, cloud: share.clone(), own });
        }
        Ok(Step::Prepared(id.into()))
    }

    /// Refuses what builds on the keys while storage may hold others. The record that ends the doubt is tried again.
    pub(super) fn keys_are_certain(&mut self) -> Result<(), Reason> {
        if !self.rotation.are_keys_in_doubt {
            return Ok(());
        }
        self.steps.push_once(Step::Persist(RecordTag::Keys));
        Err(Reason::StorageFault)
    }

    fn plan_commit(&self, id: CommandId, link: LinkId, under: Epoch, epoch: u32) -> Result<Step, Reason> {
        let prepared = self.rotation.prepared.as_ref().ok_or(Reason::InvalidArgument)?;
        if prepared.epoch.number() != epoch {
            return Err(Reason::InvalidArgument);
        }
        if under != Epoch::Prepared {
            return Err(Reason::SessionNeeded);
        }
        Ok(Step::Rotated(id.into(), link))
    }

    /// Prepares a greeting for the session key of the prepared epoch.
    #[inline(never)]
    pub(super) fn prepare_under_prepared(&mut self, link: LinkId, version: u8) -> Option<()> {
        let preparation = self.rotation.prepared.as_ref()?;
        let (epoch, leaves) = (preparation.epoch, preparation.leaves::<S>(&self.identity));
        self.prepare(link, leaves.leaf(Label::Session), epoch, version, KeySelector::CloudPending)
    }

    /// What was staged is durable. Sessions under what it replaces end.
    #[inline(never)]
    pub(super) fn prepared(&mut self, id: CommandId) {
        if let Some(staged) = self.rotation.staged.take() {
            self.rotation.prepared = Some(staged);
            self.hang_up(|_, epoch| epoch == Epoch::Prepared);
        }
        self.finish(id, Outcome::Done);
        self.save();
    }

    /// The record of the keys that puts the prepared epoch in force.
    pub(super) fn encode_rotated(&self, out: &mut [u8]) -> Option<usize> {
        let prepared = self.rotation.prepared.as_ref()?;
        self.identity.encode_with(prepared.epoch, &prepared.leaves::<S>(&self.identity), out)
    }

    /// Whether a commit is on its way to storage. Nobody opens a session then: its keys would be about to go.
    pub(super) fn is_committing(&self) -> bool {
        self.steps.any(|step| matches!(step, Step::Rotated(..)))
    }

    /// The keys are durable: the old ones are gone, and so is every link but the one that proved the new ones, if whoever proved them is
    /// still there.
    #[inline(never)]
    pub(super) fn rotated(&mut self, id: CommandId, link: LinkId, now: Uptime) {
        if let Some(prepared) = self.rotation.prepared.take() {
            let leaves = prepared.leaves::<S>(&self.identity);
            (self.identity.leaves, self.identity.key_epoch) = (leaves, prepared.epoch);
            self.turn_log(Cause::RemoteLive, Some(id), now);
        }
        let is_proven = self
            .links
            .of(link)
            .is_some_and(|state| state.epoch == Epoch::Prepared && matches!(state.peer, Peer::Live { .. }));
        self.hang_up(|other, _| other != link || !is_proven);
        if let Some(state) = self.links.of(link) {
            (state.epoch, state.greeting) = (Epoch::InForce, None);
        }
        self.finish(id, Outcome::Done);
        self.save();
        self.steps.push(Step::Persist(RecordTag::Rotation));
    }

    /// Closes the links that are to go.
    fn hang_up(&mut self, goes: impl Fn(LinkId, Epoch) -> bool) {
        for link in (0..=u8::MAX).take(LINKS).map(LinkId) {
            if self.links.of(link).is_some_and(|state| goes(link, state.epoch)) {
                self.link_down(link);
                self.steps.push(Step::Close(link));
            }
        }
    }
}
