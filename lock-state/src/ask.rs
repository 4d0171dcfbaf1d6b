//! What is asked of the lock, by whom, and over which way.

use lock_crypto::{Authenticated, Channel};
use lock_proto::{Action, BoltPosition, Cause, CommandId, Motion, Target, UnixMillis};

use crate::Drive;

/// A movement of the bolt. Absolute: there is no toggle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MotionAction {
    /// Throw the bolt.
    Lock,
    /// Withdraw the bolt.
    Unlock,
}

impl MotionAction {
    /// The sensed position that proves it done.
    #[must_use]
    pub const fn end(self) -> BoltPosition {
        match self {
            Self::Lock => BoltPosition::Extended,
            Self::Unlock => BoltPosition::Retracted,
        }
    }

    /// The target it sets.
    #[must_use]
    pub const fn target(self) -> Target {
        match self {
            Self::Lock => Target::Locked,
            Self::Unlock => Target::Unlocked,
        }
    }

    /// What the motor is told.
    #[must_use]
    pub const fn drive(self) -> Drive {
        match self {
            Self::Lock => Drive::Extend,
            Self::Unlock => Drive::Retract,
        }
    }

    /// What the motor does while it is under way.
    #[must_use]
    pub const fn motion(self) -> Motion {
        match self {
            Self::Lock => Motion::Extending,
            Self::Unlock => Motion::Retracting,
        }
    }
}

/// The kind of an action: all that the decision needs to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActionKind {
    /// Throw the bolt.
    Lock,
    /// Withdraw the bolt.
    Unlock,
    /// Change the configuration.
    Configure,
}

impl From<MotionAction> for ActionKind {
    fn from(motion: MotionAction) -> Self {
        match motion {
            MotionAction::Lock => Self::Lock,
            MotionAction::Unlock => Self::Unlock,
        }
    }
}

impl From<&Action> for ActionKind {
    fn from(action: &Action) -> Self {
        match action {
            Action::Lock => Self::Lock,
            Action::Unlock => Self::Unlock,
            Action::Configure { .. } => Self::Configure,
        }
    }
}

/// Who asks, and over which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The cloud, in a live session: the session proves that it is fresh.
    RemoteLive,
    /// The cloud, in a sealed message that was stored and forwarded.
    RemoteSealed {
        /// When the cloud issued it, by the cloud's clock.
        issued_at: UnixMillis,
        /// The last moment at which it may be executed; `None` where it does not expire.
        not_after: Option<UnixMillis>,
    },
    /// The holder of a virtual key, who stands at the door.
    VirtualKey,
    /// A PIN code at the keypad.
    Keypad,
    /// The button that locks.
    Button,
    /// The relock timer of the lock.
    AutoRelock,
}

impl Source {
    /// Whether a message that came over `channel` may speak for this source.
    #[must_use]
    pub const fn comes_over(self, channel: Channel) -> bool {
        match self {
            Self::RemoteLive => matches!(channel, Channel::LiveCloud),
            Self::RemoteSealed { .. } => matches!(channel, Channel::SealedCloud),
            Self::VirtualKey => matches!(channel, Channel::LiveHolder),
            Self::Keypad | Self::Button | Self::AutoRelock => false,
        }
    }

    /// Whether somebody at the door asks, who sees and hears the lock.
    #[must_use]
    pub const fn is_at_the_door(self) -> bool {
        match self {
            Self::VirtualKey | Self::Keypad | Self::Button => true,
            Self::RemoteLive | Self::RemoteSealed { .. } | Self::AutoRelock => false,
        }
    }
}

/// A question to [`decide`](crate::decide): may this be done?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    /// What.
    pub action: ActionKind,
    /// Who asks.
    pub source: Source,
}

/// A command to move the bolt, as it came out of an authenticated message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// The number under which the lock remembers it; persisted as started before the order is given.
    pub id: CommandId,
    /// What to do.
    pub motion: MotionAction,
    /// Who asks; must fit the channel over which the message came.
    pub source: Source,
}

impl Order {
    /// The question to decide before the id is burned.
    #[must_use]
    pub fn ask(&self) -> Ask {
        Ask { action: self.motion.into(), source: self.source }
    }
}

/// The cause that an authenticated order gives to the facts it makes; `None` where its source does not fit the channel.
pub(crate) fn cause_of(order: &Authenticated<Order>) -> Option<Cause> {
    let source = order.get().source;
    if !source.comes_over(order.channel()) {
        return None;
    }
    match source {
        Source::RemoteLive => Some(Cause::RemoteLive),
        Source::RemoteSealed { .. } => Some(Cause::RemoteSealed),
        Source::VirtualKey => Some(Cause::VirtualKey),
        Source::Keypad | Source::Button | Source::AutoRelock => None,
    }
}
