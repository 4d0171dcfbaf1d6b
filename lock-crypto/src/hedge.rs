//! Nonces, and ephemeral secrets, that do not rest on a random source alone (section 3.4).
//!
//! A stuck or repeating random source never repeats a nonce, because each also takes a number that is persisted before use;
//! a number that was lost with its storage never repeats one either, as long as the random source is sound.

use crate::kdf::expand;
use crate::key::Key;
use crate::prologue::{Prologue, Role};
use crate::suite::Suite;
use core::fmt;

/// Length of each nonce, in bytes.
pub const NONCE: usize = 16;

/// What a lock draws a nonce from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LockHedge {
    /// A counter that the lock persists before it sends anything in this boot.
    pub boot: u64,
    /// Grows by one for each nonce drawn in this boot, whatever its purpose.
    pub count: u64,
    /// 32 bytes from the device's random source.
    pub entropy: [u8; 32],
}

/// What an initiator draws a nonce from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct InitiatorHedge {
    /// A number reserved in storage for this handshake alone.
    pub attempt: u64,
    /// 32 bytes from a random source.
    pub entropy: [u8; 32],
}

/// The nonce of a Hello, from the lock's `hedge` leaf.
#[must_use]
pub fn hello_nonce<S: Suite>(hedge_leaf: &Key, hedge: &LockHedge) -> [u8; NONCE] {
    lock_nonce::<S, NONCE>(hedge_leaf, b"lk1/hello\0", hedge)
}

/// The random field of a message sealed by the lock, from the lock's `hedge` leaf.
#[must_use]
pub fn sealed_up_random<S: Suite>(hedge_leaf: &Key, hedge: &LockHedge) -> [u8; NONCE] {
    lock_nonce::<S, NONCE>(hedge_leaf, b"lk1/sealed-up\0", hedge)
}

/// The lock's share of the next root (section 3.7), from the lock's `hedge` leaf.
#[must_use]
pub fn rotation_share<S: Suite>(hedge_leaf: &Key, hedge: &LockHedge) -> Key {
    Key::take(&mut lock_nonce::<S, 32>(hedge_leaf, b"lk1/rotation-draw\0", hedge))
}

/// The initiator's nonce in Message1 of profile S; its role is the one that the prologue's selector determines.
#[must_use]
pub fn message1_nonce<S: Suite>(
    psk: &Key,
    prologue: &Prologue<'_>,
    payload: &[u8],
    hedge: &InitiatorHedge,
) -> [u8; NONCE] {
    initiator_draw::<S, NONCE>(psk, b"lk1/m1\0", prologue, payload, hedge)
}

/// The lock's nonce in Message2 of profile S; `handshake_hash` is `h` after Message1.
#[must_use]
pub fn message2_nonce<S: Suite>(
    psk: &Key,
    handshake_hash: &[u8; 32],
    payload: &[u8],
    hedge: &LockHedge,
) -> [u8; NONCE] {
    responder_draw::<S, NONCE>(psk, b"lk1/m2\0", handshake_hash, payload, hedge)
}

/// The initiator's ephemeral secret in profile X: 32 bytes for X25519, before its clamping.
#[cfg(feature = "x25519")]
#[must_use]
pub fn message1_ephemeral<S: Suite>(
    psk: &Key,
    prologue: &Prologue<'_>,
    payload: &[u8],
    hedge: &InitiatorHedge,
) -> Key {
    Key::take(&mut initiator_draw::<S, 32>(psk, b"lk1/m1-x\0", prologue, payload, hedge))
}

/// The lock's ephemeral secret in profile X; `handshake_hash` is `h` after Message1.
#[cfg(feature = "x25519")]
#[must_use]
pub fn message2_ephemeral<S: Suite>(
    psk: &Key,
    handshake_hash: &[u8; 32],
    payload: &[u8],
    hedge: &LockHedge,
) -> Key {
    Key::take(&mut responder_draw::<S, 32>(psk, b"lk1/m2-x\0", handshake_hash, payload, hedge))
}

fn initiator_draw<S: Suite, const N: usize>(
    psk: &Key,
    label: &[u8],
    prologue: &Prologue<'_>,
    payload: &[u8],
    hedge: &InitiatorHedge,
) -> [u8; N] {
    let mut drawn = [0; N];
    let info: [&[u8]; 6] = [
        label,
        &[prologue.selector.initiator().byte()],
        &hedge.attempt.to_be_bytes(),
        &prologue.hash::<S>(),
        &S::hash(&[payload]),
        &hedge.entropy,
    ];
    expand::<S, _, _>(psk, info, &mut drawn);
    drawn
}

fn responder_draw<S: Suite, const N: usize>(
    psk: &Key,
    label: &[u8],
    handshake_hash: &[u8; 32],
    payload: &[u8],
    hedge: &LockHedge,
) -> [u8; N] {
    let mut drawn = [0; N];
    let info: [&[u8]; 7] = [
        label,
        &[Role::Lock.byte()],
        &hedge.boot.to_be_bytes(),
        &hedge.count.to_be_bytes(),
        handshake_hash,
        &S::hash(&[payload]),
        &hedge.entropy,
    ];
    expand::<S, _, _>(psk, info, &mut drawn);
    drawn
}

fn lock_nonce<S: Suite, const N: usize>(hedge_leaf: &Key, label: &[u8], hedge: &LockHedge) -> [u8; N] {
    let mut nonce = [0; N];
    let info: [&[u8]; 4] = [label, &hedge.boot.to_be_bytes(), &hedge.count.to_be_bytes(), &hedge.entropy];
    expand::<S, _, _>(hedge_leaf, info, &mut nonce);
    nonce
}

impl fmt::Debug for LockHedge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "LockHedge {{ boot: {}, count: {}, .. }}", self.boot, self.count)
    }
}

impl fmt::Debug for InitiatorHedge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "InitiatorHedge {{ attempt: {}, .. }}", self.attempt)
    }
}
