//! The relay of a claim: a lock without an owner, somebody who reads its label, and a phone that carries (section 3.2).
//!
//! It is for any user: whoever has the label and can press the button inside the lock is to be its owner. The phone is believed in
//! nothing; the lock proves by a session under the new root that it is this cloud's.
//!
//! ```text
//!   Hello ─┬─ under the root that is kept ──> Proving ── Message2 ──> claimed
//!          └─ without an owner ──> Claiming ── Message2 ──> root and rights durable ──> HandedOver ── Record ──> need_hello
//! ```
//!
//! Cut anywhere, the same claim goes on: the first Hello of the next try tells which of the two it is.

mod steps;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::response::Response;
use lock_fleet::proto::{Kind, Packet, Profile};
use lock_fleet::{
    Account, ClaimAttempt, ClaimCode, ClaimHandOver, ClaimProof, ClaimWish, LiveAttempt, LockId,
};
use tokio::time::Instant;

use super::socket::{self, Gone, Incoming, Socket};
use crate::access::Identity;
use crate::http::{Caller, Refusal, lock_id};
use crate::log::{Fact, fact};
use crate::messages::relay::ToPhone;
use crate::messages::{ClaimStep, FromClaimer, LabelText};
use crate::service::{self, Service};

/// A claim that has not come to its end by then is given up; it may be begun again. Longer than the window of a press.
const PATIENCE: Duration = Duration::from_secs(180);

/// By when the wish has to be here: a connection without one holds no room.
const WISH_WITHIN: Duration = Duration::from_secs(10);

/// How long the lock may take for its Message2, with the arithmetic of profile X. One that was not pressed is silent, and asked again.
const MESSAGE2_WITHIN: Duration = Duration::from_secs(3);

/// How long the lock may take to store its keys and say so.
const TAKEN_WITHIN: Duration = Duration::from_secs(6);

/// A Hello is dead after 10 s (section 1.2).
const HELLO: Duration = Duration::from_secs(8);

/// More handshakes than these are no claim.
const TRIES: u8 = 60;

/// `GET /v1/locks/{lock}/claim`: any user; it says nothing of whether the lock is known here.
pub(crate) async fn open(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let lock = lock_id(&lock)?;
    let upgrade = super::accepted(upgrade)?;
    let room = service.room_for_claim(who.user)?;
    Ok(upgrade.on_upgrade(move |socket| async move {
        Claim::new(service, who, lock, socket).run().await;
        drop(room);
    }))
}

/// What is wished of the lock.
struct Wanted {
    code: ClaimCode,
    name: String,
    profile: Profile,
}

impl Wanted {
    fn read(label: &LabelText, name: String, profile: Profile) -> Result<Self, Refusal> {
        let code = ClaimCode::from_text::<lock_fleet::RustCrypto>(&label.0)
            .map_err(|error| Refusal::malformed(error.to_string()))?;
        Ok(Self { code, name, profile })
    }

    fn wish(&self, lock: LockId, who: &Identity, proof: ClaimProof) -> ClaimWish {
        ClaimWish {
            lock,
            code: ClaimCode::from_bytes(*self.code.expose()),
            name: self.name.clone(),
            profile: self.profile,
            by: who.name.clone(),
            account: account(who),
            proof,
        }
    }
}

/// A user to the fleet: the number, which is never another user's, whatever the name.
fn account(who: &Identity) -> Account {
    let mut account = [0; 16];
    account[..8].copy_from_slice(&who.user.0.to_be_bytes());
    Account(account)
}

/// Where it stands with the lock.
enum Phase {
    /// It waits for the wish, or for a Hello.
    Idle,
    /// The lock was asked whether it takes part.
    Claiming { attempt: ClaimAttempt, answer_by: Instant },
    /// The root is on its way.
    HandedOver { claim: ClaimHandOver, answer_by: Instant },
    /// The lock was asked for a session under the new root.
    Proving { attempt: LiveAttempt, answer_by: Instant },
}

impl Phase {
    const fn due(&self) -> Option<Instant> {
        match self {
            Self::Idle => None,
            Self::Claiming { answer_by, .. }
            | Self::HandedOver { answer_by, .. }
            | Self::Proving { answer_by, .. } => Some(*answer_by),
        }
    }
}

/// One open claim.
struct Claim {
    service: Arc<Service>,
    who: Identity,
    lock: LockId,
    socket: Socket,
    wanted: Option<Wanted>,
    /// The newest Hello that has not been used, and when it came.
    hello: Option<(Vec<u8>, Instant)>,
    phase: Phase,
    tries: u8,
    wish_by: Instant,
    give_up_at: Instant,
}

impl Claim {
    fn new(service: Arc<Service>, who: Identity, lock: LockId, socket: WebSocket) -> Self {
        Self {
            service,
            who,
            lock,
            socket: Socket::new(socket),
            wanted: None,
            hello: None,
            phase: Phase::Idle,
            tries: 0,
            wish_by: Instant::now() + WISH_WITHIN,
            give_up_at: Instant::now() + PATIENCE,
        }
    }

    async fn run(mut self) {
        self.note(fact("claim_opened"));
        let Gone(why) = match self.carry().await {
            Ok(never) => match never {},
            Err(gone) => gone,
        };
        self.note(fact("claim_closed").with("why", why));
        self.socket.close().await;
    }

