//! Offline codes: computed here, opened by a lock that is not reached, and revoked.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use lock_fleet::proto::{CodesSwitch, UnixMillis};
use lock_fleet::{CodesInfo, CodesWish, ItemStanding, QueueOptions};

use super::commands::full_view;
use super::items::stage;
use super::request::{Body, Caller, lock_id};
use super::{Refusal, made};
use crate::Right;
use crate::log::fact;
use crate::messages::{CodeMade, ItemStage, NewCode, NewSeries, SeriesView, SeriesWish};
use crate::service::Service;
use crate::wish_name;

/// `POST /v1/locks/{lock}/offline-codes`: needs `configure`.
pub(super) async fn issue(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
    Body(new): Body<NewCode>,
) -> Result<(StatusCode, Json<CodeMade>), Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let issued = service.fleet(|fleet, now| {
                fleet.offline_code(lock, new.class, new.start.unwrap_or(now.unix), &who.name, now)
            })?;
            let line = fact("offline_code").with("by", &who.name).with("lock", hex::encode(lock.0));
            service.write(line.with("from", issued.code.begin().0).with("until", issued.code.end().0));
            let stage = stage(issued.standing).0;
            let sentence = match stage {
                ItemStage::Applied => "the code opens within its window, without any connection",
                ItemStage::Pending | ItemStage::Refused | ItemStage::Missing | ItemStage::Foreign => {
                    "the code opens within its window once the lock has been told of this code epoch; send a phone"
                }
            };
            Ok(made(CodeMade {
                digits: String::from_utf8_lossy(issued.digits.as_ascii()).into_owned(),
                class: issued.code.class,
                from: issued.code.begin(),
                until: issued.code.end(),
                code_epoch: issued.series.epoch,
                stage,
                sentence: sentence.to_owned(),
            }))
        })
        .await?
}

/// `POST /v1/locks/{lock}/offline-codes/series`: needs `configure`. A revocation is one of its wishes.
pub(super) async fn wish(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
    Body(new): Body<NewSeries>,
) -> Result<(StatusCode, Json<SeriesView>), Refusal> {
    let lock = lock_id(&lock)?;
    let wanted = match new.wish {
        SeriesWish::Allow => CodesWish::Allow,
        SeriesWish::Forbid => CodesWish::Forbid,
        SeriesWish::Revoke => CodesWish::Revoke,
    };
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let options = QueueOptions::new(wish_name::of(&who, &new.client_token)?, &who.name);
            let (command, info) = service.fleet(|fleet, now| {
                let id = fleet.set_offline_codes(lock, wanted, options, now)?;
                Ok((fleet.command(lock, id)?, fleet.offline_codes(lock, now)?))
            })?;
            let info = info.ok_or_else(nothing_wanted)?;
            let line = fact("offline_codes").with("by", &who.name).with("lock", hex::encode(lock.0));
            service
                .write(line.with("wish", format!("{wanted:?}").to_lowercase()).with("command", command.id.0));
            // Nobody may be listening; then it waits.
            let _ = service.queued().send(lock);
            Ok(made(SeriesView { command: Some(full_view(&command)), ..view(&info) }))
        })
        .await?
}

/// `GET /v1/locks/{lock}/offline-codes`: needs `configure`.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
) -> Result<Json<SeriesView>, Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let info = service.fleet(|fleet, now| fleet.offline_codes(lock, now))?;
            Ok(Json(view(&info.ok_or_else(nothing_wanted)?)))
        })
        .await?
}

fn nothing_wanted() -> Refusal {
    Refusal::not_found("nobody has allowed offline codes for this lock; allow them first")
}

fn view(info: &CodesInfo) -> SeriesView {
    let is_applied = info.standing == ItemStanding::Applied;
    let sentence = match info.standing {
        ItemStanding::Applied => "the lock has it: codes of earlier code epochs are dead".to_owned(),
        ItemStanding::Pending => {
            "on its way: earlier codes open until the lock has it, and only the lock can confirm that"
                .to_owned()
        }
        ItemStanding::Refused(_) | ItemStanding::Missing | ItemStanding::Foreign => {
            format!("{}; revoke the codes once more", info.standing)
        }
    };
    SeriesView {
        are_allowed: info.series.switch == CodesSwitch::On,
        code_epoch: info.series.epoch,
        stage: stage(info.standing).0,
        effective_by: is_applied.then_some(info.since),
        last_code_ends: Some(info.last_end).filter(|end| *end > UnixMillis(0)),
        command: None,
        sentence,
    }
}
