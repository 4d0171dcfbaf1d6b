//! A lock among hostile hands: every packet is recorded and may come again, storage fails as it likes, power goes at any output.
//! What must hold whatever happens is checked at each output, against bookkeeping that shares nothing with the lock but its records.

#[path = "checks.rs"]
mod checks;

use std::collections::{BTreeMap, BTreeSet};

use lock_core::cloud::{Connecting, LockKeys, Monotonic, Session, seal_down};
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::crypto::{Delivery, KeyEpoch, LockId, RootKey, RustCrypto};
use lock_core::device::{
    Device, Input, InputError, LinkId, Output, PersistFailure, PersistId, RecordTag, Stored, provision,
};
use lock_core::proto::{
    Action, BoltPosition, BootReason, CommandId, Down, Marks, Opening, PinDigits, Query, Request, Sealed,
    UnixMillis, Uptime,
};
use lock_core::state::{DoorReading, Drive, Slots};

pub(crate) const LINKS: usize = 3;
/// The one code that settings have.
pub(crate) const CODE: &str = "2468";
const LOCK_ID: LockId = LockId(*b"a lock in a test");
const EPOCH_MILLIS: u64 = 1_800_000_000_000;

type Lock = Device<RustCrypto, LINKS, Slots<4, 6, 6, 2>>;

/// What storage does with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flash {
    Works,
    Fails(PersistFailure),
    /// Written, and said not to be.
    Lies,
    /// Not answered for now.
    Slow,
}

/// The phone's end of one link, and the cloud behind it.
#[derive(Default)]
struct Wire {
    hello: Option<Vec<u8>>,
    connecting: Option<Connecting>,
    session: Option<Session>,
    next_up: u64,
}

