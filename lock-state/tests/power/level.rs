//! What the battery allows.

use lock_proto::{Alarm, BatteryLevel, Millivolts, PowerSupply, Supply};
use lock_state::power::{Chemistry, LevelChange, Mains, PowerEvents, Sag};

use crate::world::World;

const CHEMISTRIES: [(Supply, Chemistry); 3] = [
    (Supply::Alkaline, Chemistry::ALKALINE),
    (Supply::Lithium, Chemistry::LITHIUM),
    (Supply::NiMh, Chemistry::NIMH),
];

#[test]
fn a_battery_that_was_never_read_is_unknown_and_not_empty() {
    let world = World::alkaline();
    assert_eq!(world.power.level(), BatteryLevel::Unknown);
    assert_eq!(world.power.percent(), None);
}

#[test]
fn four_alkaline_cells_are_judged_at_the_lines_of_old() {
    for (millivolts, level) in [
        (4_500, BatteryLevel::Good),
        (4_499, BatteryLevel::Low),
        (4_000, BatteryLevel::Low),
        (3_999, BatteryLevel::Critical),
    ] {
        let mut world = World::alkaline();
        let _ = world.read(millivolts);
        assert_eq!(world.power.level(), level, "{millivolts}");
    }
}

#[test]
fn each_chemistry_has_its_lines_and_each_line_its_hysteresis() {
    for (supply, chemistry) in CHEMISTRIES {
        for (offset, low) in [(1, false), (0, false), (-1, true)] {
            let mut world = World::with(supply);
            let events = world.read(chemistry.low_below.0.saturating_add_signed(offset) * 4);
            assert_eq!(events.level == Some(LevelChange::Low), low, "{supply:?} {offset}");
        }
        for (offset, good) in [(-1, false), (0, true), (1, true)] {
            let mut world = World::with(supply);
            let _ = world.read(chemistry.low_below.0 * 4 - 1);
            let _ = world.read(chemistry.low_until.0.saturating_add_signed(offset) * 4);
            assert_eq!(world.power.level() == BatteryLevel::Good, good, "{supply:?} {offset}");
        }
        for (offset, critical) in [(1, false), (0, false), (-1, true)] {
            let mut world = World::with(supply);
            let events = world.read(chemistry.critical_below.0.saturating_add_signed(offset) * 4);
            assert_eq!(events.level == Some(LevelChange::Critical), critical, "{supply:?} {offset}");
        }
        for (offset, critical) in [(-1, true), (0, false), (1, false)] {
            let mut world = World::with(supply);
            let _ = world.read(chemistry.critical_below.0 * 4 - 1);
            let _ = world.read(chemistry.critical_until.0.saturating_add_signed(offset) * 4);
            assert_eq!(world.power.level() == BatteryLevel::Critical, critical, "{supply:?} {offset}");
        }
    }
}

#[test]
fn a_low_battery_is_an_alarm_once_and_a_critical_one_is_a_second() {
    let mut world = World::alkaline();
    assert_eq!(world.read(4_400).alarms(), [Some(Alarm::BatteryLow), None]);
    assert_eq!(world.read(4_400), PowerEvents::NONE);
    assert_eq!(world.read(3_900).alarms(), [Some(Alarm::BatteryCritical), None]);
    assert_eq!(world.read(4_300).alarms(), [None, None], "better, and still low");
    assert_eq!(world.power.level(), BatteryLevel::Low);
}

#[test]
fn a_voltage_that_collapses_under_the_motor_is_critical_however_good_it_rests() {
    for (supply, chemistry) in CHEMISTRIES {
        for (offset, critical) in [(1, false), (0, false), (-1, true)] {
            let mut world = World::with(supply);
            let _ = world.read(chemistry.new_from.0 * 4);
            let events = world.drive(chemistry.sag_below.0.saturating_add_signed(offset) * 4);
            assert_eq!(events.level, critical.then_some(LevelChange::Critical), "{supply:?} {offset}");
        }
    }
}

