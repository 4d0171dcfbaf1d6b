//! A phone that is lost: its token ends, and with it every virtual key that was issued by it or for it.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use lock_fleet::proto::UnixMillis;
use lock_fleet::{
    ClientToken, Fleet, FleetError, KeyInfo, KeyStanding, LockId, Moment, QueueOptions, SqliteStore,
};

use super::Refusal;
use super::keys::view;
use super::request::{Body, Caller, number};
use crate::access::{Identity, Role, TokenEnd, TokenId, UserId};
use crate::log::fact;
use crate::messages::{KeyStage, KeyView, LostKeyView, LostPhone, LostPhoneView};
use crate::service::Service;

/// `POST /v1/users/{user}/tokens/{token}/lost`: the admin's, and the user's own. Asked again, it goes on where it was.
pub(super) async fn lost(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path((user, token)): Path<(String, String)>,
    Body(wish): Body<LostPhone>,
) -> Result<Json<LostPhoneView>, Refusal> {
    let (user, token) = (UserId(number(&user)?), TokenId(number(&token)?));
    if who.role != Role::Admin && who.user != user {
        return Err(Refusal::forbidden("this is another user's phone; ask its user or the admin"));
    }
    service
        .blocking(move |service| {
            let ended_at = end(service, &who, user, token)?;
            let mut keys = Vec::new();
            for (lock, serial) in service.access().keys_of(token)? {
                keys.push(revoke(service, &who, (token, lock, serial), wish)?);
                // Nobody may be listening; then it waits.
                let _ = service.queued().send(lock);
            }
            Ok(Json(answer(token, ended_at, keys, service.now().unix)))
        })
        .await?
}

/// The token first: whoever has the phone makes no key more, and hears nothing on a relay that is open.
fn end(service: &Service, who: &Identity, user: UserId, token: TokenId) -> Result<UnixMillis, Refusal> {
    let now = service.now().unix;
    match service.access().end_token(user, token, now)? {
        TokenEnd::Before(at) => return Ok(at),
        TokenEnd::Unknown => {
            return Err(Refusal::not_found(format!(
                "user {} never had a token {}; the number is in the token, behind lkt_",
                user.0, token.0
            )));
        }
        TokenEnd::Now => {}
    }
    service.write(fact("phone_lost").with("by", &who.name).with("user", user.0).with("token", token.0));
    let keys = service.access().keys_of(token)?;
    let locks: BTreeSet<[u8; 16]> = service
        .access()
        .locks_of(user)?
        .into_iter()
        .chain(keys.iter().map(|(lock, _)| *lock))
        .map(|lock| lock.0)
        .collect();
    for lock in locks.into_iter().map(LockId) {
        let count = keys.iter().filter(|(of, _)| *of == lock).count();
        let told = format!("token {} of user {} is dead; {count} virtual keys follow", token.0, user.0);
        service.fleet(|fleet, at| known(fleet.record(lock, &who.name, "lost phone", &told, at)))?;
    }
    Ok(now)
}

/// Rights may be kept for a lock that a restored database does not know.
fn known(recorded: Result<(), FleetError>) -> Result<(), FleetError> {
    match recorded {
        Err(FleetError::NoSuchLock(_)) => Ok(()),
        other => other,
    }
}

fn revoke(
    service: &Service,
    who: &Identity,
    (token, lock, serial): (TokenId, LockId, u64),
    wish: LostPhone,
) -> Result<LostKeyView, Refusal> {
    let revoked = service.fleet(|fleet, now| {
        // What the fleet cannot do for one key does not keep the others alive.
        Ok(revoke_in(fleet, &who.name, (token, lock, serial), wish, now))
    })?;
    let (key, still_counts) = match revoked {
        Ok(info) => {
            let line = fact("revoke_virtual_key").with("by", &who.name).with("lock", hex::encode(lock.0));
            service.write(line.with("serial", serial));
            let key = info.as_ref().map(view);
            let still_counts = key.as_ref().filter(|key| is_alive(key)).map(|key| key.sentence.clone());
            (key, still_counts)
        }
        Err(error) if matches!(error, FleetError::DeniedFull | FleetError::NoSuchKey(_)) => {
            (None, Some(format!("{error}; or ask again with `revoke_all_where_needed`")))
        }
        Err(error) if matches!(error, FleetError::NoSuchLock(_)) => (None, Some(error.to_string())),
        Err(error) => return Err(error.into()),
    };
    Ok(LostKeyView { lock_id: hex::encode(lock.0), serial, key, still_counts })
}

