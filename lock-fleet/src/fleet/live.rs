//! Asking a lock that is reached now: the first message, and further ones in a session.

use lock_core::cloud::{Comparison, Connecting, Proving, Rotating, SessionError, Side};
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::crypto::{KeyEpoch, LockId};
use lock_core::proto::{
    Chunk, CommandId, Down, MAX_PACKET, Opening, Packet, Profile, Query, Request, Table, UnixMillis,
};
use zeroize::Zeroize;

use super::backups::{Gathering, KeptBackup, kept_backups};
use super::change::stored_action;
use super::queue::Wish;
use super::rotation::Greeted;
use super::{ClientToken, Command, Fleet, FleetError, LiveSession, Task, random};
use crate::clock::Moment;
use crate::store::{CommandRow, CommandState, Path, Store, Stream};

/// What to ask of a lock in a live session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveRequest {
    /// Only a session.
    Nothing,
    /// The state of the lock.
    Status,
    /// Everything that the lock can say of itself, for a diagnosis.
    Health,
    /// Where a firmware update stands.
    Update,
    /// The next question of a comparison of the configuration: first for one hash over all items, then, where the lock has other
    /// items than is known here, for their versions. Ask again while [`super::LiveAnswer::Compared`] has a further question.
    Compare,
    /// The next question of a backup of what the lock keeps of its credentials. Ask again while [`super::LiveAnswer::BackedUp`] says
    /// that there is more to read.
    BackUp {
        /// Who asks.
        by: String,
    },
    /// Have the lock keep its secrets under the key of the newest backup, so that its credentials fit. A lock that keeps any refuses it
    /// with `Occupied`.
    AdoptBackup {
        /// Whose backup: this lock's, or that of the lock that it replaces.
        of: LockId,
        /// The caller's name for it, as with an action.
        client_token: ClientToken,
        /// Who asks.
        by: String,
    },
    /// The next step of the rotation of the lock's keys that was wanted ([`Fleet::rotate_keys`]): see
    /// [`super::RotationProgress`] for the one after it.
    Rotate,
    /// The next question for the log. Ask again while [`super::LiveAnswer::Log`] says that there is more; then acknowledge.
    Log,
    /// Have the lock free what is here of its log. Without a log that is level, only a session.
    AcknowledgeLog,
    /// Do something, at most once for the token.
    Action {
        /// What.
        task: Task,
        /// The caller's name for it. While its outcome is unknown, asking again sends the same command, which the lock
        /// answers without doing it twice.
        client_token: ClientToken,
        /// Who asks.
        by: String,
    },
}

impl LiveRequest {
    /// Whether it changes the configuration.
    const fn configures(&self) -> bool {
        match self {
            Self::Action { task, .. } => task.configures(),
            Self::Nothing
            | Self::Status
            | Self::Health
            | Self::Update
            | Self::Compare
            | Self::Rotate
            | Self::Log
            | Self::AcknowledgeLog
            | Self::BackUp { .. }
            | Self::AdoptBackup { .. } => false,
        }
    }

    /// Whether it has no place in a first message, whatever the profile.
    const fn needs_session(&self) -> bool {
        match self {
            Self::BackUp { .. } | Self::AdoptBackup { .. } => true,
            Self::Action { task, .. } => matches!(task, Task::AdoptPinKey { .. }),
            Self::Nothing
            | Self::Status
            | Self::Health
            | Self::Update
            | Self::Compare
            | Self::Rotate
            | Self::Log
            | Self::AcknowledgeLog => false,
        }
    }
}

/// What to do with an answered Hello.
#[expect(clippy::large_enum_variant, reason = "an attempt is what is nearly always made, one at a time")]
#[derive(Debug)]
pub enum LiveStart {
    /// Send the Message1 of this attempt.
    Send(LiveAttempt),
    /// Nothing: what became of the command of this token is known already.
    Known(Command),
}

/// What to do in a session.
#[derive(Debug)]
pub enum LiveSend {
    /// Send this record.
    Packet {
        /// The bytes, at most 512.
        packet: Vec<u8>,
        /// The command in it.
        command: Option<CommandId>,
    },
    /// Nothing: what became of the command of this token is known already.
    Known(Command),
}

