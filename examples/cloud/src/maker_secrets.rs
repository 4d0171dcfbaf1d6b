//! What makers registered for the labels of their locks (section 3.2): read from a file, kept wrapped, and never shown.
//!
//! A line a lock, in JSON: `{"lock_id": "32 hex digits", "maker_secret": "64 hex digits"}`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lock_fleet::{
    CustodyError, Discarded, Fleet, FleetError, HostClock, KeyEncryptionKey, LockId, MakerSecretStanding,
    SqliteStore, StoreError,
};
use serde::Deserialize;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::access::{Access, AccessError};
use crate::private_file;

/// Why no secret was imported. No sentence quotes what was read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file.
    #[error("{} cannot be read ({}); check its path", .0.display(), .1)]
    Unreadable(PathBuf, std::io::Error),
    /// Others may read it.
    #[error("others may read {}; make it yours alone with chmod 600", .0.display())]
    Exposed(PathBuf),
    /// A line.
    #[error(
        "line {line} of {} is not {{\"lock_id\": \"32 hex digits\", \"maker_secret\": \"64 hex digits\"}}; correct it, nothing was imported",
        .file.display()
    )]
    BadLine {
        /// The file.
        file: PathBuf,
        /// From 1.
        line: usize,
    },
    /// A secret that is none.
    #[error(
        "the secret in line {line} of {} is blank, as of a lock for which nothing was registered; ask the maker, nothing was imported",
        .file.display()
    )]
    Blank {
        /// The file.
        file: PathBuf,
        /// From 1.
        line: usize,
    },
    /// Two secrets for one lock.
    #[error("line {line} of {} names a lock for the second time; keep one of the two, nothing was imported", .file.display())]
    Twice {
        /// The file.
        file: PathBuf,
        /// From 1.
        line: usize,
    },
    /// Nothing is in it.
    #[error("{} names no lock; check its path", .0.display())]
    Empty(PathBuf),
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
}

#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Line {
    lock_id: String,
    maker_secret: String,
}

type Secrets = BTreeMap<[u8; 16], Zeroizing<[u8; 32]>>;

/// What an import has changed, in locks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// They had no secret here.
    pub new: usize,
    /// They had another one, whose place this one takes.
    pub changed: usize,
    /// They had this one.
    pub unchanged: usize,
}

/// Reads the file as a whole, then keeps what it names; returns what that changed. A lock that has a secret gets this one. A claim
/// that began without it and was not proven ends, with the rights of whoever claimed. Where it breaks off, it is run again: what was kept
/// stays as it is.
///
/// # Errors
/// [`ImportError`].
pub fn import_maker_secrets(database: &Path, kek: &Path, file: &Path) -> Result<Imported, ImportError> {
    let secrets = read(file)?;
    let mut fleet = Fleet::open(SqliteStore::open(database)?, KeyEncryptionKey::load(kek)?)?;
    let (access, clock) = (Access::open(&Access::beside(database))?, HostClock::start());
    let mut imported = Imported::default();
    for (lock, secret) in &secrets {
        let lock = LockId(*lock);
        let counted = match fleet.compare_maker_secret(lock, secret)? {
            MakerSecretStanding::New => &mut imported.new,
            MakerSecretStanding::Other => &mut imported.changed,
            MakerSecretStanding::Kept => &mut imported.unchanged,
        };
        *counted += 1;
        let discarded = fleet.set_maker_secret(lock, secret, clock.now())?;
        // Or one that ended where an earlier run broke off.
        let is_unknown = matches!(fleet.lock(lock), Err(FleetError::NoSuchLock(_)));
        if discarded == Discarded::Claim || is_unknown {
            access.forget_lock(lock)?;
        }
    }
    Ok(imported)
}

fn read(file: &Path) -> Result<Secrets, ImportError> {
    let unreadable = |error| ImportError::Unreadable(file.to_owned(), error);
    if private_file::is_exposed(file).map_err(unreadable)? {
        return Err(ImportError::Exposed(file.to_owned()));
    }
    let text = Zeroizing::new(std::fs::read_to_string(file).map_err(unreadable)?);
    let mut secrets = Secrets::new();
    let lines = text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty());
    for (place, text) in lines {
        let (line, file) = (place + 1, file.to_owned());
        let Some((lock, secret)) = parse(text) else { return Err(ImportError::BadLine { file, line }) };
        if secret.iter().all(|byte| *byte == secret[0]) {
            return Err(ImportError::Blank { file, line });
        }
        if secrets.insert(lock, secret).is_some() {
            return Err(ImportError::Twice { file, line });
        }
    }
    if secrets.is_empty() { Err(ImportError::Empty(file.to_owned())) } else { Ok(secrets) }
}

fn parse(text: &str) -> Option<([u8; 16], Zeroizing<[u8; 32]>)> {
    let line: Line = serde_json::from_str(text).ok()?;
    let (mut lock, mut secret) = ([0; 16], Zeroizing::new([0; 32]));
    hex::decode_to_slice(&line.lock_id, &mut lock).ok()?;
    hex::decode_to_slice(&line.maker_secret, secret.as_mut_slice()).ok()?;
    Some((lock, secret))
}
