//! A lock that has never run, and one whose memory is gone.

#[path = "common/pair.rs"]
mod pair;

use lock_core::device::{BootError, PersistFailure, RecordTag};
use lock_core::proto::BoltPosition;
use pair::{Did, Flash, Lock, Pair, boot, stored};

/// A pair whose lock was just made: only its keys are stored.
fn just_made() -> Pair {
    let mut pair = Pair::new();
    pair.records.retain(|tag, _| *tag == RecordTag::Keys.number());
    pair.lock = boot(&pair.records, [1; 32], pair.now);
    pair.did.clear();
    pair
}

#[test]
fn a_new_lock_stores_its_memory_before_its_first_boot_counter() {
    let mut pair = just_made();
    pair.run();
    assert_eq!(pair.did, [Did::Persist(RecordTag::Memory), Did::Persist(RecordTag::Boot)]);
    pair.cut_power(BoltPosition::Extended);
    assert!(pair.records.contains_key(&(RecordTag::Memory.number())));
}

#[test]
fn a_new_lock_that_cannot_store_its_memory_stores_no_boot_counter_and_greets_nobody() {
    for why in [PersistFailure::Busy, PersistFailure::Fault] {
        let mut pair = just_made();
        pair.flash = Flash::Fails(why);
        pair.run();
        assert_eq!(pair.did, [Did::Persist(RecordTag::Memory)]);
        pair.flash = Flash::Works;
        assert_eq!(pair.hello().len(), 29);
        assert_eq!(pair.did[1..3], [Did::Persist(RecordTag::Memory), Did::Persist(RecordTag::Boot)]);
    }
}

#[test]
fn a_lock_that_has_run_does_not_start_without_its_memory() {
    let mut pair = Pair::new();
    pair.records.remove(&(RecordTag::Memory.number()));
    let started =
        Lock::boot(&stored(&pair.records), [1; 32], lock_core::proto::BootReason::PowerOn, pair.now);
    assert_eq!(started.err(), Some(BootError::Missing(RecordTag::Memory)));
}
