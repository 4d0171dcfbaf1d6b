//! A command as it is stored: what may be shown of it, where it stands, and its digits under lock and key.

use std::fmt;

use lock_core::proto::{
    CodeSeries, CommandId, CredentialKind, Holiday, Manifest, Mechanics, Mode, Night, Outcome, Policy,
    PowerSupply, Seconds, Setting, Table, UnixMillis, User, Window, Zone,
};

/// What a command does, without the digits of a PIN: it may be printed and logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandKind {
    /// Throw the bolt.
    Lock,
    /// Withdraw the bolt.
    Unlock,
    /// Throw the bolt by itself after a time; 0 for never.
    AutoRelock {
        /// The configuration that results.
        version: u32,
        /// The time.
        seconds: Seconds,
    },
    /// Set the PIN code of a slot.
    SetPin {
        /// The configuration that results.
        version: u32,
        /// The slot, from 0.
        slot: u8,
        /// The slot of its user; `None` for a code that opens at any time.
        user: Option<u8>,
    },
    /// Clear the PIN code of a slot.
    ClearPin {
        /// The configuration that results.
        version: u32,
        /// The slot, from 0.
        slot: u8,
    },
    /// Put a mode in force.
    SetMode(Mode),
    /// Forget the wrong codes.
    EndLockout,
    /// Set the user of a slot.
    SetUser {
        /// The configuration that results.
        version: u32,
        /// The slot, from 0.
        slot: u8,
        /// The user.
        user: User,
    },
    /// Set the window of a slot.
    SetWindow {
        /// The configuration that results.
        version: u32,
        /// The slot, from 0.
        slot: u8,
        /// The window.
        window: Window,
    },
    /// Set a credential of a slot that is not a plain PIN code: a token, a finger, a face, a programming code.
    SetCredential {
        /// The configuration that results.
        version: u32,
        /// The slot, from 0.
        slot: u8,
        /// The slot of its user; `None` for one that opens at any time.
        user: Option<u8>,
        /// Its kind.
        kind: CredentialKind,
    },
    /// Set the holiday of a slot.
    SetHoliday {
        /// The configuration that results.
        version: u32,
        /// The slot, from 0.
        slot: u8,
        /// The holiday.
        holiday: Holiday,
    },
    /// Set a setting that there is once.
    Set {
        /// The configuration that results.
        version: u32,
        /// The setting.
        setting: SingleSetting,
    },
    /// Clear a slot of a table.
    Clear {
        /// The configuration that results.
        version: u32,
        /// The table.
        table: Table,
        /// The slot, from 0.
        slot: u8,
    },
    /// Say which offline codes the lock takes.
    OfflineCodes {
        /// The configuration that results.
        version: u32,
        /// The series.
        series: CodeSeries,
    },
    /// Kill all virtual keys of earlier revocation epochs.
    RevokeTickets {
        /// The epoch that is in force then.
        epoch: u32,
    },
    /// Kill one virtual key.
    DenyTicket {
        /// The revocation epoch in which it was issued.
        epoch: u32,
        /// Its number.
        serial: u64,
    },
    /// Put a credential of a backup in its slot.
    RestoreCredential {
        /// The configuration that results.
        version: u32,
        /// The slot, from 0.
        slot: u8,
        /// The slot of its user; `None` for one that belongs to nobody in particular.
        user: Option<u8>,
        /// Its kind.
        kind: CredentialKind,
        /// The number of the backup; 0 for one of the lock that this one replaces.
        backup: u32,
    },
    /// Keep secrets under the key of a backup.
    AdoptPinKey {
        /// The number of the backup.
        backup: u32,
    },
    /// Free what the cloud has of the lock's log.
    AcknowledgeLog {
        /// The key epoch of the log.
        key_epoch: u32,
        /// The last entry that is here.
        index: u64,
        /// Its MAC.
        mac: [u8; 16],
    },
    /// End the ownership: the lock is nobody's then.
    EndOwnership {
        /// The key epoch that ends.
        key_epoch: u32,
    },
    /// Take a firmware image.
    OfferUpdate(Manifest),
    /// Start the image of this version on trial.
    InstallUpdate {
        /// The version.
        version: u32,
        /// Within which time it has to prove itself.
        trial: Seconds,
    },
}

/// A setting that there is once, but for the automatic relock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SingleSetting {
    /// How the mechanism is driven.
    Mechanics(Mechanics),
    /// What is done in doubt.
    Policy(Policy),
    /// The night; `None` for no such thing.
    Night(Option<Night>),
    /// The local clock: without it all hours are in UTC.
    Zone(Zone),
    /// The power supply.
    PowerSupply(PowerSupply),
}

impl SingleSetting {
    /// The same as a setting of the protocol.
    #[must_use]
    pub const fn setting(self) -> Setting {
        match self {
            Self::Mechanics(mechanics) => Setting::Mechanics(mechanics),
            Self::Policy(policy) => Setting::Policy(policy),
            Self::Night(night) => Setting::Night(night),
            Self::Zone(zone) => Setting::Zone(zone),
            Self::PowerSupply(power_supply) => Setting::PowerSupply(power_supply),
        }
    }
}

