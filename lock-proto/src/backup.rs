//! What a backup holds, once it is opened: the key of a lock's secrets, and its configuration as a list of settings (section 11).

use crate::body::{self, DecodeError, EncodeError};
use crate::secret::PinKey;
use crate::wire::{Reader, Wire};
use crate::{Setting, UnixMillis, wire};

/// The first part of the body.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BackupHead {
    /// The cloud's clock when the lock's secrets were read.
    pub taken_at: UnixMillis,
    /// The key of the lock's secrets.
    pub key: PinKey,
    /// How many items follow.
    pub items: u16,
}

/// An item of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BackupItem {
    /// The configuration version in which it was set.
    pub version: u32,
    /// Its value; a credential as [`Setting::RestoreCredential`].
    pub setting: Setting,
}

impl BackupHead {
    /// The longest encoding, in bytes.
    pub const MAX_BYTES: usize = 10 + 32 + 3;

    /// Writes it and returns the part of `buffer` that holds it.
    ///
    /// # Errors
    /// [`EncodeError::BufferTooShort`]; `MAX_BYTES` suffices.
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], EncodeError> {
        body::encode(self, buffer)
    }
}

impl BackupItem {
    /// The longest encoding, in bytes.
    pub const MAX_BYTES: usize = 5 + Setting::LONGEST;

    /// Writes it and returns the part of `buffer` that holds it.
    ///
    /// # Errors
    /// [`EncodeError::BufferTooShort`]; `MAX_BYTES` suffices.
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], EncodeError> {
        body::encode(self, buffer)
    }
}

/// An opened backup: its head was read, its items are read one by one.
#[derive(Clone, Debug)]
pub struct Backup<'b> {
    /// The first part.
    pub head: BackupHead,
    items: Reader<'b>,
}

impl<'b> Backup<'b> {
    /// Reads the body of a backup, all of it.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] for anything that is not one, or that holds a setting of a newer version.
    pub fn decode(body: &'b [u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::of(body);
        let head = BackupHead::read(&mut input)?;
        let items = input;
        for _ in 0..head.items {
            BackupItem::read(&mut input)?;
        }
        input.end()?;
        Ok(Self { head, items })
    }

    /// The items, in the order in which they were written.
    pub fn items(&self) -> impl Iterator<Item = BackupItem> + use<'b> {
        let mut rest = self.items;
        core::iter::from_fn(move || BackupItem::read(&mut rest).ok())
    }
}

wire! {
    struct BackupHead { taken_at, key, items }
    struct BackupItem { version, setting }
}
