//! The table of virtual keys.

use lock_core::cloud::Conditions;
use lock_core::crypto::{KeyEpoch, LockId};
use lock_core::proto::{CommandId, Ticket};
use lock_core::virtual_key::Binding;
use rusqlite::{Row, Transaction, named_params};

use super::values::{number, time, unsigned, wall};
use crate::store::{StoreError, TicketRevocation, TicketRow};

/// What was issued never changes; its revocation does.
const PUT: &str = "INSERT INTO tickets (lock_id, serial, key_epoch, epoch, label, issued_by, issued_at, conditions, is_bound, revoked_by, revoked_at)
    VALUES (:lock_id, :serial, :key_epoch, :epoch, :label, :issued_by, :issued_at, :conditions, :is_bound, :revoked_by, :revoked_at)
    ON CONFLICT (lock_id, serial) DO UPDATE SET revoked_by = excluded.revoked_by, revoked_at = excluded.revoked_at";

pub(super) fn put(transaction: &Transaction<'_>, lock: LockId, row: &TicketRow) -> Result<(), StoreError> {
    let mut block = [0; Ticket::MAX_BLOCK];
    let conditions = row.conditions.encode(&mut block).map_err(|_| StoreError::BadRow(BAD))?;
    transaction.prepare_cached(PUT)?.execute(named_params! {
        ":lock_id": lock.0, ":serial": number(row.serial)?, ":key_epoch": row.key_epoch.number(), ":epoch": row.epoch,
        ":label": row.label, ":issued_by": row.by, ":issued_at": time(row.issued_at), ":conditions": &*conditions,
        ":is_bound": row.binding == Binding::Needed,
        ":revoked_by": row.revoked.map(|revoked| number(revoked.command.0)).transpose()?,
        ":revoked_at": row.revoked.map(|revoked| time(revoked.at)),
    })?;
    Ok(())
}

pub(super) fn read(row: &Row<'_>) -> Result<TicketRow, StoreError> {
    let bad = || StoreError::BadRow(BAD);
    let revoked = match (row.get::<_, Option<i64>>("revoked_by")?, row.get::<_, Option<i64>>("revoked_at")?) {
        (Some(command), Some(at)) => {
            Some(TicketRevocation { command: CommandId(unsigned(command)?), at: wall(at) })
        }
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => return Err(bad()),
    };
    Ok(TicketRow {
        serial: unsigned(row.get("serial")?)?,
        key_epoch: KeyEpoch::new(row.get("key_epoch")?).ok_or_else(bad)?,
        epoch: row.get("epoch")?,
        label: row.get("label")?,
        by: row.get("issued_by")?,
        issued_at: wall(row.get("issued_at")?),
        conditions: Conditions::decode(&row.get::<_, Vec<u8>>("conditions")?).map_err(|_| bad())?,
        binding: if row.get("is_bound")? { Binding::Needed } else { Binding::None },
        revoked,
    })
}

const BAD: &str = "virtual key";
