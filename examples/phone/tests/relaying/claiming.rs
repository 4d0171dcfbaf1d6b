//! A claim and the end of an ownership, as the program asks for them.

use cloud::messages::relay::{Doing, FromPhone, ToPhone};
use cloud::messages::{Candour, ClaimStep, FromClaimer, LabelText, OutcomeView};
use lock_core::proto::{Kind, Outcome, Profile};

use crate::fakes::{FakeCloud, FakeLock, Phone, hello, listener, packet};

const LABEL: &str = "LK1-0000-0000-0000-0000-0000-0000-02EP";

fn wish(profile: Profile) -> FromClaimer {
    FromClaimer::Claim { label: LabelText(LABEL.into()), name: "front door".into(), profile }
}

fn step(step: ClaimStep) -> ToPhone {
    ToPhone::Claiming { step, sentence: step.sentence().to_owned() }
}

fn claimed() -> ToPhone {
    ToPhone::Claimed { sentence: "it is yours".into() }
}

#[tokio::test]
async fn a_claim_tells_each_step_and_ends_when_the_lock_has_proven_it() {
    let ((lock, lock_at), (cloud, cloud_at)) = (listener().await, listener().await);
    let lock = async {
        let mut lock = FakeLock::accept(&lock).await;
        lock.send(&hello(1)).await;
        assert_eq!(lock.receive().await, packet(Kind::Message1, 86));
        // Nobody has pressed: it is silent, and greets again when it is asked.
        assert_eq!(lock.receive().await, Kind::HelloRequest.prefix());
        lock.send(&hello(2)).await;
        assert_eq!(lock.receive().await, packet(Kind::Record, 70));
        lock.send(&packet(Kind::Record, 30)).await;
        lock
    };
    let cloud = async {
        let mut cloud = FakeCloud::accept_at(&cloud, "claim").await;
        assert_eq!(cloud.packet().await, hello(1));
        assert_eq!(cloud.wish::<FromClaimer>().await, wish(Profile::X));
        cloud.send(packet(Kind::Message1, 86)).await;
        cloud.say(&step(ClaimStep::PressButton)).await;
        cloud.say(&ToPhone::NeedHello).await;
        assert_eq!(cloud.packet().await, hello(2));
        cloud.say(&step(ClaimStep::HandingOver)).await;
        cloud.send(packet(Kind::Record, 70)).await;
        assert_eq!(cloud.packet().await, packet(Kind::Record, 30));
        cloud.say(&step(ClaimStep::Taken)).await;
        cloud.say(&claimed()).await;
        cloud.until_closed().await;
    };
    let phone = Phone::new();
    let label = phone.label(&format!("  {LABEL}\n"));
    let more = ["claim", "--label-file", label.to_str().unwrap(), "--name", "front door", "--profile", "x"];
    let (ended, _lock, ()) = tokio::join!(phone.run(cloud_at, lock_at, &more), lock, cloud);
    assert_eq!(ended.code, 0, "{}", ended.text);
    let places: Vec<usize> =
        ["press the button inside", "takes part", "has taken its new keys", "executed: claim"]
            .iter()
            .map(|words| ended.text.find(words).unwrap_or_else(|| panic!("{words}: {}", ended.text)))
            .collect();
    assert!(places.is_sorted(), "{}", ended.text);
    assert!(!ended.text.contains("02EP"), "the label is nobody's business: {}", ended.text);
}

