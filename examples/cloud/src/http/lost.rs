//! A phone that is lost: its token ends, and with it every virtual key that was issued by it or for it.

mod key;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use lock_fleet::proto::UnixMillis;
use lock_fleet::{FleetError, LockId};

use self::key::{All, Fate, Key};
use super::Refusal;
use super::keys::view;
use super::request::{Body, Caller, number};
use crate::Right;
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
            let ended = end(service, user, token)?;
            let (End::Now(ended_at) | End::Before(ended_at)) = ended;
            // Whoever has the phone has the keys meanwhile: what cannot be noted does not keep them alive, and is said at the end.
            let noted = note(service, &who, (user, token), ended);
            let mut keys = Vec::new();
            for (lock, serial) in service.access().keys_of(token)? {
                keys.push(revoke(service, &who, (token, lock, serial), wish, ended_at)?);
                // Nobody may be listening; then it waits.
                let _ = service.queued().send(lock);
            }
            noted?;
            Ok(Json(answer(token, ended_at, keys, service.now().unix)))
        })
        .await?
}

/// When a token ended: at this call, or at one before.
#[derive(Clone, Copy)]
enum End {
    Now(UnixMillis),
    Before(UnixMillis),
}

/// The token first: whoever has the phone makes no key more, and hears nothing on a relay that is open.
fn end(service: &Service, user: UserId, token: TokenId) -> Result<End, Refusal> {
    let now = service.now().unix;
    match service.access().end_token(user, token, now)? {
        TokenEnd::Now => Ok(End::Now(now)),
        TokenEnd::Before(at) => Ok(End::Before(at)),
        TokenEnd::Unknown => Err(Refusal::not_found(format!(
            "user {} never had a token {}; the number is in the token, behind lkt_",
            user.0, token.0
        ))),
    }
}

/// Notes the loss in the audit of each lock that has to do with it, once: a call before this one may have been cut, or have ended the
/// token and nothing else.
fn note(
    service: &Service,
    who: &Identity,
    (user, token): (UserId, TokenId),
    ended: End,
) -> Result<(), Refusal> {
    let keys = service.access().keys_of(token)?;
    let locks = service.access().locks_of(user)?;
    let locks: BTreeSet<[u8; 16]> =
        locks.into_iter().chain(keys.into_iter().map(|(lock, _)| lock)).map(|lock| lock.0).collect();
    let told = format!("token {} of user {} is dead; its virtual keys follow", token.0, user.0);
    let mut is_new = matches!(ended, End::Now(_));
    let mut result = Ok(());
    for lock in locks.into_iter().map(LockId) {
        let noted =
            service.fleet(|fleet, now| known(fleet.record_once(lock, &who.name, "lost phone", &told, now)));
        match noted {
            Ok(noted) => is_new |= noted,
            Err(refusal) => result = Err(refusal),
        }
    }
    if is_new {
        let line = fact("phone_lost").with("by", &who.name).with("user", user.0);
        service.write(line.with("token", token.0));
    }
    result
}

/// Rights may be kept for a lock that a restored database does not know.
fn known(recorded: Result<bool, FleetError>) -> Result<bool, FleetError> {
    match recorded {
        Err(FleetError::NoSuchLock(_)) => Ok(false),
        other => other,
    }
}

/// A virtual key of the phone, and what has become of it.
struct Fallen {
    view: LostKeyView,
    /// From when on it is dead at the latest; `None` where only its lock can tell.
    dead_by: Option<UnixMillis>,
}

fn revoke(
    service: &Service,
    who: &Identity,
    (token, lock, serial): (TokenId, LockId, u64),
    wish: LostPhone,
    ended_at: UnixMillis,
) -> Result<Fallen, Refusal> {
    // The keys of others die with it: that takes the right to revoke them, which somebody who issued keys once may have no more.
    let may_revoke_all = who.role == Role::Admin || service.access().may(who.user, lock, Right::Configure)?;
    let key = Key { by: &who.name, token, lock, serial };
    let all = match (wish.revoke_all_where_needed, may_revoke_all) {
        (true, true) => All::WhereNeeded,
        (true, false) => All::NotAllowed,
        (false, _) => All::NotWished,
    };
    // What the fleet cannot do for one key does not keep the others alive.
    let revoked = service.fleet(|fleet, now| Ok(key.revoke(fleet, all, now)))?;
    let (key, still_counts, dead_by) = match revoked {
        Ok(fate) => {
            let line = fact("revoke_virtual_key").with("by", &who.name).with("lock", hex::encode(lock.0));
            service.write(line.with("serial", serial));
            match fate {
                Fate::Known(info) => {
                    let key = view(&info);
                    let still_counts = is_alive(&key).then(|| key.sentence.clone());
                    let dead_by = dead_by(&key, ended_at);
                    (Some(key), still_counts, dead_by)
                }
                Fate::DiesWithAll { since } => (None, None, since),
            }
        }
        Err(error) => (None, Some(all.advice(&error)), None),
    };
    let view = LostKeyView { lock_id: hex::encode(lock.0), serial, key, still_counts };
    Ok(Fallen { view, dead_by })
}

/// Codes are nobody's phone's: a door takes them from whoever types them.
const CODES_GO_ON: &str = "offline codes and PIN codes that were made with it go on: `offline-codes/series` with the wish `revoke` ends all offline codes of a lock, `clear_pin` or `set_pin` a PIN code";

const fn is_alive(key: &KeyView) -> bool {
    match key.stage {
        KeyStage::Given | KeyStage::Awaiting | KeyStage::NotRevoked => true,
        KeyStage::Over | KeyStage::Outdated | KeyStage::Revoking | KeyStage::Revoked => false,
    }
}

/// From when on a key is dead at the latest; `None` where only its lock can tell.
const fn dead_by(key: &KeyView, ended_at: UnixMillis) -> Option<UnixMillis> {
    match key.stage {
        KeyStage::Over | KeyStage::Outdated => Some(ended_at),
        KeyStage::Revoking | KeyStage::Revoked => key.effective_by,
        KeyStage::Given | KeyStage::Awaiting | KeyStage::NotRevoked => None,
    }
}

fn answer(token: TokenId, ended_at: UnixMillis, keys: Vec<Fallen>, now: UnixMillis) -> LostPhoneView {
    let all: Option<Vec<UnixMillis>> = keys.iter().map(|key| key.dead_by).collect();
    let effective_by = all.map(|moments| moments.into_iter().fold(ended_at, UnixMillis::max));
    let keys: Vec<LostKeyView> = keys.into_iter().map(|key| key.view).collect();
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
    let sentence = format!("{sentence}; {CODES_GO_ON}");
    LostPhoneView { token_id: token.0, ended_at, keys, effective_by, sentence }
}
