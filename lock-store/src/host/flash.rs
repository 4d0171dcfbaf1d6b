//! The rules of a strict NOR flash, once for memory and file.

use std::collections::BTreeSet;
use std::{io, vec, vec::Vec};

use embedded_storage::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase,
    check_read, check_write,
};
use thiserror::Error;

use super::cells::{Cells, Memory};
use super::file::OpenError;
use super::power::{ERASED_FOR_ONE, EraseDamage, Power, ProgramDamage, Share, cut_erase, cut_program};

/// Why a call on a simulated flash failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HostFlashError {
    /// The range is not aligned to the sizes of the flash.
    #[error("the range is not aligned: use whole units")]
    NotAligned,
    /// The range exceeds the flash.
    #[error("the range exceeds the flash: stay below its capacity")]
    OutOfBounds,
    /// Some unit of the range was programmed since its last erase.
    #[error("the range at offset {offset} was programmed before: erase its sector first")]
    NotErased {
        /// Byte offset of the range.
        offset: usize,
    },
    /// The last erase of this sector was cut, so that programs may not hold, whatever it reads as.
    #[error("the last erase of sector {sector} was cut: erase it again before programming it")]
    HalfErased {
        /// Sector, counted from 0.
        sector: usize,
    },
    /// The power failed, in this call or before.
    #[error("the power is off: call power_on")]
    PowerOff,
    /// The host's storage failed.
    #[error("the host's storage failed: {0}")]
    Io(#[from] io::Error),
}

impl NorFlashError for HostFlashError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::NotAligned => NorFlashErrorKind::NotAligned,
            Self::OutOfBounds => NorFlashErrorKind::OutOfBounds,
            Self::NotErased { .. } | Self::HalfErased { .. } | Self::PowerOff | Self::Io(_) => {
                NorFlashErrorKind::Other
            }
        }
    }
}

impl From<NorFlashErrorKind> for HostFlashError {
    fn from(kind: NorFlashErrorKind) -> Self {
        if kind == NorFlashErrorKind::OutOfBounds { Self::OutOfBounds } else { Self::NotAligned }
    }
}

/// What was asked of a flash since it was made: calls that ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Program calls.
    pub programs: u64,
    /// Bytes programmed.
    pub bytes_programmed: u64,
    /// Sectors erased.
    pub erases: u64,
    /// Read calls.
    pub reads: u64,
    /// Bytes read.
    pub bytes_read: u64,
}

/// A NOR flash that refuses whatever a strict chip would, and loses power where it is told to. With `REWRITES` a unit may be
/// programmed again before its sector is erased, which only clears bits.
#[derive(Debug, Clone)]
pub struct SimulatedFlash<C, const WRITE: usize, const ERASE: usize, const REWRITES: bool = false> {
    cells: C,
    power: Power,
    erase_damage: EraseDamage,
    program_damage: ProgramDamage,
    half_erased: BTreeSet<usize>,
    /// One entry a unit: programmed since its last erase, if only with erased bytes.
    programmed: Vec<bool>,
    counters: Counters,
}

impl<C: Cells, const WRITE: usize, const ERASE: usize, const REWRITES: bool>
    SimulatedFlash<C, WRITE, ERASE, REWRITES>
{
    pub(super) fn with_cells(cells: C) -> Self {
        let programmed = vec![false; cells.size().checked_div(WRITE).unwrap_or(0)];
        Self {
            cells,
            power: Power::Steady,
            erase_damage: EraseDamage::default(),
            program_damage: ProgramDamage::default(),
            half_erased: BTreeSet::new(),
            programmed,
            counters: Counters::default(),
        }
    }

    pub(super) fn cells_mut(&mut self) -> &mut C {
        &mut self.cells
    }

    /// Lets the power fail once `bytes` more bytes are programmed or erased: the byte after them is done in part or not at all, and
    /// every call from then on is refused until [`SimulatedFlash::power_on`]. An erase counts one for every 16 bytes.
    pub fn power_cut_after(&mut self, bytes: u64) {
        self.power = Power::Lasting(bytes);
    }

    /// Ends a power cut, or cancels one that has not come yet.
    pub fn power_on(&mut self) {
        self.power = Power::Steady;
    }

    /// Whether the power failed.
    pub fn is_off(&self) -> bool {
        self.power == Power::Off
    }

    /// Chooses what an erase that is cut leaves behind.
    pub fn damage_erases(&mut self, damage: EraseDamage) {
        self.erase_damage = damage;
    }

    /// Chooses what becomes of the byte in which the power fails while programming.
    pub fn damage_programs(&mut self, damage: ProgramDamage) {
        self.program_damage = damage;
    }

    /// What was asked of this flash.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    fn powered(&self) -> Result<(), HostFlashError> {
        if self.is_off() { Err(HostFlashError::PowerOff) } else { Ok(()) }
    }

    fn check_programmable(&mut self, offset: usize, length: usize) -> Result<(), HostFlashError> {
        let last = offset.saturating_add(length.saturating_sub(1));
        let (first, last) = (offset.checked_div(ERASE).unwrap_or(0), last.checked_div(ERASE).unwrap_or(0));
        if let Some(sector) = self.half_erased.range(first..=last).next() {
            return Err(HostFlashError::HalfErased { sector: *sector });
        }
        if REWRITES {
            return Ok(());
        }
        let mut old = vec![0; length];
        self.cells.load(offset, &mut old)?;
        let blank = old.iter().all(|byte| *byte == 0xFF);
        if blank && self.units(offset, length).all(|programmed| !*programmed) {
            Ok(())
        } else {
            Err(HostFlashError::NotErased { offset })
        }
    }

    /// The entries of `programmed` that a range touches.
    fn units(&mut self, offset: usize, length: usize) -> impl Iterator<Item = &mut bool> {
        let first = offset.checked_div(WRITE).unwrap_or(0);
        let end = offset.saturating_add(length).div_ceil(WRITE.max(1));
        self.programmed.iter_mut().take(end).skip(first)
    }

    /// Programming clears bits and sets none.
    fn clear_bits(&mut self, offset: usize, bytes: &[u8]) -> Result<(), HostFlashError> {
        let mut cells = vec![0; bytes.len()];
        self.cells.load(offset, &mut cells)?;
        cells.iter_mut().zip(bytes).for_each(|(cell, byte)| *cell &= byte);
        Ok(self.cells.store(offset, &cells)?)
    }

    fn erase_sector(&mut self, sector: usize) -> Result<(), HostFlashError> {
        let start = sector.saturating_mul(ERASE);
        match self.power.draw(ERASE.div_ceil(ERASED_FOR_ONE)) {
            Share::Whole => {
                // If the host fails in the middle the sector is as unsafe as after a cut.
                self.half_erased.insert(sector);
                self.cells.store(start, &[0xFF; ERASE])?;
                self.half_erased.remove(&sector);
                self.units(start, ERASE).for_each(|programmed| *programmed = false);
                self.counters.erases = self.counters.erases.saturating_add(1);
                Ok(())
            }
            Share::Cut(done) => {
                let mut old = vec![0; ERASE];
                self.cells.load(start, &mut old)?;
                self.half_erased.insert(sector);
                self.cells
                    .store(start, &cut_erase(&old, done.saturating_mul(ERASED_FOR_ONE), self.erase_damage))?;
                Err(HostFlashError::PowerOff)
            }
        }
    }
}

