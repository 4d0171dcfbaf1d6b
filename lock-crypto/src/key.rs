//! Secrets of 32 bytes: erased when dropped, never copied by accident, never printed.

use crate::keys::LockId;
use crate::suite::Suite;
use core::fmt;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroize;

/// A secret key of 32 bytes.
///
/// It is not `Clone`, prints as `Key(..)` and is erased when dropped.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Key([u8; 32]);

impl Key {
    /// Length in bytes.
    pub const BYTES: usize = 32;

    /// Takes the bytes as they are. The caller erases what it still holds of them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The secret itself, for storage and key vaults only.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether all its bytes are equal: erased or zero-programmed flash, and never a key.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        is_blank(&self.0)
    }

    /// Whether these are its bytes. Compares in constant time.
    #[must_use]
    pub fn is_same(&self, bytes: &[u8; 32]) -> bool {
        self.0.ct_eq(bytes).into()
    }

    /// Moves the bytes in and erases the source.
    pub(crate) fn take(bytes: &mut [u8; 32]) -> Self {
        let key = Self(*bytes);
        bytes.zeroize();
        key
    }

    /// A second holder of the same secret, erased on its own.
    pub(crate) const fn duplicate(&self) -> Self {
        Self(self.0)
    }

    /// Overwrites the secret with zero bytes before its time.
    pub(crate) fn erase(&mut self) {
        self.0.zeroize();
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key(..)")
    }
}

/// Why bytes are refused as the root key of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RootKeyError {
    /// All bytes are equal, as in erased or zeroed memory.
    #[error("the root key is blank; provision the lock with 32 bytes from a random source")]
    Blank,
    /// It follows from the public lock id.
    #[error(
        "provisioning refuses a derived root key: it follows from the lock id; use 32 bytes from a random source"
    )]
    Derived,
}

/// `K_root`, from which all leaf keys of a lock and key epoch follow (section 3.1).
///
/// A lock expands it, and drops it when the leaves are stored: it is never stored beside them.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct RootKey(Key);

impl RootKey {
    /// Length in bytes.
    pub const BYTES: usize = Key::BYTES;

    /// Takes 32 random bytes as the root key of `lock_id`.
    ///
    /// It cannot prove that they are random; it refuses the mistakes that were made in the field.
    ///
    /// # Errors
    /// [`RootKeyError::Blank`] for 32 equal bytes; [`RootKeyError::Derived`] for the lock id repeated, padded with zero bytes
    /// on either side, or hashed with SHA-256.
    pub fn from_bytes<S: Suite>(mut bytes: [u8; 32], lock_id: LockId) -> Result<Self, RootKeyError> {
        let key = Key::take(&mut bytes);
        if is_blank(key.expose()) {
            return Err(RootKeyError::Blank);
        }
        let (id, zero) = (lock_id.as_bytes(), &[0; 16]);
        let derived = [join(id, id), join(id, zero), join(zero, id), S::hash(&[id])]
            .iter()
            .fold(Choice::from(0), |found, guess| found | key.expose().ct_eq(guess));
        if bool::from(derived) { Err(RootKeyError::Derived) } else { Ok(Self(key)) }
    }

    /// A root that follows from an older one and fresh shares (section 3.7).
    pub(crate) const fn derived(key: Key) -> Self {
        Self(key)
    }

    /// The secret itself, for the vault that registers it only.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// The same secret as a key to expand.
    pub(crate) const fn key(&self) -> &Key {
        &self.0
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RootKey(..)")
    }
}

/// Whether all 32 bytes are equal, looked at without an early exit.
pub(crate) fn is_blank(bytes: &[u8; 32]) -> bool {
    let [head, ..] = bytes;
    bytes.iter().fold(0, |difference, byte| difference | (byte ^ head)).ct_eq(&0).into()
}

fn join(left: &[u8; 16], right: &[u8; 16]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(left.iter().chain(right)).for_each(|(to, from)| *to = *from);
    bytes
}
