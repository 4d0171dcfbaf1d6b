//! From where on people see the history of a lock: who claims a lock reads nothing of the life of whoever had it before.

use lock_fleet::proto::CommandId;
use lock_fleet::{HistoryEnd, LockId};
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{Access, AccessError, Identity, Role, UserId};
use crate::Right;

impl Access {
    /// The first numbers of the history of a lock that somebody sees: all of it for the admin; for others what is of the present ownership.
    ///
    /// # Errors
    /// [`AccessError::Storage`].
    pub fn seen_from(&self, who: &Identity, lock: LockId) -> Result<HistoryEnd, AccessError> {
        match who.role {
            Role::Admin => return Ok(HistoryEnd::default()),
            Role::Member => {}
        }
        let sql = "SELECT audit, command, log FROM ownership WHERE lock = ?1";
        let begins = self
            .connection()
            .prepare_cached(sql)?
            .query_row([lock.as_bytes()], |row| {
                let number = |column: usize| -> rusqlite::Result<u64> {
                    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
                };
                Ok(HistoryEnd { audit: number(0)?, command: CommandId(number(1)?), log: number(2)? })
            })
            .optional()?;
        Ok(begins.unwrap_or_default())
    }
}

/// An ownership begins. Somebody who saw the history until now goes on seeing it: a claim that is tried again, or an owner's second one.
pub(super) fn begin(
    change: &Transaction<'_>,
    lock: LockId,
    user: UserId,
    begins: HistoryEnd,
) -> Result<(), AccessError> {
    let sees = "SELECT 1 FROM user_right WHERE user = ?1 AND lock = ?2 AND name = ?3";
    let sees =
        change.prepare_cached(sees)?.exists(params![user.0, lock.as_bytes(), Right::Configure.name()])?;
    let number = |number| i64::try_from(number).unwrap_or(i64::MAX);
    let HistoryEnd { audit, command, log } = begins;
    // Numbers of a claim that was not proven may come again: what is seen never begins behind them.
    let sql = if sees {
        "UPDATE ownership SET audit = min(audit, ?2), command = min(command, ?3), log = min(log, ?4) WHERE lock = ?1"
    } else {
        "INSERT OR REPLACE INTO ownership (lock, audit, command, log) VALUES (?1, ?2, ?3, ?4)"
    };
    change.execute(sql, params![lock.as_bytes(), number(audit), number(command.0), number(log)])?;
    Ok(())
}
