//! The public vector of this handshake, from another implementation of Noise: `tests/public_vectors/README.md` says whose.

use super::{NAME, OVERHEAD, Opened, Prepared, message1};
use crate::authenticated::Channel;
use crate::key::Key;
use crate::suite::{RustCrypto, Suite};
use crate::symmetric::{SymmetricState, counter_nonce};
use crate::x25519::EphemeralSecret;
use serde_json::Value;
use std::vec::Vec;

const FILE: &str = include_str!("../../tests/public_vectors/noise_nnpsk0_25519_chachapoly_sha256.json");

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn key(value: &Value) -> Key {
    Key::from_bytes(bytes(value).try_into().unwrap())
}

/// The state with the prologue and the pre-shared key of one side.
fn begun(prologue: &Value, psks: &Value) -> SymmetricState<RustCrypto> {
    let prologue = bytes(prologue);
    SymmetricState::bound(NAME, |hash| RustCrypto::hash(&[hash, &prologue]), &key(&psks[0]))
}

#[test]
fn both_sides_say_what_the_public_vector_says() {
    let file: Value = serde_json::from_str(FILE).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 1);
    for vector in vectors {
        assert_eq!(vector["protocol_name"].as_str().map(str::as_bytes), Some(NAME));
        let messages: Vec<_> = vector["messages"].as_array().unwrap().iter().collect();
        let payload = |number: usize| bytes(&messages[number]["payload"]);
        let ciphertext = |number: usize| bytes(&messages[number]["ciphertext"]);

        let mut buffer = [0; 512];
        let state = begun(&vector["init_prologue"], &vector["init_psks"]);
        let ephemeral = EphemeralSecret::new(key(&vector["init_ephemeral"]));
        let (length, waiting) = message1(state, ephemeral, &payload(0), &mut buffer).unwrap();
        assert_eq!((&buffer[..length], length), (ciphertext(0).as_slice(), payload(0).len() + OVERHEAD));

        let state = begun(&vector["resp_prologue"], &vector["resp_psks"]);
        let psk = key(&vector["resp_psks"][0]);
        let prepared = Prepared { state, psk, channel: Channel::LiveCloud, theirs: None };
        let (opened, mut lock): (_, Opened<RustCrypto>) = prepared.open(&mut buffer[..length]).unwrap();
        assert_eq!(opened.into_inner(), payload(0));
        let ephemeral = EphemeralSecret::new(key(&vector["resp_ephemeral"]));
        let length = lock.write(ephemeral, &payload(1), &mut buffer).unwrap();
        assert_eq!(buffer[..length], ciphertext(1));

        let (opened, cloud) = waiting.read(&mut buffer[..length]).unwrap();
        assert_eq!(opened, payload(1));
        let hash = bytes(&vector["handshake_hash"]);
        assert_eq!(
            (cloud.handshake_hash().as_slice(), lock.state.handshake_hash().as_slice()),
            (&*hash, &*hash)
        );

        let (down, up) = cloud.split();
        let (lock_down, lock_up) = lock.state.split();
        assert_eq!((down.expose(), up.expose()), (lock_down.expose(), lock_up.expose()));
        // Messages of the transport phase, in turn: our records have headers of their own, the keys are the same.
        for number in 2..messages.len() {
            let (key, counter) =
                if number % 2 == 0 { (&down, number / 2 - 1) } else { (&up, number / 2 - 1) };
            let mut message = payload(number);
            let tag = RustCrypto::seal(key.expose(), &counter_nonce(counter as u64), &[], &mut message);
            message.extend(tag);
            assert_eq!(message, ciphertext(number), "message {number}");
        }
    }
}
