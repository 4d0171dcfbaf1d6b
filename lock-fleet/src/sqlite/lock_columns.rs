//! The table of locks.

use lock_core::cloud::Numbers;
use lock_core::crypto::{KeyEpoch, LockId};
use lock_core::proto::{CommandId, Marks, Profile, SealedReport};
use rusqlite::{ErrorCode, Row, ToSql, Transaction, named_params, params};

use super::claim_columns::{self, read_standing, standing_name};
use super::values::{number, time, unsigned, wall};
use crate::store::{
    AcceptedUp, Batch, HeardBy, HeardStatus, IssuedCodes, LockRow, LockState, NewKeys, NewLock, NextRow,
    ProbeRow, ProofRow, RotationRow, Standing, StoreError,
};

/// The columns of a [`LockState`], as `name = :name`.
const STATE: &str = "configuration = :configuration, accepted_up = :accepted_up, heard = :heard, heard_at = :heard_at,
    heard_by = :heard_by, marks_down = :marks_down, marks_command = :marks_command, marks_asked_at = :marks_asked_at,
    down_seen = :down_seen, probe_nonce = :probe_nonce, probe_asked_at = :probe_asked_at, probe_packet = :probe_packet,
    probed_first = :probed_first, probed_last = :probed_last, level_in = :level_in, proven = :proven, issued_codes = :issued_codes,
    ticket_epoch = :ticket_epoch, told_ticket_epoch = :told_ticket_epoch, rotation_by = :rotation_by, rotation_at = :rotation_at,
    next_digest = :next_digest, next_root = :next_root, next_is_unheard = :next_is_unheard, standing = :standing";

pub(super) fn insert(transaction: &Transaction<'_>, lock: &NewLock) -> Result<(), StoreError> {
    let first = Numbers::FIRST;
    let inserted = transaction.execute(
        "INSERT INTO locks (lock_id, name, key_epoch, wrapped_root, next_down, next_command, next_attempt, version,
             configuration, accepted_up, marks_down, marks_command, marks_asked_at, down_seen, level_in, proven, profile)
         VALUES (:lock_id, :name, :key_epoch, :wrapped_root, :next_down, :next_command, 1, 0, 0, x'', 0, 0, 0, 0, 0, 1,
             :profile)",
        named_params! {
            ":lock_id": lock.lock_id.0, ":name": lock.name, ":key_epoch": lock.key_epoch.number(),
            ":wrapped_root": lock.wrapped_root, ":next_down": number(first.next_down)?,
            ":next_command": number(first.next_command.0)?, ":profile": profile_name(lock.profile),
        },
    );
    match inserted {
        Ok(_) => {}
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            return Err(StoreError::LockExists(lock.lock_id));
        }
        Err(error) => return Err(error.into()),
    }
    put_state(transaction, lock)
}

/// What is known of a lock, whatever was known before.
pub(super) fn put_state(transaction: &Transaction<'_>, lock: &NewLock) -> Result<(), StoreError> {
    let sql = format!("UPDATE locks SET {STATE} WHERE lock_id = :lock_id");
    execute_state(transaction, &sql, &lock.state, &[(":lock_id", &lock.lock_id.0)])?;
    Ok(())
}

/// Compare-and-set: returns 0 when the version is another.
pub(super) fn update(transaction: &Transaction<'_>, batch: &Batch) -> Result<usize, StoreError> {
    let sql = format!(
        "UPDATE locks SET {STATE}, version = version + 1, next_down = max(next_down, :next_down),
             next_command = max(next_command, :next_command)
         WHERE lock_id = :lock_id AND version = :expected"
    );
    let others: [(&str, &dyn ToSql); 4] = [
        (":lock_id", &batch.lock_id.0),
        (":expected", &number(batch.expected_version)?),
        (":next_down", &number(batch.raise.next_down)?),
        (":next_command", &number(batch.raise.next_command.0)?),
    ];
    let updated = execute_state(transaction, &sql, &batch.state, &others)?;
    if let Some(keys) = batch.keys.as_ref().filter(|_| updated > 0) {
        put_keys(transaction, batch.lock_id, keys)?;
    }
    if updated > 0 && batch.state.standing == Standing::Owned {
        claim_columns::forget_proven(transaction, batch.lock_id)?;
    }
    Ok(updated)
}

