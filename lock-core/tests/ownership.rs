//! The end of an ownership: by the owner's command and at the lock, cut anywhere, and that nothing of the old owner counts afterwards.
#![cfg(feature = "x25519")]

#[path = "common/claims.rs"]
mod claims;
#[path = "common/pair.rs"]
mod pair;

use claims::{Came, claim, claimer, hold, is_served, keys_of, owned, press, shown};
use lock_core::cloud::{Conditions, LockKeys, NewTicket, offline_code};
use lock_core::crypto::KeyEpoch;
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::device::{Input, PersistFailure, RecordTag};
use lock_core::proto::{
    Action, BoltPosition, CodeClass, CodeSeries, CodesSwitch, CommandId, Event, Kind, Mode, OfflineCode,
    Outcome, PinDigits, Profile, QuarterHours, Reason, Reply, ReportBody, Request, SealedReport, Setting,
    UnixMillis, UpdateState,
};
use lock_core::state::{ClockReading, Drive, Indication, ResetButton, Tenure, UsedCodes};
use pair::loader::{Loader, image};
use pair::{Did, EPOCH_MILLIS, Flash, LINK, LOCK_ID, Pair, root, set_pin, unlock};

const CODE: &[u8] = b"246810";
const DONE: Came = Came::Answered(Outcome::Done);

fn end(id: u64, key_epoch: u32) -> Request {
    Request::Command { id: CommandId(id), action: Action::EndOwnership { key_epoch } }
}

fn first_owner() -> LockKeys {
    LockKeys::expand(&root(), LOCK_ID, KeyEpoch::FIRST)
}

/// A lock that its owner has lived with.
fn lived_in() -> Pair {
    let mut pair = owned();
    let (answer, _) = pair.session(set_pin(1, 1, CODE));
    assert!(matches!(answer.reply, Reply::Command { outcome: Outcome::Done, .. }));
    pair
}

fn opens_with(pair: &mut Pair, code: &[u8]) -> bool {
    pair.did.clear();
    pair.input(Input::code(PinDigits::from_ascii(code).unwrap()));
    pair.run();
    pair.did.contains(&Did::Motor(Drive::Retract))
}

fn tenure(pair: &Pair) -> Tenure {
    pair.lock.lock().tenure()
}

/// Whose the lock is after its power was cut twice.
fn after_cuts(pair: &mut Pair) -> Tenure {
    pair.cut_power(BoltPosition::Extended);
    pair.cut_power(BoltPosition::Extended);
    pair.run();
    tenure(pair)
}

#[test]
fn the_owners_command_is_answered_and_then_nothing_of_the_owner_is_left() {
    let mut pair = lived_in();
    let (answer, mut session) = pair.session(end(2, 1));
    assert!(
        matches!(answer.reply, Reply::Command { id: CommandId(2), outcome: Outcome::Done, repeat: false }),
        "{answer:?}"
    );
    let finished = ReportBody::Event(Event::Finished { id: CommandId(2), outcome: Outcome::Done });
    assert!(pair.reports(&mut session).iter().any(|report| report.body == finished));
    assert_eq!(tenure(&pair), Tenure::Unowned);
    assert!(shown(&pair, Indication::Unowned));
    assert!(!opens_with(&mut pair, CODE));
    assert!(!is_served(&mut pair));
    // What is stored holds no leaf of the owner.
    assert_eq!(pair.records[&RecordTag::Keys.number()].len(), 53);
}

#[test]
fn a_sealed_end_leaves_a_receipt_and_a_late_one_is_refused() {
    let mut pair = lived_in();
    let (_, _) = pair.session(Request::Nothing);
    let early = pair.seal(1, end(2, 1));
    pair.wait(61_000);
    let (_, _) = pair.session(Request::Nothing);
    pair.up.clear();
    pair.deliver(&early);
    let receipts = pair.receipts();
    assert!(
        matches!(receipts[..], [SealedReport::Receipt { outcome: Outcome::Refused(Reason::Expired), .. }]),
        "{receipts:?}"
    );
    let sealed = pair.seal(2, end(2, 1));
    pair.deliver(&sealed);
    let receipts = pair.receipts();
    assert!(
        matches!(receipts[..], [SealedReport::Receipt { id: CommandId(2), outcome: Outcome::Done, .. }]),
        "{receipts:?}"
    );
    assert_eq!(tenure(&pair), Tenure::Unowned);
}

