//! The table of commands.

use lock_core::crypto::LockId;
use lock_core::proto::{CommandId, CredentialKind, Down, Opening, Outcome, Request, SealedReport, Seconds};
use rusqlite::{ErrorCode, Row, Transaction, named_params};

use super::values::{number, time, unsigned, wall};
use crate::store::{CommandKind, CommandRow, CommandState, Path, Reissues, SealedCopy, StoreError};

/// The columns that [`read`] wants.
pub(super) const SELECT: &str =
    "id, client_token, asked_by, kind, version, slot, seconds, user, credential, action, wrapped_digits, path, issued_at,
    not_after, state, receipt, replaced_by, changed_at, sealed_packet, sealed_counter, sealed_at, reissues";

const PUT: &str = "INSERT INTO commands (lock_id, id, client_token, asked_by, kind, version, slot, seconds, user,
        credential, action, wrapped_digits, path, issued_at, not_after, state, receipt, replaced_by, changed_at, sealed_packet, sealed_counter, sealed_at, reissues)
    VALUES (:lock_id, :id, :client_token, :asked_by, :kind, :version, :slot, :seconds, :user, :credential, :action,
        :wrapped_digits, :path, :issued_at, :not_after, :state, :receipt, :replaced_by, :changed_at, :sealed_packet, :sealed_counter, :sealed_at, :reissues)
    ON CONFLICT (lock_id, id) DO UPDATE SET client_token = excluded.client_token, asked_by = excluded.asked_by,
        kind = excluded.kind, version = excluded.version, slot = excluded.slot, seconds = excluded.seconds,
        user = excluded.user, credential = excluded.credential, action = excluded.action,
        wrapped_digits = excluded.wrapped_digits, path = excluded.path, issued_at = excluded.issued_at,
        not_after = excluded.not_after, state = excluded.state, receipt = excluded.receipt,
        replaced_by = excluded.replaced_by, changed_at = excluded.changed_at, sealed_packet = excluded.sealed_packet,
        sealed_counter = excluded.sealed_counter, sealed_at = excluded.sealed_at, reissues = excluded.reissues";

