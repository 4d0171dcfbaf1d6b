//! The replay window against a naive reference that remembers everything.

use lock_crypto::ReplayWindow;
use lock_crypto::window::{Replayed, WINDOW};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn take(window: &mut ReplayWindow, counter: u64) -> Result<(), Replayed> {
    window.check(counter).map(|admission| window.accept(admission))
}

/// What section 4.6 says, without a bound on memory.
#[derive(Default)]
struct Naive(BTreeSet<u64>);

impl Naive {
    fn take(&mut self, counter: u64) -> Result<(), Replayed> {
        let too_old = self.0.last().is_some_and(|newest| counter < *newest && newest - counter >= WINDOW);
        if counter == u64::MAX || too_old || !self.0.insert(counter) { Err(Replayed) } else { Ok(()) }
    }
}

#[test]
fn the_left_edge_of_the_window_is_struck_out_like_any_other() {
    let mut window = ReplayWindow::new();
    take(&mut window, 1000).unwrap();
    assert_eq!(take(&mut window, 1000 - WINDOW), Err(Replayed));
    assert_eq!(take(&mut window, 1001 - WINDOW), Ok(()));
    assert_eq!(take(&mut window, 1001 - WINDOW), Err(Replayed));
    assert_eq!(take(&mut window, 1002 - WINDOW), Ok(()));
}

#[test]
fn the_first_counter_may_be_zero_and_is_taken_once() {
    let mut window = ReplayWindow::new();
    assert_eq!(take(&mut window, 0), Ok(()));
    assert_eq!(take(&mut window, 0), Err(Replayed));
    assert_eq!(take(&mut window, 1), Ok(()));
}

#[test]
fn the_last_number_is_refused_and_the_one_before_it_is_taken_once() {
    let mut window = ReplayWindow::new();
    assert_eq!(take(&mut window, u64::MAX), Err(Replayed));
    assert_eq!(take(&mut window, u64::MAX - 1), Ok(()));
    assert_eq!(take(&mut window, u64::MAX - 1), Err(Replayed));
    assert_eq!(take(&mut window, u64::MAX - WINDOW), Ok(()), "127 below the newest");
    assert_eq!(take(&mut window, u64::MAX - 1 - WINDOW), Err(Replayed));
}

#[test]
fn a_jump_by_any_distance_leaves_no_stale_bit_behind() {
    for jump in 1..=4 * WINDOW {
        let (mut window, mut naive) = (ReplayWindow::new(), Naive::default());
        for counter in (0..200).chain([199 + jump]) {
            assert_eq!(take(&mut window, counter), naive.take(counter));
        }
        for counter in 0..=200 + jump {
            assert_eq!(
                take(&mut window, counter),
                naive.take(counter),
                "counter {counter} after a jump of {jump}"
            );
        }
    }
}

#[test]
fn checking_changes_nothing() {
    let mut window = ReplayWindow::new();
    take(&mut window, 5).unwrap();
    let before = format!("{window:?}");
    assert!(window.check(u64::MAX - 1).is_ok());
    assert!(window.check(5).is_err());
    assert_eq!(format!("{window:?}"), before);
}

#[test]
fn an_admission_that_was_overtaken_strikes_out_nothing_else() {
    let mut window = ReplayWindow::new();
    let old = window.check(64).unwrap();
    take(&mut window, 256).unwrap();
    window.accept(old);
    assert_eq!(take(&mut window, 256), Err(Replayed));
    assert_eq!(take(&mut window, 64), Err(Replayed));
    assert_eq!(window.check(192 + 64 - 64).map(|admission| admission.counter()), Ok(192));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn the_window_accepts_exactly_what_the_reference_accepts(
        base in prop_oneof![Just(0), any::<u64>(), Just(u64::MAX - 600)],
        steps in prop::collection::vec((0..3_u8, 0..400_u64), 1..300),
    ) {
        let (mut window, mut naive) = (ReplayWindow::new(), Naive::default());
        let mut around = base;
        for (kind, distance) in steps {
            let counter = match kind {
                0 => around.saturating_add(distance % 3),
                1 => around.saturating_add(distance),
                _ => around.saturating_sub(distance),
            };
            prop_assert_eq!(take(&mut window, counter), naive.take(counter), "counter {}", counter);
            around = around.max(counter);
        }
    }
}
