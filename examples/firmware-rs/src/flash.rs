//! The flash: RAM of the board that outlives the chip's power, made to obey the rules of NOR. Programming clears bits, in units of
//! 8 bytes that must be erased; erasing sets those of a whole sector. Each word is stored by itself, so that a cut may fall between any
//! two.

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash, check_erase, check_read, check_write,
};

use crate::memory::FLASH;

/// What is erased at once.
pub(crate) const SECTOR: usize = 8_192;
/// The same of the boot loader's part.
pub(crate) const SMALL_SECTOR: usize = 1_024;
const UNIT: usize = 8;
const WORD: usize = 4;
const ERASED: u32 = u32::MAX;

/// A part of the flash, in bytes from its start, of which `ERASE` are erased at once.
#[derive(Debug)]
pub(crate) struct Region<const ERASE: usize = SECTOR> {
    start: usize,
    bytes: usize,
}

impl Region<SMALL_SECTOR> {
    /// What the boot loader has: where it stands, and two slots.
    pub(crate) const fn loader() -> Self {
        Self { start: 9 * SECTOR, bytes: 2 * SECTOR }
    }
}

impl Region {
    /// Where the records of the lock are.
    pub(crate) const fn records() -> Self {
        Self { start: 0, bytes: 4 * SECTOR }
    }

    /// Where its log is.
    pub(crate) const fn log() -> Self {
        Self { start: 4 * SECTOR, bytes: 4 * SECTOR }
    }

    /// What the production line leaves for the first boot.
    pub(crate) const fn factory() -> Self {
        Self { start: 8 * SECTOR, bytes: SECTOR }
    }
}

impl<const ERASE: usize> Region<ERASE> {
    const fn word_at(&self, offset: usize) -> usize {
        (self.start + offset) / WORD
    }
}

impl<const ERASE: usize> ErrorType for Region<ERASE> {
    type Error = NorFlashErrorKind;
}

impl<const ERASE: usize> ReadNorFlash for Region<ERASE> {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        check_read(self, offset, bytes.len())?;
        for (at, byte) in (offset as usize..).zip(bytes) {
            let word = FLASH.word(self.word_at(at)).ok_or(NorFlashErrorKind::OutOfBounds)?;
            let [first, second, third, fourth] = word.to_le_bytes();
            *byte = match at % WORD {
                0 => first,
                1 => second,
                2 => third,
                _ => fourth,
            };
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes
    }
}

impl<const ERASE: usize> NorFlash for Region<ERASE> {
    const WRITE_SIZE: usize = UNIT;
    const ERASE_SIZE: usize = ERASE;

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        check_write(self, offset, bytes.len())?;
        let (words, _) = bytes.as_chunks::<WORD>();
        for (index, word) in (self.word_at(offset as usize)..).zip(words) {
            if FLASH.word(index) != Some(ERASED) {
                return Err(NorFlashErrorKind::Other); // error correction forbids a second program, and so does this flash
            }
            FLASH.set_word(index, u32::from_le_bytes(*word)).ok_or(NorFlashErrorKind::OutOfBounds)?;
        }
        Ok(())
    }

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        check_erase(self, from, to)?;
        for index in self.word_at(from as usize)..self.word_at(to as usize) {
            FLASH.set_word(index, ERASED).ok_or(NorFlashErrorKind::OutOfBounds)?;
        }
        Ok(())
    }
}
