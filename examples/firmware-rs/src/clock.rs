//! The time of an MPS2 board, and a tick that wakes it.

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use lock_core::proto::Uptime;

use crate::memory::{COUNTER, PRESCALE};

const CYCLES_PER_MILLISECOND: u32 = 25_000;
const TICK_MILLISECONDS: u32 = 10;

/// Milliseconds since the chip started; they never go back.
#[derive(Debug)]
pub(crate) struct Clock {
    last: u32,
    rounds: u64,
}

impl Clock {
    /// Starts the counter of milliseconds, and the tick.
    pub(crate) fn start(tick: &mut SYST) -> Self {
        PRESCALE.write(CYCLES_PER_MILLISECOND - 1);
        tick.set_clock_source(SystClkSource::Core);
        tick.set_reload(TICK_MILLISECONDS * CYCLES_PER_MILLISECOND - 1);
        tick.clear_current();
        tick.enable_interrupt();
        tick.enable_counter();
        Self { last: COUNTER.read(), rounds: 0 }
    }

    /// Now. Ask at least once in 49 days, so that no round of the counter is missed.
    pub(crate) fn now(&mut self) -> Uptime {
        let counter = COUNTER.read();
        if counter < self.last {
            self.rounds += 1 << 32;
        }
        self.last = counter;
        Uptime::from_millis(self.rounds + u64::from(counter))
    }
}
