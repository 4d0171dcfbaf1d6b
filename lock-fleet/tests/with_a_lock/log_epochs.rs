//! The log of a lock over several key epochs: through rotations, through changes of owner, and where a fleet has lost a key.

#[allow(dead_code)]
#[path = "../../../lock-core/examples/verify_log/main.rs"]
mod verify_log;

use lock_core::crypto::Missing;
use lock_fleet::proto::{LogEvent, Outcome};
use lock_fleet::{
    Fetched, Fleet, LiveAnswer, LiveRequest, LogStanding, SqliteStore, Standing, Task, Unverifiable,
    Unverified,
};

use crate::claim::{MAKER, Other, claim, claimer, end_at_the_lock};
use crate::log::{exported, fetch, turn, world};
use crate::rotation::{rotate, want};
use crate::world::{LOCK, World};
use tempfile::TempDir;

const DONE: Option<Outcome> = Some(Outcome::Done);

/// A fetch that comes to its end, and the outcome of the acknowledgement.
fn level(world: &mut World) -> Option<Outcome> {
    let (fetched, acknowledged) = fetch(world);
    assert!(matches!(fetched, Fetched::Level { .. }), "{fetched:?}");
    let answer = acknowledged?;
    let LiveAnswer::Command { outcome, .. } = answer else { panic!("{answer:?}") };
    Some(outcome)
}

fn standing(world: &mut World) -> LogStanding {
    world.fleet().log_standing(LOCK).unwrap()
}

/// Index of each entry, with the key epoch that it begins.
fn begun(world: &mut World) -> Vec<(u64, u32)> {
    let entries = world.fleet().log(LOCK, 0, 10_000).unwrap();
    let begins = |kept: &lock_fleet::KeptEntry| {
        let LogEvent::KeyEpoch(number) = kept.entry?.event else { return None };
        Some((kept.index, number))
    };
    entries.iter().filter_map(begins).collect()
}

fn third_party(world: &mut World, from: u64) -> verify_log::Report {
    let file = exported(world, from);
    let now = world.now();
    let key = world.fleet().export_log_key(LOCK, from, "anna", now).unwrap().walk().unwrap();
    verify_log::verify(&file, &key.file, None).unwrap()
}

fn says(report: &verify_log::Report, words: &str) -> bool {
    report.lines.iter().any(|line| line.contains(words))
}

