//! The lock is reached now: one round trip, at most once, and nothing for a hostile relay.

#[path = "common/pair.rs"]
mod pair;

use lock_core::device::{Input, PersistFailure, RecordTag};
use lock_core::proto::{
    Action, BatteryLevel, BoltPosition, BootReason, CommandId, Event, Holiday, Mode, Outcome, Put, Query,
    Reason, Reply, ReportBody, Request, Seconds, Setting, UnixMillis, Uptime,
};
use lock_core::state::{DoorReading, Drive};
use pair::{Did, EPOCH_MILLIS, Flash, LINK, Lock, Pair, lock, stored, unlock};

fn outcome(reply: &Reply) -> (Outcome, bool) {
    let Reply::Command { outcome, repeat, .. } = *reply else { panic!("not about a command: {reply:?}") };
    (outcome, repeat)
}

#[test]
fn an_unlock_takes_one_round_trip_and_the_motor_starts_before_the_answer_is_made() {
    let mut pair = Pair::new();
    let hello = pair.hello();
    let (message1, connecting) = pair.message1(&hello, unlock(1));
    pair.did.clear();
    pair.deliver(&message1);
    let kinds: Vec<_> = pair
        .did
        .iter()
        .filter_map(|did| match did {
            Did::Persist(tag) => Some(format!("{tag:?}")),
            Did::Motor(drive) => Some(format!("{drive:?}")),
            Did::Transmit(..) => Some("transmit".into()),
            Did::Indicate(_)
            | Did::Alarm(_)
            | Did::Close(_)
            | Did::Log(_)
            | Did::Update(_)
            | Did::LogRead(_)
            | Did::Acknowledged(_) => None,
        })
        .collect();
    assert_eq!(kinds[..3], ["Memory", "Retract", "transmit"]);
    let (answer, marks, _) = pair.finish(connecting);
    assert_eq!(outcome(&answer.get().reply), (Outcome::Started, false));
    assert_eq!(marks.marks().command, CommandId(1));
}

#[test]
fn the_end_of_a_command_is_reported_on_sensor_evidence() {
    let mut pair = Pair::new();
    let (_, mut session) = pair.session(unlock(1));
    let _ = pair.reports(&mut session);
    pair.wait(300);
    pair.sense(BoltPosition::Between);
    pair.wait(600);
    pair.sense(BoltPosition::Retracted);
    let finished = pair.reports(&mut session).into_iter().any(|report| {
        report.body == ReportBody::Event(Event::Finished { id: CommandId(1), outcome: Outcome::Done })
    });
    assert!(finished);
    let query = Request::Query(Query::Command(CommandId(1)));
    let reports = pair.ask(&mut session, query);
    assert!(matches!(
        reports[0].body,
        ReportBody::Reply(Reply::Command { outcome: Outcome::Done, repeat: true, .. })
    ));
}

#[test]
fn a_replayed_message1_is_refused_now_after_a_new_hello_and_after_a_power_cut() {
    let mut pair = Pair::new();
    let hello = pair.hello();
    let (message1, _) = pair.message1(&hello, unlock(1));
    pair.deliver(&message1);
    assert_eq!(pair.drives(), [Drive::Retract]);
    pair.sense(BoltPosition::Retracted);
    pair.did.clear();
    pair.up.clear();

    pair.deliver(&message1);
    assert!(pair.up.is_empty(), "the Hello that it answers was answered");
    pair.hello();
    pair.deliver(&message1);
    pair.cut_power(BoltPosition::Extended);
    pair.hello();
    pair.deliver(&message1);
    assert_eq!(pair.drives(), []);
    assert!(pair.up.is_empty(), "silence before authentication");
}

