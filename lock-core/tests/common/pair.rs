//! A lock and its cloud in one process, under virtual time: no socket, no thread, no sleep.
//!
//! The link between them is a list of packets that a test may drop, keep, change or repeat. Storage is a map of records that
//! outlives the device, so that [`Pair::cut_power`] is one line.

#![allow(dead_code, reason = "each test uses its part")]

#[path = "loader.rs"]
pub(crate) mod loader;

use std::collections::BTreeMap;
use std::collections::VecDeque;

use loader::Loader;
use lock_core::cloud::{Connecting, FreshMarks, LockKeys, Monotonic, Session, open_up, seal_down};
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::crypto::{Authenticated, Delivery, KeyEpoch, LockId, RootKey, RustCrypto};
use lock_core::device::{
    Device, Input, LinkId, Output, PersistFailure, PersistId, RecordTag, Stored, provision,
};
use lock_core::proto::{
    Action, Alarm, Answer, BoltPosition, BootReason, CommandId, Down, Opening, PinDigits, Report, Request,
    Sealed, SealedReport, Seconds, Setting, UnixMillis, Uptime,
};
use lock_core::state::{Drive, Indication, Slots, Tables, Work};

#[path = "log_flash.rs"]
pub(crate) mod log_flash;

pub(crate) use log_flash::LogFlash;

pub(crate) const LINK: LinkId = LinkId(0);
pub(crate) const LOCK_ID: LockId = LockId(*b"a lock in a test");
pub(crate) const EPOCH_MILLIS: u64 = 1_800_000_000_000;

pub(crate) type Room = Slots<4, 6, 6, 2>;
pub(crate) type Lock = Device<RustCrypto, 2, Room>;

/// What storage does with the next record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flash {
    Works,
    Fails(PersistFailure),
    /// The record is written and the driver says that it is not.
    Lies(PersistFailure),
    /// The record is not answered before [`Pair::answer_flash`]: the flash is slow.
    Slow,
}

/// What a lock did, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Did {
    Persist(RecordTag),
    Transmit(LinkId, Vec<u8>),
    Motor(Drive),
    Indicate(Indication),
    Alarm(Alarm),
    Close(LinkId),
    /// An entry with this index was handed out.
    Log(u64),
    /// An entry was read.
    LogRead(u64),
    /// Entries up to this one were to be freed.
    Acknowledged(u64),
    Update(Work),
}

pub(crate) struct Pair<T: Tables = Room> {
    pub(crate) lock: Device<RustCrypto, 2, T>,
    pub(crate) keys: LockKeys,
    pub(crate) records: BTreeMap<u8, Vec<u8>>,
    pub(crate) now: Uptime,
    /// Since the world began, across boots.
    pub(crate) world_millis: u64,
    pub(crate) flash: Flash,
    /// What the flash does with the record that comes after so many others.
    pub(crate) fail_at: Option<(usize, Flash)>,
    /// What the flash does with each record of this tag.
    pub(crate) fail_from: Option<(RecordTag, Flash)>,
    /// The record that a slow flash has not answered.
    pub(crate) pending: Option<(PersistId, RecordTag, Vec<u8>)>,
    /// Everything the lock did since a test last looked.
    pub(crate) did: Vec<Did>,
    pub(crate) up: VecDeque<Vec<u8>>,
    pub(crate) attempt: u64,
    pub(crate) entropy: [u8; 32],
    /// The log's flash of a lock that keeps one.
    pub(crate) log: Option<LogFlash>,
    /// The boot loader and its slots, where the test has any.
    pub(crate) loader: Option<Loader>,
    /// So many outputs until the power goes, where it does.
    pub(crate) until_cut: Option<usize>,
}

pub(crate) fn root() -> RootKey {
    let bytes = core::array::from_fn(|i| 7 * i as u8 + 1);
    RootKey::from_bytes::<RustCrypto>(bytes, LOCK_ID).unwrap()
}

