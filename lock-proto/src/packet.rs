//! Packets: a header of fixed fields, mapped once, and what is sealed behind it (section 1).
//!
//! ```text
//! offset  0        1      2
//!        +--------+------+---------------------------------------------------------------+
//! all    | format | kind |                                                               |
//!        +--------+------+--------+---------+---------+-----------+----------------------+
//! Hello                  | lowest | highest | profile | handle[8] | nonce[16]            |
//!                        +--------+---------+---------+-----------+----------------------+
//! Message1               | version| selector| t[2] | ticket[t] | handshake[32..]         |
//!                        +--------+---------+------+-----------+-------------------------+
//! Message2               | handshake[32..]                                              |
//!                        +------------+-------------------------------------------------+
//! Record                 | counter[8] | ciphertext and tag[16..]                         |
//!                        +----------+-+----------+------------+-------------------------+
//! Sealed                 | epoch[4] | counter[8] | random[16] | ciphertext and tag[16..] |
//!                        +----------+------------+------------+-------------------------+
//! ```

mod handshake;
mod hello;
mod sealed;

pub use handshake::{Message1, Message2, Selector};
pub use hello::{Hello, Profile, Versions};
pub use sealed::{Record, SealedPacket};

mod field {
    //! Where each field lies. The only place with offsets.
    use core::ops::Range;

    pub(super) const FORMAT: usize = 0;
    pub(super) const KIND: usize = 1;
    pub(super) const BODY: usize = 2;

    pub(super) mod hello {
        use super::Range;
        pub(in super::super) const LOWEST: usize = 2;
        pub(in super::super) const HIGHEST: usize = 3;
        pub(in super::super) const PROFILE: usize = 4;
        pub(in super::super) const HANDLE: Range<usize> = 5..13;
        pub(in super::super) const NONCE: Range<usize> = 13..29;
    }

    pub(super) mod message1 {
        use super::Range;
        pub(in super::super) const VERSION: usize = 2;
        pub(in super::super) const SELECTOR: usize = 3;
        pub(in super::super) const TICKET_LENGTH: Range<usize> = 4..6;
        pub(in super::super) const TICKET: usize = 6;
    }

    pub(super) const RECORD_COUNTER: Range<usize> = 2..10;

    pub(super) mod sealed {
        use super::Range;
        pub(in super::super) const EPOCH: Range<usize> = 2..6;
        pub(in super::super) const COUNTER: Range<usize> = 6..14;
        pub(in super::super) const RANDOM: Range<usize> = 14..30;
    }
}

/// The first byte of each packet.
pub const PACKET_FORMAT: u8 = 1;
/// The protocol version that this crate speaks.
pub const PROTOCOL_VERSION: u8 = 1;
/// The longest packet, in bytes.
pub const MAX_PACKET: usize = 512;
/// The longest ticket in a Message1, in bytes.
pub const MAX_TICKET: usize = 384;
/// Length of an authentication tag, in bytes.
pub const TAG: usize = 16;
/// Length of a record's header, in bytes.
pub const RECORD_HEADER: usize = 10;
/// Length of a sealed packet's header, in bytes.
pub const SEALED_HEADER: usize = 30;

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Asks the lock for a fresh Hello.
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

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        [
            Self::HelloRequest,
            Self::Hello,
            Self::Message1,
            Self::Message2,
            Self::Record,
            Self::SealedDown,
            Self::SealedUp,
        ]
        .into_iter()
        .find(|kind| *kind as u8 == byte)
    }

    /// The first two bytes of a packet of this kind.
    #[must_use]
    pub const fn prefix(self) -> [u8; 2] {
        [PACKET_FORMAT, self as u8]
    }
}

