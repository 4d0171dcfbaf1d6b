//! Section 4: the handshakes of both profiles.

mod by_hand;
mod choice;
mod claim;
mod peers;
mod refused;
mod with_x;

use anyhow::ensure;
use lock_core::crypto::hedge::{InitiatorHedge, LockHedge};
use lock_core::crypto::{
    Delivery, HELLO, Key, KeyEpoch, KeySelector, Label, LockId, Prologue, RustCrypto, Session, SessionKeys,
    handle, hello_nonce,
};
use lock_core::proto::{
    Action, Answer, BoltPosition, CommandId, Down, Fact, Hello, Kind, Live, MAX_PACKET, Marks, Message1,
    Opening, Outcome, Packet, Profile, Query, Reply, Report, ReportBody, Request, Selector, Status,
    UnixMillis, Uptime, Versions,
};

use crate::bodies::Message;
use crate::case::{Case, Fields, File};
use crate::records::seal;
use crate::world::{Keys, LOCK_ID, NOW, counted, entropy};

pub(crate) use choice::Choice;
pub(crate) use peers::{Refused, Waiting, finish};

pub(crate) fn file() -> anyhow::Result<File> {
    let mut cases = Vec::new();
    for (name, description, setup) in setups()? {
        cases.push(case(name, description, &setup)?);
    }
    cases.extend(refused::cases()?);
    cases.extend(with_x::cases()?);
    cases.push(claim::case()?);
    File::new(
        "handshake.json",
        "4",
        "The Hello names the profile. Cases with `session`: a whole handshake from its inputs, and the first record of each direction. Cases \
         with `error` and `message1`: the lock that has these keys and sent this Hello refuses it, or answers nothing. Cases with `error`, \
         `handshake` and `message2`: the initiator of the handshake with that name refuses it.",
        cases,
    )
}

/// Where a Hello names its profile (section 1.2).
const PROFILE: usize = 4;

/// Everything that goes into one handshake.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) lock_id: LockId,
    pub(crate) key_epoch: KeyEpoch,
    pub(crate) psk: [u8; 32],
    pub(crate) hello: [u8; HELLO],
    pub(crate) choice: Choice,
    pub(crate) initiator_hedge: InitiatorHedge,
    pub(crate) payload1: Vec<u8>,
    pub(crate) lock_hedge: LockHedge,
    pub(crate) payload2: Vec<u8>,
}

/// A handshake that has taken place.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) message1: Vec<u8>,
    pub(crate) message2: Vec<u8>,
    initiator: SessionKeys,
    lock: SessionKeys,
}

impl Exchange {
    /// Both ends of the session: of the initiator and of the lock.
    pub(crate) fn sessions(self, delivery: Delivery) -> (Session, Session) {
        (self.initiator.into_session(delivery), self.lock.into_session(delivery))
    }
}

/// The first handshake, by name; the one that other files build on.
pub(crate) const FIRST: &str = "unlock at once";

impl Setup {
    /// The cloud unlocks the door in its first message.
    pub(crate) fn first() -> anyhow::Result<Self> {
        let keys = Keys::first()?;
        let psk = *keys.leaves.leaf(Label::Session).expose();
        let command = Request::Command { id: CommandId(7), action: Action::Unlock };
        let started = Reply::Command { id: CommandId(7), outcome: Outcome::Started, repeat: false };
        Self::new(&keys, psk, Choice::CloudCurrent, (Some(NOW), command), started)
    }

    fn new(
        keys: &Keys,
        psk: [u8; 32],
        choice: Choice,
        (time, request): (Option<u64>, Request),
        reply: Reply,
    ) -> anyhow::Result<Self> {
        let hello_hedge = LockHedge { boot: 12, count: 1, entropy: entropy("hello") };
        let nonce = hello_nonce::<RustCrypto>(keys.leaves.leaf(Label::Hedge), &hello_hedge);
        let handle = handle::<RustCrypto>(keys.leaves.leaf(Label::Handle), &nonce);
        let hello = Hello { versions: Versions::OURS, profile: Profile::S, handle, nonce };
        let marks = Marks { down: 300, command: CommandId(7) };
        Ok(Self {
            lock_id: keys.lock_id,
            key_epoch: keys.key_epoch,
            psk,
            hello: hello.encode(),
            choice,
            initiator_hedge: InitiatorHedge { attempt: 9, entropy: entropy("message 1") },
            payload1: Down { header: Opening { time: time.map(UnixMillis) }, request }.body()?,
            lock_hedge: LockHedge { boot: 12, count: 2, entropy: entropy("message 2") },
            payload2: Answer { uptime: Uptime::from_millis(61_234), boot: 12, marks, reply }.body()?,
        })
    }

