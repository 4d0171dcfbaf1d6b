//! Phones: each has a token, and virtual keys that were issued by it or for it. A phone that is lost loses both.

use lock_fleet::LockId;
use lock_fleet::proto::UnixMillis;
use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::{Access, AccessError, TokenId, UserId};
use crate::Right;

/// What became of a token that is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenEnd {
    /// It counted until now.
    Now,
    /// It had ended before, at this moment.
    Before(UnixMillis),
    /// The user never had it.
    Unknown,
}

impl Access {
    /// Ends a token at once, for open relays too. That it ended is kept.
    ///
    /// # Errors
    /// [`AccessError::Storage`].
    pub fn end_token(&self, user: UserId, token: TokenId, at: UnixMillis) -> Result<TokenEnd, AccessError> {
        let mut connection = self.connection();
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let deleted = change.execute("DELETE FROM token WHERE id = ?1 AND user = ?2", [token.0, user.0])?;
        if deleted == 1 {
            let at = i64::try_from(at.0).unwrap_or(i64::MAX);
            change.execute(
                "INSERT INTO ended_token (id, user, at) VALUES (?1, ?2, ?3)",
                [token.0, user.0, at],
            )?;
            change.commit()?;
            return Ok(TokenEnd::Now);
        }
        let before: Option<i64> = change
            .query_row("SELECT at FROM ended_token WHERE id = ?1 AND user = ?2", [token.0, user.0], |row| {
                row.get(0)
            })
            .optional()?;
        let before = before.map(|at| UnixMillis(u64::try_from(at).unwrap_or_default()));
        Ok(before.map_or(TokenEnd::Unknown, TokenEnd::Before))
    }

    /// Notes that a virtual key belongs to a phone: it was issued by it, or for it.
    ///
    /// # Errors
    /// [`AccessError::NoSuchToken`] for a phone that has no token, or none any more; [`AccessError::Storage`].
    pub fn note_key(&self, token: TokenId, lock: LockId, serial: u64) -> Result<(), AccessError> {
        let sql = "INSERT INTO phone_key (token, lock, serial) SELECT id, ?2, ?3 FROM token WHERE id = ?1
                   ON CONFLICT DO NOTHING";
        let serial = i64::try_from(serial).unwrap_or(i64::MAX);
        self.connection().execute(sql, params![token.0, lock.as_bytes(), serial])?;
        if self.has_token(token)? { Ok(()) } else { Err(AccessError::NoSuchToken(token)) }
    }

    /// Whether there is a token of that number.
    ///
    /// # Errors
    /// [`AccessError::Storage`].
    pub fn has_token(&self, token: TokenId) -> Result<bool, AccessError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM token WHERE id = ?1)";
        Ok(self.connection().query_row(sql, [token.0], |row| row.get(0))?)
    }

    /// The virtual keys of a phone, by lock and number.
    ///
    /// # Errors
    /// [`AccessError::Storage`].
    pub fn keys_of(&self, token: TokenId) -> Result<Vec<(LockId, u64)>, AccessError> {
        let connection = self.connection();
        let sql = "SELECT lock, serial FROM phone_key WHERE token = ?1 ORDER BY lock, serial";
        let mut select = connection.prepare_cached(sql)?;
        let keys = select.query_map([token.0], |row| {
            let serial = u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
            Ok((LockId(row.get(0)?), serial))
        })?;
        Ok(keys.collect::<Result<_, _>>()?)
    }

    /// Whether a user has a right on a lock now, with whatever phone.
    ///
    /// # Errors
    /// [`AccessError::Storage`].
    pub fn may(&self, user: UserId, lock: LockId, right: Right) -> Result<bool, AccessError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM user_right WHERE user = ?1 AND lock = ?2 AND name = ?3)";
        let found = params![user.0, lock.as_bytes(), right.name()];
        Ok(self.connection().query_row(sql, found, |row| row.get(0))?)
    }

    /// The locks on which a user has any right.
    ///
    /// # Errors
    /// [`AccessError::Storage`].
    pub fn locks_of(&self, user: UserId) -> Result<Vec<LockId>, AccessError> {
        let connection = self.connection();
        let sql = "SELECT DISTINCT lock FROM user_right WHERE user = ?1 ORDER BY lock";
        let mut select = connection.prepare_cached(sql)?;
        let locks = select.query_map([user.0], |row| Ok(LockId(row.get(0)?)))?;
        Ok(locks.collect::<Result<_, _>>()?)
    }
}
