//! What follows from the code on a lock's label: the key of a claim, and the leaves of a lock without an owner (section 3.2).

use crate::kdf::{expand_key, extract};
use crate::key::{Key, is_blank};
use crate::keys::{Label, LeafKeys, LockId};
use crate::suite::Suite;
use core::fmt;

/// The pre-shared key of a claim: 32 bytes that follow from the code on the label and the maker's secret.
///
/// A lock that may change its owner stores it from manufacture on, and never the code. It protects the handshake of a claim and
/// tells who scanned the label that this lock says hello; it never protects what an owner does. It is not `Clone`, prints as
/// `ClaimKey(..)` and is erased when dropped.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct ClaimKey(Key);

/// 32 equal bytes are no claim key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the claim key is blank, so it was erased or never written; the lock cannot be claimed")]
pub struct BlankClaimKey;

impl ClaimKey {
    /// Length in bytes.
    pub const BYTES: usize = Key::BYTES;

    /// `HKDF-Expand(HKDF-Extract(code, maker_secret), "lk1/claim" ‖ 0x00 ‖ lock_id, 32)`. Where the maker registered no secret for
    /// the lock, `maker_secret` is 32 zero bytes: then whoever reads the label has all that a claim takes.
    #[must_use]
    pub fn derive<S: Suite>(code: &[u8; 16], maker_secret: &[u8; 32], lock_id: LockId) -> Self {
        let extracted = extract::<S>(code, maker_secret);
        Self(expand_key::<S, 2>(&extracted, [b"lk1/claim\0", lock_id.as_bytes()]))
    }

    /// Reads what a lock stores. The caller erases its copy.
    ///
    /// # Errors
    /// [`BlankClaimKey`] for 32 equal bytes: erased flash never becomes a key.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, BlankClaimKey> {
        if is_blank(bytes) { Err(BlankClaimKey) } else { Ok(Self(Key::from_bytes(*bytes))) }
    }

    /// The key of the handshake; its bytes are for the lock's storage at manufacture only.
    #[must_use]
    pub const fn psk(&self) -> &Key {
        &self.0
    }

    /// The leaves of a lock without an owner: `HKDF-Expand(claim key, "lk1/unowned-" ‖ label ‖ 0x00 ‖ lock_id, 32)`. It greets with
    /// `handle` and draws its nonces with `hedge`; nothing is sealed or opened with the others.
    #[must_use]
    pub fn unowned_leaves<S: Suite>(&self, lock_id: LockId) -> LeafKeys {
        LeafKeys::each(|label| self.unowned::<S>(label, lock_id))
    }

    /// By which whoever scanned the label recognises the lock while it has no owner (section 3.3).
    #[must_use]
    pub fn unowned_handle<S: Suite>(&self, lock_id: LockId) -> Key {
        self.unowned::<S>(Label::Handle, lock_id)
    }

    /// The same where they stay.
    pub fn load_unowned_leaves<S: Suite>(&self, lock_id: LockId, leaves: &mut LeafKeys) {
        leaves.fill(|label| self.unowned::<S>(label, lock_id));
    }

    fn unowned<S: Suite>(&self, label: Label, lock_id: LockId) -> Key {
        expand_key::<S, 4>(&self.0, [b"lk1/unowned-", label.name().as_bytes(), &[0], lock_id.as_bytes()])
    }
}

impl fmt::Debug for ClaimKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyEpoch, RootKey, RustCrypto};

    const LOCK: LockId = LockId(*b"a lock in a test");

    fn key(code: u8, maker: u8, lock: LockId) -> ClaimKey {
        ClaimKey::derive::<RustCrypto>(&[code; 16], &[maker; 32], lock)
    }

    #[test]
    fn code_maker_and_lock_each_make_another_key() {
        let keys = [key(1, 2, LOCK), key(3, 2, LOCK), key(1, 0, LOCK), key(1, 2, LockId([9; 16]))];
        for (place, one) in keys.iter().enumerate() {
            for other in &keys[place + 1..] {
                assert_ne!(one.psk().expose(), other.psk().expose());
            }
        }
    }

    #[test]
    fn no_leaf_of_an_unowned_lock_is_that_of_an_owner_even_under_the_same_bytes() {
        let claim = key(1, 2, LOCK);
        let root = RootKey::from_bytes::<RustCrypto>(*claim.psk().expose(), LOCK).unwrap();
        let owned = LeafKeys::expand::<RustCrypto>(&root, LOCK, KeyEpoch::FIRST);
        let unowned = claim.unowned_leaves::<RustCrypto>(LOCK);
        for label in Label::ALL {
            assert_ne!(owned.leaf(label).expose(), unowned.leaf(label).expose());
        }
        assert_eq!(claim.unowned_handle::<RustCrypto>(LOCK).expose(), unowned.leaf(Label::Handle).expose());
    }

    #[test]
    fn erased_flash_is_no_claim_key() {
        for byte in [0, 0xFF] {
            assert_eq!(ClaimKey::from_bytes(&[byte; 32]).err(), Some(BlankClaimKey));
        }
        let stored = *key(1, 2, LOCK).psk().expose();
        assert_eq!(ClaimKey::from_bytes(&stored).unwrap().psk().expose(), &stored);
    }
}
