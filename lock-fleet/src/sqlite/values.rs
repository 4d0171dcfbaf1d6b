//! Numbers and times as SQLite stores them: signed, 64 bits.

use lock_core::proto::UnixMillis;

use crate::store::StoreError;

/// A number that must be exact.
pub(super) fn number(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::NumbersExhausted)
}

/// A number for which "beyond the end" means the end: limits and cursors.
pub(super) fn stored(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A time; the end of time stays the end.
pub(super) fn time(moment: UnixMillis) -> i64 {
    stored(moment.0)
}

pub(super) fn wall(value: i64) -> UnixMillis {
    UnixMillis(value.try_into().unwrap_or(0))
}

pub(super) fn unsigned(value: i64) -> Result<u64, StoreError> {
    value.try_into().map_err(|_| StoreError::BadRow("number"))
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                Self::Corrupt(error.to_string())
            }
            _ => Self::Engine(error.to_string()),
        }
    }
}
