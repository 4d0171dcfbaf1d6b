//! The log of a running lock: what goes in, when it is stored, and what no cut and no failing flash takes out of it.

#[path = "common/pair.rs"]
mod pair;

use lock_core::device::{Input, LogRecord, PersistFailure, Presented};
use lock_core::proto::{
    Action, Alarm, BoltPosition, BootReason, Cause, CommandId, CredentialKind, LogEvent, LogTime, Millivolts,
    Mode, PinDigits, Put, Reason, Request, Secret, Setting, Table, Target, TokenId, User, UserKind,
};
use lock_core::state::{Drive, PowerReading, ResetButton, Voltage, Wish};
use pair::log_flash::Append;
use pair::{Did, EPOCH_MILLIS, Flash, Pair, lock, set_pin, unlock};

fn code(digits: &[u8]) -> Input<'static> {
    Input::code(PinDigits::from_ascii(digits).unwrap())
}

fn events(pair: &mut Pair) -> Vec<LogEvent> {
    pair.log.as_mut().unwrap().events()
}

fn who(pair: &mut Pair) -> Vec<(LogEvent, Cause, Option<u64>)> {
    let (entries, _) = pair.log.as_mut().unwrap().read();
    entries.iter().map(|(_, entry)| (entry.event, entry.cause, entry.command.map(|id| id.0))).collect()
}

/// An order to the motor is carried out.
fn arrive(pair: &mut Pair, end: BoltPosition) {
    pair.wait(300);
    pair.sense(BoltPosition::Between);
    pair.wait(300);
    pair.sense(end);
}

fn logged(pair: &Pair) -> usize {
    pair.did.iter().filter(|did| matches!(did, Did::Log(_))).count()
}

#[test]
fn an_evening_is_in_the_log_with_who_and_how() {
    let mut pair = Pair::with_log(8);
    let (_, mut session) = pair.session(set_pin(1, 1, b"2468"));
    let _ = pair.ask(&mut session, unlock(2));
    arrive(&mut pair, BoltPosition::Retracted);
    pair.input(Input::OutsideButton);
    pair.run();
    arrive(&mut pair, BoltPosition::Extended);
    pair.input(code(b"9999"));
    pair.run();
    pair.input(code(b"2468"));
    pair.run();
    arrive(&mut pair, BoltPosition::Retracted);
    let privacy = Request::Command { id: CommandId(3), action: Action::SetMode(Mode::NoRemote) };
    let _ = pair.ask(&mut session, privacy);
    let _ = pair.ask(&mut session, unlock(4));
    pair.sense(BoltPosition::Extended);

    let pin = Cause::Credential { kind: CredentialKind::Pin, slot: 0, user: None };
    let remote = Cause::RemoteLive;
    let expected = [
        (LogEvent::Booted(BootReason::BrownOut), Cause::Boot, None),
        (LogEvent::Bolt(BoltPosition::Extended), Cause::Boot, None),
        (LogEvent::ClockSet, remote, None),
        (LogEvent::Configured { version: 1, table: Table::Credentials, slot: 0 }, remote, Some(1)),
        (LogEvent::Asked(Target::Unlocked), remote, Some(2)),
        (LogEvent::Bolt(BoltPosition::Retracted), remote, None),
        (LogEvent::Asked(Target::Locked), Cause::Manual, None),
        (LogEvent::Bolt(BoltPosition::Extended), Cause::Manual, None),
        (LogEvent::Refused(Reason::WrongCode), Cause::Unknown, None),
        (LogEvent::Asked(Target::Unlocked), pin, None),
        (LogEvent::Bolt(BoltPosition::Retracted), pin, None),
        (LogEvent::Mode(Mode::NoRemote), remote, Some(3)),
        (LogEvent::Refused(Reason::NoRemoteMode), remote, Some(4)),
        (LogEvent::Bolt(BoltPosition::Extended), Cause::Manual, None),
    ];
    assert_eq!(who(&mut pair), expected);
    let (entries, _) = pair.log.as_mut().unwrap().read();
    assert_eq!(entries[0].1.time, LogTime::Unset);
    let LogTime::Trusted { earliest, span_ms } = entries.last().unwrap().1.time else {
        panic!("{entries:?}")
    };
    let true_time = EPOCH_MILLIS + pair.world_millis;
    assert!(earliest.0 <= true_time && true_time <= earliest.0 + u64::from(span_ms));
    assert!(entries.iter().all(|(_, entry)| entry.boot == 2));
}

