//! A lock in memory, a fleet on disk, and a clock that both share.

use std::collections::HashMap;
use std::path::PathBuf;

use lock_core::claimer::Claimer;
use lock_core::crypto::{RootKey, RustCrypto};
use lock_core::device::{
    self, Device, Input, LinkId, LogHeld, LogRead, LogWork, Output, PersistFailure, RecordTag, Stored,
    StoredLog,
};
use lock_core::state::{DoorReading, Drive, InsideButton, ResetButton};
use lock_fleet::proto::{
    BoltPosition, BootReason, Kind, Packet, PinDigits, Profile, Table, UnixMillis, Uptime,
};
use lock_fleet::{
    ClientToken, Fleet, Ingested, KeyEncryptionKey, LiveAnswer, LiveFinish, LiveRequest, LiveStart, LockId,
    Moment, Monotonic, OutgoingPacket, SqliteStore, Task,
};
use lock_store::host::RewritableMemory;
use lock_store::{LogRing, MAX_ENTRY, SECRET, ZeroInPlace};
use tempfile::TempDir;

pub(crate) const LOCK: LockId = LockId([0x51; 16]);
pub(crate) const ROOT: [u8; 32] = *b"32 bytes from a random source...";
const LINK: LinkId = LinkId(0);
/// A day in 2026, in Unix milliseconds.
const START: u64 = 1_795_305_600_000;

/// The device's run loop with storage in memory and a bolt that always arrives.
pub(crate) struct SimLock {
    records: HashMap<RecordTag, Vec<u8>>,
    /// The log's flash, of a lock that keeps a log.
    pub(crate) ring: Option<Ring>,
    device: Device,
    bolt: BoltPosition,
    /// Every run of the motor, over all boots.
    pub(crate) runs: Vec<Drive>,
    /// After so many outputs the power goes; it comes back at the next input.
    pub(crate) cut_after: Option<usize>,
    is_off: bool,
}

impl SimLock {
    pub(crate) fn new(lock: LockId) -> Self {
        Self::of_profile(Profile::S, lock)
    }

    pub(crate) fn of_profile(profile: Profile, lock: LockId) -> Self {
        let root = RootKey::from_bytes::<RustCrypto>(ROOT, lock).unwrap();
        let keys = match profile {
            Profile::S => device::provision::<RustCrypto>(&root, lock, &[9; 32]),
            Profile::X => device::provision_x::<RustCrypto>(&root, lock, &[9; 32]),
        };
        let records = HashMap::from([(RecordTag::Keys, keys.to_vec())]);
        let device = boot(&records, None, 0);
        let mut sim = Self {
            records,
            ring: None,
            device,
            bolt: BoltPosition::Extended,
            runs: Vec::new(),
            cut_after: None,
            is_off: false,
        };
        sim.settle(0);
        sim
    }

    /// A lock that was made without an owner.
    pub(crate) fn unowned(lock: LockId, claimer: &Claimer) -> Self {
        let keys = device::provision_unowned::<RustCrypto>(claimer.key(), lock, &[9; 32]).unwrap();
        let claim = device::provision_claim(claimer.key()).unwrap();
        let records = HashMap::from([(RecordTag::Keys, keys.to_vec()), (RecordTag::Claim, claim.to_vec())]);
        let device = boot(&records, None, 0);
        let bolt = BoltPosition::Extended;
        let mut sim =
            Self { records, ring: None, device, bolt, runs: Vec::new(), cut_after: None, is_off: false };
        sim.settle(0);
        sim
    }

    /// The lock may have another owner from now on.
    pub(crate) fn make_claimable(&mut self, claimer: &Claimer, now: u64) {
        let claim = device::provision_claim(claimer.key()).unwrap();
        self.records.insert(RecordTag::Claim, claim.to_vec());
        self.reboot(now);
    }

    /// Somebody inside presses the button.
    pub(crate) fn press(&mut self, now: u64) {
        self.run(Input::InsideButton(InsideButton::PrivacyOff), now);
    }

