//! What went wrong by the lock's own account.

use core::fmt;

use lock_proto::{BootReason, Fault, RefusalKind, UpdateState};
use serde::Serialize;

use crate::listed::listed;
use crate::texts::Texts;

listed! {
    /// What a lock says or counts of what went wrong.
    pub enum Mishap {
        /// Its fault now.
        Fault,
        /// An update that is not done.
        Update,
        /// A boot that nobody asked for.
        Boot,
        /// Stalls of the motor.
        Stalls,
        /// Drives of the motor that ran out of time.
        Timeouts,
        /// Boots by a brown-out.
        BrownOuts,
        /// Boots by the watchdog.
        Watchdogs,
        /// Links that went down.
        LinkDrops,
        /// Packets that proved nothing.
        BadPackets,
        /// Wrong codes.
        WrongCode,
        /// Codes during a lockout.
        LockedOut,
        /// Users who are disabled or expired.
        User,
        /// Codes outside their hours.
        Schedule,
        /// Refusals because of the mode.
        Mode,
        /// Refusals because of the clock.
        Clock,
        /// Refusals because of door, bolt or battery.
        Mechanism,
        /// Refusals for want of rights.
        Rights,
    }
}

impl Mishap {
    pub(super) const fn of(kind: RefusalKind) -> Self {
        match kind {
            RefusalKind::WrongCode => Self::WrongCode,
            RefusalKind::LockedOut => Self::LockedOut,
            RefusalKind::User => Self::User,
            RefusalKind::Schedule => Self::Schedule,
            RefusalKind::Mode => Self::Mode,
            RefusalKind::Clock => Self::Clock,
            RefusalKind::Mechanism => Self::Mechanism,
            RefusalKind::Rights => Self::Rights,
        }
    }

    /// The key in JSON.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Update => "update",
            Self::Boot => "boot",
            Self::Stalls => "stalls",
            Self::Timeouts => "timeouts",
            Self::BrownOuts => "brown_outs",
            Self::Watchdogs => "watchdogs",
            Self::LinkDrops => "link_drops",
            Self::BadPackets => "bad_packets",
            Self::WrongCode => "refused_wrong_code",
            Self::LockedOut => "refused_locked_out",
            Self::User => "refused_user",
            Self::Schedule => "refused_schedule",
            Self::Mode => "refused_mode",
            Self::Clock => "refused_clock",
            Self::Mechanism => "refused_mechanism",
            Self::Rights => "refused_rights",
        }
    }
}

/// What an error says besides its name.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Detail {
    Times(u32),
    Fault(Fault),
    Update(UpdateState),
    Boot(BootReason),
}

impl Detail {
    pub(super) fn write(self, f: &mut fmt::Formatter<'_>, texts: &Texts) -> fmt::Result {
        match self {
            Self::Times(count) => write!(f, "{count}"),
            Self::Fault(fault) => f.write_str((texts.fault)(fault)),
            Self::Update(update) => f.write_str((texts.update)(update)),
            Self::Boot(reason) => f.write_str((texts.boot)(reason)),
        }
    }
}
