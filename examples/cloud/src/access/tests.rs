use lock_fleet::proto::{CommandId, UnixMillis};
use tempfile::TempDir;

use super::*;

const FRONT: LockId = LockId([1; 16]);
const BACK: LockId = LockId([2; 16]);

fn access() -> (TempDir, PathBuf, Access, UserId) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.db.access");
    let (access, admin) = Access::create(&path).unwrap();
    (folder, path, access, admin)
}

fn only(right: Right) -> Rights {
    [right].into_iter().collect()
}

#[test]
fn a_token_leads_to_its_user_and_a_changed_one_to_nobody() {
    let (_folder, _, access, admin) = access();
    let (_, token) = access.issue_token(admin).unwrap();
    let identity = access.identify(token.expose()).unwrap().unwrap();
    assert_eq!((identity.user, identity.role), (admin, Role::Admin));
    let last = if token.expose().ends_with('0') { "1" } else { "0" };
    let changed = format!("{}{last}", &token.expose()[..token.expose().len() - 1]);
    assert!(access.identify(&changed).unwrap().is_none());
    assert!(access.identify(&token.expose().replace("lkt_1_", "lkt_2_")).unwrap().is_none());
}

#[test]
fn a_revoked_token_takes_the_rights_of_an_open_relay_with_it() {
    let (_folder, _, access, _) = access();
    let alice = access.add_user("alice").unwrap();
    let (first, token) = access.issue_token(alice).unwrap();
    let (_, other) = access.issue_token(alice).unwrap();
    access.grant(alice, FRONT, &only(Right::Unlock)).unwrap();
    let identity = access.identify(token.expose()).unwrap().unwrap();
    assert!(access.rights(&identity, FRONT).unwrap().allow(Right::Unlock));
    assert_eq!(access.end_token(alice, first, UnixMillis(7)).unwrap(), TokenEnd::Now);
    assert!(access.rights(&identity, FRONT).unwrap().are_empty());
    assert!(access.identify(token.expose()).unwrap().is_none());
    assert!(access.identify(other.expose()).unwrap().is_some());
    assert_eq!(access.end_token(alice, first, UnixMillis(9)).unwrap(), TokenEnd::Before(UnixMillis(7)));
    assert_eq!(access.end_token(alice, TokenId(99), UnixMillis(9)).unwrap(), TokenEnd::Unknown);
}

#[test]
fn rights_are_of_one_lock_and_replaced_as_a_whole() {
    let (_folder, _, access, _) = access();
    let alice = access.add_user("alice").unwrap();
    let (_, token) = access.issue_token(alice).unwrap();
    let identity = access.identify(token.expose()).unwrap().unwrap();
    access.grant(alice, FRONT, &Right::ALL.into_iter().collect()).unwrap();
    access.grant(alice, FRONT, &only(Right::Status)).unwrap();
    assert_eq!(access.rights(&identity, FRONT).unwrap(), only(Right::Status));
    assert!(access.rights(&identity, BACK).unwrap().are_empty());
    assert!(matches!(access.grant(UserId(99), FRONT, &only(Right::Status)), Err(AccessError::NoSuchUser(_))));
}

#[test]
fn names_are_unique_and_printable() {
    let (_folder, _, access, _) = access();
    access.add_user("alice").unwrap();
    assert!(matches!(access.add_user("alice"), Err(AccessError::NameTaken(_))));
    for name in ["", " alice", "two\nlines", &"x".repeat(65)] {
        assert!(matches!(access.add_user(name), Err(AccessError::BadName)), "{name:?}");
    }
    access.add_user(&"x".repeat(64)).unwrap();
}

#[test]
fn what_was_granted_survives_a_restart_and_create_never_overwrites() {
    let (_folder, path, access, admin) = access();
    let (_, token) = access.issue_token(admin).unwrap();
    access.grant(admin, FRONT, &only(Right::Relay)).unwrap();
    drop(access);
    assert!(matches!(Access::create(&path), Err(AccessError::AlreadyExists(_))));
    let access = Access::open(&path).unwrap();
    let identity = access.identify(token.expose()).unwrap().unwrap();
    assert_eq!(access.rights(&identity, FRONT).unwrap(), only(Right::Relay));
}

#[test]
fn a_missing_a_damaged_and_a_newer_file_are_reported_and_left_alone() {
    let (folder, path, access, _) = access();
    drop(access);
    assert!(matches!(Access::open(&folder.path().join("other")), Err(AccessError::Missing(_))));

    Connection::open(&path).unwrap().pragma_update(None, "user_version", 4).unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(Access::open(&path), Err(AccessError::Newer(_))));
    assert_eq!(std::fs::read(&path).unwrap(), before);

    std::fs::write(
        &path,
        b"this is no database at all, and longer than the header of one would be, to be sure of it",
    )
    .unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(Access::open(&path), Err(AccessError::Damaged(_))));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn the_file_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path, _, _) = access();
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_file_of_the_first_version_keeps_its_users_tokens_and_rights() {
    let (_folder, path, access, admin) = access();
    let (id, token) = access.issue_token(admin).unwrap();
    access.grant(admin, FRONT, &only(Right::Relay)).unwrap();
    drop(access);
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "DROP TABLE ended_token; DROP TABLE phone_key; DROP TABLE ownership; PRAGMA user_version = 1",
        )
        .unwrap();
    drop(connection);
    let access = Access::open(&path).unwrap();
    let identity = access.identify(token.expose()).unwrap().unwrap();
    assert_eq!(access.rights(&identity, FRONT).unwrap(), only(Right::Relay));
    access.note_key(id, FRONT, 5).unwrap();
    assert_eq!(access.keys_of(id).unwrap(), [(FRONT, 5)]);
}

