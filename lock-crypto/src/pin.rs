//! What opens a door when it is shown, stored as keyed hashes and compared without telling where they differ.
//!
//! `K_pin` is random, made by the lock and independent of the key epoch. A PIN has few digits: whoever holds `K_pin` and a
//! hash can search for it. So neither leaves the lock but in a sealed backup, and failures are counted before the comparison.

use crate::key::Key;
use crate::parts::first;
use crate::suite::Suite;
use core::fmt;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// The stored form of a PIN or of a token's identifier: the first 16 bytes of an HMAC-SHA256 under `K_pin`.
#[derive(Clone)]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
pub struct SecretHash([u8; 16]);

impl SecretHash {
    /// Length in bytes.
    pub const BYTES: usize = 16;

    /// Of `"lk1/pin" ‖ 0x00 ‖ digits`: the digits, one byte for each, in ASCII.
    #[must_use]
    pub fn of_pin<S: Suite>(k_pin: &Key, digits: &[u8]) -> Self {
        Self(first(S::hmac(k_pin.expose(), &[b"lk1/pin\0", digits])))
    }

    /// Of `"lk1/token" ‖ 0x00 ‖ kind ‖ identifier`: the number of the kind of credential, and what its reader reads.
    #[must_use]
    pub fn of_token<S: Suite>(k_pin: &Key, kind: u8, identifier: &[u8]) -> Self {
        Self(first(S::hmac(k_pin.expose(), &[b"lk1/token\0", &[kind], identifier])))
    }

    /// Reads a stored hash.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes, for storage and sealed backups only.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretHash(..)")
    }
}

/// By this a lock knows whether a hash from a backup was made under its own `K_pin`: the first 8 bytes of HMAC-SHA256(`K_pin`,
/// `"lk1/pin-key-check" ‖ 0x00`).
#[must_use]
pub fn pin_key_check<S: Suite>(k_pin: &Key) -> [u8; 8] {
    first(S::hmac(k_pin.expose(), &[b"lk1/pin-key-check\0"]))
}

/// The lowest slot that holds this hash; `None` in a slot is vacant.
///
/// Every slot is compared, whether or not one matches: the time tells how many slots there are and which are empty, and nothing of
/// what was shown. Slots from `u32::MAX` on are not looked at.
#[must_use]
pub fn find_secret<'s>(
    shown: &SecretHash,
    slots: impl Iterator<Item = Option<&'s SecretHash>>,
) -> Option<usize> {
    let mut found = Choice::from(0);
    let mut slot = 0;
    for (number, stored) in (0..u32::MAX).zip(slots) {
        let (bytes, taken) = match stored {
            Some(SecretHash(bytes)) => (bytes, Choice::from(1)),
            None => (&[0; 16], Choice::from(0)),
        };
        let matches = shown.0.ct_eq(bytes) & taken;
        slot.conditional_assign(&number, matches & !found);
        found |= matches;
    }
    bool::from(found).then_some(slot as usize)
}