impl CommandKind {
    /// The configuration version that results; `None` for what configures nothing.
    #[must_use]
    pub const fn version(&self) -> Option<u32> {
        match self {
            Self::Lock
            | Self::Unlock
            | Self::SetMode(_)
            | Self::EndLockout
            | Self::RevokeTickets { .. }
            | Self::DenyTicket { .. }
            | Self::AdoptPinKey { .. }
            | Self::AcknowledgeLog { .. }
            | Self::EndOwnership { .. }
            | Self::OfferUpdate(_)
            | Self::InstallUpdate { .. } => None,
            Self::AutoRelock { version, .. }
            | Self::SetPin { version, .. }
            | Self::ClearPin { version, .. }
            | Self::SetUser { version, .. }
            | Self::SetWindow { version, .. }
            | Self::SetCredential { version, .. }
            | Self::RestoreCredential { version, .. }
            | Self::SetHoliday { version, .. }
            | Self::Set { version, .. }
            | Self::Clear { version, .. }
            | Self::OfflineCodes { version, .. } => Some(*version),
        }
    }

    /// The same command for another configuration version; what configures nothing has none and stays as it is.
    #[must_use]
    pub const fn with_version(self, version: u32) -> Self {
        match self {
            Self::Lock
            | Self::Unlock
            | Self::SetMode(_)
            | Self::EndLockout
            | Self::RevokeTickets { .. }
            | Self::DenyTicket { .. }
            | Self::AdoptPinKey { .. }
            | Self::AcknowledgeLog { .. }
            | Self::EndOwnership { .. }
            | Self::OfferUpdate(_)
            | Self::InstallUpdate { .. } => self,
            Self::AutoRelock { seconds, .. } => Self::AutoRelock { version, seconds },
            Self::SetPin { slot, user, .. } => Self::SetPin { version, slot, user },
            Self::ClearPin { slot, .. } => Self::ClearPin { version, slot },
            Self::SetUser { slot, user, .. } => Self::SetUser { version, slot, user },
            Self::SetWindow { slot, window, .. } => Self::SetWindow { version, slot, window },
            Self::SetCredential { slot, user, kind, .. } => Self::SetCredential { version, slot, user, kind },
            Self::RestoreCredential { slot, user, kind, backup, .. } => {
                Self::RestoreCredential { version, slot, user, kind, backup }
            }
            Self::SetHoliday { slot, holiday, .. } => Self::SetHoliday { version, slot, holiday },
            Self::Set { setting, .. } => Self::Set { version, setting },
            Self::Clear { table, slot, .. } => Self::Clear { version, table, slot },
            Self::OfflineCodes { series, .. } => Self::OfflineCodes { version, series },
        }
    }
}

impl CommandKind {
    /// Whether it kills virtual keys, and so is never taken back.
    #[must_use]
    pub const fn is_revocation(&self) -> bool {
        matches!(self, Self::RevokeTickets { .. } | Self::DenyTicket { .. })
    }

    /// Whether it may be said twice: it says what shall be, not what shall happen.
    pub(crate) const fn may_be_repeated(&self) -> bool {
        self.version().is_some()
            || self.is_revocation()
            || matches!(self, Self::SetMode(_) | Self::EndLockout | Self::AdoptPinKey { .. })
    }

    /// What it does, for people, without the configuration version.
    #[must_use]
    pub const fn described(&self) -> impl fmt::Display + use<> {
        Described(*self)
    }
}

struct Described(CommandKind);

impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            CommandKind::Lock => f.write_str("lock"),
            CommandKind::Unlock => f.write_str("unlock"),
            CommandKind::AutoRelock { seconds, .. } => write!(f, "relock after {} s", seconds.0),
            CommandKind::SetPin { slot, user: None, .. } => write!(f, "set the PIN of slot {slot}"),
            CommandKind::SetPin { slot, user: Some(user), .. } => {
                write!(f, "set the PIN of slot {slot} for user {user}")
            }
            CommandKind::ClearPin { slot, .. } => write!(f, "clear the PIN of slot {slot}"),
            CommandKind::SetMode(mode) => write!(f, "mode {mode:?}"),
            CommandKind::EndLockout => f.write_str("end the lockout"),
            CommandKind::SetUser { slot, user, .. } => {
                write!(f, "set user {slot} to {:?}, {:?}", user.kind, user.status)
            }
            CommandKind::SetWindow { slot, window, .. } => {
                write!(f, "set window {slot} of user {}", window.user)
            }
            CommandKind::SetCredential { slot, user: None, kind, .. } => {
                write!(f, "set the {kind:?} of slot {slot}")
            }
            CommandKind::SetCredential { slot, user: Some(user), kind, .. } => {
                write!(f, "set the {kind:?} of slot {slot} for user {user}")
            }
            CommandKind::SetHoliday { slot, .. } => write!(f, "set holiday {slot}"),
            CommandKind::Set { setting, .. } => f.write_str(match setting {
                SingleSetting::Mechanics(_) => "set how the mechanism is driven",
                SingleSetting::Policy(_) => "set what is done in doubt",
                SingleSetting::Night(_) => "set the night",
                SingleSetting::Zone(_) => "set the local clock",
                SingleSetting::PowerSupply(_) => "set the power supply",
            }),
            CommandKind::Clear { table, slot, .. } => write!(f, "clear slot {slot} of {table:?}"),
            CommandKind::OfflineCodes { series: CodeSeries { switch, epoch, .. }, .. } => {
                write!(f, "offline codes {switch:?}, code epoch {epoch}")
            }
            CommandKind::RevokeTickets { epoch } => {
                write!(f, "kill all virtual keys from before revocation epoch {epoch}")
            }
            CommandKind::DenyTicket { serial, .. } => write!(f, "kill virtual key {serial}"),
            CommandKind::RestoreCredential { slot, kind, backup: 0, .. } => {
                write!(f, "restore the {kind:?} of slot {slot} from the lock before this one")
            }
            CommandKind::RestoreCredential { slot, kind, backup, .. } => {
                write!(f, "restore the {kind:?} of slot {slot} from backup {backup}")
            }
            CommandKind::AdoptPinKey { backup } => write!(f, "take the key of backup {backup}"),
            CommandKind::AcknowledgeLog { index, .. } => {
                write!(f, "acknowledge the log up to entry {index}")
            }
            CommandKind::EndOwnership { .. } => f.write_str("end the ownership"),
            CommandKind::OfferUpdate(Manifest { version, rollback_index, .. }) => {
                write!(f, "take firmware {version}, rollback index {rollback_index}")
            }
            CommandKind::InstallUpdate { version, trial } => {
                write!(f, "install firmware {version}, on trial for {} s", trial.0)
            }
        }
    }
}

impl fmt::Display for CommandKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(version) = self.version() {
            write!(f, "configuration {version}: ")?;
        }
        self.described().fmt(f)
    }
}

/// How a command travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// Sealed, for any relay to take along.
    Queued,
    /// In a live session.
    Live,
}

/// Where a command stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandState {
    /// Waits for its first sealing.
    Queued,
    /// Sealed at least once; no relay was given it as far as is known.
    Sealed,
    /// A relay was given it; nothing was heard since.
    HandedOver,
    /// The lock has begun it and will tell the end.
    Started,
    /// Over: done, refused or failed, as the lock says.
    Settled(Outcome),
    /// Withdrawn on request while nothing was known of it; a receipt that still comes replaces this.
    Expired,
    /// Its number was spent on another command that a lost copy of the database had issued: it never ran. Send it again.
    Unexecuted,
    /// Issued again under another number, for the same client token.
    Replaced {
        /// The number that stands for it now.
        by: CommandId,
    },
    /// Neither the lock nor the fleet can tell any more what became of it.
    Unknown,
}

impl CommandState {
    /// Whether the lock may still have to be told of it, or asked.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Queued | Self::Sealed | Self::HandedOver | Self::Started)
    }
}

impl fmt::Display for CommandState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queued => f.write_str("queued"),
            Self::Sealed => f.write_str("sealed, not yet handed to a relay"),
            Self::HandedOver => f.write_str("handed to a relay, no receipt yet"),
            Self::Started => f.write_str("begun by the lock, not yet over"),
            Self::Settled(Outcome::Refused(reason)) => write!(f, "refused: {reason}"),
            Self::Settled(outcome) => write!(f, "over: {outcome:?}"),
            Self::Expired => f.write_str("withdrawn"),
            Self::Unexecuted => f.write_str("never executed; send it again"),
            Self::Replaced { by } => write!(f, "issued again as command {}", by.0),
            Self::Unknown => f.write_str("outcome unknown; query the lock before sending a new one"),
        }
    }
}

/// A packet that was sealed for a command and may be sent again as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedCopy {
    /// The bytes, at most 512.
    pub packet: Vec<u8>,
    /// The counter in them.
    pub counter: u64,
    /// When they were sealed.
    pub at: UnixMillis,
}

/// How often a command was issued again because the lock refused it: it had a newer configuration, or another command under its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reissues(pub u8);

/// A command as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRow {
    /// Its number at the lock.
    pub id: CommandId,
    /// The caller's name for it, unique for a lock; `None` once another row stands for it.
    pub client_token: Option<String>,
    /// Who asked for it.
    pub by: String,
    /// What it does.
    pub kind: CommandKind,
    /// The digits of a PIN, or what another credential shows, wrapped; `None` where there are none or they were erased.
    pub wrapped_digits: Option<Vec<u8>>,
    /// How it travels.
    pub path: Path,
    /// When it was asked for, by the service's wall clock.
    pub issued_at: UnixMillis,
    /// When it must not be begun any more; `None` where it does not expire.
    pub not_after: Option<UnixMillis>,
    /// Where it stands.
    pub state: CommandState,
    /// When that was learnt.
    pub changed_at: UnixMillis,
    /// The packet that was sealed last.
    pub sealed: Option<SealedCopy>,
    /// How often it was issued again.
    pub reissues: Reissues,
}
