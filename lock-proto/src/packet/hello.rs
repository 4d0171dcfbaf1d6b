//! The lock's greeting (section 1.2).

use crate::wire;

use super::field;
use super::{Kind, PROTOCOL_VERSION, PacketError, array_at, byte_at, exactly};

/// Which handshake a lock speaks; fixed at provisioning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[repr(u8)]
pub enum Profile {
    /// Symmetric keys only. What a lock is made for where nobody says otherwise.
    #[default]
    S = 1,
    /// With an X25519 exchange: `Noise_NNpsk0_25519_ChaChaPoly_SHA256`.
    X = 2,
}

wire! {
    enum Profile {
        1 => S,
        2 => X,
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

    pub(super) fn parse(packet: &[u8]) -> Result<Self, PacketError> {
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
        let said = [self.versions.lowest, self.versions.highest, self.profile as u8];
        let parts: [&[u8]; 4] = [&Kind::Hello.prefix(), &said, &self.handle, &self.nonce];
        packet.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        packet
    }
}
