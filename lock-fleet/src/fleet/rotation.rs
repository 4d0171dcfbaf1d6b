//! Rotation of a lock's keys (section 3.7), step by step in live sessions.
//!
//! What is stored decides what comes next: a rotation that is wanted, then the root of the next epoch, which no other replaces while the
//! lock may hold it, then that epoch in force. A restart of the service, a lost answer or a power cut at the lock only make a step come again.

use lock_core::cloud::{Committed, LockKeys, NextRoot, Offer, Proof, Proven, Rotating, RotationError, Side};
use lock_core::crypto::{Authenticated, KeyEpoch, LockId, RootKey, RustCrypto};
use lock_core::proto::{
    Action, CloudShare, CommandId, Event, Hello, Outcome, Query, Reply, Report, ReportBody, Request,
    UnixMillis,
};
use zeroize::Zeroizing;

use super::change::Change;
use super::{Fleet, FleetError, KeyInfo, KeyStanding, LiveSession, random};
use crate::clock::Moment;
use crate::custody::{CustodyError, Purpose, Vault};
use crate::store::{LockRow, NewKeys, NextRow, ProofRow, RotationRow, Store};

/// How it stands with the keys of a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotationInfo {
    /// The key epoch in force.
    pub key_epoch: u32,
    /// The rotation that is under way.
    pub under_way: Option<RotationUnderWay>,
    /// Virtual keys that died with an earlier epoch and would still count: issue them again where they are wanted.
    pub to_reissue: Vec<KeyInfo>,
}

/// A rotation that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotationUnderWay {
    /// Who asked for it.
    pub by: String,
    /// When.
    pub at: UnixMillis,
    /// How far it is.
    pub stage: RotationStage,
}

/// How far a rotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationStage {
    /// It waits for a session with the lock. Nothing has changed.
    Wanted,
    /// The root of the next epoch is in the database: back it up now. Once the lock has committed, a copy from before is without its key.
    Prepared,
}

/// What a step of a rotation came to, and so what to ask next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationProgress {
    /// Ask [`super::LiveRequest::Rotate`] again in this session.
    GoesOn,
    /// Ask the lock for a new Hello, and begin with [`super::LiveRequest::Rotate`].
    NeedsHello,
    /// The lock has not done it: begin again later.
    Refused(Outcome),
    /// The epoch with this number is in force.
    Done(u32),
}

/// Where a session is in a rotation.
#[derive(Debug, Default)]
pub(super) enum Step {
    #[default]
    None,
    /// The offer was sent under this number.
    Offered(Offer, CommandId),
    /// The lock has taken it, and is asked for its share.
    Taken(Offer),
    /// This session has proven the next keys.
    Proven(Proven),
    /// The commit was sent under this number.
    Committing(Proven, CommandId),
}

/// How a Hello is to be answered.
pub(super) enum Greeted {
    /// Under the keys in force.
    InForce,
    /// Under those of the next epoch.
    Next(Box<LockKeys>),
}

/// What a first message does for a rotation.
pub(super) struct Beginning {
    pub(super) greeted: Greeted,
    pub(super) request: Request,
    /// The preparation whose root is stored while the lock is asked what it holds.
    pub(super) asked_root: Option<[u8; 16]>,
}

impl Beginning {
    const fn with(greeted: Greeted) -> Self {
        Self { greeted, request: Request::Nothing, asked_root: None }
    }
}

