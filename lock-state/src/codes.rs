//! Offline codes at the lock: reading one, and which of those that open once were used (protocol section 3.6).

use lock_crypto::{CodeKey, Key, NineDigits, Suite};
use lock_proto::{CodeClass, CodeSeries, CodesSwitch, OfflineCode, Reason, Secret};

use crate::{ClockReading, RecordError};

/// The keys under which the lock compares what is presented at it.
#[derive(Clone, Copy, Debug)]
pub struct DoorKeys<'k> {
    /// Under which PIN codes and tokens are hashed.
    pub k_pin: &'k Key,
    /// The `code` leaf, under which offline codes are made.
    pub code: &'k Key,
}

/// The digits that stand for a code of a series; `None` where the series has no such code ([`CodeSeries::slot_of`]).
#[must_use]
pub fn offline_code_digits<S: Suite>(
    leaf: &Key,
    series: CodeSeries,
    code: OfflineCode,
) -> Option<NineDigits> {
    let slot = NineDigits::new(series.slot_of(code)?)?;
    Some(CodeKey::derive::<S>(leaf, series.epoch, series.since).encode::<S>(&slot))
}

/// The code that digits stand for, whenever it opens; `None` for all but one in 1,637 of nine digits.
#[must_use]
pub fn read_offline_code<S: Suite>(
    leaf: &Key,
    series: CodeSeries,
    digits: &NineDigits,
) -> Option<OfflineCode> {
    series.code_of(CodeKey::derive::<S>(leaf, series.epoch, series.since).decode::<S>(digits).number())
}

/// Whether a code opens now, its use apart. Its first moment is tested at the earliest bound of the clock, its end at the latest.
///
/// # Errors
/// `ClockNotTrusted`, `OutsideValidity`.
pub fn opens_at(code: OfflineCode, clock: ClockReading) -> Result<(), Reason> {
    match clock {
        ClockReading::Unset | ClockReading::Floor(_) => Err(Reason::ClockNotTrusted),
        ClockReading::Trusted { earliest, latest } if code.begin() <= earliest && latest < code.end() => {
            Ok(())
        }
        ClockReading::Trusted { .. } => Err(Reason::OutsideValidity),
    }
}

/// What digits at the keypad mean as an offline code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offered {
    /// Nothing: the lock takes no such codes, or they are none.
    Nothing,
    /// A code, or any nine digits while the clock is not trusted, that does not open now.
    Refused(Reason),
    /// A code that opens now, as far as time and its use go.
    Code(OfflineCode),
}

/// Nothing is read while the clock is not trusted: then every nine digits are answered alike.
pub(crate) fn offered<S: Suite>(
    leaf: &Key,
    series: CodeSeries,
    used: &UsedCodes,
    secret: &Secret,
    clock: ClockReading,
) -> Offered {
    let digits = match secret {
        Secret::Pin(digits) => NineDigits::from_ascii(digits.as_ascii()),
        Secret::Token(_) => None,
    };
    let Some(digits) = digits.filter(|_| series.switch == CodesSwitch::On) else { return Offered::Nothing };
    if !matches!(clock, ClockReading::Trusted { .. }) {
        return Offered::Refused(Reason::ClockNotTrusted);
    }
    match read_offline_code::<S>(leaf, series, &digits) {
        None => Offered::Nothing,
        Some(code) => match still_opens(code, series, used, clock) {
            Ok(()) => Offered::Code(code),
            Err(reason) => Offered::Refused(reason),
        },
    }
}

pub(crate) fn still_opens(
    code: OfflineCode,
    series: CodeSeries,
    used: &UsedCodes,
    clock: ClockReading,
) -> Result<(), Reason> {
    opens_at(code, clock)?;
    let is_spent = code.class == CodeClass::Once && used.contains(series.epoch, code);
    if is_spent { Err(Reason::AlreadyUsed) } else { Ok(()) }
}

/// How many hours a code that opens once lasts, and so how many starts of such codes are alive at one moment.
const STARTS: u32 = CodeClass::Once.duration().0 / CodeClass::Once.unit().0;
const SERIALS: u32 = CodeClass::Once.serials() as u32;
const PLACES: u32 = STARTS * SERIALS;
const _: () = assert!(PLACES == 96, "the record holds as many bits");

/// The codes that opened once: one bit for each that can be alive at the same moment, so that there is always room.
///
/// It slides like a replay window: what started a whole life before the newest that was used is over, and counts as used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct UsedCodes {
    epoch: u32,
    /// The newest start that was used, in units of its class.
    newest: u32,
    /// Bit `serial` + 4 × (how many units before the newest).
    bits: u128,
}

impl UsedCodes {
    /// The length of its record, in bytes.
    pub const BYTES: usize = 1 + 4 + 4 + 12;
    const FORMAT: u8 = 1;

    /// Whether a code of this epoch counts as used.
    fn contains(&self, epoch: u32, code: OfflineCode) -> bool {
        let start = code.start.0 / CodeClass::Once.unit().0;
        match (epoch.cmp(&self.epoch), self.newest.checked_sub(start)) {
            (core::cmp::Ordering::Less, _) => true,
            (core::cmp::Ordering::Greater, _) | (_, None) => false,
            (core::cmp::Ordering::Equal, Some(age)) => age >= STARTS || self.bits & bit(age, code) != 0,
        }
    }