#[test]
fn a_collapse_ends_with_a_drive_that_goes_well_and_not_with_a_rest() {
    let line = Chemistry::ALKALINE.sag_until.0 * 4;
    for (lowest, critical) in [(line - 1, true), (line, false), (line + 1, false)] {
        let mut world = World::alkaline();
        let _ = world.read(5_600);
        let _ = world.drive(3_000);
        let _ = world.read(5_600);
        assert_eq!(world.power.level(), BatteryLevel::Critical);
        let events = world.drive(lowest);
        assert_eq!(events.level, (!critical).then_some(LevelChange::Better), "{lowest}");
    }
}

#[test]
fn a_drive_before_any_reading_is_evidence_only_when_it_goes_badly() {
    let mut world = World::alkaline();
    assert_eq!(world.drive(5_000).level, None);
    assert_eq!(world.power.level(), BatteryLevel::Unknown);
    assert_eq!(world.drive(3_000).level, Some(LevelChange::Critical));
}

#[test]
fn the_mains_has_no_level_and_no_percent() {
    let mut world = World::boot(
        lock_state::power::SavedPower::default(),
        PowerSupply { supply: Supply::Mains, cells: 0 },
    );
    assert_eq!(world.read(3_000), PowerEvents::NONE);
    assert_eq!(world.drive(1_000), PowerEvents::NONE);
    assert_eq!((world.power.level(), world.power.percent()), (BatteryLevel::Unknown, None));
}

#[test]
fn while_the_mains_is_there_a_weak_battery_forbids_nothing_and_comes_back_with_the_cells() {
    let mut world = World::alkaline();
    let _ = world.read(3_900);
    world.power.mains(Mains::Present);
    assert_eq!((world.power.level(), world.power.percent()), (BatteryLevel::Unknown, None));
    assert_eq!(world.read(6_400), PowerEvents::NONE, "that is the feed");
    world.power.mains(Mains::Absent);
    assert_eq!(world.power.level(), BatteryLevel::Critical);
    assert_eq!(world.read(3_900).alarms(), [None, None], "told already");
}

#[test]
fn another_supply_begins_anew() {
    let mut world = World::alkaline();
    let _ = world.read(4_800);
    let _ = world.drive(3_000);
    world.power.set_supply(PowerSupply { supply: Supply::NiMh, cells: 4 });
    assert_eq!((world.power.level(), world.power.sag()), (BatteryLevel::Unknown, Sag::Holds));
    assert!(world.read(4_800).save);
    assert_eq!(world.power.level(), BatteryLevel::Good);
    assert_eq!(world.power.percent(), Some(15));
}

#[test]
fn the_same_supply_again_changes_nothing() {
    let mut world = World::alkaline();
    let _ = world.read(4_400);
    world.power.set_supply(PowerSupply::default());
    assert_eq!(world.power.level(), BatteryLevel::Low);
}

#[test]
fn a_count_of_cells_out_of_range_counts_as_the_nearest() {
    for (cells, counted) in [(0, 1), (1, 1), (8, 8), (9, 8), (255, 8)] {
        let supply = PowerSupply { supply: Supply::Alkaline, cells };
        let mut world = World::boot(lock_state::power::SavedPower::default(), supply);
        let _ = world.read(1_300 * counted);
        assert_eq!(world.power.percent(), Some(48), "{cells}");
    }
}

#[test]
fn the_lines_are_in_order() {
    for (supply, chemistry) in CHEMISTRIES {
        let lines = [
            Millivolts(0),
            chemistry.sag_below,
            chemistry.sag_until,
            chemistry.critical_below,
            chemistry.critical_until,
            chemistry.low_below,
            chemistry.low_until,
            chemistry.new_from,
            chemistry.highest,
        ];
        assert!(lines.is_sorted(), "{supply:?} {lines:?}");
    }
}
