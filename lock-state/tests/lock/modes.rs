//! Modes, holidays and the night.

use lock_proto::{
    BoltPosition, Cause, CredentialKind, Holiday, MinuteOfDay, Mode, Night, Put, Reason, Seconds, Setting,
    UnixMillis, User, UserKind,
};
use lock_state::{
    ActionKind, Ask, Deed, DoorReading, Drive, Indication, InsideButton, Source, Wish, mode_forbids,
};

use crate::peers::live_holder;
use crate::world::{NOON, RIGHT, World, code_of, pin};

const HOUR: u64 = 3_600_000;

/// A lock with two users, the second of whom programs, in a mode that the cloud has set.
fn in_mode(mode: Mode) -> World {
    let programming = User { kind: UserKind::Programming, ..User::default() };
    let mut world = World::inhabited(BoltPosition::Extended, &[User::default(), programming]);
    let _ = world.order(Deed::SetMode(mode)).unwrap();
    world
}

fn by_code(world: &mut World, user: u8) -> Result<Option<Drive>, Reason> {
    let effects = world.code(&code_of(user)).unwrap();
    match effects.indicate {
        Some(Indication::Refused(reason)) => Err(reason),
        _ => Ok(effects.motor),
    }
}

#[test]
fn vacation_leaves_the_cloud_and_programming_users() {
    let mut world = in_mode(Mode::Vacation);
    assert_eq!(by_code(&mut world, 0), Err(Reason::VacationMode));
    let order = world.next_order(Deed::Unlock, Source::VirtualKey);
    assert_eq!(world.lock.order(live_holder(order), world.now).unwrap_err().reason, Reason::VacationMode);
    assert_eq!(by_code(&mut world, 1), Ok(Some(Drive::Retract)));
    let mut world = in_mode(Mode::Vacation);
    assert_eq!(world.unlock().motor, Some(Drive::Retract));
}

#[test]
fn privacy_closes_everything_from_outside_and_ends_inside() {
    let mut world = World::furnished(BoltPosition::Extended, Seconds(0));
    let effects = world.inside(InsideButton::PrivacyOn);
    assert_eq!(effects.indicate, Some(Indication::Mode(Mode::Privacy)));
    assert!(effects.save);
    assert_eq!(world.order(Deed::Unlock).unwrap_err().reason, Reason::PrivacyMode);
    assert_eq!(world.code(RIGHT).unwrap().indicate, Some(Indication::Refused(Reason::PrivacyMode)));
    assert_eq!(world.inside(InsideButton::Unlock).motor, Some(Drive::Retract));
    let _ = world.inside(InsideButton::PrivacyOff);
    assert_eq!(world.status().mode.value, Mode::Normal);
}

#[test]
fn a_hand_that_withdraws_the_bolt_ends_privacy() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    let _ = world.inside(InsideButton::PrivacyOn);
    assert!(world.bolt(BoltPosition::Retracted).save);
    assert_eq!((world.status().mode.value, world.status().mode.cause), (Mode::Normal, Cause::Manual));
}

#[test]
fn the_inside_button_ends_privacy_and_no_other_mode() {
    let mut world = in_mode(Mode::Vacation);
    let _ = world.inside(InsideButton::PrivacyOff);
    assert_eq!(world.status().mode.value, Mode::Vacation);
}

#[test]
fn no_remote_closes_the_cloud_out_and_lets_it_end_the_mode() {
    let mut world = in_mode(Mode::NoRemote);
    for deed in [Deed::Lock, Deed::Unlock, Deed::Calibrate] {
        assert_eq!(world.order(deed).unwrap_err().reason, Reason::NoRemoteMode, "{deed:?}");
    }
    assert_eq!(by_code(&mut world, 0), Ok(Some(Drive::Retract)));
    assert!(world.order(Deed::SetMode(Mode::Normal)).is_ok());
}

#[test]
fn passage_withdraws_the_bolt_and_nothing_throws_it() {
    let mut world = World::furnished(BoltPosition::Extended, Seconds(30));
    assert_eq!(world.order(Deed::SetMode(Mode::Passage)).unwrap().motor, Some(Drive::Retract));
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().relock_in, None);
    assert_eq!(world.after(24 * HOUR).motor, None);
    assert_eq!(world.order(Deed::Lock).unwrap_err().reason, Reason::PassageMode);
    assert_eq!(world.button().indicate, Some(Indication::Refused(Reason::PassageMode)));
    let _ = world.order(Deed::SetMode(Mode::Normal)).unwrap();
    assert_eq!(world.status().relock_in, Some(Seconds(30)));
}

#[test]
fn a_mode_survives_a_reboot() {
    let mut world = in_mode(Mode::Vacation);
    world.reboot();
    assert_eq!((world.status().mode.value, world.status().mode.cause), (Mode::Vacation, Cause::Boot));
    assert_eq!(by_code(&mut world, 0), Err(Reason::VacationMode));
}