impl Pair {
    /// A provisioned lock with the bolt thrown and the door closed, and its cloud.
    pub(crate) fn new() -> Self {
        let record = provision::<RustCrypto>(&root(), LOCK_ID, &[9; 32]);
        Self::made(&record, LockKeys::expand(&root(), LOCK_ID, KeyEpoch::FIRST))
    }

    /// The same with a log on a flash of so many sectors.
    pub(crate) fn with_log(sectors: usize) -> Self {
        let mut pair = Self::new();
        pair.log = Some(LogFlash::new(sectors));
        pair.cut_power(BoltPosition::Extended);
        pair
    }

    /// The same, with another draw of the random source at manufacture.
    pub(crate) fn with_entropy(entropy: [u8; 32]) -> Self {
        let record = provision::<RustCrypto>(&root(), LOCK_ID, &entropy);
        Self::made(&record, LockKeys::expand(&root(), LOCK_ID, KeyEpoch::FIRST))
    }

    /// The same with profile X, at both ends.
    #[cfg(feature = "x25519")]
    pub(crate) fn of_profile_x() -> Self {
        let record = lock_core::device::provision_x::<RustCrypto>(&root(), LOCK_ID, &[9; 32]);
        let keys = LockKeys::expand(&root(), LOCK_ID, KeyEpoch::FIRST);
        Self::made(&record, keys.with_profile(lock_core::proto::Profile::X))
    }

    fn made(record: &[u8], keys: LockKeys) -> Self {
        Self::with(BTreeMap::from([(RecordTag::Keys.number(), record.to_vec())]), keys)
    }

    /// A lock with these records, and a cloud with these keys.
    pub(crate) fn with(records: BTreeMap<u8, Vec<u8>>, keys: LockKeys) -> Self {
        Self::of(records, keys)
    }
}

impl<T: Tables> Pair<T> {
    /// The same with whatever room and parts.
    pub(crate) fn of(records: BTreeMap<u8, Vec<u8>>, keys: LockKeys) -> Self {
        let now = Uptime::from_millis(1_000);
        let mut pair = Self {
            lock: boot(&records, [1; 32], now),
            keys,
            records,
            now,
            world_millis: 1_000,
            flash: Flash::Works,
            fail_at: None,
            fail_from: None,
            pending: None,
            did: Vec::new(),
            up: VecDeque::new(),
            attempt: 0,
            entropy: [5; 32],
            log: None,
            loader: None,
            until_cut: None,
        };
        pair.sense(BoltPosition::Extended);
        pair
    }

    /// Power goes and comes back: only what is stored remains. The bolt is where it physically was.
    pub(crate) fn cut_power(&mut self, bolt: BoltPosition) {
        self.now = Uptime::from_millis(500);
        self.world_millis += 500;
        self.until_cut = None;
        self.lock = match &mut self.log {
            Some(log) => log.boot(&self.records, self.entropy, self.now),
            None => boot(&self.records, self.entropy, self.now),
        };
        if let Some(loader) = &mut self.loader {
            let firmware = loader.boot();
            self.lock = boot(&self.records, self.entropy, self.now).with_firmware(firmware, self.now);
        }
        self.did.clear();
        self.up.clear();
        self.pending = None;
        self.flash = Flash::Works;
        self.sense(bolt);
    }

    pub(crate) fn sense(&mut self, bolt: BoltPosition) {
        self.input(Input::Bolt(bolt));
        self.run();
    }

    pub(crate) fn input(&mut self, input: Input<'_>) {
        self.lock.handle(input, self.now).unwrap();
    }

    pub(crate) fn wait(&mut self, millis: u64) {
        let end = self.now.plus_millis(millis);
        while let Some(at) = self.lock.poll_timeout().filter(|at| *at <= end) {
            self.world_millis += at.millis_since(self.now);
            self.now = self.now.max(at);
            self.input(Input::Tick);
            self.run();
        }
        self.world_millis += end.millis_since(self.now);
        self.now = end;
    }

    /// Runs the lock's loop until it has nothing to do or waits for its flash.
    pub(crate) fn run(&mut self) {
        while self.step() {}
    }