#[tokio::test]
async fn a_claim_goes_on_with_another_connection_where_one_breaks() {
    let ((lock, lock_at), (cloud, cloud_at)) = (listener().await, listener().await);
    let lock = async {
        let mut first = FakeLock::accept(&lock).await;
        first.send(&hello(1)).await;
        let mut second = FakeLock::accept(&lock).await;
        second.send(&hello(2)).await;
        (first, second)
    };
    let cloud = async {
        let mut first = FakeCloud::accept_at(&cloud, "claim").await;
        assert_eq!(first.wish_behind::<FromClaimer>(&hello(1)).await, wish(Profile::S));
        first.say(&step(ClaimStep::HandingOver)).await;
        drop(first);
        let mut second = FakeCloud::accept_at(&cloud, "claim").await;
        assert_eq!(second.wish_behind::<FromClaimer>(&hello(2)).await, wish(Profile::S));
        second.say(&step(ClaimStep::Resuming)).await;
        second.say(&claimed()).await;
        second.until_closed().await;
    };
    let phone = Phone::new();
    let label = phone.label(LABEL);
    let more = ["claim", "--label-file", label.to_str().unwrap(), "--name", "front door"];
    let (ended, _locks, ()) = tokio::join!(phone.run(cloud_at, lock_at, &more), lock, cloud);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert!(ended.text.contains("connecting again"), "{}", ended.text);
}

#[tokio::test]
async fn a_refused_claim_is_told_and_is_no_success() {
    let ((lock, lock_at), (cloud, cloud_at)) = (listener().await, listener().await);
    let lock = async {
        let mut lock = FakeLock::accept(&lock).await;
        lock.send(&hello(1)).await;
        lock
    };
    let cloud = async {
        let mut cloud = FakeCloud::accept_at(&cloud, "claim").await;
        let _: FromClaimer = cloud.wish_behind(&hello(1)).await;
        cloud.say(&ToPhone::Error { sentence: "compare label and lock id".into() }).await;
        cloud.until_closed().await;
    };
    let phone = Phone::new();
    let label = phone.label(LABEL);
    let more = ["claim", "--label-file", label.to_str().unwrap(), "--name", "front door"];
    let (ended, _lock, ()) = tokio::join!(phone.run(cloud_at, lock_at, &more), lock, cloud);
    assert_eq!(ended.code, 1);
    assert!(ended.text.contains("not executed: compare label and lock id"), "{}", ended.text);
}

/// Nobody listens: who asked anybody would fail otherwise.
#[tokio::test]
async fn a_mistyped_label_and_a_release_that_was_not_confirmed_ask_nobody() {
    let ((_, lock_at), (_, cloud_at)) = (listener().await, listener().await);
    let phone = Phone::new();
    for (text, word) in [
        (LABEL.replace("02EP", "02EQ"), "compare it letter by letter"),
        (LABEL.replace("-0000-02EP", ""), "28 characters"),
        ("front door".to_owned(), "begins with LK1"),
    ] {
        let label = phone.label(&text);
        let more = ["claim", "--label-file", label.to_str().unwrap(), "--name", "front door"];
        let ended = phone.run(cloud_at, lock_at, &more).await;
        assert_eq!(ended.code, 1);
        assert!(ended.text.contains(word), "{}", ended.text);
    }
    let ended = phone.run(cloud_at, lock_at, &["release"]).await;
    assert_eq!(ended.code, 1);
    assert!(ended.text.contains("forgets its users, codes, virtual keys"), "{}", ended.text);
    assert!(ended.text.contains("say --destroy"), "{}", ended.text);
}

#[tokio::test]
async fn a_confirmed_release_is_executed_when_the_lock_says_so() {
    let ((lock, lock_at), (cloud, cloud_at)) = (listener().await, listener().await);
    let lock = async {
        let mut lock = FakeLock::accept(&lock).await;
        lock.send(&hello(1)).await;
        lock
    };
    let cloud = async {
        let mut cloud = FakeCloud::accept(&cloud).await;
        let asked: FromPhone = cloud.wish_behind(&hello(1)).await;
        assert_eq!(
            asked,
            FromPhone::Do { action: Doing::Release, client_token: Some("end".into()), from: None }
        );
        let outcome = OutcomeView::new(Outcome::Done, Candour::Full);
        cloud.say(&ToPhone::Result { command_id: 7, repeat: false, outcome }).await;
        cloud.until_closed().await;
    };
    let phone = Phone::new();
    let more = ["release", "--destroy", "--client-token", "end"];
    let (ended, _lock, ()) = tokio::join!(phone.run(cloud_at, lock_at, &more), lock, cloud);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert!(ended.text.contains("executed: release"), "{}", ended.text);
}