pub(super) fn put(transaction: &Transaction<'_>, lock: LockId, row: &CommandRow) -> Result<(), StoreError> {
    let (kind, slot, seconds) = kind_columns(row.kind);
    let (receipt, replaced_by) = match row.state {
        CommandState::Settled(outcome) => (Some(encode_receipt(row.id, outcome)?), None),
        CommandState::Replaced { by } => (None, Some(number(by.0)?)),
        CommandState::Queued
        | CommandState::Sealed
        | CommandState::HandedOver
        | CommandState::Started
        | CommandState::Expired
        | CommandState::Unexecuted
        | CommandState::Unknown => (None, None),
    };
    let sealed = row.sealed.as_ref();
    let done = transaction.prepare_cached(PUT)?.execute(named_params! {
        ":lock_id": lock.0, ":id": number(row.id.0)?, ":client_token": row.client_token, ":asked_by": row.by,
        ":kind": kind, ":version": row.kind.version(), ":slot": slot, ":seconds": seconds, ":user": credential_user(row.kind),
        ":credential": credential_kind(row.kind),
        ":action": encode_action(row.id, row.kind)?,
        ":wrapped_digits": row.wrapped_digits, ":path": path_name(row.path), ":issued_at": time(row.issued_at),
        ":not_after": row.not_after.map(time), ":state": state_name(row.state), ":receipt": receipt,
        ":replaced_by": replaced_by, ":changed_at": time(row.changed_at),
        ":sealed_packet": sealed.map(|sealed| &sealed.packet),
        ":sealed_counter": sealed.map(|sealed| number(sealed.counter)).transpose()?,
        ":sealed_at": sealed.map(|sealed| time(sealed.at)), ":reissues": row.reissues.0,
    });
    match done {
        Ok(_) => Ok(()),
        // The id is settled by the upsert, the other constraints by our types: what is left is the token.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            Err(StoreError::TokenTaken)
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) fn read(row: &Row<'_>) -> Result<CommandRow, StoreError> {
    Ok(CommandRow {
        id: CommandId(unsigned(row.get("id")?)?),
        client_token: row.get("client_token")?,
        by: row.get("asked_by")?,
        kind: read_kind(row)?,
        wrapped_digits: row.get("wrapped_digits")?,
        path: match row.get::<_, String>("path")?.as_str() {
            "queued" => Path::Queued,
            "live" => Path::Live,
            _ => return Err(StoreError::BadRow("path of a command")),
        },
        issued_at: wall(row.get("issued_at")?),
        not_after: row.get::<_, Option<i64>>("not_after")?.map(wall),
        state: read_state(row)?,
        changed_at: wall(row.get("changed_at")?),
        sealed: read_sealed(row)?,
        reissues: Reissues(row.get("reissues")?),
    })
}

const fn kind_columns(kind: CommandKind) -> (&'static str, Option<u8>, Option<u32>) {
    match kind {
        CommandKind::Lock => ("lock", None, None),
        CommandKind::Unlock => ("unlock", None, None),
        CommandKind::AutoRelock { seconds, .. } => ("auto-relock", None, Some(seconds.0)),
        CommandKind::SetPin { slot, .. } => ("set-pin", Some(slot), None),
        CommandKind::ClearPin { slot, .. } => ("clear-pin", Some(slot), None),
        CommandKind::SetMode(_) => ("set-mode", None, None),
        CommandKind::EndLockout => ("end-lockout", None, None),
        CommandKind::SetUser { slot, .. } => ("set-user", Some(slot), None),
        CommandKind::SetWindow { slot, .. } => ("set-window", Some(slot), None),
        CommandKind::SetCredential { slot, .. } => ("set-credential", Some(slot), None),
        CommandKind::SetHoliday { slot, .. } => ("set-holiday", Some(slot), None),
        CommandKind::Set { .. } => ("set", None, None),
        CommandKind::Clear { slot, .. } => ("clear", Some(slot), None),
        CommandKind::OfflineCodes { .. } => ("offline-codes", None, None),
        CommandKind::RevokeTickets { .. } => ("revoke-tickets", None, None),
        CommandKind::DenyTicket { .. } => ("deny-ticket", None, None),
        CommandKind::RestoreCredential { slot, backup, .. } => {
            ("restore-credential", Some(slot), Some(backup))
        }
        CommandKind::AdoptPinKey { backup } => ("adopt-pin-key", None, Some(backup)),
        CommandKind::AcknowledgeLog { .. } => ("acknowledge-log", None, None),
        CommandKind::EndOwnership { .. } => ("end-ownership", None, None),
        CommandKind::OfferUpdate(_) => ("offer-update", None, None),
        CommandKind::InstallUpdate { .. } => ("install-update", None, None),
    }
}

const fn credential_user(kind: CommandKind) -> Option<u8> {
    if let CommandKind::SetPin { user, .. }
    | CommandKind::SetCredential { user, .. }
    | CommandKind::RestoreCredential { user, .. } = kind
    {
        user
    } else {
        None
    }
}

const fn credential_kind(kind: CommandKind) -> Option<u8> {
    if let CommandKind::SetCredential { kind, .. } | CommandKind::RestoreCredential { kind, .. } = kind {
        Some(kind.number())
    } else {
        None
    }
}

/// The whole action, for kinds that have more in them than columns can hold; none of them holds a secret.
fn encode_action(id: CommandId, kind: CommandKind) -> Result<Option<Vec<u8>>, StoreError> {
    let action = match kind {
        CommandKind::Lock
        | CommandKind::Unlock
        | CommandKind::AutoRelock { .. }
        | CommandKind::SetPin { .. }
        | CommandKind::SetCredential { .. }
        | CommandKind::RestoreCredential { .. }
        | CommandKind::AdoptPinKey { .. }
        | CommandKind::ClearPin { .. } => return Ok(None),
        CommandKind::SetMode(_)
        | CommandKind::EndLockout
        | CommandKind::SetUser { .. }
        | CommandKind::SetWindow { .. }
        | CommandKind::SetHoliday { .. }
        | CommandKind::Set { .. }
        | CommandKind::Clear { .. }
        | CommandKind::OfflineCodes { .. }
        | CommandKind::RevokeTickets { .. }
        | CommandKind::DenyTicket { .. }
        | CommandKind::AcknowledgeLog { .. }
        | CommandKind::EndOwnership { .. }
        | CommandKind::OfferUpdate(_)
        | CommandKind::InstallUpdate { .. } => {
            kind.action(None).ok_or(StoreError::BadRow("action of a command"))?
        }
    };
    let request = Request::Command { id, action };
    let mut buffer = [0; Down::<Opening>::MAX_BYTES];
    let body = Down { header: Opening { time: None }, request };
    let body = body.encode(&mut buffer).map_err(|_| StoreError::BadRow("action of a command"))?;
    Ok(Some(body.to_vec()))
}

fn read_kind(row: &Row<'_>) -> Result<CommandKind, StoreError> {
    let version = || row.get("version");
    match row.get::<_, String>("kind")?.as_str() {
        "lock" => Ok(CommandKind::Lock),
        "unlock" => Ok(CommandKind::Unlock),
        "auto-relock" => {
            Ok(CommandKind::AutoRelock { version: version()?, seconds: Seconds(row.get("seconds")?) })
        }
        "set-pin" => {
            Ok(CommandKind::SetPin { version: version()?, slot: row.get("slot")?, user: row.get("user")? })
        }
        "set-credential" => {
            let (slot, user, kind) = (row.get("slot")?, row.get("user")?, read_credential(row)?);
            Ok(CommandKind::SetCredential { version: version()?, slot, user, kind })
        }
        "restore-credential" => {
            let (slot, user, kind) = (row.get("slot")?, row.get("user")?, read_credential(row)?);
            let backup = row.get("seconds")?;
            Ok(CommandKind::RestoreCredential { version: version()?, slot, user, kind, backup })
        }
        "adopt-pin-key" => Ok(CommandKind::AdoptPinKey { backup: row.get("seconds")? }),
        "clear-pin" => Ok(CommandKind::ClearPin { version: version()?, slot: row.get("slot")? }),
        name => {
            let body: Vec<u8> = row.get("action")?;
            let request = Down::<Opening>::decode(&body).map(|body| body.request);
            let kind = match &request {
                Ok(Request::Command { action, .. }) => CommandKind::of_action(action),
                Ok(Request::Nothing | Request::Query(_)) | Err(_) => None,
            };
            kind.filter(|kind| kind_columns(*kind).0 == name).ok_or(StoreError::BadRow("kind of a command"))
        }
    }
}

fn read_credential(row: &Row<'_>) -> Result<CredentialKind, StoreError> {
    let kind = CredentialKind::from_number(row.get("credential")?);
    kind.ok_or(StoreError::BadRow("kind of a credential"))
}

const fn path_name(path: Path) -> &'static str {
    match path {
        Path::Queued => "queued",
        Path::Live => "live",
    }
}

