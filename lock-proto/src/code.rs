//! Offline codes: which there are, when each opens, and the one number that stands for a code (section 3.6).
//!
//! ```text
//! slot = first slot of the class + ((start / unit) − ⌊since / unit⌋) × serials + serial          times in quarters of an hour
//! ```
//!
//! There is one slot for each class, each start that the class allows within [`CodeSeries::SPAN`] of the series' begin, and, for
//! codes that open once, each of four serials. Nothing else is a code: of all numbers of nine digits one in 1,637 is a slot.

use crate::numbered::numbered;
use crate::{UnixMillis, wire};

numbered! {
    /// Whether a lock takes offline codes.
    #[derive(Default)]
    pub enum CodesSwitch {
        /// It takes none.
        #[default]
        Off,
        /// It takes those of its series.
        On,
    }
}

numbered! {
    /// What an offline code opens for, from its start on.
    #[derive(PartialOrd, Ord)]
    pub enum CodeClass {
        /// One time, within 24 hours.
        Once,
        /// One hour.
        OneHour,
        /// Two hours.
        TwoHours,
        /// Four hours.
        FourHours,
        /// Twelve hours.
        TwelveHours,
        /// 24 hours.
        OneDay,
        /// 48 hours.
        TwoDays,
        /// 72 hours.
        ThreeDays,
        /// Seven days of 24 hours.
        OneWeek,
        /// Fourteen days of 24 hours.
        TwoWeeks,
        /// 28 days of 24 hours.
        FourWeeks,
    }
}

impl CodeClass {
    /// How long a code of this class opens.
    #[must_use]
    pub const fn duration(self) -> QuarterHours {
        QuarterHours(match self {
            Self::Once | Self::OneDay => 96,
            Self::OneHour => 4,
            Self::TwoHours => 8,
            Self::FourHours => 16,
            Self::TwelveHours => 48,
            Self::TwoDays => 192,
            Self::ThreeDays => 288,
            Self::OneWeek => 672,
            Self::TwoWeeks => 1_344,
            Self::FourWeeks => 2_688,
        })
    }

    /// The grid on which codes of this class start: at whole multiples of it since 1970. It divides [`CodeSeries::SPAN`].
    #[must_use]
    pub const fn unit(self) -> QuarterHours {
        QuarterHours(match self {
            Self::OneHour | Self::TwoHours => 1,
            Self::FourHours => 2,
            Self::Once | Self::TwelveHours | Self::OneDay => 4,
            Self::TwoDays => 8,
            Self::ThreeDays | Self::OneWeek => 12,
            Self::TwoWeeks => 24,
            Self::FourWeeks => 48,
        })
    }

    /// How many codes of this class start at one moment. Those that open once must differ from each other.
    #[must_use]
    pub const fn serials(self) -> u8 {
        match self {
            Self::Once => 4,
            Self::OneHour
            | Self::TwoHours
            | Self::FourHours
            | Self::TwelveHours
            | Self::OneDay
            | Self::TwoDays
            | Self::ThreeDays
            | Self::OneWeek
            | Self::TwoWeeks
            | Self::FourWeeks => 1,
        }
    }

    /// How many slots it has.
    const fn slots(self) -> u32 {
        CodeSeries::SPAN.0 / self.unit().0 * self.serials() as u32
    }
}

/// Quarters of an hour: a span, or a moment since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct QuarterHours(pub u32);

impl QuarterHours {
    /// A quarter of an hour in milliseconds.
    pub const MILLIS: u64 = 15 * 60_000;

    /// The quarter in which a moment lies; the last one for moments beyond all.
    #[must_use]
    pub const fn of(moment: UnixMillis) -> Self {
        let quarters = moment.0 / Self::MILLIS;
        Self(if quarters > u32::MAX as u64 { u32::MAX } else { quarters as u32 })
    }

    /// Its first moment, where it is a moment.
    #[must_use]
    pub const fn begin(self) -> UnixMillis {
        UnixMillis(self.0 as u64 * Self::MILLIS)
    }
}

/// A code, apart from the series that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfflineCode {
    /// What it opens for.
    pub class: CodeClass,
    /// From when on; a multiple of the class's unit.
    pub start: QuarterHours,
    /// Tells codes of the same class and start apart; below the class's [`CodeClass::serials`].
    pub serial: u8,
}

impl OfflineCode {
    /// The first moment at which it opens.
    #[must_use]
    pub const fn begin(self) -> UnixMillis {
        self.start.begin()
    }

    /// The first moment at which it opens no more.
    #[must_use]
    pub const fn end(self) -> UnixMillis {
        UnixMillis(self.start.begin().0 + self.class.duration().0 as u64 * QuarterHours::MILLIS)
    }
}

/// The codes that a lock takes: those of one code epoch, which begins at a moment. Raising the epoch ends them all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CodeSeries {
    /// Whether the lock takes them.
    pub switch: CodesSwitch,
    /// The number of the code epoch; it only grows.
    pub epoch: u32,
    /// When it begins, in hours since 1970-01-01T00:00:00Z.
    pub since: u32,
}

