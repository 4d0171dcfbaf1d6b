//! Firmware: images are uploaded once, and each lock is told which to run.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use lock_fleet::TRIAL;
use lock_fleet::proto::Seconds;

use super::request::{Admin, Body, Caller, lock_id};
use super::{Refusal, made};
use crate::Right;
use crate::firmware::{FirmwareError, MAX_IMAGE, Rollout};
use crate::log::fact;
use crate::messages::{ImageName, ImageView, InstallWish, NewUpdate, RolloutView, UpdateView};
use crate::service::Service;

/// `POST /v1/firmware?model=..&version=..&rollback_index=..`: the admin's. The body is the image; the same one again is kept once.
pub(super) async fn upload(
    State(service): State<Arc<Service>>,
    Admin(who): Admin,
    name: Result<Query<ImageName>, QueryRejection>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<ImageView>), Refusal> {
    let Query(name) = name.map_err(|_| {
        Refusal::malformed("the address says what the image is: `?model=..&version=..&rollback_index=..`, each a number; correct it")
    })?;
    let bytes = bytes.map_err(|_| {
        Refusal::malformed(format!(
            "the image is longer than {MAX_IMAGE} bytes or was cut off; send it again whole, or another one"
        ))
    })?;
    service
        .blocking(move |service| {
            let ImageName { model, version, rollback_index } = name;
            let image = service.firmware().keep((model, version, rollback_index), &bytes)?;
            let line = fact("firmware").with("by", &who.name).with("model", model).with("version", version);
            service.write(line.with("rollback_index", rollback_index).with("bytes", image.size));
            Ok(made(ImageView::from(&image)))
        })
        .await?
}

/// `GET /v1/firmware`: the admin's.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Admin(_): Admin,
) -> Result<Json<Vec<ImageView>>, Refusal> {
    let images = service.blocking(|service| service.firmware().list()).await??;
    Ok(Json(images.iter().map(ImageView::from).collect()))
}

/// `POST /v1/locks/{lock}/update`: needs `configure`. The lock gets the image when a phone next carries it there.
pub(super) async fn want(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
    Body(new): Body<NewUpdate>,
) -> Result<(StatusCode, Json<UpdateView>), Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let trial = Seconds(new.trial_s);
            if trial < TRIAL.0 || trial > TRIAL.1 {
                return Err(Refusal::malformed("a trial lasts 10 to 86400 seconds; correct `trial_s`"));
            }
            let image = service.firmware().find(new.version, new.model)?;
            let rollout = Rollout {
                model: image.model,
                version: image.version,
                rollback_index: image.rollback_index,
                size: image.size,
                sha256: hex::encode(image.sha256),
                install: new.install,
                trial_s: new.trial_s,
                by: who.name.clone(),
                offered: false,
            };
            service.fleet(|fleet, _| fleet.lock(lock))?;
            service.firmware().want(lock, &rollout)?;
            let line = fact("update_wanted").with("by", &who.name).with("lock", hex::encode(lock.0));
            service.write(line.with("version", image.version));
            Ok(made(view(service, lock, Some(&rollout))))
        })
        .await?
}

/// `POST /v1/locks/{lock}/update/install`: needs `configure`. Confirms the install of the version that it names, where
/// that is the one that is wanted.
pub(super) async fn install(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
    Body(InstallWish { version }): Body<InstallWish>,
) -> Result<Json<UpdateView>, Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let rollout = service.firmware().confirm(lock, version)?;
            let line = fact("install_confirmed").with("by", &who.name).with("lock", hex::encode(lock.0));
            service.write(line.with("version", rollout.version));
            Ok(Json(view(service, lock, Some(&rollout))))
        })
        .await?
}

/// `GET /v1/locks/{lock}/update`: needs `status`.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
) -> Result<Json<UpdateView>, Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Status)?;
            match service.firmware().rollout(lock) {
                Ok(rollout) => Ok(Json(view(service, lock, Some(&rollout)))),
                Err(FirmwareError::NoRollout) => Ok(Json(view(service, lock, None))),
                Err(error) => Err(error.into()),
            }
        })
        .await?
}

fn view(service: &Service, lock: lock_fleet::LockId, rollout: Option<&Rollout>) -> UpdateView {
    let wanted = rollout.map(|rollout| RolloutView {
        version: rollout.version,
        rollback_index: rollout.rollback_index,
        size: rollout.size,
        install: rollout.install,
        trial_s: rollout.trial_s,
        by: rollout.by.clone(),
    });
    UpdateView { wanted, lock_said: service.update(lock) }
}
