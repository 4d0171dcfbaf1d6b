//! A cloud service for a fleet of smart locks: it decides who may do what, and keeps every lock's keys and numbers.
//!
//! ```text
//!   admin, apps ── REST, JSON ──────────> ┌─────────┐      ┌ access: users, tokens, rights
//!                                         │ service │ ──── ┤
//!   phone ── WebSocket, packets + text ─> └─────────┘      └ lock-fleet: keys, numbers, queues, audit
//!     └── TCP ── lock
//! ```
//!
//! A phone is a relay: whatever it brings is checked by the core, and its user's rights are looked up for each command, also within a
//! session that is open. The service speaks plain HTTP on loopback; a TLS proxy stands before it.
//!
//! Without the feature `service` this is what a program that talks to the service needs: [`messages`] and [`client`].
#![forbid(unsafe_code)]

pub mod client;
pub mod messages;

mod right;

#[cfg(feature = "service")]
pub mod access;
#[cfg(feature = "service")]
mod arguments;
#[cfg(feature = "service")]
mod firmware;
#[cfg(feature = "service")]
mod http;
#[cfg(feature = "service")]
mod initialise;
#[cfg(feature = "service")]
pub mod log;
#[cfg(feature = "service")]
mod maker_secrets;
#[cfg(feature = "service")]
mod operate;
#[cfg(feature = "service")]
mod private_file;
#[cfg(feature = "service")]
mod relay;
#[cfg(feature = "service")]
mod run;
#[cfg(feature = "service")]
mod service;
#[cfg(feature = "service")]
mod wish_name;

pub use right::{Right, Rights};

#[cfg(feature = "service")]
pub use initialise::{InitialiseError, Places, initialise};
#[cfg(feature = "service")]
pub use maker_secrets::{ImportError, Imported, import_maker_secrets};
#[cfg(feature = "service")]
pub use operate::OperateError;
#[cfg(feature = "service")]
pub use run::{Failure, run};
#[cfg(feature = "service")]
pub use service::Service;
