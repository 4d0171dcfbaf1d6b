//! The power supply: how full the battery is, how long it will last, and when it was changed.
//!
//! ```text
//!  resting reading ─> a cell's voltage, as if it were 20 °C warm ─┬─> level, with hysteresis ──┐
//!                                                                 ├─> charge ─> trend          ├─> worse of both
//!                                                                 └─> a jump upwards: replaced │
//!  loaded reading ──> did the voltage collapse under the motor? ──────────────────────────────┘
//! ```
//!
//! A voltage says little about charge. The curves in [`Chemistry`] are typical, the percent that comes of them is a rough one, and
//! what decides whether the bolt may move is the voltage under the motor as well. Three things are kept apart, therefore: *level*
//! (what is allowed), *charge* (what people see), *trend* (when to buy cells).
//!
//! Time is operating time: the lock counts its own hours and saves them, since without power nothing is drawn. So a trend needs no
//! trusted clock; only the date of a replacement does.
//!
//! ```
//! use lock_proto::{BatteryLevel, Celsius, Millivolts, PowerSupply, Uptime};
//! use lock_state::power::{LevelChange, Power, Resting, SavedPower};
//!
//! let mut power = Power::restore(SavedPower::default(), PowerSupply::default(), Uptime::from_millis(0));
//! let reading = Resting { voltage: Millivolts(4_400), temperature: Some(Celsius(20)) };
//! let events = power.resting(reading, Uptime::from_millis(1_000), None);
//! assert_eq!(events.level, Some(LevelChange::Low));
//! assert_eq!(power.level(), BatteryLevel::Low);
//! assert_eq!(power.percent(), Some(8));
//! ```

mod change;
mod charge;
mod chemistry;
mod events;
mod level;
mod report;
mod saved;
mod temperature;
mod trend;

use lock_proto::{BatteryLevel, Celsius, Millivolts, PowerSupply, UnixMillis, Uptime};

pub use change::Plausibility;
pub use charge::Charge;
pub use chemistry::Chemistry;
pub use events::{LevelChange, PowerEvents};
pub use level::Sag;
pub use saved::{SAVE_INTERVAL_MS, SavedPower, SavedTrend};
pub use temperature::{COLD_AT, WARM};
pub use trend::{
    DAY_HOURS, Drain, LEAST_DROP, LEAST_FAST_DROP, LONGEST_DAYS, RAPID_DROP, RAPID_RATIO, SAMPLE_HOURS,
};

use change::{Recent, Replacement};
use trend::Trend;

/// Whether the mains, or another feed from outside, is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mains {
    /// The cells carry the lock.
    #[default]
    Absent,
    /// The cells carry nothing: what is measured at their terminals may be the feed.
    Present,
}

/// A reading while the motor rests, some seconds after its last drive at the earliest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Resting {
    /// Voltage of all cells in series.
    pub voltage: Millivolts,
    /// Temperature at the cells, where it is measured.
    pub temperature: Option<Celsius>,
}

/// What the lock knows about its power supply.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Power {
    supply: PowerSupply,
    mains: Mains,
    reading: Option<(Resting, Uptime)>,
    loaded: Option<Millivolts>,
    /// Whether the supply broke down under the motor before this boot: as good as a reading.
    has_broken_down: bool,
    keypad: Option<Millivolts>,
    /// By the readings at rest; restored for its hysteresis.
    rested: BatteryLevel,
    sag: Sag,
    recent: Recent,
    plausibility: Plausibility,
    trend: Trend,
    drain: Drain,
    replaced: Replacement,
    saved_at: Option<Uptime>,
}

impl Power {
    /// Takes a reading at rest. `time` is the time where it is trusted: it dates a replacement, also one that was seen before.
    ///
    /// While the mains is there the reading is reported and judged by nothing.
    pub fn resting(&mut self, reading: Resting, now: Uptime, time: Option<UnixMillis>) -> PowerEvents {
        self.reading = Some((reading, now));
        if let Some(time) = time {
            self.replaced.date(now, time);
        }
        let Some(chemistry) = self.chemistry() else {
            return PowerEvents::NONE;
        };
        let cell = temperature::corrected(chemistry, self.cell(reading.voltage), reading.temperature);
        let before = self.judged();
        let mut events = PowerEvents::NONE;

        if self.recent.is_jump(chemistry, cell) {
            self.begin_battery(chemistry, cell, now, time);
            events.replaced = true;
        } else if temperature::is_warm(reading.temperature) {
            self.sag = self.sag.in_the_warm();
        }
        self.recent.note(cell);
        let is_decided = self.plausibility.note(chemistry, cell);
        let never_full = events.replaced && self.plausibility == Plausibility::NeverFull;
        events.implausible = is_decided || never_full;
        self.rested = level::after(self.rested, chemistry, cell);
        if self.plausibility != Plausibility::AboveChemistry {
            let step = self.trend.note(chemistry.charge(cell), self.drain, now);
            events.rapid_drain = step.drain == Drain::Rapid && self.drain != Drain::Rapid;
            events.save = step.anchored || step.drain != self.drain;
            self.drain = step.drain;
        }
        self.finish(before, events, now)
    }

    /// Takes the lowest voltage of a drive of the motor.
    ///
    /// What the motor needs does not depend on why it does not get it. So nothing is added here for the cold; but a verdict of the
    /// cold is withdrawn by the first reading at rest in the warm.
    pub fn loaded(&mut self, lowest: Millivolts, now: Uptime) -> PowerEvents {
        self.loaded = Some(lowest);
        let Some(chemistry) = self.chemistry() else {
            return PowerEvents::NONE;
        };
        let before = self.judged();
        self.sag = self.sag.after(chemistry, self.cell(lowest), self.is_cold());
        self.finish(before, PowerEvents::NONE, now)
    }

