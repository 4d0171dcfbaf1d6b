//! Storage that is slow, fails, or says that it failed: nothing leaves, moves or is claimed before it is durable.

#[path = "common/pair.rs"]
mod pair;

use core::mem::MaybeUninit;

use lock_core::device::{BootError, Input, InputError, PersistFailure, RecordTag, Records, Stored};
use lock_core::proto::{
    BoltPosition, BootReason, CommandId, Outcome, PinDigits, Query, Reason, Reply, Request, SealedReport,
    Uptime,
};
use lock_core::state::{DoorReading, Drive, Indication};
use pair::{Did, Flash, LINK, Lock, Pair, set_pin, set_relock, unlock};

const BUSY: Flash = Flash::Fails(PersistFailure::Busy);

fn code(digits: &[u8]) -> Input<'static> {
    Input::code(PinDigits::from_ascii(digits).unwrap())
}

fn transmitted(pair: &Pair) -> usize {
    pair.did.iter().filter(|did| matches!(did, Did::Transmit(..))).count()
}

/// Storage that has a fault where one record is.
struct Faulty<'s> {
    stored: Stored<'s>,
    at: RecordTag,
    fault: BootError,
}

impl Records for Faulty<'_> {
    fn read<'r>(
        &'r mut self,
        tag: RecordTag,
        buffer: &'r mut [u8; RecordTag::MAX_BYTES],
    ) -> Result<Option<&'r [u8]>, BootError> {
        if tag == self.at { Err(self.fault) } else { self.stored.read(tag, buffer) }
    }
}

#[test]
fn a_record_that_cannot_be_read_stops_the_boot_unless_it_is_the_one_of_upkeep() {
    let pair = Pair::new();
    for at in RecordTag::all() {
        for fault in [BootError::Unreadable(at), BootError::Damaged(at)] {
            let mut records = Faulty { stored: pair::stored(&pair.records), at, fault };
            let mut place = MaybeUninit::<Lock>::uninit();
            let now = Uptime::from_millis(0);
            let booted =
                Lock::boot_in(&mut place, &mut records, None, [1; 32], BootReason::PowerOn, now).map(drop);
            let expected = if at == RecordTag::Upkeep { Ok(()) } else { Err(fault) };
            assert_eq!(booted, expected, "{at:?}");
        }
    }
}

#[test]
fn a_code_whose_count_is_not_durable_is_refused_aloud() {
    let mut pair = Pair::new();
    let (_, _) = pair.session(set_pin(1, 1, b"2468"));
    pair.did.clear();
    pair.flash = BUSY;
    pair.input(code(b"2468"));
    pair.run();
    let refused = Did::Indicate(Indication::Refused(Reason::StorageBusy));
    assert_eq!(pair.did, [Did::Persist(RecordTag::Memory), refused]);
}

#[test]
fn a_second_code_while_the_first_waits_for_the_flash_is_refused_and_not_counted() {
    let mut pair = Pair::new();
    let (_, _) = pair.session(set_pin(1, 1, b"2468"));
    pair.did.clear();
    pair.flash = Flash::Slow;
    pair.input(code(b"2468"));
    pair.run();
    (0..4).for_each(|_| pair.input(code(b"1111")));
    pair.flash = Flash::Works;
    pair.answer_flash(Flash::Works);
    pair.run();
    assert!(pair.did.contains(&Did::Motor(Drive::Retract)));
    let busy = Did::Indicate(Indication::Refused(Reason::StorageBusy));
    assert!(pair.did.contains(&busy));
    assert_eq!(pair.lock.status(pair.now).lockout.0, 0);
}

#[test]
fn a_receipt_never_leaves_before_mark_and_outcome_are_durable() {
    let mut pair = Pair::new();
    let _ = pair.hello();
    let message = pair.seal(1, set_relock(1, 1, 60));
    pair.flash = BUSY;
    pair.deliver(&message);
    assert_eq!(pair.receipts(), []);
    pair.wait(2_000);
    pair.deliver(&message);
    assert_eq!(pair.receipts(), [], "nor is the old message answered from memory alone");
    pair.flash = Flash::Works;
    pair.wait(2_000);
    pair.deliver(&message);
    let receipt = SealedReport::Receipt {
        id: CommandId(1),
        outcome: Outcome::Refused(Reason::StorageBusy),
        configuration: 0,
    };
    assert_eq!(pair.receipts(), [receipt]);
    // What was answered holds, also after a power cut.
    pair.cut_power(BoltPosition::Extended);
    let _ = pair.hello();
    pair.deliver(&message);
    assert_eq!(pair.receipts(), [receipt]);
    assert_eq!(pair.lock.status(pair.now).configuration, 0);
}

