//! Where every byte lives: the one place that knows offsets, sizes and check words (the picture is in the crate's
//! documentation).

use super::crc32c::Crc32c;
use super::error::GeometryError;
use super::header::HEADER;

/// Number of tags that a journal holds: tags are `0..TAGS`.
pub const TAGS: usize = 24;
/// Longest payload of a record, in bytes.
pub const MAX_PAYLOAD: usize = 512;
/// Fewest erase sectors that a journal works with: one in use, one erased in advance.
pub const MIN_SECTORS: u32 = 2;
/// Most erase sectors that a journal works with; the state of each is one byte of RAM.
pub const MAX_SECTORS: usize = 32;
/// Largest read or write size of a flash that a journal works with, in bytes.
pub const MAX_UNIT: u32 = 64;

/// What an erased byte reads as.
pub(crate) const BLANK: u8 = 0xFF;

/// Marks and numbers are eight bytes, so that no small damage makes one look blank: a mark has 25 or more zero bits.
pub(crate) type Word = [u8; 8];
pub(crate) const BLANK_WORD: Word = [BLANK; 8];
pub(crate) const READY: Word = *b"lkREADY1";
pub(crate) const CLOSED: Word = *b"lkCLOSED";
pub(crate) const COMMITTED: Word = *b"lkRECORD";

/// How much of a mark is on the flash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Not a single bit: its programming never began.
    Blank,
    /// Some bits: programming began and was cut, or the mark was damaged later.
    Begun,
    /// Every bit.
    Set,
}

impl Mark {
    /// Compares what was read with the mark that belongs there.
    pub(crate) fn of(found: Word, expected: Word) -> Mark {
        if found == expected {
            Mark::Set
        } else if found == BLANK_WORD {
            Mark::Blank
        } else {
            Mark::Begun
        }
    }
}

/// Sizes of one journal, rounded for the flash under it. All sizes are bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    unit: u32,
    sector: u32,
    sectors: u32,
}

impl Layout {
    /// Checks a flash's figures. Everything is rounded up to the larger of its read and write sizes.
    pub(crate) fn new(
        read: usize,
        write: usize,
        erase: usize,
        capacity: usize,
    ) -> Result<Self, GeometryError> {
        let unit = u32::try_from(read.max(write)).unwrap_or(u32::MAX);
        if !read.is_power_of_two() || !write.is_power_of_two() || unit > MAX_UNIT {
            return Err(GeometryError::Unit { read, write });
        }
        let (Ok(sector), Ok(total)) = (u32::try_from(erase), u32::try_from(capacity)) else {
            return Err(GeometryError::Capacity { capacity, erase });
        };
        let sectors = total.checked_div(sector).unwrap_or(0);
        let layout = Self { unit, sector, sectors };
        if sector & unit.saturating_sub(1) != 0 || sector < layout.smallest_sector() {
            return Err(GeometryError::SectorSize { erase, smallest: layout.smallest_sector() });
        }
        if sectors.saturating_mul(sector) != total {
            return Err(GeometryError::Capacity { capacity, erase });
        }
        if sectors < MIN_SECTORS || sectors as usize > MAX_SECTORS {
            return Err(GeometryError::SectorCount { sectors });
        }
        Ok(layout)
    }

    /// Head, tail and one record of the greatest length.
    fn smallest_sector(self) -> u32 {
        self.records().saturating_add(self.word()).saturating_add(self.record_size(MAX_PAYLOAD as u16))
    }

    pub(crate) fn round_up(self, length: u32) -> u32 {
        let rest = self.unit.saturating_sub(1);
        length.saturating_add(rest) & !rest
    }

    /// Room of one mark or number.
    pub(crate) fn word(self) -> u32 {
        self.round_up(BLANK_WORD.len() as u32)
    }

    pub(crate) fn unit(self) -> u32 {
        self.unit
    }

    pub(crate) fn sectors(self) -> u32 {
        self.sectors
    }

    pub(crate) fn sector_size(self) -> u32 {
        self.sector
    }

    /// Flash address of a place in a sector.
    pub(crate) fn address(self, sector: u32, offset: u32) -> u32 {
        sector.saturating_mul(self.sector).saturating_add(offset)
    }

    /// First of the two marks that say "wholly erased", at the very start; the other is [`Layout::tail_ready`].
    pub(crate) fn head_ready(self) -> u32 {
        0
    }

    /// Sequence number of the sector.
    pub(crate) fn opened(self) -> u32 {
        self.word()
    }

