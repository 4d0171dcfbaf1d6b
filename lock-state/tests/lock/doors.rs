//! The door: open, ajar, forced, and a sensor that contradicts itself.

use lock_proto::{Alarm, BoltPosition, Cause, DoorState, Part, Reason, Seconds, Setting};
use lock_state::{Deed, DoorReading, Drive, Indication};

use crate::world::World;

fn ajar_after(seconds: u32) -> World {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    world.mechanics(|mechanics| mechanics.ajar_after = Seconds(seconds));
    world
}

fn state(world: &World) -> DoorState {
    world.status().door.value
}

#[test]
fn an_open_door_is_ajar_after_the_setting_and_not_before() {
    let mut world = ajar_after(30);
    let _ = world.door(DoorReading::Open);
    assert_eq!(world.after(29_999).alarms.iter().next(), None);
    assert_eq!(state(&world), DoorState::Open);
    let effects = world.after(1);
    assert!(effects.alarms.contains(Alarm::DoorAjar));
    assert_eq!(effects.indicate, Some(Indication::DoorAjar));
    assert_eq!(state(&world), DoorState::Ajar);
    let _ = world.door(DoorReading::Closed);
    assert_eq!(state(&world), DoorState::Closed);
}

#[test]
fn a_door_that_closes_in_time_or_without_the_setting_is_not_ajar() {
    for seconds in [0, 30] {
        let mut world = ajar_after(seconds);
        let _ = world.door(DoorReading::Open);
        world.wait(20_000);
        if seconds > 0 {
            let _ = world.door(DoorReading::Closed);
        }
        let _ = world.after(3_600_000);
        assert_ne!(state(&world), DoorState::Ajar);
    }
}

#[test]
fn an_ajar_door_is_not_locked() {
    let mut world = ajar_after(1);
    let _ = world.door(DoorReading::Open);
    let _ = world.after(1_000);
    assert_eq!(world.order(Deed::Lock).unwrap_err().reason, Reason::DoorOpen);
}

#[test]
fn a_door_that_leaves_its_frame_with_the_bolt_thrown_was_forced() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    let effects = world.door(DoorReading::Open);
    assert!(effects.alarms.contains(Alarm::Forced));
    assert_eq!(effects.indicate, Some(Indication::Siren));
    assert_eq!(state(&world), DoorState::Forced);
    assert!(!world.status().is_locked());
    let _ = world.door(DoorReading::Closed);
    assert_eq!(state(&world), DoorState::Closed);
}

#[test]
fn a_door_that_a_boot_finds_open_was_not_forced() {
    let mut world = World::new();
    let _ = world.bolt(BoltPosition::Extended);
    assert_eq!(world.door(DoorReading::Open).alarms.iter().next(), None);
    assert_eq!(state(&world), DoorState::Open);
}

#[test]
fn a_sensor_that_changes_eight_times_in_two_seconds_is_not_believed_until_it_was_quiet() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    world.wait(60_000);
    let readings = [DoorReading::Open, DoorReading::Closed];
    for change in 0..7 {
        world.wait(100);
        assert_eq!(world.door(readings[change % 2]).alarms.iter().next(), None, "{change}");
    }
    let effects = world.door(DoorReading::Closed);
    assert!(effects.alarms.contains(Alarm::SensorFault));
    assert_eq!((state(&world), world.status().door.cause), (DoorState::Faulty, Cause::Mechanism));
    assert_eq!(world.lock.health(world.now).parts.door_sensor, Part::Contradictory);
    let _ = world.after(9_000);
    let _ = world.door(DoorReading::Open);
    let _ = world.after(9_999);
    assert_eq!(state(&world), DoorState::Faulty);
    let _ = world.after(1);
    assert_eq!(state(&world), DoorState::Open);
}

#[test]
fn seven_changes_are_a_busy_door() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    world.wait(60_000);
    for reading in [DoorReading::Open, DoorReading::Closed].into_iter().cycle().take(7) {
        let _ = world.door(reading);
    }
    assert_eq!(state(&world), DoorState::Open);
}

#[test]
fn the_bolt_is_thrown_so_long_after_the_door_was_closed() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    world.mechanics(|mechanics| mechanics.lock_on_close = Seconds(5));
    assert_eq!(world.after(3_600_000).motor, None, "nobody opened it");
    let _ = world.door(DoorReading::Open);
    assert_eq!(world.after(3_600_000).motor, None);
    let _ = world.door(DoorReading::Closed);
    assert_eq!(world.after(4_999).motor, None);
    assert_eq!(world.after(1).motor, Some(Drive::Extend));
}

#[test]
fn an_unlock_for_a_time_is_not_shortened_by_the_settings() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    world.configure(Setting::AutoRelock(Seconds(10)));
    let _ = world.order(Deed::UnlockFor(Seconds(120))).unwrap();
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().relock_in, Some(Seconds(120)));
    assert_eq!(world.after(119_999).motor, None);
    assert_eq!(world.after(1).motor, Some(Drive::Extend));
}

#[test]
fn an_unlock_for_no_time_or_more_than_a_day_is_refused() {
    for (seconds, allowed) in [(0, false), (1, true), (86_400, true), (86_401, false)] {
        let mut world = World::with_bolt(BoltPosition::Extended);
        let refusal = world.order(Deed::UnlockFor(Seconds(seconds))).err();
        let expected = (!allowed).then_some(Reason::InvalidArgument);
        assert_eq!(refusal.map(|refusal| refusal.reason), expected, "{seconds}");
    }
}

#[test]
fn lock_n_go_locks_when_the_door_was_opened_and_closed() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    let _ = world.order(Deed::LockNGo).unwrap();
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().relock_in, Some(Seconds(20)));
    world.wait(5_000);
    let _ = world.door(DoorReading::Open);
    assert_eq!(world.after(60_000).motor, None);
    let _ = world.door(DoorReading::Closed);
    assert_eq!(world.after(1_999).motor, None);
    assert_eq!(world.after(1).motor, Some(Drive::Extend));
}

#[test]
fn lock_n_go_locks_a_door_that_nobody_opened() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    let _ = world.order(Deed::LockNGo).unwrap();
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.after(20_000).motor, Some(Drive::Extend));
}
