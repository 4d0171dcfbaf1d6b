//! The counter journal on a NOR flash in memory: 4 sectors of 4,096 bytes, units of 4 bytes.
//!
//! Measured: an append with its read-back and, once in a while, the move to the next sector; a mount of a journal in use. `idle_work`
//! is left out of the first and counted in the second, which is what a lock does over its life. Not measured: the time
//! of a chip, which is some hundred times longer; the simulated flash checks the rules of a strict one with each call.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Criterion;
use lock_store::{Journal, host::MemoryFlash};

type Flash = MemoryFlash<4, 4096>;

const TAG: u8 = 2;
/// About as long as the record that precedes an unlock.
const RECORD: [u8; 192] = [0x5a; 192];
/// Appends without idle work between: a pre-erased sector suffices for them.
const RUN: u64 = 8;

pub(crate) fn group(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("journal");
    group.bench_function("append", |bencher| {
        let mut journal = formatted();
        bencher.iter_custom(|iterations| {
            let mut left = iterations;
            let mut taken = Duration::ZERO;
            while left > 0 {
                let run = left.min(RUN);
                let start = Instant::now();
                (0..run).for_each(|_| append(&mut journal));
                taken += start.elapsed();
                tidy(&mut journal);
                left -= run;
            }
            taken
        });
    });
    group.bench_function("append_and_idle_work", |bencher| {
        let mut journal = formatted();
        bencher.iter(|| {
            append(&mut journal);
            tidy(&mut journal);
        });
    });
    group.bench_function("mount", |bencher| {
        let mut journal = formatted();
        for _ in 0..100 {
            append(&mut journal);
            tidy(&mut journal);
        }
        let mut flash = journal.into_flash();
        bencher.iter(|| Journal::mount(black_box(&mut flash)).is_ok());
    });
}

fn formatted() -> Journal<Flash> {
    Journal::format(Flash::new(4)).expect("the flash suits")
}

fn append(journal: &mut Journal<Flash>) {
    journal.append(TAG, black_box(&RECORD)).expect("an erased sector is always held");
}

fn tidy(journal: &mut Journal<Flash>) {
    while journal.needs_idle_work() {
        journal.idle_work().expect("the flash works");
    }
}
