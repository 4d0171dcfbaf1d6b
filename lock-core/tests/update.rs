//! Firmware updates: what is taken, that no cut, no relay and no failing flash leaves anything but the right image or the old one, and
//! that new firmware is kept only where it has proved itself.

#[path = "common/pair.rs"]
mod pair;

use lock_core::cloud::{ImageSender, Sending, Session};
use lock_core::device::{Input, PersistFailure, RecordTag};
use lock_core::proto::{
    Action, Alarm, BoltPosition, Chunk, CommandId, Event, Manifest, Millivolts, Outcome, PinDigits, Query,
    Reason, Reply, ReportBody, Request, Seconds, UpdateReport, UpdateState,
};
use lock_core::state::{DoorReading, Drive, PowerReading, ResetButton, UpdateAnswer, Work};
use pair::loader::{Loader, SLOT, Swap, Version, image};
use pair::{Did, Flash, Pair, set_pin, unlock};

const OLD: Version = Version { version: 1, rollback_index: 1 };
const NEW: Version = Version { version: 2, rollback_index: 3 };
const SIZE: usize = 5_000;

/// A lock with a boot loader, in good order, and its cloud.
fn lock() -> Pair {
    let mut pair = Pair::new();
    pair.loader = Some(Loader::new());
    start(&mut pair);
    pair
}

/// A reset, and what is sensed right after it.
fn start(pair: &mut Pair) {
    pair.cut_power(BoltPosition::Extended);
    pair.input(Input::Door(DoorReading::Closed));
    pair.input(Input::Power(PowerReading::resting(Millivolts(6_200))));
    pair.run();
}

fn loader(pair: &mut Pair) -> &mut Loader {
    pair.loader.as_mut().unwrap()
}

/// The next command of a cloud that knows what the lock has begun.
fn command(pair: &Pair, action: Action) -> Request {
    // Records show it: the highest id is in the ledger of each memory record, and a test cloud may look.
    Request::Command { id: CommandId(1_000 + pair.world_millis), action }
}

fn outcome(reports: &[lock_core::proto::Report]) -> Outcome {
    let mut outcomes = reports.iter().filter_map(|report| match report.body {
        ReportBody::Reply(Reply::Command { outcome, .. }) => Some(outcome),
        ReportBody::Reply(_) | ReportBody::Event(_) => None,
    });
    outcomes.next().unwrap_or_else(|| panic!("no answer in {reports:?}"))
}

/// Sends a command in a session of its own.
fn order(pair: &mut Pair, action: Action) -> Outcome {
    let (_, mut session) = pair.session(Request::Nothing);
    pair.wait(1);
    let request = command(pair, action);
    outcome(&pair.ask(&mut session, request))
}

fn report(pair: &mut Pair, session: &mut Session) -> UpdateReport {
    let reports = pair.ask(session, Request::Query(Query::Update));
    let found = reports.iter().find_map(|report| match report.body {
        ReportBody::Reply(Reply::Update(report)) => Some(report),
        ReportBody::Reply(_) | ReportBody::Event(_) => None,
    });
    found.unwrap_or_else(|| panic!("{reports:?}"))
}

fn state(pair: &mut Pair) -> UpdateReport {
    let (_, mut session) = pair.session(Request::Nothing);
    report(pair, &mut session)
}

/// Sends one chunk and returns what the lock answers.
fn send(pair: &mut Pair, session: &mut Session, chunk: &Chunk<'_>) -> Vec<Reply> {
    let mut packet = [0; 512];
    let length = session.chunk(chunk, pair.cloud_now(), &mut packet).unwrap();
    pair.deliver(&packet[..length]);
    replies(pair, session)
}

fn replies(pair: &mut Pair, session: &mut Session) -> Vec<Reply> {
    let reports = pair.reports(session);
    reports
        .into_iter()
        .filter_map(|report| match report.body {
            ReportBody::Reply(reply) => Some(reply),
            ReportBody::Event(_) => None,
        })
        .collect()
}

/// Sends the image from where the lock wants it, as far as it takes it. Returns how many bytes were sent.
fn send_image(pair: &mut Pair, session: &mut Session, bytes: &[u8], manifest: &Manifest) -> usize {
    let now = report(pair, session);
    let Ok(mut sender) = ImageSender::resume(manifest, &now, 1) else { return 0 };
    let mut sent = 0;
    while let Some(piece) = sender.next_piece() {
        let chunk = Chunk { image: manifest.image(), offset: piece.offset, bytes: &bytes[piece.range()] };
        sent += chunk.bytes.len();
        let replies = send(pair, session, &chunk);
        pair.wait(2);
        if pair.until_cut == Some(0) {
            return sent;
        }
        match replies.iter().find_map(|reply| sender.heard(reply)) {
            Some(Sending::GoesOn { .. }) => {}
            Some(Sending::Complete | Sending::Stopped(_)) | None => return sent,
        }
    }
    sent
}

