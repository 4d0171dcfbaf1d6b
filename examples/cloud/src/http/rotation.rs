//! Rotation of a lock's keys: wanted here, done by a phone at the lock (`do rotate` on the relay).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use lock_fleet::{RotationInfo, RotationStage};

use super::keys::view as key_view;
use super::request::{Caller, lock_id};
use super::{Refusal, made};
use crate::Right;
use crate::log::fact;
use crate::messages::{RotationView, UnderWay, UnderWayStage};
use crate::service::Service;

/// `POST /v1/locks/{lock}/rotation`: needs `configure`. One that is under way stays as it is.
pub(super) async fn want(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
) -> Result<(StatusCode, Json<RotationView>), Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let info = service.fleet(|fleet, now| fleet.rotate_keys(lock, &who.name, now))?;
            let line = fact("rotation").with("by", &who.name).with("lock", hex::encode(lock.0));
            service.write(line.with("key_epoch", info.key_epoch));
            Ok(made(view(&info)))
        })
        .await?
}

/// `GET /v1/locks/{lock}/rotation`: needs `configure`.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
) -> Result<Json<RotationView>, Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let info = service.fleet(|fleet, now| fleet.rotation(lock, now))?;
            Ok(Json(view(&info)))
        })
        .await?
}

fn view(info: &RotationInfo) -> RotationView {
    let under_way = info.under_way.as_ref().map(|under_way| UnderWay {
        by: under_way.by.clone(),
        at: under_way.at,
        stage: match under_way.stage {
            RotationStage::Wanted => UnderWayStage::Wanted,
            RotationStage::Prepared => UnderWayStage::Prepared,
        },
    });
    let sentence = match under_way.as_ref().map(|under_way| under_way.stage) {
        None => format!("the keys of epoch {} are in force", info.key_epoch),
        Some(UnderWayStage::Wanted) => "the rotation waits for a phone at the lock: `phone rotate`".to_owned(),
        Some(UnderWayStage::Prepared) => {
            "the lock has prepared the next keys and may already use them; `phone rotate` brings it to its end".to_owned()
        }
    };
    RotationView {
        key_epoch: info.key_epoch,
        under_way,
        to_reissue: info.to_reissue.iter().map(key_view).collect(),
        sentence,
    }
}
