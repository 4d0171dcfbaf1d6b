//! A lock at somebody's hand: the real controller on counted flash, and the cloud that it belongs to.

use std::sync::{Arc, Mutex};

use lock_core::cloud::{LockKeys, seal_down};
use lock_core::crypto::{Delivery, KeyEpoch, LockId, RootKey, RustCrypto};
use lock_core::device::{LinkId, provision_log};
use lock_core::proto::{
    Action, BootReason, Down, Millivolts, PinDigits, Query, Request, Sealed, Seconds, Setting, UnixMillis,
};
use lock_sim::controller::{Boundary, Controller, Fact, Harness, Verdict, provision};
use lock_sim::hardware::{self, Moment, Press, World};
use lock_sim::owner::Owner;
use lock_store::host::{MemoryFlash, RewritableMemory};
use lock_store::{LogRing, ZeroInPlace};

use crate::flash::{Counted, Tally};

/// Of the journal's flash, in bytes: what the examples of firmware have.
pub(crate) const SECTOR: usize = 8192;
/// Of the log's.
pub(crate) const LOG_SECTOR: usize = 4096;
pub(crate) const LOG_SECTORS: usize = 4;

type Flash = Counted<MemoryFlash<4, SECTOR>>;
type Log = RewritableMemory<4, LOG_SECTOR>;

const LOCK_ID: LockId = LockId(*b"lock number 0001");
const LINK: LinkId = LinkId(0);
const PIN: &[u8] = b"492817";
const WRONG: &[u8] = b"492818";
/// What a clock says at the start: a day in 2027.
const BEGINNING: u64 = 1_800_000_000_000;

/// What may happen to a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// The cloud withdraws the bolt, in a session.
    Unlock,
    /// The cloud throws it, in a session.
    Lock,
    /// A code withdraws the bolt.
    Code,
    /// A wrong code is entered.
    WrongCode,
    /// The button outside throws the bolt.
    Button,
    /// A hand turns the thumb-turn, out or back.
    Thumbturn,
    /// The cloud asks in a session how the lock is, and sets its clock.
    Ask,
    /// The cloud changes a setting.
    Set,
    /// The cloud asks by a sealed message how the lock is.
    SealedQuestion,
    /// The relay brings the last sealed question once more.
    Replay,
    /// The last sealed question comes with a bit flipped.
    Noise,
    /// The battery is taken out and put back.
    Boot,
}

/// What was written for the lock's records and its log.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(crate) persisted: u64,
    pub(crate) failed: u64,
}

impl Harness for Records {
    fn transmit(&mut self, _link: LinkId, _packet: &[u8]) {}

    fn close(&mut self, _link: LinkId) {}

    fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::Persisted { .. } => self.persisted += 1,
            Fact::NotPersisted { .. } | Fact::NotTidied(_) => self.failed += 1,
            Fact::Motor(_)
            | Fact::Stalled
            | Fact::Bolt(_)
            | Fact::Door(_)
            | Fact::Battery(_)
            | Fact::Indicated(_)
            | Fact::Alarm(_)
            | Fact::Tidied(_)
            | Fact::Firmware(..)
            | Fact::Update(_) => {}
        }
    }

    fn boundary(&mut self, _boundary: Boundary) -> Verdict {
        Verdict::GoOn
    }
}

pub(crate) struct DoorLock {
    /// Out of its place only while it boots anew.
    lock: Option<Controller<Flash>>,
    owner: Owner,
    keys: LockKeys,
    sealed: u64,
    /// The last sealed question.
    question: Vec<u8>,
    settings: u32,
    records: Records,
    journal: Arc<Mutex<Tally>>,
    log: Arc<Mutex<Tally>>,
}

impl DoorLock {
    /// A new lock with one code and a clock, on a journal of so many sectors.
    pub(crate) fn new(sectors: usize) -> Self {
        let root = RootKey::from_bytes::<RustCrypto>(*b"32 bytes from a random source...", LOCK_ID)
            .expect("no root of a test is blank");
        let (mut flash, journal) = Counted::new(MemoryFlash::<4, SECTOR>::new(sectors));
        provision(&mut flash, &root, LOCK_ID, &[1; 32]).expect("the sectors are large enough");
        let (log_flash, log) = Counted::new(Log::new(LOG_SECTORS));
        let ring: LogRing<_, ZeroInPlace> =
            LogRing::format(log_flash, &provision_log::<RustCrypto>(&root, LOCK_ID))
                .expect("flash that works");
        let lock = Controller::boot_with_log(flash, Box::new(ring), World::new(Moment(0)), [2; 32])
            .expect("a lock that was just made");
        let mut door = Self {
            lock: Some(lock),
            owner: Owner::of(&root, LOCK_ID),
            keys: LockKeys::expand(&root, LOCK_ID, KeyEpoch::FIRST),
            sealed: 0,
            question: Vec::new(),
            settings: 0,
            records: Records::default(),
            journal,
            log,
        };
        door.pass(1_000);
        let digits = PinDigits::from_ascii(PIN).expect("six digits");
        door.owner_sets(Setting::pin(3, digits));
        door.does(Deed::SealedQuestion);
        door
    }

