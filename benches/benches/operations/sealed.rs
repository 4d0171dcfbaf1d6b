//! Sealed messages for a lock that is not reached now, beside the raw XChaCha20-Poly1305 of the same crate.
//!
//! Measured: the subkey, sealing and opening of a body of 64 bytes in place, and a whole unlock as the cloud seals it, with its
//! encoding. Not measured: taking the number durably, which costs the cloud far more than all of this.

use std::hint::black_box;

use benches::pair::Pair;
use benches::records::leaves;
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use criterion::{BatchSize, Criterion};
use lock_core::cloud::seal_down;
use lock_core::crypto::{
    Direction, KeyEpoch, RustCrypto, SEALED_HEADER, SealedHeader, TAG, open_sealed, seal_sealed,
};
use lock_core::proto::{Action, CommandId, Down, Kind, MAX_PACKET, Request, Sealed, UnixMillis, Uptime};

const BODY: usize = 64;
const PACKET: usize = SEALED_HEADER + BODY + TAG;

pub(crate) fn group(criterion: &mut Criterion) {
    let leaves = leaves();
    let header = SealedHeader {
        prefix: Kind::SealedDown.prefix(),
        key_epoch: KeyEpoch::FIRST,
        counter: 1_000,
        random: [0x3c; 16],
    };
    let mut packet = [0x42; PACKET];
    let mut group = criterion.benchmark_group("sealed");
    group.bench_function(format!("seal/{BODY}"), |bencher| {
        bencher.iter(|| {
            seal_sealed::<RustCrypto>(&leaves, Direction::Down, &header, black_box(&mut packet), BODY)
        });
    });
    let mut sealed = [0x42; PACKET];
    seal_sealed::<RustCrypto>(&leaves, Direction::Down, &header, &mut sealed, BODY)
        .expect("the packet holds the body");
    group.bench_function(format!("open/{BODY}"), |bencher| {
        let open = |packet: &mut [u8; PACKET]| {
            open_sealed::<RustCrypto>(&leaves, Direction::Down, packet).expect("we sealed it").get().counter
        };
        bencher.iter_batched_ref(|| sealed, open, BatchSize::SmallInput);
    });
    raw(&mut group);
    unlock(&mut group);
}

type Group<'c> = criterion::BenchmarkGroup<'c, criterion::measurement::WallTime>;

fn raw(group: &mut Group<'_>) {
    let (key, nonce, associated_data) = ([0x44; 32].into(), [0x3c; 24].into(), [0; SEALED_HEADER]);
    let mut body = [0x42; BODY];
    group.bench_function(format!("seal_raw/{BODY}"), |bencher| {
        bencher.iter(|| {
            let buffer = black_box(body.as_mut_slice()).into();
            XChaCha20Poly1305::new(black_box(&key)).encrypt_inout_detached(&nonce, &associated_data, buffer)
        });
    });
    let mut sealed = [0x42; BODY];
    let tag = XChaCha20Poly1305::new(&key)
        .encrypt_inout_detached(&nonce, &associated_data, sealed.as_mut_slice().into())
        .expect("the body is short");
    group.bench_function(format!("open_raw/{BODY}"), |bencher| {
        let open = |body: &mut [u8; BODY]| {
            XChaCha20Poly1305::new(black_box(&key))
                .decrypt_inout_detached(&nonce, &associated_data, body.as_mut_slice().into(), &tag)
                .expect("we sealed it");
        };
        bencher.iter_batched_ref(|| sealed, open, BatchSize::SmallInput);
    });
}

fn unlock(group: &mut Group<'_>) {
    let pair = <Pair>::new(1, Uptime::from_millis(60_000));
    let issued_at = UnixMillis(1_800_000_060_000);
    let unlock = Down {
        header: Sealed { issued_at, not_after: Some(issued_at.plus_millis(60_000)) },
        request: Request::Command { id: CommandId(1_000), action: Action::Unlock },
    };
    let mut packet = [0; MAX_PACKET];
    group.bench_function("cloud/unlock", |bencher| {
        bencher.iter(|| seal_down(&pair.keys, 1_000, [0x3c; 16], black_box(&unlock), black_box(&mut packet)));
    });
}
