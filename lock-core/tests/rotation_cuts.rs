//! A rotation that is cut: at the lock, at the cloud, or on the way between them; once and twice; and on a flash that fails.
//! Afterwards they always reach each other, and the rotation always comes to its end.

#[path = "common/owner.rs"]
mod owner;
#[path = "common/pair.rs"]
mod pair;

use lock_core::device::{PersistFailure, RecordTag};
use lock_core::proto::{BoltPosition, Outcome, Query, Request};
use owner::Owner;
use pair::{Did, Flash, Pair};

/// Rotates with faults; the number of events that it took.
fn rotated(pair: Pair, faults: &[usize]) -> Owner {
    let mut owner = Owner::of(pair);
    owner.faults = faults.to_vec();
    owner.rotate();
    assert!(owner.is_reached());
    // Nothing of the preparation is left, also after a boot.
    owner.pair.run();
    owner.pair.cut_power(BoltPosition::Extended);
    assert_eq!(owner.pair.records[&RecordTag::Rotation.number()].len(), 1, "the shares are overwritten");
    assert!(owner.is_reached());
    owner
}

#[test]
fn a_rotation_cut_anywhere_leaves_a_shared_epoch_and_comes_to_its_end() {
    let whole = rotated(Pair::new(), &[]).events;
    assert!(whole > 25, "{whole} events");
    for fault in 1..=whole {
        rotated(Pair::new(), &[fault]);
    }
}

#[test]
fn a_rotation_cut_twice_leaves_a_shared_epoch_and_comes_to_its_end() {
    let whole = rotated(Pair::new(), &[]).events;
    for first in 1..=whole {
        // The second cut falls into the recovery as well.
        for second in first + 1..=first + 24 {
            rotated(Pair::new(), &[first, second]);
        }
    }
}

#[cfg(feature = "x25519")]
#[test]
fn the_same_holds_for_profile_x() {
    let whole = rotated(Pair::of_profile_x(), &[]).events;
    for fault in 1..=whole {
        rotated(Pair::of_profile_x(), &[fault]);
    }
}

#[test]
fn a_flash_that_fails_at_any_record_leaves_a_shared_epoch_and_the_rotation_to_be_done_again() {
    let flashes = [
        Flash::Fails(PersistFailure::Busy),
        Flash::Fails(PersistFailure::Fault),
        Flash::Lies(PersistFailure::Busy),
        Flash::Lies(PersistFailure::Fault),
    ];
    let records = |owner: &Owner| owner.pair.did.iter().filter(|did| matches!(did, Did::Persist(_))).count();
    let mut whole = Owner::of(Pair::new());
    whole.pair.did.clear();
    whole.rotate();
    let all = records(&whole);
    assert!(all >= 5, "{all} records");
    for failing in 0..all {
        for flash in flashes {
            for cut in [false, true] {
                let mut owner = Owner::of(Pair::new());
                owner.pair.did.clear();
                // Works until that record, fails once, and works again.
                owner.pair.fail_at = Some((failing, flash));
                let first = owner.go_on();
                if cut {
                    owner.pair.cut_power(BoltPosition::Extended);
                }
                assert!(owner.is_reached(), "record {failing}, {flash:?}, {first:?}");
                owner.rotate();
                assert!(owner.is_reached(), "record {failing}, {flash:?}");
            }
        }
    }
}

#[test]
fn a_lock_whose_keys_may_be_an_epoch_ahead_prepares_nothing_else() {
    let mut owner = Owner::of(Pair::new());
    owner.go_on().unwrap();
    let hello = owner.hello().unwrap();
    let (mut session, proof) = owner.proving(&hello).unwrap();
    let lock_core::cloud::Proof::Proven(proven) = proof else { panic!("{proof:?}") };
    // The keys are written, the driver says that they are not, and the repair fails, too.
    owner.pair.did.clear();
    owner.pair.fail_from = Some((RecordTag::Keys, Flash::Lies(PersistFailure::Fault)));
    let refused = owner.command(&mut session, proven.action()).unwrap().into_inner();
    assert!(matches!(refused, Outcome::Refused(_)), "{refused:?}");
    // The last record of the keys said the old epoch. Storage that kept the first instead:
    owner.pair.fail_from = None;
    let hello = owner.hello().unwrap();
    let (_, mut session) = owner.session(&hello, Request::Query(Query::Rotation)).unwrap();
    let other = owner.offer();
    let refused = owner.command(&mut session, other.action()).unwrap().into_inner();
    assert!(matches!(refused, Outcome::Refused(_)), "{refused:?}");
    // What is prepared still leads out.
    owner.rotate();
    assert!(owner.is_reached());
}
