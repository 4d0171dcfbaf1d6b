//! The clock: set by the cloud alone, honest about its error, and never back.

use lock_proto::{ClockFact, UnixMillis, Uptime};
use lock_state::{ANSWER_LIFE_MS, ClockError, LARGEST_ERROR_MS, LARGEST_JUMP_MS, Saved, TimeAnswer};

use crate::peers::{live_claimer, live_cloud, live_holder, sealed_cloud};
use crate::world::{NOON, World};

/// Milliseconds in which an oscillator at 100 ppm goes wrong by one.
const MS_PER_DRIFT: u64 = 10_000;

fn later(millis: u64) -> UnixMillis {
    UnixMillis(NOON.0 + millis)
}

fn earlier(millis: u64) -> UnixMillis {
    UnixMillis(NOON.0 - millis)
}

/// A lock that booted with a floor.
fn with_floor() -> World {
    let mut world = World::new();
    world.reboot_with(Saved { clock_floor: NOON, ..Saved::default() });
    world.wait(60_000);
    world
}

#[test]
fn a_new_lock_takes_its_first_time_at_once() {
    let mut world = World::new();
    world.wait(5_000);
    assert_eq!(world.status().clock, ClockFact::Unset);
    let effects = world.time(NOON, 400).unwrap();
    assert!(effects.changed && effects.save);
    assert_eq!(world.status().clock, ClockFact::Trusted { error_ms: 400 });
    assert_eq!(world.saved().clock_floor, NOON);
}

#[test]
fn only_the_cloud_reached_live_sets_the_clock() {
    let mut world = World::new();
    let answer = TimeAnswer { time: NOON, asked_at: world.now };
    for message in [live_holder(answer), live_claimer(answer), sealed_cloud(answer)] {
        assert_eq!(world.lock.set_clock(message, world.now), Err(ClockError::NotFromCloud));
    }
    assert_eq!(world.status().clock, ClockFact::Unset);
}

#[test]
fn an_answer_counts_for_ten_seconds() {
    for (age, fresh) in [(ANSWER_LIFE_MS - 1, true), (ANSWER_LIFE_MS, true), (ANSWER_LIFE_MS + 1, false)] {
        let mut world = World::new();
        world.wait(60_000);
        assert_eq!(world.time(NOON, age).err(), (!fresh).then_some(ClockError::NotFresh), "{age}");
    }
}

#[test]
fn an_answer_to_a_question_of_the_future_is_refused() {
    let mut world = World::new();
    let answer = TimeAnswer { time: NOON, asked_at: Uptime::from_millis(1) };
    assert_eq!(world.lock.set_clock(live_cloud(answer), world.now), Err(ClockError::NotFresh));
}

#[test]
fn the_error_grows_with_the_drift_until_the_clock_is_not_trusted() {
    let limit = u64::from(LARGEST_ERROR_MS) * MS_PER_DRIFT;
    for (elapsed, fact) in [
        (1, ClockFact::Trusted { error_ms: 1 }),
        (limit - MS_PER_DRIFT, ClockFact::Trusted { error_ms: LARGEST_ERROR_MS - 1 }),
        (limit, ClockFact::Trusted { error_ms: LARGEST_ERROR_MS }),
        (limit + 1, ClockFact::Floor),
    ] {
        let mut world = World::new();
        let _ = world.time(NOON, 0).unwrap();
        world.wait(elapsed);
        assert_eq!(world.status().clock, fact, "{elapsed}");
    }
}

#[test]
fn the_end_of_trust_is_reported_when_it_comes() {
    let mut world = World::new();
    world.wait(10_000);
    let _ = world.time(NOON, 10_000).unwrap();
    let end = 50_000 * MS_PER_DRIFT + 1;
    assert_eq!(world.lock.poll_timeout(), Some(world.now.plus_millis(end)));
    assert!(!world.after(end - 1).changed);
    let effects = world.after(1);
    assert!(effects.changed && effects.save);
    assert_eq!((world.status().clock, world.lock.poll_timeout()), (ClockFact::Floor, None));
}

