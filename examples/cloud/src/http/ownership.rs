//! Whose a lock is: its ownership is ended, or given up here.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use lock_fleet::QueueOptions;
use lock_fleet::proto::UnixMillis;

use super::commands::full_view;
use super::locks::admin_or;
use super::request::{Body, Caller, lock_id};
use super::{Refusal, made};
use crate::Right;
use crate::log::fact;
use crate::messages::{CommandView, LockStanding, Revoke};
use crate::service::Service;
use crate::wish_name;

/// A lock refuses a sealed end of its ownership that is older (section 5, age).
const RELEASE_MILLIS: u64 = 60_000;

/// `POST /v1/locks/{lock}/release`: the admin's, or with the right `own`. Whoever brings the command to the lock within a minute leaves it without an owner.
pub(super) async fn release(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
    Body(wish): Body<Revoke>,
) -> Result<(StatusCode, Json<CommandView>), Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            admin_or(service, &who, lock, Right::Own)?;
            let options = QueueOptions::new(wish_name::of(&who, &wish.client_token)?, &who.name)
                .not_after(UnixMillis(service.now().unix.0 + RELEASE_MILLIS));
            let command = service.fleet(|fleet, now| fleet.release(lock, options, now))?;
            let line = fact("released").with("by", &who.name).with("lock", hex::encode(lock.0));
            service.write(line.with("command", command.id.0));
            // Nobody may be listening; then it waits.
            let _ = service.queued().send(lock);
            Ok(made(full_view(&command)))
        })
        .await?
}

/// `POST /v1/locks/{lock}/give-up`: the admin's, or with the right `own`, for a lock whose ownership was ended at the lock. A claim that
/// was not proven ends, and whoever claimed has no right any more; a lock that nobody was ever proven to own is off the list then.
pub(super) async fn give_up(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
) -> Result<Json<LockStanding>, Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            admin_or(service, &who, lock, Right::Own)?;
            service.end_unproven(lock)?;
            service.fleet(|fleet, now| fleet.give_up(lock, &who.name, now))?;
            service.write(fact("given_up").with("by", &who.name).with("lock", hex::encode(lock.0)));
            Ok(Json(LockStanding::Lost))
        })
        .await?
}