pub(crate) struct World {
    lock: Lock,
    keys: LockKeys,
    records: BTreeMap<u8, Vec<u8>>,
    pub(crate) now: Uptime,
    world_millis: u64,
    pub(crate) flash: Flash,
    pending: Option<(PersistId, RecordTag, Vec<u8>)>,
    wires: [Wire; LINKS],
    /// Every packet that anybody ever sent.
    pub(crate) heard: Vec<Vec<u8>>,
    issued: BTreeMap<u64, Action>,
    drives: BTreeMap<u64, u32>,
    nonces: BTreeSet<Vec<u8>>,
    told: Marks,
    sensed: BoltPosition,
    /// The door was opened since the lock last withdrew the bolt for that.
    has_opened: bool,
    next_down: u64,
    unanswered: u64,
    /// How often the code of a setting was entered, and has not opened yet.
    right_codes: u64,
    attempt: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        let root =
            RootKey::from_bytes::<RustCrypto>(core::array::from_fn(|i| 3 * i as u8 + 5), LOCK_ID).unwrap();
        let keys = provision::<RustCrypto>(&root, LOCK_ID, &[9; 32]);
        let records = BTreeMap::from([(RecordTag::Keys.number(), keys.to_vec())]);
        Self {
            lock: boot(&records),
            keys: LockKeys::expand(&root, LOCK_ID, KeyEpoch::FIRST),
            records,
            now: Uptime::from_millis(500),
            world_millis: 0,
            flash: Flash::Works,
            pending: None,
            wires: Default::default(),
            heard: Vec::new(),
            issued: BTreeMap::new(),
            drives: BTreeMap::new(),
            nonces: BTreeSet::new(),
            told: Marks::default(),
            sensed: BoltPosition::Unknown,
            has_opened: false,
            next_down: 1,
            unanswered: 0,
            right_codes: 0,
            attempt: 0,
        }
    }

    /// Only what is stored remains. The random source is stuck: each boot has the same entropy.
    pub(crate) fn cut_power(&mut self) {
        let before = self.lock.status(self.now).configuration;
        self.lock = boot(&self.records);
        self.now = Uptime::from_millis(500);
        (self.pending, self.sensed, self.wires) = (None, BoltPosition::Unknown, Default::default());
        (self.has_opened, self.right_codes) = (false, 0);
        assert!(self.lock.status(self.now).configuration >= before, "a setting in force was lost");
    }

    pub(crate) fn wait(&mut self, millis: u64) {
        self.world_millis += millis;
        self.now = self.now.plus_millis(millis);
    }

    pub(crate) fn input(&mut self, input: Input<'_>) {
        let is_always_taken = matches!(
            input,
            Input::Bolt(_)
                | Input::Door(_)
                | Input::MotorStalled
                | Input::Tick
                | Input::LinkDown { .. }
                | Input::Entropy(_)
        );
        let sensed = if let Input::Bolt(position) = &input { Some(*position) } else { None };
        let opens = matches!(input, Input::Door(DoorReading::Open));
        match self.lock.handle(input, self.now) {
            Ok(()) => {
                self.sensed = sensed.unwrap_or(self.sensed);
                self.has_opened |= opens;
            }
            Err(error) => assert!(error == InputError::Backlog && !is_always_taken),
        }
        self.check_truth();
    }

    pub(crate) fn code(&mut self, digits: &str) {
        self.right_codes += u64::from(digits == CODE);
        self.input(Input::code(PinDigits::from_ascii(digits.as_bytes()).unwrap()));
    }

    pub(crate) fn link_up(&mut self, link: usize, delivery: Delivery) {
        self.wires[link] = Wire::default();
        self.input(Input::LinkUp { link: LinkId(link as u8), delivery });
    }

    pub(crate) fn link_down(&mut self, link: usize) {
        self.wires[link] = Wire::default();
        self.input(Input::LinkDown { link: LinkId(link as u8) });
    }

    pub(crate) fn deliver(&mut self, link: usize, packet: &[u8]) {
        self.input(Input::Packet { link: LinkId(link as u8), packet: &mut packet.to_vec() });
    }

    /// The cloud issues a command: a new id, or an old one again with the same action.
    pub(crate) fn command(&mut self, again: Option<usize>, action: Action) -> Request {
        let old = again.and_then(|again| self.issued.iter().nth(again % self.issued.len().max(1)));
        let (id, action) = match old {
            Some((id, action)) => (*id, action.clone()),
            None => (self.issued.keys().max().map_or(1, |id| id + 1), action),
        };
        self.issued.insert(id, action.clone());
        Request::Command { id: CommandId(id), action }
    }

    /// Answers the last Hello of a link. The packet is recorded; the hostile relay decides whether it is delivered.
    pub(crate) fn message1(&mut self, link: usize, request: Request) -> Option<Vec<u8>> {
        let hello = self.wires[link].hello.clone()?;
        self.attempt += 1;
        let header = Opening { time: Some(UnixMillis(EPOCH_MILLIS + self.world_millis)) };
        let hedge = InitiatorHedge { attempt: self.attempt, entropy: [5; 32] };
        let mut packet = [0; 128];
        let (length, connecting) =
            Connecting::start(&self.keys, &hello, &Down { header, request }, &hedge, &mut packet).unwrap();
        self.wires[link].connecting = Some(connecting);
        self.heard.push(packet[..length].to_vec());
        self.heard.last().cloned()
    }

    pub(crate) fn record(&mut self, link: usize, request: Request) -> Option<Vec<u8>> {
        let now = Monotonic(self.world_millis);
        let mut packet = [0; 512];
        let length = self.wires[link].session.as_mut()?.request(request, now, &mut packet).ok()?;
        self.heard.push(packet[..length].to_vec());
        self.heard.last().cloned()
    }

    pub(crate) fn sealed(&mut self, request: Request) -> Vec<u8> {
        let header = Sealed { issued_at: UnixMillis(EPOCH_MILLIS + self.world_millis), not_after: None };
        let counter = self.next_down;
        self.next_down += 1;
        self.unanswered += u64::from(matches!(request, Request::Query(Query::Status | Query::Marks(_))));
        let mut packet = [0; 512];
        let length = seal_down(&self.keys, counter, [7; 16], &Down { header, request }, &mut packet).unwrap();
        self.heard.push(packet[..length].to_vec());
        packet[..length].to_vec()
    }

    /// Asks for at most `most` outputs; returns whether the lock had nothing more.
    pub(crate) fn poll(&mut self, most: usize) -> bool {
        for _ in 0..most {
            let mut buffer = [0; 512];
            let waits = self.pending.is_some();
            let Some(output) = self.lock.poll_output(self.now, &mut buffer) else { return true };
            assert!(!waits || output == Output::Motor(Drive::Stop), "{output:?} passed a persist");
            match output {
                Output::Persist { id, tag, bytes } => {
                    self.pending = Some((id, tag, bytes.to_vec()));
                    self.answer_flash(self.flash);
                }
                Output::Transmit { link, packet } => {
                    let packet = packet.to_vec();
                    self.heard.push(packet.clone());
                    self.transmitted(usize::from(link.0), packet);
                }
                Output::Motor(Drive::Extend) => self.driven(&Action::Lock),
                Output::Motor(Drive::Retract) => self.driven(&Action::Unlock),
                Output::Motor(Drive::Stop | Drive::PullLatch | Drive::ReleaseLatch)
                | Output::Indicate(_)
                | Output::Alarm(_) => {}
                Output::Log(_) => unreachable!("a lock without a log"),
                Output::Close(link) => self.wires[usize::from(link.0)] = Wire::default(),
                Output::Update { .. } => panic!("a lock without a loader asks it"),
            }
            self.check_truth();
        }
        false
    }

    pub(crate) fn answer_flash(&mut self, flash: Flash) {
        if flash == Flash::Slow {
            return;
        }
        let Some((id, tag, bytes)) = self.pending.take() else { return };
        if matches!(flash, Flash::Works | Flash::Lies) {
            self.records.insert(tag.number(), bytes);
        }
        match flash {
            Flash::Works | Flash::Slow => self.lock.persisted(id).unwrap(),
            Flash::Fails(why) => self.lock.persist_failed(id, why, self.now).unwrap(),
            Flash::Lies => self.lock.persist_failed(id, PersistFailure::Fault, self.now).unwrap(),
        }
    }

    /// The cloud sends all that it ever issued once more, under new numbers, to a lock that could move at any of it.
    pub(crate) fn send_everything_again(&mut self) {
        self.link_up(0, Delivery::Ordered);
        self.settle();
        let opening = self.message1(0, Request::Nothing).expect("a lock greets");
        self.deliver(0, &opening);
        self.settle();
        for again in 0..self.issued.len() {
            self.input(Input::MotorStalled);
            self.input(Input::Bolt(BoltPosition::Between));
            self.input(Input::Door(DoorReading::Closed));
            let request = self.command(Some(again), Action::Unlock);
            let packet = self.sealed(request);
            self.deliver(0, &packet);
            self.settle();
        }
    }

    /// Lets everything settle on working storage: outputs and deadlines come to an end.
    pub(crate) fn settle(&mut self) {
        self.flash = Flash::Works;
        self.answer_flash(Flash::Works);
        assert!(self.poll(1_000), "outputs never end");
        for _ in 0..2 * LINKS + 8 {
            if self.lock.poll_timeout().is_none_or(|at| at > self.now) {
                return;
            }
            self.input(Input::Tick);
            assert!(self.poll(1_000), "outputs never end");
        }
        panic!("a deadline stays due: {:?} at {:?}", self.lock.poll_timeout(), self.now);
    }
}

fn boot(records: &BTreeMap<u8, Vec<u8>>) -> Lock {
    let stored = records.iter().fold(Stored::default(), |stored, (number, record)| {
        stored.with(RecordTag::from_number(*number).unwrap(), record)
    });
    Lock::boot(&stored, [1; 32], BootReason::PowerOn, Uptime::from_millis(500)).unwrap()
}
