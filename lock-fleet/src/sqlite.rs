//! The embedded engine: one SQLite file with one owner.
//!
//! Write-ahead log, `synchronous=FULL`: a change that was reported as done survives a power cut. Another service that opens the
//! same file is refused by a lock of the operating system on `<database>.lock`, which is free again when its holder ends,
//! however it ends. To restore a copy, stop the service, put the copy in place of the file *and remove* `<database>-wal` and
//! `<database>-shm`, which belong to the file that was there.

mod backup_columns;
mod claim_columns;
mod command_columns;
mod item_columns;
mod lock_columns;
mod log_columns;
mod opening;
mod owner;
mod ticket_columns;
mod values;

use std::path::{Path, PathBuf};

use lock_core::crypto::{KeyEpoch, LockId};
use lock_core::proto::CommandId;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use crate::audit::{AuditEntry, AuditRow};
use crate::store::{
    BackupRow, Batch, ClaimRow, ClaimedLock, CommandRow, Committed, ItemRow, LockRow, LogEntryRow,
    LogFaultRow, LogKeyRow, LogPosition, LogUnverifiedRow, NewLock, Store, StoreError, Stream, TicketRow,
};
use owner::Owner;
use values::{number, stored, time, unsigned, wall};

/// A database in one file. It is this process's alone until it is dropped.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    incarnation: u64,
    path: PathBuf,
    /// Held as long as the connection; dropped after it.
    _owner: Owner,
}

impl SqliteStore {
    /// Where the database is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a consistent copy to a new file, while the database is in use.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is a file already; [`StoreError::Engine`] when it cannot be written.
    pub fn back_up(&self, to: &Path) -> Result<(), StoreError> {
        opening::new_file(to)?;
        let name = to.to_str().ok_or_else(|| StoreError::Engine("the path is not UTF-8".into()))?;
        self.connection.execute("VACUUM INTO ?1", [name])?;
        Ok(())
    }

    fn begin(&mut self) -> Result<Transaction<'_>, StoreError> {
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    fn select_commands(
        &self,
        condition: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Vec<CommandRow>, StoreError> {
        let columns = command_columns::SELECT;
        let sql = format!("SELECT {columns} FROM commands WHERE {condition} ORDER BY id");
        self.select(&sql, parameters, command_columns::read)
    }

    fn select<T>(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
        read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(parameters)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }
}

/// After a failed commit only "busy" is known to have changed nothing.
fn commit(transaction: Transaction<'_>) -> Result<(), StoreError> {
    transaction.commit().map_err(|error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy) => error.into(),
        _ => StoreError::CommitAmbiguous,
    })
}

fn add_audit(transaction: &Transaction<'_>, entry: &AuditEntry) -> Result<(), StoreError> {
    transaction
        .prepare_cached("INSERT INTO audit (at, lock_id, who, what, result) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![time(entry.at), entry.lock.0, entry.who, entry.what, entry.result])?;
    Ok(())
}

fn read_audit(row: &Row<'_>) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        number: unsigned(row.get("number")?)?,
        entry: AuditEntry {
            at: wall(row.get("at")?),
            lock: LockId(row.get("lock_id")?),
            who: row.get("who")?,
            what: row.get("what")?,
            result: row.get("result")?,
        },
    })
}

impl Store for SqliteStore {
    fn incarnation(&self) -> u64 {
        self.incarnation
    }

