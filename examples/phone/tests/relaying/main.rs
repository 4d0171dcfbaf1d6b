//! The program between a fake lock and a fake cloud, on real sockets.

mod claiming;
mod fakes;

use cloud::messages::relay::{Doing, EventView, FromPhone, ToPhone};
use cloud::messages::{Candour, OutcomeView};
use lock_core::proto::{Kind, Outcome, Reason, Status};

use fakes::{FakeCloud, FakeLock, Phone, hello, listener, packet};

fn view(outcome: Outcome) -> OutcomeView {
    OutcomeView::new(outcome, Candour::Full)
}

fn result(outcome: Outcome) -> ToPhone {
    ToPhone::Result { command_id: 7, repeat: false, outcome: view(outcome) }
}

fn finished(outcome: Outcome) -> ToPhone {
    ToPhone::Event(EventView::Finished { command_id: 7, outcome: view(outcome) })
}

#[tokio::test]
async fn an_unlock_crosses_the_phone_unread_and_ends_with_the_sensor() {
    let ((lock, lock_at), (cloud, cloud_at)) = (listener().await, listener().await);
    let lock = async {
        let mut lock = FakeLock::accept(&lock).await;
        lock.send(&hello(1)).await;
        assert_eq!(lock.receive().await, packet(Kind::Message1, 93));
        lock.send(&packet(Kind::Message2, 80)).await;
        lock.send(&packet(Kind::Record, 41)).await;
        lock
    };
    let cloud = async {
        let mut cloud = FakeCloud::accept(&cloud).await;
        assert_eq!(cloud.packet().await, hello(1));
        assert_eq!(
            cloud.wish::<FromPhone>().await,
            FromPhone::Do { action: Doing::Unlock, client_token: Some("w1".into()), from: None }
        );
        cloud.send(packet(Kind::Message1, 93)).await;
        assert_eq!(cloud.packet().await, packet(Kind::Message2, 80));
        cloud.say(&result(Outcome::Started)).await;
        assert_eq!(cloud.packet().await, packet(Kind::Record, 41));
        cloud.say(&finished(Outcome::Done)).await;
        cloud.until_closed().await;
    };
    let phone = Phone::new();
    let running = phone.run(cloud_at, lock_at, &["unlock", "--client-token", "w1", "--json"]);
    let (ended, _lock, ()) = tokio::join!(running, lock, cloud);

    assert_eq!(ended.code, 0, "{}", ended.text);
    let crossed =
        [("lock", "Hello", 29), ("cloud", "Message1", 93), ("lock", "Message2", 80), ("lock", "Record", 41)];
    assert_eq!(ended.packets(), crossed.map(|(from, kind, bytes)| (from.to_owned(), kind.to_owned(), bytes)));
    let times: Vec<u64> = ended.lines().iter().map(|line| line["at_us"].as_u64().unwrap()).collect();
    assert!(times.is_sorted() && times[0] > 0, "{times:?}");
    assert_eq!(ended.lines().last().unwrap()["executed"], true);
    assert!(!ended.text.contains(fakes::TOKEN));
}

#[tokio::test]
async fn a_refusal_is_told_and_is_no_success() {
    let ((lock, lock_at), (cloud, cloud_at)) = (listener().await, listener().await);
    let lock = async {
        let mut lock = FakeLock::accept(&lock).await;
        lock.send(&hello(1)).await;
        lock
    };
    let cloud = async {
        let mut cloud = FakeCloud::accept(&cloud).await;
        cloud.packet().await;
        cloud.wish::<FromPhone>().await;
        cloud.say(&result(Outcome::Refused(Reason::BatteryCritical))).await;
        cloud.until_closed().await;
    };
    let phone = Phone::new();
    let (ended, _lock, ()) = tokio::join!(phone.run(cloud_at, lock_at, &["unlock"]), lock, cloud);
    assert_eq!(ended.code, 1);
    assert!(ended.text.contains("not executed: refused: the battery is too weak"), "{}", ended.text);
}

