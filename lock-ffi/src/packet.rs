//! Looking at a packet from outside.
#![allow(unsafe_code)]

use lock_proto::{Packet, PacketError};

use crate::Status;
use crate::gate::{self, Output, OutputBytes};

/// The longest packet, in bytes.
pub const LK_PACKET_MAX: usize = 512;

/// What a packet is; section 1 of the protocol.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Asks the lock for a fresh hello.
    HelloRequest = 1,
    /// The lock's single-use nonce and what it speaks.
    Hello = 2,
    /// First handshake message, with the first request.
    Message1 = 3,
    /// Second handshake message, with the first reply.
    Message2 = 4,
    /// A message of a live session.
    Record = 5,
    /// Store and forward, towards the lock.
    SealedDown = 6,
    /// Store and forward, away from the lock.
    SealedUp = 7,
}

impl From<lock_proto::Kind> for Kind {
    fn from(kind: lock_proto::Kind) -> Self {
        match kind {
            lock_proto::Kind::HelloRequest => Self::HelloRequest,
            lock_proto::Kind::Hello => Self::Hello,
            lock_proto::Kind::Message1 => Self::Message1,
            lock_proto::Kind::Message2 => Self::Message2,
            lock_proto::Kind::Record => Self::Record,
            lock_proto::Kind::SealedDown => Self::SealedDown,
            lock_proto::Kind::SealedUp => Self::SealedUp,
        }
    }
}

/// Reads the header of a whole packet and says of which kind it is. What is sealed behind the header stays unknown:
/// anybody can make a packet that passes here.
///
/// `kind` gets the kind.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_BAD_LENGTH` (more bytes than any object has), and with the
/// `LK_STATUS_PACKET_` ones, after which the packet is to be dropped in silence.
///
/// # Safety
/// `packet` must be valid for reads of `packet_length` bytes and `kind` for a write.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_packet_kind(packet: *const u8, packet_length: usize, kind: *mut Kind) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the packet; it is read before anything is written.
        let packet = unsafe { gate::bytes(packet, packet_length) }?;
        // SAFETY: the caller vouches for the kind.
        let output = unsafe { Output::new(kind) }?;
        let packet = Packet::parse(packet).map_err(failure)?;
        output.write(packet.kind().into());
        Ok(())
    })
}

/// Writes the packet that asks a lock for a fresh hello: 2 bytes. A lock greets by itself when a link comes up; ask where it does not.
///
/// `packet` gets the packet and `packet_length` its length; `packet_capacity` must be at least 2.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_BUFFER_TOO_SHORT`.
///
/// # Safety
/// `packet` must be valid for writes of `packet_capacity` bytes and `packet_length` for a write.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_packet_hello_request(
    packet: *mut u8,
    packet_capacity: usize,
    packet_length: *mut usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the outputs.
        let (output, length) =
            unsafe { (OutputBytes::new(packet, packet_capacity)?, Output::new(packet_length)?) };
        output.write(&Packet::HELLO_REQUEST)?;
        length.write(Packet::HELLO_REQUEST.len());
        Ok(())
    })
}

pub(crate) const fn failure(error: PacketError) -> Status {
    match error {
        PacketError::TooShort => Status::PacketTooShort,
        PacketError::TooLong => Status::PacketTooLong,
        PacketError::UnknownFormat => Status::PacketUnknownFormat,
        PacketError::UnknownKind => Status::PacketUnknownKind,
        PacketError::BadField => Status::PacketBadField,
        PacketError::BufferTooShort => Status::BufferTooShort,
    }
}

#[cfg(test)]
mod tests {
    use core::ptr;

    use super::*;

    /// The status, and the kind where it was written.
    fn kind(packet: &[u8]) -> (Status, Option<Kind>) {
        let mut kind = core::mem::MaybeUninit::new(0xA5_u8);
        // SAFETY: the packet is as long as it says, and a kind is one byte.
        let status = unsafe { lk_packet_kind(packet.as_ptr(), packet.len(), kind.as_mut_ptr().cast()) };
        // SAFETY: initialised above.
        let byte = unsafe { kind.assume_init() };
        let kinds = [
            Kind::HelloRequest,
            Kind::Hello,
            Kind::Message1,
            Kind::Message2,
            Kind::Record,
            Kind::SealedDown,
            Kind::SealedUp,
        ];
        (status, kinds.into_iter().find(|kind| *kind as u8 == byte))
    }

    /// A packet of `length` bytes that starts with `head`.
    fn packet(head: &[u8], length: usize) -> [u8; 600] {
        assert!(head.len() <= length);
        let mut packet = [0; 600];
        packet[..head.len()].copy_from_slice(head);
        packet
    }

    #[test]
    fn each_kind_of_the_protocol_is_recognised_by_its_published_number() {
        for (head, length, expected) in [
            (&[1, 1][..], 2, Kind::HelloRequest),
            (&[1, 2, 1, 1, 1], 29, Kind::Hello),
            (&[1, 3, 1, 0, 0, 0], 38, Kind::Message1),
            (&[1, 4], 34, Kind::Message2),
            (&[1, 5], 26, Kind::Record),
            (&[1, 6], 46, Kind::SealedDown),
            (&[1, 7], 46, Kind::SealedUp),
        ] {
            assert_eq!(expected as u8, head[1]);
            assert_eq!(kind(&packet(head, length)[..length]), (Status::Ok, Some(expected)));
        }
    }

    #[test]
    fn what_is_no_packet_is_refused_with_its_reason_and_no_kind() {
        for (head, length, expected) in [
            (&[][..], 0, Status::PacketTooShort),
            (&[1], 1, Status::PacketTooShort),
            (&[1, 5], 25, Status::PacketTooShort),
            (&[1, 1, 0], 3, Status::PacketTooLong),
            (&[1, 5], 513, Status::PacketTooLong),
            (&[0, 1], 2, Status::PacketUnknownFormat),
            (&[1, 0], 2, Status::PacketUnknownKind),
            (&[1, 8], 2, Status::PacketUnknownKind),
            (&[1, 2, 1, 1, 3], 29, Status::PacketBadField),
        ] {
            assert_eq!(kind(&packet(head, length)[..length]), (expected, None), "{head:?} of {length} bytes");
        }
    }

    #[test]
    fn a_null_pointer_is_refused_wherever_it_stands() {
        let mut kind = Kind::Record;
        // SAFETY: a pointer is null or to a local of the length given.
        unsafe {
            assert_eq!(lk_packet_kind(ptr::null(), 0, &mut kind), Status::NullPointer);
            assert_eq!(lk_packet_kind([1_u8, 1].as_ptr(), 2, ptr::null_mut()), Status::NullPointer);
        }
        assert_eq!(kind, Kind::Record);
    }
}
