//! What is typical of the cells that a lock runs on.
//!
//! The numbers are read off the curves of datasheet families at low drain and 21 °C, rounded, and moved up a little because a lock
//! measures at rest: alkaline after Energizer E91 and Duracell MN1500 (25 mA, functional end point 0.8 V), lithium iron disulphide
//! after Energizer L91 (open circuit 1.79 V when new, a flat middle, a steep end), nickel metal hydride after the AA cells of
//! Panasonic and Energizer with low self-discharge (1.2 V nominal, 1.0 V end of discharge). No two brands are alike, and age and drain
//! move them further: read the percent as "full, half, nearly empty".

use lock_proto::{Millivolts, Supply};

use super::Charge;

/// What is typical of one kind of cell. All voltages are those of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chemistry {
    /// At rest below this it is low: about a tenth of its charge is left.
    pub low_below: Millivolts,
    /// At rest from here on it is no longer low: cells recover after a rest, and an alarm must not flicker.
    pub low_until: Millivolts,
    /// At rest below this the bolt may stop half way.
    pub critical_below: Millivolts,
    /// At rest from here on it is no longer critical.
    pub critical_until: Millivolts,
    /// Under the motor below this it is critical, whatever it shows at rest: the cell is at the end point of its datasheet.
    pub sag_below: Millivolts,
    /// Under the motor from here on it is no longer so.
    pub sag_until: Millivolts,
    /// No such cell reads more at rest.
    pub highest: Millivolts,
    /// A new or freshly charged one reads at least this at rest.
    pub new_from: Millivolts,
    /// A rise at rest by so much is a replacement: more than cells recover by, also in a night.
    pub replaced_by: Millivolts,
    /// What it reads less at rest, for each 10 K below 20 °C. A rule of thumb of ours, on the low side.
    pub cold_per_10_kelvin: Millivolts,
    /// Whether the cold takes enough of its strength to be named as a cause.
    pub suffers_from_cold: bool,
    curve: &'static [(u16, u16)],
}

const fn mv(millivolts: u16) -> Millivolts {
    Millivolts(millivolts)
}

impl Chemistry {
    /// Alkaline manganese, 1.5 V.
    pub const ALKALINE: Self = Self {
        low_below: mv(1_125),
        low_until: mv(1_175),
        critical_below: mv(1_000),
        critical_until: mv(1_050),
        sag_below: mv(800),
        sag_until: mv(900),
        highest: mv(1_680),
        new_from: mv(1_500),
        replaced_by: mv(150),
        cold_per_10_kelvin: mv(15),
        suffers_from_cold: true,
        curve: &[
            (900, 0),
            (1_000, 30),
            (1_125, 100),
            (1_200, 220),
            (1_250, 350),
            (1_300, 480),
            (1_400, 700),
            (1_500, 900),
            (1_580, 1_000),
        ],
    };

    /// Lithium iron disulphide, 1.5 V. Flat in the middle: 10 mV there are six percent.
    pub const LITHIUM: Self = Self {
        low_below: mv(1_550),
        low_until: mv(1_600),
        critical_below: mv(1_480),
        critical_until: mv(1_530),
        sag_below: mv(1_000),
        sag_until: mv(1_100),
        highest: mv(1_900),
        new_from: mv(1_700),
        replaced_by: mv(80),
        cold_per_10_kelvin: mv(5),
        suffers_from_cold: false,
        curve: &[
            (1_400, 0),
            (1_480, 30),
            (1_550, 100),
            (1_620, 250),
            (1_680, 500),
            (1_720, 750),
            (1_760, 950),
            (1_790, 1_000),
        ],
    };

    /// Nickel metal hydride, 1.2 V. Flat in the middle: 10 mV there are seven percent.
    pub const NIMH: Self = Self {
        low_below: mv(1_180),
        low_until: mv(1_220),
        critical_below: mv(1_100),
        critical_until: mv(1_150),
        sag_below: mv(900),
        sag_until: mv(1_000),
        highest: mv(1_500),
        new_from: mv(1_280),
        replaced_by: mv(120),
        cold_per_10_kelvin: mv(5),
        suffers_from_cold: true,
        curve: &[
            (1_000, 0),
            (1_100, 20),
            (1_150, 50),
            (1_200, 150),
            (1_230, 300),
            (1_250, 450),
            (1_270, 600),
            (1_300, 800),
            (1_350, 950),
            (1_400, 1_000),
        ],
    };

    /// The chemistry of a supply; the mains has none.
    #[must_use]
    pub const fn of(supply: Supply) -> Option<&'static Self> {
        match supply {
            Supply::Alkaline => Some(&Self::ALKALINE),
            Supply::Lithium => Some(&Self::LITHIUM),
            Supply::NiMh => Some(&Self::NIMH),
            Supply::Mains => None,
        }
    }

    /// The charge of a cell that reads this at rest at 20 °C: on straight lines between the points of the curve, empty below the
    /// first and full above the last.
    #[must_use]
    pub fn charge(&self, cell: Millivolts) -> Charge {
        let mut below = (0_u16, 0_u16);
        for &above in self.curve {
            if cell.0 < above.0 {
                let rise = u32::from(above.1.saturating_sub(below.1));
                let into = u32::from(cell.0.saturating_sub(below.0));
                let span = u32::from(above.0.saturating_sub(below.0));
                let share = rise.saturating_mul(into).checked_div(span).unwrap_or_default();
                return Charge::from_tenths(below.1.saturating_add(u16::try_from(share).unwrap_or(u16::MAX)));
            }
            below = above;
        }
        Charge::from_tenths(below.1)
    }
}
