//! A lock to play with: keys, door, battery, jams and the clock at a person's fingertips.
//!
//! The real core on simulated hardware, with its owner's cloud in the same process. [`Panel`] is pure: keys and time in, lines
//! out. In a terminal it runs in real time; where the input is no terminal, it reads keys and waits from lines and prints what
//! would be seen, so that a session can be written down and repeated.

mod keys;
mod party;
mod terminal;
mod view;

use std::collections::VecDeque;

use lock_core::crypto::{LockId, RootKey, RootKeyError, RustCrypto};
use lock_core::proto::{BootReason, PinDigits};
use lock_core::state::Indication;
use lock_store::host::{HostFlashError, MemoryFlash};

use crate::controller::{Controller, Fact, ProvisionError, StartError, StepError, provision};
use crate::hardware::{Moment, Press, World};
use crate::owner::{AskError, Owner};
use party::Party;

pub(crate) use terminal::run;

type Flash = MemoryFlash<4, 8192>;

/// Lines that the log shows and keeps.
const LOG_LINES: usize = 14;
/// A light is shown for so long, in milliseconds.
const LIGHT_MILLIS: u64 = 2_500;

/// Why the panel ends with an error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PanelError {
    /// The lock could not be made.
    #[error(transparent)]
    Provision(#[from] ProvisionError<HostFlashError>),
    /// Its key is refused.
    #[error(transparent)]
    Root(#[from] RootKeyError),
    /// It does not start.
    #[error(transparent)]
    Start(#[from] StartError<HostFlashError>),
    /// It stopped.
    #[error(transparent)]
    Step(#[from] StepError),
    /// It did not answer its owner.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The terminal failed.
    #[error("the terminal cannot be used: {0}; try another one, or give keys in lines on standard input")]
    Terminal(#[from] std::io::Error),
    /// A line that is neither keys nor a wait.
    #[error("line {0} of the input is neither keys nor 'wait MILLISECONDS'")]
    Line(usize),
    /// The random source of the host fails.
    #[error("the host's random source fails: {0}")]
    Entropy(getrandom::Error),
}

/// Whether the person is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    More,
    Quit,
}

/// The lock, its owner, and what a person sees of both.
pub(crate) struct Panel {
    lock: Option<Controller<Flash>>,
    owner: Owner,
    party: Party,
    /// Digits that were typed and not yet ended.
    typed: String,
    /// Whether a finger is on the reset button.
    reset_is_held: bool,
    /// The relock delay that the owner set.
    relock_seconds: u32,
    random: fn() -> Result<[u8; 32], PanelError>,
}

impl Panel {
    /// A new lock with two codes. `random` is the random source, `unix_millis` the cloud's clock at the begin.
    pub(crate) fn new(
        random: fn() -> Result<[u8; 32], PanelError>,
        unix_millis: u64,
    ) -> Result<Self, PanelError> {
        let lock_id = LockId(*b"lock on a panel.");
        let root = RootKey::from_bytes::<RustCrypto>(random()?, lock_id)?;
        let mut flash = Flash::new(4);
        provision(&mut flash, &root, lock_id, &random()?)?;
        let lock = Controller::boot(flash, World::new(Moment(0)), random()?)?;
        let mut panel = Self {
            lock: Some(lock),
            owner: Owner::of(&root, lock_id),
            party: Party::new(unix_millis),
            typed: String::new(),
            reset_is_held: false,
            relock_seconds: 0,
            random,
        };
        panel.step(Moment(10))?;
        panel.set_up()?;
        Ok(panel)
    }

    /// Lets time pass up to `now`.
    pub(crate) fn step(&mut self, now: Moment) -> Result<(), PanelError> {
        if let Some(lock) = &mut self.lock {
            self.party.now = now;
            lock.step(now, &mut self.party)?;
        }
        Ok(())
    }

    /// The power goes and comes back at once.
    fn cut_power(&mut self) -> Result<(), PanelError> {
        if let Some(lock) = self.lock.take() {
            self.party.tell("power cut; the lock starts again");
            self.lock = Some(lock.reboot(BootReason::PowerOn, (self.random)()?)?);
            self.typed.clear();
            self.step(self.party.now)?;
        }
        Ok(())
    }

    /// Ends the code that was typed.
    fn enter(&mut self) {
        match PinDigits::from_ascii(self.typed.as_bytes()) {
            Ok(digits) => self.press(Press::Code(digits)),
            Err(error) => self.party.tell(&error.to_string()),
        }
        self.typed.clear();
    }

    fn press(&mut self, press: Press) {
        if let Some(world) = self.world() {
            world.press(press);
        }
    }

    fn world(&mut self) -> Option<&mut World> {
        self.lock.as_mut().map(Controller::world_mut)
    }
}

/// The last lines of what happened.
#[derive(Debug, Default)]
struct Lines(VecDeque<String>);

impl Lines {
    fn push(&mut self, line: String) {
        if self.0.len() == LOG_LINES {
            self.0.pop_front();
        }
        self.0.push_back(line);
    }
}

/// What is shown at the door, and since when.
#[derive(Clone, Copy, Debug)]
struct Shown {
    indication: Indication,
    at: Moment,
}

/// What a fact is in a log for people; `None` for what only an engineer wants to see.
fn in_words(fact: &Fact) -> Option<String> {
    match fact {
        Fact::Motor(drive) => Some(format!("motor: {drive:?}")),
        Fact::Stalled => Some("motor: stalled".to_owned()),
        Fact::Bolt(position) => Some(format!("bolt sensor: {position:?}")),
        Fact::Door(reading) => Some(format!("door sensor: {reading:?}")),
        Fact::Battery(voltage) => Some(format!("battery: {} mV", voltage.0)),
        Fact::Indicated(Indication::Refused(reason)) => Some(format!("light: refused, {reason}")),
        Fact::Indicated(indication) => Some(format!("light: {indication:?}")),
        Fact::Alarm(alarm) => Some(format!("ALARM: {alarm:?}")),
        Fact::NotPersisted { why, .. } | Fact::NotTidied(why) => Some(format!("flash: {why}")),
        Fact::Persisted { .. } | Fact::Tidied(_) => None,
    }
}

#[cfg(test)]
mod tests;
