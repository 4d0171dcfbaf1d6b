//! The attacker: owns the way between phone and lock. It records every packet, and may drop, hold back, alter or repeat any.
//!
//! It is a TCP relay of its own, so that neither phone nor lock can tell. It knows the framing and the packet headers, which are
//! public, and no key.

mod alteration;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use lock_proto::frame::{self, Deframer};
use lock_proto::{Kind, Packet, Profile};

pub(crate) use alteration::Alteration;

/// A lock that listens has greeted by then.
const GREETING: Duration = Duration::from_secs(3);

/// Which way a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    ToLock,
    FromLock,
}

/// A packet that crossed the attacker, as its sender made it.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) way: Way,
    pub(crate) packet: Vec<u8>,
    pub(crate) at: Instant,
}

impl Recorded {
    /// What its header says that it is.
    pub(crate) fn kind(&self) -> Option<Kind> {
        Packet::parse(&self.packet).ok().map(|packet| packet.kind())
    }

    /// For people.
    pub(crate) fn described(&self) -> String {
        let ends = match self.way {
            Way::ToLock => "cloud -> lock",
            Way::FromLock => "lock -> cloud",
        };
        let kind = self.kind().map_or("no packet".to_owned(), |kind| format!("{kind:?}"));
        format!("{ends}  {kind:<12} {:>3} bytes", self.packet.len())
    }
}

/// Where a Hello names its profile (section 1.2).
const PROFILE: usize = 4;

/// What the attacker does with packets as they come.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Nothing but recording.
    Listen,
    /// Hold packets of this kind to the lock back for a while.
    Delay(Kind, Duration),
    /// Lose what the lock sends.
    SwallowAnswers,
    /// Hand altered packets of a kind to the lock.
    Alter(Kind, Alteration),
    /// Hand the cloud each Hello as one of profile S, whatever the lock said.
    Downgrade,
}

/// What becomes of a packet.
enum Fate {
    Lost,
    Delivered(Vec<u8>),
    Held(Vec<u8>, Duration),
}

struct Shared {
    lock: SocketAddr,
    plan: Plan,
    recorded: Vec<Recorded>,
}

