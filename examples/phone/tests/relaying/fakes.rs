//! A lock and a cloud that say what a test tells them, on sockets of this machine.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use cloud::messages::relay::{SUBPROTOCOL, ToPhone};
use futures_util::{SinkExt, StreamExt};
use lock_core::proto::frame::{self, Deframer};
use lock_core::proto::{Hello, Kind, Profile, Versions};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

pub(crate) const LOCK_ID: &str = "2a000000000000000000000000000001";
pub(crate) const TOKEN: &str = "lkt_1_00";

/// A packet of a kind with nothing in it that anybody could read.
pub(crate) fn packet(kind: Kind, bytes: usize) -> Vec<u8> {
    let mut packet = vec![0xa5; bytes];
    packet[..2].copy_from_slice(&kind.prefix());
    if kind == Kind::Message1 {
        packet[2..6].copy_from_slice(&[1, 0, 0, 0]);
    }
    packet
}

pub(crate) fn hello(nonce: u8) -> Vec<u8> {
    Hello { versions: Versions::OURS, profile: Profile::S, handle: [7; 8], nonce: [nonce; 16] }
        .encode()
        .to_vec()
}

pub(crate) async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

pub(crate) struct FakeLock {
    stream: TcpStream,
    deframer: Deframer,
    unread: Vec<u8>,
}

impl FakeLock {
    pub(crate) async fn accept(listener: &TcpListener) -> Self {
        Self { stream: listener.accept().await.unwrap().0, deframer: Deframer::new(), unread: Vec::new() }
    }

    pub(crate) async fn send(&mut self, packet: &[u8]) {
        let mut frame = [0; frame::MAX_ENCODED];
        self.stream.write_all(frame::encode(packet, &mut frame).unwrap()).await.unwrap();
    }

    pub(crate) async fn receive(&mut self) -> Vec<u8> {
        loop {
            let (used, packet) = self.deframer.push_slice(&self.unread);
            let packet = packet.map(|packet| packet.to_vec());
            self.unread.drain(..used);
            if let Some(packet) = packet {
                return packet;
            }
            assert_ne!(self.stream.read_buf(&mut self.unread).await.unwrap(), 0, "the phone closed the link");
        }
    }
}

pub(crate) struct FakeCloud(WebSocketStream<TcpStream>);

impl FakeCloud {
    /// Opens the relay of a lock.
    pub(crate) async fn accept(listener: &TcpListener) -> Self {
        Self::accept_at(listener, "relay").await
    }

    /// Checks address, token and subprotocol as the service does.
    #[expect(clippy::result_large_err, reason = "the callback's type is the library's")]
    pub(crate) async fn accept_at(listener: &TcpListener, route: &str) -> Self {
        let check = |request: &Request, mut answer: Response| -> Result<Response, ErrorResponse> {
            assert_eq!(request.uri().path(), format!("/v1/locks/{LOCK_ID}/{route}"));
            assert_eq!(request.headers()["authorization"], format!("Bearer {TOKEN}"));
            assert_eq!(request.headers()["sec-websocket-protocol"], SUBPROTOCOL);
            answer.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL));
            Ok(answer)
        };
        Self(accept_hdr_async(listener.accept().await.unwrap().0, check).await.unwrap())
    }

    pub(crate) async fn wish<W: DeserializeOwned>(&mut self) -> W {
        let came = self.0.next().await.unwrap().unwrap();
        let Message::Text(text) = came else { panic!("a wish was expected, {came:?} came") };
        serde_json::from_str(&text).unwrap()
    }

    /// What is wished, which comes behind the lock's Hello.
    pub(crate) async fn wish_behind<W: DeserializeOwned>(&mut self, hello: &[u8]) -> W {
        assert_eq!(self.packet().await, hello);
        self.wish().await
    }

    pub(crate) async fn packet(&mut self) -> Vec<u8> {
        let came = self.0.next().await.unwrap().unwrap();
        let Message::Binary(packet) = came else { panic!("a packet was expected, {came:?} came") };
        packet.into()
    }

    pub(crate) async fn send(&mut self, packet: Vec<u8>) {
        self.0.send(Message::Binary(packet.into())).await.unwrap();
    }

    pub(crate) async fn say(&mut self, said: &ToPhone) {
        self.0.send(Message::Text(serde_json::to_string(said).unwrap().into())).await.unwrap();
    }

    /// Keeps the socket open until the phone closes it.
    pub(crate) async fn until_closed(mut self) {
        while let Some(Ok(_)) = self.0.next().await {}
    }
}

/// How the program ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) text: String,
}

impl Ended {
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Sender, kind and length of each packet that crossed the phone.
    pub(crate) fn packets(&self) -> Vec<(String, String, u64)> {
        let packets = self.lines().into_iter().filter(|line| line["event"] == "packet");
        packets
            .map(|line| {
                let text = |key: &str| line[key].as_str().unwrap().to_owned();
                (text("from"), text("kind"), line["bytes"].as_u64().unwrap())
            })
            .collect()
    }
}

pub(crate) struct Phone {
    _folder: TempDir,
    pub(crate) token_file: PathBuf,
}

impl Phone {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let token_file = folder.path().join("token");
        std::fs::write(&token_file, format!("{TOKEN}\n")).unwrap();
        std::fs::set_permissions(&token_file, std::fs::Permissions::from_mode(0o600)).unwrap();
        Self { _folder: folder, token_file }
    }

    /// Writes a label that somebody scanned.
    pub(crate) fn label(&self, text: &str) -> PathBuf {
        let file = self.token_file.with_file_name("label");
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        file
    }

    /// Runs the program to its end, which comes by itself.
    pub(crate) async fn run(&self, cloud: SocketAddr, lock: SocketAddr, more: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phone"));
        command.arg("--cloud").arg(format!("http://{cloud}")).arg("--token-file").arg(&self.token_file);
        command.arg("--lock").arg(lock.to_string()).args(["--lock-id", LOCK_ID]).args(more);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        Ended { code: output.status.code().unwrap(), text: String::from_utf8(output.stdout).unwrap() }
    }
}
