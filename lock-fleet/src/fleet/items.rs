//! The configuration of a lock as a list of items: what is wanted, what the lock has, and what differs (section 6.1).
//!
//! Each configuring command is a wish for one item, and its outcome says whether the lock has it. A comparison finds what no outcome
//! tells: that the lock was reset, or that somebody else configured it. It changes nothing in the lock: people decide, and
//! [`Fleet::restore`] then sends what differs and nothing else.

use std::collections::BTreeMap;

use lock_core::cloud::{Comparison, ItemState, Wanted, expected_digest};
use lock_core::crypto::{LockId, RustCrypto};
use lock_core::proto::{CommandId, Outcome, Reason, Reply, Table, UnixMillis};

use super::change::Change;
use super::{Fleet, FleetError};
use crate::store::{CommandKind, CommandRow, CommandState, ItemRow, ItemStanding, Store};

/// How many slots of each table a comparison looks at: settings, users, credentials, windows, holidays.
const ROOM: [u8; Table::ALL.len()] = [16, u8::MAX, u8::MAX, u8::MAX, u8::MAX];
/// How many commands are read at a time.
const PAGE: usize = 1_000;

/// One place of a lock's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The table.
    pub table: Table,
    /// The slot, or the number of a single setting.
    pub slot: u8,
    /// What is wanted there, without the digits of a PIN; `None` where nobody wants anything.
    pub wanted: Option<CommandKind>,
    /// The configuration version of what the lock has there, as last heard; 0 for nothing.
    pub held: u32,
    /// How far wish and lock agree.
    pub standing: ItemStanding,
    /// When that was learnt.
    pub changed_at: UnixMillis,
}

/// The items of one change: those that are stored, under those that changed.
#[derive(Debug, Default)]
pub(super) struct Items {
    stored: Option<BTreeMap<(Table, u8), ItemRow>>,
    changed: BTreeMap<(Table, u8), ItemRow>,
}

impl Items {
    pub(super) fn into_changed(self) -> Vec<ItemRow> {
        self.changed.into_values().collect()
    }
}

