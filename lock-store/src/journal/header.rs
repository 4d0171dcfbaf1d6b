//! What stands in front of a payload, and the checksum over both.

use super::crc32c::Crc32c;
use super::layout::{MAX_PAYLOAD, Word};

/// Length of a record's header: tag, header check, length, checksum.
pub(crate) const HEADER: u32 = 8;

/// The fixed part in front of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) tag: u8,
    pub(crate) length: u16,
    pub(crate) checksum: u32,
}

/// Checksum of a record in the making. It covers the sector's sequence number and the record's offset, so that bytes
/// of an earlier life of the sector never pass for a record of this one.
pub(crate) struct Checksum(Crc32c);

impl Checksum {
    pub(crate) fn new(sequence: u32, offset: u32, tag: u8, length: u16) -> Self {
        let mut digest = Crc32c::new();
        digest.update(&sequence.to_le_bytes());
        digest.update(&offset.to_le_bytes());
        digest.update(&[tag]);
        digest.update(&length.to_le_bytes());
        Self(digest)
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> u32 {
        self.0.finish()
    }
}

impl Header {
    /// `tag u8, check u8, length u16 LE, checksum u32 LE`; the check alone vouches for the length, so that a later
    /// version can zero a payload in place and still step over it.
    pub(crate) fn encode(self, sequence: u32, offset: u32) -> Word {
        let [low, high] = self.length.to_le_bytes();
        let [a, b, c, d] = self.checksum.to_le_bytes();
        [self.tag, header_check(sequence, offset, self.tag, self.length), low, high, a, b, c, d]
    }

    /// `None` where the check does not fit or the length is over [`MAX_PAYLOAD`].
    pub(crate) fn decode(word: Word, sequence: u32, offset: u32) -> Option<Self> {
        let [tag, check, low, high, a, b, c, d] = word;
        let length = u16::from_le_bytes([low, high]);
        let right =
            check == header_check(sequence, offset, tag, length) && usize::from(length) <= MAX_PAYLOAD;
        right.then_some(Self { tag, length, checksum: u32::from_le_bytes([a, b, c, d]) })
    }
}

fn header_check(sequence: u32, offset: u32, tag: u8, length: u16) -> u8 {
    let [check, ..] = Checksum::new(sequence, offset, tag, length).finish().to_le_bytes();
    check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_reads_back_only_in_its_own_place() {
        let header = Header { tag: 15, length: 512, checksum: 0x1234_5678 };
        let word = header.encode(7, 32);
        assert_eq!(Header::decode(word, 7, 32), Some(header));
        assert_eq!(Header::decode(word, 8, 32), None);
        assert_eq!(Header::decode(word, 7, 40), None);
        let long = Header { length: 513, ..header };
        assert_eq!(Header::decode(long.encode(7, 32), 7, 32), None);
    }
}