    /// "The records copied at the switch are all here, up to this offset".
    pub(crate) fn live(self) -> u32 {
        self.word().saturating_mul(2)
    }

    /// "A newer sector took over".
    pub(crate) fn closed(self) -> u32 {
        self.word().saturating_mul(3)
    }

    /// First record.
    pub(crate) fn records(self) -> u32 {
        self.word().saturating_mul(4)
    }

    /// End of the records, and the second ready mark.
    pub(crate) fn tail_ready(self) -> u32 {
        self.sector.saturating_sub(self.word())
    }

    /// Bytes for records in a sector.
    pub(crate) fn capacity(self) -> u32 {
        self.tail_ready().saturating_sub(self.records())
    }

    /// Bytes that a record with a payload of `length` takes: its mark, its header and payload, rounded.
    pub(crate) fn record_size(self, length: u16) -> u32 {
        self.word().saturating_add(self.round_up(HEADER.saturating_add(u32::from(length))))
    }

    /// The word that opens a sector: its sequence number and a checksum over it and the layout.
    pub(crate) fn opened_word(self, sequence: u32) -> Word {
        number_word(b"open", self.unit.rotate_left(24) ^ self.sector, sequence)
    }

    /// The word that makes a sector live: the end of the copied records and a checksum over it and the sequence number.
    pub(crate) fn live_word(self, sequence: u32, end: u32) -> Word {
        number_word(b"live", sequence, end)
    }

    /// Reads the word of [`Layout::opened_word`]; `None` where it does not hold one.
    pub(crate) fn sequence(self, word: Word) -> Option<u32> {
        let sequence = low_half(word);
        (word == self.opened_word(sequence)).then_some(sequence)
    }

    /// Reads the word of [`Layout::live_word`]; `None` where it does not hold one.
    pub(crate) fn live_end(self, sequence: u32, word: Word) -> Option<u32> {
        let end = low_half(word);
        (word == self.live_word(sequence, end)).then_some(end)
    }
}

pub(crate) fn low_half(word: Word) -> u32 {
    let [a, b, c, d, ..] = word;
    u32::from_le_bytes([a, b, c, d])
}

pub(crate) fn number_word(kind: &[u8; 4], context: u32, value: u32) -> Word {
    let mut digest = Crc32c::new();
    digest.update(kind);
    digest.update(&context.to_le_bytes());
    digest.update(&value.to_le_bytes());
    let [a, b, c, d] = value.to_le_bytes();
    let [e, f, g, h] = digest.finish().to_le_bytes();
    [a, b, c, d, e, f, g, h]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_sector_that_fits_is_accepted_and_one_unit_less_is_refused() {
        assert!(Layout::new(1, 8, 568, 2 * 568).is_ok());
        assert!(matches!(
            Layout::new(1, 8, 560, 2 * 560),
            Err(GeometryError::SectorSize { smallest: 568, .. })
        ));
        assert!(Layout::new(1, 1, 568, 2 * 568).is_ok());
        assert!(Layout::new(64, 64, 1024, 2 * 1024).is_ok());
    }

    #[test]
    fn one_sector_and_thirty_three_are_refused_and_the_counts_between_are_accepted() {
        for (sectors, accepted) in [(0, false), (1, false), (2, true), (32, true), (33, false)] {
            assert_eq!(Layout::new(1, 4, 4096, sectors * 4096).is_ok(), accepted, "{sectors} sectors");
        }
    }

    #[test]
    fn a_flash_with_an_odd_size_is_refused() {
        assert!(matches!(Layout::new(1, 3, 4096, 8192), Err(GeometryError::Unit { .. })));
        assert!(matches!(Layout::new(1, 0, 4096, 8192), Err(GeometryError::Unit { .. })));
        assert!(matches!(Layout::new(1, 128, 4096, 8192), Err(GeometryError::Unit { .. })));
        assert!(matches!(Layout::new(1, 4, 4096, 8191), Err(GeometryError::Capacity { .. })));
        assert!(matches!(Layout::new(1, 4, 0, 8192), Err(GeometryError::SectorSize { .. })));
        assert!(matches!(Layout::new(1, 4, 4098, 8196), Err(GeometryError::SectorSize { .. })));
    }

    #[test]
    fn every_mark_has_at_least_twenty_five_zero_bits() {
        for mark in [READY, CLOSED, COMMITTED] {
            assert!(u64::from_le_bytes(mark).count_zeros() >= 25);
        }
    }
}
