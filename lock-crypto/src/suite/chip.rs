//! ChaCha20-Poly1305 composed for chips: from the block functions of `chacha20` and `poly1305`, as RFC 8439 says it, so that the linker finds no
//! panic in it. `chacha20poly1305` goes by general stream ciphers, and keeps some that no input reaches.

mod hash;

use chacha20::cipher::{KeyIvInit, StreamCipherCore};
use chacha20::variants::Ietf;
use chacha20::{ChaChaCore, R20};
use poly1305::Poly1305;
use poly1305::universal_hash::{KeyInit, UniversalHash};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use super::{OpenError, RustCrypto, Suite, TAG};

pub use hash::{ChipHmacKey, ChipSha256};

/// Of a block of ChaCha20, in bytes.
const BLOCK: usize = 64;
/// Of a block of Poly1305, in bytes.
const MAC_BLOCK: usize = 16;
/// What the 32-bit counter of blocks reaches behind block 0, which makes the key of the tag: 256 GiB.
const LONGEST: u64 = u32::MAX as u64 * BLOCK as u64;

/// The suite for firmware: what it yields is what [`RustCrypto`] yields, without a panic that a linker could find, and with functions of their
/// own, so that an image that is built for size can have the primitives for speed. On a host [`RustCrypto`] is faster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ChipCrypto;

// None is inlined: a caller that is built for size would build it so, too.
impl Suite for ChipCrypto {
    type RunningHash = ChipSha256;
    type HmacKey = ChipHmacKey;

    #[inline(never)]
    fn hash(parts: &[&[u8]]) -> [u8; 32] {
        ChipSha256::of(parts)
    }

    #[inline(never)]
    fn seal(key: &[u8; 32], nonce: &[u8; 12], associated_data: &[u8], buffer: &mut [u8]) -> [u8; TAG] {
        if is_too_long(buffer.len() as u64) {
            buffer.fill(0);
            return [0; TAG];
        }
        let mut stream = KeyStream::new(key, nonce);
        let mac = stream.mac();
        stream.apply(buffer);
        tag(mac, associated_data, buffer)
    }

    #[inline(never)]
    fn open(
        key: &[u8; 32],
        nonce: &[u8; 12],
        associated_data: &[u8],
        buffer: &mut [u8],
        sent: &[u8; TAG],
    ) -> Result<(), OpenError> {
        if is_too_long(buffer.len() as u64) {
            return Err(OpenError);
        }
        let mut stream = KeyStream::new(key, nonce);
        let expected = tag(stream.mac(), associated_data, buffer);
        if !bool::from(expected.ct_eq(sent)) {
            return Err(OpenError);
        }
        stream.apply(buffer);
        Ok(())
    }

    #[inline(never)]
    fn hchacha20(key: &[u8; 32], input: &[u8; 16]) -> [u8; 32] {
        RustCrypto::hchacha20(key, input)
    }
}

/// Whether the counter of blocks would begin anew within a message of so many bytes.
const fn is_too_long(length: u64) -> bool {
    length > LONGEST
}

/// The key stream of a message (RFC 8439, section 2.4), block by block from block 0.
struct KeyStream {
    cipher: ChaChaCore<R20, Ietf>,
    /// Wiped behind the last.
    block: [u8; BLOCK],
}

impl KeyStream {
    fn new(key: &[u8; 32], nonce: &[u8; 12]) -> Self {
        Self { cipher: ChaChaCore::new(key.into(), nonce.into()), block: [0; BLOCK] }
    }

    fn next(&mut self) {
        self.cipher.write_keystream_block((&mut self.block).into());
    }

    /// The one-time authenticator of the message, keyed by block 0 (section 2.6): first of all.
    fn mac(&mut self) -> Poly1305 {
        self.next();
        let mut key = [0; 32];
        key.iter_mut().zip(&self.block).for_each(|(to, from)| *to = *from);
        let mac = Poly1305::new((&key).into());
        key.zeroize();
        mac
    }

    /// Encrypts or decrypts the message.
    fn apply(&mut self, message: &mut [u8]) {
        for piece in message.chunks_mut(BLOCK) {
            self.next();
            let (words, rest) = piece.as_chunks_mut::<4>();
            for (word, mask) in words.iter_mut().zip(self.block.as_chunks::<4>().0) {
                *word = (u32::from_ne_bytes(*word) ^ u32::from_ne_bytes(*mask)).to_ne_bytes();
            }
            let masks = self.block.iter().skip(4 * words.len());
            rest.iter_mut().zip(masks).for_each(|(byte, mask)| *byte ^= mask);
        }
    }
}

impl Drop for KeyStream {
    fn drop(&mut self) {
        self.block.zeroize();
    }
}

/// The tag of a ciphertext (section 2.8).
fn tag(mut mac: Poly1305, associated_data: &[u8], ciphertext: &[u8]) -> [u8; TAG] {
    absorb(&mut mac, associated_data);
    absorb(&mut mac, ciphertext);
    let lengths = [associated_data, ciphertext].map(|part| (part.len() as u64).to_le_bytes());
    absorb(&mut mac, lengths.as_flattened());
    mac.finalize().into()
}

/// The bytes, with zeros up to the end of a block.
fn absorb(mac: &mut Poly1305, bytes: &[u8]) {
    let (blocks, rest) = bytes.as_chunks::<MAC_BLOCK>();
    for block in blocks {
        mac.update(&[(*block).into()]);
    }
    if !rest.is_empty() {
        let mut block = [0; MAC_BLOCK];
        block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        mac.update(&[block.into()]);
    }
}

#[cfg(test)]
mod tests {
    use super::is_too_long;

    #[test]
    fn a_message_ends_before_the_counter_of_blocks_begins_anew() {
        let longest = ((1_u64 << 32) - 1) * 64;
        assert!(!is_too_long(0) && !is_too_long(longest - 1) && !is_too_long(longest));
        assert!(is_too_long(longest + 1) && is_too_long(u64::MAX));
    }
}
