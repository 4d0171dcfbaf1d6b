//! Virtual keys: issued without the lock, used without the cloud, and revoked by a message that somebody has to bring (section 10).
//!
//! No link is kept. A revocation is never taken back, and never a promise before it is one: [`KeyStanding`] says when a key is dead at the
//! latest, and on whose word.

use std::fmt;

use lock_core::cloud::{Conditions, NewTicket};
use lock_core::crypto::{Key, LockId};
use lock_core::proto::{CommandId, Outcome, UnixMillis};
use lock_core::virtual_key::{Binding, VirtualKey};
use zeroize::Zeroizing;

use super::change::Change;
use super::queue::Wish;
use super::registry::is_good_name;
use super::{Fleet, FleetError, QueueOptions, Task, random};
use crate::clock::Moment;
use crate::store::{
    CommandKind, CommandRow, CommandState, LockRow, Path, Store, TicketRevocation, TicketRow,
};

/// How many keys a lock denies one by one (section 10.5).
const DENIED: usize = 12;
/// How far an epoch is raised: beyond all factory resets of the lock in between, each of which raises it by one.
const EPOCH_STEP: u32 = 256;
/// How far a lock's clock may be behind (section 10.5).
const CLOCK_SLACK_MILLIS: u64 = 60_000;
/// Numbers of keys are random, so that a restored database gives none twice, and below 2^52, so that JSON carries them.
const SERIAL_BITS: u32 = 52;

/// A virtual key that is wanted.
#[derive(Clone)]
pub struct KeyWish {
    /// Whom or what it is for: 1 to 200 characters, for people.
    pub label: String,
    /// What it yields.
    pub conditions: Conditions,
    /// The secret that its holder registered, 32 bytes, where the key is to be bound to it; it is not kept.
    pub holder: Option<Zeroizing<[u8; 32]>>,
}

impl fmt::Debug for KeyWish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { label, conditions, holder: _ } = self;
        f.debug_struct("KeyWish")
            .field("label", label)
            .field("conditions", conditions)
            .finish_non_exhaustive()
    }
}

/// A virtual key that was issued now.
#[derive(Debug)]
pub struct IssuedKey {
    /// The key, to be written as a link. It is kept nowhere.
    pub key: VirtualKey,
    /// What is kept of it.
    pub info: KeyInfo,
}

/// What is known of a virtual key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its number.
    pub serial: u64,
    /// Whom or what it is for.
    pub label: String,
    /// Who issued it.
    pub by: String,
    /// When.
    pub issued_at: UnixMillis,
    /// What it yields to its first holder.
    pub conditions: Conditions,
    /// Whether it is bound to its holder.
    pub binding: Binding,
    /// Whether it still counts.
    pub standing: KeyStanding,
}

/// Whether a virtual key still counts at the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStanding {
    /// It counts, as far as its conditions hold.
    Given,
    /// It counts once the lock has the revocation of all keys from before it, which is on its way.
    Awaiting {
        /// The command that carries that revocation.
        command: CommandId,
    },
    /// Its last moment is over.
    Over,
    /// It was made with an earlier root key of the lock, or the lock was reset since, or is not this cloud's any more: it opens nothing where
    /// that is so.
    Outdated,
    /// A revocation is on its way, and the key counts until the lock has it.
    Revoking {
        /// The command that carries it.
        command: CommandId,
        /// The key is dead at the latest then, whatever becomes of the message; `None` where only the lock can confirm it.
        effective_by: Option<UnixMillis>,
    },
    /// The lock has confirmed that it is dead.
    Revoked {
        /// When that was heard.
        since: UnixMillis,
    },
    /// The lock did not take the revocation: revoke it again, or all keys.
    NotRevoked {
        /// The command that carried it.
        command: CommandId,
        /// What became of it.
        state: CommandState,
    },
}

/// When a key is dead without the lock's word: by its own end, or because the lock has not heard its cloud for too long. The second
/// holds because no time is told to a lock while such a revocation is on its way.
fn effective_by(ticket: &TicketRow, revoked_at: UnixMillis) -> Option<UnixMillis> {
    let end = ticket.conditions.not_after;
    let stale =
        ticket.conditions.staleness.map(|longest| revoked_at.plus_millis(u64::from(longest.0) * 1_000));
    let first = match (end, stale) {
        (Some(end), Some(stale)) => Some(end.min(stale)),
        (end, stale) => end.or(stale),
    };
    first.map(|moment| moment.plus_millis(CLOCK_SLACK_MILLIS))
}