    /// One output; false when there is none, or the power is gone.
    pub(crate) fn step(&mut self) -> bool {
        let mut buffer = [0; 512];
        match &mut self.until_cut {
            Some(0) => return false,
            Some(left) => *left -= 1,
            None => {}
        }
        let (pending, did) = match self.lock.poll_output(self.now, &mut buffer) {
            None => return false,
            Some(Output::Persist { id, tag, bytes }) => (Some((id, tag, bytes.to_vec())), Did::Persist(tag)),
            Some(Output::Transmit { link, packet }) => {
                if link == LINK {
                    self.up.push_back(packet.to_vec());
                }
                (None, Did::Transmit(link, packet.to_vec()))
            }
            Some(Output::Motor(drive)) => (None, Did::Motor(drive)),
            Some(Output::Indicate(indication)) => (None, Did::Indicate(indication)),
            Some(Output::Alarm(alarm)) => (None, Did::Alarm(alarm)),
            Some(Output::Close(link)) => (None, Did::Close(link)),
            Some(Output::Log(work)) => {
                let did = self.log.as_mut().expect("a lock with a log").work(&mut self.lock, work, self.now);
                self.did.extend(did);
                return true;
            }
            Some(Output::Update { work, bytes }) => {
                let loader = self.loader.as_mut().expect("a lock with firmware has a loader");
                let is_cut = self.until_cut == Some(0);
                loader.work(work, bytes, is_cut, |answer| {
                    self.lock.update_answer(answer, self.now).unwrap();
                });
                (None, Did::Update(work))
            }
        };
        self.did.push(did);
        if pending.is_some() {
            self.pending = pending;
            let flash = self.flash_for_this();
            self.answer_flash(flash);
        }
        true
    }

    fn flash_for_this(&mut self) -> Flash {
        let (_, tag, _) = self.pending.as_ref().expect("a record waits");
        if let Some((_, flash)) = self.fail_from.filter(|(failing, _)| failing == tag) {
            return flash;
        }
        match &mut self.fail_at {
            Some((0, flash)) => {
                let flash = *flash;
                self.fail_at = None;
                flash
            }
            Some((left, _)) => {
                *left -= 1;
                self.flash
            }
            None => self.flash,
        }
    }

    /// Lets the flash answer the record that waits for it.
    pub(crate) fn answer_flash(&mut self, flash: Flash) {
        if flash == Flash::Slow {
            return;
        }
        let (id, tag, bytes) = self.pending.take().expect("a record waits");
        if matches!(flash, Flash::Works | Flash::Lies(_)) {
            self.records.insert(tag.number(), bytes);
        }
        match flash {
            Flash::Fails(why) | Flash::Lies(why) => self.lock.persist_failed(id, why, self.now).unwrap(),
            Flash::Works | Flash::Slow => self.lock.persisted(id).unwrap(),
        }
    }

    /// Brings bytes to the lock and runs it.
    pub(crate) fn deliver(&mut self, packet: &[u8]) {
        let mut packet = packet.to_vec();
        self.input(Input::Packet { link: LINK, packet: &mut packet });
        self.run();
    }

    /// Connects a phone: the lock's Hello.
    pub(crate) fn hello(&mut self) -> Vec<u8> {
        self.up.clear();
        self.input(Input::LinkUp { link: LINK, delivery: Delivery::Ordered });
        self.run();
        self.up.pop_front().expect("a lock greets")
    }

    pub(crate) fn message1(&mut self, hello: &[u8], request: Request) -> (Vec<u8>, Connecting) {
        self.attempt += 1;
        let opening =
            Down { header: Opening { time: Some(UnixMillis(EPOCH_MILLIS + self.world_millis)) }, request };
        let hedge = InitiatorHedge { attempt: self.attempt, entropy: self.entropy };
        let mut packet = [0; 128];
        let (length, connecting) =
            Connecting::start(&self.keys, hello, &opening, &hedge, &mut packet).unwrap();
        (packet[..length].to_vec(), connecting)
    }

