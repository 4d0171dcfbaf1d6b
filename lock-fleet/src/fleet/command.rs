//! A command as its owner sees it.

use lock_core::proto::{CommandId, UnixMillis};

use crate::store::{CommandKind, CommandRow, CommandState, Path};

/// A command and where it stands. It holds no digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its number now. It changes when the command has to be issued again; the old number leads here too.
    pub id: CommandId,
    /// What it does.
    pub kind: CommandKind,
    /// How it travels.
    pub path: Path,
    /// Who asked for it.
    pub by: String,
    /// When it was asked for.
    pub issued_at: UnixMillis,
    /// When it must not be begun any more.
    pub not_after: Option<UnixMillis>,
    /// Where it stands.
    pub state: CommandState,
    /// When that was learnt.
    pub changed_at: UnixMillis,
}

impl From<CommandRow> for Command {
    fn from(row: CommandRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            path: row.path,
            by: row.by,
            issued_at: row.issued_at,
            not_after: row.not_after,
            state: row.state,
            changed_at: row.changed_at,
        }
    }
}
