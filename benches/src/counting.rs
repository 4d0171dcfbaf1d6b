//! A suite that counts what it hashes.

use std::cell::Cell;

use lock_core::crypto::{HmacKey, OpenError, RustCrypto, Suite, TAG};

/// Bytes that one compression of SHA-256 takes in.
const BLOCK: usize = 64;
/// What SHA-256 appends at least: one byte and the length (FIPS 180-4, section 5.1.1).
const PADDING: usize = 9;
const DIGEST: usize = 32;

thread_local! {
    static COMPRESSIONS: Cell<usize> = const { Cell::new(0) };
    static AT_LAST_HMAC: Cell<usize> = const { Cell::new(0) };
    static FIRST_OPENING: Cell<Option<WayToOpening>> = const { Cell::new(None) };
}

/// [`RustCrypto`], with a count of SHA-256 compressions for each thread.
///
/// The count follows from the lengths by FIPS 180-4 and RFC 2104, so it holds for any implementation that keeps no more hash states from
/// call to call than the two of an [`HmacKey`].
#[derive(Clone, Copy, Debug)]
pub struct Counting;

/// Compressions on the way to the first message that is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WayToOpening {
    /// Up to the last HMAC before it: every key comes out of one.
    pub to_key: usize,
    /// Up to the opening itself. An opening in place comes after the hash of the ciphertext that it overwrites.
    pub to_opening: usize,
}

/// Starts all counts of this thread anew.
pub fn start_counting() {
    COMPRESSIONS.set(0);
    AT_LAST_HMAC.set(0);
    FIRST_OPENING.set(None);
}

/// Compressions of this thread since [`start_counting`].
#[must_use]
pub fn compressions() -> usize {
    COMPRESSIONS.get()
}

/// The way to the first message that was opened since [`start_counting`]; `None` if none was.
#[must_use]
pub fn way_to_first_opening() -> Option<WayToOpening> {
    FIRST_OPENING.get()
}

fn count(message: usize) {
    COMPRESSIONS.set(COMPRESSIONS.get() + (message + PADDING).div_ceil(BLOCK));
}

fn total(parts: &[&[u8]]) -> usize {
    parts.iter().map(|part| part.len()).sum()
}

/// A key of [`Counting`].
#[derive(Debug)]
pub struct CountingKey(<RustCrypto as Suite>::HmacKey);

impl HmacKey for CountingKey {
    fn new(key: &[u8]) -> Self {
        if key.len() > BLOCK {
            count(key.len());
        }
        COMPRESSIONS.set(COMPRESSIONS.get() + 2);
        Self(HmacKey::new(key))
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        count(total(parts));
        count(DIGEST);
        AT_LAST_HMAC.set(COMPRESSIONS.get());
        self.0.mac(parts)
    }
}

impl Suite for Counting {
    type RunningHash = <RustCrypto as Suite>::RunningHash;
    type HmacKey = CountingKey;

    fn hash(parts: &[&[u8]]) -> [u8; 32] {
        count(total(parts));
        RustCrypto::hash(parts)
    }

    fn seal(key: &[u8; 32], nonce: &[u8; 12], associated_data: &[u8], buffer: &mut [u8]) -> [u8; TAG] {
        RustCrypto::seal(key, nonce, associated_data, buffer)
    }

    fn open(
        key: &[u8; 32],
        nonce: &[u8; 12],
        associated_data: &[u8],
        buffer: &mut [u8],
        tag: &[u8; TAG],
    ) -> Result<(), OpenError> {
        let way = WayToOpening { to_key: AT_LAST_HMAC.get(), to_opening: COMPRESSIONS.get() };
        FIRST_OPENING.set(FIRST_OPENING.get().or(Some(way)));
        RustCrypto::open(key, nonce, associated_data, buffer, tag)
    }

    fn hchacha20(key: &[u8; 32], input: &[u8; 16]) -> [u8; 32] {
        RustCrypto::hchacha20(key, input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(work: impl FnOnce()) -> usize {
        start_counting();
        work();
        compressions()
    }

    #[test]
    fn the_way_to_the_first_opening_tells_the_key_from_what_was_hashed_after_it() {
        start_counting();
        assert_eq!(way_to_first_opening(), None);
        let key = Counting::hmac(&[1; 32], &[b"key"]);
        let _ = Counting::hash(&[b"ciphertext"]);
        for _ in 0..2 {
            assert!(Counting::open(&key, &[0; 12], &[], &mut [], &[0; TAG]).is_err());
            let _ = Counting::hmac(&key, &[b"later"]);
        }
        assert_eq!(way_to_first_opening(), Some(WayToOpening { to_key: 4, to_opening: 5 }));
    }

    #[test]
    fn a_hash_takes_one_compression_up_to_55_bytes_and_two_from_56_on() {
        for (length, compressions) in [(0, 1), (55, 1), (56, 2), (119, 2), (120, 3)] {
            assert_eq!(counted(|| _ = Counting::hash(&[&vec![0; length]])), compressions, "{length} bytes");
        }
    }

    #[test]
    fn an_hmac_of_a_short_message_takes_four_compressions_and_a_long_key_its_own_hash() {
        assert_eq!(counted(|| _ = Counting::hmac(&[1; 32], &[&[2; 55]])), 4);
        assert_eq!(counted(|| _ = Counting::hmac(&[1; 32], &[&[2; 56]])), 5);
        assert_eq!(counted(|| _ = Counting::hmac(&[1; 64], &[&[2; 55]])), 4);
        assert_eq!(counted(|| _ = Counting::hmac(&[1; 65], &[&[2; 55]])), 6);
    }

    #[test]
    fn a_key_for_two_hmacs_costs_its_two_compressions_once() {
        assert_eq!(counted(|| _ = CountingKey::new(&[1; 32])), 2);
        let key = CountingKey::new(&[1; 32]);
        assert_eq!(counted(|| _ = (key.mac(&[&[2; 55]]), key.mac(&[&[2; 56]]))), 5);
    }
}
