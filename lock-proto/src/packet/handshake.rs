//! The two messages of a handshake (sections 1.3 and 1.4).

use super::{Kind, MAX_PACKET, MAX_TICKET, PacketError, TAG, array_at, byte_at, field, join};

/// A nonce (profile S) and a tag: the least that a handshake message holds.
const LEAST_HANDSHAKE: usize = 16 + TAG;
/// The longest Message1 without a ticket, in bytes.
const MAX_MESSAGE1_WITHOUT_TICKET: usize = 128;

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
    pub(super) fn parse(packet: &'p [u8]) -> Result<Self, PacketError> {
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
    pub(super) fn parse(packet: &'p [u8]) -> Result<Self, PacketError> {
        let handshake = packet.get(field::BODY..).unwrap_or_default();
        if handshake.len() < LEAST_HANDSHAKE {
            return Err(PacketError::TooShort);
        }
        Ok(Self { handshake })
    }
}