/// Everything up to a verified image in the spare slot.
fn receive(pair: &mut Pair, bytes: &[u8], manifest: &Manifest) -> UpdateReport {
    assert_eq!(order(pair, Action::OfferUpdate(*manifest)), Outcome::Done);
    let (_, mut session) = pair.session(Request::Nothing);
    let _ = send_image(pair, &mut session, bytes, manifest);
    pair.wait(100);
    state(pair)
}

fn install(version: u32) -> Action {
    Action::InstallUpdate { version, trial: Seconds(60) }
}

/// The lock asks for its reset, when nobody is at the door.
fn restart(pair: &mut Pair) {
    pair.wait(6_000);
    assert!(loader(pair).wants_restart, "{:?}", pair.did);
    start(pair);
}

#[test]
fn an_image_is_received_checked_tried_confirmed_and_told() {
    let mut pair = lock();
    let (bytes, manifest) = image(2, 3, SIZE);
    let ready = receive(&mut pair, &bytes, &manifest);
    assert_eq!((ready.state, ready.version, ready.rollback_index), (UpdateState::Ready, 1, 1));
    assert_eq!(loader(&mut pair).spare[..SIZE], bytes);
    assert_eq!(loader(&mut pair).written, SIZE, "no byte is written twice");
    assert_eq!(loader(&mut pair).swap, Swap::Nothing, "nothing starts before it is asked for");

    let (_, mut session) = pair.session(Request::Nothing);
    let begun = pair.ask(&mut session, Request::Command { id: CommandId(9_000), action: install(2) });
    assert_eq!(outcome(&begun), Outcome::Started);
    assert!(begun.iter().any(|report| matches!(
        report.body,
        ReportBody::Event(Event::Finished { id: CommandId(9_000), outcome: Outcome::Done })
    )));
    restart(&mut pair);
    assert_eq!(loader(&mut pair).runs, NEW);
    assert_eq!(pair.lock.health(pair.now).firmware.update, UpdateState::Trial);
    assert!(!pair.did.contains(&Did::Update(Work::Confirm)), "the cloud was not heard yet");

    let trial = state(&mut pair);
    assert_eq!((trial.state, trial.version, trial.rollback_index), (UpdateState::None, 2, 3));
    assert_eq!(loader(&mut pair).swap, Swap::Nothing);
    start(&mut pair);
    assert_eq!((loader(&mut pair).runs, pair.lock.health(pair.now).firmware.version), (NEW, 2));
    let (answer, _) = pair.session(Request::Query(Query::Command(CommandId(9_000))));
    assert!(matches!(answer.reply, Reply::Command { outcome: Outcome::Done, .. }), "{answer:?}");
}

#[test]
fn what_does_not_belong_into_the_slot_is_refused_with_its_reason() {
    let mut pair = lock();
    let refused = |pair: &mut Pair, manifest| order(pair, Action::OfferUpdate(manifest));
    let (_, good) = image(2, 1, SIZE);
    for (manifest, reason) in [
        (Manifest { model: 8, ..good }, Reason::WrongModel),
        (Manifest { rollback_index: 0, ..good }, Reason::RollbackRefused),
        (Manifest { version: 1, ..good }, Reason::AlreadyRuns),
        (Manifest { size: SLOT.bytes + 1, ..good }, Reason::ImageTooLarge),
        (Manifest { size: 0, ..good }, Reason::InvalidArgument),
    ] {
        assert_eq!(refused(&mut pair, manifest), Outcome::Refused(reason));
    }
    for fits in [
        good,
        Manifest { size: SLOT.bytes, ..good },
        Manifest { size: SLOT.bytes - 1, ..good },
        Manifest { size: 1, ..good },
        // A lower version under the same index is the maker's to decide.
        Manifest { version: 0, ..good },
        Manifest { rollback_index: u32::MAX, ..good },
    ] {
        assert_eq!(refused(&mut pair, fits), Outcome::Done);
    }
    assert_eq!(order(&mut pair, install(2)), Outcome::Refused(Reason::UpdateNotReady));
}

