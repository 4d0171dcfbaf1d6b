//! The program at a lock, with links of its owner's cloud. No cloud runs.

mod guest;
mod lock;
mod reading;

use std::net::TcpListener;

use lock_core::cloud::{Conditions, Uses};
use lock_core::crypto::Key;
use lock_core::proto::{Action, BoltPosition, Profile, TicketRights};

use guest::Guest;
use lock::{Lock, TOLD};

const HOUR: u64 = 3_600_000;

fn passable() -> Conditions {
    Conditions { depth: Some(4), rights: Some(TicketRights::ALL), ..Conditions::default() }
}

#[test]
fn a_guest_opens_and_locks_with_a_link_while_no_cloud_exists() {
    for profile in [Profile::S, Profile::X] {
        let (lock, guest) = (Lock::of(profile), Guest::new());
        guest.keeps("key", &lock.link(Conditions::default(), None));
        assert_eq!(guest.at(lock.address, "unlock", "key", &[]).well(), "done: the lock confirmed it");
        assert_eq!(lock.bolt(), BoltPosition::Retracted);
        let locked = guest.at(lock.address, "lock", "key", &["--json"]).json();
        assert_eq!((&locked["executed"], &locked["outcome"]["outcome"]), (&true.into(), &"Done".into()));
        assert_eq!(lock.bolt(), BoltPosition::Extended);
        let status = guest.at(lock.address, "status", "key", &[]).well();
        assert_eq!(status, "locked: the sensor sees the bolt thrown");
        let status = guest.at(lock.address, "status", "key", &["--json"]).json();
        assert_eq!(status["status"]["bolt"]["value"], "Extended", "{status}");
    }
}