/// `None` for a key that the database has forgotten, and that dies with all others.
fn revoke_in(
    fleet: &mut Fleet<SqliteStore>,
    by: &str,
    (token, lock, serial): (TokenId, LockId, u64),
    wish: LostPhone,
    now: Moment,
) -> Result<Option<KeyInfo>, FleetError> {
    let find = |fleet: &mut Fleet<SqliteStore>| -> Result<Option<KeyInfo>, FleetError> {
        Ok(fleet.virtual_keys(lock, now)?.into_iter().find(|key| key.serial == serial))
    };
    let before = find(fleet)?;
    // One wish however often it is asked, but for one that failed: that is wished anew.
    let failed = before.as_ref().and_then(|key| match key.standing {
        KeyStanding::NotRevoked { command, .. } => Some(command.0),
        KeyStanding::Given
        | KeyStanding::Awaiting { .. }
        | KeyStanding::Over
        | KeyStanding::Outdated
        | KeyStanding::Revoking { .. }
        | KeyStanding::Revoked { .. } => None,
    });
    let options = |what: &str| -> Result<QueueOptions, FleetError> {
        let name = format!("{what}/{}/{serial}/{}", token.0, failed.unwrap_or_default());
        let name = ClientToken::new(name).map_err(|_| FleetError::BadName)?;
        Ok(QueueOptions::new(name, by))
    };
    match fleet.revoke_key(lock, serial, options("lost")?, now) {
        Err(FleetError::DeniedFull | FleetError::NoSuchKey(_)) if wish.revoke_all_where_needed => {
            fleet.revoke_all_keys(lock, options("lost-all")?, now)?;
            find(fleet)
        }
        other => other.map(Some),
    }
}

const fn is_alive(key: &KeyView) -> bool {
    match key.stage {
        KeyStage::Given | KeyStage::Awaiting | KeyStage::NotRevoked => true,
        KeyStage::Over | KeyStage::Outdated | KeyStage::Revoking | KeyStage::Revoked => false,
    }
}

/// From when on a key is dead at the latest; `None` where only its lock can tell.
fn dead_by(key: &LostKeyView, ended_at: UnixMillis) -> Option<UnixMillis> {
    let key = key.key.as_ref()?;
    match key.stage {
        KeyStage::Over | KeyStage::Outdated => Some(ended_at),
        KeyStage::Revoking | KeyStage::Revoked => key.effective_by,
        KeyStage::Given | KeyStage::Awaiting | KeyStage::NotRevoked => None,
    }
}

fn answer(token: TokenId, ended_at: UnixMillis, keys: Vec<LostKeyView>, now: UnixMillis) -> LostPhoneView {
    let all: Option<Vec<UnixMillis>> = keys.iter().map(|key| dead_by(key, ended_at)).collect();
    let effective_by = all.map(|moments| moments.into_iter().fold(ended_at, UnixMillis::max));
    let alive = keys.iter().filter(|key| key.still_counts.is_some()).count();
    let sentence = match effective_by {
        _ if alive > 0 => format!(
            "the token is dead; {alive} virtual keys still count, and each says what to do about it"
        ),
        Some(moment) if moment <= now => "the token and all virtual keys of the phone are dead".to_owned(),
        Some(_) => {
            "the token is dead; the virtual keys of the phone are dead at the latest by `effective_by`, sooner where a phone brings it to the lock".to_owned()
        }
        None => {
            "the token is dead; a virtual key opens until its lock has heard of it, and only the lock can confirm that: send a phone there".to_owned()
        }
    };
    LostPhoneView { token_id: token.0, ended_at, keys, effective_by, sentence }
}
