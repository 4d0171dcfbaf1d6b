//! Profile S and sealed messages, byte for byte, against an independent implementation of the specification:
//! `tools/vectors/reference/profile_s.py` prints `known_answers/profile_s.txt`.

use crate::common;

use lock_crypto::hedge::{InitiatorHedge, LockHedge, hello_nonce, sealed_up_random};
use lock_crypto::profile_s::{Initiator, Responder};
use lock_crypto::{
    Channel, Delivery, Direction, HELLO, Key, KeyEpoch, KeySelector, Label, LeafKeys, LockId, Prologue,
    RootKey, RustCrypto, SealedHeader, SecretHash, Session, Suite, advertisement_mark, digest8, handle,
    open_sealed, seal_sealed,
};

const LOCK_ID: LockId =
    LockId([0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF]);

fn known(name: &str) -> Vec<u8> {
    let lines = include_str!("known_answers/profile_s.txt").lines();
    let (_, value) =
        lines.filter_map(|line| line.rsplit_once(' ')).find(|(key, _)| key.trim() == name).unwrap();
    hex::decode(value).unwrap()
}

fn key_epoch() -> KeyEpoch {
    KeyEpoch::new(7).unwrap()
}

fn known_leaves() -> LeafKeys {
    let root = RootKey::from_bytes::<RustCrypto>(known("root").try_into().unwrap(), LOCK_ID).unwrap();
    LeafKeys::expand::<RustCrypto>(&root, LOCK_ID, key_epoch())
}

#[test]
fn all_leaves_are_the_known_ones() {
    let leaves = known_leaves();
    for label in Label::ALL {
        assert_eq!(leaves.leaf(label).expose().as_slice(), known(&format!("leaf {}", label.name())));
    }
}

#[test]
fn the_hello_is_the_known_one() {
    let leaves = known_leaves();
    let hedge = LockHedge { boot: 3, count: 9, entropy: [0x11; 32] };
    let nonce = hello_nonce::<RustCrypto>(leaves.leaf(Label::Hedge), &hedge);
    let recognised = handle::<RustCrypto>(leaves.leaf(Label::Handle), &nonce);
    assert_eq!([&[1, 2, 1, 1, 1], recognised.as_slice(), &nonce].concat(), known("hello"));
    let mark = advertisement_mark::<RustCrypto>(leaves.leaf(Label::Handle), &[1, 2, 3]);
    assert_eq!(mark.as_slice(), known("advertisement mark"));
}

fn expect_handshake(name: &str, psk: &Key, selector: KeySelector<'_>, peer: Channel) {
    let hello: [u8; HELLO] = known("hello").try_into().unwrap();
    let prologue = Prologue { lock_id: LOCK_ID, key_epoch: key_epoch(), hello: &hello, version: 1, selector };
    let mut packet = [0; 512];
    let hedge = InitiatorHedge { attempt: 5, entropy: [0x22; 32] };
    let (length, waiting) =
        <Initiator>::start(psk, &prologue, &hedge, b"open the door", &mut packet).unwrap();
    assert_eq!(packet[..length], known(&format!("{name} message 1")));

    let (payload, opened) = <Responder>::prepare(psk, &prologue).open(&mut packet[..length]).unwrap();
    assert_eq!((*payload.get(), payload.channel()), (b"open the door".as_slice(), peer));
    let hedge = LockHedge { boot: 3, count: 10, entropy: [0x33; 32] };
    let (length, keys) = opened.reply(&hedge, b"it is open", &mut packet).unwrap();
    assert_eq!(packet[..length], known(&format!("{name} message 2")));
    let mut lock: Session = keys.into_session(Delivery::Ordered);

    let (payload, keys) = waiting.finish(&mut packet[..length]).unwrap();
    assert_eq!((*payload.get(), payload.channel()), (b"it is open".as_slice(), Channel::LiveLock));
    let mut cloud: Session = keys.into_session(Delivery::Ordered);
    for counter in 0..2 {
        let down = common::seal(&mut cloud, b"lock it");
        assert_eq!(down, known(&format!("{name} down {counter}")));
        let opened = lock.open_record(&mut down.clone()).unwrap().map(<[u8]>::to_vec);
        assert_eq!((opened.get().as_slice(), opened.channel()), (b"lock it".as_slice(), peer));
        let up = common::seal(&mut lock, b"locked");
        assert_eq!(up, known(&format!("{name} up {counter}")));
        let opened = cloud.open_record(&mut up.clone()).unwrap().map(<[u8]>::to_vec);
        assert_eq!((opened.get().as_slice(), opened.channel()), (b"locked".as_slice(), Channel::LiveLock));
    }
}

#[test]
fn a_handshake_with_the_cloud_is_the_known_one() {
    let leaves = known_leaves();
    expect_handshake("cloud", leaves.leaf(Label::Session), KeySelector::CloudCurrent, Channel::LiveCloud);
    expect_handshake("pending", leaves.leaf(Label::Session), KeySelector::CloudPending, Channel::LiveCloud);
}

#[test]
fn a_handshake_with_the_holder_of_a_ticket_is_the_known_one() {
    let psk = Key::from_bytes(RustCrypto::hash(&[b"a key that follows from a ticket"]));
    let ticket: Vec<u8> = (0..200).collect();
    expect_handshake("ticket", &psk, KeySelector::Ticket(&ticket), Channel::LiveHolder);
}

#[test]
fn a_handshake_with_a_claimer_is_the_known_one() {
    let psk = Key::from_bytes(RustCrypto::hash(&[b"a key that follows from a label"]));
    expect_handshake("claim", &psk, KeySelector::Claim, Channel::LiveClaim);
}

fn expect_sealed(name: &str, direction: Direction, header: &SealedHeader, body: &[u8], channel: Channel) {
    let leaves = known_leaves();
    let mut packet = vec![0; 30 + body.len() + 16];
    packet[30..30 + body.len()].copy_from_slice(body);
    seal_sealed::<RustCrypto>(&leaves, direction, header, &mut packet, body.len()).unwrap();
    assert_eq!(packet, known(name));
    let opened = open_sealed::<RustCrypto>(&leaves, direction, &mut packet).unwrap();
    assert_eq!((opened.get().counter, opened.get().body, opened.channel()), (header.counter, body, channel));
}

#[test]
fn sealed_messages_are_the_known_ones() {
    let random = core::array::from_fn(|place| place as u8);
    let header =
        SealedHeader { prefix: [1, 6], key_epoch: key_epoch(), counter: 0x0102_0304_0506_0708, random };
    expect_sealed("sealed down", Direction::Down, &header, b"later", Channel::SealedCloud);

    let hedge = LockHedge { boot: 3, count: 11, entropy: [0x44; 32] };
    let random = sealed_up_random::<RustCrypto>(known_leaves().leaf(Label::Hedge), &hedge);
    assert_eq!(random.as_slice(), known("sealed-up random"));
    let header = SealedHeader { prefix: [1, 7], key_epoch: key_epoch(), counter: 64, random };
    expect_sealed("sealed up", Direction::Up, &header, b"done", Channel::SealedLock);
}

#[test]
fn pin_hash_and_command_digest_are_the_known_ones() {
    let k_pin = Key::from_bytes(RustCrypto::hash(&[b"a pin key"]));
    assert_eq!(SecretHash::of_pin::<RustCrypto>(&k_pin, b"123456").expose().as_slice(), known("pin"));
    assert_eq!(digest8::<RustCrypto, 1>([&[1, 2, 3]]).0.as_slice(), known("digest"));
    assert_eq!(digest8::<RustCrypto, 2>([&[1], &[2, 3]]).0.as_slice(), known("digest"));
}
