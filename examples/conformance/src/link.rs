//! A connection to the lock: packets as COBS frames (section 2.1), over TCP or over the pipes of its process.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use lock_core::proto::frame::{self, Deframer};
use lock_core::proto::{Hello, Packet};

use crate::check::Stop;

/// A lock answers a HelloRequest at most once a second (section 1.1).
pub(crate) const HELLO_EVERY: Duration = Duration::from_millis(1_100);
/// How long a lock may take to greet.
const GREETING: Duration = Duration::from_secs(6);

struct Wire {
    writer: Mutex<Box<dyn Write + Send>>,
    packets: Mutex<Receiver<Vec<u8>>>,
    /// What was read by somebody who wanted something else.
    unread: Mutex<VecDeque<Vec<u8>>>,
    /// To hang up.
    stream: Option<TcpStream>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if let Some(stream) = &self.stream {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// A link. Its clones are the same link; the last one hangs up.
#[derive(Clone)]
pub(crate) struct Link(Arc<Wire>);

impl Link {
    pub(crate) fn over(
        mut reader: impl Read + Send + 'static,
        writer: impl Write + Send + 'static,
        stream: Option<TcpStream>,
    ) -> Self {
        let (sender, packets) = mpsc::channel();
        thread::spawn(move || {
            let (mut deframer, mut buffer) = (Deframer::new(), [0; 1_024]);
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                let mut bytes = &buffer[..length];
                while !bytes.is_empty() {
                    let (used, packet) = deframer.push_slice(bytes);
                    bytes = &bytes[used..];
                    if let Some(packet) = packet
                        && sender.send(packet.to_vec()).is_err()
                    {
                        return;
                    }
                }
            }
        });
        let (writer, packets) = (Mutex::new(Box::new(writer) as Box<dyn Write + Send>), Mutex::new(packets));
        Self(Arc::new(Wire { writer, packets, unread: Mutex::default(), stream }))
    }

    pub(crate) fn over_tcp(stream: TcpStream) -> std::io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self::over(stream.try_clone()?, stream.try_clone()?, Some(stream)))
    }

    /// Sends bytes as they are. A lock that has hung up misses them.
    pub(crate) fn send_bytes(&self, bytes: &[u8]) {
        let mut writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writer.write_all(bytes).and_then(|()| writer.flush());
    }

    /// Sends a packet, also one that is none; what has no frame (nothing, or too long) is framed by hand.
    pub(crate) fn send(&self, packet: &[u8]) {
        self.send_bytes(&framed(packet));
    }

    /// The next packet, or why there is none.
    fn next(&self, within: Duration) -> Result<Vec<u8>, RecvTimeoutError> {
        if let Some(packet) = self.unread().pop_front() {
            return Ok(packet);
        }
        self.0.packets.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(within)
    }

    fn unread(&self) -> MutexGuard<'_, VecDeque<Vec<u8>>> {
        self.0.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives packets back, for whoever they are for.
    pub(crate) fn give_back(&self, packets: Vec<Vec<u8>>) {
        self.unread().extend(packets);
    }

    pub(crate) fn receive(&self, within: Duration) -> Option<Vec<u8>> {
        self.next(within).ok()
    }

    /// Whether the lock hangs up within this time; what it sends meanwhile is dropped.
    pub(crate) fn is_hung_up_within(&self, within: Duration) -> bool {
        let end = Instant::now() + within;
        loop {
            match self.next(end.saturating_duration_since(Instant::now())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return true,
                Err(RecvTimeoutError::Timeout) => return false,
            }
        }
    }

    /// All packets that come until none comes for `patience`.
    pub(crate) fn drain(&self, patience: Duration) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| self.receive(patience)).collect()
    }

    /// Waits for a Hello. On a link that came up just now it comes by itself; on a serial one it is asked for.
    pub(crate) fn greeting(&self, serial: bool) -> Result<[u8; Hello::BYTES], Stop> {
        let end = Instant::now() + GREETING;
        if serial {
            self.drain(Duration::from_millis(10));
            // The first zero ends whatever a cut or an attack has left.
            self.send_bytes(&[0]);
            self.send(&Packet::HELLO_REQUEST);
        }
        let mut asked = Instant::now();
        while Instant::now() < end {
            match self.next(Duration::from_millis(100)) {
                Ok(packet) => {
                    if let Some(hello) = hello_of(&packet) {
                        // One that came up by itself may be followed by the one that was asked for, and is dead then.
                        let newer = if serial { self.receive(Duration::from_millis(40)) } else { None };
                        return Ok(newer.as_deref().and_then(hello_of).unwrap_or(hello));
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Stop::Broken("the lock hung up before it greeted".to_owned()));
                }
            }
            if asked.elapsed() >= HELLO_EVERY {
                asked = Instant::now();
                self.send(&Packet::HELLO_REQUEST);
            }
        }
        Err(Stop::Broken(format!("no Hello came within {} s of the link", GREETING.as_secs())))
    }
}

/// The packet as a Hello, if it is one.
pub(crate) fn hello_of(packet: &[u8]) -> Option<[u8; Hello::BYTES]> {
    matches!(Packet::parse(packet), Ok(Packet::Hello(_))).then(|| packet.try_into().ok()).flatten()
}

/// A frame of any bytes: that of the crates, and longer ones, which the rules forbid, by hand.
pub(crate) fn framed(packet: &[u8]) -> Vec<u8> {
    let mut out = [0; frame::MAX_ENCODED];
    if let Ok(frame) = frame::encode(packet, &mut out) {
        return frame.to_vec();
    }
    let mut frame = Vec::new();
    for block in packet.split(|byte| *byte == 0) {
        let mut pieces = block.chunks(254).peekable();
        if pieces.peek().is_none() {
            frame.push(1);
        }
        while let Some(piece) = pieces.next() {
            frame.push(piece.len() as u8 + 1);
            frame.extend_from_slice(piece);
            if piece.len() == 254 && pieces.peek().is_none() {
                frame.push(1);
            }
        }
    }
    frame.push(0);
    frame
}
