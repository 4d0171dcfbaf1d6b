//! One place of a lock's configuration: what is wanted there, and what the lock has.

use lock_core::proto::{CommandId, Reason, Table, UnixMillis};

/// How far wish and lock agree about an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemStanding {
    /// A command that brings the wanted value is on its way.
    Pending,
    /// The lock has what is wanted, as far as was heard.
    Applied,
    /// The lock refused the wanted value, and has what it had before. It is not sent again until something else is wanted there.
    Refused(Reason),
    /// The lock has lost it, or never got it, and no command is on its way. [`crate::Fleet::restore`] sends it.
    Missing,
    /// The lock has something there that this fleet never asked for, whatever is wanted.
    Foreign,
}

/// One item as it is stored. Its values are those of the commands that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemRow {
    /// The table.
    pub table: Table,
    /// The slot, or the number of a single setting.
    pub slot: u8,
    /// The command whose value is wanted; `None` where nobody wants anything.
    pub wanted: Option<CommandId>,
    /// The newest command that the lock is known to have done there.
    pub applied: Option<CommandId>,
    /// The configuration version that `applied` made there; 0 where it cleared the slot, and before the first.
    pub made: u32,
    /// The configuration version in which the lock set what it has there, as last heard; 0 for nothing.
    pub held: u32,
    /// How far wish and lock agree.
    pub standing: ItemStanding,
    /// When that was learnt.
    pub changed_at: UnixMillis,
}

impl ItemRow {
    /// A place of which nothing is known.
    #[must_use]
    pub const fn vacant(table: Table, slot: u8, at: UnixMillis) -> Self {
        let standing = ItemStanding::Applied;
        Self { table, slot, wanted: None, applied: None, made: 0, held: 0, standing, changed_at: at }
    }
}
