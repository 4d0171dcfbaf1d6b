//! What the product does with secrets. Keys, codes, random bytes and what is encrypted are secret; lengths, numbers and packets are not.

use std::hint::black_box;

use lock_crypto::hedge::{InitiatorHedge, LockHedge};
use lock_crypto::{
    ChainTag, ChipCrypto, CodeKey, Delivery, Direction, Key, KeyEpoch, KeySelector, LeafKeys, LockId,
    NineDigits, Prologue, RootKey, RustCrypto, SealedHeader, SecretHash, Suite, TicketScope, find_secret,
    holder_value, open_sealed, profile_s, profile_x, seal_sealed, ticket,
};

use crate::secrets::{publish, secret};
use crate::watched::Watched;

pub(crate) const CASES: &[(&str, fn())] = &[
    ("hash-and-hmac", hash_and_hmac::<RustCrypto>),
    ("hash-and-hmac-of-chips", hash_and_hmac::<ChipCrypto>),
    ("seal-and-open", seal_and_open::<Watched<RustCrypto>>),
    ("seal-and-open-of-chips", seal_and_open::<Watched<ChipCrypto>>),
    ("hchacha20", hchacha20::<RustCrypto>),
    ("hchacha20-of-chips", hchacha20::<ChipCrypto>),
    ("leaves", leaves),
    ("root-key", root_key),
    ("profile-s", profile_s_and_records::<Watched<RustCrypto>>),
    ("profile-s-of-chips", profile_s_and_records::<Watched<ChipCrypto>>),
    ("profile-x", profile_x_and_records::<Watched<RustCrypto>>),
    ("profile-x-of-chips", profile_x_and_records::<Watched<ChipCrypto>>),
    ("sealed-messages", sealed_messages::<Watched<RustCrypto>>),
    ("sealed-messages-of-chips", sealed_messages::<Watched<ChipCrypto>>),
    ("virtual-keys", virtual_keys::<Watched<RustCrypto>>),
    ("virtual-keys-of-chips", virtual_keys::<Watched<ChipCrypto>>),
    ("codes-in-slots", codes_in_slots),
    ("offline-codes", offline_codes),
];

const LOCK: LockId = LockId(*b"a lock in a case");

fn key(byte: u8) -> Key {
    Key::from_bytes(secret(core::array::from_fn(|place| byte.wrapping_add(place as u8))))
}

fn hash_and_hmac<S: Suite>() {
    let message = secret([5; 100]);
    black_box(S::hash(&[&message, &message[..3]]));
    black_box(S::hmac(&secret([9; 32]), &[&message]));
    black_box(S::hmac(&secret([9; 80]), &[&message]));
}

fn seal_and_open<S: Suite>() {
    for length in [0, 1, 15, 16, 63, 64, 65, 256] {
        let (key, plain) = (secret([4; 32]), secret([2; 256]));
        let mut buffer = plain;
        let sealed = &mut buffer[..length];
        let tag = S::seal(&key, &[1; 12], b"clear", sealed);
        publish(sealed);
        publish(&tag);
        assert!(S::open(&key, &[1; 12], b"clear", sealed, &tag).is_ok());
        let mut wrong = tag;
        wrong[15] ^= 1;
        assert!(S::open(&key, &[1; 12], b"clear", sealed, &wrong).is_err());
    }
}

fn hchacha20<S: Suite>() {
    black_box(S::hchacha20(&secret([4; 32]), &[6; 16]));
}

/// A root whose bytes are secret; whether it is one of those that are refused is not.
fn root() -> RootKey {
    let bytes = core::array::from_fn(|place| 11 + place as u8);
    RootKey::from_bytes::<RustCrypto>(secret(bytes), LOCK)
        .unwrap_or_else(|_| unreachable!("a root that is good"))
}

fn root_key() {
    black_box(root());
}

fn leaves() {
    black_box(leaf_keys());
}

fn leaf_keys() -> LeafKeys {
    LeafKeys::expand::<RustCrypto>(&root(), LOCK, KeyEpoch::FIRST)
}

