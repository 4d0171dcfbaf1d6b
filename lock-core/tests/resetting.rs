//! The factory reset: what it forgets, what it keeps, and that no cut and no failing flash leaves half of it.

#[path = "common/pair.rs"]
mod pair;

use lock_core::device::{Input, PersistFailure, RecordTag};
use lock_core::proto::{
    Action, Alarm, BoltPosition, CommandId, Mode, Outcome, PinDigits, Query, Reason, Reply, Request,
};
use lock_core::state::{Drive, Indication, ResetButton};
use pair::{Did, Flash, Pair, set_pin, unlock};

const CODE: &[u8] = b"2468";

fn code() -> Input<'static> {
    Input::code(PinDigits::from_ascii(CODE).unwrap())
}

/// A lock with a code and a mode of its own, whose reset button is held for long enough.
fn held() -> Pair {
    let mut pair = Pair::new();
    let (_, mut session) = pair.session(set_pin(1, 1, CODE));
    let vacation = Request::Command { id: CommandId(2), action: Action::SetMode(Mode::NoRemote) };
    let _ = pair.ask(&mut session, vacation);
    let normal = Request::Command { id: CommandId(3), action: Action::SetMode(Mode::Normal) };
    let _ = pair.ask(&mut session, normal);
    pair.input(Input::ResetButton(ResetButton::Pressed));
    pair.run();
    pair.wait(11_000);
    pair.did.clear();
    pair
}

/// Whether the code opens.
fn code_opens(pair: &mut Pair) -> bool {
    pair.did.clear();
    pair.input(code());
    pair.run();
    let opens = pair.did.contains(&Did::Motor(Drive::Retract));
    assert!(
        opens || pair.did.contains(&Did::Indicate(Indication::Refused(Reason::WrongCode))),
        "{:?}",
        pair.did
    );
    opens
}

/// The owner's cloud is heard, and its numbers go on.
fn owner_opens(pair: &mut Pair, id: u64) -> bool {
    let (answer, _) = pair.session(unlock(id));
    matches!(answer.reply, Reply::Command { outcome: Outcome::Started, repeat: false, .. })
}

fn persisted(pair: &Pair) -> Vec<RecordTag> {
    let tags = pair.did.iter().filter_map(|did| if let Did::Persist(tag) = did { Some(*tag) } else { None });
    tags.collect()
}

#[test]
fn a_reset_stores_that_it_began_then_a_new_pin_key_then_each_page_and_forgets_the_code() {
    let mut pair = held();
    pair.input(Input::ResetButton(ResetButton::Released));
    pair.run();
    let tags = persisted(&pair);
    assert_eq!(tags[..2], [RecordTag::Memory, RecordTag::Keys], "{tags:?}");
    let pages = tags.iter().filter(|tag| matches!(tag, RecordTag::Page(_))).count();
    assert_eq!(pages, lock_core::state::Configuration::<lock_core::state::Slots<4, 6, 6, 2>>::PAGES);
    assert_eq!(
        tags[tags.len() - 3..],
        [RecordTag::Upkeep, RecordTag::Tickets, RecordTag::Memory],
        "{tags:?}"
    );
    assert!(pair.did.contains(&Did::Alarm(Alarm::FactoryReset)));
    assert!(pair.did.contains(&Did::Indicate(Indication::ResetDone)));
    assert!(!code_opens(&mut pair));
}

#[test]
fn a_reset_keeps_the_cloud_s_keys_its_counters_and_what_was_done_before() {
    let mut pair = held();
    pair.input(Input::ResetButton(ResetButton::Released));
    pair.run();
    let (again, _) = pair.session(set_pin(1, 1, CODE));
    assert!(matches!(again.reply, Reply::Command { id: CommandId(1), repeat: true, .. }), "{again:?}");
    assert!(owner_opens(&mut pair, 4));
}

#[test]
fn a_reset_that_is_cut_anywhere_happened_wholly_or_not_at_all_after_the_next_boot() {
    let mut whole = held();
    whole.input(Input::ResetButton(ResetButton::Released));
    let mut steps = 0;
    while whole.step() {
        steps += 1;
    }
    assert!(steps > 8, "{steps}");
    let (mut before, mut after) = (0, 0);
    for cut in 0..=steps {
        let mut pair = held();
        pair.input(Input::ResetButton(ResetButton::Released));
        for _ in 0..cut {
            let _ = pair.step();
        }
        let began = persisted(&pair).contains(&RecordTag::Memory);
        // The power fails twice: also in the midst of the second attempt.
        pair.cut_power(BoltPosition::Extended);
        pair.cut_power(BoltPosition::Extended);
        pair.run();
        assert_eq!(code_opens(&mut pair), !began, "cut after {cut} of {steps} steps");
        *(if began { &mut after } else { &mut before }) += 1;
        pair.sense(BoltPosition::Extended);
        let (answer, _) = pair.session(Request::Query(Query::Status));
        let Reply::Status(status) = answer.reply else { panic!("{answer:?}") };
        // What was wiped is a newer configuration: the cloud sees that it has to set everything again.
        assert_eq!(
            status.configuration > 1,
            began,
            "cut after {cut}: configuration {}",
            status.configuration
        );
    }
    assert!(before > 0 && after > 0, "{before} before, {after} after");
}