#[test]
fn a_key_with_an_end_needs_a_lock_that_knows_the_time() {
    let (lock, guest) = (Lock::new(), Guest::new());
    let ending = |hours| Conditions {
        not_after: Some(TOLD.plus_millis(hours * HOUR)),
        uses: Uses::Single,
        ..Conditions::default()
    };
    guest.keeps("key", &lock.link(ending(1), None));
    let refused = guest.at(lock.address, "unlock", "key", &["--json"]);
    assert_eq!(refused.code, 1);
    let refused = refused.json();
    assert_eq!(refused["executed"], false);
    assert_eq!(refused["outcome"]["reason"], "ClockNotTrusted");
    let sentence = refused["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("refused: the lock does not know the time"), "{sentence}");

    lock.order(Action::Lock);
    guest.at(lock.address, "unlock", "key", &[]).well();
    let again = guest.at(lock.address, "unlock", "key", &[]);
    assert_eq!((again.code, again.out.as_str()), (1, ""));
    assert!(again.err.starts_with("not executed: refused: this key was for one use"), "{}", again.err);
    guest.keeps("ended", &lock.link(ending(0), None));
    let ended = guest.at(lock.address, "unlock", "ended", &[]);
    assert!(ended.err.contains("not valid yet or has ended"), "{}", ended.err);
}

#[test]
fn who_was_given_less_cannot_lock_and_the_fourth_still_opens() {
    let (lock, guest) = (Lock::new(), Guest::new());
    guest.keeps("0", &lock.link(passable(), None));
    guest.narrows("0", "1", &["--rights", "lock,unlock,status"]);
    guest.narrows("1", "2", &["--rights", "unlock", "--depth", "2"]);
    guest.narrows("2", "3", &["--rights", "lock,unlock,unlatch,status"]);
    guest.narrows("3", "4", &["--rights", "unlock", "--depth", "0"]);
    guest.at(lock.address, "unlock", "4", &[]).well();
    let refused = guest.at(lock.address, "lock", "2", &[]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("this key does not allow that"), "{}", refused.err);
    let unseen = guest.at(lock.address, "status", "3", &[]);
    assert!(unseen.err.contains("does not show its status to this key"), "{}", unseen.err);
    let unlatch = guest.at(lock.address, "unlatch", "1", &[]);
    assert!(unlatch.err.contains("this key does not allow that"), "{}", unlatch.err);
    assert_eq!(lock.bolt(), BoltPosition::Retracted);

    let fifth = guest.run(&["narrow", "--key", "4", "--rights", "unlock"]);
    assert_eq!((fifth.code, fifth.out.as_str()), (1, ""));
    assert!(fifth.err.contains("passed on four times"), "{}", fifth.err);
}

#[test]
fn a_key_that_its_owner_lets_nobody_pass_on_is_refused_when_it_was() {
    let (lock, guest) = (Lock::new(), Guest::new());
    guest.keeps("own", &lock.link(Conditions::default(), None));
    guest.narrows("own", "passed", &["--rights", "unlock"]);
    let refused = guest.at(lock.address, "unlock", "passed", &[]);
    assert!(refused.err.contains("passed on more often than its owner allows"), "{}", refused.err);
    lock.order(Action::RevokeTickets { epoch: 1 });
    let revoked = guest.at(lock.address, "unlock", "own", &[]);
    assert!(revoked.err.contains("this virtual key was revoked"), "{}", revoked.err);
    assert_eq!(lock.bolt(), BoltPosition::Extended);
}

#[test]
fn a_stolen_link_of_a_bound_key_is_worth_nothing() {
    let (lock, guest, thief) = (Lock::new(), Guest::new(), Guest::new());
    let registered = guest.run(&["holder", "--out", "secret"]).well();
    let secret: Vec<u8> =
        (0..64).step_by(2).map(|at| u8::from_str_radix(&registered[at..at + 2], 16).unwrap()).collect();
    let link = lock.link(passable(), Some(&Key::from_bytes(secret.try_into().unwrap())));
    guest.keeps("key", &link);
    thief.keeps("key", &link);
    let without = thief.at(lock.address, "unlock", "key", &[]);
    assert!(without.err.contains("give the file of the holder's secret"), "{}", without.err);
    assert!(!thief.path("key.attempts").exists(), "nothing was attempted");
    let narrowing = thief.run(&["narrow", "--key", "key", "--rights", "unlock"]);
    assert!(narrowing.err.contains("give the file of the holder's secret"), "{}", narrowing.err);
    thief.run(&["holder", "--out", "another"]).well();
    let silence = thief.at(lock.address, "unlock", "key", &["--holder", "another", "--wait", "1"]);
    assert_eq!(silence.code, 1);
    assert!(silence.err.starts_with("not known: the lock does not answer this key"), "{}", silence.err);
    assert_eq!(lock.bolt(), BoltPosition::Extended);

    guest.narrows("key", "passed", &["--holder", "secret", "--rights", "unlock"]);
    guest.at(lock.address, "unlock", "key", &["--holder", "secret"]).well();
    guest.at(lock.address, "unlock", "passed", &[]).well();
}

#[test]
fn attempts_are_counted_before_each_use_and_survive() {
    let (lock, guest) = (Lock::new(), Guest::new());
    let key = guest.keeps("key", &lock.link(Conditions::default(), None));
    let count = |name: &str| std::fs::read_to_string(guest.path(name)).unwrap();
    guest.at(lock.address, "status", "key", &[]).well();
    assert_eq!(count("key.attempts"), "1\n");
    guest.at(lock.address, "status", "key", &[]).well();
    assert_eq!(count("key.attempts"), "2\n");
    // Nobody listens, and the number is spent all the same.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let unreachable = guest.at(nobody, "status", "key", &[]);
    assert!(unreachable.err.contains("cannot be reached"), "{}", unreachable.err);
    assert_eq!(count("key.attempts"), "3\n");
    guest.at(lock.address, "status", "key", &["--state", "elsewhere"]).well();
    assert_eq!((count("elsewhere").as_str(), count("key.attempts").as_str()), ("1\n", "3\n"));
    // A file that is none is not written over, least of all the key.
    let before = std::fs::read(&key).unwrap();
    let refused = guest.at(lock.address, "status", "key", &["--state", "key"]);
    assert!(refused.err.contains("holds no count of attempts"), "{}", refused.err);
    assert_eq!(std::fs::read(&key).unwrap(), before);
}

#[test]
fn a_key_of_another_lock_is_told_apart_by_its_hello_and_a_mute_one_is_left() {
    let (lock, guest) = (Lock::new(), Guest::new());
    let other = Lock::of(Profile::X);
    guest.keeps("key", &other.link(Conditions::default(), None));
    let changed = guest.at(lock.address, "unlock", "key", &[]);
    assert!(changed.err.contains("greets with another profile than the key says"), "{}", changed.err);
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let left = guest.at(mute.local_addr().unwrap(), "unlock", "key", &["--json"]);
    assert_eq!(left.code, 1);
    assert!(left.json()["sentence"].as_str().unwrap().contains("did not greet as a lock does"));
}
