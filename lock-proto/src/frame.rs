//! Packets on a byte stream: COBS and a zero byte (section 2.1).

use crate::MAX_PACKET;

/// The longest encoded packet with its closing zero, in bytes: one byte more for each 254, one to start, the zero.
pub const MAX_ENCODED: usize = MAX_PACKET + MAX_PACKET / 254 + 2;

/// Why a packet was not framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// An empty or overlong packet.
    #[error("a frame holds 1 to 512 bytes; send the packet in one piece of that size")]
    BadLength,
    /// The output is too short.
    #[error("the buffer is too short for the frame; MAX_ENCODED bytes always suffice")]
    BufferTooShort,
}

/// Encodes a packet of 1 to 512 bytes with its closing zero and returns the part of `out` that holds it.
///
/// # Errors
/// [`FrameError`]; nothing useful is in `out` then.
pub fn encode<'b>(packet: &[u8], out: &'b mut [u8]) -> Result<&'b mut [u8], FrameError> {
    if packet.is_empty() || packet.len() > MAX_PACKET {
        return Err(FrameError::BadLength);
    }
    let length = cobs::try_encode(packet, out).map_err(|_| FrameError::BufferTooShort)?;
    *out.get_mut(length).ok_or(FrameError::BufferTooShort)? = 0;
    out.get_mut(..=length).ok_or(FrameError::BufferTooShort)
}

/// Finds packets in a stream that arrives in pieces. Noise, overlong and broken frames are dropped up to the next zero.
#[derive(Debug)]
pub struct Deframer {
    buffer: [u8; MAX_ENCODED - 1],
    filled: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Collecting,
    /// The frame is too long: skip to its end.
    Skipping,
    /// The zero has come; `filled` bytes of packet lie at the start of the buffer.
    Complete,
}

impl Default for Deframer {
    fn default() -> Self {
        Self::new()
    }
}

impl Deframer {
    /// An empty one; 515 bytes of buffer, no heap.
    #[must_use]
    pub const fn new() -> Self {
        Self { buffer: [0; MAX_ENCODED - 1], filled: 0, state: State::Collecting }
    }

    /// Takes one byte; returns a packet of 1 to 512 bytes when the byte ends one.
    pub fn push(&mut self, byte: u8) -> Option<&mut [u8]> {
        if self.takes(byte) { self.buffer.get_mut(..self.filled) } else { None }
    }

    /// Takes bytes up to the end of the first packet in them; returns how many it took, and the packet.
    pub fn push_slice(&mut self, bytes: &[u8]) -> (usize, Option<&mut [u8]>) {
        match bytes.iter().position(|byte| self.takes(*byte)) {
            Some(last) => (last + 1, self.buffer.get_mut(..self.filled)),
            None => (bytes.len(), None),
        }
    }

    /// Takes one byte; true when a packet is complete.
    fn takes(&mut self, byte: u8) -> bool {
        if self.state == State::Complete {
            (self.filled, self.state) = (0, State::Collecting);
        }
        match (byte, self.state) {
            (0, State::Collecting) => {
                self.state = State::Complete;
                self.filled = self.buffer.get_mut(..self.filled).and_then(decode).unwrap_or(0);
                (1..=MAX_PACKET).contains(&self.filled)
            }
            (0, State::Skipping | State::Complete) => {
                self.state = State::Complete;
                false
            }
            (_, State::Collecting | State::Complete) => {
                match self.buffer.get_mut(self.filled) {
                    Some(slot) => {
                        *slot = byte;
                        self.filled += 1;
                    }
                    None => self.state = State::Skipping,
                }
                false
            }
            (_, State::Skipping) => false,
        }
    }
}

/// Decodes a frame without its zero in place and returns how many bytes are left; `None` where it is broken. As that of `cobs`, and without a
/// way to panic.
fn decode(frame: &mut [u8]) -> Option<usize> {
    let (mut read, mut written) = (0, 0);
    while let Some(code) = frame.get(read).copied() {
        let end = read.saturating_add(usize::from(code)).max(read + 1);
        let source = read + 1..end;
        let count = source.len();
        frame.get(source.clone())?;
        for (from, to) in source.zip(written..) {
            *frame.get_mut(to)? = *frame.get(from)?;
        }
        (read, written) = (end, written + count);
        if code != u8::MAX && read < frame.len() {
            *frame.get_mut(written)? = 0;
            written += 1;
        }
    }
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn framed(packet: &[u8]) -> std::vec::Vec<u8> {
        let mut out = [0; MAX_ENCODED];
        encode(packet, &mut out).unwrap().to_vec()
    }

    #[test]
    fn a_packet_of_the_largest_size_fits_and_one_byte_more_does_not() {
        let mut out = [0; MAX_ENCODED];
        assert_eq!(encode(&[7; 512], &mut out).unwrap().len(), MAX_ENCODED);
        assert_eq!(encode(&[7; 513], &mut out), Err(FrameError::BadLength));
        assert_eq!(encode(&[], &mut out), Err(FrameError::BadLength));
        assert_eq!(encode(&[7; 512], &mut out[1..]), Err(FrameError::BufferTooShort));
    }

    #[test]
    fn an_overlong_frame_is_dropped_and_the_next_packet_is_found() {
        let mut deframer = Deframer::new();
        for _ in 0..MAX_ENCODED {
            assert!(deframer.push(9).is_none());
        }
        assert!(deframer.push(0).is_none());
        let (used, packet) = deframer.push_slice(&framed(b"after"));
        assert_eq!((used, packet.map(|p| p.to_vec())), (7, Some(b"after".to_vec())));
    }

    #[test]
    fn empty_frames_and_broken_frames_are_dropped() {
        let mut deframer = Deframer::new();
        assert!(deframer.push_slice(&[0, 0, 5, 1, 0]).1.is_none());
        assert_eq!(deframer.push_slice(&framed(b"x")).1.unwrap(), b"x");
    }

    proptest! {
        #[test]
        fn what_is_framed_is_found_again_however_it_is_cut(
            packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..=512), 1..4),
            piece in 1_usize..600,
        ) {
            let stream: std::vec::Vec<u8> = packets.iter().flat_map(|p| framed(p)).collect();
            let mut deframer = Deframer::new();
            let mut found = std::vec::Vec::new();
            for mut bytes in stream.chunks(piece) {
                while !bytes.is_empty() {
                    let (used, packet) = deframer.push_slice(bytes);
                    found.extend(packet.map(|p| p.to_vec()));
                    bytes = &bytes[used..];
                }
            }
            prop_assert_eq!(found, packets);
        }

        #[test]
        fn frames_are_decoded_as_the_crate_of_that_name_does(
            frame in prop::collection::vec(prop_oneof![1_u8..=255, 1_u8..=6], 1..600),
        ) {
            let (mut ours, mut theirs) = (frame.clone(), frame);
            let (length, expected) = (decode(&mut ours), cobs::decode_in_place(&mut theirs).ok());
            prop_assert_eq!(length, expected);
            prop_assert_eq!(ours.get(..length.unwrap_or(0)), theirs.get(..length.unwrap_or(0)));
        }

        #[test]
        fn noise_never_yields_an_overlong_packet(noise in prop::collection::vec(any::<u8>(), 0..2_000)) {
            let mut deframer = Deframer::new();
            for byte in noise {
                if let Some(packet) = deframer.push(byte) {
                    prop_assert!((1..=MAX_PACKET).contains(&packet.len()));
                }
            }
        }
    }
}
