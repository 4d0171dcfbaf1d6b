//! Why the firmware stops for good, and how.
#![allow(unsafe_code)]

use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, exception};
use cortex_m_semihosting::debug::{self, EXIT_FAILURE};
use lock_core::device::BootError;

/// What a correct firmware never meets on a sound chip. Nothing was erased.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum Stop {
    #[error("the flash failed; replace the board")]
    Flash,
    #[error("the flash holds no readable journal; call for service, and erase nothing")]
    Journal,
    #[error("a sector holds fewer bytes than all records may take; use larger sectors")]
    SectorsTooSmall,
    #[error("the production line left a root that is no root; make the lock anew")]
    RootRefused,
    #[error(transparent)]
    Boot(#[from] BootError),
    #[error("the run loop gave an answer that nobody waits for, or an input with outputs left; correct it")]
    RunLoop,
}

/// The motor is not driven any further; a watchdog would reset the chip. Where a debugger or an emulator listens, it hears of a failure.
pub(crate) fn stop() -> ! {
    loop {
        debug::exit(EXIT_FAILURE);
    }
}

unsafe extern "C" {
    /// Nobody defines it: an image in which a panic is reachable does not link.
    safe fn a_panic_is_reachable() -> !;
}

#[panic_handler]
fn panicked(_: &PanicInfo<'_>) -> ! {
    a_panic_is_reachable()
}

#[exception]
unsafe fn HardFault(_: &ExceptionFrame) -> ! {
    stop()
}

#[exception]
unsafe fn DefaultHandler(_: i16) {
    stop()
}