    /// Takes one thing after the other until the claim is over or the socket is gone.
    async fn carry(&mut self) -> Result<std::convert::Infallible, Gone> {
        let mut life = self.service.life();
        let mut recent = VecDeque::new();
        loop {
            let wake = self.wake_at();
            tokio::select! {
                incoming = self.socket.receive() => {
                    socket::not_too_many(&mut recent)?;
                    let incoming = incoming?;
                    self.still_identified().await?;
                    match incoming {
                        Incoming::Text(text) => self.text(&text).await?,
                        Incoming::Packet(packet) => self.packet(packet).await?,
                        Incoming::SignOfLife => {}
                    }
                }
                () = service::stopping(&mut life) => return Err(Gone("the service stops")),
                () = tokio::time::sleep_until(wake) => self.time_passes().await?,
            }
        }
    }

    /// The moment at which something is due.
    fn wake_at(&self) -> Instant {
        let wish_by = self.wanted.is_none().then_some(self.wish_by);
        [self.phase.due(), wish_by].into_iter().flatten().fold(self.give_up_at, Instant::min)
    }

    /// Ends a claim whose token has been revoked since: nothing that comes is taken from it any more.
    async fn still_identified(&mut self) -> Result<(), Gone> {
        let who = self.who.clone();
        let found = self.service.blocking(move |service| identified(service, &who)).await;
        match found.and_then(|found| found) {
            Ok(()) => Ok(()),
            Err(refusal) => self.end(&refusal.sentence).await,
        }
    }

    async fn text(&mut self, text: &str) -> Result<(), Gone> {
        let Ok(FromClaimer::Claim { label, name, profile }) = serde_json::from_str(text) else {
            self.note(fact("dropped").with("kind", "text").with("bytes", text.len()));
            return self
                .end("this message is not one that a claim takes; compare it with the documentation")
                .await;
        };
        if self.wanted.is_some() {
            return self.end("a lock is claimed once on a connection; begin again").await;
        }
        match Wanted::read(&label, name, profile) {
            Ok(wanted) => self.wanted = Some(wanted),
            Err(refusal) => return self.end(&refusal.sentence).await,
        }
        self.note(fact("asked").with("action", "claim"));
        self.pursue().await
    }

    async fn packet(&mut self, packet: Vec<u8>) -> Result<(), Gone> {
        let kind = Packet::parse(&packet).map(|packet| packet.kind());
        let bytes = packet.len();
        match kind {
            Ok(Kind::Hello) => {
                self.hello = Some((packet, Instant::now()));
                self.pursue().await
            }
            Ok(Kind::Message2) => self.message2(packet).await,
            Ok(Kind::Record) => self.record(packet).await,
            // What is for a lock does not come from one, and a lock without an owner seals nothing.
            Ok(kind @ (Kind::HelloRequest | Kind::Message1 | Kind::SealedDown | Kind::SealedUp)) => {
                self.dropped(&format!("{kind:?}"), bytes, "it has no place in a claim");
                Ok(())
            }
            Err(error) => {
                self.dropped("unknown", bytes, &error.to_string());
                Ok(())
            }
        }
    }

    async fn time_passes(&mut self) -> Result<(), Gone> {
        let now = Instant::now();
        if now >= self.give_up_at {
            return self.end("the claim has come to no end within three minutes; begin it again").await;
        }
        if self.wanted.is_none() && now >= self.wish_by {
            return self.end("a claim says within ten seconds what it wants; begin it again").await;
        }
        if self.phase.due().is_none_or(|due| now < due) {
            return Ok(());
        }
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Claiming { attempt, .. } => {
                self.note(fact("unanswered").with("kind", "Message1").with("claim", attempt.number()));
                self.tell(ClaimStep::PressButton).await?;
            }
            // Whether it has its keys the next Hello tells.
            Phase::HandedOver { .. } => self.note(fact("unanswered").with("kind", "Record")),
            Phase::Proving { attempt, .. } => {
                self.note(fact("unanswered").with("kind", "Message1").with("attempt", attempt.number()));
            }
            Phase::Idle => {}
        }
        self.again().await
    }

    /// One more handshake, with a new Hello.
    async fn again(&mut self) -> Result<(), Gone> {
        if self.tries >= TRIES {
            return self.end("the lock was asked too often without an end; begin the claim again").await;
        }
        self.pursue().await
    }

    async fn tell(&mut self, step: ClaimStep) -> Result<(), Gone> {
        self.socket.say(&ToPhone::Claiming { step, sentence: step.sentence().to_owned() }).await
    }

    /// The claim is over, without success.
    async fn end(&mut self, sentence: &str) -> Result<(), Gone> {
        self.note(fact("given_up").with("action", "claim").with("why", sentence));
        self.socket.say(&ToPhone::Error { sentence: sentence.to_owned() }).await?;
        Err(Gone("the claim is over"))
    }

    fn note(&self, fact: Fact) {
        self.service.write(fact.with("by", &self.who.name).with("lock", hex::encode(self.lock.0)));
    }

    fn dropped(&self, kind: &str, bytes: usize, why: &str) {
        self.note(fact("dropped").with("kind", kind).with("bytes", bytes).with("why", why));
    }
}

/// Whether the token that the claim came with still counts.
fn identified(service: &Service, who: &Identity) -> Result<(), Refusal> {
    if service.access().has_token(who.token)? { Ok(()) } else { Err(Refusal::unknown_caller()) }
}
