use std::time::Duration;

use cloud::Right;
use cloud::messages::relay::{Doing, EventView, SUBPROTOCOL, ToPhone};
use cloud::messages::{Ending, HeardBy};
use lock_core::proto::{BoltPosition, Kind};

use crate::lock::Lock;
use crate::phone::{Came, Phone};
use crate::world::{World, lock_hex};

/// Asks for an unlock and relays it to its beginning; returns the number of the command.
async fn unlock(phone: &mut Phone, lock: &mut Lock, token: &str) -> u64 {
    phone.asks(Doing::Unlock, Some(token)).await;
    let said = phone.relays(lock).await;
    let ToPhone::Result { command_id, repeat: false, outcome } = &said else {
        panic!("no beginning: {said:?}")
    };
    assert_eq!(outcome.outcome, Ending::Started);
    *command_id
}

fn is_finished(said: &ToPhone) -> bool {
    matches!(said, ToPhone::Event(EventView::Finished { .. }))
}

#[tokio::test]
async fn an_unlock_takes_one_round_trip_and_ends_with_the_sensor() {
    let world = World::start().await;
    let (_, token) = world.user("alice", &[Right::Unlock, Right::Status]).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &token).await);
    let hello = lock.hello();
    phone.brings(&hello).await;
    phone.asks(Doing::Unlock, Some("w")).await;
    let message1 = phone.hears_packet().await;
    assert_eq!(message1[1], Kind::Message1 as u8);
    lock.takes(&message1);
    assert_eq!(lock.drives, 1, "the motor runs after one round trip");
    let begun = phone.relays(&mut lock).await;
    assert!(
        matches!(&begun, ToPhone::Result { repeat: false, outcome, .. } if outcome.outcome == Ending::Started),
        "{begun:?}"
    );

    lock.arrives(BoltPosition::Retracted);
    let heard = phone.relays_until(&mut lock, is_finished).await;
    assert!(
        matches!(heard.last(), Some(ToPhone::Event(EventView::Finished { outcome, .. })) if outcome.outcome == Ending::Done)
    );

    for fact in ["asked", "sent", "received", "answered", "finished"] {
        let lines = world.log.about(fact);
        assert!(
            !lines.is_empty()
                && lines.iter().all(|line| line.contains("by=alice") && line.contains(&lock_hex())),
            "{fact}"
        );
    }
    assert!(
        world.log.about("sent")[0].contains("kind=Message1 attempt=1 command=1 bytes="),
        "{:?}",
        world.log.about("sent")
    );
    let seen = world.rest(&token, |alice| alice.lock(&lock_hex()).unwrap()).await.heard.unwrap();
    assert!(
        !seen.locked && seen.by == HeardBy::Live && seen.status.bolt.value == BoltPosition::Retracted,
        "{seen:?}"
    );
}

#[tokio::test]
async fn the_same_client_token_moves_the_bolt_once() {
    let world = World::start().await;
    let (_, token) = world.user("alice", &[Right::Unlock, Right::Status]).await;
    let mut lock = Lock::new();
    let mut phone = Phone::connect(world.address, &token).await;
    let id = unlock(&mut phone, &mut lock, "w").await;
    lock.arrives(BoltPosition::Retracted);
    phone.relays_until(&mut lock, is_finished).await;
    drop(phone);

    let mut phone = Phone::connect(world.address, &token).await;
    phone.asks(Doing::Unlock, Some("w")).await;
    let again = phone.relays(&mut lock).await;
    assert!(
        matches!(&again, ToPhone::Result { command_id, repeat: true, outcome } if *command_id == id && outcome.outcome == Ending::Done),
        "{again:?}"
    );
    assert_eq!(lock.drives, 1);
}

#[tokio::test]
async fn an_answer_that_is_lost_is_asked_for_again_and_nothing_moves_twice() {
    let world = World::start().await;
    let (_, token) = world.user("alice", &[Right::Unlock, Right::Status]).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &token).await);
    let hello = lock.hello();
    phone.brings(&hello).await;
    phone.asks(Doing::Unlock, Some("w")).await;
    lock.takes(&phone.hears_packet().await);
    assert_eq!(lock.drives, 1);
    // Message2 is lost on the way.
    lock.sent.clear();
    assert_eq!(phone.hears_text().await, ToPhone::NeedHello);
    assert_eq!(world.log.about("unanswered").len(), 1);
    let hello = lock.hello();
    phone.brings(&hello).await;
    let answer = phone.relays(&mut lock).await;
    assert!(matches!(answer, ToPhone::Result { repeat: true, .. }), "{answer:?}");
    assert_eq!(lock.drives, 1);
}