impl<S: Store> Change<'_, S> {
    fn deny(&mut self, mut ticket: TicketRow, wish: &Wish, denied: usize) -> Result<(), FleetError> {
        if denied >= DENIED {
            return Err(FleetError::DeniedFull);
        }
        let at = self.revoked_at(&ticket)?;
        let command = self.queue(wish)?;
        ticket.revoked = Some(TicketRevocation { command, at });
        self.put_ticket(ticket);
        Ok(())
    }

    /// The command that carries the revocation of a key, under the number that stands for it now.
    fn revocation(&mut self, ticket: &TicketRow) -> Result<Option<CommandRow>, FleetError> {
        let Some(mut wanted) = ticket.revoked.map(|revoked| revoked.command) else { return Ok(None) };
        loop {
            match self.command(wanted)? {
                // A replacement has a higher number: this ends.
                Some(CommandRow { state: CommandState::Replaced { by }, .. }) if by > wanted => wanted = by,
                row => return Ok(row),
            }
        }
    }

    /// Since when a key is to be dead: of one whose revocation failed only from now on, since the lock was told the time meanwhile.
    fn revoked_at(&mut self, ticket: &TicketRow) -> Result<UnixMillis, FleetError> {
        let is_open = self.revocation(ticket)?.is_some_and(|row| row.state.is_open());
        Ok(ticket.revoked.filter(|_| is_open).map_or(self.now.unix, |revoked| revoked.at))
    }
}

