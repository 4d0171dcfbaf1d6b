//! The tables of logs.

use lock_core::crypto::{KeyEpoch, LockId, LogHead, LogMac, Missing};
use rusqlite::{Row, Transaction, named_params, params};

use super::values::{number, time, unsigned, wall};
use crate::store::{
    LogChange, LogEntryRow, LogFaultRow, LogGroundRow, LogKeyRow, LogPosition, LogUnverifiedRow, StoreError,
};

const BAD: &str = "log";

pub(super) fn put(transaction: &Transaction<'_>, lock: LockId, log: &LogChange) -> Result<(), StoreError> {
    for row in &log.entries {
        transaction
            .prepare_cached(
                "INSERT INTO log_entries (lock_id, number, key_epoch, previous, mac, body, received_at, fault)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT DO UPDATE SET key_epoch = excluded.key_epoch, previous = excluded.previous, mac = excluded.mac,
                     body = excluded.body, received_at = excluded.received_at, fault = NULL
                 WHERE fault IS NOT NULL AND excluded.fault IS NULL",
            )?
            .execute(params![
                lock.0,
                number(row.index)?,
                row.key_epoch.number(),
                row.previous,
                row.mac,
                row.body,
                time(row.received_at),
                row.fault
            ])?;
    }
    for row in &log.faults {
        transaction
            .prepare_cached(
                "INSERT INTO log_faults (lock_id, key_epoch, kind, first, last, sentence, found_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                lock.0,
                row.key_epoch.number(),
                row.kind,
                super::values::stored(row.first),
                super::values::stored(row.last),
                row.sentence,
                time(row.found_at)
            ])?;
    }
    for row in &log.keys {
        let begins = row.begins.map(number).transpose()?;
        transaction
            .prepare_cached(
                "INSERT INTO log_keys (lock_id, key_epoch, begins, wrapped_key) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET begins = excluded.begins WHERE begins IS NULL",
            )?
            .execute(params![lock.0, row.key_epoch.number(), begins, row.wrapped_key])?;
    }
    for row in &log.unverified {
        transaction
            .prepare_cached(
                "INSERT INTO log_unverified (lock_id, first, last, key_epoch, found_at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                lock.0,
                number(row.first)?,
                number(row.last)?,
                row.key_epoch.map(KeyEpoch::number),
                time(row.found_at)
            ])?;
    }
    log.position.as_ref().map_or(Ok(()), |position| put_position(transaction, lock, position))
}

fn put_position(
    transaction: &Transaction<'_>,
    lock: LockId,
    position: &LogPosition,
) -> Result<(), StoreError> {
    let LogPosition { key_epoch, next, last_mac, ground, missing, head } = position;
    let (wrapped_key, lost_since) = match ground {
        LogGroundRow::Keyed(wrapped_key) => (wrapped_key.as_slice(), None),
        LogGroundRow::Start => (&[][..], None),
        LogGroundRow::Lost(since) => (&[][..], Some(number(*since)?)),
    };
    let numbers = |missing: &Missing| Ok::<_, StoreError>((number(missing.first)?, number(missing.last)?));
    let missing = missing.as_ref().map(numbers).transpose()?;
    let head_numbers = |head: &LogHead| Ok::<_, StoreError>((number(head.first)?, number(head.next)?));
    let of_head = head.as_ref().map(|(head, ..)| head_numbers(head)).transpose()?;
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO log_positions (lock_id, key_epoch, next, last_mac, wrapped_key, lost_since, missing_first,
                 missing_last, head_nonce, head_epoch, head_first, head_next, head_last, head_tag, head_at)
             VALUES (:lock_id, :key_epoch, :next, :last_mac, :wrapped_key, :lost_since, :missing_first,
                 :missing_last, :head_nonce, :head_epoch, :head_first, :head_next, :head_last, :head_tag, :head_at)",
        )?
        .execute(named_params! {
            ":lock_id": lock.0, ":key_epoch": key_epoch.number(), ":next": number(*next)?, ":last_mac": last_mac,
            ":wrapped_key": wrapped_key, ":lost_since": lost_since,
            ":head_epoch": head.as_ref().map(|(head, ..)| head.epoch.number()),
            ":missing_first": missing.map(|(first, _)| first), ":missing_last": missing.map(|(_, last)| last),
            ":head_nonce": head.as_ref().map(|(_, nonce, _)| *nonce),
            ":head_first": of_head.map(|(first, _)| first), ":head_next": of_head.map(|(_, next)| next),
            ":head_last": head.as_ref().map(|(head, ..)| head.last.0),
            ":head_tag": head.as_ref().map(|(head, ..)| head.tag),
            ":head_at": head.as_ref().map(|(_, _, at)| time(*at)),
        })?;
    Ok(())
}

