//! Rotation of a lock's keys through the interface and a phone.

use cloud::Right;
use cloud::messages::relay::{Doing, ToPhone};
use cloud::messages::{KeyConditions, NewKey, UnderWayStage, Wish};
use lock_core::proto::BoltPosition;

use crate::items::queue;
use crate::lock::Lock;
use crate::phone::Phone;
use crate::world::{World, lock_hex};

async fn unlock(phone: &mut Phone, lock: &mut Lock) -> usize {
    let before = lock.drives;
    phone.asks(Doing::Unlock, None).await;
    phone.relays_until(lock, |said| matches!(said, ToPhone::Result { .. })).await;
    lock.arrives(BoltPosition::Retracted);
    lock.arrives(BoltPosition::Extended);
    lock.drives - before
}

#[tokio::test]
async fn keys_are_rotated_by_a_phone_and_what_has_to_be_issued_again_is_listed() {
    let world = World::start().await;
    let rights = [Right::Configure, Right::Relay, Right::Unlock, Right::Status];
    let (_, owner) = world.user("olga", &rights).await;
    let new = NewKey {
        label: "dog walker".to_owned(),
        conditions: KeyConditions::default(),
        holder: None,
        phone: None,
    };
    world.rest(&owner, move |user| user.issue_key(&lock_hex(), &new).unwrap().key.serial).await;
    let view = world.rest(&owner, |user| user.rotation(&lock_hex()).unwrap()).await;
    assert_eq!((view.key_epoch, view.under_way.is_none(), view.to_reissue.len()), (1, true, 0));
    let view = world.rest(&owner, |user| user.rotate(&lock_hex()).unwrap()).await;
    let under_way = view.under_way.unwrap();
    assert_eq!((under_way.by.as_str(), under_way.stage), ("olga", UnderWayStage::Wanted));

    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &owner).await);
    // A session under the old keys is open already.
    assert_eq!(unlock(&mut phone, &mut lock).await, 1);
    queue(&world, &owner, "a", Wish::AutoRelock { seconds: 30 }).await;
    phone.asks(Doing::Rotate, None).await;
    let heard = phone.relays_until(&mut lock, |said| matches!(said, ToPhone::Rotated { .. })).await;
    let Some(ToPhone::Rotated { key_epoch: 2, to_reissue: 1, .. }) = heard.last() else {
        panic!("{heard:?}")
    };
    assert_eq!(unlock(&mut phone, &mut lock).await, 1);
    phone.asks(Doing::Deliver, None).await;
    phone.relays_until(&mut lock, |said| matches!(said, ToPhone::Delivered { .. })).await;
    drop(phone);

    let world = world.restart().await;
    let view = world.rest(&owner, |user| user.rotation(&lock_hex()).unwrap()).await;
    assert_eq!((view.key_epoch, view.under_way), (2, None));
    assert_eq!(view.to_reissue[0].label, "dog walker");
    let mut phone = Phone::connect(world.address, &owner).await;
    assert_eq!(unlock(&mut phone, &mut lock).await, 1);
    let audit = world.rest(&owner, |user| format!("{:?}", user.audit(&lock_hex(), 0).unwrap())).await;
    assert!(audit.contains("rotate the keys") && audit.contains("commit the rotation"), "{audit}");
}

#[tokio::test]
async fn who_may_not_configure_rotates_nothing_and_nobody_does_unasked() {
    let world = World::start().await;
    let (_, guest) = world.user("greta", &[Right::Status, Right::Unlock, Right::Relay]).await;
    world
        .rest(&guest, |user| {
            assert_eq!(user.rotate(&lock_hex()).unwrap_err().status(), Some(403));
            assert_eq!(user.rotation(&lock_hex()).unwrap_err().status(), Some(403));
        })
        .await;
    let mut phone = Phone::connect(world.address, &guest).await;
    phone.asks(Doing::Rotate, None).await;
    assert!(phone.hears_error().await.contains("`configure`"));
    drop(phone);
    let (_, owner) = world.user("olga", &[Right::Configure, Right::Relay]).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &owner).await);
    phone.asks(Doing::Rotate, None).await;
    let heard = phone.relays_until(&mut lock, |said| matches!(said, ToPhone::Error { .. })).await;
    assert!(format!("{heard:?}").contains("ask for one first"), "{heard:?}");
}
