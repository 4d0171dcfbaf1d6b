//! Backups: codes that nobody kept the digits of come back, into the same lock and into another; what was cleared or changed since does not.

use lock_core::cloud::{BackupError, Comparison, LockKeys, open_backup};
use lock_core::crypto::{KeyEpoch, RootKey, RustCrypto};
use lock_core::state::Drive;
use lock_fleet::proto::{CommandId, CredentialKind, Outcome, PinDigits, Reason, Secret, Setting, TokenId};
use lock_fleet::{
    BackingUp, FleetError, ForeignItems, ItemStanding, LiveAnswer, LiveEvent, LiveRequest, LiveSend,
    LiveSession, LockId, LostCodes, QueueOptions, Restored, Task,
};

use crate::items::{compare, factory_reset, pin, standings, user};
use crate::queued::{queue, relock};
use crate::world::{LOCK, ROOT, World, token};

const OTHER: LockId = LockId([0x52; 16]);

fn back_up_request() -> LiveRequest {
    LiveRequest::BackUp { by: "anna".into() }
}

fn adopt(of: LockId, name: &str) -> LiveRequest {
    LiveRequest::AdoptBackup { of, client_token: token(name), by: "anna".into() }
}

/// Asks something that needs a session, and returns the answer.
fn ask(world: &mut World, session: &mut LiveSession, request: LiveRequest) -> LiveAnswer {
    let now = world.now();
    let send = world.fleet().request_live(session, request, now).unwrap();
    let LiveSend::Packet { packet, .. } = send else { panic!("{send:?}") };
    let records = world.lock.bring(&packet, world.millis);
    for record in &records {
        if let LiveEvent::Answer(answer) = world.fleet().open_live(session, record, now).unwrap() {
            return answer;
        }
    }
    panic!("the lock does not answer")
}

/// A session for what has no place in a first message.
fn session(world: &mut World, request: LiveRequest) -> LiveSession {
    let (finish, _) = world.live(request.clone());
    assert_eq!(finish.answer, LiveAnswer::Connected);
    assert_eq!(finish.unasked, Some(request), "it waits for the session");
    finish.session
}

pub(crate) fn back_up(world: &mut World) -> BackingUp {
    let mut session = session(world, back_up_request());
    for _ in 0..40 {
        let answer = ask(world, &mut session, back_up_request());
        let LiveAnswer::BackedUp(stands) = answer else { panic!("{answer:?}") };
        if !matches!(stands, BackingUp::Read { .. }) {
            return stands;
        }
    }
    panic!("it does not end")
}

fn adopted(world: &mut World, of: LockId, name: &str) -> Outcome {
    let mut session = session(world, adopt(of, name));
    let LiveAnswer::Command { outcome, .. } = ask(world, &mut session, adopt(of, name)) else {
        panic!("a command was sent")
    };
    outcome
}

fn restore(world: &mut World) -> Restored {
    let now = world.now();
    world.fleet().restore(LOCK, ForeignItems::Keep, LostCodes::FromBackup, "anna", now).unwrap()
}

fn opens(world: &mut World, digits: &[u8]) -> bool {
    world.lock.close(world.millis);
    let before = world.lock.runs.len();
    world.lock.enter(PinDigits::from_ascii(digits).unwrap(), world.millis);
    world.pass(1_000);
    let ran = world.lock.runs[before..].contains(&Drive::Retract);
    world.lock.close(world.millis);
    ran
}

/// A lock with a user, two codes, a fob far up, and the relock.
fn house() -> World {
    let mut world = World::new();
    queue(&mut world, user(0), "user");
    queue(&mut world, pin(1, b"2580"), "pin");
    queue(&mut world, pin(2, b"1379"), "another-pin");
    let fob = Secret::Token(TokenId::from_bytes(b"a fob").unwrap());
    let fob = Task::SetCredential { slot: 39, user: Some(0), kind: CredentialKind::Fob, secret: fob };
    queue(&mut world, fob, "fob");
    queue(&mut world, relock(30), "relock");
    world.deliver();
    assert_eq!(standings(&mut world), [ItemStanding::Applied; 5]);
    world
}

#[test]
fn after_a_reset_every_code_opens_again_without_being_asked_for_and_after_the_next_reset_too() {
    let mut world = house();
    assert_eq!(back_up(&mut world), BackingUp::Taken { number: 1, credentials: 3 });
    for round in 0..2 {
        factory_reset(&mut world);
        assert!(!opens(&mut world, b"2580"));
        assert_eq!(compare(&mut world).0, Comparison::Listed);
        assert_eq!(standings(&mut world), [ItemStanding::Missing; 5]);
        assert_eq!(adopted(&mut world, LOCK, &format!("adopt {round}").replace(' ', "-")), Outcome::Done);
        let restored = restore(&mut world);
        assert_eq!((restored.queued.len(), restored.needs_code.as_slice()), (5, [].as_slice()));
        world.deliver();
        assert_eq!(standings(&mut world), [ItemStanding::Applied; 5], "round {round}\n{}", world.audit());
        assert!(opens(&mut world, b"2580") && opens(&mut world, b"1379"));
        assert_eq!(compare(&mut world), (Comparison::Agreed, 1));
    }
}

