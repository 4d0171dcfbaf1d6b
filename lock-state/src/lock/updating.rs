//! What a firmware update asks of the lock: that it disturbs nobody, and that the new firmware works it.

use lock_proto::{BatteryLevel, BoltPosition, Fault, Motion, Part, Reason, Uptime};

use super::Lock;
use crate::Tables;
use crate::update::Surroundings;

/// How old the last reading of the battery at rest may be for an install, in milliseconds.
pub const BATTERY_READ_WITHIN_MS: u64 = 10 * 60_000;

impl<T: Tables> Lock<T> {
    /// Whether new firmware may be started now: the lock stands still for as long as the loader swaps, and must be sure to come back.
    ///
    /// # Errors
    /// `Busy` during a reset, calibration or self-test; `Moving` unless the motor rests; `PositionUnknown` unless the sensor sees the bolt at
    /// an end, without a fault; `DoorOpen` where the door is sensed open: somebody is passing, and the relock waits for it. `BatteryLow`
    /// unless the battery is good and was read in the last ten minutes; the mains needs no reading.
    pub fn may_install(&self, now: Uptime) -> Result<(), Reason> {
        let now = now.max(self.now);
        if self.is_resetting() || self.exercise.is_some() {
            return Err(Reason::Busy);
        }
        if self.motor.motion() != Motion::Still {
            return Err(Reason::Moving);
        }
        let is_at_an_end =
            matches!(self.facts.bolt.value(), BoltPosition::Extended | BoltPosition::Retracted);
        if !is_at_an_end || self.facts.fault.value() != Fault::None {
            return Err(Reason::PositionUnknown);
        }
        if self.facts.door.value().is_open() {
            return Err(Reason::DoorOpen);
        }
        let is_recent = self.power.read_ago(now).is_some_and(|ago| ago <= BATTERY_READ_WITHIN_MS);
        let is_good = is_recent && self.power.level() == BatteryLevel::Good;
        if self.power.is_fed() || is_good { Ok(()) } else { Err(Reason::BatteryLow) }
    }

    /// Whether all that moves and senses the bolt is known to work: the sensor sees it at an end, nothing is faulty, and no drive since
    /// boot ended otherwise than at its end.
    #[must_use]
    pub fn is_mechanism_fine(&self) -> bool {
        let is_at_an_end =
            matches!(self.facts.bolt.value(), BoltPosition::Extended | BoltPosition::Retracted);
        let is_sensed = self.bolt_part() == Part::Good;
        is_at_an_end && is_sensed && self.is_faultless() && self.motor.motion() == Motion::Still
    }

    /// How the lock stands, for its update.
    #[must_use]
    pub fn surroundings(&self, now: Uptime) -> Surroundings {
        Surroundings {
            motor_rests: self.motor.motion() == Motion::Still,
            is_resetting: self.is_resetting(),
            may_install: self.may_install(now).is_ok(),
            is_mechanism_fine: self.is_mechanism_fine(),
        }
    }
}
