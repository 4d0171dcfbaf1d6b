//! What survives a reboot.

use lock_proto::{BatteryLevel, Millivolts, PowerSupply, wire};
use lock_state::power::{
    Charge, Drain, Plausibility, PowerEvents, SAVE_INTERVAL_MS, Sag, SavedPower, SavedTrend,
};

use crate::world::{HOUR, World};

#[test]
fn the_longest_state_has_24_bytes_or_less() {
    let longest = SavedPower {
        cell: Some(Millivolts(u16::MAX)),
        trend: SavedTrend::Known { charge: Charge::FULL, hours: u16::MAX, rate: u16::MAX },
        replaced_hours: Some(u32::MAX),
        level: BatteryLevel::Critical,
        sag: Sag::CollapsesInTheCold,
        plausibility: Plausibility::NeverFull,
        drain: Drain::Rapid,
    };
    let mut buffer = [0; SavedPower::LONGEST];
    assert_eq!(wire::write(&longest, &mut buffer).unwrap().len(), SavedPower::LONGEST);
    assert_eq!(wire::read::<SavedPower>(&buffer).unwrap(), longest);
    const { assert!(SavedPower::LONGEST <= 24) };
}

#[test]
fn percent_and_trend_survive_and_the_level_waits_for_a_reading() {
    let mut world = World::alkaline();
    let _ = world.read(5_600);
    world.wait_hours(48);
    let _ = world.read(5_500);
    let (percent, days) = (world.power.percent(), world.days_left());
    assert!(days.is_some());
    let world = world.reboot();
    assert_eq!((world.power.percent(), world.days_left()), (percent, days));
    assert_eq!(world.power.level(), BatteryLevel::Unknown);
    assert_eq!(world.power.fact(world.now()), None, "not read since boot");
}

#[test]
fn a_day_counts_across_reboots() {
    let mut world = World::alkaline();
    let _ = world.read(5_600);
    for _ in 0..4 {
        world.wait_hours(7);
        let _ = world.read(5_580);
        world = world.reboot();
    }
    let _ = world.read(5_580);
    assert!(world.days_left().is_some());
}

#[test]
fn an_alarm_is_not_repeated_after_a_reboot() {
    let mut world = World::alkaline();
    let _ = world.read(4_400);
    let mut world = world.reboot();
    assert_eq!(world.read(4_600).alarms(), [None, None], "within the hysteresis");
    assert_eq!(world.power.level(), BatteryLevel::Low);
    assert_eq!(world.read(4_400).alarms(), [None, None]);
}

#[test]
fn a_collapse_under_the_motor_survives_the_brown_out_that_it_caused() {
    let mut world = World::alkaline();
    let _ = world.read(5_200);
    let _ = world.drive(2_000);
    let mut world = world.reboot();
    let _ = world.read(5_200);
    assert_eq!(world.power.level(), BatteryLevel::Critical);
}

#[test]
fn a_save_is_asked_for_at_the_first_reading_and_every_six_hours() {
    for (wait, save) in
        [(SAVE_INTERVAL_MS - 1, false), (SAVE_INTERVAL_MS, true), (SAVE_INTERVAL_MS + 1, true)]
    {
        let mut world = World::alkaline();
        assert!(world.read(5_600).save);
        world.now += wait;
        assert_eq!(world.read(5_600).save, save, "{wait}");
    }
}

#[test]
fn nothing_new_is_no_event() {
    let mut world = World::alkaline();
    let _ = world.read(5_600);
    world.now += HOUR;
    assert_eq!(world.read(5_600), PowerEvents::NONE);
}

#[test]
fn storage_that_holds_nonsense_is_no_harm() {
    let saved = SavedPower {
        trend: SavedTrend::Known {
            charge: wire::read(&[0xff, 0xff, 0x03]).unwrap(),
            hours: u16::MAX,
            rate: 0,
        },
        cell: Some(Millivolts(u16::MAX)),
        replaced_hours: Some(u32::MAX),
        ..SavedPower::default()
    };
    let mut world = World::boot(saved, PowerSupply::default());
    assert_eq!(world.power.percent(), Some(100));
    let _ = world.read(0);
    let _ = world.power.health(world.now());
}
