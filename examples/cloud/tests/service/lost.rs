//! A phone that is lost: one call, from which on its token and its virtual keys are dead or on their way to be.

use cloud::access::{Access, TokenId};
use cloud::messages::relay::Doing;
use cloud::messages::{KeyConditions, KeyStage, LostPhone, LostPhoneView, NewCommand, Wish};
use cloud::{Right, Rights};
use lock_fleet::LockId;
use lock_fleet::proto::{BoltPosition, UnixMillis};

use crate::keys::{DEAD, MINUTE, OPENED, deliver, ending, issue, key, list, opens, owner_at_the_lock, wish};
use crate::phone::Phone;
use crate::world::{LOCK_ID, World, lock_hex, new_lock, places, write_private};

/// The number of a token stands in it.
fn number(token: &str) -> i64 {
    token.split('_').nth(1).unwrap().parse().unwrap()
}

/// The owner, user 2, with another phone.
async fn another_phone(world: &World) -> String {
    world.rest(&world.admin, |admin| admin.issue_token(2).unwrap().token.clone()).await
}

async fn lose(world: &World, by: &str, token: i64, wish: LostPhone) -> LostPhoneView {
    world.rest(by, move |client| client.lost_phone(2, token, wish).unwrap()).await
}

async fn losses(world: &World) -> usize {
    let audit = world.rest(&world.admin, |admin| admin.audit(&lock_hex(), 0).unwrap()).await;
    audit.iter().filter(|entry| entry.what == "lost phone").count()
}

#[tokio::test]
async fn a_lost_phone_loses_its_token_and_its_keys_in_one_call_however_often_it_is_asked() {
    let world = World::start().await;
    let (lost, mut open, mut lock) = owner_at_the_lock(&world).await;
    let other = another_phone(&world).await;
    let (by_it, first) = issue(&world, &lost, key(ending(5))).await;
    let mut new = key(KeyConditions::default());
    new.phone = Some(number(&lost));
    let (for_it, second) = issue(&world, &other, new).await;
    let (untouched, third) = issue(&world, &other, key(KeyConditions::default())).await;

    let view = lose(&world, &other, number(&lost), LostPhone::default()).await;
    let mut serials = [first.serial, second.serial];
    serials.sort_unstable();
    assert_eq!(view.keys.iter().map(|key| key.serial).collect::<Vec<_>>(), serials);
    assert!(view.keys.iter().all(|key| key.key.as_ref().unwrap().stage == KeyStage::Revoking));
    assert!(view.keys.iter().all(|key| key.still_counts.is_none()));
    assert_eq!(view.effective_by, None, "only the lock can tell of a key without an end");
    assert!(view.sentence.contains("send a phone"), "{}", view.sentence);
    assert_eq!(world.raw("GET", "/v1/locks", Some(&lost), "").await.0, 401);
    open.asks(Doing::Status, None).await;
    assert!(open.hears_error().await.contains("rights on this lock have ended"), "an open relay ends too");

    let again = lose(&world, &other, number(&lost), LostPhone::default()).await;
    assert_eq!(again, view, "the same call is the same wish");
    let mut phone = Phone::connect(world.address, &other).await;
    lock.hello();
    deliver(&mut phone, &mut lock).await;
    let done = lose(&world, &other, number(&lost), LostPhone::default()).await;
    assert_eq!(done.ended_at, view.ended_at);
    let since = done.keys.iter().map(|key| key.key.as_ref().unwrap().effective_by.unwrap()).max();
    assert!(done.effective_by == since && since > Some(view.ended_at), "{done:?}");
    assert!(done.sentence.contains("are dead"), "{}", done.sentence);
    assert_eq!(losses(&world).await, 1);
    assert_eq!(world.log.about("phone_lost").len(), 1);

    let kept = list(&world, &other).await.into_iter().find(|key| key.serial == third.serial).unwrap();
    assert_eq!(kept.stage, KeyStage::Given);
    assert_eq!((opens(&mut lock, &by_it), opens(&mut lock, &for_it)), (DEAD, DEAD));
    assert_eq!(opens(&mut lock, &untouched), OPENED);
}

