//! What the lock wants done after an input.

use lock_proto::{Alarm, CommandId, Outcome, Reason};

/// What the motor driver is told. The driver reports a stall with [`Deadbolt::motor_stalled`](crate::Deadbolt::motor_stalled)
/// and stops by itself when it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Drive {
    /// Run so that the bolt is thrown; reverse if it runs the other way.
    Extend,
    /// Run so that the bolt is withdrawn; reverse if it runs the other way.
    Retract,
    /// Stop.
    Stop,
}

/// What the light and the buzzer say to those at the door. Coarse: it tells nobody which codes or rights exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Indication {
    /// The code, key or button was accepted.
    Accepted,
    /// It was not, and why as far as the person may know and can help it.
    Refused(Reason),
    /// The bolt did not reach its end.
    Jammed,
    /// Too many wrong codes: codes are refused for now.
    LockedOut,
    /// The battery needs replacing.
    BatteryLow,
}

/// A command that had started has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Finished {
    /// Which.
    pub command: CommandId,
    /// How.
    pub outcome: Outcome,
}

/// All that one input asks for. Each field stands alone; the motor comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[must_use]
pub struct Effects {
    /// What to tell the motor.
    pub motor: Option<Drive>,
    /// What to show at the door.
    pub indicate: Option<Indication>,
    /// What people should hear about at once.
    pub alarm: Option<Alarm>,
    /// A command that had started and was overtaken: its outcome is `Superseded`.
    pub superseded: Option<CommandId>,
    /// A command that has ended otherwise.
    pub finished: Option<Finished>,
    /// Whether a fact changed since the last effects, so that a status should be reported.
    pub changed: bool,
    /// Whether [`Saved`](crate::Saved) should be persisted soon. None of the other effects waits for it.
    pub save: bool,
}

impl Effects {
    /// Nothing to do.
    pub const NONE: Self = Self {
        motor: None,
        indicate: None,
        alarm: None,
        superseded: None,
        finished: None,
        changed: false,
        save: false,
    };
}
