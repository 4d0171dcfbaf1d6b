//! What the lock's sensors read of the world.

use lock_core::proto::{BoltPosition, Celsius, LatchPosition, Millivolts};
use lock_core::state::{DoorReading, TamperContact};

use super::{Case, Cover, Door, Wiring, World};

impl World {
    /// The two end switches of the bolt.
    #[must_use]
    pub fn bolt_sensor(&self) -> BoltPosition {
        match self.wiring {
            Wiring::Whole => self.mechanism.switches(),
            Wiring::Broken => BoltPosition::Unknown,
        }
    }

    /// The switch of the spring latch, where there is one.
    #[must_use]
    pub const fn latch_sensor(&self) -> LatchPosition {
        match self.case {
            Case::WithLatch => self.latch.switch(),
            Case::Deadbolt => LatchPosition::Unknown,
        }
    }

    /// The contact in the door's frame.
    #[must_use]
    pub const fn door_sensor(&self) -> DoorReading {
        match (self.door_wiring, self.door) {
            (Wiring::Broken, _) => DoorReading::Silent,
            (Wiring::Whole, Door::Open) => DoorReading::Open,
            (Wiring::Whole, Door::Closed) => DoorReading::Closed,
        }
    }

    /// The contact under the cover, where there is one.
    #[must_use]
    pub const fn cover_sensor(&self) -> Option<TamperContact> {
        match self.cover {
            Cover::NoContact => None,
            Cover::Mounted => Some(TamperContact::Closed),
            Cover::Off => Some(TamperContact::Open),
        }
    }

    /// What a meter at the battery shows now: less while the motor works.
    #[must_use]
    pub fn battery_sensor(&self) -> Millivolts {
        if !self.mechanism.motor_runs() {
            self.battery.resting()
        } else if self.mechanism.is_blocked() {
            self.battery.blocked(self.temperature)
        } else {
            self.battery.turning(self.temperature)
        }
    }

    /// What a thermometer at the battery shows.
    #[must_use]
    pub const fn thermometer(&self) -> Celsius {
        self.temperature
    }
}
