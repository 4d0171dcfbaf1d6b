//! What the battery allows, with hysteresis.

use lock_proto::{BatteryLevel, Millivolts};

use super::Chemistry;

/// The level after a reading of `cell` at rest: at once to the worse, to the better only beyond the higher of two lines.
pub(super) fn after(before: BatteryLevel, chemistry: &Chemistry, cell: Millivolts) -> BatteryLevel {
    let critical = match before {
        BatteryLevel::Critical => chemistry.critical_until,
        BatteryLevel::Unknown | BatteryLevel::Good | BatteryLevel::Low => chemistry.critical_below,
    };
    let low = match before {
        BatteryLevel::Low | BatteryLevel::Critical => chemistry.low_until,
        BatteryLevel::Unknown | BatteryLevel::Good => chemistry.low_below,
    };
    if cell < critical {
        BatteryLevel::Critical
    } else if cell < low {
        BatteryLevel::Low
    } else {
        BatteryLevel::Good
    }
}

/// How the battery does under the motor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum Sag {
    /// Well, or there was no drive yet.
    #[default]
    Holds,
    /// Its voltage collapses: critical until a drive goes better or it is replaced.
    Collapses,
    /// The same in the cold: critical also only until it is warm again.
    CollapsesInTheCold,
}

impl Sag {
    /// After a drive with this lowest voltage of a cell, in the cold or not.
    pub(super) fn after(self, chemistry: &Chemistry, cell: Millivolts, is_cold: bool) -> Self {
        let line = match self {
            Self::Holds => chemistry.sag_below,
            Self::Collapses | Self::CollapsesInTheCold => chemistry.sag_until,
        };
        if cell >= line {
            Self::Holds
        } else if is_cold {
            Self::CollapsesInTheCold
        } else {
            Self::Collapses
        }
    }

    /// After a reading in the warm.
    pub(super) const fn in_the_warm(self) -> Self {
        match self {
            Self::Holds | Self::CollapsesInTheCold => Self::Holds,
            Self::Collapses => Self::Collapses,
        }
    }
}
