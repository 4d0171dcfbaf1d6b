//! The bolt throws itself, when it may.

use lock_proto::{BoltPosition, Cause, Seconds, Setting, Table};
use lock_state::{Deed, DoorReading, Drive};

use crate::world::World;

const DELAY: u64 = 30_000;

/// Unlocked a moment ago, with a delay of 30 s.
fn unlocked() -> World {
    let mut world = World::furnished(BoltPosition::Extended, Seconds(30));
    let _ = world.unlock();
    let _ = world.bolt(BoltPosition::Retracted);
    world
}

#[test]
fn the_bolt_is_thrown_when_the_delay_has_passed() {
    for (millis, thrown) in [(DELAY - 1, false), (DELAY, true), (DELAY + 1, true)] {
        let mut world = unlocked();
        assert_eq!(world.status().relock_in, Some(Seconds(30)));
        assert_eq!(world.after(millis).motor, thrown.then_some(Drive::Extend), "{millis}");
        assert_eq!(world.status().target.cause == Cause::AutoRelock, thrown);
    }
}

#[test]
fn a_delay_of_zero_means_never() {
    let mut world = World::furnished(BoltPosition::Extended, Seconds(0));
    let _ = world.unlock();
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!((world.status().relock_in, world.next_deadline()), (None, None));
}

#[test]
fn a_hand_that_unlocks_starts_the_delay_and_one_that_locks_ends_it() {
    let mut world = World::furnished(BoltPosition::Extended, Seconds(30));
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().relock_in, Some(Seconds(30)));
    assert!(world.bolt(BoltPosition::Extended).save);
    assert_eq!(world.status().relock_in, None);
}

#[test]
fn a_new_unlock_starts_the_whole_delay_again() {
    let mut world = unlocked();
    world.wait(20_000);
    assert_eq!(world.unlock().motor, None);
    assert_eq!(world.status().relock_in, Some(Seconds(30)));
}

#[test]
fn the_relock_waits_for_the_door_and_starts_again_when_it_closes() {
    let mut world = unlocked();
    world.wait(10_000);
    assert!(world.door(DoorReading::Open).save);
    assert_eq!(world.status().relock_in, None);
    assert_eq!(world.after(3_600_000).motor, None);
    let _ = world.door(DoorReading::Closed);
    assert_eq!(world.status().relock_in, Some(Seconds(30)));
    assert_eq!(world.after(DELAY).motor, Some(Drive::Extend));
}

#[test]
fn a_sensor_that_falls_silent_after_open_does_not_close_the_door() {
    let mut world = unlocked();
    let _ = world.door(DoorReading::Open);
    let _ = world.door(DoorReading::Silent);
    assert_eq!(world.after(3_600_000).motor, None);
    let _ = world.door(DoorReading::Closed);
    assert_eq!(world.status().relock_in, Some(Seconds(30)));
}

#[test]
fn a_door_without_a_sensor_is_locked_after_the_delay() {
    let mut world = World::new();
    world.configure(Setting::AutoRelock(Seconds(30)));
    let _ = world.bolt(BoltPosition::Extended);
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.after(DELAY).motor, Some(Drive::Extend));
}

#[test]
fn the_first_reading_of_a_closed_door_does_not_start_the_delay_again() {
    let mut world = World::new();
    world.configure(Setting::AutoRelock(Seconds(30)));
    let _ = world.bolt(BoltPosition::Retracted);
    world.wait(10_000);
    let _ = world.door(DoorReading::Closed);
    assert_eq!(world.status().relock_in, Some(Seconds(20)));
}

#[test]
fn an_unlock_during_the_relock_reverses_it_and_starts_the_delay_again() {
    let mut world = unlocked();
    let _ = world.after(DELAY);
    let _ = world.bolt(BoltPosition::Between);
    let effects = world.unlock();
    assert_eq!((effects.motor, effects.superseded), (Some(Drive::Retract), None));
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().relock_in, Some(Seconds(30)));
}

#[test]
fn a_jammed_relock_is_tried_again_when_the_door_was_opened_and_closed() {
    let mut world = unlocked();
    let _ = world.after(DELAY);
    let _ = world.bolt(BoltPosition::Between);
    let _ = world.stall();
    assert_eq!(world.after(3_600_000).motor, None, "it does not grind on");
    let _ = world.door(DoorReading::Open);
    let _ = world.door(DoorReading::Closed);
    assert_eq!(world.after(DELAY).motor, Some(Drive::Extend));
}

#[test]
fn a_relock_that_the_battery_forbids_starts_when_it_recovers() {
    let mut world = unlocked();
    let _ = world.battery(3_900);
    assert_eq!(world.after(DELAY).motor, None);
    assert_eq!(world.next_deadline(), None);
    let _ = world.battery(6_000);
    assert_eq!(world.after(DELAY).motor, Some(Drive::Extend));
}

#[test]
fn a_command_to_lock_ends_the_delay() {
    let mut world = unlocked();
    let _ = world.order(Deed::Lock).unwrap();
    assert_eq!(world.status().relock_in, None);
    let _ = world.bolt(BoltPosition::Extended);
    assert_eq!(world.next_deadline(), None);
}

#[test]
fn a_new_setting_counts_from_its_commit() {
    let mut world = unlocked();
    world.wait(20_000);
    world.configure(Setting::AutoRelock(Seconds(40)));
    assert_eq!(world.status().relock_in, Some(Seconds(40)));
    world.configure(Setting::AutoRelock(Seconds(0)));
    assert_eq!(world.status().relock_in, None);
    world.configure(Setting::AutoRelock(Seconds(5)));
    assert_eq!(world.status().relock_in, Some(Seconds(5)), "a bolt that waits is not forgotten");
}

#[test]
fn another_setting_does_not_move_the_deadline() {
    let mut world = unlocked();
    world.wait(20_000);
    world.configure(Setting::Clear { table: Table::Credentials, slot: 2 });
    assert_eq!(world.status().relock_in, Some(Seconds(10)));
}
