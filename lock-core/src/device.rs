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

mod barrier;
mod command;
mod input;
mod links;
mod live;
mod nonces;
mod output;
mod sealed;
mod steps;
mod storage;
mod transmit;

use lock_crypto::{CounterBlock, RustCrypto, Suite};
use lock_proto::{Marks, PinDigits, Reason, Status, Uptime};
use lock_state::{Configuration, Deadbolt, Drive, Effects, Indication, Refusal};

use barrier::Barrier;
use links::Links;
use nonces::NonceSource;
use steps::{Lock, Reporting, Step, Steps};
use storage::{Identity, Memory};

pub use input::{Input, InputError};
pub use links::LinkId;
pub use output::{NotPending, Output, PersistFailure, PersistId};
pub use storage::{BootError, RecordTag, Stored, provision};

/// The most links of a device.
const MAX_LINKS: usize = 8;

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
    /// The marks that storage is known to hold, and the only ones that are told: they never go back.
    durable_marks: Marks,
    /// A memory record failed and none was written since, or none was ever written: the lock knows of more than storage does.
    is_behind: bool,
    /// The code that waits for its count to be durable; wiped where it stands.
    code: Option<PinDigits>,
    /// The motor must stop now, whatever else waits.
    stop: bool,
    /// When a sealed message at or below the mark was last answered.
    stale_answered_at: Option<Uptime>,
}

impl<S: Suite, const LINKS: usize, const PINS: usize> Device<S, LINKS, PINS> {
    /// Starts from what storage holds. `entropy` is 32 random bytes; if the source is broken, nonces still never repeat.
    ///
    /// The first output is the boot counter's record; in a new lock its first memory record, and then that.
    ///
    /// # Errors
    /// [`BootError`]: nothing was changed; the lock must not be made to work by erasing what it holds.
    pub fn boot(stored: &Stored<'_>, entropy: [u8; 32], now: Uptime) -> Result<Self, BootError> {
        const {
            assert!(LINKS >= 1 && LINKS <= MAX_LINKS, "a device has 1 to 8 links");
            assert!(
                Configuration::<PINS>::MAX_BYTES <= RecordTag::MAX_BYTES,
                "the configuration is one record: fewer code slots"
            );
        }
        let keys = stored.keys.ok_or(BootError::NotProvisioned)?;
        let identity = Identity::decode(keys).ok_or(BootError::Damaged(RecordTag::Keys))?;
        let number = |record: Option<&[u8]>, tag| match record {
            Some(record) => storage::decode_number(record).ok_or(BootError::Damaged(tag)),
            None => Ok(0),
        };
        let mut memory = match stored.memory {
            Some(record) => Memory::decode(record).ok_or(BootError::Damaged(RecordTag::Memory))?,
            // It was durable before the first boot counter was.
            None if stored.boot.is_some() => return Err(BootError::Missing(RecordTag::Memory)),
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
        Ok(Self {
            identity,
            nonces: NonceSource::at_boot(boot, entropy),
            lock: Deadbolt::boot(memory.saved, configuration, now),
            durable_marks: memory.marks(),
            memory,
            up: CounterBlock::after_boot(number(stored.up_ceiling, RecordTag::UpCeiling)?),
            links: Links::default(),
            steps: Steps::at_boot(if stored.memory.is_none() { Lock::New } else { Lock::Known }),
            barrier: None,
            next_persist: 0,
            is_behind: stored.memory.is_none(),
            code: None,
            stop: false,
            stale_answered_at: None,
        })
    }

    /// Takes what happened. Bytes that prove nothing change nothing but counts.
    ///
    /// # Errors
    /// [`InputError`]: the input was not taken; nothing changed. Sensors, stalls, ticks, fresh entropy and links that go down
    /// are always taken.
    pub fn handle(&mut self, input: Input<'_>, now: Uptime) -> Result<(), InputError> {
        if input.link().is_some_and(|link| usize::from(link.0) >= LINKS) {
            return Err(InputError::NoSuchLink);
        }
        self.steps.begin_input(input.claim()).ok_or(InputError::Backlog)?;
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
            Input::Entropy(fresh) => self.nonces.stir::<S>(&fresh),
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
        self.nonces.boot()
    }

    fn tick(&mut self, now: Uptime) {
        let effects = self.lock.handle_timeout(now);
        self.follow(effects);
        self.time_out_links(now);
    }

    /// Counts the attempt, makes the count durable, and only then compares (a power cut cannot buy a free guess). One at a time:
    /// a second is neither counted nor compared.
    fn code(&mut self, digits: PinDigits, now: Uptime) {
        let counted = if self.code.is_some() {
            Err(Refusal::from(Reason::StorageBusy))
        } else {
            self.lock.count_code(now)
        };
        match counted {
            Ok(()) => {
                self.code = Some(digits);
                self.save_first();
                self.steps.push(Step::CheckCode);
            }
            Err(Refusal { reason, .. }) => self.steps.push_once(Step::Indicate(Indication::Refused(reason))),
        }
    }

    /// Compares the code whose count is durable.
    fn check_code(&mut self, now: Uptime) {
        if let Some(digits) = &self.code {
            let effects = self.lock.check_code::<S>(&self.identity.k_pin, digits, now);
            self.code = None;
            self.follow(effects);
        }
    }

    /// Does what the deadbolt wants. Its motor comes first; who must hear of it comes last.
    fn follow(&mut self, effects: Effects) {
        if let Some(drive) = effects.motor {
            // An order that was not given yet is overtaken by this one.
            self.steps.drop_motor();
            match drive {
                Drive::Stop => self.stop = true,
                Drive::Extend | Drive::Retract => self.steps.push_first(Step::Motor(drive)),
            }
        }
        if let Some(indication) = effects.indicate {
            self.steps.push_once(Step::Indicate(indication));
        }
        if let Some(alarm) = effects.alarm {
            self.steps.push_once(Step::Alarm(alarm));
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

    /// Persists mark, ledger and deadlines soon: nothing waits for it. The record is made when its turn comes, so that one that
    /// waits already holds this too.
    fn save(&mut self) {
        self.steps.push_once(Step::Persist(RecordTag::Memory));
    }

    /// Persists mark, ledger and deadlines before what this input does next, which fails with this record and no other.
    fn save_first(&mut self) {
        if !self.steps.any_of_this_input(|step| matches!(step, Step::Persist(RecordTag::Memory))) {
            self.steps.push(Step::Persist(RecordTag::Memory));
        }
    }

    /// Reports to the cloud where it listens. A change that waits to be told is told once.
    fn report(&mut self, what: Reporting) {
        if self.links.any_listener() {
            self.steps.push_once(Step::Event(LinkId(0), what));
        }
    }
}