/// The attacker on the relay.
#[derive(Clone)]
pub(crate) struct Attacker {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

impl Attacker {
    /// Takes a place between phones and the lock at `lock`.
    pub(crate) fn between(lock: SocketAddr) -> Result<Self> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("the attacker finds no free port")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Mutex::new(Shared { lock, plan: Plan::Listen, recorded: Vec::new() }));
        let attacker = Self { address, shared };
        let accepting = attacker.clone();
        std::thread::spawn(move || {
            for phone in listener.incoming().map_while(Result::ok) {
                let attacker = accepting.clone();
                std::thread::spawn(move || drop(attacker.relay(phone)));
            }
        });
        Ok(attacker)
    }

    /// Where phones believe that the lock is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The lock has moved to another port: it was restarted.
    pub(crate) fn follow(&self, lock: SocketAddr) {
        self.lock().lock = lock;
    }

    pub(crate) fn plan(&self, plan: Plan) {
        self.lock().plan = plan;
    }

    /// How many packets were recorded: a place to look from.
    pub(crate) fn mark(&self) -> usize {
        self.lock().recorded.len()
    }

    /// What was recorded since a mark.
    pub(crate) fn since(&self, mark: usize) -> Vec<Recorded> {
        self.lock().recorded.get(mark..).unwrap_or_default().to_vec()
    }

    /// Connects to the lock in the phone's place, waits for its Hello, sends `packets`, and returns what the lock sends within
    /// `patience` of the last. The Hello stays unanswered and is not among it.
    pub(crate) fn inject(&self, packets: &[Vec<u8>], patience: Duration) -> Result<Vec<Vec<u8>>> {
        let mut stream = self.greeted()?;
        for packet in packets {
            stream.write_all(&framed(packet)).context("the lock hung up")?;
        }
        stream.set_read_timeout(Some(patience))?;
        let answers = read_packets(&mut stream, &mut Deframer::new(), patience);
        let _ = stream.shutdown(Shutdown::Both);
        Ok(answers)
    }

    /// A connection on which the lock has sent its Hello: it listens. A lock whose links were all taken is asked again.
    fn greeted(&self) -> Result<TcpStream> {
        let deadline = Instant::now() + GREETING;
        loop {
            let lock = self.lock().lock;
            let mut stream =
                TcpStream::connect_timeout(&lock, GREETING).context("the lock cannot be reached")?;
            stream.set_read_timeout(Some(GREETING))?;
            if is_hello(&read_frame(&mut stream)) {
                return Ok(stream);
            }
            if Instant::now() >= deadline {
                bail!("the lock does not greet the attacker");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Nonces in what was recorded: how many, and the packets that have one in common with another packet. The very same packet
    /// again is not counted: a sender may repeat its bytes, never a nonce for other bytes.
    pub(crate) fn nonces(&self) -> (usize, Vec<String>) {
        let mut first = BTreeMap::new();
        let mut repeats = Vec::new();
        for recorded in &self.lock().recorded {
            let nonce = match Packet::parse(&recorded.packet) {
                Ok(Packet::Hello(hello)) => hello.nonce.to_vec(),
                Ok(Packet::Message1(message)) => message.handshake.get(..16).unwrap_or_default().to_vec(),
                Ok(Packet::Message2(message)) => message.handshake.get(..16).unwrap_or_default().to_vec(),
                Ok(Packet::SealedDown(sealed) | Packet::SealedUp(sealed)) => sealed.header.to_vec(),
                Ok(Packet::HelloRequest | Packet::Record(_)) | Err(_) => continue,
            };
            let earlier = first.entry(nonce).or_insert_with(|| recorded.packet.clone());
            if *earlier != recorded.packet {
                repeats.push(recorded.described());
            }
        }
        (first.len(), repeats)
    }

    fn relay(&self, phone: TcpStream) -> Result<()> {
        let lock = TcpStream::connect_timeout(&self.lock().lock, Duration::from_secs(2))?;
        let (phone_reads, lock_reads) = (phone.try_clone()?, lock.try_clone()?);
        let upward = self.clone();
        let up = std::thread::spawn(move || upward.pump(lock_reads, phone, Way::FromLock));
        self.pump(phone_reads, lock, Way::ToLock);
        let _ = up.join();
        Ok(())
    }

    fn pump(&self, mut from: TcpStream, to: TcpStream, way: Way) {
        let to = Arc::new(to);
        let mut held = Vec::new();
        let mut deframer = Deframer::new();
        let mut buffer = [0; 1_024];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let mut bytes = &buffer[..length];
            while !bytes.is_empty() {
                let (used, packet) = deframer.push_slice(bytes);
                bytes = &bytes[used..];
                let Some(packet) = packet else { continue };
                match self.meddle(way, packet.to_vec()) {
                    Fate::Lost => {}
                    Fate::Delivered(packet) => deliver(&to, &packet),
                    Fate::Held(packet, time) => {
                        let to = Arc::clone(&to);
                        held.push(std::thread::spawn(move || {
                            std::thread::sleep(time);
                            deliver(&to, &packet);
                        }));
                    }
                }
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        // The sender is gone; what is held back is delivered all the same.
        held.into_iter().for_each(|held| drop(held.join()));
        let _ = to.shutdown(Shutdown::Both);
    }

    /// Records a packet and decides what becomes of it, as the plan says.
    fn meddle(&self, way: Way, packet: Vec<u8>) -> Fate {
        let mut shared = self.lock();
        let kind = Packet::parse(&packet).ok().map(|packet| packet.kind());
        let earlier = shared
            .recorded
            .iter()
            .rev()
            .find(|recorded| recorded.kind() == kind)
            .map(|recorded| recorded.packet.clone());
        shared.recorded.push(Recorded { way, packet: packet.clone(), at: Instant::now() });
        match (&shared.plan, way) {
            (Plan::SwallowAnswers, Way::FromLock) if kind != Some(Kind::Hello) => Fate::Lost,
            (Plan::Delay(which, time), Way::ToLock) if kind == Some(*which) => Fate::Held(packet, *time),
            (Plan::Alter(which, alteration), Way::ToLock) if kind == Some(*which) => {
                Fate::Delivered(alteration.apply(packet, earlier.as_deref()))
            }
            (Plan::Downgrade, Way::FromLock) if kind == Some(Kind::Hello) => {
                Fate::Delivered(Alteration::Put(PROFILE, Profile::S as u8).apply(packet, None))
            }
            (
                Plan::Listen | Plan::Delay(..) | Plan::SwallowAnswers | Plan::Alter(..) | Plan::Downgrade,
                _,
            ) => Fate::Delivered(packet),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A peer that has hung up misses it.
fn deliver(mut to: &TcpStream, packet: &[u8]) {
    let _ = to.write_all(&framed(packet));
}

fn framed(packet: &[u8]) -> Vec<u8> {
    let mut out = [0; frame::MAX_ENCODED];
    frame::encode(packet, &mut out).map(|frame| frame.to_vec()).unwrap_or_default()
}

/// Reads one frame; what came of it where the peer hangs up.
fn read_frame(stream: &mut TcpStream) -> Vec<u8> {
    let (mut deframer, mut byte) = (Deframer::new(), [0]);
    while let Ok(1) = stream.read(&mut byte) {
        if let (_, Some(packet)) = deframer.push_slice(&byte) {
            return packet.to_vec();
        }
    }
    Vec::new()
}

fn is_hello(packet: &[u8]) -> bool {
    matches!(Packet::parse(packet), Ok(Packet::Hello(_)))
}

/// Reads packets until none comes for `patience`, or the peer hangs up.
fn read_packets(stream: &mut TcpStream, deframer: &mut Deframer, patience: Duration) -> Vec<Vec<u8>> {
    let deadline = Instant::now() + patience;
    let (mut packets, mut buffer) = (Vec::new(), [0; 1_024]);
    while Instant::now() < deadline {
        let Ok(length @ 1..) = stream.read(&mut buffer) else { break };
        let mut bytes = &buffer[..length];
        while !bytes.is_empty() {
            let (used, packet) = deframer.push_slice(bytes);
            bytes = &bytes[used..];
            packets.extend(packet.map(|packet| packet.to_vec()));
        }
    }
    packets
}
