//! The factory reset, the alarms that nothing else raises, and what is kept.

use lock_proto::{
    Alarm, BoltPosition, Calibration, CredentialKind, LogHealth, Mode, Part, Reason, Seconds, Setting, Table,
    Travel, User,
};
use lock_state::{
    Barrier, CLOCK_GRACE_MS, Deed, Drive, Effects, Indication, InsideButton, Observation,
    RESET_HOLD_LONGEST_MS, RESET_HOLD_MS, ResetButton, Saved, TamperContact, Upkeep, Wiping, Wish,
};

use crate::world::{NOON, RIGHT, WRONG, World, code_of, pin};

fn lived_in() -> World {
    let mut world = World::inhabited(BoltPosition::Extended, &[User::default()]);
    world.configure(Setting::AutoRelock(Seconds(60)));
    let _ = world.order(Deed::SetMode(Mode::NoRemote)).unwrap();
    let _ = world.time(NOON, 0).unwrap();
    let _ = world.code(WRONG).unwrap();
    world
}

fn held(world: &mut World, millis: u64) -> Effects {
    let _ = world.reset(ResetButton::Pressed);
    let _ = world.after(millis);
    world.reset(ResetButton::Released)
}

#[test]
fn only_a_hold_of_ten_to_fifteen_seconds_resets() {
    for (millis, resets) in [
        (RESET_HOLD_MS - 1, false),
        (RESET_HOLD_MS, true),
        (RESET_HOLD_LONGEST_MS, true),
        (RESET_HOLD_LONGEST_MS + 1, false),
    ] {
        let mut world = lived_in();
        let effects = held(&mut world, millis);
        assert_eq!(effects.barrier, resets.then_some(Barrier::Reset), "{millis}");
        assert_eq!(world.lock.is_resetting(), resets);
    }
}

#[test]
fn progress_is_shown_each_second() {
    let mut world = lived_in();
    assert_eq!(world.reset(ResetButton::Pressed).indicate, Some(Indication::ResetIn(10)));
    for left in (0..10).rev() {
        assert_eq!(world.after(1_000).indicate, Some(Indication::ResetIn(left)));
    }
    let _ = world.after(5_000);
    assert_eq!(world.after(1_000).indicate, Some(Indication::ResetCancelled));
    assert_eq!(world.reset(ResetButton::Released), Effects::NONE);
}

#[test]
fn a_reset_wipes_what_is_the_owners_and_keeps_what_protects() {
    let mut world = lived_in();
    let (before, version) = (world.saved(), world.status().configuration);
    let _ = held(&mut world, RESET_HOLD_MS);
    assert_eq!(world.saved().wiping, Wiping::Reset);
    let _ = world.lock.wipe(world.now);
    let effects = world.lock.reset_finished(world.now);
    assert!(effects.alarms.contains(Alarm::FactoryReset));
    assert_eq!(effects.indicate, Some(Indication::ResetDone));
    assert_eq!(world.lock.configuration().item_versions(Table::Users, 0), [0; 16]);
    assert_eq!(world.lock.configuration().item_versions(Table::Credentials, 0), [0; 16]);
    assert_eq!(world.status().configuration, version + 1);
    assert_eq!(world.status().mode.value, Mode::Normal);
    let after = world.saved();
    assert_eq!((after.wrong_codes, after.lockout_remaining), (before.wrong_codes, before.lockout_remaining));
    assert!(after.clock_floor >= before.clock_floor && after.wiping == Wiping::Nothing);
    let shown = world.present(CredentialKind::Pin, &pin(&code_of(0)), Wish::Open).unwrap();
    assert_eq!(shown.motor, None);
}

#[test]
fn a_reset_forgets_what_the_motor_learned() {
    let mut world = lived_in();
    let travel = Some(Travel { extend_ms: 700, retract_ms: 700 });
    let saved = Saved { wiping: Wiping::Reset, ..world.saved() };
    let configuration = crate::world::load(&crate::world::pages(world.lock.configuration()));
    world = World::boot(saved, Upkeep { travel, ..Upkeep::default() }, configuration);
    assert!(world.lock.is_resetting(), "it goes on after a power cut");
    let _ = world.lock.wipe(world.now);
    assert_eq!(
        (world.lock.upkeep(world.now).travel, world.status().calibration.value),
        (None, Calibration::Needed)
    );
}

#[test]
fn during_a_reset_the_inside_opens_and_nothing_else_is_done() {
    let mut world = lived_in();
    let _ = held(&mut world, RESET_HOLD_MS);
    assert_eq!(world.order(Deed::Unlock).unwrap_err().reason, Reason::Busy);
    assert_eq!(world.inside(InsideButton::Unlock).motor, Some(Drive::Retract));
    assert_eq!(world.lock.wipe(world.now).motor, None);
}

#[test]
fn without_a_reset_nothing_is_wiped() {
    let mut world = World::furnished(BoltPosition::Extended, Seconds(0));
    assert_eq!(world.lock.wipe(world.now), Effects::NONE);
    assert_eq!(world.lock.reset_finished(world.now), Effects::NONE);
    assert_eq!(world.code(RIGHT).unwrap().motor, Some(Drive::Retract));
}

#[test]
fn a_cover_that_comes_off_is_an_alarm_once() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    let open = Observation::Tamper(TamperContact::Open);
    let effects = world.lock.observe(open, world.now);
    assert!(effects.alarms.contains(Alarm::Tamper));
    assert_eq!(effects.indicate, Some(Indication::Siren));
    assert_eq!(world.lock.observe(open, world.now), Effects::NONE);
    let _ = world.lock.observe(Observation::Tamper(TamperContact::Closed), world.now);
    assert_eq!(world.lock.health(world.now).parts.tamper_contact, Part::Good);
    assert!(world.lock.observe(open, world.now).alarms.contains(Alarm::Tamper));
}

#[test]
fn a_log_is_nearly_full_at_nine_tenths_and_says_so_once() {
    let mut world = World::new();
    for (pending, alarm) in [(89, false), (90, true), (91, false), (10, false), (95, true)] {
        let log = Observation::Log(LogHealth { pending, capacity: 100 });
        assert_eq!(
            world.lock.observe(log, world.now).alarms.contains(Alarm::LogNearlyFull),
            alarm,
            "{pending}"
        );
    }
}

#[test]
fn a_radio_that_was_reset_is_an_alarm() {
    let mut world = World::new();
    assert!(world.lock.observe(Observation::RadioReset, world.now).alarms.contains(Alarm::RadioReset));
}

#[test]
fn a_clock_that_was_known_before_a_power_cut_is_missed_after_ten_minutes() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    let _ = world.time(NOON, 0).unwrap();
    world.reboot();
    world.wait(CLOCK_GRACE_MS);
    assert!(world.lock.handle_timeout(world.now).alarms.contains(Alarm::ClockLost));
    let mut world = World::new();
    world.wait(CLOCK_GRACE_MS);
    assert!(!world.lock.handle_timeout(world.now).alarms.contains(Alarm::ClockLost), "it never knew one");
}
