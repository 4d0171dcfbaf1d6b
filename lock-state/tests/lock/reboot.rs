//! What a power cut leaves, and what it must not shorten.

use lock_proto::{BoltPosition, Mode, Seconds, Setting, UnixMillis};
use lock_state::{
    Deed, DoorReading, Drive, Initiative, LONGEST_LOCKOUT_MS, RecordError, SAVE_INTERVAL_MS, Saved,
};

use crate::world::{WRONG, World};

fn unlocked(delay: u32) -> World {
    World::furnished(BoltPosition::Retracted, Seconds(delay))
}

#[test]
fn a_relock_goes_on_at_its_remainder_once_the_bolt_is_sensed_withdrawn() {
    let mut world = unlocked(300);
    world.wait(100_000);
    world.reboot();
    world.wait(50_000);
    assert_eq!(world.status().relock_in, None, "nobody knows yet where the bolt is");
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().relock_in, Some(Seconds(200)));
    assert_eq!(world.after(200_000).motor, Some(Drive::Extend));
}

#[test]
fn a_relock_after_a_boot_is_never_later_than_the_setting() {
    let mut world = unlocked(30);
    world.reboot_with(Saved { relock_remaining: Some(300_000), ..Saved::default() });
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().relock_in, Some(Seconds(30)));
}

/// Power failed between the record of the setting and that of its effect.
#[test]
fn a_relock_of_a_setting_that_was_switched_off_does_not_come_back() {
    let mut world = unlocked(0);
    world.reboot_with(Saved { relock_remaining: Some(300_000), ..Saved::default() });
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().relock_in, None);
    assert_eq!(world.saved().relock_remaining, None);
}

#[test]
fn the_relock_of_an_unlock_for_a_time_outlives_reboots_and_settings() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    let _ = world.order(Deed::UnlockFor(Seconds(300))).unwrap();
    let _ = world.bolt(BoltPosition::Retracted);
    world.wait(100_000);
    world.configure(Setting::AutoRelock(Seconds(10)));
    world.configure(Setting::AutoRelock(Seconds(0)));
    assert_eq!(world.status().relock_in, Some(Seconds(200)));
    for remaining in [150, 100] {
        world.wait(50_000);
        world.reboot();
        let _ = world.bolt(BoltPosition::Retracted);
        assert_eq!(world.status().relock_in, Some(Seconds(remaining)));
    }
    let _ = world.door(DoorReading::Open);
    world.reboot();
    let _ = world.door(DoorReading::Open);
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().relock_in, None);
    let _ = world.door(DoorReading::Closed);
    assert_eq!(world.status().relock_in, Some(Seconds(100)));
    assert_eq!(world.after(100_000).motor, Some(Drive::Extend));
}

#[test]
fn a_bolt_that_a_boot_finds_withdrawn_is_thrown_after_the_delay() {
    let mut world = unlocked(30);
    world.reboot_with(Saved::default());
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().relock_in, Some(Seconds(30)));
}

#[test]
fn a_bolt_that_a_power_cut_left_half_way_is_thrown_after_the_delay() {
    let mut world = unlocked(30);
    assert_eq!(world.after(30_000).motor, Some(Drive::Extend));
    let _ = world.bolt(BoltPosition::Between);
    world.reboot();
    let _ = world.door(DoorReading::Closed);
    let _ = world.bolt(BoltPosition::Between);
    assert_eq!(world.status().relock_in, Some(Seconds(30)));
    assert_eq!(world.after(30_000).motor, Some(Drive::Extend));
}

#[test]
fn a_bolt_that_a_boot_finds_thrown_ends_the_relock() {
    let mut world = unlocked(30);
    world.reboot();
    let _ = world.bolt(BoltPosition::Extended);
    assert_eq!(world.saved().relock_remaining, None);
}

#[test]
fn an_open_door_at_boot_holds_the_relock() {
    let mut world = unlocked(30);
    world.reboot();
    let _ = world.door(DoorReading::Open);
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().relock_in, None);
    let _ = world.door(DoorReading::Closed);
    assert_eq!(world.status().relock_in, Some(Seconds(30)));
}

