//! One record of a ring: body first, mark last. The secret of an entry has a check of its own, so that zeroing it leaves the rest whole.

use embedded_storage::nor_flash::NorFlash;

use super::layout::{RingLayout, SECRET_FIELD};
use super::{BEGINNING, MAX_ENTRY, SECRET};
use crate::journal::crc32c::Crc32c;
use crate::journal::error::WriteError;
use crate::journal::header::{Checksum, HEADER, Header};
use crate::journal::layout::{COMMITTED, Mark, Word};
use crate::journal::medium::{CHUNK, Chunk, Medium, Writer};

/// Length of a head's payload: the index of the sector's first entry, how many were acknowledged, both u64; and how the payload of
/// the entry before begins.
pub(super) const HEAD: usize = 16 + BEGINNING;

/// A sector in one of its lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) sector: u32,
    pub(super) sequence: u32,
}

/// Where a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) life: Life,
    pub(super) offset: u32,
}

/// What a record is. The numbers are storage's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The first of each sector.
    Head,
    /// Payload and the next secret.
    Entry,
    /// How many entries were acknowledged, u64.
    Acknowledgement,
    /// The secret of the very first entry.
    Key,
}

impl Kind {
    const fn number(self) -> u8 {
        match self {
            Self::Head => 0,
            Self::Entry => 1,
            Self::Acknowledgement => 2,
            Self::Key => 3,
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        [Self::Head, Self::Entry, Self::Acknowledgement, Self::Key].get(usize::from(number)).copied()
    }

    pub(super) const fn has_secret(self) -> bool {
        matches!(self, Self::Entry | Self::Key)
    }

    /// Bytes of the secret and its check.
    pub(super) const fn secret_field(self) -> u32 {
        if self.has_secret() { SECRET_FIELD } else { 0 }
    }
}

/// What the place of a secret holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Secret {
    /// The secret, whole.
    Whole([u8; SECRET]),
    /// Zero bytes.
    Erased,
    /// Neither: a zeroing was cut, or it went bad.
    Broken,
}

/// How far the mark of the record at `offset` came.
pub(super) fn mark<F: NorFlash>(
    medium: &mut Medium<F>,
    layout: RingLayout,
    life: Life,
    offset: u32,
) -> Result<Mark, F::Error> {
    Ok(Mark::of(medium.word(layout.address(life.sector, offset))?, COMMITTED))
}

/// Kind and length of the record at `offset`; `None` where its header is damaged.
pub(super) fn header<F: NorFlash>(
    medium: &mut Medium<F>,
    layout: RingLayout,
    life: Life,
    offset: u32,
) -> Result<Option<(Kind, Header)>, F::Error> {
    let word = medium.word(body_address(layout, life, offset))?;
    let found = Header::decode(word, life.sequence, offset)
        .and_then(|header| Some((Kind::from_number(header.tag)?, header)))
        .filter(|(kind, header)| {
            usize::from(header.length) <= MAX_ENTRY
                && offset.saturating_add(layout.record_size(*kind, header.length)) <= layout.end()
        });
    Ok(found)
}

/// Whether the payload of a record with this header is whole; it is shown to the visitor while it is read, and to be believed only then.
pub(super) fn payload<F: NorFlash>(
    medium: &mut Medium<F>,
    layout: RingLayout,
    (life, offset): (Life, u32),
    (kind, header): (Kind, Header),
    mut visitor: impl FnMut(&[u8]),
) -> Result<bool, F::Error> {
    let mut checksum = Checksum::new(life.sequence, offset, header.tag, header.length);
    let from = HEADER.saturating_add(kind.secret_field());
    let to = from.saturating_add(u32::from(header.length));
    walk(medium, body_address(layout, life, offset), from, to, |piece| {
        checksum.update(piece);
        visitor(piece);
    })?;
    Ok(checksum.finish() == header.checksum)
}

/// What the place of the secret holds, of a record that has one.
pub(super) fn secret<F: NorFlash>(
    medium: &mut Medium<F>,
    layout: RingLayout,
    life: Life,
    offset: u32,
) -> Result<Secret, F::Error> {
    let mut field = [0; SECRET_FIELD as usize];
    let mut slots = field.iter_mut();
    let body = body_address(layout, life, offset);
    walk(medium, body, HEADER, HEADER.saturating_add(SECRET_FIELD), |piece| {
        piece.iter().zip(&mut slots).for_each(|(byte, slot)| *slot = *byte);
    })?;
    if field.iter().all(|byte| *byte == 0) {
        return Ok(Secret::Erased);
    }
    let whole = field.split_last_chunk::<4>().and_then(|(secret, check)| {
        let secret: [u8; SECRET] = secret.try_into().ok()?;
        (secret_check(life, offset, &secret) == *check).then_some(secret)
    });
    Ok(whole.map_or(Secret::Broken, Secret::Whole))
}

/// Writes a record at `offset`, whose room is blank: body, read back; then mark, read back.
pub(super) fn write<F: NorFlash>(
    medium: &mut Medium<F>,
    layout: RingLayout,
    (life, offset): (Life, u32),
    kind: Kind,
    secret: Option<&[u8; SECRET]>,
    payload: &[u8],
) -> Result<Place, WriteError<F::Error>> {
    let length = payload.len().min(MAX_ENTRY) as u16;
    let mut checksum = Checksum::new(life.sequence, offset, kind.number(), length);
    checksum.update(payload);
    let header = Header { tag: kind.number(), length, checksum: checksum.finish() };
    let mut writer = Writer::new(body_address(layout, life, offset));
    writer.push(medium, &header.encode(life.sequence, offset))?;
    if let Some(secret) = secret {
        writer.push(medium, secret)?;
        writer.push(medium, &secret_check(life, offset, secret))?;
    }
    writer.push(medium, payload)?;
    writer.finish(medium)?;
    medium.program_word(layout.address(life.sector, offset), COMMITTED)?;
    Ok(Place { life, offset })
}

pub(super) fn body_address(layout: RingLayout, life: Life, offset: u32) -> u32 {
    layout.address(life.sector, offset.saturating_add(layout.word()))
}

fn secret_check(life: Life, offset: u32, secret: &[u8; SECRET]) -> [u8; 4] {
    let mut digest = Crc32c::new();
    digest.update(b"next");
    digest.update(&life.sequence.to_le_bytes());
    digest.update(&offset.to_le_bytes());
    digest.update(secret);
    digest.finish().to_le_bytes()
}

/// Shows the bytes `from..to` behind an aligned address, piece by piece.
fn walk<F: NorFlash>(
    medium: &mut Medium<F>,
    address: u32,
    from: u32,
    to: u32,
    mut visitor: impl FnMut(&[u8]),
) -> Result<(), F::Error> {
    let mut chunk: Chunk = [0; CHUNK as usize];
    let mut at = 0;
    while at < to {
        let end = to.min(at.saturating_add(CHUNK));
        if end > from {
            let bytes = medium.fetch(address.saturating_add(at), end.saturating_sub(at), &mut chunk)?;
            visitor(bytes.get(from.saturating_sub(at) as usize..).unwrap_or_default());
        }
        at = at.saturating_add(CHUNK);
    }
    Ok(())
}

/// Two numbers of eight bytes.
pub(super) fn numbers<const N: usize>(numbers: [u64; N]) -> [Word; N] {
    numbers.map(u64::to_le_bytes)
}
