//! The truth about the door: separate facts, each with cause, age and sequence.

use serde::{Deserialize, Serialize};

use crate::{Millivolts, Seconds};

/// Who or what made a fact so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Cause {
    /// Not known.
    #[default]
    Unknown,
    /// Found at boot.
    Boot,
    /// A live command of the cloud.
    RemoteLive,
    /// A sealed command of the cloud that came by store and forward.
    RemoteSealed,
    /// The holder of a virtual key.
    VirtualKey,
    /// The PIN code in this slot.
    Keypad {
        /// The slot, from 0.
        slot: u8,
    },
    /// A hand on the thumb-turn or a mechanical key.
    Manual,
    /// The relock timer.
    AutoRelock,
    /// The lock itself: a stall, a time-out, a sensor that disagrees.
    Mechanism,
}

/// A value with its history: who made it so, how long ago, and its place in the order of changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fact<T> {
    /// What is so.
    pub value: T,
    /// Who or what made it so.
    pub cause: Cause,
    /// How long it has been known, when the report was made; never longer than since boot.
    pub age: Seconds,
    /// The number of the change that made it so, counted over all facts since boot.
    pub sequence: u32,
}

/// Where the sensor says the bolt is. Never where it was told to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BoltPosition {
    /// No evidence.
    #[default]
    Unknown,
    /// Fully thrown, in the strike.
    Extended,
    /// Fully withdrawn.
    Retracted,
    /// Neither end.
    Between,
}

/// Where the bolt was last told to go. Not evidence of anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Target {
    /// Nobody asked since boot.
    #[default]
    None,
    /// Thrown.
    Locked,
    /// Withdrawn.
    Unlocked,
}

/// What the motor does now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Motion {
    /// At rest.
    #[default]
    Still,
    /// Throwing the bolt.
    Extending,
    /// Withdrawing the bolt.
    Retracting,
}

/// What the door sensor says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DoorPosition {
    /// No sensor, or no reading yet.
    #[default]
    Unknown,
    /// Not in its frame.
    Open,
    /// In its frame.
    Closed,
}

/// What is wrong with the mechanism.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Fault {
    /// Nothing known.
    #[default]
    None,
    /// The motor stalled before the bolt reached its end.
    Jammed,
    /// The motor ran its whole time and the sensor saw no end.
    MotorTimeout,
}

/// What people should hear about at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Alarm {
    /// The bolt is jammed.
    Jammed,
    /// The wrong-code limit is reached.
    WrongCodeLimit,
    /// The bolt left its strike while nobody asked and no hand was seen.
    Forced,
    /// The battery needs replacing.
    BatteryLow,
    /// Stored counters or keys are damaged: remote access is refused until a rotation with presence.
    StorageCorrupt,
}

/// How well the lock knows the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ClockFact {
    /// Not at all.
    #[default]
    Unset,
    /// Not earlier than something it was told before it lost power.
    Floor,
    /// To within `error_ms`.
    Trusted {
        /// Largest distance from the true time, in milliseconds; at most 60,000.
        error_ms: u32,
    },
}

/// A battery reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BatteryFact {
    /// Voltage at rest.
    pub resting: Millivolts,
    /// How long ago it was read.
    pub age: Seconds,
}

/// Everything a person needs to know about the door right now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Status {
    /// The number of the last change of any fact since boot.
    pub sequence: u32,
    /// Where the bolt is.
    pub bolt: Fact<BoltPosition>,
    /// Where it was told to go.
    pub target: Fact<Target>,
    /// What the motor does.
    pub motion: Motion,
    /// Where the door is.
    pub door: Fact<DoorPosition>,
    /// What is wrong.
    pub fault: Fact<Fault>,
    /// The last battery reading; unknown is not zero.
    pub battery: Option<BatteryFact>,
    /// Time until the bolt is thrown by itself; `None` when that is not planned.
    pub relock_in: Option<Seconds>,
    /// How well the lock knows the time.
    pub clock: ClockFact,
    /// Time until PIN codes are accepted again; 0 when they are.
    pub lockout: Seconds,
    /// The version of the configuration in force; 0 as made.
    pub configuration: u32,
}

impl Status {
    /// Whether the door may be called locked: the sensor sees the bolt thrown, it rests, nothing is wrong, and no sensor sees
    /// the door open. The only place that decides it (property 15: "locked" implies sensor evidence).
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.bolt.value == BoltPosition::Extended
            && self.motion == Motion::Still
            && self.fault.value == Fault::None
            && self.door.value != DoorPosition::Open
    }
}