#[test]
fn the_rollback_index_never_goes_down() {
    let mut pair = lock();
    let (bytes, manifest) = image(2, 3, SIZE);
    let _ = receive(&mut pair, &bytes, &manifest);
    assert_eq!(order(&mut pair, install(2)), Outcome::Started);
    restart(&mut pair);
    assert_eq!(state(&mut pair).rollback_index, 3);
    for (index, expected) in
        [(2, Outcome::Refused(Reason::RollbackRefused)), (3, Outcome::Done), (4, Outcome::Done)]
    {
        let (_, older) = image(5, index, SIZE);
        assert_eq!(order(&mut pair, Action::OfferUpdate(older)), expected, "index {index}");
    }
    // Also where somebody put an older image there by hand.
    loader(&mut pair).runs = OLD;
    start(&mut pair);
    assert_eq!(state(&mut pair).rollback_index, 3);
    let (_, older) = image(5, 2, SIZE);
    assert_eq!(order(&mut pair, Action::OfferUpdate(older)), Outcome::Refused(Reason::RollbackRefused));
}

#[test]
fn a_damaged_image_fails_raises_an_alarm_and_cannot_be_installed() {
    let mut pair = lock();
    let (mut bytes, manifest) = image(2, 3, SIZE);
    bytes[4_321] ^= 1;
    let failed = receive(&mut pair, &bytes, &manifest);
    assert_eq!((failed.state, failed.failure), (UpdateState::Failed, Some(Reason::DigestMismatch)));
    assert!(pair.did.contains(&Did::Alarm(Alarm::UpdateFailed)));
    assert_eq!(order(&mut pair, install(2)), Outcome::Refused(Reason::UpdateNotReady));
    assert!(!pair.did.iter().any(|did| matches!(did, Did::Update(Work::MarkPending | Work::Restart))));
    bytes[4_321] ^= 1;
    assert_eq!(receive(&mut pair, &bytes, &manifest).state, UpdateState::Ready);
}

#[test]
fn an_install_waits_for_battery_bolt_and_door() {
    let mut pair = lock();
    let (bytes, manifest) = image(2, 3, SIZE);
    let _ = receive(&mut pair, &bytes, &manifest);
    pair.input(Input::Power(PowerReading::resting(Millivolts(4_400))));
    pair.run();
    assert_eq!(order(&mut pair, install(2)), Outcome::Refused(Reason::BatteryLow));
    start(&mut pair);
    pair.input(Input::Door(DoorReading::Open));
    pair.run();
    assert_eq!(order(&mut pair, install(2)), Outcome::Refused(Reason::DoorOpen));
    pair.input(Input::Door(DoorReading::Closed));
    pair.sense(BoltPosition::Between);
    assert_eq!(order(&mut pair, install(2)), Outcome::Refused(Reason::PositionUnknown));
    pair.sense(BoltPosition::Extended);
    let (_, mut session) = pair.session(Request::Nothing);
    pair.wait(1);
    let request = command(&pair, Action::Unlock);
    assert_eq!(outcome(&pair.ask(&mut session, request)), Outcome::Started);
    pair.wait(1);
    let request = command(&pair, install(2));
    assert_eq!(outcome(&pair.ask(&mut session, request)), Outcome::Refused(Reason::Moving));
    pair.sense(BoltPosition::Retracted);
    // Nothing was read for longer than ten minutes: nobody knows what the battery is now.
    pair.wait(11 * 60_000);
    assert_eq!(order(&mut pair, install(2)), Outcome::Refused(Reason::BatteryLow));
    for (trial, expected) in [
        (9, Outcome::Refused(Reason::InvalidArgument)),
        (86_401, Outcome::Refused(Reason::InvalidArgument)),
        (86_400, Outcome::Started),
    ] {
        pair.input(Input::Power(PowerReading::resting(Millivolts(6_200))));
        pair.run();
        let action = Action::InstallUpdate { version: 2, trial: Seconds(trial) };
        assert_eq!(order(&mut pair, action), expected, "{trial} s");
    }
}

#[test]
fn the_reset_waits_until_nobody_is_at_the_door() {
    let mut pair = lock();
    let (bytes, manifest) = image(2, 3, SIZE);
    let _ = receive(&mut pair, &bytes, &manifest);
    pair.wait(10_000);
    let (_, mut session) = pair.session(Request::Nothing);
    pair.wait(1);
    pair.input(Input::OutsideButton);
    pair.run();
    let request = command(&pair, install(2));
    assert_eq!(outcome(&pair.ask(&mut session, request)), Outcome::Started);
    pair.wait(4_990);
    assert!(!loader(&mut pair).wants_restart);
    pair.input(Input::code(PinDigits::from_ascii(b"1234").unwrap()));
    pair.run();
    pair.wait(4_990);
    assert!(!loader(&mut pair).wants_restart);
    pair.wait(20);
    assert!(loader(&mut pair).wants_restart);
}

