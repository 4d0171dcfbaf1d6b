//! How fast the battery empties, in small whole numbers.
//!
//! An *anchor* is a charge and the operating hours since. When the charge fell by [`LEAST_DROP`] in a day or more, or after
//! [`SAMPLE_HOURS`] whatever it fell by, the slope from anchor to now is a sample: the rate moves a quarter of the way to it, and the
//! anchor moves to now. Slopes over a shorter time or a smaller drop are noise of the converter and the weather.
//!
//! A second anchor is never much older than a day and looks for a drain: more than [`RAPID_DROP`] a day, or [`RAPID_RATIO`] times the
//! rate with at least [`LEAST_FAST_DROP`]. Two readings in a row have to say so: one may have been taken just after a drive.
//!
//! New cells lose their first tenths of a volt in hours: for a day after a replacement nothing is measured.

use lock_proto::Uptime;

use super::Charge;
use super::saved::SavedTrend;

/// Hours of a day: there is no trend before so long.
pub const DAY_HOURS: u16 = 24;
/// A drop that makes a sample after a day: two percent, in tenths of a percent.
pub const LEAST_DROP: u16 = 20;
/// A sample comes at the latest after so many hours: a week.
pub const SAMPLE_HOURS: u16 = 7 * DAY_HOURS;
/// More than this in a day is a rapid drain: five percent, in tenths of a percent.
pub const RAPID_DROP: u16 = 50;
/// So many times the rate are a rapid drain.
pub const RAPID_RATIO: u32 = 3;
/// But only from so many tenths of a percent a day on: two percent.
pub const LEAST_FAST_DROP: u16 = 20;
/// No battery is said to last longer: ten years in days, the shelf life of alkaline cells.
pub const LONGEST_DAYS: u16 = 3_650;

const HOUR_MS: u64 = 3_600_000;

/// Whether the battery empties much faster than before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum Drain {
    /// It does not.
    #[default]
    Usual,
    /// One reading says so.
    Suspected,
    /// It did: two readings in a row said so. Stands until the battery is replaced.
    Rapid,
}

/// A charge, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Anchor {
    charge: Charge,
    earlier_hours: u16,
    since: Uptime,
}

impl Anchor {
    const fn now(charge: Charge, now: Uptime) -> Self {
        Self { charge, earlier_hours: 0, since: now }
    }

    fn hours(self, now: Uptime) -> u16 {
        let hours = u16::try_from(now.millis_since(self.since) / HOUR_MS).unwrap_or(u16::MAX);
        self.earlier_hours.saturating_add(hours)
    }

    /// The drop to `charge`, in tenths of a percent.
    const fn drop(self, charge: Charge) -> u16 {
        charge.drop_since(self.charge)
    }

    /// The drop to `charge` in thousandths of a percent a day, over a day at least.
    fn slope(self, charge: Charge, now: Uptime) -> u32 {
        let hours = u32::from(self.hours(now).max(DAY_HOURS));
        let drop = u32::from(self.drop(charge)).saturating_mul(100 * u32::from(DAY_HOURS));
        drop.checked_div(hours).unwrap_or_default()
    }
}

/// How fast the battery empties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Trend {
    /// Never read.
    Empty,
    /// New: its voltage falls without much charge.
    Settling(Anchor),
    /// Being measured.
    Measuring {
        anchor: Anchor,
        /// The anchor that looks for a drain; none between a boot and its first reading.
        day: Option<Anchor>,
        /// Thousandths of a percent a day.
        rate: Option<u16>,
    },
}

/// What a charge did to the trend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Whether it empties faster than before.
    pub(super) drain: Drain,
    /// The anchor moved.
    pub(super) anchored: bool,
}

impl Trend {
    pub(super) const fn settling(charge: Charge, now: Uptime) -> Self {
        Self::Settling(Anchor::now(charge, now))
    }

    const fn measuring(charge: Charge, rate: Option<u16>, now: Uptime) -> Self {
        let anchor = Anchor::now(charge, now);
        Self::Measuring { anchor, day: Some(anchor), rate }
    }

    pub(super) const fn restored(saved: SavedTrend, now: Uptime) -> Self {
        match saved {
            SavedTrend::Empty => Self::Empty,
            SavedTrend::Settling { charge, hours } => {
                Self::Settling(Anchor { charge, earlier_hours: hours, since: now })
            }
            SavedTrend::Begun { charge, hours } => {
                let anchor = Anchor { charge, earlier_hours: hours, since: now };
                Self::Measuring { anchor, day: None, rate: None }
            }
            SavedTrend::Known { charge, hours, rate } => {
                let anchor = Anchor { charge, earlier_hours: hours, since: now };
                Self::Measuring { anchor, day: None, rate: Some(rate) }
            }
        }
    }

