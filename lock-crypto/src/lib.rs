#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]
//! What makes a smart lock's messages trustworthy: keys, handshakes, records, sealed messages and the rules against replay.
//!
//! The phone, the radio and every relay between a lock and its cloud are hostile. This crate turns bytes that they carried into
//! an [`Authenticated`] value, or into an error that tells them nothing. It has no clock, socket, heap or random source: the caller
//! hands in entropy and persists what it is told to persist. Section numbers in this crate are those of `docs/protocol.md`.
//!
//! ```text
//!            RootKey ── LeafKeys::expand ──> LeafKeys, one leaf for each purpose and direction
//!                                                │
//!           ┌──────────────── session ───────────┼──── command-down, event-up ───┐
//!           v                                    │                               v
//!   Initiator   Responder                 hedge: │ nonces            seal_sealed, open_sealed
//!      start ──────> open      Message1   handle: who am I                       │
//!     finish <────── reply     Message2          │                  HighWaterMark, CounterBlock
//!           │        │                           │                               │
//!        SessionKeys ──> Session: seal_record, open_record                       │
//!                            └───────────────> Authenticated <───────────────────┘
//!                                                   │
//!                                CommandLedger: is this command executed, and only once?
//!
//!   leaf log ──> LogChain: what happened, entry by entry ──> LogVerifier: is that all, and as it was?
//! ```
//!
//! A whole exchange:
//!
//! ```
//! use lock_crypto::{
//!     Channel, Delivery, Initiator, InitiatorHedge, KeyEpoch, KeySelector, Label, LeafKeys, LockHedge, LockId, Prologue,
//!     Responder, RootKey, RustCrypto, Session, handle, hello_nonce,
//! };
//!
//! // At manufacture. A lock keeps the leaves, its cloud keeps both.
//! let lock_id = LockId(*b"lock number 0001");
//! let root = RootKey::from_bytes::<RustCrypto>(*b"32 bytes from a random source...", lock_id)?;
//! let leaves = LeafKeys::expand::<RustCrypto>(&root, lock_id, KeyEpoch::FIRST);
//! let psk = leaves.leaf(Label::Session);
//!
//! // The lock says hello, and prepares for the selector that it expects.
//! let drawn = LockHedge { boot: 1, count: 0, entropy: [0x11; 32] };
//! let nonce = hello_nonce::<RustCrypto>(leaves.leaf(Label::Hedge), &drawn);
//! let mut hello = [0x01; 29];
//! hello[1..5].copy_from_slice(&[0x02, 1, 1, 0x01]);
//! hello[5..13].copy_from_slice(&handle::<RustCrypto>(leaves.leaf(Label::Handle), &nonce));
//! hello[13..].copy_from_slice(&nonce);
//! let prologue = Prologue {
//!     lock_id,
//!     key_epoch: KeyEpoch::FIRST,
//!     hello: &hello,
//!     version: 1,
//!     selector: KeySelector::CloudCurrent,
//! };
//! let prepared = <Responder>::prepare(psk, &prologue);
//!
//! // The cloud sends a command in its first message.
//! let mut packet = [0; 512];
//! let reserved = InitiatorHedge { attempt: 7, entropy: [0x22; 32] };
//! let (length, waiting) = <Initiator>::start(psk, &prologue, &reserved, b"unlock", &mut packet)?;
//!
//! // The lock opens it, acts, and answers.
//! let (command, opened) = prepared.open(&mut packet[..length])?;
//! assert_eq!((*command.get(), command.channel()), (b"unlock".as_slice(), Channel::LiveCloud));
//! let drawn = LockHedge { boot: 1, count: 1, entropy: [0x33; 32] };
//! let (length, keys) = opened.reply(&drawn, b"unlocked", &mut packet)?;
//! let mut lock: Session = keys.into_session(Delivery::Ordered);
//!
//! let (answer, keys) = waiting.finish(&mut packet[..length])?;
//! assert_eq!(answer.into_inner(), b"unlocked");
//! let mut cloud: Session = keys.into_session(Delivery::Ordered);
//!
//! // Records follow, in both directions.
//! packet[10..14].copy_from_slice(b"lock");
//! let length = cloud.seal_record([0x01, 0x05], &mut packet, 4)?;
//! let body = lock.open_record(&mut packet[..length])?;
//! assert_eq!(body.into_inner(), b"lock");
//! lock.accept_command()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The example speaks profile S. With the feature `x25519`, `profile_x` has the same steps with an ephemeral key on each side, and
//! with that forward secrecy.
//!
//! The primitives come through one type parameter, [`Suite`], with [`RustCrypto`] as the default. With `--cfg lock_model` the
//! state types gain `Clone`, `PartialEq`, `Eq` and `Hash` for model checkers; no other build can copy a key or a counter.

#[cfg(test)]
extern crate std;

mod authenticated;
mod backup;
mod claim;
mod digest;
mod handshake;
pub mod hedge;
pub mod kdf;
mod key;
mod keys;
pub mod ledger;
pub mod log;
mod mark;
pub mod offline_code;
mod order;
mod parts;
mod pin;
pub mod profile_s;
#[cfg(feature = "x25519")]
pub mod profile_x;
mod prologue;
mod recognition;
pub mod record;
mod reserve;
pub mod rotation;
pub mod sealed;
mod suite;
mod symmetric;
pub mod ticket;
pub mod window;
#[cfg(feature = "x25519")]
mod x25519;

pub use authenticated::{Authenticated, Channel};
pub use backup::{BACKUP_HEADER, BackupHeader, open_backup, seal_backup};
pub use claim::{BlankClaimKey, ClaimKey};
pub use digest::{CommandDigest, MAX_ACTION_PARTS, digest8};
pub use hedge::{InitiatorHedge, LockHedge, hello_nonce, sealed_up_random};
pub use kdf::{expand, extract};
pub use key::{Key, RootKey, RootKeyError};
pub use keys::{BlankLeaves, KeyEpoch, Label, LeafKeys, LockId};
pub use ledger::{CommandLedger, Judgement, LedgerError, NotStarted, Permit, PermitOvertaken, Progress};
pub use log::{
    FirstKey, HandOver, LogChain, LogFault, LogGround, LogHead, LogKeyErased, LogLink, LogMac, LogVerifier,
    Missing, Walked,
};
pub use mark::{HighWaterMark, MAX_JUMP, NewMark, Verdict};
pub use offline_code::{CodeKey, NineDigits};
pub use order::Delivery;
pub use pin::{SecretHash, find_secret, pin_key_check};
pub use profile_s::{AwaitMessage2, BufferTooSmall, Initiator, OVERHEAD, Opened, Prepared, Responder};
pub use prologue::{HELLO, KeySelector, Prologue, Role};
pub use recognition::{advertisement_mark, handle};
pub use record::{RECORD_HEADER, RecordError, SealError, Session, SessionKeys, StaleCommand};
pub use reserve::{CounterBlock, CountersExhausted, NeedReserve, Reservation, UP_BLOCK};
pub use sealed::{Direction, SEALED_HEADER, SealedHeader, SealedMessage, open_sealed, seal_sealed};
pub use suite::{
    ChipCrypto, ChipHmacKey, ChipSha256, HmacKey, OpenError, RunningHash, RunningSha256, RustCrypto,
    RustCryptoHmacKey, Suite, TAG,
};
pub use ticket::{ChainTag, TicketScope, holder_value};
pub use window::ReplayWindow;
