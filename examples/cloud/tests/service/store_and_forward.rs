use std::time::Duration;

use cloud::Right;
use cloud::messages::relay::{Doing, EventView, ToPhone};
use cloud::messages::{CommandStage, CommandView, Ending, NewCommand, Wish};
use lock_core::proto::{BoltPosition, Reason};

use crate::lock::Lock;
use crate::phone::Phone;
use crate::world::{World, lock_hex};

fn relock(token: &str) -> NewCommand {
    let action = Wish::AutoRelock { seconds: 30 };
    NewCommand { action, client_token: token.to_owned(), valid_for_seconds: None }
}

fn is_delivered(said: &ToPhone) -> bool {
    matches!(said, ToPhone::Delivered { .. })
}

async fn queue(world: &World, token: &str, new: NewCommand) -> u64 {
    world.rest(token, move |user| user.queue(&lock_hex(), &new).unwrap().command_id).await
}

async fn command(world: &World, token: &str, id: u64) -> CommandView {
    world.rest(token, move |user| user.command(&lock_hex(), id).unwrap()).await
}

#[tokio::test]
async fn a_setting_waits_for_a_phone_and_its_receipt_comes_back() {
    let world = World::start().await;
    let (_, owner) = world.user("olga", &[Right::Configure, Right::Status]).await;
    let (_, bearer) = world.user("bob", &[Right::Relay]).await;
    let id = queue(&world, &owner, relock("a")).await;
    assert_eq!(command(&world, &owner, id).await.stage, CommandStage::Queued);

    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &bearer).await);
    lock.hello();
    phone.asks(Doing::Deliver, None).await;
    let heard = phone.relays_until(&mut lock, is_delivered).await;
    assert!(heard.contains(&ToPhone::Delivering { count: 1 }), "{heard:?}");
    assert!(matches!(heard.last(), Some(ToPhone::Delivered { count: 1, receipts: 1, .. })), "{heard:?}");

    let settled = command(&world, &owner, id).await;
    assert_eq!((settled.stage, settled.outcome.unwrap().outcome), (CommandStage::Settled, Ending::Done));
    assert!(
        world
            .log
            .about("sent")
            .iter()
            .any(|line| line.contains("kind=SealedDown counter=1 command=1 bytes="))
    );
}

#[tokio::test]
async fn what_is_queued_while_a_phone_is_there_goes_out_by_itself() {
    let world = World::start().await;
    let (_, owner) = world.user("olga", &[Right::Configure, Right::Status, Right::Relay]).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &owner).await);
    lock.hello();
    // The first look finds nothing.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let id = queue(&world, &owner, relock("a")).await;
    phone.relays_until(&mut lock, is_delivered).await;
    assert_eq!(command(&world, &owner, id).await.stage, CommandStage::Settled);
}

#[tokio::test]
async fn who_may_not_carry_is_handed_nothing() {
    let world = World::start().await;
    let (_, owner) = world.user("olga", &[Right::Configure, Right::Status]).await;
    queue(&world, &owner, relock("a")).await;
    let mut phone = Phone::connect(world.address, &owner).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    phone.asks(Doing::Deliver, None).await;
    assert!(phone.hears_error().await.contains("`relay`"));
}

#[tokio::test]
async fn what_got_no_receipt_is_delivered_again_and_done_once() {
    let world = World::start().await;
    let (_, owner) = world.user("olga", &[Right::Configure, Right::Status, Right::Relay]).await;
    let id = queue(&world, &owner, relock("a")).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &owner).await);
    lock.hello();
    phone.asks(Doing::Deliver, None).await;
    assert!(matches!(phone.hears_text().await, ToPhone::Delivering { .. }));
    lock.takes(&phone.hears_packet().await);
    // The receipt is lost; so is the phone.
    lock.sent.clear();
    drop(phone);
    assert_eq!(command(&world, &owner, id).await.stage, CommandStage::HandedOver);

    let world = world.restart().await;
    let mut phone = Phone::connect(world.address, &owner).await;
    phone.asks(Doing::Deliver, None).await;
    assert!(matches!(phone.hears_text().await, ToPhone::Delivering { .. }));
    lock.takes(&phone.hears_packet().await);
    phone.relays_until(&mut lock, is_delivered).await;
    let settled = command(&world, &owner, id).await;
    assert_eq!(settled.outcome.unwrap().outcome, Ending::Done);
}

