//! The connection to the cloud: a WebSocket, binary messages for packets, text for wishes and results (section 2.3).

use std::time::Duration;

use cloud::messages::ErrorBody;
use cloud::messages::relay::{MAX_MESSAGE, SUBPROTOCOL, ToPhone};
use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::http::{HeaderValue, Response};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use zeroize::Zeroizing;

use crate::Failure;
use crate::arguments::CloudUrl;

const CONNECT: Duration = Duration::from_secs(5);
const WRITE: Duration = Duration::from_secs(5);

pub(crate) struct CloudLink {
    socket: WebSocketStream<TcpStream>,
}

/// What the cloud sends.
pub(crate) enum FromCloud {
    /// For the lock.
    Packet(Vec<u8>),
    /// For the phone.
    Said(ToPhone),
}

impl CloudLink {
    /// Opens the relay of a lock, or that of its claim: `route` says which.
    pub(crate) async fn connect(
        cloud: &CloudUrl,
        token: &str,
        lock_id: &str,
        route: &str,
    ) -> Result<Self, Failure> {
        let authority = &cloud.authority;
        let unreachable = |cause: String| Failure::CloudUnreachable(format!("http://{authority}"), cause);
        let request = request(authority, token, &format!("{lock_id}/{route}"))
            .map_err(|error| unreachable(error.to_string()))?;
        let limits =
            WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
        let connecting = async {
            let stream =
                TcpStream::connect(authority).await.map_err(|error| unreachable(error.to_string()))?;
            stream.set_nodelay(true).map_err(|error| unreachable(error.to_string()))?;
            client_async_with_config(request, stream, Some(limits)).await.map_err(|error| {
                if let tungstenite::Error::Http(answer) = error {
                    refusal(&answer, authority)
                } else {
                    Failure::NotTheCloud(format!("http://{authority}"))
                }
            })
        };
        let (socket, _) = timeout(CONNECT, connecting)
            .await
            .map_err(|_| unreachable("no answer within 5 s".to_owned()))??;
        Ok(Self { socket })
    }

    /// The next message. May be dropped at any await and called again.
    pub(crate) async fn receive(&mut self) -> Result<FromCloud, Failure> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Binary(packet))) => return Ok(FromCloud::Packet(packet.into())),
                Some(Ok(Message::Text(text))) => {
                    let said = serde_json::from_str(&text);
                    return said.map(FromCloud::Said).map_err(|_| {
                        Failure::NotDone(
                            "the cloud said something that this phone does not understand; update the phone"
                                .to_owned(),
                        )
                    });
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Failure::CloudGone),
            }
        }
    }

    pub(crate) async fn send_packet(&mut self, packet: Vec<u8>) -> Result<(), Failure> {
        self.send(Message::Binary(packet.into())).await
    }

    /// Says something in text: what is asked may hold the secret of a label.
    pub(crate) async fn ask(&mut self, wish: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(wish).map_err(|error| Failure::System(error.to_string()))?;
        self.send(Message::Text(text.into())).await
    }

    /// Says goodbye; whether it is heard does not matter.
    pub(crate) async fn close(mut self) {
        let _ = timeout(Duration::from_secs(1), self.socket.close(None)).await;
    }

    async fn send(&mut self, message: Message) -> Result<(), Failure> {
        match timeout(WRITE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Failure::CloudGone),
        }
    }
}

fn request(authority: &str, token: &str, relay: &str) -> Result<Request, tungstenite::Error> {
    let mut request = format!("ws://{authority}/v1/locks/{relay}").into_client_request()?;
    let bearer = Zeroizing::new(format!("Bearer {token}"));
    let mut bearer = HeaderValue::from_str(&bearer)?;
    bearer.set_sensitive(true);
    request.headers_mut().insert(AUTHORIZATION, bearer);
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    Ok(request)
}

/// What the service says in its body when it will not open the relay.
fn refusal(answer: &Response<Option<Vec<u8>>>, authority: &str) -> Failure {
    let body = answer.body().as_deref().unwrap_or_default();
    match (serde_json::from_slice::<ErrorBody>(body), answer.status().as_u16()) {
        (Ok(said), _) => Failure::CloudRefused(said.error),
        (Err(_), 401) => {
            Failure::CloudRefused("it does not know your token; ask its admin for a new one".to_owned())
        }
        (Err(_), 403) => {
            Failure::CloudRefused("you have no right on this lock; ask its owner for one".to_owned())
        }
        (Err(_), 404) => Failure::CloudRefused("it does not know this lock; check the lock id".to_owned()),
        (Err(_), 503) => Failure::CloudRefused("it is busy; try again in a minute".to_owned()),
        (Err(_), _) => Failure::NotTheCloud(format!("http://{authority}")),
    }
}
