use cloud::Right;
use cloud::messages::relay::{Doing, ToPhone};
use cloud::messages::{ItemStage, Wish};
use lock_core::crypto::{BackupHeader, LockId};

use crate::items::{compare, deliver, pin, queue, stages};
use crate::lock::Lock;
use crate::phone::Phone;
use crate::world::{LOCK_ID, World, lock_hex};

async fn back_up(phone: &mut Phone, lock: &mut Lock) -> ToPhone {
    phone.asks(Doing::Backup, None).await;
    let ends = |said: &ToPhone| matches!(said, ToPhone::BackedUp { .. } | ToPhone::Error { .. });
    phone.relays_until(lock, ends).await.pop().unwrap()
}

#[tokio::test]
async fn codes_are_backed_up_and_open_again_after_a_reset_without_being_asked_for() {
    let world = World::start().await;
    let (_, owner) = world.user("olga", &[Right::Configure, Right::Relay]).await;
    queue(&world, &owner, "a", Wish::AutoRelock { seconds: 30 }).await;
    queue(&world, &owner, "b", pin(4)).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &owner).await);
    lock.hello();
    let ToPhone::Error { sentence } = back_up(&mut phone, &mut lock).await else {
        panic!("nothing is there")
    };
    assert!(sentence.contains("no codes"), "{sentence}");
    deliver(&mut phone, &mut lock).await;
    let said = back_up(&mut phone, &mut lock).await;
    assert!(matches!(said, ToPhone::BackedUp { number: 1, credentials: 1, .. }), "{said:?}");
    let kept = world.rest(&owner, |user| user.backups(&lock_hex()).unwrap()).await;
    assert_eq!(kept.iter().map(|kept| (kept.number, kept.by.as_str())).collect::<Vec<_>>(), [(1, "olga")]);
    drop(phone);

    lock.factory_reset();
    assert!(!lock.enters("271828"));
    let mut phone = Phone::connect(world.address, &owner).await;
    assert_eq!(compare(&mut phone, &mut lock).await, 2);
    phone.asks(Doing::Restore, Some("restore")).await;
    let ends = |said: &ToPhone| matches!(said, ToPhone::Restored(_) | ToPhone::Error { .. });
    let heard = phone.relays_until(&mut lock, ends).await;
    let Some(ToPhone::Restored(made)) = heard.last() else { panic!("{heard:?}") };
    assert_eq!((made.queued.len(), made.needs_code.as_slice()), (2, [].as_slice()), "{}", made.sentence);
    deliver(&mut phone, &mut lock).await;
    assert!(stages(&world, &owner).await.iter().all(|item| item.2 == ItemStage::Applied));
    assert!(lock.enters("271828"), "nobody gave the digits again");
    for fact in ["backed_up", "adopted", "restored"] {
        assert!(!world.log.about(fact).is_empty(), "{fact}");
    }
}

#[tokio::test]
async fn the_file_is_of_this_lock_and_nobody_without_the_right_gets_it_or_asks_for_a_backup() {
    let world = World::start().await;
    let (_, owner) = world.user("olga", &[Right::Configure, Right::Relay]).await;
    let (_, guest) = world.user("greta", &[Right::Status, Right::Unlock, Right::Relay]).await;
    let path = format!("/v1/locks/{}/backup", lock_hex());
    let (status, body) = world.raw("GET", &path, Some(&owner), "").await;
    assert_eq!((status, body["error"].as_str().is_some()), (404, true), "none is kept yet: {body}");
    queue(&world, &owner, "b", pin(4)).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &owner).await);
    lock.hello();
    deliver(&mut phone, &mut lock).await;
    back_up(&mut phone, &mut lock).await;
    let file = world.bytes(&path, &owner).await;
    let header = BackupHeader::of(&file).expect("a backup");
    assert_eq!(header.lock_id, LockId(LOCK_ID));

    let (status, body) = world.raw("GET", &path, Some(&guest), "").await;
    assert_eq!((status, body["error"].is_string()), (403, true));
    let mut phone = Phone::connect(world.address, &guest).await;
    for doing in [Doing::Backup, Doing::Restore] {
        phone.asks(doing, None).await;
        assert!(phone.hears_error().await.contains("`configure`"));
    }
    // Nor does the owner of one lock take from another of which they are not.
    let mut phone = Phone::connect(world.address, &owner).await;
    let other = "00".repeat(16);
    phone.says(&format!(r#"{{"type":"do","action":"restore","from":"{other}"}}"#)).await;
    assert!(phone.hears_error().await.contains("`configure`"));
}
