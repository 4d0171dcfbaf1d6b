//! Giving a lock back what it has lost, or what the lock had that it replaces (sections 6.1 and 11).
//!
//! The wishes are the fleet's own; the codes, whose digits it has erased, come out of the backups where those hold just what was there last.

use lock_core::crypto::LockId;
use lock_core::proto::{CommandId, Table, UnixMillis};

use super::backups::KeptBackup;
use super::change::Change;
use super::codes::raised_after_loss;
use super::queue::Wish;
use super::{ClientToken, Fleet, FleetError, Task, random};
use crate::clock::Moment;
use crate::store::{CommandKind, CommandRow, ItemRow, ItemStanding, Path, Store};

/// What is done about items that this fleet never asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignItems {
    /// They stay.
    Keep,
    /// They are cleared. A single setting is never cleared: set it anew.
    Clear,
}

/// Where codes come from whose digits were erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostCodes {
    /// From whoever knows them: they are asked for again.
    AskAgain,
    /// From the backups, where they hold just what the lock had; the others are asked for again. The lock must have adopted the key of
    /// the backup ([`LiveRequest::AdoptBackup`](crate::LiveRequest::AdoptBackup)), or refuses them.
    FromBackup,
}

/// What [`Fleet::restore`] set going.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// The commands that were queued, in their order.
    pub queued: Vec<CommandId>,
    /// Slots of credentials whose digits have to be given again: they were erased when the lock had them.
    pub needs_code: Vec<u8>,
}

impl<S: Store> Fleet<S> {
    /// Queues a command for each item that the lock has lost, never got, or has from somebody else: the wanted value, or the one that was
    /// done last where the lock refused the wanted one. With [`ForeignItems::Clear`] also clears what this fleet never asked for and cannot
    /// overwrite. What the lock refuses is not sent again, nor what it has. All or nothing is queued.
    ///
    /// A user who may come once, or for a time after the first use, is new to the lock then: such a use counts from the start.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn restore(
        &mut self,
        lock: LockId,
        foreign: ForeignItems,
        codes: LostCodes,
        by: &str,
        now: Moment,
    ) -> Result<Restored, FleetError> {
        let entropy = random::<16>()?;
        self.change(lock, now, |change| {
            let (tasks, needs_code) = change.what_to_restore(foreign, codes)?;
            change.queue_all(tasks, needs_code, entropy, by)
        })
    }

    /// Queues for `lock` all that is wanted of the lock that it replaces, with the credentials of that lock's backups. Places in which
    /// something was ever wanted of the new lock are left alone, so that doing it again brings nothing back that was cleared since.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`] for either, [`FleetError::Custody`], [`FleetError::Store`].
    pub fn take_over(
        &mut self,
        lock: LockId,
        from: LockId,
        by: &str,
        now: Moment,
    ) -> Result<Restored, FleetError> {
        let entropy = random::<16>()?;
        let row = self.row(from)?;
        let (tasks, needs_code) =
            Change::new(&mut self.store, &self.vault, row, now).what_it_should_have()?;
        self.change(lock, now, |change| {
            change.note(by, format!("take over from lock {}", hex::encode(from.0)), "queued");
            // What was ever wanted of the new lock is newer than what its predecessor had.
            let mut left = Vec::new();
            for task in &tasks {
                if change.is_untouched(task)? {
                    left.push(task.clone().of_another_lock());
                }
            }
            let mut missing = Vec::new();
            for slot in &needs_code {
                if change.item(Table::Credentials, *slot)?.is_none_or(|row| row.wanted.is_none()) {
                    missing.push(*slot);
                }
            }
            change.queue_all(left, missing, entropy, by)
        })
    }
}