    /// Gives the lock a flash of so many sectors for a log.
    pub(crate) fn keep_log(&mut self, lock: LockId, sectors: usize, now: u64) {
        let root = RootKey::from_bytes::<RustCrypto>(ROOT, lock).unwrap();
        let secret = device::provision_log::<RustCrypto>(&root, lock);
        self.ring = Some(LogRing::format(RewritableMemory::new(sectors), &secret).unwrap());
        self.reboot(now);
    }

    /// A hand turns the bolt.
    pub(crate) fn turn(&mut self, now: u64) {
        let ends = [BoltPosition::Retracted, BoltPosition::Extended];
        self.bolt = ends[usize::from(self.bolt == BoltPosition::Retracted)];
        self.run(Input::Bolt(self.bolt), now);
    }

    /// Cuts the power at once and boots from what storage holds.
    pub(crate) fn reboot(&mut self, now: u64) {
        self.device = boot(&self.records, self.ring.as_mut(), now);
        self.settle(now);
    }

    /// The version in which an item was set; 0 for none.
    pub(crate) fn item_version(&self, table: Table, slot: u8) -> u32 {
        self.device.lock().configuration().item_versions(table, slot)[0]
    }

    /// Somebody inside holds the reset button for eleven seconds, second by second, and lets go. Returns when that was.
    pub(crate) fn factory_reset(&mut self, now: u64) -> u64 {
        self.run(Input::ResetButton(ResetButton::Pressed), now);
        for second in 1..=11 {
            self.run(Input::Tick, now + second * 1_000);
        }
        self.run(Input::ResetButton(ResetButton::Released), now + 11_000);
        now + 11_000
    }

    /// Somebody enters a code.
    pub(crate) fn enter(&mut self, digits: PinDigits, now: u64) {
        let runs = self.runs.len();
        self.run(Input::code(digits), now);
        self.arrive(runs, now);
    }

    /// Somebody pulls the door to and throws the bolt by hand.
    pub(crate) fn close(&mut self, now: u64) {
        self.bolt = BoltPosition::Extended;
        self.run(Input::Bolt(self.bolt), now);
    }

    /// Where the motor ran since there were so many runs, the bolt arrives.
    fn arrive(&mut self, runs: usize, now: u64) -> Vec<(LinkId, Vec<u8>)> {
        let Some(to) = self.travelling().filter(|_| self.runs.len() > runs) else { return Vec::new() };
        self.bolt = to;
        self.run(Input::Bolt(to), now)
    }

    pub(crate) const fn bolt(&self) -> BoltPosition {
        self.bolt
    }

    pub(crate) fn storage(&self) -> HashMap<RecordTag, Vec<u8>> {
        self.records.clone()
    }

    pub(crate) fn put_storage(&mut self, records: HashMap<RecordTag, Vec<u8>>) {
        self.records = records;
    }

    fn settle(&mut self, now: u64) {
        self.run(Input::Bolt(self.bolt), now);
        self.run(Input::Door(DoorReading::Closed), now);
        self.run(Input::LinkUp { link: LINK, delivery: lock_core::crypto::Delivery::Ordered }, now);
    }

    /// A new connection: returns the Hello.
    pub(crate) fn connect(&mut self, now: u64) -> Vec<u8> {
        self.try_connect(now).expect("the lock greets a new link")
    }

    /// The same for a lock whose power may go meanwhile.
    pub(crate) fn try_connect(&mut self, now: u64) -> Option<Vec<u8>> {
        self.connect_over(LINK, now)
    }

    /// The same beside whatever there is over other links.
    pub(crate) fn connect_over(&mut self, link: LinkId, now: u64) -> Option<Vec<u8>> {
        self.run(Input::LinkDown { link }, now);
        let delivery = lock_core::crypto::Delivery::Ordered;
        let sent = over(link, self.run(Input::LinkUp { link, delivery }, now));
        sent.into_iter().find(|packet| Packet::parse(packet).unwrap().kind() == Kind::Hello)
    }

