//! Locks of profile X at the service: registered so, spoken to so, and never otherwise.

use cloud::Right;
use cloud::messages::relay::{Doing, EventView, ToPhone};
use cloud::messages::{Ending, NewLock};
use lock_core::proto::{BoltPosition, Hello, Packet, Profile};
use serde_json::json;

use crate::lock::Lock;
use crate::phone::Phone;
use crate::world::{World, lock_hex, new_lock};

fn of_profile_x() -> NewLock {
    let mut lock = new_lock();
    lock.profile = Profile::X;
    lock
}

fn profile_of(hello: &[u8]) -> Profile {
    let Ok(Packet::Hello(Hello { profile, .. })) = Packet::parse(hello) else {
        panic!("no Hello: {hello:?}")
    };
    profile
}

#[tokio::test]
async fn an_unlock_of_profile_x_takes_one_round_trip() {
    let world = World::with(of_profile_x()).await;
    let (_, token) = world.user("alice", &[Right::Unlock, Right::Status]).await;
    let (mut lock, mut phone) = (Lock::of_profile_x(), Phone::connect(world.address, &token).await);
    let hello = lock.hello();
    assert_eq!(profile_of(&hello), Profile::X);
    phone.brings(&hello).await;
    phone.asks(Doing::Unlock, Some("w")).await;
    lock.takes(&phone.hears_packet().await);
    assert_eq!(lock.drives, 1);
    let begun = phone.relays(&mut lock).await;
    assert!(
        matches!(&begun, ToPhone::Result { repeat: false, outcome, .. } if outcome.outcome == Ending::Started),
        "{begun:?}"
    );
    lock.arrives(BoltPosition::Retracted);
    let is_finished = |said: &ToPhone| matches!(said, ToPhone::Event(EventView::Finished { .. }));
    phone.relays_until(&mut lock, is_finished).await;

    // A record of the same session.
    phone.asks(Doing::Status, None).await;
    let is_status = |said: &ToPhone| matches!(said, ToPhone::Status { .. });
    phone.relays_until(&mut lock, is_status).await;
    assert!(world.log.about("registered")[0].contains("profile=X"));
}

#[tokio::test]
async fn a_relay_that_makes_the_hello_one_of_profile_s_gets_no_message_1() {
    let world = World::with(of_profile_x()).await;
    let (_, token) = world.user("alice", &[Right::Unlock, Right::Status]).await;
    let (mut lock, mut phone) = (Lock::of_profile_x(), Phone::connect(world.address, &token).await);
    let mut hello = lock.hello();
    hello[4] = 1;
    phone.brings(&hello).await;
    phone.asks(Doing::Unlock, Some("w")).await;
    let sentence = phone.hears_error().await;
    assert!(sentence.contains("another profile"), "{sentence}");
    assert!(world.log.about("sent").is_empty());
    assert_eq!(lock.drives, 0);
}

#[tokio::test]
async fn a_profile_is_s_where_nobody_says_another_and_x_or_s_else() {
    let world = World::start().await;
    let admin = world.admin.clone();
    let body = |number: &str, profile: &str| {
        let mut body =
            json!({ "lock_id": number.repeat(16), "root": hex::encode(crate::world::ROOT), "name": "gate" });
        if !profile.is_empty() {
            body["profile"] = json!(profile);
        }
        body.to_string()
    };
    for (number, profile, status) in [("01", "", 201), ("02", "S", 201), ("03", "X", 201), ("04", "Y", 422)] {
        let answer = world.raw("POST", "/v1/locks", Some(&admin), &body(number, profile)).await;
        assert_eq!(answer.0, status, "{profile}: {}", answer.1);
    }
    let known = world.rest(&admin, |admin| admin.locks().unwrap()).await;
    assert_eq!(known.len(), 4, "{} among them", lock_hex());
}
