//! The motor, as far as the lock knows it: at rest, or at work for somebody.

use lock_proto::{Cause, CommandId, Motion, Seconds, Travel, Uptime};

use crate::Goal;

/// The longest drive in one direction, in milliseconds: a healthy bolt needs less than 2 s, and a motor that runs on against
/// nothing empties the battery.
pub const MOTOR_LIMIT_MS: u64 = 5_000;
/// The pause between a stall and the relief, in milliseconds: the motor comes to rest before it is reversed.
pub const SETTLE_MS: u64 = 100;
/// How long the motor backs off after a stall, in milliseconds: enough to free a bolt that is wedged in its strike, too little to
/// withdraw it.
pub const RELIEF_MS: u64 = 250;
/// The wait before the second, third and fourth attempt, in milliseconds.
pub const BACK_OFF_MS: [u64; 3] = [500, 1_500, 3_000];
/// The longest pull of the latch, and the longest release, in milliseconds.
pub const LATCH_LIMIT_MS: u64 = 2_000;

/// At rest, or at work.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) enum Motor {
    Resting,
    /// The bolt is on its way.
    Driving(Run),
    /// Backing off after a stall.
    Relieving {
        run: Run,
        until: Uptime,
    },
    /// Waiting for the relief or the next attempt.
    Pausing {
        run: Run,
        until: Uptime,
        next: Next,
    },
    /// The bolt is withdrawn, the latch is being pulled.
    Pulling {
        run: Run,
        until: Uptime,
    },
    /// The latch is held back; what is to come after.
    Holding {
        until: Uptime,
        then: Option<Run>,
    },
    /// The latch is let go; what is to come after.
    Releasing {
        until: Uptime,
        then: Option<Run>,
    },
}

/// What follows a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Next {
    Relief,
    Attempt,
}

/// What starts when the bolt is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Afterwards {
    /// What the settings say.
    Settings,
    /// It is thrown after so long, whatever the settings say.
    After(Seconds),
    /// It is thrown when the door was opened and closed, or after the setting's delay.
    LockNGo,
    /// The next leg of a calibration or self-test.
    NextLeg,
}

/// One way to a goal, with all its attempts.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
pub(crate) struct Run {
    pub(crate) goal: Goal,
    pub(crate) cause: Cause,
    /// Whose outcome is awaited; `None` where nobody's is.
    pub(crate) command: Option<CommandId>,
    pub(crate) afterwards: Afterwards,
    /// When the first attempt began.
    pub(crate) began: Uptime,
    /// When this attempt began.
    pub(crate) since: Uptime,
    /// The number of this attempt, from 1.
    pub(crate) attempt: u8,
    /// Whether the sensor saw the bolt change during it.
    pub(crate) has_moved: bool,
    /// The longest attempt, in milliseconds.
    pub(crate) limit_ms: u64,
}

/// The longest attempt of a bolt whose travel is known: twice that and half a second, at most [`MOTOR_LIMIT_MS`].
pub(crate) fn limit_ms(goal: Goal, learned: Option<Travel>) -> u64 {
    travel_ms(goal, learned).map_or(MOTOR_LIMIT_MS, |millis| (millis * 2 + 500).min(MOTOR_LIMIT_MS))
}

/// Whether a stall `after_ms` milliseconds into an attempt comes clearly before the end of a learned travel: within three quarters of
/// it, since the same bolt travels faster on fresh cells. Where nothing was learned no stall is known to be early.
pub(crate) fn is_early_stall(goal: Goal, learned: Option<Travel>, after_ms: u64) -> bool {
    travel_ms(goal, learned).is_some_and(|millis| after_ms.saturating_mul(4) < millis * 3)
}

fn travel_ms(goal: Goal, learned: Option<Travel>) -> Option<u64> {
    learned.map(|travel| match goal {
        Goal::Locked => travel.extend_ms.into(),
        Goal::Unlocked | Goal::Unlatched => travel.retract_ms.into(),
    })
}

impl Motor {
    /// The way to a goal that is not given up yet: what a new order overtakes.
    pub(crate) const fn run(&self) -> Option<Run> {
        match self {
            Self::Driving(run)
            | Self::Relieving { run, .. }
            | Self::Pausing { run, .. }
            | Self::Pulling { run, .. } => Some(*run),
            Self::Holding { then, .. } | Self::Releasing { then, .. } => *then,
            Self::Resting => None,
        }
    }

    /// The drive that moves the bolt now.
    pub(crate) fn driving_mut(&mut self) -> Option<&mut Run> {
        match self {
            Self::Driving(run) => Some(run),
            Self::Resting
            | Self::Relieving { .. }
            | Self::Pausing { .. }
            | Self::Pulling { .. }
            | Self::Holding { .. }
            | Self::Releasing { .. } => None,
        }
    }

    /// What moves the bolt, or has just moved it: the cause of what its sensor sees.
    pub(crate) const fn moves_bolt(&self) -> Option<Run> {
        match self {
            Self::Driving(run) | Self::Relieving { run, .. } | Self::Pausing { run, .. } => Some(*run),
            Self::Resting | Self::Pulling { .. } | Self::Holding { .. } | Self::Releasing { .. } => None,
        }
    }

    pub(crate) const fn motion(&self) -> Motion {
        match self {
            Self::Resting => Motion::Still,
            Self::Driving(run) => run.goal.motion(),
            Self::Relieving { .. } => Motion::Relieving,
            Self::Pausing { .. } => Motion::Pausing,
            Self::Pulling { .. } => Motion::Unlatching,
            Self::Holding { .. } => Motion::HoldingLatch,
            Self::Releasing { .. } => Motion::Releasing,
        }
    }

    /// When something is to happen without any other input.
    pub(crate) const fn deadline(&self) -> Option<Uptime> {
        match self {
            Self::Resting => None,
            Self::Driving(run) => Some(run.since.plus_millis(run.limit_ms)),
            Self::Relieving { until, .. }
            | Self::Pausing { until, .. }
            | Self::Pulling { until, .. }
            | Self::Holding { until, .. }
            | Self::Releasing { until, .. } => Some(*until),
        }
    }
}
