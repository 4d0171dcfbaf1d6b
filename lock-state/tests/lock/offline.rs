//! Offline codes: a lock opens to digits that it never heard of, within their window only, and once where they say so.

use lock_crypto::{Key, RustCrypto};
use lock_proto::{
    Alarm, BoltPosition, Cause, CodeClass, CodeSeries, CodesSwitch, CredentialKind, CredentialRule, Mode,
    OfflineCode, QuarterHours, Reason, RefusalKind, Seconds, Setting, UnixMillis, User,
};
use lock_state::{Barrier, Deed, Drive, Effects, Indication, Wish, offline_code_digits};

use crate::world::{LIMIT, NOON, RIGHT, WRONG, World, code_in, code_of, pin};

pub(crate) const HOUR: u64 = 3_600_000;
pub(crate) const NOW: QuarterHours = QuarterHours((NOON.0 / QuarterHours::MILLIS) as u32);
pub(crate) const SERIES: CodeSeries = CodeSeries { switch: CodesSwitch::On, epoch: 3, since: NOW.0 / 4 - 48 };

/// A locked door that takes offline codes, and knows the time to within `round_trip` milliseconds.
pub(crate) fn world_at(time: UnixMillis, round_trip: u64) -> World {
    let mut world = World::with_bolt(BoltPosition::Extended);
    world.configure(Setting::OfflineCodes(SERIES));
    world.wait(20_000);
    let _ = world.time(time, round_trip).unwrap();
    world
}

pub(crate) fn world() -> World {
    world_at(NOON, 0)
}

pub(crate) const fn code(class: CodeClass, start: QuarterHours) -> OfflineCode {
    OfflineCode { class, start, serial: 0 }
}

pub(crate) const ONCE: OfflineCode = code(CodeClass::Once, NOW);
pub(crate) const HOURLY: OfflineCode = code(CodeClass::OneHour, NOW);

pub(crate) fn digits_in(world: &World, series: CodeSeries, code: OfflineCode) -> Vec<u8> {
    offline_code_digits::<RustCrypto>(&world.code_leaf, series, code).unwrap().to_ascii().to_vec()
}

pub(crate) fn digits(world: &World, code: OfflineCode) -> Vec<u8> {
    digits_in(world, SERIES, code)
}

/// Enters it, stores what has to be stored, and lets in.
pub(crate) fn enter(world: &mut World, digits: &[u8]) -> Effects {
    let effects = world.code(digits).unwrap();
    if effects.barrier == Some(Barrier::CodeUse) { world.lock.admit(world.now) } else { effects }
}

pub(crate) fn refused(world: &World, kind: RefusalKind) -> u16 {
    world.lock.health(world.now).refusals[usize::from(kind.number())]
}

#[test]
fn a_code_that_the_lock_never_heard_of_opens_in_its_window_and_is_named() {
    let mut world = world();
    let effects = world.code(&digits(&world, HOURLY)).unwrap();
    assert_eq!((effects.motor, effects.indicate), (Some(Drive::Retract), Some(Indication::Accepted)));
    assert_eq!(world.saved().wrong_codes, 0);
    let _ = world.bolt(BoltPosition::Retracted);
    let cause = Cause::OfflineCode { class: CodeClass::OneHour, start: NOW };
    assert_eq!(world.status().bolt.cause, cause);
}

/// Each bound, before it, on it and past it, with a clock that is exact and one that is not.
#[test]
fn the_window_is_tested_at_the_earliest_and_the_latest_time_that_it_may_be() {
    for class in CodeClass::ALL {
        let duration = u64::from(class.duration().0) * QuarterHours::MILLIS;
        let unit = class.unit().0;
        let start = QuarterHours(NOW.0 / unit * unit);
        let begin = start.begin().0;
        for (time, round_trip, opens) in [
            (begin - 1, 0, false),
            (begin, 0, true),
            (begin + duration - 1, 0, true),
            (begin + duration, 0, false),
            // The true time is in [time, time + round trip].
            (begin - 1, 5_000, false),
            (begin, 5_000, true),
            (begin + duration - 5_001, 5_000, true),
            (begin + duration - 5_000, 5_000, false),
        ] {
            let mut world = world_at(UnixMillis(time), round_trip);
            let digits = digits(&world, code(class, start));
            let opened = enter(&mut world, &digits).motor == Some(Drive::Retract);
            assert_eq!(opened, opens, "{class:?}: {time} within {round_trip} ms");
        }
    }
}