#[tokio::test]
async fn rights_are_looked_up_for_each_command_within_a_session() {
    let world = World::start().await;
    let (user, token) = world.user("alice", &[Right::Unlock, Right::Lock, Right::Status]).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &token).await);
    unlock(&mut phone, &mut lock, "w").await;
    lock.arrives(BoltPosition::Retracted);
    phone.relays_until(&mut lock, is_finished).await;

    world
        .rest(&world.admin, move |admin| {
            admin.grant(&lock_hex(), user, [Right::Lock].into_iter().collect()).unwrap();
        })
        .await;
    phone.asks(Doing::Unlock, Some("again")).await;
    assert!(phone.hears_error().await.contains("`unlock`"));
    phone.asks(Doing::Status, None).await;
    assert!(phone.hears_error().await.contains("`status`"));
    phone.asks(Doing::Lock, Some("lock")).await;
    // What is left is still allowed, in the same session.
    phone.relays_until(&mut lock, |said| matches!(said, ToPhone::Result { .. })).await;
    assert_eq!(world.log.about("sent").iter().filter(|line| line.contains("kind=Message1")).count(), 1);
    assert_eq!(lock.drives, 2);
}

#[tokio::test]
async fn a_revoked_token_ends_its_open_relay() {
    let world = World::start().await;
    let (user, token) = world.user("alice", &Right::ALL).await;
    let number = token.split('_').nth(1).unwrap().parse().unwrap();
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &token).await);
    unlock(&mut phone, &mut lock, "w").await;
    world.rest(&world.admin, move |admin| admin.revoke_token(user, number).unwrap()).await;
    phone.asks(Doing::Lock, Some("x")).await;
    assert!(phone.hears_error().await.contains("have ended"));
    assert!(matches!(phone.hears().await, Came::Closed));
    assert_eq!(Phone::try_connect(world.address, &token, Some(SUBPROTOCOL)).await.err(), Some(401));
}

#[tokio::test]
async fn who_may_only_see_can_neither_open_nor_carry() {
    let world = World::start().await;
    let (_, token) = world.user("alice", &[Right::Status]).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &token).await);
    for (doing, right) in [(Doing::Unlock, "`unlock`"), (Doing::Lock, "`lock`"), (Doing::Deliver, "`relay`")]
    {
        phone.asks(doing, None).await;
        assert!(phone.hears_error().await.contains(right));
    }
    phone.asks(Doing::Status, None).await;
    let said = phone.relays(&mut lock).await;
    assert!(matches!(&said, ToPhone::Status { status, .. } if status.is_locked()), "{said:?}");
    assert_eq!(lock.drives, 0);
}

#[tokio::test]
async fn a_watcher_hears_each_change_of_the_door() {
    let world = World::start().await;
    let (_, token) = world.user("alice", &[Right::Status]).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &token).await);
    phone.asks(Doing::Watch, None).await;
    assert!(matches!(phone.relays(&mut lock).await, ToPhone::Status { .. }));
    lock.arrives(BoltPosition::Retracted);
    let heard =
        phone.relays_until(&mut lock, |said| matches!(said, ToPhone::Event(EventView::Status { .. }))).await;
    assert!(heard.iter().any(|said| matches!(said, ToPhone::Event(EventView::Status { sentence, .. }) if sentence.contains("unlocked"))), "{heard:?}");
}

#[tokio::test]
async fn another_lock_is_recognised_as_such_and_nothing_is_sent_to_it() {
    let world = World::start().await;
    let (_, token) = world.user("alice", &[Right::Unlock]).await;
    let (mut other, mut phone) = (Lock::of([9; 16]), Phone::connect(world.address, &token).await);
    let hello = other.hello();
    phone.brings(&hello).await;
    phone.asks(Doing::Unlock, Some("w")).await;
    assert!(phone.hears_error().await.contains("not this one"));
}

