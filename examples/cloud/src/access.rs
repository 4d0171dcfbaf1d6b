//! Who may do what: users, their tokens and their rights on each lock.
//!
//! It is a file of its own beside the fleet's database, `DATABASE.access`: the fleet's engine may become another one, and who may
//! ask is no concern of the code that keeps keys and counters. The fleet's own lock on its database covers both files.

mod history;
mod phone;
mod schema;
mod token;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lock_fleet::{HistoryEnd, LockId};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::{Right, Rights};

pub use phone::TokenEnd;
pub use token::{Token, TokenId};

/// The number of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UserId(pub i64);

/// What a user is to the service, apart from rights on locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Registers locks, makes users and tokens, grants rights. Has no right on any lock but what it is granted.
    Admin,
    /// Has the rights that were granted.
    Member,
}

/// Whom a token belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub user: UserId,
    /// The name: 1 to 64 printable characters.
    pub name: String,
    /// What the user is.
    pub role: Role,
    /// The token that was presented.
    pub token: TokenId,
}

/// Why users, tokens or rights were not read or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// `create` found a file.
    #[error("{} already exists; choose another database, nothing was overwritten", .0.display())]
    AlreadyExists(PathBuf),
    /// `open` found none.
    #[error("{} is missing; restore it from a backup, or create a new service with `cloud init`", .0.display())]
    Missing(PathBuf),
    /// `create` may not write there.
    #[error("{} cannot be written ({}); choose another place or change its permissions", .0.display(), .1)]
    NotWritable(PathBuf, std::io::Error),
    /// The file is not what this version wrote.
    #[error("{} is damaged or not an access database; restore it from a backup, nothing was changed", .0.display())]
    Damaged(PathBuf),
    /// A newer version wrote the file.
    #[error("{} was written by a newer version of this service; update the service, nothing was changed", .0.display())]
    Newer(PathBuf),
    /// A name that is taken.
    #[error("a user named {0} exists; choose another name")]
    NameTaken(String),
    /// A name that is not 1 to 64 printable characters.
    #[error("a name has 1 to 64 printable characters without space at either end; choose another one")]
    BadName,
    /// No such user.
    #[error("there is no user {}; list the users' numbers from when they were made", .0.0)]
    NoSuchUser(UserId),
    /// No such token, or none any more.
    #[error("there is no phone with token {}; the number is in the token, behind lkt_", .0.0)]
    NoSuchToken(TokenId),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes; no token was made, try again")]
    NoRandom(#[from] getrandom::Error),
    /// The storage failed.
    #[error("the access database failed ({0}); check the disk and try again")]
    Storage(#[from] rusqlite::Error),
}

/// The access database. One connection, used in turn: a check takes some ten microseconds.
#[derive(Debug)]
pub struct Access {
    connection: Mutex<Connection>,
}

impl Access {
    /// The file that belongs to a fleet's database.
    #[must_use]
    pub fn beside(database: &Path) -> PathBuf {
        let mut name = database.as_os_str().to_owned();
        name.push(".access");
        name.into()
    }

    /// Creates the file with one user, the admin, who has no token yet.
    ///
    /// # Errors
    /// [`AccessError::AlreadyExists`] where there is a file; it is left as it is.
    pub fn create(path: &Path) -> Result<(Self, UserId), AccessError> {
        let access = Self { connection: Mutex::new(schema::create(path)?) };
        let admin = access.insert_user("admin", Role::Admin)?;
        Ok((access, admin))
    }

    /// Opens the file and brings it to this version.
    ///
    /// # Errors
    /// [`AccessError::Missing`], [`AccessError::Damaged`] and [`AccessError::Newer`]; the file is left as it is.
    pub fn open(path: &Path) -> Result<Self, AccessError> {
        Ok(Self { connection: Mutex::new(schema::open(path)?) })
    }

    /// Makes a user without rights and without a token.
    ///
    /// # Errors
    /// [`AccessError::BadName`], [`AccessError::NameTaken`].
    pub fn add_user(&self, name: &str) -> Result<UserId, AccessError> {
        self.insert_user(name, Role::Member)
    }

    fn insert_user(&self, name: &str, role: Role) -> Result<UserId, AccessError> {
        let printable = !name.is_empty() && name.chars().count() <= 64 && !name.chars().any(char::is_control);
        if !printable || name.trim() != name {
            return Err(AccessError::BadName);
        }
        let connection = self.connection();
        let inserted = connection.execute(
            "INSERT INTO user (name, role) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
            params![name, schema::role_code(role)],
        )?;
        match inserted {
            0 => Err(AccessError::NameTaken(name.to_owned())),
            _ => Ok(UserId(connection.last_insert_rowid())),
        }
    }

    /// Makes a token for a user. Only its hash is kept: this is the one time it can be read.
    ///
    /// # Errors
    /// [`AccessError::NoSuchUser`], [`AccessError::NoRandom`].
    pub fn issue_token(&self, user: UserId) -> Result<(TokenId, Token), AccessError> {
        let secret = token::Secret::draw()?;
        let connection = self.connection();
        let inserted = connection.execute(
            "INSERT INTO token (user, hash) SELECT id, ?2 FROM user WHERE id = ?1",
            params![user.0, secret.hash().0],
        )?;
        if inserted == 0 {
            return Err(AccessError::NoSuchUser(user));
        }
        let id = TokenId(connection.last_insert_rowid());
        Ok((id, Token::new(id, &secret)))
    }

    /// Whom a presented token belongs to; `None` when it is none of ours. The hashes are compared in constant time.
    ///
    /// # Errors
    /// [`AccessError::Storage`].
    pub fn identify(&self, presented: &str) -> Result<Option<Identity>, AccessError> {
        let Some((id, secret)) = token::parse(presented) else { return Ok(None) };
        let presented = secret.hash();
        let found = self
            .connection()
            .prepare_cached("SELECT u.id, u.name, u.role, t.hash FROM token t JOIN user u ON u.id = t.user WHERE t.id = ?1")?
            .query_row([id.0], |row| {
                let role = schema::role_from_code(row.get(2)?);
                let identity = Identity { user: UserId(row.get(0)?), name: row.get(1)?, role, token: id };
                Ok((identity, token::SecretHash(row.get(3)?)))
            })
            .optional()?;
        Ok(found.filter(|(_, kept)| kept.matches(&presented)).map(|(identity, _)| identity))
    }

    /// Replaces the rights of a user on a lock by `rights`.
    ///
    /// # Errors
    /// [`AccessError::NoSuchUser`].
    pub fn grant(&self, user: UserId, lock: LockId, rights: &Rights) -> Result<(), AccessError> {
        let mut connection = self.connection();
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        known(&change, user)?;
        change.execute(
            "DELETE FROM user_right WHERE user = ?1 AND lock = ?2",
            params![user.0, lock.as_bytes()],
        )?;
        insert(&change, user, lock, rights.iter())?;
        Ok(change.commit()?)
    }

    /// A lock has a new owner: from now on this user has all rights on it, and whoever had any has none, on open relays too. Whoever
    /// had none that shows the history sees of it what comes from `begins` on.
    ///
    /// # Errors
    /// [`AccessError::NoSuchUser`].
    pub fn hand_over(&self, lock: LockId, user: UserId, begins: HistoryEnd) -> Result<(), AccessError> {
        let mut connection = self.connection();
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        known(&change, user)?;
        history::begin(&change, lock, user, begins)?;
        change.execute("DELETE FROM user_right WHERE lock = ?1", params![lock.as_bytes()])?;
        // The virtual keys of before are another root's: they open nothing.
        change.execute("DELETE FROM phone_key WHERE lock = ?1", params![lock.as_bytes()])?;
        insert(&change, user, lock, Right::ALL)?;
        Ok(change.commit()?)
    }

    /// A claim of a lock that was not proven is over: nobody has a right on it, and the number that its commands began with, which the lock
    /// said, hides none of later ones.
    ///
    /// # Errors
    /// [`AccessError::Storage`].
    pub fn forget_lock(&self, lock: LockId) -> Result<(), AccessError> {
        let mut connection = self.connection();
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute("DELETE FROM user_right WHERE lock = ?1", params![lock.as_bytes()])?;
        change.execute("DELETE FROM phone_key WHERE lock = ?1", params![lock.as_bytes()])?;
        change.execute("UPDATE ownership SET command = 0 WHERE lock = ?1", params![lock.as_bytes()])?;
        Ok(change.commit()?)
    }

    /// The rights of a user on a lock, right now. None where the token they came with has been revoked, so that a relay that is open
    /// asks again for each command.
    ///
    /// # Errors
    /// [`AccessError::Storage`].
    pub fn rights(&self, who: &Identity, lock: LockId) -> Result<Rights, AccessError> {
        let connection = self.connection();
        let mut select = connection.prepare_cached(
            "SELECT r.name FROM user_right r JOIN token t ON t.user = r.user WHERE t.id = ?1 AND r.user = ?2 AND r.lock = ?3",
        )?;
        let names = select
            .query_map(params![who.token.0, who.user.0, lock.as_bytes()], |row| row.get::<_, String>(0))?;
        names
            .filter_map(|name| name.map(|name| Right::from_name(&name)).transpose())
            .collect::<Result<_, _>>()
            .map_err(Into::into)
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere cannot leave a transaction open: it is rolled back when its value is dropped.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn known(change: &Transaction<'_>, user: UserId) -> Result<(), AccessError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM user WHERE id = ?1)";
    let known: bool = change.query_row(sql, [user.0], |row| row.get(0))?;
    if known { Ok(()) } else { Err(AccessError::NoSuchUser(user)) }
}

fn insert(
    change: &Transaction<'_>,
    user: UserId,
    lock: LockId,
    rights: impl IntoIterator<Item = Right>,
) -> Result<(), AccessError> {
    let sql = "INSERT INTO user_right (user, lock, name) VALUES (?1, ?2, ?3)";
    for right in rights {
        change.execute(sql, params![user.0, lock.as_bytes(), right.name()])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
