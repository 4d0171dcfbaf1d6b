//! One record: written body first and mark last, and checked when read.

use core::num::NonZeroU16;

use embedded_storage::nor_flash::NorFlash;

use super::error::{Corruption, Damage, IdleError, WriteError};
use super::header::{Checksum, HEADER, Header};
use super::layout::{COMMITTED, MAX_PAYLOAD, Mark, TAGS};
use super::medium::{CHUNK, Chunk, Medium, Writer};

/// A sector in one of its lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) sector: u32,
    pub(super) sequence: u32,
}

/// Where a record lies in its sector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) offset: u32,
    pub(super) length: u16,
}

/// The newest record of each tag: where it lies, and its length and one. In eight bytes a tag.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Index([(u32, Option<NonZeroU16>); TAGS]);

impl Index {
    pub(super) fn entry(&self, tag: u8) -> Option<Entry> {
        let (offset, length_and_one) = *self.0.get(usize::from(tag))?;
        Some(Entry { offset, length: length_and_one?.get() - 1 })
    }

    /// Sets the entry of a tag in `0..TAGS`.
    pub(super) fn set(&mut self, tag: u8, entry: Entry) {
        if let Some(slot) = self.0.get_mut(usize::from(tag)) {
            *slot = (entry.offset, NonZeroU16::MIN.checked_add(entry.length));
        }
    }

    /// All tags that hold a record.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u8, Entry)> {
        (0..TAGS as u8).filter_map(|tag| Some((tag, self.entry(tag)?)))
    }
}

/// What a record is made of.
#[derive(Clone, Copy)]
pub(super) enum Payload<'p> {
    /// The caller's bytes, at most [`MAX_PAYLOAD`].
    Bytes(&'p [u8]),
    /// A record of another sector, copied.
    Stored(Life, Entry),
}

/// A committed record's place, or what is wrong with it.
pub(super) type Verdict = Result<(u8, Entry), Damage>;

/// How far the commit mark of the record at `offset` came.
pub(super) fn mark<F: NorFlash>(medium: &mut Medium<F>, life: Life, offset: u32) -> Result<Mark, F::Error> {
    let address = medium.layout().address(life.sector, offset);
    Ok(Mark::of(medium.word(address)?, COMMITTED))
}

/// Checks header and checksum of the record at `offset`, whatever its mark says.
pub(super) fn check<F: NorFlash>(
    medium: &mut Medium<F>,
    life: Life,
    offset: u32,
) -> Result<Verdict, F::Error> {
    inspect(medium, life, offset, |_| {})
}

/// Copies a record's payload to `out`, which is as long as the payload, and checks it; zeroes `out` if it is bad.
pub(super) fn load<F: NorFlash>(
    medium: &mut Medium<F>,
    life: Life,
    tag: u8,
    entry: Entry,
    out: &mut [u8],
) -> Result<Result<(), Damage>, F::Error> {
    let mut slots = out.iter_mut();
    let verdict = inspect(medium, life, entry.offset, |piece| {
        piece.iter().zip(&mut slots).for_each(|(byte, slot)| *slot = *byte);
    });
    if !matches!(verdict, Ok(Ok(found)) if found == (tag, entry)) {
        out.fill(0);
    }
    Ok(same_record(verdict?, tag, entry))
}

/// Writes a record at `offset`, whose room is blank: body, read back; then mark, read back.
pub(super) fn write<F: NorFlash>(
    medium: &mut Medium<F>,
    life: Life,
    offset: u32,
    tag: u8,
    payload: Payload<'_>,
) -> Result<Entry, IdleError<F::Error>> {
    let length = match payload {
        Payload::Bytes(bytes) => bytes.len().min(MAX_PAYLOAD) as u16,
        Payload::Stored(_, entry) => entry.length,
    };
    let mut checksum = Checksum::new(life.sequence, offset, tag, length);
    match payload {
        Payload::Bytes(bytes) => checksum.update(bytes),
        Payload::Stored(source, entry) => {
            let verdict = inspect(medium, source, entry.offset, |piece| checksum.update(piece));
            if let Err(damage) = same_record(verdict.map_err(IdleError::Flash)?, tag, entry) {
                return Err(IdleError::Corrupt(Corruption {
                    sector: source.sector,
                    offset: entry.offset,
                    damage,
                }));
            }
        }
    }
    let header = Header { tag, length, checksum: checksum.finish() };
    write_body(medium, life, offset, header, payload)?;
    let entry = Entry { offset, length };
    if check(medium, life, offset).map_err(IdleError::Flash)? != Ok((tag, entry)) {
        return Err(IdleError::Fault);
    }
    medium.program_word(medium.layout().address(life.sector, offset), COMMITTED)?;
    Ok(entry)
}

