//! Offline codes through a whole device: made by the cloud's keys alone, opened by a lock that was never told, and, where they open
//! once, never twice, wherever the power is cut.

#[path = "common/pair.rs"]
mod pair;

use lock_core::cloud::offline_code;
use lock_core::device::{BootError, Input, PersistFailure, RecordTag};
use lock_core::proto::{
    Action, BoltPosition, BootReason, CodeClass, CodeSeries, CodesSwitch, CommandId, OfflineCode, Outcome,
    PinDigits, QuarterHours, Reason, Reply, Request, Setting, UnixMillis,
};
use lock_core::state::{Drive, Indication, ResetButton, UsedCodes};
use pair::{Did, EPOCH_MILLIS, Flash, Lock, Pair};

const NOW: QuarterHours = QuarterHours::of(UnixMillis(EPOCH_MILLIS));
const SERIES: CodeSeries = CodeSeries { switch: CodesSwitch::On, epoch: 1, since: NOW.0 / 4 - 10 };
const ONCE: OfflineCode = OfflineCode { class: CodeClass::Once, start: NOW, serial: 0 };
const HOURLY: OfflineCode = OfflineCode { class: CodeClass::OneHour, start: NOW, serial: 0 };

fn allow(id: u64, version: u32, series: CodeSeries) -> Request {
    Request::Command {
        id: CommandId(id),
        action: Action::Configure { version, setting: Setting::OfflineCodes(series) },
    }
}

/// A lock that takes offline codes and knows the time.
fn ready() -> Pair {
    let mut pair = Pair::new();
    let (answer, _) = pair.session(allow(1, 1, SERIES));
    assert!(matches!(answer.reply, Reply::Command { outcome: Outcome::Done, .. }), "{answer:?}");
    pair.did.clear();
    pair
}

fn digits(pair: &Pair, series: CodeSeries, code: OfflineCode) -> PinDigits {
    offline_code(&pair.keys, series, code).unwrap()
}

fn enter(pair: &mut Pair, digits: &PinDigits) {
    pair.did.clear();
    pair.input(Input::code(digits.clone()));
}

fn run_steps(pair: &mut Pair, steps: usize) {
    for _ in 0..steps {
        let _ = pair.step();
    }
}

/// How often the motor was told to open since somebody last looked.
fn openings(pair: &Pair) -> usize {
    pair.did.iter().filter(|did| **did == Did::Motor(Drive::Retract)).count()
}

fn shown(pair: &Pair) -> Option<Indication> {
    pair.did.iter().rev().find_map(|did| if let Did::Indicate(shown) = did { Some(*shown) } else { None })
}

#[test]
fn a_code_of_the_cloud_opens_a_lock_that_was_told_nothing_and_a_used_one_does_not() {
    let mut pair = ready();
    let once = digits(&pair, SERIES, ONCE);
    enter(&mut pair, &once);
    pair.run();
    let written = |tag| pair.did.iter().position(|did| *did == Did::Persist(tag));
    let moved = pair.did.iter().position(|did| *did == Did::Motor(Drive::Retract)).unwrap();
    assert!(written(RecordTag::Memory) < written(RecordTag::Codes), "the count comes first");
    assert!(written(RecordTag::Codes).unwrap() < moved, "the use is durable before the motor moves");
    pair.sense(BoltPosition::Retracted);
    enter(&mut pair, &once);
    pair.run();
    assert_eq!((openings(&pair), shown(&pair)), (0, Some(Indication::Refused(Reason::WrongCode))));
    assert!(!pair.did.contains(&Did::Persist(RecordTag::Codes)));
}

#[test]
fn a_code_for_a_time_writes_no_use_and_opens_as_often_as_it_is_entered() {
    let mut pair = ready();
    let hourly = digits(&pair, SERIES, HOURLY);
    for _ in 0..3 {
        enter(&mut pair, &hourly);
        pair.run();
        assert_eq!(openings(&pair), 1);
        assert!(!pair.did.contains(&Did::Persist(RecordTag::Codes)));
        pair.sense(BoltPosition::Retracted);
        pair.sense(BoltPosition::Extended);
    }
}

/// Cut after each output, twice, and entered again and again: it opens once at most, and is lost only where its use was stored.
#[test]
fn a_code_that_opens_once_never_opens_twice_wherever_the_power_is_cut() {
    let mut whole = ready();
    let once = digits(&whole, SERIES, ONCE);
    enter(&mut whole, &once);
    let mut steps = 0;
    while whole.step() {
        steps += 1;
    }
    let (mut lost, mut kept, mut opened) = (0, 0, 0);
    for first in 0..=steps {
        for second in 0..=steps {
            let mut pair = ready();
            let mut total = 0;
            for cut in [Some(first), Some(second), None, None] {
                enter(&mut pair, &once);
                match cut {
                    Some(cut) => run_steps(&mut pair, cut),
                    None => pair.run(),
                }
                total += openings(&pair);
                pair.cut_power(BoltPosition::Extended);
                let _ = pair.session(Request::Nothing);
            }
            assert!(total <= 1, "opened {total} times, cut after {first} and {second} of {steps}");
            *(if total == 1 { &mut opened } else { &mut lost }) += 1;
        }
        // What a single cut costs: the code is lost if its use was stored and the motor was not told yet, and else is not.
        let mut pair = ready();
        enter(&mut pair, &once);
        run_steps(&mut pair, first);
        let was_stored = pair.did.contains(&Did::Persist(RecordTag::Codes));
        pair.cut_power(BoltPosition::Extended);
        let _ = pair.session(Request::Nothing);
        enter(&mut pair, &once);
        pair.run();
        assert_eq!(openings(&pair) == 1, !was_stored, "cut after {first} of {steps}");
        kept += usize::from(!was_stored);
    }
    assert!(lost > 0 && kept > 0 && opened > 0, "{lost} lost, {kept} kept, {opened} opened");
}

