//! One lock and its cloud, for the tests.

use lock_crypto::hedge::{InitiatorHedge, LockHedge};
use lock_crypto::profile_s::{AwaitMessage2, Initiator, OVERHEAD, Opened, Prepared, Responder};
use lock_crypto::{
    Delivery, HELLO, Key, KeyEpoch, KeySelector, LeafKeys, LockId, OpenError, Prologue, RootKey, RustCrypto,
    Session, SessionKeys,
};

pub(crate) const LOCK_ID: LockId = LockId([0xA5; 16]);
pub(crate) const RECORD: [u8; 2] = [0x01, 0x05];

pub(crate) fn leaves(seed: u8) -> LeafKeys {
    let mut root = [seed; 32];
    root[31] = !seed;
    let root = RootKey::from_bytes::<RustCrypto>(root, LOCK_ID).unwrap();
    LeafKeys::expand::<RustCrypto>(&root, LOCK_ID, KeyEpoch::FIRST)
}

pub(crate) fn psk() -> Key {
    Key::from_bytes([0x42; 32])
}

pub(crate) fn hello() -> [u8; HELLO] {
    core::array::from_fn(|place| place as u8)
}

pub(crate) fn prologue(hello: &[u8; HELLO]) -> Prologue<'_> {
    let selector = KeySelector::CloudCurrent;
    Prologue { lock_id: LOCK_ID, key_epoch: KeyEpoch::FIRST, hello, version: 1, selector }
}

pub(crate) fn start(psk: &Key, prologue: &Prologue<'_>, payload: &[u8]) -> (Vec<u8>, AwaitMessage2) {
    let mut message = vec![0; payload.len() + OVERHEAD];
    let hedge = InitiatorHedge { attempt: 1, entropy: [0x77; 32] };
    let (length, waiting) = <Initiator>::start(psk, prologue, &hedge, payload, &mut message).unwrap();
    assert_eq!(length, message.len());
    (message, waiting)
}

pub(crate) fn prepare(psk: &Key, prologue: &Prologue<'_>) -> Prepared {
    <Responder>::prepare(psk, prologue)
}

/// Opens a message 1 for a lock that knows `psk` and `prologue`, and checks that a failure leaves no trace.
pub(crate) fn open(
    psk: &Key,
    prologue: &Prologue<'_>,
    message: &[u8],
) -> Result<(Vec<u8>, Opened), OpenError> {
    let mut buffer = message.to_vec();
    match prepare(psk, prologue).open(&mut buffer) {
        Ok((payload, opened)) => Ok((payload.into_inner().to_vec(), opened)),
        Err(error) => {
            assert_eq!(buffer, message, "a failed open changed the buffer");
            Err(error)
        }
    }
}

pub(crate) fn reply(opened: Opened, payload: &[u8]) -> (Vec<u8>, SessionKeys) {
    let mut message = vec![0; payload.len() + OVERHEAD];
    let hedge = LockHedge { boot: 1, count: 2, entropy: [0x66; 32] };
    let (length, keys) = opened.reply(&hedge, payload, &mut message).unwrap();
    assert_eq!(length, message.len());
    (message, keys)
}

/// Opens a message 2, and checks that a failure leaves no trace.
pub(crate) fn finish(waiting: AwaitMessage2, message: &[u8]) -> Result<(Vec<u8>, SessionKeys), OpenError> {
    let mut buffer = message.to_vec();
    match waiting.finish(&mut buffer) {
        Ok((payload, keys)) => Ok((payload.into_inner().to_vec(), keys)),
        Err(error) => {
            assert_eq!(buffer, message, "a failed open changed the buffer");
            Err(error)
        }
    }
}

/// The two ends of a session: cloud, lock.
pub(crate) fn sessions(delivery: Delivery) -> (Session, Session) {
    let hello = hello();
    let (message, waiting) = start(&psk(), &prologue(&hello), b"");
    let (_, opened) = open(&psk(), &prologue(&hello), &message).unwrap();
    let (message, lock) = reply(opened, b"");
    let (_, cloud) = finish(waiting, &message).unwrap();
    (cloud.into_session(delivery), lock.into_session(delivery))
}

pub(crate) fn seal(session: &mut Session, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![0; 10 + body.len() + 16];
    packet[10..10 + body.len()].copy_from_slice(body);
    let length = session.seal_record(RECORD, &mut packet, body.len()).unwrap();
    assert_eq!(length, packet.len());
    packet
}
