//! Bytes and values, without any cryptography.
//!
//! Measured: cutting packets at their seams, bodies to and from bytes, stream frames and
//! fragments. Not measured: whatever carries the bytes.

use std::hint::black_box;

use benches::pair::Pair;
use criterion::{BatchSize, Criterion, Throughput};
use lock_core::proto::{
    Action, CommandId, Down, Event, Fragmenter, Live, MAX_FRAGMENT, MAX_PACKET, MIN_FRAGMENT, Packet,
    Reassembler, Report, ReportBody, Request, Uptime, frame,
};

/// As long as a Message2 with some answer: the length at which other framings are usually compared.
const FRAMED: usize = 88;

pub(crate) fn group(criterion: &mut Criterion) {
    packets(criterion);
    bodies(criterion);
    frames(criterion);
    fragments(criterion);
}

fn packets(criterion: &mut Criterion) {
    let mut pair = <Pair>::new(1, Uptime::from_millis(60_000));
    let (_, mut session) = pair.session(Request::Nothing);
    let record = pair.command(&mut session, Action::Unlock);
    let hello = pair.connect();
    let unlock = pair.next_command(Action::Unlock);
    let (message1, _) = pair.message1(&hello, unlock);
    let mut group = criterion.benchmark_group("encode_decode");
    for (name, packet) in [("hello", &hello), ("message1", &message1), ("record", &record)] {
        group.bench_function(format!("parse/{name}"), |bencher| {
            bencher.iter(|| Packet::parse(black_box(packet.bytes())).is_ok());
        });
    }
}

fn bodies(criterion: &mut Criterion) {
    let pair = <Pair>::new(1, Uptime::from_millis(60_000));
    let unlock = Down {
        header: Live { valid_until: Uptime::from_millis(64_000) },
        request: Request::Command { id: CommandId(1_000), action: Action::Unlock },
    };
    let changed = ReportBody::Event(Event::Changed(pair.lock.status(pair.now)));
    let status = Report { uptime: pair.now, body: changed };
    let (mut command_bytes, mut report_bytes) = ([0; Down::<Live>::MAX_BYTES], [0; MAX_PACKET]);
    let command = unlock.encode(&mut command_bytes).expect("MAX_BYTES suffice");
    let report = status.encode(&mut report_bytes).expect("a report is shorter than a packet");
    let mut buffer = [0; MAX_PACKET];
    let mut group = criterion.benchmark_group("encode_decode");
    group.bench_function("body/encode_unlock", |bencher| {
        bencher.iter(|| black_box(&unlock).encode(black_box(&mut buffer)).is_ok());
    });
    group.bench_function("body/decode_unlock", |bencher| {
        bencher.iter(|| Down::<Live>::decode(black_box(command)));
    });
    group.bench_function("body/encode_status", |bencher| {
        bencher.iter(|| black_box(&status).encode(black_box(&mut buffer)).is_ok());
    });
    group.bench_function("body/decode_status", |bencher| {
        bencher.iter(|| Report::decode(black_box(report)));
    });
}

/// Bytes that look like ciphertext, with a zero here and there.
fn noise<const LENGTH: usize>() -> [u8; LENGTH] {
    std::array::from_fn(|place| (place * place * 31 + place * 7) as u8)
}

fn frames(criterion: &mut Criterion) {
    let packet: [u8; FRAMED] = noise();
    let mut out = [0; frame::MAX_ENCODED];
    let framed = frame::encode(&packet, &mut out).expect("MAX_ENCODED bytes suffice").to_vec();
    let mut deframer = frame::Deframer::new();
    let mut group = criterion.benchmark_group("encode_decode");
    group.throughput(Throughput::Bytes(FRAMED as u64));
    group.bench_function(format!("frame/encode/{FRAMED}"), |bencher| {
        bencher.iter(|| frame::encode(black_box(&packet), black_box(&mut out)).is_ok());
    });
    group.bench_function(format!("frame/decode/{FRAMED}"), |bencher| {
        bencher.iter(|| deframer.push_slice(black_box(&framed)).1.is_some());
    });
}

fn fragments(criterion: &mut Criterion) {
    let packet: [u8; FRAMED] = noise();
    let mut out = [0; MAX_FRAGMENT];
    let mut fragmenter = Fragmenter::new(&packet, MIN_FRAGMENT).expect("both lengths are in range");
    let cut: Vec<Vec<u8>> =
        std::iter::from_fn(|| fragmenter.next_into(&mut out).map(|part| part.to_vec())).collect();
    let mut group = criterion.benchmark_group("encode_decode");
    group.throughput(Throughput::Bytes(FRAMED as u64));
    group.bench_function(format!("fragments/cut/{FRAMED}"), |bencher| {
        bencher.iter(|| {
            let mut parts =
                Fragmenter::new(black_box(&packet), MIN_FRAGMENT).expect("both lengths are in range");
            while let Some(part) = parts.next_into(&mut out) {
                black_box(part);
            }
        });
    });
    group.bench_function(format!("fragments/assemble/{FRAMED}"), |bencher| {
        bencher.iter_batched_ref(
            Reassembler::new,
            |reassembler| {
                let now = Uptime::from_millis(5);
                cut.iter()
                    .filter(|part| matches!(reassembler.push(black_box(part), now), Ok(Some(_))))
                    .count()
            },
            BatchSize::SmallInput,
        );
    });
}
