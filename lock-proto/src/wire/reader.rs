//! Values from bytes.

use super::{LOW, MORE, Malformed};

/// Takes values from bytes, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    /// From the start of these bytes.
    #[must_use]
    pub const fn of(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What was not taken yet.
    #[must_use]
    pub const fn rest(&self) -> &'b [u8] {
        self.rest
    }

    /// The next byte.
    ///
    /// # Errors
    /// [`Malformed`] at the end.
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        let (byte, rest) = self.rest.split_first().ok_or(Malformed)?;
        self.rest = rest;
        Ok(*byte)
    }

    /// The next `length` bytes.
    ///
    /// # Errors
    /// [`Malformed`] where there are fewer.
    pub fn bytes(&mut self, length: usize) -> Result<&'b [u8], Malformed> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// A byte string: its length, and so many bytes.
    ///
    /// # Errors
    /// [`Malformed`] for a length that is none, or with fewer bytes behind it.
    pub fn byte_string(&mut self) -> Result<&'b [u8], Malformed> {
        let length = self.number_up_to(u32::MAX)?;
        self.bytes(usize::try_from(length).map_err(|_| Malformed)?)
    }

    /// A number.
    ///
    /// # Errors
    /// [`Malformed`] for one with a needless byte, or with more than 64 bits.
    pub fn number(&mut self) -> Result<u64, Malformed> {
        let (mut number, mut shift) = (0, 0_u32);
        loop {
            let byte = self.byte()?;
            let bits = u64::from(byte & LOW);
            number |= bits.wrapping_shl(shift);
            if byte & MORE == 0 {
                let is_whole = number.wrapping_shr(shift) == bits;
                let is_shortest = byte != 0 || shift == 0;
                return if is_whole && is_shortest { Ok(number) } else { Err(Malformed) };
            }
            shift = shift.wrapping_add(7);
            if shift >= u64::BITS {
                return Err(Malformed);
            }
        }
    }

    /// A number that is not above `highest`.
    ///
    /// # Errors
    /// [`Malformed`] for another one, and for one with a needless byte.
    pub fn number_up_to(&mut self, highest: u32) -> Result<u32, Malformed> {
        let (mut number, mut shift) = (0, 0_u32);
        loop {
            let byte = self.byte()?;
            let bits = u32::from(byte & LOW);
            number |= bits.wrapping_shl(shift);
            if byte & MORE == 0 {
                let is_whole = number.wrapping_shr(shift) == bits;
                let is_shortest = byte != 0 || shift == 0;
                return if is_whole && is_shortest && number <= highest {
                    Ok(number)
                } else {
                    Err(Malformed)
                };
            }
            shift = shift.wrapping_add(7);
            if shift >= u32::BITS {
                return Err(Malformed);
            }
        }
    }

    /// Says that nothing follows.
    ///
    /// # Errors
    /// [`Malformed`] where something does.
    pub const fn end(self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}
