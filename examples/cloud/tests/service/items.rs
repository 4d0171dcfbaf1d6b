use cloud::Right;
use cloud::messages::relay::{Doing, ToPhone};
use cloud::messages::{Ending, ItemStage, ItemView, NewCommand, Restore, Wish};
use lock_core::proto::{Reason, Table};

use crate::lock::Lock;
use crate::phone::Phone;
use crate::world::{World, lock_hex};

pub(crate) async fn queue(world: &World, token: &str, name: &str, action: Wish) {
    let new = NewCommand { action, client_token: name.to_owned(), valid_for_seconds: None };
    world.rest(token, move |user| user.queue(&lock_hex(), &new).unwrap()).await;
}

async fn items(world: &World, token: &str) -> Vec<ItemView> {
    world.rest(token, move |user| user.items(&lock_hex()).unwrap()).await
}

pub(crate) async fn stages(world: &World, token: &str) -> Vec<(Table, u8, ItemStage)> {
    items(world, token).await.into_iter().map(|item| (item.table, item.slot, item.stage)).collect()
}

pub(crate) async fn deliver(phone: &mut Phone, lock: &mut Lock) {
    phone.asks(Doing::Deliver, None).await;
    phone.relays_until(lock, |said| matches!(said, ToPhone::Delivered { .. })).await;
}

pub(crate) async fn compare(phone: &mut Phone, lock: &mut Lock) -> usize {
    phone.asks(Doing::Compare, None).await;
    let heard = phone.relays_until(lock, |said| matches!(said, ToPhone::Compared { .. })).await;
    let Some(ToPhone::Compared { differing, .. }) = heard.last() else { panic!("{heard:?}") };
    *differing
}

pub(crate) fn pin(slot: u8) -> Wish {
    Wish::SetPin { slot, digits: "271828".to_owned(), user: None, programming: false }
}

#[tokio::test]
async fn a_reset_lock_differs_and_gets_back_what_the_service_knows() {
    let world = World::start().await;
    let (_, owner) = world.user("olga", &[Right::Configure, Right::Relay]).await;
    queue(&world, &owner, "a", Wish::AutoRelock { seconds: 30 }).await;
    queue(&world, &owner, "b", pin(4)).await;
    queue(&world, &owner, "c", pin(5)).await;
    let pending = [ItemStage::Pending; 3];
    assert_eq!(stages(&world, &owner).await.iter().map(|item| item.2).collect::<Vec<_>>(), pending);

    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &owner).await);
    lock.hello();
    deliver(&mut phone, &mut lock).await;
    let configured = items(&world, &owner).await;
    assert_eq!(configured[2].reason, Some(Reason::Duplicate), "{configured:?}");
    assert_eq!(configured[2].sentence, format!("refused: {}", Reason::Duplicate));
    assert_eq!(configured[0].wanted.as_deref(), Some("relock after 30 s"));
    assert!(!format!("{configured:?}").contains("271828"));
    assert_eq!(compare(&mut phone, &mut lock).await, 1, "the refused one");
    drop(phone);

    lock.factory_reset();
    let mut phone = Phone::connect(world.address, &owner).await;
    assert_eq!(compare(&mut phone, &mut lock).await, 3);
    let lost = stages(&world, &owner).await;
    let expected = [
        (Table::Settings, 0, ItemStage::Missing),
        (Table::Credentials, 4, ItemStage::Missing),
        (Table::Credentials, 5, ItemStage::Refused),
    ];
    assert_eq!(lost, expected);
    let made = world.rest(&owner, |user| user.restore(&lock_hex(), Restore::default()).unwrap()).await;
    assert_eq!((made.queued.len(), made.needs_code.as_slice()), (1, [4].as_slice()), "{}", made.sentence);
    deliver(&mut phone, &mut lock).await;
    let restored = world
        .rest(&owner, move |user| user.command(&lock_hex(), made.queued[0]).unwrap().outcome.unwrap())
        .await;
    assert_eq!(restored.outcome, Ending::Done);
    assert_eq!(stages(&world, &owner).await[0].2, ItemStage::Applied);
}

#[tokio::test]
async fn who_may_not_configure_sees_no_items_compares_nothing_and_restores_nothing() {
    let world = World::start().await;
    let (_, guest) = world.user("greta", &[Right::Status, Right::Unlock, Right::Relay]).await;
    world
        .rest(&guest, |user| {
            assert_eq!(user.items(&lock_hex()).unwrap_err().status(), Some(403));
            assert_eq!(user.restore(&lock_hex(), Restore::default()).unwrap_err().status(), Some(403));
        })
        .await;
    let mut phone = Phone::connect(world.address, &guest).await;
    phone.asks(Doing::Compare, None).await;
    assert!(phone.hears_error().await.contains("`configure`"));
}
