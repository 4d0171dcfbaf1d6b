//! Firmware on its way to a lock: what is offered, the pieces that follow, and how far it has come (section 12).
//!
//! The words are those of RFC 9019 and of MCUboot: a *manifest* describes an *image*, which goes into the spare *slot* and runs *on
//! trial* until it is *confirmed*. The *rollback index* is MCUboot's security counter and the sequence number of RFC 9124.

use crate::body::{DecodeError, EncodeError};
use crate::wire::{Reader, Wire, Writer};
use crate::{Live, Reason, UpdateState, wire};

/// What an image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Manifest {
    /// The model that it is for, as the maker numbers it.
    pub model: u32,
    /// Its version, as the maker numbers it. Versions are not compared: only the rollback index is.
    pub version: u32,
    /// Grows when an image must never again be followed by one from before.
    pub rollback_index: u32,
    /// Its length in bytes; not 0.
    pub size: u32,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

impl Manifest {
    /// The longest encoding, in bytes.
    pub(crate) const LONGEST: usize = 4 * 5 + 32;

    /// By what its chunks name it.
    #[must_use]
    pub fn image(&self) -> ImageId {
        ImageId(self.sha256.first_chunk().copied().unwrap_or_default())
    }
}

/// The first 8 bytes of the SHA-256 of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ImageId(pub [u8; 8]);

/// A piece of an image: the body of a record in place of a [`Down<Live>`](crate::Down) (section 12.2). Its place is its offset, so
/// that it means the same however often it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk<'b> {
    /// Of which image.
    pub image: ImageId,
    /// Where its first byte belongs.
    pub offset: u32,
    /// Its bytes: 1 to [`Self::MAX`], and a multiple of [`Self::UNIT`] but for the last of an image.
    pub bytes: &'b [u8],
}

impl<'b> Chunk<'b> {
    /// The most bytes of an image in one chunk.
    pub const MAX: usize = 448;
    /// Chunks are whole numbers of this, in bytes, so that each can be written to flash as it comes.
    pub const UNIT: usize = 32;
    /// The longest encoding, in bytes.
    pub const MAX_BYTES: usize = 10 + 1 + 8 + 5 + 2 + Self::MAX;
    /// The number of a chunk among the requests.
    const REQUEST: u8 = 3;

    /// Writes the body of a record and returns the part of `buffer` that holds it. The header binds nothing: a chunk does not age.
    ///
    /// # Errors
    /// [`EncodeError::BufferTooShort`]; [`Self::MAX_BYTES`] suffice for a chunk of at most [`Self::MAX`] bytes.
    pub fn encode<'o>(&self, header: Live, buffer: &'o mut [u8]) -> Result<&'o mut [u8], EncodeError> {
        let Self { image, offset, bytes } = *self;
        let mut out = Writer::of(buffer);
        header.write(&mut out);
        out.byte(Self::REQUEST);
        image.write(&mut out);
        offset.write(&mut out);
        out.byte_string(bytes);
        out.written().ok_or(EncodeError::BufferTooShort)
    }

    /// Reads the body of a record, with the header that binds nothing.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] for anything that is no chunk, and for one of no bytes or more than [`Self::MAX`].
    pub fn decode(body: &'b [u8]) -> Result<(Live, Self), DecodeError> {
        let mut input = Reader::of(body);
        let (header, request) = (Live::read(&mut input)?, input.byte()?);
        let (image, offset) = (ImageId::read(&mut input)?, u32::read(&mut input)?);
        let bytes = input.byte_string()?;
        input.end()?;
        if request != Self::REQUEST || bytes.is_empty() || bytes.len() > Self::MAX {
            return Err(DecodeError::Malformed);
        }
        Ok((header, Self { image, offset, bytes }))
    }
}

/// Where a firmware update stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UpdateReport {
    /// In which state.
    pub state: UpdateState,
    /// The image that it is about; `None` where there is none.
    pub manifest: Option<Manifest>,
    /// The offset of the first byte that the lock wants; the size of the image where it has all, and 0 where it wants none.
    pub wanted: u32,
    /// The version that runs.
    pub version: u32,
    /// The highest rollback index that was ever confirmed: nothing below it is taken.
    pub rollback_index: u32,
    /// Why it failed, in state [`UpdateState::Failed`].
    pub failure: Option<Reason>,
}

wire! {
    struct Manifest { model, version, rollback_index, size, sha256 }
    struct ImageId(start);
    struct UpdateReport { state, manifest, wanted, version, rollback_index, failure }
}
