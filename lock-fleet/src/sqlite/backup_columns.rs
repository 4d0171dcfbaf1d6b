//! The table of backups.

use lock_core::crypto::LockId;
use rusqlite::{Row, Transaction, named_params, params};

use super::values::{time, wall};
use crate::store::{BackupRow, StoreError};

const PUT: &str = "INSERT INTO backups (lock_id, number, taken_at, taken_by, credentials, wrapped)
    VALUES (:lock_id, :number, :taken_at, :taken_by, :credentials, :wrapped)";

pub(super) fn put(transaction: &Transaction<'_>, lock: LockId, row: &BackupRow) -> Result<(), StoreError> {
    transaction.prepare_cached(PUT)?.execute(named_params! {
        ":lock_id": lock.0, ":number": row.number, ":taken_at": time(row.taken_at), ":taken_by": row.by,
        ":credentials": row.credentials, ":wrapped": row.wrapped,
    })?;
    transaction
        .prepare_cached("DELETE FROM backups WHERE lock_id = ?1 AND number <= ?2")?
        .execute(params![lock.0, row.number.saturating_sub(BackupRow::KEPT)])?;
    Ok(())
}

pub(super) fn read(row: &Row<'_>) -> Result<BackupRow, StoreError> {
    Ok(BackupRow {
        number: row.get("number")?,
        taken_at: wall(row.get("taken_at")?),
        by: row.get("taken_by")?,
        credentials: row.get("credentials")?,
        wrapped: row.get("wrapped")?,
    })
}
