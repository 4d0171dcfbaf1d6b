//! The primitives, as one type parameter: everything else in this crate is composition.
//!
//! A suite is a set of functions without state. [`RustCrypto`] is the default and runs everywhere; a back end may bring a
//! faster one and a firmware a smaller one. Each must pass the same vectors, because both ends of a link may use different
//! suites.

mod chip;

use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

pub use chip::{ChipCrypto, ChipHmacKey, ChipSha256};

/// Length of an authentication tag, in bytes.
pub const TAG: usize = 16;

/// Length of a SHA-256 block: longer HMAC keys are hashed first (RFC 2104, section 2).
const HASH_BLOCK: usize = 64;

/// A message that does not open. It says nothing more, so that nobody learns from it why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the message does not open with this key; drop it and answer nothing")]
pub struct OpenError;

/// SHA-256, HMAC-SHA256, ChaCha20-Poly1305 and HChaCha20.
///
/// Parts of a message are hashed as if they were one slice. All functions take time that depends on lengths only.
pub trait Suite: 'static {
    /// SHA-256 of bytes that come in pieces.
    type RunningHash: RunningHash;

    /// The key of several HMACs.
    type HmacKey: HmacKey;

    /// SHA-256 (FIPS 180-4) of the concatenated parts.
    fn hash(parts: &[&[u8]]) -> [u8; 32];

    /// HMAC-SHA256 (RFC 2104) of the concatenated parts; the key has any length.
    fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        Self::HmacKey::new(key).mac(parts)
    }

    /// Encrypts `buffer` in place with ChaCha20-Poly1305 (RFC 8439, section 2.8) and returns the tag.
    ///
    /// The caller never uses a nonce twice with one key. The buffer is shorter than 256 GiB; a longer one is wiped, not sealed.
    fn seal(key: &[u8; 32], nonce: &[u8; 12], associated_data: &[u8], buffer: &mut [u8]) -> [u8; TAG];

    /// Checks the tag, then decrypts `buffer` in place.
    ///
    /// # Errors
    /// [`OpenError`] when the tag does not fit; then no plaintext is left in the buffer.
    fn open(
        key: &[u8; 32],
        nonce: &[u8; 12],
        associated_data: &[u8],
        buffer: &mut [u8],
        tag: &[u8; TAG],
    ) -> Result<(), OpenError>;

    /// HChaCha20 (draft-irtf-cfrg-xchacha-03, section 2.2): a subkey from a key and the first 16 bytes of a long nonce.
    fn hchacha20(key: &[u8; 32], input: &[u8; 16]) -> [u8; 32];
}

/// SHA-256 (FIPS 180-4) of bytes that come in pieces, for what does not fit memory at once. It holds at most one block of them.
pub trait RunningHash: Default {
    /// Takes the next piece.
    fn update(&mut self, piece: &[u8]);

    /// The hash of all pieces.
    fn finish(self) -> [u8; 32];
}

/// A key for HMAC-SHA256 (RFC 2104): what depends on the key alone, half of a short message's cost, is computed once.
pub trait HmacKey {
    /// Takes a key of any length.
    fn new(key: &[u8]) -> Self;

    /// The HMAC of the concatenated parts.
    fn mac(&self, parts: &[&[u8]]) -> [u8; 32];
}

/// The default suite, from the RustCrypto crates. A failed open leaves the buffer as it was: the tag is checked first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RustCrypto;

/// The running hash of [`RustCrypto`].
#[derive(Clone, Default)]
pub struct RunningSha256(Sha256);

impl core::fmt::Debug for RunningSha256 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("RunningSha256(..)")
    }
}

impl RunningHash for RunningSha256 {
    fn update(&mut self, piece: &[u8]) {
        Digest::update(&mut self.0, piece);
    }

    fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// The key of [`RustCrypto`] for HMACs; erased when dropped.
pub struct RustCryptoHmacKey(Hmac<Sha256>);

impl core::fmt::Debug for RustCryptoHmacKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("RustCryptoHmacKey(..)")
    }
}

impl HmacKey for RustCryptoHmacKey {
    fn new(key: &[u8]) -> Self {
        let mut block = [0; HASH_BLOCK];
        if key.len() <= HASH_BLOCK {
            block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        } else {
            let short = RustCrypto::hash(&[key]);
            block.iter_mut().zip(short).for_each(|(to, from)| *to = from);
        }
        let key = <Hmac<Sha256> as KeyInit>::new((&block).into());
        block.zeroize();
        Self(key)
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        finished(self.0.clone(), parts)
    }
}

fn finished(mut mac: Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

impl Suite for RustCrypto {
    type RunningHash = RunningSha256;
    type HmacKey = RustCryptoHmacKey;

    fn hash(parts: &[&[u8]]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().into()
    }

    // A key that is used once is not copied.
    fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        finished(RustCryptoHmacKey::new(key).0, parts)
    }

    #[inline]
    fn seal(key: &[u8; 32], nonce: &[u8; 12], associated_data: &[u8], buffer: &mut [u8]) -> [u8; TAG] {
        let cipher = ChaCha20Poly1305::new(key.into());
        match cipher.encrypt_inout_detached(nonce.into(), associated_data, (&mut *buffer).into()) {
            Ok(tag) => tag.into(),
            Err(_) => {
                buffer.fill(0);
                [0; TAG]
            }
        }
    }

    #[inline]
    fn open(
        key: &[u8; 32],
        nonce: &[u8; 12],
        associated_data: &[u8],
        buffer: &mut [u8],
        tag: &[u8; TAG],
    ) -> Result<(), OpenError> {
        ChaCha20Poly1305::new(key.into())
            .decrypt_inout_detached(nonce.into(), associated_data, buffer.into(), tag.into())
            .map_err(|_| OpenError)
    }

    fn hchacha20(key: &[u8; 32], input: &[u8; 16]) -> [u8; 32] {
        chacha20::hchacha::<chacha20::R20>(key.into(), input.into()).into()
    }
}