    /// The key epoch in its storage.
    pub(crate) fn key_epoch(&self) -> u32 {
        u32::from_be_bytes(self.records[&RecordTag::Keys][17..21].try_into().unwrap())
    }

    /// Brings a packet; returns what the lock sends until its bolt rests.
    pub(crate) fn bring(&mut self, packet: &[u8], now: u64) -> Vec<Vec<u8>> {
        self.bring_over(LINK, packet, now)
    }

    pub(crate) fn bring_over(&mut self, link: LinkId, packet: &[u8], now: u64) -> Vec<Vec<u8>> {
        let runs = self.runs.len();
        let mut packet = packet.to_vec();
        let mut sent = self.run(Input::Packet { link, packet: &mut packet }, now);
        sent.extend(self.arrive(runs, now));
        over(link, sent)
    }

    fn travelling(&self) -> Option<BoltPosition> {
        let to = match self.runs.last()? {
            Drive::Extend => BoltPosition::Extended,
            Drive::Retract => BoltPosition::Retracted,
            Drive::Stop | Drive::PullLatch | Drive::ReleaseLatch => return None,
        };
        (to != self.bolt).then_some(to)
    }

    fn run(&mut self, input: Input<'_>, now: u64) -> Vec<(LinkId, Vec<u8>)> {
        if core::mem::take(&mut self.is_off) {
            self.reboot(now);
        }
        let now = Uptime::from_millis(now);
        self.device.handle(input, now).unwrap();
        let (mut sent, mut buffer) = (Vec::new(), [0; 512]);
        loop {
            match &mut self.cut_after {
                Some(0) => {
                    (self.cut_after, self.is_off) = (None, true);
                    return sent;
                }
                Some(left) => *left -= 1,
                None => {}
            }
            let pending = match self.device.poll_output(now, &mut buffer) {
                Some(Output::Persist { id, tag, bytes }) => {
                    self.records.insert(tag, bytes.to_vec());
                    Some(id)
                }
                Some(Output::Transmit { link, packet, .. }) => {
                    sent.push((link, packet.to_vec()));
                    None
                }
                Some(Output::Motor(drive)) => {
                    if drive != Drive::Stop {
                        self.runs.push(drive);
                    }
                    None
                }
                Some(Output::Log(work)) => {
                    serve(self.ring.as_mut().unwrap(), &mut self.device, work, now);
                    None
                }
                Some(Output::Update { .. }) => panic!("a lock without a loader asks it"),
                Some(Output::Indicate(_) | Output::Alarm(_) | Output::Close(_)) => None,
                None => return sent,
            };
            if let Some(id) = pending {
                self.device.persisted(id).unwrap();
            }
        }
    }
}

/// What was sent over one link.
fn over(link: LinkId, sent: Vec<(LinkId, Vec<u8>)>) -> Vec<Vec<u8>> {
    sent.into_iter().filter(|(by, _)| *by == link).map(|(_, packet)| packet).collect()
}

pub(crate) type Ring = LogRing<RewritableMemory<4, 1024>, ZeroInPlace>;

fn held(ring: &Ring) -> LogHeld {
    let lock_store::LogHeld { first, acknowledged, capacity, .. } = ring.held();
    LogHeld { first, acknowledged, capacity }
}

