//! What each packet of a claim leads to.

use std::mem;

use lock_fleet::proto::Outcome;
use lock_fleet::{
    ClaimAttempt, ClaimCode, ClaimHandOver, Fleet, FleetError, LiveAttempt, LiveRequest, LiveStart,
};
use lock_fleet::{Moment, SessionError, SqliteStore, Standing, StoreError};
use tokio::time::Instant;

use super::{Claim, ClaimStep, HELLO, MESSAGE2_WITHIN, Phase, TAKEN_WITHIN, identified};
use crate::Right;
use crate::http::Refusal;
use crate::log::fact;
use crate::messages::relay::ToPhone;
use crate::messages::{Candour, OutcomeView};
use crate::relay::socket::Gone;

/// Why a lock is not claimed. What nobody learns who has no right on a lock is whether it is this service's.
#[derive(Debug, thiserror::Error)]
enum NotClaimed {
    #[error(
        "this lock does not greet as one without an owner and with this label, or it counts as somebody else's at this service; compare label and lock id, have its ownership ended first where it has an owner, and where that was done at the door its former owner here or the operator of this service has to give it up here too"
    )]
    NotThis,
    #[error(
        "this lock is yours here, and does not greet so; compare label and lock id, and look which lock the phone is connected to"
    )]
    OwnedHere,
    #[error(
        "this lock has no owner any more: it was reset at the door, or released and nobody heard of it; give it up here, then claim it"
    )]
    WithoutOwner,
    #[error("another claim of this lock was begun later than this one; begin again")]
    Overtaken,
}

/// What the Hello is good for.
enum Next {
    Prove(Box<LiveAttempt>, Standing),
    Claim(Box<ClaimAttempt>),
}

impl Claim {
    /// Answers the Hello that is here; asks for one where there is none.
    pub(super) async fn pursue(&mut self) -> Result<(), Gone> {
        let (Some(wanted), Phase::Idle) = (&self.wanted, &self.phase) else { return Ok(()) };
        let Some((hello, _)) = self.hello.take().filter(|(_, came)| came.elapsed() < HELLO) else {
            return self.socket.say(&ToPhone::NeedHello).await;
        };
        self.tries += 1;
        let (wish, who, lock) =
            (wanted.wish(self.lock, &self.who, self.service.claim_proof()), self.who.clone(), self.lock);
        let next = self
            .service
            .blocking(move |service| {
                // Whose claim it was has the rights since: nobody else learns how it stands.
                let is_mine = service.access().rights(&who, lock)?.allow(Right::Own);
                if is_mine && let Some(next) = service.fleet(|fleet, now| prove(fleet, lock, &hello, now))? {
                    return Ok(next);
                }
                let code = ClaimCode::from_bytes(*wish.code.expose());
                service.fleet(|fleet, _| {
                    // Not an error of the fleet's for the caller: it depends on who asks what they are told.
                    Ok(match fleet.begin_claim(wish, &hello) {
                        Ok(attempt) => Ok(Next::Claim(Box::new(attempt))),
                        Err(FleetError::Store(StoreError::LockExists(_))) if is_mine => {
                            let has_none = fleet.greets_unowned(lock, &code, &hello)?;
                            let why = if has_none { NotClaimed::WithoutOwner } else { NotClaimed::OwnedHere };
                            Err(Refusal::conflict(why.to_string()))
                        }
                        Err(error) => Err(refusal(error)),
                    })
                })?
            })
            .await;
        match next.and_then(|next| next) {
            Ok(Next::Prove(attempt, standing)) => {
                if standing == Standing::Claiming && self.tries == 1 {
                    self.tell(ClaimStep::Resuming).await?;
                }
                let line = fact("sent").with("kind", "Message1").with("attempt", attempt.number());
                self.note(line.with("bytes", attempt.packet().len()));
                self.socket.packet(attempt.packet()).await?;
                self.phase =
                    Phase::Proving { attempt: *attempt, answer_by: Instant::now() + MESSAGE2_WITHIN };
                Ok(())
            }
            Ok(Next::Claim(attempt)) => {
                let line = fact("sent").with("kind", "Message1").with("claim", attempt.number());
                self.note(line.with("bytes", attempt.packet().len()));
                self.socket.packet(attempt.packet()).await?;
                self.phase =
                    Phase::Claiming { attempt: *attempt, answer_by: Instant::now() + MESSAGE2_WITHIN };
                Ok(())
            }
            Err(refusal) => self.end(&refusal.sentence).await,
        }
    }

