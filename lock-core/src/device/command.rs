//! Requests of an authenticated peer, whichever way they came: judge, make durable, act, answer (section 6).

use lock_crypto::{Authenticated, Channel, Judgement, Progress, Suite, digest8};
use lock_proto::{Action, CommandId, Outcome, Query, Reason, Request, Setting, Uptime};
use lock_state::{ActionKind, Ask, Change, Decision, Deed, Order, Refusal, Source, Tables};

use super::log::keeping::cause_of;
use super::steps::{Answering, Reporting, Step};
use super::{Device, LinkId, RecordTag, parts};

/// The way back to whoever asked.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
pub(crate) enum Via {
    Handshake(LinkId),
    Session(LinkId),
    Sealed(LinkId),
}

/// What the message that brought a request says of its time.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
pub(super) enum Timeliness {
    /// It is in time; a motion that it orders must begin until then.
    Until(Uptime),
    /// Nothing new may be begun for it; what was begun before is still answered.
    Not(Reason),
}

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// Takes an authentic request. `source` is what its channel proves; a peer that proves no right at all is told nothing.
    #[inline(never)]
    pub(super) fn request(
        &mut self,
        via: Via,
        request: Authenticated<&Request>,
        source: Option<Source>,
        timeliness: Timeliness,
        now: Uptime,
    ) {
        let Some(source) = source else { return self.answer(via, Answering::NotUnderstood) };
        if T::PARTS.virtual_keys && source == Source::VirtualKey {
            return self.holder_request(via, request, timeliness, now);
        }
        let answering = match *request.get() {
            Request::Nothing => Answering::Nothing,
            Request::Query(Query::Status) => Answering::Status,
            Request::Query(Query::Command(id)) => {
                Answering::Command { id: (*id).into(), repeat: self.is_begun(*id) }
            }
            Request::Query(Query::Marks(nonce)) => self.marks_asked(via, *nonce),
            Request::Query(Query::Digest) => Answering::Digest,
            Request::Query(Query::Items { table, first }) => {
                Answering::Items { table: *table, first: *first }
            }
            Request::Query(Query::Health) => Answering::Health,
            Request::Query(Query::Tickets) => Answering::Tickets,
            Request::Query(Query::Rotation) => Answering::Rotation,
            Request::Query(Query::Secrets { first }) => match via {
                Via::Handshake(_) | Via::Session(_) => Answering::Secrets { first: *first },
                Via::Sealed(_) => Answering::NotUnderstood,
            },
            Request::Query(Query::Log { from, nonce }) => self.log_asked(via, *from, *nonce),
            Request::Query(Query::Update) => Answering::Update,
            Request::Command { id, .. } => {
                let id = *id;
                self.command(id, (via, source), request, timeliness, now)
            }
        };
        self.answer(via, answering);
    }

    /// Keeps the nonce of a question until it is answered. Where two wait on one link, the last one is answered twice.
    fn marks_asked(&mut self, via: Via, nonce: [u8; 16]) -> Answering {
        let (Via::Handshake(link) | Via::Session(link) | Via::Sealed(link)) = via;
        if let Some(state) = self.links.of(link) {
            state.marks_nonce = nonce;
        }
        Answering::Marks
    }

    pub(super) fn answer(&mut self, via: Via, answering: Answering) {
        self.steps.push(match via {
            Via::Handshake(link) => Step::Message2(link, answering),
            Via::Session(link) => Step::Reply(link, answering),
            Via::Sealed(link) => Step::Sealed(link, answering),
        });
    }

    #[inline(never)]
    fn command(
        &mut self,
        id: CommandId,
        (via, source): (Via, Source),
        request: Authenticated<&Request>,
        timeliness: Timeliness,
        now: Uptime,
    ) -> Answering {
        let Request::Command { action, .. } = *request.get() else { return Answering::NotUnderstood };
        let digest = digest8::<S, 1>([action.identity(&mut [0; Action::MAX_IDENTITY])]);
        let refused =
            |reason| Answering::Settled { id: id.into(), outcome: Outcome::Refused(reason), repeat: false };
        let permit = match self.memory.ledger.judge(id.0, digest) {
            Judgement::Execute(permit) => permit,
            Judgement::Started | Judgement::Repeat(_) | Judgement::Interrupted => {
                return Answering::Command { id: id.into(), repeat: true };
            }
            Judgement::IdConflict => return refused(Reason::IdConflict),
            Judgement::OutcomeUnknown => return refused(Reason::OutcomeUnknown),
            Judgement::IdTooFar => return refused(Reason::IdTooFar),
        };
        // A forbidden command takes nothing: its id may come again when it is allowed.
        let until = match timeliness {
            Timeliness::Until(until) => until,
            Timeliness::Not(reason) => {
                self.note_refusal(reason, source, Some(id), now);
                return refused(reason);
            }
        };
        if let Decision::Deny(Refusal { reason, .. }) =
            self.lock.preview(&Ask { action: ActionKind::from(action), source }, now)
        {
            self.lock.count_refusal(reason);
            self.note_refusal(reason, source, Some(id), now);
            return refused(reason);
        }
        let act = match self.plan(id, (via, source), request, until, now) {
            Ok(act) => act,
            Err(reason) => {
                self.note_refusal(reason, source, Some(id), now);
                return refused(reason);
            }
        };
        if self.memory.ledger.begin(permit).is_err() {
            // A revocation stays in force: it only makes the lock stricter.
            if let Step::Obey(held) = act {
                let _ = self.steps.take_order(&held);
            } else if matches!(act, Step::Commit(_)) {
                self.lock.discard();
            } else if matches!(act, Step::Adopt(_)) {
                self.adopting = None;
            } else if matches!(act, Step::Acknowledge(_)) {
                self.drop_acknowledgement();
            } else if matches!(act, Step::EndOwnership(_)) {
                self.lock.keep_owner();
            } else if matches!(act, Step::UpdateStaged(_)) {
                self.update.discard();
            } else {
                self.rotation.discard();
            }
            return refused(Reason::OutcomeUnknown);
        }
        // Persist before acting: the id first, then what follows from it, then the motor or the setting, then the answer.
        if matches!(act, Step::Obey(_)) {
            self.lock.expect_order();
        }
        self.save_first();
        if matches!(act, Step::Revoked(_)) {
            self.steps.push(Step::Persist(RecordTag::Tickets));
        }
        if matches!(act, Step::Prepared(_)) && self.rotation.is_staged() {
            self.steps.push(Step::Persist(RecordTag::Rotation));
        }
        if matches!(act, Step::Rotated(..) | Step::Adopt(_)) {
            self.steps.push(Step::Persist(RecordTag::Keys));
        }
        if matches!(act, Step::UpdateStaged(_)) {
            self.steps.push(Step::Persist(RecordTag::Update));
        }
        if matches!(act, Step::Commit(_)) {
            let page = self.lock.staged_page().unwrap_or_default();
            self.steps.push(Step::Persist(RecordTag::Page(page)));
        }
        self.steps.push(act);
        Answering::Command { id: id.into(), repeat: false }
    }

    /// What to do once the id is durable.
    #[inline(never)]
    fn plan(
        &mut self,
        id: CommandId,
        (via, source): (Via, Source),
        request: Authenticated<&Request>,
        until: Uptime,
        now: Uptime,
    ) -> Result<Step, Reason> {
        let action = request.try_map(|request| match request {
            Request::Command { action, .. } if parts::takes(T::PARTS, action) => Ok(action),
            Request::Command { .. } | Request::Nothing | Request::Query(_) => Err(Reason::Unsupported),
        })?;
        if T::PARTS.life
            && let Action::EndOwnership { key_epoch } = action.get()
        {
            self.plan_end_of_ownership(*key_epoch)?;
            return Ok(Step::EndOwnership(id.into()));
        }
        match Deed::of(action.get()) {
            Some(deed) => {
                let order = action.map(|_| Order { id, deed, source });
                self.steps.hold(order, until).ok_or(Reason::StorageBusy)
            }
            None if T::PARTS.virtual_keys
                && matches!(action.get(), Action::RevokeTickets { .. } | Action::DenyTicket { .. }) =>
            {
                self.revoke(action.get())?;
                Ok(Step::Revoked(id.into()))
            }
            None if T::PARTS.life && matches!(action.get(), Action::AdoptPinKey(_)) => {
                self.plan_adoption(id, via, action.get())
            }
            None if T::PARTS.log && matches!(action.get(), Action::AcknowledgeLog { .. }) => {
                self.begin_acknowledging(id, action.get())
            }
            None if T::PARTS.life
                && matches!(action.get(), Action::OfferUpdate(_) | Action::InstallUpdate { .. }) =>
            {
                self.stage_update(id, action.get(), now)
            }
            None if T::PARTS.life && action.get().needs_session() => {
                self.plan_rotation(id, via, action.get())
            }
            None => {
                let step = self.stage(id, action)?;
                self.staged_by = cause_of(source);
                Ok(step)
            }
        }
    }

    #[inline(never)]
    fn stage(&mut self, id: CommandId, action: Authenticated<&Action>) -> Result<Step, Reason> {
        if self.steps.any(|step| matches!(step, Step::Commit(_) | Step::Admit | Step::Adopt(_))) {
            return Err(Reason::StorageBusy);
        }
        if T::PARTS.people
            && matches!(
                action.get(),
                Action::Configure {
                    setting: Setting::SetCredential { .. } | Setting::RestoreCredential { .. },
                    ..
                }
            )
        {
            self.keys_are_certain()?;
        }
        let change = action.try_map(|action| {
            let Action::Configure { version, setting } = action else { return Err(Reason::Unsupported) };
            Ok(Change { version: *version, setting: setting.clone() })
        })?;
        self.lock.stage::<S>(change, &self.identity.k_pin)?;
        Ok(Step::Commit(id.into()))
    }

    /// Lets the lock obey an order whose id is durable. What was allowed when it came may be so no longer, or its time may have
    /// passed behind a slow flash: then its id stays burned.
    #[inline(never)]
    pub(super) fn obey(&mut self, order: Authenticated<Order>, until: Uptime, now: Uptime) {
        let Order { id, source, .. } = *order.get();
        let obeyed = if now > until { Err(Reason::Expired.into()) } else { self.lock.order(order, now) };
        match obeyed {
            Ok(effects) => self.follow_command(effects, self.asked_by(id), now),
            Err(Refusal { reason, .. }) => {
                self.note_refusal(reason, source, self.asked_by(id), now);
                self.finish(id, Outcome::Refused(reason));
                self.save();
            }
        }
    }

    /// Records how a command ended and tells who listens.
    pub(super) fn finish(&mut self, id: CommandId, outcome: Outcome) {
        if self.holder_finished(id, outcome) {
            return;
        }
        if self.memory.ledger.finish(id.0, code_of(outcome)).is_ok() {
            self.report(Reporting::Finished { id: id.into(), outcome });
        }
    }

    pub(super) fn is_begun(&self, id: CommandId) -> bool {
        self.memory.ledger.query(id.0) != Progress::NotExecuted
    }

    /// How it stands with a command.
    pub(super) fn outcome_of(&self, id: CommandId) -> Outcome {
        match self.memory.ledger.query(id.0) {
            Progress::NotExecuted => Outcome::NotExecuted,
            Progress::Started => Outcome::Started,
            Progress::Finished(code) => outcome_of(code),
            Progress::Interrupted => Outcome::Interrupted,
            Progress::OutcomeUnknown => Outcome::Refused(Reason::OutcomeUnknown),
        }
    }
}