#[test]
fn a_key_belongs_to_a_phone_that_has_a_token_and_is_forgotten_with_the_next_owner() {
    let (_folder, _, access, admin) = access();
    let alice = access.add_user("alice").unwrap();
    let (first, _) = access.issue_token(alice).unwrap();
    let (second, _) = access.issue_token(alice).unwrap();
    for (token, lock, serial) in [(first, FRONT, 5), (second, FRONT, 5), (first, BACK, (1 << 52) - 1)] {
        access.note_key(token, lock, serial).unwrap();
        access.note_key(token, lock, serial).unwrap();
    }
    assert_eq!(access.keys_of(first).unwrap(), [(FRONT, 5), (BACK, (1 << 52) - 1)]);
    assert_eq!(access.end_token(alice, first, UnixMillis(7)).unwrap(), TokenEnd::Now);
    assert!(matches!(access.note_key(first, FRONT, 6), Err(AccessError::NoSuchToken(_))));
    assert_eq!(
        access.keys_of(first).unwrap().len(),
        2,
        "the keys of a dead phone are known, and no more come"
    );
    access.hand_over(FRONT, admin, HistoryEnd::default()).unwrap();
    assert_eq!(access.keys_of(first).unwrap(), [(BACK, (1 << 52) - 1)]);
    assert!(access.keys_of(second).unwrap().is_empty());
    assert_eq!((access.locks_of(admin).unwrap(), access.locks_of(alice).unwrap()), (vec![FRONT], vec![]));
}

#[test]
fn a_new_owner_has_all_rights_and_nobody_else_any() {
    let (_folder, _, access, admin) = access();
    let alice = access.add_user("alice").unwrap();
    let (_, token) = access.issue_token(alice).unwrap();
    access.grant(alice, FRONT, &Right::ALL.into_iter().collect()).unwrap();
    access.grant(alice, BACK, &only(Right::Status)).unwrap();
    access.hand_over(FRONT, admin, HistoryEnd::default()).unwrap();
    let identity = access.identify(token.expose()).unwrap().unwrap();
    assert!(access.rights(&identity, FRONT).unwrap().are_empty());
    assert_eq!(access.rights(&identity, BACK).unwrap(), only(Right::Status));
    access.hand_over(FRONT, alice, HistoryEnd::default()).unwrap();
    assert_eq!(access.rights(&identity, FRONT).unwrap(), Right::ALL.into_iter().collect());
    assert!(matches!(
        access.hand_over(FRONT, UserId(99), HistoryEnd::default()),
        Err(AccessError::NoSuchUser(_))
    ));
    assert_eq!(access.rights(&identity, FRONT).unwrap(), Right::ALL.into_iter().collect());
}

#[test]
fn a_new_owner_sees_the_history_since_the_claim_and_the_admin_all_of_it() {
    let (_folder, path, access, admin) = access();
    let (_, token) = access.issue_token(admin).unwrap();
    let admin = access.identify(token.expose()).unwrap().unwrap();
    let member = |name| {
        let user = access.add_user(name).unwrap();
        let (_, token) = access.issue_token(user).unwrap();
        access.identify(token.expose()).unwrap().unwrap()
    };
    let (alice, bob) = (member("alice"), member("bob"));
    let all = HistoryEnd::default();
    let first = HistoryEnd { audit: 7, command: CommandId(3), log: 20 };
    let second = HistoryEnd { audit: 70, command: CommandId(30), log: 200 };
    assert_eq!(access.seen_from(&alice, FRONT).unwrap(), all, "a lock that nobody has claimed");
    access.hand_over(FRONT, alice.user, first).unwrap();
    assert_eq!(access.seen_from(&alice, FRONT).unwrap(), first);
    access.hand_over(FRONT, alice.user, second).unwrap();
    assert_eq!(access.seen_from(&alice, FRONT).unwrap(), first, "what was hers stays hers to see");
    let lower = HistoryEnd { command: CommandId(2), ..second };
    access.hand_over(FRONT, alice.user, lower).unwrap();
    let first = HistoryEnd { command: CommandId(2), ..first };
    assert_eq!(access.seen_from(&alice, FRONT).unwrap(), first, "numbers that come again are seen");
    access.hand_over(FRONT, bob.user, second).unwrap();
    drop(access);
    let access = Access::open(&path).unwrap();
    assert_eq!(access.seen_from(&bob, FRONT).unwrap(), second);
    assert_eq!((access.seen_from(&admin, FRONT).unwrap(), access.seen_from(&bob, BACK).unwrap()), (all, all));
}

#[test]
fn the_end_of_a_claim_that_was_not_proven_takes_all_rights_and_hides_no_later_command() {
    let (_folder, _, access, _) = access();
    let eve = access.add_user("eve").unwrap();
    let (_, token) = access.issue_token(eve).unwrap();
    let eve = access.identify(token.expose()).unwrap().unwrap();
    let said = HistoryEnd { audit: 7, command: CommandId(1 << 62), log: 0 };
    access.hand_over(FRONT, eve.user, said).unwrap();
    access.forget_lock(FRONT).unwrap();
    assert!(access.rights(&eve, FRONT).unwrap().are_empty());
    let begins = access.seen_from(&eve, FRONT).unwrap();
    assert_eq!(begins, HistoryEnd { command: CommandId(0), ..said }, "the lock had said that number");
}
