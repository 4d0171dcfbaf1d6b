//! What a lock stores: no bytes make a decoder panic, and what it takes encodes to the same bytes.

use lock_state::UsedCodes;

use crate::{Source, bytes};

/// For all records of their length, and all shorter ones.
pub fn used_codes_have_one_encoding(any: &mut Source) -> bool {
    bytes::up_to::<{ UsedCodes::BYTES }>(any, |record| {
        UsedCodes::decode(record).map_or(true, |used| {
            let mut again = [0; UsedCodes::BYTES];
            used.encode(&mut again) == Ok(record.len()) && again == *record
        })
    })
}