#[test]
fn a_sealed_order_names_its_way_and_its_number() {
    let mut pair = Pair::with_log(4);
    let _ = pair.session(Request::Nothing);
    let sealed = pair.seal(1, lock(7));
    pair.deliver(&sealed);
    let asked = (LogEvent::Asked(Target::Locked), Cause::RemoteSealed, Some(7));
    assert!(who(&mut pair).contains(&asked), "{:?}", who(&mut pair));
}

#[test]
fn an_alarm_has_the_cause_of_what_came_with_it() {
    let mut pair = Pair::with_log(8);
    let configure = |id, setting| {
        let action = Action::Configure { version: id as u32, setting };
        Request::Command { id: CommandId(id), action }
    };
    let user = User { kind: UserKind::Forced, ..User::default() };
    let (_, mut session) = pair.session(configure(1, Setting::SetUser { slot: 2, put: Put::Set, user }));
    let secret = Secret::Pin(PinDigits::from_ascii(b"2468").unwrap());
    let (kind, put) = (CredentialKind::Pin, Put::Set);
    let credential = Setting::SetCredential { slot: 3, put, user: Some(2), kind, secret };
    let _ = pair.ask(&mut session, configure(2, credential));
    pair.input(code(b"2468"));
    pair.run();
    let cause = Cause::Credential { kind, slot: 3, user: Some(2) };
    assert_eq!(
        who(&mut pair)[5..],
        [(LogEvent::Asked(Target::Unlocked), cause, None), (LogEvent::Alarm(Alarm::Duress), cause, None)]
    );
    for _ in 0..30 {
        pair.wait(100);
        pair.input(Input::MotorStalled);
        pair.run();
    }
    let jammed = (LogEvent::Alarm(Alarm::Jammed), Cause::Mechanism, None);
    assert_eq!(who(&mut pair).last(), Some(&jammed));
}

#[test]
fn a_lockout_fills_the_log_with_one_entry_however_many_keys_are_pressed() {
    let mut pair = Pair::with_log(8);
    for _ in 0..40 {
        pair.input(code(b"1357"));
        pair.run();
    }
    let refusals: Vec<_> =
        events(&mut pair).into_iter().filter(|event| matches!(event, LogEvent::Refused(_))).collect();
    let mut expected = vec![LogEvent::Refused(Reason::WrongCode); 5];
    expected.push(LogEvent::Refused(Reason::LockedOut));
    assert_eq!(refusals, expected);
    assert!(events(&mut pair).contains(&LogEvent::Alarm(Alarm::WrongCodeLimit)));
}

#[test]
fn the_motor_and_the_answer_go_before_the_log_and_never_wait_for_it() {
    let mut pair = Pair::with_log(4);
    let (_, mut session) = pair.session(Request::Nothing);
    pair.log.as_mut().unwrap().next = Append::Slow;
    pair.did.clear();
    let _ = pair.ask(&mut session, unlock(1));
    let place = |wanted: &dyn Fn(&Did) -> bool| pair.did.iter().position(wanted).unwrap();
    let motor = place(&|did| *did == Did::Motor(Drive::Retract));
    let answer = place(&|did| matches!(did, Did::Transmit(..)));
    let log = place(&|did| matches!(did, Did::Log(_)));
    assert!(motor < answer && answer < log, "{:?}", pair.did);
    // The entry hangs, and the lock goes on.
    pair.did.clear();
    arrive(&mut pair, BoltPosition::Retracted);
    let _ = pair.ask(&mut session, lock(2));
    assert!(pair.did.contains(&Did::Motor(Drive::Extend)), "{:?}", pair.did);
    assert_eq!(logged(&pair), 0, "one record at a time");
    let id = pair.log.as_mut().unwrap().unanswered.take().unwrap();
    pair.log.as_mut().unwrap().next = Append::Works;
    pair.lock.persist_failed(id, PersistFailure::Busy, pair.now).unwrap();
    pair.wait(1_000);
    let told = events(&mut pair);
    assert!(told.ends_with(&[
        LogEvent::Asked(Target::Unlocked),
        LogEvent::Bolt(BoltPosition::Retracted),
        LogEvent::Asked(Target::Locked),
    ]));
}

