//! Virtual keys through the interface: issued without the lock, used at it without the service, and dead when it is said.

use cloud::Right;
use cloud::messages::relay::{Doing, ToPhone};
use cloud::messages::{KeyConditions, KeyRight, KeyStage, KeyView, NewKey, Revoke};
use lock_core::crypto::Key;
use lock_core::proto::{BoltPosition, Outcome, Reason, UnixMillis};
use lock_fleet::{HostClock, VirtualKey};
use serde_json::{Value, json};

use crate::lock::Lock;
use crate::phone::Phone;
use crate::world::{World, lock_hex};

pub(crate) const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
pub(crate) const OPENED: Option<Outcome> = Some(Outcome::Started);
pub(crate) const DEAD: Option<Outcome> = Some(Outcome::Refused(Reason::TicketRevoked));
/// What the phone of a holder made.
const SECRET: [u8; 32] = [0xa7; 32];

fn now() -> UnixMillis {
    HostClock::start().now().unix
}

pub(crate) fn key(conditions: KeyConditions) -> NewKey {
    NewKey { label: "dog walker".to_owned(), conditions, holder: None, phone: None }
}

pub(crate) fn ending(hours: u64) -> KeyConditions {
    KeyConditions { not_after: Some(now().plus_millis(hours * HOUR)), ..KeyConditions::default() }
}

pub(crate) fn wish(token: &str) -> Revoke {
    Revoke { client_token: token.to_owned() }
}

/// Issues a key; what its holder gets, and what the service keeps.
pub(crate) async fn issue(world: &World, owner: &str, new: NewKey) -> (VirtualKey, KeyView) {
    let made = world.rest(owner, move |user| user.issue_key(&lock_hex(), &new).unwrap()).await;
    assert!(!format!("{made:?}").contains(&made.link));
    let seen = format!("{}{}", world.log.text(), audit(world, owner).await);
    let tail = &made.link[made.link.len() - 40..];
    assert!(
        !seen.to_lowercase().contains(&tail.to_lowercase()),
        "neither the log nor the audit shows a link"
    );
    (VirtualKey::from_link(&made.link).unwrap(), made.key.clone())
}

async fn audit(world: &World, owner: &str) -> String {
    world.rest(owner, |user| format!("{:?}", user.audit(&lock_hex(), 0).unwrap())).await
}

pub(crate) async fn list(world: &World, owner: &str) -> Vec<KeyView> {
    world.rest(owner, |user| user.virtual_keys(&lock_hex()).unwrap()).await
}

async fn stages(world: &World, owner: &str) -> Vec<KeyStage> {
    list(world, owner).await.iter().map(|key| key.stage).collect()
}

async fn revoke(world: &World, owner: &str, serial: u64, token: &'static str) -> KeyView {
    world.rest(owner, move |user| user.revoke_key(&lock_hex(), serial, &wish(token)).unwrap()).await
}

pub(crate) async fn deliver(phone: &mut Phone, lock: &mut Lock) {
    phone.asks(Doing::Deliver, None).await;
    phone.relays_until(lock, |said| matches!(said, ToPhone::Delivered { .. })).await;
}

/// The owner, with a phone at a lock that has the time.
pub(crate) async fn owner_at_the_lock(world: &World) -> (String, Phone, Lock) {
    let (_, owner) = world.user("olga", &[Right::Configure, Right::Relay, Right::Status]).await;
    let (mut lock, mut phone) = (Lock::new(), Phone::connect(world.address, &owner).await);
    lock.hello();
    phone.asks(Doing::Status, None).await;
    phone.relays_until(&mut lock, |said| matches!(said, ToPhone::Status { .. })).await;
    (owner, phone, lock)
}

/// Unlocks with a key; the bolt goes and comes back.
pub(crate) fn opens(lock: &mut Lock, key: &VirtualKey) -> Option<Outcome> {
    let outcome = lock.unlocks_with(key);
    if outcome == OPENED {
        lock.arrives(BoltPosition::Retracted);
        lock.arrives(BoltPosition::Extended);
    }
    outcome
}

#[tokio::test]
async fn a_key_opens_without_the_service_and_is_listed_as_given() {
    let world = World::start().await;
    let (owner, _phone, mut lock) = owner_at_the_lock(&world).await;
    let conditions = KeyConditions { rights: Some(vec![KeyRight::Unlock, KeyRight::Status]), ..ending(5) };
    let (held, kept) = issue(&world, &owner, key(conditions.clone())).await;
    assert_eq!((kept.label.as_str(), kept.by.as_str(), kept.is_bound), ("dog walker", "olga", false));
    assert_eq!((kept.stage, kept.effective_by, kept.command), (KeyStage::Given, None, None));
    assert_eq!(kept.conditions, conditions);
    assert_eq!(list(&world, &owner).await, std::slice::from_ref(&kept));
    assert!(audit(&world, &owner).await.contains(&format!("issue virtual key {}", kept.serial)));
    let lines = world.log.about("virtual_key");
    assert!(matches!(&lines[..], [line] if line.contains(&format!(" serial={} ", kept.serial))), "{lines:?}");
    let _folder = world.stop().await;
    assert_eq!(opens(&mut lock, &held), OPENED);
    assert_eq!(lock.drives, 1);
}