#[tokio::test]
async fn the_answer_says_by_when_all_of_it_is_dead_at_the_latest() {
    let world = World::start().await;
    let (lost, _open, _lock) = owner_at_the_lock(&world).await;
    let nothing = another_phone(&world).await;
    let view = lose(&world, &world.admin, number(&nothing), LostPhone::default()).await;
    assert_eq!((view.keys.len(), view.effective_by), (0, Some(view.ended_at)), "a token dies at once");

    let (first, second) = (ending(5), ending(9));
    let last = second.not_after.unwrap();
    for conditions in [first, second] {
        issue(&world, &lost, key(conditions)).await;
    }
    let view = lose(&world, &world.admin, number(&lost), LostPhone::default()).await;
    assert_eq!(view.effective_by, Some(UnixMillis(last.0 + MINUTE)));
    assert!(view.sentence.contains("at the latest by"), "{}", view.sentence);
}

#[tokio::test]
async fn a_token_that_ended_before_takes_its_keys_with_it_all_the_same() {
    let world = World::start().await;
    let (lost, _open, _lock) = owner_at_the_lock(&world).await;
    issue(&world, &lost, key(ending(5))).await;
    let token = number(&lost);
    world.rest(&world.admin, move |admin| admin.revoke_token(2, token).unwrap()).await;
    let world = world.restart().await;
    let view = lose(&world, &world.admin, token, LostPhone::default()).await;
    assert_eq!(view.keys[0].key.as_ref().unwrap().stage, KeyStage::Revoking);
    assert_eq!(lose(&world, &world.admin, token, LostPhone::default()).await.keys, view.keys);
    assert_eq!(losses(&world).await, 1, "the audit has it, though the token ended without a word there");
    assert_eq!(world.log.about("phone_lost").len(), 1);
}

