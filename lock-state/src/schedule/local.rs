//! The local clock: minutes and days by UTC offset and its changes.

use lock_proto::{UnixMillis, UtcOffset, Zone};

pub(super) const MINUTE_MS: u64 = 60_000;
pub(super) const DAY_MINUTES: u16 = 24 * 60;
/// Local minutes are counted from so many days before 1970, so that none is negative.
const SHIFT_MINUTES: i64 = 2 * DAY_MINUTES as i64;

/// A minute as the local clock shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LocalMinute {
    /// Days, counted from two before 1 January 1970.
    pub(super) day: u64,
    /// Minutes since midnight.
    pub(super) minute: u16,
}

/// Which of two moments that show the same minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    First,
    Last,
}

/// The distance from UTC at a moment.
pub(super) fn offset_at(moment: UnixMillis, zone: &Zone) -> UtcOffset {
    let passed = zone.transitions.iter().flatten().take_while(|transition| transition.at <= moment);
    passed.last().map_or(zone.offset, |transition| transition.offset)
}

/// Local minutes since the begin of the count, at an offset.
fn minutes_at(moment: UnixMillis, offset: UtcOffset) -> u64 {
    let utc = i64::try_from(moment.0 / MINUTE_MS).unwrap_or(i64::MAX - SHIFT_MINUTES - i64::from(i16::MAX));
    u64::try_from(utc.saturating_add(SHIFT_MINUTES).saturating_add(i64::from(offset.0))).unwrap_or(0)
}

impl LocalMinute {
    /// What the local clock shows at a moment.
    pub(super) fn of(moment: UnixMillis, zone: &Zone) -> Self {
        let minutes = minutes_at(moment, offset_at(moment, zone));
        let day = minutes / u64::from(DAY_MINUTES);
        Self { day, minute: u16::try_from(minutes % u64::from(DAY_MINUTES)).unwrap_or(0) }
    }

    fn minutes(self) -> u64 {
        self.day.saturating_mul(DAY_MINUTES.into()).saturating_add(self.minute.into())
    }

    /// The moment at which a clock with this offset shows it.
    fn at_offset(self, offset: UtcOffset) -> UnixMillis {
        let minutes = i64::try_from(self.minutes()).unwrap_or(i64::MAX);
        let utc = minutes.saturating_sub(SHIFT_MINUTES).saturating_sub(i64::from(offset.0));
        UnixMillis(u64::try_from(utc).unwrap_or(0).saturating_mul(MINUTE_MS))
    }
}

/// The moment at which the local clock shows `wanted`; where that minute is skipped, the moment of the skip; where it comes twice,
/// the first or the last.
pub(super) fn moment_of(wanted: LocalMinute, zone: &Zone, fold: Fold) -> UnixMillis {
    let mut found: Option<UnixMillis> = None;
    let mut skip: Option<UnixMillis> = None;
    let mut begin = UnixMillis(0);
    let mut offset = zone.offset;
    let mut transitions = zone.transitions.iter().flatten();
    loop {
        let next = transitions.next();
        let moment = wanted.at_offset(offset);
        let is_before_end = next.is_none_or(|transition| moment < transition.at);
        if begin <= moment && is_before_end {
            found = match (fold, found) {
                (Fold::First, Some(first)) => Some(first),
                (Fold::First, None) | (Fold::Last, _) => Some(moment),
            };
        } else if moment < begin && skip.is_none() && found.is_none() {
            // The clock was set over it at the begin of this stretch.
            skip = Some(begin);
        }
        let Some(transition) = next else { return found.or(skip).unwrap_or(moment) };
        (begin, offset) = (transition.at, transition.offset);
    }
}

/// The day of the week of a local day; Sunday is 0.
pub(super) const fn weekday(day: u64) -> u8 {
    // Two days before 1 January 1970, which was a Thursday, is a Tuesday.
    ((day + 2) % 7) as u8
}
