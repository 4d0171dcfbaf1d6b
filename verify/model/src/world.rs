//! One lock with its storage, its cloud, and the relay between them, in whose hands every packet is. The lock and the cloud are the
//! real ones; the rest of the world, and what it remembers to judge them by, is here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lock_core::crypto::{Delivery, RustCrypto};
use lock_core::device::{
    Device, Input, InputError, LinkId, Output, PersistFailure, PersistId, RecordTag, Stored,
};
use lock_core::proto::{BoltPosition, BootReason, Marks, PinDigits, Uptime};
use lock_core::state::{Drive, Indication, Reduced, Slots};

use crate::air::Air;
use crate::cloud::Cloud;
use crate::scenario::Left;

/// Two phones, or one that comes twice.
pub(crate) const LINKS: usize = 2;
/// When the lock looks for the first time.
const WAKES_AT: Uptime = Uptime::from_millis(500);
/// What a random source gives that is stuck.
const STUCK: [u8; 32] = [1; 32];

/// The smallest lock with people and a long life: rotation of its keys.
pub(crate) type Lock = Device<RustCrypto, LINKS, Reduced<Slots<0, 1, 0, 0>, true, false, false, true>>;
pub(crate) type Storage = BTreeMap<u8, Arc<[u8]>>;

/// What the lock has asked for and nobody has done yet.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Offered {
    Persist {
        id: PersistId,
        tag: RecordTag,
        bytes: Arc<[u8]>,
        /// The floor of the clock that the record holds.
        floor: u64,
    },
    Transmit {
        link: usize,
        packet: Arc<[u8]>,
    },
    Motor(Drive),
}

/// A property of the design that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Breach {
    pub(crate) property: u8,
    pub(crate) what: &'static str,
}

/// What happened, as far as it matters to judge what happens next. It shares nothing with the lock but its records.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Truth {
    /// Commands that the motor ran for.
    pub(crate) drove: BTreeSet<u64>,
    /// The highest marks that left the lock.
    pub(crate) told: Marks,
    /// Sealed questions that were not answered yet.
    pub(crate) unanswered: u8,
    /// The configuration in force at any time so far.
    pub(crate) configuration: u32,
    /// The floor of the clock that storage holds.
    pub(crate) floor: u64,
    /// The key epoch that the lock works under.
    pub(crate) epoch: u32,
    /// The cloud has told the time in this boot.
    pub(crate) knows_time: bool,
    pub(crate) sensed: Option<BoltPosition>,
    /// Storage was rolled back: what it had forgotten may come again.
    pub(crate) rolled_back: bool,
    pub(crate) door: crate::door::Truth,
    pub(crate) breach: Option<Breach>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) lock: Lock,
    pub(crate) offered: Option<Offered>,
    pub(crate) storage: Storage,
    pub(crate) now: Uptime,
    /// Milliseconds since the begin.
    pub(crate) clock: u64,
    pub(crate) up: [bool; LINKS],
    pub(crate) air: Air,
    pub(crate) cloud: Cloud,
    /// Where the bolt is, and where the motor is taking it.
    pub(crate) bolt: BoltPosition,
    pub(crate) moving: Option<Drive>,
    /// Whether the lock was told to throw the bolt by itself.
    pub(crate) relocks: bool,
    /// The one property that is judged; all where there is none.
    pub(crate) judged: Option<u8>,
    pub(crate) left: Left,
    pub(crate) truth: Truth,
}

/// What storage does with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flash {
    Works,
    Busy,
    Fails,
    /// Written, and said not to be.
    Lies,
}

impl World {
    /// A lock as it was made, at its first boot.
    pub(crate) fn new(left: Left) -> Self {
        let (cloud, keys) = Cloud::new();
        let storage = Storage::from([(RecordTag::Keys.number(), keys.into())]);
        let mut world = Self {
            lock: boot(&storage, STUCK),
            offered: None,
            storage,
            now: WAKES_AT,
            clock: 0,
            up: [false; LINKS],
            air: Air::default(),
            cloud,
            bolt: BoltPosition::Extended,
            moving: None,
            relocks: false,
            judged: None,
            left,
            truth: Truth { epoch: 1, ..Truth::default() },
        };
        world.wake();
        world
    }

