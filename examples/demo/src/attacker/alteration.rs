//! Genuine packets, altered.

/// How a packet is altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alteration {
    /// One bit, counted from the start.
    FlipBit(usize),
    /// This byte at this place.
    Put(usize, u8),
    /// Without its last byte.
    Truncate,
    /// With one more byte.
    Extend,
    /// The front half of this packet with the back half of the last recorded one of its kind.
    Splice,
}

impl Alteration {
    /// The packet as the lock gets it; `earlier` is the last recorded one of its kind.
    pub(super) fn apply(self, mut packet: Vec<u8>, earlier: Option<&[u8]>) -> Vec<u8> {
        match self {
            Self::FlipBit(bit) => {
                if let Some(byte) = packet.get_mut(bit / 8) {
                    *byte ^= 1 << (bit % 8);
                }
            }
            Self::Put(place, value) => {
                if let Some(byte) = packet.get_mut(place) {
                    *byte = value;
                }
            }
            Self::Truncate => {
                packet.pop();
            }
            Self::Extend => packet.push(0),
            Self::Splice => {
                let middle = packet.len() / 2;
                let back = earlier.and_then(|earlier| earlier.get(middle..)).unwrap_or_default();
                packet.truncate(middle);
                packet.extend_from_slice(back);
            }
        }
        packet
    }
}