    fn insert_lock(&mut self, lock: &NewLock, audit: &AuditEntry) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        claim_columns::forget_never_proven(&transaction, lock.lock_id)?;
        lock_columns::insert(&transaction, lock)?;
        add_audit(&transaction, audit)?;
        commit(transaction)
    }

    fn take_claim(&mut self) -> Result<u64, StoreError> {
        let transaction = self.begin()?;
        let taken = claim_columns::take_attempt(&transaction)?;
        commit(transaction)?;
        Ok(taken)
    }

    fn claim_lock(&mut self, claimed: &ClaimedLock, audit: &AuditEntry) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        claim_columns::put(&transaction, claimed)?;
        add_audit(&transaction, audit)?;
        commit(transaction)
    }

    fn claim(&mut self, lock: LockId) -> Result<Option<ClaimRow>, StoreError> {
        let transaction = self.begin()?;
        claim_columns::read(&transaction, lock)
    }

    fn claims_of(&mut self, account: &[u8; 16]) -> Result<usize, StoreError> {
        let transaction = self.begin()?;
        claim_columns::count(&transaction, account)
    }

    fn discard_claim(&mut self, lock: LockId, audit: &AuditEntry) -> Result<bool, StoreError> {
        let transaction = self.begin()?;
        if !claim_columns::discard(&transaction, lock)? {
            return Ok(false);
        }
        add_audit(&transaction, audit)?;
        commit(transaction)?;
        Ok(true)
    }

    fn unowned_handle(&mut self, lock: LockId) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.begin()?;
        claim_columns::unowned_handle(&transaction, lock)
    }

    fn maker_secret(&mut self, lock: LockId) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.begin()?;
        claim_columns::maker_secret(&transaction, lock)
    }

    fn put_maker_secret(&mut self, lock: LockId, wrapped: &[u8]) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        claim_columns::put_maker_secret(&transaction, lock, wrapped)?;
        commit(transaction)
    }

    fn locks(&mut self) -> Result<Vec<LockRow>, StoreError> {
        self.select("SELECT * FROM locks ORDER BY lock_id", [], lock_columns::read)
    }

    fn lock(&mut self, lock: LockId) -> Result<Option<LockRow>, StoreError> {
        let mut found =
            self.select("SELECT * FROM locks WHERE lock_id = ?1", [lock.0], lock_columns::read)?;
        Ok(found.pop())
    }

    fn take(&mut self, lock: LockId, epoch: KeyEpoch, stream: Stream) -> Result<u64, StoreError> {
        let sql = match stream {
            Stream::Down => {
                "UPDATE locks SET next_down = next_down + 1
                 WHERE lock_id = ?1 AND key_epoch = ?2 AND next_down < ?3 RETURNING next_down - 1"
            }
            Stream::Attempt => {
                "UPDATE locks SET next_attempt = next_attempt + 1
                 WHERE lock_id = ?1 AND key_epoch = ?2 AND next_attempt < ?3 RETURNING next_attempt - 1"
            }
        };
        let transaction = self.begin()?;
        let taken: Option<i64> = transaction
            .prepare_cached(sql)?
            .query_row(params![lock.0, epoch.number(), i64::MAX], |row| row.get(0))
            .optional()?;
        let Some(taken) = taken else {
            let exists = "SELECT 1 FROM locks WHERE lock_id = ?1 AND key_epoch = ?2";
            let found = transaction.prepare_cached(exists)?.exists(params![lock.0, epoch.number()])?;
            return Err(if found { StoreError::NumbersExhausted } else { StoreError::NoSuchEpoch });
        };
        commit(transaction)?;
        unsigned(taken)
    }

    fn commit(&mut self, batch: &Batch) -> Result<Committed, StoreError> {
        let transaction = self.begin()?;
        if lock_columns::update(&transaction, batch)? == 0 {
            return Ok(Committed::Overtaken);
        }
        for row in &batch.commands {
            command_columns::put(&transaction, batch.lock_id, row)?;
        }
        for row in &batch.items {
            item_columns::put(&transaction, batch.lock_id, row)?;
        }
        for row in &batch.tickets {
            ticket_columns::put(&transaction, batch.lock_id, row)?;
        }
        for row in &batch.backups {
            backup_columns::put(&transaction, batch.lock_id, row)?;
        }
        log_columns::put(&transaction, batch.lock_id, &batch.log)?;
        for entry in &batch.audit {
            add_audit(&transaction, entry)?;
        }
        commit(transaction)?;
        Ok(Committed::Done)
    }

    fn command(&mut self, lock: LockId, id: CommandId) -> Result<Option<CommandRow>, StoreError> {
        Ok(self.select_commands("lock_id = ?1 AND id = ?2", params![lock.0, number(id.0)?])?.pop())
    }

    fn command_with_token(&mut self, lock: LockId, token: &str) -> Result<Option<CommandRow>, StoreError> {
        Ok(self.select_commands("lock_id = ?1 AND client_token = ?2", params![lock.0, token])?.pop())
    }

    fn commands(
        &mut self,
        lock: LockId,
        after: CommandId,
        limit: usize,
    ) -> Result<Vec<CommandRow>, StoreError> {
        let mut sql = format!("SELECT {} FROM commands ", command_columns::SELECT);
        sql.push_str("WHERE lock_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3");
        self.select(&sql, params![lock.0, stored(after.0), stored(limit as u64)], command_columns::read)
    }

    fn open_commands(&mut self, lock: LockId) -> Result<Vec<CommandRow>, StoreError> {
        self.select_commands(
            "lock_id = ?1 AND state IN ('queued', 'sealed', 'handed-over', 'started')",
            params![lock.0],
        )
    }

    fn items(&mut self, lock: LockId) -> Result<Vec<ItemRow>, StoreError> {
        let sql = "SELECT * FROM items WHERE lock_id = ?1 ORDER BY table_no, slot";
        self.select(sql, [lock.0], item_columns::read)
    }

    fn tickets(&mut self, lock: LockId) -> Result<Vec<TicketRow>, StoreError> {
        let sql = "SELECT * FROM tickets WHERE lock_id = ?1 ORDER BY issued_at, serial";
        self.select(sql, [lock.0], ticket_columns::read)
    }

    fn backups(&mut self, lock: LockId) -> Result<Vec<BackupRow>, StoreError> {
        let sql = "SELECT * FROM backups WHERE lock_id = ?1 ORDER BY number DESC";
        self.select(sql, [lock.0], backup_columns::read)
    }

    fn log_position(&mut self, lock: LockId) -> Result<Option<LogPosition>, StoreError> {
        let sql = "SELECT * FROM log_positions WHERE lock_id = ?1";
        Ok(self.select(sql, [lock.0], log_columns::read_position)?.pop())
    }

    fn log_entries(&mut self, lock: LockId, from: u64, limit: usize) -> Result<Vec<LogEntryRow>, StoreError> {
        let sql = "SELECT * FROM log_entries WHERE lock_id = ?1 AND number >= ?2 ORDER BY number LIMIT ?3";
        self.select(sql, params![lock.0, stored(from), stored(limit as u64)], log_columns::read_entry)
    }

    fn log_faults(&mut self, lock: LockId) -> Result<Vec<LogFaultRow>, StoreError> {
        let sql = "SELECT * FROM log_faults WHERE lock_id = ?1 ORDER BY found_at, first, last, kind";
        self.select(sql, [lock.0], log_columns::read_fault)
    }

    fn log_keys(&mut self, lock: LockId) -> Result<Vec<LogKeyRow>, StoreError> {
        let sql = "SELECT * FROM log_keys WHERE lock_id = ?1 ORDER BY key_epoch";
        self.select(sql, [lock.0], log_columns::read_key)
    }

    fn log_unverified(&mut self, lock: LockId) -> Result<Vec<LogUnverifiedRow>, StoreError> {
        let sql = "SELECT * FROM log_unverified WHERE lock_id = ?1 ORDER BY first";
        self.select(sql, [lock.0], log_columns::read_unverified)
    }

    fn audit(&mut self, lock: LockId, after: u64, limit: usize) -> Result<Vec<AuditRow>, StoreError> {
        let sql = "SELECT * FROM audit WHERE lock_id = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
        self.select(sql, params![lock.0, stored(after), stored(limit as u64)], read_audit)
    }

    fn last_audit(&mut self, lock: LockId) -> Result<u64, StoreError> {
        let sql = "SELECT coalesce(max(number), 0) FROM audit WHERE lock_id = ?1";
        unsigned(self.connection.prepare_cached(sql)?.query_row([lock.0], |row| row.get(0))?)
    }

    fn is_audited(&mut self, lock: LockId, what: &str, result: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM audit WHERE lock_id = ?1 AND what = ?2 AND result = ?3";
        Ok(self.connection.prepare_cached(sql)?.exists(params![lock.0, what, result])?)
    }

    fn key_check(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.connection.query_row("SELECT key_check FROM meta", [], |row| row.get(0))?)
    }

    fn set_key_check(&mut self, check: &[u8]) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        let changed =
            transaction.execute("UPDATE meta SET key_check = ?1 WHERE key_check IS NULL", [check])?;
        if changed == 0 {
            return Err(StoreError::KeyCheckExists);
        }
        commit(transaction)
    }
}