#[test]
fn the_end_of_another_epoch_and_of_a_lock_that_nobody_could_claim_is_refused() {
    let mut pair = lived_in();
    let (answer, _) = pair.session(end(2, 2));
    let refused = |reply: &Reply, reason| matches!(reply, Reply::Command { outcome: Outcome::Refused(r), .. } if *r == reason);
    assert!(refused(&answer.reply, Reason::InvalidArgument), "{answer:?}");
    assert!(is_served(&mut pair));

    let mut pair = Pair::new();
    let (answer, _) = pair.session(end(1, 1));
    assert!(refused(&answer.reply, Reason::Unsupported), "{answer:?}");
    assert!(is_served(&mut pair));
    for _ in 0..2 {
        hold(&mut pair);
        pair.run();
    }
    assert!(is_served(&mut pair));
}

#[test]
fn a_second_hold_after_a_reset_ends_the_ownership_and_a_reset_alone_does_not() {
    let mut pair = lived_in();
    hold(&mut pair);
    pair.run();
    assert!(shown(&pair, Indication::ResetDone));
    assert!(is_served(&mut pair));
    hold(&mut pair);
    pair.run();
    assert!(shown(&pair, Indication::UnownedIn(10)) && shown(&pair, Indication::Unowned));
    assert_eq!(tenure(&pair), Tenure::Unowned);
    assert!(!is_served(&mut pair));
}

/// Ends the ownership one way or the other, up to the point where all outputs wait.
fn by_command(pair: &mut Pair) {
    let hello = pair.hello();
    let (mut message1, _) = pair.message1(&hello, end(2, 1));
    pair.input(Input::Packet { link: LINK, packet: &mut message1 });
}

fn at_the_lock(pair: &mut Pair) {
    hold(pair);
    pair.run();
    hold(pair);
}

#[test]
fn an_end_that_is_cut_anywhere_happened_wholly_or_not_at_all_after_the_next_boot() {
    for begin in [by_command, at_the_lock] {
        let steps = {
            let mut whole = lived_in();
            begin(&mut whole);
            core::iter::from_fn(|| whole.step().then_some(())).count()
        };
        assert!(steps > 10, "{steps}");
        let (mut kept, mut ended) = (0, 0);
        for cut in 0..=steps {
            let mut pair = lived_in();
            begin(&mut pair);
            pair.did.clear();
            pair.up.clear();
            for _ in 0..cut {
                let _ = pair.step();
            }
            let began = pair.did.contains(&Did::Persist(RecordTag::Memory));
            let is_answered = pair.up.iter().any(|packet| packet.starts_with(&Kind::Message2.prefix()));
            assert!(began || !is_answered, "answered before it was durable");
            let tenure = after_cuts(&mut pair);
            assert_eq!(tenure, if began { Tenure::Unowned } else { Tenure::Owned }, "cut {cut} of {steps}");
            if began {
                ended += 1;
                assert!(!is_served(&mut pair));
                assert!(!opens_with(&mut pair, CODE));
                press(&mut pair);
                pair.wait(1_500);
                assert_eq!(claim(&mut pair, &claimer(), 1, Profile::X), DONE, "cut {cut}");
                assert!(is_served(&mut pair));
            } else {
                kept += 1;
                assert!(is_served(&mut pair));
            }
        }
        assert!(kept > 0 && ended > 0, "{kept} kept, {ended} ended");
    }
}

#[test]
fn a_flash_that_fails_at_any_record_leaves_the_end_to_the_next_boot_or_the_owner_in_place() {
    let records = {
        let mut pair = lived_in();
        by_command(&mut pair);
        pair.did.clear();
        pair.run();
        pair.did.iter().filter(|did| matches!(did, Did::Persist(_))).count()
    };
    for failing in 0..records {
        let mut pair = lived_in();
        by_command(&mut pair);
        pair.did.clear();
        while pair.did.iter().filter(|did| matches!(did, Did::Persist(_))).count() < failing {
            assert!(pair.step());
        }
        pair.flash = Flash::Fails(PersistFailure::Fault);
        while pair.did.iter().filter(|did| matches!(did, Did::Persist(_))).count() <= failing {
            assert!(pair.step());
        }
        pair.flash = Flash::Works;
        pair.run();
        if failing == 0 {
            assert_eq!(tenure(&pair), Tenure::Owned);
            assert!(is_served(&mut pair), "refused, and everything stays");
        } else {
            assert_eq!(after_cuts(&mut pair), Tenure::Unowned, "record {failing} of {records}");
        }
    }
}

