//! The connection of a program to a lock: packets as COBS frames over TCP (section 2.1), for the phone and for the guest.
#![forbid(unsafe_code)]

use std::time::Duration;

use lock_core::proto::frame::{self, Deframer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, ToSocketAddrs};
use tokio::time::timeout;

/// Section 1.1: a lock answers a HelloRequest at most once a second; a little more, so that none is asked in vain.
pub const HELLO_EVERY: Duration = Duration::from_millis(1_100);

/// How long a lock may take to greet.
pub const HELLO_WITHIN: Duration = Duration::from_secs(5);

const CONNECT: Duration = Duration::from_secs(5);

/// How long a lock may take a packet's bytes from us before it counts as gone.
const WRITE: Duration = Duration::from_secs(5);

/// There is no connection, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lock cannot be reached ({0}); go nearer or check that it has power")]
pub struct Unreachable(pub String);

/// The connection has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lock closed the connection; go nearer or check that it has power")]
pub struct Gone;

/// A connection to a lock.
#[derive(Debug)]
pub struct LockLink {
    stream: TcpStream,
    deframer: Deframer,
    /// What was read and not yet looked at.
    unread: Vec<u8>,
}

impl LockLink {
    /// Connects, within 5 s.
    ///
    /// # Errors
    /// [`Unreachable`].
    pub async fn connect(address: impl ToSocketAddrs) -> Result<Self, Unreachable> {
        let unreachable = |error: std::io::Error| Unreachable(error.to_string());
        let stream = timeout(CONNECT, TcpStream::connect(address))
            .await
            .map_err(|_| Unreachable("no answer within 5 s".to_owned()))?
            .map_err(unreachable)?;
        stream.set_nodelay(true).map_err(unreachable)?;
        Ok(Self { stream, deframer: Deframer::new(), unread: Vec::new() })
    }

    /// The next packet. May be dropped at any await and called again: no byte is lost.
    ///
    /// # Errors
    /// [`Gone`].
    pub async fn receive(&mut self) -> Result<Vec<u8>, Gone> {
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
                Ok(0) | Err(_) => return Err(Gone),
                Ok(_) => {}
            }
        }
    }

    /// Sends one packet. What is too long to be one stays here.
    ///
    /// # Errors
    /// [`Gone`].
    pub async fn send(&mut self, packet: &[u8]) -> Result<(), Gone> {
        let mut frame = [0; frame::MAX_ENCODED];
        let Ok(frame) = frame::encode(packet, &mut frame) else { return Ok(()) };
        match timeout(WRITE, self.stream.write_all(frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }
}