/// What a live channel proves of who asks; `None` for one that a lock takes no requests over.
pub(super) const fn live_source(channel: Channel) -> Option<Source> {
    match channel {
        Channel::LiveCloud => Some(Source::RemoteLive),
        Channel::LiveHolder => Some(Source::VirtualKey),
        Channel::LiveClaim | Channel::SealedCloud | Channel::LiveLock | Channel::SealedLock => None,
    }
}

/// Outcomes as the ledger keeps them: one byte, never reused for another meaning.
fn code_of(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Done => 1,
        Outcome::Jammed => 3,
        Outcome::TimedOut => 4,
        Outcome::Superseded => 5,
        Outcome::Started | Outcome::Interrupted | Outcome::NotExecuted => 6,
        Outcome::Refused(reason) => REFUSED + reason.number(),
    }
}

/// Refusals after the id was taken: this and the reason's number.
const REFUSED: u8 = 32;

fn outcome_of(code: u8) -> Outcome {
    match code {
        1 => Outcome::Done,
        3 => Outcome::Jammed,
        4 => Outcome::TimedOut,
        5 => Outcome::Superseded,
        _ => match code.checked_sub(REFUSED).and_then(Reason::from_number) {
            Some(reason) => Outcome::Refused(reason),
            None => Outcome::Interrupted,
        },
    }
}