#[test]
fn an_end_whose_record_fails_goes_on_a_little_later_without_a_boot() {
    // By command one record begins the end; at the lock all records of a reset come before it.
    for is_by_command in [true, false] {
        let begin = if is_by_command { by_command } else { at_the_lock };
        let records = |pair: &Pair| pair.did.iter().filter(|did| matches!(did, Did::Persist(_))).count();
        let whole = {
            let mut pair = lived_in();
            pair.did.clear();
            begin(&mut pair);
            pair.run();
            records(&pair)
        };
        let first = if is_by_command { 2 } else { whole / 2 + 1 };
        for failing in first..whole - 1 {
            let mut pair = lived_in();
            pair.did.clear();
            pair.fail_at = Some((failing, Flash::Fails(PersistFailure::Busy)));
            begin(&mut pair);
            pair.run();
            pair.wait(5_000);
            assert_eq!(tenure(&pair), Tenure::Unowned, "record {failing} of {whole} failed");
            assert!(!pair.lock.lock().is_resetting(), "record {failing} of {whole} failed");
            assert_eq!(after_cuts(&mut pair), Tenure::Unowned);
        }
    }
}

#[test]
fn an_end_that_was_refused_does_not_come_true_at_a_later_boot() {
    let flashes = [
        Flash::Fails(PersistFailure::Busy),
        Flash::Fails(PersistFailure::Fault),
        Flash::Lies(PersistFailure::Busy),
        Flash::Lies(PersistFailure::Fault),
    ];
    for flash in flashes {
        let mut pair = lived_in();
        by_command(&mut pair);
        pair.fail_at = Some((0, flash));
        pair.run();
        assert_eq!(tenure(&pair), Tenure::Owned, "{flash:?}");
        assert_eq!(after_cuts(&mut pair), Tenure::Owned, "{flash:?}");
        assert!(is_served(&mut pair) && opens_with(&mut pair, CODE), "{flash:?}");
    }
}

/// An end that waits behind two other commands, the first of whose records a slow flash has not answered.
fn behind_others() -> Pair {
    let mut pair = lived_in();
    let (_, mut session) = pair.session(Request::Nothing);
    pair.flash = Flash::Slow;
    for request in [pair::lock(2), pair::lock(3), end(4, 1)] {
        assert!(pair.ask(&mut session, request).is_empty());
    }
    pair
}

#[test]
fn the_record_of_another_command_ends_no_ownership() {
    let memory = |pair: &Pair| pair.pending.as_ref().is_some_and(|(_, tag, _)| *tag == RecordTag::Memory);
    for durable in 0..=3 {
        let mut pair = behind_others();
        for _ in 0..durable {
            assert!(memory(&pair));
            pair.answer_flash(Flash::Works);
            pair.run();
        }
        let ends = if durable == 3 { Tenure::Unowned } else { Tenure::Owned };
        assert_eq!(after_cuts(&mut pair), ends, "{durable} records");
    }
    let mut pair = behind_others();
    for flash in [Flash::Works, Flash::Works, Flash::Fails(PersistFailure::Busy)] {
        assert!(memory(&pair));
        pair.answer_flash(flash);
        pair.fail_from = (flash != Flash::Works).then_some((RecordTag::Memory, flash));
        pair.run();
    }
    assert_eq!(tenure(&pair), Tenure::Owned, "refused");
    assert_eq!(after_cuts(&mut pair), Tenure::Owned, "and it stays so");
}

