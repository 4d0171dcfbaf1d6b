//! What a lock says in a live session.

use lock_core::cloud::{Comparison, Proof, Session};
use lock_core::crypto::{Delivery, KeyEpoch, LockId};
use lock_core::proto::{
    Alarm, CommandId, Event, Health, LogAnswer, Outcome, Reason, Reply, ReportBody, Status, TicketState,
    UpdateReport,
};

use super::backups::{BackingUp, Gathering};
use super::change::Change;
use super::live::{Handshake, LogQuestion, Sending};
use super::outcome::Received;
use super::resync::Word;
use super::rotation::{RotationHeard, Step};
use super::{Caught, Fleet, FleetError, LiveAttempt, LiveRequest, RotationProgress};
use crate::clock::Moment;
use crate::store::{CommandState, HeardBy, Store};

/// A session with a lock, over an ordered link.
#[derive(Debug)]
pub struct LiveSession {
    lock: LockId,
    /// The ownership that it was begun under.
    pub(super) ownership: u64,
    /// The lock's boot counter, in which the sequences of its states count.
    boot: u64,
    pub(super) session: Session,
    /// Where a comparison of the configuration stands.
    pub(super) comparing: Comparison,
    /// What a backup has read so far.
    pub(super) gathering: Option<Gathering>,
    /// The key epoch that it was proven under.
    pub(super) epoch: KeyEpoch,
    /// Where a rotation stands in it.
    pub(super) rotation: Step,
    /// The numbers that were given to steps of one.
    pub(super) rotation_commands: Vec<CommandId>,
    /// Whether the lock was asked where the revocation of virtual keys stands.
    pub(super) asked_tickets: bool,
    /// The last question for the log.
    pub(super) log_question: Option<LogQuestion>,
}

impl LiveSession {
    /// The lock.
    #[must_use]
    pub const fn lock(&self) -> LockId {
        self.lock
    }

    /// Whether it has reached a limit; start a new one with a new Hello.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.session.has_ended()
    }
}

/// What a Message2 brought.
#[derive(Debug)]
pub struct LiveFinish {
    /// The session.
    pub session: LiveSession,
    /// The answer to the request.
    pub answer: LiveAnswer,
    /// What the lock's marks taught.
    pub caught: Caught,
    /// A request that has no place in a first message: ask it now, with [`Fleet::request_live`]. Nothing was stored of it.
    pub unasked: Option<LiveRequest>,
}

/// An answer of the lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveAnswer {
    /// Nothing was asked.
    Connected,
    /// The state of the lock.
    Status(Status),
    /// Everything that the lock can say of itself.
    Health(Box<Health>),
    /// A comparison of the configuration stands here. Where [`Comparison::query`] has a question, ask [`super::LiveRequest::Compare`]
    /// again; at the end [`Fleet::items`] says what differs.
    Compared(Comparison),
    /// A backup stands here. While it says [`BackingUp::Read`], ask [`super::LiveRequest::BackUp`] again.
    BackedUp(BackingUp),
    /// What became of a command.
    Command {
        /// Which.
        id: CommandId,
        /// What became of it; after `Started` an event tells the end. `Refused(OutcomeUnknown)` also stands for a retry right
        /// after a restart of the service, when nobody can tell whether the first try or a lost copy's command ran.
        outcome: Outcome,
        /// True when the lock had begun it before, so that nothing moved now.
        repeat: bool,
    },
    /// The command never ran: its number had been spent on another. Ask again with the same client token, also in this session:
    /// it gets a fresh number.
    SendAgain {
        /// The number that was spent.
        id: CommandId,
    },
    /// A step of the rotation, and what to ask next.
    Rotation(RotationProgress),
    /// Where a firmware update stands.
    Update(UpdateReport),
    /// To a chunk: what the lock wants next.
    Wanted(u32),
    /// A fetch of the log stands here.
    Log(super::Fetched),
    /// The lock does not understand this version of the protocol, or keeps no log where that was asked for.
    NotUnderstood,
}

/// What a record of the lock said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveEvent {
    /// The answer to a request of this session.
    Answer(LiveAnswer),
    /// A fact changed.
    Changed(Status),
    /// A command that had started has ended.
    Finished {
        /// Which.
        id: CommandId,
        /// How.
        outcome: Outcome,
    },
    /// People should hear about this.
    Alarm(Alarm),
    /// A firmware update has come further.
    Update(UpdateReport),
}

impl LiveAnswer {
    const fn comparison(&self) -> Option<Comparison> {
        if let Self::Compared(comparison) = self { Some(*comparison) } else { None }
    }
}

