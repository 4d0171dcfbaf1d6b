//! What changes of owner need: claimed locks, maker's secrets, and numbers for handshakes with locks that are not registered yet.

use lock_core::crypto::{KeyEpoch, LockId};
use rusqlite::{OptionalExtension as _, Row, Transaction, named_params, params};

use super::lock_columns;
use super::values::{number, unsigned};
use crate::store::{ClaimRow, Claimant, ClaimedLock, Standing, StoreError};

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

/// Above what a claim has to be: the last ownership that was proven.
struct Floor {
    epoch: u32,
    down: i64,
    command: i64,
}

/// A lock that is here already, as far as a claim asks.
struct Known {
    standing: Standing,
    ownership: i64,
    version: i64,
    next_attempt: i64,
    row: Floor,
    /// Of the claim that waits for its proof.
    unproven: Option<Floor>,
}

fn known(transaction: &Transaction<'_>, lock: LockId) -> Result<Option<Known>, StoreError> {
    let sql = "SELECT * FROM locks LEFT JOIN claims USING (lock_id) WHERE lock_id = ?1";
    let mut statement = transaction.prepare_cached(sql)?;
    let mut rows = statement.query([lock.0])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let floor = |epoch, down, command| {
        Ok::<_, StoreError>(Floor {
            epoch: row.get(epoch)?,
            down: row.get(down)?,
            command: row.get(command)?,
        })
    };
    let is_unproven = row.get::<_, Option<i64>>("floor_epoch")?.is_some();
    let unproven =
        if is_unproven { Some(floor("floor_epoch", "floor_down", "floor_command")?) } else { None };
    Ok(Some(Known {
        standing: read_standing(row)?,
        ownership: row.get("ownership")?,
        version: row.get("version")?,
        next_attempt: row.get("next_attempt")?,
        row: floor("key_epoch", "next_down", "next_command")?,
        unproven,
    }))
}

pub(super) fn put(transaction: &Transaction<'_>, claimed: &ClaimedLock) -> Result<(), StoreError> {
    let (lock, attempt) = (&claimed.lock, number(claimed.attempt)?);
    let exists = || StoreError::LockExists(lock.lock_id);
    let before = known(transaction, lock.lock_id)?;
    let (version, next_attempt) =
        before.as_ref().map_or((0, 1), |known| (known.version + 1, known.next_attempt));
    let floor = match before {
        None => Floor { epoch: 0, down: 1, command: 1 },
        Some(known) if known.standing == Standing::Owned => return Err(exists()),
        Some(Known { unproven: Some(_), ownership, .. }) if attempt <= ownership => return Err(exists()),
        Some(Known { unproven: Some(floor), .. }) => {
            forget_unproven(transaction, lock.lock_id, &floor)?;
            floor
        }
        Some(Known { unproven: None, row, .. }) => row,
    };
    // An epoch begins once: whoever was faster with this one has its root at the lock.
    if lock.key_epoch.number() <= floor.epoch {
        return Err(exists());
    }
    leave_behind(transaction, lock.lock_id)?;
    // Made anew, since numbers of a row never go back and those of a claim that was not proven are nobody's. What refers to the lock stays.
    transaction.pragma_update(None, "defer_foreign_keys", true)?;
    transaction.execute("DELETE FROM locks WHERE lock_id = ?1", [lock.lock_id.0])?;
    lock_columns::insert(transaction, lock)?;
    transaction.execute(
        "UPDATE locks SET ownership = :ownership, version = :version, next_attempt = :next_attempt,
             next_down = :next_down, next_command = :next_command WHERE lock_id = :lock_id",
        named_params! {
            ":lock_id": lock.lock_id.0, ":ownership": attempt, ":version": version, ":next_attempt": next_attempt,
            ":next_down": number(claimed.numbers.next_down)?.max(floor.down),
            ":next_command": number(claimed.numbers.next_command.0)?.max(floor.command),
        },
    )?;
    transaction.execute(
        "INSERT INTO claims (lock_id, account, digest, floor_epoch, floor_down, floor_command) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            lock.lock_id.0,
            claimed.claimant.account,
            claimed.claimant.digest,
            floor.epoch,
            floor.down,
            floor.command
        ],
    )?;
    let sql = "INSERT INTO unowned_handles (lock_id, wrapped) VALUES (?1, ?2)
               ON CONFLICT (lock_id) DO UPDATE SET wrapped = ?2";
    transaction.execute(sql, params![lock.lock_id.0, claimed.wrapped_handle])?;
    super::log_columns::put(transaction, lock.lock_id, &claimed.log)
}

