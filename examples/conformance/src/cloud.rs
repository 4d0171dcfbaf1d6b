//! The honest cloud of the lock under test: keys, numbers that are never taken back, handshakes and seals on the primitives of the crates,
//! so that it can also say what no cloud would say.

use std::time::{SystemTime, UNIX_EPOCH};

use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::crypto::{
    Delivery, Direction, HELLO, Key, KeyEpoch, KeySelector, Label, LeafKeys, LockId, LogChain, Prologue,
    RootKey, RustCrypto, SealedHeader, Session, SessionKeys, handle, open_sealed, profile_s, profile_x,
    seal_sealed,
};
use lock_core::proto::{
    Answer, CommandId, Down, Hello, Kind, Live, MAX_PACKET, Message1, Opening, Packet, Profile, Request,
    Sealed, SealedReport, Selector, UnixMillis, Uptime,
};

use crate::description::EPOCH;
use soak::Random;

/// The keys and numbers of one lock.
pub(crate) struct Cloud {
    lock_id: LockId,
    profile: Profile,
    leaves: LeafKeys,
    attempt: u64,
    next_down: u64,
    next_command: u64,
}

/// How a Message1 differs from the one that an honest cloud sends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Twist {
    /// Of another lock.
    pub(crate) lock_id: Option<LockId>,
    pub(crate) epoch: Option<KeyEpoch>,
    pub(crate) version: Option<u8>,
    pub(crate) pending: bool,
    /// Under a key that the lock does not have.
    pub(crate) key: Option<[u8; 32]>,
    /// Any bytes as the payload.
    pub(crate) payload: Option<Vec<u8>>,
}

/// A handshake that waits for Message2.
pub(crate) enum Waiting {
    S(profile_s::AwaitMessage2),
    X(profile_x::AwaitMessage2),
}

impl Waiting {
    /// Opens a Message2: the lock's answer and the session, or nothing.
    pub(crate) fn finish(self, message2: &[u8]) -> Option<(Answer, Session)> {
        let mut handshake = message2.get(2..)?.to_vec();
        let (payload, keys): (_, SessionKeys) = match self {
            Self::S(waiting) => waiting.finish(&mut handshake).ok()?,
            Self::X(waiting) => waiting.finish(&mut handshake).ok()?,
        };
        let answer = Answer::decode(payload.into_inner()).ok()?;
        Some((answer, keys.into_session(Delivery::Ordered)))
    }
}

impl Cloud {
    pub(crate) fn new(lock_id: LockId, root: &RootKey, profile: Profile) -> Self {
        let leaves = LeafKeys::expand::<RustCrypto>(root, lock_id, EPOCH);
        Self { lock_id, profile, leaves, attempt: 0, next_down: 1, next_command: 1 }
    }

    pub(crate) fn lock_id(&self) -> LockId {
        self.lock_id
    }

    /// Where the lock's log begins, as its cloud knows it.
    pub(crate) fn log(&self) -> LogChain {
        LogChain::begin(EPOCH, Key::from_bytes(*self.leaves.leaf(Label::Log).expose()))
    }

    /// Whether this lock made the Hello.
    pub(crate) fn recognises(&self, hello: &Hello) -> bool {
        handle::<RustCrypto>(self.leaves.leaf(Label::Handle), &hello.nonce) == hello.handle
    }

    /// Learns the lock's marks: numbers go on above them.
    pub(crate) fn catch_up(&mut self, answer: &Answer) {
        self.next_down = self.next_down.max(answer.marks.down.saturating_add(1));
        self.next_command = self.next_command.max(answer.marks.command.0.saturating_add(1));
    }

    /// Takes the number of a new command.
    pub(crate) fn command(&mut self) -> CommandId {
        self.next_command += 1;
        CommandId(self.next_command - 1)
    }

    /// The highest id that was taken.
    pub(crate) fn highest(&self) -> u64 {
        self.next_command - 1
    }

    /// Goes on with ids that far above.
    pub(crate) fn skip_commands(&mut self, by: u64) {
        self.next_command += by;
    }

    /// Takes the number of a new sealed message.
    pub(crate) fn counter(&mut self) -> u64 {
        self.next_down += 1;
        self.next_down - 1
    }

    pub(crate) fn next_counter(&self) -> u64 {
        self.next_down
    }

    /// Answers a Hello with a Message1.
    pub(crate) fn message1(
        &mut self,
        hello: &[u8; HELLO],
        request: &Request,
        random: &mut Random,
    ) -> (Vec<u8>, Waiting) {
        self.twisted(hello, request, &Twist::default(), random)
    }

