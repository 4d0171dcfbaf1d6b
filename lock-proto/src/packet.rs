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

/// A nonce (profile S) and a tag: the least that a handshake message holds.
const LEAST_HANDSHAKE: usize = 16 + TAG;
/// The longest Message1 without a ticket, in bytes.
const MAX_MESSAGE1_WITHOUT_TICKET: usize = 128;

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

/// Which handshake a lock speaks; fixed at provisioning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Profile {
    /// Symmetric keys only.
    S = 1,
    /// With an X25519 exchange: `Noise_NNpsk0_25519_ChaChaPoly_SHA256`.
    X = 2,
}

/// Which pre-shared key a Message1 uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Selector {
    /// The session leaf of the key epoch in force.
    CloudCurrent = 0,
    /// The session leaf of a prepared key epoch.
    CloudPending = 1,
    /// The key that follows from the ticket in the message.
    Ticket = 2,
    /// The key that follows from the label.
    Claim = 3,
}

impl Selector {
    fn from_byte(byte: u8) -> Option<Self> {
        [Self::CloudCurrent, Self::CloudPending, Self::Ticket, Self::Claim]
            .into_iter()
            .find(|selector| *selector as u8 == byte)
    }
}

/// The protocol versions that a lock speaks: never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Versions {
    lowest: u8,
    highest: u8,
}

impl Versions {
    /// What this crate speaks.
    pub const OURS: Self = Self { lowest: PROTOCOL_VERSION, highest: PROTOCOL_VERSION };

    /// A range; `None` when `lowest` exceeds `highest`.
    #[must_use]
    pub fn new(lowest: u8, highest: u8) -> Option<Self> {
        (lowest <= highest).then_some(Self { lowest, highest })
    }

    /// Whether `version` is in the range.
    #[must_use]
    pub fn contains(self, version: u8) -> bool {
        (self.lowest..=self.highest).contains(&version)
    }

    /// The highest version in both ranges.
    #[must_use]
    pub fn best_with(self, other: Self) -> Option<u8> {
        let best = self.highest.min(other.highest);
        (self.contains(best) && other.contains(best)).then_some(best)
    }
}

/// The lock's greeting: the only packet in clear that says anything. The handshake binds all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hello {
    /// What it speaks.
    pub versions: Versions,
    /// Which handshake.
    pub profile: Profile,
    /// Recognisable by key holders only.
    pub handle: [u8; 8],
    /// Used for one handshake.
    pub nonce: [u8; 16],
}

impl Hello {
    /// Length in bytes.
    pub const BYTES: usize = field::hello::NONCE.end;

    fn parse(packet: &[u8]) -> Result<Self, PacketError> {
        let packet: &[u8; Self::BYTES] = exactly(packet)?;
        let profile = match byte_at(packet, field::hello::PROFILE)? {
            1 => Profile::S,
            2 => Profile::X,
            _ => return Err(PacketError::BadField),
        };
        let versions =
            Versions::new(byte_at(packet, field::hello::LOWEST)?, byte_at(packet, field::hello::HIGHEST)?);
        Ok(Self {
            versions: versions.ok_or(PacketError::BadField)?,
            profile,
            handle: array_at(packet, field::hello::HANDLE)?,
            nonce: array_at(packet, field::hello::NONCE)?,
        })
    }

    /// The packet.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut packet = [0; Self::BYTES];
        let (prefix, rest) = packet.split_at_mut(field::BODY);
        prefix.copy_from_slice(&Kind::Hello.prefix());
        let parts: [&[u8]; 3] =
            [&[self.versions.lowest, self.versions.highest, self.profile as u8], &self.handle, &self.nonce];
        rest.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        packet
    }
}

/// The first handshake message, cut at its seams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message1<'p> {
    /// The protocol version that the initiator chose.
    pub version: u8,
    /// Which key it uses.
    pub selector: Selector,
    /// The ticket; empty unless the selector is [`Selector::Ticket`].
    pub ticket: &'p [u8],
    /// The initiator's nonce or public key, the ciphertext and the tag.
    pub handshake: &'p [u8],
}