/// A handshake that waits for the lock's Message2.
#[derive(Debug)]
pub struct LiveAttempt {
    pub(super) lock: LockId,
    /// The ownership that it was begun under.
    pub(super) ownership: u64,
    packet: Vec<u8>,
    number: u64,
    pub(super) command: Option<CommandId>,
    pub(super) sending: Sending,
    pub(super) asked_at: UnixMillis,
    pub(super) connecting: Handshake,
    /// The key epoch that it proves.
    pub(super) epoch: KeyEpoch,
    /// What has to wait for the session.
    pub(super) unasked: Option<LiveRequest>,
    /// From where on the log was asked for, and under which nonce.
    pub(super) log_question: Option<LogQuestion>,
    /// The preparation whose root was stored when the lock was asked what it holds.
    pub(super) asked_root: Option<[u8; 16]>,
}

impl LiveAttempt {
    /// The lock.
    #[must_use]
    pub const fn lock(&self) -> LockId {
        self.lock
    }

    /// Message1, to be sent once: at most 128 bytes.
    #[must_use]
    pub fn packet(&self) -> &[u8] {
        &self.packet
    }

    /// The number of the attempt, which is used once.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The command in it.
    #[must_use]
    pub const fn command(&self) -> Option<CommandId> {
        self.command
    }
}

/// A handshake under the keys in force, or under those of the next epoch.
#[derive(Debug)]
pub(super) enum Handshake {
    InForce(Connecting),
    Next(Proving),
}

/// Whether a command's bytes left the fleet before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sending {
    First,
    Again,
}

/// A request with its number, or the end of the matter.
enum Prepared {
    Ask(Request, Option<CommandId>, Sending),
    Known(Command),
}

impl<S: Store> Fleet<S> {
    /// Answers the Hello of a lock. The attempt's number and the command are durable before this returns; a lock executes a motion
    /// at most 5 s after its Hello.
    ///
    /// A change of the configuration of a lock of profile X is not sent in the first message, which has no forward secrecy (section
    /// 4.4), nor is a backup or its key for any lock: the attempt asks for a session alone, and [`super::LiveFinish::unasked`] hands the request back for it.
    ///
    /// # Errors
    /// [`FleetError::Session`] when the Hello is of another lock or of another profile than it is registered with, [`FleetError::GreetsUnowned`],
    /// [`FleetError::TokenReused`], [`FleetError::TokenQueued`],
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn begin_live(
        &mut self,
        lock: LockId,
        hello_packet: &[u8],
        request: LiveRequest,
        now: Moment,
    ) -> Result<LiveStart, FleetError> {
        let row = self.row(lock)?;
        let keys = self.keys(&row)?;
        // No number is spent on a Hello that is not this lock's.
        let Ok(Packet::Hello(hello)) = Packet::parse(hello_packet) else {
            return Err(SessionError::UnexpectedPacket.into());
        };
        let Some((side, next)) = self.greeted(&row, &keys, &hello)? else {
            return Err(self.stranger(&row, &hello)?);
        };
        if hello.profile != row.profile {
            return Err(SessionError::AnotherProfile.into());
        }
        let is_rotation = request == LiveRequest::Rotate;
        let waits = request.needs_session() || (row.profile == Profile::X && request.configures());
        let (request, unasked) = if waits { (LiveRequest::Nothing, Some(request)) } else { (request, None) };
        let mut asked_root = None;
        let (greeted, request, command, sending) = match (side, next) {
            (Side::Before, next) if is_rotation => {
                row.state.rotation.as_ref().ok_or(FleetError::NoRotation)?;
                let beginning = self.begin_rotation(lock, next, now)?;
                asked_root = beginning.asked_root;
                (beginning.greeted, beginning.request, None, Sending::First)
            }
            (side, next) => {
                let greeted = match (side, next) {
                    // The lock has committed, and nobody here has heard of it.
                    (Side::After, Some(next)) => Greeted::Next(Box::new(next)),
                    (Side::Before | Side::After, _) => Greeted::InForce,
                };
                let request = if is_rotation { LiveRequest::Nothing } else { request };
                match self.prepare(lock, request, None, now)? {
                    Prepared::Ask(request, command, sending) => (greeted, request, command, sending),
                    Prepared::Known(command) => return Ok(LiveStart::Known(command)),
                }
            }
        };
        let unasked = if is_rotation && matches!((&greeted, &request), (Greeted::InForce, Request::Nothing)) {
            Some(LiveRequest::Rotate)
        } else {
            unasked
        };
        let log_question = log_question(&request);
        let number = self.take(lock, row.key_epoch, Stream::Attempt)?;
        let mut hedge = InitiatorHedge { attempt: number, entropy: random()? };
        let time = if self.withholds_time(lock)? { None } else { Some(now.unix) };
        let opening = Down { header: Opening { time }, request };
        let mut packet = [0; MAX_PACKET];
        let (started, epoch) = match &greeted {
            Greeted::InForce => {
                let started = Connecting::start(&keys, hello_packet, &opening, &hedge, &mut packet);
                (started.map(|(length, connecting)| (length, Handshake::InForce(connecting))), row.key_epoch)
            }
            Greeted::Next(next) => {
                let rotating = Rotating { in_force: &keys, next };
                let started = rotating.start(hello_packet, &opening, &hedge, &mut packet);
                (started.map(|(length, proving)| (length, Handshake::Next(proving))), next.key_epoch())
            }
        };
        // An ephemeral secret was drawn from it (section 3.4).
        hedge.entropy.zeroize();
        let (length, connecting) = started?;
        let packet = packet[..length].to_vec();
        Ok(LiveStart::Send(LiveAttempt {
            lock,
            ownership: row.ownership,
            packet,
            number,
            command,
            sending,
            asked_at: now.unix,
            connecting,
            epoch,
            unasked,
            log_question,
            asked_root,
        }))
    }