#[tokio::test]
async fn an_unlock_that_began_and_was_never_seen_to_end_is_no_success() {
    let ((lock, lock_at), (cloud, cloud_at)) = (listener().await, listener().await);
    let lock = async {
        let mut lock = FakeLock::accept(&lock).await;
        lock.send(&hello(1)).await;
        lock
    };
    let cloud = async {
        let mut cloud = FakeCloud::accept(&cloud).await;
        cloud.packet().await;
        cloud.wish::<FromPhone>().await;
        cloud.say(&result(Outcome::Started)).await;
        cloud.until_closed().await;
    };
    let phone = Phone::new();
    let (ended, _lock, ()) =
        tokio::join!(phone.run(cloud_at, lock_at, &["unlock", "--wait", "1"]), lock, cloud);
    assert_eq!(ended.code, 1);
    assert!(ended.text.contains("its sensor has not seen the end within 1 s"), "{}", ended.text);
}

#[tokio::test]
async fn a_lock_that_keeps_silent_is_asked_for_its_hello() {
    let ((lock, lock_at), (cloud, cloud_at)) = (listener().await, listener().await);
    let lock = async {
        let mut lock = FakeLock::accept(&lock).await;
        assert_eq!(lock.receive().await, Kind::HelloRequest.prefix());
        lock.send(&hello(2)).await;
        lock
    };
    let cloud = async {
        let mut cloud = FakeCloud::accept(&cloud).await;
        assert_eq!(cloud.packet().await, hello(2));
        cloud.wish::<FromPhone>().await;
        cloud.say(&ToPhone::Status { sentence: "locked".into(), status: Status::default() }).await;
        cloud.until_closed().await;
    };
    let phone = Phone::new();
    let (ended, _lock, ()) = tokio::join!(phone.run(cloud_at, lock_at, &["status"]), lock, cloud);
    assert_eq!(ended.code, 0, "{}", ended.text);
}

#[tokio::test]
async fn when_the_cloud_needs_a_new_hello_the_lock_is_asked() {
    let ((lock, lock_at), (cloud, cloud_at)) = (listener().await, listener().await);
    let lock = async {
        let mut lock = FakeLock::accept(&lock).await;
        lock.send(&hello(1)).await;
        assert_eq!(lock.receive().await, Kind::HelloRequest.prefix());
        lock.send(&hello(2)).await;
        lock
    };
    let cloud = async {
        let mut cloud = FakeCloud::accept(&cloud).await;
        assert_eq!(cloud.packet().await, hello(1));
        cloud.wish::<FromPhone>().await;
        cloud.say(&ToPhone::NeedHello).await;
        assert_eq!(cloud.packet().await, hello(2));
        cloud.say(&result(Outcome::Done)).await;
        cloud.until_closed().await;
    };
    let phone = Phone::new();
    let (ended, _lock, ()) = tokio::join!(phone.run(cloud_at, lock_at, &["lock", "--json"]), lock, cloud);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert!(ended.packets().contains(&("phone".to_owned(), "HelloRequest".to_owned(), 2)));
}

#[tokio::test]
async fn a_delivery_succeeds_when_each_message_got_its_receipt() {
    let ((lock, lock_at), (cloud, cloud_at)) = (listener().await, listener().await);
    let lock = async {
        let mut lock = FakeLock::accept(&lock).await;
        lock.send(&hello(1)).await;
        assert_eq!(lock.receive().await, packet(Kind::SealedDown, 60));
        lock.send(&packet(Kind::SealedUp, 55)).await;
        lock
    };
    let cloud = async {
        let mut cloud = FakeCloud::accept(&cloud).await;
        assert_eq!(cloud.packet().await, hello(1));
        assert_eq!(
            cloud.wish::<FromPhone>().await,
            FromPhone::Do { action: Doing::Deliver, client_token: None, from: None }
        );
        cloud.say(&ToPhone::Delivering { count: 1 }).await;
        cloud.send(packet(Kind::SealedDown, 60)).await;
        assert_eq!(cloud.packet().await, packet(Kind::SealedUp, 55));
        cloud.say(&ToPhone::Receipt { command_id: 3, outcome: view(Outcome::Done) }).await;
        cloud.say(&ToPhone::Delivered { count: 1, receipts: 1, sentence: "all".into() }).await;
        cloud.until_closed().await;
    };
    let phone = Phone::new();
    let (ended, _lock, ()) = tokio::join!(phone.run(cloud_at, lock_at, &["deliver"]), lock, cloud);
    assert_eq!(ended.code, 0, "{}", ended.text);
}