#[test]
fn a_flash_that_fails_in_the_midst_leaves_the_rest_to_the_next_boot() {
    let records = {
        let mut pair = held();
        pair.input(Input::ResetButton(ResetButton::Released));
        pair.run();
        persisted(&pair).len()
    };
    // The last record says that it is done; what follows from it may be said before.
    for failing in 1..records - 1 {
        let mut pair = held();
        pair.input(Input::ResetButton(ResetButton::Released));
        while persisted(&pair).len() < failing {
            assert!(pair.step());
        }
        pair.flash = Flash::Fails(PersistFailure::Fault);
        pair.run();
        assert!(!pair.did.contains(&Did::Indicate(Indication::ResetDone)), "record {failing} failed");
        pair.cut_power(BoltPosition::Extended);
        pair.run();
        assert!(!code_opens(&mut pair), "record {failing} failed, and the next boot did it again");
    }
}

/// So much time, more than any record is tried again after, without a hot loop.
fn a_while(pair: &mut Pair) {
    let before = pair.did.len();
    pair.wait(5_000);
    assert!(pair.did.len() < before + 60, "{:?}", pair.did);
}

#[test]
fn a_record_that_fails_in_the_midst_is_written_a_little_later_without_a_boot() {
    let records = {
        let mut pair = held();
        pair.input(Input::ResetButton(ResetButton::Released));
        pair.run();
        persisted(&pair).len()
    };
    for why in [PersistFailure::Busy, PersistFailure::Fault] {
        for failing in 1..records - 1 {
            let mut pair = held();
            pair.fail_at = Some((failing, Flash::Fails(why)));
            pair.input(Input::ResetButton(ResetButton::Released));
            pair.run();
            a_while(&mut pair);
            let shown = pair.did.iter().filter(|did| **did == Did::Indicate(Indication::ResetDone)).count();
            assert_eq!(shown, 1, "record {failing} failed: {:?}", pair.did);
            let tags = persisted(&pair);
            let pages = lock_core::state::Configuration::<lock_core::state::Slots<4, 6, 6, 2>>::PAGES;
            for page in 0..pages {
                assert!(tags.contains(&RecordTag::Page(page as u8)), "record {failing}: {tags:?}");
            }
            assert!(!code_opens(&mut pair));
            assert!(owner_opens(&mut pair, 4));
            pair.cut_power(BoltPosition::Extended);
            pair.run();
            assert!(!pair.lock.lock().is_resetting() && !code_opens(&mut pair), "record {failing}");
        }
    }
}

#[test]
fn a_flash_that_fails_for_long_is_asked_once_a_second_and_finishes_the_reset_when_it_works() {
    let mut pair = held();
    pair.fail_from = Some((RecordTag::Upkeep, Flash::Fails(PersistFailure::Busy)));
    pair.input(Input::ResetButton(ResetButton::Released));
    pair.run();
    pair.wait(30_000);
    let tried = persisted(&pair).iter().filter(|tag| **tag == RecordTag::Upkeep).count();
    assert!((25..=32).contains(&tried), "{tried} times in 30 s");
    assert!(pair.lock.lock().is_resetting());
    pair.fail_from = None;
    pair.wait(2_000);
    assert!(pair.did.contains(&Did::Indicate(Indication::ResetDone)));
    assert!(owner_opens(&mut pair, 4));
}

#[test]
fn a_reset_that_cannot_be_stored_is_cancelled_and_storage_has_the_last_word() {
    for flash in [PersistFailure::Busy, PersistFailure::Fault].map(Flash::Fails).into_iter().chain([
        // Written after all, though it said otherwise.
        Flash::Lies(PersistFailure::Fault),
    ]) {
        let mut pair = held();
        pair.fail_at = Some((0, flash));
        pair.input(Input::ResetButton(ResetButton::Released));
        pair.run();
        assert!(pair.did.contains(&Did::Indicate(Indication::ResetCancelled)), "{flash:?}: {:?}", pair.did);
        assert!(!pair.lock.lock().is_resetting());
        assert!(owner_opens(&mut pair, 4));
        pair.cut_power(BoltPosition::Extended);
        pair.run();
        assert!(code_opens(&mut pair), "{flash:?}: nothing was wiped");
    }
}

#[test]
fn a_boot_that_resumes_a_reset_and_cannot_count_itself_resumes_it_a_little_later() {
    let mut pair = held();
    pair.flash = Flash::Slow;
    pair.input(Input::ResetButton(ResetButton::Released));
    pair.run();
    pair.answer_flash(Flash::Works);
    pair.fail_at = Some((0, Flash::Fails(PersistFailure::Busy)));
    pair.cut_power(BoltPosition::Extended);
    assert!(pair.lock.lock().is_resetting());
    a_while(&mut pair);
    assert!(pair.did.contains(&Did::Indicate(Indication::ResetDone)), "{:?}", pair.did);
    assert!(owner_opens(&mut pair, 4));
    assert!(!code_opens(&mut pair));
}

#[test]
fn a_reset_while_the_motor_runs_and_a_session_listens_loses_nothing() {
    let mut pair = held();
    let (answer, mut session) = pair.session(unlock(4));
    assert!(matches!(answer.reply, Reply::Command { outcome: Outcome::Started, .. }));
    pair.input(Input::ResetButton(ResetButton::Released));
    pair.run();
    assert!(pair.did.contains(&Did::Motor(Drive::Stop)), "the motor rests during a reset");
    assert!(pair.did.contains(&Did::Alarm(Alarm::FactoryReset)));
    let reports = pair.reports(&mut session);
    assert!(!reports.is_empty(), "those who listen hear of it");
}
