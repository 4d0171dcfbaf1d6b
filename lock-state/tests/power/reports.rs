//! What the lock says of its power supply.

use lock_proto::{BatteryFact, BatteryLevel, Celsius, Millivolts, PowerHealth, PowerSupply, Seconds};

use crate::world::World;

#[test]
fn a_reading_grows_old() {
    let mut world = World::alkaline();
    let _ = world.read(6_100);
    world.now += 90_999;
    let fact = BatteryFact { resting: Millivolts(6_100), percent: Some(93), age: Seconds(90) };
    assert_eq!(world.power.fact(world.now()), Some(fact));
}

#[test]
fn a_lock_that_never_read_its_battery_says_so() {
    let world = World::alkaline();
    assert_eq!(world.power.health(world.now()), PowerHealth::default());
    assert_eq!(world.power.fact(world.now()), None);
}

#[test]
fn the_report_holds_all_that_was_fed() {
    let mut world = World::alkaline();
    let _ = world.read_at(5_600, 21);
    let _ = world.drive(4_800);
    world.power.keypad(Millivolts(2_900));
    world.now += 5_000;
    assert_eq!(
        world.power.health(world.now()),
        PowerHealth {
            supply: PowerSupply::default(),
            level: BatteryLevel::Good,
            resting: Some(Millivolts(5_600)),
            loaded: Some(Millivolts(4_800)),
            temperature: Some(Celsius(21)),
            percent: Some(70),
            read_ago: Some(Seconds(5)),
            days_left: None,
            replaced_at: None,
            rapid_drain: false,
            keypad: Some(Millivolts(2_900)),
        }
    );
}