    fn lock(&mut self) -> &mut Controller<Flash> {
        self.lock.as_mut().expect("it is put back at the end of a boot")
    }

    pub(crate) fn now(&self) -> u64 {
        self.lock.as_ref().map_or(0, |lock| lock.world().now().0)
    }

    /// What was written so far: by the lock's records, and to its flashes.
    pub(crate) fn written(&self) -> (&Records, Tally, Tally) {
        let read = |tally: &Mutex<Tally>| tally.lock().expect("nobody has panicked").clone();
        (&self.records, read(&self.journal), read(&self.log))
    }

    /// Time passes, in milliseconds.
    pub(crate) fn pass(&mut self, millis: u64) {
        let until = Moment(self.now() + millis);
        let lock = self.lock.as_mut().expect("it is put back at the end of a boot");
        lock.step(until, &mut self.records).expect("a lock with power goes on");
    }

    /// Something happens; what it brings with it takes a few seconds more.
    pub(crate) fn does(&mut self, deed: Deed) {
        let now = self.now();
        self.owner.time = Some(UnixMillis(BEGINNING + now));
        match deed {
            Deed::Unlock => self.owner_orders(Action::Unlock),
            Deed::Lock => self.owner_orders(Action::Lock),
            Deed::Ask => self.owner_asks(),
            Deed::Set => {
                self.settings += 1;
                self.owner_sets(Setting::AutoRelock(Seconds(30 + self.settings % 2)));
            }
            Deed::Code => self.presses(Press::Code(PinDigits::from_ascii(PIN).expect("six digits"))),
            Deed::WrongCode => self.presses(Press::Code(PinDigits::from_ascii(WRONG).expect("six digits"))),
            Deed::Button => self.presses(Press::LockButton),
            Deed::Thumbturn => self.turns(),
            Deed::SealedQuestion => {
                self.sealed += 1;
                self.question = self.seals(BEGINNING + now);
                self.receives(true);
            }
            Deed::Replay => self.receives(true),
            Deed::Noise => self.receives(false),
            Deed::Boot => self.boots(),
        }
        self.pass(1);
    }

    fn owner_orders(&mut self, action: Action) {
        let lock = self.lock.as_mut().expect("it is put back at the end of a boot");
        self.owner.order(lock, action, &mut self.records).expect("a lock that answers its owner");
    }

    fn owner_sets(&mut self, setting: Setting) {
        let lock = self.lock.as_mut().expect("it is put back at the end of a boot");
        self.owner.set(lock, setting, &mut self.records).expect("a lock that answers its owner");
    }

    fn owner_asks(&mut self) {
        let lock = self.lock.as_mut().expect("it is put back at the end of a boot");
        self.owner.health(lock, &mut self.records).expect("a lock that answers its owner");
    }

    fn presses(&mut self, press: Press) {
        self.lock().world_mut().press(press);
    }

    fn turns(&mut self) {
        let world = self.lock().world_mut();
        let side = match world.truth().bolt_micrometres {
            0 => hardware::Side::Thrown,
            _ => hardware::Side::Withdrawn,
        };
        // Where the motor holds the bolt the hand gives up.
        let _ = world.turn(side);
    }

    fn seals(&self, time: u64) -> Vec<u8> {
        let header = Sealed { issued_at: UnixMillis(time), not_after: None };
        let message = Down { header, request: Request::Query(Query::Status) };
        let mut packet = [0; 512];
        let length =
            seal_down(&self.keys, self.sealed, [7; 16], &message, &mut packet).expect("512 bytes suffice");
        packet[..length].to_vec()
    }

    /// The sealed question comes in, or what looks like one and is none.
    fn receives(&mut self, genuine: bool) {
        let mut packet = self.question.clone();
        if let Some(last) = packet.last_mut().filter(|_| !genuine) {
            *last ^= 1;
        }
        let lock = self.lock();
        lock.link_up(LINK, Delivery::Ordered);
        lock.receive(LINK, packet);
        self.pass(1);
        self.lock().link_down(LINK);
    }

    fn boots(&mut self) {
        let lock = self.lock.take().expect("it is put back at the end of a boot");
        self.lock =
            Some(lock.reboot(BootReason::PowerOn, [2; 32]).expect("a lock boots from what it stored"));
    }

    /// Somebody changes the cells in time.
    pub(crate) fn gets_new_cells(&mut self) {
        self.lock().world_mut().replace_battery(Millivolts(6_300));
    }
}
