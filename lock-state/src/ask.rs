//! What is asked of the lock, by whom, and over which way.

use lock_crypto::{Authenticated, Channel};
use lock_proto::{
    Action, BoltPosition, Cause, CommandId, CredentialKind, Mode, Motion, Seconds, Target, UnixMillis,
};

use crate::Drive;

/// Where the bolt and the latch are to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Goal {
    /// The bolt thrown.
    Locked,
    /// The bolt withdrawn.
    Unlocked,
    /// The bolt withdrawn, and the latch pulled back for a while.
    Unlatched,
}

impl Goal {
    /// The sensed position of the bolt that proves it there.
    #[must_use]
    pub const fn end(self) -> BoltPosition {
        match self {
            Self::Locked => BoltPosition::Extended,
            Self::Unlocked | Self::Unlatched => BoltPosition::Retracted,
        }
    }

    /// The target that it sets.
    #[must_use]
    pub const fn target(self) -> Target {
        match self {
            Self::Locked => Target::Locked,
            Self::Unlocked => Target::Unlocked,
            Self::Unlatched => Target::Unlatched,
        }
    }

    /// What the motor is told to move the bolt.
    #[must_use]
    pub const fn drive(self) -> Drive {
        match self {
            Self::Locked => Drive::Extend,
            Self::Unlocked | Self::Unlatched => Drive::Retract,
        }
    }

    /// What the motor is told to take the pressure from a bolt that is stuck on its way there.
    #[must_use]
    pub const fn relief(self) -> Drive {
        match self {
            Self::Locked => Drive::Retract,
            Self::Unlocked | Self::Unlatched => Drive::Extend,
        }
    }

    /// What the motor does while the bolt is on its way.
    #[must_use]
    pub const fn motion(self) -> Motion {
        match self {
            Self::Locked => Motion::Extending,
            Self::Unlocked | Self::Unlatched => Motion::Retracting,
        }
    }
}

/// Something that the lock does. Absolute: there is no toggle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Throw the bolt.
    Lock,
    /// Withdraw the bolt.
    Unlock,
    /// Withdraw the bolt and pull the latch.
    Unlatch,
    /// Withdraw the bolt, and throw it again after this time whatever the settings say.
    UnlockFor(Seconds),
    /// Withdraw the bolt for somebody who leaves.
    LockNGo,
    /// Put a mode in force.
    SetMode(Mode),
    /// Learn the travels of the bolt.
    Calibrate,
    /// Try motor, sensors, radio and clock.
    SelfTest,
    /// Forget the wrong codes.
    EndLockout,
}

impl Deed {
    /// The deed that an action of a message asks for; `None` for a change of the configuration, a revocation, an acknowledgement, a key,
    /// an update and the end of an ownership, which move nothing.
    #[must_use]
    pub const fn of(action: &Action) -> Option<Self> {
        Some(match action {
            Action::Lock => Self::Lock,
            Action::Unlock => Self::Unlock,
            Action::Unlatch => Self::Unlatch,
            Action::UnlockFor { delay } => Self::UnlockFor(*delay),
            Action::LockNGo => Self::LockNGo,
            Action::SetMode(mode) => Self::SetMode(*mode),
            Action::Calibrate => Self::Calibrate,
            Action::SelfTest => Self::SelfTest,
            Action::EndLockout => Self::EndLockout,
            Action::Configure { .. }
            | Action::RevokeTickets { .. }
            | Action::DenyTicket { .. }
            | Action::PrepareRotation { .. }
            | Action::CommitRotation { .. }
            | Action::AdoptPinKey(_)
            | Action::AcknowledgeLog { .. }
            | Action::EndOwnership { .. }
            | Action::OfferUpdate(_)
            | Action::InstallUpdate { .. } => return None,
        })
    }
}

/// The kind of an action: all that the decision needs to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActionKind {
    /// Throw the bolt.
    Lock,
    /// Withdraw the bolt, whatever comes after.
    Unlock,
    /// Withdraw the bolt and pull the latch.
    Unlatch,
    /// Put a mode in force.
    SetMode(Mode),
    /// Move the bolt to both its ends: a calibration or a self-test.
    Exercise,
    /// Forget the wrong codes.
    EndLockout,
    /// Change the configuration, revoke virtual keys, or offer firmware.
    Configure,
    /// Erase the owner's keys and all that is theirs.
    EndOwnership,
    /// Start new firmware.
    InstallUpdate,
}