impl CodeSeries {
    /// How long codes of one epoch can start: four years of 365.25 days. Behind it no number is a code: the epoch must be raised.
    pub const SPAN: QuarterHours = QuarterHours(4 * 1_461 * 24);
    /// How many slots there are.
    pub const SLOTS: u32 = {
        let (mut slots, mut class) = (0, 0);
        while class < CodeClass::ALL.len() {
            #[expect(
                clippy::indexing_slicing,
                reason = "evaluated at compile time for the classes there are"
            )]
            let next = CodeClass::ALL[class];
            assert!(Self::SPAN.0.is_multiple_of(next.unit().0), "a unit divides the span");
            slots += next.slots();
            class += 1;
        }
        slots
    };
    /// The latest begin of an epoch, in hours since 1970: in the year 4822. Beyond it moments would not fit their type.
    pub const LATEST: u32 = 25_000_000;

    /// The index of the first start, on the grid of the class.
    const fn origin(self, class: CodeClass) -> u32 {
        let since = if self.since > Self::LATEST { Self::LATEST } else { self.since };
        since * 4 / class.unit().0
    }

    /// The slot of a code; `None` where the series has none: a start off the grid, before the epoch's begin or behind its span, or
    /// a serial that the class has not.
    #[must_use]
    pub fn slot_of(self, code: OfflineCode) -> Option<u32> {
        let (class, unit) = (code.class, code.class.unit().0);
        let index = (code.start.0 / unit).checked_sub(self.origin(class))?;
        let is_there = code.start.0.is_multiple_of(unit)
            && index < Self::SPAN.0 / unit
            && code.serial < class.serials()
            && self.since <= Self::LATEST;
        let before: u32 =
            CodeClass::ALL.into_iter().take_while(|other| *other != class).map(CodeClass::slots).sum();
        is_there.then(|| before + index * u32::from(class.serials()) + u32::from(code.serial))
    }

    /// The code of a slot; `None` from [`Self::SLOTS`] on.
    #[must_use]
    pub fn code_of(self, slot: u32) -> Option<OfflineCode> {
        let mut rest = slot;
        for class in CodeClass::ALL {
            match rest.checked_sub(class.slots()) {
                Some(beyond) => rest = beyond,
                None => {
                    let serials = u32::from(class.serials());
                    let index = self.origin(class).saturating_add(rest / serials);
                    let start = QuarterHours(index.saturating_mul(class.unit().0));
                    return Some(OfflineCode { class, start, serial: (rest % serials) as u8 });
                }
            }
        }
        None
    }
}

wire! {
    struct QuarterHours(quarters);
    struct CodeSeries { switch, epoch, since }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    const SERIES: CodeSeries = CodeSeries { switch: CodesSwitch::On, epoch: 1, since: 490_001 };

    #[test]
    fn each_slot_is_one_code_and_each_code_one_slot() {
        assert_eq!(CodeSeries::SLOTS, 610_698);
        for slot in 0..CodeSeries::SLOTS {
            let code = SERIES.code_of(slot).unwrap();
            assert_eq!(SERIES.slot_of(code), Some(slot), "{code:?}");
        }
        assert_eq!(SERIES.code_of(CodeSeries::SLOTS), None);
        assert_eq!(SERIES.code_of(u32::MAX), None);
    }

    #[test]
    fn the_slots_that_open_at_one_moment_are_368() {
        let moments =
            [0, 1, 4_000, 70_000].map(|quarters| QuarterHours(SERIES.since * 4 + 2_688 + quarters).begin());
        for moment in moments {
            let opens = |code: &OfflineCode| code.begin() <= moment && moment < code.end();
            let codes: Vec<_> =
                (0..CodeSeries::SLOTS).filter_map(|slot| SERIES.code_of(slot)).filter(opens).collect();
            assert_eq!(codes.len(), 368, "at {moment:?}");
            assert_eq!(codes.iter().filter(|code| code.class == CodeClass::Once).count(), 96);
        }
    }

    #[test]
    fn a_start_outside_the_epoch_or_off_the_grid_is_no_code() {
        for class in CodeClass::ALL {
            let unit = class.unit().0;
            let first = QuarterHours(SERIES.since * 4 / unit * unit);
            let code = |start, serial| OfflineCode { class, start: QuarterHours(start), serial };
            assert!(SERIES.slot_of(code(first.0, 0)).is_some());
            assert!(SERIES.slot_of(code(first.0 + CodeSeries::SPAN.0 - unit, class.serials() - 1)).is_some());
            assert_eq!(SERIES.slot_of(code(first.0 - unit, 0)), None, "before the first");
            assert_eq!(SERIES.slot_of(code(first.0 + CodeSeries::SPAN.0, 0)), None, "behind the last");
            assert_eq!(SERIES.slot_of(code(first.0, class.serials())), None, "one serial too many");
            if unit > 1 {
                assert_eq!(SERIES.slot_of(code(first.0 + 1, 0)), None, "off the grid");
            }
        }
    }

    #[test]
    fn the_latest_series_and_any_other_number_fit_their_types() {
        for since in [0, CodeSeries::LATEST, CodeSeries::LATEST + 1, u32::MAX] {
            let series = CodeSeries { since, ..SERIES };
            let last = series.code_of(CodeSeries::SLOTS - 1).unwrap();
            assert!(last.end() > last.begin());
            assert_eq!(series.slot_of(last).is_some(), since <= CodeSeries::LATEST);
        }
        let last =
            OfflineCode { class: CodeClass::FourWeeks, start: QuarterHours(u32::MAX), serial: u8::MAX };
        assert_eq!(SERIES.slot_of(last), None);
        assert!(last.end() > last.begin());
    }
}