impl<const WRITE: usize, const ERASE: usize, const REWRITES: bool>
    SimulatedFlash<Memory, WRITE, ERASE, REWRITES>
{
    /// A blank flash of so many sectors.
    pub fn new(sectors: usize) -> Self {
        Self::with_cells(Memory::erased(sectors.saturating_mul(ERASE)))
    }

    /// A flash that holds these bytes, for tests that start from arbitrary contents.
    ///
    /// # Errors
    /// [`OpenError::WrongSize`] unless they are a whole number of sectors.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, OpenError> {
        let found = bytes.len() as u64;
        let expected = found.next_multiple_of(ERASE as u64);
        if found != expected {
            return Err(OpenError::WrongSize { found, expected });
        }
        Ok(Self::with_cells(Memory::from_bytes(bytes)))
    }

    /// All bytes as they are.
    pub fn bytes(&self) -> &[u8] {
        self.cells.bytes()
    }

    /// Flips bit `bit` (0 the lowest) of the byte at `offset`, against all rules, as decay does. Beyond the end: nothing.
    pub fn flip_bit(&mut self, offset: usize, bit: u8) {
        self.cells.flip_bit(offset, bit);
    }
}

impl<C, const WRITE: usize, const ERASE: usize, const REWRITES: bool> ErrorType
    for SimulatedFlash<C, WRITE, ERASE, REWRITES>
{
    type Error = HostFlashError;
}

impl<C: Cells, const WRITE: usize, const ERASE: usize, const REWRITES: bool> ReadNorFlash
    for SimulatedFlash<C, WRITE, ERASE, REWRITES>
{
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), HostFlashError> {
        self.powered()?;
        check_read(self, offset, bytes.len())?;
        self.cells.load(offset as usize, bytes)?;
        self.counters.reads = self.counters.reads.saturating_add(1);
        self.counters.bytes_read = self.counters.bytes_read.saturating_add(bytes.len() as u64);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.cells.size()
    }
}

impl<C: Cells, const WRITE: usize, const ERASE: usize, const REWRITES: bool> NorFlash
    for SimulatedFlash<C, WRITE, ERASE, REWRITES>
{
    const WRITE_SIZE: usize = WRITE;
    const ERASE_SIZE: usize = ERASE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), HostFlashError> {
        self.powered()?;
        check_erase(self, from, to)?;
        let sectors = |address: u32| (address as usize).checked_div(ERASE).unwrap_or(0);
        (sectors(from)..sectors(to)).try_for_each(|sector| self.erase_sector(sector))
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), HostFlashError> {
        self.powered()?;
        check_write(self, offset, bytes.len())?;
        let offset = offset as usize;
        self.check_programmable(offset, bytes.len())?;
        match self.power.draw(bytes.len()) {
            Share::Whole => {
                self.units(offset, bytes.len()).for_each(|programmed| *programmed = true);
                self.clear_bits(offset, bytes)?;
                self.counters.programs = self.counters.programs.saturating_add(1);
                self.counters.bytes_programmed =
                    self.counters.bytes_programmed.saturating_add(bytes.len() as u64);
                Ok(())
            }
            Share::Cut(done) => {
                // Units that were done in whole or in part; one whose first byte kept all its bits was not begun.
                self.units(offset, done).for_each(|programmed| *programmed = true);
                self.clear_bits(offset, &cut_program(bytes, done, offset, self.program_damage))?;
                Err(HostFlashError::PowerOff)
            }
        }
    }
}

impl<C: Cells, const WRITE: usize, const ERASE: usize> MultiwriteNorFlash
    for SimulatedFlash<C, WRITE, ERASE, true>
{
}
