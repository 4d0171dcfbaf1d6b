//! What the fleet needs of a database, so that another engine can take the place of SQLite.
//!
//! One row a lock. Everything that changes together is one atomic [`Batch`] of one lock: the row, its commands, its items, its audit rows.
//! A batch names the version of the row that it was made from; when somebody else was faster it changes nothing. Counters for nonces
//! are not in batches: [`Store::take`] moves one by a single conditional update that is durable before it returns, and what was
//! taken never comes again, whatever happens to the message it was taken for.
//!
//! [`crate::testing::conformance`] is the definition in code: an engine that passes it can be used.

mod accepted;
mod backup_row;
mod claimed_lock;
mod command_action;
mod command_row;
mod command_secret;
mod error;
mod issued_codes;
mod item_row;
mod lock_row;
mod log_row;
mod rotation_row;
mod ticket_row;

use lock_core::cloud::Numbers;
use lock_core::crypto::{KeyEpoch, LockId};
use lock_core::proto::CommandId;

pub use accepted::{AcceptedUp, SeenBefore};
pub use backup_row::BackupRow;
pub use claimed_lock::{ClaimRow, Claimant, ClaimedLock, Standing};
pub use command_row::{CommandKind, CommandRow, CommandState, Path, Reissues, SealedCopy, SingleSetting};
pub(crate) use command_secret::CommandSecret;
pub use error::StoreError;
pub use issued_codes::IssuedCodes;
pub use item_row::{ItemRow, ItemStanding};
pub use lock_row::{HeardBy, HeardStatus, LockRow, LockState, NewLock, ProbeRow};
pub use log_row::{
    LogChange, LogEntryRow, LogFaultRow, LogGroundRow, LogKeyRow, LogPosition, LogUnverifiedRow,
};
pub use rotation_row::{NewKeys, NextRow, ProofRow, RotationRow};
pub use ticket_row::{TicketRevocation, TicketRow};

use crate::audit::{AuditEntry, AuditRow};

/// A stream of numbers of which each is used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Sealed-down counters of a lock and key epoch (section 5).
    Down,
    /// Handshake attempts with a lock (section 3.4).
    Attempt,
}

/// Changes to one lock that happen together or not at all.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The lock.
    pub lock_id: LockId,
    /// The version of the row that the changes were made from.
    pub expected_version: u64,
    /// What is known of the lock from now on.
    pub state: LockState,
    /// Keys that are in force from now on. Those of before are overwritten.
    pub keys: Option<NewKeys>,
    /// Raises the numbers at least to these; never lowers one.
    pub raise: Numbers,
    /// Commands to add or to overwrite by their id.
    pub commands: Vec<CommandRow>,
    /// Items to add or to overwrite by their table and slot.
    pub items: Vec<ItemRow>,
    /// Virtual keys to add, or whose revocation to overwrite, by their number.
    pub tickets: Vec<TicketRow>,
    /// Backups to add; of a lock's the newest [`BackupRow::KEPT`] are kept.
    pub backups: Vec<BackupRow>,
    /// What changes of its log.
    pub log: LogChange,
    /// Rows to add to the audit.
    pub audit: Vec<AuditEntry>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a batch that was overtaken has changed nothing"]
pub enum Committed {
    /// Durable.
    Done,
    /// Another batch was faster; nothing changed. Read the row again.
    Overtaken,
}

/// A database of locks. Every method that changes something returns after it is durable.
pub trait Store: Send {
    /// The number of this opening of the database. It grows with each: what was learnt in an earlier one may be older than the
    /// truth, because a database can be restored from a copy between two openings, and never within one.
    fn incarnation(&self) -> u64;

    /// Takes a number for a handshake with a lock that need not be registered, durably. It is burned then.
    ///
    /// # Errors
    /// [`StoreError::NumbersExhausted`]; [`StoreError::CommitAmbiguous`]: the number counts as burned, take another.
    fn take_claim(&mut self) -> Result<u64, StoreError>;

    /// Registers a lock that is claimed, or registers it anew: root, epoch, profile, name and state are replaced, open commands are
    /// withdrawn, and items, virtual keys, backups and the names of commands forgotten. Epoch and numbers grow over those of the last
    /// ownership that was proven. Of a claim that was not, nothing is left but the audit.
    ///
    /// # Errors
    /// [`StoreError::LockExists`] for a lock that is [`Standing::Owned`], for an epoch that is not above that of the last ownership that was
    /// proven, and for an attempt that is not later than that of a claim that waits for its proof; nothing changed.
    fn claim_lock(&mut self, claimed: &ClaimedLock, audit: &AuditEntry) -> Result<(), StoreError>;

    /// The claim of a lock that no session has proven yet. With the first batch that says [`Standing::Owned`] there is none.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn claim(&mut self, lock: LockId) -> Result<Option<ClaimRow>, StoreError>;

    /// How many locks wait for the proof of a claim of this account.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn claims_of(&mut self, account: &[u8; 16]) -> Result<usize, StoreError>;

