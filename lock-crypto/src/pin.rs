//! PINs, stored as keyed hashes and compared without telling where they differ.
//!
//! `K_pin` is random, made by the lock and independent of the key epoch. A PIN has few digits: whoever holds `K_pin` and a
//! hash can search for it. So neither leaves the lock but in a sealed backup, and failures are counted before the comparison.

use crate::key::Key;
use crate::parts::first;
use crate::suite::Suite;
use core::fmt;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// The stored form of a PIN: the first 16 bytes of `HMAC-SHA256(K_pin, "lk1/pin" ‖ 0x00 ‖ digits)`.
#[derive(Clone)]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
pub struct PinHash([u8; 16]);

impl PinHash {
    /// Length in bytes.
    pub const BYTES: usize = 16;

    /// Hashes the digits, one byte for each, in ASCII.
    #[must_use]
    pub fn of<S: Suite>(k_pin: &Key, digits: &[u8]) -> Self {
        Self(first(S::hmac(k_pin.expose(), &[b"lk1/pin\0", digits])))
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

impl fmt::Debug for PinHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PinHash(..)")
    }
}

/// The lowest slot whose PIN has these digits.
///
/// Every slot is compared and the digits are hashed once, whether or not one matches: the time tells how many slots there are
/// and which are empty, and nothing of the digits. Slots from `u32::MAX` on are not looked at.
#[must_use]
pub fn find_pin<S: Suite>(k_pin: &Key, digits: &[u8], slots: &[Option<PinHash>]) -> Option<usize> {
    let entered = PinHash::of::<S>(k_pin, digits);
    let mut found = Choice::from(0);
    let mut slot = 0;
    for (number, stored) in (0..u32::MAX).zip(slots) {
        let (bytes, taken) = match stored {
            Some(PinHash(bytes)) => (bytes, Choice::from(1)),
            None => (&[0; 16], Choice::from(0)),
        };
        let matches = entered.0.ct_eq(bytes) & taken;
        slot.conditional_assign(&number, matches & !found);
        found |= matches;
    }
    bool::from(found).then_some(slot as usize)
}
