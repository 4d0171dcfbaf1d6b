//! Packets on the way to a byte stream.
#![allow(unsafe_code)]

use lock_proto::frame::{self, FrameError, MAX_ENCODED};

use crate::gate::{self, Output, OutputBytes};
use crate::{LK_PACKET_MAX, Status};

/// The longest frame in bytes, its closing zero included: a packet of `LK_PACKET_MAX` bytes.
pub const LK_FRAME_MAX: usize = 516;

const _: () = assert!(LK_FRAME_MAX == MAX_ENCODED, "the header promises the length of the longest frame");

/// Encodes a packet of 1 to `LK_PACKET_MAX` bytes for a byte stream (UART, TCP): COBS and a closing zero, section 2.1
/// of the protocol. `LK_FRAME_MAX` bytes of frame always suffice. Uses about 600 bytes of stack.
///
/// `frame` gets the frame and `frame_length` its length in bytes. The frame may be written over the packet.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED` (`frame_length`), `LK_STATUS_BAD_LENGTH` (the packet),
/// `LK_STATUS_BUFFER_TOO_SHORT` (the frame).
///
/// # Safety
/// `packet` must be valid for reads of `packet_length` bytes, `frame` for writes of `frame_capacity` bytes, and
/// `frame_length` for a write; `frame_length` must not lie in the other two.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_frame_encode(
    packet: *const u8,
    packet_length: usize,
    frame: *mut u8,
    frame_capacity: usize,
    frame_length: *mut usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the packet; it is read before anything is written.
        let packet = unsafe { gate::bytes(packet, packet_length) }?;
        // SAFETY: the caller vouches for the frame.
        let output = unsafe { OutputBytes::new(frame, frame_capacity) }?;
        // SAFETY: the caller vouches for the length.
        let length = unsafe { Output::new(frame_length) }?;

        // Encoded apart, since a frame that turns out too long must leave the caller's buffer as it was.
        let mut scratch = [0; MAX_ENCODED];
        let encoded = frame::encode(packet, &mut scratch).map_err(|error| match error {
            FrameError::BadLength => Status::BadLength,
            FrameError::BufferTooShort => Status::BufferTooShort,
        })?;
        output.write(encoded)?;
        length.write(encoded.len());
        Ok(())
    })
}

const _: () =
    assert!(LK_PACKET_MAX == lock_proto::MAX_PACKET, "the header promises the length of the longest packet");

#[cfg(test)]
mod tests {
    use core::ptr;

    use super::*;

    /// What the buffers hold before a call, to see that a failure leaves them so.
    const BEFORE: u8 = 0xA5;

    fn encode(packet: &[u8], capacity: usize) -> (Status, [u8; LK_FRAME_MAX], usize) {
        let (mut frame, mut length) = ([BEFORE; LK_FRAME_MAX], usize::MAX);
        // SAFETY: all pointers are to the locals above, with lengths that they have.
        let status = unsafe {
            lk_frame_encode(packet.as_ptr(), packet.len(), frame.as_mut_ptr(), capacity, &mut length)
        };
        (status, frame, length)
    }

    #[test]
    fn a_frame_is_cobs_and_a_zero() {
        let (status, frame, length) = encode(&[1, 0, 2], LK_FRAME_MAX);
        assert_eq!((status, &frame[..length]), (Status::Ok, &[2, 1, 2, 2, 0][..]));
        assert!(frame[length..].iter().all(|byte| *byte == BEFORE));
    }

    #[test]
    fn a_packet_has_1_to_512_bytes() {
        for (length, expected) in [
            (0, Status::BadLength),
            (1, Status::Ok),
            (511, Status::Ok),
            (512, Status::Ok),
            (513, Status::BadLength),
        ] {
            assert_eq!(encode(&[7; 513][..length], LK_FRAME_MAX).0, expected, "{length}");
        }
    }

    #[test]
    fn a_frame_that_just_fits_is_written_and_one_byte_less_leaves_everything_as_it_was() {
        let packet = [7; 512];
        assert_eq!(encode(&packet, LK_FRAME_MAX).0, Status::Ok);
        let (status, frame, length) = encode(&packet, LK_FRAME_MAX - 1);
        assert_eq!((status, frame, length), (Status::BufferTooShort, [BEFORE; LK_FRAME_MAX], usize::MAX));
        assert_eq!(encode(&[1, 2], 4).0, Status::Ok);
        assert_eq!(encode(&[1, 2], 3).0, Status::BufferTooShort);
    }

    #[test]
    fn a_frame_may_be_written_over_its_packet() {
        let mut buffer = [1, 2, 3, BEFORE, BEFORE];
        let mut length = 0;
        let start = buffer.as_mut_ptr();
        // SAFETY: both pointers are to the buffer, with lengths that it has.
        let status = unsafe { lk_frame_encode(start, 3, start, 5, &mut length) };
        assert_eq!((status, buffer, length), (Status::Ok, [4, 1, 2, 3, 0], 5));
    }

    #[test]
    fn a_null_pointer_is_refused_wherever_it_stands() {
        let (packet, mut frame, mut length) = ([1_u8], [BEFORE; 8], usize::MAX);
        // SAFETY: a pointer is null or to a local above, with the length that it has.
        unsafe {
            assert_eq!(
                lk_frame_encode(ptr::null(), 0, frame.as_mut_ptr(), 8, &mut length),
                Status::NullPointer
            );
            assert_eq!(
                lk_frame_encode(packet.as_ptr(), 1, ptr::null_mut(), 0, &mut length),
                Status::NullPointer
            );
            assert_eq!(
                lk_frame_encode(packet.as_ptr(), 1, frame.as_mut_ptr(), 8, ptr::null_mut()),
                Status::NullPointer
            );
        }
        assert_eq!((frame, length), ([BEFORE; 8], usize::MAX));
    }

    #[test]
    fn a_misaligned_length_is_refused() {
        let (packet, mut frame, mut words) = ([1_u8], [BEFORE; 8], [usize::MAX; 2]);
        let odd = words.as_mut_ptr().wrapping_byte_add(1);
        // SAFETY: the odd pointer is to the words above, where a length has room.
        let status = unsafe { lk_frame_encode(packet.as_ptr(), 1, frame.as_mut_ptr(), 8, odd) };
        assert_eq!((status, frame, words), (Status::Misaligned, [BEFORE; 8], [usize::MAX; 2]));
    }

    #[test]
    fn a_length_that_no_buffer_has_is_refused() {
        let (packet, mut frame, mut length) = ([1_u8], [BEFORE; 8], 0);
        // SAFETY: the length is refused before the packet is looked at.
        let status = unsafe {
            lk_frame_encode(packet.as_ptr(), isize::MAX as usize + 1, frame.as_mut_ptr(), 8, &mut length)
        };
        assert_eq!(status, Status::BadLength);
    }
}