#[tokio::test]
async fn a_phone_is_its_users_and_a_token_that_never_was_is_named() {
    let world = World::start().await;
    let (lost, _open, _lock) = owner_at_the_lock(&world).await;
    let (_, stranger) = world.user("eve", &Right::ALL).await;
    let path = |user: i64, token: i64| format!("/v1/users/{user}/tokens/{token}/lost");
    assert_eq!(world.raw("POST", &path(2, number(&lost)), Some(&stranger), "{}").await.0, 403);
    for (user, token) in [(2, 99), (3, number(&lost)), (1, number(&lost))] {
        let (status, body) = world.raw("POST", &path(user, token), Some(&world.admin), "{}").await;
        assert_eq!(status, 404, "{user} {token} {body}");
    }
    assert_eq!(world.raw("POST", &path(2, number(&lost)), Some(&world.admin), r#"{"al":1}"#).await.0, 422);
    assert_eq!(world.raw("GET", "/v1/locks", Some(&lost), "").await.0, 200, "nothing has ended");
    let mut new = key(ending(5));
    new.phone = Some(99);
    let body = serde_json::to_string(&new).unwrap();
    let keys = format!("/v1/locks/{}/virtual-keys", lock_hex());
    assert_eq!(world.raw("POST", &keys, Some(&lost), &body).await.0, 404);
    assert!(list(&world, &lost).await.is_empty());
}

#[tokio::test]
async fn where_the_lock_denies_no_more_keys_one_by_one_the_answer_says_so_and_all_can_be_revoked() {
    let world = World::start().await;
    let (owner, mut phone, mut lock) = owner_at_the_lock(&world).await;
    for place in 0..12 {
        let (_, kept) = issue(&world, &owner, key(ending(5))).await;
        let name = format!("deny-{place}");
        world
            .rest(&owner, move |user| user.revoke_key(&lock_hex(), kept.serial, &wish(&name)).unwrap())
            .await;
    }
    let lost = another_phone(&world).await;
    let (held, kept) = issue(&world, &lost, key(ending(5))).await;
    let view = lose(&world, &owner, number(&lost), LostPhone::default()).await;
    let said = view.keys[0].still_counts.clone().unwrap();
    assert!(said.contains("revoke all keys") && said.contains("revoke_all_where_needed"), "{said}");
    assert_eq!((view.keys[0].serial, view.effective_by), (kept.serial, None));
    assert!(view.sentence.contains("still count"), "{}", view.sentence);

    let wish = LostPhone { revoke_all_where_needed: true };
    let view = lose(&world, &owner, number(&lost), wish).await;
    assert_eq!(view.keys[0].key.as_ref().unwrap().stage, KeyStage::Revoking);
    assert!(view.effective_by.is_some() && view.keys[0].still_counts.is_none());
    assert_eq!(lose(&world, &owner, number(&lost), wish).await, view);
    deliver(&mut phone, &mut lock).await;
    assert_eq!(opens(&mut lock, &held), DEAD);
}

#[tokio::test]
async fn a_programming_code_that_was_forgotten_is_replaced_and_is_wrong_from_then_on() {
    let world = World::start().await;
    let (owner, mut phone, mut lock) = owner_at_the_lock(&world).await;
    for (digits, name) in [("731904", "old"), ("268057", "new")] {
        let action = Wish::SetPin { slot: 4, digits: digits.into(), user: None, programming: true };
        let command = NewCommand { action, client_token: name.into(), valid_for_seconds: None };
        world.rest(&owner, move |user| user.queue(&lock_hex(), &command).unwrap()).await;
        deliver(&mut phone, &mut lock).await;
        assert!(lock.enters(digits), "{name}");
        lock.arrives(BoltPosition::Retracted);
        lock.arrives(BoltPosition::Extended);
    }
    assert!(!lock.enters("731904"));
    assert!(lock.enters("268057"));
}

/// A database that was restored has forgotten a key that a phone made.
async fn forgotten(world: World, token: i64, lock: [u8; 16], serial: u64) -> World {
    let folder = world.stop().await;
    let access = Access::open(&Access::beside(&places(&folder).database)).unwrap();
    access.note_key(TokenId(token), LockId(lock), serial).unwrap();
    drop(access);
    World::open(folder).await
}

const ALL: LostPhone = LostPhone { revoke_all_where_needed: true };

#[tokio::test]
async fn whoever_may_not_configure_a_lock_any_more_does_not_end_the_keys_of_others_with_a_lost_phone() {
    let world = World::start().await;
    let (owner, _open, mut lock) = owner_at_the_lock(&world).await;
    let (manager, lost) = world.user("mia", &[Right::Configure]).await;
    let (held, of_guest) = issue(&world, &owner, key(KeyConditions::default())).await;
    let world = forgotten(world, number(&lost), LOCK_ID, 77).await;
    world
        .rest(&world.admin, move |admin| admin.grant(&lock_hex(), manager, Rights::default()).unwrap())
        .await;
    let other =
        world.rest(&world.admin, move |admin| admin.issue_token(manager).unwrap().token.clone()).await;

    let token = number(&lost);
    let view = world.rest(&other, move |user| user.lost_phone(manager, token, ALL).unwrap()).await;
    let said = view.keys[0].still_counts.clone().unwrap();
    assert!(said.contains("`configure`") && said.contains("the admin"), "{said}");
    let kept = list(&world, &owner).await;
    assert_eq!((kept[0].serial, kept[0].stage), (of_guest.serial, KeyStage::Given));
    assert_eq!(opens(&mut lock, &held), OPENED);

    let view = world.rest(&world.admin, move |admin| admin.lost_phone(manager, token, ALL).unwrap()).await;
    assert_eq!(view.keys[0].still_counts, None, "the admin may");
    assert_eq!(list(&world, &owner).await[0].stage, KeyStage::Revoking);
}

#[tokio::test]
async fn what_cannot_be_done_at_one_lock_keeps_no_key_of_another_alive() {
    let world = World::start().await;
    let (lost, _open, _lock) = owner_at_the_lock(&world).await;
    let first = [1; 16];
    let mut new = new_lock();
    new.lock_id = hex::encode(first);
    world
        .rest(&world.admin, move |admin| {
            admin.register_lock(&new).unwrap();
            admin.grant(&new.lock_id, 2, [Right::Configure].into_iter().collect()).unwrap();
        })
        .await;
    let give_up = format!("/v1/locks/{}/give-up", hex::encode(first));
    assert_eq!(world.raw("POST", &give_up, Some(&world.admin), "").await.0, 200);
    issue(&world, &lost, key(ending(5))).await;
    let world = forgotten(world, number(&lost), first, 77).await;
    let view = lose(&world, &world.admin, number(&lost), ALL).await;
    let said = view.keys[0].still_counts.clone().unwrap();
    assert!(said.contains("the ownership of this lock has ended"), "{said}");
    assert_eq!((view.keys[0].lock_id.as_str(), view.effective_by), (hex::encode(first).as_str(), None));
    assert_eq!(view.keys[1].key.as_ref().unwrap().stage, KeyStage::Revoking);
}

#[tokio::test]
async fn a_key_that_the_service_has_forgotten_stays_dead_once_it_died_with_all_others() {
    let world = World::start().await;
    let (owner, _open, mut lock) = owner_at_the_lock(&world).await;
    let lost = number(&another_phone(&world).await);
    let world = forgotten(world, lost, LOCK_ID, 77).await;
    let alive = lose(&world, &owner, lost, LostPhone::default()).await;
    assert!(
        alive.keys[0].still_counts.as_deref().is_some_and(|said| said.contains("revoke_all_where_needed"))
    );

    let view = lose(&world, &owner, lost, ALL).await;
    assert_eq!((view.keys[0].still_counts.as_deref(), view.effective_by), (None, None));
    assert_eq!(lose(&world, &owner, lost, LostPhone::default()).await, view, "it was covered, and is");
    assert_eq!(lose(&world, &owner, lost, ALL).await, view, "the same call is the same wish");

    let mut phone = Phone::connect(world.address, &owner).await;
    lock.hello();
    deliver(&mut phone, &mut lock).await;
    let done = lose(&world, &owner, lost, LostPhone::default()).await;
    assert!(done.effective_by > Some(done.ended_at) && done.sentence.contains("are dead"), "{done:?}");
}

#[tokio::test]
async fn the_answer_says_that_codes_go_on_and_what_ends_them() {
    let world = World::start().await;
    let (_owner, _open, _lock) = owner_at_the_lock(&world).await;
    let lost = number(&another_phone(&world).await);
    let sentence = lose(&world, &world.admin, lost, LostPhone::default()).await.sentence;
    for word in ["offline codes and PIN codes", "go on", "`revoke`", "`clear_pin`"] {
        assert!(sentence.contains(word), "{word}: {sentence}");
    }
}

/// `cloud set-code` for slot 4 under this name: its exit code, and what it says.
async fn set_code(world: &World, token: &str, name: &'static str, digits: &str) -> (Option<i32>, String) {
    let place = |what: &str| world.folder.path().join(format!("{what}-of-{name}"));
    let (token_file, digits_file) = (place("token"), place("digits"));
    write_private(&token_file, token);
    write_private(&digits_file, digits);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cloud"));
    command.args(["set-code", "--slot", "4", "--client-token", name, "--lock-id", &lock_hex()]);
    command.arg("--cloud").arg(format!("http://{}", world.address));
    command.arg("--token-file").arg(&token_file).arg("--digits-file").arg(&digits_file);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    for file in [token_file, digits_file] {
        std::fs::remove_file(file).unwrap();
    }
    (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[tokio::test]
async fn a_name_that_was_used_sets_no_other_code_and_says_so() {
    let world = World::start().await;
    let (owner, mut phone, mut lock) = owner_at_the_lock(&world).await;
    assert_eq!(set_code(&world, &owner, "one", "731904").await.0, Some(0));
    deliver(&mut phone, &mut lock).await;
    let (code, said) = set_code(&world, &owner, "one", "268057").await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("this name was used before") && said.contains("--client-token"), "{said}");
    assert!(!said.contains("268057") && !said.contains("731904"), "{said}");
    assert_eq!(set_code(&world, &owner, "two", "268057").await.0, Some(0));
    deliver(&mut phone, &mut lock).await;
    assert!(lock.enters("268057"));
}
