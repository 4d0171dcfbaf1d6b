//! A checked change: what is not in the configuration yet, and nothing else.

use lock_proto::{Holiday, Table, Window};

use super::Settings;
use crate::access::{Credential, StoredUser};

#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Staged {
    pub(super) version: u32,
    pub(super) delta: Delta,
}

/// The one item that changes; `None` clears its slot.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) enum Delta {
    Settings {
        settings: Settings,
        number: u8,
    },
    User {
        slot: u8,
        item: Option<StoredUser>,
    },
    /// The mark of a use: the version of the item, and of the configuration, stays.
    Spent {
        slot: u8,
        user: StoredUser,
    },
    Credential {
        slot: u8,
        item: Option<Credential>,
    },
    Window {
        slot: u8,
        item: Option<Window>,
    },
    Holiday {
        slot: u8,
        item: Option<Holiday>,
    },
}

impl Staged {
    /// The item that changes, and the version that this makes; `None` for the mark of a use, which is no change of the cloud's.
    pub(crate) const fn item(&self) -> Option<(Table, u8, u32)> {
        let (table, slot) = match &self.delta {
            Delta::Settings { number, .. } => (Table::Settings, *number),
            Delta::User { slot, .. } => (Table::Users, *slot),
            Delta::Credential { slot, .. } => (Table::Credentials, *slot),
            Delta::Window { slot, .. } => (Table::Windows, *slot),
            Delta::Holiday { slot, .. } => (Table::Holidays, *slot),
            Delta::Spent { .. } => return None,
        };
        Some((table, slot, self.version))
    }

    /// Whether it is the mark of a use, and not a change of the cloud's.
    pub(crate) const fn is_use(&self) -> bool {
        matches!(self.delta, Delta::Spent { .. })
    }
}
