//! The motor, as far as the lock knows it: at rest, or driving for somebody.

use lock_proto::{Cause, CommandId, Motion, Uptime};

use crate::MotionAction;

/// The longest drive in one direction, in milliseconds: a healthy bolt needs less than 2 s, and a motor that runs on against
/// nothing empties the battery.
pub const MOTOR_LIMIT_MS: u64 = 5_000;

/// At rest, or driving.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) enum Motor {
    Resting,
    Driving(Run),
}

/// One drive towards an end.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
pub(crate) struct Run {
    pub(crate) goal: MotionAction,
    pub(crate) cause: Cause,
    /// Whose outcome is awaited; `None` where nobody's is.
    pub(crate) command: Option<CommandId>,
    pub(crate) since: Uptime,
}

impl Motor {
    pub(crate) const fn run(&self) -> Option<Run> {
        match self {
            Self::Resting => None,
            Self::Driving(run) => Some(*run),
        }
    }

    pub(crate) const fn motion(&self) -> Motion {
        match self {
            Self::Resting => Motion::Still,
            Self::Driving(run) => run.goal.motion(),
        }
    }

    /// When it has driven as long as it may.
    pub(crate) const fn deadline(&self) -> Option<Uptime> {
        match self {
            Self::Resting => None,
            Self::Driving(run) => Some(run.since.plus_millis(MOTOR_LIMIT_MS)),
        }
    }
}
