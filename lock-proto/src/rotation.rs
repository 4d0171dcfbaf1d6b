//! The random bytes that both sides give to the next root key (section 3.7). Neither type prints them.

use core::fmt;

use zeroize::Zeroize;

use crate::wire;

/// What the cloud gives: 32 fresh random bytes. Wiped when dropped.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CloudShare([u8; Self::BYTES]);

impl CloudShare {
    /// Length in bytes.
    pub const BYTES: usize = 32;

    /// Takes 32 bytes from a random source. The caller erases what it still holds of them.
    #[must_use]
    pub const fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the derivation and for storage only.
    #[must_use]
    pub const fn expose(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl Drop for CloudShare {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for CloudShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CloudShare(..)")
    }
}

/// What the lock gives: 32 bytes, as part of an answer, which is copied on its way.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LockShare(pub [u8; Self::BYTES]);

impl LockShare {
    /// Length in bytes.
    pub const BYTES: usize = 32;
}

impl fmt::Debug for LockShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LockShare(..)")
    }
}

/// A rotation that a lock has prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PreparedRotation {
    /// The key epoch to come.
    pub epoch: u32,
    /// Which share of the cloud it was made with: the first 16 bytes of a hash of it.
    pub digest: [u8; 16],
    /// The lock's share.
    pub share: LockShare,
}

wire! {
    struct CloudShare(bytes);
    struct LockShare(bytes);
    struct PreparedRotation { epoch, digest, share }
}
