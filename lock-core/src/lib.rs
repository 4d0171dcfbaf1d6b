//! One verified core for smart locks, in its three roles: the [`device`] on the door, the [`cloud`] that authorises, and the
//! [`holder`]'s phone that carries bytes between them and is trusted by neither. A cloud is the [`claimer`] of a lock before it is its
//! cloud.
//!
//! ```text
//!   cloud                        phone, relay, radio                      device
//!   +-----------+                +-----------------+                +----------------+
//!   | LockKeys  |   Message1     |                 |    Hello       | keys           |
//!   | Connecting| -------------> |  can drop and   | <------------- | counters       |
//!   | Session   |   Message2     |  delay, cannot  |                | deadbolt       |
//!   | seal_down | <------------- |  read or forge  |                | run loop       |
//!   +-----------+                +-----------------+                +----------------+
//! ```
//!
//! Sans-IO: no clock, socket, pin, heap or random source inside. Time is an argument, bytes come in and go out, and what must be
//! durable is an output that the caller stores before it goes on. The same code runs in firmware, services and simulators.
//!
//! ```
//! use lock_core::cloud::{Connecting, LockKeys, Monotonic};
//! use lock_core::crypto::hedge::InitiatorHedge;
//! use lock_core::crypto::{Delivery, KeyEpoch, LockId, RootKey, RustCrypto};
//! use lock_core::device::{self, Device, Input, LinkId, Output, Stored};
//! use lock_core::device::RecordTag;
//! use lock_core::proto::{Action, BoltPosition, BootReason, CommandId, Down, Opening, Request, Uptime};
//!
//! // At manufacture: the same root for the lock and its cloud.
//! let lock_id = LockId([7; 16]);
//! let root = RootKey::from_bytes::<RustCrypto>(core::array::from_fn(|i| i as u8), lock_id)?;
//! let record = device::provision::<RustCrypto>(&root, lock_id, &[1; 32]);
//! let keys = LockKeys::<RustCrypto>::expand(&root, lock_id, KeyEpoch::FIRST);
//!
//! // The lock boots; `run` does what it asks for, and returns what it sends.
//! let now = Uptime::from_millis(100);
//! let stored = Stored::default().with(RecordTag::Keys, &record);
//! let mut lock: Device = Device::boot(&stored, [2; 32], BootReason::PowerOn, now)?;
//! let mut run = |input: Input<'_>| {
//!     lock.handle(input, now).expect("no backlog");
//!     let (mut sent, mut pending, mut buffer) = (vec![], None, [0; 512]);
//!     while let Some(output) = lock.poll_output(now, &mut buffer) {
//!         match output {
//!             Output::Persist { id, .. } => pending = Some(id), // a real lock writes its flash here
//!             Output::Transmit { packet, .. } => sent.push(packet.to_vec()),
//!             other => println!("the lock does {other:?}"),
//!         }
//!         if let Some(id) = pending.take() {
//!             lock.persisted(id).expect("one at a time");
//!         }
//!     }
//!     sent
//! };
//! run(Input::Bolt(BoltPosition::Extended));
//! let hello = run(Input::LinkUp { link: LinkId(0), delivery: Delivery::Ordered }).remove(0);
//!
//! // The cloud answers the lock's Hello with the command itself: the door opens after one round trip.
//! let request = Request::Command { id: CommandId(1), action: Action::Unlock };
//! let (mut message1, hedge) = ([0; 128], InitiatorHedge { attempt: 1, entropy: [3; 32] });
//! let opening = Down { header: Opening { time: None }, request };
//! let (length, connecting) = Connecting::start(&keys, &hello, &opening, &hedge, &mut message1)?;
//! let mut message2 = run(Input::Packet { link: LinkId(0), packet: &mut message1[..length] }).remove(0);
//! let (answer, _, _session) = connecting.finish(&mut message2, Delivery::Ordered, Monotonic(0))?;
//! println!("{:?}", answer.get().reply);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::unreachable
    )
)]

pub mod claimer;
pub mod cloud;
pub mod device;
mod handshake;
pub mod holder;
pub mod label;
pub mod virtual_key;

pub use lock_crypto as crypto;
pub use lock_proto as proto;
pub use lock_state as state;
