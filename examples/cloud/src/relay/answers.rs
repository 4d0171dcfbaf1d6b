//! What the lock says, told to the phone as far as its user may hear it.

use std::mem;

use lock_fleet::proto::{CommandId, Health, Outcome};
use lock_fleet::{
    Caught, Command, CommandState, Comparison, FleetError, ItemStanding, LiveAnswer, LiveEvent,
    RotationProgress,
};

use super::live::Phase;
use super::wish::{Standing, TRIES, Wish};
use super::{Gone, Relay};
use crate::Right;
use crate::log::fact;
use crate::messages::relay::{EventView, ToPhone, alarm_sentence};
use crate::messages::{Candour, OutcomeView, door_sentence};

impl Relay {
    /// A record of the lock.
    pub(super) async fn record(&mut self, packet: Vec<u8>) -> Result<(), Gone> {
        let Phase::Live(mut session) = mem::replace(&mut self.phase, Phase::Idle) else {
            self.dropped("Record", packet.len(), "there is no session");
            return Ok(());
        };
        let bytes = packet.len();
        let opened = self
            .service
            .blocking(move |service| {
                let opened = service.fleet(|fleet, now| match fleet.open_live(&mut session, &packet, now) {
                    // The session goes on after a packet that was tampered with; it counts them.
                    Err(FleetError::Session(refused)) => Ok(Err(refused)),
                    other => other.map(Ok),
                });
                (session, opened)
            })
            .await;
        let event = match opened {
            Ok((session, opened)) => {
                if session.has_ended() {
                    self.note(fact("session_ended"));
                    self.refuse("the session with the lock has reached its limit; ask again").await?;
                } else {
                    self.phase = Phase::Live(session);
                }
                match opened {
                    Ok(Ok(event)) => event,
                    Ok(Err(refused)) => {
                        self.dropped("Record", bytes, &refused.to_string());
                        return Ok(());
                    }
                    Err(refusal) => return self.refuse(&refusal.sentence).await,
                }
            }
            Err(refusal) => return self.refuse(&refusal.sentence).await,
        };
        self.said(event).await
    }

    async fn said(&mut self, event: LiveEvent) -> Result<(), Gone> {
        match event {
            LiveEvent::Answer(answer) => self.answered(answer).await,
            LiveEvent::Finished { id, outcome } => self.said_late(id, outcome).await,
            LiveEvent::Changed(status) => {
                self.note(fact("changed").with("status", door_sentence(&status)));
                if !self.may(Right::Status).await? {
                    return Ok(());
                }
                self.say(&ToPhone::Event(EventView::Status {
                    sentence: door_sentence(&status).to_owned(),
                    status,
                }))
                .await
            }
            LiveEvent::Update(report) => Box::pin(self.update_stands(report)).await,
            LiveEvent::Alarm(alarm) => {
                self.note(fact("alarm").with("kind", format_args!("{alarm:?}")));
                if !self.may(Right::Status).await? {
                    return Ok(());
                }
                self.say(&ToPhone::Event(EventView::Alarm {
                    alarm,
                    sentence: alarm_sentence(alarm).to_owned(),
                }))
                .await
            }
        }
    }

    /// The outcome of a command that nothing waits for any more.
    async fn said_late(&mut self, id: CommandId, outcome: Outcome) -> Result<(), Gone> {
        self.note(fact("finished").with("command", id.0).with("outcome", format_args!("{outcome:?}")));
        let outcome = OutcomeView::new(outcome, self.candour().await?);
        self.say(&ToPhone::Event(EventView::Finished { command_id: id.0, outcome })).await
    }