#[test]
fn reboots_before_the_bolt_is_sensed_lose_no_deadline() {
    let mut world = unlocked(300);
    world.wait(100_000);
    for _ in 0..10 {
        world.reboot();
    }
    assert_eq!(world.saved().relock_remaining, Some(200_000));
}

#[test]
fn a_running_deadline_is_saved_every_minute() {
    let mut world = unlocked(300);
    for _ in 0..4 {
        assert_eq!(world.lock.poll_timeout(), Some(world.now.plus_millis(SAVE_INTERVAL_MS)));
        let effects = world.after(SAVE_INTERVAL_MS);
        assert!(effects.save && !effects.changed);
    }
    assert!(!world.after(1).save);
    world.configure(Setting::AutoRelock(Seconds(0)));
    assert_eq!(world.lock.poll_timeout(), None);
}

#[test]
fn a_lockout_that_no_record_can_hold_is_an_hour() {
    let mut world = World::new();
    world.reboot_with(Saved { lockout_remaining: u32::MAX, ..Saved::default() });
    assert_eq!(world.status().lockout, Seconds(3_600));
}

#[test]
fn a_reboot_loop_without_running_time_never_ends_a_lockout() {
    let mut world = unlocked(0);
    for _ in 0..5 {
        let _ = world.code(WRONG).unwrap();
    }
    for _ in 0..100 {
        world.reboot();
    }
    assert_eq!(world.saved().lockout_remaining, 60_000);
    assert_eq!(world.saved().wrong_codes, 5);
}

#[test]
fn the_saved_state_round_trips_and_fits() {
    let states = [
        Saved::default(),
        Saved {
            wrong_codes: 255,
            lockout_remaining: LONGEST_LOCKOUT_MS,
            relock_remaining: Some(86_400_000),
            relock_stands: true,
            clock_floor: UnixMillis(u64::MAX),
            mode: Mode::Passage,
            initiative: Initiative::Held,
            wiping: lock_state::Wiping::Reset,
            cloud_told: UnixMillis(u64::MAX),
        },
    ];
    for saved in states {
        let mut record = [0; Saved::MAX_BYTES];
        let length = saved.encode(&mut record).unwrap();
        assert_eq!(Saved::decode(&record[..length]), Ok(saved));
        assert_eq!(saved.encode(&mut record[..length - 1]), Err(RecordError::BufferTooShort));
        assert_eq!(Saved::decode(&record[..length - 1]), Err(RecordError::Malformed));
    }
    const { assert!(Saved::MAX_BYTES <= 40) };
}

#[test]
fn a_saved_state_has_one_encoding() {
    let mut record = [0; 10];
    assert_eq!(Saved::default().encode(&mut record), Ok(9));
    assert_eq!(record, [0; 10]);
    assert_eq!(Saved::decode(&record), Err(RecordError::Malformed), "a byte behind it");
    assert_eq!(Saved::decode(&[0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0]), Err(RecordError::Malformed), "a long zero");
    assert_eq!(
        Saved::decode(&[0, 0, 2, 0, 0, 0, 0, 0, 0]),
        Err(RecordError::Malformed),
        "neither none nor some"
    );
    assert_eq!(
        Saved::decode(&[0, 0, 0, 1, 0, 0, 0, 0, 0]),
        Err(RecordError::Malformed),
        "nothing that stands"
    );
    assert_eq!(
        Saved::decode(&[0, 0, 0, 0, 0, 0, 3, 0, 0]),
        Err(RecordError::Malformed),
        "no such initiative"
    );
}

#[test]
fn a_saved_state_beyond_its_limits_is_refused() {
    let mut record = [0; Saved::MAX_BYTES];
    for (lockout, relock, valid) in
        [(LONGEST_LOCKOUT_MS, 86_400_000, true), (LONGEST_LOCKOUT_MS + 1, 0, false), (0, 86_400_001, false)]
    {
        let saved = Saved { lockout_remaining: lockout, relock_remaining: Some(relock), ..Saved::default() };
        let length = saved.encode(&mut record).unwrap();
        assert_eq!(Saved::decode(&record[..length]).is_ok(), valid);
    }
}