#[test]
fn a_log_goes_on_through_rotations_verified_and_so_is_its_export() {
    let mut world = world(16);
    turn(&mut world, 5);
    assert_eq!(level(&mut world), DONE);
    for number in 2..=3 {
        want(&mut world);
        rotate(&mut world);
        turn(&mut world, 4);
        // Once with a fetch in each epoch, and once over an epoch in which none was.
        if number == 3 {
            assert_eq!(level(&mut world), DONE);
        }
        world.restart();
    }
    let found = standing(&mut world);
    assert_eq!((found.faults.len(), found.unverified.len(), found.unexplained), (0, 0, None));
    let entries = world.fleet().log(LOCK, 0, 1_000).unwrap();
    assert_eq!(entries.len() as u64, found.next);
    assert!(entries.iter().all(|kept| kept.fault.is_none()));
    let begun = begun(&mut world);
    assert_eq!(begun.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [2, 3]);
    let ring = world.lock.ring.as_ref().unwrap().held();
    assert_eq!((ring.acknowledged, ring.next), (found.next, found.next));

    // From the first entry on, from within an epoch, and from the first entry of the last one.
    for (from, keys) in [(0, 3), (begun[0].0 + 2, 2), (begun[1].0 + 1, 1)] {
        let now = world.now();
        let key = world.fleet().export_log_key(LOCK, from, "anna", now).unwrap().walk().unwrap();
        assert_eq!((key.index, key.file.lines().count()), (from, keys));
        let report = third_party(&mut world, from);
        assert_eq!((report.faults, report.unverified), (0, 0), "{report:?}");
        assert!(says(&report, &format!("The log is whole: {} entries", found.next - from)), "{report:?}");
    }
    let file = exported(&mut world, begun[0].0 + 2);
    assert!(file.lines().next().unwrap().contains(r#""key_epoch":"2""#), "{file}");
    assert!(file.lines().last().unwrap().contains(r#""key_epoch":"3""#), "{file}");
}

#[test]
fn the_keys_of_an_export_are_those_of_its_epochs_and_no_others() {
    let mut world = world(16);
    turn(&mut world, 3);
    want(&mut world);
    rotate(&mut world);
    turn(&mut world, 3);
    assert_eq!(level(&mut world), DONE);
    let [(at, 2)] = begun(&mut world)[..] else { panic!() };
    let (whole, now) = (exported(&mut world, 0), world.now());
    let both = world.fleet().export_log_key(LOCK, 0, "anna", now).unwrap().walk().unwrap();
    let lines: Vec<_> = both.file.lines().collect();
    // Without the key of the second epoch its entries are not verified, and nobody is told that they are wrong.
    let report = verify_log::verify(&whole, lines[0], None).unwrap();
    assert!(report.unverified > 0 && says(&report, "NOT VERIFIED"), "{report:?}");
    // Without that of the first, those of the second are verified all the same.
    let report = verify_log::verify(&whole, lines[1], None).unwrap();
    assert_eq!((report.faults, report.unverified as u64), (0, at + 1), "{report:?}");
    assert!(says(&report, &format!("NOT VERIFIED: entries 0 to {at}, whose key is not here")), "{report:?}");
    // With them exchanged, nothing fits.
    let swapped = both.file.replacen(r#""key_epoch":"2""#, r#""key_epoch":"9""#, 1);
    let report = verify_log::verify(&whole, &swapped, None).unwrap();
    assert!(report.unverified > 0, "{report:?}");
    assert!(verify_log::verify(&whole, &lines[1].replace(&hex(LOCK.0), &hex([9; 16])), None).is_err());
}

fn hex(bytes: [u8; 16]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A world whose lock keeps a log and may be claimed.
fn claimable() -> World {
    let mut world = world(16);
    let now = world.millis;
    world.lock.make_claimable(&claimer(), now);
    world.pass(1_000);
    world.fleet().set_maker_secret(LOCK, &MAKER, crate::claim::moment(0)).unwrap();
    turn(&mut world, 4);
    world
}

/// The ownership ends, and another fleet claims the lock: from then on it is that of the world. The first fleet is given back.
fn sold(world: &mut World) -> (TempDir, Fleet<SqliteStore>) {
    end_at_the_lock(world);
    turn(world, 1);
    let Other { mut fleet, folder } = Other::new();
    world.pass(2_000);
    let millis = world.millis;
    world.lock.press(millis);
    assert_eq!(claim(&mut fleet, &mut world.lock, millis), Outcome::Done);
    world.pass(2_000);
    (folder, core::mem::replace(world.fleet(), fleet))
}

#[test]
fn a_fleet_that_claims_a_lock_verifies_its_log_from_then_on_and_gets_nothing_of_before() {
    let mut world = claimable();
    assert_eq!(level(&mut world), DONE);
    let before = standing(&mut world).next;
    let (_folder, mut first) = sold(&mut world);
    turn(&mut world, 3);
    assert_eq!(level(&mut world), DONE);
    let found = standing(&mut world);
    assert_eq!((found.faults.len(), found.unexplained), (0, None));
    let [Unverified { range: Missing { first: 0, last }, why: Unverifiable::BeforeOwnership }] =
        found.unverified[..]
    else {
        panic!("{found:?}")
    };
    assert!(last >= before);
    let entries = world.fleet().log(LOCK, 0, 1_000).unwrap();
    let indices: Vec<_> = entries.iter().map(|kept| kept.index).collect();
    assert_eq!(indices, (last + 1..found.next).collect::<Vec<_>>(), "all since the claim, and nothing else");
    assert!(entries.iter().all(|kept| kept.fault.is_none()));
    assert!(world.audit().contains("from before this ownership"), "{}", world.audit());
    // A third party verifies what is the new owner's, whatever it asks for.
    for from in [0, last + 1, last + 3] {
        let report = third_party(&mut world, from);
        assert_eq!((report.faults, report.unverified), (0, 0), "{report:?}");
        let count = found.next - from.max(last + 1);
        assert!(says(&report, &format!("The log is whole: {count} entries")), "{report:?}");
    }
    // It goes on: through a restart of the lock and a rotation.
    let now = world.millis;
    world.lock.reboot(now);
    want(&mut world);
    rotate(&mut world);
    turn(&mut world, 2);
    assert_eq!(level(&mut world), DONE);
    let found = standing(&mut world);
    assert_eq!((found.faults.len(), found.unverified.len()), (0, 1));
    assert_eq!(third_party(&mut world, 0).faults, 0);
    // The fleet of before has what it had.
    assert_eq!(first.log_standing(LOCK).unwrap().next, before);
    assert_eq!(first.lock(LOCK).unwrap().standing, Standing::Released);
}

#[test]
fn a_fleet_that_claims_its_lock_back_keeps_what_it_had_and_finds_no_fault() {
    let mut world = claimable();
    assert_eq!(level(&mut world), DONE);
    let before = standing(&mut world).next;
    end_at_the_lock(&mut world);
    world.pass(2_000);
    let millis = world.millis;
    world.lock.press(millis);
    assert_eq!(claim(world.fleet.as_mut().unwrap(), &mut world.lock, millis), Outcome::Done);
    world.pass(2_000);
    turn(&mut world, 2);
    assert_eq!(level(&mut world), DONE);
    let found = standing(&mut world);
    assert_eq!(found.faults, []);
    let [Unverified { range, why: Unverifiable::BeforeOwnership }] = found.unverified[..] else {
        panic!("{found:?}")
    };
    assert_eq!(range.first, before);
    let entries = world.fleet().log(LOCK, 0, 1_000).unwrap();
    let indices: Vec<_> = entries.iter().map(|kept| kept.index).collect();
    let wanted: Vec<_> = (0..before).chain(range.last + 1..found.next).collect();
    assert_eq!(indices, wanted, "of before, and since");
    let report = third_party(&mut world, 0);
    assert_eq!((report.faults, report.unverified), (0, 0), "{report:?}");
}

#[test]
fn what_was_not_verified_when_an_ownership_ended_is_still_told_in_the_next_one() {
    let mut world = claimable();
    assert_eq!(level(&mut world), DONE);
    want(&mut world);
    rotate(&mut world);
    turn(&mut world, 20);
    want(&mut world);
    rotate(&mut world);
    world.alter("DELETE FROM log_keys WHERE key_epoch = 2");
    let (finish, _) = world.live(LiveRequest::Log);
    assert!(matches!(finish.answer, LiveAnswer::Log(Fetched::More { .. })), "{:?}", finish.answer);
    let [open] = standing(&mut world).unverified[..] else { panic!() };
    let answer = world.live_action(Task::EndOwnership { key_epoch: 3 }, "end");
    assert!(matches!(answer, LiveAnswer::Command { outcome: Outcome::Done, .. }), "{answer:?}");
    world.pass(2_000);
    let millis = world.millis;
    world.lock.press(millis);
    assert_eq!(claim(world.fleet.as_mut().unwrap(), &mut world.lock, millis), Outcome::Done);
    world.pass(2_000);
    assert_eq!(level(&mut world), DONE);
    let found = standing(&mut world);
    assert_eq!(found.faults, []);
    let [lost, before] = found.unverified[..] else { panic!("{found:?}") };
    assert_eq!((lost, before.why), (open, Unverifiable::BeforeOwnership));
    assert_eq!(before.range.first, open.range.last + 1);
}

#[test]
fn a_restored_fleet_whose_lock_must_be_claimed_again_goes_on_from_the_claim_and_finds_no_fault() {
    let mut world = claimable();
    assert_eq!(level(&mut world), DONE);
    world.back_up();
    for _ in 0..2 {
        want(&mut world);
        rotate(&mut world);
        turn(&mut world, 2);
        let _ = level(&mut world);
    }
    world.restore();
    // Its keys fit no more. Somebody ends the ownership at the lock: a reset, and a second hold.
    for _ in 0..2 {
        let millis = world.millis;
        let _ = world.lock.factory_reset(millis);
        world.pass(20_000);
    }
    let now = world.now();
    world.fleet().give_up(LOCK, "anna", now).unwrap();
    world.pass(2_000);
    let millis = world.millis;
    world.lock.press(millis);
    assert_eq!(claim(world.fleet.as_mut().unwrap(), &mut world.lock, millis), Outcome::Done);
    world.pass(2_000);
    turn(&mut world, 2);
    assert_eq!(level(&mut world), DONE);
    let found = standing(&mut world);
    assert_eq!((found.faults.len(), found.unverified.len()), (0, 1), "{found:?}");
}

#[test]
fn a_fleet_that_lost_the_key_of_a_middle_epoch_says_so_and_verifies_the_next_one() {
    let mut world = world(16);
    turn(&mut world, 3);
    assert_eq!(level(&mut world), DONE);
    want(&mut world);
    rotate(&mut world);
    // More than one answer holds.
    turn(&mut world, 20);
    want(&mut world);
    rotate(&mut world);
    turn(&mut world, 3);
    world.alter("DELETE FROM log_keys WHERE key_epoch = 2");
    assert_eq!(level(&mut world), DONE, "what cannot be verified is kept all the same");
    let found = standing(&mut world);
    assert_eq!((found.faults.len(), found.unexplained), (0, None), "an honest log is not called faulty");
    let [(second, 2), (third, 3)] = begun(&mut world)[..] else { panic!() };
    let range = Missing { first: second + 1, last: third };
    assert_eq!(found.unverified, [Unverified { range, why: Unverifiable::KeyLost(2) }]);
    let audit = world.audit();
    let sentence = format!("entries {} to {third}: the key of key epoch 2 is lost here", second + 1);
    assert!(audit.contains(&sentence), "{audit}");
    for kept in world.fleet().log(LOCK, 0, 1_000).unwrap() {
        let fault = (range.first..=range.last).contains(&kept.index).then_some("NoKey");
        assert_eq!(kept.fault.as_deref(), fault, "entry {}", kept.index);
    }
    // A third party learns the same.
    let report = third_party(&mut world, 0);
    assert_eq!((report.faults, report.unverified as u64), (0, range.last - range.first + 1), "{report:?}");
    let report = third_party(&mut world, range.first + 1);
    assert_eq!((report.faults, report.unverified as u64), (0, range.last - range.first), "{report:?}");
    let report = third_party(&mut world, third + 1);
    assert_eq!((report.faults, report.unverified), (0, 0), "{report:?}");
    // What comes is verified as ever, and what is told is told once.
    turn(&mut world, 2);
    assert_eq!(level(&mut world), DONE);
    assert_eq!(standing(&mut world).unverified.len(), 1);
}

#[test]
fn where_a_fetch_ends_within_an_epoch_whose_key_is_lost_the_next_one_goes_on_there() {
    let mut world = world(16);
    turn(&mut world, 3);
    assert_eq!(level(&mut world), DONE);
    want(&mut world);
    rotate(&mut world);
    turn(&mut world, 20);
    want(&mut world);
    rotate(&mut world);
    world.alter("DELETE FROM log_keys WHERE key_epoch = 2");
    // One answer, and the line breaks.
    let (finish, _) = world.live(LiveRequest::Log);
    assert!(matches!(finish.answer, LiveAnswer::Log(Fetched::More { .. })), "{:?}", finish.answer);
    drop(finish);
    world.restart();
    let open = standing(&mut world);
    let [Unverified { range, why: Unverifiable::KeyLost(2) }] = open.unverified[..] else {
        panic!("{open:?}")
    };
    assert_eq!(range.last + 1, open.next, "it is told while it goes on");
    world.pass(2_000);
    assert_eq!(level(&mut world), DONE);
    let found = standing(&mut world);
    assert_eq!((found.faults.len(), found.unverified.len()), (0, 1));
    assert_eq!(found.unverified[0].range.first, range.first);
}

#[test]
fn a_database_of_version_13_whose_lock_was_rotated_verifies_its_log_on() {
    let mut world = world(16);
    turn(&mut world, 3);
    assert_eq!(level(&mut world), DONE);
    want(&mut world);
    rotate(&mut world);
    // As version 13 was.
    world.alter(
        "ALTER TABLE locks ADD COLUMN log_epoch INTEGER; ALTER TABLE locks ADD COLUMN log_key BLOB;
         UPDATE locks SET log_epoch = 1, log_key = (SELECT wrapped_key FROM log_keys WHERE key_epoch = 1);
         DROP TABLE log_keys; DROP TABLE log_unverified;
         ALTER TABLE log_positions DROP COLUMN lost_since; ALTER TABLE log_positions DROP COLUMN head_epoch;
         DROP TABLE claims; ALTER TABLE locks DROP COLUMN ownership; PRAGMA user_version = 13;",
    );
    let now = world.now();
    assert_eq!(world.fleet().log_keys(LOCK).unwrap().len(), 2);
    assert!(world.fleet().export_log(LOCK, 0, "anna", now).is_ok(), "the head of before is there");
    turn(&mut world, 2);
    assert_eq!(level(&mut world), DONE);
    let found = standing(&mut world);
    assert_eq!((found.faults.len(), found.unverified.len()), (0, 0));
    let report = third_party(&mut world, 0);
    assert_eq!((report.faults, report.unverified), (0, 0), "{report:?}");
}

#[test]
fn no_first_key_of_an_epoch_is_in_the_database_in_clear() {
    let mut world = world(16);
    turn(&mut world, 2);
    want(&mut world);
    rotate(&mut world);
    turn(&mut world, 2);
    assert_eq!(level(&mut world), DONE);
    let keys = world.fleet().log_keys(LOCK).unwrap();
    assert_eq!(keys.len(), 2);
    let file = world.file();
    for first in keys {
        assert!(!file.windows(32).any(|window| window == first.key.expose()), "{first:?}");
    }
}
