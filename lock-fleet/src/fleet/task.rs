//! What is wanted of a lock, before it has a number.

use std::fmt;

use lock_core::proto::{
    CodeSeries, CredentialKind, HashedSecret, Holiday, Manifest, Mode, PinDigits, PinKey, PinKeyCheck,
    Seconds, Secret, Table, User, Window,
};

use crate::store::{CommandKind, CommandSecret, SingleSetting};

/// What somebody wants of a lock. A configuration has no version yet: the fleet gives it one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Throw the bolt.
    Lock,
    /// Withdraw the bolt.
    Unlock,
    /// Throw the bolt by itself so long after it was withdrawn; 0 seconds for never.
    AutoRelock(Seconds),
    /// Put a PIN code in a slot, whatever is there.
    SetPin {
        /// The slot, from 0.
        slot: u8,
        /// The digits.
        digits: PinDigits,
        /// The slot of its user, whose rules it follows; `None` for a code that opens at any time.
        user: Option<u8>,
    },
    /// Clear the PIN code of a slot.
    ClearPin {
        /// The slot, from 0.
        slot: u8,
    },
    /// Put a mode in force.
    SetMode(Mode),
    /// Forget the wrong codes: a lockout ends at once. Only a fresh order does.
    EndLockout,
    /// Put a user in a slot, whatever is there.
    SetUser {
        /// The slot, from 0.
        slot: u8,
        /// The user.
        user: User,
    },
    /// Put a window of a user in a slot, whatever is there.
    SetWindow {
        /// The slot, from 0.
        slot: u8,
        /// The window.
        window: Window,
    },
    /// Put a credential in a slot that is not a plain PIN code, whatever is there.
    SetCredential {
        /// The slot, from 0.
        slot: u8,
        /// The slot of its user; `None` for one that opens at any time.
        user: Option<u8>,
        /// Its kind: digits for the two kinds of PIN, an identifier for all others.
        kind: CredentialKind,
        /// What is shown.
        secret: Secret,
    },
    /// Put a holiday in a slot, whatever is there.
    SetHoliday {
        /// The slot, from 0.
        slot: u8,
        /// The holiday.
        holiday: Holiday,
    },
    /// Set a setting that there is once.
    Set(SingleSetting),
    /// Clear a slot of users, windows, holidays or credentials.
    Clear {
        /// The table; not that of the settings, which a lock refuses.
        table: Table,
        /// The slot, from 0.
        slot: u8,
    },
    /// Say which offline codes the lock takes: see [`Fleet::set_offline_codes`](crate::Fleet::set_offline_codes), which
    /// numbers the code epochs.
    OfflineCodes(CodeSeries),
    /// Kill all virtual keys of earlier epochs: see [`Fleet::revoke_all_keys`](crate::Fleet::revoke_all_keys), which numbers them.
    RevokeTickets {
        /// The epoch that is in force then.
        epoch: u32,
    },
    /// Kill one virtual key: see [`Fleet::revoke_key`](crate::Fleet::revoke_key).
    DenyTicket {
        /// The revocation epoch in which it was issued.
        epoch: u32,
        /// Its number.
        serial: u64,
    },
    /// Put a credential of a backup in its slot: see [`Fleet::restore`](crate::Fleet::restore).
    RestoreCredential {
        /// The slot, from 0.
        slot: u8,
        /// The slot of its user.
        user: Option<u8>,
        /// Its kind.
        kind: CredentialKind,
        /// The number of the backup; 0 for one of the lock that this one replaces.
        backup: u32,
        /// The key under which it was hashed.
        check: PinKeyCheck,
        /// What the lock kept.
        hash: HashedSecret,
    },
    /// Keep secrets under the key of a backup: see [`LiveRequest::AdoptBackup`](crate::LiveRequest::AdoptBackup), since it goes in a
    /// session alone.
    AdoptPinKey {
        /// The number of the backup.
        backup: u32,
        /// The key.
        key: PinKey,
    },
    /// Free what is here of the lock's log.
    AcknowledgeLog {
        /// The key epoch of the log.
        key_epoch: u32,
        /// The last entry that is here.
        index: u64,
        /// Its MAC.
        mac: [u8; 16],
    },
    /// End the ownership of a lock that somebody else is to claim: see [`Fleet::release`](crate::Fleet::release).
    EndOwnership {
        /// The key epoch that ends.
        key_epoch: u32,
    },
    /// Have the lock take a firmware image: its bytes follow in a live session, with [`Fleet::chunk_live`](crate::Fleet::chunk_live).
    OfferUpdate(Manifest),
    /// Start the verified image of this version on trial. Only a fresh order does.
    InstallUpdate {
        /// The version.
        version: u32,
        /// Within which time it has to prove itself.
        trial: Seconds,
    },
}

