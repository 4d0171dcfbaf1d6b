//! The truth about the door, in one message.

use crate::{
    BoltPosition, Calibration, ClockFact, DoorState, Fact, Fault, LatchPosition, Millivolts, Mode, Motion,
    Seconds, Target, wire,
};

/// A battery reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BatteryFact {
    /// Voltage at rest.
    pub resting: Millivolts,
    /// Charge left in percent, 0 to 100; `None` where the lock does not know what battery it has.
    pub percent: Option<u8>,
    /// How long ago it was read.
    pub age: Seconds,
}

/// Everything a person needs to know about the door right now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Status {
    /// The number of the last change of any fact since boot.
    pub sequence: u32,
    /// Where the bolt is.
    pub bolt: Fact<BoltPosition>,
    /// Where the latch is.
    pub latch: Fact<LatchPosition>,
    /// Where the bolt was told to go.
    pub target: Fact<Target>,
    /// What the motor does.
    pub motion: Motion,
    /// Where the door is.
    pub door: Fact<DoorState>,
    /// Whether the lock knows its travel.
    pub calibration: Fact<Calibration>,
    /// What is wrong.
    pub fault: Fact<Fault>,
    /// The mode in force, a holiday's included.
    pub mode: Fact<Mode>,
    /// The last battery reading; unknown is not zero.
    pub battery: Option<BatteryFact>,
    /// Time until the bolt is thrown by itself; `None` when that is not planned.
    pub relock_in: Option<Seconds>,
    /// How well the lock knows the time.
    pub clock: ClockFact,
    /// Time until codes are accepted again; 0 when they are.
    pub lockout: Seconds,
    /// The version of the configuration in force; 0 as made.
    pub configuration: u32,
}

const LONGEST_FACT: usize = 1 + (1 + 1 + 5) + 5 + 5;

impl Status {
    /// The longest encoding, in bytes.
    pub(crate) const LONGEST: usize = 5 + 7 * LONGEST_FACT + 1 + (1 + 3 + 2 + 5) + (1 + 5) + (1 + 5) + 5 + 5;

    /// Whether the door may be called locked: the sensor sees the bolt thrown, it rests, nothing is wrong, and no sensor sees
    /// the door open. The only place that decides it (property 15: "locked" implies sensor evidence).
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.bolt.value == BoltPosition::Extended
            && self.motion == Motion::Still
            && self.fault.value == Fault::None
            && !self.door.value.is_open()
    }
}

wire! {
    struct BatteryFact { resting, percent, age }
    struct Status {
        sequence, bolt, latch, target, motion, door, calibration, fault, mode, battery, relock_in, clock, lockout, configuration,
    }
}
