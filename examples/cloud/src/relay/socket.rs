//! The socket itself: bounded in size, time and number.

use std::collections::VecDeque;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use tokio::time::{Instant, timeout};

use crate::messages::relay::ToPhone;

/// How long a phone may take to take a message.
const WRITE: Duration = Duration::from_secs(5);

/// More messages than this within a second end the relay: a lock on a serial line sends a few dozen.
const MOST_IN_A_SECOND: usize = 256;

/// The socket is of no more use, and why.
#[derive(Debug)]
pub(super) struct Gone(pub(super) &'static str);

pub(super) enum Incoming {
    Text(String),
    Packet(Vec<u8>),
    SignOfLife,
}

pub(super) struct Socket(WebSocket);

impl Socket {
    pub(super) const fn new(socket: WebSocket) -> Self {
        Self(socket)
    }

    /// The next message. May be dropped at any await and called again.
    pub(super) async fn receive(&mut self) -> Result<Incoming, Gone> {
        match self.0.recv().await {
            Some(Ok(Message::Text(text))) => Ok(Incoming::Text(text.to_string())),
            Some(Ok(Message::Binary(packet))) => Ok(Incoming::Packet(packet.into())),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Incoming::SignOfLife),
            Some(Ok(Message::Close(_))) | None => Err(Gone("the phone closed it")),
            Some(Err(_)) => Err(Gone("the connection broke")),
        }
    }

    pub(super) async fn packet(&mut self, packet: &[u8]) -> Result<(), Gone> {
        self.send(Message::Binary(packet.to_vec().into())).await
    }

    pub(super) async fn say(&mut self, message: &ToPhone) -> Result<(), Gone> {
        let text = serde_json::to_string(message).map_err(|_| Gone("a message has no form in JSON"))?;
        self.send(Message::Text(text.into())).await
    }

    pub(super) async fn ping(&mut self) -> Result<(), Gone> {
        self.send(Message::Ping(Vec::new().into())).await
    }

    /// Says goodbye; whether it is heard does not matter.
    pub(super) async fn close(mut self) {
        let _ = timeout(Duration::from_secs(1), self.0.send(Message::Close(None))).await;
    }

    async fn send(&mut self, message: Message) -> Result<(), Gone> {
        match timeout(WRITE, self.0.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Gone("the connection broke")),
            Err(_) => Err(Gone("the phone takes no messages")),
        }
    }
}

/// Counts a message that came; too many in a second are the end.
pub(super) fn not_too_many(recent: &mut VecDeque<Instant>) -> Result<(), Gone> {
    let now = Instant::now();
    recent.push_back(now);
    if recent.len() <= MOST_IN_A_SECOND {
        return Ok(());
    }
    match recent.pop_front() {
        Some(first) if now.duration_since(first) < Duration::from_secs(1) => {
            Err(Gone("the phone sends too much"))
        }
        Some(_) | None => Ok(()),
    }
}