    /// The lock's answer to the wish.
    pub(super) async fn answered(&mut self, answer: LiveAnswer) -> Result<(), Gone> {
        match answer {
            LiveAnswer::Connected if self.wish.as_ref().is_some_and(|wish| wish.is_log_level) => {
                self.log_acknowledged(Outcome::Done).await
            }
            LiveAnswer::Connected => Ok(()),
            LiveAnswer::Status(status) => {
                self.wish = None;
                self.note(fact("answered").with("status", door_sentence(&status)));
                if !self.may(Right::Status).await? {
                    return self.forbid(Right::Status).await;
                }
                self.say(&ToPhone::Status { sentence: door_sentence(&status).to_owned(), status }).await
            }
            LiveAnswer::Health(report) => {
                self.wish = None;
                let sentence = health_sentence(&report);
                self.note(fact("answered").with("health", &sentence));
                if !self.may(Right::Status).await? {
                    return self.forbid(Right::Status).await;
                }
                self.say(&ToPhone::Health { sentence, report }).await
            }
            LiveAnswer::Compared(comparison) => self.compared(comparison).await,
            LiveAnswer::BackedUp(stands) => self.backed_up(stands).await,
            LiveAnswer::Rotation(progress) => self.rotated(progress).await,
            LiveAnswer::Update(report) => self.update_stands(report).await,
            LiveAnswer::Wanted(offset) => self.chunk_answered(offset).await,
            LiveAnswer::Command { id, outcome, .. } if self.is_updating() => {
                if self.is_of_update(id) {
                    return self.update_command(outcome).await;
                }
                // That of a wish before, which was given up: it says nothing of the update.
                self.said_late(id, outcome).await
            }
            LiveAnswer::Log(fetched) => self.log_fetched(fetched).await,
            LiveAnswer::Command { id, outcome, repeat } => {
                if let Some(of) = self.wish.as_ref().and_then(Wish::restores) {
                    return self.adopted(of, outcome).await;
                }
                if self.wish.as_ref().is_some_and(|wish| wish.is_log_level) {
                    return self.log_acknowledged(outcome).await;
                }
                self.wish = None;
                let line =
                    fact("answered").with("command", id.0).with("outcome", format_args!("{outcome:?}"));
                self.note(line.with("repeat", repeat));
                self.tell_result(id, outcome, repeat).await
            }
            LiveAnswer::SendAgain { id } => {
                self.note(
                    fact("spent").with("command", id.0).with("next", "the same wish under a fresh number"),
                );
                let Some(wish) = self.wish.as_mut().filter(|wish| wish.renumbered < TRIES) else {
                    return self
                        .give_up("the lock's numbers were spent by a lost copy of this service; ask again")
                        .await;
                };
                wish.renumbered += 1;
                wish.standing = Standing::Waiting;
                Box::pin(self.pursue()).await
            }
            LiveAnswer::NotUnderstood => {
                self.give_up("the lock does not understand this; update its firmware").await
            }
        }
    }

    /// A step of a rotation is done.
    async fn rotated(&mut self, progress: RotationProgress) -> Result<(), Gone> {
        self.note(fact("rotation").with("step", format_args!("{progress:?}")));
        let epoch = match progress {
            RotationProgress::Done(epoch) => epoch,
            RotationProgress::Refused(outcome) => {
                let sentence = OutcomeView::new(outcome, Candour::Full).sentence;
                return self
                    .give_up(&format!("the lock did not rotate its keys: {sentence}; ask again"))
                    .await;
            }
            RotationProgress::GoesOn | RotationProgress::NeedsHello => {
                if progress == RotationProgress::NeedsHello {
                    self.phase = Phase::Idle;
                }
                let Some(wish) = &mut self.wish else { return Ok(()) };
                (wish.standing, wish.tries) = (Standing::Waiting, 0);
                return Box::pin(self.pursue()).await;
            }
        };
        self.wish = None;
        if !self.may(Right::Configure).await? {
            return self.forbid(Right::Configure).await;
        }
        let lock = self.lock;
        let info = match self.service.ask_fleet(move |fleet, now| fleet.rotation(lock, now)).await {
            Ok(info) => info,
            Err(refusal) => return self.refuse(&refusal.sentence).await,
        };
        let to_reissue = info.to_reissue.len();
        let sentence = format!(
            "the keys of epoch {epoch} are in force; {to_reissue} virtual keys and all offline codes from before are dead"
        );
        self.say(&ToPhone::Rotated { key_epoch: epoch, to_reissue, sentence }).await
    }

