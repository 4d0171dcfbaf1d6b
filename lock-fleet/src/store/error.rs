//! What can go wrong with a database.

use std::path::PathBuf;

use lock_core::crypto::LockId;

/// Why a database was not opened, read or changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No file there.
    #[error("there is no database at {}; check the path, or create it with init", .0.display())]
    Missing(PathBuf),
    /// A file is there already.
    #[error("{} exists already; choose another path, nothing was overwritten", .0.display())]
    Exists(PathBuf),
    /// Another process has it.
    #[error("the database {} is in use by another service; stop that one first", .0.display())]
    InUse(PathBuf),
    /// The file is damaged.
    #[error("the database {} is damaged ({detail}); restore a backup, nothing was changed", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// The file holds something else.
    #[error("{} is a database of another program; check the path", .0.display())]
    Foreign(PathBuf),
    /// A newer version wrote it.
    #[error("the database {} has schema {found}, newer than this program's {known}; update the program", path.display())]
    NewerSchema {
        /// Which.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// The file system refused.
    #[error("cannot access {}: {source}; check the path and its permissions", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The lock is registered already.
    #[error("lock {} is registered already; its keys are kept as they are", hex::encode(.0.0))]
    LockExists(LockId),
    /// No such lock, or it has another key epoch.
    #[error("the lock is not registered under this key epoch; read it again")]
    NoSuchEpoch,
    /// A stream is at its end.
    #[error("the numbers of this lock are used up; rotate its keys")]
    NumbersExhausted,
    /// A client token stands for another command.
    #[error("this client token stands for another command; use a fresh one")]
    TokenTaken,
    /// The key check is set.
    #[error("this database has its key already; open it with that one")]
    KeyCheckExists,
    /// The engine cannot say whether the change happened.
    #[error("it is not known whether the change was stored; ask again with the same client token")]
    CommitAmbiguous,
    /// A row cannot be read.
    #[error("a stored {0} cannot be read; restore a backup, nothing was changed")]
    BadRow(&'static str),
    /// The engine found damage while it worked.
    #[error("the database is damaged ({0}); stop the service and restore a backup")]
    Corrupt(String),
    /// The engine failed before it changed anything.
    #[error("the database refused: {0}; nothing was changed, try again")]
    Engine(String),
}
