//! What the cold does.

use lock_proto::{BatteryLevel, Celsius, Millivolts, Supply};
use lock_state::power::{COLD_AT, LevelChange, Resting, Sag, WARM};

use crate::world::World;

#[test]
fn a_battery_that_is_only_cold_is_not_low() {
    let mut warm = World::alkaline();
    let _ = warm.read_at(4_400, 20);
    assert_eq!(warm.power.level(), BatteryLevel::Low);

    let mut cold = World::alkaline();
    let _ = cold.read_at(4_400, 0);
    assert_eq!(cold.power.level(), BatteryLevel::Good);
    assert!(cold.power.percent() > warm.power.percent());
}

#[test]
fn the_correction_grows_with_the_cold_down_to_20_below() {
    let percents = [21, 20, 0, -19, -20, -21, -128].map(|degrees| {
        let mut world = World::alkaline();
        let _ = world.read_at(5_200, degrees);
        world.power.percent().unwrap()
    });
    assert_eq!(percents, [48, 48, 54, 60, 61, 61, 61]);
}

#[test]
fn without_a_thermometer_nothing_is_corrected_and_nothing_is_cold() {
    let mut world = World::alkaline();
    let reading = Resting { voltage: Millivolts(5_200), temperature: None };
    let _ = world.power.resting(reading, world.now(), None);
    assert_eq!(world.power.percent(), Some(48));
    assert!(!world.power.is_cold());
}

#[test]
fn it_is_cold_at_zero_for_cells_that_suffer() {
    for (supply, degrees, cold) in [
        (Supply::Alkaline, COLD_AT.0 + 1, false),
        (Supply::Alkaline, COLD_AT.0, true),
        (Supply::Alkaline, COLD_AT.0 - 1, true),
        (Supply::NiMh, COLD_AT.0, true),
        (Supply::Lithium, COLD_AT.0, false),
        (Supply::Mains, COLD_AT.0, false),
    ] {
        let mut world = World::with(supply);
        let _ = world.read_at(5_600, degrees);
        assert_eq!(world.power.is_cold(), cold, "{supply:?} {degrees}");
        assert_eq!(world.power.health(world.now()).temperature, Some(Celsius(degrees)));
    }
}

#[test]
fn a_collapse_in_the_cold_is_critical_and_ends_in_the_warm() {
    for (degrees, critical) in [(WARM.0 - 1, true), (WARM.0, false), (WARM.0 + 1, false)] {
        let mut world = World::alkaline();
        let _ = world.read_at(5_400, -5);
        assert_eq!(world.drive(3_000).level, Some(LevelChange::Critical));
        assert_eq!(world.power.sag(), Sag::CollapsesInTheCold);
        let _ = world.read_at(5_500, degrees);
        assert_eq!(world.power.level() == BatteryLevel::Critical, critical, "{degrees}");
    }
}

#[test]
fn a_collapse_in_the_warm_stays_when_it_gets_warmer() {
    let mut world = World::alkaline();
    let _ = world.read_at(5_400, 15);
    let _ = world.drive(3_000);
    let _ = world.read_at(5_500, 30);
    assert_eq!(world.power.level(), BatteryLevel::Critical);
}
