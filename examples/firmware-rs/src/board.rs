//! The parts of the board, started.

use cortex_m::asm;
use cortex_m::interrupt;
use cortex_m::peripheral::{Peripherals, SCB};

use crate::clock::Clock;
use crate::mechanism::Mechanism;
use crate::uart::{self, Port};

/// What the lock needs of its board.
pub(crate) struct Board {
    pub(crate) clock: Clock,
    /// Packets, from and to a phone.
    pub(crate) phone: Port,
    /// Lines of whoever tests the board.
    pub(crate) bench: Port,
    pub(crate) mechanism: Mechanism,
}

impl Board {
    /// Starts all of it. Interrupts stay masked: they still wake the sleep, and run no handler.
    pub(crate) fn start(mut peripherals: Peripherals) -> Self {
        interrupt::disable();
        let mut clock = Clock::start(&mut peripherals.SYST);
        let (phone, bench) = uart::start();
        let mechanism = Mechanism::start(clock.now());
        Self { clock, phone, bench, mechanism }
    }

    /// Sleeps until a byte comes, or the tick.
    pub(crate) fn sleep(&mut self) {
        asm::dsb();
        asm::wfi();
        SCB::clear_pendst();
        uart::clear_pending([&self.phone, &self.bench]);
    }
}
