//! The symmetric state of a Noise handshake (Noise revision 34, sections 5.1 and 5.2; section 4.2 of our specification).
//!
//! Both profiles start with a pre-shared key. So this state holds a key from its first moment, and the case in which Noise
//! would send a payload in clear does not exist.

use crate::kdf::extract;
use crate::key::Key;
use crate::prologue::Prologue;
use crate::suite::{HmacKey, OpenError, Suite, TAG};
use core::marker::PhantomData;

/// ChaChaPoly's nonce in Noise and in records: 4 zero bytes and the counter, little-endian.
pub(crate) const fn counter_nonce(counter: u64) -> [u8; 12] {
    let [a, b, c, d, e, f, g, h] = counter.to_le_bytes();
    [0, 0, 0, 0, a, b, c, d, e, f, g, h]
}

/// Chaining key, handshake hash and the key of the next payload, with its nonce counter.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct SymmetricState<S> {
    chaining_key: Key,
    handshake_hash: [u8; 32],
    key: Key,
    sealed: u64,
    suite: PhantomData<S>,
}

impl<S: Suite> SymmetricState<S> {
    /// InitializeSymmetric(name), MixHash(prologue), MixKeyAndHash(psk).
    pub(crate) fn initialize(name: &[u8], prologue: &Prologue<'_>, psk: &Key) -> Self {
        Self::bound(name, |hash| prologue.with_parts(hash, S::hash), psk)
    }

    /// The same with any prologue: `bind` returns the hash of `h` and of its bytes.
    pub(crate) fn bound(name: &[u8], bind: impl FnOnce(&[u8]) -> [u8; 32], psk: &Key) -> Self {
        let mut start = [0; 32];
        if name.len() <= start.len() {
            start.iter_mut().zip(name).for_each(|(to, from)| *to = *from);
        } else {
            start = S::hash(&[name]);
        }
        let mut state = Self {
            chaining_key: Key::from_bytes(start),
            handshake_hash: bind(&start),
            key: Key::from_bytes([0; 32]),
            sealed: 0,
            suite: PhantomData,
        };
        state.mix_key_and_hash(psk);
        state
    }

    /// `h` = HASH(h ‖ data).
    pub(crate) fn mix_hash(&mut self, data: &[u8]) {
        self.handshake_hash = S::hash(&[&self.handshake_hash, data]);
    }

    /// `ck`, `k` = HKDF(ck, input); the nonce starts anew.
    pub(crate) fn mix_key(&mut self, input: &[u8]) {
        let mut chain = Chain::<S>::new(&self.chaining_key, input);
        self.chaining_key = chain.next(&[]);
        self.use_key(chain.next(self.chaining_key.expose()));
    }

    /// MixHash(share), MixKey(share): a nonce, or an ephemeral key in a handshake with a pre-shared key (Noise, section 9.2).
    pub(crate) fn mix_share(&mut self, share: &[u8]) {
        self.mix_hash(share);
        self.mix_key(share);
    }

    /// Whether a payload was sealed or opened under the present key.
    pub(crate) const fn has_payload(&self) -> bool {
        self.sealed > 0
    }

    /// `h` so far.
    pub(crate) const fn handshake_hash(&self) -> &[u8; 32] {
        &self.handshake_hash
    }

    /// Encrypts `buffer` in place with `h` as associated data and mixes in the ciphertext; returns the tag.
    pub(crate) fn encrypt_and_hash(&mut self, buffer: &mut [u8]) -> [u8; TAG] {
        let tag = S::seal(self.key.expose(), &counter_nonce(self.sealed), &self.handshake_hash, buffer);
        self.advance(buffer, &tag);
        tag
    }

    /// Opens `buffer` in place with `h` as associated data and mixes in the ciphertext.
    ///
    /// A payload that does not open changes nothing here.
    pub(crate) fn decrypt_and_hash(&mut self, buffer: &mut [u8], tag: &[u8; TAG]) -> Result<(), OpenError> {
        let next = S::hash(&[&self.handshake_hash, buffer, tag]);
        S::open(self.key.expose(), &counter_nonce(self.sealed), &self.handshake_hash, buffer, tag)?;
        self.handshake_hash = next;
        self.sealed = self.sealed.saturating_add(1);
        Ok(())
    }

    /// The keys from initiator to responder and back.
    pub(crate) fn split(self) -> (Key, Key) {
        let mut chain = Chain::<S>::new(&self.chaining_key, &[]);
        let down = chain.next(&[]);
        let up = chain.next(down.expose());
        (down, up)
    }

