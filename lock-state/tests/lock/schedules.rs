//! Windows by the local clock, against a naive calendar that walks minute by minute.

use lock_proto::{
    Holiday, MinuteOfDay, Reason, Span, Transition, UnixMillis, User, UserKind, UtcOffset, Weekdays, Window,
    Zone,
};
use lock_state::{ClockReading, Item, TableSlot, Use, UserRules, admits, holds, next_start};
use proptest::prelude::*;

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60;

/// Sunday, 4 January 2026, 00:00 UTC, in minutes.
const SUNDAY: u64 = 1_767_484_800_000 / MINUTE;

fn at(minute: u64) -> UnixMillis {
    UnixMillis(minute * MINUTE)
}

/// The wall clock at a minute, as an ever growing count of local minutes.
fn wall(zone: &Zone, minute: u64) -> i64 {
    let mut offset = zone.offset;
    for transition in zone.transitions.iter().flatten() {
        if transition.at.0 <= minute * MINUTE {
            offset = transition.offset;
        }
    }
    minute as i64 + i64::from(offset.0)
}

/// Whether a weekly window covers a minute: walks back through the days and looks where each begins and ends on the wall clock.
fn covers(days: u8, from: u16, until: u16, zone: &Zone, minute: u64) -> bool {
    let today = wall(zone, minute).div_euclid(DAY as i64);
    [today - 1, today].into_iter().any(|day| {
        // 1 January 1970 was a Thursday.
        let weekday = (day + 4).rem_euclid(7);
        if days & (1 << weekday) == 0 {
            return false;
        }
        let begin = day * DAY as i64 + i64::from(from);
        let end = day * DAY as i64 + i64::from(until) + if until <= from { DAY as i64 } else { 0 };
        // The first moment at which the clock shows the begin or has skipped it; the last at which it shows the end.
        let near = minute.saturating_sub(3 * DAY)..minute + 3 * DAY;
        let first = near.clone().find(|minute| wall(zone, *minute) >= begin);
        let last = near
            .clone()
            .rev()
            .find(|minute| wall(zone, *minute) == end)
            .or_else(|| near.clone().find(|minute| wall(zone, *minute) >= end));
        match (first, last) {
            (Some(first), Some(last)) => first < last && (first..last).contains(&minute),
            _ => false,
        }
    })
}