#[test]
fn an_append_programs_no_more_than_two_records() {
    let mut pair = Pair::with_log(8);
    let programmed =
        |pair: &mut Pair| pair.log.as_mut().unwrap().with_cells(|cells| cells.counters().bytes_programmed);
    // Its mark, header and secret with a check, and the longest payload.
    let record = (8 + 8 + 36 + LogRecord::MAX_BYTES).next_multiple_of(4) as u64;
    for round in 0..30 {
        let end = if round % 2 == 0 { BoltPosition::Retracted } else { BoltPosition::Extended };
        pair.did.clear();
        let before = programmed(&mut pair);
        pair.input(Input::Bolt(end));
        pair.run();
        assert_eq!(logged(&pair), 1, "one event, one append");
        let after = programmed(&mut pair);
        // Where a sector is opened, its head and a copy of the secret come before.
        let head = (8 + 8 + 36 + 8 + 8 + 40 + 8 + 8) as u64;
        assert!(after - before <= 2 * record + head, "{} bytes", after - before);
        let log = pair.log.as_mut().unwrap();
        log.idle(&mut pair.lock, pair.now);
    }
}

#[test]
fn a_record_that_fails_is_made_again_after_a_pause_that_grows() {
    let mut pair = Pair::with_log(4);
    pair.log.as_mut().unwrap().next = Append::Fails(PersistFailure::Fault);
    pair.did.clear();
    pair.sense(BoltPosition::Retracted);
    assert_eq!(logged(&pair), 1);
    // After 1, 2, 4, 8, 16 and 32 s; and then every 64 s.
    pair.wait(63_500);
    assert_eq!(logged(&pair), 7);
    pair.wait(640_000);
    assert_eq!(logged(&pair), 17);
    pair.log.as_mut().unwrap().next = Append::Works;
    pair.wait(64_000);
    assert_eq!(events(&mut pair).last(), Some(&LogEvent::Bolt(BoltPosition::Retracted)));
    pair.did.clear();
    pair.wait(600_000);
    assert_eq!(logged(&pair), 0, "nothing waits");
}

#[test]
fn an_entry_that_found_no_room_is_made_again_as_soon_as_the_flash_has_made_some() {
    let mut pair = Pair::with_log(4);
    for (why, at_once) in [(PersistFailure::Busy, 1), (PersistFailure::Fault, 0)] {
        pair.log.as_mut().unwrap().next = Append::Fails(why);
        pair.sense(BoltPosition::Retracted);
        pair.log.as_mut().unwrap().next = Append::Works;
        pair.did.clear();
        let held = pair::log_flash::held(&pair.log.as_ref().unwrap().ring);
        pair.input(Input::LogHeld(held));
        pair.run();
        assert_eq!(logged(&pair), at_once, "{why:?}");
        pair.wait(1_000);
        pair.sense(BoltPosition::Extended);
    }
}

#[test]
fn an_entry_that_is_there_although_its_flash_denied_it_is_made_again_as_it_was() {
    let mut pair = Pair::with_log(4);
    pair.log.as_mut().unwrap().next = Append::Lies;
    pair.sense(BoltPosition::Retracted);
    pair.cut_power(BoltPosition::Retracted);
    let (entries, _) = pair.log.as_mut().unwrap().read();
    let indices: Vec<_> = entries.iter().map(|(index, _)| *index).collect();
    assert_eq!(indices, (0..entries.len() as u64).collect::<Vec<_>>());
}

#[test]
fn what_the_ring_gives_up_is_told_by_an_entry_also_after_a_boot_and_nothing_else_is_missing() {
    let mut pair = Pair::with_log(3);
    for round in 0..60 {
        pair.sense(if round % 2 == 0 { BoltPosition::Retracted } else { BoltPosition::Extended });
        let log = pair.log.as_mut().unwrap();
        log.idle(&mut pair.lock, pair.now);
        pair.run();
        let first = pair.log.as_ref().unwrap().ring.held().first;
        let (_, gaps) = pair.log.as_mut().unwrap().read();
        let told = gaps.last().map(|gap| (gap.first, gap.last));
        assert_eq!(told, first.checked_sub(1).map(|last| (0, last)));
        if round % 7 == 0 {
            let bolt = if round % 2 == 0 { BoltPosition::Retracted } else { BoltPosition::Extended };
            pair.cut_power(bolt);
        }
    }
    assert!(pair.log.as_ref().unwrap().ring.held().first > 20);
}