/// Why bytes are not a packet. Before authentication nobody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// Shorter than its kind allows.
    #[error("the packet is shorter than its kind allows")]
    TooShort,
    /// Longer than its kind or any packet allows.
    #[error("the packet is longer than its kind allows")]
    TooLong,
    /// Another packet format.
    #[error("the packet has a format that this version does not read")]
    UnknownFormat,
    /// An unknown kind.
    #[error("the packet is of a kind that this version does not know")]
    UnknownKind,
    /// A field has a value that the specification does not allow.
    #[error("a header field has a value that the protocol does not allow")]
    BadField,
    /// The buffer is too short for the packet to be written.
    #[error("the buffer is too short for the packet; 512 bytes always suffice")]
    BufferTooShort,
}

/// A packet whose header is in order. What is sealed is still anybody's claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'p> {
    /// See [`Kind::HelloRequest`].
    HelloRequest,
    /// See [`Kind::Hello`].
    Hello(Hello),
    /// See [`Kind::Message1`].
    Message1(Message1<'p>),
    /// See [`Kind::Message2`].
    Message2(Message2<'p>),
    /// See [`Kind::Record`].
    Record(Record<'p>),
    /// See [`Kind::SealedDown`].
    SealedDown(SealedPacket<'p>),
    /// See [`Kind::SealedUp`].
    SealedUp(SealedPacket<'p>),
}

impl<'p> Packet<'p> {
    /// The packet that asks for a Hello.
    pub const HELLO_REQUEST: [u8; 2] = Kind::HelloRequest.prefix();

    /// Reads a whole packet of at most 512 bytes.
    ///
    /// # Errors
    /// [`PacketError`]: the receiver drops the packet and stays silent.
    pub fn parse(packet: &'p [u8]) -> Result<Self, PacketError> {
        if packet.len() > MAX_PACKET {
            return Err(PacketError::TooLong);
        }
        if byte_at(packet, field::FORMAT)? != PACKET_FORMAT {
            return Err(PacketError::UnknownFormat);
        }
        Ok(match Kind::from_byte(byte_at(packet, field::KIND)?).ok_or(PacketError::UnknownKind)? {
            Kind::HelloRequest => exactly::<2>(packet).map(|_| Self::HelloRequest)?,
            Kind::Hello => Self::Hello(Hello::parse(packet)?),
            Kind::Message1 => Self::Message1(Message1::parse(packet)?),
            Kind::Message2 => Self::Message2(Message2::parse(packet)?),
            Kind::Record => Self::Record(Record::parse(packet)?),
            Kind::SealedDown => Self::SealedDown(SealedPacket::parse(packet)?),
            Kind::SealedUp => Self::SealedUp(SealedPacket::parse(packet)?),
        })
    }

    /// What the packet is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::HelloRequest => Kind::HelloRequest,
            Self::Hello(_) => Kind::Hello,
            Self::Message1(_) => Kind::Message1,
            Self::Message2(_) => Kind::Message2,
            Self::Record(_) => Kind::Record,
            Self::SealedDown(_) => Kind::SealedDown,
            Self::SealedUp(_) => Kind::SealedUp,
        }
    }
}

fn byte_at(packet: &[u8], offset: usize) -> Result<u8, PacketError> {
    packet.get(offset).copied().ok_or(PacketError::TooShort)
}

fn array_at<const N: usize>(packet: &[u8], range: core::ops::Range<usize>) -> Result<[u8; N], PacketError> {
    packet.get(range).and_then(|bytes| bytes.try_into().ok()).ok_or(PacketError::TooShort)
}

fn exactly<const N: usize>(packet: &[u8]) -> Result<&[u8; N], PacketError> {
    packet.try_into().map_err(|_| if packet.len() < N { PacketError::TooShort } else { PacketError::TooLong })
}

fn join<'b>(buffer: &'b mut [u8], parts: &[&[u8]]) -> Result<&'b mut [u8], PacketError> {
    let length = parts.iter().map(|part| part.len()).sum();
    let packet = buffer.get_mut(..length).ok_or(PacketError::BufferTooShort)?;
    packet.iter_mut().zip(parts.iter().copied().flatten()).for_each(|(to, from)| *to = *from);
    Ok(packet)
}