#[test]
fn the_clock_never_goes_back() {
    for (time, round_trip, accepted) in [
        (earlier(1), 0, false),
        (NOON, 0, true),
        (earlier(2_000), 1_999, false),
        (earlier(2_000), 2_000, true),
    ] {
        let mut world = with_floor();
        assert_eq!(world.time(time, round_trip).err(), (!accepted).then_some(ClockError::BeforeFloor));
        assert!(world.saved().clock_floor >= NOON);
    }
}

#[test]
fn a_floor_survives_a_reboot_and_is_no_trusted_time() {
    let mut world = World::new();
    let _ = world.time(NOON, 0).unwrap();
    world.wait(1_000_000);
    let floor = world.saved().clock_floor;
    assert_eq!(floor, later(1_000_000 - 100), "less by what the drift may be");
    world.reboot();
    assert_eq!((world.status().clock, world.saved().clock_floor), (ClockFact::Floor, floor));
}

#[test]
fn a_jump_of_more_than_seven_days_needs_a_second_exchange() {
    for (jump, confirmed) in
        [(LARGEST_JUMP_MS - 1, true), (LARGEST_JUMP_MS, true), (LARGEST_JUMP_MS + 1, false)]
    {
        let mut world = with_floor();
        let expected = (!confirmed).then_some(ClockError::ConfirmationNeeded);
        assert_eq!(world.time(later(jump), 0).err(), expected, "{jump}");
    }
}

#[test]
fn a_second_fresh_exchange_confirms_a_large_jump() {
    let mut world = with_floor();
    let far = LARGEST_JUMP_MS * 10;
    assert_eq!(world.time(later(far), 500), Err(ClockError::ConfirmationNeeded));
    assert_eq!(world.status().clock, ClockFact::Floor);
    assert_eq!(
        world.time(later(far), 500),
        Err(ClockError::ConfirmationNeeded),
        "asked before the first came"
    );
    world.wait(2_000);
    assert!(world.time(later(far + 2_000), 500).is_ok());
    assert_eq!(world.saved().clock_floor, later(far + 2_000));
}

#[test]
fn two_answers_that_disagree_confirm_nothing() {
    let mut world = with_floor();
    let far = LARGEST_JUMP_MS * 10;
    assert_eq!(world.time(later(far), 0), Err(ClockError::ConfirmationNeeded));
    world.wait(1_000);
    assert_eq!(world.time(later(far * 2), 0), Err(ClockError::ConfirmationNeeded));
    world.wait(1_000);
    assert!(world.time(later(far * 2 + 1_000), 0).is_ok(), "the last two agree");
}

#[test]
fn a_lock_that_ran_for_weeks_needs_no_second_exchange() {
    let mut world = World::new();
    let _ = world.time(NOON, 0).unwrap();
    world.wait(3 * LARGEST_JUMP_MS);
    assert_eq!(world.status().clock, ClockFact::Floor);
    assert!(world.time(later(3 * LARGEST_JUMP_MS), 0).is_ok());
}

#[test]
fn a_refused_answer_leaves_the_clock_as_it_was() {
    let mut world = World::new();
    world.wait(20_000);
    let _ = world.time(NOON, 100).unwrap();
    let before = (world.status(), world.saved());
    assert!(world.time(earlier(10_000), 0).is_err());
    assert!(world.time(later(2 * LARGEST_JUMP_MS), 0).is_err());
    assert_eq!((world.status(), world.saved()), before);
}

#[test]
fn the_end_of_time_is_no_wrap() {
    let mut world = World::new();
    let _ = world.time(UnixMillis(u64::MAX), 0).unwrap();
    world.wait(u64::MAX);
    assert_eq!(world.saved().clock_floor, UnixMillis(u64::MAX));
}
