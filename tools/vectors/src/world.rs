//! The lock of the vectors: fixed keys and fixed entropy. None of them may ever be used outside tests.

use lock_core::crypto::{KeyEpoch, LeafKeys, LockId, RootKey, RustCrypto, Suite};

/// The lock.
pub(crate) const LOCK_ID: LockId =
    LockId([0x4c, 0x4b, 0x31, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c]);
/// Another lock.
pub(crate) const OTHER_LOCK_ID: LockId = LockId([0xee; 16]);

/// The only moment in these vectors, in Unix milliseconds: 2027-01-15T08:00:00Z.
pub(crate) const NOW: u64 = 1_800_000_000_000;

/// A lock's keys for one epoch, and what they come from.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) root: [u8; 32],
    pub(crate) lock_id: LockId,
    pub(crate) key_epoch: KeyEpoch,
    pub(crate) leaves: LeafKeys,
}

impl Keys {
    /// The keys of `lock_id` for the epoch with this number, which is at least 1.
    pub(crate) fn of(lock_id: LockId, key_epoch: u32) -> anyhow::Result<Self> {
        let root =
            RustCrypto::hash(&[b"a root key for test vectors", lock_id.as_bytes(), &key_epoch.to_be_bytes()]);
        Self::from_root(root, lock_id, key_epoch)
    }

    /// The leaves of any root.
    pub(crate) fn from_root(root: [u8; 32], lock_id: LockId, key_epoch: u32) -> anyhow::Result<Self> {
        let key_epoch = KeyEpoch::new(key_epoch).ok_or_else(|| anyhow::anyhow!("epochs start at 1"))?;
        let root_key = RootKey::from_bytes::<RustCrypto>(root, lock_id)?;
        Ok(Self {
            root,
            lock_id,
            key_epoch,
            leaves: LeafKeys::expand::<RustCrypto>(&root_key, lock_id, key_epoch),
        })
    }

    /// The keys of the lock in its first epoch.
    pub(crate) fn first() -> anyhow::Result<Self> {
        Self::of(LOCK_ID, 1)
    }

    /// The three inputs of every leaf.
    pub(crate) fn fields(&self) -> crate::case::Fields {
        crate::case::Fields::new()
            .hex("root", self.root)
            .hex("lock_id", self.lock_id.as_bytes())
            .number("key_epoch", self.key_epoch.number())
    }
}

/// 32 bytes that stand for those of a random source.
pub(crate) fn entropy(purpose: &str) -> [u8; 32] {
    RustCrypto::hash(&[b"entropy for test vectors: ", purpose.as_bytes()])
}

/// Bytes that are easy to tell apart: 0, 1, 2, ... from `first` on, over again after 255.
pub(crate) fn counted(first: u8, length: usize) -> Vec<u8> {
    (0..length).map(|place| first.wrapping_add(place as u8)).collect()
}
