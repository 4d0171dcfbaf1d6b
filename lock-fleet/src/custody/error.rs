//! What can go wrong with keys.

use std::path::PathBuf;

use super::KeyId;

/// Why a key was not read, made or used.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    /// No file there.
    #[error("there is no key file at {}; without it the database's keys cannot be read, so find it or restore it", .0.display())]
    Missing(PathBuf),
    /// A file is there already.
    #[error("{} exists already; choose another path, a key file is never overwritten", .0.display())]
    Exists(PathBuf),
    /// Not 64 hexadecimal digits.
    #[error("the key file {} does not hold exactly 64 hexadecimal digits; restore it from its copy", .0.display())]
    Malformed(PathBuf),
    /// Others can read it.
    #[error("the key file {} can be read by others (mode {mode:o}); run chmod 600 on it", path.display())]
    Exposed {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file system refused.
    #[error("cannot access the key file {}: {source}; check the path and its permissions", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// All bytes equal.
    #[error("the key is blank; make one with 32 bytes from a random source")]
    Blank,
    /// It is another database's key.
    #[error(
        "this database was made with key {expected}, and the key file holds key {found}; use the right key file"
    )]
    WrongKey {
        /// The key that wrapped it.
        expected: KeyId,
        /// The key in hand.
        found: KeyId,
    },
    /// The bytes were altered, or belong to another lock or purpose.
    #[error("a stored secret was altered or moved to another row; restore a backup of the database")]
    Altered,
    /// No random bytes.
    #[error("the system gives no random bytes; nothing was sealed, try again")]
    NoRandomness,
}