#[test]
fn the_next_owner_keeps_the_lock_whose_last_record_of_the_end_failed() {
    for fails_on in [true, false] {
        let mut pair = lived_in();
        by_command(&mut pair);
        pair.did.clear();
        while !pair.did.contains(&Did::Persist(RecordTag::Tickets)) {
            assert!(pair.step());
        }
        let failing = (RecordTag::Memory, Flash::Fails(PersistFailure::Fault));
        pair.fail_from = Some(failing);
        pair.run();
        assert_eq!(tenure(&pair), Tenure::Unowned);
        press(&mut pair);
        pair.wait(1_500);
        pair.fail_from = fails_on.then_some(failing);
        let came = claim(&mut pair, &claimer(), 1, Profile::S);
        if fails_on {
            assert_eq!(came, Came::Answered(Outcome::Refused(Reason::StorageFault)));
            pair.fail_from = None;
            press(&mut pair);
            pair.wait(1_500);
            assert_eq!(claim(&mut pair, &claimer(), 1, Profile::S), DONE);
        } else {
            assert_eq!(came, DONE);
        }
        assert_eq!(after_cuts(&mut pair), Tenure::Owned, "the next owner's keys are erased");
        assert!(is_served(&mut pair));
    }
}

#[test]
fn nothing_of_the_old_owner_counts_at_the_new_owners_lock() {
    let mut pair = lived_in();
    let old = first_owner();
    let guest = NewTicket { serial: 1, issued: UnixMillis(0), epoch: 0, conditions: Conditions::default() };
    let guest = old.issue(&guest, None, &[1; 32]).unwrap();
    let hedge = InitiatorHedge { attempt: 500, entropy: [4; 32] };
    let hello = pair.hello();
    let mut packet = [0; 512];
    let (length, _) = guest.connect(&hello, unlock(1), &hedge, &mut packet).unwrap();
    let by_the_guest = packet[..length].to_vec();
    let recorded = [pair.seal(5, unlock(50)), {
        let hello = pair.hello();
        pair.message1(&hello, unlock(51)).0
    }];
    let (_, mut session) = pair.session(Request::Nothing);
    let mut record = [0; 512];
    let length = session.request(unlock(52), pair.cloud_now(), &mut record).unwrap();
    let _ = pair.session(end(2, 1));
    press(&mut pair);
    pair.wait(1_500);
    assert_eq!(claim(&mut pair, &claimer(), 1, Profile::S), DONE);
    pair.did.clear();
    let recorded = recorded.iter().map(Vec::as_slice).chain([&record[..length], &by_the_guest]);
    for packet in recorded {
        pair.wait(1_500);
        pair.hello();
        pair.did.clear();
        pair.deliver(packet);
        assert!(pair.up.is_empty() && pair.drives().is_empty());
    }
    assert!(!opens_with(&mut pair, CODE));
    // Neither the old cloud nor the old guest even recognises it.
    let hello = pair.hello();
    assert!(guest.connect(&hello, unlock(2), &hedge, &mut packet).is_err());
    let new = core::mem::replace(&mut pair.keys, old);
    assert!(!is_served(&mut pair));
    pair.keys = new;
    assert!(is_served(&mut pair));
}

#[test]
fn key_epoch_and_counters_go_on_over_each_change_of_owner() {
    let mut pair = lived_in();
    let sealed = pair.seal(7, set_pin(9, 2, b"999999"));
    pair.deliver(&sealed);
    let boot = pair.lock.boot_number();
    let mut epochs = Vec::new();
    for number in 1..=3_u8 {
        let epoch = pair.keys.key_epoch().number();
        let id = 9 + u64::from(number);
        pair.wait(1_500);
        let (answer, _) = pair.session(end(id, epoch));
        assert!(matches!(answer.reply, Reply::Command { outcome: Outcome::Done, .. }), "{answer:?}");
        press(&mut pair);
        pair.wait(1_500);
        let (message1, claiming) = claims::message1(&mut pair, &claimer()).unwrap();
        pair.deliver(&message1);
        let mut message2 = pair.up.pop_front().unwrap();
        let now = pair.cloud_now();
        let (found, mut claim) =
            claiming.finish(&mut message2, lock_core::crypto::Delivery::Ordered, now).unwrap();
        assert_eq!(found.marks.marks().command, CommandId(id), "no id comes twice");
        assert_eq!(found.marks.marks().down, 7);
        assert_eq!((found.revocation_epoch, found.configuration, found.code_epoch), (0, 0, 0));
        epochs.push(found.key_epoch.number());
        let mut packet = [0; 512];
        let root = claims::root_of(number);
        let length = claim.hand_over(&root, Profile::S, now, &mut packet).unwrap();
        pair.deliver(&packet[..length]);
        let mut answer = pair.up.pop_front().unwrap();
        assert_eq!(claim.open(&mut answer, now), Ok(Outcome::Done));
        pair.keys = keys_of(number, found.key_epoch.number(), Profile::S);
    }
    assert_eq!(epochs, [2, 3, 4]);
    assert_eq!(pair.lock.boot_number(), boot);
}

