//! PIN codes: counted before they are compared, and refused for a while after too many.

use lock_proto::{Alarm, BoltPosition, Cause, CredentialKind, Reason, Seconds};
use lock_state::{Drive, FIRST_LOCKOUT_MS, Indication, LONGEST_LOCKOUT_MS, SAVE_INTERVAL_MS, Saved, Wish};

use crate::world::{LIMIT, RIGHT, WRONG, World, pin};

fn furnished() -> World {
    World::furnished(BoltPosition::Extended, Seconds(0))
}

fn wrong(world: &mut World, times: u8) {
    for _ in 0..times {
        let _ = world.code(WRONG).unwrap();
    }
}

#[test]
fn a_right_code_unlocks_and_names_its_slot() {
    let mut world = furnished();
    let effects = world.code(RIGHT).unwrap();
    assert_eq!((effects.motor, effects.indicate), (Some(Drive::Retract), Some(Indication::Accepted)));
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(
        world.status().bolt.cause,
        Cause::Credential { kind: CredentialKind::Pin, slot: 2, user: None }
    );
}

#[test]
fn a_right_code_never_locks() {
    let mut world = World::furnished(BoltPosition::Retracted, Seconds(0));
    assert_eq!(world.code(RIGHT).unwrap().motor, None);
}

#[test]
fn a_right_code_opens_a_bolt_whose_position_is_unknown() {
    let mut world = furnished();
    world.reboot();
    assert_eq!(world.code(RIGHT).unwrap().motor, Some(Drive::Retract));
}

#[test]
fn a_code_is_counted_before_it_is_compared() {
    let mut world = furnished();
    world.lock.count_attempt(world.now).unwrap();
    assert_eq!(world.saved().wrong_codes, 1);
    let effects = world.check(CredentialKind::Pin, &pin(RIGHT), Wish::Open);
    assert!(effects.save && effects.changed);
    assert_eq!(world.saved().wrong_codes, 0);
}

#[test]
fn a_code_that_was_not_counted_is_not_compared() {
    let mut world = furnished();
    let effects = world.check(CredentialKind::Pin, &pin(RIGHT), Wish::Open);
    assert_eq!((effects.motor, effects.indicate), (None, Some(Indication::Refused(Reason::NotPermitted))));
    let _ = world.code(WRONG).unwrap();
    let effects = world.check(CredentialKind::Pin, &pin(RIGHT), Wish::Open);
    assert_eq!(effects.motor, None, "one count pays for one comparison");
}

#[test]
fn the_fifth_wrong_code_and_no_earlier_one_locks_the_keypad() {
    for (codes, locked_out) in [(LIMIT - 1, false), (LIMIT, true)] {
        let mut world = furnished();
        wrong(&mut world, codes - 1);
        let effects = world.code(WRONG).unwrap();
        assert_eq!(effects.alarms.iter().next(), locked_out.then_some(Alarm::WrongCodeLimit), "{codes}");
        let shown = if locked_out { Indication::LockedOut } else { Indication::Refused(Reason::WrongCode) };
        assert_eq!(effects.indicate, Some(shown));
        let next = world.code(RIGHT);
        assert_eq!(next.is_err(), locked_out);
        if let Err(refusal) = next {
            assert_eq!((refusal.reason, refusal.retry_after), (Reason::LockedOut, Some(Seconds(60))));
            assert_eq!(world.saved().wrong_codes, LIMIT, "a refused code is not counted");
        }
    }
}

#[test]
fn the_fifth_code_opens_when_it_is_right() {
    let mut world = furnished();
    wrong(&mut world, LIMIT - 1);
    let effects = world.code(RIGHT).unwrap();
    assert_eq!((effects.motor, effects.alarms.iter().next()), (Some(Drive::Retract), None));
    assert_eq!(world.status().lockout, Seconds(0));
}

#[test]
fn a_lockout_ends_with_its_last_millisecond() {
    let length = u64::from(FIRST_LOCKOUT_MS);
    for (millis, open) in [(length - 1, false), (length, true), (length + 1, true)] {
        let mut world = furnished();
        wrong(&mut world, LIMIT);
        world.wait(millis);
        assert_eq!(world.code(RIGHT).is_ok(), open, "{millis}");
    }
}

#[test]
fn the_end_of_a_lockout_is_reported_and_saved() {
    let mut world = furnished();
    wrong(&mut world, LIMIT);
    assert_eq!(world.lock.poll_timeout(), Some(world.now.plus_millis(FIRST_LOCKOUT_MS.into())));
    let effects = world.after(FIRST_LOCKOUT_MS.into());
    assert!(effects.changed && effects.save);
    assert_eq!(world.lock.poll_timeout(), None);
}

#[test]
fn each_further_wrong_code_doubles_the_lockout_up_to_an_hour() {
    let mut world = furnished();
    wrong(&mut world, LIMIT - 1);
    for expected in [60, 120, 240, 480, 960, 1_920, 3_600, 3_600] {
        let _ = world.code(WRONG).unwrap();
        assert_eq!(world.status().lockout, Seconds(expected));
        world.wait(u64::from(expected) * 1_000);
    }
}

#[test]
fn a_long_lockout_is_saved_as_a_quarter_of_it_passes_and_its_last_minutes_one_by_one() {
    let mut world = furnished();
    world.reboot_with(Saved { wrong_codes: 11, lockout_remaining: LONGEST_LOCKOUT_MS, ..world.saved() });
    let mut saves = 0;
    loop {
        let left = u64::from(world.saved().lockout_remaining);
        let next = (left / 4).max(SAVE_INTERVAL_MS).min(left);
        assert_eq!(world.lock.poll_timeout(), Some(world.now.plus_millis(next)), "with {left} ms left");
        let effects = world.after(next);
        assert!(effects.save, "with {left} ms left");
        saves += 1;
        if world.status().lockout == Seconds(0) {
            break;
        }
    }
    assert_eq!(saves, 14, "records in an hour");
}

#[test]
fn the_lockout_stays_an_hour_when_the_count_is_full() {
    let mut world = furnished();
    for _ in 0..300 {
        if world.code(WRONG).is_ok() {
            world.wait(LONGEST_LOCKOUT_MS.into());
        }
    }
    assert_eq!(world.saved().wrong_codes, u8::MAX);
    let _ = world.code(WRONG).unwrap();
    assert_eq!(world.status().lockout, Seconds(3_600));
}

#[test]
fn a_lockout_keeps_nobody_out_who_needs_no_code() {
    let mut world = furnished();
    wrong(&mut world, LIMIT);
    assert_eq!(world.unlock().motor, Some(Drive::Retract));
}

#[test]
fn a_reboot_between_count_and_comparison_costs_the_guess() {
    let mut world = furnished();
    for guess in 1..=LIMIT {
        world.lock.count_attempt(world.now).unwrap();
        world.reboot();
        assert_eq!(world.saved().wrong_codes, guess);
    }
    assert_eq!(world.code(RIGHT).unwrap_err().reason, Reason::LockedOut);
}

#[test]
fn a_lockout_goes_on_at_its_remainder_after_a_reboot() {
    let mut world = furnished();
    wrong(&mut world, LIMIT);
    world.wait(20_000);
    world.reboot();
    assert_eq!(world.status().lockout, Seconds(40));
    world.wait(39_999);
    assert!(world.code(RIGHT).is_err());
    world.wait(1);
    assert!(world.code(RIGHT).is_ok());
}