#[test]
fn health_and_alarm_say_how_full_the_log_is() {
    let mut pair = Pair::with_log(4);
    let capacity = pair.log.as_ref().unwrap().ring.held().capacity;
    let health = |pair: &Pair| pair.lock.health(pair.now).log;
    pair.did.clear();
    let mut stored = health(&pair).pending;
    while stored * 10 < capacity * 9 {
        assert!(!pair.did.contains(&Did::Alarm(Alarm::LogNearlyFull)), "{stored} of {capacity}");
        pair.sense(if stored % 2 == 0 { BoltPosition::Retracted } else { BoltPosition::Extended });
        pair.sense(BoltPosition::Between);
        stored = health(&pair).pending;
        assert_eq!(health(&pair).capacity, capacity);
        assert_eq!(u64::from(stored), pair.log.as_ref().unwrap().ring.held().pending());
    }
    assert!(pair.did.contains(&Did::Alarm(Alarm::LogNearlyFull)));
    assert!(events(&mut pair).contains(&LogEvent::Alarm(Alarm::LogNearlyFull)));
}

#[test]
fn a_lock_without_a_log_asks_nothing_of_a_log_s_flash() {
    let mut pair = Pair::new();
    let _ = pair.session(unlock(1));
    arrive(&mut pair, BoltPosition::Retracted);
    assert_eq!(logged(&pair), 0);
    assert_eq!(pair.lock.health(pair.now).log.capacity, 0);
}

/// An evening with all kinds of flash work; `false` when the power went.
fn evening(pair: &mut Pair) -> bool {
    let is_off = |pair: &mut Pair| {
        let log = pair.log.as_mut().unwrap();
        log.idle(&mut pair.lock, pair.now);
        log.failed
    };
    for round in 0..9 {
        let end = if round % 2 == 0 { BoltPosition::Retracted } else { BoltPosition::Extended };
        pair.sense(end);
        if is_off(pair) {
            return false;
        }
    }
    true
}

#[test]
fn power_that_goes_at_any_byte_of_the_log_s_flash_loses_no_entry_without_a_mark_and_no_key_stays() {
    let mut cuts = 0;
    for bytes in (0..).step_by(3) {
        let mut pair = Pair::with_log(3);
        pair.log.as_mut().unwrap().with_cells(|cells| cells.power_cut_after(bytes));
        let was_cut = !evening(&mut pair);
        // What anybody may have read before.
        let stored = pair.log.as_ref().unwrap().stored.clone();
        pair.cut_power(BoltPosition::Between);
        let (entries, gaps) = pair.log.as_mut().unwrap().read();
        for (index, entry) in &stored {
            let now = entries.iter().find(|(at, _)| at == index);
            let is_given_up = gaps.iter().any(|gap| (gap.first..=gap.last).contains(index));
            match now {
                Some((_, now)) => assert_eq!(now, entry, "index {index} has another content, cut at {bytes}"),
                None => assert!(is_given_up, "entry {index} is lost without a mark, cut at {bytes}"),
            }
        }
        let last = entries.last().map(|(_, entry)| entry.event);
        assert!(entries.iter().any(|(_, entry)| entry.event == LogEvent::Booted(BootReason::BrownOut)));
        assert!(last.is_some());
        // One more entry, and the keys of all before it are nowhere.
        pair.sense(BoltPosition::Retracted);
        let log = pair.log.as_mut().unwrap();
        log.idle(&mut pair.lock, pair.now);
        let spent = log.spent_keys();
        let cells = log.with_cells(|cells| cells.bytes().to_vec());
        for key in spent {
            assert!(!cells.windows(32).any(|window| window == key), "a key is left, cut at {bytes}");
        }
        if !was_cut {
            break;
        }
        cuts += 1;
    }
    assert!(cuts > 250, "{cuts} cuts");
}

fn reset_button(pair: &mut Pair) {
    pair.input(Input::ResetButton(ResetButton::Pressed));
    pair.run();
    pair.wait(11_000);
    pair.input(Input::ResetButton(ResetButton::Released));
}

