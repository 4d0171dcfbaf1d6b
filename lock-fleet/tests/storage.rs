//! The embedded engine: what it promises, and what it does with files that it should not trust.

use std::fs;
use std::path::{Path, PathBuf};

use lock_fleet::proto::{CommandId, Profile};
use lock_fleet::store::{LockState, NewLock, Store, StoreError, Stream};
use lock_fleet::{
    AuditEntry, CommandKind, CustodyError, Fleet, FleetError, HostClock, KeyEncryptionKey, KeyEpoch, LockId,
    SqliteStore, testing,
};
use tempfile::TempDir;

/// SQLite's page size.
const PAGE: usize = 4096;

const LOCK: LockId = LockId([0x2a; 16]);

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("fleet.db")
    }

    fn kek(&self) -> PathBuf {
        self.folder.path().join("kek")
    }

    fn with_a_lock(&self) -> SqliteStore {
        let mut store = SqliteStore::create(&self.database()).unwrap();
        let state = LockState::new(store.incarnation());
        let lock = NewLock {
            lock_id: LOCK,
            name: "door".into(),
            key_epoch: KeyEpoch::FIRST,
            profile: Profile::S,
            wrapped_root: vec![1],
            state,
        };
        let audit = AuditEntry {
            at: lock_fleet::proto::UnixMillis(1),
            lock: LOCK,
            who: "test".into(),
            what: "provision".into(),
            result: "done".into(),
        };
        store.insert_lock(&lock, &audit).unwrap();
        store
    }
}

fn take(store: &mut SqliteStore) -> u64 {
    store.take(LOCK, KeyEpoch::FIRST, Stream::Down).unwrap()
}

#[test]
fn sqlite_passes_the_conformance_suite() {
    let place = Place::new();
    testing::conformance(&mut SqliteStore::create(&place.database()).unwrap());
    // And what it stored is read after a restart.
    let mut again = SqliteStore::open(&place.database()).unwrap();
    assert_eq!(again.locks().unwrap().len(), 4);
}

#[test]
fn a_number_that_was_taken_stays_burned_when_the_process_ends_before_it_is_used() {
    let place = Place::new();
    let mut store = place.with_a_lock();
    assert_eq!(take(&mut store), 1);
    // The bytes on disk at this moment, as after kill -9: nothing is closed or flushed by us.
    let crashed = place.folder.path().join("crashed.db");
    for ending in ["", "-wal"] {
        let from = PathBuf::from(format!("{}{ending}", place.database().display()));
        fs::copy(from, format!("{}{ending}", crashed.display())).unwrap();
    }
    assert_eq!(take(&mut SqliteStore::open(&crashed).unwrap()), 2);
    drop(store);
    assert_eq!(take(&mut SqliteStore::open(&place.database()).unwrap()), 2);
}

#[test]
fn every_opening_has_a_number_of_its_own() {
    let place = Place::new();
    let first = SqliteStore::create(&place.database()).unwrap().incarnation();
    let second = SqliteStore::open(&place.database()).unwrap().incarnation();
    assert!(second > first);
}

#[test]
fn a_second_service_on_the_same_database_is_refused_until_the_first_ends() {
    let place = Place::new();
    let first = place.with_a_lock();
    let refused = SqliteStore::open(&place.database()).unwrap_err();
    assert!(matches!(refused, StoreError::InUse(_)));
    assert!(refused.to_string().contains("stop that one first"));
    #[cfg(unix)]
    {
        let other_name = place.folder.path().join("other-name.db");
        std::os::unix::fs::symlink(place.database(), &other_name).unwrap();
        assert!(matches!(SqliteStore::open(&other_name), Err(StoreError::InUse(_))));
    }
    drop(first);
    assert_eq!(take(&mut SqliteStore::open(&place.database()).unwrap()), 1);
}

#[test]
fn a_missing_database_is_an_error_and_is_not_created() {
    let place = Place::new();
    assert!(matches!(SqliteStore::open(&place.database()), Err(StoreError::Missing(_))));
    assert!(!place.database().exists());
}

#[test]
fn creating_never_overwrites() {
    let place = Place::new();
    take(&mut place.with_a_lock());
    assert!(matches!(SqliteStore::create(&place.database()), Err(StoreError::Exists(_))));
    assert_eq!(take(&mut SqliteStore::open(&place.database()).unwrap()), 2);
}

fn overwrite(path: &Path, at: usize, with: &[u8]) -> Vec<u8> {
    let mut bytes = fs::read(path).unwrap();
    bytes[at..at + with.len()].copy_from_slice(with);
    fs::write(path, &bytes).unwrap();
    bytes
}

