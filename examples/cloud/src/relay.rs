//! The relay: a phone's socket, and behind it one lock.
//!
//! One task a socket. Whatever comes - a text, a packet, something queued, a moment that passes - is taken in turn, so that no two
//! things happen at once to one session. The phone is believed in nothing: packets are opened by the core, and the rights of its user
//! are read from storage for each command and for each thing that is told.

mod answers;
mod backups;
pub(crate) mod claim;
mod deadlines;
mod delivery;
mod live;
mod logs;
mod socket;
mod update;
mod wish;

use std::collections::VecDeque;
use std::sync::Arc;

use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::response::Response;
use lock_fleet::LockId;
use lock_fleet::proto::{Kind, Packet};
use tokio::sync::broadcast;
use tokio::time::Instant;

use crate::access::Identity;
use crate::http::{Caller, Refusal, lock_id};
use crate::log::{Fact, fact};
use crate::messages::relay::{FromPhone, MAX_MESSAGE, SUBPROTOCOL, ToPhone};
use crate::service::{self, Service};
use crate::{Right, Rights};

use deadlines::Deadlines;
use delivery::Delivery;
use live::Phase;
use socket::{Gone, Incoming, Socket};
use update::Updating;
use wish::Wish;

/// `GET /v1/locks/{lock}/relay`: needs any right on the lock.
pub(crate) async fn open(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let lock = lock_id(&lock)?;
    let asked = who.clone();
    service
        .blocking(move |service| {
            if service.access().rights(&asked, lock)?.are_empty() {
                return Err(Refusal::forbidden("you have no right on this lock; ask its owner for one"));
            }
            service.fleet(|fleet, _| fleet.lock(lock)).map(drop)
        })
        .await??;
    let upgrade = accepted(upgrade)?;
    let room = service.room_for_relay()?;
    Ok(upgrade.on_upgrade(move |socket| async move {
        Relay::new(service, who, lock, socket).run().await;
        drop(room);
    }))
}