#[test]
fn what_was_cleared_or_changed_after_the_backup_does_not_come_back() {
    let mut world = house();
    back_up(&mut world);
    queue(&mut world, Task::ClearPin { slot: 1 }, "clear");
    queue(&mut world, pin(2, b"8642"), "changed");
    world.deliver();
    factory_reset(&mut world);
    compare(&mut world);
    adopted(&mut world, LOCK, "adopt");
    let restored = restore(&mut world);
    assert_eq!(restored.needs_code, [2], "the new digits are nobody's but the user's");
    world.deliver();
    assert!(!opens(&mut world, b"2580"), "it was cleared");
    assert!(!opens(&mut world, b"1379"), "it was changed");
    queue(&mut world, pin(2, b"8642"), "once-more");
    world.deliver();
    assert!(opens(&mut world, b"8642"));
}

#[test]
fn a_code_of_which_only_a_wish_is_known_is_asked_for_and_never_taken_from_before() {
    let mut world = house();
    back_up(&mut world);
    factory_reset(&mut world);
    compare(&mut world);
    // Wanted, and not yet there.
    queue(&mut world, pin(2, b"8642"), "wanted");
    adopted(&mut world, LOCK, "adopt");
    let restored = restore(&mut world);
    assert_eq!(restored.queued.len(), 4, "not slot 2, which is on its way");
    world.deliver();
    assert!(opens(&mut world, b"8642") && !opens(&mut world, b"1379"));
}

#[test]
fn without_the_key_of_the_backup_the_lock_refuses_its_codes_says_why_and_takes_them_later() {
    let mut world = house();
    back_up(&mut world);
    factory_reset(&mut world);
    compare(&mut world);
    restore(&mut world);
    world.deliver();
    let missing = |world: &mut World| {
        let standings = standings(world);
        standings.iter().filter(|standing| **standing == ItemStanding::Missing).count()
    };
    assert_eq!(missing(&mut world), 3);
    let why = Reason::AnotherPinKey.to_string();
    assert_eq!(world.audit().matches(&why).count(), 3, "{}", world.audit());
    assert_eq!(adopted(&mut world, LOCK, "adopt"), Outcome::Done);
    assert_eq!(restore(&mut world).queued.len(), 3);
    world.deliver();
    assert_eq!(missing(&mut world), 0);
    assert!(opens(&mut world, b"2580"));
    let again = adopted(&mut world, LOCK, "again");
    assert_eq!(again, Outcome::Refused(Reason::Occupied), "codes are there, and they would be dead");
    assert!(opens(&mut world, b"2580"));
}

#[test]
fn a_replacement_takes_over_all_that_was_wanted_of_the_lock_before_it() {
    let mut world = house();
    back_up(&mut world);
    world.replace_lock(OTHER);
    assert_eq!(adopted(&mut world, LOCK, "adopt"), Outcome::Done);
    let now = world.now();
    let taken = world.fleet().take_over(OTHER, LOCK, "anna", now).unwrap();
    assert_eq!((taken.queued.len(), taken.needs_code.as_slice()), (5, [].as_slice()));
    world.deliver();
    assert!(opens(&mut world, b"2580") && opens(&mut world, b"1379"));
    assert_eq!(world.fleet().pending(OTHER).unwrap(), 0);
    let held: Vec<_> = world.fleet().items(OTHER).unwrap().iter().map(|item| item.standing).collect();
    assert_eq!(held, [ItemStanding::Applied; 5]);
}

#[test]
fn taking_over_a_second_time_brings_back_nothing_that_was_cleared_at_the_new_lock() {
    let mut world = house();
    back_up(&mut world);
    world.replace_lock(OTHER);
    adopted(&mut world, LOCK, "adopt");
    let now = world.now();
    world.fleet().take_over(OTHER, LOCK, "anna", now).unwrap();
    world.deliver();
    world
        .fleet()
        .queue(OTHER, Task::ClearPin { slot: 1 }, QueueOptions::new(token("clear"), "anna"), now)
        .unwrap();
    world.deliver();
    assert!(!opens(&mut world, b"2580"));
    let again = world.fleet().take_over(OTHER, LOCK, "anna", now).unwrap();
    assert_eq!(again, Restored::default());
    world.deliver();
    assert!(!opens(&mut world, b"2580") && opens(&mut world, b"1379"));
}

