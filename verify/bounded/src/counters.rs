//! Marks, reserved blocks and deadlines.

use lock_crypto::{CounterBlock, HighWaterMark, MAX_JUMP, Verdict};
use lock_proto::Uptime;

use crate::Source;

/// For any mark and counter.
pub fn a_mark_takes_what_is_above_it_within_a_jump(any: &mut Source) -> bool {
    let (before, counter) = (any.number(), any.number());
    let mut mark = HighWaterMark::from_persisted(before);
    let fits = counter > before && counter - before <= MAX_JUMP && counter != u64::MAX;
    match mark.judge(counter) {
        Verdict::Fresh(new) => fits && mark.advance(new) == counter && mark.value() == counter,
        Verdict::AtOrBelow => counter <= before,
        Verdict::TooFar => counter > before && !fits,
    }
}

/// For any ceiling that was stored, any three reservations, each of them stored or not and granted or not when it is, two numbers taken after each, and
/// power cuts wherever they may be.
pub fn no_reserved_number_is_given_twice_over_a_power_cut(any: &mut Source) -> bool {
    let mut stored = any.number();
    let mut next = stored;
    let mut block = CounterBlock::after_boot(stored);
    for _ in 0..3 {
        if let Ok(reservation) = block.reserve(any.number()) {
            let (is_stored, is_granted) = (any.coin(), any.coin());
            if is_stored {
                stored = reservation.ceiling();
            }
            if is_stored && is_granted {
                block.grant(reservation);
            }
        }
        for _ in 0..2 {
            if let Ok(counter) = block.next() {
                if counter < next || counter >= stored || counter == u64::MAX {
                    return false;
                }
                next = counter + 1;
            }
        }
        let is_cut = any.coin();
        if is_cut {
            block = CounterBlock::after_boot(stored);
        }
    }
    true
}

/// For any start, delay and moment.
pub fn a_deadline_has_passed_when_its_time_is_over(any: &mut Source) -> bool {
    let (start, delay, now) = (any.number(), any.number(), any.number());
    let (begun, at) = (Uptime::from_millis(start), Uptime::from_millis(now));
    let deadline = begun.plus_millis(delay);
    let never_ends = start.checked_add(delay).is_none();
    let is_over = at.millis_since(begun) >= delay && now >= start;
    deadline >= begun && (never_ends || (at >= deadline) == is_over)
}