    /// Only what is stored remains.
    pub(crate) fn cut_power(&mut self, entropy: [u8; 32]) {
        self.lock = boot(&self.storage, entropy);
        (self.offered, self.now, self.up) = (None, WAKES_AT, [false; LINKS]);
        // A motor that was at work has stopped anywhere.
        if self.moving.take().is_some() {
            self.bolt = BoltPosition::Between;
        }
        self.put_in_force();
        self.truth.sensed = None;
        self.truth.knows_time = false;
        self.door_without_power();
        self.wake();
    }

    /// What a run loop does first: it gives a reading of each sensor.
    fn wake(&mut self) {
        self.check_boot();
        self.sense(self.bolt);
    }

    pub(crate) fn sense(&mut self, position: BoltPosition) {
        self.truth.sensed = Some(position);
        self.input(Input::Bolt(position));
    }

    /// The bolt comes to its end.
    pub(crate) fn arrive(&mut self) {
        let end = match self.moving.take() {
            Some(Drive::Extend) => BoltPosition::Extended,
            Some(Drive::Retract) => BoltPosition::Retracted,
            Some(Drive::Stop | Drive::PullLatch | Drive::ReleaseLatch) | None => return,
        };
        self.bolt = end;
        self.sense(end);
    }

    pub(crate) fn code(&mut self, digits: &[u8]) {
        if let Ok(digits) = PinDigits::from_ascii(digits) {
            self.input(Input::code(digits));
        }
    }

    pub(crate) fn wait(&mut self, millis: u64) {
        self.clock += millis;
        self.now = self.now.plus_millis(millis);
        self.door_waited(millis);
        self.input(Input::Tick);
    }

    pub(crate) fn link_up(&mut self, link: usize) {
        self.up[link] = true;
        self.input(Input::LinkUp { link: LinkId(link as u8), delivery: Delivery::Ordered });
    }

    pub(crate) fn packet(&mut self, link: usize, packet: &[u8]) {
        self.input(Input::Packet { link: LinkId(link as u8), packet: &mut packet.to_vec() });
    }

    /// Gives the lock an input, and sees what it asks for next.
    pub(crate) fn input(&mut self, input: Input<'_>) {
        match self.lock.handle(input, self.now) {
            Ok(()) | Err(InputError::Backlog) => {}
            Err(InputError::NoSuchLink) => unreachable!("all links exist"),
        }
        self.go_on();
    }

    /// Asks the lock for what it wants next. Deadlines that are due count as part of what made time pass.
    fn go_on(&mut self) {
        self.check_facts();
        if self.offered.is_some() {
            self.check_barrier();
            return;
        }
        loop {
            if self.ask() {
                return;
            }
            if self.lock.poll_timeout().is_none_or(|at| at > self.now) {
                self.check_door();
                return;
            }
            let _ = self.lock.handle(Input::Tick, self.now);
        }
    }

    /// Takes outputs up to one that changes the world; false where there is none.
    fn ask(&mut self) -> bool {
        loop {
            let mut buffer = [0; 512];
            let Some(output) = self.lock.poll_output(self.now, &mut buffer) else { return false };
            match output {
                Output::Persist { id, tag, bytes } => {
                    let bytes = bytes.into();
                    let floor = self.lock.lock().time_floor(self.now).0;
                    self.offered = Some(Offered::Persist { id, tag, bytes, floor });
                    return true;
                }
                Output::Transmit { link, packet } => {
                    let (link, packet) = (usize::from(link.0), packet.into());
                    self.offered = Some(Offered::Transmit { link, packet });
                    return true;
                }
                Output::Motor(drive) => {
                    self.offered = Some(Offered::Motor(drive));
                    return true;
                }
                // Neither storage nor anybody's knowledge changes: power that goes here might as well go before.
                Output::Indicate(indication) => self.shown(indication),
                Output::Alarm(_) => {}
                Output::Close(link) => {
                    self.up[usize::from(link.0)] = false;
                }
                Output::Log(_) => unreachable!("a lock without a log"),
                Output::Update { .. } => unreachable!("a lock without a loader"),
            }
            self.check_facts();
        }
    }

