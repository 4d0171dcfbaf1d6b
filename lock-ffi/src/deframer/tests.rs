use core::ptr;
use std::boxed::Box;
use std::vec::Vec;

use super::*;
use crate::{LK_FRAME_MAX, lk_frame_encode};

const BEFORE: u8 = 0xA5;

fn started() -> Box<Deframer> {
    let mut deframer = Box::new(Deframer::new());
    // SAFETY: the storage is a deframer of that size.
    assert_eq!(unsafe { lk_deframer_init(&mut *deframer, size_of::<Deframer>()) }, Status::Ok);
    deframer
}

fn frame(packet: &[u8]) -> Vec<u8> {
    let (mut frame, mut length) = ([0; LK_FRAME_MAX], 0);
    // SAFETY: all pointers are to locals, with lengths that they have.
    let status = unsafe {
        lk_frame_encode(packet.as_ptr(), packet.len(), frame.as_mut_ptr(), frame.len(), &mut length)
    };
    assert_eq!(status, Status::Ok);
    frame[..length].to_vec()
}

/// Storage that holds this word all over.
fn filled(word: u64) -> Deframer {
    Deframer { opaque: [MaybeUninit::new(word); 68] }
}

/// One call: the status, the packet that ended (empty for none), the bytes taken.
fn push(deframer: &mut Deframer, bytes: &[u8]) -> (Status, Vec<u8>, usize) {
    let (mut packet, mut length, mut consumed) = ([BEFORE; LK_PACKET_MAX], usize::MAX, usize::MAX);
    // SAFETY: all pointers are to locals, with lengths that they have.
    let status = unsafe {
        lk_deframer_push(
            deframer,
            bytes.as_ptr(),
            bytes.len(),
            packet.as_mut_ptr(),
            packet.len(),
            &mut length,
            &mut consumed,
        )
    };
    (status, packet[..length.min(LK_PACKET_MAX)].to_vec(), consumed)
}

/// All packets in a stream that arrives in pieces of `size` bytes.
fn packets(deframer: &mut Deframer, stream: &[u8], size: usize) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    for mut piece in stream.chunks(size) {
        while !piece.is_empty() {
            let (status, packet, consumed) = push(deframer, piece);
            assert_eq!(status, Status::Ok);
            if !packet.is_empty() {
                packets.push(packet);
            }
            piece = &piece[consumed..];
        }
    }
    packets
}

#[test]
fn packets_come_out_as_they_went_in_however_the_stream_is_cut() {
    let sent = [[0_u8; 512].to_vec(), [9].to_vec(), [7; 511].to_vec(), [1, 0, 2].to_vec()];
    let stream: Vec<u8> = sent.iter().flat_map(|packet| frame(packet)).collect();
    for size in [1, 2, 3, 100, 516, stream.len()] {
        assert_eq!(packets(&mut started(), &stream, size), sent, "in pieces of {size} bytes");
    }
}

#[test]
fn a_packet_after_noise_is_found() {
    let mut stream = [0xFF; 700].to_vec();
    stream.push(0);
    stream.extend(frame(&[1, 1]));
    assert_eq!(packets(&mut started(), &stream, 10), [[1, 1]]);
}

#[test]
fn bytes_without_an_end_are_taken_and_say_that_no_packet_ended() {
    assert_eq!(push(&mut started(), &[3, 1]), (Status::Ok, Vec::new(), 2));
}

#[test]
fn no_bytes_are_no_packet() {
    assert_eq!(push(&mut started(), &[]), (Status::Ok, Vec::new(), 0));
}

#[test]
fn starting_again_forgets_a_frame_that_had_begun() {
    let mut deframer = started();
    let whole = frame(&[1, 1]);
    assert_eq!(push(&mut deframer, &whole[..2]).0, Status::Ok);
    // SAFETY: the storage is a deframer of that size.
    assert_eq!(unsafe { lk_deframer_init(&mut *deframer, LK_DEFRAMER_SIZE) }, Status::Ok);
    assert_eq!(push(&mut deframer, &whole).1, [1, 1]);
}

