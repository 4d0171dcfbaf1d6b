//! Commands for a lock that is not reached now: queued, looked up, withdrawn.

use lock_core::crypto::LockId;
use lock_core::proto::{CommandId, Setting, Table, UnixMillis};

use super::change::Change;
use super::{ClientToken, Command, Fleet, FleetError, Task};
use crate::clock::Moment;
use crate::store::{CommandKind, CommandRow, CommandState, Path, Reissues, Store, StoreError};

/// A sealed unlock is refused when it is older than this (section 5, "Age").
const UNLOCK_AGE_MILLIS: u64 = 60_000;

/// How a command is queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueOptions {
    /// The caller's name for it.
    pub client_token: ClientToken,
    /// Who asks.
    pub by: String,
    /// When it must not be begun any more. An unlock without one gets 60 s: a lock refuses an older one anyway.
    pub not_after: Option<UnixMillis>,
}

impl QueueOptions {
    /// Without an expiry of its own.
    pub fn new(client_token: ClientToken, by: impl Into<String>) -> Self {
        Self { client_token, by: by.into(), not_after: None }
    }

    /// The same, not to be begun after a time.
    #[must_use]
    pub fn not_after(self, not_after: UnixMillis) -> Self {
        Self { not_after: Some(not_after), ..self }
    }
}

/// A wish with all that is needed to make a command of it.
pub(super) struct Wish {
    pub(super) task: Task,
    pub(super) token: ClientToken,
    pub(super) by: String,
    pub(super) path: Path,
    pub(super) not_after: Option<UnixMillis>,
}

impl<S: Store> Change<'_, S> {
    /// The command that stands for the wish's token already.
    pub(super) fn known(&mut self, wish: &Wish) -> Result<Option<CommandRow>, FleetError> {
        let lock = self.lock();
        let Some(row) = self.store.command_with_token(lock, wish.token.as_str())? else { return Ok(None) };
        if !self.is_same_wish(&row, &wish.task)? {
            return Err(FleetError::TokenReused);
        }
        match (row.path, wish.path) {
            (Path::Queued, Path::Queued) | (Path::Live, Path::Live) => Ok(Some(row)),
            (Path::Queued, Path::Live) => Err(FleetError::TokenQueued),
            (Path::Live, Path::Queued) => Err(FleetError::TokenLive),
        }
    }

    /// A command with the next number and, for a configuration, the next version.
    pub(super) fn issue(&mut self, wish: &Wish) -> Result<CommandRow, FleetError> {
        let version = if wish.task.configures() { self.next_version()? } else { 0 };
        let id = self.next_command();
        Ok(CommandRow {
            id,
            client_token: Some(wish.token.as_str().into()),
            by: wish.by.clone(),
            kind: wish.task.kind(version),
            wrapped_digits: wish.task.secret().map(|secret| self.wrap_secret(id, &secret)).transpose()?,
            path: wish.path,
            issued_at: self.now.unix,
            not_after: wish.not_after,
            state: CommandState::Queued,
            changed_at: self.now.unix,
            sealed: None,
            reissues: Reissues::default(),
        })
    }
}

impl<S: Store> Change<'_, S> {
    /// The command of a wish: the one that its token stands for, or a new one.
    pub(super) fn queue(&mut self, wish: &Wish) -> Result<CommandId, FleetError> {
        if let Some(known) = self.known(wish)? {
            return Ok(known.id);
        }
        self.row.check_owned()?;
        let row = self.issue(wish)?;
        let id = row.id;
        self.note(&wish.by, row.kind.to_string(), format!("queued as command {}", id.0));
        if matches!(row.kind, CommandKind::SetMode(_)) {
            self.withdraw_earlier_modes(&row)?;
        }
        self.put(row);
        Ok(id)
    }

    /// A mode that no relay was given yet is overtaken by a later one.
    fn withdraw_earlier_modes(&mut self, later: &CommandRow) -> Result<(), FleetError> {
        let lock = self.lock();
        for row in self.store.open_commands(lock)? {
            let is_here = matches!(row.state, CommandState::Queued | CommandState::Sealed);
            if is_here && row.path == Path::Queued && matches!(row.kind, CommandKind::SetMode(_)) {
                self.withdraw_overtaken(row, later.id);
            }
        }
        Ok(())
    }
}

