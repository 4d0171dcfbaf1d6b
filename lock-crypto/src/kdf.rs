//! HKDF-SHA256 (RFC 5869), composed from the suite's HMAC.

use crate::key::Key;
use crate::parts::{MOST, gather};
use crate::suite::{HmacKey, Suite};
use zeroize::Zeroize;

/// The most bytes that one expansion yields: 255 blocks of 32 bytes (RFC 5869, section 2.3).
pub const MAX_OUTPUT: usize = 255 * 32;

/// The most parts of one `info`.
pub const MAX_INFO_PARTS: usize = MOST - 2;

/// HKDF-Extract (RFC 5869, section 2.2): a uniform key from key material of any length. An empty salt is allowed.
#[must_use]
pub fn extract<S: Suite>(salt: &[u8], input_key_material: &[u8]) -> Key {
    Key::from_bytes(S::hmac(salt, &[input_key_material]))
}

/// HKDF-Expand (RFC 5869, section 2.3): fills `out` from `key` and the concatenated parts of `info`.
///
/// At most [`MAX_INFO_PARTS`] parts and [`MAX_OUTPUT`] bytes; more does not compile.
pub fn expand<S: Suite, const PARTS: usize, const N: usize>(
    key: &Key,
    info: [&[u8]; PARTS],
    out: &mut [u8; N],
) {
    const {
        assert!(PARTS <= MAX_INFO_PARTS, "too many parts of info");
        assert!(N <= MAX_OUTPUT, "HKDF-Expand yields at most 255 blocks");
    }
    let hmac = S::HmacKey::new(key.expose());
    let mut block = [0; 32];
    for (number, chunk) in (1..=u8::MAX).zip(out.chunks_mut(32)) {
        let previous: &[u8] = if number == 1 { &[] } else { &block };
        let number = [number];
        let message = gather([previous].into_iter().chain(info).chain([number.as_slice()]));
        block = hmac.mac(&message);
        chunk.iter_mut().zip(block).for_each(|(to, from)| *to = from);
    }
    block.zeroize();
}

/// A key of 32 bytes by HKDF-Expand.
pub(crate) fn expand_key<S: Suite, const PARTS: usize>(key: &Key, info: [&[u8]; PARTS]) -> Key {
    let mut bytes = [0; 32];
    expand::<S, PARTS, 32>(key, info, &mut bytes);
    Key::take(&mut bytes)
}