#[test]
fn a_damaged_database_is_reported_and_left_as_it_is() {
    // The magic of the header, and the type of the page that lists the tables.
    for (at, with) in [(0, b"\xff\xff\xff\xff".as_slice()), (100, b"\xee\xee\xee".as_slice())] {
        let place = Place::new();
        drop(place.with_a_lock());
        let damaged = overwrite(&place.database(), at, with);
        let refused = SqliteStore::open(&place.database()).unwrap_err();
        assert!(matches!(refused, StoreError::Damaged { .. }), "{at}: {refused}");
        assert_eq!(fs::read(place.database()).unwrap(), damaged);
    }
}

#[test]
fn damage_deep_in_the_file_is_found_when_it_is_opened() {
    let place = Place::new();
    drop(place.with_a_lock());
    let pages = fs::metadata(place.database()).unwrap().len() as usize / PAGE;
    overwrite(&place.database(), pages / 2 * PAGE, &[0xa5; PAGE]);
    assert!(matches!(SqliteStore::open(&place.database()), Err(StoreError::Damaged { .. })));
}

#[test]
fn a_truncated_database_is_reported() {
    let place = Place::new();
    drop(place.with_a_lock());
    let bytes = fs::read(place.database()).unwrap();
    fs::write(place.database(), &bytes[..bytes.len() - PAGE]).unwrap();
    assert!(matches!(SqliteStore::open(&place.database()), Err(StoreError::Damaged { .. })));
}

#[test]
fn a_newer_schema_is_refused_and_left_as_it_is() {
    let place = Place::new();
    drop(place.with_a_lock());
    // user_version: bytes 60..64 of the header.
    let newer = overwrite(&place.database(), 60, &[0, 0, 0, 99]);
    let refused = SqliteStore::open(&place.database()).unwrap_err();
    assert!(matches!(refused, StoreError::NewerSchema { found: 99, known: 15, .. }), "{refused}");
    assert_eq!(fs::read(place.database()).unwrap()[60..64], newer[60..64]);
}

#[test]
fn a_database_of_another_program_is_refused() {
    let place = Place::new();
    rusqlite::Connection::open(place.database()).unwrap().execute_batch("CREATE TABLE cats (name)").unwrap();
    let theirs = fs::read(place.database()).unwrap();
    assert!(matches!(SqliteStore::open(&place.database()), Err(StoreError::Foreign(_))));
    assert_eq!(fs::read(place.database()).unwrap(), theirs, "it is left as it is");
    fs::write(place.database(), b"").unwrap();
    assert!(matches!(SqliteStore::open(&place.database()), Err(StoreError::Foreign(_))));
}

#[test]
fn audit_rows_and_numbers_resist_even_plain_sql() {
    let place = Place::new();
    take(&mut place.with_a_lock());
    let plain = rusqlite::Connection::open(place.database()).unwrap();
    for refused in [
        "DELETE FROM audit",
        "UPDATE audit SET who = 'nobody'",
        "UPDATE locks SET next_down = 1",
        "UPDATE locks SET next_attempt = 0",
    ] {
        assert!(plain.execute_batch(refused).is_err(), "{refused}");
    }
}

#[test]
fn a_copy_can_be_made_while_the_database_is_in_use_and_never_overwrites() {
    let place = Place::new();
    let mut store = place.with_a_lock();
    take(&mut store);
    let copy = place.folder.path().join("copy.db");
    store.back_up(&copy).unwrap();
    assert!(matches!(store.back_up(&copy), Err(StoreError::Exists(_))));
    assert_eq!(take(&mut SqliteStore::open(&copy).unwrap()), 2);
}

#[cfg(unix)]
#[test]
fn new_files_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let _store = place.with_a_lock();
    KeyEncryptionKey::create(&place.kek()).unwrap();
    for path in [place.database(), place.kek()] {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
}

#[test]
fn a_key_file_is_read_back_and_never_overwritten() {
    let place = Place::new();
    let made = KeyEncryptionKey::create(&place.kek()).unwrap();
    assert_eq!(KeyEncryptionKey::load(&place.kek()).unwrap().id(), made.id());
    assert!(matches!(KeyEncryptionKey::create(&place.kek()), Err(CustodyError::Exists(_))));
    assert_eq!(KeyEncryptionKey::load(&place.kek()).unwrap().id(), made.id());
}

#[test]
fn a_key_file_that_is_missing_or_malformed_is_refused() {
    let place = Place::new();
    assert!(matches!(KeyEncryptionKey::load(&place.kek()), Err(CustodyError::Missing(_))));
    KeyEncryptionKey::create(&place.kek()).unwrap();
    let good = fs::read_to_string(place.kek()).unwrap();
    let good = good.trim_end();
    for bad in
        ["".into(), good[1..].into(), format!("{good}0"), format!("{good}{good}{good}"), "g".repeat(64)]
    {
        fs::write(place.kek(), &bad).unwrap();
        assert!(
            matches!(KeyEncryptionKey::load(&place.kek()), Err(CustodyError::Malformed(_))),
            "{}",
            bad.len()
        );
    }
    fs::write(place.kek(), "0".repeat(64)).unwrap();
    assert!(matches!(KeyEncryptionKey::load(&place.kek()), Err(CustodyError::Blank)));
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    KeyEncryptionKey::create(&place.kek()).unwrap();
    for mode in [0o640, 0o604, 0o666] {
        fs::set_permissions(place.kek(), fs::Permissions::from_mode(mode)).unwrap();
        let refused = KeyEncryptionKey::load(&place.kek()).unwrap_err();
        assert!(matches!(refused, CustodyError::Exposed { .. }));
        assert!(refused.to_string().contains("chmod 600"), "{refused}");
    }
}

