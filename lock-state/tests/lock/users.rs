//! Users: when they may open, with how many credentials, how often.

use lock_proto::{
    Alarm, BoltPosition, Cause, CredentialKind, CredentialRule, MinuteOfDay, Mode, Put, Reason, RefusalKind,
    Secret, Setting, Span, TokenId, UnixMillis, User, UserKind, UserStatus, Weekdays, Window,
};
use lock_state::{ActionKind, Ask, Barrier, Decision, Drive, Indication, NEXT_CREDENTIAL_MS, Source, Wish};

use crate::world::{NOON, World, code_in, code_of, pin};

fn kind(kind: UserKind) -> User {
    User { kind, ..User::default() }
}

fn one(user: User) -> World {
    World::inhabited(BoltPosition::Extended, &[user])
}

/// The reason that is shown; `None` where the motor runs.
fn refusal(world: &mut World) -> Option<Reason> {
    let effects = world.code(&code_of(0)).unwrap();
    match effects.indicate {
        Some(Indication::Refused(reason)) => {
            assert_eq!(effects.motor, None);
            Some(reason)
        }
        _ => {
            assert_eq!(effects.motor, Some(Drive::Retract));
            None
        }
    }
}

#[test]
fn an_unrestricted_user_opens_and_is_named() {
    let mut world = one(User::default());
    assert_eq!(refusal(&mut world), None);
    let _ = world.bolt(BoltPosition::Retracted);
    let expected = Cause::Credential { kind: CredentialKind::Pin, slot: 0, user: Some(0) };
    assert_eq!(world.status().bolt.cause, expected);
}

#[test]
fn each_kind_that_never_opens_says_why() {
    let disabled = User { status: UserStatus::Disabled, ..User::default() };
    for (user, reason) in [
        (disabled, Reason::UserDisabled),
        (kind(UserKind::NonAccess), Reason::NoAccess),
        (kind(UserKind::RemoteOnly), Reason::RemoteOnly),
        (kind(UserKind::WeekDay), Reason::ClockNotTrusted),
        (kind(UserKind::Holiday), Reason::ClockNotTrusted),
    ] {
        assert_eq!(refusal(&mut one(user)), Some(reason), "{user:?}");
    }
}

#[test]
fn a_refused_user_is_counted_by_what_can_be_done() {
    let mut world = one(kind(UserKind::NonAccess));
    let _ = refusal(&mut world);
    assert_eq!(world.lock.health(world.now).refusals_of(RefusalKind::User), 1);
    assert_eq!(world.saved().wrong_codes, 0, "the code was right");
}

#[test]
fn a_week_day_user_opens_in_the_window_and_hears_of_the_next_one() {
    let mut world = one(kind(UserKind::WeekDay));
    // NOON is a Friday, 08:00 UTC.
    let span =
        Span::Weekly { days: Weekdays(1 << 5), from: MinuteOfDay(9 * 60), until: MinuteOfDay(10 * 60) };
    world.window(0, Window { user: 0, span });
    let _ = world.time(NOON, 0).unwrap();
    assert_eq!(refusal(&mut world), Some(Reason::OutsideSchedule));
    let ask = Ask { action: ActionKind::Unlock, source: Source::Credential(CredentialKind::Pin) };
    let Decision::Deny(denied) = world.lock.preview_user(&ask, 0, world.now) else { panic!("allowed") };
    assert_eq!(denied.next_at, Some(UnixMillis(NOON.0 + 3_600_000)));
    world.wait(3_600_000 + 1_000);
    assert_eq!(refusal(&mut world), None);
}

#[test]
fn a_power_cut_closes_what_is_limited_in_time_until_the_cloud_tells_the_time() {
    let mut world = one(kind(UserKind::WeekDay));
    let span = Span::Weekly { days: Weekdays::ALL, from: MinuteOfDay(0), until: MinuteOfDay(0) };
    world.window(0, Window { user: 0, span });
    let _ = world.time(NOON, 0).unwrap();
    assert_eq!(refusal(&mut world), None);
    world.reboot();
    assert_eq!(refusal(&mut world), Some(Reason::ClockNotTrusted));
    let _ = world.time(UnixMillis(NOON.0 + 60_000), 0).unwrap();
    assert_eq!(refusal(&mut world), None);
}

