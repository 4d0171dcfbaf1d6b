//! Virtual keys: issued here, used at a door without us, and revoked.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use lock_fleet::{
    Binding, Conditions, IssuedKey, KeyInfo, KeyStanding, KeyWish, LockId, QueueOptions, Uses, WeeklyWindow,
};
use zeroize::Zeroizing;

use super::request::{Body, Caller, lock_id, number};
use super::{Refusal, made};
use crate::Right;
use crate::access::{AccessError, TokenId};
use crate::log::fact;
use crate::messages::{KeyConditions, KeyMade, KeyRight, KeyStage, KeyView, KeyWindow, NewKey, Revoke};
use crate::service::Service;
use crate::wish_name;

/// `POST /v1/locks/{lock}/virtual-keys`: needs `configure`.
pub(super) async fn issue(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
    Body(new): Body<NewKey>,
) -> Result<(StatusCode, Json<KeyMade>), Refusal> {
    let lock = lock_id(&lock)?;
    let wish = KeyWish {
        label: new.label.clone(),
        conditions: wanted(&new.conditions),
        holder: new.holder.as_deref().map(holder).transpose()?,
    };
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let phone = new.phone.map(TokenId);
            if let Some(phone) = phone
                && !service.access().has_token(phone)?
            {
                return Err(AccessError::NoSuchToken(phone).into());
            }
            let IssuedKey { key, info } =
                service.fleet(|fleet, now| fleet.issue_key(lock, &wish, &who.name, now))?;
            // Before anybody has the key: it dies with these phones.
            for phone in [Some(who.token), phone].into_iter().flatten() {
                service.access().note_key(phone, lock, info.serial)?;
            }
            let line = fact("virtual_key").with("by", &who.name).with("lock", hex::encode(lock.0));
            service.write(line.with("serial", info.serial));
            let mut text = Zeroizing::new([0; lock_fleet::LINK_LETTERS]);
            let link =
                key.to_link(text.as_mut_slice()).map_err(|error| Refusal::failed(error.to_string()))?;
            Ok(made(KeyMade { link: link.to_owned(), key: view(&info) }))
        })
        .await?
}

/// `GET /v1/locks/{lock}/virtual-keys`: needs `configure`.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
) -> Result<Json<Vec<KeyView>>, Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            Ok(Json(views(service, lock)?))
        })
        .await?
}

/// `POST /v1/locks/{lock}/virtual-keys/{serial}/revoke`: needs `configure`.
pub(super) async fn revoke(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path((lock, serial)): Path<(String, String)>,
    Body(new): Body<Revoke>,
) -> Result<Json<KeyView>, Refusal> {
    let (lock, serial) = (lock_id(&lock)?, number(&serial)?);
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let options = QueueOptions::new(wish_name::of(&who, &new.client_token)?, &who.name);
            let info = service.fleet(|fleet, now| fleet.revoke_key(lock, serial, options, now))?;
            let line = fact("revoke_virtual_key").with("by", &who.name).with("lock", hex::encode(lock.0));
            service.write(line.with("serial", serial));
            // Nobody may be listening; then it waits.
            let _ = service.queued().send(lock);
            Ok(Json(view(&info)))
        })
        .await?
}

/// `POST /v1/locks/{lock}/virtual-keys/revoke`: needs `configure`. Ends every key that was issued until now.
pub(super) async fn revoke_all(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
    Body(new): Body<Revoke>,
) -> Result<Json<Vec<KeyView>>, Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let options = QueueOptions::new(wish_name::of(&who, &new.client_token)?, &who.name);
            let command = service.fleet(|fleet, now| fleet.revoke_all_keys(lock, options, now))?;
            let line = fact("revoke_virtual_keys").with("by", &who.name).with("lock", hex::encode(lock.0));
            service.write(line.with("command", command.0));
            let _ = service.queued().send(lock);
            Ok(Json(views(service, lock)?))
        })
        .await?
}

fn views(service: &Service, lock: LockId) -> Result<Vec<KeyView>, Refusal> {
    let keys = service.fleet(|fleet, now| fleet.virtual_keys(lock, now))?;
    Ok(keys.iter().map(view).collect())
}

fn holder(digits: &str) -> Result<Zeroizing<[u8; 32]>, Refusal> {
    let mut secret = Zeroizing::new([0; 32]);
    hex::decode_to_slice(digits, secret.as_mut_slice()).map_err(|_| {
        Refusal::malformed("a holder's secret has 64 hex digits; the holder's phone makes it")
    })?;
    Ok(secret)
}

fn wanted(conditions: &KeyConditions) -> Conditions {
    Conditions {
        rights: conditions.rights.as_deref().map(KeyRight::together),
        not_before: conditions.not_before,
        not_after: conditions.not_after,
        weekly: conditions.weekly.map(|KeyWindow { days, from, until }| WeeklyWindow { days, from, until }),
        uses: if conditions.single_use { Uses::Single } else { Uses::Many },
        depth: conditions.depth,
        staleness: conditions.staleness,
    }
}

fn shown(conditions: &Conditions) -> KeyConditions {
    KeyConditions {
        rights: conditions.rights.map(KeyRight::listed),
        not_before: conditions.not_before,
        not_after: conditions.not_after,
        weekly: conditions.weekly.map(|WeeklyWindow { days, from, until }| KeyWindow { days, from, until }),
        single_use: conditions.uses == Uses::Single,
        depth: conditions.depth,
        staleness: conditions.staleness,
    }
}

pub(super) fn view(info: &KeyInfo) -> KeyView {
    let (stage, effective_by, command, sentence) = match info.standing {
        KeyStanding::Given => {
            (KeyStage::Given, None, None, "the key opens as far as its conditions hold".to_owned())
        }
        KeyStanding::Awaiting { command } => {
            let sentence = "it opens once the lock has heard that all earlier keys are revoked; send a phone";
            (KeyStage::Awaiting, None, Some(command.0), sentence.to_owned())
        }
        KeyStanding::Over => (KeyStage::Over, None, None, "its time is over".to_owned()),
        KeyStanding::Outdated => {
            let sentence = "the lock was reset, got new keys or had its ownership ended since it was made; issue a new one".to_owned();
            (KeyStage::Outdated, None, None, sentence)
        }
        KeyStanding::Revoking { command, effective_by } => {
            let sentence = match effective_by {
                Some(_) => {
                    "revoked: it may open until the lock has heard of it, and at the latest until `effective_by`"
                }
                None => {
                    "revoked: it opens until the lock has heard of it, and only the lock can confirm that; send a phone"
                }
            };
            (KeyStage::Revoking, effective_by, Some(command.0), sentence.to_owned())
        }
        KeyStanding::Revoked { since } => {
            let sentence = "the lock has confirmed that the key is dead".to_owned();
            (KeyStage::Revoked, Some(since), None, sentence)
        }
        KeyStanding::NotRevoked { command, state } => {
            let sentence =
                format!("the revocation failed ({state}); revoke it under a new client token, or all keys");
            (KeyStage::NotRevoked, None, Some(command.0), sentence)
        }
    };
    KeyView {
        serial: info.serial,
        label: info.label.clone(),
        by: info.by.clone(),
        issued_at: info.issued_at,
        conditions: shown(&info.conditions),
        is_bound: info.binding == Binding::Needed,
        stage,
        effective_by,
        command,
        sentence,
    }
}