#[test]
fn a_code_outside_its_window_looks_like_a_wrong_one_and_counts_as_one() {
    for start in [QuarterHours(NOW.0 + 4), QuarterHours(NOW.0 - 4)] {
        let mut world = world();
        let effects = world.code(&digits(&world, code(CodeClass::OneHour, start))).unwrap();
        assert_eq!((effects.motor, effects.indicate), (None, Some(Indication::Refused(Reason::WrongCode))));
        assert_eq!(world.saved().wrong_codes, 1);
        assert_eq!(refused(&world, RefusalKind::Schedule), 1, "the cloud learns why");
        assert_eq!(refused(&world, RefusalKind::WrongCode), 0);
    }
}

#[test]
fn a_code_of_another_lock_epoch_or_begin_is_wrong() {
    let mut world = world();
    let other_lock = Key::from_bytes([8; 32]);
    let foreign = offline_code_digits::<RustCrypto>(&other_lock, SERIES, HOURLY).unwrap().to_ascii();
    let of = |series| digits_in(&world, series, HOURLY);
    let wrong = [
        foreign.to_vec(),
        of(CodeSeries { epoch: 2, ..SERIES }),
        of(CodeSeries { epoch: 4, ..SERIES }),
        of(CodeSeries { since: SERIES.since - 1, ..SERIES }),
    ];
    for (digits, count) in wrong.iter().zip(1..) {
        let effects = world.code(digits).unwrap();
        assert_eq!((effects.motor, effects.indicate), (None, Some(Indication::Refused(Reason::WrongCode))));
        assert_eq!(world.saved().wrong_codes, count);
        assert_eq!(refused(&world, RefusalKind::WrongCode), count.into());
    }
}

#[test]
fn a_lock_takes_no_offline_code_until_it_is_told_to_and_no_longer() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    let _ = world.time(NOON, 0).unwrap();
    let made = world.lock.configuration().settings().offline_codes;
    assert_eq!(made, CodeSeries { switch: CodesSwitch::Off, epoch: 0, since: 0 });
    let digits = digits(&world, HOURLY);
    assert_eq!(world.code(&digits).unwrap().motor, None);
    world.configure(Setting::OfflineCodes(SERIES));
    assert_eq!(world.code(&digits).unwrap().motor, Some(Drive::Retract));
    let _ = world.bolt(BoltPosition::Retracted);
    let _ = world.lock();
    let _ = world.bolt(BoltPosition::Extended);
    world.configure(Setting::OfflineCodes(CodeSeries { switch: CodesSwitch::Off, ..SERIES }));
    let effects = world.code(&digits).unwrap();
    assert_eq!((effects.motor, effects.indicate), (None, Some(Indication::Refused(Reason::WrongCode))));
}

#[test]
fn a_raised_epoch_ends_all_codes_and_is_never_lowered() {
    let mut world = world();
    let old = digits(&world, HOURLY);
    let raised = CodeSeries { epoch: 4, ..SERIES };
    world.configure(Setting::OfflineCodes(raised));
    assert_eq!(world.code(&old).unwrap().motor, None);
    let new = digits_in(&world, raised, HOURLY);
    assert_eq!(world.code(&new).unwrap().motor, Some(Drive::Retract));
    let version = world.lock.configuration().version() + 1;
    for wrong in [
        SERIES,
        CodeSeries { since: raised.since + 1, ..raised },
        CodeSeries { epoch: 5, since: 0, ..SERIES },
        CodeSeries { epoch: 5, since: CodeSeries::LATEST + 1, ..SERIES },
    ] {
        assert_eq!(
            world.stage(version, Setting::OfflineCodes(wrong)),
            Err(Reason::InvalidArgument),
            "{wrong:?}"
        );
    }
    world.stage(version, Setting::OfflineCodes(CodeSeries { switch: CodesSwitch::Off, ..raised })).unwrap();
}

