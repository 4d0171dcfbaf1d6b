//! Which offline codes were given out, as far as the next one depends on it. No digits are kept: they can be computed again.

use std::collections::BTreeMap;

use lock_core::proto::{CodeClass, OfflineCode, QuarterHours, UnixMillis};

/// Of one code epoch: how many codes that open once start at each hour, and when the last code of any class ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssuedCodes {
    epoch: u32,
    last_end: UnixMillis,
    once: BTreeMap<QuarterHours, u8>,
}

impl IssuedCodes {
    /// Of a lock whose code epoch stands there, and for which no code was given out here.
    #[must_use]
    pub const fn none_of(epoch: u32) -> Self {
        Self { epoch, last_end: UnixMillis(0), once: BTreeMap::new() }
    }

    /// The code epoch of the last code, or in which the lock was when it was claimed; 0 where there was neither.
    #[must_use]
    pub const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The first moment at which no code opens any more that was given out in any epoch; 0 where none ever was.
    #[must_use]
    pub const fn last_end(&self) -> UnixMillis {
        self.last_end
    }

    /// Gives a code of this class and start a serial of its own, and remembers it; `None` where all are given out. Codes that open for
    /// a time share theirs: whoever asks for the same time gets the same code.
    pub fn take(
        &mut self,
        epoch: u32,
        class: CodeClass,
        start: QuarterHours,
        now: UnixMillis,
    ) -> Option<OfflineCode> {
        if self.epoch != epoch {
            (self.epoch, self.once) = (epoch, BTreeMap::new());
        }
        self.once
            .retain(|start, _| OfflineCode { class: CodeClass::Once, start: *start, serial: 0 }.end() > now);
        let mut code = OfflineCode { class, start, serial: 0 };
        if class.serials() > 1 {
            let given_out = self.once.entry(start).or_default();
            if *given_out >= class.serials() {
                return None;
            }
            code.serial = *given_out;
            *given_out += 1;
        }
        self.last_end = self.last_end.max(code.end());
        Some(code)
    }

    /// For storage: `epoch[4] ‖ last_end[8]`, then `start[4] ‖ given out[1]` for each hour; nothing where no code was given out.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        if *self == Self::default() {
            return Vec::new();
        }
        let mut bytes = [self.epoch.to_be_bytes().as_slice(), &self.last_end.0.to_be_bytes()].concat();
        for (start, given_out) in &self.once {
            bytes.extend(start.0.to_be_bytes());
            bytes.push(*given_out);
        }
        bytes
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` for anything else.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return Some(Self::default());
        }
        let (epoch, rest) = bytes.split_first_chunk()?;
        let (last_end, rest) = rest.split_first_chunk()?;
        let hours = rest.chunks(5).map(|hour| {
            let (start, given_out) = hour.split_first_chunk()?;
            let [given_out] = given_out else { return None };
            Some((QuarterHours(u32::from_be_bytes(*start)), *given_out))
        });
        let codes = Self {
            epoch: u32::from_be_bytes(*epoch),
            last_end: UnixMillis(u64::from_be_bytes(*last_end)),
            once: hours.collect::<Option<_>>()?,
        };
        (codes.encode() == bytes).then_some(codes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hour_gives_four_codes_that_open_once_and_no_more() {
        let mut codes = IssuedCodes::default();
        let mut take = |epoch, start| codes.take(epoch, CodeClass::Once, QuarterHours(start), UnixMillis(0));
        for serial in 0..4 {
            assert_eq!(take(1, 400).map(|code| code.serial), Some(serial));
        }
        assert_eq!(take(1, 400), None);
        assert_eq!(take(1, 404).map(|code| code.serial), Some(0));
        assert_eq!(take(2, 400).map(|code| code.serial), Some(0), "a new epoch");
    }

    #[test]
    fn hours_that_are_over_are_forgotten_and_the_last_end_stays() {
        let mut codes = IssuedCodes::default();
        let once = codes.take(1, CodeClass::Once, QuarterHours(400), UnixMillis(0)).unwrap();
        let week = codes.take(1, CodeClass::OneWeek, QuarterHours(396), UnixMillis(0)).unwrap();
        let again = codes.take(1, CodeClass::OneWeek, QuarterHours(396), UnixMillis(0)).unwrap();
        assert_eq!((week, codes.last_end()), (again, week.end()));
        let _ = codes.take(1, CodeClass::OneHour, QuarterHours(400), once.end());
        assert_eq!((codes.encode().len(), codes.last_end()), (12, week.end()));
    }

    #[test]
    fn what_is_stored_comes_back_and_other_bytes_do_not() {
        let mut codes = IssuedCodes::default();
        assert_eq!(IssuedCodes::decode(&codes.encode()), Some(codes.clone()));
        for start in [400, 404] {
            let _ = codes.take(7, CodeClass::Once, QuarterHours(start), UnixMillis(0));
        }
        let bytes = codes.encode();
        assert_eq!(IssuedCodes::decode(&bytes), Some(codes));
        for length in 1..bytes.len() {
            assert!(
                length == 12 || length == 17 || IssuedCodes::decode(&bytes[..length]).is_none(),
                "{length}"
            );
        }
        let none = IssuedCodes::none_of(7);
        assert_eq!(IssuedCodes::decode(&none.encode()), Some(none));
        let swapped = [&bytes[..12], &bytes[17..], &bytes[12..17]].concat();
        assert_eq!(IssuedCodes::decode(&swapped), None);
    }
}
