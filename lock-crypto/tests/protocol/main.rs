//! What a lock, its cloud and a hostile relay between them see of this crate.

mod backup;
mod common;
mod compressions;
mod counters;
mod handshake;
mod keys;
mod known_answers;
mod ledger;
mod log;
mod log_epochs;
mod offline_codes;
mod pins;
mod printed;
#[cfg(feature = "x25519")]
mod profile_x;
mod records;
mod sealed;
mod window;
