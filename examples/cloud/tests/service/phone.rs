//! A phone on the relay: as honest as a test wants it.

use std::net::SocketAddr;
use std::time::Duration;

use cloud::messages::relay::{Doing, FromPhone, SUBPROTOCOL, ToPhone};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::lock::Lock;
use crate::world::lock_hex;

pub(crate) struct Phone(WebSocketStream<TcpStream>);

/// What came.
#[derive(Debug)]
pub(crate) enum Came {
    Packet(Vec<u8>),
    Said(ToPhone),
    Closed,
}

impl Phone {
    pub(crate) async fn connect(address: SocketAddr, token: &str) -> Self {
        Self::try_connect(address, token, Some(SUBPROTOCOL)).await.unwrap()
    }

    /// The HTTP status where the relay is not opened.
    pub(crate) async fn try_connect(
        address: SocketAddr,
        token: &str,
        subprotocol: Option<&str>,
    ) -> Result<Self, u16> {
        Self::try_open(address, token, subprotocol, "relay").await
    }

    /// On the relay of a claim.
    pub(crate) async fn claiming(address: SocketAddr, token: &str) -> Self {
        Self::try_open(address, token, Some(SUBPROTOCOL), "claim").await.unwrap()
    }

    pub(crate) async fn try_open(
        address: SocketAddr,
        token: &str,
        subprotocol: Option<&str>,
        route: &str,
    ) -> Result<Self, u16> {
        let mut request =
            format!("ws://{address}/v1/locks/{}/{route}", lock_hex()).into_client_request().unwrap();
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        if let Some(subprotocol) = subprotocol {
            request.headers_mut().insert("sec-websocket-protocol", subprotocol.parse().unwrap());
        }
        let stream = TcpStream::connect(address).await.unwrap();
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("no answer in HTTP: {error}"),
        }
    }

    pub(crate) async fn asks(&mut self, action: Doing, client_token: Option<&str>) {
        let wish = FromPhone::Do { action, client_token: client_token.map(str::to_owned), from: None };
        self.says(&serde_json::to_string(&wish).unwrap()).await;
    }

    pub(crate) async fn says(&mut self, text: &str) {
        self.0.send(Message::Text(text.to_owned().into())).await.unwrap();
    }

    pub(crate) async fn brings(&mut self, packet: &[u8]) {
        self.tries_to_bring(packet).await.unwrap();
    }

    pub(crate) async fn tries_to_bring(&mut self, packet: &[u8]) -> Result<(), Error> {
        self.0.send(Message::Binary(packet.to_vec().into())).await
    }

    /// What the cloud sends next, within five seconds.
    pub(crate) async fn hears(&mut self) -> Came {
        loop {
            let message =
                timeout(Duration::from_secs(20), self.0.next()).await.expect("the cloud says something");
            return match message {
                Some(Ok(Message::Binary(packet))) => Came::Packet(packet.into()),
                Some(Ok(Message::Text(text))) => Came::Said(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => Came::Closed,
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
            };
        }
    }

    pub(crate) async fn hears_packet(&mut self) -> Vec<u8> {
        let came = self.hears().await;
        let Came::Packet(packet) = came else { panic!("a packet was expected, {came:?} came") };
        packet
    }

    pub(crate) async fn hears_text(&mut self) -> ToPhone {
        let came = self.hears().await;
        let Came::Said(said) = came else { panic!("a text was expected, {came:?} came") };
        said
    }

    /// The next error; what a session tells meanwhile is passed over.
    pub(crate) async fn hears_error(&mut self) -> String {
        loop {
            let said = self.hears_text().await;
            if matches!(said, ToPhone::Event(_)) {
                continue;
            }
            let ToPhone::Error { sentence } = said else { panic!("an error was expected, {said:?} came") };
            return sentence;
        }
    }

    /// Carries everything that the lock has said.
    pub(crate) async fn carries_up(&mut self, lock: &mut Lock) {
        while let Some(packet) = lock.sent.pop_front() {
            self.brings(&packet).await;
        }
    }

    /// Relays honestly until the cloud says something in text.
    pub(crate) async fn relays(&mut self, lock: &mut Lock) -> ToPhone {
        loop {
            self.carries_up(lock).await;
            match self.hears().await {
                Came::Packet(packet) => lock.takes(&packet),
                Came::Said(ToPhone::NeedHello) => {
                    let hello = lock.hello();
                    self.brings(&hello).await;
                }
                Came::Said(said) => return said,
                Came::Closed => panic!("the cloud closed the relay"),
            }
        }
    }

    /// The same, until what it says is told to be the end; everything on the way is returned too.
    pub(crate) async fn relays_until(
        &mut self,
        lock: &mut Lock,
        is_end: impl Fn(&ToPhone) -> bool,
    ) -> Vec<ToPhone> {
        let mut heard = Vec::new();
        loop {
            let said = self.relays(lock).await;
            let end = is_end(&said);
            heard.push(said);
            if end {
                return heard;
            }
        }
    }
}