#[tokio::test]
async fn what_a_hostile_phone_makes_up_changes_nothing() {
    let world = World::start().await;
    let (_, token) = world.user("eve", &Right::ALL).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &token).await);
    let hello = lock.hello();
    let reflected = [&Kind::Message1.prefix()[..], &[1, 0, 0, 0], &[7; 40]].concat();
    let forged = |kind: Kind| [&kind.prefix()[..], &[7; 60]].concat();
    for packet in [
        b"noise".to_vec(),
        Vec::new(),
        vec![1; 600],
        reflected,
        forged(Kind::Message2),
        forged(Kind::Record),
        forged(Kind::SealedUp),
    ] {
        phone.brings(&packet).await;
    }
    phone.says("{\"type\":\"do\",\"action\":\"explode\"}").await;
    assert!(phone.hears_error().await.contains("not one that the relay takes"));
    assert_eq!(world.log.about("dropped").len(), 8, "{}", world.log.text());

    phone.brings(&hello).await;
    unlock(&mut phone, &mut lock, "w").await;
    assert_eq!(lock.drives, 1);
}

#[tokio::test]
async fn a_forged_answer_is_refused_and_the_wish_tried_again() {
    let world = World::start().await;
    let (_, token) = world.user("alice", &[Right::Unlock]).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &token).await);
    let hello = lock.hello();
    phone.brings(&hello).await;
    phone.asks(Doing::Unlock, Some("w")).await;
    phone.hears_packet().await;
    phone.brings(&[&Kind::Message2.prefix()[..], &[7; 60]].concat()).await;
    assert_eq!(phone.hears_text().await, ToPhone::NeedHello);
    let hello = lock.hello();
    phone.brings(&hello).await;
    assert!(matches!(phone.relays(&mut lock).await, ToPhone::Result { repeat: false, .. }));
    assert_eq!(lock.drives, 1);
}

#[tokio::test]
async fn a_relay_is_opened_with_a_right_and_its_subprotocol_only() {
    let world = World::start().await;
    let (_, none) = world.user("alice", &[]).await;
    let (_, some) = world.user("bob", &[Right::Relay]).await;
    assert_eq!(Phone::try_connect(world.address, &none, Some(SUBPROTOCOL)).await.err(), Some(403));
    assert_eq!(Phone::try_connect(world.address, &some, None).await.err(), Some(422));
    assert_eq!(Phone::try_connect(world.address, &some, Some("chat")).await.err(), Some(422));
    assert!(Phone::try_connect(world.address, &some, Some(SUBPROTOCOL)).await.is_ok());
}

#[tokio::test]
async fn a_flood_ends_the_relay_and_not_the_service() {
    let world = World::start().await;
    let (_, token) = world.user("eve", &[Right::Status]).await;
    let mut phone = Phone::connect(world.address, &token).await;
    for _ in 0..400 {
        if phone.tries_to_bring(b"x").await.is_err() {
            break;
        }
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(world.log.about("relay_closed")[0].contains("sends too much"));
    world.rest(&world.admin, |admin| admin.health().unwrap()).await;
}

#[tokio::test]
async fn the_service_ends_in_good_time_though_relays_are_open() {
    let world = World::start().await;
    let (_, token) = world.user("alice", &[Right::Status]).await;
    let mut phone = Phone::connect(world.address, &token).await;
    let log = world.log.clone();
    tokio::time::timeout(Duration::from_secs(4), world.stop()).await.expect("the service ends");
    assert!(matches!(phone.hears().await, Came::Closed));
    assert!(log.about("relay_closed")[0].contains("the service stops"));
}

#[tokio::test]
async fn a_health_report_comes_with_what_is_probably_wrong_and_only_to_those_who_may_see_the_status() {
    let world = World::start().await;
    let (_, token) = world.user("alice", &[Right::Status]).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &token).await);
    let hello = lock.hello();
    phone.brings(&hello).await;
    phone.asks(Doing::Health, None).await;
    let answer = phone.relays(&mut lock).await;
    let ToPhone::Health { sentence, report } = answer else { panic!("{answer:?}") };
    assert_eq!(report.boots.count, 1);
    assert!(!sentence.is_empty());

    let (_, token) = world.user("bob", &[Right::Unlock]).await;
    let mut phone = Phone::connect(world.address, &token).await;
    phone.asks(Doing::Health, None).await;
    assert!(phone.hears_error().await.contains("`status`"));
}
