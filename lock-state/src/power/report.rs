//! What the lock says of its power supply.

use lock_proto::{BatteryFact, Millivolts, PowerHealth, Seconds, Uptime};

use super::Power;

impl Power {
    /// The last reading since boot, for the status.
    #[must_use]
    pub fn fact(&self, now: Uptime) -> Option<BatteryFact> {
        let (reading, at) = self.reading?;
        Some(BatteryFact {
            resting: reading.voltage,
            percent: self.percent(),
            age: Seconds::from_millis(now.millis_since(at)),
        })
    }

    /// All of it, for a diagnosis. A percent without `read_ago` is that of the last boot.
    #[must_use]
    pub fn health(&self, now: Uptime) -> PowerHealth {
        PowerHealth {
            supply: self.supply,
            level: self.level(),
            resting: self.resting_voltage(),
            loaded: self.loaded,
            temperature: self.reading.and_then(|(reading, _)| reading.temperature),
            percent: self.percent(),
            read_ago: self.reading.map(|(_, at)| Seconds::from_millis(now.millis_since(at))),
            days_left: self.days_left(now),
            replaced_at: self.replaced.at(),
            rapid_drain: self.is_rapid_drain(),
            keypad: self.keypad,
        }
    }

    fn resting_voltage(&self) -> Option<Millivolts> {
        self.reading.map(|(reading, _)| reading.voltage)
    }
}
