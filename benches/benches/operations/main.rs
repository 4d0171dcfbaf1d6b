#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "the macro of criterion makes undocumented functions")]
//! What each operation costs, with criterion: `cargo bench -p benches`; each group says what it measures and what not.
//!
//! Everything runs in memory on one thread. Times of different runs are not comparable on a machine that does other things: compare
//! within one run, as a record with the AEAD beside it.

mod device;
mod encode_decode;
mod handshake;
mod journal;
mod record;
mod sealed;
mod state;

use criterion::{criterion_group, criterion_main};

criterion_group!(
    operations,
    encode_decode::group,
    handshake::group,
    record::group,
    sealed::group,
    state::group,
    journal::group,
    device::group
);
criterion_main!(operations);
