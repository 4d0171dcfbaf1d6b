//! A smart lock on simulated hardware: the very core that firmware links, driven through real power cuts.
//!
//! ```text
//!   phone ── TCP, COBS ──┐                     ┌── Journal ── flash (a file, or memory)
//!                        v                     │
//!                    Controller ── Device ─────┤
//!                        ^                     │
//!   test bench ──────────┘                     └── World: motor, bolt, switches, door, battery, keypad
//! ```
//!
//! [`hardware`] is the physical world in virtual time; it outlives the processor. [`controller`] is the firmware's run loop
//! around [`Device`](lock_core::device::Device), with a named boundary between any two things that it does, at which a
//! [`Harness`](controller::Harness) can cut the power. Both are pure. With feature `service`, [`service`] runs them in real time
//! behind sockets: that is the program `lock-sim`. [`owner`] is a cloud in the same process, for tests and for the panel, in which a
//! person plays with a lock (feature `panel`, `lock-sim --panel`).
//!
//! ```
//! use lock_core::crypto::{LockId, RootKey, RustCrypto};
//! use lock_core::proto::BoltPosition;
//! use lock_sim::controller::{Controller, Steady, provision};
//! use lock_sim::hardware::{Moment, Press, World};
//! use lock_store::host::MemoryFlash;
//!
//! let lock_id = LockId([7; 16]);
//! let root = RootKey::from_bytes::<RustCrypto>(std::array::from_fn(|place| place as u8), lock_id)?;
//! let mut flash = MemoryFlash::<4, 8192>::new(4);
//! provision(&mut flash, &root, lock_id, &[1; 32])?;
//!
//! let mut lock = Controller::boot(&mut flash, World::new(Moment(0)), [2; 32])?;
//! lock.step(Moment(10), &mut Steady)?;
//! lock.world_mut().press(Press::LockButton);
//! lock.step(Moment(2_000), &mut Steady)?;
//! assert_eq!(lock.world().truth().bolt, BoltPosition::Extended);
//! assert!(lock.status().is_locked());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

pub mod controller;
pub mod hardware;
pub mod loader;
pub mod owner;
#[cfg(feature = "panel")]
mod panel;
#[cfg(feature = "service")]
pub mod service;

#[cfg(feature = "service")]
pub use service::run;