    pub(super) async fn message2(&mut self, packet: Vec<u8>) -> Result<(), Gone> {
        match mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Claiming { attempt, .. } => self.takes_part(attempt, packet).await,
            Phase::Proving { attempt, .. } => self.proves(attempt, packet).await,
            other @ (Phase::Idle | Phase::HandedOver { .. }) => {
                self.phase = other;
                self.dropped("Message2", packet.len(), "no handshake waits for it");
                Ok(())
            }
        }
    }

    /// The lock was pressed and answers: its root is made durable, then who has the rights, and then it leaves.
    async fn takes_part(&mut self, attempt: ClaimAttempt, packet: Vec<u8>) -> Result<(), Gone> {
        let (who, lock, bytes) = (self.who.clone(), self.lock, packet.len());
        let kept = self
            .service
            .blocking(move |service| {
                identified(service, &who)?;
                let number = attempt.number();
                let before = service.fleet(|fleet, _| fleet.history_end(lock))?;
                let finished =
                    service.fleet(|fleet, now| match fleet.finish_claim(attempt, &packet, now) {
                        // Not the lock's, or altered on the way.
                        Err(FleetError::Session(error)) => Ok(Err(error)),
                        other => other.map(Ok),
                    })?;
                let Ok(over) = finished else { return Ok(finished) };
                if !service.hand_over(lock, number, who.user, before)? {
                    return Err(Refusal::conflict(NotClaimed::Overtaken.to_string()));
                }
                let told = format!("{}: all, and nobody else any", who.name);
                service.fleet(|fleet, now| fleet.record(lock, &who.name, "grant rights", &told, now))?;
                Ok(Ok(over))
            })
            .await;
        match kept.and_then(|kept| kept) {
            Ok(Ok(over)) => self.hands_over(over).await,
            Ok(Err(error)) => {
                self.dropped("Message2", bytes, &error.to_string());
                self.tell(ClaimStep::PressButton).await?;
                self.again().await
            }
            Err(refusal) => self.end(&refusal.sentence).await,
        }
    }

    async fn hands_over(&mut self, claim: ClaimHandOver) -> Result<(), Gone> {
        self.tell(ClaimStep::HandingOver).await?;
        // Without its length: it is always the same, and what is in it is nobody's business.
        self.note(fact("sent").with("kind", "Record").with("claim", "root"));
        self.socket.packet(claim.packet()).await?;
        self.phase = Phase::HandedOver { claim, answer_by: Instant::now() + TAKEN_WITHIN };
        Ok(())
    }

    /// The lock's answer to its root.
    pub(super) async fn record(&mut self, packet: Vec<u8>) -> Result<(), Gone> {
        let claim = match mem::replace(&mut self.phase, Phase::Idle) {
            Phase::HandedOver { claim, .. } => claim,
            other @ (Phase::Idle | Phase::Claiming { .. } | Phase::Proving { .. }) => {
                self.phase = other;
                self.dropped("Record", packet.len(), "there is no session");
                return Ok(());
            }
        };
        let bytes = packet.len();
        match self.service.ask_fleet(move |fleet, now| fleet.end_claim(claim, &packet, now)).await {
            Ok(Outcome::Done) => {
                self.note(fact("claim_taken"));
                self.tell(ClaimStep::Taken).await?;
                self.again().await
            }
            Ok(outcome) => {
                let sentence = OutcomeView::new(outcome, Candour::Full).sentence;
                self.end(&format!("the lock did not take its keys: {sentence}; begin the claim again")).await
            }
            Err(refusal) => {
                // Whether it has its keys the next Hello tells.
                self.dropped("Record", bytes, &refusal.sentence);
                self.again().await
            }
        }
    }

    /// The lock has the root: it is this cloud's.
    async fn proves(&mut self, attempt: LiveAttempt, packet: Vec<u8>) -> Result<(), Gone> {
        let bytes = packet.len();
        match self.service.ask_fleet(move |fleet, now| fleet.finish_live(attempt, &packet, now)).await {
            Ok(_) => {
                self.note(fact("claimed"));
                let sentence = "the lock has proven that it is yours".to_owned();
                self.socket.say(&ToPhone::Claimed { sentence }).await?;
                Err(Gone("the lock is claimed"))
            }
            Err(refusal) => {
                self.dropped("Message2", bytes, &refusal.sentence);
                self.again().await
            }
        }
    }
}

/// A session with a lock that greets under the root that is kept here; `None` where there is none, or it greets otherwise.
fn prove(
    fleet: &mut Fleet<SqliteStore>,
    lock: lock_fleet::LockId,
    hello: &[u8],
    now: Moment,
) -> Result<Option<Next>, FleetError> {
    let standing = match fleet.lock(lock) {
        Ok(info) => info.standing,
        Err(FleetError::NoSuchLock(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    match fleet.begin_live(lock, hello, LiveRequest::Nothing, now) {
        Ok(LiveStart::Send(attempt)) => Ok(Some(Next::Prove(Box::new(attempt), standing))),
        // Nothing was asked that could be known.
        Ok(LiveStart::Known(_)) => Ok(None),
        Err(
            FleetError::Session(SessionError::AnotherLock)
            | FleetError::OwnershipEnded
            | FleetError::GreetsUnowned,
        ) => Ok(None),
        Err(error) => Err(error),
    }
}

/// For somebody who has no right on the lock.
fn refusal(error: FleetError) -> Refusal {
    let is_here = matches!(error, FleetError::Store(StoreError::LockExists(_)));
    if is_here || matches!(error, FleetError::Session(SessionError::AnotherLock)) {
        Refusal::conflict(NotClaimed::NotThis.to_string())
    } else {
        error.into()
    }
}
