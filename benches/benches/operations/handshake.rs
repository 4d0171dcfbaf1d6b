//! The handshake of profile S, with empty payloads, step by step and whole.
//!
//! Measured: hashing, sealing and opening of both sides, each step alone, and `both_sides` all of
//! them. Not measured: the leaf keys, packets and bodies around the messages, and the lock's Hello.

use std::hint::black_box;

use benches::records::{leaves, prologue};
use criterion::{BatchSize, Criterion};
use lock_core::crypto::{
    AwaitMessage2, Initiator, InitiatorHedge, Key, Label, LockHedge, OVERHEAD, Opened, Prepared, Responder,
    SessionKeys,
};

/// A handshake message with an empty payload.
type Message = [u8; OVERHEAD];

const FROM_CLOUD: InitiatorHedge = InitiatorHedge { attempt: 1, entropy: [0x22; 32] };
const FROM_LOCK: LockHedge = LockHedge { boot: 1, count: 1, entropy: [0x33; 32] };

pub(crate) fn group(criterion: &mut Criterion) {
    let leaves = leaves();
    let psk = leaves.leaf(Label::Session);
    let mut group = criterion.benchmark_group("handshake");
    group.bench_function("both_sides", |bencher| {
        bencher.iter(|| {
            let prepared = prepare(black_box(psk));
            let (message1, waiting) = start(psk);
            let (message2, lock) = reply(open(prepared, message1));
            (lock, finish(waiting, message2))
        });
    });
    group.bench_function("lock/prepare", |bencher| bencher.iter(|| prepare(black_box(psk))));
    group.bench_function("cloud/start", |bencher| bencher.iter(|| start(black_box(psk))));
    group.bench_function("lock/open", |bencher| {
        let ready = || (prepare(psk), start(psk).0);
        bencher.iter_batched(ready, |(prepared, message1)| open(prepared, message1), BatchSize::SmallInput);
    });
    group.bench_function("lock/reply", |bencher| {
        bencher.iter_batched(|| open(prepare(psk), start(psk).0), reply, BatchSize::SmallInput);
    });
    group.bench_function("cloud/finish", |bencher| {
        let ready = || {
            let (message1, waiting) = start(psk);
            (waiting, reply(open(prepare(psk), message1)).0)
        };
        bencher.iter_batched(ready, |(waiting, message2)| finish(waiting, message2), BatchSize::SmallInput);
    });
}

fn prepare(psk: &Key) -> Prepared {
    Responder::prepare(psk, &prologue())
}

fn start(psk: &Key) -> (Message, AwaitMessage2) {
    let mut message = [0; OVERHEAD];
    let started = Initiator::start(psk, &prologue(), &FROM_CLOUD, b"", &mut message);
    (message, started.expect("the buffer holds Message1").1)
}

fn open(prepared: Prepared, mut message1: Message) -> Opened {
    prepared.open(&mut message1).expect("the keys are the same").1
}

fn reply(opened: Opened) -> (Message, SessionKeys) {
    let mut message = [0; OVERHEAD];
    let replied = opened.reply(&FROM_LOCK, b"", &mut message);
    (message, replied.expect("the buffer holds Message2").1)
}

fn finish(waiting: AwaitMessage2, mut message2: Message) -> SessionKeys {
    waiting.finish(&mut message2).expect("the keys are the same").1
}