    pub(crate) fn prologue(&self) -> Prologue<'_> {
        let selector = self.choice.selector();
        Prologue {
            lock_id: self.lock_id,
            key_epoch: self.key_epoch,
            hello: &self.hello,
            version: 1,
            selector,
        }
    }

    /// The same with profile X.
    pub(crate) fn with_x(mut self) -> Self {
        self.hello[PROFILE] = Profile::X as u8;
        self
    }

    /// The profile that the Hello names.
    fn profile(&self) -> anyhow::Result<Profile> {
        let Packet::Hello(hello) = Packet::parse(&self.hello)? else { anyhow::bail!("no Hello") };
        Ok(hello.profile)
    }

    /// Message1 as a packet, and the initiator that awaits the answer.
    pub(crate) fn start(&self) -> anyhow::Result<(Vec<u8>, Waiting)> {
        let psk = Key::from_bytes(self.psk);
        let (hedge, payload) = (&self.initiator_hedge, &self.payload1);
        let (handshake, waiting) = peers::start(self.profile()?, &psk, &self.prologue(), hedge, payload)?;
        Ok((self.message1(&handshake)?, waiting))
    }

    /// A Message1 packet around its handshake part.
    fn message1(&self, handshake: &[u8]) -> anyhow::Result<Vec<u8>> {
        let ticket = self.choice.selector().ticket();
        let message = Message1 { version: 1, selector: self.choice.wire(), ticket, handshake };
        Ok(message.encode(&mut [0; MAX_PACKET])?.to_vec())
    }

    /// Opens a Message1 packet as the lock of this setup, and answers it.
    pub(crate) fn answer(&self, message1: &[u8]) -> anyhow::Result<Result<(Vec<u8>, SessionKeys), Refused>> {
        let Packet::Message1(message) = Packet::parse(message1)? else { anyhow::bail!("no Message1") };
        let selector = match message.selector {
            Selector::CloudCurrent => KeySelector::CloudCurrent,
            Selector::CloudPending => KeySelector::CloudPending,
            Selector::Ticket => KeySelector::Ticket(message.ticket),
            Selector::Claim => KeySelector::Claim,
        };
        let prologue = Prologue { version: message.version, selector, ..self.prologue() };
        let (psk, mut handshake) = (Key::from_bytes(self.psk), message.handshake.to_vec());
        let says = (&self.lock_hedge, self.payload2.as_slice());
        let answered = peers::answer(self.profile()?, &psk, &prologue, &mut handshake, says)?;
        Ok(answered.map(|(handshake, keys)| ([Kind::Message2.prefix().to_vec(), handshake].concat(), keys)))
    }

    /// The whole handshake.
    pub(crate) fn exchange(&self) -> anyhow::Result<Exchange> {
        let (message1, waiting) = self.start()?;
        let (message2, lock) =
            self.answer(&message1)?.map_err(|why| anyhow::anyhow!("the lock refuses it: {why:?}"))?;
        let (payload2, initiator) = finish(waiting, &message2)?;
        ensure!(payload2 == self.payload2, "the answer is not read as it was written");
        Ok(Exchange { message1, message2, initiator, lock })
    }
}