    /// Ends a claim that waits for its proof: a lock that nobody was ever proven to own is forgotten, but for its audit; another is
    /// [`Standing::Lost`]. Returns whether there was such a claim; nothing changed where there was none.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn discard_claim(&mut self, lock: LockId, audit: &AuditEntry) -> Result<bool, StoreError>;

    /// By what a lock that was claimed here is recognised while it has no owner, wrapped, as its last claim left it.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn unowned_handle(&mut self, lock: LockId) -> Result<Option<Vec<u8>>, StoreError>;

    /// What the maker registered for a lock, wrapped.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn maker_secret(&mut self, lock: LockId) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keeps it, in place of an earlier one.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn put_maker_secret(&mut self, lock: LockId, wrapped: &[u8]) -> Result<(), StoreError>;

    /// Registers a lock, with numbers from [`Numbers::FIRST`] and attempts from 1. It takes the place of a claim that was not proven,
    /// where nobody was ever proven to own the lock.
    ///
    /// # Errors
    /// [`StoreError::LockExists`]; nothing changed.
    fn insert_lock(&mut self, lock: &NewLock, audit: &AuditEntry) -> Result<(), StoreError>;

    /// All locks, by id.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn locks(&mut self) -> Result<Vec<LockRow>, StoreError>;

    /// One lock.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn lock(&mut self, lock: LockId) -> Result<Option<LockRow>, StoreError>;

    /// Takes the next number of a stream, durably, by one conditional update. It is burned then.
    ///
    /// # Errors
    /// [`StoreError::NoSuchEpoch`] when the lock or its epoch is another; [`StoreError::NumbersExhausted`];
    /// [`StoreError::CommitAmbiguous`]: the number counts as burned, take another.
    fn take(&mut self, lock: LockId, epoch: KeyEpoch, stream: Stream) -> Result<u64, StoreError>;

    /// Applies a batch.
    ///
    /// # Errors
    /// [`StoreError::CommitAmbiguous`] when it may or may not have happened: read again before deciding anything.
    /// [`StoreError::TokenTaken`] when a client token belongs to another command; nothing changed.
    fn commit(&mut self, batch: &Batch) -> Result<Committed, StoreError>;

    /// One command.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn command(&mut self, lock: LockId, id: CommandId) -> Result<Option<CommandRow>, StoreError>;

    /// The command that a client token stands for.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn command_with_token(&mut self, lock: LockId, token: &str) -> Result<Option<CommandRow>, StoreError>;

    /// At most `limit` commands with ids above `after`, in the order of their ids.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn commands(
        &mut self,
        lock: LockId,
        after: CommandId,
        limit: usize,
    ) -> Result<Vec<CommandRow>, StoreError>;

    /// All commands of a lock for which [`CommandState::is_open`], in the order of their ids.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn open_commands(&mut self, lock: LockId) -> Result<Vec<CommandRow>, StoreError>;

    /// All items of a lock, in the order of table and slot.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn items(&mut self, lock: LockId) -> Result<Vec<ItemRow>, StoreError>;

    /// All virtual keys of a lock, in the order in which they were issued.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn tickets(&mut self, lock: LockId) -> Result<Vec<TicketRow>, StoreError>;

    /// The backups of a lock that are kept, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn backups(&mut self, lock: LockId) -> Result<Vec<BackupRow>, StoreError>;

    /// Where the verifier of a lock's log stands; `None` before the first answer.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn log_position(&mut self, lock: LockId) -> Result<Option<LogPosition>, StoreError>;

    /// At most `limit` entries of a lock's log from an index on, in order.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn log_entries(&mut self, lock: LockId, from: u64, limit: usize) -> Result<Vec<LogEntryRow>, StoreError>;

    /// All faults that were found in a lock's log, in the order in which they were found.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn log_faults(&mut self, lock: LockId) -> Result<Vec<LogFaultRow>, StoreError>;

    /// The first keys of a lock's log, in the order of their epochs.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn log_keys(&mut self, lock: LockId) -> Result<Vec<LogKeyRow>, StoreError>;

    /// What could not be verified of a lock's log, in order.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn log_unverified(&mut self, lock: LockId) -> Result<Vec<LogUnverifiedRow>, StoreError>;

    /// At most `limit` audit rows of a lock with numbers above `after`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn audit(&mut self, lock: LockId, after: u64, limit: usize) -> Result<Vec<AuditRow>, StoreError>;

    /// The number of the newest audit row of a lock; 0 where it has none.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn last_audit(&mut self, lock: LockId) -> Result<u64, StoreError>;

    /// Whether a lock has an audit row that says this of that.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn is_audited(&mut self, lock: LockId, what: &str, result: &str) -> Result<bool, StoreError>;

    /// The value that tells whether a key encryption key is this database's; `None` before the first.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    fn key_check(&mut self) -> Result<Option<Vec<u8>>, StoreError>;

    /// Stores that value, once and for all.
    ///
    /// # Errors
    /// [`StoreError::KeyCheckExists`]; nothing changed.
    fn set_key_check(&mut self, check: &[u8]) -> Result<(), StoreError>;
}