/// What was on its way to the lock is of another owner, even where that is the same person.
fn leave_behind(transaction: &Transaction<'_>, lock: LockId) -> Result<(), StoreError> {
    // The new owner may give its commands the same names, and an answer of before must not stand for one of them.
    transaction.execute("UPDATE commands SET client_token = NULL WHERE lock_id = ?1", [lock.0])?;
    transaction.execute(
        "UPDATE commands SET state = 'expired', wrapped_digits = NULL, sealed_packet = NULL,
             sealed_counter = NULL, sealed_at = NULL
         WHERE lock_id = ?1 AND state IN ('queued', 'sealed', 'handed-over', 'started')",
        [lock.0],
    )?;
    // Commands that are over and the audit stay: they say who did what, count no more, and hold no secret. Codes and keys of another owner
    // are nobody's here any more.
    delete_from(transaction, &["items", "tickets", "backups", "claims"], lock)
}

/// Nothing that was made under a root that was not proven reaches the next claimer.
fn forget_unproven(transaction: &Transaction<'_>, lock: LockId, floor: &Floor) -> Result<(), StoreError> {
    let sql = "DELETE FROM commands WHERE lock_id = ?1 AND id >= ?2";
    transaction.execute(sql, params![lock.0, floor.command])?;
    let sql = "DELETE FROM log_keys WHERE lock_id = ?1 AND key_epoch > ?2";
    transaction.execute(sql, params![lock.0, floor.epoch])?;
    Ok(())
}

fn delete_from(transaction: &Transaction<'_>, tables: &[&str], lock: LockId) -> Result<(), StoreError> {
    for table in tables {
        transaction.execute(&format!("DELETE FROM {table} WHERE lock_id = ?1"), [lock.0])?;
    }
    Ok(())
}

/// A lock that nobody was ever proven to own, and that is claimed, is as if it had not been.
pub(super) fn forget_never_proven(transaction: &Transaction<'_>, lock: LockId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM claims WHERE lock_id = ?1 AND floor_epoch = 0";
    if !transaction.prepare_cached(sql)?.exists([lock.0])? {
        return Ok(false);
    }
    let children = [
        "items",
        "tickets",
        "backups",
        "commands",
        "log_keys",
        "log_positions",
        "unowned_handles",
        "claims",
        "locks",
    ];
    delete_from(transaction, &children, lock)?;
    Ok(true)
}

/// See [`crate::store::Store::discard_claim`].
pub(super) fn discard(transaction: &Transaction<'_>, lock: LockId) -> Result<bool, StoreError> {
    let sql = "UPDATE locks SET standing = 'lost', version = version + 1
               WHERE lock_id = ?1 AND standing = 'claiming' AND lock_id IN (SELECT lock_id FROM claims)";
    let is_unproven = transaction.execute(sql, [lock.0])? > 0;
    if is_unproven {
        forget_never_proven(transaction, lock)?;
    }
    Ok(is_unproven)
}

/// A session has proven the claim, if there was one.
pub(super) fn forget_proven(transaction: &Transaction<'_>, lock: LockId) -> Result<(), StoreError> {
    transaction.prepare_cached("DELETE FROM claims WHERE lock_id = ?1")?.execute([lock.0])?;
    Ok(())
}

pub(super) fn read(transaction: &Transaction<'_>, lock: LockId) -> Result<Option<ClaimRow>, StoreError> {
    let sql = "SELECT account, digest, floor_epoch FROM claims WHERE lock_id = ?1";
    let row = transaction.query_row(sql, [lock.0], |row| {
        let claimant = Claimant { account: row.get("account")?, digest: row.get("digest")? };
        Ok(ClaimRow { claimant, proven_epoch: KeyEpoch::new(row.get("floor_epoch")?) })
    });
    Ok(row.optional()?)
}

pub(super) fn count(transaction: &Transaction<'_>, account: &[u8; 16]) -> Result<usize, StoreError> {
    let sql =
        "SELECT count(*) FROM claims JOIN locks USING (lock_id) WHERE account = ?1 AND standing = 'claiming'";
    let count: i64 = transaction.query_row(sql, [account], |row| row.get(0))?;
    usize::try_from(count).map_err(|_| StoreError::BadRow("count of claims"))
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
