//! Bytes taken together and apart, without a heap, a copy or an index.

use crate::suite::TAG;

/// The most slices that one gathered list holds.
pub(crate) const MOST: usize = 10;

/// Gathers slices into a list of fixed size; the unused places are empty, which adds nothing to a hash.
///
/// Callers hold the number of slices at or below [`MOST`] at compile time.
pub(crate) fn gather<'p>(slices: impl IntoIterator<Item = &'p [u8]>) -> [&'p [u8]; MOST] {
    let mut list: [&[u8]; MOST] = [&[]; MOST];
    list.iter_mut().zip(slices).for_each(|(place, slice)| *place = slice);
    list
}

/// The first `N` bytes of a 32-byte hash.
pub(crate) fn first<const N: usize>(hash: [u8; 32]) -> [u8; N] {
    const { assert!(N <= 32, "a hash has 32 bytes") }
    let mut bytes = [0; N];
    bytes.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    bytes
}

/// Header, body and tag of a protected packet, in place.
type Protected<'p, const HEADER: usize> = (&'p mut [u8; HEADER], &'p mut [u8], &'p mut [u8; TAG]);

/// Splits a packet; `None` when it is too short for header and tag.
pub(crate) fn split_packet<const HEADER: usize>(packet: &mut [u8]) -> Option<Protected<'_, HEADER>> {
    let (header, rest) = packet.split_first_chunk_mut()?;
    let (body, tag) = rest.split_last_chunk_mut()?;
    Some((header, body, tag))
}
