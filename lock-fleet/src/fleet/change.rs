//! One change to one lock, gathered until it is stored as a whole.

use lock_core::cloud::Numbers;
use lock_core::crypto::LockId;
use lock_core::proto::{Action, CommandId};
use subtle::ConstantTimeEq as _;

use super::FleetError;
use super::items::Items;
use super::task::Task;
use crate::audit::AuditEntry;
use crate::clock::Moment;
use crate::custody::{CustodyError, Purpose, Vault};
use crate::store::{
    BackupRow, Batch, CommandRow, CommandSecret, LockRow, LockState, LogChange, NewKeys, Store, TicketRow,
};

/// What is about to change of a lock. Reading through it sees what is already changed.
pub(super) struct Change<'f, S> {
    pub(super) store: &'f mut S,
    pub(super) row: LockRow,
    pub(super) now: Moment,
    pub(super) vault: &'f Vault,
    pub(super) keys: Option<NewKeys>,
    before: (LockState, Numbers),
    commands: Vec<CommandRow>,
    pub(super) items: Items,
    tickets: Vec<TicketRow>,
    backups: Vec<BackupRow>,
    log: LogChange,
    audit: Vec<AuditEntry>,
}

impl<'f, S: Store> Change<'f, S> {
    pub(super) fn new(store: &'f mut S, vault: &'f Vault, row: LockRow, now: Moment) -> Self {
        let before = (row.state.clone(), row.numbers);
        Self {
            store,
            row,
            now,
            vault,
            keys: None,
            before,
            commands: Vec::new(),
            items: Items::default(),
            tickets: Vec::new(),
            backups: Vec::new(),
            log: LogChange::default(),
            audit: Vec::new(),
        }
    }

    pub(super) const fn lock(&self) -> LockId {
        self.row.lock_id
    }

    /// The change as one batch, with what its commands say of items; `None` when nothing changes.
    pub(super) fn into_batch(mut self) -> Result<Option<Batch>, FleetError> {
        self.commands.sort_by_key(|row| row.id);
        for command in self.commands.clone() {
            self.reflect(&command)?;
        }
        let items = self.items.into_changed();
        let is_same = self.before == (self.row.state.clone(), self.row.numbers);
        if is_same
            && self.commands.is_empty()
            && items.is_empty()
            && self.tickets.is_empty()
            && self.backups.is_empty()
            && self.log.is_empty()
            && self.audit.is_empty()
            && self.keys.is_none()
        {
            return Ok(None);
        }
        Ok(Some(Batch {
            lock_id: self.row.lock_id,
            expected_version: self.row.version,
            state: self.row.state,
            keys: self.keys,
            raise: self.row.numbers,
            commands: self.commands,
            items,
            tickets: self.tickets,
            backups: self.backups,
            log: self.log,
            audit: self.audit,
        }))
    }

    /// Whether this opening of the database has compared its numbers with the lock's marks.
    pub(super) fn is_level(&self) -> bool {
        self.row.state.level_in == self.store.incarnation()
    }

    /// Gives out the next command id.
    pub(super) fn next_command(&mut self) -> CommandId {
        let id = self.row.numbers.next_command;
        let next = CommandId(id.0.saturating_add(1));
        self.row.numbers.next_command = next;
        if self.is_level() {
            self.row.state.proven = self.row.state.proven.max(next);
        }
        id
    }

    /// Gives out the next configuration version.
    pub(super) fn next_version(&mut self) -> Result<u32, FleetError> {
        let version = self.row.state.configuration.checked_add(1).ok_or(FleetError::VersionsExhausted)?;
        self.row.state.configuration = version;
        Ok(version)
    }

    pub(super) fn command(&mut self, id: CommandId) -> Result<Option<CommandRow>, FleetError> {
        match self.commands.iter().find(|row| row.id == id) {
            Some(row) => Ok(Some(row.clone())),
            None => Ok(self.store.command(self.row.lock_id, id)?),
        }
    }

    pub(super) fn put(&mut self, row: CommandRow) {
        match self.commands.iter_mut().find(|known| known.id == row.id) {
            Some(known) => *known = row,
            None => self.commands.push(row),
        }
    }

    pub(super) fn put_ticket(&mut self, row: TicketRow) {
        self.tickets.push(row);
    }

    pub(super) fn put_log(&mut self, log: LogChange) {
        let LogChange { entries, faults, keys, unverified, position } = log;
        self.log.entries.extend(entries);
        self.log.faults.extend(faults);
        self.log.keys.extend(keys);
        self.log.unverified.extend(unverified);
        self.log.position = position.or(self.log.position.take());
    }

    pub(super) fn wrap(&self, purpose: Purpose, secret: &[u8]) -> Result<Vec<u8>, FleetError> {
        Ok(self.vault.wrap(purpose, secret)?)
    }

    pub(super) fn put_backup(&mut self, row: BackupRow) {
        self.backups.push(row);
    }

    pub(super) fn note(&mut self, who: &str, what: impl Into<String>, result: impl Into<String>) {
        self.audit.push(AuditEntry {
            at: self.now.unix,
            lock: self.row.lock_id,
            who: who.into(),
            what: what.into(),
            result: result.into(),
        });
    }

    pub(super) fn wrap_secret(&self, id: CommandId, secret: &CommandSecret) -> Result<Vec<u8>, FleetError> {
        Ok(self.vault.wrap(Purpose::Digits(self.row.lock_id, id), &secret.to_bytes())?)
    }

    /// Whether a stored command is what is wanted here. Digits that were erased count as the same.
    pub(super) fn is_same_wish(&self, row: &CommandRow, task: &Task) -> Result<bool, FleetError> {
        let is_same_kind = task.kind(row.kind.version().unwrap_or_default()) == row.kind;
        let stored = unwrap_secret(self.vault, self.row.lock_id, row)?;
        let is_same_secret = match (task.secret(), &stored) {
            (Some(wanted), Some(stored)) => wanted.to_bytes().ct_eq(&stored.to_bytes()).into(),
            (Some(_) | None, None) | (None, Some(_)) => true,
        };
        Ok(is_same_kind && is_same_secret)
    }

    pub(super) fn secret(&self, row: &CommandRow) -> Result<Option<CommandSecret>, FleetError> {
        unwrap_secret(self.vault, self.row.lock_id, row)
    }
}

fn unwrap_secret(vault: &Vault, lock: LockId, row: &CommandRow) -> Result<Option<CommandSecret>, FleetError> {
    let Some(wrapped) = &row.wrapped_digits else { return Ok(None) };
    let bytes = vault.unwrap(Purpose::Digits(lock, row.id), wrapped)?;
    Ok(Some(CommandSecret::read(row.kind, &bytes).ok_or(CustodyError::Altered)?))
}

/// The action that a stored command asks of its lock; `None` when its digits were erased because it is over.
pub(super) fn stored_action(
    vault: &Vault,
    lock: LockId,
    row: &CommandRow,
) -> Result<Option<Action>, FleetError> {
    Ok(row.kind.action(unwrap_secret(vault, lock, row)?))
}