fn prologue<'p>(selector: KeySelector<'p>) -> Prologue<'p> {
    Prologue { lock_id: LOCK, key_epoch: KeyEpoch::FIRST, hello: &[8; 29], version: 1, selector }
}

/// A handshake and a record each way, with psk, random bytes and payloads secret.
macro_rules! handshake {
    ($profile:ident) => {{
        let (psk, prologue) = (key(3), prologue(KeySelector::CloudCurrent));
        let (order, answer) = (secret([1; 40]), secret([2; 90]));
        let hedge = InitiatorHedge { attempt: 1, entropy: secret([6; 32]) };
        let mut packet = [0; 300];
        let (length, cloud) =
            $profile::Initiator::<S>::start(&psk, &prologue, &hedge, &order, &mut packet).unwrap();
        publish(&packet);
        let lock = $profile::Responder::<S>::prepare(&psk, &prologue);
        let (_, lock) = lock.open(&mut packet[..length]).unwrap();
        let hedge = LockHedge { boot: 1, count: 2, entropy: secret([7; 32]) };
        let (length, lock) = lock.reply(&hedge, &answer, &mut packet).unwrap();
        publish(&packet);
        let (_, cloud) = cloud.finish(&mut packet[..length]).unwrap();
        let mut lock = lock.into_session::<S>(Delivery::Ordered);
        let mut cloud = cloud.into_session::<S>(Delivery::Ordered);
        packet[10..50].copy_from_slice(&order);
        let length = cloud.seal_record([1, 5], &mut packet, 40).unwrap();
        publish(&packet);
        let _ = lock.open_record(&mut packet[..length]).unwrap();
    }};
}

fn profile_s_and_records<S: Suite>() {
    handshake!(profile_s);
}

fn profile_x_and_records<S: Suite>() {
    handshake!(profile_x);
}

fn sealed_messages<S: Suite>() {
    let leaves = leaf_keys();
    let header = SealedHeader { prefix: [1, 6], key_epoch: KeyEpoch::FIRST, counter: 9, random: [3; 16] };
    let mut packet = [0; 128];
    packet[30..70].copy_from_slice(&secret([5; 40]));
    let length = seal_sealed::<S>(&leaves, Direction::Down, &header, &mut packet, 40).unwrap();
    publish(&packet);
    assert!(open_sealed::<S>(&leaves, Direction::Down, &mut packet[..length]).is_ok());
}

fn virtual_keys<S: Suite>() {
    let (chain, encryption) = (key(21), key(22));
    let scope = TicketScope { lock_id: LOCK, key_epoch: KeyEpoch::FIRST, encryption: &encryption };
    let mut caveats = secret([4; 60]);
    let tag = ChainTag::<S>::root(&chain, &caveats);
    let (iv, seal) = ticket::seal_root::<S>(&scope, &mut caveats, &secret([1; 32]));
    publish(&caveats);
    publish(&iv);
    publish(&seal);
    assert!(ticket::open_root::<S>(&scope, &iv, &mut caveats, &seal).is_ok());
    let bound = tag.bind(&holder_value::<S>(&key(30), LOCK)).narrow(b"a block in clear");
    black_box((bound.psk(), bound.use_id()));
}

/// Which slot it is, if it is one, comes out; not how near a code came.
fn codes_in_slots() {
    let k_pin = key(40);
    let stored: Vec<_> = [b"2468", b"1357", b"0000"]
        .map(|digits| SecretHash::of_pin::<RustCrypto>(&k_pin, &secret(*digits)))
        .into();
    for digits in [b"1357", b"1358", b"9999"] {
        let shown = SecretHash::of_pin::<RustCrypto>(&k_pin, &secret(*digits));
        let found = find_secret(&shown, stored.iter().map(Some));
        publish(&found);
        black_box(found);
    }
}

fn offline_codes() {
    let keys = CodeKey::derive::<RustCrypto>(&key(50), 1, 2);
    let meaning = secret(NineDigits::from_ascii(b"123456789").unwrap());
    let code = keys.encode::<RustCrypto>(&meaning);
    black_box(keys.decode::<RustCrypto>(&code).to_ascii());
}
