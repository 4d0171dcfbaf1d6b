//! Genuine packets, altered in each of their parts.

use lock_core::proto::Kind;

/// A packet with a name for what was done to it.
pub(crate) type Altered = (&'static str, Vec<u8>);

/// All alterations of a genuine packet that this kit makes by name: each must be as if nothing had come.
pub(crate) fn all(kind: Kind, genuine: &[u8]) -> Vec<Altered> {
    let flipped = |place: usize, bits: u8| {
        let mut packet = genuine.to_vec();
        packet[place] ^= bits;
        packet
    };
    let last = genuine.len() - 1;
    let mut all = vec![
        ("another format", flipped(0, 1)),
        ("another kind", flipped(1, 0x10)),
        ("the last bit of the tag flipped", flipped(last, 1)),
        ("the first bit of the tag flipped", flipped(last - 15, 0x80)),
        ("the last byte cut off", genuine[..last].to_vec()),
        ("the tag cut off", genuine[..last - 15].to_vec()),
        ("a byte added at the end", [genuine, &[0]].concat()),
    ];
    let places: &[(&'static str, usize, u8)] = match kind {
        Kind::Message1 => &[
            ("version 0", 2, 1),
            ("version 3", 2, 2),
            ("selector pending", 3, 1),
            ("selector ticket", 3, 2),
            ("selector claim", 3, 3),
            ("selector 128", 3, 0x80),
            ("a ticket length without a ticket", 5, 1),
            ("the first bit of the nonce flipped", 6, 0x80),
            ("the first bit of the payload flipped", 22, 0x80),
        ],
        Kind::Record => &[
            ("the first bit of the counter flipped", 2, 0x80),
            ("the last bit of the counter flipped", 9, 1),
            ("the first bit of the body flipped", 10, 0x80),
        ],
        Kind::SealedDown => &[
            ("the last bit of the epoch flipped", 5, 1),
            ("the first bit of the counter flipped", 6, 0x80),
            ("the last bit of the counter flipped", 13, 1),
            ("the first bit of the random bytes flipped", 14, 0x80),
            ("the last bit of the random bytes flipped", 29, 1),
            ("the first bit of the body flipped", 30, 0x80),
        ],
        Kind::HelloRequest | Kind::Hello | Kind::Message2 | Kind::SealedUp => &[],
    };
    all.extend(places.iter().map(|(name, place, bits)| (*name, flipped(*place, *bits))));
    all
}
