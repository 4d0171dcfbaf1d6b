//! The lock's role: everything that happens is an input, everything it wants is an output, in order.
//!
//! ```text
//! device.handle(input, now)?;                        // bytes, key press, motor stalled, door moved, battery read, time passed
//! while let Some(output) = device.poll_output(now, &mut buffer) {
//!     match output {
//!         Persist { tag, bytes } -> write the record, read it back, then
//!                                   device.persisted(id)              it is durable: the next outputs may depend on it
//!                                   device.persist_failed(id, why)    they are dropped; numbers that were taken stay burned
//!         Transmit { link, packet } -> send it
//!         Motor(drive) -> drive      Indicate(..), Alarm(..) -> show, sound      Close(link) -> hang up
//!     }
//! }
//! // sleep until device.poll_timeout(), then handle(Input::Tick)
//! ```
//!
//! A persist is a barrier: until it is answered, `poll_output` returns nothing but an urgent stop of the motor. Power may go
//! between any two calls: [`Device::boot`] with what storage holds goes on from there.

mod command;
mod links;
mod live;
mod output;
mod sealed;
mod steps;
mod storage;

use lock_crypto::hedge::LockHedge;
use lock_crypto::{CounterBlock, Delivery, Reservation, RustCrypto, Suite};
use lock_proto::{BoltPosition, DoorPosition, Millivolts, PinDigits, Status, Uptime};
use lock_state::{Configuration, Deadbolt, Drive, Effects, Indication, Refusal};

use links::Links;
use steps::{Group, Reporting, Step, Steps};
use storage::{Identity, Memory};

pub use links::LinkId;
pub use output::{NotPending, Output, PersistFailure, PersistId};
pub use storage::{BootError, RecordTag, Stored, provision};

/// Something that happened.
#[derive(Debug)]
pub enum Input<'i> {
    /// A link came up, and delivers in this way. What was on it before is gone.
    LinkUp {
        /// Which, below the number of links.
        link: LinkId,
        /// How it delivers; a property of the link, never the peer's word.
        delivery: Delivery,
    },
    /// A link is gone.
    LinkDown {
        /// Which.
        link: LinkId,
    },
    /// A whole packet came, unframed and reassembled. Decrypted in place.
    Packet {
        /// On which link.
        link: LinkId,
        /// Its bytes.
        packet: &'i mut [u8],
    },
    /// The bolt sensor's reading; give each change, and one after boot.
    Bolt(BoltPosition),
    /// The door sensor's reading; give each change, and one after boot.
    Door(DoorPosition),
    /// The motor driver saw a stall.
    MotorStalled,
    /// The battery's resting voltage; give one now and then while the motor rests.
    Battery(Millivolts),
    /// A code was entered on the keypad.
    Code(PinDigits),
    /// The lock button was pressed.
    LockButton,
    /// Fresh random bytes; give some when the source has them.
    Entropy([u8; 32]),
    /// Time passed: the moment of [`Device::poll_timeout`] has come.
    Tick,
}

/// Why an input was not taken. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Too many outputs wait.
    #[error("too many outputs wait; poll them all, answer the pending persist, then give this input again")]
    Backlog,
    /// A link number that this device does not have.
    #[error("the link number is not below the device's number of links")]
    NoSuchLink,
}

/// A smart lock: deadbolt, sessions and sealed messages on `LINKS` links, `PINS` code slots. No heap, no clock, no pins.
#[derive(Debug)]
pub struct Device<S: Suite = RustCrypto, const LINKS: usize = 2, const PINS: usize = 16> {
    identity: Identity,
    nonces: NonceSource,
    lock: Deadbolt<PINS>,
    memory: Memory,
    up: CounterBlock,
    links: Links<S, LINKS>,
    steps: Steps,
    barrier: Option<Barrier>,
    next_persist: u32,
    /// The motor must stop now, whatever else waits.
    stop: bool,
    /// When a sealed message at or below the mark was last answered.
    stale_answered_at: Option<Uptime>,
}

/// A record that was handed out and is not yet durable.
#[derive(Debug)]
struct Barrier {
    id: PersistId,
    tag: RecordTag,
    group: Group,
    reservation: Option<Reservation>,
}

/// Where the lock's nonces come from (section 3.4).
struct NonceSource {
    boot: u64,
    count: u64,
    entropy: [u8; 32],
    /// The boot counter is durable: before that no nonce is drawn.
    ready: bool,
}

impl core::fmt::Debug for NonceSource {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("NonceSource")
            .field("boot", &self.boot)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

impl NonceSource {
    fn draw(&mut self) -> LockHedge {
        // 2^64 nonces in one boot are out of reach.
        self.count = self.count.saturating_add(1);
        LockHedge { boot: self.boot, count: self.count, entropy: self.entropy }
    }
}

impl<S: Suite, const LINKS: usize, const PINS: usize> Device<S, LINKS, PINS> {
    /// Starts from what storage holds. `entropy` is 32 random bytes; if the source is broken, nonces still never repeat.
    ///
    /// The first output is the boot counter's record.
    ///
    /// # Errors
    /// [`BootError`]: nothing was changed; the lock must not be made to work by erasing what it holds.
    pub fn boot(stored: &Stored<'_>, entropy: [u8; 32], now: Uptime) -> Result<Self, BootError> {
        const { assert!(LINKS >= 1 && LINKS <= 8, "a device has 1 to 8 links") }
        let keys = stored.keys.ok_or(BootError::NotProvisioned)?;
        let identity = Identity::decode(keys).ok_or(BootError::Damaged(RecordTag::Keys))?;
        let number = |record: Option<&[u8]>, tag| match record {
            Some(record) => storage::decode_number(record).ok_or(BootError::Damaged(tag)),
            None => Ok(0),
        };
        let mut memory = match stored.memory {
            Some(record) => Memory::decode(record).ok_or(BootError::Damaged(RecordTag::Memory))?,
            None => Memory::new(),
        };
        memory.ledger.after_boot();
        let configuration = match stored.configuration {
            Some(record) => {
                Configuration::decode(record).map_err(|_| BootError::Damaged(RecordTag::Configuration))?
            }
            None => Configuration::default(),
        };
        let boot = number(stored.boot, RecordTag::Boot)?.checked_add(1).ok_or(BootError::BootsExhausted)?;
        let mut device = Self {
            identity,
            nonces: NonceSource { boot, count: 0, entropy, ready: false },
            lock: Deadbolt::boot(memory.saved, configuration, now),
            memory,
            up: CounterBlock::after_boot(number(stored.up_ceiling, RecordTag::UpCeiling)?),
            links: Links::default(),
            steps: Steps::default(),
            barrier: None,
            next_persist: 0,
            stop: false,
            stale_answered_at: None,
        };
        device.steps.push(Step::Persist(RecordTag::Boot));
        Ok(device)
    }

