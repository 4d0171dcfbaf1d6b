//! CRC-32C (Castagnoli, reflected), as in RFC 3720 appendix B.4: Hamming distance 6 up to 655 bytes, so that any five
//! wrong bits in a record are found.
//!
//! Four bits at a time: 64 bytes of table, and no step that could panic, which the `crc` crate's last step has in a
//! build with overflow checks. The tests hold it against that crate.

/// The reflected polynomial.
const POLYNOMIAL: u32 = 0x82F6_3B78;

/// Remainder of each four bits.
static TABLE: [u32; 16] = table();

/// A checksum in the making.
pub(crate) struct Crc32c(u32);

impl Crc32c {
    pub(crate) fn new() -> Self {
        Self(u32::MAX)
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 ^= u32::from(*byte);
            self.step();
            self.step();
        }
    }

    pub(crate) fn finish(self) -> u32 {
        !self.0
    }

    fn step(&mut self) {
        let remainder = TABLE.get((self.0 & 0xF) as usize).copied().unwrap_or_default();
        self.0 = (self.0 >> 4) ^ remainder;
    }
}

#[expect(clippy::indexing_slicing, reason = "evaluated at compile time, where a wrong index is an error")]
const fn table() -> [u32; 16] {
    let mut table = [0; 16];
    let mut index = 0;
    while index < table.len() {
        let mut remainder = index as u32;
        let mut bit = 0;
        while bit < 4 {
            remainder = if remainder & 1 == 1 { (remainder >> 1) ^ POLYNOMIAL } else { remainder >> 1 };
            bit += 1;
        }
        table[index] = remainder;
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checksum(bytes: &[u8]) -> u32 {
        let mut crc = Crc32c::new();
        crc.update(bytes);
        crc.finish()
    }

    #[test]
    fn the_examples_of_rfc_3720_come_out() {
        assert_eq!(checksum(&[0; 32]), 0x8A91_36AA);
        assert_eq!(checksum(&[0xFF; 32]), 0x62A8_AB43);
        assert_eq!(checksum(b"123456789"), 0xE306_9283);
    }

    #[test]
    fn it_agrees_with_another_implementation_in_pieces_of_any_length() {
        let other = crc::Crc::<u32>::new(&crc::CRC_32_ISCSI);
        let mut bytes = [0_u8; 530];
        bytes.iter_mut().zip(0_u32..).for_each(|(byte, place)| *byte = ((place * place) >> 3) as u8);
        for length in 0..bytes.len() {
            let mut crc = Crc32c::new();
            crc.update(&bytes[..length / 3]);
            crc.update(&bytes[length / 3..length]);
            assert_eq!(crc.finish(), other.checksum(&bytes[..length]));
        }
    }
}
