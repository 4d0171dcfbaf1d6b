//! Packets over links that carry little at a time: BLE and its like (section 2.2).
//!
//! ```text
//! bit   7       6      5 .. 0
//!      +-------+------+--------+----------------------+
//!      | first | last | number | up to payload-1 bytes |
//!      +-------+------+--------+----------------------+
//! ```

use crate::{MAX_PACKET, Uptime};

/// The least payload of a link that can carry packets, in bytes.
pub const MIN_FRAGMENT: usize = 20;
/// The largest payload that is made use of, in bytes.
pub const MAX_FRAGMENT: usize = 512;

const FIRST: u8 = 0x80;
const LAST: u8 = 0x40;
const NUMBER: u8 = 0x3f;

/// A packet is assembled within this time or not at all.
const REASSEMBLY_MILLIS: u64 = 2_000;

/// Why a packet cannot be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FragmentError {
    /// An empty or overlong packet.
    #[error("only packets of 1 to 512 bytes can be sent")]
    BadLength,
    /// A link payload outside 20 to 512 bytes.
    #[error("the link's payload must be 20 to 512 bytes; on GATT it is the ATT MTU minus 3")]
    BadPayload,
}

/// Cuts a packet into fragments.
#[derive(Clone, Debug)]
pub struct Fragmenter<'p> {
    rest: &'p [u8],
    content: usize,
    number: u8,
}

impl<'p> Fragmenter<'p> {
    /// Cuts `packet` (1 to 512 bytes) for a link that carries `payload` bytes at a time (20 to 512).
    ///
    /// # Errors
    /// [`FragmentError`] for sizes outside these.
    pub fn new(packet: &'p [u8], payload: usize) -> Result<Self, FragmentError> {
        if packet.is_empty() || packet.len() > MAX_PACKET {
            return Err(FragmentError::BadLength);
        }
        if !(MIN_FRAGMENT..=MAX_FRAGMENT).contains(&payload) {
            return Err(FragmentError::BadPayload);
        }
        Ok(Self { rest: packet, content: payload - 1, number: 0 })
    }

    /// Writes the next fragment into `out` (at least the link's payload) and returns the part that holds it; `None` after the last.
    /// Where `out` is too short it is `None` too, and the same fragment comes next.
    pub fn next_into<'b>(&mut self, out: &'b mut [u8]) -> Option<&'b mut [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let (content, rest) = self.rest.split_at(self.content.min(self.rest.len()));
        let fragment = out.get_mut(..=content.len())?;
        let (header, body) = fragment.split_first_mut()?;
        *header =
            self.number | if self.number == 0 { FIRST } else { 0 } | if rest.is_empty() { LAST } else { 0 };
        body.copy_from_slice(content);
        self.rest = rest;
        self.number += 1;
        Some(fragment)
    }
}

/// Why a fragment was dropped, and with it the packet being assembled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReassemblyError {
    /// Without content.
    #[error("a fragment has a header and at least one byte; the sender breaks the framing")]
    Empty,
    /// Not the fragment that comes next: one was lost, repeated or reordered.
    #[error("a fragment is missing or repeated; send the packet again")]
    OutOfOrder,
    /// Its length differs from that of the first although it is not the last.
    #[error("all fragments but the last must have the same length")]
    UnevenLength,
    /// More than 512 bytes in all.
    #[error("the fragments make a packet of more than 512 bytes")]
    TooLong,
    /// More than 2 s after the first.
    #[error("the packet took 2 seconds or more to arrive; send it again")]
    TooSlow,
}

/// Assembles packets of one link and direction in one buffer of 512 bytes.
#[derive(Debug)]
pub struct Reassembler {
    buffer: [u8; MAX_PACKET],
    assembling: Option<Assembling>,
}

#[derive(Clone, Copy, Debug)]
struct Assembling {
    filled: usize,
    next: u8,
    content: usize,
    since: Uptime,
}

impl Default for Reassembler {
    fn default() -> Self {
        Self::new()
    }
}

