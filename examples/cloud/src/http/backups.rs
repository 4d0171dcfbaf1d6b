//! Backups: which there are, and the newest as a file for the owner to keep.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use lock_fleet::BackupInfo;

use super::Refusal;
use super::request::{Caller, lock_id};
use crate::Right;
use crate::log::fact;
use crate::messages::BackupView;
use crate::service::Service;

/// `GET /v1/locks/{lock}/backups`: needs `configure`.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
) -> Result<Json<Vec<BackupView>>, Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let backups = service.fleet(|fleet, _| fleet.backups(lock))?;
            Ok(Json(backups.into_iter().map(view).collect()))
        })
        .await?
}

/// `GET /v1/locks/{lock}/backup`: needs `configure`. The bytes of section 11, sealed: whoever finds them can read nothing.
pub(super) async fn export(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let file = service.fleet(|fleet, now| fleet.export_backup(lock, &who.name, now))?;
            let name = hex::encode(lock.0);
            service.write(fact("backup_exported").with("by", &who.name).with("lock", &name));
            let disposition = format!("attachment; filename=\"{name}.lkbackup\"");
            let headers = [
                (CONTENT_TYPE, "application/octet-stream".to_owned()),
                (CONTENT_DISPOSITION, disposition),
                (CACHE_CONTROL, "no-store".to_owned()),
            ];
            Ok((headers, file))
        })
        .await?
}

fn view(info: BackupInfo) -> BackupView {
    let BackupInfo { number, taken_at, by, credentials } = info;
    BackupView { number, taken_at, by, credentials }
}