fn serve(ring: &mut Ring, device: &mut Device, work: LogWork<'_>, now: Uptime) {
    match work {
        LogWork::Append { id, record } => match ring.append(&record.secret, record.payload) {
            Ok(_) => device.persisted(id).unwrap(),
            Err(_) => device.persist_failed(id, PersistFailure::Busy, now).unwrap(),
        },
        LogWork::Read { id, index } => {
            let mut payload = [0; MAX_ENTRY];
            let length = ring.read(index, &mut payload).unwrap();
            let before = ring.before(index).unwrap();
            let read =
                before.zip(length).map(|(before, length)| LogRead { before, payload: &payload[..length] });
            device.log_read(id, read).unwrap();
        }
        LogWork::Acknowledge { id, index, mac } => match ring.acknowledge(index, &mac) {
            Ok(()) => device.persisted(id).unwrap(),
            Err(_) => device.persist_failed(id, PersistFailure::Mismatch, now).unwrap(),
        },
    }
    while ring.needs_idle_work() {
        ring.idle_work().unwrap();
        device.handle(Input::LogHeld(held(ring)), now).unwrap();
    }
}

fn boot(records: &HashMap<RecordTag, Vec<u8>>, ring: Option<&mut Ring>, now: u64) -> Device {
    let mut stored =
        records.iter().fold(Stored::default(), |stored, (tag, record)| stored.with(*tag, record));
    let mut secret = [0; SECRET];
    let last = ring.map(|ring| (ring.newest(&mut secret).unwrap(), ring.held().next, held(ring)));
    if let Some((last, next, held)) = &last {
        stored = stored.with_log(StoredLog { next: *next, secret: &secret, last, held: *held });
    }
    Device::boot(&stored, [3; 32], BootReason::PowerOn, Uptime::from_millis(now)).unwrap()
}

