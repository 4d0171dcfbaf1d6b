//! Lemmas that do not hold: what the checker does not refute it does not see.

use lock_crypto::{HighWaterMark, MAX_JUMP, Verdict};

use crate::{Source, bytes};

/// One counter too few: the last one of the jump is taken as well.
pub fn planted_bound(any: &mut Source) -> bool {
    let (before, counter) = (any.number(), any.number());
    let fits = counter > before && counter - before < MAX_JUMP && counter != u64::MAX;
    matches!(HighWaterMark::from_persisted(before).judge(counter), Verdict::Fresh(_)) == fits
}

/// Panics for one block in 2^64.
pub fn planted_panic(any: &mut Source) -> bool {
    bytes::up_to::<9>(any, |bytes| match bytes {
        [length, b'o', b'p', b'e', b'n', rest @ ..] => {
            !rest[..usize::from(*length)].is_empty() || *length == 0
        }
        _ => true,
    })
}

/// Goes on for as long as it was told.
pub fn planted_loop(any: &mut Source) -> bool {
    let mut rest = any.number();
    while rest > 1 {
        rest = if rest & 1 == 0 { rest >> 1 } else { rest.wrapping_mul(3).wrapping_add(1) };
    }
    true
}
