//! Where every byte of a ring lives (the picture is in the crate's documentation).

use super::record::{Kind, Life};
use crate::journal::header::HEADER;
use crate::journal::layout::{Layout, Word, low_half, number_word};

/// A secret and its check.
pub(super) const SECRET_FIELD: u32 = super::SECRET as u32 + 4;

/// Sizes of one ring, rounded for the flash under it. All sizes are bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RingLayout(Layout);

impl RingLayout {
    pub(super) const fn new(layout: Layout) -> Self {
        Self(layout)
    }

    pub(super) fn sectors(self) -> u32 {
        self.0.sectors()
    }

    pub(super) fn word(self) -> u32 {
        self.0.word()
    }

    pub(super) fn unit(self) -> u32 {
        self.0.unit()
    }

    pub(super) fn round_up(self, length: u32) -> u32 {
        self.0.round_up(length)
    }

    /// Flash address of a place in a sector.
    pub(super) fn address(self, sector: u32, offset: u32) -> u32 {
        self.0.address(sector, offset)
    }

    /// The sector and its number: sectors take turns, so that the number alone says which it is.
    pub(super) fn life(self, sequence: u32) -> Life {
        let sector = sequence.saturating_sub(1).checked_rem(self.sectors()).unwrap_or(0);
        Life { sector, sequence }
    }

    /// The number of the sector, behind the first mark of a whole erase.
    pub(super) fn opened(self) -> u32 {
        self.word()
    }

    /// "A later sector took over".
    pub(super) fn closed(self) -> u32 {
        self.word().saturating_mul(2)
    }

    /// First record.
    pub(super) fn records(self) -> u32 {
        self.word().saturating_mul(3)
    }

    /// End of the records, and the second mark of a whole erase.
    pub(super) fn end(self) -> u32 {
        self.0.tail_ready()
    }

    /// The record behind the head: the secret that was the newest when the sector was opened.
    pub(super) fn first_key(self) -> u32 {
        self.records().saturating_add(self.record_size(Kind::Head, super::record::HEAD as u16))
    }

    /// Where entries begin.
    pub(super) fn first_entry(self) -> u32 {
        self.first_key().saturating_add(self.record_size(Kind::Key, 0))
    }

    /// Bytes for entries in a sector.
    pub(super) fn capacity(self) -> u32 {
        self.end().saturating_sub(self.first_entry())
    }

    /// Bytes that a record takes: its mark, its header, its secret where it has one, its payload, rounded.
    pub(super) fn record_size(self, kind: Kind, length: u16) -> u32 {
        let body = HEADER.saturating_add(kind.secret_field()).saturating_add(u32::from(length));
        self.word().saturating_add(self.round_up(body))
    }

    /// The word that opens a sector: its number and a checksum over it and the layout.
    pub(super) fn opened_word(self, sequence: u32) -> Word {
        number_word(b"ring", self.unit().rotate_left(24) ^ self.0.sector_size(), sequence)
    }

    /// Reads the word of [`RingLayout::opened_word`]; `None` where it does not hold one.
    pub(super) fn sequence(self, word: Word) -> Option<u32> {
        let sequence = low_half(word);
        (word == self.opened_word(sequence)).then_some(sequence)
    }
}