/// The lock, the fleet, and the time.
pub(crate) struct World {
    folder: TempDir,
    pub(crate) fleet: Option<Fleet<SqliteStore>>,
    pub(crate) lock: SimLock,
    /// Which lock that is.
    pub(crate) id: LockId,
    pub(crate) millis: u64,
    /// Counter and random bytes of every sealed packet that ever left the fleet.
    pub(crate) nonces: Vec<(u64, [u8; 16])>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::of_profile(Profile::S)
    }

    pub(crate) fn of_profile(profile: Profile) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyEncryptionKey::create(&folder.path().join("kek")).unwrap();
        let mut fleet =
            Fleet::open(SqliteStore::create(&folder.path().join("fleet.db")).unwrap(), key).unwrap();
        let lock = SimLock::of_profile(profile, LOCK);
        let mut world = Self { lock, id: LOCK, folder, fleet: None, millis: 1_000, nonces: Vec::new() };
        fleet.provision_as(profile, LOCK, ROOT, "front door", "factory", world.now()).unwrap();
        world.fleet = Some(fleet);
        world
    }

    /// Puts another lock in the place of this one, and tells the fleet of it.
    pub(crate) fn replace_lock(&mut self, id: LockId) {
        let now = self.now();
        self.fleet().provision(id, ROOT, "front door, new", "factory", now).unwrap();
        (self.lock, self.id) = (SimLock::new(id), id);
        self.lock.reboot(self.millis);
    }

    pub(crate) fn now(&self) -> Moment {
        Moment { unix: UnixMillis(START + self.millis), monotonic: Monotonic(self.millis) }
    }

    pub(crate) fn pass(&mut self, millis: u64) {
        self.millis += millis;
    }

    pub(crate) fn fleet(&mut self) -> &mut Fleet<SqliteStore> {
        self.fleet.as_mut().unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn restart(&mut self) {
        self.fleet = None;
        let key = KeyEncryptionKey::load(&self.path("kek")).unwrap();
        let store = SqliteStore::open(&self.path("fleet.db")).unwrap();
        self.fleet = Some(Fleet::open(store, key).unwrap());
    }

    pub(crate) fn back_up(&mut self) {
        let copy = self.path("copy.db");
        self.fleet().store().back_up(&copy).unwrap();
    }

    pub(crate) fn back_up_again(&mut self) {
        std::fs::remove_file(self.path("copy.db")).unwrap();
        self.back_up();
    }

    /// Stops the service, puts the copy in its place, and starts again.
    pub(crate) fn restore(&mut self) {
        self.fleet = None;
        std::fs::copy(self.path("copy.db"), self.path("fleet.db")).unwrap();
        for ending in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(self.path(&format!("fleet.db{ending}")));
        }
        self.restart();
    }

    /// Makes the database one that has never kept items.
    pub(crate) fn forget_items(&mut self) {
        self.fleet = None;
        let connection = rusqlite::Connection::open(self.path("fleet.db")).unwrap();
        assert!(connection.execute("DELETE FROM items", []).unwrap() > 0);
        drop(connection);
        self.restart();
    }

    /// Does something to the database while no service has it.
    pub(crate) fn alter(&mut self, sql: &str) {
        self.fleet = None;
        rusqlite::Connection::open(self.path("fleet.db")).unwrap().execute_batch(sql).unwrap();
        self.restart();
    }

    pub(crate) fn file(&mut self) -> Vec<u8> {
        let copy = self.path("read.db");
        self.fleet().store().back_up(&copy).unwrap();
        let bytes = std::fs::read(&copy).unwrap();
        std::fs::remove_file(copy).unwrap();
        bytes
    }

    /// A live session as far as the first answer; also returns the records that came with it.
    pub(crate) fn live(&mut self, request: LiveRequest) -> (LiveFinish, Vec<Vec<u8>>) {
        let (hello, now, id) = (self.lock.connect(self.millis), self.now(), self.id);
        let start = self.fleet().begin_live(id, &hello, request, now).unwrap();
        let LiveStart::Send(attempt) = start else { panic!("the outcome is known: {start:?}") };
        let mut sent = self.lock.bring(attempt.packet(), self.millis);
        let message2 = sent.remove(0);
        let finish = self.fleet().finish_live(attempt, &message2, now).unwrap();
        (finish, sent)
    }

    /// A live command as far as its end; returns the first answer.
    pub(crate) fn live_action(&mut self, task: Task, token: &str) -> LiveAnswer {
        let (mut finish, records) = self.live(action(task, token));
        let now = self.now();
        for record in records {
            self.fleet().open_live(&mut finish.session, &record, now).unwrap();
        }
        finish.answer
    }

    /// Takes everything that waits to the lock and brings back what it says.
    pub(crate) fn deliver(&mut self) -> Vec<Ingested> {
        let now = self.now();
        let id = self.id;
        let outgoing = self.fleet().sealed_for(id, now).unwrap();
        let packets: Vec<_> = outgoing.iter().map(|outgoing| outgoing.packet.clone()).collect();
        self.note(&outgoing);
        self.lock.connect(self.millis);
        let sent: Vec<_> = packets.iter().flat_map(|packet| self.lock.bring(packet, self.millis)).collect();
        let up = sent.iter().filter(|packet| Packet::parse(packet).unwrap().kind() == Kind::SealedUp);
        let up: Vec<_> = up.cloned().collect();
        up.iter().map(|packet| self.fleet().ingest(id, packet, "a phone", now).unwrap()).collect()
    }

    pub(crate) fn note(&mut self, outgoing: &[OutgoingPacket]) {
        for outgoing in outgoing {
            let Ok(Packet::SealedDown(sealed)) = Packet::parse(&outgoing.packet) else {
                panic!("not sealed")
            };
            assert_eq!(sealed.counter, outgoing.counter);
            let nonce = (sealed.counter, sealed.random);
            if !self.nonces.contains(&nonce) {
                self.nonces.push(nonce);
            }
        }
    }

    pub(crate) fn audit(&mut self) -> String {
        let rows = self.fleet().audit(LOCK, 0, 10_000).unwrap();
        rows.iter()
            .map(|row| format!("{} | {} | {}\n", row.entry.who, row.entry.what, row.entry.result))
            .collect()
    }
}

pub(crate) fn token(text: &str) -> ClientToken {
    ClientToken::new(text).unwrap()
}

pub(crate) fn action(task: Task, client_token: &str) -> LiveRequest {
    LiveRequest::Action { task, client_token: token(client_token), by: "anna".into() }
}