    /// The lock has answered one question of a comparison. When every slot was looked at the hash is compared once more.
    async fn compared(&mut self, comparison: Comparison) -> Result<(), Gone> {
        let has_listed = self.wish.as_ref().is_some_and(|wish| wish.has_listed);
        let goes_on = match comparison {
            Comparison::Agreed => false,
            Comparison::Listed => true,
            Comparison::Compare | Comparison::List { .. } => !has_listed,
        };
        if goes_on {
            if let Some(wish) = &mut self.wish {
                wish.standing = Standing::Waiting;
                wish.has_listed |= comparison == Comparison::Listed;
            }
            return Box::pin(self.pursue()).await;
        }
        self.wish = None;
        if !self.may(Right::Configure).await? {
            return self.forbid(Right::Configure).await;
        }
        let lock = self.lock;
        let items = match self.service.ask_fleet(move |fleet, _| fleet.items(lock)).await {
            Ok(items) => items,
            Err(refusal) => return self.refuse(&refusal.sentence).await,
        };
        let differing = items.iter().filter(|item| item.standing != ItemStanding::Applied).count();
        self.note(fact("compared").with("items", items.len()).with("differing", differing));
        let sentence = match differing {
            _ if comparison != Comparison::Agreed => {
                "the lock has something that this service cannot see; update the service".to_owned()
            }
            0 => format!("the lock has all {} items as wanted", items.len()),
            _ => format!("{differing} of {} items are not as wanted; look at the list of items", items.len()),
        };
        self.say(&ToPhone::Compared { differing, sentence }).await
    }

    /// The outcome was known before anything was sent.
    pub(super) async fn known(&mut self, command: &Command) -> Result<(), Gone> {
        if let (Some(of), CommandState::Settled(outcome)) =
            (self.wish.as_ref().and_then(Wish::restores), command.state)
        {
            return self.adopted(of, outcome).await;
        }
        if self.wish.as_ref().is_some_and(|wish| wish.is_log_level) {
            return self.log_acknowledged(Outcome::Done).await;
        }
        if self.is_updating() {
            return Box::pin(self.update_known(command.state)).await;
        }
        self.wish = None;
        self.note(fact("known").with("command", command.id.0).with("state", command.state));
        match command.state {
            CommandState::Settled(outcome) => self.tell_result(command.id, outcome, true).await,
            CommandState::Started => self.tell_result(command.id, Outcome::Started, true).await,
            CommandState::Queued
            | CommandState::Sealed
            | CommandState::HandedOver
            | CommandState::Expired
            | CommandState::Unexecuted
            | CommandState::Replaced { .. }
            | CommandState::Unknown => {
                self.refuse(&format!("this wish was sent before and is {}", command.state)).await
            }
        }
    }

    async fn tell_result(&mut self, id: CommandId, outcome: Outcome, repeat: bool) -> Result<(), Gone> {
        let outcome = OutcomeView::new(outcome, self.candour().await?);
        self.say(&ToPhone::Result { command_id: id.0, repeat, outcome }).await
    }

    pub(super) async fn candour(&mut self) -> Result<Candour, Gone> {
        Ok(if self.may(Right::Status).await? { Candour::Full } else { Candour::Coarse })
    }

    pub(super) fn note_caught(&self, caught: &Caught) {
        if let Caught::Raised { from, to, reissued } = caught {
            let line = fact("resynchronised").with("down_from", from.next_down).with("down_to", to.next_down);
            let line = line.with("command_from", from.next_command.0).with("command_to", to.next_command.0);
            self.note(line.with("reissued", reissued));
        }
    }
}

/// What a report says is probably wrong.
fn health_sentence(report: &Health) -> String {
    use lock_diagnosis::texts::ENGLISH;
    let findings = lock_diagnosis::diagnose(&lock_diagnosis::Signs::from_report(report));
    match findings.first() {
        None => ENGLISH.nothing_found.to_owned(),
        Some(finding) => {
            let confidence = (ENGLISH.confidence)(finding.confidence());
            format!("{} ({confidence})", (ENGLISH.cause)(finding.cause()).name)
        }
    }
}
