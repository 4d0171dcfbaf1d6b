//! What the lock wants done after an input.

use lock_proto::{Alarm, CommandId, Outcome};

use crate::{Happenings, Indication};

/// What the motor driver is told. The driver reports a stall with [`Lock::motor_stalled`](crate::Lock::motor_stalled)
/// and stops by itself when it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Drive {
    /// Run so that the bolt is thrown; reverse if it runs the other way.
    Extend,
    /// Run so that the bolt is withdrawn; reverse if it runs the other way.
    Retract,
    /// Run so that the latch is pulled back.
    PullLatch,
    /// Run so that the latch springs into its strike again.
    ReleaseLatch,
    /// Stop.
    Stop,
}

impl Drive {
    /// All orders.
    pub const ALL: [Self; 5] = [Self::Extend, Self::Retract, Self::PullLatch, Self::ReleaseLatch, Self::Stop];
}

/// A command that had started has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Finished {
    /// Which.
    pub command: CommandId,
    /// How.
    pub outcome: Outcome,
}

/// Alarms that one input raised: no more than two, since no input has more consequences than that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Alarms([Option<Alarm>; 2]);

impl Alarms {
    /// None.
    pub const NONE: Self = Self([None, None]);

    pub(crate) fn raise(&mut self, alarm: Alarm) {
        if self.0.contains(&Some(alarm)) {
            return;
        }
        let vacant = self.0.iter_mut().find(|place| place.is_none());
        debug_assert!(vacant.is_some(), "an input raised a third alarm: {alarm:?}");
        if let Some(place) = vacant {
            *place = Some(alarm);
        }
    }

    /// The alarms, in the order in which they were raised.
    pub fn iter(&self) -> impl Iterator<Item = Alarm> + '_ {
        self.0.iter().flatten().copied()
    }

    /// Whether this alarm was raised.
    #[must_use]
    pub fn contains(&self, alarm: Alarm) -> bool {
        self.0.contains(&Some(alarm))
    }
}

/// What must be stored before something happens that waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Barrier {
    /// A user's use: store [`Lock::staged_record`](crate::Lock::staged_record), then call
    /// [`Lock::admit`](crate::Lock::admit), or [`Lock::dismiss`](crate::Lock::dismiss) where it cannot be stored.
    Admission,
    /// The use of an offline code: store [`Lock::codes_record`](crate::Lock::codes_record), then go on as with an admission.
    CodeUse,
    /// A factory reset: store [`Saved`](crate::Saved), then call [`Lock::wipe`](crate::Lock::wipe).
    Reset,
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
    pub alarms: Alarms,
    /// A command that had started and was overtaken: its outcome is `Superseded`.
    pub superseded: Option<CommandId>,
    /// A command that has ended otherwise.
    pub finished: Option<Finished>,
    /// Whether a fact changed since the last effects, so that a status should be reported.
    pub changed: bool,
    /// Whether [`Saved`](crate::Saved) should be persisted soon. None of the other effects waits for it.
    pub save: bool,
    /// Whether [`Upkeep`](crate::Upkeep) should be persisted when there is time for it.
    pub save_upkeep: bool,
    /// What belongs into the log, beside the alarms.
    pub happened: Happenings,
    /// What must be persisted before the lock goes on.
    pub barrier: Option<Barrier>,
}

impl Effects {
    /// Nothing to do.
    pub const NONE: Self = Self {
        motor: None,
        indicate: None,
        alarms: Alarms::NONE,
        superseded: None,
        finished: None,
        changed: false,
        save: false,
        save_upkeep: false,
        happened: Happenings::NONE,
        barrier: None,
    };
}