#[tokio::test]
async fn a_bound_key_opens_for_its_holders_phone_alone_and_the_secret_is_shown_nowhere() {
    let world = World::start().await;
    let (owner, _phone, mut lock) = owner_at_the_lock(&world).await;
    let mut new = key(ending(5));
    new.holder = Some(hex::encode(SECRET));
    assert!(!format!("{new:?}").contains(&hex::encode(SECRET)));
    let (held, kept) = issue(&world, &owner, new).await;
    assert!(kept.is_bound);
    assert!(!world.log.text().contains(&hex::encode(SECRET)));
    let link = |key: &VirtualKey| key.to_link(&mut [0; lock_fleet::LINK_LETTERS]).unwrap().to_owned();
    let stolen = VirtualKey::from_link(&link(&held)).unwrap().bind(&Key::from_bytes([0; 32]));
    assert_eq!(opens(&mut lock, &stolen), None, "the lock is silent");
    assert_eq!(opens(&mut lock, &held.bind(&Key::from_bytes(SECRET))), OPENED);
}

#[tokio::test]
async fn a_revoked_key_is_dead_when_the_lock_has_heard_of_it() {
    let world = World::start().await;
    let (owner, mut phone, mut lock) = owner_at_the_lock(&world).await;
    let conditions = ending(5);
    let end = conditions.not_after.unwrap();
    let (bounded, first) = issue(&world, &owner, key(conditions)).await;
    let (endless, second) = issue(&world, &owner, key(KeyConditions::default())).await;
    let (other, _) = issue(&world, &owner, key(KeyConditions::default())).await;

    let revoking = revoke(&world, &owner, first.serial, "one").await;
    assert_eq!((revoking.stage, revoking.effective_by), (KeyStage::Revoking, Some(end.plus_millis(MINUTE))));
    assert_eq!(revoke(&world, &owner, first.serial, "again").await, revoking);
    let revoking = revoke(&world, &owner, second.serial, "two").await;
    assert_eq!((revoking.stage, revoking.effective_by), (KeyStage::Revoking, None), "only the lock can tell");
    let id = revoking.command.unwrap();
    let command = world.rest(&owner, move |user| user.command(&lock_hex(), id).unwrap()).await;
    assert_eq!(command.action, "revoke_virtual_key");
    assert_eq!(opens(&mut lock, &endless), OPENED, "the lock has not heard of it");

    let before = now();
    deliver(&mut phone, &mut lock).await;
    for key in &list(&world, &owner).await[..2] {
        assert_eq!(key.stage, KeyStage::Revoked);
        assert!(key.effective_by.is_some_and(|since| since >= before && since <= now()), "{key:?}");
    }
    assert_eq!((opens(&mut lock, &bounded), opens(&mut lock, &endless)), (DEAD, DEAD));
    assert_eq!(opens(&mut lock, &other), OPENED, "no other key is touched");
}

#[tokio::test]
async fn all_keys_die_together_and_a_further_one_works() {
    let world = World::start().await;
    let (owner, mut phone, mut lock) = owner_at_the_lock(&world).await;
    let (first, kept) = issue(&world, &owner, key(ending(5))).await;
    let (second, _) = issue(&world, &owner, key(KeyConditions::default())).await;
    revoke(&world, &owner, kept.serial, "one").await;
    deliver(&mut phone, &mut lock).await;
    let all = world.rest(&owner, |user| user.revoke_all_keys(&lock_hex(), &wish("all")).unwrap()).await;
    let said: Vec<_> = all.iter().map(|key| key.stage).collect();
    assert_eq!(said, [KeyStage::Revoked, KeyStage::Revoking], "what the lock has confirmed stays so");
    let id = all[1].command.unwrap();
    let command = world.rest(&owner, move |user| user.command(&lock_hex(), id).unwrap()).await;
    assert_eq!(command.action, "revoke_virtual_keys");
    let again = world.rest(&owner, |user| user.revoke_all_keys(&lock_hex(), &wish("all")).unwrap()).await;
    assert_eq!(again, all, "the same token is the same wish");

    deliver(&mut phone, &mut lock).await;
    let (further, _) = issue(&world, &owner, key(ending(5))).await;
    assert_eq!(stages(&world, &owner).await, [KeyStage::Revoked, KeyStage::Revoked, KeyStage::Given]);
    assert_eq!((opens(&mut lock, &first), opens(&mut lock, &second)), (DEAD, DEAD));
    assert_eq!(opens(&mut lock, &further), OPENED);
}