    /// Finishes a handshake with the lock's next packet.
    pub(crate) fn finish(&mut self, connecting: Connecting) -> (Authenticated<Answer>, FreshMarks, Session) {
        let mut message2 = self.up.pop_front().expect("the lock answers");
        connecting.finish(&mut message2, Delivery::Ordered, self.cloud_now()).unwrap()
    }

    /// A whole live session, begun with a request.
    pub(crate) fn session(&mut self, request: Request) -> (Answer, Session) {
        let hello = self.hello();
        let (message1, connecting) = self.message1(&hello, request);
        self.deliver(&message1);
        let (answer, _, session) = self.finish(connecting);
        (answer.into_inner(), session)
    }

    /// Seals a request for later, issued now.
    pub(crate) fn seal(&self, counter: u64, request: Request) -> Vec<u8> {
        let issued_at = UnixMillis(EPOCH_MILLIS + self.world_millis);
        let message = Down { header: Sealed { issued_at, not_after: None }, request };
        let mut packet = [0; 512];
        let length = seal_down(&self.keys, counter, [counter as u8; 16], &message, &mut packet).unwrap();
        packet[..length].to_vec()
    }

    /// What the lock sent sealed since the last look.
    pub(crate) fn receipts(&mut self) -> Vec<SealedReport> {
        let opened = self.up.drain(..).filter_map(|mut packet| open_up(&self.keys, &mut packet).ok());
        opened.map(|up| up.report.into_inner()).collect()
    }

    /// Sends a request in a session and returns the lock's reports.
    pub(crate) fn ask(&mut self, session: &mut Session, request: Request) -> Vec<Report> {
        let mut packet = [0; 512];
        let length = session.request(request, self.cloud_now(), &mut packet).unwrap();
        self.deliver(&packet[..length]);
        self.reports(session)
    }

    pub(crate) fn reports(&mut self, session: &mut Session) -> Vec<Report> {
        let now = self.cloud_now();
        self.up.drain(..).map(|mut packet| session.open(&mut packet, now).unwrap().into_inner()).collect()
    }

    /// The cloud's clock started at another time than the lock's.
    pub(crate) fn cloud_now(&self) -> Monotonic {
        Monotonic(77_000 + self.world_millis)
    }

    /// Orders to the motor since the last look, without stops.
    pub(crate) fn drives(&mut self) -> Vec<Drive> {
        let did = core::mem::take(&mut self.did);
        let drives =
            did.into_iter().filter_map(|did| if let Did::Motor(drive) = did { Some(drive) } else { None });
        drives.filter(|drive| *drive != Drive::Stop).collect()
    }
}

pub(crate) fn boot<T: Tables>(
    records: &BTreeMap<u8, Vec<u8>>,
    entropy: [u8; 32],
    now: Uptime,
) -> Device<RustCrypto, 2, T> {
    Device::boot(&stored(records), entropy, BootReason::PowerOn, now).unwrap()
}

pub(crate) fn stored(records: &BTreeMap<u8, Vec<u8>>) -> Stored<'_> {
    records.iter().fold(Stored::default(), |stored, (number, record)| {
        stored.with(RecordTag::from_number(*number).unwrap(), record)
    })
}

pub(crate) fn set_relock(id: u64, version: u32, seconds: u32) -> Request {
    let setting = Setting::AutoRelock(Seconds(seconds));
    Request::Command { id: CommandId(id), action: Action::Configure { version, setting } }
}

pub(crate) fn set_pin(id: u64, version: u32, digits: &[u8]) -> Request {
    let setting = Setting::pin(0, PinDigits::from_ascii(digits).unwrap());
    Request::Command { id: CommandId(id), action: Action::Configure { version, setting } }
}

pub(crate) fn unlock(id: u64) -> Request {
    Request::Command { id: CommandId(id), action: Action::Unlock }
}

pub(crate) fn lock(id: u64) -> Request {
    Request::Command { id: CommandId(id), action: Action::Lock }
}
