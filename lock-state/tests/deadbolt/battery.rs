//! What the battery allows and when people hear of it.

use lock_proto::{Alarm, BoltPosition, Millivolts, Reason, Seconds};
use lock_state::{
    CRITICAL_BELOW, CRITICAL_UNTIL, Drive, Effects, Indication, LOW_BELOW, LOW_UNTIL, MotionAction,
};

use crate::world::World;

#[test]
fn a_battery_that_was_never_read_is_unknown_and_forbids_nothing() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    assert_eq!(world.status().battery, None);
    assert_eq!(world.lock().motor, Some(Drive::Extend));
}

#[test]
fn a_reading_grows_old() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.battery(6_100);
    world.wait(90_000);
    let battery = world.status().battery.unwrap();
    assert_eq!((battery.resting, battery.age), (Millivolts(6_100), Seconds(90)));
}

#[test]
fn a_low_battery_is_an_alarm_once() {
    for (reading, low) in [(LOW_BELOW.0 + 1, false), (LOW_BELOW.0, false), (LOW_BELOW.0 - 1, true)] {
        let mut world = World::with_bolt(BoltPosition::Retracted);
        let effects = world.battery(reading);
        assert_eq!(effects.alarm, low.then_some(Alarm::BatteryLow), "{reading}");
        assert_eq!(effects.indicate, low.then_some(Indication::BatteryLow));
        assert!(effects.changed);
        assert_eq!(world.battery(reading), Effects::NONE);
    }
}

#[test]
fn a_low_battery_that_recovers_a_little_does_not_flicker() {
    for (rested, good) in [(LOW_UNTIL.0 - 1, false), (LOW_UNTIL.0, true), (LOW_UNTIL.0 + 1, true)] {
        let mut world = World::with_bolt(BoltPosition::Retracted);
        let _ = world.battery(LOW_BELOW.0 - 1);
        assert_eq!(world.battery(rested).changed, good, "{rested}");
        assert_eq!(world.battery(LOW_BELOW.0 - 1).alarm.is_some(), good);
    }
}

#[test]
fn a_critical_battery_refuses_to_lock_and_tries_to_unlock() {
    for (reading, critical) in
        [(CRITICAL_BELOW.0 + 1, false), (CRITICAL_BELOW.0, false), (CRITICAL_BELOW.0 - 1, true)]
    {
        let mut world = World::with_bolt(BoltPosition::Between);
        let _ = world.battery(reading);
        let refusal = world.order(MotionAction::Lock).err().map(|refusal| refusal.reason);
        assert_eq!(refusal, critical.then_some(Reason::BatteryCritical), "{reading}");
        assert_eq!(world.unlock().motor, Some(Drive::Retract));
    }
}

#[test]
fn a_battery_that_becomes_critical_is_a_second_alarm() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    assert!(world.battery(4_400).alarm.is_some());
    assert!(world.battery(3_900).alarm.is_some());
    assert_eq!(world.battery(4_300).alarm, None, "better, and still low");
}

#[test]
fn a_critical_battery_stays_so_until_it_has_recovered() {
    for (rested, critical) in [(CRITICAL_UNTIL.0 - 1, true), (CRITICAL_UNTIL.0, false)] {
        let mut world = World::with_bolt(BoltPosition::Retracted);
        let _ = world.battery(CRITICAL_BELOW.0 - 1);
        let _ = world.battery(rested);
        assert_eq!(world.order(MotionAction::Lock).is_err(), critical, "{rested}");
    }
}