#[test]
fn a_factory_reset_keeps_the_log_and_is_in_it_before_it_counts_as_done_wherever_power_is_cut() {
    let made = || {
        let mut pair = Pair::with_log(8);
        let (_, mut session) = pair.session(set_pin(1, 1, b"2468"));
        let _ = pair.ask(&mut session, unlock(2));
        reset_button(&mut pair);
        pair
    };
    let mut whole = made();
    let before = events(&mut whole);
    let mut steps = 0;
    while whole.step() {
        steps += 1;
    }
    let after = events(&mut whole);
    assert_eq!(after[..before.len()], before, "nothing is forgotten");
    assert_eq!(
        after[before.len()..],
        [LogEvent::FactoryReset, LogEvent::Alarm(Alarm::FactoryReset)],
        "{after:?}"
    );
    for cut in 0..=steps {
        let mut pair = made();
        for _ in 0..cut {
            let _ = pair.step();
        }
        let is_done = !pair.lock.lock().is_resetting();
        let told = events(&mut pair).contains(&LogEvent::FactoryReset);
        assert!(!is_done || told, "done, and not in the log: cut after {cut} of {steps}");
        pair.cut_power(BoltPosition::Extended);
        pair.run();
        let began = pair.lock.status(pair.now).configuration > 1;
        assert_eq!(events(&mut pair).contains(&LogEvent::FactoryReset), began, "cut after {cut} of {steps}");
    }
}

#[test]
fn a_log_s_flash_that_fails_does_not_keep_a_reset_from_its_end() {
    let mut pair = Pair::with_log(8);
    let (_, _) = pair.session(set_pin(1, 1, b"2468"));
    pair.log.as_mut().unwrap().next = Append::Fails(PersistFailure::Fault);
    reset_button(&mut pair);
    pair.run();
    assert!(!pair.lock.lock().is_resetting());
    assert!(pair.did.contains(&Did::Alarm(Alarm::FactoryReset)));
}

#[test]
fn refusals_name_who_and_why_when_the_flash_of_the_counters_fails() {
    let mut pair = Pair::with_log(8);
    let (_, mut session) = pair.session(set_pin(1, 1, b"2468"));
    pair.flash = Flash::Fails(PersistFailure::Busy);
    let _ = pair.ask(&mut session, unlock(2));
    pair.flash = Flash::Works;
    pair.wait(1_000);
    let refused = (LogEvent::Refused(Reason::StorageBusy), Cause::RemoteLive, Some(2));
    assert!(who(&mut pair).contains(&refused), "{:?}", who(&mut pair));
}

#[test]
fn a_token_of_nobody_and_a_battery_that_runs_low_are_in_the_log() {
    let mut pair = Pair::with_log(8);
    let secret = Secret::Token(TokenId::from_bytes(b"0123").unwrap());
    pair.input(Input::Presented(Presented { kind: CredentialKind::Rfid, secret, wish: Wish::Open }));
    pair.run();
    for _ in 0..3 {
        pair.input(Input::Power(PowerReading {
            voltage: Voltage::Resting(Millivolts(4_300)),
            temperature: None,
        }));
        pair.run();
        pair.wait(60_000);
    }
    let told = events(&mut pair);
    assert!(told.contains(&LogEvent::Refused(Reason::WrongCode)), "{told:?}");
    assert!(
        told.iter().any(|event| matches!(event, LogEvent::Alarm(Alarm::BatteryLow | Alarm::BatteryCritical))),
        "{told:?}"
    );
}

#[test]
fn whoever_presses_the_button_outside_all_night_does_not_push_out_what_was_before() {
    let mut pair = Pair::with_log(8);
    let (_, mut session) = pair.session(set_pin(1, 1, b"2468"));
    let _ = pair.ask(&mut session, unlock(2));
    arrive(&mut pair, BoltPosition::Retracted);
    let press = |pair: &mut Pair, times: usize| {
        for _ in 0..times {
            pair.input(Input::OutsideButton);
            pair.run();
            pair.sense(BoltPosition::Extended);
            pair.wait(2_000);
        }
    };
    let count = |pair: &mut Pair| {
        let asked = (LogEvent::Asked(Target::Locked), Cause::Manual, None);
        who(pair).into_iter().filter(|entry| *entry == asked).count()
    };
    press(&mut pair, 200);
    assert_eq!(count(&mut pair), 16);
    // What people with a right do is written as ever, and the button has an entry again later.
    pair.input(code(b"2468"));
    pair.run();
    arrive(&mut pair, BoltPosition::Retracted);
    let pin = Cause::Credential { kind: CredentialKind::Pin, slot: 0, user: None };
    let told = who(&mut pair);
    let opened = told.iter().position(|entry| *entry == (LogEvent::Asked(Target::Unlocked), pin, None));
    assert_eq!(told[opened.unwrap() - 1].0, LogEvent::Lost(184), "those without an entry are counted");
    pair.wait(600_000);
    press(&mut pair, 100);
    assert_eq!(count(&mut pair), 17);
}
