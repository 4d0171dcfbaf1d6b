//! The REST interface under `/v1` and the way to the relay.

mod backups;
mod codes;
mod commands;
mod firmware;
mod items;
mod keys;
mod locks;
mod logs;
mod lost;
mod ownership;
mod refusal;
mod request;
mod rotation;
mod users;

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use serde_json::{Value, json};

pub(crate) use items::made as restore_made;
pub(crate) use logs::since;
pub(crate) use refusal::Refusal;
pub(crate) use request::{Caller, lock_id};

use crate::firmware::MAX_IMAGE;
use crate::relay;
use crate::service::Service;

/// The longest body of a request, in bytes.
const MAX_BODY: usize = 16 * 1024;

/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(10);

/// The same with a firmware image in it: enough for the longest one at 14 kB a second.
const UPLOAD: Duration = Duration::from_secs(300);

pub(crate) fn router(service: Arc<Service>) -> Router {
    let interface = Router::new()
        .route("/health", get(health))
        .route("/users", post(users::add))
        .route("/users/{user}/tokens", post(users::issue_token))
        .route("/users/{user}/tokens/{token}", delete(users::revoke_token))
        .route("/users/{user}/tokens/{token}/lost", post(lost::lost))
        .route("/locks", get(locks::list).post(locks::register))
        .route("/locks/{lock}", get(locks::show))
        .route("/locks/{lock}/audit", get(locks::audit))
        .route("/locks/{lock}/rights/{user}", put(users::grant))
        .route("/locks/{lock}/commands", post(commands::queue))
        .route("/locks/{lock}/commands/{command}", get(commands::show))
        .route("/locks/{lock}/offline-codes", get(codes::show).post(codes::issue))
        .route("/locks/{lock}/offline-codes/series", post(codes::wish))
        .route("/locks/{lock}/virtual-keys", get(keys::list).post(keys::issue))
        .route("/locks/{lock}/virtual-keys/revoke", post(keys::revoke_all))
        .route("/locks/{lock}/virtual-keys/{serial}/revoke", post(keys::revoke))
        .route("/locks/{lock}/release", post(ownership::release))
        .route("/locks/{lock}/give-up", post(ownership::give_up))
        .route("/locks/{lock}/rotation", get(rotation::show).post(rotation::want))
        .route("/locks/{lock}/items", get(items::list))
        .route("/locks/{lock}/items/restore", post(items::restore))
        .route("/locks/{lock}/backups", get(backups::list))
        .route("/locks/{lock}/backup", get(backups::export))
        .route("/locks/{lock}/update", get(firmware::show).post(firmware::want))
        .route("/locks/{lock}/update/install", post(firmware::install))
        .route("/locks/{lock}/log", get(logs::show))
        .route("/locks/{lock}/log/export", get(logs::export))
        .route("/locks/{lock}/log/key", post(logs::key))
        .route("/locks/{lock}/relay", get(relay::open))
        .route("/locks/{lock}/claim", get(relay::claim::open))
        .layer(middleware::from_fn(within_time));
    let uploads = Router::new()
        .route("/firmware", get(firmware::list).post(firmware::upload))
        .layer(DefaultBodyLimit::max(MAX_IMAGE))
        .layer(middleware::from_fn(within_time_of_upload));
    Router::new()
        .nest("/v1", interface.merge(uploads))
        .fallback(|| async {
            Refusal::not_found("there is nothing at this address; compare it with the documentation")
        })
        .method_not_allowed_fallback(|| async {
            Refusal::method_not_allowed(
                "this address does not take that method; compare it with the documentation",
            )
        })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(service)
}

/// A caller that sends its body a byte a minute is not waited for.
async fn within_time(request: Request, next: Next) -> Response {
    within(REQUEST, request, next).await
}

async fn within_time_of_upload(request: Request, next: Next) -> Response {
    within(UPLOAD, request, next).await
}

async fn within(time: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(time, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => {
            let seconds = time.as_secs();
            Refusal::busy(format!("the request took longer than {seconds} s; send it again")).into_response()
        }
    }
}

/// `GET /v1/health`: the service answers and can read its databases.
async fn health(
    axum::extract::State(service): axum::extract::State<Arc<Service>>,
) -> Result<Json<Value>, Refusal> {
    service.blocking(|service| service.fleet(|fleet, _| fleet.locks())).await??;
    Ok(Json(json!({ "status": "ok" })))
}

/// The answer to what was made.
fn made<T>(what: T) -> (StatusCode, Json<T>) {
    (StatusCode::CREATED, Json(what))
}
