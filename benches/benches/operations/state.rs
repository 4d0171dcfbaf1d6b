//! The lock itself: its decisions and steps, without cryptography and storage.
//!
//! Measured: [`decide`] alone, single inputs of a [`Lock`], its status, and a round of five inputs that opens and closes a
//! door (order, two readings of the bolt, button, reading). Not measured: what an effect costs once it is followed.

use std::hint::black_box;

use benches::records::{leaves, prologue};
use criterion::{Criterion, Throughput};
use lock_core::crypto::{Authenticated, Initiator, InitiatorHedge, Label, OVERHEAD, Responder};
use lock_core::proto::{
    BatteryLevel, BoltPosition, CommandId, DoorState, Latch, Mode, RemoteAtUnknown, Seconds, UnixMillis,
    Uptime,
};
use lock_core::state::{
    ActionKind, Ask, BootInfo, ClockReading, Configuration, Deed, DoorReading, Drive, Lock, Order, Saved,
    Situation, Source, Upkeep, decide,
};

pub(crate) fn group(criterion: &mut Criterion) {
    decisions(criterion);
    inputs(criterion);
    round(criterion);
}

fn decisions(criterion: &mut Criterion) {
    let issued_at = UnixMillis(1_800_000_000_000);
    let live = Ask { action: ActionKind::Unlock, source: Source::RemoteLive };
    let sealed = Source::RemoteSealed { issued_at, not_after: Some(issued_at.plus_millis(60_000)) };
    let sealed = Ask { action: ActionKind::Unlock, source: sealed };
    let situation = Situation {
        bolt: BoltPosition::Extended,
        door: DoorState::Closed,
        battery: BatteryLevel::Good,
        mode: Mode::Normal,
        latch: Latch::None,
        remote_at_unknown: RemoteAtUnknown::Refuse,
        is_resetting: false,
        clock: ClockReading::Trusted { earliest: issued_at, latest: issued_at.plus_millis(2_000) },
        lockout: Seconds(0),
    };
    let mut group = criterion.benchmark_group("state");
    for (name, ask) in [("live_unlock", live), ("sealed_unlock", sealed)] {
        group.bench_function(format!("decide/{name}"), |bencher| {
            bencher.iter(|| decide(black_box(&ask), None, black_box(&situation)));
        });
    }
}

fn inputs(criterion: &mut Criterion) {
    let mut lock = bolted();
    let mut now = Uptime::from_millis(1_000);
    let mut group = criterion.benchmark_group("state");
    group.bench_function("input/door_sensed", |bencher| {
        let mut position = DoorReading::Open;
        bencher.iter(|| {
            position = if position == DoorReading::Open { DoorReading::Closed } else { DoorReading::Open };
            now = now.plus_millis(1_000);
            lock.door_sensed(black_box(position), now)
        });
    });
    group.bench_function("input/nothing_new", |bencher| {
        bencher.iter(|| lock.bolt_sensed(black_box(BoltPosition::Extended), now));
    });
    group.bench_function("input/tick", |bencher| bencher.iter(|| lock.handle_timeout(black_box(now))));
    group.bench_function("status", |bencher| bencher.iter(|| lock.status(black_box(now))));
}

fn round(criterion: &mut Criterion) {
    let message = authenticated();
    let mut lock = bolted();
    let (mut now, mut id) = (Uptime::from_millis(1_000), 0);
    let mut group = criterion.benchmark_group("state");
    group.throughput(Throughput::Elements(5));
    group.bench_function("round/5_inputs", |bencher| {
        bencher.iter(|| {
            id += 1;
            now = now.plus_millis(1_000);
            let order = message.as_ref().map(|()| Order {
                id: CommandId(id),
                deed: Deed::Unlock,
                source: Source::RemoteLive,
            });
            let started = lock.order(order, now);
            assert!(started.is_ok_and(|effects| effects.motor == Some(Drive::Retract)), "the bolt is thrown");
            let _ = black_box(lock.bolt_sensed(BoltPosition::Between, now.plus_millis(100)));
            let _ = black_box(lock.bolt_sensed(BoltPosition::Retracted, now.plus_millis(500)));
            let _ = black_box(lock.outside_button(now.plus_millis(600)));
            lock.bolt_sensed(BoltPosition::Extended, now.plus_millis(900))
        });
    });
}

/// A lock whose bolt is thrown and whose door is closed.
fn bolted() -> Lock {
    let start = Uptime::from_millis(0);
    let mut lock =
        Lock::boot(Saved::default(), Upkeep::default(), Configuration::default(), BootInfo::default(), start);
    let _ = lock.bolt_sensed(BoltPosition::Extended, start);
    let _ = lock.door_sensed(DoorReading::Closed, start);
    lock
}

/// The proof of a live message of the cloud, without which there is no order.
fn authenticated() -> Authenticated<()> {
    let leaves = leaves();
    let psk = leaves.leaf(Label::Session);
    let mut message = [0; OVERHEAD];
    let hedge = InitiatorHedge { attempt: 1, entropy: [0x22; 32] };
    <Initiator>::start(psk, &prologue(), &hedge, b"", &mut message).expect("the buffer holds Message1");
    let (payload, _) =
        <Responder>::prepare(psk, &prologue()).open(&mut message).expect("the keys are the same");
    payload.map(|_| ())
}