    /// The same with this one; what is over or of an earlier epoch falls out.
    #[must_use]
    pub(crate) fn with(self, epoch: u32, code: OfflineCode) -> Self {
        let start = code.start.0 / CodeClass::Once.unit().0;
        let before = if self.epoch == epoch { self } else { Self { epoch, newest: start, bits: 0 } };
        let newest = before.newest.max(start);
        let older = newest.saturating_sub(before.newest).saturating_mul(SERIALS);
        let kept = before.bits.checked_shl(older).unwrap_or_default() & ALL;
        Self { epoch, newest, bits: kept | bit(newest.saturating_sub(start), code) & ALL }
    }

    /// Writes the record and returns its length.
    ///
    /// # Errors
    /// [`RecordError::BufferTooShort`]; [`UsedCodes::BYTES`] suffice.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, RecordError> {
        let out = out.first_chunk_mut::<{ Self::BYTES }>().ok_or(RecordError::BufferTooShort)?;
        let numbers = self.epoch.to_be_bytes().into_iter().chain(self.newest.to_be_bytes());
        let bits = self.bits.to_be_bytes().into_iter().skip(4);
        let record = core::iter::once(Self::FORMAT).chain(numbers).chain(bits);
        out.iter_mut().zip(record).for_each(|(to, from)| *to = from);
        Ok(Self::BYTES)
    }

    /// Reads a whole record.
    ///
    /// # Errors
    /// [`RecordError::Malformed`].
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let record: &[u8; Self::BYTES] = bytes.try_into().map_err(|_| RecordError::Malformed)?;
        let [Self::FORMAT, e0, e1, e2, e3, n0, n1, n2, n3, bits @ ..] = *record else {
            return Err(RecordError::Malformed);
        };
        Ok(Self {
            epoch: u32::from_be_bytes([e0, e1, e2, e3]),
            newest: u32::from_be_bytes([n0, n1, n2, n3]),
            bits: bits.iter().fold(0, |bits, byte| bits << 8 | u128::from(*byte)),
        })
    }
}

const ALL: u128 = (1 << PLACES) - 1;

fn bit(age: u32, code: OfflineCode) -> u128 {
    1_u128.checked_shl(age.saturating_mul(SERIALS).saturating_add(code.serial.into())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lock_proto::QuarterHours;
    use std::collections::BTreeSet;
    use std::vec::Vec;

    fn once(hour: u32, serial: u8) -> OfflineCode {
        OfflineCode { class: CodeClass::Once, start: QuarterHours(hour * 4), serial }
    }

    #[test]
    fn what_was_used_is_found_and_nothing_else_that_is_alive() {
        let all: Vec<_> = (100..124).flat_map(|hour| (0..4).map(move |serial| once(hour, serial))).collect();
        let mut used = UsedCodes::default();
        for (number, code) in all.iter().enumerate() {
            assert!(!used.contains(7, *code), "{code:?}");
            used = used.with(7, *code);
            for (other, is_used) in all.iter().zip((0..).map(|other| other <= number)) {
                assert_eq!(used.contains(7, *other), is_used, "{other:?} after {code:?}");
            }
        }
    }

    #[test]
    fn it_agrees_with_a_plain_set_in_any_order() {
        let mut state = 1_u64;
        let (mut used, mut set) = (UsedCodes::default(), BTreeSet::new());
        for step in 0..20_000_u32 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let now = 1_000 + step / 40;
            let code = once(now - (state >> 33) as u32 % STARTS, (state >> 60) as u8 % 4);
            assert_eq!(used.contains(3, code), set.contains(&code), "{code:?} at hour {now}");
            if state >> 59 & 1 == 0 {
                used = used.with(3, code);
                set.insert(code);
            }
        }
    }

    #[test]
    fn what_is_over_counts_as_used_and_an_epoch_starts_empty() {
        let used = UsedCodes::default().with(7, once(200, 0));
        assert!(used.contains(7, once(176, 1)), "24 hours before: over");
        assert!(!used.contains(7, once(177, 1)));
        assert!(!used.contains(7, once(201, 0)));
        assert!(!used.contains(8, once(200, 0)), "the next epoch");
        assert!(used.contains(6, once(300, 0)), "an epoch that is over");
        let next = used.with(8, once(150, 2));
        assert!(next.contains(8, once(150, 2)) && !next.contains(8, once(200, 0)));
    }

    #[test]
    fn a_record_comes_back_whole_and_others_are_refused() {
        let used = UsedCodes::default().with(u32::MAX, once(490_000, 3)).with(u32::MAX, once(489_977, 0));
        let mut record = [0; UsedCodes::BYTES];
        assert_eq!(used.encode(&mut record), Ok(UsedCodes::BYTES));
        assert_eq!(UsedCodes::decode(&record), Ok(used));
        assert_eq!(used.encode(&mut record[1..]), Err(RecordError::BufferTooShort));
        assert_eq!(UsedCodes::decode(&record[1..]), Err(RecordError::Malformed));
        record[0] = 2;
        assert_eq!(UsedCodes::decode(&record), Err(RecordError::Malformed));
    }
}