    /// The same, with something else than an honest cloud would say.
    pub(crate) fn twisted(
        &mut self,
        hello: &[u8; HELLO],
        request: &Request,
        twist: &Twist,
        random: &mut Random,
    ) -> (Vec<u8>, Waiting) {
        self.attempt += 1;
        let hedge = InitiatorHedge { attempt: self.attempt, entropy: random.bytes() };
        let mut body = [0; MAX_PACKET];
        let opening = Down { header: Opening { time: Some(now()) }, request: request.clone() };
        let body = opening.encode(&mut body).expect("512 bytes hold every body of a command");
        let body = twist.payload.as_deref().unwrap_or(body);
        let (selector, named) = if twist.pending {
            (KeySelector::CloudPending, Selector::CloudPending)
        } else {
            (KeySelector::CloudCurrent, Selector::CloudCurrent)
        };
        let prologue = Prologue {
            lock_id: twist.lock_id.unwrap_or(self.lock_id),
            key_epoch: twist.epoch.unwrap_or(EPOCH),
            hello,
            version: twist.version.unwrap_or(1),
            selector,
        };
        let other = twist.key.map(Key::from_bytes);
        let psk = other.as_ref().unwrap_or_else(|| self.leaves.leaf(Label::Session));
        let mut out = vec![0; body.len() + profile_x::OVERHEAD];
        let (length, waiting) = match self.profile {
            Profile::S => <profile_s::Initiator>::start(psk, &prologue, &hedge, body, &mut out)
                .map(|(length, waiting)| (length, Waiting::S(waiting))),
            Profile::X => <profile_x::Initiator>::start(psk, &prologue, &hedge, body, &mut out)
                .map(|(length, waiting)| (length, Waiting::X(waiting))),
        }
        .expect("the buffer is as long as a handshake needs");
        let message =
            Message1 { version: prologue.version, selector: named, ticket: &[], handshake: &out[..length] };
        let packet = message.encode(&mut [0; MAX_PACKET]).expect("a Message1 without a ticket fits").to_vec();
        (packet, waiting)
    }

    /// Seals a request under the next number, which is taken.
    pub(crate) fn seal(&mut self, request: &Request, sent: Sent, random: &mut Random) -> Vec<u8> {
        let counter = self.counter();
        self.seal_under(counter, request, sent, random)
    }

    /// The same under any number.
    pub(crate) fn seal_under(
        &self,
        counter: u64,
        request: &Request,
        sent: Sent,
        random: &mut Random,
    ) -> Vec<u8> {
        let message = Down {
            header: Sealed { issued_at: sent.issued_at, not_after: sent.not_after },
            request: request.clone(),
        };
        let mut body = [0; MAX_PACKET];
        let body = message.encode(&mut body).expect("512 bytes hold every body");
        self.seal_body(counter, body, random)
    }

    /// Seals any bytes.
    pub(crate) fn seal_body(&self, counter: u64, body: &[u8], random: &mut Random) -> Vec<u8> {
        let header = SealedHeader {
            prefix: Kind::SealedDown.prefix(),
            key_epoch: EPOCH,
            counter,
            random: random.bytes(),
        };
        let mut packet = [&[0; 30], body, &[0; 16]].concat();
        let length =
            seal_sealed::<RustCrypto>(&self.leaves, Direction::Down, &header, &mut packet, body.len())
                .expect("the packet is as long as the body needs");
        packet.truncate(length);
        packet
    }

    /// Opens a sealed packet of the lock: its counter, its random bytes and what it says.
    pub(crate) fn open(&self, packet: &[u8]) -> Option<(u64, SealedReport)> {
        let mut packet = packet.to_vec();
        let opened = open_sealed::<RustCrypto>(&self.leaves, Direction::Up, &mut packet).ok()?;
        let counter = opened.get().counter;
        Some((counter, SealedReport::decode(opened.into_inner().body).ok()?))
    }
}

/// When a sealed message was issued, and until when its command may be executed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) issued_at: UnixMillis,
    pub(crate) not_after: Option<UnixMillis>,
}

impl Sent {
    pub(crate) fn now() -> Self {
        Self { issued_at: now(), not_after: None }
    }
}

/// The true time.
pub(crate) fn now() -> UnixMillis {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(u64::try_from(passed.as_millis()).unwrap_or(u64::MAX))
}

/// The body of a down record.
pub(crate) fn live_body(valid_until: Uptime, request: &Request) -> Vec<u8> {
    let message = Down { header: Live { valid_until }, request: request.clone() };
    let mut body = [0; MAX_PACKET];
    message.encode(&mut body).expect("512 bytes hold every body").to_vec()
}

/// The kind of a packet, in a word.
pub(crate) fn kind_of(packet: &[u8]) -> String {
    Packet::parse(packet).map_or_else(|_| "no packet".to_owned(), |packet| format!("{:?}", packet.kind()))
}