/// `secure_delete` overwrites what was there.
fn put_keys(transaction: &Transaction<'_>, lock: LockId, keys: &NewKeys) -> Result<(), StoreError> {
    let sql = "UPDATE locks SET key_epoch = ?2, wrapped_root = ?3 WHERE lock_id = ?1 AND key_epoch = ?2 - 1";
    let put = transaction.execute(sql, params![lock.0, keys.key_epoch.number(), keys.wrapped_root])?;
    if put == 1 { Ok(()) } else { Err(StoreError::NoSuchEpoch) }
}

fn execute_state(
    transaction: &Transaction<'_>,
    sql: &str,
    state: &LockState,
    others: &[(&str, &dyn ToSql)],
) -> Result<usize, StoreError> {
    let heard = state.heard.map(encode_heard).transpose()?;
    let (probe, probed) = (state.probe.as_ref(), state.probed.as_ref());
    let rotation = state.rotation.as_ref();
    let next = rotation.and_then(|rotation| rotation.next.as_ref());
    let own = named_params! {
        ":configuration": state.configuration,
        ":accepted_up": state.accepted_up.encode(),
        ":heard": heard,
        ":heard_at": state.heard.map(|heard| time(heard.at)),
        ":heard_by": state.heard.map(|heard| by_name(heard.by)),
        ":marks_down": number(state.marks.down)?,
        ":marks_command": number(state.marks.command.0)?,
        ":marks_asked_at": time(state.marks_asked_at),
        ":down_seen": number(state.down_seen)?,
        ":probe_nonce": probe.map(|probe| probe.nonce),
        ":probe_asked_at": probe.map(|probe| time(probe.asked_at)),
        ":probe_packet": probe.map(|probe| &probe.packet),
        ":probed_first": probed.map(|range| number(*range.start())).transpose()?,
        ":probed_last": probed.map(|range| number(*range.end())).transpose()?,
        ":level_in": number(state.level_in)?,
        ":proven": number(state.proven.0)?,
        ":issued_codes": state.issued_codes.encode(),
        ":ticket_epoch": state.ticket_epoch,
        ":told_ticket_epoch": state.told_ticket_epoch,
        ":rotation_by": rotation.map(|rotation| &rotation.by),
        ":rotation_at": rotation.map(|rotation| time(rotation.at)),
        ":next_digest": next.map(|next| next.digest),
        ":next_root": next.map(|next| &next.wrapped_root),
        ":next_is_unheard": next.is_some_and(|next| next.proof == ProofRow::Unheard),
        ":standing": standing_name(state.standing),
    };
    let all: Vec<_> = own.iter().chain(others).copied().collect();
    Ok(transaction.prepare_cached(sql)?.execute(all.as_slice())?)
}

