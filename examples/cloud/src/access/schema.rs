//! The tables of the access database and their versions.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{AccessError, Role};

/// "lk1a": says that a file is an access database and not another program's.
const APPLICATION: i32 = 0x6c6b_3161;

/// Each brings a file from the version that is its place in the list to the next one. None is ever changed or removed.
const MIGRATIONS: [&str; 3] = [
    "
    CREATE TABLE user (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        role INTEGER NOT NULL CHECK (role IN (0, 1))
    ) STRICT;
    CREATE TABLE token (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        user INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
        hash BLOB NOT NULL CHECK (length(hash) = 32)
    ) STRICT;
    CREATE TABLE user_right (
        user INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
        lock BLOB NOT NULL CHECK (length(lock) = 16),
        name TEXT NOT NULL,
        PRIMARY KEY (user, lock, name)
    ) STRICT, WITHOUT ROWID;
",
    "
    CREATE TABLE ended_token (
        id INTEGER PRIMARY KEY,
        user INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE phone_key (
        token INTEGER NOT NULL,
        lock BLOB NOT NULL CHECK (length(lock) = 16),
        serial INTEGER NOT NULL,
        PRIMARY KEY (token, lock, serial)
    ) STRICT, WITHOUT ROWID;
",
    "
    CREATE TABLE ownership (
        lock BLOB PRIMARY KEY CHECK (length(lock) = 16),
        audit INTEGER NOT NULL CHECK (audit >= 0),
        command INTEGER NOT NULL CHECK (command >= 0),
        log INTEGER NOT NULL CHECK (log >= 0)
    ) STRICT, WITHOUT ROWID;
",
];

pub(super) const fn role_code(role: Role) -> i64 {
    match role {
        Role::Member => 0,
        Role::Admin => 1,
    }
}

/// An unknown code is the role that may do less.
pub(super) const fn role_from_code(code: i64) -> Role {
    match code {
        1 => Role::Admin,
        _ => Role::Member,
    }
}

pub(super) fn create(path: &Path) -> Result<Connection, AccessError> {
    // The file is made by us alone and private from its first byte; SQLite takes an empty file as a new database.
    crate::private_file::create(path, b"").map_err(|error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            AccessError::AlreadyExists(path.to_owned())
        } else {
            AccessError::NotWritable(path.to_owned(), error)
        }
    })?;
    let mut connection = connect(path)?;
    connection.pragma_update(None, "application_id", APPLICATION)?;
    migrate(&mut connection, 0)?;
    Ok(connection)
}

pub(super) fn open(path: &Path) -> Result<Connection, AccessError> {
    if !path.exists() {
        return Err(AccessError::Missing(path.to_owned()));
    }
    let damaged = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => AccessError::Damaged(path.to_owned()),
        _ => AccessError::Storage(error),
    };
    let mut connection = connect(path).map_err(damaged)?;
    let check: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(damaged)?;
    let application: i32 =
        connection.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(damaged)?;
    let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(damaged)?;
    if check != "ok" || application != APPLICATION || version == 0 {
        return Err(AccessError::Damaged(path.to_owned()));
    }
    let version = version as usize;
    if version > MIGRATIONS.len() {
        return Err(AccessError::Newer(path.to_owned()));
    }
    migrate(&mut connection, version)?;
    Ok(connection)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection, from: usize) -> rusqlite::Result<()> {
    for (version, statements) in MIGRATIONS.iter().enumerate().skip(from) {
        let change = connection.transaction()?;
        change.execute_batch(statements)?;
        change.pragma_update(None, "user_version", i64::try_from(version + 1).unwrap_or(i64::MAX))?;
        change.commit()?;
    }
    Ok(())
}
