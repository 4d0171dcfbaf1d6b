//! Offline codes, as the cloud makes them (section 3.6).

use lock_crypto::{Label, Suite};
use lock_proto::{CodeSeries, OfflineCode, PinDigits};

use super::LockKeys;

/// The digits by which a lock with these keys opens within the window of `code`, without ever having heard of it, once it takes the
/// codes of `series`.
///
/// `None` where the series has no such code: its start is off the grid of its class, before the begin of the epoch or behind its
/// span, or its serial is too high ([`CodeSeries::slot_of`]).
#[must_use]
pub fn offline_code<S: Suite>(
    keys: &LockKeys<S>,
    series: CodeSeries,
    code: OfflineCode,
) -> Option<PinDigits> {
    let digits = lock_state::offline_code_digits::<S>(keys.leaves.leaf(Label::Code), series, code)?;
    PinDigits::from_ascii(&digits.to_ascii()).ok()
}
