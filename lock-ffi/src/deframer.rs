//! Packets on the way from a byte stream.
#![allow(unsafe_code)]

use core::mem::{MaybeUninit, size_of};

use lock_proto::frame;

use crate::gate::{self, Output, OutputBytes};
use crate::object::{self, Storage};
use crate::{LK_PACKET_MAX, Status};

/// The size of an `lk_deframer`, in bytes, with head-room for later versions.
pub const LK_DEFRAMER_SIZE: usize = 544;

/// Finds packets in a byte stream that arrives in pieces. Storage for the caller to declare; what is in it is the
/// library's. Declare it zeroed (`= {0}`, or static), and start it with `lk_deframer_init`.
#[repr(C)]
#[derive(Debug)]
pub struct Deframer {
    /// The library's.
    opaque: [MaybeUninit<u64>; 68],
}

const _: () =
    assert!(size_of::<Deframer>() == LK_DEFRAMER_SIZE, "the header promises the size of the storage");

// SAFETY: `repr(C)`, and words that may be anything.
unsafe impl Storage for Deframer {
    type Held = frame::Deframer;
    const MAGIC: u64 = 0x6C6B_0101_D3F2_A3E5;
}

impl Deframer {
    /// Storage that nobody started yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { opaque: [MaybeUninit::new(0); 68] }
    }
}

impl Default for Deframer {
    fn default() -> Self {
        Self::new()
    }
}

/// The size of an `lk_deframer` that the library was built with, in bytes. `lk_deframer_init` compares it too.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn lk_deframer_size() -> usize {
    LK_DEFRAMER_SIZE
}

/// Starts a deframer, or empties one: whatever is in the storage is overwritten. `size` is `sizeof(lk_deframer)`, so
/// that a header of another version is noticed before it does harm.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_MISALIGNED`.
///
/// # Safety
/// `deframer` must be valid for writes of `size` bytes.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_deframer_init(deframer: *mut Deframer, size: usize) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for `size` bytes.
        unsafe {
            object::start(deframer, size, |place| {
                place.write(frame::Deframer::new());
                Ok(())
            })
        }
    })
}

/// Takes bytes up to the end of the first packet in them. Call it again with the rest until `consumed` equals
/// `bytes_length`. Noise, overlong and broken frames are dropped up to the next zero; what follows is found again.
///
/// `packet` gets the packet that ended and `packet_length` its length, 1 to `LK_PACKET_MAX` bytes, or 0 where none
/// ended; `consumed` how many bytes were taken. `packet_capacity` must be at least `LK_PACKET_MAX`, so that no packet
/// is lost.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
/// `LK_STATUS_BUFFER_TOO_SHORT`, and takes no byte then.
///
/// # Safety
/// `deframer` must be valid for reads and writes, and be zeroed or started where it lies; `bytes` must be valid for reads of
/// `bytes_length` bytes, `packet` for writes of `packet_capacity` bytes, `packet_length` and `consumed` for a write.
/// None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_deframer_push(
    deframer: *mut Deframer,
    bytes: *const u8,
    bytes_length: usize,
    packet: *mut u8,
    packet_capacity: usize,
    packet_length: *mut usize,
    consumed: *mut usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage, which may hold anything.
        let deframer = unsafe { object::started(deframer) }?;
        // SAFETY: the caller vouches for the bytes.
        let bytes = unsafe { gate::bytes(bytes, bytes_length) }?;
        // SAFETY: the caller vouches for the packet.
        let output = unsafe { OutputBytes::new(packet, packet_capacity) }?;
        output.holds(LK_PACKET_MAX)?;
        // SAFETY: the caller vouches for the two lengths.
        let (length, taken) = unsafe { (Output::new(packet_length)?, Output::new(consumed)?) };

        let (count, found) = deframer.push_slice(bytes);
        match found {
            Some(found) => {
                length.write(found.len());
                output.write(found)?;
            }
            None => length.write(0),
        }
        taken.write(count);
        Ok(())
    })
}

#[cfg(test)]
mod tests;
