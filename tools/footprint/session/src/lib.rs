//! Two ends that agree on keys and exchange records of 64 bytes, for the probe in C (`probe/session.c`). The device answers, and what it does is
//! what is measured; the other end begins. Whose session it is, the feature says.
#![no_std]

use core::cell::UnsafeCell;
use core::panic::PanicInfo;

#[cfg(feature = "lakers")]
mod edhoc;
#[cfg(feature = "snow")]
mod noise;
#[cfg(any(feature = "profile-s", feature = "profile-x"))]
mod ours;

#[cfg(feature = "lakers")]
use edhoc::{Device, Other, RECORDS, TURNS};
#[cfg(feature = "snow")]
use noise::{Device, Other, RECORDS, TURNS};
#[cfg(any(feature = "profile-s", feature = "profile-x"))]
use ours::{Device, Other, RECORDS, TURNS};

/// What a record carries, in bytes.
#[cfg(not(feature = "lakers"))]
const BODY: usize = 64;

/// A packet between the two ends.
struct Wire {
    bytes: [u8; 512],
    length: usize,
}

impl Wire {
    fn packet(&mut self) -> &mut [u8] {
        self.bytes.get_mut(..self.length).unwrap_or_default()
    }
}

/// What either end does. None: it did not work, or there are no records.
trait End {
    /// Before its first turn.
    const IDLE: Self;

    /// Takes the packet that came, but for the first turn of the end that begins, and makes the next one, but for the last turn of all.
    fn take_turn(&mut self, turn: u32, wire: &mut Wire) -> Option<()>;

    /// Makes a record of 64 bytes.
    fn seal(&mut self, _: &mut Wire) -> Option<()> {
        None
    }

    /// Opens the record that came.
    fn open(&mut self, _: &mut Wire) -> Option<()> {
        None
    }
}

/// For a program of one thread.
struct Place<T>(UnsafeCell<T>);

// SAFETY: the probe has one thread and takes no interrupt.
unsafe impl<T> Sync for Place<T> {}

impl<T> Place<T> {
    #[expect(
        clippy::mut_from_ref,
        reason = "each function of the library ends its use before the next one is called"
    )]
    fn whole(&self) -> &mut T {
        // SAFETY: nothing else refers to it meanwhile: see above.
        unsafe { &mut *self.0.get() }
    }
}

static DEVICE: Place<Device> = Place(UnsafeCell::new(Device::IDLE));
static OTHER: Place<Other> = Place(UnsafeCell::new(Other::IDLE));
static WIRE: Place<Wire> = Place(UnsafeCell::new(Wire { bytes: [0; _], length: 0 }));

/// How many turns the device has in a handshake. The other end has one more.
#[unsafe(no_mangle)]
pub extern "C" fn session_turns() -> u32 {
    TURNS
}

/// Whether there are records, or a handshake alone.
#[unsafe(no_mangle)]
pub extern "C" fn session_has_records() -> i32 {
    i32::from(RECORDS)
}

/// The device's turn in the handshake. 0 where it worked, as for all that follow.
#[unsafe(no_mangle)]
pub extern "C" fn session_device(turn: u32) -> i32 {
    failed(DEVICE.whole().take_turn(turn, WIRE.whole()))
}

/// The other end's turn.
#[unsafe(no_mangle)]
pub extern "C" fn session_other(turn: u32) -> i32 {
    failed(OTHER.whole().take_turn(turn, WIRE.whole()))
}

/// The device seals a record.
#[unsafe(no_mangle)]
pub extern "C" fn session_device_seal() -> i32 {
    failed(DEVICE.whole().seal(WIRE.whole()))
}

/// The device opens one.
#[unsafe(no_mangle)]
pub extern "C" fn session_device_open() -> i32 {
    failed(DEVICE.whole().open(WIRE.whole()))
}

/// The other end seals a record.
#[unsafe(no_mangle)]
pub extern "C" fn session_other_seal() -> i32 {
    failed(OTHER.whole().seal(WIRE.whole()))
}

/// The other end opens one.
#[unsafe(no_mangle)]
pub extern "C" fn session_other_open() -> i32 {
    failed(OTHER.whole().open(WIRE.whole()))
}

fn failed(outcome: Option<()>) -> i32 {
    i32::from(outcome.is_none())
}

#[panic_handler]
fn stop(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
