//! One owner for a database, by a lock of the operating system: it ends with its holder, so that no stale one is ever left.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// The right to use a database.
#[derive(Debug)]
pub(super) struct Owner {
    _lock: File,
}

impl Owner {
    /// Takes `<database>.lock`; the file stays when the lock is given back.
    pub(super) fn take(database: &Path) -> Result<Self, StoreError> {
        let path = lock_file(database);
        let failed = |source| StoreError::File { path: path.clone(), source };
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse(database.into())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

fn lock_file(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(".lock");
    name.into()
}
