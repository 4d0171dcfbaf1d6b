//! Locks: registered by the admin, seen by those who may.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use lock_fleet::{LockId, LockInfo, Standing};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::request::{Admin, Body, Caller, lock_id};
use super::{Refusal, made};
use crate::access::{Identity, Role};
use crate::log::fact;
use crate::messages::{AuditEntry, Heard, HeardBy, LockStanding, LockSummary, LockView, NewLock};
use crate::service::Service;
use crate::{Right, Rights};

/// How many entries of the audit trail are in one answer.
const AUDIT_PAGE: usize = 100;

/// `POST /v1/locks`: what manufacture made.
pub(super) async fn register(
    State(service): State<Arc<Service>>,
    Admin(who): Admin,
    Body(new): Body<NewLock>,
) -> Result<(StatusCode, Json<LockSummary>), Refusal> {
    let lock = lock_id(&new.lock_id)?;
    let mut root = Zeroizing::new([0; 32]);
    hex::decode_to_slice(&new.root, root.as_mut())
        .map_err(|_| Refusal::malformed("a root key has 64 hex digits; correct it"))?;
    service
        .blocking(move |service| {
            service.end_unproven(lock)?;
            service.fleet(|fleet, now| {
                fleet.provision_as(new.profile, lock, *root, &new.name, &who.name, now)
            })?;
            service.write(
                fact("registered")
                    .with("by", who.name)
                    .with("lock", hex::encode(lock.0))
                    .with("name", &new.name)
                    .with("profile", format_args!("{:?}", new.profile)),
            );
            Ok(made(LockSummary {
                lock_id: hex::encode(lock.0),
                name: new.name.clone(),
                rights: Rights::default(),
            }))
        })
        .await?
}

/// `GET /v1/locks`: all for the admin, for others those on which they have a right.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
) -> Result<Json<Vec<LockSummary>>, Refusal> {
    service
        .blocking(move |service| {
            let locks = service.fleet(|fleet, _| fleet.locks())?;
            let mut visible = Vec::new();
            for LockInfo { lock_id, name, .. } in locks {
                let rights = service.access().rights(&who, lock_id)?;
                if who.role == Role::Admin || !rights.are_empty() {
                    visible.push(LockSummary { lock_id: hex::encode(lock_id.0), name, rights });
                }
            }
            Ok(Json(visible))
        })
        .await?
}

/// `GET /v1/locks/{lock}`: needs `status`.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
) -> Result<Json<LockView>, Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            admin_or(service, &who, lock, Right::Status)?;
            let info = service.fleet(|fleet, _| fleet.lock(lock))?;
            let now = service.now().unix;
            let heard = info.heard.map(|heard| Heard::new(heard.status, heard.at, heard.by.into(), now));
            let standing = info.standing.into();
            Ok(Json(LockView { lock_id: hex::encode(lock.0), name: info.name, standing, heard }))
        })
        .await?
}

/// Where to read on.
#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: u64,
}

/// `GET /v1/locks/{lock}/audit?after=NUMBER`: needs `configure`. What came before the present ownership is for the admin.
pub(super) async fn audit(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
    after: Result<Query<After>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Vec<AuditEntry>>, Refusal> {
    let lock = lock_id(&lock)?;
    let Query(After { after }) = after
        .map_err(|_| Refusal::malformed("`after` is the number of an audit entry; correct the address"))?;
    service
        .blocking(move |service| {
            admin_or(service, &who, lock, Right::Configure)?;
            let first = service.access().seen_from(&who, lock)?.audit;
            let after = after.max(first.saturating_sub(1));
            let rows = service.fleet(|fleet, _| fleet.audit(lock, after, AUDIT_PAGE))?;
            let entries = rows.into_iter().map(|row| AuditEntry {
                number: row.number,
                at: row.entry.at,
                who: row.entry.who,
                what: row.entry.what,
                result: row.entry.result,
            });
            Ok(Json(entries.collect()))
        })
        .await?
}

/// The admin may, for any lock; others need the right.
pub(super) fn admin_or(service: &Service, who: &Identity, lock: LockId, right: Right) -> Result<(), Refusal> {
    match who.role {
        Role::Admin => Ok(()),
        Role::Member => service.require(who, lock, right).map(drop),
    }
}

impl From<lock_fleet::HeardBy> for HeardBy {
    fn from(by: lock_fleet::HeardBy) -> Self {
        match by {
            lock_fleet::HeardBy::Live => Self::Live,
            lock_fleet::HeardBy::Relayed => Self::Relayed,
        }
    }
}

impl From<Standing> for LockStanding {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Owned => Self::Owned,
            Standing::Claiming => Self::Claiming,
            Standing::Released => Self::Released,
            Standing::Lost => Self::Lost,
        }
    }
}