fn setups() -> anyhow::Result<Vec<(&'static str, &'static str, Setup)>> {
    let (first, second) = (Keys::first()?, Keys::of(LOCK_ID, 2)?);
    let session = |keys: &Keys| *keys.leaves.leaf(Label::Session).expose();
    let bolt = Fact { value: BoltPosition::Extended, ..Fact::default() };
    let status = || Reply::Status(Status { bolt, ..Status::default() });
    let query = || (Some(NOW), Request::Query(Query::Status));
    let unlock = || (None, Request::Command { id: CommandId(8), action: Action::Unlock });
    let (psk, ticket) = (entropy("a key that follows from a ticket"), counted(0x80, 200));
    Ok(vec![
        (FIRST, "The cloud unlocks the door in its first message.", Setup::first()?),
        (
            "nothing but a session",
            "The shortest payloads.",
            Setup::new(
                &first,
                session(&first),
                Choice::CloudCurrent,
                (None, Request::Nothing),
                Reply::Nothing,
            )?,
        ),
        (
            "query the status",
            "The longest answer that is common.",
            Setup::new(&first, session(&first), Choice::CloudCurrent, query(), status())?,
        ),
        (
            "prepared epoch",
            "The first handshake under a prepared epoch.",
            Setup::new(&second, session(&second), Choice::CloudPending, query(), status())?,
        ),
        (
            "holder of a ticket",
            "The holder of a ticket of 200 bytes, whose key is given.",
            Setup::new(&first, psk, Choice::Ticket(ticket), unlock(), Reply::NotUnderstood)?,
        ),
    ])
}

fn case(name: &str, description: &str, setup: &Setup) -> anyhow::Result<Case> {
    let request = Request::Command { id: CommandId(9), action: Action::Lock };
    let down = Down { header: Live { valid_until: Uptime::from_millis(65_000) }, request }.body()?;
    case_with(name, description, setup, &down, Reply::Nothing)
}

/// A handshake whose session begins with this down record and this reply.
fn case_with(
    name: &str,
    description: &str,
    setup: &Setup,
    down: &[u8],
    reply: Reply,
) -> anyhow::Result<Case> {
    let exchange = setup.exchange()?;
    let fields = setup_fields(setup)
        .hex("message1", &exchange.message1)
        .group("lock", lock_fields(setup))
        .hex("message2", &exchange.message2);
    let (mut initiator, mut lock) = exchange.sessions(Delivery::Ordered);
    let up = Report { uptime: Uptime::from_millis(61_500), body: ReportBody::Reply(reply) }.body()?;
    let session = Fields::new()
        .hex("down_body", down)
        .hex("down_record", seal(&mut initiator, down)?)
        .hex("up_body", &up)
        .hex("up_record", seal(&mut lock, &up)?);
    Ok(Case::new(name, description).with(fields.group("session", session)))
}

fn setup_fields(setup: &Setup) -> Fields {
    let hedge = &setup.initiator_hedge;
    let initiator = Fields::new()
        .number("attempt", hedge.attempt)
        .hex("entropy", hedge.entropy)
        .hex("payload", &setup.payload1);
    Fields::new()
        .hex("lock_id", setup.lock_id.as_bytes())
        .number("key_epoch", setup.key_epoch.number())
        .hex("psk", setup.psk)
        .hex("hello", setup.hello)
        .number("version", 1_u8)
        .word("selector", &setup.choice.wire())
        .hex("ticket", setup.choice.selector().ticket())
        .hex("prologue", prologue_bytes(&setup.prologue()))
        .group("initiator", initiator)
}

fn lock_fields(setup: &Setup) -> Fields {
    let hedge = &setup.lock_hedge;
    Fields::new()
        .number("boot", hedge.boot)
        .number("count", hedge.count)
        .hex("entropy", hedge.entropy)
        .hex("payload", &setup.payload2)
}

/// The prologue of section 4.1, written out: the crates only ever hash it.
pub(crate) fn prologue_bytes(prologue: &Prologue<'_>) -> Vec<u8> {
    let Prologue { lock_id, key_epoch, hello, version, selector } = prologue;
    let ticket = selector.ticket();
    let mut bytes = b"lk1/prologue\0".to_vec();
    bytes.extend(lock_id.as_bytes());
    bytes.extend(key_epoch.to_bytes());
    bytes.extend(*hello);
    bytes.extend([*version, selector.initiator().byte(), 0x10, selector.byte()]);
    bytes.extend((ticket.len() as u16).to_be_bytes());
    bytes.extend(ticket);
    bytes
}