/// A verdict on the record that the index names: another sound record in its place is damage as well.
fn same_record(verdict: Verdict, tag: u8, entry: Entry) -> Result<(), Damage> {
    if verdict? == (tag, entry) { Ok(()) } else { Err(Damage::RecordHeader) }
}

/// Checks a record and shows its payload, piece by piece, to the visitor while doing so: the pieces are to be believed
/// only if the verdict is good.
fn inspect<F: NorFlash>(
    medium: &mut Medium<F>,
    life: Life,
    offset: u32,
    mut visitor: impl FnMut(&[u8]),
) -> Result<Verdict, F::Error> {
    let layout = medium.layout();
    let body = body_address(medium, life, offset);
    let Some(header) = Header::decode(medium.word(body)?, life.sequence, offset) else {
        return Ok(Err(Damage::RecordHeader));
    };
    let end = offset.saturating_add(layout.record_size(header.length));
    if usize::from(header.tag) >= TAGS || end > layout.tail_ready() {
        return Ok(Err(Damage::RecordHeader));
    }
    let entry = Entry { offset, length: header.length };
    let mut checksum = Checksum::new(life.sequence, offset, header.tag, header.length);
    let mut pieces = Pieces::new(medium, life, entry);
    let mut chunk: Chunk = [0; CHUNK as usize];
    while let Some(piece) = pieces.next(medium, &mut chunk)? {
        checksum.update(piece);
        visitor(piece);
    }
    Ok(if checksum.finish() == header.checksum {
        Ok((header.tag, entry))
    } else {
        Err(Damage::RecordChecksum)
    })
}

fn write_body<F: NorFlash>(
    medium: &mut Medium<F>,
    life: Life,
    offset: u32,
    header: Header,
    payload: Payload<'_>,
) -> Result<(), WriteError<F::Error>> {
    let mut writer = Writer::new(body_address(medium, life, offset));
    writer.push(medium, &header.encode(life.sequence, offset))?;
    match payload {
        Payload::Bytes(bytes) => writer.push(medium, bytes)?,
        Payload::Stored(source, entry) => {
            let mut pieces = Pieces::new(medium, source, entry);
            let mut chunk: Chunk = [0; CHUNK as usize];
            while let Some(piece) = pieces.next(medium, &mut chunk).map_err(WriteError::Flash)? {
                writer.push(medium, piece)?;
            }
        }
    }
    writer.finish(medium)
}

fn body_address<F: NorFlash>(medium: &Medium<F>, life: Life, offset: u32) -> u32 {
    let layout = medium.layout();
    layout.address(life.sector, offset.saturating_add(layout.word()))
}

/// A payload in pieces of at most one chunk, in order.
struct Pieces {
    body: u32,
    end: u32,
    position: u32,
}

impl Pieces {
    fn new<F: NorFlash>(medium: &Medium<F>, life: Life, entry: Entry) -> Self {
        let end = HEADER.saturating_add(u32::from(entry.length));
        Self { body: body_address(medium, life, entry.offset), end, position: 0 }
    }

    fn next<'c, F: NorFlash>(
        &mut self,
        medium: &mut Medium<F>,
        chunk: &'c mut Chunk,
    ) -> Result<Option<&'c [u8]>, F::Error> {
        let left = self.end.saturating_sub(self.position);
        if left == 0 {
            return Ok(None);
        }
        let bytes = medium.fetch(self.body.saturating_add(self.position), left, chunk)?;
        let skip = if self.position == 0 { HEADER as usize } else { 0 };
        self.position = self.position.saturating_add(CHUNK);
        Ok(Some(bytes.get(skip..).unwrap_or_default()))
    }
}
