//! Peers that prove themselves to the lock by the real handshake and the real sealed messages.

use lock_crypto::hedge::{InitiatorHedge, LockHedge};
use lock_crypto::profile_s::{Initiator, Responder};
use lock_crypto::{
    Authenticated, Channel, Delivery, Direction, KeyEpoch, KeySelector, Label, LeafKeys, LockId, Prologue,
    RootKey, RustCrypto, SealedHeader, open_sealed, seal_sealed,
};

const LOCK: LockId = LockId(*b"lock number 0001");

fn leaves() -> LeafKeys {
    let root = RootKey::from_bytes::<RustCrypto>(*b"32 bytes from a random source...", LOCK).unwrap();
    LeafKeys::expand::<RustCrypto>(&root, LOCK, KeyEpoch::FIRST)
}

fn session<T>(selector: KeySelector<'_>, value: T) -> Authenticated<T> {
    let leaves = leaves();
    let hello = [1; 29];
    let prologue =
        Prologue { lock_id: LOCK, key_epoch: KeyEpoch::FIRST, hello: &hello, version: 1, selector };
    let prepared = <Responder>::prepare(leaves.leaf(Label::Session), &prologue);
    let mut packet = [0; 64];
    let hedge = InitiatorHedge { attempt: 1, entropy: [2; 32] };
    let psk = leaves.leaf(Label::Session);
    let (length, _) = <Initiator>::start(psk, &prologue, &hedge, b"", &mut packet).unwrap();
    let (opened, _) = prepared.open(&mut packet[..length]).unwrap();
    opened.map(|_| value)
}

/// What the cloud says in a live session.
pub(crate) fn live_cloud<T>(value: T) -> Authenticated<T> {
    session(KeySelector::CloudCurrent, value)
}

/// What the holder of a virtual key says.
pub(crate) fn live_holder<T>(value: T) -> Authenticated<T> {
    session(KeySelector::Ticket(b"ticket"), value)
}

/// What somebody says who claims the lock.
pub(crate) fn live_claimer<T>(value: T) -> Authenticated<T> {
    session(KeySelector::Claim, value)
}

fn sealed<T>(direction: Direction, value: T) -> Authenticated<T> {
    let leaves = leaves();
    let header = SealedHeader { prefix: [1, 6], key_epoch: KeyEpoch::FIRST, counter: 1, random: [3; 16] };
    let mut packet = [0; 64];
    let length = seal_sealed::<RustCrypto>(&leaves, direction, &header, &mut packet, 1).unwrap();
    open_sealed::<RustCrypto>(&leaves, direction, &mut packet[..length]).unwrap().map(|_| value)
}

/// What the cloud sealed for later.
pub(crate) fn sealed_cloud<T>(value: T) -> Authenticated<T> {
    sealed(Direction::Down, value)
}

/// What a lock sealed: reflected at it.
pub(crate) fn sealed_lock<T>(value: T) -> Authenticated<T> {
    sealed(Direction::Up, value)
}

/// What a lock says in a live session: reflected at it.
pub(crate) fn live_lock<T>(value: T) -> Authenticated<T> {
    let leaves = leaves();
    let hello = [1; 29];
    let selector = KeySelector::CloudCurrent;
    let prologue =
        Prologue { lock_id: LOCK, key_epoch: KeyEpoch::FIRST, hello: &hello, version: 1, selector };
    let psk = leaves.leaf(Label::Session);
    let prepared = <Responder>::prepare(psk, &prologue);
    let (mut first, mut second) = ([0; 64], [0; 64]);
    let hedge = InitiatorHedge { attempt: 1, entropy: [2; 32] };
    let (length, waiting) = <Initiator>::start(psk, &prologue, &hedge, b"", &mut first).unwrap();
    let (_, opened) = prepared.open(&mut first[..length]).unwrap();
    let hedge = LockHedge { boot: 1, count: 1, entropy: [4; 32] };
    let (length, _) = opened.reply(&hedge, b"", &mut second).unwrap();
    let (answer, keys) = waiting.finish(&mut second[..length]).unwrap();
    let _: lock_crypto::Session = keys.into_session(Delivery::Ordered);
    answer.map(|_| value)
}

#[test]
fn each_peer_speaks_over_its_own_channel() {
    assert_eq!(live_cloud(()).channel(), Channel::LiveCloud);
    assert_eq!(live_holder(()).channel(), Channel::LiveHolder);
    assert_eq!(live_claimer(()).channel(), Channel::LiveClaim);
    assert_eq!(sealed_cloud(()).channel(), Channel::SealedCloud);
    assert_eq!(live_lock(()).channel(), Channel::LiveLock);
    assert_eq!(sealed_lock(()).channel(), Channel::SealedLock);
}
