//! What is read from a request before anything is done: who asks, and a body of the right form.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use lock_fleet::LockId;
use serde::de::DeserializeOwned;

use super::Refusal;
use crate::access::{Identity, Role};
use crate::service::Service;

/// Whoever asks, by the bearer token.
pub(crate) struct Caller(pub(crate) Identity);

impl FromRequestParts<Arc<Service>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Refusal> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        // RFC 9110, section 11.1: the name of the scheme is case-insensitive.
        let token = header
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let Some((_, token)) = token else { return Err(Refusal::unknown_caller()) };
        let token = zeroize::Zeroizing::new(token.trim().to_owned());
        let identity = service.blocking(move |service| service.access().identify(&token)).await??;
        identity.map(Self).ok_or_else(Refusal::unknown_caller)
    }
}

/// Whoever asks, where only the admin may.
pub(crate) struct Admin(pub(crate) Identity);

impl FromRequestParts<Arc<Service>> for Admin {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Refusal> {
        let Caller(identity) = Caller::from_request_parts(parts, service).await?;
        match identity.role {
            Role::Admin => Ok(Self(identity)),
            Role::Member => {
                Err(Refusal::forbidden("only the admin of this service may do this; use the admin's token"))
            }
        }
    }
}

/// A JSON body. Whatever is wrong with it is one status, 422, and one sentence.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<Service>> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, service: &Arc<Service>) -> Result<Self, Refusal> {
        let bytes = Bytes::from_request(request, service)
            .await
            .map_err(|_| Refusal::malformed("the body is longer than 16 KiB or was cut off; send it again in the form of the documentation"))?;
        // Line and column only: a message of serde_json may quote what it read, and that may be a PIN.
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            Refusal::malformed(format!("the body is not what this request takes (line {}, column {}); compare it with the documentation", error.line(), error.column()))
        })
    }
}

/// Reads a lock id.
pub(crate) fn lock_id(text: &str) -> Result<LockId, Refusal> {
    let mut bytes = [0; 16];
    hex::decode_to_slice(text, &mut bytes)
        .map_err(|_| Refusal::malformed("a lock id has 32 hex digits; correct it"))?;
    Ok(LockId(bytes))
}

/// Reads the number of a user, token or command.
pub(crate) fn number<N: std::str::FromStr>(text: &str) -> Result<N, Refusal> {
    text.parse().map_err(|_| Refusal::malformed(format!("`{text}` is not a number; correct the address")))
}
