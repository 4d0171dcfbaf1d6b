//! From a stored command to the action that it asks of the lock, and back.

use lock_core::proto::{Action, CredentialKind, Put, Secret, Setting};

use super::{CommandKind, CommandSecret, SingleSetting};

impl CommandKind {
    /// The action that it asks of the lock; `None` when its digits were erased.
    pub(crate) fn action(self, secret: Option<CommandSecret>) -> Option<Action> {
        let configure = |version, setting| Some(Action::Configure { version, setting });
        match self {
            CommandKind::Lock => Some(Action::Lock),
            CommandKind::Unlock => Some(Action::Unlock),
            CommandKind::AutoRelock { version, seconds } => configure(version, Setting::AutoRelock(seconds)),
            CommandKind::SetPin { version, slot, user } => {
                let (put, kind, secret) = (Put::Set, CredentialKind::Pin, shown(secret)?);
                configure(version, Setting::SetCredential { slot, put, user, kind, secret })
            }
            CommandKind::SetCredential { version, slot, user, kind } => configure(
                version,
                Setting::SetCredential { slot, put: Put::Set, user, kind, secret: shown(secret)? },
            ),
            CommandKind::SetHoliday { version, slot, holiday } => {
                configure(version, Setting::SetHoliday { slot, put: Put::Set, holiday })
            }
            CommandKind::Set { version, setting } => configure(version, setting.setting()),
            CommandKind::ClearPin { version, slot } => configure(version, Setting::clear_credential(slot)),
            CommandKind::SetMode(mode) => Some(Action::SetMode(mode)),
            CommandKind::EndLockout => Some(Action::EndLockout),
            CommandKind::SetUser { version, slot, user } => {
                configure(version, Setting::SetUser { slot, put: Put::Set, user })
            }
            CommandKind::SetWindow { version, slot, window } => {
                configure(version, Setting::SetWindow { slot, put: Put::Set, window })
            }
            CommandKind::Clear { version, table, slot } => configure(version, Setting::Clear { table, slot }),
            CommandKind::OfflineCodes { version, series } => {
                configure(version, Setting::OfflineCodes(series))
            }
            CommandKind::RevokeTickets { epoch } => Some(Action::RevokeTickets { epoch }),
            CommandKind::DenyTicket { epoch, serial } => Some(Action::DenyTicket { epoch, serial }),
            CommandKind::RestoreCredential { version, slot, user, kind, .. } => match secret? {
                CommandSecret::Kept { check, hash } => {
                    let put = Put::Set;
                    configure(version, Setting::RestoreCredential { slot, put, user, kind, check, hash })
                }
                CommandSecret::Shown(_) | CommandSecret::Key(_) => None,
            },
            CommandKind::AdoptPinKey { .. } => match secret? {
                CommandSecret::Key(key) => Some(Action::AdoptPinKey(key)),
                CommandSecret::Shown(_) | CommandSecret::Kept { .. } => None,
            },
            CommandKind::AcknowledgeLog { key_epoch, index, mac } => {
                Some(Action::AcknowledgeLog { key_epoch, index, mac })
            }
            CommandKind::EndOwnership { key_epoch } => Some(Action::EndOwnership { key_epoch }),
            CommandKind::OfferUpdate(manifest) => Some(Action::OfferUpdate(manifest)),
            CommandKind::InstallUpdate { version, trial } => Some(Action::InstallUpdate { version, trial }),
        }
    }

    /// What an action is as a command, where it holds no secret: the inverse of [`Self::action`] for the kinds that are stored as actions.
    pub(crate) fn of_action(action: &Action) -> Option<Self> {
        let single = |version, setting| Some(CommandKind::Set { version, setting });
        match *action {
            Action::SetMode(mode) => Some(CommandKind::SetMode(mode)),
            Action::EndLockout => Some(CommandKind::EndLockout),
            Action::RevokeTickets { epoch } => Some(CommandKind::RevokeTickets { epoch }),
            Action::DenyTicket { epoch, serial } => Some(CommandKind::DenyTicket { epoch, serial }),
            Action::AcknowledgeLog { key_epoch, index, mac } => {
                Some(CommandKind::AcknowledgeLog { key_epoch, index, mac })
            }
            Action::OfferUpdate(manifest) => Some(CommandKind::OfferUpdate(manifest)),
            Action::InstallUpdate { version, trial } => Some(CommandKind::InstallUpdate { version, trial }),
            Action::Configure { version, ref setting } => match *setting {
                Setting::SetUser { slot, user, .. } => Some(CommandKind::SetUser { version, slot, user }),
                Setting::SetWindow { slot, window, .. } => {
                    Some(CommandKind::SetWindow { version, slot, window })
                }
                Setting::Clear { table, slot } => Some(CommandKind::Clear { version, table, slot }),
                Setting::OfflineCodes(series) => Some(CommandKind::OfflineCodes { version, series }),
                Setting::SetHoliday { slot, holiday, .. } => {
                    Some(CommandKind::SetHoliday { version, slot, holiday })
                }
                Setting::Mechanics(mechanics) => single(version, SingleSetting::Mechanics(mechanics)),
                Setting::Policy(policy) => single(version, SingleSetting::Policy(policy)),
                Setting::Night(night) => single(version, SingleSetting::Night(night)),
                Setting::Zone(zone) => single(version, SingleSetting::Zone(zone)),
                Setting::PowerSupply(supply) => single(version, SingleSetting::PowerSupply(supply)),
                Setting::AutoRelock(_)
                | Setting::SetCredential { .. }
                | Setting::RestoreCredential { .. } => None,
            },
            Action::EndOwnership { key_epoch } => Some(CommandKind::EndOwnership { key_epoch }),
            Action::Lock
            | Action::Unlock
            | Action::Unlatch
            | Action::UnlockFor { .. }
            | Action::LockNGo
            | Action::Calibrate
            | Action::SelfTest
            | Action::PrepareRotation { .. }
            | Action::CommitRotation { .. }
            | Action::AdoptPinKey(_) => None,
        }
    }
}

fn shown(secret: Option<CommandSecret>) -> Option<Secret> {
    match secret? {
        CommandSecret::Shown(secret) => Some(secret),
        CommandSecret::Kept { .. } | CommandSecret::Key(_) => None,
    }
}