impl<S: Store> Change<'_, S> {
    pub(super) fn item(&mut self, table: Table, slot: u8) -> Result<Option<ItemRow>, FleetError> {
        let stored = self.all_items()?.get(&(table, slot)).copied();
        Ok(self.items.changed.get(&(table, slot)).copied().or(stored))
    }

    /// All items as they stand, in the order of table and slot.
    pub(super) fn all_rows(&mut self) -> Result<Vec<ItemRow>, FleetError> {
        Ok(self.all_items()?.values().copied().collect())
    }

    fn all_items(&mut self) -> Result<&BTreeMap<(Table, u8), ItemRow>, FleetError> {
        let lock = self.lock();
        let stored = match self.items.stored.take() {
            Some(stored) => stored,
            None => self.store.items(lock)?.into_iter().map(|row| ((row.table, row.slot), row)).collect(),
        };
        Ok(self.items.stored.insert(stored))
    }

    fn put_item(&mut self, row: ItemRow) {
        self.items.changed.insert((row.table, row.slot), row);
    }

    /// Takes a command that changed as word of its item.
    pub(super) fn reflect(&mut self, command: &CommandRow) -> Result<(), FleetError> {
        let (Some((table, slot)), Some(version)) = (command.kind.item(), command.kind.version()) else {
            return Ok(());
        };
        let before = self.item(table, slot)?;
        let mut item = before.unwrap_or(ItemRow::vacant(table, slot, self.now.unix));
        match command.state {
            CommandState::Queued
            | CommandState::Sealed
            | CommandState::HandedOver
            | CommandState::Started => {
                if item.wanted.is_none_or(|wanted| wanted <= command.id) {
                    item.wanted = Some(command.id);
                }
            }
            CommandState::Settled(outcome) => {
                if let Some(ItemState::Applied { version }) = ItemState::after(outcome, version) {
                    item.is_done(command, version);
                }
            }
            // Withdrawn: what was wanted before is wanted again. Whether the lock has it is another question.
            CommandState::Expired if item.wanted == Some(command.id) => item.wanted = item.applied,
            CommandState::Expired
            | CommandState::Unexecuted
            | CommandState::Unknown
            | CommandState::Replaced { .. } => {}
        }
        if before.is_some() || item.wanted.is_some() || item.applied.is_some() {
            self.settle_item(before, item)?;
        }
        Ok(())
    }

    /// Stores an item that may have changed, with the standing that follows from what it says.
    fn settle_item(&mut self, before: Option<ItemRow>, mut item: ItemRow) -> Result<(), FleetError> {
        let wanted = item.wanted.map(|id| self.command(id)).transpose()?.flatten();
        item.standing = item.standing(wanted.as_ref());
        if before != Some(item) {
            item.changed_at = self.now.unix;
            self.put_item(item);
        }
        Ok(())
    }

    /// Takes the lock's answer in a comparison.
    pub(super) fn compare(
        &mut self,
        comparison: Comparison,
        reply: &Reply,
    ) -> Result<Comparison, FleetError> {
        if let Reply::Digest { version, .. } = *reply {
            self.row.state.configuration = self.row.state.configuration.max(version);
        }
        if let Reply::Items { table, first, versions } = *reply {
            for (slot, version) in (first..=u8::MAX).zip(versions) {
                self.judge(table, slot, version)?;
            }
        }
        let expected = self.expected()?;
        Ok(comparison.answered(reply, expected, ROOM))
    }

    /// The hash of what the lock is known to have.
    fn expected(&mut self) -> Result<Option<[u8; 16]>, FleetError> {
        let mut known = self.all_items()?.clone();
        known.extend(self.items.changed.iter().map(|(place, row)| (*place, *row)));
        let held = known.into_values().filter(|row| row.held > 0).map(|row| Wanted {
            table: row.table,
            slot: row.slot,
            state: ItemState::Applied { version: row.held },
        });
        Ok(expected_digest::<RustCrypto>(held))
    }

    /// What it means that the lock has `version` there; 0 for nothing.
    fn judge(&mut self, table: Table, slot: u8, version: u32) -> Result<(), FleetError> {
        let stored = self.item(table, slot)?;
        let before = match stored {
            Some(row) => row,
            None if version == 0 => return Ok(()),
            None => self.unknown_item(table, slot, version)?,
        };
        let mut item = ItemRow { held: version, ..before };
        // A receipt was lost where the lock has just what the command makes.
        if let Some(command) = self.maker(&before, version)? {
            (item.applied, item.made) = (Some(command), version);
        }
        self.settle_item(stored, item)?;
        let after = self.item(table, slot)?.map_or(before.standing, |row| row.standing);
        // What is on its way hides neither a loss nor what somebody else set: it may never arrive.
        let (was, found) = (before.surprise().unwrap_or(before.standing), item.surprise().unwrap_or(after));
        let is_other = version != before.held && item.surprise().is_some();
        let is_news = stored.is_none() || found != was || is_other;
        if is_news && matches!(found, ItemStanding::Missing | ItemStanding::Foreign) {
            let place = format!("compare item {slot} of {table:?}");
            self.note("fleet", place, format!("{found}; the lock has version {version}"));
        }
        Ok(())
    }

    /// The command from which the lock has `version` of the item: the wanted one, or one before it whose receipt is still to come.
    fn maker(&mut self, item: &ItemRow, version: u32) -> Result<Option<CommandId>, FleetError> {
        let wanted = item.wanted.map(|id| self.command(id)).transpose()?.flatten();
        if let Some(command) = wanted.filter(|command| command.may_have_made(version)) {
            return Ok(Some(command.id));
        }
        if version == item.made {
            return Ok(None);
        }
        let lock = self.lock();
        let open = self.store.open_commands(lock)?;
        let made = open.iter().rfind(|row| {
            row.kind.item() == Some((item.table, item.slot))
                && row.may_have_made(version)
                && Some(row.id) > item.applied
        });
        Ok(made.map(|row| row.id))
    }

    /// An item of which no row tells: of a command from before items were kept, or of somebody else.
    fn unknown_item(&mut self, table: Table, slot: u8, version: u32) -> Result<ItemRow, FleetError> {
        let vacant = ItemRow::vacant(table, slot, self.now.unix);
        let (lock, mut after) = (self.lock(), CommandId(0));
        loop {
            let page = self.store.commands(lock, after, PAGE)?;
            let made = page.iter().find(|row| {
                row.kind.item() == Some((table, slot)) && row.may_have_made(version) && !row.state.is_open()
            });
            if let Some(made) = made {
                let applied = Some(made.id);
                return Ok(ItemRow { wanted: applied, applied, held: version, ..vacant });
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = last.id,
                Some(_) | None => return Ok(vacant),
            }
        }
    }
}

