//! The command ledger: row by row of the table in section 6, and against a reference with unlimited memory.

use lock_crypto::ledger::{KEPT, MAX_ID_JUMP};
use lock_crypto::{
    CommandDigest, CommandLedger, Judgement, LedgerError, NotStarted, PermitOvertaken, Progress,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const UNLOCK: CommandDigest = CommandDigest([1; 8]);
const LOCK: CommandDigest = CommandDigest([2; 8]);

fn begin(ledger: &mut CommandLedger, id: u64, digest: CommandDigest) -> Result<(), PermitOvertaken> {
    let Judgement::Execute(permit) = ledger.judge(id, digest) else { return Err(PermitOvertaken) };
    assert_eq!(permit.id(), id);
    ledger.begin(permit)
}

/// What storage gives back after a power cut.
fn reboot(ledger: &CommandLedger) -> CommandLedger {
    let mut ledger = CommandLedger::decode(&ledger.encode()).unwrap();
    ledger.after_boot();
    ledger
}

fn executes(ledger: &CommandLedger, id: u64) -> bool {
    matches!(ledger.judge(id, UNLOCK), Judgement::Execute(_))
}

#[test]
fn a_command_is_executed_once_and_its_outcome_repeated() {
    let mut ledger = CommandLedger::new();
    assert_eq!(ledger.query(1), Progress::NotExecuted);
    begin(&mut ledger, 1, UNLOCK).unwrap();
    assert_eq!((ledger.judge(1, UNLOCK), ledger.query(1)), (Judgement::Started, Progress::Started));
    ledger.finish(1, 42).unwrap();
    assert_eq!((ledger.judge(1, UNLOCK), ledger.query(1)), (Judgement::Repeat(42), Progress::Finished(42)));
    assert_eq!(reboot(&ledger).judge(1, UNLOCK), Judgement::Repeat(42));
}

#[test]
fn another_command_under_the_same_id_is_a_conflict() {
    let mut ledger = CommandLedger::new();
    begin(&mut ledger, 1, UNLOCK).unwrap();
    assert_eq!(ledger.judge(1, LOCK), Judgement::IdConflict);
    assert_eq!(reboot(&ledger).judge(1, LOCK), Judgement::IdConflict);
    ledger.finish(1, 0).unwrap();
    assert_eq!(ledger.judge(1, LOCK), Judgement::IdConflict);
}

#[test]
fn a_command_cut_by_power_is_interrupted_for_good() {
    let mut ledger = CommandLedger::new();
    begin(&mut ledger, 1, UNLOCK).unwrap();
    let mut ledger = reboot(&ledger);
    assert_eq!((ledger.judge(1, UNLOCK), ledger.query(1)), (Judgement::Interrupted, Progress::Interrupted));
    assert_eq!(ledger.finish(1, 0), Err(NotStarted));
    assert_eq!(reboot(&ledger).judge(1, UNLOCK), Judgement::Interrupted);
}

#[test]
fn an_id_is_executed_at_most_two_to_the_twentieth_above_the_highest() {
    let mut ledger = CommandLedger::new();
    begin(&mut ledger, 10, UNLOCK).unwrap();
    assert!(executes(&ledger, 11));
    assert!(executes(&ledger, 10 + MAX_ID_JUMP - 1));
    assert!(executes(&ledger, 10 + MAX_ID_JUMP));
    assert_eq!(ledger.judge(10 + MAX_ID_JUMP + 1, UNLOCK), Judgement::IdTooFar);
    assert_eq!(ledger.judge(u64::MAX, UNLOCK), Judgement::IdTooFar);
}

#[test]
fn an_id_that_was_skipped_is_executed_while_the_map_reaches_it() {
    let mut ledger = CommandLedger::new();
    begin(&mut ledger, 100, UNLOCK).unwrap();
    assert!(executes(&ledger, 38));
    assert!(executes(&ledger, 37), "63 below the highest");
    assert_eq!(ledger.judge(36, UNLOCK), Judgement::OutcomeUnknown, "64 below the highest");
    assert_eq!(ledger.query(36), Progress::OutcomeUnknown);
    begin(&mut ledger, 37, UNLOCK).unwrap();
    assert_eq!((ledger.judge(37, UNLOCK), ledger.highest()), (Judgement::Started, 100));
}

#[test]
fn the_ninth_last_outcome_is_no_longer_kept() {
    let mut ledger = CommandLedger::new();
    for id in 1..=9 {
        begin(&mut ledger, id, UNLOCK).unwrap();
        ledger.finish(id, id as u8).unwrap();
    }
    assert_eq!(
        (ledger.judge(1, UNLOCK), ledger.query(1)),
        (Judgement::OutcomeUnknown, Progress::OutcomeUnknown)
    );
    assert_eq!(ledger.judge(2, UNLOCK), Judgement::Repeat(2));
    assert_eq!(ledger.finish(1, 0), Err(NotStarted));
}

#[test]
fn zero_and_the_last_number_are_no_ids() {
    let mut ledger = CommandLedger::new();
    assert_eq!(ledger.judge(0, UNLOCK), Judgement::OutcomeUnknown);
    begin(&mut ledger, 3, UNLOCK).unwrap();
    assert_eq!(ledger.judge(0, UNLOCK), Judgement::OutcomeUnknown);
    assert!(executes(&ledger, 1));
    let mut bytes = ledger.encode();
    bytes[1..9].copy_from_slice(&u64::MAX.to_be_bytes());
    assert_eq!(CommandLedger::decode(&bytes).err(), Some(LedgerError));
}

#[test]
fn two_permits_for_one_command_begin_it_once() {
    let mut ledger = CommandLedger::new();
    let (Judgement::Execute(first), Judgement::Execute(second)) =
        (ledger.judge(1, UNLOCK), ledger.judge(1, UNLOCK))
    else {
        panic!("not begun yet");
    };
    assert_eq!(ledger.begin(first), Ok(()));
    let before = ledger.encode();
    assert_eq!(ledger.begin(second), Err(PermitOvertaken));
    assert_eq!(ledger.encode(), before);
}

#[test]
fn a_permit_that_fell_below_the_map_begins_nothing() {
    let mut ledger = CommandLedger::new();
    let Judgement::Execute(old) = ledger.judge(1, UNLOCK) else { panic!("not begun yet") };
    begin(&mut ledger, 65, UNLOCK).unwrap();
    assert_eq!(ledger.begin(old), Err(PermitOvertaken));
}

#[test]
fn an_outcome_is_recorded_once() {
    let mut ledger = CommandLedger::new();
    begin(&mut ledger, 1, UNLOCK).unwrap();
    assert_eq!(ledger.finish(2, 0), Err(NotStarted));
    assert_eq!(ledger.finish(1, 5), Ok(()));
    assert_eq!(ledger.finish(1, 6), Err(NotStarted));
    assert_eq!(ledger.query(1), Progress::Finished(5));
}

#[test]
fn stored_bytes_that_are_no_ledger_are_refused() {
    let mut ledger = CommandLedger::new();
    begin(&mut ledger, 3, UNLOCK).unwrap();
    begin(&mut ledger, 5, LOCK).unwrap();
    ledger.finish(5, 7).unwrap();
    let good = ledger.encode();
    assert_eq!((good.len(), CommandLedger::BYTES), (161, 161));
    let refused = |place: usize, byte: u8| {
        let mut bytes = good;
        bytes[place] = byte;
        assert_eq!(CommandLedger::decode(&bytes).err(), Some(LedgerError), "byte {place} = {byte}");
    };
    (0..=u8::MAX).filter(|layout| *layout != 1).for_each(|layout| refused(0, layout));
    refused(8, 2); // below the kept ids
    refused(16, good[16] & !1); // the highest was not begun
    refused(16, good[16] & !4); // a kept id was not begun
    refused(15, 1); // begun below zero
    refused(24, 3); // the same id twice
    refused(42, 0); // id 0, which stands for none
    refused(33, 0); // no such state
    refused(33, 4);
    refused(33, 1); // started with an outcome code
    refused(53, 9); // a command after an empty place
    assert_eq!(CommandLedger::decode(&good[..160]).err(), Some(LedgerError));
    assert_eq!(CommandLedger::decode(&[0; 161]).err(), Some(LedgerError));
    assert_eq!(CommandLedger::decode(&[0xFF; 161]).err(), Some(LedgerError));
    assert_eq!(CommandLedger::decode(&[]).err(), Some(LedgerError));
}

#[test]
fn a_ledger_is_read_back_whether_its_map_reaches_zero_or_not() {
    for highest in [1, 2, 62, 63, 64, 65, 1_000] {
        let mut ledger = CommandLedger::new();
        begin(&mut ledger, highest, UNLOCK).unwrap();
        let read = CommandLedger::decode(&ledger.encode()).unwrap();
        assert_eq!(read.encode(), ledger.encode(), "{highest}");
    }
}

/// Remembers every command that was ever begun.
#[derive(Default)]
struct Naive {
    begun: BTreeMap<u64, (CommandDigest, Progress)>,
    order: Vec<u64>,
}

impl Naive {
    /// The refusal or repeat that section 6 asks for; `None` where the command is to be executed.
    fn judge(&self, id: u64, digest: CommandDigest) -> Option<Judgement> {
        let highest = self.begun.keys().last().copied().unwrap_or(0);
        let kept = self.order.iter().rev().take(KEPT).any(|kept| *kept == id);
        match self.begun.get(&id) {
            Some((begun, _)) if kept && *begun != digest => Some(Judgement::IdConflict),
            Some((_, Progress::Finished(code))) if kept => Some(Judgement::Repeat(*code)),
            Some((_, Progress::Interrupted)) if kept => Some(Judgement::Interrupted),
            Some(_) if kept => Some(Judgement::Started),
            Some(_) => Some(Judgement::OutcomeUnknown),
            None if id == 0 || id + 64 <= highest => Some(Judgement::OutcomeUnknown),
            None if id > highest + MAX_ID_JUMP => Some(Judgement::IdTooFar),
            None => None,
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Command { id: u64, digest: CommandDigest },
    Finish { id: u64, code: u8 },
    CutAfterPersist,
    CutBeforePersist { id: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let id =
        || prop_oneof![8 => 0..40_u64, 4 => 0..200_u64, 1 => Just(MAX_ID_JUMP + 100), 1 => Just(MAX_ID_JUMP)];
    prop_oneof![
        6 => (id(), prop_oneof![Just(UNLOCK), Just(LOCK)]).prop_map(|(id, digest)| Step::Command { id, digest }),
        4 => (id(), any::<u8>()).prop_map(|(id, code)| Step::Finish { id, code }),
        1 => Just(Step::CutAfterPersist),
        1 => id().prop_map(|id| Step::CutBeforePersist { id }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn no_id_is_executed_twice_whatever_is_sent_and_wherever_power_is_cut(steps in prop::collection::vec(step(), 0..120)) {
        let (mut ledger, mut naive) = (CommandLedger::new(), Naive::default());
        for step in steps {
            match step {
                Step::Command { id, digest } => {
                    let judgement = ledger.judge(id, digest);
                    let expected = naive.judge(id, digest);
                    if let Judgement::Execute(permit) = judgement {
                        prop_assert_eq!(ledger.query(id), Progress::NotExecuted);
                        prop_assert_eq!(ledger.begin(permit), Ok(()));
                        prop_assert!(naive.begun.insert(id, (digest, Progress::Started)).is_none(), "{} executed twice", id);
                        naive.order.push(id);
                        prop_assert_eq!(expected, None, "id {}", id);
                    } else {
                        prop_assert_eq!(Some(judgement), expected, "id {}", id);
                    }
                }
                Step::Finish { id, code } => {
                    let kept = naive.order.iter().rev().take(KEPT).any(|kept| *kept == id);
                    let begun = naive.begun.get_mut(&id).filter(|(_, progress)| kept && *progress == Progress::Started);
                    prop_assert_eq!(ledger.finish(id, code).is_ok(), begun.is_some());
                    begun.into_iter().for_each(|(_, progress)| *progress = Progress::Finished(code));
                }
                Step::CutAfterPersist => {
                    ledger = reboot(&ledger);
                    let started = naive.begun.values_mut().filter(|(_, progress)| *progress == Progress::Started);
                    started.for_each(|(_, progress)| *progress = Progress::Interrupted);
                }
                Step::CutBeforePersist { id } => {
                    let stored = ledger.encode();
                    let _ = begin(&mut ledger, id, UNLOCK); // nothing moved: the record was not written
                    ledger = CommandLedger::decode(&stored).unwrap();
                }
            }
            prop_assert_eq!(CommandLedger::decode(&ledger.encode()).unwrap().encode(), ledger.encode());
        }
    }

    #[test]
    fn any_bytes_decode_to_a_whole_ledger_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200), small in 0..70_u8) {
        let _ = CommandLedger::decode(&bytes);
        let mut bytes = bytes;
        bytes.resize(161, 0);
        bytes[..8].copy_from_slice(&[1, 0, 0, 0, 0, 0, 0, 0]);
        bytes[8] = small;
        if let Ok(ledger) = CommandLedger::decode(&bytes) {
            prop_assert_eq!(ledger.encode().to_vec(), bytes);
        }
    }
}
