//! Whether the battery was replaced, when, and by what.

use lock_proto::{BatteryLevel, PowerSupply, Supply, UnixMillis};
use lock_state::power::{Chemistry, LevelChange, Plausibility, SavedPower};

use crate::world::{HOUR, NEW_YEAR, World};

#[test]
fn a_jump_upwards_is_a_replacement() {
    for (supply, chemistry) in [
        (Supply::Alkaline, Chemistry::ALKALINE),
        (Supply::Lithium, Chemistry::LITHIUM),
        (Supply::NiMh, Chemistry::NIMH),
    ] {
        let jump = chemistry.replaced_by.0;
        for (rise, replaced) in [(jump - 1, false), (jump, true), (jump + 1, true)] {
            let mut world = World::with(supply);
            let _ = world.read(1_200 * 4);
            let _ = world.read(1_200 * 4);
            assert_eq!(world.read((1_200 + rise) * 4).replaced, replaced, "{supply:?} {rise}");
        }
    }
}

#[test]
fn a_drop_is_never_a_replacement() {
    let mut world = World::alkaline();
    for millivolts in [6_400, 5_000, 4_000, 0] {
        assert!(!world.read(millivolts).replaced);
    }
}

#[test]
fn one_reading_that_was_too_low_does_not_make_the_next_a_replacement() {
    let mut world = World::alkaline();
    let _ = world.read(5_600);
    let _ = world.read(4_600);
    assert!(!world.read(5_600).replaced);
}

#[test]
fn a_replacement_across_a_boot_is_seen_by_the_first_reading() {
    let mut world = World::alkaline();
    let _ = world.read(4_400);
    let mut world = world.reboot();
    let events = world.read(6_300);
    assert!(events.replaced && events.save);
    assert_eq!(events.level, Some(LevelChange::Better));
}

#[test]
fn warming_up_is_no_replacement() {
    let mut world = World::alkaline();
    let _ = world.read_at(4_800 - 240, -20);
    let mut world = world.reboot();
    assert!(!world.read_at(4_900, 20).replaced);
}

#[test]
fn a_replacement_is_dated_to_the_hour_where_the_time_is_trusted() {
    let mut world = World::alkaline();
    let _ = world.read(4_400);
    assert_eq!(world.power.health(world.now()).replaced_at, None);
    let _ = world.read_dated(6_300, NEW_YEAR + HOUR + 1);
    assert_eq!(world.power.health(world.now()).replaced_at, Some(UnixMillis(NEW_YEAR + HOUR)));
    let world = world.reboot();
    assert_eq!(world.power.health(world.now()).replaced_at, Some(UnixMillis(NEW_YEAR + HOUR)));
}

#[test]
fn a_replacement_before_the_time_was_trusted_is_dated_afterwards() {
    let mut world = World::alkaline();
    let _ = world.read(4_400);
    let _ = world.read(6_300);
    world.wait_hours(5);
    let _ = world.read_dated(6_250, NEW_YEAR + 5 * HOUR);
    assert_eq!(world.power.health(world.now()).replaced_at, Some(UnixMillis(NEW_YEAR)));
}

#[test]
fn a_new_battery_that_is_low_again_is_an_alarm_again() {
    let mut world = World::alkaline();
    let _ = world.read(3_500);
    let _ = world.read(3_500);
    let events = world.read(4_400);
    assert!(events.replaced);
    assert_eq!(events.level, Some(LevelChange::Low));
}

#[test]
fn a_critical_battery_in_place_of_a_critical_one_is_told_again() {
    let mut world = World::alkaline();
    let _ = world.read(3_200);
    let events = world.read(3_900);
    assert!(events.replaced);
    assert_eq!(events.level, Some(LevelChange::Critical));
}

#[test]
fn a_new_battery_is_not_blamed_for_the_collapse_of_the_old() {
    let mut world = World::alkaline();
    let _ = world.read(5_000);
    let _ = world.drive(2_800);
    assert_eq!(world.power.level(), BatteryLevel::Critical);
    let _ = world.read(6_300);
    assert_eq!(world.power.level(), BatteryLevel::Good);
}

#[test]
fn lithium_set_as_alkaline_reads_too_high_and_has_no_percent() {
    let line = Chemistry::ALKALINE.highest.0 * 4;
    for (millivolts, above) in [(line, false), (line + 3, false), (line + 4, true)] {
        let mut world = World::alkaline();
        assert!(!world.read(millivolts).implausible, "one reading does not decide");
        assert_eq!(world.read(millivolts).implausible, above, "{millivolts}");
        assert_eq!(world.power.percent(), if above { None } else { Some(100) });
    }
}

#[test]
fn one_reading_too_high_is_forgotten() {
    let mut world = World::alkaline();
    let _ = world.read(6_900);
    assert_eq!(world.power.plausibility(), Plausibility::AboveOnce);
    let _ = world.read(6_400);
    assert_eq!(world.power.plausibility(), Plausibility::Plausible);
}

#[test]
fn a_wrong_chemistry_stays_wrong_when_it_empties_and_after_a_reboot() {
    let mut world = World::alkaline();
    let _ = world.read(7_000);
    let _ = world.read(7_000);
    let _ = world.read(6_200);
    let mut world = world.reboot();
    assert!(!world.read(6_200).implausible, "told already");
    assert_eq!(world.power.percent(), None);
    world.power.set_supply(PowerSupply { supply: Supply::Lithium, cells: 4 });
    let _ = world.read(6_200);
    assert_eq!(world.power.percent(), Some(10));
}

#[test]
fn cells_of_1_2_volts_set_as_alkaline_are_told_when_put_in_and_never_read_full() {
    let mut world = World::alkaline();
    let _ = world.read(4_400);
    let events = world.read(5_400);
    assert!(events.replaced && events.implausible);
    assert_eq!(world.power.plausibility(), Plausibility::NeverFull);
    assert_eq!(world.power.percent(), Some(59));
    assert!(!world.read(5_400).implausible, "once");
}

#[test]
fn a_new_battery_reads_like_one_from_its_line_on() {
    let line = Chemistry::ALKALINE.new_from.0 * 4;
    for (millivolts, told) in [(line - 1, true), (line, false), (line + 1, false)] {
        let mut world = World::alkaline();
        let _ = world.read(4_400);
        assert_eq!(world.read(millivolts).implausible, told, "{millivolts}");
    }
}

#[test]
fn the_first_battery_of_a_lock_is_no_replacement() {
    let mut world = World::boot(SavedPower::default(), PowerSupply::default());
    assert!(!world.read(6_400).replaced);
}