#[test]
fn a_trial_that_never_hears_the_cloud_rolls_back_by_itself() {
    let mut pair = lock();
    let (bytes, manifest) = image(2, 3, SIZE);
    let _ = receive(&mut pair, &bytes, &manifest);
    assert_eq!(order(&mut pair, install(2)), Outcome::Started);
    restart(&mut pair);
    pair.wait(59_000);
    assert!(!loader(&mut pair).wants_restart);
    pair.wait(2_000);
    restart(&mut pair);
    assert_eq!(loader(&mut pair).runs, OLD);
    assert!(pair.did.contains(&Did::Alarm(Alarm::UpdateRolledBack)));
    let after = state(&mut pair);
    assert_eq!((after.state, after.version, after.rollback_index), (UpdateState::RolledBack, 1, 1));
    // The same image may be tried once more, from zero.
    assert_eq!(receive(&mut pair, &bytes, &manifest).state, UpdateState::Ready);
}

/// Everything up to the reset that starts the new firmware.
fn installed() -> Pair {
    let mut pair = lock();
    let (bytes, manifest) = image(2, 3, SIZE);
    let _ = receive(&mut pair, &bytes, &manifest);
    assert_eq!(order(&mut pair, install(2)), Outcome::Started);
    pair
}

/// The new firmware, which is on trial.
fn on_trial() -> Pair {
    let mut pair = installed();
    restart(&mut pair);
    pair
}

#[test]
fn a_trial_whose_flash_fails_ends_with_the_version_before_it() {
    for why in [PersistFailure::Busy, PersistFailure::Fault] {
        let mut pair = installed();
        pair.fail_from = Some((RecordTag::Update, Flash::Fails(why)));
        restart(&mut pair);
        pair.flash = Flash::Fails(why);
        pair.wait(59_000);
        assert!(!loader(&mut pair).wants_restart);
        pair.wait(2_000);
        assert!(loader(&mut pair).wants_restart, "no record can be stored: {why:?}");
        pair.fail_from = None;
        start(&mut pair);
        assert_eq!((loader(&mut pair).runs, state(&mut pair).state), (OLD, UpdateState::RolledBack));
    }
}

/// The loader is marked, and the power goes before that is stored.
fn marked_and_cut() -> Pair {
    let mut pair = lock();
    let (bytes, manifest) = image(2, 3, SIZE);
    let _ = receive(&mut pair, &bytes, &manifest);
    let (_, mut session) = pair.session(Request::Nothing);
    pair.wait(1);
    let mut packet = [0; 512];
    let request = command(&pair, install(2));
    let length = session.request(request, pair.cloud_now(), &mut packet).unwrap();
    pair.input(Input::Packet { link: pair::LINK, packet: &mut packet[..length] });
    while loader(&mut pair).swap != Swap::Pending {
        assert!(pair.step());
    }
    pair
}

#[test]
fn an_image_that_dies_before_its_first_record_is_told_as_rolled_back() {
    let mut pair = marked_and_cut();
    // The loader swaps, the image crashes at once, and the loader brings back what ran before.
    let _ = loader(&mut pair).boot();
    start(&mut pair);
    assert_eq!(loader(&mut pair).runs, OLD);
    assert!(pair.did.contains(&Did::Alarm(Alarm::UpdateRolledBack)), "{:?}", pair.did);
    assert_eq!(state(&mut pair).state, UpdateState::RolledBack);
    assert_eq!(order(&mut pair, install(2)), Outcome::Refused(Reason::UpdateNotReady));
}

#[test]
fn an_install_whose_loader_was_never_told_is_ready_and_raises_no_alarm() {
    let mut pair = marked_and_cut();
    loader(&mut pair).swap = Swap::Nothing;
    start(&mut pair);
    assert!(!pair.did.contains(&Did::Alarm(Alarm::UpdateRolledBack)));
    assert_eq!(state(&mut pair).state, UpdateState::Ready);
}

