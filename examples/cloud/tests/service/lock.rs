//! The real core in the role of the lock, in memory, with a motor that arrives when it is told to.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use lock_core::claimer::Claimer;
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::crypto::{Delivery, LockId, RootKey, RustCrypto};
use lock_core::device::{
    Device, Input, LinkId, Output, RecordTag, Stored, provision, provision_claim, provision_unowned,
    provision_x,
};
use lock_core::proto::{
    Action, BoltPosition, BootReason, CommandId, Millivolts, Outcome, PinDigits, Reply, Request, Uptime,
};
use lock_core::state::Drive;
use lock_core::state::{CodesOnly, DoorReading, InsideButton, PowerReading, ResetButton};
use lock_fleet::{Monotonic, VirtualKey};

use crate::loader::Loader;
use crate::world::{LOCK_ID, ROOT};

/// The link of the phone that relays.
const LINK: LinkId = LinkId(0);
/// The link of somebody with a virtual key.
const HOLDER: LinkId = LinkId(1);

pub(crate) struct Lock {
    device: Device<RustCrypto, 2, CodesOnly>,
    records: BTreeMap<u8, Vec<u8>>,
    started: Instant,
    pub(crate) sent: VecDeque<Vec<u8>>,
    sent_to_holder: VecDeque<Vec<u8>>,
    /// How many holders of a virtual key have tried.
    attempts: u64,
    /// Each order to drive the bolt one way or the other.
    pub(crate) drives: usize,
    /// Its boot loader, where it has one.
    pub(crate) loader: Option<Loader>,
    /// How far its clock is ahead of the machine's, in milliseconds.
    ahead: u64,
}

fn root_of(lock_id: [u8; 16]) -> (RootKey, LockId) {
    let lock_id = LockId(lock_id);
    (RootKey::from_bytes::<RustCrypto>(ROOT, lock_id).unwrap(), lock_id)
}

impl Lock {
    /// Provisioned as the service's one lock; the bolt thrown, the door closed.
    pub(crate) fn new() -> Self {
        Self::of(LOCK_ID)
    }

    pub(crate) fn of(lock_id: [u8; 16]) -> Self {
        let (root, lock_id) = root_of(lock_id);
        Self::with_keys(provision::<RustCrypto>(&root, lock_id, &[9; 32]).to_vec())
    }

    /// The same lock, with a boot loader.
    pub(crate) fn with_loader() -> Self {
        let mut lock = Self::new();
        let loader = Loader::new();
        lock.device = lock.device.with_firmware(loader.firmware(), Uptime::from_millis(0));
        lock.loader = Some(loader);
        lock.input(Input::Power(PowerReading::resting(Millivolts(6_200))));
        lock
    }

    /// The same lock, made for profile X.
    pub(crate) fn of_profile_x() -> Self {
        let (root, lock_id) = root_of(LOCK_ID);
        Self::with_keys(provision_x::<RustCrypto>(&root, lock_id, &[9; 32]).to_vec())
    }

    /// A lock of that number without an owner: what its label and its maker say is the claimer's.
    pub(crate) fn unowned(claimer: &Claimer) -> Self {
        let keys = provision_unowned::<RustCrypto>(claimer.key(), claimer.lock_id(), &[9; 32]).unwrap();
        let claim = provision_claim(claimer.key()).unwrap();
        Self::with_records(BTreeMap::from([
            (RecordTag::Keys.number(), keys.to_vec()),
            (RecordTag::Claim.number(), claim.to_vec()),
        ]))
    }

    fn with_keys(keys: Vec<u8>) -> Self {
        Self::with_records(BTreeMap::from([(RecordTag::Keys.number(), keys)]))
    }

    fn with_records(records: BTreeMap<u8, Vec<u8>>) -> Self {
        let mut lock = Self {
            device: boot(&records),
            records,
            started: Instant::now(),
            sent: VecDeque::new(),
            sent_to_holder: VecDeque::new(),
            attempts: 0,
            drives: 0,
            loader: None,
            ahead: 0,
        };
        lock.input(Input::Bolt(BoltPosition::Extended));
        lock.input(Input::Door(DoorReading::Closed));
        lock
    }

    /// The power goes, and comes back.
    pub(crate) fn reboots(&mut self) {
        self.device = boot(&self.records);
        self.ahead += 20_000;
        self.input(Input::Bolt(BoltPosition::Extended));
        self.input(Input::Door(DoorReading::Closed));
    }

    /// Somebody presses the button inside.
    pub(crate) fn is_pressed(&mut self) {
        self.input(Input::InsideButton(InsideButton::Lock));
    }