    /// Asks something more in a session.
    ///
    /// # Errors
    /// [`FleetError::Session`] when it has ended, [`FleetError::ClaimOvertaken`] where the lock was claimed anew since,
    /// [`FleetError::TokenReused`], [`FleetError::TokenQueued`], [`FleetError::Store`].
    pub fn request_live(
        &mut self,
        session: &mut LiveSession,
        request: LiveRequest,
        now: Moment,
    ) -> Result<LiveSend, FleetError> {
        if session.has_ended() {
            return Err(SessionError::Ended.into());
        }
        self.check_ownership(session.lock(), session.ownership)?;
        if request == LiveRequest::Compare && session.comparing.query().is_none() {
            session.comparing = Comparison::Compare;
        }
        let request = match request {
            LiveRequest::BackUp { by } => {
                let query = session.gathering.get_or_insert_with(|| Gathering::new(by)).query();
                return send(session, Request::Query(query), None, now);
            }
            LiveRequest::AdoptBackup { of, client_token, by } => {
                let task = self.adoption(of)?;
                LiveRequest::Action { task, client_token, by }
            }
            LiveRequest::Rotate => {
                let (request, command) = self.rotate_in(session, now)?;
                return send(session, request, command, now);
            }
            other @ (LiveRequest::Nothing
            | LiveRequest::Status
            | LiveRequest::Health
            | LiveRequest::Update
            | LiveRequest::Compare
            | LiveRequest::Log
            | LiveRequest::AcknowledgeLog
            | LiveRequest::Action { .. }) => other,
        };
        let mut comparing = None;
        if request == LiveRequest::Compare {
            // It begins with the question about virtual keys, once a session.
            let has_asked = std::mem::replace(&mut session.asked_tickets, true);
            comparing = session.comparing.query().filter(|_| has_asked);
        }
        let (request, command) = match self.prepare(session.lock(), request, comparing, now)? {
            Prepared::Ask(request, command, _) => (request, command),
            Prepared::Known(command) => return Ok(LiveSend::Known(command)),
        };
        session.log_question = log_question(&request).or(session.log_question);
        send(session, request, command, now)
    }

    /// The task that gives a lock the key of the newest backup.
    fn adoption(&mut self, of: LockId) -> Result<Task, FleetError> {
        self.row(of)?;
        let newest = kept_backups(&mut self.store, &self.vault, of)?.into_iter().next();
        let KeptBackup { number, key, .. } = newest.ok_or(FleetError::NoBackup)?;
        Ok(Task::AdoptPinKey { backup: number, key })
    }

