//! Marks that only grow, and counters that are reserved before use.

use lock_crypto::{CounterBlock, CountersExhausted, HighWaterMark, MAX_JUMP, NeedReserve, UP_BLOCK, Verdict};
use proptest::prelude::*;
use std::collections::HashSet;

/// Judges a counter and advances where it is fresh; returns what is to be persisted.
fn take(mark: &mut HighWaterMark, counter: u64) -> Option<u64> {
    match mark.judge(counter) {
        Verdict::Fresh(new) => Some(mark.advance(new)),
        Verdict::AtOrBelow | Verdict::TooFar => None,
    }
}

#[test]
fn a_counter_is_fresh_above_the_mark_and_at_most_two_to_the_twentieth_above_it() {
    let mark = HighWaterMark::from_persisted(100);
    assert_eq!(mark.judge(99), Verdict::AtOrBelow);
    assert_eq!(mark.judge(100), Verdict::AtOrBelow);
    assert!(matches!(mark.judge(101), Verdict::Fresh(_)));
    assert!(matches!(mark.judge(100 + MAX_JUMP - 1), Verdict::Fresh(_)));
    assert!(matches!(mark.judge(100 + MAX_JUMP), Verdict::Fresh(_)));
    assert_eq!(mark.judge(100 + MAX_JUMP + 1), Verdict::TooFar);
    assert_eq!(mark.judge(u64::MAX), Verdict::TooFar);
    assert_eq!(mark.value(), 100, "judging changes nothing");
}

#[test]
fn a_new_mark_takes_one_and_not_zero() {
    let mut mark = HighWaterMark::default();
    assert_eq!(take(&mut mark, 0), None);
    assert_eq!(take(&mut mark, 1), Some(1));
    assert_eq!(take(&mut mark, 1), None);
}

#[test]
fn the_last_number_is_never_fresh() {
    let mut mark = HighWaterMark::from_persisted(u64::MAX - 2);
    assert_eq!(take(&mut mark, u64::MAX), None);
    assert_eq!(take(&mut mark, u64::MAX - 1), Some(u64::MAX - 1));
    assert_eq!(mark.judge(u64::MAX), Verdict::TooFar);
}

#[test]
fn a_verdict_that_was_overtaken_takes_the_mark_not_back() {
    let mut mark = HighWaterMark::from_persisted(10);
    let (Verdict::Fresh(older), Verdict::Fresh(newer)) = (mark.judge(11), mark.judge(12)) else {
        panic!("both are fresh");
    };
    assert_eq!(mark.advance(newer), 12);
    assert_eq!(mark.advance(older), 12);
}

#[test]
fn no_counter_is_given_before_a_reservation_is_granted() {
    let mut block = CounterBlock::after_boot(0);
    assert_eq!(block.next(), Err(NeedReserve));
    let reservation = block.reserve(UP_BLOCK).unwrap();
    assert_eq!((reservation.ceiling(), block.next()), (64, Err(NeedReserve)));
    block.grant(reservation);
    let given: Vec<_> = (0..64).map(|_| block.next().unwrap()).collect();
    assert_eq!(given, (0..64).collect::<Vec<_>>());
    assert_eq!((block.next(), block.remaining()), (Err(NeedReserve), 0));
}

#[test]
fn a_reservation_while_counters_remain_wastes_none() {
    let mut block = CounterBlock::after_boot(128);
    let reservation = block.reserve(2).unwrap();
    block.grant(reservation);
    assert_eq!(block.next(), Ok(128));
    let reservation = block.reserve(2).unwrap();
    block.grant(reservation);
    assert_eq!((block.remaining(), block.next(), block.next(), block.next()), (3, Ok(129), Ok(130), Ok(131)));
    assert_eq!(block.next(), Err(NeedReserve));
}

#[test]
fn counters_stop_before_their_end() {
    let mut block = CounterBlock::after_boot(u64::MAX - 2);
    assert_eq!(block.reserve(3), Err(CountersExhausted));
    let reservation = block.reserve(2).unwrap();
    block.grant(reservation);
    assert_eq!(
        (block.next(), block.next(), block.next()),
        (Ok(u64::MAX - 2), Ok(u64::MAX - 1), Err(NeedReserve))
    );
    assert_eq!(block.reserve(1), Err(CountersExhausted));
}

proptest! {
    #[test]
    fn a_mark_takes_each_counter_once_whatever_the_relay_delivers(counters in prop::collection::vec(0_u64..300, 0..200)) {
        let (mut mark, mut taken) = (HighWaterMark::default(), HashSet::new());
        for counter in counters {
            let highest = taken.iter().max().copied().unwrap_or(0);
            let persisted = take(&mut mark, counter);
            prop_assert_eq!(persisted, (counter > highest).then_some(counter));
            prop_assert!(persisted.is_none() || taken.insert(counter), "{} was taken twice", counter);
        }
    }

    /// 0 takes a counter, 1 persists and grants, 2 persists and loses power before the grant, 3 loses power before the write.
    #[test]
    fn no_counter_is_given_twice_wherever_power_is_cut(steps in prop::collection::vec(0..4_u8, 0..300)) {
        let (mut block, mut persisted, mut given) = (CounterBlock::after_boot(0), 0, HashSet::new());
        for step in steps {
            match step {
                0 => if let Ok(counter) = block.next() {
                    prop_assert!(given.insert(counter), "{} was given twice", counter);
                    prop_assert!(counter < persisted);
                },
                1 | 2 => {
                    let reservation = block.reserve(5).unwrap();
                    persisted = reservation.ceiling();
                    if step == 1 { block.grant(reservation) } else { block = CounterBlock::after_boot(persisted) }
                }
                _ => {
                    let _lost = block.reserve(5).unwrap();
                    block = CounterBlock::after_boot(persisted);
                }
            }
        }
    }
}
