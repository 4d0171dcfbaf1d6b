//! Handshakes between this crate and `snow`, which knows Noise and nothing of locks.

use super::{finish, open, reply, start};
use crate::common::{hello, prologue, psk, seal};
use lock_crypto::profile_x::OVERHEAD;
use lock_crypto::{Delivery, KeySelector, Prologue, RustCrypto, Session, SessionKeys, Suite};
use snow::{Builder, HandshakeState};

pub(super) const NAME: &str = "Noise_NNpsk0_25519_ChaChaPoly_SHA256";

/// The bytes of section 4.1, which the crate only ever hashes.
pub(super) fn bytes_of(prologue: &Prologue<'_>) -> Vec<u8> {
    let Prologue { lock_id, key_epoch, hello, version, selector } = prologue;
    let ticket = selector.ticket();
    let mut bytes = b"lk1/prologue\0".to_vec();
    bytes.extend(lock_id.as_bytes());
    bytes.extend(key_epoch.to_bytes());
    bytes.extend(*hello);
    bytes.extend([*version, selector.initiator().byte(), 0x10, selector.byte()]);
    bytes.extend((ticket.len() as u16).to_be_bytes());
    bytes.extend(ticket);
    bytes
}

fn builder<'b>(psk: &'b [u8; 32], prologue: &'b [u8]) -> Builder<'b> {
    Builder::new(NAME.parse().unwrap()).psk(0, psk).unwrap().prologue(prologue).unwrap()
}

fn written(noise: &mut HandshakeState, payload: &[u8]) -> Vec<u8> {
    let mut message = vec![0; payload.len() + OVERHEAD];
    assert_eq!(noise.write_message(payload, &mut message).unwrap(), message.len());
    message
}

fn read(noise: &mut HandshakeState, message: &[u8]) -> Vec<u8> {
    let mut payload = vec![0; message.len() - OVERHEAD];
    assert_eq!(noise.read_message(message, &mut payload).unwrap(), payload.len());
    payload
}

/// Which end of the session is ours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ours {
    Initiator,
    Lock,
}

/// Our records are sealed and opened with the keys that `snow` has at the end of the handshake.
fn expect_same_keys(end: Ours, keys: SessionKeys, noise: &mut HandshakeState) {
    let mut session: Session = keys.into_session(Delivery::Ordered);
    let (down, up) = noise.dangerously_get_raw_split();
    let (sends, receives) = if end == Ours::Initiator { (down, up) } else { (up, down) };
    let header = [1, 5, 0, 0, 0, 0, 0, 0, 0, 0];
    let sealed = |key: &[u8; 32], body: &[u8]| {
        let mut record = body.to_vec();
        let tag = RustCrypto::seal(key, &[0; 12], &header, &mut record);
        [header.as_slice(), &record, &tag].concat()
    };
    assert_eq!(seal(&mut session, b"ours"), sealed(&sends, b"ours"));
    let mut theirs = sealed(&receives, b"theirs");
    assert_eq!(session.open_record(&mut theirs).unwrap().into_inner(), b"theirs");
}

fn payloads() -> impl Iterator<Item = Vec<u8>> {
    [0, 1, 15, 16, 17, 63, 64, 65, 100, 255, 256, 399, 400]
        .into_iter()
        .map(|length| (0..length).map(|place| (place * 7) as u8).collect())
}

/// Pairs of payloads, in which each length comes once as the first and once as the second.
fn pairs() -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    payloads().zip(payloads().collect::<Vec<_>>().into_iter().rev())
}

#[test]
fn our_initiator_and_a_responder_of_snow_understand_each_other() {
    let (hello, psk) = (hello(), psk());
    let bound = bytes_of(&prologue(&hello));
    for (payload, answer) in pairs() {
        let mut noise = builder(psk.expose(), &bound).build_responder().unwrap();
        let (message, waiting) = start(&psk, &prologue(&hello), &payload);
        assert_eq!(read(&mut noise, &message), payload);
        let (opened, keys) = finish(waiting, &written(&mut noise, &answer)).unwrap();
        assert_eq!(opened, answer);
        expect_same_keys(Ours::Initiator, keys, &mut noise);
    }
}

#[test]
fn an_initiator_of_snow_and_our_lock_understand_each_other() {
    let (hello, psk, ticket) = (hello(), psk(), [9; 384]);
    for selector in [KeySelector::CloudCurrent, KeySelector::Ticket(&ticket), KeySelector::Claim] {
        let agreed = Prologue { selector, ..prologue(&hello) };
        let bound = bytes_of(&agreed);
        for (payload, answer) in pairs() {
            let mut noise = builder(psk.expose(), &bound).build_initiator().unwrap();
            let (opened, lock) = open(&psk, &agreed, &written(&mut noise, &payload)).unwrap();
            assert_eq!(opened, payload);
            let (message, keys) = reply(lock, &answer);
            assert_eq!(read(&mut noise, &message), answer);
            expect_same_keys(Ours::Lock, keys, &mut noise);
        }
    }
}

#[test]
fn a_peer_of_snow_with_another_prologue_or_key_is_refused() {
    let (hello, psk) = (hello(), psk());
    let bound = bytes_of(&prologue(&hello));
    for (psk_of_snow, prologue_of_snow) in [(&[0x43; 32], bound.as_slice()), (psk.expose(), &bound[1..])] {
        let mut noise = builder(psk_of_snow, prologue_of_snow).build_initiator().unwrap();
        assert!(open(&psk, &prologue(&hello), &written(&mut noise, b"unlock")).is_err());
        let mut noise = builder(psk_of_snow, prologue_of_snow).build_responder().unwrap();
        let (message, _) = start(&psk, &prologue(&hello), b"unlock");
        assert!(noise.read_message(&message, &mut [0; 64]).is_err());
    }
}
