//! Users, their tokens and their rights: the admin's business.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::request::{Admin, Body, lock_id, number};
use super::{Refusal, made};
use crate::access::{TokenEnd, TokenId, UserId};
use crate::log::fact;
use crate::messages::{NewRights, NewUser, TokenMade, UserMade};
use crate::service::Service;

/// `POST /v1/users`.
pub(super) async fn add(
    State(service): State<Arc<Service>>,
    Admin(who): Admin,
    Body(new): Body<NewUser>,
) -> Result<(StatusCode, Json<UserMade>), Refusal> {
    let user = service
        .blocking(move |service| {
            let user = service.access().add_user(&new.name)?;
            service.write(fact("user_made").with("by", who.name).with("user", user.0).with("name", new.name));
            Ok::<_, Refusal>(user)
        })
        .await??;
    Ok(made(UserMade { user_id: user.0 }))
}

/// `POST /v1/users/{user}/tokens`: the one time that the token can be read.
pub(super) async fn issue_token(
    State(service): State<Arc<Service>>,
    Admin(who): Admin,
    Path(user): Path<String>,
) -> Result<(StatusCode, Json<TokenMade>), Refusal> {
    let user = UserId(number(&user)?);
    let (id, token) = service
        .blocking(move |service| {
            let made = service.access().issue_token(user)?;
            service
                .write(fact("token_made").with("by", who.name).with("user", user.0).with("token", made.0.0));
            Ok::<_, Refusal>(made)
        })
        .await??;
    Ok(made(TokenMade { token_id: id.0, token: token.expose().to_owned() }))
}

/// `DELETE /v1/users/{user}/tokens/{token}`: at once, for open relays too.
pub(super) async fn revoke_token(
    State(service): State<Arc<Service>>,
    Admin(who): Admin,
    Path((user, token)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let (user, token) = (UserId(number(&user)?), TokenId(number(&token)?));
    service
        .blocking(move |service| {
            match service.access().end_token(user, token, service.now().unix)? {
                TokenEnd::Now => {}
                TokenEnd::Before(_) | TokenEnd::Unknown => {
                    return Err(Refusal::not_found(format!(
                        "user {} has no token {}; it may be revoked already",
                        user.0, token.0
                    )));
                }
            }
            service.write(
                fact("token_revoked").with("by", who.name).with("user", user.0).with("token", token.0),
            );
            Ok(())
        })
        .await??;
    Ok(Json(json!({ "revoked": token.0 })))
}

/// `PUT /v1/locks/{lock}/rights/{user}`: these and no others from now on.
pub(super) async fn grant(
    State(service): State<Arc<Service>>,
    Admin(who): Admin,
    Path((lock, user)): Path<(String, String)>,
    Body(new): Body<NewRights>,
) -> Result<Json<NewRights>, Refusal> {
    let (lock, user) = (lock_id(&lock)?, UserId(number(&user)?));
    service
        .blocking(move |service| {
            service.fleet(|fleet, _| fleet.lock(lock))?;
            service.access().grant(user, lock, &new.rights)?;
            let told = format!("user {}: {}", user.0, new.rights);
            service.fleet(|fleet, now| fleet.record(lock, &who.name, "grant rights", &told, now))?;
            let line = fact("granted").with("by", who.name).with("lock", hex::encode(lock.0));
            service.write(line.with("user", user.0).with("rights", &new.rights));
            Ok(Json(new))
        })
        .await?
}
