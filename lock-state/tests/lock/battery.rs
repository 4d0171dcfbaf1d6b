//! What the battery allows the lock, and when people hear of it; what it knows of itself is tested in `tests/power`. Four alkaline
//! cells, as made.

use lock_proto::{
    Alarm, BatteryLevel, BoltPosition, Celsius, CriticalBattery, Millivolts, Policy, PowerSupply, Reason,
    Seconds, Setting, Supply, UnixMillis,
};
use lock_state::{Deed, Drive, Effects, Indication, PowerReading, Voltage};

use crate::world::{NOON, World};

const LOW: u16 = 4_500;
const LOW_UNTIL: u16 = 4_700;
const CRITICAL: u16 = 4_000;
const CRITICAL_UNTIL: u16 = 4_200;
const DAY: u64 = 24 * 3_600_000;

fn loaded(world: &mut World, millivolts: u16) -> Effects {
    world.lock.power_read(PowerReading::loaded(Millivolts(millivolts)), world.now)
}

fn alarm(effects: &Effects) -> Option<Alarm> {
    effects.alarms.iter().next()
}

#[test]
fn a_battery_that_was_never_read_is_unknown_and_forbids_nothing() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    assert_eq!(world.status().battery, None);
    assert_eq!(world.lock().motor, Some(Drive::Extend));
}

#[test]
fn a_reading_grows_old_and_says_how_much_is_left() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.battery(6_100);
    world.wait(90_000);
    let battery = world.status().battery.unwrap();
    assert_eq!((battery.resting, battery.age), (Millivolts(6_100), Seconds(90)));
    assert!(battery.percent.is_some_and(|percent| (80..=100).contains(&percent)));
}

#[test]
fn a_low_battery_is_an_alarm_once() {
    for (reading, low) in [(LOW + 4, false), (LOW, false), (LOW - 4, true)] {
        let mut world = World::with_bolt(BoltPosition::Retracted);
        let effects = world.battery(reading);
        assert_eq!(alarm(&effects), low.then_some(Alarm::BatteryLow), "{reading}");
        assert_eq!(effects.indicate, low.then_some(Indication::BatteryLow));
        assert!(effects.changed);
        assert_eq!(world.battery(reading), Effects::NONE);
    }
}

#[test]
fn a_low_battery_that_recovers_a_little_does_not_flicker() {
    for (rested, good) in [(LOW_UNTIL - 4, false), (LOW_UNTIL, true), (LOW_UNTIL + 4, true)] {
        let mut world = World::with_bolt(BoltPosition::Retracted);
        let _ = world.battery(LOW - 4);
        assert_eq!(world.battery(rested).changed, good, "{rested}");
        assert_eq!(alarm(&world.battery(LOW - 4)).is_some(), good);
    }
}

#[test]
fn a_critical_battery_refuses_to_lock_and_tries_to_unlock() {
    for (reading, critical) in [(CRITICAL + 4, false), (CRITICAL, false), (CRITICAL - 4, true)] {
        let mut world = World::with_bolt(BoltPosition::Between);
        let effects = world.battery(reading);
        assert_eq!(effects.alarms.contains(Alarm::BatteryCritical), critical);
        let refusal = world.order(Deed::Lock).err().map(|refusal| refusal.reason);
        assert_eq!(refusal, critical.then_some(Reason::BatteryCritical), "{reading}");
        assert_eq!(world.unlock().motor, Some(Drive::Retract));
    }
}

#[test]
fn a_battery_that_becomes_critical_is_a_second_alarm() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    assert_eq!(alarm(&world.battery(4_400)), Some(Alarm::BatteryLow));
    assert_eq!(alarm(&world.battery(3_900)), Some(Alarm::BatteryCritical));
    assert_eq!(alarm(&world.battery(4_300)), None, "better, and still low");
}

#[test]
fn a_critical_battery_stays_so_until_it_has_recovered() {
    for (rested, critical) in [(CRITICAL_UNTIL - 4, true), (CRITICAL_UNTIL, false)] {
        let mut world = World::with_bolt(BoltPosition::Retracted);
        let _ = world.battery(CRITICAL - 4);
        let _ = world.battery(rested);
        assert_eq!(world.order(Deed::Lock).is_err(), critical, "{rested}");
    }
}

#[test]
fn a_battery_that_breaks_down_under_load_is_critical_however_it_rests() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.battery(5_600);
    assert_eq!(alarm(&loaded(&mut world, 4_800)), None);
    assert_eq!(alarm(&loaded(&mut world, 2_800)), Some(Alarm::BatteryCritical));
    assert_eq!(world.lock.health(world.now).power.level, BatteryLevel::Critical);
    assert_eq!(world.order(Deed::Lock).err().map(|refusal| refusal.reason), Some(Reason::BatteryCritical));
}

#[test]
fn fail_safe_withdraws_the_bolt_while_it_can_and_fail_secure_does_not() {
    for (policy, motor) in
        [(CriticalBattery::FailSafe, Some(Drive::Retract)), (CriticalBattery::FailSecure, None)]
    {
        let mut world = World::with_bolt(BoltPosition::Extended);
        world.configure(Setting::Policy(Policy { critical_battery: policy, ..Policy::default() }));
        assert_eq!(world.battery(3_900).motor, motor);
    }
}

#[test]
fn new_batteries_are_noticed_and_dated_across_a_boot() {
    for (reading, replaced) in [(6_200, true), (4_700, false)] {
        let mut world = World::with_bolt(BoltPosition::Retracted);
        let _ = world.time(NOON, 0).unwrap();
        let _ = world.battery(4_600);
        world.reboot();
        let _ = world.time(UnixMillis(NOON.0 + DAY), 0).unwrap();
        let effects = world.battery(reading);
        assert!(effects.save_upkeep || !replaced, "{reading}");
        let replaced_at = world.lock.health(world.now).power.replaced_at;
        assert_eq!(replaced_at.is_some(), replaced, "{reading}");
    }
}

#[test]
fn the_mains_have_no_charge_and_no_level() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    world.configure(Setting::PowerSupply(PowerSupply { supply: Supply::Mains, cells: 0 }));
    assert_eq!(world.battery(100), Effects::NONE);
    let power = world.lock.health(world.now).power;
    assert_eq!((power.level, power.percent), (BatteryLevel::Unknown, None));
}

#[test]
fn the_temperature_stands_in_the_health_report() {
    let mut world = World::new();
    let reading =
        PowerReading { voltage: Voltage::Resting(Millivolts(5_000)), temperature: Some(Celsius(-12)) };
    let _ = world.lock.power_read(reading, world.now);
    assert_eq!(world.lock.health(world.now).power.temperature, Some(Celsius(-12)));
}
