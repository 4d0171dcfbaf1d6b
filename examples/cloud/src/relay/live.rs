//! Live sessions over a relay: a wish becomes a command, a command a packet, a packet an answer.

use std::mem;
use std::time::Duration;

use lock_fleet::{LiveAttempt, LiveFinish, LiveSend, LiveSession, LiveStart, Task};
use tokio::time::Instant;

use super::wish::{Goal, Standing, TRIES, Wish, right_for};
use super::{Gone, Relay};
use crate::http::Refusal;
use crate::log::fact;
use crate::messages::relay::{Doing, ToPhone};
use crate::{Right, wish_name};

/// How long the lock may take for its Message2. A command that a relay kept too long is refused by name for as long as the Hello lives
/// (section 4.5): the wait is long enough to hear that.
const MESSAGE2_WITHIN: Duration = Duration::from_secs(7);

/// A lock executes a motion at most 5 s after it sent its Hello (section 4.5), and this one came some time ago.
const HELLO_FOR_MOTION: Duration = Duration::from_secs(4);

/// A Hello is dead after 10 s (section 1.2).
const HELLO: Duration = Duration::from_secs(8);

/// Where the session with the lock stands.
pub(super) enum Phase {
    Idle,
    Connecting { attempt: LiveAttempt, answer_by: Instant },
    Live(LiveSession),
}

impl Phase {
    pub(super) const fn is_waiting(&self) -> bool {
        matches!(self, Self::Connecting { .. })
    }

    pub(super) const fn due(&self) -> Option<Instant> {
        match self {
            Self::Connecting { answer_by, .. } => Some(*answer_by),
            Self::Idle | Self::Live(_) => None,
        }
    }
}

impl Relay {
    pub(super) async fn asked(
        &mut self,
        doing: Doing,
        client_token: Option<String>,
        from: Option<String>,
    ) -> Result<(), Gone> {
        self.note(fact("asked").with("action", doing.name()));
        if !self.may(right_for(doing)).await? {
            return self.forbid(right_for(doing)).await;
        }
        let goal = match doing {
            Doing::Deliver => return self.deliver_asked().await,
            Doing::Status | Doing::Watch => Ok(Goal::Status),
            Doing::Health => Ok(Goal::Health),
            Doing::Compare => Ok(Goal::Compare),
            Doing::Backup => Ok(Goal::BackUp),
            Doing::Log => Ok(Goal::Log),
            Doing::Restore => self.restoring(client_token, from).await?,
            Doing::Rotate => Ok(Goal::Rotate),
            Doing::Update => self.update_asked().await,
            Doing::Unlock => self.motion(Task::Unlock, client_token),
            Doing::Lock => self.motion(Task::Lock, client_token),
            Doing::Release => self.release(client_token).await,
        };
        if self.wish.is_some() {
            return self.refuse("the wish before is not answered yet; wait for its result").await;
        }
        match goal {
            Ok(goal) => {
                if doing == Doing::Rotate && matches!(self.phase, Phase::Live(_)) {
                    // Which keys the lock has is proven anew.
                    self.phase = Phase::Idle;
                }
                self.wish = Some(Wish::new(doing, goal, &self.who.name));
                self.pursue().await
            }
            Err(refusal) => self.refuse(&refusal.sentence).await,
        }
    }

    fn motion(&self, task: Task, client_token: Option<String>) -> Result<Goal, Refusal> {
        let token = client_token.map_or_else(wish_name::drawn, Ok)?;
        Ok(Goal::Motion { task, token: wish_name::of(&self.who, &token)? })
    }

    /// The ownership that is in force now: a wish of an owner before ends nothing.
    async fn release(&mut self, client_token: Option<String>) -> Result<Goal, Refusal> {
        let token = client_token.map_or_else(wish_name::drawn, Ok)?;
        let lock = self.lock;
        let info = self.service.ask_fleet(move |fleet, _| fleet.lock(lock)).await?;
        let task = Task::EndOwnership { key_epoch: info.key_epoch.number() };
        Ok(Goal::Release { task, token: wish_name::of(&self.who, &token)? })
    }

    pub(super) async fn greeted(&mut self, hello: Vec<u8>) -> Result<(), Gone> {
        self.hello = Some((hello, Instant::now()));
        self.pursue().await
    }