#[tokio::test]
async fn a_lock_that_goes_away_ends_the_wish_with_a_warning() {
    let ((lock, lock_at), (cloud, cloud_at)) = (listener().await, listener().await);
    let lock = async {
        let mut lock = FakeLock::accept(&lock).await;
        lock.send(&hello(1)).await;
        lock.receive().await;
    };
    let cloud = async {
        let mut cloud = FakeCloud::accept(&cloud).await;
        cloud.packet().await;
        cloud.wish::<FromPhone>().await;
        cloud.send(packet(Kind::Message1, 93)).await;
        cloud.until_closed().await;
    };
    let phone = Phone::new();
    let (ended, (), ()) = tokio::join!(phone.run(cloud_at, lock_at, &["unlock"]), lock, cloud);
    assert_eq!(ended.code, 1);
    assert!(ended.text.contains("the lock closed the connection before the end"), "{}", ended.text);
}

#[tokio::test]
async fn what_comes_from_the_wrong_side_goes_no_further() {
    let ((lock, lock_at), (cloud, cloud_at)) = (listener().await, listener().await);
    let lock = async {
        let mut lock = FakeLock::accept(&lock).await;
        lock.send(&packet(Kind::SealedDown, 60)).await;
        lock.send(&[9; 40]).await;
        lock.send(&hello(1)).await;
        assert_eq!(lock.receive().await, packet(Kind::Message1, 93));
        lock
    };
    let cloud = async {
        let mut cloud = FakeCloud::accept(&cloud).await;
        assert_eq!(cloud.packet().await, hello(1));
        cloud.wish::<FromPhone>().await;
        cloud.send(packet(Kind::Message2, 80)).await;
        cloud.send(packet(Kind::Message1, 93)).await;
        cloud.say(&result(Outcome::Done)).await;
        cloud.until_closed().await;
    };
    let phone = Phone::new();
    let (ended, _lock, ()) = tokio::join!(phone.run(cloud_at, lock_at, &["unlock", "--json"]), lock, cloud);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert_eq!(ended.lines().iter().filter(|line| line["event"] == "dropped").count(), 3);
}

#[tokio::test]
async fn who_cannot_be_reached_is_named() {
    let ((_lock, there), (cloud, cloud_at)) = (listener().await, listener().await);
    let (gone, nowhere) = listener().await;
    drop(gone);
    let phone = Phone::new();
    let no_cloud = phone.run(nowhere, there, &["status"]).await;
    assert_eq!(no_cloud.code, 1);
    assert!(
        no_cloud.text.contains(&format!("the cloud at http://{nowhere} cannot be reached")),
        "{}",
        no_cloud.text
    );

    let cloud = async { FakeCloud::accept(&cloud).await.until_closed().await };
    let (no_lock, ()) = tokio::join!(phone.run(cloud_at, nowhere, &["status"]), cloud);
    assert_eq!(no_lock.code, 1);
    assert!(no_lock.text.contains(&format!("the lock at {nowhere} cannot be reached")), "{}", no_lock.text);
}

#[tokio::test]
async fn a_token_that_others_may_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let (_listening, there) = listener().await;
    let phone = Phone::new();
    std::fs::set_permissions(&phone.token_file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let exposed = phone.run(there, there, &["status"]).await;
    assert_eq!(exposed.code, 1);
    assert!(exposed.text.contains("chmod 600"), "{}", exposed.text);

    std::fs::remove_file(&phone.token_file).unwrap();
    let missing = phone.run(there, there, &["status"]).await;
    assert_eq!(missing.code, 1);
    assert!(missing.text.contains("cannot be read"), "{}", missing.text);
}
