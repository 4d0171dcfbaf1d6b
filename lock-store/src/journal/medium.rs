//! The flash, reached in aligned steps only: every program is read back and compared, every erase is looked over.

use embedded_storage::nor_flash::NorFlash;

use super::error::{GeometryError, WriteError};
use super::layout::{BLANK, BLANK_WORD, Layout, MAX_UNIT, READY, Word};

/// Bytes moved at a time: a multiple of every unit that a layout accepts.
pub(crate) const CHUNK: u32 = MAX_UNIT;
pub(crate) type Chunk = [u8; CHUNK as usize];

/// A flash and its layout.
#[derive(Debug)]
pub(crate) struct Medium<F> {
    flash: F,
    layout: Layout,
}

impl<F: NorFlash> Medium<F> {
    pub(crate) fn new(flash: F) -> Result<Self, GeometryError> {
        let layout = Layout::new(F::READ_SIZE, F::WRITE_SIZE, F::ERASE_SIZE, flash.capacity())?;
        Ok(Self { flash, layout })
    }

    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    pub(crate) fn into_flash(self) -> F {
        self.flash
    }

    /// Reads `length` bytes, at most [`CHUNK`], at an aligned address; the chunk's remainder is left undefined.
    pub(crate) fn fetch<'c>(
        &mut self,
        address: u32,
        length: u32,
        chunk: &'c mut Chunk,
    ) -> Result<&'c [u8], F::Error> {
        let length = length.min(CHUNK);
        if let Some(aligned) = chunk.get_mut(..self.layout.round_up(length) as usize) {
            self.flash.read(address, aligned)?;
        }
        Ok(chunk.get(..length as usize).unwrap_or_default())
    }

    /// Reads one mark or number.
    pub(crate) fn word(&mut self, address: u32) -> Result<Word, F::Error> {
        let mut chunk: Chunk = [BLANK; CHUNK as usize];
        let bytes = self.fetch(address, BLANK_WORD.len() as u32, &mut chunk)?;
        Ok(bytes.first_chunk().copied().unwrap_or(BLANK_WORD))
    }

    /// Programs one mark or number, and reads it back.
    pub(crate) fn program_word(&mut self, address: u32, word: Word) -> Result<(), WriteError<F::Error>> {
        let mut writer = Writer::new(address);
        writer.push(self, &word)?;
        writer.finish(self)
    }

    /// Whether every byte of the aligned range reads as erased.
    pub(crate) fn is_blank(&mut self, from: u32, to: u32) -> Result<bool, F::Error> {
        let mut chunk: Chunk = [BLANK; CHUNK as usize];
        let mut address = from;
        while address < to {
            let bytes = self.fetch(address, to.saturating_sub(address), &mut chunk)?;
            if bytes.iter().any(|byte| *byte != BLANK) {
                return Ok(false);
            }
            address = address.saturating_add(CHUNK);
        }
        Ok(true)
    }

    /// Erases a sector, looks it over and sets both ready marks: only a sector whose erase ended carries both.
    pub(crate) fn prepare(&mut self, sector: u32) -> Result<(), WriteError<F::Error>> {
        let layout = self.layout;
        let (from, to) = (layout.address(sector, 0), layout.address(sector, layout.sector_size()));
        self.flash.erase(from, to).map_err(WriteError::Flash)?;
        if !self.is_blank(from, to).map_err(WriteError::Flash)? {
            return Err(WriteError::Fault);
        }
        self.program_word(layout.address(sector, layout.head_ready()), READY)?;
        self.program_word(layout.address(sector, layout.tail_ready()), READY)
    }

    /// Whether both ready marks of a sector are whole: if not, an erase of it was cut.
    pub(crate) fn is_intact(&mut self, sector: u32) -> Result<bool, F::Error> {
        let layout = self.layout;
        Ok(self.word(layout.address(sector, layout.head_ready()))? == READY
            && self.word(layout.address(sector, layout.tail_ready()))? == READY)
    }

    /// Whether a sector is provably erased: its erase ended and nothing was programmed since.
    pub(crate) fn is_ready(&mut self, sector: u32) -> Result<bool, F::Error> {
        let layout = self.layout;
        let (from, to) = (layout.opened(), layout.tail_ready());
        Ok(self.is_intact(sector)?
            && self.is_blank(layout.address(sector, from), layout.address(sector, to))?)
    }

    /// Programs without a comparison: what programmed units hold afterwards is for the caller to judge.
    pub(crate) fn program_over(&mut self, address: u32, bytes: &[u8]) -> Result<(), F::Error> {
        self.flash.write(address, bytes)
    }

    fn program(&mut self, address: u32, bytes: &[u8]) -> Result<(), WriteError<F::Error>> {
        self.flash.write(address, bytes).map_err(WriteError::Flash)?;
        let mut chunk: Chunk = [BLANK; CHUNK as usize];
        let found = self.fetch(address, bytes.len() as u32, &mut chunk).map_err(WriteError::Flash)?;
        if found == bytes { Ok(()) } else { Err(WriteError::Fault) }
    }
}

/// Gathers bytes into whole chunks, programs them in order and compares each with what the flash then holds.
pub(crate) struct Writer {
    address: u32,
    chunk: Chunk,
    filled: u32,
}

impl Writer {
    pub(crate) fn new(address: u32) -> Self {
        Self { address, chunk: [BLANK; CHUNK as usize], filled: 0 }
    }

    pub(crate) fn push<F: NorFlash>(
        &mut self,
        medium: &mut Medium<F>,
        bytes: &[u8],
    ) -> Result<(), WriteError<F::Error>> {
        for byte in bytes {
            if let Some(slot) = self.chunk.get_mut(self.filled as usize) {
                *slot = *byte;
            }
            self.filled = self.filled.saturating_add(1);
            if self.filled >= CHUNK {
                self.flush(medium)?;
            }
        }
        Ok(())
    }

    /// Programs what is left, filled up to the unit with erased bytes.
    pub(crate) fn finish<F: NorFlash>(mut self, medium: &mut Medium<F>) -> Result<(), WriteError<F::Error>> {
        if self.filled == 0 { Ok(()) } else { self.flush(medium) }
    }

    fn flush<F: NorFlash>(&mut self, medium: &mut Medium<F>) -> Result<(), WriteError<F::Error>> {
        let length = medium.layout.round_up(self.filled);
        medium.program(self.address, self.chunk.get(..length as usize).unwrap_or_default())?;
        self.address = self.address.saturating_add(length);
        self.chunk.fill(BLANK);
        self.filled = 0;
        Ok(())
    }
}
