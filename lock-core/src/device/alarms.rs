//! Alarms that wait to be told: each once, however often it was raised meanwhile.

use lock_proto::Alarm;

/// A set of alarms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub(super) struct AlarmSet(u32);

const _: () = assert!(Alarm::ALL.len() <= 32, "an alarm is a bit");

impl AlarmSet {
    pub(super) const fn insert(&mut self, alarm: Alarm) {
        self.0 |= 1 << alarm.number();
    }

    /// Takes the one with the lowest number.
    pub(super) fn take_next(&mut self) -> Option<Alarm> {
        let number = u8::try_from(self.0.trailing_zeros()).ok()?;
        let alarm = Alarm::from_number(number)?;
        self.0 &= !(1 << number);
        Some(alarm)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
