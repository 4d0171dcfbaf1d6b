//! What can be known about a door: separate facts, each with cause, age and sequence.

use crate::numbered::numbered;
use crate::{CodeClass, CredentialKind, QuarterHours, Seconds, wire};

/// Who or what made a fact so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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
    /// A credential that was presented at the lock.
    Credential {
        /// Which kind.
        kind: CredentialKind,
        /// The slot of the credential, from 0.
        slot: u8,
        /// The slot of its user, from 0; `None` for a credential that belongs to nobody in particular.
        user: Option<u8>,
    },
    /// A hand on the thumb-turn or a mechanical key.
    Manual,
    /// The relock timer.
    AutoRelock,
    /// The lock itself: a stall, a time-out, a sensor that disagrees.
    Mechanism,
    /// The button on the inside.
    Button,
    /// A schedule that is stored in the lock: the night's begin, a holiday.
    Schedule,
    /// The policy for a critical battery.
    Battery,
    /// A factory reset.
    Reset,
    /// An offline code at the keypad, which the lock had never heard of.
    OfflineCode {
        /// What it opens for.
        class: CodeClass,
        /// From when on, in quarters of an hour since 1970-01-01T00:00:00Z.
        start: QuarterHours,
    },
}

/// A value with its history: who made it so, how long ago, and its place in the order of changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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

numbered! {
    /// Where the sensor says the bolt is. Never where it was told to go.
    #[derive(Default)]
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
}

numbered! {
    /// Where the sensor says the spring latch is.
    #[derive(Default)]
    pub enum LatchPosition {
        /// No latch, no sensor, or no reading.
        #[default]
        Unknown,
        /// In its strike: a closed door stays closed.
        Engaged,
        /// Pulled back by the motor: the door can be pushed open.
        Held,
    }
}

numbered! {
    /// Where the bolt was last told to go. Not evidence of anything.
    #[derive(Default)]
    pub enum Target {
        /// Nobody asked since boot.
        #[default]
        None,
        /// Thrown.
        Locked,
        /// Withdrawn.
        Unlocked,
        /// Withdrawn, and the latch pulled back for a while.
        Unlatched,
    }
}

numbered! {
    /// What the motor does now.
    #[derive(Default)]
    pub enum Motion {
        /// At rest.
        #[default]
        Still,
        /// Throwing the bolt.
        Extending,
        /// Withdrawing the bolt.
        Retracting,
        /// Pulling the latch back.
        Unlatching,
        /// Holding the latch back.
        HoldingLatch,
        /// Letting the latch go.
        Releasing,
        /// Backing off a little after a stall, to take the pressure from the bolt.
        Relieving,
        /// Waiting before the next attempt.
        Pausing,
    }
}

numbered! {
    /// Where the door is, by its sensor and by what the lock knows besides.
    #[derive(Default)]
    pub enum DoorState {
        /// No sensor, or no reading yet.
        #[default]
        Unknown,
        /// Not in its frame.
        Open,
        /// In its frame.
        Closed,
        /// Not in its frame for longer than the setting allows.
        Ajar,
        /// Not in its frame, and it left it while the bolt was sensed thrown.
        Forced,
        /// The sensor contradicts itself.
        Faulty,
    }
}

impl DoorState {
    /// Whether the sensor says that the door is not in its frame.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Ajar | Self::Forced)
    }
}

numbered! {
    /// What is wrong with the mechanism.
    #[derive(Default)]
    pub enum Fault {
        /// Nothing known.
        #[default]
        None,
        /// The motor stalled before the bolt reached its end, at each attempt.
        Jammed,
        /// The motor ran its whole time, the bolt moved, and the sensor saw no end.
        MotorTimeout,
        /// The motor ran its whole time without load, and the bolt did not move: clutch, gear or linkage.
        ClutchFailed,
        /// The bolt's sensor is silent or contradicts the motor.
        BoltSensor,
    }
}

numbered! {
    /// Whether the lock knows how long its bolt travels.
    #[derive(Default)]
    pub enum Calibration {
        /// Not yet, or no longer: it was reset, or a travel is far from what was learned.
        #[default]
        Needed,
        /// Being learned now.
        Running,
        /// Learned.
        Done,
        /// The last attempt to learn it failed.
        Failed,
    }
}

/// How well the lock knows the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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

numbered! {
    /// What people should hear about at once.
    #[derive(PartialOrd, Ord)]
    pub enum Alarm {
        /// The bolt is jammed.
        Jammed,
        /// The wrong-code limit is reached.
        WrongCodeLimit,
        /// The bolt left its strike while nobody asked and no hand was seen, or the door left its frame while the bolt was thrown.
        Forced,
        /// The battery needs replacing.
        BatteryLow,
        /// Stored counters or keys are damaged: remote access is refused until a rotation with presence.
        StorageCorrupt,
        /// The door has been open for longer than the setting allows.
        DoorAjar,
        /// The escutcheon, cover or cable was tampered with.
        Tamper,
        /// A duress credential was used.
        Duress,
        /// The lock was reset to its settings as made.
        FactoryReset,
        /// The radio was reset or its settings were erased.
        RadioReset,
        /// The battery may not move the bolt once more.
        BatteryCritical,
        /// The battery empties much faster than it did.
        BatteryDrain,
        /// The lock no longer knows the time, and what is limited in time is refused.
        ClockLost,
        /// The log is nearly full: fetch and acknowledge it, or its oldest entries will be overwritten.
        LogNearlyFull,
        /// The motor turns and the bolt does not.
        ClutchFailed,
        /// A sensor is silent or contradicts itself.
        SensorFault,
        /// A firmware image was received damaged, or could not be stored.
        UpdateFailed,
        /// New firmware did not prove itself: the one before it runs again.
        UpdateRolledBack,
    }
}

wire! {
    enum Cause {
        0 => Unknown,
        1 => Boot,
        2 => RemoteLive,
        3 => RemoteSealed,
        4 => VirtualKey,
        5 => Credential { kind, slot, user },
        6 => Manual,
        7 => AutoRelock,
        8 => Mechanism,
        9 => Button,
        10 => Schedule,
        11 => Battery,
        12 => Reset,
        13 => OfflineCode { class, start },
    }
    struct Fact<T> { value, cause, age, sequence }
    enum ClockFact {
        0 => Unset,
        1 => Floor,
        2 => Trusted { error_ms },
    }
}