    /// Seals a piece of a firmware image. The lock answers each with what it wants next ([`super::LiveAnswer::Wanted`]); what to send, and how
    /// far ahead, is for an [`ImageSender`](lock_core::cloud::ImageSender) to say.
    ///
    /// # Errors
    /// [`FleetError::Session`] when the session has ended.
    pub fn chunk_live(
        &mut self,
        session: &mut LiveSession,
        chunk: &Chunk<'_>,
        now: Moment,
    ) -> Result<Vec<u8>, FleetError> {
        let mut packet = [0; MAX_PACKET];
        let length = session.session.chunk(chunk, now.monotonic, &mut packet)?;
        Ok(packet[..length].to_vec())
    }

    /// Gives the request its number, unless its token has one whose outcome is known. From here on, durably, it counts as
    /// sent.
    fn prepare(
        &mut self,
        lock: LockId,
        request: LiveRequest,
        comparing: Option<Query>,
        now: Moment,
    ) -> Result<Prepared, FleetError> {
        let request = match request {
            LiveRequest::Log => {
                let query = self.log_query(lock)?;
                return Ok(Prepared::Ask(Request::Query(query), None, Sending::First));
            }
            LiveRequest::AcknowledgeLog => self.acknowledgement(lock)?.unwrap_or(LiveRequest::Nothing),
            other @ (LiveRequest::Nothing
            | LiveRequest::Status
            | LiveRequest::Health
            | LiveRequest::Update
            | LiveRequest::Rotate
            | LiveRequest::Compare
            | LiveRequest::BackUp { .. }
            | LiveRequest::AdoptBackup { .. }
            | LiveRequest::Action { .. }) => other,
        };
        let wish = match request {
            // A rotation is asked for on a way of its own.
            LiveRequest::Nothing | LiveRequest::Rotate | LiveRequest::Log | LiveRequest::AcknowledgeLog => {
                return Ok(Prepared::Ask(Request::Nothing, None, Sending::First));
            }
            LiveRequest::Status => {
                return Ok(Prepared::Ask(Request::Query(Query::Status), None, Sending::First));
            }
            LiveRequest::Health => {
                return Ok(Prepared::Ask(Request::Query(Query::Health), None, Sending::First));
            }
            // These two became something else, or wait for a session.
            LiveRequest::BackUp { .. } | LiveRequest::AdoptBackup { .. } => {
                return Ok(Prepared::Ask(Request::Nothing, None, Sending::First));
            }
            LiveRequest::Update => {
                return Ok(Prepared::Ask(Request::Query(Query::Update), None, Sending::First));
            }
            LiveRequest::Compare => {
                let query = comparing.unwrap_or(Query::Tickets);
                return Ok(Prepared::Ask(Request::Query(query), None, Sending::First));
            }
            LiveRequest::Action { task: Task::Clear { table: Table::Settings, .. }, .. } => {
                return Err(FleetError::SettingsStay);
            }
            LiveRequest::Action { task, client_token, by } => {
                Wish { task, token: client_token, by, path: Path::Live, not_after: None }
            }
        };
        let (row, sending) = self.change(lock, now, |change| {
            if let Some(known) = change.known(&wish)? {
                if known.state.is_open() {
                    change.note(
                        &wish.by,
                        known.kind.to_string(),
                        format!("live again, as command {}", known.id.0),
                    );
                }
                return Ok((known, Sending::Again));
            }
            let row = CommandRow { state: CommandState::HandedOver, ..change.issue(&wish)? };
            change.note(&wish.by, row.kind.to_string(), format!("live, as command {}", row.id.0));
            change.put(row.clone());
            Ok((row, Sending::First))
        })?;
        if !row.state.is_open() {
            return Ok(Prepared::Known(row.into()));
        }
        match stored_action(&self.vault, lock, &row)? {
            Some(action) => Ok(Prepared::Ask(Request::Command { id: row.id, action }, Some(row.id), sending)),
            None => Ok(Prepared::Known(row.into())),
        }
    }
}

/// From where on the log is asked for, and under which nonce.
pub(super) type LogQuestion = (u64, [u8; 16]);

const fn log_question(request: &Request) -> Option<LogQuestion> {
    if let Request::Query(Query::Log { from, nonce }) = request { Some((*from, *nonce)) } else { None }
}

fn send(
    session: &mut LiveSession,
    request: Request,
    command: Option<CommandId>,
    now: Moment,
) -> Result<LiveSend, FleetError> {
    let mut packet = [0; MAX_PACKET];
    let length = session.session.request(request, now.monotonic, &mut packet)?;
    Ok(LiveSend::Packet { packet: packet[..length].to_vec(), command })
}
