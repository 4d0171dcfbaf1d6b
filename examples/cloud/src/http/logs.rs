//! The log of a lock as it was fetched and verified: for people, as a file for somebody else, and the key for that.

use std::io;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use lock_fleet::{KeptFault, LogExport, LogStanding, Unverifiable, Unverified};
use serde::Deserialize;

use super::Refusal;
use super::request::{self, Caller, lock_id};
use crate::Right;
use crate::log::fact;
use crate::messages::{LogEntryView, LogFaultView, LogKeyWish, LogUnverifiedView, LogView};
use crate::service::Service;

/// How many entries are in one answer.
const PAGE: usize = 200;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct From {
    #[serde(default)]
    from: u64,
}

type Asked = Result<Query<From>, axum::extract::rejection::QueryRejection>;

fn from(asked: Asked) -> Result<u64, Refusal> {
    asked
        .map(|Query(From { from })| from)
        .map_err(|_| Refusal::malformed("`from` is the index of an entry of the log; correct the address"))
}

/// `GET /v1/locks/{lock}/log`: needs `configure`, as the audit trail does, and begins with the present ownership as that does.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
    asked: Asked,
) -> Result<Json<LogView>, Refusal> {
    let (lock, from) = (lock_id(&lock)?, from(asked)?);
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let first = service.access().seen_from(&who, lock)?.log;
            let from = from.max(first);
            let (standing, entries) =
                service.fleet(|fleet, _| Ok((fleet.log_standing(lock)?, fleet.log(lock, from, PAGE)?)))?;
            let standing = since(first, standing);
            let entries: Vec<_> = entries
                .iter()
                .map(|kept| LogEntryView::new(kept.index, kept.entry.as_ref(), kept.fault.clone()))
                .collect();
            let behind = entries.last().filter(|_| entries.len() == PAGE).map(|entry| entry.index + 1);
            Ok(Json(LogView {
                verdict: verdict(&standing),
                level_at: standing.level_at,
                next: standing.next,
                next_page: behind.filter(|behind| *behind < standing.next),
                faults: standing.faults.into_iter().map(fault).collect(),
                unverified: standing.unverified.into_iter().map(unverified).collect(),
                entries,
            }))
        })
        .await?
}

/// `GET /v1/locks/{lock}/log/export`: needs `configure`. The file of section 6.3, without its key.
pub(super) async fn export(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
    asked: Asked,
) -> Result<impl IntoResponse, Refusal> {
    let (lock, from) = (lock_id(&lock)?, from(asked)?);
    let name = hex::encode(lock.0);
    let headers = [
        (CONTENT_TYPE, "application/jsonl".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.log.jsonl\"")),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    let export = service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let from = from.max(service.access().seen_from(&who, lock)?.log);
            let export = service.fleet(|fleet, now| fleet.export_log(lock, from, &who.name, now))?;
            service.write(fact("log_exported").with("by", &who.name).with("lock", &name).with("from", from));
            Ok::<_, Refusal>(export)
        })
        .await??;
    Ok((headers, Body::from_stream(pages(service, export))))
}

/// An export, page by page as the caller takes it. One that fails ends without its head, and whoever verifies it sees that.
fn pages(
    service: Arc<Service>,
    export: LogExport,
) -> impl futures_util::Stream<Item = Result<String, io::Error>> {
    futures_util::stream::try_unfold((service, export), |(service, mut export)| async move {
        let page = service
            .ask_fleet(move |fleet, _| {
                let page = fleet.log_export_page(&mut export)?;
                Ok((page, export))
            })
            .await;
        let (page, export) = page.map_err(|refusal| io::Error::other(refusal.sentence))?;
        Ok(page.map(|page| (page, (service, export))))
    })
}

/// `POST /v1/locks/{lock}/log/key`: needs `configure`, and is noted in the audit trail. The key file of section 6.3, a line for each key
/// epoch: whoever has it can verify the log from that entry on, and write one.
pub(super) async fn key(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
    request::Body(LogKeyWish { from }): request::Body<LogKeyWish>,
) -> Result<impl IntoResponse, Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            service.require(&who, lock, Right::Configure)?;
            let from = from.max(service.access().seen_from(&who, lock)?.log);
            let key = service.fleet(|fleet, now| fleet.export_log_key(lock, from, &who.name, now))?;
            // Not while other locks wait for the fleet.
            let key = key.walk()?;
            let name = hex::encode(lock.0);
            let line = fact("log_key_exported").with("by", &who.name).with("lock", &name);
            service.write(line.with("from", from));
            let headers = [(CONTENT_TYPE, "application/jsonl"), (CACHE_CONTROL, "no-store")];
            Ok((headers, key.file.as_bytes().to_vec()))
        })
        .await?
}

/// What is known of a log from an index on.
pub(crate) fn since(first: u64, mut standing: LogStanding) -> LogStanding {
    standing.faults.retain(|fault| fault.range.last >= first);
    standing.unverified.retain(|unverified| unverified.range.last >= first);
    standing
}

const fn is_key_lost(unverified: &Unverified) -> bool {
    match unverified.why {
        Unverifiable::KeyLost(_) => true,
        Unverifiable::BeforeOwnership => false,
    }
}

fn verdict(standing: &LogStanding) -> String {
    match (standing.level_at, standing.faults.len(), standing.unexplained) {
        (None, 0, _) => "the log was not fetched yet; fetch it with a phone at the lock".into(),
        (_, 0, None) if standing.unverified.iter().any(is_key_lost) => {
            "what could be verified is right; the key of a part of it is lost here, see what is not verified"
                .into()
        }
        (_, 0, None) => "all of it is right: nothing was changed, left out or put in another order".into(),
        (_, 0, Some(missing)) => format!(
            "entries {} to {} are missing, and no later one explains it yet; fetch again",
            missing.first, missing.last
        ),
        (_, 1, _) => "one thing is wrong with it; see the fault".into(),
        (_, faults, _) => format!("{faults} things are wrong with it; see the faults"),
    }
}

fn unverified(Unverified { range, why }: Unverified) -> LogUnverifiedView {
    let sentence = match why {
        Unverifiable::KeyLost(epoch) => format!(
            "entries {} to {} cannot be verified: the key of key epoch {epoch} is lost here, as after the restore of an old database",
            range.first, range.last
        ),
        Unverifiable::BeforeOwnership => format!(
            "entries {} to {} are of before this ownership: the lock tells nothing of them",
            range.first, range.last
        ),
    };
    LogUnverifiedView { first: range.first, last: range.last, sentence }
}

fn fault(fault: KeptFault) -> LogFaultView {
    let KeptFault { kind, range, sentence, found_at } = fault;
    LogFaultView { kind, first: range.first, last: range.last, sentence, found_at }
}
