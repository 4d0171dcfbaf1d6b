//! All inputs up to a length.

use crate::Source;

/// Whether `holds` for any bytes of each length up to `N`.
pub fn up_to<const N: usize>(source: &mut Source, holds: impl Fn(&[u8]) -> bool) -> bool {
    let bytes: [u8; N] = source.bytes();
    (0..=N).all(|length| bytes.get(..length).is_some_and(&holds))
}