    /// `ck`, temporary, `k` = HKDF(ck, input); MixHash(temporary). Apart from the hash of the prologue, so that their stacks do not add up.
    #[inline(never)]
    fn mix_key_and_hash(&mut self, input: &Key) {
        let mut chain = Chain::<S>::new(&self.chaining_key, input.expose());
        self.chaining_key = chain.next(&[]);
        let mixed = chain.next(self.chaining_key.expose());
        self.mix_hash(mixed.expose());
        self.use_key(chain.next(mixed.expose()));
    }

    fn use_key(&mut self, key: Key) {
        self.key = key;
        self.sealed = 0;
    }

    /// A handshake seals two payloads, each under a fresh key: the counter never comes near its end.
    fn advance(&mut self, ciphertext: &[u8], tag: &[u8; TAG]) {
        self.handshake_hash = S::hash(&[&self.handshake_hash, ciphertext, tag]);
        self.sealed = self.sealed.saturating_add(1);
    }
}

/// Noise's HKDF, which is that of RFC 5869 with an empty info: one key after the other, each made where it stays.
struct Chain<S: Suite> {
    hmac: S::HmacKey,
    made: u8,
}

impl<S: Suite> Chain<S> {
    fn new(chaining_key: &Key, input: &[u8]) -> Self {
        Self { hmac: S::HmacKey::new(extract::<S>(chaining_key.expose(), input).expose()), made: 0 }
    }

    /// The next key, from the one before it; the first is from nothing.
    fn next(&mut self, previous: &[u8]) -> Key {
        self.made = self.made.wrapping_add(1);
        Key::from_bytes(self.hmac.mac(&[previous, &[self.made]]))
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Prologue, SymmetricState};
    use crate::{KeyEpoch, KeySelector, LockId, OpenError, RustCrypto};
    use std::vec::Vec;

    /// Printed by `tools/vectors/reference/profile_s.py`, an independent implementation.
    fn known(name: &str) -> Vec<u8> {
        let lines = include_str!("../tests/protocol/known_answers/profile_s.txt").lines();
        let (_, value) =
            lines.filter_map(|line| line.rsplit_once(' ')).find(|(key, _)| key.trim() == name).unwrap();
        hex::decode(value).unwrap()
    }

    fn key(name: &str) -> Key {
        Key::from_bytes(known(name).try_into().unwrap())
    }

    fn state() -> SymmetricState<RustCrypto> {
        let prologue = Prologue {
            lock_id: LockId(core::array::from_fn(|place| 0xA0 + place as u8)),
            key_epoch: KeyEpoch::new(7).unwrap(),
            hello: &known("hello").try_into().unwrap(),
            version: 1,
            selector: KeySelector::CloudCurrent,
        };
        SymmetricState::initialize(b"Noise_NNpsk0_25519_ChaChaPoly_SHA256", &prologue, &key("leaf session"))
    }

    fn sealed(state: &mut SymmetricState<RustCrypto>, payload: &[u8]) -> Vec<u8> {
        let mut buffer = payload.to_vec();
        let tag = state.encrypt_and_hash(&mut buffer);
        buffer.extend(tag);
        buffer
    }

    #[test]
    fn a_state_with_a_long_name_and_several_payloads_agrees_with_an_independent_one() {
        let mut state = state();
        assert_eq!(sealed(&mut state, b"first"), known("symmetric first"));
        state.mix_hash(b"a share");
        assert_eq!(sealed(&mut state, b"second"), known("symmetric second"));
        state.mix_key(b"a shared secret");
        assert_eq!(sealed(&mut state, b""), known("symmetric third"));
        assert_eq!(state.handshake_hash().as_slice(), known("symmetric hash"));
        let (down, up) = state.split();
        assert_eq!(
            (down.expose(), up.expose()),
            (key("symmetric down").expose(), key("symmetric up").expose())
        );
    }

    #[test]
    fn a_payload_that_does_not_open_changes_nothing_and_the_true_one_still_opens() {
        let (mut sender, mut receiver) = (state(), state());
        for payload in [b"first".as_slice(), b"second"] {
            let genuine = sealed(&mut sender, payload);
            for bit in 0..genuine.len() * 8 {
                let mut altered = genuine.clone();
                altered[bit / 8] ^= 1 << (bit % 8);
                let (body, tag) = altered.split_last_chunk_mut().unwrap();
                assert_eq!(receiver.decrypt_and_hash(body, tag), Err(OpenError));
            }
            let mut message = genuine.clone();
            let (body, tag) = message.split_last_chunk_mut().unwrap();
            receiver.decrypt_and_hash(body, tag).unwrap();
            assert_eq!(body, payload);
            assert_eq!(receiver.handshake_hash(), sender.handshake_hash());
        }
    }
}