const fn state_name(state: CommandState) -> &'static str {
    match state {
        CommandState::Queued => "queued",
        CommandState::Sealed => "sealed",
        CommandState::HandedOver => "handed-over",
        CommandState::Started => "started",
        CommandState::Settled(_) => "settled",
        CommandState::Expired => "expired",
        CommandState::Unexecuted => "unexecuted",
        CommandState::Replaced { .. } => "replaced",
        CommandState::Unknown => "unknown",
    }
}

fn read_state(row: &Row<'_>) -> Result<CommandState, StoreError> {
    match row.get::<_, String>("state")?.as_str() {
        "queued" => Ok(CommandState::Queued),
        "sealed" => Ok(CommandState::Sealed),
        "handed-over" => Ok(CommandState::HandedOver),
        "started" => Ok(CommandState::Started),
        "settled" => decode_receipt(&row.get::<_, Vec<u8>>("receipt")?)
            .map(CommandState::Settled)
            .ok_or(StoreError::BadRow("receipt of a command")),
        "expired" => Ok(CommandState::Expired),
        "unexecuted" => Ok(CommandState::Unexecuted),
        "replaced" => Ok(CommandState::Replaced { by: CommandId(unsigned(row.get("replaced_by")?)?) }),
        "unknown" => Ok(CommandState::Unknown),
        _ => Err(StoreError::BadRow("state of a command")),
    }
}

pub(super) fn encode_receipt(id: CommandId, outcome: Outcome) -> Result<Vec<u8>, StoreError> {
    let mut buffer = [0; SealedReport::MAX_BYTES];
    let receipt = SealedReport::Receipt { id, outcome, configuration: 0 };
    Ok(receipt.encode(&mut buffer).map_err(|_| StoreError::BadRow("receipt"))?.to_vec())
}

pub(super) fn decode_receipt(bytes: &[u8]) -> Option<Outcome> {
    match SealedReport::decode(bytes) {
        Ok(SealedReport::Receipt { outcome, .. }) => Some(outcome),
        Ok(_) | Err(_) => None,
    }
}

fn read_sealed(row: &Row<'_>) -> Result<Option<SealedCopy>, StoreError> {
    let Some(packet) = row.get("sealed_packet")? else { return Ok(None) };
    let (counter, at) = (unsigned(row.get("sealed_counter")?)?, wall(row.get("sealed_at")?));
    Ok(Some(SealedCopy { packet, counter, at }))
}