    /// Sends the wish that waits, in the session that is open or in a handshake; asks for a Hello where neither can be.
    pub(super) async fn pursue(&mut self) -> Result<(), Gone> {
        let Some(wish) = self.wish.as_ref().filter(|wish| wish.standing == Standing::Waiting) else {
            return Ok(());
        };
        let (right, motion) = (wish.right(), wish.is_motion());
        // Once more: the wish may have waited for a Hello.
        if !self.may(right).await? {
            self.wish = None;
            return self.forbid(right).await;
        }
        if !self.update_may_go_on().await? {
            return Ok(());
        }
        match mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Live(session) if !session.has_ended() => self.send_in_session(session).await,
            Phase::Connecting { attempt, answer_by } => {
                self.phase = Phase::Connecting { attempt, answer_by };
                Ok(())
            }
            Phase::Live(_) | Phase::Idle => {
                let fresh = if motion { HELLO_FOR_MOTION } else { HELLO };
                match self.hello.take().filter(|(_, came)| came.elapsed() < fresh) {
                    Some((hello, _)) => self.shake_hands(hello).await,
                    None => self.say(&ToPhone::NeedHello).await,
                }
            }
        }
    }

    async fn shake_hands(&mut self, hello: Vec<u8>) -> Result<(), Gone> {
        let Some(wish) = self.wish.as_mut() else { return Ok(()) };
        let (request, lock) = (wish.request(), self.lock);
        wish.tries += 1;
        let begun =
            self.service.ask_fleet(move |fleet, now| fleet.begin_live(lock, &hello, request, now)).await;
        match begun {
            Ok(LiveStart::Send(attempt)) => {
                let line = fact("sent").with("kind", "Message1").with("attempt", attempt.number());
                let line = line.with_some("command", attempt.command().map(|id| id.0));
                self.note(line.with("bytes", attempt.packet().len()));
                self.command_sent(attempt.command());
                self.socket.packet(attempt.packet()).await?;
                if let Some(wish) = &mut self.wish {
                    wish.standing = Standing::InHandshake;
                }
                self.phase = Phase::Connecting { attempt, answer_by: Instant::now() + MESSAGE2_WITHIN };
                Ok(())
            }
            Ok(LiveStart::Known(command)) => self.known(&command).await,
            Err(refusal) => self.give_up(&refusal.sentence).await,
        }
    }

    async fn send_in_session(&mut self, mut session: LiveSession) -> Result<(), Gone> {
        let Some(wish) = self.wish.as_mut() else { return Ok(()) };
        let request = wish.request();
        let asked = self
            .service
            .ask_fleet(move |fleet, now| {
                let send = fleet.request_live(&mut session, request, now)?;
                Ok((session, send))
            })
            .await;
        match asked {
            Ok((session, send)) => {
                self.phase = Phase::Live(session);
                match send {
                    LiveSend::Packet { packet, command } => {
                        let line =
                            fact("sent").with("kind", "Record").with_some("command", command.map(|id| id.0));
                        self.note(line.with("bytes", packet.len()));
                        self.command_sent(command);
                        if let Some(wish) = &mut self.wish {
                            wish.sent_in_session();
                        }
                        self.socket.packet(&packet).await
                    }
                    LiveSend::Known(command) => self.known(&command).await,
                }
            }
            Err(refusal) => self.give_up(&refusal.sentence).await,
        }
    }

    pub(super) async fn message2(&mut self, packet: Vec<u8>) -> Result<(), Gone> {
        let attempt = match mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Connecting { attempt, .. } => attempt,
            other @ (Phase::Idle | Phase::Live(_)) => {
                self.phase = other;
                self.dropped("Message2", packet.len(), "no handshake waits for it");
                return Ok(());
            }
        };
        let bytes = packet.len();
        match self.service.ask_fleet(move |fleet, now| fleet.finish_live(attempt, &packet, now)).await {
            Ok(LiveFinish { session, answer, caught, unasked }) => {
                self.phase = Phase::Live(session);
                self.note_caught(&caught);
                if let (Some(_), Some(wish)) = (unasked, &mut self.wish) {
                    // It had no place in the first message; its turn comes below, in the session.
                    wish.standing = Standing::Waiting;
                }
                self.answered(answer).await?;
                // What was wished while the handshake was for another's sake.
                self.pursue().await
            }
            Err(refusal) => {
                self.dropped("Message2", bytes, &refusal.sentence);
                self.try_again(&refusal.sentence).await
            }
        }
    }

    /// Message1 or Message2 was lost, or not from this lock. The same wish under the same number: the lock does it once.
    async fn try_again(&mut self, why: &str) -> Result<(), Gone> {
        let Some(wish) = self.wish.as_mut() else { return Ok(()) };
        if wish.tries >= TRIES {
            return self.give_up(why).await;
        }
        wish.standing = Standing::Waiting;
        self.pursue().await
    }

    pub(super) async fn handshake_is_late(&mut self, now: Instant) -> Result<(), Gone> {
        match &self.phase {
            Phase::Connecting { attempt, answer_by } if now >= *answer_by => {
                self.note(fact("unanswered").with("kind", "Message1").with("attempt", attempt.number()));
                self.phase = Phase::Idle;
                self.try_again("the lock did not answer; go nearer and try again").await
            }
            Phase::Connecting { .. } | Phase::Idle | Phase::Live(_) => Ok(()),
        }
    }

    pub(super) async fn wish_is_late(&mut self, now: Instant) -> Result<(), Gone> {
        let Some(wish) = &self.wish else { return Ok(()) };
        if wish.is_given_up(now) {
            return self.give_up("the lock did not answer in time; look at its status, or ask again with the same client token").await;
        }
        match wish.standing {
            Standing::InSession { answer_by } if now >= answer_by => {
                self.note(fact("unanswered").with("kind", "Record"));
                self.phase = Phase::Idle;
                self.update_session_lost();
                self.try_again("the lock did not answer; go nearer and try again").await
            }
            Standing::Resting { until } if now >= until => {
                if let Some(wish) = &mut self.wish {
                    wish.standing = Standing::Waiting;
                }
                self.pursue().await
            }
            Standing::Resting { .. }
            | Standing::InSession { .. }
            | Standing::Waiting
            | Standing::InHandshake => Ok(()),
        }
    }

    pub(super) async fn give_up(&mut self, sentence: &str) -> Result<(), Gone> {
        if let Some(wish) = self.wish.take() {
            self.note(fact("given_up").with("action", wish.doing.name()).with("why", sentence));
        }
        self.refuse(sentence).await
    }

    pub(super) async fn forbid(&mut self, right: Right) -> Result<(), Gone> {
        self.note(fact("refused").with("right", right));
        self.refuse(&Refusal::no_right(right).sentence).await
    }
}