#[test]
fn a_code_of_another_lock_is_never_taken_for_one_of_this_lock_s_own_backup_with_that_number() {
    let mut world = house();
    back_up(&mut world);
    // The new lock had a life, a code and a backup 1 of its own.
    world.replace_lock(OTHER);
    let now = world.now();
    let options = |name| QueueOptions::new(token(name), "anna");
    world.fleet().queue(OTHER, pin(1, b"46802"), options("own"), now).unwrap();
    world.deliver();
    assert_eq!(back_up(&mut world), BackingUp::Taken { number: 1, credentials: 1 });
    world.fleet().queue(OTHER, Task::ClearPin { slot: 1 }, options("gone"), now).unwrap();
    world.deliver();
    factory_reset(&mut world);
    adopted(&mut world, LOCK, "adopt");
    world.fleet().queue(OTHER, pin(1, b"97531"), options("new"), now).unwrap();
    world.deliver();
    let now = world.now();
    world.fleet().take_over(OTHER, LOCK, "anna", now).unwrap();
    world.deliver();
    factory_reset(&mut world);
    compare(&mut world);
    adopted(&mut world, OTHER, "adopt-own");
    let now = world.now();
    let restored =
        world.fleet().restore(OTHER, ForeignItems::Keep, LostCodes::FromBackup, "anna", now).unwrap();
    assert_eq!(restored.needs_code, [1, 2, 39], "no backup of its own holds them as they were");
    world.deliver();
    assert!(!opens(&mut world, b"46802") && !opens(&mut world, b"2580"));
}

#[test]
fn codes_under_a_key_that_the_lock_does_not_have_are_asked_for_and_not_sent_again_and_again() {
    let mut world = house();
    back_up(&mut world);
    factory_reset(&mut world);
    compare(&mut world);
    queue(&mut world, pin(5, b"97531"), "by-hand");
    world.deliver();
    assert_eq!(adopted(&mut world, LOCK, "adopt"), Outcome::Refused(Reason::Occupied));
    restore(&mut world);
    world.deliver();
    let again = restore(&mut world);
    assert_eq!(
        (again.queued.as_slice(), again.needs_code.as_slice()),
        ([].as_slice(), [1, 2, 39].as_slice())
    );
    // A newer backup, under the key that the lock has, holds the one code: it is that key which would be given from now on.
    assert_eq!(back_up(&mut world), BackingUp::Taken { number: 2, credentials: 1 });
    factory_reset(&mut world);
    compare(&mut world);
    assert_eq!(adopted(&mut world, LOCK, "newest"), Outcome::Done);
    let restored = restore(&mut world);
    assert_eq!(restored.needs_code, [1, 2, 39]);
    world.deliver();
    assert!(opens(&mut world, b"97531"));
}

#[test]
fn a_lock_without_codes_replaces_no_backup() {
    let mut world = house();
    back_up(&mut world);
    factory_reset(&mut world);
    assert_eq!(back_up(&mut world), BackingUp::Nothing);
    let kept: Vec<_> = world.fleet().backups(LOCK).unwrap().iter().map(|info| info.number).collect();
    assert_eq!(kept, [1]);
}

#[test]
fn the_file_for_the_owner_opens_for_this_cloud_and_lock_alone_and_holds_what_is_wanted() {
    let mut world = house();
    let now = world.now();
    let refused = world.fleet().export_backup(LOCK, "anna", now);
    assert!(matches!(refused, Err(FleetError::NoBackup)), "{refused:?}");
    back_up(&mut world);
    let file = world.fleet().export_backup(LOCK, "anna", now).unwrap();
    let keys = |lock| {
        let root = RootKey::from_bytes::<RustCrypto>(ROOT, lock).unwrap();
        LockKeys::<RustCrypto>::expand(&root, lock, KeyEpoch::FIRST)
    };
    let other = open_backup(&keys(OTHER), &mut file.clone()).map(|_| ());
    assert_eq!(other, Err(BackupError::AnotherLock(LOCK)));
    let mut file = file;
    let backup = open_backup(&keys(LOCK), &mut file).unwrap();
    let settings: Vec<Setting> = backup.items().map(|item| item.setting).collect();
    assert_eq!(settings.len(), 5);
    let credentials = settings.iter().filter(|setting| matches!(setting, Setting::RestoreCredential { .. }));
    assert_eq!(credentials.count(), 3);
    assert!(world.audit().contains("export a backup | backup 1, 5 items"), "{}", world.audit());
}

#[test]
fn neither_the_database_nor_the_audit_holds_a_key_or_a_hash_in_clear() {
    let mut world = house();
    back_up(&mut world);
    factory_reset(&mut world);
    compare(&mut world);
    // The key of the lock's codes, as a file shows it to this test alone.
    let now = world.now();
    let mut file = world.fleet().export_backup(LOCK, "anna", now).unwrap();
    let root = RootKey::from_bytes::<RustCrypto>(ROOT, LOCK).unwrap();
    let keys = LockKeys::<RustCrypto>::expand(&root, LOCK, KeyEpoch::FIRST);
    let key = open_backup(&keys, &mut file).unwrap().head.key;
    adopted(&mut world, LOCK, "adopt");
    restore(&mut world);
    let database = world.file();
    assert!(!database.windows(32).any(|bytes| bytes == key.0), "a key in clear");
    world.deliver();
    let database = world.file();
    assert!(!database.windows(16).any(|bytes| bytes == &key.0[..16]));
    let command = world.fleet().commands(LOCK, CommandId(0), 100).unwrap();
    assert!(!format!("{command:?}").contains(&format!("{:?}", &key.0[..4])));
}
