//! Images of the simulated chip.

use std::ops::Range;

use lock_core::crypto::{RustCrypto, Suite};

const MAGIC: &[u8; 4] = b"LKFW";
const HEADER: usize = 20;
const HASH: usize = 32;

mod field {
    use super::Range;
    pub(super) const MODEL: Range<usize> = 4..8;
    pub(super) const VERSION: Range<usize> = 8..12;
    pub(super) const ROLLBACK_INDEX: Range<usize> = 12..16;
    pub(super) const BODY: Range<usize> = 16..20;
}

/// What the header of an image says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image {
    /// The model that it is for.
    pub model: u32,
    /// Its version.
    pub version: u32,
    /// Its rollback index.
    pub rollback_index: u32,
}

/// Why an image does not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// No image, or a damaged one.
    #[error("the slot holds no whole image; send it again")]
    Damaged,
    /// For another model.
    #[error("the image is for another model; send the one for this lock")]
    WrongModel,
    /// Older than what runs.
    #[error("the image has a lower rollback index than what runs; send a newer one")]
    Older,
}

/// Makes an image with this body.
#[must_use]
pub fn build(image: Image, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let mut bytes = MAGIC.to_vec();
    for word in [image.model, image.version, image.rollback_index, length] {
        bytes.extend_from_slice(&word.to_be_bytes());
    }
    bytes.extend_from_slice(body);
    let hash = RustCrypto::hash(&[&bytes]);
    bytes.extend_from_slice(&hash);
    bytes
}

impl Image {
    /// Reads and verifies the image at the start of a slot.
    ///
    /// # Errors
    /// [`ImageError::Damaged`].
    pub fn parse(slot: &[u8]) -> Result<Self, ImageError> {
        let header =
            slot.get(..HEADER).filter(|header| header.starts_with(MAGIC)).ok_or(ImageError::Damaged)?;
        let word = |range: Range<usize>| {
            let bytes = header.get(range).and_then(|bytes| bytes.try_into().ok());
            bytes.map(u32::from_be_bytes).ok_or(ImageError::Damaged)
        };
        let body = usize::try_from(word(field::BODY)?).map_err(|_| ImageError::Damaged)?;
        let end = HEADER.checked_add(body).ok_or(ImageError::Damaged)?;
        let signed = slot.get(..end).ok_or(ImageError::Damaged)?;
        if slot.get(end..end.saturating_add(HASH)) != Some(RustCrypto::hash(&[signed]).as_slice()) {
            return Err(ImageError::Damaged);
        }
        Ok(Self {
            model: word(field::MODEL)?,
            version: word(field::VERSION)?,
            rollback_index: word(field::ROLLBACK_INDEX)?,
        })
    }
}