#[test]
fn a_use_whose_record_fails_opens_nothing() {
    for (flash, reason, opens_later) in [
        (Flash::Fails(PersistFailure::Busy), Reason::StorageBusy, true),
        (Flash::Fails(PersistFailure::Fault), Reason::StorageFault, true),
        // The record was written although the driver says that it was not: the code is lost, and never opens twice.
        (Flash::Lies(PersistFailure::Fault), Reason::StorageFault, false),
    ] {
        let mut pair = ready();
        let once = digits(&pair, SERIES, ONCE);
        enter(&mut pair, &once);
        pair.flash = Flash::Slow;
        pair.run();
        pair.answer_flash(Flash::Works);
        pair.run();
        assert!(matches!(pair.pending, Some((_, RecordTag::Codes, _))));
        pair.answer_flash(flash);
        pair.flash = Flash::Works;
        pair.run();
        assert_eq!((openings(&pair), shown(&pair)), (0, Some(Indication::Refused(reason))), "{flash:?}");
        pair.cut_power(BoltPosition::Extended);
        let _ = pair.session(Request::Nothing);
        enter(&mut pair, &once);
        pair.run();
        assert_eq!(openings(&pair) == 1, opens_later, "{flash:?}");
    }
}

#[test]
fn without_the_time_nothing_opens_and_one_session_brings_it_back() {
    let mut pair = ready();
    let hourly = digits(&pair, SERIES, HOURLY);
    pair.cut_power(BoltPosition::Extended);
    enter(&mut pair, &hourly);
    pair.run();
    assert_eq!((openings(&pair), shown(&pair)), (0, Some(Indication::Refused(Reason::ClockNotTrusted))));
    let _ = pair.session(Request::Nothing);
    enter(&mut pair, &hourly);
    pair.run();
    assert_eq!(openings(&pair), 1);
}

#[test]
fn a_code_whose_count_is_not_durable_is_not_read() {
    let mut pair = ready();
    let hourly = digits(&pair, SERIES, HOURLY);
    enter(&mut pair, &hourly);
    pair.flash = Flash::Fails(PersistFailure::Busy);
    pair.run();
    assert_eq!((openings(&pair), shown(&pair)), (0, Some(Indication::Refused(Reason::StorageBusy))));
}

#[test]
fn a_revocation_and_a_reset_outlive_a_power_cut() {
    let mut pair = ready();
    let old = digits(&pair, SERIES, HOURLY);
    let raised = CodeSeries { epoch: 2, ..SERIES };
    let _ = pair.session(allow(2, 2, raised));
    pair.cut_power(BoltPosition::Extended);
    let _ = pair.session(Request::Nothing);
    enter(&mut pair, &old);
    pair.run();
    assert_eq!(openings(&pair), 0);
    let new = digits(&pair, raised, HOURLY);
    enter(&mut pair, &new);
    pair.run();
    assert_eq!(openings(&pair), 1);
    pair.sense(BoltPosition::Retracted);
    pair.sense(BoltPosition::Extended);

    pair.input(Input::ResetButton(ResetButton::Pressed));
    pair.run();
    pair.wait(11_000);
    pair.input(Input::ResetButton(ResetButton::Released));
    pair.run();
    pair.cut_power(BoltPosition::Extended);
    assert_eq!(pair.lock.lock().configuration().settings().offline_codes.epoch, 3);
    let version = pair.lock.status(pair.now).configuration;
    for (id, epoch, outcome) in [
        (3, 2, Outcome::Refused(Reason::InvalidArgument)),
        (4, 3, Outcome::Refused(Reason::InvalidArgument)),
        (5, 4, Outcome::Done),
    ] {
        let (answer, _) = pair.session(allow(id, version + 1, CodeSeries { epoch, ..SERIES }));
        assert!(matches!(answer.reply, Reply::Command { outcome: is, .. } if is == outcome), "{answer:?}");
    }
    enter(&mut pair, &new);
    pair.run();
    assert_eq!(openings(&pair), 0);
    let newest = digits(&pair, CodeSeries { epoch: 4, ..SERIES }, HOURLY);
    enter(&mut pair, &newest);
    pair.run();
    assert_eq!(openings(&pair), 1);
}

#[test]
fn a_damaged_record_of_used_codes_keeps_the_lock_from_starting() {
    let mut pair = ready();
    let once = digits(&pair, SERIES, ONCE);
    enter(&mut pair, &once);
    pair.run();
    let record = pair.records.get_mut(&RecordTag::Codes.number()).unwrap();
    assert_eq!((RecordTag::Codes.number(), record.len()), (17, UsedCodes::BYTES));
    record[0] ^= 1;
    let started = Lock::boot(&pair::stored(&pair.records), [1; 32], BootReason::PowerOn, pair.now);
    assert_eq!(started.err(), Some(BootError::Damaged(RecordTag::Codes)));
}

#[test]
fn every_tag_has_a_number_of_its_own_and_a_greatest_length() {
    let tags: Vec<_> = RecordTag::all().collect();
    assert_eq!(tags.len(), RecordTag::COUNT);
    for (number, tag) in (0..).zip(&tags) {
        assert_eq!((tag.number(), RecordTag::from_number(number)), (number, Some(*tag)));
    }
    const { assert!(RecordTag::COUNT <= 24, "as many as a journal holds") };
    assert_eq!(tags.last(), Some(&RecordTag::Ownership));
}
