//! The battery: four alkaline cells in series, 6.0 V to 6.4 V when new.

use lock_proto::{BatteryFact, Millivolts, Seconds, Uptime};

/// Below this the battery is low: about a tenth of its charge is left (1.125 V a cell).
pub const LOW_BELOW: Millivolts = Millivolts(4_500);
/// From here on it is no longer low: cells recover after a rest, and an alarm must not flicker.
pub const LOW_UNTIL: Millivolts = Millivolts(4_700);
/// Below this the bolt may stop half way (1.0 V a cell at rest, less under load).
pub const CRITICAL_BELOW: Millivolts = Millivolts(4_000);
/// From here on it is no longer critical.
pub const CRITICAL_UNTIL: Millivolts = Millivolts(4_200);

/// How much the battery can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BatteryLevel {
    /// Not read since boot. Unknown is not empty: nothing is refused.
    #[default]
    Unknown,
    /// Fit for months.
    Good,
    /// To be replaced soon.
    Low,
    /// May not move the bolt.
    Critical,
}

impl BatteryLevel {
    /// The level after a reading at rest, with hysteresis towards the better.
    #[must_use]
    pub fn after(self, resting: Millivolts) -> Self {
        let critical = match self {
            Self::Critical => CRITICAL_UNTIL,
            Self::Unknown | Self::Good | Self::Low => CRITICAL_BELOW,
        };
        let low = match self {
            Self::Low | Self::Critical => LOW_UNTIL,
            Self::Unknown | Self::Good => LOW_BELOW,
        };
        if resting < critical {
            Self::Critical
        } else if resting < low {
            Self::Low
        } else {
            Self::Good
        }
    }
}

/// The last reading and what follows from all of them.
#[derive(Debug, Default)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Battery {
    level: BatteryLevel,
    reading: Option<(Millivolts, Uptime)>,
}

impl Battery {
    pub(crate) const fn level(&self) -> BatteryLevel {
        self.level
    }

    /// Takes a reading at rest and returns the level before it.
    pub(crate) fn read(&mut self, resting: Millivolts, now: Uptime) -> BatteryLevel {
        let before = self.level;
        self.level = before.after(resting);
        self.reading = Some((resting, now));
        before
    }

    pub(crate) fn report(&self, now: Uptime) -> Option<BatteryFact> {
        let (resting, at) = self.reading?;
        Some(BatteryFact { resting, age: Seconds::from_millis(now.millis_since(at)) })
    }
}
