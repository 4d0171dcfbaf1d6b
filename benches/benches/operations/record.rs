//! Records of a live session beside the raw AEAD of the same crate, by the length of the body in bytes.
//!
//! Measured: sealing and opening in place, on both sides with the set-up of the cipher from its key. Not measured: encoding,
//! and the handshake that each batch of 256 begins with. A packet on the wire ends at 512 bytes; the longest here is for
//! the trend.

use std::time::Duration;

use benches::records::{Batch, leaves};
use criterion::{BenchmarkId, Criterion, Throughput};

const BODIES: [usize; 4] = [16, 64, 256, 1024];

/// A way to use a batch, and the name under which it appears.
type Way = (&'static str, fn(&mut Batch) -> Duration);

const WAYS: [Way; 4] = [
    ("seal", Batch::seal),
    ("seal_raw", Batch::seal_raw),
    ("open", |batch| {
        batch.seal();
        batch.open()
    }),
    ("open_raw", |batch| {
        batch.seal_raw();
        batch.open_raw()
    }),
];

pub(crate) fn group(criterion: &mut Criterion) {
    let leaves = leaves();
    let mut group = criterion.benchmark_group("record");
    for body in BODIES {
        group.throughput(Throughput::Bytes(body as u64));
        for (name, way) in WAYS {
            group.bench_function(BenchmarkId::new(name, body), |bencher| {
                bencher.iter_custom(|iterations| {
                    let mut left = iterations;
                    let mut taken = Duration::ZERO;
                    while left > 0 {
                        let records = left.min(Batch::MOST as u64);
                        taken += way(&mut Batch::new(&leaves, body, records as usize));
                        left -= records;
                    }
                    taken
                });
            });
        }
    }
}
