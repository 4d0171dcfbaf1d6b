//! Custody of keys: root keys and PIN digits are stored encrypted under a key that is not in the database.

mod error;
mod kek;
mod vault;

pub use error::CustodyError;
pub(crate) use kek::private_file;
pub use kek::{KeyEncryptionKey, KeyId};
pub(crate) use vault::{Purpose, Vault};