#[test]
fn a_one_time_user_is_marked_before_the_motor_moves() {
    let mut world = one(kind(UserKind::Disposable));
    let effects = world.code(&code_of(0)).unwrap();
    assert_eq!((effects.motor, effects.barrier), (None, Some(Barrier::Admission)));
    let mut record = [0; 512];
    let page = world.lock.staged_page().unwrap();
    let length = world.lock.staged_record(&mut record).unwrap();
    assert_eq!(world.lock.admit(world.now).motor, Some(Drive::Retract));
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(
        world.status().bolt.cause,
        Cause::Credential { kind: CredentialKind::Pin, slot: 0, user: Some(0) }
    );
    let effects = world.code(&code_of(0)).unwrap();
    assert_eq!(effects.indicate, Some(Indication::Refused(Reason::AlreadyUsed)));
    // A cut behind the mark: it is found used.
    let mut pages = crate::world::pages(world.lock.configuration());
    pages[usize::from(page)] = record[..length].to_vec();
    let loaded = crate::world::load(&pages);
    assert!(loaded.user_rules(0).unwrap().is_used());
}

#[test]
fn a_mark_that_cannot_be_stored_lets_nobody_in() {
    let mut world = one(kind(UserKind::Disposable));
    let _ = world.code(&code_of(0)).unwrap();
    let effects = world.lock.dismiss(Reason::StorageFault, world.now);
    assert_eq!((effects.motor, effects.indicate), (None, Some(Indication::Refused(Reason::StorageFault))));
    assert_eq!(world.lock.admit(world.now).motor, None, "nothing waits");
    assert_eq!(world.code(&code_of(0)).unwrap().barrier, Some(Barrier::Admission), "it was not used");
}

#[test]
fn an_attempt_during_an_admission_is_not_even_counted() {
    let mut world = one(kind(UserKind::Disposable));
    let _ = world.code(&code_of(0)).unwrap();
    assert_eq!(world.lock.count_attempt(world.now).unwrap_err().reason, Reason::StorageBusy);
    assert_eq!(world.saved().wrong_codes, 0);
}

#[test]
fn an_expiring_user_has_so_many_minutes_from_the_first_use() {
    let mut world = one(kind(UserKind::Expiring { minutes: 10 }));
    assert_eq!(refusal(&mut world), Some(Reason::ClockNotTrusted), "nobody would know when it ends");
    let _ = world.time(NOON, 0).unwrap();
    assert_eq!(world.code(&code_of(0)).unwrap().barrier, Some(Barrier::Admission));
    let _ = world.lock.admit(world.now);
    let _ = world.bolt(BoltPosition::Retracted);
    let _ = world.lock();
    let _ = world.bolt(BoltPosition::Extended);
    world.wait(9 * 60_000);
    assert_eq!(refusal(&mut world), None, "no second mark");
    world.wait(60_000);
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.code(&code_of(0)).unwrap().indicate, Some(Indication::Refused(Reason::AlreadyUsed)));
}

#[test]
fn a_duress_code_opens_as_always_and_raises_a_silent_alarm() {
    let mut world = one(kind(UserKind::Forced));
    let effects = world.code(&code_of(0)).unwrap();
    assert_eq!((effects.motor, effects.indicate), (Some(Drive::Retract), Some(Indication::Accepted)));
    assert!(effects.alarms.contains(Alarm::Duress));
}

fn with_two_codes(rule: CredentialRule) -> World {
    let mut world = one(User { rule, ..User::default() });
    world.configure(code_in(1, Some(0), b"777777"));
    world.configure(code_in(2, Some(0), b"888888"));
    world
}

#[test]
fn a_dual_user_shows_two_different_credentials() {
    let mut world = with_two_codes(CredentialRule::Dual);
    assert_eq!(world.code(&code_of(0)).unwrap().indicate, Some(Indication::OneMore));
    assert_eq!(
        world.code(&code_of(0)).unwrap().indicate,
        Some(Indication::OneMore),
        "the same is not another"
    );
    assert_eq!(world.code(b"777777").unwrap().motor, Some(Drive::Retract));
}

#[test]
fn a_tri_user_shows_three() {
    let mut world = with_two_codes(CredentialRule::Tri);
    for code in [b"777777", b"888888"] {
        assert_eq!(world.code(code).unwrap().indicate, Some(Indication::OneMore));
    }
    assert_eq!(world.code(&code_of(0)).unwrap().motor, Some(Drive::Retract));
}

#[test]
fn the_second_credential_is_awaited_for_half_a_minute() {
    for (millis, opens) in [(NEXT_CREDENTIAL_MS - 1, true), (NEXT_CREDENTIAL_MS, false)] {
        let mut world = with_two_codes(CredentialRule::Dual);
        let _ = world.code(&code_of(0)).unwrap();
        let _ = world.after(millis);
        assert_eq!(world.code(b"777777").unwrap().motor.is_some(), opens, "{millis}");
    }
}

