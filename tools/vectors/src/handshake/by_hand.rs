//! A peer of profile X that holds the key and says any bytes for its ephemeral key, with tags that fit. The crates cannot be made to.

use lock_core::crypto::{RustCrypto, Suite, expand, extract};

use super::{Setup, prologue_bytes};

/// Noise revision 34, section 5.2, as far as two messages need it.
struct State {
    chaining_key: [u8; 32],
    hash: [u8; 32],
    key: [u8; 32],
}

impl State {
    fn begun(setup: &Setup) -> Self {
        let name = RustCrypto::hash(&[b"Noise_NNpsk0_25519_ChaChaPoly_SHA256"]);
        let mut state = Self { chaining_key: name, hash: name, key: [0; 32] };
        state.mix_hash(&prologue_bytes(&setup.prologue()));
        let mut out = [0; 96];
        let mixed = extract::<RustCrypto>(&state.chaining_key, &setup.psk);
        expand::<RustCrypto, 0, 96>(&mixed, [], &mut out);
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
        let mixed = extract::<RustCrypto>(&self.chaining_key, material);
        expand::<RustCrypto, 0, 64>(&mixed, [], &mut out);
        self.chaining_key.copy_from_slice(&out[..32]);
        self.key.copy_from_slice(&out[32..]);
    }

    fn take_share(&mut self, share: &[u8]) {
        self.mix_hash(share);
        self.mix_key(share);
    }

    fn seal(&mut self, payload: &[u8]) -> Vec<u8> {
        let mut sealed = payload.to_vec();
        let tag = RustCrypto::seal(&self.key, &[0; 12], &self.hash, &mut sealed);
        sealed.extend(tag);
        sealed
    }
}

/// The handshake part of a Message1 with this ephemeral key.
pub(super) fn message1(setup: &Setup, point: [u8; 32]) -> Vec<u8> {
    let mut state = State::begun(setup);
    state.take_share(&point);
    [point.as_slice(), &state.seal(&setup.payload1)].concat()
}

/// The handshake part of a Message2 with this ephemeral key, with which every shared secret is zero.
pub(super) fn message2(setup: &Setup, message1: &[u8], point: [u8; 32]) -> Vec<u8> {
    let mut state = State::begun(setup);
    let (theirs, sealed) = message1.split_at(32);
    state.take_share(theirs);
    state.mix_hash(sealed);
    state.take_share(&point);
    state.mix_key(&[0; 32]);
    [point.as_slice(), &state.seal(&setup.payload2)].concat()
}
