//! A lock to play with: keys, door, battery, jams and the clock at a person's fingertips.
//!
//! The real core on simulated hardware, with its owner's cloud in the same process. [`Panel`] is pure: keys and time in, lines
//! out. In a terminal it runs in real time; where the input is no terminal, it reads keys and waits from lines and prints what
//! would be seen, so that a session can be written down and repeated.

mod calendar;
mod keys;
mod party;
mod people;
mod power;
mod terminal;
mod view;

use std::collections::VecDeque;

use lock_core::crypto::{LockId, RootKey, RootKeyError, RustCrypto};
use lock_core::proto::{PinDigitsError, TokenIdError};
use lock_core::state::{Indication, Settings};
use lock_store::host::{HostFlashError, MemoryFlash};

use crate::controller::{Controller, Fact, ProvisionError, StartError, StepError, provision};
use crate::hardware::{Case, Cover, Moment, World};
use crate::owner::Owner;
use keys::Cells;
use party::Party;
use power::Power;

pub(crate) use terminal::run;

type Flash = MemoryFlash<4, 8192>;

/// Lines that the log keeps.
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
    /// A code for the set-up is none.
    #[error(transparent)]
    Code(#[from] PinDigitsError),
    /// A token for the set-up is none.
    #[error(transparent)]
    Token(#[from] TokenIdError),
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
    power: Power,
    owner: Owner,
    party: Party,
    /// The moment that the caller says.
    now: Moment,
    /// How far the clock was put ahead of it, in milliseconds.
    ahead: u64,
    /// Digits that were typed and not yet ended.
    typed: String,
    /// Whether a finger is on the reset button.
    reset_is_held: bool,
    /// The kind of cells that were put in last.
    cells: Cells,
    random: fn() -> Result<[u8; 32], PanelError>,
}

impl Panel {
    /// A new lock, and who may open it. `random` is the random source, `unix_millis` the cloud's clock at the begin.
    pub(crate) fn new(
        random: fn() -> Result<[u8; 32], PanelError>,
        unix_millis: u64,
    ) -> Result<Self, PanelError> {
        let lock_id = LockId(*b"lock on a panel.");
        let root = RootKey::from_bytes::<RustCrypto>(random()?, lock_id)?;
        let mut flash = Flash::new(4);
        provision(&mut flash, &root, lock_id, &random()?)?;
        let mut world = World::new(Moment(0));
        world.set_case(Case::Deadbolt);
        world.set_cover(Cover::Mounted);
        let lock = Controller::boot(flash, world, random()?)?;
        let mut panel = Self {
            power: Power::On(Box::new(lock)),
            owner: Owner::of(&root, lock_id),
            party: Party::new(unix_millis),
            now: Moment(0),
            ahead: 0,
            typed: String::new(),
            reset_is_held: false,
            cells: Cells::default(),
            random,
        };
        panel.step(Moment(10))?;
        panel.set_up()?;
        Ok(panel)
    }

    /// Lets time pass up to `now`.
    pub(crate) fn step(&mut self, now: Moment) -> Result<(), PanelError> {
        self.now = now;
        self.catch_up()
    }

    /// Puts all clocks ahead: what falls due on the way happens on the way.
    fn jump(&mut self, millis: u64) {
        self.ahead = self.ahead.saturating_add(millis);
    }

    /// What is set in the lock, while it runs.
    fn settings(&self) -> Option<&Settings> {
        self.power.lock().map(|lock| lock.device().lock().configuration().settings())
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
        Fact::Persisted { .. } | Fact::Tidied(_) | Fact::Firmware(..) | Fact::Update(_) => None,
    }
}

#[cfg(test)]
mod tests;