#[test]
fn any_flipped_bit_or_missing_byte_of_message1_is_refused() {
    let mut pair = Pair::new();
    for damage in 0.. {
        pair.wait(2_000);
        let hello = pair.hello();
        let (mut message1, _) = pair.message1(&hello, unlock(1));
        if damage >= message1.len() * 9 {
            break;
        }
        match damage % 9 {
            8 => message1.truncate(damage / 9),
            bit => message1[damage / 9] ^= 1 << bit,
        }
        pair.deliver(&message1);
        assert_eq!((pair.drives(), pair.up.len()), (vec![], 0), "damage {damage}");
    }
}

#[test]
fn an_altered_hello_is_refused_by_the_lock() {
    for byte in 0..29 {
        let mut pair = Pair::new();
        let mut hello = pair.hello();
        hello[byte] ^= 2;
        let opened = std::panic::catch_unwind(move || {
            let (message1, _) = pair.message1(&hello, unlock(1));
            pair.deliver(&message1);
            assert_eq!((pair.drives(), pair.up.len()), (vec![], 0));
        });
        // Either the cloud does not recognise it, or the lock does not.
        let _ = opened.map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            assert!(
                text.contains("AnotherLock")
                    || text.contains("UnexpectedPacket")
                    || text.contains("NoCommonVersion"),
                "{text}"
            );
        });
    }
}

#[test]
fn what_the_lock_sent_is_never_taken_by_the_lock() {
    let mut pair = Pair::new();
    let (_, mut session) = pair.session(unlock(1));
    let _ = pair.ask(&mut session, Request::Query(Query::Status));
    let sent: Vec<_> = pair
        .did
        .iter()
        .filter_map(|did| if let Did::Transmit(_, p) = did { Some(p.clone()) } else { None })
        .collect();
    assert!(sent.len() >= 4);
    pair.did.clear();
    sent.iter().for_each(|packet| pair.deliver(packet));
    assert_eq!(pair.did, []);
}

#[test]
fn a_motion_command_lives_for_five_seconds_of_its_hello_and_the_hello_for_ten() {
    for (waited, expected) in [
        (5_000, Some(Outcome::Started)),
        (5_001, Some(Outcome::Refused(Reason::Expired))),
        (9_999, Some(Outcome::Refused(Reason::Expired))),
        (10_000, None),
    ] {
        let mut pair = Pair::new();
        let hello = pair.hello();
        let (message1, connecting) = pair.message1(&hello, unlock(1));
        pair.now = pair.now.plus_millis(waited);
        pair.deliver(&message1);
        let moved = pair.drives();
        assert_eq!(moved.len(), usize::from(expected == Some(Outcome::Started)), "{waited} ms");
        match expected {
            None => assert!(pair.up.is_empty()),
            Some(expected) => {
                assert_eq!(outcome(&pair.finish(connecting).0.get().reply).0, expected, "{waited} ms");
            }
        }
    }
}

#[test]
fn a_command_in_a_record_that_a_relay_holds_back_is_refused() {
    for (held, moves) in [(0, true), (4_000, true), (4_001, false), (60_000, false)] {
        let mut pair = Pair::new();
        let (_, mut session) = pair.session(Request::Nothing);
        let mut packet = [0; 512];
        let length = session.request(unlock(1), pair.cloud_now(), &mut packet).unwrap();
        pair.wait(held);
        pair.deliver(&packet[..length]);
        assert_eq!(!pair.drives().is_empty(), moves, "held for {held} ms");
    }
}

#[test]
fn a_retry_returns_the_outcome_and_moves_nothing() {
    let mut pair = Pair::new();
    let (_, _) = pair.session(unlock(1));
    pair.sense(BoltPosition::Retracted);
    assert_eq!(pair.drives(), [Drive::Retract]);
    let (again, _) = pair.session(unlock(1));
    assert_eq!(outcome(&again.reply), (Outcome::Done, true));
    let (other, _) = pair.session(lock(1));
    assert_eq!(outcome(&other.reply), (Outcome::Refused(Reason::IdConflict), false));
    assert_eq!(pair.drives(), []);
}