impl<S: Store> Change<'_, S> {
    /// What to queue, in its order, and the slots of codes whose digits are gone.
    fn what_to_restore(
        &mut self,
        foreign: ForeignItems,
        codes: LostCodes,
    ) -> Result<(Vec<Task>, Vec<u8>), FleetError> {
        let (mut clear, mut set, mut needs_code) = (Vec::new(), Vec::new(), Vec::new());
        let backups = match codes {
            LostCodes::AskAgain => Vec::new(),
            LostCodes::FromBackup => self.kept_backups()?,
        };
        for row in self.all_rows()? {
            let is_foreign = row.standing == ItemStanding::Foreign;
            if !is_foreign && row.standing != ItemStanding::Missing {
                continue;
            }
            let again = match self.wish_to_restore(&row)? {
                Some(command) => Some((command.kind.clears(), self.task_again(&command, &row, &backups)?)),
                None => None,
            };
            match again {
                Some((true, Some(task))) => clear.push(task),
                Some((false, Some(task))) => set.push(task),
                Some((_, None)) => {
                    needs_code.push(row.slot);
                    if is_foreign && foreign == ForeignItems::Clear {
                        clear.push(Task::Clear { table: row.table, slot: row.slot });
                    }
                }
                None if is_foreign && foreign == ForeignItems::Clear && row.table != Table::Settings => {
                    clear.push(Task::Clear { table: row.table, slot: row.slot });
                }
                None => {}
            }
        }
        // What names a user goes before the user, and comes after it.
        clear.reverse();
        clear.append(&mut set);
        Ok((clear, needs_code))
    }

    /// The task that asks for a command's value once more; `None` for a credential that no backup holds as it was.
    fn task_again(
        &mut self,
        command: &CommandRow,
        row: &ItemRow,
        backups: &[KeptBackup],
    ) -> Result<Option<Task>, FleetError> {
        match command.kind.item_task(self.now.unix) {
            Some(task) => Ok(Some(task)),
            None if Some(command.id) == row.applied && !self.has_another_key(row)? => {
                self.backed_up_task(backups, row)
            }
            None => Ok(None),
        }
    }

    /// What is wanted of the lock, for the lock that replaces it, and the slots of codes that no backup holds.
    pub(super) fn what_it_should_have(&mut self) -> Result<(Vec<Task>, Vec<u8>), FleetError> {
        let backups = self.kept_backups()?;
        let (mut tasks, mut needs_code) = (Vec::new(), Vec::new());
        for row in self.all_rows()? {
            let Some(command) = self.wish_to_restore(&row)?.filter(|command| !command.kind.clears()) else {
                continue;
            };
            match self.task_again(&command, &row, &backups)? {
                Some(task) => tasks.push(task),
                None => needs_code.push(row.slot),
            }
        }
        Ok((tasks, needs_code))
    }

    /// Whether nothing was ever wanted in the place that a task sets.
    fn is_untouched(&mut self, task: &Task) -> Result<bool, FleetError> {
        let Some((table, slot)) = task.kind(0).item() else { return Ok(true) };
        let row = self.item(table, slot)?;
        Ok(row.is_none_or(|row| row.wanted.is_none() && row.applied.is_none()))
    }

    fn queue_all(
        &mut self,
        tasks: Vec<Task>,
        needs_code: Vec<u8>,
        entropy: [u8; 16],
        by: &str,
    ) -> Result<Restored, FleetError> {
        let mut restored = Restored { queued: Vec::new(), needs_code };
        for (number, task) in tasks.into_iter().enumerate() {
            let token = ClientToken::new(format!("restore-{}-{number}", hex::encode(entropy)))
                .map_err(|_| FleetError::BadName)?;
            let wish = Wish { task, token, by: by.into(), path: Path::Queued, not_after: None };
            restored.queued.push(self.queue(&wish)?);
        }
        Ok(restored)
    }

    /// The command whose value belongs there: the newest wish, also where nothing came of it, since a wish that the lock did not refuse
    /// for what it is still stands. Only a refused one gives way, to what was there before.
    pub(super) fn wish_to_restore(&mut self, row: &ItemRow) -> Result<Option<CommandRow>, FleetError> {
        let wanted = row.wanted.map(|id| self.command(id)).transpose()?.flatten();
        match wanted.filter(|command| command.refusal().is_none()) {
            Some(command) => Ok(Some(command)),
            None => Ok(row.applied.map(|id| self.command(id)).transpose()?.flatten()),
        }
    }
}

impl CommandKind {
    pub(super) const fn clears(&self) -> bool {
        match self {
            Self::ClearPin { .. } | Self::Clear { .. } => true,
            Self::Lock
            | Self::Unlock
            | Self::AutoRelock { .. }
            | Self::SetPin { .. }
            | Self::SetMode(_)
            | Self::EndLockout
            | Self::SetUser { .. }
            | Self::SetWindow { .. }
            | Self::SetCredential { .. }
            | Self::SetHoliday { .. }
            | Self::OfflineCodes { .. }
            | Self::RevokeTickets { .. }
            | Self::DenyTicket { .. }
            | Self::RestoreCredential { .. }
            | Self::AdoptPinKey { .. }
            | Self::AcknowledgeLog { .. }
            | Self::EndOwnership { .. }
            | Self::OfferUpdate(_)
            | Self::InstallUpdate { .. }
            | Self::Set { .. } => false,
        }
    }

    /// The task that asks for the same once more; `None` for a credential, whose secret is gone, and for what is no item.
    pub(super) fn item_task(self, now: UnixMillis) -> Option<Task> {
        match self {
            Self::AutoRelock { seconds, .. } => Some(Task::AutoRelock(seconds)),
            Self::ClearPin { slot, .. } => Some(Task::ClearPin { slot }),
            Self::SetUser { slot, user, .. } => Some(Task::SetUser { slot, user }),
            Self::SetWindow { slot, window, .. } => Some(Task::SetWindow { slot, window }),
            Self::Clear { table, slot, .. } => Some(Task::Clear { table, slot }),
            Self::SetHoliday { slot, holiday, .. } => Some(Task::SetHoliday { slot, holiday }),
            Self::Set { setting, .. } => Some(Task::Set(setting)),
            // A lock that lost the item was reset, and refuses the epoch from before.
            Self::OfflineCodes { series, .. } => Some(Task::OfflineCodes(raised_after_loss(series, now))),
            Self::SetPin { .. }
            | Self::SetCredential { .. }
            | Self::Lock
            | Self::Unlock
            | Self::SetMode(_)
            | Self::EndLockout
            | Self::RevokeTickets { .. }
            | Self::DenyTicket { .. }
            | Self::RestoreCredential { .. }
            | Self::AdoptPinKey { .. }
            | Self::AcknowledgeLog { .. }
            | Self::EndOwnership { .. }
            | Self::OfferUpdate(_)
            | Self::InstallUpdate { .. } => None,
        }
    }
}
