//! What survives a reboot.

use lock_proto::{BatteryLevel, Millivolts, PowerSupply, Uptime, wire};

use super::change::{Recent, Replacement};
use super::trend::Trend;
use super::{Charge, Drain, Mains, Plausibility, Power, Sag};

/// A save is asked for at least so often while readings come, in milliseconds: six hours. A power cut loses so much of the trend's
/// time at most.
pub const SAVE_INTERVAL_MS: u64 = 6 * 3_600_000;

/// What survives a reboot: at most [`Self::LONGEST`] bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct SavedPower {
    /// The last reading of a cell at rest, as if it were 20 °C warm.
    pub cell: Option<Millivolts>,
    /// How fast it empties.
    pub trend: SavedTrend,
    /// The hour in which the battery was replaced, since 1970.
    pub replaced_hours: Option<u32>,
    /// By the readings at rest.
    pub level: BatteryLevel,
    /// Under the motor.
    pub sag: Sag,
    /// Whether it is what was set.
    pub plausibility: Plausibility,
    /// Whether it emptied much faster than before.
    pub drain: Drain,
}

/// How fast the battery empties, by an anchor: a charge, and the operating hours since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum SavedTrend {
    /// Never read.
    #[default]
    Empty,
    /// Replaced less than a day ago.
    Settling {
        /// The charge at the anchor.
        charge: Charge,
        /// Hours since.
        hours: u16,
    },
    /// Measured, and no rate yet.
    Begun {
        /// The charge at the anchor.
        charge: Charge,
        /// Hours since.
        hours: u16,
    },
    /// Measured.
    Known {
        /// The charge at the anchor.
        charge: Charge,
        /// Hours since.
        hours: u16,
        /// Thousandths of a percent a day.
        rate: u16,
    },
}

impl SavedPower {
    /// The longest encoding, in bytes. A charge takes two, being at most 1,000.
    pub const LONGEST: usize = (1 + 3) + (1 + 2 + 3 + 3) + (1 + 5) + 4;
}

impl Power {
    /// Continues with what was saved, at boot; [`SavedPower::default`] for the first one. It is used for hysteresis, trend, and to see
    /// whether the battery was replaced in between: the level is unknown until the first reading.
    #[must_use]
    pub fn restore(saved: SavedPower, supply: PowerSupply, now: Uptime) -> Self {
        Self {
            supply,
            mains: Mains::Absent,
            reading: None,
            loaded: None,
            has_broken_down: false,
            keypad: None,
            rested: saved.level,
            sag: saved.sag,
            recent: Recent::restored(saved.cell),
            plausibility: saved.plausibility,
            trend: Trend::restored(saved.trend, now),
            drain: saved.drain,
            replaced: Replacement::restored(saved.replaced_hours),
            saved_at: None,
        }
    }

    /// What to save; see [`PowerEvents::save`](super::PowerEvents::save).
    #[must_use]
    pub fn saved(&self, now: Uptime) -> SavedPower {
        SavedPower {
            cell: self.recent.last(),
            trend: self.trend.saved(now),
            replaced_hours: self.replaced.hours(),
            level: self.rested,
            sag: self.sag,
            plausibility: self.plausibility,
            drain: self.drain,
        }
    }
}

wire! {
    struct SavedPower { cell, trend, replaced_hours, level, sag, plausibility, drain }
    enum SavedTrend {
        0 => Empty,
        1 => Settling { charge, hours },
        2 => Begun { charge, hours },
        3 => Known { charge, hours, rate },
    }
    enum Sag {
        0 => Holds,
        1 => Collapses,
        2 => CollapsesInTheCold,
    }
    enum Plausibility {
        0 => Plausible,
        1 => AboveOnce,
        2 => AboveChemistry,
        3 => NeverFull,
    }
    enum Drain {
        0 => Usual,
        1 => Suspected,
        2 => Rapid,
    }
}
