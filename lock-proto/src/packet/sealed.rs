//! Records and sealed packets (sections 1.5 and 1.6).

use super::{PacketError, RECORD_HEADER, SEALED_HEADER, TAG, array_at, field};

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
    pub(super) fn parse(packet: &'p [u8]) -> Result<Self, PacketError> {
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
    pub(super) fn parse(packet: &'p [u8]) -> Result<Self, PacketError> {
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

fn split_sealed(packet: &[u8], header: usize) -> Result<(&[u8], &[u8]), PacketError> {
    packet
        .split_at_checked(header)
        .filter(|(_, ciphertext)| ciphertext.len() >= TAG)
        .ok_or(PacketError::TooShort)
}
