//! The connection to the lock: packets as COBS frames over TCP (section 2.1).

use std::net::SocketAddr;
use std::time::Duration;

use lock_core::proto::frame::{self, Deframer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::Failure;

const CONNECT: Duration = Duration::from_secs(5);

/// How long a lock may take a packet's bytes from us before it counts as gone.
const WRITE: Duration = Duration::from_secs(5);

pub(crate) struct LockLink {
    stream: TcpStream,
    deframer: Deframer,
    /// What was read and not yet looked at.
    unread: Vec<u8>,
}

impl LockLink {
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self, Failure> {
        let unreachable = |cause: String| Failure::LockUnreachable(address, cause);
        let stream = timeout(CONNECT, TcpStream::connect(address))
            .await
            .map_err(|_| unreachable("no answer within 5 s".to_owned()))?
            .map_err(|error| unreachable(error.to_string()))?;
        stream.set_nodelay(true).map_err(|error| unreachable(error.to_string()))?;
        Ok(Self { stream, deframer: Deframer::new(), unread: Vec::new() })
    }

    /// The next packet. May be dropped at any await and called again: no byte is lost.
    pub(crate) async fn receive(&mut self) -> Result<Vec<u8>, Failure> {
        loop {
            while !self.unread.is_empty() {
                let (taken, packet) = self.deframer.push_slice(&self.unread);
                let packet = packet.map(|packet| packet.to_vec());
                self.unread.drain(..taken);
                if let Some(packet) = packet {
                    return Ok(packet);
                }
            }
            self.unread.reserve(frame::MAX_ENCODED);
            match self.stream.read_buf(&mut self.unread).await {
                Ok(0) | Err(_) => return Err(Failure::LockGone),
                Ok(_) => {}
            }
        }
    }

    /// Sends one packet.
    pub(crate) async fn send(&mut self, packet: &[u8]) -> Result<(), Failure> {
        let mut frame = [0; frame::MAX_ENCODED];
        // Whatever the cloud sent that is no packet stays here.
        let Ok(frame) = frame::encode(packet, &mut frame) else { return Ok(()) };
        match timeout(WRITE, self.stream.write_all(frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Failure::LockGone),
        }
    }
}