impl ActionKind {
    /// One of each, with the mode that is hardest to get.
    pub const ALL: [Self; 9] = [
        Self::Lock,
        Self::Unlock,
        Self::Unlatch,
        Self::SetMode(Mode::Passage),
        Self::Exercise,
        Self::EndLockout,
        Self::Configure,
        Self::EndOwnership,
        Self::InstallUpdate,
    ];

    /// Whether the door may be opened afterwards.
    #[must_use]
    pub const fn opens(self) -> bool {
        matches!(self, Self::Unlock | Self::Unlatch)
    }

    /// Whether its moment is part of what is meant: a relay that keeps it back would open the door, or the keypad to another five
    /// guesses, when it likes. A self-test and a calibration withdraw the bolt. New firmware keeps the lock
    /// from its door while it is swapped in. An end of the ownership that comes a year late would end the
    /// ownership of whoever thought better of it. The others are settings and modes that stay, and mean the same an hour later.
    #[must_use]
    pub const fn must_be_fresh(self) -> bool {
        match self {
            Self::Unlock
            | Self::Unlatch
            | Self::SetMode(Mode::Passage)
            | Self::Exercise
            | Self::EndLockout
            | Self::EndOwnership
            | Self::InstallUpdate => true,
            Self::Lock | Self::SetMode(_) | Self::Configure => false,
        }
    }
}

impl From<Deed> for ActionKind {
    fn from(deed: Deed) -> Self {
        match deed {
            Deed::Lock => Self::Lock,
            Deed::Unlock | Deed::UnlockFor(_) | Deed::LockNGo => Self::Unlock,
            Deed::Unlatch => Self::Unlatch,
            Deed::SetMode(mode) => Self::SetMode(mode),
            Deed::Calibrate | Deed::SelfTest => Self::Exercise,
            Deed::EndLockout => Self::EndLockout,
        }
    }
}

impl From<&Action> for ActionKind {
    fn from(action: &Action) -> Self {
        if let Action::EndOwnership { .. } = action {
            return Self::EndOwnership;
        }
        if matches!(action, Action::InstallUpdate { .. }) {
            return Self::InstallUpdate;
        }
        Deed::of(action).map_or(Self::Configure, Self::from)
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
    /// A credential that was presented at the lock: a code, a token, a finger, a fob.
    Credential(CredentialKind),
    /// The button on the inside.
    Button,
    /// The button on the outside, which needs no credential: it locks.
    OutsideButton,
    /// The relock timer of the lock.
    AutoRelock,
    /// A schedule that is stored in the lock.
    Schedule,
    /// The policy for a critical battery.
    Battery,
}

impl Source {
    /// Whether a message that came over `channel` may speak for this source.
    #[must_use]
    pub const fn comes_over(self, channel: Channel) -> bool {
        match self {
            Self::RemoteLive => matches!(channel, Channel::LiveCloud),
            Self::RemoteSealed { .. } => matches!(channel, Channel::SealedCloud),
            Self::VirtualKey => matches!(channel, Channel::LiveHolder),
            Self::Credential(_)
            | Self::Button
            | Self::OutsideButton
            | Self::AutoRelock
            | Self::Schedule
            | Self::Battery => false,
        }
    }

    /// Whether somebody at the door asks, who sees and hears the lock.
    #[must_use]
    pub const fn is_at_the_door(self) -> bool {
        match self {
            Self::VirtualKey | Self::Credential(_) | Self::Button | Self::OutsideButton => true,
            Self::RemoteLive
            | Self::RemoteSealed { .. }
            | Self::AutoRelock
            | Self::Schedule
            | Self::Battery => false,
        }
    }

    /// Whether somebody asks from afar.
    #[must_use]
    pub const fn is_remote(self) -> bool {
        matches!(self, Self::RemoteLive | Self::RemoteSealed { .. })
    }
}

/// A question to [`decide`](crate::decide()): may this be done?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    /// What.
    pub action: ActionKind,
    /// Who asks.
    pub source: Source,
}

/// A command, as it came out of an authenticated message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// The number under which the lock remembers it; persisted as started before the order is given.
    pub id: CommandId,
    /// What to do.
    pub deed: Deed,
    /// Who asks; must fit the channel over which the message came.
    pub source: Source,
}

impl Order {
    /// The question to decide before the id is burned.
    #[must_use]
    pub fn ask(&self) -> Ask {
        Ask { action: self.deed.into(), source: self.source }
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
        Source::Credential(_)
        | Source::Button
        | Source::OutsideButton
        | Source::AutoRelock
        | Source::Schedule
        | Source::Battery => None,
    }
}
