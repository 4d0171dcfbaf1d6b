//! All inputs up to a length.

use crate::Source;

/// Whether `holds` for any bytes of any length up to `N`.
pub fn up_to<const N: usize>(source: &mut Source, holds: impl Fn(&[u8]) -> bool) -> bool {
    let bytes: [u8; N] = source.bytes();
    let length = source.number() % (N as u64 + 1);
    bytes.get(..length as usize).is_some_and(holds)
}
