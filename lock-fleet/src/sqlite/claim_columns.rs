//! What changes of owner need: claimed locks, maker's secrets, and numbers for handshakes with locks that are not registered yet.

use lock_core::crypto::LockId;
use rusqlite::{OptionalExtension as _, Row, Transaction, named_params, params};

use super::lock_columns;
use super::values::{number, unsigned};
use crate::store::{ClaimedLock, Standing, StoreError};

pub(super) const fn standing_name(standing: Standing) -> &'static str {
    match standing {
        Standing::Owned => "owned",
        Standing::Claiming => "claiming",
        Standing::Released => "released",
        Standing::Lost => "lost",
    }
}

pub(super) fn read_standing(row: &Row<'_>) -> Result<Standing, StoreError> {
    match row.get::<_, String>("standing")?.as_str() {
        "owned" => Ok(Standing::Owned),
        "claiming" => Ok(Standing::Claiming),
        "released" => Ok(Standing::Released),
        "lost" => Ok(Standing::Lost),
        _ => Err(StoreError::BadRow("standing of a lock")),
    }
}

pub(super) fn take_attempt(transaction: &Transaction<'_>) -> Result<u64, StoreError> {
    let sql = "UPDATE meta SET next_claim = next_claim + 1 WHERE next_claim < ?1 RETURNING next_claim - 1";
    let taken: Option<i64> = transaction.query_row(sql, [i64::MAX], |row| row.get(0)).optional()?;
    unsigned(taken.ok_or(StoreError::NumbersExhausted)?)
}

pub(super) fn put(transaction: &Transaction<'_>, claimed: &ClaimedLock) -> Result<(), StoreError> {
    let lock = &claimed.lock;
    let known = "SELECT 1 FROM locks WHERE lock_id = ?1";
    let is_new = !transaction.prepare_cached(known)?.exists([lock.lock_id.0])?;
    if is_new {
        lock_columns::insert(transaction, lock)?;
    }
    // Whoever was faster with this epoch has its root at the lock, or will have: no other takes its place.
    let changed = transaction.execute(
        "UPDATE locks SET name = :name, key_epoch = :key_epoch, wrapped_root = :root, profile = :profile, version = version + 1,
             next_down = max(next_down, :next_down), next_command = max(next_command, :next_command)
         WHERE lock_id = :lock_id AND standing <> 'owned' AND (:is_new OR key_epoch < :key_epoch)",
        named_params! {
            ":lock_id": lock.lock_id.0, ":is_new": is_new, ":name": lock.name, ":key_epoch": lock.key_epoch.number(),
            ":root": lock.wrapped_root, ":profile": lock_columns::profile_name(lock.profile),
            ":next_down": number(claimed.numbers.next_down)?,
            ":next_command": number(claimed.numbers.next_command.0)?,
        },
    )?;
    if changed == 0 {
        return Err(StoreError::LockExists(lock.lock_id));
    }
    // What was on its way to the lock is of another owner, even where that is the same person.
    transaction.execute(
        "UPDATE commands SET state = 'expired', wrapped_digits = NULL, sealed_packet = NULL,
             sealed_counter = NULL, sealed_at = NULL
         WHERE lock_id = ?1 AND state IN ('queued', 'sealed', 'handed-over', 'started')",
        params![lock.lock_id.0],
    )?;
    // The new owner may give its commands the same names, and an answer of before must not stand for one of them.
    transaction
        .execute("UPDATE commands SET client_token = NULL WHERE lock_id = ?1", params![lock.lock_id.0])?;
    // Commands that are over and the audit stay: they say who did what, count no more, and hold no secret. Codes and keys of another owner
    // are nobody's here any more.
    for table in ["items", "tickets", "backups"] {
        let sql = format!("DELETE FROM {table} WHERE lock_id = ?1");
        transaction.execute(&sql, params![lock.lock_id.0])?;
    }
    let sql = "INSERT INTO unowned_handles (lock_id, wrapped) VALUES (?1, ?2)
               ON CONFLICT (lock_id) DO UPDATE SET wrapped = ?2";
    transaction.execute(sql, params![lock.lock_id.0, claimed.wrapped_handle])?;
    super::log_columns::put(transaction, lock.lock_id, &claimed.log)?;
    lock_columns::put_state(transaction, lock)
}

pub(super) fn unowned_handle(
    transaction: &Transaction<'_>,
    lock: LockId,
) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT wrapped FROM unowned_handles WHERE lock_id = ?1";
    Ok(transaction.query_row(sql, [lock.0], |row| row.get(0)).optional()?)
}

pub(super) fn maker_secret(
    transaction: &Transaction<'_>,
    lock: LockId,
) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT wrapped FROM maker_secrets WHERE lock_id = ?1";
    Ok(transaction.query_row(sql, [lock.0], |row| row.get(0)).optional()?)
}

pub(super) fn put_maker_secret(
    transaction: &Transaction<'_>,
    lock: LockId,
    wrapped: &[u8],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO maker_secrets (lock_id, wrapped) VALUES (?1, ?2)
               ON CONFLICT (lock_id) DO UPDATE SET wrapped = ?2";
    transaction.execute(sql, params![lock.0, wrapped])?;
    Ok(())
}