#[test]
fn a_power_cut_between_any_two_outputs_never_runs_a_command_twice() {
    for cut_after in 0..12 {
        let mut pair = Pair::new();
        let hello = pair.hello();
        let (message1, _) = pair.message1(&hello, unlock(1));
        pair.did.clear();
        let mut packet = message1.clone();
        pair.input(Input::Packet { link: LINK, packet: &mut packet });
        let ran = (0..cut_after).take_while(|_| pair.step()).count();
        let moved_before = pair.drives().len();
        pair.cut_power(BoltPosition::Extended);
        // The cloud never heard; it tries again under the same id.
        let (again, _) = pair.session(unlock(1));
        let moved_after = pair.drives().len();
        assert!(
            moved_before + moved_after <= 1,
            "cut after {ran} outputs: moved {moved_before} + {moved_after}"
        );
        if moved_after == 0 {
            assert_eq!(outcome(&again.reply), (Outcome::Interrupted, true));
        }
        if ran < cut_after {
            return;
        }
    }
    panic!("the command made more outputs than the test looks at");
}

#[test]
fn a_supply_that_breaks_down_with_the_first_turn_of_an_ordered_drive_did_so_under_the_motor() {
    let mut pair = Pair::new();
    let hello = pair.hello();
    let (mut message1, _) = pair.message1(&hello, unlock(1));
    pair.did.clear();
    pair.input(Input::Packet { link: LINK, packet: &mut message1 });
    while pair.drives().is_empty() {
        assert!(pair.step(), "the motor was not told to turn");
    }
    let start = Uptime::from_millis(0);
    let records = stored(&pair.records);
    let mut lock = Lock::boot(&records, [1; 32], BootReason::BrownOut, start).unwrap();
    lock.handle(Input::Tick, start).unwrap();
    assert_eq!(lock.health(start).power.level, BatteryLevel::Critical);
}

#[test]
fn an_ordered_drive_costs_one_record_before_it_and_one_after_it() {
    let mut pair = Pair::new();
    let hello = pair.hello();
    let (message1, _) = pair.message1(&hello, unlock(1));
    pair.did.clear();
    pair.deliver(&message1);
    let written = |pair: &Pair| pair.did.iter().filter(|did| matches!(did, Did::Persist(_))).count();
    assert_eq!(written(&pair), 1);
    pair.did.clear();
    pair.sense(BoltPosition::Retracted);
    assert_eq!(written(&pair), 1);
}

#[test]
fn nothing_moves_or_is_said_before_the_flash_has_answered() {
    let mut pair = Pair::new();
    let hello = pair.hello();
    let (message1, _) = pair.message1(&hello, unlock(1));
    pair.did.clear();
    pair.flash = Flash::Slow;
    pair.deliver(&message1);
    assert_eq!(pair.did, [Did::Persist(RecordTag::Memory)]);
}

#[test]
fn a_failed_persist_moves_nothing_is_refused_by_name_and_burns_the_id() {
    for (why, reason) in
        [(PersistFailure::Busy, Reason::StorageBusy), (PersistFailure::Fault, Reason::StorageFault)]
    {
        let mut pair = Pair::new();
        let hello = pair.hello();
        let (message1, connecting) = pair.message1(&hello, unlock(1));
        pair.flash = Flash::Fails(why);
        pair.deliver(&message1);
        assert_eq!(outcome(&pair.finish(connecting).0.get().reply), (Outcome::Refused(reason), false));
        pair.flash = Flash::Works;
        let (again, _) = pair.session(unlock(1));
        assert_eq!(outcome(&again.reply), (Outcome::Refused(reason), true));
        assert_eq!(pair.drives(), []);
    }
}