#[test]
fn nothing_sealed_leaves_before_the_boot_counter_is_durable() {
    let mut pair = Pair::new();
    let question = pair.seal(1, Request::Query(Query::Status));
    pair.lock = pair::boot(&pair.records, [1; 32], pair.now);
    pair.did.clear();
    pair.flash = BUSY;
    pair.run();
    pair.flash = Flash::Works;
    pair.deliver(&question);
    let sent = pair.did.iter().position(|did| matches!(did, Did::Transmit(..))).unwrap();
    let boots = pair.did[..sent].iter().filter(|did| **did == Did::Persist(RecordTag::Boot)).count();
    assert_eq!(boots, 2, "{:?}", pair.did);
}

#[test]
fn marks_that_were_told_never_go_back_after_a_power_cut() {
    let mut pair = Pair::new();
    let (_, mut session) = pair.session(Request::Nothing);
    pair.flash = BUSY;
    let _ = pair.ask(&mut session, unlock(7));
    let hello = pair.hello();
    let (message1, connecting) = pair.message1(&hello, Request::Query(Query::Marks([3; 16])));
    pair.deliver(&message1);
    let (answer, before, _) = pair.finish(connecting);
    assert_eq!(answer.get().reply, Reply::Marks { nonce: [3; 16], marks: before.marks() });
    pair.cut_power(BoltPosition::Extended);
    let hello = pair.hello();
    let (message1, connecting) = pair.message1(&hello, Request::Nothing);
    pair.deliver(&message1);
    let after = pair.finish(connecting).1;
    assert!(after.marks().command >= before.marks().command);
}

#[test]
fn a_lock_whose_sealed_up_counters_are_used_up_falls_silent_there_and_goes_on() {
    let mut pair = Pair::new();
    let mut ceiling = vec![1];
    ceiling.extend(u64::MAX.to_be_bytes());
    pair.records.insert(RecordTag::UpCeiling.number(), ceiling);
    pair.cut_power(BoltPosition::Extended);
    let _ = pair.hello();
    let question = pair.seal(1, Request::Query(Query::Status));
    pair.deliver(&question);
    assert_eq!(pair.receipts(), []);
    let (answer, _) = pair.session(Request::Query(Query::Status));
    assert!(matches!(answer.reply, Reply::Status(_)));
}

#[test]
fn a_configuration_that_was_refused_is_not_in_force_after_a_power_cut_though_its_record_was_written() {
    let mut pair = Pair::new();
    let hello = pair.hello();
    let (message1, connecting) = pair.message1(&hello, set_relock(1, 1, 60));
    pair.flash = Flash::Slow;
    pair.deliver(&message1);
    pair.answer_flash(Flash::Works);
    pair.run();
    assert!(matches!(pair.pending, Some((_, RecordTag::Page(0), _))));
    pair.flash = Flash::Works;
    pair.answer_flash(Flash::Lies(PersistFailure::Fault));
    pair.run();
    let (answer, _, _) = pair.finish(connecting);
    let reply =
        Reply::Command { id: CommandId(1), outcome: Outcome::Refused(Reason::StorageFault), repeat: false };
    assert_eq!(answer.get().reply, reply);
    pair.cut_power(BoltPosition::Extended);
    assert_eq!(pair.lock.status(pair.now).configuration, 0);
}

#[test]
fn a_configuration_record_that_always_fails_is_tried_twice_and_no_more() {
    let mut pair = Pair::new();
    let hello = pair.hello();
    let (message1, _) = pair.message1(&hello, set_relock(1, 1, 60));
    pair.flash = Flash::Slow;
    pair.deliver(&message1);
    pair.answer_flash(Flash::Works);
    pair.did.clear();
    pair.run();
    pair.flash = Flash::Fails(PersistFailure::Fault);
    pair.answer_flash(pair.flash);
    pair.run();
    let tries = pair.did.iter().filter(|did| **did == Did::Persist(RecordTag::Page(0))).count();
    assert_eq!(tries, 2);
}

#[test]
fn a_command_that_outlived_its_time_behind_a_slow_flash_is_not_obeyed() {
    for (flash_takes, moves) in [(4_999, true), (5_000, true), (5_001, false), (60_000, false)] {
        let mut pair = Pair::new();
        let hello = pair.hello();
        let (message1, _) = pair.message1(&hello, unlock(1));
        pair.flash = Flash::Slow;
        pair.deliver(&message1);
        pair.now = pair.now.plus_millis(flash_takes);
        pair.flash = Flash::Works;
        pair.answer_flash(Flash::Works);
        pair.run();
        assert_eq!(pair.drives() == [Drive::Retract], moves, "{flash_takes} ms");
    }
}

