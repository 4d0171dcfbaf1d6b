//! The configuration of a lock as a list of items: what is wanted, what the lock has, what differs.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use lock_fleet::proto::Reason;
use lock_fleet::{ForeignItems, Item, ItemStanding, LostCodes, Restored};

use super::Refusal;
use super::request::{Body, Caller, lock_id};
use crate::Right;
use crate::log::fact;
use crate::messages::{ItemStage, ItemView, Restore, RestoreMade};
use crate::service::Service;

/// `GET /v1/locks/{lock}/items`: needs `configure`.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
) -> Result<Json<Vec<ItemView>>, Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let items = service.fleet(|fleet, _| fleet.items(lock))?;
            Ok(Json(items.iter().map(view).collect()))
        })
        .await?
}

/// `POST /v1/locks/{lock}/items/restore`: needs `configure`.
pub(super) async fn restore(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
    Body(asked): Body<Restore>,
) -> Result<Json<RestoreMade>, Refusal> {
    let lock = lock_id(&lock)?;
    let codes = if asked.from_backup { LostCodes::FromBackup } else { LostCodes::AskAgain };
    let foreign = if asked.clear_foreign { ForeignItems::Clear } else { ForeignItems::Keep };
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let restored = service.fleet(|fleet, now| fleet.restore(lock, foreign, codes, &who.name, now))?;
            let line = fact("restored").with("by", &who.name).with("lock", hex::encode(lock.0));
            service.write(line.with("queued", restored.queued.len()));
            // Nobody may be listening; then it waits.
            let _ = service.queued().send(lock);
            Ok(Json(made(&restored)))
        })
        .await?
}

pub(super) const fn stage(standing: ItemStanding) -> (ItemStage, Option<Reason>) {
    match standing {
        ItemStanding::Pending => (ItemStage::Pending, None),
        ItemStanding::Applied => (ItemStage::Applied, None),
        ItemStanding::Refused(reason) => (ItemStage::Refused, Some(reason)),
        ItemStanding::Missing => (ItemStage::Missing, None),
        ItemStanding::Foreign => (ItemStage::Foreign, None),
    }
}

fn view(item: &Item) -> ItemView {
    let (stage, reason) = stage(item.standing);
    ItemView {
        table: item.table,
        slot: item.slot,
        wanted: item.wanted.map(|kind| kind.described().to_string()),
        held: item.held,
        stage,
        reason,
        changed_at: item.changed_at,
        sentence: item.standing.to_string(),
    }
}

pub(crate) fn made(restored: &Restored) -> RestoreMade {
    let (queued, codes) = (restored.queued.len(), restored.needs_code.len());
    let mut sentence = match queued {
        0 => "nothing had to be sent".to_owned(),
        1 => "1 command waits for the lock".to_owned(),
        _ => format!("{queued} commands wait for the lock"),
    };
    if codes > 0 {
        sentence.push_str("; give the codes that are missing once more, since their digits are not kept");
    }
    RestoreMade {
        queued: restored.queued.iter().map(|id| id.0).collect(),
        needs_code: restored.needs_code.clone(),
        sentence,
    }
}