#[test]
fn without_a_trusted_clock_all_of_nine_digits_are_refused_alike() {
    let mut world = world();
    let right = digits(&world, HOURLY);
    world.reboot();
    for (digits, count) in [right.as_slice(), b"000000000", b"999999999"].into_iter().zip(1..) {
        let effects = world.code(digits).unwrap();
        let shown = Some(Indication::Refused(Reason::ClockNotTrusted));
        assert_eq!((effects.motor, effects.barrier, effects.indicate), (None, None, shown));
        assert_eq!(world.saved().wrong_codes, count, "each counts as a wrong code");
    }
    assert_eq!(world.code(b"00000000").unwrap().indicate, Some(Indication::Refused(Reason::WrongCode)));
    let _ = world.time(NOON, 0).unwrap();
    assert_eq!(world.code(&right).unwrap().motor, Some(Drive::Retract), "nothing was used up");
}

#[test]
fn guesses_of_offline_codes_close_the_keypad_like_others() {
    let mut world = world();
    let right = digits(&world, HOURLY);
    for guess in 1..LIMIT {
        let effects = world.code(format!("{guess:09}").as_bytes()).unwrap();
        assert_eq!(effects.indicate, Some(Indication::Refused(Reason::WrongCode)));
    }
    assert_eq!(world.code(&right).unwrap().motor, Some(Drive::Retract));
    let _ = world.order(Deed::EndLockout);
    assert_eq!(world.saved().wrong_codes, 0);
    for guess in 0..LIMIT {
        let late = digits(&world, code(CodeClass::OneHour, QuarterHours(NOW.0 + 8 + u32::from(guess))));
        let effects = world.code(&late).unwrap();
        let is_last = guess + 1 == LIMIT;
        assert_eq!(effects.alarms.contains(Alarm::WrongCodeLimit), is_last);
        assert_eq!(effects.indicate == Some(Indication::LockedOut), is_last);
    }
    assert_eq!(world.code(&right).unwrap_err().reason, Reason::LockedOut);
}

/// Strangers are given them, and all but one class open any number of times: else each would buy four guesses at a PIN of the house.
#[test]
fn a_right_offline_code_takes_back_its_own_count_and_none_before_it() {
    for (right, wish) in [
        (HOURLY, Wish::Unlock),
        (HOURLY, Wish::Lock),
        (ONCE, Wish::Unlock),
        (ONCE, Wish::Lock),
        (ONCE, Wish::SetMode(Mode::Passage)),
    ] {
        let mut world = world();
        let right = pin(&digits(&world, right));
        for guess in 1..LIMIT {
            let _ = world.code(WRONG).unwrap();
            let effects = world.present(CredentialKind::Pin, &right, wish).unwrap();
            if effects.barrier == Some(Barrier::CodeUse) {
                let _ = world.lock.dismiss(Reason::StorageBusy, world.now);
            }
            assert!(effects.save, "the count that was stored is taken back");
            let saved = world.saved();
            assert_eq!((saved.wrong_codes, saved.lockout_remaining), (guess, 0), "{wish:?}");
        }
        let effects = world.code(WRONG).unwrap();
        assert_eq!(effects.indicate, Some(Indication::LockedOut), "{wish:?}");
        assert_eq!(world.present(CredentialKind::Pin, &right, wish).unwrap_err().reason, Reason::LockedOut);
    }
}

#[test]
fn a_guest_whose_code_is_right_is_let_in_after_any_number_of_wrong_ones_and_closes_nothing() {
    let mut world = world();
    let right = digits(&world, HOURLY);
    for _ in 0..LIMIT {
        let _ = world.code(WRONG).unwrap();
    }
    world.wait(60_000);
    assert_eq!(world.code(&right).unwrap().indicate, Some(Indication::Accepted));
    assert_eq!((world.saved().wrong_codes, world.saved().lockout_remaining), (LIMIT, 0));
    assert_eq!(world.code(&right).unwrap().indicate, Some(Indication::Accepted), "and again at once");
    let _ = world.code(WRONG).unwrap();
    assert_eq!(world.saved().lockout_remaining, 120_000, "the next guess waits twice as long");
}

#[test]
fn a_pin_of_the_house_still_ends_the_count() {
    let mut world = World::furnished(BoltPosition::Extended, Seconds(0));
    world.configure(Setting::OfflineCodes(SERIES));
    let _ = world.time(NOON, 0).unwrap();
    let _ = world.code(WRONG).unwrap();
    let _ = world.code(&digits(&world, HOURLY)).unwrap();
    assert_eq!(world.saved().wrong_codes, 1);
    let _ = world.code(RIGHT).unwrap();
    assert_eq!(world.saved().wrong_codes, 0);
}