    /// Takes what happened. Bytes that prove nothing change nothing but counts.
    ///
    /// # Errors
    /// [`InputError`]: the input was not taken; nothing changed.
    pub fn handle(&mut self, input: Input<'_>, now: Uptime) -> Result<(), InputError> {
        if let Input::LinkUp { link, .. } | Input::LinkDown { link } | Input::Packet { link, .. } = &input
            && usize::from(link.0) >= LINKS
        {
            return Err(InputError::NoSuchLink);
        }
        self.steps.begin_input().ok_or(InputError::Backlog)?;
        match input {
            Input::LinkUp { link, delivery } => self.link_up(link, delivery, now),
            Input::LinkDown { link } => self.link_down(link),
            Input::Packet { link, packet } => self.packet(link, packet, now),
            Input::Bolt(position) => {
                let effects = self.lock.bolt_sensed(position, now);
                self.follow(effects);
            }
            Input::Door(position) => {
                let effects = self.lock.door_sensed(position, now);
                self.follow(effects);
            }
            Input::MotorStalled => {
                let effects = self.lock.motor_stalled(now);
                self.follow(effects);
            }
            Input::Battery(reading) => {
                let effects = self.lock.battery_read(reading, now);
                self.follow(effects);
            }
            Input::Code(digits) => self.code(digits, now),
            Input::LockButton => {
                let effects = self.lock.lock_button(now);
                self.follow(effects);
            }
            Input::Entropy(fresh) => self.nonces.entropy = S::hash(&[&self.nonces.entropy, &fresh]),
            Input::Tick => self.tick(now),
        }
        Ok(())
    }

    /// When to call [`Self::handle`] with [`Input::Tick`] at the latest; `None` when nothing is planned.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Uptime> {
        [self.lock.poll_timeout(), self.links.poll_timeout()].into_iter().flatten().min()
    }

    /// The truth about the door, now.
    #[must_use]
    pub fn status(&self, now: Uptime) -> Status {
        self.lock.status(now)
    }

    /// Number of this boot, from 1.
    #[must_use]
    pub const fn boot_number(&self) -> u64 {
        self.nonces.boot
    }

    fn tick(&mut self, now: Uptime) {
        let effects = self.lock.handle_timeout(now);
        self.follow(effects);
        self.time_out_links(now);
    }

    /// Counts the attempt, makes the count durable, and only then compares (a power cut cannot buy a free guess).
    fn code(&mut self, digits: PinDigits, now: Uptime) {
        match self.lock.count_code(now) {
            Ok(()) => {
                self.save();
                self.steps.push(Step::CheckCode(digits));
            }
            Err(Refusal { reason, .. }) => self.steps.push(Step::Indicate(Indication::Refused(reason))),
        }
    }

    /// Does what the deadbolt wants. Its motor comes first; who must hear of it comes last.
    fn follow(&mut self, effects: Effects) {
        match effects.motor {
            Some(Drive::Stop) => {
                self.steps.drop_motor();
                self.stop = true;
            }
            Some(drive) => self.steps.push_first(Step::Motor(drive)),
            None => {}
        }
        if let Some(indication) = effects.indicate {
            self.steps.push(Step::Indicate(indication));
        }
        if let Some(alarm) = effects.alarm {
            self.steps.push(Step::Alarm(alarm));
            self.report(Reporting::Alarm(alarm));
        }
        if effects.changed {
            self.report(Reporting::Changed);
        }
        let finished = effects.finished.map(|finished| (finished.command, finished.outcome));
        let superseded = effects.superseded.map(|command| (command, lock_proto::Outcome::Superseded));
        for (id, outcome) in [superseded, finished].into_iter().flatten() {
            self.finish(id, outcome);
        }
        if effects.save || finished.is_some() || superseded.is_some() {
            self.save();
        }
    }

    /// Persists mark, ledger and deadlines before what this input does next. One record serves the whole input: it is made when
    /// its turn comes, and holds everything by then.
    fn save(&mut self) {
        if !self.steps.any_of_this_input(|step| matches!(step, Step::Persist(RecordTag::Memory))) {
            self.steps.push(Step::Persist(RecordTag::Memory));
        }
    }

    /// Reports to the cloud where it listens. A change that waits to be told is told once.
    fn report(&mut self, what: Reporting) {
        let waits =
            self.steps.any(|step| matches!(step, Step::Event(LinkId(0), waiting) if *waiting == what));
        if !waits && self.links.any_listener() {
            self.steps.push(Step::Event(LinkId(0), what));
        }
    }
}
