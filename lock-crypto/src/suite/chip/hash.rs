//! SHA-256 and HMAC-SHA256 composed for chips from the compression function of `sha2`: a hash is built where it is used, and moved nowhere.

use core::fmt;

use sha2::block_api::compress256;
use zeroize::Zeroize;

use crate::suite::{HASH_BLOCK, HmacKey, RunningHash};

/// The state before the first block (FIPS 180-4, section 5.3.3).
const INITIAL: [u32; 8] =
    [0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19];
/// Where the length stands in the last block (section 5.1.1).
const LENGTH_AT: usize = HASH_BLOCK - 8;
/// What the key is masked with (RFC 2104, section 2), for the inner hash and then for the outer one.
const INNER: u8 = 0x36;
const OUTER: u8 = 0x5C;

/// The running hash of [`ChipCrypto`](super::ChipCrypto); erased when dropped.
pub struct ChipSha256 {
    state: [u32; 8],
    /// What came behind the last full block.
    block: [u8; HASH_BLOCK],
    /// Bytes so far.
    length: u64,
}

impl ChipSha256 {
    /// A hash that has taken whole blocks of `length` bytes together.
    const fn from_state(state: [u32; 8], length: u64) -> Self {
        Self { state, block: [0; HASH_BLOCK], length }
    }

    pub(super) fn of(parts: &[&[u8]]) -> [u8; 32] {
        let mut hash = Self::default();
        parts.iter().for_each(|part| hash.update(part));
        hash.digest()
    }

    const fn filled(&self) -> usize {
        self.length as usize % HASH_BLOCK
    }

    fn compress(&mut self) {
        compress256(&mut self.state, core::slice::from_ref(&self.block));
    }

    /// Pads and ends (section 5.1.1).
    fn digest(&mut self) -> [u8; 32] {
        let filled = self.filled();
        self.block
            .iter_mut()
            .skip(filled)
            .zip([0x80].into_iter().chain(core::iter::repeat(0)))
            .for_each(|(to, from)| *to = from);
        if filled >= LENGTH_AT {
            self.compress();
            self.block.fill(0);
        }
        let bits = self.length.wrapping_mul(8).to_be_bytes();
        self.block.iter_mut().skip(LENGTH_AT).zip(bits).for_each(|(to, from)| *to = from);
        self.compress();
        let mut digest = [0; 32];
        let words = digest.as_chunks_mut().0;
        words.iter_mut().zip(self.state).for_each(|(to, word)| *to = word.to_be_bytes());
        digest
    }
}

impl Default for ChipSha256 {
    fn default() -> Self {
        Self::from_state(INITIAL, 0)
    }
}

impl RunningHash for ChipSha256 {
    fn update(&mut self, piece: &[u8]) {
        let mut rest = piece;
        loop {
            let filled = self.filled();
            let vacant = self.block.get_mut(filled..).unwrap_or_default();
            let (now, later) = rest.split_at_checked(vacant.len()).unwrap_or((rest, &[]));
            let is_full = now.len() == vacant.len();
            vacant.iter_mut().zip(now).for_each(|(to, from)| *to = *from);
            self.length = self.length.wrapping_add(now.len() as u64);
            if !is_full {
                return;
            }
            self.compress();
            rest = later;
        }
    }

    fn finish(mut self) -> [u8; 32] {
        self.digest()
    }
}

impl Drop for ChipSha256 {
    fn drop(&mut self) {
        self.state.zeroize();
        self.block.zeroize();
    }
}

impl fmt::Debug for ChipSha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChipSha256(..)")
    }
}

/// The key of [`ChipCrypto`](super::ChipCrypto) for HMACs: both hashes behind their first block. Erased when dropped.
pub struct ChipHmacKey {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl HmacKey for ChipHmacKey {
    #[inline(never)]
    fn new(key: &[u8]) -> Self {
        let mut block = [0; HASH_BLOCK];
        if key.len() <= HASH_BLOCK {
            block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        } else {
            block.iter_mut().zip(ChipSha256::of(&[key])).for_each(|(to, from)| *to = from);
        }
        let mut made = Self { inner: INITIAL, outer: INITIAL };
        block.iter_mut().for_each(|byte| *byte ^= INNER);
        compress256(&mut made.inner, core::slice::from_ref(&block));
        block.iter_mut().for_each(|byte| *byte ^= INNER ^ OUTER);
        compress256(&mut made.outer, core::slice::from_ref(&block));
        block.zeroize();
        made
    }

    #[inline(never)]
    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut hash = ChipSha256::from_state(self.inner, HASH_BLOCK as u64);
        parts.iter().for_each(|part| hash.update(part));
        let inner = hash.digest();
        (hash.state, hash.length) = (self.outer, HASH_BLOCK as u64);
        hash.update(&inner);
        hash.digest()
    }
}

impl Drop for ChipHmacKey {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

impl fmt::Debug for ChipHmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChipHmacKey(..)")
    }
}