pub(super) fn read(row: &Row<'_>) -> Result<LockRow, StoreError> {
    let epoch = KeyEpoch::new(row.get("key_epoch")?).ok_or(StoreError::BadRow("key epoch"))?;
    let unsigned_column = |column: &str| -> Result<u64, StoreError> { unsigned(row.get(column)?) };
    Ok(LockRow {
        lock_id: LockId(row.get("lock_id")?),
        name: row.get("name")?,
        key_epoch: epoch,
        profile: read_profile(row)?,
        wrapped_root: row.get("wrapped_root")?,
        ownership: unsigned_column("ownership")?,
        numbers: Numbers {
            next_down: unsigned_column("next_down")?,
            next_command: CommandId(unsigned_column("next_command")?),
        },
        version: unsigned_column("version")?,
        state: LockState {
            configuration: row.get("configuration")?,
            accepted_up: AcceptedUp::decode(&row.get::<_, Vec<u8>>("accepted_up")?)
                .ok_or(StoreError::BadRow("set of accepted counters"))?,
            heard: read_heard(row)?,
            marks: Marks {
                down: unsigned_column("marks_down")?,
                command: CommandId(unsigned_column("marks_command")?),
            },
            marks_asked_at: wall(row.get("marks_asked_at")?),
            down_seen: unsigned_column("down_seen")?,
            probe: read_probe(row)?,
            probed: read_probed(row)?,
            level_in: unsigned_column("level_in")?,
            proven: CommandId(unsigned_column("proven")?),
            issued_codes: IssuedCodes::decode(&row.get::<_, Vec<u8>>("issued_codes")?)
                .ok_or(StoreError::BadRow("given out offline codes"))?,
            ticket_epoch: row.get("ticket_epoch")?,
            told_ticket_epoch: row.get("told_ticket_epoch")?,
            rotation: read_rotation(row)?,
            standing: read_standing(row)?,
        },
    })
}

fn encode_heard(heard: HeardStatus) -> Result<Vec<u8>, StoreError> {
    let report = SealedReport::Status { boot: heard.boot, status: heard.status };
    let mut buffer = [0; SealedReport::MAX_BYTES];
    Ok(report.encode(&mut buffer).map_err(|_| StoreError::BadRow("status"))?.to_vec())
}

fn read_heard(row: &Row<'_>) -> Result<Option<HeardStatus>, StoreError> {
    let Some(bytes) = row.get::<_, Option<Vec<u8>>>("heard")? else { return Ok(None) };
    let bad = || StoreError::BadRow("status");
    let Ok(SealedReport::Status { boot, status }) = SealedReport::decode(&bytes) else { return Err(bad()) };
    let by = match row.get::<_, String>("heard_by")?.as_str() {
        "live" => HeardBy::Live,
        "relayed" => HeardBy::Relayed,
        _ => return Err(bad()),
    };
    Ok(Some(HeardStatus { boot, status, at: wall(row.get("heard_at")?), by }))
}

fn read_profile(row: &Row<'_>) -> Result<Profile, StoreError> {
    match row.get::<_, String>("profile")?.as_str() {
        "S" => Ok(Profile::S),
        "X" => Ok(Profile::X),
        _ => Err(StoreError::BadRow("profile")),
    }
}

pub(super) const fn profile_name(profile: Profile) -> &'static str {
    match profile {
        Profile::S => "S",
        Profile::X => "X",
    }
}

const fn by_name(by: HeardBy) -> &'static str {
    match by {
        HeardBy::Live => "live",
        HeardBy::Relayed => "relayed",
    }
}

fn read_probe(row: &Row<'_>) -> Result<Option<ProbeRow>, StoreError> {
    let Some(nonce) = row.get("probe_nonce")? else { return Ok(None) };
    Ok(Some(ProbeRow { nonce, asked_at: wall(row.get("probe_asked_at")?), packet: row.get("probe_packet")? }))
}

fn read_rotation(row: &Row<'_>) -> Result<Option<RotationRow>, StoreError> {
    let Some(by) = row.get("rotation_by")? else { return Ok(None) };
    let proof = if row.get("next_is_unheard")? { ProofRow::Unheard } else { ProofRow::Known };
    let next = match (row.get("next_digest")?, row.get("next_root")?) {
        (Some(digest), Some(wrapped_root)) => Some(NextRow { digest, wrapped_root, proof }),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => return Err(StoreError::BadRow("root of the next epoch")),
    };
    Ok(Some(RotationRow { by, at: wall(row.get("rotation_at")?), next }))
}

fn read_probed(row: &Row<'_>) -> Result<Option<std::ops::RangeInclusive<u64>>, StoreError> {
    match (row.get("probed_first")?, row.get("probed_last")?) {
        (Some(first), Some(last)) => Ok(Some(unsigned(first)?..=unsigned(last)?)),
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err(StoreError::BadRow("range of probed counters")),
    }
}