#[test]
fn the_key_of_another_database_is_refused_when_the_fleet_opens() {
    let place = Place::new();
    let key = KeyEncryptionKey::create(&place.kek()).unwrap();
    drop(Fleet::open(SqliteStore::create(&place.database()).unwrap(), key).unwrap());
    let other = KeyEncryptionKey::create(&place.folder.path().join("other")).unwrap();
    let refused = Fleet::open(SqliteStore::open(&place.database()).unwrap(), other).unwrap_err();
    assert!(matches!(refused, FleetError::Custody(CustodyError::WrongKey { .. })), "{refused}");
    let right = KeyEncryptionKey::load(&place.kek()).unwrap();
    assert!(Fleet::open(SqliteStore::open(&place.database()).unwrap(), right).is_ok());
}

#[test]
fn root_keys_are_not_in_the_file_in_clear() {
    let place = Place::new();
    let key = KeyEncryptionKey::create(&place.kek()).unwrap();
    let mut fleet = Fleet::open(SqliteStore::create(&place.database()).unwrap(), key).unwrap();
    let root = *b"32 bytes from a random source...";
    fleet.provision(LOCK, root, "door", "factory", HostClock::start().now()).unwrap();
    drop(fleet);
    let bytes = fs::read(place.database()).unwrap();
    assert!(!bytes.windows(root.len()).any(|part| part == root));
}

#[test]
fn a_database_of_version_1_is_brought_up_to_date_with_its_commands() {
    let place = Place::new();
    drop(place.with_a_lock());
    let plain = rusqlite::Connection::open(place.database()).unwrap();
    // As version 1 was: without the later columns, and with a check that knows fewer kinds.
    let first = include_str!("../src/sqlite/schema.sql");
    let commands =
        &first[first.find("CREATE TABLE commands").unwrap()..first.find("CREATE TABLE audit").unwrap()];
    plain
        .execute_batch(&format!(
            "DROP TRIGGER profile_stays; ALTER TABLE locks DROP COLUMN profile; ALTER TABLE locks DROP COLUMN issued_codes;
             ALTER TABLE locks DROP COLUMN ticket_epoch; ALTER TABLE locks DROP COLUMN told_ticket_epoch; DROP TABLE tickets; DROP TABLE backups;
             ALTER TABLE locks DROP COLUMN rotation_by; ALTER TABLE locks DROP COLUMN rotation_at;
             ALTER TABLE locks DROP COLUMN next_digest; ALTER TABLE locks DROP COLUMN next_root;
             ALTER TABLE locks DROP COLUMN next_is_unheard;
             ALTER TABLE locks DROP COLUMN standing; DROP TABLE claims; ALTER TABLE locks DROP COLUMN ownership; DROP TABLE log_keys; DROP TABLE log_unverified;
             ALTER TABLE meta DROP COLUMN next_claim; DROP TABLE maker_secrets; DROP TABLE unowned_handles;
             DROP TABLE log_entries; DROP TABLE log_faults; DROP TABLE log_positions;
             DROP TABLE items; DROP TABLE commands; {commands} PRAGMA user_version = 1;"
        ))
        .unwrap();
    plain
        .execute_batch(
            "INSERT INTO commands (lock_id, id, asked_by, kind, version, slot, path, issued_at, state, changed_at, reissues)
             SELECT lock_id, 7, 'anna', 'set-pin', 3, 5, 'queued', 1, 'queued', 2, 0 FROM locks",
        )
        .unwrap();
    drop(plain);
    let mut store = SqliteStore::open(&place.database()).unwrap();
    let row = store.command(LOCK, CommandId(7)).unwrap().expect("it was kept");
    assert_eq!(row.kind, CommandKind::SetPin { version: 3, slot: 5, user: None });
    assert_eq!(store.open_commands(LOCK).unwrap().len(), 1, "and its index is there");
    assert_eq!(store.lock(LOCK).unwrap().expect("it was kept").profile, Profile::S);
}

#[test]
fn the_profile_of_a_lock_cannot_be_changed_in_the_database() {
    let place = Place::new();
    drop(place.with_a_lock());
    let plain = rusqlite::Connection::open(place.database()).unwrap();
    for profile in ["X", "T"] {
        assert!(plain.execute("UPDATE locks SET profile = ?1", [profile]).is_err());
    }
    assert!(plain.execute("UPDATE locks SET profile = 'S', name = 'gate'", []).is_ok());
}
