//! What a step of the lock costs on a Cortex-M4, in instructions: the mean and the worst of many, over a long random history.
//!
//! The lock is a [`House`] that is full: 20 users, 40 credentials, 40 windows, 8 holidays, a night, a latch, a trusted clock. QEMU
//! lets one instruction take one nanosecond (`-icount shift=0`), and SysTick counts 25 MHz: a tick is 40 instructions. What the
//! measuring itself costs is taken off. These are instructions, not cycles: flash wait states and the pipeline are the chip's.
//!
//! The program ends with an error where the worst case exceeds its limit, so that a check can run it.
#![no_std]
#![no_main]

mod history;

use core::panic::PanicInfo;

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};

use history::{History, INPUTS, Work};

/// Instructions in a tick of SysTick on this board.
const PER_TICK: u32 = 40;
/// The worst step without a hash may take so many instructions.
const LIMIT: u32 = 6_000;
/// A step that hashes what was presented may take so many: an HMAC-SHA-256, and 40 comparisons in constant time.
const LIMIT_WITH_HASH: u32 = 45_000;
/// One that also reads nine digits as an offline code: thirteen HChaCha20 more.
const LIMIT_WITH_CODE: u32 = 80_000;
const STEPS: u32 = 40_000;

#[derive(Clone, Copy, Default)]
struct Cost {
    count: u32,
    sum: u64,
    worst: u32,
}

#[entry]
fn main() -> ! {
    let Some(mut core) = cortex_m::Peripherals::take() else { fail("the peripherals are taken") };
    core.SYST.set_clock_source(SystClkSource::Core);
    core.SYST.set_reload(0x00ff_ffff);
    core.SYST.clear_current();
    core.SYST.enable_counter();

    let overhead = (0..64).map(|_| ticks(|| ())).min().unwrap_or_default();
    let mut history = History::new();
    let mut costs = [Cost::default(); INPUTS.len()];
    for _ in 0..STEPS {
        let input = history.choose();
        let spent = ticks(|| history.take(input)).saturating_sub(overhead) * PER_TICK;
        history.follow();
        if let Some(cost) = costs.get_mut(input) {
            cost.count += 1;
            cost.sum += u64::from(spent);
            cost.worst = cost.worst.max(spent);
        }
    }
    report(&costs)
}

/// Ticks that `work` takes.
fn ticks(work: impl FnOnce()) -> u32 {
    let before = SYST::get_current();
    work();
    before.wrapping_sub(SYST::get_current()) & 0x00ff_ffff
}

fn report(costs: &[Cost]) -> ! {
    hprintln!("| input | steps | mean | worst |");
    hprintln!("| --- | --- | --- | --- |");
    let mut is_within = true;
    for (input, cost) in INPUTS.iter().zip(costs) {
        let mean = cost.sum.checked_div(u64::from(cost.count)).unwrap_or_default();
        hprintln!("| {} | {} | {} | {} |", input.name, cost.count, mean, cost.worst);
        let limit = match input.work {
            Work::None => LIMIT,
            Work::Hash => LIMIT_WITH_HASH,
            Work::Code => LIMIT_WITH_CODE,
        };
        is_within &= cost.worst <= limit && cost.count > 0;
    }
    hprintln!("limit: {} instructions, {} for a step that hashes a code", LIMIT, LIMIT_WITH_HASH);
    hprintln!("       and {} for one that reads nine digits besides", LIMIT_WITH_CODE);
    debug::exit(if is_within { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {}
}

fn fail(why: &str) -> ! {
    hprintln!("{}", why);
    debug::exit(debug::EXIT_FAILURE);
    loop {}
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    debug::exit(debug::EXIT_FAILURE);
    loop {}
}
