//! Nonces that do not rest on a random source alone (section 3.4).
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
    lock_nonce::<S>(hedge_leaf, b"lk1/hello\0", hedge)
}

/// The random field of a message sealed by the lock, from the lock's `hedge` leaf.
#[must_use]
pub fn sealed_up_random<S: Suite>(hedge_leaf: &Key, hedge: &LockHedge) -> [u8; NONCE] {
    lock_nonce::<S>(hedge_leaf, b"lk1/sealed-up\0", hedge)
}

/// The initiator's nonce in Message1 of profile S; its role is the one that the prologue's selector determines.
#[must_use]
pub fn message1_nonce<S: Suite>(
    psk: &Key,
    prologue: &Prologue<'_>,
    payload: &[u8],
    hedge: &InitiatorHedge,
) -> [u8; NONCE] {
    let mut nonce = [0; NONCE];
    let info: [&[u8]; 6] = [
        b"lk1/m1\0",
        &[prologue.selector.initiator().byte()],
        &hedge.attempt.to_be_bytes(),
        &prologue.hash::<S>(),
        &S::hash(&[payload]),
        &hedge.entropy,
    ];
    expand::<S, _, _>(psk, info, &mut nonce);
    nonce
}

/// The lock's nonce in Message2 of profile S; `handshake_hash` is `h` after Message1.
#[must_use]
pub fn message2_nonce<S: Suite>(
    psk: &Key,
    handshake_hash: &[u8; 32],
    payload: &[u8],
    hedge: &LockHedge,
) -> [u8; NONCE] {
    let mut nonce = [0; NONCE];
    let info: [&[u8]; 7] = [
        b"lk1/m2\0",
        &[Role::Lock.byte()],
        &hedge.boot.to_be_bytes(),
        &hedge.count.to_be_bytes(),
        handshake_hash,
        &S::hash(&[payload]),
        &hedge.entropy,
    ];
    expand::<S, _, _>(psk, info, &mut nonce);
    nonce
}

fn lock_nonce<S: Suite>(hedge_leaf: &Key, label: &[u8], hedge: &LockHedge) -> [u8; NONCE] {
    let mut nonce = [0; NONCE];
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