#[test]
fn orders_to_the_motor_that_a_slow_flash_held_back_end_in_the_last_one() {
    let mut pair = Pair::new();
    pair.input(Input::Door(DoorReading::Closed));
    pair.sense(BoltPosition::Retracted);
    pair.did.clear();
    pair.flash = Flash::Slow;
    pair.input(code(b"1234"));
    pair.run();
    pair.input(Input::OutsideButton);
    // The door opens while the bolt is about to be thrown: it must be withdrawn.
    pair.input(Input::Door(DoorReading::Open));
    pair.flash = Flash::Works;
    pair.answer_flash(Flash::Works);
    pair.run();
    assert_eq!(pair.drives().last(), Some(&Drive::Retract));
}

#[test]
fn three_hundred_inputs_behind_a_slow_flash_do_not_share_the_fate_of_the_first() {
    let mut pair = Pair::new();
    pair.did.clear();
    pair.flash = Flash::Slow;
    pair.input(code(b"1234"));
    pair.run();
    // With the sensor and the button as many inputs as one byte counts.
    (0..254).for_each(|_| pair.input(Input::Entropy([7; 32])));
    pair.sense(BoltPosition::Retracted);
    let mut pressed = pair.did.clone();
    pair.input(Input::OutsideButton);
    pair.flash = BUSY;
    pair.answer_flash(BUSY);
    pair.run();
    pressed.retain(|did| matches!(did, Did::Motor(_)));
    assert_eq!(pressed, []);
    assert_eq!(pair.drives(), [Drive::Extend]);
}

#[test]
fn an_input_between_two_outputs_does_not_share_the_fate_of_the_input_before_it() {
    let mut pair = Pair::new();
    let (_, _) = pair.session(set_pin(1, 1, b"2468"));
    let (first, second) = (pair.seal(1, set_relock(2, 2, 60)), pair.seal(2, pair::lock(3)));
    pair.flash = Flash::Slow;
    pair.input(code(b"2468"));
    pair.run();
    pair.deliver(&first);
    pair.answer_flash(Flash::Works);
    assert!(pair.step());
    assert_eq!(pair.did.last(), Some(&Did::Motor(Drive::Retract)), "the code's first output");
    pair.deliver(&second);
    assert!(matches!(pair.pending, Some((_, RecordTag::Memory, _))));
    pair.flash = Flash::Works;
    pair.answer_flash(BUSY);
    pair.run();
    assert_eq!(pair.drives().last(), Some(&Drive::Extend));
}

#[test]
fn a_slow_flash_and_a_full_queue_never_keep_the_motor_from_stopping() {
    let mut pair = Pair::new();
    pair.sense(BoltPosition::Retracted);
    let (_, _) = pair.session(pair::lock(1));
    pair.sense(BoltPosition::Between);
    pair.flash = Flash::Slow;
    let mut full = (1..100).map(|counter| {
        let mut command = pair.seal(counter, pair::lock(counter + 1));
        pair.lock.handle(Input::Packet { link: LINK, packet: &mut command }, pair.now)
    });
    assert_eq!(full.find(Result::is_err), Some(Err(InputError::Backlog)));
    pair.run();
    pair.did.clear();
    pair.input(Input::MotorStalled);
    pair.run();
    assert_eq!(pair.did, [Did::Motor(Drive::Stop)]);
    for position in [BoltPosition::Extended, BoltPosition::Between].repeat(100) {
        pair.input(Input::Bolt(position));
        pair.input(Input::Tick);
    }
    assert!(pair.lock.handle(Input::LinkDown { link: LINK }, pair.now).is_ok());
}

#[test]
fn each_failure_of_each_record_in_turn_leaves_the_lock_consistent() {
    for failing in 0..8 {
        for flash in [BUSY, Flash::Fails(PersistFailure::Fault), Flash::Lies(PersistFailure::Fault)] {
            let mut pair = Pair::new();
            let _ = pair.hello();
            let message = pair.seal(1, set_relock(1, 1, 60));
            pair.flash = Flash::Slow;
            pair.deliver(&message);
            for turn in 0..8 {
                if pair.pending.is_none() {
                    break;
                }
                pair.answer_flash(if turn == failing { flash } else { Flash::Works });
                pair.run();
            }
            let receipts = pair.receipts();
            let in_force = pair.lock.status(pair.now).configuration;
            for receipt in &receipts {
                let SealedReport::Receipt { outcome, configuration, .. } = receipt else {
                    panic!("{receipt:?}")
                };
                assert_eq!(*outcome == Outcome::Done, *configuration == 1);
                assert_eq!(*configuration, in_force);
            }
            pair.cut_power(BoltPosition::Extended);
            if !receipts.is_empty() {
                assert_eq!(pair.lock.status(pair.now).configuration, in_force, "{failing} {flash:?}");
            }
        }
    }
    assert_eq!(transmitted(&Pair::new()), 0);
}