    /// A phone connects: the Hello.
    pub(crate) fn hello(&mut self) -> Vec<u8> {
        self.sent.clear();
        self.input(Input::LinkUp { link: LINK, delivery: Delivery::Ordered });
        self.sent.pop_front().expect("a lock greets")
    }

    pub(crate) fn takes(&mut self, packet: &[u8]) {
        let mut packet = packet.to_vec();
        self.input(Input::Packet { link: LINK, packet: &mut packet });
    }

    /// Somebody enters a code; whether the motor ran.
    pub(crate) fn enters(&mut self, digits: &str) -> bool {
        let drives = self.drives;
        self.input(Input::code(PinDigits::from_ascii(digits.as_bytes()).unwrap()));
        self.drives > drives
    }

    /// Somebody with a virtual key asks it to unlock, without the service; what it answers, `None` where it is silent.
    pub(crate) fn unlocks_with(&mut self, key: &VirtualKey) -> Option<Outcome> {
        self.sent_to_holder.clear();
        self.input(Input::LinkUp { link: HOLDER, delivery: Delivery::Ordered });
        let hello = self.sent_to_holder.pop_front().expect("a lock greets");
        self.attempts += 1;
        let request = Request::Command { id: CommandId(self.attempts), action: Action::Unlock };
        let hedge = InitiatorHedge { attempt: self.attempts, entropy: [5; 32] };
        let mut packet = [0; 512];
        let (length, connecting) = key.connect(&hello, request, &hedge, &mut packet).unwrap();
        self.input(Input::Packet { link: HOLDER, packet: &mut packet[..length] });
        self.input(Input::LinkDown { link: HOLDER });
        let mut message2 = self.sent_to_holder.pop_front()?;
        let (answer, _, _) = connecting.finish(&mut message2, Delivery::Ordered, Monotonic(0)).unwrap();
        let reply = answer.into_inner().reply;
        let Reply::Command { outcome, .. } = reply else { panic!("{reply:?}") };
        Some(outcome)
    }

    /// The bolt arrives where the motor drives it.
    pub(crate) fn arrives(&mut self, bolt: BoltPosition) {
        self.input(Input::Bolt(bolt));
    }

    /// Somebody inside holds the reset button for eleven seconds of the lock's time.
    pub(crate) fn factory_reset(&mut self) {
        self.input(Input::ResetButton(ResetButton::Pressed));
        for _ in 0..11 {
            self.ahead += 1_000;
            self.input(Input::Tick);
        }
        self.input(Input::ResetButton(ResetButton::Released));
    }

    fn input(&mut self, input: Input<'_>) {
        let now = self.now();
        self.device.handle(input, now).unwrap();
        self.run();
        // What the device planned for about now, such as the end of a motor's run.
        while self.device.poll_timeout().is_some_and(|at| at <= now) {
            self.device.handle(Input::Tick, now).unwrap();
            self.run();
        }
    }

    fn run(&mut self) {
        let mut buffer = [0; 512];
        let mut pending = None;
        while let Some(output) = self.device.poll_output(self.now(), &mut buffer) {
            match output {
                Output::Persist { id, tag, bytes } => {
                    self.records.insert(tag.number(), bytes.to_vec());
                    pending = Some(id);
                }
                Output::Transmit { link: HOLDER, packet } => self.sent_to_holder.push_back(packet.to_vec()),
                Output::Transmit { packet, .. } => self.sent.push_back(packet.to_vec()),
                Output::Motor(Drive::Stop) => {}
                Output::Motor(_) => self.drives += 1,
                Output::Update { work, bytes } => {
                    let loader = self.loader.as_mut().expect("a lock with firmware has a loader");
                    let now = now_of(self.started, self.ahead);
                    loader.work(work, bytes, |answer| self.device.update_answer(answer, now).unwrap());
                }
                Output::Log(_) | Output::Indicate(_) | Output::Alarm(_) | Output::Close(_) => {}
            }
            if let Some(id) = pending.take() {
                self.device.persisted(id).unwrap();
            }
        }
    }

    fn now(&self) -> Uptime {
        now_of(self.started, self.ahead)
    }
}

fn boot(records: &BTreeMap<u8, Vec<u8>>) -> Device<RustCrypto, 2, CodesOnly> {
    let stored = records.iter().fold(Stored::default(), |stored, (number, bytes)| {
        let tag = RecordTag::from_number(*number).unwrap();
        stored.with(tag, bytes)
    });
    Device::boot(&stored, [1; 32], BootReason::PowerOn, Uptime::from_millis(0)).unwrap()
}

fn now_of(started: Instant, ahead: u64) -> Uptime {
    Uptime::from_millis(10 + ahead + u64::try_from(started.elapsed().as_millis()).unwrap())
}