fn epoch(row: &Row<'_>) -> Result<KeyEpoch, StoreError> {
    epoch_in(row, "key_epoch")?.ok_or(StoreError::BadRow(BAD))
}

fn epoch_in(row: &Row<'_>, column: &str) -> Result<Option<KeyEpoch>, StoreError> {
    let number: Option<u32> = row.get(column)?;
    number.map(|number| KeyEpoch::new(number).ok_or(StoreError::BadRow(BAD))).transpose()
}

pub(super) fn read_key(row: &Row<'_>) -> Result<LogKeyRow, StoreError> {
    let begins: Option<i64> = row.get("begins")?;
    Ok(LogKeyRow {
        key_epoch: epoch(row)?,
        begins: begins.map(unsigned).transpose()?,
        wrapped_key: row.get("wrapped_key")?,
    })
}

pub(super) fn read_unverified(row: &Row<'_>) -> Result<LogUnverifiedRow, StoreError> {
    Ok(LogUnverifiedRow {
        first: unsigned(row.get("first")?)?,
        last: unsigned(row.get("last")?)?,
        key_epoch: epoch_in(row, "key_epoch")?,
        found_at: wall(row.get("found_at")?),
    })
}

fn read_ground(row: &Row<'_>) -> Result<LogGroundRow, StoreError> {
    let (wrapped_key, since): (Vec<u8>, Option<i64>) = (row.get("wrapped_key")?, row.get("lost_since")?);
    Ok(match since {
        Some(since) => LogGroundRow::Lost(unsigned(since)?),
        None if wrapped_key.is_empty() => LogGroundRow::Start,
        None => LogGroundRow::Keyed(wrapped_key),
    })
}

pub(super) fn read_entry(row: &Row<'_>) -> Result<LogEntryRow, StoreError> {
    Ok(LogEntryRow {
        index: unsigned(row.get("number")?)?,
        key_epoch: epoch(row)?,
        previous: row.get("previous")?,
        mac: row.get("mac")?,
        body: row.get("body")?,
        fault: row.get("fault")?,
        received_at: wall(row.get("received_at")?),
    })
}

pub(super) fn read_fault(row: &Row<'_>) -> Result<LogFaultRow, StoreError> {
    Ok(LogFaultRow {
        key_epoch: epoch(row)?,
        kind: row.get("kind")?,
        first: unsigned(row.get("first")?)?,
        last: unsigned(row.get("last")?)?,
        sentence: row.get("sentence")?,
        found_at: wall(row.get("found_at")?),
    })
}

pub(super) fn read_position(row: &Row<'_>) -> Result<LogPosition, StoreError> {
    let missing = match (row.get("missing_first")?, row.get("missing_last")?) {
        (Some(first), Some(last)) => Some(Missing { first: unsigned(first)?, last: unsigned(last)? }),
        (None::<i64>, None::<i64>) => None,
        (Some(_), None) | (None, Some(_)) => return Err(StoreError::BadRow(BAD)),
    };
    let head = match row.get::<_, Option<[u8; 16]>>("head_nonce")? {
        None => None,
        Some(nonce) => {
            let head = LogHead {
                epoch: epoch_in(row, "head_epoch")?.ok_or(StoreError::BadRow(BAD))?,
                first: unsigned(row.get("head_first")?)?,
                next: unsigned(row.get("head_next")?)?,
                last: LogMac(row.get("head_last")?),
                tag: row.get("head_tag")?,
            };
            Some((head, nonce, wall(row.get("head_at")?)))
        }
    };
    Ok(LogPosition {
        key_epoch: epoch(row)?,
        next: unsigned(row.get("next")?)?,
        last_mac: row.get("last_mac")?,
        ground: read_ground(row)?,
        missing,
        head,
    })
}
