//! What happens on a bare chip when something panics although nothing should.

use core::panic::PanicInfo;

/// Stops where it is: the motor is not driven any further, and the watchdog resets the chip.
#[panic_handler]
fn stop(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
