//! Making a new service: all of it or nothing.

use std::fs;
use std::path::{Path, PathBuf};

use lock_fleet::{CustodyError, Fleet, FleetError, KeyEncryptionKey, SqliteStore, StoreError};
use zeroize::Zeroizing;

use crate::access::{Access, AccessError};
use crate::private_file;

/// The files of a service.
#[derive(Clone, Debug)]
pub struct Places {
    /// The fleet's database; users and rights lie beside it, in `DATABASE.access`.
    pub database: PathBuf,
    /// The key file.
    pub kek: PathBuf,
    /// Where the admin's token goes.
    pub admin_token: PathBuf,
}

/// Why no service was made. Nothing that existed was changed.
#[derive(Debug, thiserror::Error)]
pub enum InitialiseError {
    /// A file is in the way.
    #[error("{} already exists; choose other files, nothing was overwritten", .0.display())]
    AlreadyExists(PathBuf),
    /// The key file.
    #[error(transparent)]
    Custody(#[from] CustodyError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The fleet.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// Users and rights.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The token file.
    #[error("the token file {} cannot be written ({}); choose another place", .0.display(), .1)]
    Token(PathBuf, std::io::Error),
}

/// Makes database, key file and access database, and writes the admin's token, each readable by its owner alone.
///
/// # Errors
/// [`InitialiseError`]; what this call had made is removed again, and what existed is left alone.
pub fn initialise(places: &Places) -> Result<(), InitialiseError> {
    let access = Access::beside(&places.database);
    for path in [&places.database, &places.kek, &access, &places.admin_token] {
        if path.symlink_metadata().is_ok() {
            return Err(InitialiseError::AlreadyExists(path.clone()));
        }
    }
    let mut made = Made(Vec::new());
    let kek = KeyEncryptionKey::create(&places.kek)?;
    made.0.push(places.kek.clone());
    let store = SqliteStore::create(&places.database)?;
    made.with_companions(&places.database);
    // The first opening ties the database to the key.
    drop(Fleet::open(store, kek)?);
    let (users, admin) = Access::create(&access)?;
    made.with_companions(&access);
    let (_, token) = users.issue_token(admin)?;
    let line = Zeroizing::new(format!("{}\n", token.expose()));
    private_file::create(&places.admin_token, line.as_bytes())
        .map_err(|error| InitialiseError::Token(places.admin_token.clone(), error))?;
    made.0.clear();
    Ok(())
}

/// What this call made so far; removed when it is dropped.
struct Made(Vec<PathBuf>);

impl Made {
    /// A database and the files that its engine keeps beside it.
    fn with_companions(&mut self, database: &Path) {
        for suffix in ["", "-wal", "-shm", ".lock"] {
            let mut name = database.as_os_str().to_owned();
            name.push(suffix);
            self.0.push(name.into());
        }
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for path in &self.0 {
            // What is not there needs no removal, and there is nobody to tell of anything else.
            let _ = fs::remove_file(path);
        }
    }
}
