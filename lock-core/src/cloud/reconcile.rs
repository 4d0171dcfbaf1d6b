//! Bringing a lock's configuration to what the back end wants: one hash is compared, and then only what differs travels
//! (protocol section 6.1).
//!
//! ```text
//!  Compare ── digests equal ─────────────────────────────────────────────> Agreed
//!     └────── they differ ──> List(table, first) ... for each 16 slots ──> differences: send, clear, or leave a refused one
//! ```
//!
//! The back end keeps what it wants as [`Wanted`] items, by table and slot, and what became of each as an [`ItemState`]. Nothing here
//! keeps a list or a secret: the same code serves a phone's memory and a database.

use lock_crypto::Suite;
use lock_proto::{Outcome, Query, Reason, Reply, Table};
use lock_state::ItemDigest;

/// What became of an item that the back end wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ItemState {
    /// It is not known to be in the lock: it is to be sent, or on its way.
    #[default]
    Pending,
    /// It is in the lock, under this version.
    Applied {
        /// The version of the configuration in which the lock has set it.
        version: u32,
    },
    /// The lock refused it. It is not sent again until the back end wants something else there.
    Refused(Reason),
}

/// One slot, as the back end wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// The table.
    pub table: Table,
    /// The slot, or the number of a single setting.
    pub slot: u8,
    /// What became of it.
    pub state: ItemState,
}

/// What is to be done about one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Difference {
    /// Nothing: it is there, or its refusal stands.
    None,
    /// Send it.
    Send,
    /// The lock holds something that nobody wants: clear it.
    Clear,
    /// It was thought to be there and is not, or not in the version that was sent: it is pending again.
    Lost,
}

impl ItemState {
    /// After the outcome of the command that carried it, which made the configuration `version`; `None` while that is open.
    ///
    /// A command whose outcome is no longer known leaves it pending: the digest will say.
    #[must_use]
    pub const fn after(outcome: Outcome, version: u32) -> Option<Self> {
        match outcome {
            Outcome::Started => None,
            Outcome::Done => Some(Self::Applied { version }),
            Outcome::Refused(
                Reason::StorageBusy
                | Reason::StorageFault
                | Reason::StaleConfiguration
                | Reason::Expired
                | Reason::ClockNotTrusted
                | Reason::Busy
                | Reason::OutcomeUnknown,
            ) => Some(Self::Pending),
            Outcome::Refused(reason) => Some(Self::Refused(reason)),
            Outcome::Jammed
            | Outcome::TimedOut
            | Outcome::Superseded
            | Outcome::Interrupted
            | Outcome::NotExecuted => Some(Self::Pending),
        }
    }

    /// What is to be done where the lock says that it has `version` there; 0 for a vacant slot.
    #[must_use]
    pub const fn difference(self, version: u32) -> Difference {
        match self {
            Self::Pending => Difference::Send,
            Self::Refused(_) => Difference::None,
            Self::Applied { version: ours } if ours == version => Difference::None,
            Self::Applied { .. } => Difference::Lost,
        }
    }
}

/// What is to be done about a slot that nobody wants, where the lock says that it has `version` there.
#[must_use]
pub const fn unwanted(table: Table, version: u32) -> Difference {
    match table {
        // A setting is never absent, only as made.
        Table::Settings => Difference::None,
        Table::Users | Table::Credentials | Table::Windows | Table::Holidays if version == 0 => {
            Difference::None
        }
        Table::Users | Table::Credentials | Table::Windows | Table::Holidays => Difference::Clear,
    }
}

/// The hash that the lock has when exactly the applied items are in it; `items` in the order of table and slot. `None` while one is
/// pending: then no lock agrees yet.
#[must_use]
pub fn expected_digest<S: Suite>(items: impl Iterator<Item = Wanted>) -> Option<[u8; 16]> {
    let mut digest = ItemDigest::<S>::default();
    for item in items {
        match item.state {
            ItemState::Pending => return None,
            ItemState::Applied { version } => digest.add(item.table, item.slot, version),
            ItemState::Refused(_) => {}
        }
    }
    Some(digest.finish())
}

/// Where the comparison stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// The digest is to be asked for.
    #[default]
    Compare,
    /// They differ; these slots are to be asked for.
    List {
        /// The table.
        table: Table,
        /// The first of 16 slots.
        first: u8,
    },
    /// Every slot was looked at.
    Listed,
    /// Nothing differs.
    Agreed,
}

impl Comparison {
    /// The question to ask next; `None` at the end.
    #[must_use]
    pub const fn query(self) -> Option<Query> {
        match self {
            Self::Compare => Some(Query::Digest),
            Self::List { table, first } => Some(Query::Items { table, first }),
            Self::Listed | Self::Agreed => None,
        }
    }

    /// Takes the lock's answer; one to another question changes nothing. `expected` is that of [`expected_digest`], and `room` how
    /// many slots of each table the back end looks at, by the numbers of the tables.
    #[must_use]
    pub fn answered(self, reply: &Reply, expected: Option<[u8; 16]>, room: [u8; Table::ALL.len()]) -> Self {
        match (self, reply) {
            (Self::Compare, Reply::Digest { digest, .. }) if Some(*digest) == expected => Self::Agreed,
            (Self::Compare, Reply::Digest { .. }) => Self::from_slot(Table::Settings, Some(0), room),
            (Self::List { table, first }, Reply::Items { table: theirs, first: begin, .. })
                if table == *theirs && first == *begin =>
            {
                Self::from_slot(table, first.checked_add(Reply::ITEMS as u8), room)
            }
            _ => self,
        }
    }

    /// The next slots to ask for, from here on.
    fn from_slot(table: Table, first: Option<u8>, room: [u8; Table::ALL.len()]) -> Self {
        let of = |table: Table| room.get(usize::from(table.number())).copied().unwrap_or_default();
        if let Some(first) = first.filter(|first| *first < of(table)) {
            return Self::List { table, first };
        }
        let next = table.number().saturating_add(1);
        let later = Table::ALL.into_iter().find(|table| table.number() >= next && of(*table) > 0);
        later.map_or(Self::Listed, |table| Self::List { table, first: 0 })
    }
}
