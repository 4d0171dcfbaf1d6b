//! A phone between a lock and its cloud: it carries their packets, and can neither read nor make them.
#![allow(unsafe_code)]

use core::mem::{MaybeUninit, size_of};

use lock_core::holder::{self, RelayError};
use lock_core::proto::{Hello, Uptime};

use crate::gate::{self, Output, OutputBytes};
use crate::object::{self, Storage};
use crate::{Status, packet, words};

/// The size of an `lk_relay`, in bytes, with head-room for later versions.
pub const LK_RELAY_SIZE: usize = 128;

/// The length of a hello, in bytes.
pub const LK_HELLO: usize = 29;

const _: () = {
    assert!(size_of::<Relay>() == LK_RELAY_SIZE, "the header promises the size of the storage");
    assert!(LK_HELLO == Hello::BYTES, "the header promises the length of a hello");
};

/// One connection between a lock and its cloud, as the phone sees it. Storage for the caller to declare; what is in it is the library's.
/// Declare it zeroed (`= {0}`, or static), and start it with `lk_relay_init`.
#[repr(C)]
#[derive(Debug)]
pub struct Relay {
    /// The library's.
    opaque: [MaybeUninit<u64>; 16],
}

// SAFETY: `repr(C)`, and words that may be anything.
unsafe impl Storage for Relay {
    type Held = holder::Relay;
    const MAGIC: u64 = 0x6C6B_0601_E7A9_2C5D;
}

impl Relay {
    /// Storage that nobody started yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { opaque: [MaybeUninit::new(0); 16] }
    }
}

impl Default for Relay {
    fn default() -> Self {
        Self::new()
    }
}

/// The size of an `lk_relay` that the library was built with, in bytes. `lk_relay_init` compares it too.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn lk_relay_size() -> usize {
    LK_RELAY_SIZE
}

/// Starts a connection on which nothing was said yet: whatever is in the storage is overwritten. `size` is `sizeof(lk_relay)`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`.
///
/// # Safety
/// `relay` must be valid for writes of `size` bytes.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_relay_init(relay: *mut Relay, size: usize) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for `size` bytes.
        unsafe {
            object::start(relay, size, |place| {
                place.write(holder::Relay::new());
                Ok(())
            })
        }
    })
}

/// A packet came from the lock; `route` gets where it goes on, an `lk_route`. `now_ms` is the phone's own monotonic clock.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
/// `LK_STATUS_UNEXPECTED_PACKET` (only a cloud sends it), and with the `LK_STATUS_PACKET_` ones: drop it then.
///
/// # Safety
/// `relay` must be valid for reads and writes, and be zeroed or started where it lies; `packet` must be valid for reads of
/// `packet_length` bytes and `route` for a write. None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_relay_from_lock(
    relay: *mut Relay,
    packet: *const u8,
    packet_length: usize,
    now_ms: u64,
    route: *mut u8,
) -> Status {
    // SAFETY: as the caller vouches.
    unsafe {
        take(relay, packet, packet_length, route, |relay, packet| {
            relay.from_lock(packet, Uptime::from_millis(now_ms))
        })
    }
}

/// A packet came from the cloud; `route` gets where it goes on, an `lk_route`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
/// `LK_STATUS_UNEXPECTED_PACKET` (only a lock sends it), and with the `LK_STATUS_PACKET_` ones: drop it then.
///
/// # Safety
/// `relay` must be valid for reads and writes, and be zeroed or started where it lies; `packet` must be valid for reads of
/// `packet_length` bytes and `route` for a write. None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_relay_from_cloud(
    relay: *mut Relay,
    packet: *const u8,
    packet_length: usize,
    route: *mut u8,
) -> Status {
    // SAFETY: as the caller vouches.
    unsafe { take(relay, packet, packet_length, route, holder::Relay::from_cloud) }
}

/// Takes the lock's hello for a handshake, once: the cloud gets it with the request.
///
/// `hello` gets it and `hello_length` its length, or 0 where none came, it was used, or it is too old: send what `lk_packet_hello_request`
/// writes then, and wait for the next. `hello_capacity` must be at least `LK_HELLO`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`.
///
/// # Safety
/// `relay` must be valid for reads and writes, and be zeroed or started where it lies; `hello` must be valid for writes of
/// `hello_capacity` bytes and `hello_length` for a write. None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_relay_take_hello(
    relay: *mut Relay,
    now_ms: u64,
    hello: *mut u8,
    hello_capacity: usize,
    hello_length: *mut usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let relay = unsafe { object::started(relay) }?;
        // SAFETY: the caller vouches for the outputs.
        let (output, length) =
            unsafe { (OutputBytes::new(hello, hello_capacity)?, Output::new(hello_length)?) };
        output.holds(LK_HELLO)?;
        match relay.take_hello(Uptime::from_millis(now_ms)) {
            Some(hello) => {
                output.write(&hello)?;
                length.write(hello.len());
            }
            None => length.write(0),
        }
        Ok(())
    })
}

/// # Safety
/// As of the two functions that take a packet.
unsafe fn take(
    relay: *mut Relay,
    packet: *const u8,
    length: usize,
    route: *mut u8,
    way: impl FnOnce(&mut holder::Relay, &[u8]) -> Result<holder::Route, RelayError>,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let relay = unsafe { object::started(relay) }?;
        // SAFETY: the caller vouches for packet and output.
        let (packet, output) = unsafe { (gate::bytes(packet, length)?, Output::new(route)?) };
        let route = match way(relay, packet).map_err(failure)? {
            holder::Route::ToCloud => words::Route::ToCloud,
            holder::Route::ToLock => words::Route::ToLock,
            holder::Route::KeepHello => words::Route::KeepHello,
        };
        output.write(route as u8);
        Ok(())
    })
}

const fn failure(error: RelayError) -> Status {
    match error {
        RelayError::NotAPacket(error) => packet::failure(error),
        RelayError::WrongSide(_) => Status::UnexpectedPacket,
    }
}