#[test]
fn modes_rule_it_as_they_rule_a_pin_and_it_is_not_used_up() {
    for (mode, reason) in [
        (Mode::Normal, None),
        (Mode::NoRemote, None),
        (Mode::Passage, None),
        (Mode::Vacation, Some(Reason::VacationMode)),
        (Mode::Privacy, Some(Reason::PrivacyMode)),
    ] {
        let mut world = world();
        let _ = world.order(Deed::SetMode(mode)).unwrap();
        let effects = world.code(&digits(&world, ONCE)).unwrap();
        match reason {
            None => assert_eq!(effects.barrier, Some(Barrier::CodeUse), "{mode:?}"),
            Some(reason) => {
                assert_eq!((effects.motor, effects.barrier), (None, None));
                assert_eq!(effects.indicate, Some(Indication::Refused(reason)));
                assert_eq!(world.saved().wrong_codes, 0, "its own count is taken back");
            }
        }
    }
}

#[test]
fn it_is_none_of_the_two_credentials_that_a_user_must_show() {
    let dual = User { rule: CredentialRule::Dual, ..User::default() };
    let mut world = World::inhabited(BoltPosition::Extended, &[dual]);
    world.configure(Setting::OfflineCodes(SERIES));
    world.configure(code_in(5, Some(0), b"777777"));
    let _ = world.time(NOON, 0).unwrap();
    assert_eq!(world.code(&code_of(0)).unwrap().indicate, Some(Indication::OneMore));
    let effects = world.code(&digits(&world, HOURLY)).unwrap();
    assert_eq!(effects.motor, Some(Drive::Retract), "it opens for itself");
    let _ = world.bolt(BoltPosition::Retracted);
    assert!(matches!(world.status().bolt.cause, Cause::OfflineCode { .. }), "and not for the user");
    let _ = world.lock();
    let _ = world.bolt(BoltPosition::Extended);
    assert_eq!(
        world.code(b"777777").unwrap().motor,
        Some(Drive::Retract),
        "whose second credential is still awaited"
    );
}

#[test]
fn it_raises_no_duress() {
    let mut world = world();
    assert!(!world.code(&digits(&world, HOURLY)).unwrap().alarms.contains(Alarm::Duress));
}

#[test]
fn a_factory_reset_ends_all_codes_and_raises_the_epoch_by_one() {
    let mut world = world();
    let old = digits(&world, HOURLY);
    let _ = world.reset(lock_state::ResetButton::Pressed);
    world.wait(11_000);
    assert_eq!(world.reset(lock_state::ResetButton::Released).barrier, Some(Barrier::Reset));
    let _ = world.lock.wipe(world.now);
    let _ = world.lock.reset_finished(world.now);
    let after = CodeSeries { switch: CodesSwitch::Off, epoch: 4, since: 0 };
    assert_eq!(world.lock.configuration().settings().offline_codes, after);
    assert_eq!(world.code(&old).unwrap().motor, None);
    let version = world.lock.configuration().version() + 1;
    for epoch in [3, 4] {
        let again = Setting::OfflineCodes(CodeSeries { epoch, ..SERIES });
        assert_eq!(world.stage(version, again), Err(Reason::InvalidArgument), "epoch {epoch}");
    }
    world.configure(Setting::OfflineCodes(CodeSeries { epoch: 5, ..SERIES }));
    assert_eq!(world.code(&old).unwrap().motor, None);
    world.reboot();
    assert_eq!(world.lock.configuration().settings().offline_codes.epoch, 5);
}

/// A PIN of the house and codes of other lengths know nothing of all this.
#[test]
fn codes_of_other_lengths_are_as_they_were() {
    let mut world = World::furnished(BoltPosition::Extended, Seconds(0));
    world.configure(Setting::OfflineCodes(SERIES));
    assert_eq!(world.code(RIGHT).unwrap().motor, Some(Drive::Retract));
    for wrong in [b"12345678".as_slice(), b"1234567890"] {
        assert_eq!(world.code(wrong).unwrap().indicate, Some(Indication::Refused(Reason::WrongCode)));
    }
}