/// Takes what its cloud says as done.
fn done(pair: &mut Pair, id: u64, action: Action) {
    pair.wait(1_500);
    let (answer, _) = pair.session(Request::Command { id: CommandId(id), action });
    assert!(matches!(answer.reply, Reply::Command { outcome: Outcome::Done, .. }), "{answer:?}");
}

fn clock(pair: &Pair) -> ClockReading {
    pair.lock.lock().clock(pair.now)
}

#[test]
fn what_an_owner_ran_to_its_end_begins_anew_for_the_next() {
    const FAR: u64 = 80 * 365 * 86_400_000;
    let mut pair = lived_in();
    let series = CodeSeries { switch: CodesSwitch::On, epoch: u32::MAX, since: 1 };
    done(&mut pair, 2, Action::Configure { version: u32::MAX, setting: Setting::OfflineCodes(series) });
    done(&mut pair, 3, Action::RevokeTickets { epoch: u32::MAX });
    // A time in eighty years, said twice.
    pair.world_millis += FAR;
    for id in 4..6 {
        done(&mut pair, id, Action::SetMode(Mode::Normal));
    }
    assert!(
        matches!(clock(&pair), ClockReading::Trusted { earliest, .. } if earliest.0 > EPOCH_MILLIS + FAR)
    );
    pair.world_millis -= FAR;
    let _ = pair.session(end(6, 1));
    assert_eq!(after_cuts(&mut pair), Tenure::Unowned);
    assert_eq!(clock(&pair), ClockReading::Unset);
    press(&mut pair);
    pair.wait(1_500);
    assert_eq!(claim(&mut pair, &claimer(), 1, Profile::S), DONE);
    let series = CodeSeries { epoch: 1, ..series };
    done(&mut pair, 7, Action::Configure { version: 1, setting: Setting::OfflineCodes(series) });
    done(&mut pair, 8, Action::RevokeTickets { epoch: 1 });
    assert!(matches!(clock(&pair), ClockReading::Trusted { latest, .. } if latest.0 < EPOCH_MILLIS + FAR));
}

#[test]
fn a_code_that_the_old_owners_guest_used_is_not_used_up_for_the_next() {
    let mut pair = owned();
    let now = QuarterHours::of(UnixMillis(EPOCH_MILLIS));
    let series = CodeSeries { switch: CodesSwitch::On, epoch: 1, since: now.0 / 4 - 10 };
    let once = OfflineCode { class: CodeClass::Once, start: now, serial: 0 };
    let allow = |version| Action::Configure { version, setting: Setting::OfflineCodes(series) };
    done(&mut pair, 1, allow(1));
    for owner in 1..3_u8 {
        let code = offline_code(&pair.keys, series, once).unwrap();
        assert!(opens_with(&mut pair, code.as_ascii()));
        assert!(pair.lock.lock().used_codes() != &UsedCodes::default());
        let epoch = pair.keys.key_epoch().number();
        pair.wait(1_500);
        let _ = pair.session(end(10 * u64::from(owner), epoch));
        assert_eq!(after_cuts(&mut pair), Tenure::Unowned);
        press(&mut pair);
        pair.wait(1_500);
        assert_eq!(claim(&mut pair, &claimer(), owner, Profile::S), DONE);
        done(&mut pair, 10 * u64::from(owner) + 1, allow(1));
    }
}

