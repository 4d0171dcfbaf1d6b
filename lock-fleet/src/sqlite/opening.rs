//! Opening and creating a database, and bringing its schema up to date. Nothing here resets or repairs.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction};

use super::owner::Owner;
use super::values::unsigned;
use super::{SqliteStore, commit};
use crate::custody::private_file;
use crate::store::StoreError;

/// "lkFL": tells our files from those of other programs.
const APPLICATION_ID: i32 = 0x6c6b_464c;
/// Each step takes a database from its index to the next version.
const MIGRATIONS: &[&str] = &[
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
    include_str!("schema_6.sql"),
    include_str!("schema_7.sql"),
    include_str!("schema_8.sql"),
    include_str!("schema_9.sql"),
    include_str!("schema_10.sql"),
    include_str!("schema_11.sql"),
    include_str!("schema_12.sql"),
    include_str!("schema_13.sql"),
    include_str!("schema_14.sql"),
    include_str!("schema_15.sql"),
];
const BUSY: Duration = Duration::from_secs(5);

impl SqliteStore {
    /// Creates a new database that only its owner can read.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is a file already: it is kept. [`StoreError::InUse`], [`StoreError::File`].
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let path = resolve(path)?;
        let owner = Owner::take(&path)?;
        new_file(&path)?;
        let made = connect(&path).and_then(|connection| {
            configure(&connection)?;
            connection.pragma_update(None, "application_id", APPLICATION_ID)?;
            sync_folder(&path)?;
            Ok(connection)
        });
        match made {
            Ok(connection) => Self::start(connection, path, owner),
            Err(error) => {
                // Made a moment ago, by us, and empty.
                let _ = std::fs::remove_file(&path);
                Err(error)
            }
        }
    }

    /// Opens an existing database and checks it.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::InUse`], [`StoreError::Damaged`], [`StoreError::Foreign`],
    /// [`StoreError::NewerSchema`]; the file is left as it is.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing(path.into()));
        }
        let path = path.canonicalize().map_err(|source| StoreError::File { path: path.into(), source })?;
        let owner = Owner::take(&path)?;
        let damaged = |detail: String| StoreError::Damaged { path: path.clone(), detail };
        let connection = connect(&path).and_then(|connection| {
            check_whose(&connection, &path)?;
            configure(&connection)?;
            let answer: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            if answer == "ok" { Ok(connection) } else { Err(damaged(answer)) }
        });
        let connection = connection
            .map_err(|error| if let StoreError::Corrupt(detail) = error { damaged(detail) } else { error })?;
        Self::start(connection, path, owner)
    }

    fn start(mut connection: Connection, path: PathBuf, owner: Owner) -> Result<Self, StoreError> {
        migrate(&mut connection)?;
        let transaction = connection.transaction()?;
        let opened = "UPDATE meta SET incarnation = incarnation + 1 RETURNING incarnation";
        let incarnation = unsigned(transaction.query_row(opened, [], |row| row.get(0))?)?;
        commit(transaction)?;
        Ok(Self { connection, incarnation, path, _owner: owner })
    }
}

/// A new, empty file that only its owner can read.
pub(super) fn new_file(path: &Path) -> Result<(), StoreError> {
    match private_file(path) {
        Ok(_) => Ok(()),
        Err(source) if source.kind() == ErrorKind::AlreadyExists => Err(StoreError::Exists(path.into())),
        Err(source) => Err(StoreError::File { path: path.into(), source }),
    }
}

/// One name for one file, however it is spelt: the folder exists, the file need not.
fn resolve(path: &Path) -> Result<PathBuf, StoreError> {
    let missing = || StoreError::File { path: path.into(), source: ErrorKind::InvalidInput.into() };
    let name = path.file_name().ok_or_else(missing)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().map_err(|source| StoreError::File { path: folder.into(), source })?;
    Ok(folder.join(name))
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

/// Changes the file where it is not in write-ahead mode: only for files that are ours.
fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection.set_prepared_statement_cache_capacity(32);
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::Engine(format!("this file system allows no write-ahead log, only {mode}")));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // Erased digits are overwritten, not only unlinked.
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(())
}

fn check_whose(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if application != APPLICATION_ID {
        return Err(StoreError::Foreign(path.into()));
    }
    let (found, known) = (schema_version(connection)?, MIGRATIONS.len() as u32);
    if found > known {
        return Err(StoreError::NewerSchema { path: path.into(), found, known });
    }
    Ok(())
}

fn schema_version(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Each step is one transaction with its version: a cut leaves the schema before it or after it.
fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let found = schema_version(connection)?;
    for (version, step) in (1_u32..).zip(MIGRATIONS).skip(found as usize) {
        let transaction: Transaction<'_> = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", version)?;
        commit(transaction)?;
    }
    Ok(())
}

/// The new file's name is durable, not only its content.
#[cfg(unix)]
fn sync_folder(path: &Path) -> Result<(), StoreError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| StoreError::File { path: folder.into(), source })
}

/// Folders cannot be opened as files there.
#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> Result<(), StoreError> {
    let _ = File::open;
    Ok(())
}