impl<S: Store> Fleet<S> {
    /// Queues a command for store and forward. The same token and task give the same command, whatever became of it; the
    /// digits of a PIN are compared until they are erased.
    ///
    /// It is delivered until a receipt comes or [`Fleet::withdraw`] is called, also after `not_after`: it is the lock
    /// that refuses a late one, and its receipt says so.
    ///
    /// # Errors
    /// [`FleetError::TokenReused`] for another task under the same token, [`FleetError::TokenLive`], [`FleetError::SettingsStay`],
    /// [`FleetError::OwnershipEnded`], [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn queue(
        &mut self,
        lock: LockId,
        task: Task,
        options: QueueOptions,
        now: Moment,
    ) -> Result<CommandId, FleetError> {
        if matches!(task, Task::Clear { table: Table::Settings, .. }) {
            return Err(FleetError::SettingsStay);
        }
        let QueueOptions { client_token, by, not_after } = options;
        let unlock_end = (task == Task::Unlock).then(|| now.unix.plus_millis(UNLOCK_AGE_MILLIS));
        let not_after = not_after.or(unlock_end);
        let wish = Wish { task, token: client_token, by, path: Path::Queued, not_after };
        self.change(lock, now, |change| change.queue(&wish))
    }

    /// Where a command stands. A command that was issued again is found by its old numbers too.
    ///
    /// # Errors
    /// [`FleetError::NoSuchCommand`], [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn command(&mut self, lock: LockId, id: CommandId) -> Result<Command, FleetError> {
        self.row(lock)?;
        let mut wanted = id;
        loop {
            let row = self.store.command(lock, wanted)?.ok_or(FleetError::NoSuchCommand(wanted))?;
            // A replacement has a higher number: this ends.
            let CommandState::Replaced { by } = row.state else { return Ok(row.into()) };
            if by <= wanted {
                return Err(StoreError::BadRow("replacement of a command").into());
            }
            wanted = by;
        }
    }

    /// The command of this lock that a client token names; `None` where it names none.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn command_named(
        &mut self,
        lock: LockId,
        token: &ClientToken,
    ) -> Result<Option<Command>, FleetError> {
        let named = self.store.command_with_token(lock, token.as_str())?;
        named.map(|row| self.command(lock, row.id)).transpose()
    }

    /// At most `limit` commands with numbers above `after`, in their order, those that were replaced among them.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn commands(
        &mut self,
        lock: LockId,
        after: CommandId,
        limit: usize,
    ) -> Result<Vec<Command>, FleetError> {
        self.row(lock)?;
        Ok(self.store.commands(lock, after, limit)?.into_iter().map(Command::from).collect())
    }

    /// Stops delivering a command of which nothing is known, and erases its digits. What a relay holds already may still
    /// reach the lock; a receipt that comes replaces [`CommandState::Expired`].
    ///
    /// # Errors
    /// [`FleetError::RevocationStays`], [`FleetError::AlreadyOver`], [`FleetError::NoSuchCommand`], [`FleetError::NoSuchLock`],
    /// [`FleetError::Store`].
    pub fn withdraw(&mut self, lock: LockId, id: CommandId, by: &str, now: Moment) -> Result<(), FleetError> {
        let id = self.command(lock, id)?.id;
        self.change(lock, now, |change| {
            let mut row = change.command(id)?.ok_or(FleetError::NoSuchCommand(id))?;
            if !row.state.is_open() {
                return Err(FleetError::AlreadyOver(id));
            }
            if row.kind.is_revocation() {
                return Err(FleetError::RevocationStays);
            }
            change.note(by, format!("withdraw command {}", id.0), format!("it was {}", row.state));
            row.close(CommandState::Expired, change.now.unix);
            change.put(row);
            Ok(())
        })
    }
}

impl CommandRow {
    /// Ends a command: what was kept for delivering it is erased.
    pub(super) fn close(&mut self, state: CommandState, at: UnixMillis) {
        (self.state, self.changed_at) = (state, at);
        (self.sealed, self.wrapped_digits) = (None, None);
    }
}

impl CommandKind {
    /// Whether both are about the same thing, so that the later one makes the earlier one pointless.
    pub(super) fn has_same_target(&self, other: &Self) -> bool {
        let are_motions = self.is_motion() && other.is_motion();
        let are_modes = matches!((self, other), (Self::SetMode(_), Self::SetMode(_)));
        are_motions || are_modes || self.item().is_some_and(|item| other.item() == Some(item))
    }

    const fn is_motion(&self) -> bool {
        matches!(self, Self::Lock | Self::Unlock)
    }

    /// The item of the configuration that it sets or clears.
    pub(super) fn item(&self) -> Option<(Table, u8)> {
        match self {
            Self::AutoRelock { .. } => Some((Table::Settings, 0)),
            Self::SetPin { slot, .. } | Self::ClearPin { slot, .. } => Some((Table::Credentials, *slot)),
            Self::SetUser { slot, .. } => Some((Table::Users, *slot)),
            Self::SetWindow { slot, .. } => Some((Table::Windows, *slot)),
            Self::SetCredential { slot, .. } | Self::RestoreCredential { slot, .. } => {
                Some((Table::Credentials, *slot))
            }
            Self::SetHoliday { slot, .. } => Some((Table::Holidays, *slot)),
            Self::Set { setting, .. } => Some(setting.setting().item()),
            Self::Clear { table, slot, .. } => Some((*table, *slot)),
            Self::OfflineCodes { series, .. } => Some(Setting::OfflineCodes(*series).item()),
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
        }
    }
}
