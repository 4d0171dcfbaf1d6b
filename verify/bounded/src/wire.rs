//! What comes over the air: no bytes make a decoder panic, and what it takes encodes to the same bytes.

use lock_proto::wire::{self, Wire};
use lock_proto::{Caveat, Outcome, Packet, Query, Reason};

use crate::{Source, bytes};

fn has_one_encoding<T: Wire>(encoding: &[u8]) -> bool {
    wire::read::<T>(encoding).map_or(true, |value| {
        let mut again = [0; 32];
        wire::write(&value, &mut again).is_some_and(|again| *again == *encoding)
    })
}

macro_rules! one_encoding {
    ($($name:ident: $value:ty, $longest:literal;)*) => {
        $(
            /// For all bytes up to this length.
            pub fn $name(any: &mut Source) -> bool {
                bytes::up_to::<$longest>(any, has_one_encoding::<$value>)
            }
        )*
    };
}

one_encoding! {
    a_number_of_64_bits_has_one_encoding: u64, 11;
    a_number_of_32_bits_has_one_encoding: u32, 6;
    a_number_of_16_bits_has_one_encoding: u16, 4;
    a_signed_number_has_one_encoding: i16, 4;
    a_reason_has_one_encoding: Reason, 3;
    an_outcome_has_one_encoding: Outcome, 8;
    a_query_has_one_encoding: Query, 8;
    a_condition_has_one_encoding: Caveat, 4;
}

/// For all bytes up to this length.
pub fn a_packet_is_of_one_kind_or_none(any: &mut Source) -> bool {
    bytes::up_to::<24>(any, |packet| {
        Packet::parse(packet).map_or(true, |parsed| parsed.kind().prefix()[..] == packet[..2])
    })
}
