//! What happens on a bare chip when something panics although nothing should.

use core::panic::PanicInfo;

/// Stops where it is: the motor is not driven any further, and the watchdog resets the chip.
#[cfg(not(feature = "no-panic"))]
#[panic_handler]
fn stop(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

#[cfg(feature = "no-panic")]
#[expect(unsafe_code, reason = "a name that nobody has is called, so that there is nothing to be unsafe")]
unsafe extern "C" {
    /// Nobody defines it: an image from which it is reached does not link.
    safe fn lk_a_panic_is_reachable() -> !;
}

/// Where the linker keeps this, something can panic, and the image is refused.
#[cfg(feature = "no-panic")]
#[panic_handler]
fn refuse(_: &PanicInfo<'_>) -> ! {
    lk_a_panic_is_reachable()
}