impl ItemRow {
    /// The lock has done `command`, in this configuration version.
    fn is_done(&mut self, command: &CommandRow, version: u32) {
        if self.applied.is_some_and(|applied| applied >= command.id) {
            return;
        }
        self.applied = Some(command.id);
        self.made = if command.kind.clears() { 0 } else { version };
        self.held = self.made;
    }

    /// How far wish and lock agree; `wanted` is the command that is wanted.
    fn standing(&self, wanted: Option<&CommandRow>) -> ItemStanding {
        match (wanted, self.surprise()) {
            (Some(command), _) if Some(command.id) != self.applied && command.state.is_open() => {
                ItemStanding::Pending
            }
            (_, Some(surprise)) => surprise,
            (Some(command), None) if Some(command.id) == self.applied => ItemStanding::Applied,
            (Some(command), None) => match command.refusal() {
                Some(reason) => ItemStanding::Refused(reason),
                None => ItemStanding::Missing,
            },
            (None, None) => ItemStanding::Applied,
        }
    }

    /// What the lock has otherwise than the last command did it, whatever is wanted or on its way.
    const fn surprise(&self) -> Option<ItemStanding> {
        match self.held {
            held if held == self.made => None,
            0 => Some(ItemStanding::Missing),
            _ => Some(ItemStanding::Foreign),
        }
    }
}

impl CommandRow {
    /// Whether the lock may have this version of the item from this command; 0 for a slot that it cleared.
    fn may_have_made(&self, version: u32) -> bool {
        let left_here = self.state.is_open() && self.state != CommandState::Queued;
        let may_be_done = left_here || self.state == CommandState::Settled(Outcome::Done);
        let made = if self.kind.clears() { Some(0) } else { self.kind.version() };
        may_be_done && made == Some(version)
    }

    /// Why the lock does not want it, where asking again would not help.
    pub(super) fn refusal(&self) -> Option<Reason> {
        let CommandState::Settled(outcome) = self.state else { return None };
        match ItemState::after(outcome, self.kind.version()?) {
            Some(ItemState::Refused(reason)) => Some(reason),
            Some(ItemState::Pending | ItemState::Applied { .. }) | None => None,
        }
    }
}

impl<S: Store> Fleet<S> {
    /// The items of a lock's configuration, in the order of table and slot.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn items(&mut self, lock: LockId) -> Result<Vec<Item>, FleetError> {
        self.row(lock)?;
        let mut items = Vec::new();
        for row in self.store.items(lock)? {
            let wanted = row.wanted.map(|id| self.store.command(lock, id)).transpose()?.flatten();
            let ItemRow { table, slot, held, standing, changed_at, .. } = row;
            let wanted = wanted.map(|command| command.kind);
            items.push(Item { table, slot, wanted, held, standing, changed_at });
        }
        Ok(items)
    }
}

impl std::fmt::Display for ItemStanding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pending => f.write_str("on its way"),
            Self::Applied => f.write_str("as wanted"),
            Self::Refused(reason) => write!(f, "refused: {reason}"),
            Self::Missing => f.write_str("not there; send it again"),
            Self::Foreign => {
                f.write_str("something is there that this service never asked for; clear it, or set it anew")
            }
        }
    }
}
