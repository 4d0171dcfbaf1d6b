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
    assert!(access.revoke_token(alice, first).unwrap());
    assert!(access.rights(&identity, FRONT).unwrap().are_empty());
    assert!(access.identify(token.expose()).unwrap().is_none());
    assert!(access.identify(other.expose()).unwrap().is_some());
    assert!(!access.revoke_token(alice, first).unwrap());
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

    Connection::open(&path).unwrap().pragma_update(None, "user_version", 2).unwrap();
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