impl<S: Store> Fleet<S> {
    /// Takes the lock's Message2: stores what it says, and catches up with the lock's marks.
    ///
    /// # Errors
    /// [`FleetError::Session`] for anything that is not the lock's answer to this attempt: whether the command was executed is
    /// unknown then; ask again with the same client token. [`FleetError::Store`].
    pub fn finish_live(
        &mut self,
        attempt: LiveAttempt,
        packet: &[u8],
        now: Moment,
    ) -> Result<LiveFinish, FleetError> {
        let LiveAttempt {
            lock,
            ownership,
            asked_at,
            sending,
            connecting,
            epoch,
            unasked,
            log_question,
            asked_root,
            ..
        } = attempt;
        let mut packet = packet.to_vec();
        // Streams, GATT connections and WebSockets deliver in order (section 2).
        let (delivery, at) = (Delivery::Ordered, now.monotonic);
        let (answer, marks, session, proof) = match connecting {
            Handshake::InForce(connecting) => {
                let (answer, marks, session) = connecting.finish(&mut packet, delivery, at)?;
                (answer, marks, session, None)
            }
            Handshake::Next(proving) => {
                let (answer, marks, session, proof) = proving.finish(&mut packet, delivery, at)?;
                (answer, marks, session, Some(proof))
            }
        };
        self.check_ownership(lock, ownership)?;
        let boot = answer.get().boot;
        let reply = answer.map(|answer| answer.reply);
        let (told, caught) = self.change(lock, now, |change| {
            change.prove_ownership();
            let caught = change.learn(marks, word(reply.get(), sending), asked_at)?;
            if let Some(proof) = &proof {
                change.heard_proof(proof)?;
            }
            let told = if matches!(reply.get(), Reply::Rotation { .. }) {
                LiveAnswer::Rotation(change.look_at_prepared(asked_root, &reply)?)
            } else {
                change.take_first_reply(reply.get(), boot)?
            };
            Ok((told, caught))
        })?;
        let told = if let Reply::Log(log) = reply.get() {
            self.take_log(lock, log, log_question, now)?
        } else {
            told
        };
        let (rotation, told) = match (proof, told) {
            (Some(Proof::Proven(proven)), LiveAnswer::Connected) => {
                (Step::Proven(proven), LiveAnswer::Rotation(RotationProgress::GoesOn))
            }
            (Some(Proof::Committed(committed)), LiveAnswer::Connected) => {
                let done = RotationProgress::Done(committed.epoch().number());
                (Step::None, LiveAnswer::Rotation(done))
            }
            (_, told) => (Step::None, told),
        };
        let comparing = told.comparison().unwrap_or_default();
        let asked_tickets = matches!(reply.get(), Reply::Tickets(_));
        let rotation_commands = Vec::new();
        let session = LiveSession {
            lock,
            ownership,
            boot,
            session,
            comparing,
            gathering: None,
            asked_tickets,
            log_question: None,
            epoch,
            rotation,
            rotation_commands,
        };
        Ok(LiveFinish { session, answer: told, caught, unasked })
    }

    /// Takes a record of the lock and stores what it says.
    ///
    /// # Errors
    /// [`FleetError::Session`] for anything altered, repeated or reordered; the session goes on until its eighth failure.
    /// [`FleetError::Store`].
    pub fn open_live(
        &mut self,
        session: &mut LiveSession,
        packet: &[u8],
        now: Moment,
    ) -> Result<LiveEvent, FleetError> {
        let mut packet = packet.to_vec();
        let report = session.session.open(&mut packet, now.monotonic)?;
        self.check_ownership(session.lock, session.ownership)?;
        let report = match self.take_rotation(session, report, now)? {
            Ok(RotationHeard::Progress(progress)) => {
                return Ok(LiveEvent::Answer(LiveAnswer::Rotation(progress)));
            }
            Ok(RotationHeard::Finished(id, outcome)) => return Ok(LiveEvent::Finished { id, outcome }),
            Err(report) => report.into_inner(),
        };
        if let ReportBody::Reply(reply @ Reply::Secrets { .. }) = report.body {
            return Ok(LiveEvent::Answer(self.take_secrets(session, reply, now)?));
        }
        if let ReportBody::Reply(Reply::Log(log)) = report.body {
            let question = session.log_question.take();
            return Ok(LiveEvent::Answer(self.take_log(session.lock, &log, question, now)?));
        }
        let (boot, comparing) = (session.boot, session.comparing);
        let event =
            self.change(session.lock, now, |change| change.take_body(&report.body, boot, comparing))?;
        if let LiveEvent::Answer(answer) = &event {
            session.comparing = answer.comparison().unwrap_or(comparing);
        }
        Ok(event)
    }
}

impl<S: Store> Fleet<S> {
    /// What was begun under another root says nothing of the lock that has this one, whatever was claimed or given up meanwhile.
    pub(super) fn check_ownership(&mut self, lock: LockId, ownership: u64) -> Result<(), FleetError> {
        if self.row(lock)?.ownership == ownership { Ok(()) } else { Err(FleetError::ClaimOvertaken) }
    }

    /// An answer about the log that nobody asked for proves nothing.
    fn take_log(
        &mut self,
        lock: LockId,
        answer: &LogAnswer,
        question: Option<LogQuestion>,
        now: Moment,
    ) -> Result<LiveAnswer, FleetError> {
        let Some(question) = question else { return Ok(LiveAnswer::Connected) };
        let fetched = self.change(lock, now, |change| change.take_log(answer, question))?;
        Ok(LiveAnswer::Log(fetched))
    }
}