impl Reassembler {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self { buffer: [0; MAX_PACKET], assembling: None }
    }

    /// Takes a fragment that arrived `now`; returns a packet when it is the last one.
    ///
    /// # Errors
    /// [`ReassemblyError`]; the packet being assembled is dropped, and the next first fragment starts afresh.
    pub fn push(&mut self, fragment: &[u8], now: Uptime) -> Result<Option<&mut [u8]>, ReassemblyError> {
        let before = self.assembling.take();
        let (&header, content) = fragment
            .split_first()
            .filter(|(_, content)| !content.is_empty())
            .ok_or(ReassemblyError::Empty)?;
        let mut state = match (header & FIRST != 0, before) {
            (true, _) => Assembling { filled: 0, next: 0, content: content.len(), since: now },
            (false, Some(state)) => state,
            (false, None) => return Err(ReassemblyError::OutOfOrder),
        };
        let is_last = header & LAST != 0;
        if header & NUMBER != state.next {
            return Err(ReassemblyError::OutOfOrder);
        }
        if now.millis_since(state.since) >= REASSEMBLY_MILLIS {
            return Err(ReassemblyError::TooSlow);
        }
        if content.len() > state.content || (content.len() < state.content && !is_last) {
            return Err(ReassemblyError::UnevenLength);
        }
        let end = state.filled + content.len();
        self.buffer.get_mut(state.filled..end).ok_or(ReassemblyError::TooLong)?.copy_from_slice(content);
        if is_last {
            return Ok(self.buffer.get_mut(..end));
        }
        (state.filled, state.next) = (end, state.next + 1);
        self.assembling = Some(state);
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn fragments(packet: &[u8], payload: usize) -> Vec<Vec<u8>> {
        let mut fragmenter = Fragmenter::new(packet, payload).unwrap();
        let mut out = [0; MAX_FRAGMENT];
        core::iter::from_fn(|| fragmenter.next_into(&mut out).map(|f| f.to_vec())).collect()
    }

    const START: Uptime = Uptime::from_millis(5_000);

    #[test]
    fn sizes_outside_the_bounds_are_refused() {
        assert!(Fragmenter::new(&[0; 512], 20).is_ok());
        assert!(Fragmenter::new(&[0; 512], 512).is_ok());
        assert_eq!(Fragmenter::new(&[0; 513], 20).unwrap_err(), FragmentError::BadLength);
        assert_eq!(Fragmenter::new(&[], 20).unwrap_err(), FragmentError::BadLength);
        assert_eq!(Fragmenter::new(&[0; 9], 19).unwrap_err(), FragmentError::BadPayload);
        assert_eq!(Fragmenter::new(&[0; 9], 513).unwrap_err(), FragmentError::BadPayload);
    }

    #[test]
    fn a_lost_repeated_or_swapped_fragment_drops_the_packet() {
        let cut = fragments(&[1; 100], 20);
        for order in [&[0, 2][..], &[0, 1, 1], &[1], &[0, 2, 1]] {
            let mut reassembler = Reassembler::new();
            let outcome: Result<Vec<_>, _> =
                order.iter().map(|&i| reassembler.push(&cut[i], START).map(|p| p.is_some())).collect();
            assert_eq!(outcome, Err(ReassemblyError::OutOfOrder), "{order:?}");
            assert_eq!(reassembler.push(&cut[1], START), Err(ReassemblyError::OutOfOrder));
        }
    }

    #[test]
    fn the_timer_ends_at_two_seconds_exactly() {
        let cut = fragments(&[1; 30], 20);
        for (late, delivered) in [(1_999, true), (2_000, false), (2_001, false)] {
            let mut reassembler = Reassembler::new();
            assert!(reassembler.push(&cut[0], START).unwrap().is_none());
            let packet = reassembler.push(&cut[1], START.plus_millis(late));
            assert_eq!(matches!(packet, Ok(Some(_))), delivered);
        }
    }

    #[test]
    fn fragments_of_more_than_a_packet_are_refused() {
        let mut reassembler = Reassembler::new();
        let mut fragment = [7; 257];
        fragment[0] = FIRST;
        assert_eq!(reassembler.push(&fragment, START), Ok(None));
        fragment[0] = 1;
        assert_eq!(reassembler.push(&fragment, START), Ok(None));
        fragment[0] = LAST | 2;
        assert_eq!(reassembler.push(&fragment[..2], START), Err(ReassemblyError::TooLong));
    }

    #[test]
    fn an_uneven_or_empty_fragment_is_refused() {
        let mut reassembler = Reassembler::new();
        assert_eq!(reassembler.push(&[FIRST, 1, 2], START), Ok(None));
        assert_eq!(reassembler.push(&[1, 1], START), Err(ReassemblyError::UnevenLength));
        assert_eq!(reassembler.push(&[FIRST | LAST], START), Err(ReassemblyError::Empty));
    }

    proptest! {
        #[test]
        fn what_is_cut_is_assembled_again(packet in prop::collection::vec(any::<u8>(), 1..=512), payload in 20_usize..=512) {
            let cut = fragments(&packet, payload);
            let mut reassembler = Reassembler::new();
            let (last, others) = cut.split_last().unwrap();
            for fragment in others {
                prop_assert!(fragment.len() == payload);
                prop_assert_eq!(reassembler.push(fragment, START), Ok(None));
            }
            prop_assert_eq!(reassembler.push(last, START).unwrap().unwrap(), &packet[..]);
        }

        #[test]
        fn arbitrary_fragments_never_yield_an_overlong_packet(noise in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..600), 0..40)) {
            let mut reassembler = Reassembler::new();
            for fragment in noise {
                if let Ok(Some(packet)) = reassembler.push(&fragment, START) {
                    prop_assert!((1..=MAX_PACKET).contains(&packet.len()));
                }
            }
        }
    }
}