#[tokio::test]
async fn a_queued_unlock_that_cannot_be_trusted_to_be_fresh_is_refused_and_shown_so() {
    let world = World::start().await;
    let (_, owner) = world.user("olga", &[Right::Unlock, Right::Status, Right::Relay]).await;
    let new = NewCommand { action: Wish::Unlock, client_token: "u".to_owned(), valid_for_seconds: Some(1) };
    let id = queue(&world, &owner, new).await;
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &owner).await);
    // A session first: the lock learns the time.
    phone.asks(Doing::Status, None).await;
    phone.relays_until(&mut lock, |said| matches!(said, ToPhone::Status { .. })).await;
    phone.asks(Doing::Deliver, None).await;
    phone.relays_until(&mut lock, is_delivered).await;
    let refused = command(&world, &owner, id).await.outcome.unwrap();
    assert_eq!((refused.outcome, refused.reason), (Ending::Refused, Some(Reason::Expired)));
    assert_eq!(lock.drives, 0);
}

#[tokio::test]
async fn a_receipt_that_is_replayed_is_taken_once() {
    let world = World::start().await;
    let (_, owner) = world.user("olga", &[Right::Configure, Right::Status, Right::Relay]).await;
    queue(&world, &owner, relock("a")).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &owner).await);
    lock.hello();
    phone.asks(Doing::Deliver, None).await;
    phone.hears_text().await;
    lock.takes(&phone.hears_packet().await);
    let receipt = lock.sent.pop_front().unwrap();
    phone.brings(&receipt).await;
    phone.brings(&receipt).await;
    assert!(matches!(phone.hears_text().await, ToPhone::Receipt { .. }));
    assert!(is_delivered(&phone.hears_text().await));
    phone.asks(Doing::Deliver, None).await;
    assert!(matches!(phone.hears_text().await, ToPhone::Delivered { count: 0, .. }));
    assert!(world.log.about("dropped")[0].contains("taken before"));
}

/// Relays a motion to its end at `bolt`.
async fn moves(phone: &mut Phone, lock: &mut Lock, doing: Doing, token: &str, bolt: BoltPosition) -> ToPhone {
    phone.asks(doing, Some(token)).await;
    let heard = phone.relays_until(lock, |said| matches!(said, ToPhone::Result { .. })).await;
    lock.arrives(bolt);
    phone.relays_until(lock, |said| matches!(said, ToPhone::Event(EventView::Finished { .. }))).await;
    heard.into_iter().next_back().unwrap()
}

#[tokio::test]
async fn after_a_restored_backup_the_numbers_are_caught_up_and_each_wish_is_done_once() {
    let world = World::start().await;
    let (_, owner) = world.user("olga", &Right::ALL).await;
    let mut lock = Lock::new();
    let mut phone = Phone::connect(world.address, &owner).await;
    moves(&mut phone, &mut lock, Doing::Unlock, "one", BoltPosition::Retracted).await;
    drop(phone);
    let folder = world.stop().await;
    let backup = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path()) {
        std::fs::copy(&file, backup.path().join(file.file_name().unwrap())).unwrap();
    }

    let world = World::open(folder).await;
    let mut phone = Phone::connect(world.address, &owner).await;
    moves(&mut phone, &mut lock, Doing::Lock, "two", BoltPosition::Extended).await;
    moves(&mut phone, &mut lock, Doing::Unlock, "three", BoltPosition::Retracted).await;
    assert_eq!(lock.drives, 3);
    drop(world.stop().await);

    // The lock has begun command 2; the restored service gives that number out again.
    let world = World::open(backup).await;
    let mut phone = Phone::connect(world.address, &owner).await;
    let result = moves(&mut phone, &mut lock, Doing::Lock, "four", BoltPosition::Extended).await;
    assert!(matches!(result, ToPhone::Result { command_id: 4.., repeat: false, .. }), "{result:?}");
    assert_eq!(lock.drives, 4);
    let caught = world.log.about("resynchronised");
    assert!(caught[0].contains("command_from=") && caught[0].contains("command_to=4"), "{caught:?}");
}

/// After a start the service asks the lock for its marks before it hands out what was queued since; one delivery does both.
#[tokio::test]
async fn what_is_queued_after_a_restart_is_delivered_at_once() {
    let world = World::start().await;
    let (_, owner) = world.user("olga", &[Right::Configure, Right::Status, Right::Relay]).await;
    let world = world.restart().await;
    let id = queue(&world, &owner, relock("a")).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &owner).await);
    lock.hello();
    phone.asks(Doing::Deliver, None).await;
    let heard = phone.relays_until(&mut lock, is_delivered).await;
    assert!(matches!(heard.last(), Some(ToPhone::Delivered { count: 1, receipts: 1, .. })), "{heard:?}");
    assert_eq!(command(&world, &owner, id).await.stage, CommandStage::Settled);
}