/// A socket of our subprotocol, whose messages are bounded.
fn accepted(
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<WebSocketUpgrade, Refusal> {
    let malformed = || {
        Refusal::malformed(format!(
            "this address is a WebSocket of subprotocol {SUBPROTOCOL}; open it as one"
        ))
    };
    let upgrade = upgrade.map_err(|_| malformed())?.protocols([SUBPROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        return Err(malformed());
    }
    Ok(upgrade.max_message_size(MAX_MESSAGE).max_frame_size(MAX_MESSAGE))
}

/// One open relay.
struct Relay {
    service: Arc<Service>,
    who: Identity,
    lock: LockId,
    socket: Socket,
    /// The newest Hello that has not been used, and when it came.
    hello: Option<(Vec<u8>, Instant)>,
    phase: Phase,
    wish: Option<Wish>,
    delivery: Option<Delivery>,
    update: Option<Updating>,
    deadlines: Deadlines,
}

impl Relay {
    fn new(service: Arc<Service>, who: Identity, lock: LockId, socket: WebSocket) -> Self {
        Self {
            service,
            who,
            lock,
            socket: Socket::new(socket),
            hello: None,
            phase: Phase::Idle,
            wish: None,
            delivery: None,
            update: None,
            deadlines: Deadlines::start(),
        }
    }

    async fn run(mut self) {
        self.note(fact("relay_opened"));
        let Gone(why) = match self.carry().await {
            Ok(never) => match never {},
            Err(gone) => gone,
        };
        self.note(fact("relay_closed").with("why", why));
        self.socket.close().await;
    }

    /// Takes one thing after the other until the socket is gone.
    async fn carry(&mut self) -> Result<std::convert::Infallible, Gone> {
        let mut life = self.service.life();
        let mut queued = self.service.queued().subscribe();
        let mut recent = VecDeque::new();
        loop {
            let wake = self.wake_at();
            tokio::select! {
                incoming = self.socket.receive() => {
                    socket::not_too_many(&mut recent)?;
                    match incoming? {
                        Incoming::Text(text) => self.text(&text).await?,
                        Incoming::Packet(packet) => self.packet(packet).await?,
                        Incoming::SignOfLife => {}
                    }
                    self.deadlines.heard();
                }
                lock = queued.recv() => match lock {
                    Ok(lock) if lock == self.lock => self.deadlines.deliver_now(),
                    // Others' news, or so many that some were lost: then something of ours may be among them.
                    Ok(_) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => self.deadlines.deliver_now(),
                    Err(broadcast::error::RecvError::Closed) => return Err(Gone("the service stops")),
                },
                () = service::stopping(&mut life) => return Err(Gone("the service stops")),
                () = tokio::time::sleep_until(wake) => self.time_passes().await?,
            }
        }
    }

    async fn text(&mut self, text: &str) -> Result<(), Gone> {
        match serde_json::from_str(text) {
            Ok(FromPhone::Do { action, client_token, from }) => self.asked(action, client_token, from).await,
            Err(_) => {
                self.note(fact("dropped").with("kind", "text").with("bytes", text.len()));
                self.refuse("this message is not one that the relay takes; compare it with the documentation")
                    .await
            }
        }
    }

    async fn packet(&mut self, packet: Vec<u8>) -> Result<(), Gone> {
        let kind = Packet::parse(&packet).map(|packet| packet.kind());
        let bytes = packet.len();
        match kind {
            Ok(kind @ (Kind::Hello | Kind::Message2 | Kind::Record | Kind::SealedUp)) => {
                self.note(fact("received").with("kind", format_args!("{kind:?}")).with("bytes", bytes));
                match kind {
                    Kind::Hello => self.greeted(packet).await,
                    Kind::Message2 => self.message2(packet).await,
                    Kind::Record => self.record(packet).await,
                    Kind::SealedUp => self.sealed_up(packet).await,
                    Kind::HelloRequest | Kind::Message1 | Kind::SealedDown => Ok(()),
                }
            }
            Ok(kind @ (Kind::HelloRequest | Kind::Message1 | Kind::SealedDown)) => {
                // What is for a lock does not come from one: reflected, or a phone that is not ours.
                self.dropped(&format!("{kind:?}"), bytes, "it is for a lock and did not come from one");
                Ok(())
            }
            Err(error) => {
                self.dropped("unknown", bytes, &error.to_string());
                Ok(())
            }
        }
    }

    /// The moment at which something is due.
    fn wake_at(&self) -> Instant {
        let due =
            [self.phase.due(), self.wish.as_ref().map(Wish::due), self.delivery.as_ref().map(Delivery::due)];
        due.into_iter().flatten().fold(self.deadlines.next(), Instant::min)
    }

    async fn time_passes(&mut self) -> Result<(), Gone> {
        let now = Instant::now();
        if self.deadlines.is_silent(now) {
            return Err(Gone("the phone is silent"));
        }
        if self.deadlines.ping_is_due(now) {
            self.socket.ping().await?;
        }
        self.handshake_is_late(now).await?;
        self.wish_is_late(now).await?;
        self.delivery_is_late(now).await?;
        // Not between Message1 and Message2: the door comes first.
        if self.phase.is_waiting() {
            self.deadlines.put_delivery_off(now);
        } else if self.deadlines.delivery_is_due(now) {
            self.deliver_unasked().await?;
        }
        Ok(())
    }

    /// The rights of the user now. Without any the relay ends.
    async fn rights(&mut self) -> Result<Rights, Gone> {
        let (who, lock) = (self.who.clone(), self.lock);
        let rights = self
            .service
            .blocking(move |service| service.access().rights(&who, lock).map_err(Refusal::from))
            .await;
        match rights.and_then(|rights| rights) {
            Ok(rights) if !rights.are_empty() => Ok(rights),
            Ok(_) => {
                self.refuse("your rights on this lock have ended; ask its owner").await?;
                Err(Gone("the rights have ended"))
            }
            Err(refusal) => {
                self.refuse(&refusal.sentence).await?;
                Err(Gone("the rights cannot be read"))
            }
        }
    }

    async fn may(&mut self, right: Right) -> Result<bool, Gone> {
        Ok(self.rights().await?.allow(right))
    }

    async fn say(&mut self, message: &ToPhone) -> Result<(), Gone> {
        self.socket.say(message).await
    }

    async fn refuse(&mut self, sentence: &str) -> Result<(), Gone> {
        self.say(&ToPhone::Error { sentence: sentence.to_owned() }).await
    }

    fn note(&self, fact: Fact) {
        self.service.write(fact.with("by", &self.who.name).with("lock", hex::encode(self.lock.0)));
    }

    fn dropped(&self, kind: &str, bytes: usize, why: &str) {
        self.note(fact("dropped").with("kind", kind).with("bytes", bytes).with("why", why));
    }
}