#[test]
fn the_pin_key_of_each_owner_is_another() {
    let k_pin = |pair: &Pair| {
        let record = &pair.records[&RecordTag::Keys.number()];
        record[record.len() - 32..].to_vec()
    };
    let mut pair = lived_in();
    let mut seen = vec![k_pin(&pair)];
    let _ = pair.session(end(2, 1));
    seen.push(k_pin(&pair));
    press(&mut pair);
    pair.wait(1_500);
    assert_eq!(claim(&mut pair, &claimer(), 1, Profile::S), DONE);
    seen.push(k_pin(&pair));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 3);
}

#[test]
fn a_reset_of_an_unowned_lock_leaves_it_unowned_in_its_epoch() {
    let mut pair = lived_in();
    let _ = pair.session(end(2, 1));
    for _ in 0..2 {
        hold(&mut pair);
        pair.run();
    }
    assert_eq!(after_cuts(&mut pair), Tenure::Unowned);
    press(&mut pair);
    pair.wait(1_500);
    assert_eq!(claim(&mut pair, &claimer(), 1, Profile::S), DONE);
    assert_eq!(pair.keys.key_epoch().number(), 2);
    assert!(is_served(&mut pair));
}

#[test]
fn other_sessions_and_greetings_of_the_old_owner_are_over() {
    use lock_core::crypto::Delivery;
    use lock_core::device::LinkId;
    let mut pair = lived_in();
    let (_, mut session) = pair.session(Request::Nothing);
    // A Hello that was made for the old owner, on another link.
    let other = LinkId(1);
    pair.input(Input::LinkUp { link: other, delivery: Delivery::Ordered });
    pair.run();
    let hello = pair.did.iter().rev().find_map(|did| claims::sent_on(did, other)).unwrap();
    let (mut message1, _) = pair.message1(&hello, unlock(20));
    let sealed = pair.seal(1, end(2, 1));
    pair.deliver(&sealed);
    assert_eq!(tenure(&pair), Tenure::Unowned);
    pair.did.clear();
    pair.input(Input::Packet { link: other, packet: &mut message1 });
    pair.run();
    let mut record = [0; 512];
    let length = session.request(unlock(21), pair.cloud_now(), &mut record).unwrap();
    pair.deliver(&record[..length]);
    assert!(!pair.did.iter().any(|did| matches!(did, Did::Transmit(..) | Did::Motor(_))), "{:?}", pair.did);
}

#[test]
fn while_an_ownership_ends_nobody_sets_the_clock_of_the_next_owner() {
    const FAR: u64 = 400 * 365 * 86_400_000;
    let mut taken = 0;
    for steps in 0..40 {
        let mut pair = lived_in();
        hold(&mut pair);
        pair.run();
        pair.input(Input::ResetButton(ResetButton::Pressed));
        pair.run();
        pair.wait(8_000);
        let hello = pair.hello();
        pair.world_millis += FAR;
        let (message1, _) = pair.message1(&hello, Request::Nothing);
        pair.world_millis -= FAR;
        pair.wait(4_000);
        pair.input(Input::ResetButton(ResetButton::Released));
        let left = (0..steps).take_while(|_| pair.step()).count();
        let mut packet = message1.clone();
        taken += usize::from(
            pair.lock.handle(Input::Packet { link: LINK, packet: &mut packet }, pair.now).is_ok(),
        );
        pair.run();
        assert_eq!(after_cuts(&mut pair), Tenure::Unowned);
        if left < steps {
            break;
        }
        assert_eq!(clock(&pair), ClockReading::Unset, "it came behind {steps} steps");
    }
    assert!(taken > 10, "{taken}");
}

#[test]
fn an_update_that_waits_does_not_go_on_at_the_next_owners_lock() {
    let mut pair = lived_in();
    pair.loader = Some(Loader::new());
    pair.cut_power(BoltPosition::Extended);
    pair.run();
    let (_, manifest) = image(2, 3, 2_000);
    done(&mut pair, 2, Action::OfferUpdate(manifest));
    pair.wait(5_000);
    assert_ne!(pair.lock.health(pair.now).firmware.update, UpdateState::None);
    pair.wait(1_500);
    let _ = pair.session(end(3, 1));
    pair.run();
    pair.cut_power(BoltPosition::Extended);
    pair.run();
    assert_eq!(tenure(&pair), Tenure::Unowned);
    assert_eq!(pair.lock.health(pair.now).firmware.update, UpdateState::None);
}