    /// Does what the lock asked for.
    pub(crate) fn carry_out(&mut self, flash: Flash) {
        match self.offered.take() {
            None => return,
            Some(Offered::Persist { id, tag, bytes, floor }) => {
                if matches!(flash, Flash::Works | Flash::Lies) {
                    self.store(tag, bytes, floor);
                }
                let answered = match flash {
                    Flash::Works => {
                        self.put_in_force();
                        self.lock.persisted(id)
                    }
                    Flash::Busy => self.lock.persist_failed(id, PersistFailure::Busy, self.now),
                    Flash::Fails | Flash::Lies => {
                        self.lock.persist_failed(id, PersistFailure::Fault, self.now)
                    }
                };
                answered.expect("one record at a time");
            }
            Some(Offered::Transmit { link, packet }) => self.transmitted(link, packet),
            Some(Offered::Motor(drive)) => {
                self.check_drive(drive);
                self.moving = match drive {
                    Drive::Extend | Drive::Retract => Some(drive),
                    Drive::Stop | Drive::PullLatch | Drive::ReleaseLatch => None,
                };
            }
        }
        self.go_on();
    }

    pub(crate) fn store(&mut self, tag: RecordTag, bytes: Arc<[u8]>, floor: u64) {
        if tag == RecordTag::Memory {
            self.truth.floor = self.truth.floor.max(floor);
        }
        let mark = self.mark();
        self.storage.insert(tag.number(), bytes);
        self.check_mark(mark);
    }

    /// Power goes when the record is written and nobody was told.
    pub(crate) fn cut_behind_write(&mut self) {
        if let Some(Offered::Persist { tag, bytes, floor, .. }) = self.offered.take() {
            self.store(tag, bytes, floor);
        }
        self.cut_power(STUCK);
    }

    pub(crate) fn cut(&mut self) {
        self.cut_power(STUCK);
    }

    /// Somebody puts an old copy of the whole storage back. Nothing in the lock could notice; all that is left is the random source.
    pub(crate) fn roll_back(&mut self, copy: &Storage) {
        self.storage = copy.clone();
        self.truth.forget();
        self.air.grow_old();
        self.cut_power([2; 32]);
    }

    /// What was before is forgotten by everybody but the lock and the database of the cloud.
    pub(crate) fn begin_here(&mut self) {
        self.cut();
        self.settle();
        self.truth.door = crate::door::Truth::default();
        self.forget_packets();
        self.cloud.forget_talks();
    }

    /// The relay begins to listen.
    pub(crate) fn forget_packets(&mut self) {
        self.settle();
        self.air = Air::default();
    }

    /// Lets everything come to rest on a working flash.
    pub(crate) fn settle(&mut self) {
        while self.offered.is_some() {
            self.carry_out(Flash::Works);
        }
    }

    pub(crate) fn shown(&mut self, indication: Indication) {
        self.door_shown(indication);
    }

    /// Notes the first breach.
    pub(crate) fn must(&mut self, holds: bool, property: u8, what: &'static str) {
        let is_judged = self.judged.is_none_or(|judged| judged == property);
        if !holds && is_judged && self.truth.breach.is_none() {
            self.truth.breach = Some(Breach { property, what });
        }
    }
}

fn boot(storage: &Storage, entropy: [u8; 32]) -> Lock {
    let stored = storage.iter().fold(Stored::default(), |stored, (number, record)| {
        stored.with(RecordTag::from_number(*number).expect("a tag of a lock"), record)
    });
    Device::boot(&stored, entropy, BootReason::PowerOn, WAKES_AT).expect("what the lock wrote is whole")
}