impl Task {
    /// The command that it becomes, under the configuration version that results; a motion ignores the version.
    pub(crate) const fn kind(&self, version: u32) -> CommandKind {
        match self {
            Self::Lock => CommandKind::Lock,
            Self::Unlock => CommandKind::Unlock,
            Self::AutoRelock(seconds) => CommandKind::AutoRelock { version, seconds: *seconds },
            Self::SetPin { slot, user, .. } => CommandKind::SetPin { version, slot: *slot, user: *user },
            Self::ClearPin { slot } => CommandKind::ClearPin { version, slot: *slot },
            Self::SetMode(mode) => CommandKind::SetMode(*mode),
            Self::EndLockout => CommandKind::EndLockout,
            Self::SetUser { slot, user } => CommandKind::SetUser { version, slot: *slot, user: *user },
            Self::SetWindow { slot, window } => {
                CommandKind::SetWindow { version, slot: *slot, window: *window }
            }
            Self::SetCredential { slot, user, kind, .. } => {
                CommandKind::SetCredential { version, slot: *slot, user: *user, kind: *kind }
            }
            Self::SetHoliday { slot, holiday } => {
                CommandKind::SetHoliday { version, slot: *slot, holiday: *holiday }
            }
            Self::Set(setting) => CommandKind::Set { version, setting: *setting },
            Self::Clear { table, slot } => CommandKind::Clear { version, table: *table, slot: *slot },
            Self::OfflineCodes(series) => CommandKind::OfflineCodes { version, series: *series },
            Self::RevokeTickets { epoch } => CommandKind::RevokeTickets { epoch: *epoch },
            Self::DenyTicket { epoch, serial } => CommandKind::DenyTicket { epoch: *epoch, serial: *serial },
            Self::RestoreCredential { slot, user, kind, backup, .. } => CommandKind::RestoreCredential {
                version,
                slot: *slot,
                user: *user,
                kind: *kind,
                backup: *backup,
            },
            Self::AdoptPinKey { backup, .. } => CommandKind::AdoptPinKey { backup: *backup },
            Self::AcknowledgeLog { key_epoch, index, mac } => {
                CommandKind::AcknowledgeLog { key_epoch: *key_epoch, index: *index, mac: *mac }
            }
            Self::EndOwnership { key_epoch } => CommandKind::EndOwnership { key_epoch: *key_epoch },
            Self::OfferUpdate(manifest) => CommandKind::OfferUpdate(*manifest),
            Self::InstallUpdate { version, trial } => {
                CommandKind::InstallUpdate { version: *version, trial: *trial }
            }
        }
    }

    /// The same with a backup that is not this lock's own: a later restore must not take this lock's backup of that number for it.
    pub(crate) fn of_another_lock(self) -> Self {
        if let Self::RestoreCredential { slot, user, kind, check, hash, .. } = self {
            Self::RestoreCredential { slot, user, kind, backup: 0, check, hash }
        } else {
            self
        }
    }

    /// Whether it changes the configuration, and so needs the number of the one that results.
    pub(crate) const fn configures(&self) -> bool {
        match self {
            Self::AutoRelock(_)
            | Self::SetPin { .. }
            | Self::ClearPin { .. }
            | Self::SetUser { .. }
            | Self::SetWindow { .. }
            | Self::SetCredential { .. }
            | Self::RestoreCredential { .. }
            | Self::SetHoliday { .. }
            | Self::Set(_)
            | Self::Clear { .. }
            | Self::OfflineCodes(_) => true,
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
            | Self::InstallUpdate { .. } => false,
        }
    }

    /// What it carries under lock and key.
    pub(crate) fn secret(&self) -> Option<CommandSecret> {
        match self {
            Self::SetPin { digits, .. } => Some(CommandSecret::Shown(Secret::Pin(digits.clone()))),
            Self::SetCredential { secret, .. } => Some(CommandSecret::Shown(secret.clone())),
            Self::RestoreCredential { check, hash, .. } => {
                Some(CommandSecret::Kept { check: *check, hash: hash.clone() })
            }
            Self::AdoptPinKey { key, .. } => Some(CommandSecret::Key(key.clone())),
            Self::AutoRelock(_)
            | Self::ClearPin { .. }
            | Self::Lock
            | Self::Unlock
            | Self::SetMode(_)
            | Self::EndLockout
            | Self::SetUser { .. }
            | Self::SetWindow { .. }
            | Self::SetHoliday { .. }
            | Self::Set(_)
            | Self::Clear { .. }
            | Self::OfflineCodes(_)
            | Self::RevokeTickets { .. }
            | Self::DenyTicket { .. }
            | Self::AcknowledgeLog { .. }
            | Self::EndOwnership { .. }
            | Self::OfferUpdate(_)
            | Self::InstallUpdate { .. } => None,
        }
    }
}

/// The caller's name for one wish, unique for a lock: asking again with the same token never does it twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientToken(String);

/// Why a text is not a client token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a client token has 1 to 128 printable ASCII characters without spaces; use a random one for each wish"
)]
pub struct ClientTokenError;

impl ClientToken {
    /// The longest, in bytes.
    pub const MAX: usize = 128;

    /// Takes 1 to 128 printable ASCII characters without spaces.
    ///
    /// # Errors
    /// [`ClientTokenError`] for anything else.
    pub fn new(text: impl Into<String>) -> Result<Self, ClientTokenError> {
        let text = text.into();
        let is_good =
            (1..=Self::MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_good { Ok(Self(text)) } else { Err(ClientTokenError) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