    pub(super) fn saved(&self, now: Uptime) -> SavedTrend {
        match *self {
            Self::Empty => SavedTrend::Empty,
            Self::Settling(anchor) => {
                SavedTrend::Settling { charge: anchor.charge, hours: anchor.hours(now) }
            }
            Self::Measuring { anchor, rate: None, .. } => {
                SavedTrend::Begun { charge: anchor.charge, hours: anchor.hours(now) }
            }
            Self::Measuring { anchor, rate: Some(rate), .. } => {
                SavedTrend::Known { charge: anchor.charge, hours: anchor.hours(now), rate }
            }
        }
    }

    /// Takes a charge.
    pub(super) fn note(&mut self, charge: Charge, drain: Drain, now: Uptime) -> Step {
        match *self {
            Self::Empty => {
                *self = Self::measuring(charge, None, now);
                Step { drain, anchored: true }
            }
            Self::Settling(anchor) => {
                let is_settled = anchor.hours(now) >= DAY_HOURS;
                *self = if is_settled {
                    Self::measuring(charge, None, now)
                } else {
                    Self::Settling(Anchor { charge, ..anchor })
                };
                Step { drain, anchored: is_settled }
            }
            Self::Measuring { anchor, day, rate } => {
                let day = day.unwrap_or(Anchor::now(charge, now));
                let drain = next_drain(drain, is_fast(day, rate, charge, now));
                let hours = anchor.hours(now);
                let is_sample = hours >= DAY_HOURS
                    && drain != Drain::Suspected
                    && (anchor.drop(charge) >= LEAST_DROP || hours >= SAMPLE_HOURS);
                let is_over = day.hours(now) >= DAY_HOURS && drain != Drain::Suspected;
                *self = Self::Measuring {
                    anchor: if is_sample { Anchor::now(charge, now) } else { anchor },
                    day: Some(if is_over { Anchor::now(charge, now) } else { day }),
                    rate: if is_sample { Some(moved(rate, anchor.slope(charge, now))) } else { rate },
                };
                Step { drain, anchored: is_sample }
            }
        }
    }

    /// Days until `charge` is used up. Before the first sample by the slope since the anchor, where a day has passed and anything fell.
    pub(super) fn days_left(&self, charge: Charge, now: Uptime) -> Option<u16> {
        let rate = match *self {
            Self::Empty | Self::Settling(_) => return None,
            Self::Measuring { rate: Some(rate), .. } => u32::from(rate),
            Self::Measuring { anchor, rate: None, .. } => {
                if anchor.hours(now) < DAY_HOURS || anchor.drop(charge) == 0 {
                    return None;
                }
                anchor.slope(charge, now)
            }
        };
        let days = u32::from(charge.tenths()).saturating_mul(100).checked_div(rate);
        let days = days.and_then(|days| u16::try_from(days).ok()).unwrap_or(LONGEST_DAYS);
        Some(days.min(LONGEST_DAYS))
    }
}

/// Whether the charge falls much faster than before since `day`.
fn is_fast(day: Anchor, rate: Option<u16>, charge: Charge, now: Uptime) -> bool {
    let slope = day.slope(charge, now);
    let is_large = slope > u32::from(RAPID_DROP) * 100;
    let is_beyond_rate = rate.is_some_and(|rate| slope > RAPID_RATIO.saturating_mul(rate.into()));
    is_large || (is_beyond_rate && slope >= u32::from(LEAST_FAST_DROP) * 100)
}

const fn next_drain(before: Drain, is_fast: bool) -> Drain {
    match (before, is_fast) {
        (Drain::Rapid, _) | (Drain::Suspected, true) => Drain::Rapid,
        (Drain::Usual, true) => Drain::Suspected,
        (Drain::Usual | Drain::Suspected, false) => Drain::Usual,
    }
}

/// The rate, a quarter of the way nearer to the sample; the first sample is the rate.
fn moved(rate: Option<u16>, sample: u32) -> u16 {
    let moved = match rate {
        None => sample,
        Some(rate) => u32::from(rate).saturating_mul(3).saturating_add(sample).saturating_add(2) / 4,
    };
    u16::try_from(moved).unwrap_or(u16::MAX)
}