#[test]
fn storage_of_another_size_is_refused_and_left_as_it_was() {
    for size in [0, LK_DEFRAMER_SIZE - 1, LK_DEFRAMER_SIZE + 1, usize::MAX] {
        let mut storage = filled(u64::MAX);
        // SAFETY: the size is refused before the storage is touched.
        assert_eq!(unsafe { lk_deframer_init(&mut storage, size) }, Status::SizeMismatch, "{size}");
        // SAFETY: filled above.
        assert!(storage.opaque.iter().all(|word| unsafe { word.assume_init() } == u64::MAX));
    }
}

#[test]
fn storage_that_was_never_read_or_written_may_be_started() {
    let mut storage = MaybeUninit::<Deframer>::uninit();
    // SAFETY: the storage is valid for writes of a deframer.
    assert_eq!(unsafe { lk_deframer_init(storage.as_mut_ptr(), LK_DEFRAMER_SIZE) }, Status::Ok);
}

#[test]
fn storage_that_was_not_started_takes_no_bytes() {
    for word in [0, u64::MAX] {
        let mut storage = filled(word);
        let (mut packet, mut length, mut consumed) = ([BEFORE; LK_PACKET_MAX], 1, 1);
        // SAFETY: all pointers are to locals, with lengths that they have.
        let status = unsafe {
            lk_deframer_push(
                &mut storage,
                [0].as_ptr(),
                1,
                packet.as_mut_ptr(),
                512,
                &mut length,
                &mut consumed,
            )
        };
        assert_eq!(
            (status, packet, length, consumed),
            (Status::NotInitialised, [BEFORE; LK_PACKET_MAX], 1, 1)
        );
    }
}

#[test]
fn a_misaligned_deframer_is_refused() {
    let mut storage = [Deframer::new(), Deframer::new()];
    let odd = storage.as_mut_ptr().wrapping_byte_add(1);
    // SAFETY: the odd pointer is to the storage above, where a deframer has room.
    assert_eq!(unsafe { lk_deframer_init(odd, LK_DEFRAMER_SIZE) }, Status::Misaligned);
}

#[test]
fn a_packet_buffer_below_the_longest_packet_is_refused_and_no_byte_is_taken() {
    let mut deframer = started();
    let whole = frame(&[1, 1]);
    let (mut packet, mut length, mut consumed) = ([BEFORE; LK_PACKET_MAX], 7, 7);
    // SAFETY: all pointers are to locals, with lengths that they have.
    let status = unsafe {
        lk_deframer_push(
            &mut *deframer,
            whole.as_ptr(),
            whole.len(),
            packet.as_mut_ptr(),
            LK_PACKET_MAX - 1,
            &mut length,
            &mut consumed,
        )
    };
    assert_eq!((status, packet, length, consumed), (Status::BufferTooShort, [BEFORE; LK_PACKET_MAX], 7, 7));
    assert_eq!(push(&mut deframer, &whole).1, [1, 1]);
}

#[test]
fn a_null_pointer_is_refused_wherever_it_stands_and_no_byte_is_taken() {
    let mut deframer = started();
    let whole = frame(&[1, 1]);
    let (mut packet, mut length, mut consumed) = ([BEFORE; LK_PACKET_MAX], 7_usize, 7_usize);
    let object = &raw mut *deframer;
    for missing in 0..5 {
        let or_null = |index: i32, present: *mut u8| if index == missing { ptr::null_mut() } else { present };
        // SAFETY: a pointer is null or to a local, with the length that it has.
        let status = unsafe {
            lk_deframer_push(
                or_null(0, object.cast()).cast(),
                or_null(1, whole.as_ptr().cast_mut()),
                whole.len(),
                or_null(2, packet.as_mut_ptr()),
                packet.len(),
                or_null(3, (&raw mut length).cast()).cast(),
                or_null(4, (&raw mut consumed).cast()).cast(),
            )
        };
        assert_eq!(status, Status::NullPointer, "argument {missing}");
        assert_eq!((packet, length, consumed), ([BEFORE; LK_PACKET_MAX], 7, 7));
    }
    assert_eq!(push(&mut deframer, &whole).1, [1, 1]);
}

#[test]
fn starting_nothing_is_refused() {
    // SAFETY: null is allowed, and refused.
    assert_eq!(unsafe { lk_deframer_init(ptr::null_mut(), LK_DEFRAMER_SIZE) }, Status::NullPointer);
}

#[test]
fn the_library_says_the_size_of_its_header() {
    assert_eq!(lk_deframer_size(), LK_DEFRAMER_SIZE);
}