impl<'p> Message1<'p> {
    fn parse(packet: &'p [u8]) -> Result<Self, PacketError> {
        let selector =
            Selector::from_byte(byte_at(packet, field::message1::SELECTOR)?).ok_or(PacketError::BadField)?;
        let ticket_length =
            usize::from(u16::from_be_bytes(array_at(packet, field::message1::TICKET_LENGTH)?));
        let rest = packet.get(field::message1::TICKET..).ok_or(PacketError::TooShort)?;
        let (ticket, handshake) = rest.split_at_checked(ticket_length).ok_or(PacketError::TooShort)?;
        Self { version: byte_at(packet, field::message1::VERSION)?, selector, ticket, handshake }
            .checked(packet.len())
    }

    fn checked(self, length: usize) -> Result<Self, PacketError> {
        let has_ticket = self.selector == Selector::Ticket;
        if self.ticket.is_empty() == has_ticket || self.ticket.len() > MAX_TICKET {
            return Err(PacketError::BadField);
        }
        if self.handshake.len() < LEAST_HANDSHAKE {
            return Err(PacketError::TooShort);
        }
        if length > if has_ticket { MAX_PACKET } else { MAX_MESSAGE1_WITHOUT_TICKET } {
            return Err(PacketError::TooLong);
        }
        Ok(self)
    }

    /// Writes the packet and returns it.
    ///
    /// # Errors
    /// As for parsing, and [`PacketError::BufferTooShort`].
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], PacketError> {
        let length = field::message1::TICKET + self.ticket.len() + self.handshake.len();
        let this = self.checked(length)?;
        let ticket_length = (this.ticket.len() as u16).to_be_bytes();
        join(
            buffer,
            &[
                &Kind::Message1.prefix(),
                &[this.version, this.selector as u8],
                &ticket_length,
                this.ticket,
                this.handshake,
            ],
        )
    }
}

/// The second handshake message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message2<'p> {
    /// The lock's nonce or public key, the ciphertext and the tag.
    pub handshake: &'p [u8],
}

impl<'p> Message2<'p> {
    fn parse(packet: &'p [u8]) -> Result<Self, PacketError> {
        let handshake = packet.get(field::BODY..).unwrap_or_default();
        if handshake.len() < LEAST_HANDSHAKE {
            return Err(PacketError::TooShort);
        }
        Ok(Self { handshake })
    }
}

/// A record, cut at its seams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'p> {
    /// Its number in its direction.
    pub counter: u64,
    /// The 10 bytes that the tag covers.
    pub header: &'p [u8],
    /// Ciphertext and tag.
    pub ciphertext: &'p [u8],
}

impl<'p> Record<'p> {
    fn parse(packet: &'p [u8]) -> Result<Self, PacketError> {
        let (header, ciphertext) = split_sealed(packet, RECORD_HEADER)?;
        Ok(Self { counter: u64::from_be_bytes(array_at(packet, field::RECORD_COUNTER)?), header, ciphertext })
    }
}

/// A sealed packet of either direction, cut at its seams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedPacket<'p> {
    /// The key epoch it is sealed under.
    pub key_epoch: u32,
    /// Its number in its direction and epoch.
    pub counter: u64,
    /// Second part of the nonce.
    pub random: [u8; 16],
    /// The 30 bytes that the tag covers.
    pub header: &'p [u8],
    /// Ciphertext and tag.
    pub ciphertext: &'p [u8],
}

impl<'p> SealedPacket<'p> {
    fn parse(packet: &'p [u8]) -> Result<Self, PacketError> {
        let (header, ciphertext) = split_sealed(packet, SEALED_HEADER)?;
        Ok(Self {
            key_epoch: u32::from_be_bytes(array_at(packet, field::sealed::EPOCH)?),
            counter: u64::from_be_bytes(array_at(packet, field::sealed::COUNTER)?),
            random: array_at(packet, field::sealed::RANDOM)?,
            header,
            ciphertext,
        })
    }
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

fn split_sealed(packet: &[u8], header: usize) -> Result<(&[u8], &[u8]), PacketError> {
    packet
        .split_at_checked(header)
        .filter(|(_, ciphertext)| ciphertext.len() >= TAG)
        .ok_or(PacketError::TooShort)
}

fn join<'b>(buffer: &'b mut [u8], parts: &[&[u8]]) -> Result<&'b mut [u8], PacketError> {
    let length = parts.iter().map(|part| part.len()).sum();
    let packet = buffer.get_mut(..length).ok_or(PacketError::BufferTooShort)?;
    packet.iter_mut().zip(parts.iter().copied().flatten()).for_each(|(to, from)| *to = *from);
    Ok(packet)
}
