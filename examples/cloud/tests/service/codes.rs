//! Offline codes through the interface: made without the lock, opened by it, and revoked when it has heard of that.

use cloud::Right;
use cloud::messages::relay::{Doing, ToPhone};
use cloud::messages::{ItemStage, NewCode, NewSeries, SeriesWish};
use lock_core::proto::{BoltPosition, CodeClass, UnixMillis};
use serde_json::json;

use crate::lock::Lock;
use crate::phone::Phone;
use crate::world::{World, lock_hex};

const ONCE: NewCode = NewCode { class: CodeClass::Once, start: None };

fn series(wish: SeriesWish, token: &str) -> NewSeries {
    NewSeries { wish, client_token: token.to_owned() }
}

async fn deliver(phone: &mut Phone, lock: &mut Lock) {
    phone.asks(Doing::Deliver, None).await;
    phone.relays_until(lock, |said| matches!(said, ToPhone::Delivered { .. })).await;
}

/// A session, from which the lock has the time.
async fn status(phone: &mut Phone, lock: &mut Lock) {
    phone.asks(Doing::Status, None).await;
    phone.relays_until(lock, |said| matches!(said, ToPhone::Status { .. })).await;
}

#[tokio::test]
async fn a_code_opens_a_lock_that_was_told_nothing_until_it_hears_of_a_revocation() {
    let world = World::start().await;
    let (_, owner) = world.user("olga", &[Right::Configure, Right::Relay, Right::Status]).await;
    let allowed = world
        .rest(&owner, |user| user.code_series(&lock_hex(), &series(SeriesWish::Allow, "a")).unwrap())
        .await;
    assert_eq!((allowed.stage, allowed.code_epoch, allowed.effective_by), (ItemStage::Pending, 1, None));
    assert_eq!(allowed.command.unwrap().action, "offline_codes");
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &owner).await);
    lock.hello();
    deliver(&mut phone, &mut lock).await;
    status(&mut phone, &mut lock).await;

    let made = world.rest(&owner, |user| user.offline_code(&lock_hex(), &ONCE).unwrap()).await;
    assert_eq!(
        (made.digits.len(), made.stage, made.until.0 - made.from.0),
        (9, ItemStage::Applied, 86_400_000)
    );
    assert!(!format!("{made:?}").contains(&made.digits));
    assert!(lock.enters(&made.digits));
    lock.arrives(BoltPosition::Retracted);
    lock.arrives(BoltPosition::Extended);
    assert!(!lock.enters(&made.digits), "once");

    let kept = world.rest(&owner, |user| user.offline_code(&lock_hex(), &ONCE).unwrap()).await;
    let revoked = world
        .rest(&owner, |user| user.code_series(&lock_hex(), &series(SeriesWish::Revoke, "r")).unwrap())
        .await;
    assert_eq!((revoked.code_epoch, revoked.effective_by), (2, None), "only the lock can confirm it");
    assert_eq!(revoked.last_code_ends, Some(kept.until));
    deliver(&mut phone, &mut lock).await;
    let confirmed = world.rest(&owner, |user| user.offline_codes(&lock_hex()).unwrap()).await;
    assert!(confirmed.effective_by.is_some() && confirmed.stage == ItemStage::Applied, "{confirmed:?}");
    assert!(!lock.enters(&kept.digits));
    world
        .rest(&owner, |user| {
            let audit = format!("{:?}", user.audit(&lock_hex(), 0).unwrap());
            assert!(audit.contains("offline code Once"), "{audit}");
        })
        .await;
}

#[tokio::test]
async fn who_may_not_configure_makes_no_code_and_revokes_none() {
    let world = World::start().await;
    let (_, guest) = world.user("greta", &[Right::Status, Right::Unlock, Right::Relay]).await;
    world
        .rest(&guest, |user| {
            assert_eq!(user.offline_code(&lock_hex(), &ONCE).unwrap_err().status(), Some(403));
            let revoke = series(SeriesWish::Revoke, "r");
            assert_eq!(user.code_series(&lock_hex(), &revoke).unwrap_err().status(), Some(403));
            assert_eq!(user.offline_codes(&lock_hex()).unwrap_err().status(), Some(403));
        })
        .await;
}

#[tokio::test]
async fn a_code_that_cannot_be_is_refused_with_what_to_do() {
    let world = World::start().await;
    let (_, owner) = world.user("olga", &[Right::Configure]).await;
    world
        .rest(&owner, |user| {
            assert_eq!(user.offline_codes(&lock_hex()).unwrap_err().status(), Some(404));
            let refused = user.offline_code(&lock_hex(), &ONCE).unwrap_err();
            assert_eq!(refused.status(), Some(409));
            assert!(refused.to_string().contains("allow them"), "{refused}");
            let allowed = user.code_series(&lock_hex(), &series(SeriesWish::Allow, "a")).unwrap();
            assert!(allowed.are_allowed);
            assert_eq!(user.offline_code(&lock_hex(), &ONCE).unwrap().stage, ItemStage::Pending);
            for start in [UnixMillis(0), UnixMillis(u64::MAX)] {
                let code = NewCode { class: CodeClass::OneHour, start: Some(start) };
                assert_eq!(
                    user.offline_code(&lock_hex(), &code).unwrap_err().status(),
                    Some(422),
                    "{start:?}"
                );
            }
            (1..4).for_each(|_| drop(user.offline_code(&lock_hex(), &ONCE).unwrap()));
            assert_eq!(
                user.offline_code(&lock_hex(), &ONCE).unwrap_err().status(),
                Some(409),
                "a fifth in an hour"
            );
        })
        .await;
    let path = format!("/v1/locks/{}/offline-codes", lock_hex());
    let misspelt = json!({ "class": "Forever" }).to_string();
    assert_eq!(world.raw("POST", &path, Some(&owner), &misspelt).await.0, 422);
}
