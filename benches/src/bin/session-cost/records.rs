//! Records beside the raw AEAD.

use benches::ratio::{interleave, median};
use benches::records::{Batch, leaves};
use lock_core::crypto::LeafKeys;

use crate::Verdict;

/// Bytes of plaintext in a record.
const BODY: usize = 64;
/// Time in the session over time in the AEAD alone.
const LIMIT: f64 = 1.15;
const BATCHES: usize = 1_000;
/// Another program may disturb a whole measurement: the best of so many counts.
const ATTEMPTS: usize = 3;

struct Ratios {
    seal: f64,
    open: f64,
    both: f64,
}

/// Seals and opens records of 64 bytes in a session and with the AEAD alone, in turn; the median of the ratios of all batches.
///
/// Counted is what a session adds to one call of the AEAD: counters, header, nonce and tag in place, limits. Not counted
/// is what stands above it: encoding, and the rules of the lock.
pub(crate) fn beside_the_aead() -> Verdict {
    let leaves = leaves();
    for attempt in 1..=ATTEMPTS {
        let Ratios { seal, open, both } = measure(&leaves);
        let verdict = if [seal, open, both].iter().all(|ratio| *ratio <= LIMIT) {
            Verdict::Within
        } else {
            Verdict::Exceeded
        };
        println!(
            "record of {BODY} bytes over the raw AEAD, try {attempt} of {ATTEMPTS}: seal {seal:.3}, open {open:.3}, both {both:.3} \
             times its time, limit {LIMIT}{}",
            verdict.remark()
        );
        if verdict == Verdict::Within {
            return verdict;
        }
    }
    Verdict::Exceeded
}

fn measure(leaves: &LeafKeys) -> Ratios {
    let (mut seal, mut open, mut both) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..BATCHES {
        let mut batch = Batch::new(leaves, BODY, Batch::MOST);
        let batch = std::cell::RefCell::new(&mut batch);
        let (sealed, sealed_raw) =
            interleave(round, || batch.borrow_mut().seal(), || batch.borrow_mut().seal_raw());
        let (opened, opened_raw) =
            interleave(round, || batch.borrow_mut().open(), || batch.borrow_mut().open_raw());
        seal.push(sealed.as_secs_f64() / sealed_raw.as_secs_f64());
        open.push(opened.as_secs_f64() / opened_raw.as_secs_f64());
        both.push((sealed + opened).as_secs_f64() / (sealed_raw + opened_raw).as_secs_f64());
    }
    Ratios { seal: median(seal), open: median(open), both: median(both) }
}