fn zone() -> impl Strategy<Value = Zone> {
    let offset = prop_oneof![Just(0_i16), Just(60), Just(-300), Just(345), Just(720), Just(-720)];
    let change = prop_oneof![Just(60_i16), Just(-60), Just(30)];
    let first = 0..10 * DAY;
    (offset, change, first, 2 * DAY..8 * DAY).prop_map(|(offset, change, first, later)| {
        let transition =
            |minute: u64, offset: i16| Some(Transition { at: at(minute), offset: UtcOffset(offset) });
        let transitions = [
            transition(SUNDAY + first, offset + change),
            transition(SUNDAY + first + later, offset),
            None,
            None,
        ];
        Zone { offset: UtcOffset(offset), transitions }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_weekly_window_is_what_the_wall_clock_says(
        zone in zone(), days in 1..0x80_u8, from in 0..1_440_u16, until in 0..1_440_u16, start in 0..12 * DAY,
    ) {
        let span = Span::Weekly { days: Weekdays(days), from: MinuteOfDay(from), until: MinuteOfDay(until) };
        for minute in (start..start + 40).map(|step| SUNDAY + step * 37) {
            let expected = covers(days, from, until, &zone, minute);
            prop_assert_eq!(holds(&span, &zone, at(minute), at(minute)), expected, "{}", minute - SUNDAY);
        }
    }

    #[test]
    fn the_next_start_is_the_first_minute_at_which_it_holds(
        zone in zone(), days in 1..0x80_u8, from in 0..1_440_u16, until in 0..1_440_u16, start in 0..10 * DAY,
    ) {
        let span = Span::Weekly { days: Weekdays(days), from: MinuteOfDay(from), until: MinuteOfDay(until) };
        let first = (0..9 * DAY).map(|step| SUNDAY + start + step);
        let expected = first.into_iter().find(|minute| holds(&span, &zone, at(*minute), at(*minute)));
        prop_assert_eq!(next_start(&span, &zone, at(SUNDAY + start)), expected.map(at));
    }

    #[test]
    fn a_clock_that_is_not_sure_opens_only_where_every_moment_does(
        zone in zone(), from in 0..1_440_u16, until in 0..1_440_u16, start in 0..10 * DAY, error in 0..3_u64,
    ) {
        let span = Span::Weekly { days: Weekdays::ALL, from: MinuteOfDay(from), until: MinuteOfDay(until) };
        let (earliest, latest) = (SUNDAY + start, SUNDAY + start + error);
        let each = (earliest..=latest).all(|minute| holds(&span, &zone, at(minute), at(minute)));
        let whole = holds(&span, &zone, at(earliest), at(latest));
        prop_assert!(!whole || each);
    }
}

#[test]
fn a_window_across_midnight_belongs_to_the_day_on_which_it_begins() {
    // Saturday 22:00 to Sunday 06:00.
    let span =
        Span::Weekly { days: Weekdays(1 << 6), from: MinuteOfDay(22 * 60), until: MinuteOfDay(6 * 60) };
    for (minute, expected) in [
        (6 * DAY + 22 * 60 - 1, false),
        (6 * DAY + 22 * 60, true),
        (7 * DAY + 6 * 60 - 1, true),
        (7 * DAY + 6 * 60, false),
        (6 * 60 - 1, true),
        (DAY + 60, false),
    ] {
        let now = at(SUNDAY + minute);
        assert_eq!(holds(&span, &Zone::default(), now, now), expected, "{minute}");
    }
}

fn refusal(user: User, used: Use, windows: &[TableSlot<Window>], clock: ClockReading) -> Option<Reason> {
    let holiday = Holiday { from: at(SUNDAY), until: at(SUNDAY + DAY), mode: None };
    let holidays = [Some(Item { version: 1, value: holiday }).into()];
    let zone = Zone::default();
    let rules = UserRules { slot: 0, user, used, windows, holidays: &holidays, zone: &zone };
    admits(&rules, clock).err().map(|refusal| refusal.reason)
}

fn sure(minute: u64) -> ClockReading {
    ClockReading::Trusted { earliest: at(minute), latest: at(minute) }
}

#[test]
fn dates_are_tested_at_the_bound_that_is_worse() {
    let (first, last) = (Some(at(SUNDAY)), Some(at(SUNDAY + 10)));
    let user = User { not_before: first, not_after: last, ..User::default() };
    for (earliest, latest, expected) in [
        (SUNDAY - 1, SUNDAY, Some(Reason::OutsideValidity)),
        (SUNDAY, SUNDAY + 10, None),
        (SUNDAY + 10, SUNDAY + 10, None),
        (SUNDAY + 10, SUNDAY + 11, Some(Reason::OutsideValidity)),
    ] {
        let clock = ClockReading::Trusted { earliest: at(earliest), latest: at(latest) };
        assert_eq!(refusal(user, Use::Never, &[], clock), expected);
    }
}

#[test]
fn only_windows_of_the_right_form_and_of_the_user_count() {
    let dates = Span::Dates { from: at(SUNDAY), until: at(SUNDAY + 10) };
    let weekly = Span::Weekly { days: Weekdays::ALL, from: MinuteOfDay(0), until: MinuteOfDay(0) };
    let window = |user, span| [Some(Item { version: 1, value: Window { user, span } }).into()];
    for (kind, span, owner, admitted) in [
        (UserKind::YearDay, dates, 0, true),
        (UserKind::YearDay, weekly, 0, false),
        (UserKind::WeekDay, weekly, 0, true),
        (UserKind::WeekDay, dates, 0, false),
        (UserKind::ScheduleRestricted, dates, 0, true),
        (UserKind::ScheduleRestricted, weekly, 0, true),
        (UserKind::ScheduleRestricted, weekly, 1, false),
    ] {
        let user = User { kind, ..User::default() };
        let reason = refusal(user, Use::Never, &window(owner, span), sure(SUNDAY + 5));
        assert_eq!(reason, (!admitted).then_some(Reason::OutsideSchedule), "{kind:?} {span:?}");
    }
}

#[test]
fn a_holiday_user_opens_on_holidays() {
    let user = User { kind: UserKind::Holiday, ..User::default() };
    for (minute, admitted) in
        [(SUNDAY - 1, false), (SUNDAY, true), (SUNDAY + DAY - 1, true), (SUNDAY + DAY, false)]
    {
        let expected = (!admitted).then_some(Reason::OutsideSchedule);
        assert_eq!(refusal(user, Use::Never, &[], sure(minute)), expected);
    }
}

#[test]
fn minutes_are_counted_from_the_first_use_to_the_worse_bound() {
    let user = User { kind: UserKind::Expiring { minutes: 10 }, ..User::default() };
    for (minute, expected) in [(9, None), (10, Some(Reason::AlreadyUsed))] {
        assert_eq!(refusal(user, Use::At(at(SUNDAY)), &[], sure(SUNDAY + minute)), expected);
    }
    assert_eq!(refusal(user, Use::AtUnknown, &[], sure(SUNDAY)), Some(Reason::AlreadyUsed));
}