    /// The supply broke down under the motor, and the chip booted for it: worse than any reading of it.
    pub fn broke_down(&mut self, now: Uptime) -> PowerEvents {
        if self.chemistry().is_none() {
            return PowerEvents::NONE;
        }
        let before = self.judged();
        self.has_broken_down = true;
        self.sag = if self.is_cold() { Sag::CollapsesInTheCold } else { Sag::Collapses };
        self.finish(before, PowerEvents::NONE, now)
    }

    /// The keypad's own battery was read.
    pub fn keypad(&mut self, voltage: Millivolts) {
        self.keypad = Some(voltage);
    }

    /// The mains came or went.
    pub fn mains(&mut self, mains: Mains) {
        self.mains = mains;
    }

    /// Another supply was set. Nothing that was learned of the old one counts for it; the next reading begins
    /// anew, and asks for a save.
    pub fn set_supply(&mut self, supply: PowerSupply) {
        if supply != self.supply {
            self.supply = supply;
            self.reading = None;
            self.loaded = None;
            self.has_broken_down = false;
            self.rested = BatteryLevel::Unknown;
            self.sag = Sag::Holds;
            self.recent = Recent::default();
            self.plausibility = Plausibility::Plausible;
            self.trend = Trend::Empty;
            self.drain = Drain::Usual;
        }
    }

    /// What the battery allows: the worse of what it shows at rest and under the motor. Unknown for the mains, and until it was read
    /// since boot, or broke down before it.
    #[must_use]
    pub fn level(&self) -> BatteryLevel {
        let is_read = self.reading.is_some() || self.loaded.is_some() || self.has_broken_down;
        if self.chemistry().is_none() || !is_read { BatteryLevel::Unknown } else { self.judged() }
    }

    /// Milliseconds since it was last read at rest; `None` where it was not since boot.
    #[must_use]
    pub fn read_ago(&self, now: Uptime) -> Option<u64> {
        self.reading.map(|(_, at)| now.millis_since(at))
    }

    /// Whether something else than cells carries the lock.
    #[must_use]
    pub fn is_fed(&self) -> bool {
        self.chemistry().is_none()
    }

    /// Charge left, 0 to 100 percent, rounded down; by the last saved reading until there is a new one. `None` for the mains, for a
    /// battery that was never read, and for one that is not what was set.
    #[must_use]
    pub fn percent(&self) -> Option<u8> {
        self.charge().map(Charge::percent)
    }

    /// Days until it is empty, by the trend; at most [`LONGEST_DAYS`].
    #[must_use]
    pub fn days_left(&self, now: Uptime) -> Option<u16> {
        self.trend.days_left(self.charge()?, now)
    }

    /// Whether the last temperature was at or below [`COLD_AT`] with cells that suffer from it: what is weak now may be discharged by
    /// the cold alone.
    #[must_use]
    pub fn is_cold(&self) -> bool {
        let temperature = self.reading.and_then(|(reading, _)| reading.temperature);
        Chemistry::of(self.supply.supply)
            .is_some_and(|chemistry| temperature::is_cold(chemistry, temperature))
    }

    /// Whether it was much faster than before once; true until the battery is replaced.
    #[must_use]
    pub fn is_rapid_drain(&self) -> bool {
        self.drain == Drain::Rapid
    }

    /// Whether the voltages fit the chemistry that was set.
    #[must_use]
    pub const fn plausibility(&self) -> Plausibility {
        self.plausibility
    }

    /// How the battery does under the motor.
    #[must_use]
    pub const fn sag(&self) -> Sag {
        self.sag
    }

    /// The chemistry of the cells that carry the lock.
    fn chemistry(&self) -> Option<&'static Chemistry> {
        match self.mains {
            Mains::Present => None,
            Mains::Absent => Chemistry::of(self.supply.supply),
        }
    }

    /// One cell's share of `voltage`; a count of cells out of range counts as the nearest in it.
    fn cell(&self, voltage: Millivolts) -> Millivolts {
        Millivolts(voltage.0.checked_div(self.supply.cells.clamp(1, 8).into()).unwrap_or_default())
    }

    fn judged(&self) -> BatteryLevel {
        match self.sag {
            Sag::Holds => self.rested,
            Sag::Collapses | Sag::CollapsesInTheCold => BatteryLevel::Critical,
        }
    }

    fn charge(&self) -> Option<Charge> {
        match self.plausibility {
            Plausibility::AboveChemistry => None,
            Plausibility::Plausible | Plausibility::AboveOnce | Plausibility::NeverFull => {
                Some(self.chemistry()?.charge(self.recent.last()?))
            }
        }
    }

    /// New cells: nothing that was learned of the old ones counts.
    fn begin_battery(
        &mut self,
        chemistry: &Chemistry,
        cell: Millivolts,
        now: Uptime,
        time: Option<UnixMillis>,
    ) {
        self.rested = BatteryLevel::Unknown;
        self.sag = Sag::Holds;
        self.recent = Recent::default();
        self.plausibility = Plausibility::of_new(chemistry, cell);
        self.trend = Trend::settling(chemistry.charge(cell), now);
        self.drain = Drain::Usual;
        self.replaced = Replacement::seen(now, time);
    }

    /// Adds what follows from the change of the level, and asks for a save where something would be missed after a power cut.
    fn finish(&mut self, before: BatteryLevel, mut events: PowerEvents, now: Uptime) -> PowerEvents {
        events.level = LevelChange::between(before, self.judged(), events.replaced);
        let is_due = self.saved_at.is_none_or(|at| now.millis_since(at) >= SAVE_INTERVAL_MS);
        events.save |= events.level.is_some() || events.replaced || events.implausible || is_due;
        if events.save {
            self.saved_at = Some(now);
        }
        events
    }
}