impl<S: Store> Fleet<S> {
    /// Wants the keys of a lock to be rotated. One that is under way stays as it is. It is done in live sessions, by
    /// [`super::LiveRequest::Rotate`].
    ///
    /// # Errors
    /// [`FleetError::OwnershipEnded`], [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn rotate_keys(&mut self, lock: LockId, by: &str, now: Moment) -> Result<RotationInfo, FleetError> {
        self.change(lock, now, |change| {
            change.row.check_owned()?;
            if change.row.state.rotation.is_none() {
                let next = change.row.key_epoch.next().ok_or(RotationError::EpochsExhausted)?;
                change.note(by, "rotate the keys", format!("to key epoch {}", next.number()));
                let row = RotationRow { by: by.into(), at: change.now.unix, next: None };
                change.row.state.rotation = Some(row);
            }
            Ok(())
        })?;
        self.rotation(lock, now)
    }

    /// How it stands with the keys of a lock.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn rotation(&mut self, lock: LockId, now: Moment) -> Result<RotationInfo, FleetError> {
        let row = self.row(lock)?;
        let under_way = row.state.rotation.as_ref().map(|rotation| RotationUnderWay {
            by: rotation.by.clone(),
            at: rotation.at,
            stage: if rotation.next.is_some() { RotationStage::Prepared } else { RotationStage::Wanted },
        });
        let mut to_reissue = self.virtual_keys(lock, now)?;
        let tickets = self.store.tickets(lock)?;
        let was_wanted = |key: &KeyInfo| {
            let ticket = tickets.iter().find(|ticket| ticket.serial == key.serial);
            let has_ended = row.state.standing.has_ended();
            ticket.filter(|_| !has_ended).is_some_and(|ticket| {
                ticket.revoked.is_none()
                    && ticket.epoch == row.state.revocation_epoch()
                    && ticket.conditions.not_after.is_none_or(|end| end > now.unix)
            })
        };
        to_reissue.retain(|key| key.standing == KeyStanding::Outdated && was_wanted(key));
        Ok(RotationInfo { key_epoch: row.key_epoch.number(), under_way, to_reissue })
    }

    /// The keys of the next epoch, where its root is stored.
    pub(super) fn next_keys(&self, row: &LockRow) -> Result<Option<LockKeys>, FleetError> {
        let Some(next) = row.state.rotation.as_ref().and_then(|rotation| rotation.next.as_ref()) else {
            return Ok(None);
        };
        let epoch = row.key_epoch.next().ok_or(RotationError::EpochsExhausted)?;
        let purpose = Purpose::NextRoot(row.lock_id, epoch);
        let root = root_of(&self.vault, purpose, &next.wrapped_root, row.lock_id)?;
        Ok(Some(LockKeys::expand(&root, row.lock_id, epoch).with_profile(row.profile)))
    }

    /// Whose Hello it is; `None` for another lock's.
    pub(super) fn greeted(
        &self,
        row: &LockRow,
        in_force: &LockKeys,
        hello: &Hello,
    ) -> Result<Option<(Side, Option<LockKeys>)>, FleetError> {
        let next = self.next_keys(row)?;
        let side = match &next {
            Some(next) => Rotating { in_force, next }.side(hello),
            None => in_force.recognises(hello).then_some(Side::Before),
        };
        Ok(side.map(|side| (side, next)))
    }

    /// What a first message asks for the rotation. Where it is to prove the next keys, that is noted first: if nothing is heard of it, the
    /// next one asks what the lock holds.
    pub(super) fn begin_rotation(
        &mut self,
        lock: LockId,
        next: Option<LockKeys>,
        now: Moment,
    ) -> Result<Beginning, FleetError> {
        let Some(next) = next else { return Ok(Beginning::with(Greeted::InForce)) };
        let unheard = self.change(lock, now, |change| {
            let rotation = change.row.state.rotation.as_mut();
            let row = rotation.and_then(|rotation| rotation.next.as_mut()).ok_or(FleetError::NoRotation)?;
            let was = core::mem::replace(&mut row.proof, ProofRow::Unheard);
            Ok((was == ProofRow::Unheard).then_some(row.digest))
        })?;
        Ok(match unheard {
            Some(_) => Beginning {
                greeted: Greeted::InForce,
                request: Request::Query(Query::Rotation),
                asked_root: unheard,
            },
            None => Beginning::with(Greeted::Next(Box::new(next))),
        })
    }

    /// The next request of a rotation in a session.
    pub(super) fn rotate_in(
        &mut self,
        session: &mut LiveSession,
        now: Moment,
    ) -> Result<(Request, Option<CommandId>), FleetError> {
        let lock = session.lock();
        let (step, action) = match core::mem::take(&mut session.rotation) {
            // An answer that was not waited for is asked for anew.
            Step::None | Step::Offered(..) => {
                let row = self.row(lock)?;
                let rotation = row.state.rotation.as_ref().ok_or(FleetError::NoRotation)?;
                if rotation.next.is_some() || session.epoch != row.key_epoch {
                    return Err(FleetError::RotationNeedsHello);
                }
                let offer = Offer::new(&self.keys(&row)?, CloudShare::new(random()?))?;
                let action = offer.action();
                (Step::Offered(offer, CommandId(0)), action)
            }
            Step::Taken(offer) => {
                session.rotation = Step::Taken(offer);
                return Ok((Request::Query(Query::Rotation), None));
            }
            Step::Proven(proven) | Step::Committing(proven, _) => {
                let action = proven.action();
                (Step::Committing(proven, CommandId(0)), action)
            }
        };
        let epoch = session.epoch;
        let id = self.change(lock, now, |change| change.number_rotation(&action, epoch))?;
        session.rotation = match step {
            Step::Offered(offer, _) => Step::Offered(offer, id),
            Step::Committing(proven, _) => Step::Committing(proven, id),
            other @ (Step::None | Step::Taken(_) | Step::Proven(_)) => other,
        };
        session.rotation_commands.push(id);
        Ok((Request::Command { id, action }, Some(id)))
    }

    /// Takes a report that speaks of the rotation; gives every other back.
    pub(super) fn take_rotation(
        &mut self,
        session: &mut LiveSession,
        report: Authenticated<Report>,
        now: Moment,
    ) -> Result<Result<RotationHeard, Authenticated<Report>>, FleetError> {
        match &report.get().body {
            ReportBody::Event(Event::Finished { id, outcome }) if session.rotation_commands.contains(id) => {
                Ok(Ok(RotationHeard::Finished(*id, *outcome)))
            }
            ReportBody::Reply(Reply::Command { id, outcome, .. })
                if session.rotation_commands.contains(id) =>
            {
                let (id, outcome) = (*id, *outcome);
                let progress = self.stepped(session, id, &report.map(|_| outcome), now)?;
                Ok(Ok(RotationHeard::Progress(progress)))
            }
            ReportBody::Reply(reply @ Reply::Rotation { .. }) => {
                let reply = reply.clone();
                let progress = self.agreed(session, &report.map(|_| reply), now)?;
                Ok(Ok(RotationHeard::Progress(progress)))
            }
            ReportBody::Reply(_) | ReportBody::Event(_) => Ok(Err(report)),
        }
    }

    fn stepped(
        &mut self,
        session: &mut LiveSession,
        id: CommandId,
        outcome: &Authenticated<Outcome>,
        now: Moment,
    ) -> Result<RotationProgress, FleetError> {
        let refused = RotationProgress::Refused(*outcome.get());
        match core::mem::take(&mut session.rotation) {
            Step::Offered(offer, of) if of == id && *outcome.get() == Outcome::Done => {
                session.rotation = Step::Taken(offer);
                Ok(RotationProgress::GoesOn)
            }
            Step::Committing(proven, of) if of == id => match proven.answered(outcome) {
                Ok(committed) => {
                    self.change(session.lock(), now, |change| change.put_next_in_force(&committed))?;
                    session.epoch = committed.epoch();
                    Ok(RotationProgress::Done(committed.epoch().number()))
                }
                Err(_) => Ok(refused),
            },
            Step::Offered(..) | Step::Committing(..) | Step::None => Ok(refused),
            other @ (Step::Taken(_) | Step::Proven(_)) => {
                session.rotation = other;
                Ok(RotationProgress::GoesOn)
            }
        }
    }

    fn agreed(
        &mut self,
        session: &mut LiveSession,
        reply: &Authenticated<Reply>,
        now: Moment,
    ) -> Result<RotationProgress, FleetError> {
        let Step::Taken(offer) = core::mem::take(&mut session.rotation) else {
            return Ok(RotationProgress::NeedsHello);
        };
        let row = self.row(session.lock())?;
        let next = offer.agree(&self.keys(&row)?, reply)?;
        self.change(session.lock(), now, |change| change.keep_next(&next))?;
        Ok(RotationProgress::NeedsHello)
    }
}

