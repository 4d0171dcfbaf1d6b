//! How long it lasts, and when it empties too fast.

use lock_proto::Alarm;
use lock_state::power::{
    Drain, LEAST_DROP, LEAST_FAST_DROP, LONGEST_DAYS, RAPID_DROP, SAMPLE_HOURS, SavedTrend,
};

use crate::world::World;

/// Reads once an hour for `hours`, starting at `tenths` and losing `daily` tenths of a percent a day; returns the rapid drains told.
fn discharge(world: &mut World, tenths: u16, daily: u32, hours: u32) -> usize {
    (1..=hours)
        .filter(|hour| {
            world.wait_hours(1);
            let lost = u16::try_from(daily * hour / 24).unwrap();
            world.read(World::alkaline_at(tenths - lost)).rapid_drain
        })
        .count()
}

#[test]
fn there_is_no_trend_before_a_day_has_passed() {
    for (hours, known) in [(23, false), (24, true), (25, true)] {
        let mut world = World::alkaline();
        let _ = world.read(World::alkaline_at(800));
        world.wait_hours(hours);
        let _ = world.read(World::alkaline_at(790));
        assert_eq!(world.days_left().is_some(), known, "{hours}");
    }
}

#[test]
fn a_percent_a_day_lasts_as_many_days_as_there_are_percent() {
    let mut world = World::alkaline();
    let _ = world.read(World::alkaline_at(800));
    assert_eq!(discharge(&mut world, 800, 10, 20 * 24), 0);
    let days = world.days_left().unwrap();
    assert!((54..=66).contains(&days), "{days}");
}

#[test]
fn a_small_drop_becomes_a_sample_after_a_week() {
    for (hours, days) in [(SAMPLE_HOURS - 1, None), (SAMPLE_HOURS, Some(LONGEST_DAYS))] {
        let mut world = World::alkaline();
        let _ = world.read(5_600);
        world.wait_hours(hours.into());
        let _ = world.read(5_600);
        assert_eq!(world.days_left(), days, "nothing fell in {hours} hours");
    }
}

#[test]
fn two_percent_become_a_sample_after_a_day() {
    for (drop, hours, sampled) in [
        (LEAST_DROP - 1, 24, false),
        (LEAST_DROP, 24, true),
        (LEAST_DROP + 1, 24, true),
        (LEAST_DROP, 23, false),
        (LEAST_DROP, 25, true),
    ] {
        let mut world = World::alkaline();
        let _ = world.read(World::alkaline_at(100));
        world.wait_hours(hours);
        let _ = world.read(World::alkaline_at(100 - drop));
        let trend = world.power.saved(world.now()).trend;
        assert_eq!(matches!(trend, SavedTrend::Known { .. }), sampled, "{drop} {hours}");
    }
}

#[test]
fn the_trend_moves_to_a_new_pace_by_quarters() {
    let mut world = World::alkaline();
    let _ = world.read(World::alkaline_at(880));
    let _ = discharge(&mut world, 880, 5, 20 * 24);
    let slow = world.days_left().unwrap();
    let _ = discharge(&mut world, 780, 12, 20 * 24);
    let fast = world.days_left().unwrap();
    assert!(fast < slow / 2, "{fast} {slow}");
}

#[test]
fn more_than_five_percent_in_a_day_is_a_rapid_drain_told_once() {
    let mut world = World::alkaline();
    let _ = world.read(World::alkaline_at(880));
    assert_eq!(discharge(&mut world, 880, 80, 5 * 24), 1);
    assert!(world.power.is_rapid_drain());
}

#[test]
fn five_percent_in_a_day_are_not_yet_rapid() {
    for (drop, drain) in
        [(RAPID_DROP - 1, Drain::Usual), (RAPID_DROP, Drain::Usual), (RAPID_DROP + 1, Drain::Suspected)]
    {
        let mut world = World::alkaline();
        let _ = world.read(World::alkaline_at(100));
        world.wait_hours(24);
        let _ = world.read(World::alkaline_at(100 - drop));
        assert_eq!(world.power.saved(world.now()).drain, drain, "{drop}");
    }
}