/// What an answer proves of the command that it speaks of.
fn word(reply: &Reply, sending: Sending) -> Word {
    match *reply {
        Reply::Command { id, outcome: Outcome::Refused(Reason::IdConflict), .. } => Word::Foreign(id),
        Reply::Command { outcome: Outcome::Refused(Reason::OutcomeUnknown), .. } => Word::None,
        Reply::Command { id, repeat: false, .. } => Word::Own(id),
        // Begun before it was first sent.
        Reply::Command { id, repeat: true, .. } if sending == Sending::First => Word::Foreign(id),
        Reply::Command { repeat: true, .. }
        | Reply::Nothing
        | Reply::Status(_)
        | Reply::Marks { .. }
        | Reply::NotUnderstood
        | Reply::Digest { .. }
        | Reply::Items { .. }
        | Reply::Health(_)
        | Reply::Rotation { .. }
        | Reply::Secrets { .. }
        | Reply::Log(_)
        | Reply::Unowned { .. }
        | Reply::Claimed(_)
        | Reply::Update(_)
        | Reply::Wanted(_)
        | Reply::Tickets(_) => Word::None,
    }
}

impl<S: Store> Change<'_, S> {
    /// Takes the reply in a Message2, unless the marks beside it have shown that it does not speak of this command.
    fn take_first_reply(&mut self, reply: &Reply, boot: u64) -> Result<LiveAnswer, FleetError> {
        if let Reply::Command { id, .. } = *reply {
            let state = self.command(id)?.map(|row| row.state);
            if state == Some(CommandState::Unknown) {
                let outcome = Outcome::Refused(Reason::OutcomeUnknown);
                return Ok(LiveAnswer::Command { id, outcome, repeat: true });
            }
        }
        self.take_reply(reply, boot, Comparison::Compare)
    }

    fn take_reply(
        &mut self,
        reply: &Reply,
        boot: u64,
        comparing: Comparison,
    ) -> Result<LiveAnswer, FleetError> {
        match *reply {
            // Marks are not asked for in a session: its Message2 brought them. Nor are secrets, in a first
            // message. An answer about the log is taken with its nonce. What is said of a rotation was taken before.
            Reply::Nothing
            | Reply::Marks { .. }
            | Reply::Rotation { .. }
            | Reply::Secrets { .. }
            | Reply::Log(_) => Ok(LiveAnswer::Connected),
            Reply::Command { id, outcome, repeat } => Ok(match self.receive(id, outcome, "lock")? {
                Received::Unexecuted | Received::Reissued(_) => LiveAnswer::SendAgain { id },
                Received::Stray | Received::Taken => LiveAnswer::Command { id, outcome, repeat },
            }),
            Reply::Status(status) => {
                self.hear(boot, status, HeardBy::Live);
                Ok(LiveAnswer::Status(status))
            }
            Reply::Health(health) => {
                self.hear(boot, health.status, HeardBy::Live);
                Ok(LiveAnswer::Health(Box::new(health)))
            }
            Reply::Tickets(told) => {
                self.hear_tickets(told);
                Ok(LiveAnswer::Compared(comparing))
            }
            Reply::Digest { .. } | Reply::Items { .. } => {
                Ok(LiveAnswer::Compared(self.compare(comparing, reply)?))
            }
            Reply::Update(report) => Ok(LiveAnswer::Update(report)),
            Reply::Wanted(offset) => Ok(LiveAnswer::Wanted(offset)),
            // Those are for a claimer.
            Reply::NotUnderstood | Reply::Unowned { .. } | Reply::Claimed(_) => Ok(LiveAnswer::NotUnderstood),
        }
    }

    /// What the lock says of the revocation of virtual keys, which never goes back.
    fn hear_tickets(&mut self, told: TicketState) {
        let state = &mut self.row.state;
        if told.epoch > state.revocation_epoch() {
            state.told_ticket_epoch = told.epoch;
            let result = format!("virtual keys from before revocation epoch {} are dead", told.epoch);
            self.note("lock", "told its revocation epoch", result);
        }
    }

    fn take_body(
        &mut self,
        body: &ReportBody,
        boot: u64,
        comparing: Comparison,
    ) -> Result<LiveEvent, FleetError> {
        match *body {
            ReportBody::Reply(ref reply) => Ok(LiveEvent::Answer(self.take_reply(reply, boot, comparing)?)),
            ReportBody::Event(Event::Changed(status)) => {
                self.hear(boot, status, HeardBy::Live);
                Ok(LiveEvent::Changed(status))
            }
            ReportBody::Event(Event::Finished { id, outcome }) => {
                self.receive(id, outcome, "lock")?;
                Ok(LiveEvent::Finished { id, outcome })
            }
            ReportBody::Event(Event::Alarm(alarm)) => {
                self.note("lock", "alarm", format!("{alarm:?}"));
                Ok(LiveEvent::Alarm(alarm))
            }
            ReportBody::Event(Event::Update(report)) => {
                self.note("lock", "update", format!("{:?}, runs {}", report.state, report.version));
                Ok(LiveEvent::Update(report))
            }
        }
    }
}