#[test]
fn one_known_code_of_two_buys_no_guesses_at_the_other() {
    let mut world = with_two_codes(CredentialRule::Dual);
    for _ in 0..4 {
        assert_eq!(world.code(&code_of(0)).unwrap().indicate, Some(Indication::OneMore));
        let _ = world.code(b"000000").unwrap();
    }
    let _ = world.code(&code_of(0)).unwrap();
    assert_eq!(world.code(b"000000").unwrap().indicate, Some(Indication::LockedOut));
    assert_eq!(world.lock.count_attempt(world.now).unwrap_err().reason, Reason::LockedOut);
}

/// A tenant who moved out, or a guest outside the hours, still knows a code that the lock knows.
#[test]
fn a_code_that_does_not_open_now_buys_no_guesses_at_one_that_does() {
    let disabled = User { status: UserStatus::Disabled, ..User::default() };
    for user in [disabled, kind(UserKind::NonAccess), kind(UserKind::WeekDay)] {
        for wish in [Wish::Open, Wish::Lock] {
            let mut world = one(user);
            for _ in 0..4 {
                let _ = world.code(b"000000").unwrap();
                let _ = world.present(CredentialKind::Pin, &pin(&code_of(0)), wish).unwrap();
            }
            assert_eq!(world.code(b"000000").unwrap().indicate, Some(Indication::LockedOut), "{user:?}");
        }
    }
    // Nor does it cost one: whoever tries it for an hour locks nobody out.
    let mut world = one(disabled);
    for _ in 0..40 {
        assert_eq!(refusal(&mut world), Some(Reason::UserDisabled));
    }
    assert_eq!(world.saved().wrong_codes, 0);
}

#[test]
fn a_code_that_opens_ends_the_count() {
    let mut world = one(User::default());
    for _ in 0..3 {
        for _ in 0..4 {
            let _ = world.code(b"000000").unwrap();
        }
        assert_eq!(world.code(&code_of(0)).unwrap().indicate, Some(Indication::Accepted));
        assert_eq!(world.saved().wrong_codes, 0);
    }
}

#[test]
fn a_token_opens_by_its_kind_and_identifier() {
    let mut world = one(User::default());
    let token = |bytes: &[u8]| Secret::Token(TokenId::from_bytes(bytes).unwrap());
    world.configure(Setting::SetCredential {
        slot: 3,
        put: Put::Add,
        user: Some(0),
        kind: CredentialKind::Fob,
        secret: token(&[1, 2, 3, 4]),
    });
    let mut show = |kind, bytes: &[u8]| world.present(kind, &token(bytes), Wish::Open).unwrap().motor;
    assert_eq!(show(CredentialKind::Fob, &[1, 2, 3, 5]), None);
    assert_eq!(show(CredentialKind::Rfid, &[1, 2, 3, 4]), None, "another reader's");
    assert_eq!(show(CredentialKind::Fob, &[1, 2, 3, 4]), Some(Drive::Retract));
}

#[test]
fn only_a_programming_code_or_user_changes_the_mode_at_the_keypad() {
    let mut world = World::inhabited(BoltPosition::Extended, &[User::default(), kind(UserKind::Programming)]);
    let wish = Wish::SetMode(Mode::Vacation);
    let shown = world.present(CredentialKind::Pin, &pin(&code_of(0)), wish).unwrap().indicate;
    assert_eq!(shown, Some(Indication::Refused(Reason::NotPermitted)));
    let shown = world.present(CredentialKind::Pin, &pin(&code_of(1)), wish).unwrap().indicate;
    assert_eq!(shown, Some(Indication::Mode(Mode::Vacation)));
    assert_eq!(world.status().mode.value, Mode::Vacation);
}

#[test]
fn anybody_who_is_known_may_lock() {
    let mut world = World::inhabited(BoltPosition::Retracted, &[kind(UserKind::NonAccess)]);
    let effects = world.present(CredentialKind::Pin, &pin(&code_of(0)), Wish::Lock).unwrap();
    assert_eq!(effects.motor, Some(Drive::Extend));
}

#[test]
fn a_preview_says_what_the_lock_does() {
    let mut world = one(kind(UserKind::NonAccess));
    let ask = Ask { action: ActionKind::Unlock, source: Source::Credential(CredentialKind::Pin) };
    let Decision::Deny(denied) = world.lock.preview_user(&ask, 0, world.now) else { panic!("allowed") };
    assert_eq!(refusal(&mut world), Some(denied.reason));
    let Decision::Deny(denied) = world.lock.preview_user(&ask, 3, world.now) else { panic!("allowed") };
    assert_eq!(denied.reason, Reason::NoSuchUser);
    let effects = world.check(CredentialKind::Pin, &pin(b"1111"), Wish::Open);
    assert_eq!(effects.motor, None);
}
