//! What the battery allows, and when people hear of it.

use lock_proto::{
    BatteryLevel, BoltPosition, Cause, Celsius, CriticalBattery, Millivolts, UnixMillis, Uptime,
};

use super::Lock;
use crate::power::{LevelChange, PowerEvents, Resting};
use crate::relock::Relock;
use crate::{ClockReading, Deed, Effects, Indication, Source, Tables};

/// A reading of the supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PowerReading {
    /// What was measured.
    pub voltage: Voltage,
    /// The temperature at the battery; counts for a reading at rest.
    pub temperature: Option<Celsius>,
}

/// A voltage over all cells, and when it was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Voltage {
    /// While the motor rested for some seconds.
    Resting(Millivolts),
    /// The lowest of a drive while the motor turned. Leave out what it draws against a stop: that sags the best cells, and would have
    /// a jam call the battery critical.
    Loaded(Millivolts),
}

impl PowerReading {
    /// At rest, without a temperature.
    #[must_use]
    pub const fn resting(voltage: Millivolts) -> Self {
        Self { voltage: Voltage::Resting(voltage), temperature: None }
    }

    /// The lowest of a drive, without a temperature.
    #[must_use]
    pub const fn loaded(voltage: Millivolts) -> Self {
        Self { voltage: Voltage::Loaded(voltage), temperature: None }
    }
}

impl<T: Tables> Lock<T> {
    /// The supply was measured: at rest, or at its lowest during a drive.
    pub fn power_read(&mut self, reading: PowerReading, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            let before = lock.power.level();
            let events = match reading.voltage {
                Voltage::Resting(voltage) => {
                    let resting = Resting { voltage, temperature: reading.temperature };
                    lock.power.resting(resting, lock.now, lock.earliest_time())
                }
                Voltage::Loaded(lowest) => lock.power.loaded(lowest, lock.now),
            };
            lock.follow_power(events, before, effects);
        })
    }

    pub(super) fn follow_power(&mut self, events: PowerEvents, before: BatteryLevel, effects: &mut Effects) {
        effects.save_upkeep |= events.save;
        events.alarms().into_iter().flatten().for_each(|alarm| effects.alarms.raise(alarm));
        let level = self.power.level();
        if level != before || events.replaced || events.rapid_drain || events.implausible {
            self.facts.count_change();
        }
        if let Some(LevelChange::Low | LevelChange::Critical) = events.level {
            effects.indicate = Some(Indication::BatteryLow);
        }
        if level == BatteryLevel::Critical && before != BatteryLevel::Critical {
            self.fail_safe(effects);
        }
        if events.replaced {
            self.note_other_cells(effects);
        }
        let recovers = before == BatteryLevel::Critical && level != BatteryLevel::Critical;
        if recovers && matches!(self.relock, Relock::Held { .. }) {
            self.resume_relock(effects);
        }
    }

    /// Where the policy says so, the bolt is withdrawn while there is charge for it: after a brown-out there is none.
    fn fail_safe(&mut self, effects: &mut Effects) {
        let policy = self.configuration.settings().policy.critical_battery;
        let is_wanted =
            policy == CriticalBattery::FailSafe && self.facts.bolt.value() != BoltPosition::Retracted;
        if is_wanted && !self.is_held() {
            let _ = self.ask_here(Deed::Unlock, Source::Battery, Cause::Battery, None, effects);
        }
    }

    /// The earliest bound of a trusted clock.
    pub(super) fn earliest_time(&self) -> Option<UnixMillis> {
        match self.clock.reading(self.now) {
            ClockReading::Trusted { earliest, .. } => Some(earliest),
            ClockReading::Floor(_) | ClockReading::Unset => None,
        }
    }
}