#[test]
fn no_hello_leaves_before_the_boot_counter_is_durable() {
    let mut pair = Pair::new();
    pair.cut_power(BoltPosition::Extended);
    let records = pair.records.clone();
    pair.lock = pair::boot(&records, [1; 32], pair.now);
    pair.flash = Flash::Fails(PersistFailure::Busy);
    pair.did.clear();
    pair.input(Input::LinkUp { link: LINK, delivery: lock_core::crypto::Delivery::Ordered });
    pair.run();
    assert!(!pair.did.iter().any(|did| matches!(did, Did::Transmit(..))));
    pair.flash = Flash::Works;
    assert_eq!(pair.hello().len(), 29);
}

#[test]
fn a_stuck_random_source_never_repeats_a_hello() {
    let mut pair = Pair::new();
    let mut seen = std::collections::BTreeSet::new();
    for boot in 0..20 {
        for _ in 0..20 {
            assert!(seen.insert(pair.hello()), "boot {boot}");
        }
        pair.cut_power(BoltPosition::Extended);
    }
}

#[test]
fn a_jam_stops_the_motor_at_once_and_is_never_called_locked() {
    let mut pair = Pair::new();
    pair.sense(BoltPosition::Retracted);
    let (_, session) = pair.session(lock(1));
    pair.sense(BoltPosition::Between);
    pair.did.clear();
    pair.flash = Flash::Slow;
    pair.input(Input::code(lock_core::proto::PinDigits::from_ascii(b"1234").unwrap()));
    pair.run();
    pair.input(Input::MotorStalled);
    pair.run();
    assert_eq!(
        pair.did,
        [Did::Persist(RecordTag::Memory), Did::Motor(Drive::Stop)],
        "the stop does not wait for the flash"
    );
    let status = pair.lock.status(pair.now);
    assert!(!status.is_locked());
    let _ = session.has_ended();
}

#[test]
fn relock_follows_an_unlock_on_sensor_evidence_and_a_closed_door() {
    let mut pair = Pair::new();
    let setting = Setting::AutoRelock(Seconds(30));
    let configure = Request::Command { id: CommandId(1), action: Action::Configure { version: 1, setting } };
    let (answer, _) = pair.session(configure);
    assert_eq!(outcome(&answer.reply), (Outcome::Done, false));
    pair.input(Input::Door(DoorReading::Closed));
    let (_, _) = pair.session(unlock(2));
    pair.sense(BoltPosition::Retracted);
    let _ = pair.drives();
    pair.wait(29_000);
    assert_eq!(pair.drives(), []);
    pair.wait(1_500);
    assert_eq!(pair.drives(), [Drive::Extend]);
    assert!(!pair.lock.status(pair.now).is_locked());
    pair.sense(BoltPosition::Extended);
    assert!(pair.lock.status(pair.now).is_locked());
}

#[test]
fn a_holiday_that_is_in_force_at_once_supersedes_a_command_and_opens() {
    let mut pair = Pair::new();
    let (_, _) = pair.session(Request::Nothing);
    pair.sense(BoltPosition::Retracted);
    pair.wait(1_500);
    let (_, mut session) = pair.session(lock(1));
    assert!(pair.drives().contains(&Drive::Extend));
    let from = UnixMillis(EPOCH_MILLIS - 3_600_000);
    let holiday = Holiday { from, until: from.plus_millis(86_400_000), mode: Some(Mode::Passage) };
    let setting = Setting::SetHoliday { slot: 0, put: Put::Set, holiday };
    let action = Action::Configure { version: 1, setting };
    let reports = pair.ask(&mut session, Request::Command { id: CommandId(2), action });
    let finished = |id, outcome| ReportBody::Event(Event::Finished { id: CommandId(id), outcome });
    for body in [finished(1, Outcome::Superseded), finished(2, Outcome::Done)] {
        assert!(reports.iter().any(|report| report.body == body), "{reports:?}");
    }
    assert_eq!(pair.drives(), [Drive::Retract]);
    assert_eq!(pair.lock.status(pair.now).mode.value, Mode::Passage);
}
