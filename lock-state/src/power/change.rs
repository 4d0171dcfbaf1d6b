//! Whether the battery was replaced, when, and whether it is what was set.

use lock_proto::{Millivolts, UnixMillis, Uptime};

use super::Chemistry;

const HOUR_MS: u64 = 3_600_000;

/// The last two readings of a cell at rest, as if it were 20 °C warm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Recent {
    last: Option<Millivolts>,
    before: Option<Millivolts>,
}

impl Recent {
    pub(super) const fn restored(last: Option<Millivolts>) -> Self {
        Self { last, before: None }
    }

    pub(super) const fn last(&self) -> Option<Millivolts> {
        self.last
    }

    pub(super) fn note(&mut self, cell: Millivolts) {
        *self = Self { last: Some(cell), before: self.last };
    }

    /// Whether `cell` lies so far above both that only other cells explain it. Both, so that one reading that was too low, taken
    /// just after a drive for example, does not make the next one a jump.
    pub(super) fn is_jump(&self, chemistry: &Chemistry, cell: Millivolts) -> bool {
        let Some(highest) = self.last.max(self.before) else {
            return false;
        };
        cell.0.saturating_sub(highest.0) >= chemistry.replaced_by.0
    }
}

/// When the battery was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Replacement {
    /// Never seen, or seen in an earlier boot without a trusted time.
    Unknown,
    /// Seen in this boot, when the time was not trusted.
    Undated { seen: Uptime },
    /// In this hour since 1970.
    Dated { hours: u32 },
}

impl Replacement {
    pub(super) fn seen(now: Uptime, time: Option<UnixMillis>) -> Self {
        match time {
            Some(time) => Self::Dated { hours: hours(time) },
            None => Self::Undated { seen: now },
        }
    }

    pub(super) const fn restored(hours: Option<u32>) -> Self {
        match hours {
            Some(hours) => Self::Dated { hours },
            None => Self::Unknown,
        }
    }

    /// Dates what was seen before the time was trusted.
    pub(super) fn date(&mut self, now: Uptime, time: UnixMillis) {
        match *self {
            Self::Undated { seen } => {
                let at = UnixMillis(time.0.saturating_sub(now.millis_since(seen)));
                *self = Self::Dated { hours: hours(at) };
            }
            Self::Unknown | Self::Dated { .. } => {}
        }
    }

    pub(super) const fn hours(self) -> Option<u32> {
        match self {
            Self::Unknown | Self::Undated { .. } => None,
            Self::Dated { hours } => Some(hours),
        }
    }

    /// The begin of its hour.
    pub(super) fn at(self) -> Option<UnixMillis> {
        self.hours().map(|hours| UnixMillis(u64::from(hours).saturating_mul(HOUR_MS)))
    }
}

fn hours(time: UnixMillis) -> u32 {
    u32::try_from(time.0 / HOUR_MS).unwrap_or(u32::MAX)
}

/// Whether the voltages fit the chemistry that was set. A verdict stands until the battery is replaced or another supply is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum Plausibility {
    /// They do.
    #[default]
    Plausible,
    /// One reading was higher than such cells can have; a second in a row decides.
    AboveOnce,
    /// They are higher than such cells can have: lithium set as alkaline, alkaline set as NiMH, or more cells than set. There is no
    /// percent.
    AboveChemistry,
    /// It was replaced and does not read like a new one: 1.2 V cells set as alkaline, alkaline set as lithium, fewer cells than set,
    /// or used cells. The percent errs on the low side.
    NeverFull,
}

impl Plausibility {
    /// Of a battery that was just put in. One that reads too high is judged by [`Self::note`].
    pub(super) fn of_new(chemistry: &Chemistry, cell: Millivolts) -> Self {
        if cell < chemistry.new_from { Self::NeverFull } else { Self::Plausible }
    }

    /// Takes a reading; true where it is the one that decides.
    pub(super) fn note(&mut self, chemistry: &Chemistry, cell: Millivolts) -> bool {
        let before = *self;
        let is_above = cell > chemistry.highest;
        *self = match before {
            Self::Plausible if is_above => Self::AboveOnce,
            Self::AboveOnce if is_above => Self::AboveChemistry,
            Self::AboveOnce => Self::Plausible,
            Self::Plausible | Self::AboveChemistry | Self::NeverFull => before,
        };
        *self == Self::AboveChemistry && before != *self
    }
}
