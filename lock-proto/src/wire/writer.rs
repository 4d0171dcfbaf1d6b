//! Values to bytes.

use super::{LOW, MORE};

/// Writes values one behind the other. What does not fit is counted, so that it is told at the end.
#[derive(Debug)]
pub struct Writer<'b> {
    out: &'b mut [u8],
    length: usize,
}

impl<'b> Writer<'b> {
    /// From the start of this buffer.
    #[must_use]
    pub const fn of(out: &'b mut [u8]) -> Self {
        Self { out, length: 0 }
    }

    /// One byte.
    pub fn byte(&mut self, byte: u8) {
        if let Some(place) = self.out.get_mut(self.length) {
            *place = byte;
        }
        self.length = self.length.saturating_add(1);
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let end = self.length.saturating_add(bytes.len());
        if let Some(places) = self.out.get_mut(self.length..end) {
            places.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
        }
        self.length = end;
    }

    /// A byte string: its length, and its bytes.
    pub fn byte_string(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.bytes(bytes);
    }

    /// A number.
    pub fn number(&mut self, number: u64) {
        let mut rest = number;
        while rest > u64::from(LOW) {
            self.byte(rest as u8 | MORE);
            rest >>= 7;
        }
        self.byte(rest as u8);
    }

    /// A number of at most 32 bits, in fewer steps of a small chip.
    pub fn small_number(&mut self, number: u32) {
        let mut rest = number;
        while rest > u32::from(LOW) {
            self.byte(rest as u8 | MORE);
            rest >>= 7;
        }
        self.byte(rest as u8);
    }

    /// What was written; `None` where the buffer was too short for it.
    #[must_use]
    pub fn written(self) -> Option<&'b mut [u8]> {
        self.out.get_mut(..self.length)
    }
}
