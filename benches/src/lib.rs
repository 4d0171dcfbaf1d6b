#![forbid(unsafe_code)]
//! What the measurements share: both ends of a link in one process, records beside the raw AEAD, counted hashing.
//!
//! ```text
//! src/bin/session-cost   counted and compared figures with limits: memory, bytes, hash compressions, records beside the AEAD
//! benches/operations     times of each operation, with criterion
//! ```
//!
//! A time says something only beside another time of the same process: so every limit here is a ratio or a count.

pub mod counting;
pub mod pair;
pub mod ratio;
pub mod records;