#[test]
fn a_reset_that_cannot_go_on_does_not_keep_a_trial_alive() {
    let mut pair = on_trial();
    pair.input(Input::ResetButton(ResetButton::Pressed));
    pair.run();
    pair.wait(11_000);
    pair.fail_from = Some((RecordTag::Keys, Flash::Fails(PersistFailure::Fault)));
    pair.input(Input::ResetButton(ResetButton::Released));
    pair.run();
    assert!(pair.lock.lock().is_resetting());
    pair.wait(60_000);
    assert!(loader(&mut pair).wants_restart);
}

#[test]
fn neither_a_sensor_that_chatters_nor_somebody_at_the_button_defers_the_reset_without_end() {
    let chatter = || Input::Door(DoorReading::Closed);
    for (input, most) in [(chatter as fn() -> Input<'static>, 1), (|| Input::OutsideButton, 61)] {
        let mut pair = on_trial();
        pair.wait(58_000);
        let mut seconds = 58;
        while !loader(&mut pair).wants_restart {
            assert!(seconds <= 60 + most, "after {seconds} s");
            pair.input(input());
            pair.run();
            pair.wait(1_000);
            seconds += 1;
        }
        assert!(seconds >= 60 + most - 2, "after {seconds} s");
    }
}

#[test]
fn a_trial_with_a_faulty_mechanism_is_not_confirmed() {
    let mut pair = lock();
    let (bytes, manifest) = image(2, 3, SIZE);
    let _ = receive(&mut pair, &bytes, &manifest);
    assert_eq!(order(&mut pair, install(2)), Outcome::Started);
    restart(&mut pair);
    pair.sense(BoltPosition::Unknown);
    assert_eq!(state(&mut pair).state, UpdateState::Trial);
    assert_eq!(order(&mut pair, install(2)), Outcome::Refused(Reason::PositionUnknown));
    let (_, other) = image(3, 3, SIZE);
    assert_eq!(order(&mut pair, Action::OfferUpdate(other)), Outcome::Refused(Reason::UpdateUnderWay));
    pair.sense(BoltPosition::Extended);
    assert_eq!(state(&mut pair).state, UpdateState::None);
}

#[test]
fn a_power_cut_during_the_trial_brings_the_old_firmware_back_and_the_lock_works() {
    let mut pair = lock();
    let (_, _) = pair.session(set_pin(1, 1, b"2468"));
    let (bytes, manifest) = image(2, 3, SIZE);
    let _ = receive(&mut pair, &bytes, &manifest);
    assert_eq!(order(&mut pair, install(2)), Outcome::Started);
    restart(&mut pair);
    start(&mut pair);
    assert_eq!((loader(&mut pair).runs, state(&mut pair).state), (OLD, UpdateState::RolledBack));
    pair.did.clear();
    pair.input(Input::code(PinDigits::from_ascii(b"2468").unwrap()));
    pair.run();
    assert_eq!(pair.drives(), [Drive::Retract]);
}

#[test]
fn confirmation_is_the_loader_s_first_and_the_record_makes_up_for_a_cut() {
    let mut pair = lock();
    let (bytes, manifest) = image(2, 3, SIZE);
    let _ = receive(&mut pair, &bytes, &manifest);
    assert_eq!(order(&mut pair, install(2)), Outcome::Started);
    restart(&mut pair);
    pair.did.clear();
    pair.flash = Flash::Fails(PersistFailure::Fault);
    let (_, _) = pair.session(Request::Nothing);
    pair.wait(5);
    let place = |wanted: &Did| pair.did.iter().position(|did| did == wanted);
    let confirm = place(&Did::Update(Work::Confirm)).expect("confirmed");
    assert!(place(&Did::Persist(RecordTag::Update)).is_some_and(|persist| persist > confirm));
    // The record failed, and the power goes.
    start(&mut pair);
    assert_eq!(loader(&mut pair).runs, NEW);
    let after = state(&mut pair);
    assert_eq!((after.state, after.rollback_index), (UpdateState::None, 3));
}

#[test]
fn chunks_out_of_order_repeated_or_of_another_image_are_answered_with_what_is_wanted() {
    let mut pair = lock();
    let (bytes, manifest) = image(2, 3, SIZE);
    let (other, another) = image(3, 3, SIZE);
    let (_, mut session) = pair.session(Request::Nothing);
    let chunk = |offset: usize, length: usize| Chunk {
        image: manifest.image(),
        offset: offset as u32,
        bytes: &bytes[offset..offset + length],
    };
    let none = send(&mut pair, &mut session, &chunk(0, 448));
    assert!(matches!(none[..], [Reply::Update(UpdateReport { state: UpdateState::None, .. })]), "{none:?}");
    assert_eq!(order(&mut pair, Action::OfferUpdate(manifest)), Outcome::Done);
    let (_, mut session) = pair.session(Request::Nothing);
    for (sent, wanted) in [
        (chunk(448, 448), 0),
        (chunk(0, 448), 448),
        (chunk(0, 448), 448),
        (chunk(448, 31), 448),
        (chunk(448, 32), 480),
        (chunk(4_992, 8), 480),
        (chunk(480, 448), 928),
    ] {
        assert_eq!(send(&mut pair, &mut session, &sent), [Reply::Wanted(wanted)], "{}", sent.offset);
    }
    let foreign = Chunk { image: another.image(), offset: 928, bytes: &other[928..960] };
    assert!(matches!(send(&mut pair, &mut session, &foreign)[..], [Reply::Update(_)]));
    // The same manifest again changes nothing; another one begins from zero.
    assert_eq!(order(&mut pair, Action::OfferUpdate(manifest)), Outcome::Done);
    assert_eq!(state(&mut pair).wanted, 928);
    assert_eq!(order(&mut pair, Action::OfferUpdate(another)), Outcome::Done);
    assert_eq!(receive(&mut pair, &other, &another).state, UpdateState::Ready);
}

#[test]
fn a_window_in_flight_before_a_slow_flash_costs_some_chunks_and_ends_in_the_right_image() {
    let mut pair = lock();
    let (bytes, manifest) = image(2, 3, SIZE);
    assert_eq!(order(&mut pair, Action::OfferUpdate(manifest)), Outcome::Done);
    let (_, mut session) = pair.session(Request::Nothing);
    let now = report(&mut pair, &mut session);
    let mut sender = ImageSender::resume(&manifest, &now, 8).unwrap();
    loader(&mut pair).is_slow = true;
    let mut rounds = 0;
    loop {
        rounds += 1;
        assert!(rounds < 500, "{sender:?}");
        while let Some(piece) = sender.next_piece() {
            let chunk = Chunk { image: manifest.image(), offset: piece.offset, bytes: &bytes[piece.range()] };
            let mut packet = [0; 512];
            let length = session.chunk(&chunk, pair.cloud_now(), &mut packet).unwrap();
            pair.deliver(&packet[..length]);
        }
        // The flash is done with whatever it was asked.
        let asked = pair
            .did
            .iter()
            .rev()
            .find_map(|did| if let Did::Update(work) = did { Some(*work) } else { None });
        if let Some(Work::Erase { .. } | Work::Write { .. }) = asked {
            let _ = pair.lock.update_answer(UpdateAnswer::Done, pair.now);
            pair.did.clear();
        }
        pair.wait(1);
        pair.run();
        let heard: Vec<_> =
            replies(&mut pair, &mut session).iter().filter_map(|reply| sender.heard(reply)).collect();
        if heard.contains(&Sending::Complete) {
            break;
        }
    }
    loader(&mut pair).is_slow = false;
    assert_eq!(loader(&mut pair).written, SIZE);
    start(&mut pair);
    pair.wait(100);
    assert_eq!(state(&mut pair).state, UpdateState::Ready);
}

#[test]
fn nobody_at_the_door_waits_for_a_flash_that_is_being_erased() {
    let mut pair = lock();
    let (_, _) = pair.session(set_pin(1, 1, b"2468"));
    let (bytes, manifest) = image(2, 3, SIZE);
    assert_eq!(order(&mut pair, Action::OfferUpdate(manifest)), Outcome::Done);
    let (_, mut session) = pair.session(Request::Nothing);
    loader(&mut pair).is_slow = true;
    let chunk = Chunk { image: manifest.image(), offset: 0, bytes: &bytes[..448] };
    assert_eq!(send(&mut pair, &mut session, &chunk), [], "the erase is not answered");
    pair.did.clear();
    pair.input(Input::code(PinDigits::from_ascii(b"2468").unwrap()));
    pair.run();
    assert_eq!(pair.drives(), [Drive::Retract]);
    // The motor turns: the write has to wait, and goes on behind it.
    pair.lock.update_answer(UpdateAnswer::Done, pair.now).unwrap();
    pair.wait(1);
    pair.input(Input::Entropy([1; 32]));
    pair.run();
    assert!(!pair.did.iter().any(|did| matches!(did, Did::Update(_))), "{:?}", pair.did);
    pair.sense(BoltPosition::Retracted);
    assert!(pair.did.iter().any(|did| matches!(did, Did::Update(Work::Write { .. }))), "{:?}", pair.did);
    assert!(pair.lock.update_answer(UpdateAnswer::Read(&[0; 8]), pair.now).is_err());
    assert!(pair.lock.update_answer(UpdateAnswer::Done, pair.now).is_ok());
    assert!(pair.lock.update_answer(UpdateAnswer::Done, pair.now).is_err(), "each is answered once");
}

#[test]
fn a_slot_that_fails_now_and_then_is_tried_again_and_one_that_always_fails_is_told() {
    for (failing, expected) in [(1, UpdateState::Ready), (2, UpdateState::Ready), (3, UpdateState::Failed)] {
        let mut pair = lock();
        let (bytes, manifest) = image(2, 3, SIZE);
        assert_eq!(order(&mut pair, Action::OfferUpdate(manifest)), Outcome::Done);
        loader(&mut pair).failing = failing;
        for _ in 0..4 {
            let (_, mut session) = pair.session(Request::Nothing);
            let _ = send_image(&mut pair, &mut session, &bytes, &manifest);
        }
        pair.wait(100);
        let after = state(&mut pair);
        assert_eq!(after.state, expected, "{failing} failures");
        let reason = (expected == UpdateState::Failed).then_some(Reason::StorageFault);
        assert_eq!(after.failure, reason);
    }
}

#[test]
fn a_loader_that_does_not_take_the_mark_leaves_the_image_ready_and_the_command_refused() {
    let mut pair = lock();
    let (bytes, manifest) = image(2, 3, SIZE);
    let _ = receive(&mut pair, &bytes, &manifest);
    loader(&mut pair).failing = 1;
    let (_, mut session) = pair.session(Request::Nothing);
    let reports = pair.ask(&mut session, Request::Command { id: CommandId(9_000), action: install(2) });
    assert!(reports.iter().any(|report| matches!(
        report.body,
        ReportBody::Event(Event::Finished { outcome: Outcome::Refused(Reason::StorageFault), .. })
    )));
    assert_eq!(state(&mut pair).state, UpdateState::Ready);
}

#[test]
fn a_record_that_fails_takes_nothing_of_a_command() {
    for (why, reason) in
        [(PersistFailure::Busy, Reason::StorageBusy), (PersistFailure::Fault, Reason::StorageFault)]
    {
        let mut pair = lock();
        let (_, manifest) = image(2, 3, SIZE);
        let (_, mut session) = pair.session(Request::Nothing);
        pair.wait(1);
        let request = command(&pair, Action::OfferUpdate(manifest));
        // The ledger is stored, the update is not.
        pair.flash = Flash::Slow;
        let mut packet = [0; 512];
        let length = session.request(request, pair.cloud_now(), &mut packet).unwrap();
        pair.deliver(&packet[..length]);
        pair.answer_flash(Flash::Works);
        pair.run();
        pair.answer_flash(Flash::Fails(why));
        pair.flash = Flash::Works;
        pair.run();
        assert_eq!(outcome(&pair.reports(&mut session)), Outcome::Refused(reason));
        assert_eq!(state(&mut pair).state, UpdateState::None);
        pair.wait(2_000);
        start(&mut pair);
        assert_eq!(state(&mut pair).state, UpdateState::None);
    }
}

#[test]
fn a_firmware_without_a_loader_takes_no_update() {
    let mut pair = Pair::new();
    let (_, manifest) = image(2, 3, SIZE);
    assert_eq!(order(&mut pair, Action::OfferUpdate(manifest)), Outcome::Refused(Reason::Unsupported));
    let (answer, _) = pair.session(unlock(500_000));
    assert!(matches!(answer.reply, Reply::Command { outcome: Outcome::Started, .. }));
}

/// Pursues the update as a patient cloud does, across resets: until the new version is confirmed. Returns how many bytes were sent.
/// `cuts` are the numbers of outputs after which the power goes, each counted from the boot before.
fn pursue(pair: &mut Pair, bytes: &[u8], manifest: &Manifest, cuts: &[usize]) -> usize {
    let (mut sent, mut cuts) = (0, cuts.iter().copied());
    pair.until_cut = cuts.next();
    for _ in 0..40 {
        let is_cut = |pair: &Pair| pair.until_cut == Some(0);
        let step = |pair: &mut Pair, sent: &mut usize| -> Option<bool> {
            pair.up.clear();
            pair.input(Input::LinkUp { link: pair::LINK, delivery: lock_core::crypto::Delivery::Ordered });
            pair.run();
            let hello = pair.up.pop_front()?;
            let (message1, connecting) = pair.message1(&hello, Request::Query(Query::Update));
            pair.deliver(&message1);
            if pair.up.is_empty() {
                return None;
            }
            let (answer, _, mut session) = pair.finish(connecting);
            pair.up.clear();
            let Reply::Update(now) = answer.get().reply else { panic!("{answer:?}") };
            pair.wait(1);
            let action = match now.state {
                UpdateState::None if now.version == manifest.version => return Some(true),
                UpdateState::None | UpdateState::Failed | UpdateState::RolledBack => {
                    Action::OfferUpdate(*manifest)
                }
                UpdateState::Receiving => {
                    if now.wanted < manifest.size {
                        let mut ready =
                            ImageSender::resume(manifest, &now, 1).expect("it waits for this image");
                        while let Some(piece) = ready.next_piece() {
                            let bytes = &bytes[piece.range()];
                            *sent += bytes.len();
                            let chunk = Chunk { image: manifest.image(), offset: piece.offset, bytes };
                            let mut packet = [0; 512];
                            let length = session.chunk(&chunk, pair.cloud_now(), &mut packet).unwrap();
                            pair.deliver(&packet[..length]);
                            pair.wait(2);
                            if is_cut(pair) {
                                return None;
                            }
                            replies(pair, &mut session).iter().find_map(|reply| ready.heard(reply))?;
                        }
                    }
                    pair.wait(100);
                    return Some(false);
                }
                UpdateState::Ready => install(manifest.version),
                UpdateState::Trial => {
                    pair.wait(6_000);
                    return Some(false);
                }
            };
            let request = command(pair, action);
            let mut packet = [0; 512];
            let length = session.request(request, pair.cloud_now(), &mut packet).unwrap();
            pair.deliver(&packet[..length]);
            Some(false)
        };
        let done = step(pair, &mut sent);
        let confirmed = |pair: &mut Pair| matches!(loader(pair).swap, Swap::Nothing | Swap::Pending);
        if is_cut(pair) || loader(pair).wants_restart {
            let is_by_cut = is_cut(pair);
            start(pair);
            pair.until_cut = if is_by_cut { cuts.next() } else { pair.until_cut };
            if !is_by_cut && cuts.len() > 0 {
                pair.until_cut = cuts.next();
            }
            continue;
        }
        if done == Some(true) && confirmed(pair) {
            return sent;
        }
    }
    panic!("the update never ends: {:?} {:?}", pair.lock.health(pair.now).firmware, pair.loader);
}

/// How many outputs an update takes up to its install, and behind the reset.
fn outputs_of_an_update() -> usize {
    let mut pair = lock();
    let (bytes, manifest) = image(2, 3, SIZE);
    pair.did.clear();
    assert_eq!(order(&mut pair, Action::OfferUpdate(manifest)), Outcome::Done);
    let (_, mut session) = pair.session(Request::Nothing);
    let _ = send_image(&mut pair, &mut session, &bytes, &manifest);
    pair.wait(100);
    assert_eq!(order(&mut pair, install(2)), Outcome::Started);
    pair.wait(6_000);
    assert!(loader(&mut pair).wants_restart);
    pair.did.len()
}

#[test]
fn cut_anywhere_also_twice_it_resumes_and_ends_in_exactly_the_right_image() {
    let outputs = outputs_of_an_update();
    assert!(outputs > 60, "{outputs}");
    let (bytes, manifest) = image(2, 3, SIZE);
    for first in 0..outputs + 10 {
        for second in [None, Some(2), Some(7 + first % 23)] {
            let mut pair = lock();
            let cuts: Vec<usize> = [Some(first), second].into_iter().flatten().collect();
            let sent = pursue(&mut pair, &bytes, &manifest, &cuts);
            assert_eq!(loader(&mut pair).runs, NEW, "cuts {cuts:?}");
            assert_eq!(loader(&mut pair).spare[..SIZE], bytes, "cuts {cuts:?}");
            let twice = sent - SIZE.min(sent);
            // A rollback begins from zero; else each cut costs a sector and what was in flight.
            let bound = cuts.len() * (SLOT.sector as usize + Chunk::MAX);
            let rolled_back = sent >= 2 * SIZE;
            assert!(twice <= bound || rolled_back, "cuts {cuts:?}: {twice} bytes twice");
            let after = state(&mut pair);
            assert_eq!((after.state, after.rollback_index), (UpdateState::None, 3), "cuts {cuts:?}");
        }
    }
}
