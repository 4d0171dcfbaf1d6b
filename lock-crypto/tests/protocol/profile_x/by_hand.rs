//! A peer that holds the key and is free in what it says: messages whose ephemeral key is any bytes, with tags that fit.

use super::interop::{NAME, bytes_of};
use lock_crypto::{Key, Prologue, RustCrypto, Suite, expand, extract};

/// Noise revision 34, section 5.2, as far as two messages need it.
struct State {
    chaining_key: [u8; 32],
    hash: [u8; 32],
    key: [u8; 32],
}

impl State {
    fn begun(psk: &Key, prologue: &Prologue<'_>) -> Self {
        let name = RustCrypto::hash(&[NAME.as_bytes()]);
        let mut state = Self { chaining_key: name, hash: name, key: [0; 32] };
        state.mix_hash(&bytes_of(prologue));
        let mut out = [0; 96];
        expand::<RustCrypto, 0, 96>(&extract::<RustCrypto>(&state.chaining_key, psk.expose()), [], &mut out);
        state.chaining_key.copy_from_slice(&out[..32]);
        state.mix_hash(&out[32..64]);
        state.key.copy_from_slice(&out[64..]);
        state
    }

    fn mix_hash(&mut self, data: &[u8]) {
        self.hash = RustCrypto::hash(&[&self.hash, data]);
    }

    fn mix_key(&mut self, material: &[u8]) {
        let mut out = [0; 64];
        expand::<RustCrypto, 0, 64>(&extract::<RustCrypto>(&self.chaining_key, material), [], &mut out);
        self.chaining_key.copy_from_slice(&out[..32]);
        self.key.copy_from_slice(&out[32..]);
    }

    fn seal(&mut self, payload: &[u8]) -> Vec<u8> {
        let mut sealed = payload.to_vec();
        let tag = RustCrypto::seal(&self.key, &[0; 12], &self.hash, &mut sealed);
        sealed.extend(tag);
        self.mix_hash(&sealed);
        sealed
    }
}

pub(super) fn message1(psk: &Key, prologue: &Prologue<'_>, public: [u8; 32], payload: &[u8]) -> Vec<u8> {
    let mut state = State::begun(psk, prologue);
    state.mix_hash(&public);
    state.mix_key(&public);
    [public.as_slice(), &state.seal(payload)].concat()
}

/// The answer to `message1`, of a peer for whom the shared secret is `secret`.
pub(super) fn message2(
    psk: &Key,
    prologue: &Prologue<'_>,
    message1: &[u8],
    (public, secret): ([u8; 32], [u8; 32]),
    payload: &[u8],
) -> Vec<u8> {
    let mut state = State::begun(psk, prologue);
    let (theirs, sealed) = message1.split_at(32);
    state.mix_hash(theirs);
    state.mix_key(theirs);
    state.mix_hash(sealed);
    state.mix_hash(&public);
    state.mix_key(&public);
    state.mix_key(&secret);
    [public.as_slice(), &state.seal(payload)].concat()
}