#[tokio::test]
async fn who_may_not_configure_neither_issues_nor_sees_nor_revokes_a_key() {
    let world = World::start().await;
    let rights = [Right::Status, Right::Lock, Right::Unlock, Right::Relay];
    let (_, guest) = world.user("greta", &rights).await;
    world
        .rest(&guest, |user| {
            let lock = lock_hex();
            assert_eq!(user.issue_key(&lock, &key(ending(1))).unwrap_err().status(), Some(403));
            assert_eq!(user.virtual_keys(&lock).unwrap_err().status(), Some(403));
            assert_eq!(user.revoke_key(&lock, 1, &wish("one")).unwrap_err().status(), Some(403));
            assert_eq!(user.revoke_all_keys(&lock, &wish("all")).unwrap_err().status(), Some(403));
        })
        .await;
}

#[tokio::test]
async fn a_key_that_cannot_be_is_refused_with_what_to_do() {
    let world = World::start().await;
    let (_, owner) = world.user("olga", &[Right::Configure]).await;
    let keys = format!("/v1/locks/{}/virtual-keys", lock_hex());
    let end = now().plus_millis(HOUR).0;
    let window = json!({ "days": 127, "from": 0, "until": 60, "till": 70 });
    let form = "compare it with the documentation";
    let refused = [
        (json!({ "label": "x", "conditions": {}, "holders": "" }), form),
        (json!({ "label": "x", "conditions": { "not_aftr": end } }), form),
        (json!({ "label": "x", "conditions": {}, "not_after": end }), form),
        (json!({ "label": "x", "conditions": { "weekly": window } }), form),
        (json!({ "label": "x", "conditions": { "rights": ["configure"] } }), form),
        (json!({ "label": "x" }), form),
        (json!({ "label": "", "conditions": {} }), "1 to 200 characters"),
        (json!({ "label": "x", "conditions": {}, "holder": "7".repeat(63) }), "64 hex digits"),
        (json!({ "label": "x", "conditions": { "not_after": 1 } }), "choose a later end"),
        (
            json!({ "label": "x", "conditions": { "not_before": end + 1, "not_after": end } }),
            "choose a later end",
        ),
        (json!({ "label": "x", "conditions": { "single_use": true } }), "set `not_after`"),
        (json!({ "label": "x", "conditions": { "depth": 5 } }), "lower `depth`"),
    ];
    for (body, sentence) in refused {
        let (status, answer) = world.raw("POST", &keys, Some(&owner), &body.to_string()).await;
        assert_eq!(status, 422, "{body}");
        assert!(answer["error"].as_str().is_some_and(|error| error.contains(sentence)), "{body}: {answer}");
    }
    assert_eq!(world.raw("GET", &keys, Some(&owner), "").await, (200, json!([])), "nothing is kept of them");

    let token = json!({ "client_token": "one" }).to_string();
    let unknown = format!("{keys}/1/revoke");
    let (status, answer) = world.raw("POST", &unknown, Some(&owner), &token).await;
    assert_eq!(status, 404);
    assert!(answer["error"].as_str().unwrap().contains("no virtual key 1"), "{answer}");
    let no_number = format!("{keys}/first/revoke");
    assert_eq!(world.raw("POST", &no_number, Some(&owner), &token).await.0, 422);
    let misspelt = json!({ "client_token": "one", "serial": 1 }).to_string();
    for path in [unknown, format!("{keys}/revoke")] {
        assert_eq!(world.raw("POST", &path, Some(&owner), &misspelt).await.0, 422);
    }
}

#[tokio::test]
async fn the_body_and_the_answer_have_the_fields_of_the_documentation() {
    let world = World::start().await;
    let (_, owner) = world.user("olga", &[Right::Configure]).await;
    let keys = format!("/v1/locks/{}/virtual-keys", lock_hex());
    let end = now().plus_millis(HOUR).0;
    let conditions = json!({
        "rights": ["unlock"],
        "not_before": end - 1,
        "not_after": end,
        "weekly": { "days": 2, "from": 540, "until": 600 },
        "single_use": true,
        "depth": 1,
        "staleness": 3_600,
    });
    let body = json!({ "label": "cleaner", "conditions": conditions }).to_string();
    let (status, made) = world.raw("POST", &keys, Some(&owner), &body).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["key"]["conditions"], conditions);
    assert_eq!(made["key"]["stage"], "given");
    assert!(made["link"].is_string());
    let (_, listed) = world.raw("GET", &keys, Some(&owner), "").await;
    assert_eq!(listed, Value::from(vec![made["key"].clone()]), "without the link");
}