impl<S: Store> Fleet<S> {
    /// Issues a virtual key; the lock need not be reached.
    ///
    /// # Errors
    /// [`FleetError::Key`] for conditions that no key can have, [`FleetError::KeyIsOver`], [`FleetError::BadName`] for the label,
    /// [`FleetError::OwnershipEnded`], [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn issue_key(
        &mut self,
        lock: LockId,
        wish: &KeyWish,
        by: &str,
        now: Moment,
    ) -> Result<IssuedKey, FleetError> {
        let KeyWish { label, conditions, holder } = wish;
        if !is_good_name(label) {
            return Err(FleetError::BadName);
        }
        if conditions.not_after.is_some_and(|end| end <= now.unix || conditions.not_before > Some(end)) {
            return Err(FleetError::KeyIsOver);
        }
        let holder = holder.as_ref().map(|secret| Key::from_bytes(**secret));
        let row = self.row(lock)?;
        let keys = self.keys(&row)?;
        let serial = self.new_serial(lock)?;
        let entropy = random()?;
        let (key, ticket) = self.change(lock, now, |change| {
            change.row.check_owned()?;
            // A lock that was reset takes no key of the epoch before.
            let epoch = change.row.state.revocation_epoch();
            let new = NewTicket { serial, issued: now.unix, epoch, conditions: *conditions };
            let key = keys.issue(&new, holder.as_ref(), &entropy)?;
            let ticket = TicketRow {
                serial,
                key_epoch: keys.key_epoch(),
                epoch,
                label: label.clone(),
                by: by.into(),
                issued_at: now.unix,
                conditions: *conditions,
                binding: key.binding(),
                revoked: None,
            };
            change.note(by, format!("issue virtual key {serial}"), format!("for {label}"));
            change.put_ticket(ticket.clone());
            Ok((key, ticket))
        })?;
        let info = self.key_info(&row, ticket, now)?;
        Ok(IssuedKey { key, info })
    }

    /// All virtual keys of a lock, in the order in which they were issued.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn virtual_keys(&mut self, lock: LockId, now: Moment) -> Result<Vec<KeyInfo>, FleetError> {
        let row = self.row(lock)?;
        let tickets = self.store.tickets(lock)?;
        tickets.into_iter().map(|ticket| self.key_info(&row, ticket, now)).collect()
    }

    /// Revokes one virtual key, and with it all that were narrowed from it. One that is dead or on its way to be stays as it is.
    ///
    /// # Errors
    /// [`FleetError::NoSuchKey`]; [`FleetError::DeniedFull`] after the twelfth since all keys were last revoked; as of [`Fleet::queue`].
    pub fn revoke_key(
        &mut self,
        lock: LockId,
        serial: u64,
        options: QueueOptions,
        now: Moment,
    ) -> Result<KeyInfo, FleetError> {
        let row = self.row(lock)?;
        let tickets = self.store.tickets(lock)?;
        let found = tickets.iter().find(|ticket| ticket.serial == serial).cloned();
        let info = self.key_info(&row, found.clone().ok_or(FleetError::NoSuchKey(serial))?, now)?;
        match info.standing {
            KeyStanding::Given | KeyStanding::Awaiting { .. } | KeyStanding::NotRevoked { .. } => {}
            KeyStanding::Over
            | KeyStanding::Outdated
            | KeyStanding::Revoking { .. }
            | KeyStanding::Revoked { .. } => return Ok(info),
        }
        let QueueOptions { client_token, by, not_after: _ } = options;
        let epoch = found.map_or(0, |ticket| ticket.epoch);
        let task = Task::DenyTicket { epoch, serial };
        let wish = Wish { task, token: client_token, by, path: Path::Queued, not_after: None };
        self.change(lock, now, |change| {
            let tickets = change.store.tickets(lock)?;
            let epoch = change.row.state.revocation_epoch();
            let others = tickets.iter().filter(|other| other.serial != serial && other.epoch == epoch);
            let denied = others.filter(|other| other.revoked.is_some()).count();
            let ticket = tickets.into_iter().find(|ticket| ticket.serial == serial);
            change.deny(ticket.ok_or(FleetError::NoSuchKey(serial))?, &wish, denied)
        })?;
        let ticket = self.store.tickets(lock)?.into_iter().find(|ticket| ticket.serial == serial);
        self.key_info(&row, ticket.ok_or(FleetError::NoSuchKey(serial))?, now)
    }

    /// Revokes all virtual keys that were issued until now, also those that this database has forgotten. New keys can be issued
    /// at once, and open once the lock has the revocation.
    ///
    /// # Errors
    /// As of [`Fleet::queue`]; [`FleetError::EpochsExhausted`].
    pub fn revoke_all_keys(
        &mut self,
        lock: LockId,
        options: QueueOptions,
        now: Moment,
    ) -> Result<CommandId, FleetError> {
        let QueueOptions { client_token, by, not_after: _ } = options;
        self.change(lock, now, |change| {
            if let Some(known) = change.store.command_with_token(lock, client_token.as_str())? {
                let is_same = matches!(known.kind, CommandKind::RevokeTickets { .. });
                return if is_same { Ok(known.id) } else { Err(FleetError::TokenReused) };
            }
            let before = change.row.state.revocation_epoch();
            let next = before.checked_add(EPOCH_STEP).ok_or(FleetError::EpochsExhausted)?;
            // A database that was restored has forgotten how far it was: the time goes on.
            let epoch = next.max(u32::try_from(change.now.unix.0 / 1_000).unwrap_or_default());
            change.row.state.ticket_epoch = epoch;
            let (task, path) = (Task::RevokeTickets { epoch }, Path::Queued);
            let wish = Wish { task, token: client_token.clone(), by: by.clone(), path, not_after: None };
            let command = change.queue(&wish)?;
            for mut ticket in change.store.tickets(lock)? {
                // What the lock has confirmed stays confirmed.
                let carried = change.revocation(&ticket)?;
                if carried.is_some_and(|row| row.state == CommandState::Settled(Outcome::Done)) {
                    continue;
                }
                let at = change.revoked_at(&ticket)?;
                ticket.revoked = Some(TicketRevocation { command, at });
                change.put_ticket(ticket);
            }
            Ok(command)
        })
    }

    /// Whether the lock must not be told the time: a revocation is on its way whose latest moment counts on that (section 10.5).
    pub(super) fn withholds_time(&mut self, lock: LockId) -> Result<bool, FleetError> {
        let mut open = self.store.open_commands(lock)?;
        open.retain(|row| row.kind.is_revocation());
        if open.is_empty() {
            return Ok(false);
        }
        for ticket in self.store.tickets(lock)? {
            let revoked = ticket.revoked.filter(|_| ticket.conditions.staleness.is_some());
            if let Some(revoked) = revoked
                && self.command(lock, revoked.command)?.state.is_open()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn new_serial(&mut self, lock: LockId) -> Result<u64, FleetError> {
        let known = self.store.tickets(lock)?;
        loop {
            let serial = u64::from_be_bytes(random()?) >> (u64::BITS - SERIAL_BITS);
            if serial != 0 && known.iter().all(|ticket| ticket.serial != serial) {
                return Ok(serial);
            }
        }
    }

    fn key_info(&mut self, row: &LockRow, ticket: TicketRow, now: Moment) -> Result<KeyInfo, FleetError> {
        let standing = self.standing(row, &ticket, now)?;
        let TicketRow { serial, label, by, issued_at, conditions, binding, .. } = ticket;
        Ok(KeyInfo { serial, label, by, issued_at, conditions, binding, standing })
    }

    fn standing(
        &mut self,
        row: &LockRow,
        ticket: &TicketRow,
        now: Moment,
    ) -> Result<KeyStanding, FleetError> {
        if ticket.key_epoch != row.key_epoch || row.state.standing.has_ended() {
            return Ok(KeyStanding::Outdated);
        }
        if let Some(revoked) = ticket.revoked {
            let command = self.command(row.lock_id, revoked.command)?;
            let (id, state) = (command.id, command.state);
            if state == CommandState::Settled(Outcome::Done) {
                return Ok(KeyStanding::Revoked { since: command.changed_at });
            }
            if !is_over(ticket, now) {
                return Ok(if state.is_open() {
                    KeyStanding::Revoking { command: id, effective_by: effective_by(ticket, revoked.at) }
                } else {
                    KeyStanding::NotRevoked { command: id, state }
                });
            }
        }
        if is_over(ticket, now) {
            return Ok(KeyStanding::Over);
        }
        if ticket.epoch < row.state.told_ticket_epoch {
            return Ok(KeyStanding::Outdated);
        }
        let epoch = CommandKind::RevokeTickets { epoch: ticket.epoch };
        let open = self.store.open_commands(row.lock_id)?;
        let awaited = open.iter().find(|command| command.kind == epoch);
        Ok(awaited.map_or(KeyStanding::Given, |command| KeyStanding::Awaiting { command: command.id }))
    }
}

fn is_over(ticket: &TicketRow, now: Moment) -> bool {
    ticket.conditions.not_after.is_some_and(|end| end.plus_millis(CLOCK_SLACK_MILLIS) <= now.unix)
}
