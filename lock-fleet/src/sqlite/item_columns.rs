//! The table of items.

use lock_core::crypto::LockId;
use lock_core::proto::{CommandId, Outcome, Table};
use rusqlite::{Row, Transaction, named_params};

use super::command_columns::{decode_receipt, encode_receipt};
use super::values::{number, time, unsigned, wall};
use crate::store::{ItemRow, ItemStanding, StoreError};

const PUT: &str = "INSERT INTO items (lock_id, table_no, slot, wanted, applied, made, held, standing, refusal, changed_at)
    VALUES (:lock_id, :table_no, :slot, :wanted, :applied, :made, :held, :standing, :refusal, :changed_at)
    ON CONFLICT (lock_id, table_no, slot) DO UPDATE SET wanted = excluded.wanted, applied = excluded.applied,
        made = excluded.made, held = excluded.held, standing = excluded.standing, refusal = excluded.refusal, changed_at = excluded.changed_at";

pub(super) fn put(transaction: &Transaction<'_>, lock: LockId, row: &ItemRow) -> Result<(), StoreError> {
    let (standing, refused) = match row.standing {
        ItemStanding::Pending => ("pending", None),
        ItemStanding::Applied => ("applied", None),
        ItemStanding::Refused(reason) => ("refused", Some(Outcome::Refused(reason))),
        ItemStanding::Missing => ("missing", None),
        ItemStanding::Foreign => ("foreign", None),
    };
    let refusal = refused.map(|outcome| encode_receipt(CommandId(0), outcome)).transpose()?;
    transaction.prepare_cached(PUT)?.execute(named_params! {
        ":lock_id": lock.0, ":table_no": row.table.number(), ":slot": row.slot,
        ":wanted": row.wanted.map(|id| number(id.0)).transpose()?,
        ":applied": row.applied.map(|id| number(id.0)).transpose()?,
        ":made": row.made, ":held": row.held, ":standing": standing, ":refusal": refusal, ":changed_at": time(row.changed_at),
    })?;
    Ok(())
}

pub(super) fn read(row: &Row<'_>) -> Result<ItemRow, StoreError> {
    let table_no: u8 = row.get("table_no")?;
    let command = |column: &str| -> Result<Option<CommandId>, StoreError> {
        row.get::<_, Option<i64>>(column)?.map(|id| Ok(CommandId(unsigned(id)?))).transpose()
    };
    Ok(ItemRow {
        table: Table::ALL
            .into_iter()
            .find(|table| table.number() == table_no)
            .ok_or(StoreError::BadRow("table of an item"))?,
        slot: row.get("slot")?,
        wanted: command("wanted")?,
        applied: command("applied")?,
        made: row.get("made")?,
        held: row.get("held")?,
        standing: read_standing(row)?,
        changed_at: wall(row.get("changed_at")?),
    })
}

fn read_standing(row: &Row<'_>) -> Result<ItemStanding, StoreError> {
    match row.get::<_, String>("standing")?.as_str() {
        "pending" => Ok(ItemStanding::Pending),
        "applied" => Ok(ItemStanding::Applied),
        "refused" => match decode_receipt(&row.get::<_, Vec<u8>>("refusal")?) {
            Some(Outcome::Refused(reason)) => Ok(ItemStanding::Refused(reason)),
            Some(_) | None => Err(StoreError::BadRow("refusal of an item")),
        },
        "missing" => Ok(ItemStanding::Missing),
        "foreign" => Ok(ItemStanding::Foreign),
        _ => Err(StoreError::BadRow("standing of an item")),
    }
}