/// A root as it is stored.
pub(super) fn root_of(
    vault: &Vault,
    purpose: Purpose,
    wrapped: &[u8],
    lock: LockId,
) -> Result<RootKey, FleetError> {
    let secret = vault.unwrap(purpose, wrapped)?;
    let bytes: Zeroizing<[u8; 32]> =
        Zeroizing::new(secret.as_slice().try_into().map_err(|_| CustodyError::Altered)?);
    Ok(RootKey::from_bytes::<RustCrypto>(*bytes, lock)?)
}

/// What a report said of a rotation.
pub(super) enum RotationHeard {
    Progress(RotationProgress),
    Finished(CommandId, Outcome),
}

impl<S: Store> Change<'_, S> {
    /// Gives an action of a rotation its number. It has no row among the commands: what is stored of the rotation says where it stands.
    fn number_rotation(&mut self, action: &Action, under: KeyEpoch) -> Result<CommandId, FleetError> {
        let has_next = self.row.state.rotation.as_ref().map(|rotation| rotation.next.is_some());
        let is_in_place = if matches!(action, Action::PrepareRotation { .. }) {
            has_next == Some(false) && under == self.row.key_epoch
        } else {
            // No root takes the place of the one that is to be committed: see `keep_next`.
            has_next == Some(true) && Some(under) == self.row.key_epoch.next()
        };
        if !is_in_place {
            return Err(FleetError::RotationNeedsHello);
        }
        let id = self.next_command();
        let what = if has_next == Some(true) { "commit" } else { "prepare" };
        self.note("fleet", format!("{what} the rotation"), format!("live, as command {}", id.0));
        Ok(id)
    }

    /// Stores the root of the next epoch, unless there is one: another session was faster, and its root may be the lock's.
    fn keep_next(&mut self, agreed: &NextRoot) -> Result<(), FleetError> {
        let purpose = Purpose::NextRoot(self.lock(), agreed.epoch);
        if Some(agreed.epoch) != self.row.key_epoch.next() {
            return Ok(());
        }
        let Some(rotation) = self.row.state.rotation.as_mut().filter(|rotation| rotation.next.is_none())
        else {
            return Ok(());
        };
        let wrapped_root = self.vault.wrap(purpose, agreed.root.expose())?;
        rotation.next = Some(NextRow { digest: agreed.digest, wrapped_root, proof: ProofRow::Known });
        self.note("lock", "prepare the rotation", format!("key epoch {} is prepared", agreed.epoch.number()));
        Ok(())
    }

    /// Takes what the lock says under the keys in force of what it holds. A root that it does not hold can be committed to no more.
    /// `asked` is the preparation that was stored when the lock was asked: of a root that was stored since, an answer that was kept back says
    /// nothing.
    pub(super) fn look_at_prepared(
        &mut self,
        asked: Option<[u8; 16]>,
        reply: &Authenticated<Reply>,
    ) -> Result<RotationProgress, FleetError> {
        let in_force = self.row.key_epoch;
        let rotation = self.row.state.rotation.as_mut().ok_or(FleetError::NoRotation)?;
        let Some(next) = rotation.next.as_mut() else { return Ok(RotationProgress::GoesOn) };
        if asked != Some(next.digest) {
            return Ok(RotationProgress::NeedsHello);
        }
        if NextRoot::is_held(next.digest, in_force, reply)? {
            next.proof = ProofRow::Known;
            return Ok(RotationProgress::NeedsHello);
        }
        rotation.next = None;
        self.note("lock", "prepare the rotation", "the lock holds another preparation, or none: again");
        Ok(RotationProgress::GoesOn)
    }

    /// A handshake under the next keys was answered.
    pub(super) fn heard_proof(&mut self, proof: &Proof) -> Result<(), FleetError> {
        match proof {
            Proof::Proven(_) => {
                let rotation = self.row.state.rotation.as_mut();
                if let Some(next) = rotation.and_then(|rotation| rotation.next.as_mut()) {
                    next.proof = ProofRow::Known;
                }
                Ok(())
            }
            Proof::Committed(committed) => self.put_next_in_force(committed),
        }
    }

    /// The lock is in the next epoch: so is the fleet. What was sealed under the old keys is sealed anew when it is next delivered; the
    /// old root is overwritten.
    pub(super) fn put_next_in_force(&mut self, committed: &Committed) -> Result<(), FleetError> {
        let (lock, epoch) = (self.lock(), committed.epoch());
        let next = self.row.state.rotation.as_ref().and_then(|rotation| rotation.next.as_ref());
        let Some(next) = next.filter(|_| self.row.key_epoch.next() == Some(epoch)) else {
            // Another session was faster.
            return Ok(());
        };
        let root = self.vault.unwrap(Purpose::NextRoot(lock, epoch), &next.wrapped_root)?;
        self.keep_log_key()?;
        let wrapped_root = self.vault.wrap(Purpose::Root(lock, epoch), &root)?;
        self.row.state.rotation = None;
        (self.row.key_epoch, self.row.wrapped_root) = (epoch, wrapped_root.clone());
        self.keys = Some(NewKeys { key_epoch: epoch, wrapped_root });
        self.row.state.probe = None;
        let mut sealed_again = 0;
        for mut command in self.store.open_commands(lock)? {
            if let Some(known) = self.command(command.id)? {
                command = known;
            }
            if command.sealed.take().is_some() {
                sealed_again += 1;
                self.put(command);
            }
        }
        let tickets = self.store.tickets(lock)?;
        let dead = tickets.iter().filter(|ticket| ticket.key_epoch != epoch).count();
        self.note(
            "lock",
            "commit the rotation",
            format!(
                "key epoch {} is in force; {sealed_again} commands to be sealed again, {dead} virtual keys and all offline \
                 codes of before are dead",
                epoch.number()
            ),
        );
        Ok(())
    }
}