#[test]
fn beyond_the_trend_it_takes_two_percent_a_day_as_well() {
    for (drop, drain) in [
        (LEAST_FAST_DROP - 1, Drain::Usual),
        (LEAST_FAST_DROP, Drain::Suspected),
        (LEAST_FAST_DROP + 1, Drain::Suspected),
    ] {
        let mut world = World::alkaline();
        let _ = world.read(World::alkaline_at(100));
        world.wait_hours(SAMPLE_HOURS.into());
        let _ = world.read(World::alkaline_at(100));
        world.wait_hours(24);
        let _ = world.read(World::alkaline_at(100 - drop));
        assert_eq!(world.power.saved(world.now()).drain, drain, "{drop}");
    }
}

#[test]
fn one_low_reading_is_no_rapid_drain_and_two_are() {
    let mut world = World::alkaline();
    let _ = world.read(5_600);
    world.wait_hours(1);
    assert!(!world.read(5_400).rapid_drain);
    assert!(!world.read(5_590).rapid_drain, "just after a drive, that was");
    assert!(!world.read(5_400).rapid_drain);
    assert_eq!(world.read(5_400).alarms(), [None, Some(Alarm::BatteryDrain)]);
}

#[test]
fn three_times_the_trend_is_a_rapid_drain() {
    for (daily, told) in [(12, 0), (40, 1)] {
        let mut world = World::alkaline();
        let _ = world.read(World::alkaline_at(880));
        let _ = discharge(&mut world, 880, 7, 30 * 24);
        assert_eq!(discharge(&mut world, 670, daily, 3 * 24), told, "{daily}");
    }
}

#[test]
fn slow_readings_are_counted_by_the_day() {
    let mut world = World::alkaline();
    for tenths in [880, 790, 700, 610] {
        world.wait_hours(72);
        assert!(!world.read(World::alkaline_at(tenths)).rapid_drain, "three percent a day");
    }
}

#[test]
fn a_new_battery_settles_for_a_day_without_a_trend_and_without_an_alarm() {
    let mut world = World::alkaline();
    let _ = world.read(4_400);
    assert!(world.read(6_400).replaced);
    for millivolts in [6_300, 6_200, 6_100, 6_000] {
        world.wait_hours(5);
        assert!(!world.read(millivolts).rapid_drain);
        assert_eq!(world.days_left(), None);
    }
    world.wait_hours(5);
    let _ = world.read(5_990);
    assert_eq!(world.days_left(), None, "the day begins now");
    world.wait_hours(24);
    let _ = world.read(5_970);
    assert!(world.days_left().is_some());
}

#[test]
fn a_replacement_ends_a_rapid_drain_and_the_next_battery_may_have_its_own() {
    let mut world = World::alkaline();
    let _ = world.read(World::alkaline_at(880));
    assert_eq!(discharge(&mut world, 880, 200, 3 * 24), 1);
    let _ = world.read(6_400);
    assert!(!world.power.is_rapid_drain());
    world.wait_hours(24);
    let _ = world.read(World::alkaline_at(880));
    assert_eq!(discharge(&mut world, 880, 80, 3 * 24), 1);
}

#[test]
fn a_suspicion_at_the_end_of_a_day_waits_for_the_second_reading() {
    let mut world = World::alkaline();
    let _ = world.read(World::alkaline_at(100));
    world.wait_hours(24);
    assert!(!world.read(World::alkaline_at(40)).rapid_drain);
    world.wait_hours(1);
    assert!(world.read(World::alkaline_at(40)).rapid_drain);
}

#[test]
fn what_is_only_suspected_does_not_move_the_trend() {
    let mut world = World::alkaline();
    let _ = world.read(World::alkaline_at(100));
    world.wait_hours(SAMPLE_HOURS.into());
    let _ = world.read(World::alkaline_at(90));
    world.wait_hours(24);
    let before = world.power.saved(world.now());
    let _ = world.read(World::alkaline_at(60));
    let after = world.power.saved(world.now());
    assert_eq!((before.drain, after.drain), (Drain::Usual, Drain::Suspected));
    assert_eq!(before.trend, after.trend);
}

#[test]
fn settling_takes_a_day() {
    for (hours, settled) in [(23, false), (24, true), (25, true)] {
        let mut world = World::alkaline();
        let _ = world.read(4_400);
        let _ = world.read(6_400);
        world.wait_hours(hours);
        let _ = world.read(6_200);
        let trend = world.power.saved(world.now()).trend;
        assert_eq!(matches!(trend, SavedTrend::Begun { .. }), settled, "{hours}");
    }
}