#[test]
fn no_mode_forbids_the_settings_or_locks_the_inside_in() {
    for mode in Mode::ALL {
        let settings = Ask { action: ActionKind::Configure, source: Source::RemoteLive };
        assert_eq!(mode_forbids(mode, &settings, false), None, "{mode:?}");
        for action in [ActionKind::Unlock, ActionKind::Unlatch] {
            let inside = Ask { action, source: Source::Button };
            assert_eq!(mode_forbids(mode, &inside, false), None, "{mode:?}");
        }
    }
}

fn with_holiday(mode: Mode) -> World {
    let mut world = World::furnished(BoltPosition::Extended, Seconds(0));
    let (from, until) = (UnixMillis(NOON.0 + HOUR), UnixMillis(NOON.0 + 3 * HOUR));
    let holiday = Holiday { from, until, mode: Some(mode) };
    world.configure(Setting::SetHoliday { slot: 0, put: Put::Add, holiday });
    let _ = world.time(NOON, 0).unwrap();
    world
}

#[test]
fn a_holiday_puts_its_mode_in_force_while_it_lasts() {
    let mut world = with_holiday(Mode::Vacation);
    let _ = world.after(HOUR - 2_000);
    assert_eq!(world.status().mode.value, Mode::Normal);
    let _ = world.after(4_000);
    assert_eq!((world.status().mode.value, world.status().mode.cause), (Mode::Vacation, Cause::Schedule));
    let _ = world.after(2 * HOUR + 2_000);
    assert_eq!(world.status().mode.value, Mode::Normal);
}

#[test]
fn a_mode_that_a_holiday_overrules_is_not_shown_as_in_force() {
    let mut world = with_holiday(Mode::Vacation);
    let _ = world.after(2 * HOUR);
    let effects = world.order(Deed::SetMode(Mode::NoRemote)).unwrap();
    assert_eq!(effects.indicate, Some(Indication::Mode(Mode::Vacation)));
    let _ = world.after(2 * HOUR);
    assert_eq!(world.status().mode.value, Mode::NoRemote, "it comes into force when the holiday is over");
}

#[test]
fn a_power_cut_does_not_end_a_holiday_that_closes_and_does_one_that_opens() {
    for (mode, expected) in [(Mode::Vacation, Mode::Vacation), (Mode::Passage, Mode::Normal)] {
        let mut world = with_holiday(mode);
        let _ = world.after(2 * HOUR);
        assert_eq!(world.status().mode.value, mode);
        world.reboot();
        let _ = world.after(1);
        world.configure(Setting::AutoRelock(Seconds(0)));
        assert_eq!(world.status().mode.value, expected);
    }
}

/// The night from 09:00, which is an hour ahead, to 11:00.
fn with_night() -> World {
    let mut world = World::furnished(BoltPosition::Retracted, Seconds(0));
    let night = Night { from: MinuteOfDay(9 * 60), until: MinuteOfDay(11 * 60), relock: Seconds(15) };
    world.configure(Setting::Night(Some(night)));
    let _ = world.time(NOON, 0).unwrap();
    world
}

#[test]
fn the_night_throws_the_bolt_when_it_begins_and_relocks_soon_while_it_lasts() {
    let mut world = with_night();
    assert_eq!(world.after(HOUR - 2_000).motor, None);
    assert_eq!(world.after(4_000).motor, Some(Drive::Extend));
    assert_eq!(world.status().target.cause, Cause::Schedule);
    let _ = world.bolt(BoltPosition::Extended);
    let _ = world.unlock();
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().relock_in, Some(Seconds(15)));
    let _ = world.after(15_000);
    let _ = world.bolt(BoltPosition::Extended);
    let _ = world.after(2 * HOUR);
    let _ = world.unlock();
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().relock_in, None, "it is day");
}

#[test]
fn the_night_begins_once_a_day() {
    let mut world = with_night();
    let _ = world.after(HOUR + 2_000);
    let _ = world.bolt(BoltPosition::Extended);
    let _ = world.unlock();
    let _ = world.bolt(BoltPosition::Retracted);
    world.mechanics(|mechanics| mechanics.lock_on_close = Seconds(0));
    let _ = world.after(20_000);
    let _ = world.bolt(BoltPosition::Extended);
    assert_eq!(world.after(20 * HOUR).motor, None);
}

#[test]
fn the_night_does_not_throw_the_bolt_at_an_open_door() {
    let mut world = with_night();
    let _ = world.door(DoorReading::Open);
    assert_eq!(world.after(HOUR + 2_000).motor, None);
}

#[test]
fn a_programming_code_may_open_in_privacy_for_an_emergency() {
    let programming = User { kind: UserKind::Programming, ..User::default() };
    let mut world = World::inhabited(BoltPosition::Extended, &[programming]);
    let _ = world.inside(InsideButton::PrivacyOn);
    let effects = world.present(CredentialKind::Pin, &pin(&code_of(0)), Wish::Unlock).unwrap();
    assert_eq!(effects.motor, Some(Drive::Retract));
}
