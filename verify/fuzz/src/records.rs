//! What a lock stores: no bytes make a decoder panic, and what it takes is written the same. In front of each record stands its number here.

use lock_core::crypto::CommandLedger;
use lock_core::state::{Saved, SavedUpdate, TicketBook, Upkeep, UsedCodes};

/// Nothing that a lock stores here is longer, in bytes.
const LONGEST: usize = 2_048;

macro_rules! one_encoding {
    ($record:ty, $bytes:expr) => {
        if let Ok(record) = <$record>::decode($bytes) {
            let mut again = [0; LONGEST];
            let length = record.encode(&mut again).expect("what was read is written");
            assert_eq!(&again[..length], $bytes, concat!("a second encoding of ", stringify!($record)));
        }
    };
}

pub(crate) fn take(bytes: &[u8]) {
    let Some((which, record)) = bytes.split_first() else { return };
    match which {
        0 => one_encoding!(UsedCodes, record),
        1 => one_encoding!(TicketBook, record),
        2 => one_encoding!(Upkeep, record),
        3 => one_encoding!(Saved, record),
        4 => one_encoding!(SavedUpdate, record),
        _ => {
            if let Ok(ledger) = CommandLedger::decode(record) {
                assert_eq!(ledger.encode(), record);
            }
        }
    }
}
