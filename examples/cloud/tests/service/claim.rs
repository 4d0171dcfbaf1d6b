//! A lock without an owner, claimed over a phone: by whom, with what, and wherever it is cut.

use cloud::Right;
use cloud::messages::relay::{Doing, SUBPROTOCOL, ToPhone};
use cloud::messages::{ClaimStep, Ending, LockStanding, NewCommand, Wish};
use lock_core::claimer::Claimer;
use lock_core::crypto::{Key, LockId, RustCrypto};
use lock_core::label::ClaimCode;
use lock_core::proto::Kind;
use serde_json::json;
use tokio_tungstenite::tungstenite::Error;

use crate::lock::Lock;
use crate::phone::{Came, Phone};
use crate::world::{LOCK_ID, World, import_secret, lock_hex, new_lock as registered, places};

const CODE: [u8; 16] = *b"what a label has";
const MAKER: [u8; 32] = *b"what the maker registered for it";

fn label_of(code: [u8; 16]) -> String {
    let mut text = [0; ClaimCode::TEXT_BYTES];
    ClaimCode::from_bytes(code).to_text::<RustCrypto>(&mut text).to_owned()
}

fn new_lock() -> Lock {
    Lock::unowned(&Claimer::of(&ClaimCode::from_bytes(CODE), Some(&Key::from_bytes(MAKER)), LockId(LOCK_ID)))
}

/// As whoever has the label and no maker's secret can build one.
fn labelled_lock() -> Lock {
    Lock::unowned(&Claimer::of(&ClaimCode::from_bytes(CODE), None, LockId(LOCK_ID)))
}

/// A claim whose root is on its way to the lock.
async fn handing_over(world: &World, token: &str, lock: &mut Lock) -> Phone {
    lock.is_pressed();
    let mut phone = begun(world, token, lock).await;
    lock.takes(&phone.hears_packet().await);
    phone.carries_up(lock).await;
    let said = phone.hears_text().await;
    assert!(matches!(said, ToPhone::Claiming { step: ClaimStep::HandingOver, .. }), "{said:?}");
    phone
}

impl Phone {
    async fn asks_to_claim(&mut self, code: [u8; 16], name: &str) {
        let wish = json!({ "type": "claim", "label": label_of(code), "name": name });
        self.says(&wish.to_string()).await;
    }

    /// Relays a claim honestly to its end; the steps on the way, and the last word.
    async fn claims(&mut self, lock: &mut Lock) -> (Vec<ClaimStep>, ToPhone) {
        let mut steps = Vec::new();
        loop {
            let said = self.relays(lock).await;
            let ToPhone::Claiming { step, .. } = said else { return (steps, said) };
            steps.push(step);
        }
    }
}

/// A phone that has brought the lock's Hello and asked for the claim.
async fn begun(world: &World, token: &str, lock: &mut Lock) -> Phone {
    let mut phone = Phone::claiming(world.address, token).await;
    let hello = lock.hello();
    phone.brings(&hello).await;
    phone.asks_to_claim(CODE, "front door").await;
    phone
}

async fn standing(world: &World, token: &str) -> LockStanding {
    world.rest(token, |client| client.lock(&lock_hex()).unwrap().standing).await
}

/// How many roots were ever kept for the lock.
async fn roots(world: &World, token: &str) -> usize {
    let audit = world.rest(token, |client| client.audit(&lock_hex(), 0).unwrap()).await;
    audit.iter().filter(|entry| entry.result.starts_with("a root for")).count()
}

#[tokio::test]
async fn a_lock_is_claimed_over_a_phone_and_its_claimer_alone_has_all_rights() {
    let world = World::with_maker_secret(MAKER).await;
    let (_, token) = world.stranger("olga").await;
    let mut lock = new_lock();
    lock.is_pressed();
    let mut phone = begun(&world, &token, &mut lock).await;
    let (steps, end) = phone.claims(&mut lock).await;
    assert!(matches!(end, ToPhone::Claimed { .. }), "{end:?}");
    assert_eq!(steps, [ClaimStep::HandingOver, ClaimStep::Taken]);
    assert!(matches!(phone.hears().await, Came::Closed), "a claim ends with its relay");

    let seen = world.rest(&token, |olga| olga.locks().unwrap()).await;
    assert_eq!((seen.len(), seen[0].name.as_str()), (1, "front door"));
    assert_eq!(seen[0].rights, Right::ALL.into_iter().collect());
    assert_eq!(standing(&world, &token).await, LockStanding::Owned);
    let (_, other) = world.stranger("eve").await;
    assert!(world.rest(&other, |eve| eve.locks().unwrap()).await.is_empty());

    let mut phone = Phone::connect(world.address, &token).await;
    phone.asks(Doing::Unlock, Some("first")).await;
    let opened = phone.relays(&mut lock).await;
    assert!(
        matches!(&opened, ToPhone::Result { outcome, .. } if outcome.outcome == Ending::Started),
        "{opened:?}"
    );
    assert_eq!(lock.drives, 1);
}

#[tokio::test]
async fn who_does_not_press_is_told_to_and_the_claim_goes_on_when_somebody_has() {
    let world = World::with_maker_secret(MAKER).await;
    let (_, token) = world.stranger("olga").await;
    let mut lock = new_lock();
    let mut phone = begun(&world, &token, &mut lock).await;
    let said = phone.relays(&mut lock).await;
    assert!(matches!(said, ToPhone::Claiming { step: ClaimStep::PressButton, .. }), "{said:?}");
    assert!(world.rest(&world.admin, |admin| admin.locks().unwrap()).await.is_empty(), "nothing is stored");
    lock.is_pressed();
    let (_, end) = phone.claims(&mut lock).await;
    assert!(matches!(end, ToPhone::Claimed { .. }), "{end:?}");
}

#[tokio::test]
async fn a_claim_goes_on_after_a_restart_of_everything_wherever_it_was_cut() {
    // Behind which packet: the root was kept and its record never arrived, or only its answer did not.
    for arrives in [false, true] {
        let world = World::with_maker_secret(MAKER).await;
        let (_, token) = world.stranger("olga").await;
        let mut lock = new_lock();
        lock.is_pressed();
        let mut phone = begun(&world, &token, &mut lock).await;
        lock.takes(&phone.hears_packet().await);
        phone.carries_up(&mut lock).await;
        let said = phone.hears_text().await;
        assert!(matches!(said, ToPhone::Claiming { step: ClaimStep::HandingOver, .. }), "{said:?}");
        let record = phone.hears_packet().await;
        if arrives {
            lock.takes(&record);
        }
        lock.reboots();
        drop(phone);
        let world = world.restart().await;
        assert_eq!(standing(&world, &token).await, LockStanding::Claiming);

        let mut phone = begun(&world, &token, &mut lock).await;
        if !arrives {
            // The lock has no owner yet, and its press was used up by the first try.
            lock.is_pressed();
        }
        let (steps, end) = phone.claims(&mut lock).await;
        assert!(matches!(end, ToPhone::Claimed { .. }), "{arrives}: {end:?}");
        let expected: &[_] =
            if arrives { &[ClaimStep::Resuming] } else { &[ClaimStep::HandingOver, ClaimStep::Taken] };
        assert_eq!(steps, expected);
        assert_eq!(standing(&world, &token).await, LockStanding::Owned);
        assert_eq!(roots(&world, &token).await, 1, "one root, however often it is sent");
    }
}

#[tokio::test]
async fn a_claim_whose_end_nobody_heard_is_told_again_and_the_lock_keeps_its_root() {
    let world = World::with_maker_secret(MAKER).await;
    let (_, token) = world.stranger("olga").await;
    let mut lock = new_lock();
    lock.is_pressed();
    begun(&world, &token, &mut lock).await.claims(&mut lock).await;
    let (steps, end) = begun(&world, &token, &mut lock).await.claims(&mut lock).await;
    assert!(matches!(end, ToPhone::Claimed { .. }), "{end:?}");
    assert!(steps.is_empty(), "{steps:?}");
    assert_eq!(roots(&world, &token).await, 1);
}

#[tokio::test]
async fn a_wrong_label_a_wrong_makers_secret_and_a_lock_with_an_owner_are_refused_alike_and_nothing_is_stored()
 {
    let world = World::with_maker_secret(MAKER).await;
    let (_, token) = world.stranger("olga").await;
    let mut lock = new_lock();
    lock.is_pressed();
    let mut phone = Phone::claiming(world.address, &token).await;
    let hello = lock.hello();
    phone.brings(&hello).await;
    phone.asks_to_claim([1; 16], "front door").await;
    let wrong_label = phone.hears_error().await;
    assert!(wrong_label.contains("compare label and lock id"), "{wrong_label}");
    assert!(matches!(phone.hears().await, Came::Closed));
    assert!(world.rest(&world.admin, |admin| admin.locks().unwrap()).await.is_empty());

    let other = World::with_maker_secret(*b"what it registered for another 1").await;
    let (_, stranger) = other.stranger("olga").await;
    assert_eq!(begun(&other, &stranger, &mut lock).await.hears_error().await, wrong_label);

    // Of another cloud's, and then of this one's: who has no right on it learns no more.
    assert!(matches!(
        begun(&world, &token, &mut lock).await.claims(&mut lock).await.1,
        ToPhone::Claimed { .. }
    ));
    let elsewhere = World::with_maker_secret(MAKER).await;
    let (_, stranger) = elsewhere.stranger("eve").await;
    assert_eq!(begun(&elsewhere, &stranger, &mut lock).await.hears_error().await, wrong_label);
    let (_, stranger) = world.stranger("eve").await;
    assert_eq!(begun(&world, &stranger, &mut lock).await.hears_error().await, wrong_label);
    assert_eq!(standing(&world, &token).await, LockStanding::Owned);
}

#[tokio::test]
async fn an_owner_whose_lock_greets_without_an_owner_is_told_to_give_it_up_first() {
    let world = World::with_maker_secret(MAKER).await;
    let (_, token) = world.stranger("olga").await;
    let mut lock = new_lock();
    lock.is_pressed();
    begun(&world, &token, &mut lock).await.claims(&mut lock).await;
    // Made anew, as after a reset and a second hold.
    let mut lock = new_lock();
    let mut phone = Phone::connect(world.address, &token).await;
    let hello = lock.hello();
    phone.brings(&hello).await;
    phone.asks(Doing::Status, None).await;
    let sentence = phone.hears_error().await;
    assert!(sentence.contains("greets without an owner"), "{sentence}");
    let sentence = begun(&world, &token, &mut lock).await.hears_error().await;
    assert!(sentence.contains("no owner any more") && sentence.contains("give it up"), "{sentence}");
    let mut other = Lock::of(*b"the back door is");
    let sentence = begun(&world, &token, &mut other).await.hears_error().await;
    assert!(sentence.contains("yours here"), "{sentence}");
    let path = format!("/v1/locks/{}/give-up", lock_hex());
    assert_eq!(world.raw("POST", &path, Some(&token), "").await.0, 200);
    assert_eq!(standing(&world, &token).await, LockStanding::Lost);
}

/// Two users of one cloud have the label: one keeps the lock's answer back until the other has claimed.
#[tokio::test]
async fn an_answer_that_was_kept_back_takes_no_right_from_whoever_claimed_since() {
    let world = World::with_maker_secret(MAKER).await;
    let (_, eve) = world.stranger("eve").await;
    let (_, olga) = world.stranger("olga").await;
    let mut lock = new_lock();
    lock.is_pressed();
    let mut first = begun(&world, &eve, &mut lock).await;
    lock.takes(&first.hears_packet().await);
    let kept = lock.sent.pop_front().expect("a lock that was pressed answers");

    lock.is_pressed();
    let mut second = begun(&world, &olga, &mut lock).await;
    lock.takes(&second.hears_packet().await);
    second.carries_up(&mut lock).await;
    let said = second.hears_text().await;
    assert!(matches!(said, ToPhone::Claiming { step: ClaimStep::HandingOver, .. }), "{said:?}");
    first.brings(&kept).await;
    let sentence = first.hears_error().await;
    assert!(sentence.contains("later than this one"), "{sentence}");
    let (_, end) = second.claims(&mut lock).await;
    assert!(matches!(end, ToPhone::Claimed { .. }), "{end:?}");
    assert!(world.rest(&eve, |eve| eve.locks().unwrap()).await.is_empty());
    assert_eq!(standing(&world, &olga).await, LockStanding::Owned);
}

#[tokio::test]
async fn an_owner_releases_a_lock_and_with_the_next_claim_his_rights_are_over() {
    let world = World::with_maker_secret(MAKER).await;
    let (_, olga) = world.stranger("olga").await;
    let mut lock = new_lock();
    lock.is_pressed();
    begun(&world, &olga, &mut lock).await.claims(&mut lock).await;
    let (tenant, _) = world.user("tom", &[Right::Unlock, Right::Status]).await;

    let mut phone = Phone::connect(world.address, &olga).await;
    phone.asks(Doing::Release, Some("end")).await;
    let released = phone.relays(&mut lock).await;
    assert!(
        matches!(&released, ToPhone::Result { outcome, .. } if outcome.outcome == Ending::Done),
        "{released:?}"
    );
    assert_eq!(standing(&world, &olga).await, LockStanding::Released);

    let (_, ben) = world.stranger("ben").await;
    lock.is_pressed();
    let (_, end) = begun(&world, &ben, &mut lock).await.claims(&mut lock).await;
    assert!(matches!(end, ToPhone::Claimed { .. }), "{end:?}");
    assert!(world.rest(&olga, |olga| olga.locks().unwrap()).await.is_empty());
    let audit = world.rest(&ben, |ben| ben.audit(&lock_hex(), 0).unwrap()).await;
    assert!(
        audit.iter().any(|entry| entry.who == "ben" && entry.what == "grant rights"),
        "{tenant}: {audit:?}"
    );
    let refused = Phone::try_connect(world.address, &olga, Some(SUBPROTOCOL)).await;
    assert_eq!(refused.err(), Some(403));
}

/// Entries 0 to 4 of the log, and a fault among them, as a phone would have fetched them.
async fn with_a_log(world: World) -> World {
    let folder = world.stop().await;
    let database = rusqlite::Connection::open(places(&folder).database).unwrap();
    for number in 0..5 {
        let sql = "INSERT INTO log_entries (lock_id, number, key_epoch, previous, mac, body, received_at)
                   VALUES (?1, ?2, 2, zeroblob(16), zeroblob(16), x'00', 7)";
        database.execute(sql, rusqlite::params![LOCK_ID, number]).unwrap();
    }
    let sql = "INSERT INTO log_faults (lock_id, key_epoch, kind, first, last, sentence, found_at)
               VALUES (?1, 2, 'Dropped', 1, 1, 'one is missing', 7)";
    database.execute(sql, [LOCK_ID]).unwrap();
    let sql = "INSERT OR REPLACE INTO log_positions (lock_id, key_epoch, next, last_mac, wrapped_key)
               VALUES (?1, 2, 5, zeroblob(16), x'')";
    database.execute(sql, [LOCK_ID]).unwrap();
    database.close().unwrap();
    World::open(folder).await
}

async fn entries_and_faults(world: &World, token: &str) -> (usize, usize) {
    let log = world.rest(token, |user| user.log(&lock_hex(), 0).unwrap()).await;
    (log.entries.len(), log.faults.len())
}

#[tokio::test]
async fn a_new_owner_reads_nothing_of_the_life_of_the_one_before_and_the_admin_reads_all_of_it() {
    let world = World::with_maker_secret(MAKER).await;
    let (_, olga) = world.stranger("olga").await;
    let mut lock = new_lock();
    lock.is_pressed();
    begun(&world, &olga, &mut lock).await.claims(&mut lock).await;
    let wish = NewCommand { action: Wish::EndLockout, client_token: "one".into(), valid_for_seconds: None };
    let command = world.rest(&olga, move |olga| olga.queue(&lock_hex(), &wish).unwrap().command_id).await;
    let world = with_a_log(world).await;
    assert_eq!(entries_and_faults(&world, &olga).await, (5, 1));
    let mut phone = Phone::connect(world.address, &olga).await;
    phone.asks(Doing::Release, Some("end")).await;
    phone.relays(&mut lock).await;

    let (_, ben) = world.stranger("ben").await;
    lock.is_pressed();
    let (_, end) = begun(&world, &ben, &mut lock).await.claims(&mut lock).await;
    assert!(matches!(end, ToPhone::Claimed { .. }), "{end:?}");
    let his = world.rest(&ben, |ben| ben.audit(&lock_hex(), 0).unwrap()).await;
    assert!(his.iter().all(|entry| !format!("{entry:?}").contains("olga")), "{his:?}");
    assert!(his[0].who == "ben" && his[0].what == "claim", "{his:?}");
    let path = |what: &str| format!("/v1/locks/{}/{what}", lock_hex());
    let command = path(&format!("commands/{command}"));
    assert_eq!(world.raw("GET", &command, Some(&ben), "").await.0, 404);
    assert_eq!(entries_and_faults(&world, &ben).await, (0, 0));

    let all = world.rest(&world.admin, |admin| admin.audit(&lock_hex(), 0).unwrap()).await;
    assert!(all.iter().any(|entry| entry.who == "olga"));
    world
        .rest(&world.admin, |admin| admin.grant(&lock_hex(), 1, Right::ALL.into_iter().collect()).unwrap())
        .await;
    assert_eq!(world.raw("GET", &command, Some(&world.admin), "").await.0, 200);
    assert_eq!(entries_and_faults(&world, &world.admin).await, (5, 1));
}

#[tokio::test]
async fn who_may_not_end_the_ownership_is_refused_and_nothing_moves() {
    let world = World::start().await;
    let all_but_own: Vec<Right> = Right::ALL.into_iter().filter(|right| *right != Right::Own).collect();
    let (_, token) = world.user("tom", &all_but_own).await;
    let mut phone = Phone::connect(world.address, &token).await;
    phone.asks(Doing::Release, None).await;
    assert!(phone.hears_error().await.contains("`own`"));
}

#[tokio::test]
async fn the_relay_of_a_claim_is_for_users_and_bounded_as_any_other() {
    let world = World::with_maker_secret(MAKER).await;
    let (_, token) = world.stranger("eve").await;
    for (token, subprotocol, status) in [
        ("lkt_9_00", Some(SUBPROTOCOL), 401),
        (token.as_str(), None, 422),
        (token.as_str(), Some("chat"), 422),
    ] {
        let refused = Phone::try_open(world.address, token, subprotocol, "claim").await;
        assert_eq!(refused.err(), Some(status));
    }
    for (text, word) in [
        (json!({ "type": "do", "action": "unlock" }), "not one that a claim takes"),
        (json!({ "type": "claim", "label": "LK1-0000", "name": "x" }), "28 characters"),
        (json!({ "type": "claim", "label": label_of([1; 16]), "name": "x", "more": 1 }), "not one that"),
    ] {
        let mut phone = Phone::claiming(world.address, &token).await;
        phone.says(&text.to_string()).await;
        let sentence = phone.hears_error().await;
        assert!(sentence.contains(word), "{sentence}");
        assert!(matches!(phone.hears().await, Came::Closed));
    }
    let mut phone = begun(&world, &token, &mut new_lock()).await;
    phone.hears_packet().await;
    phone.asks_to_claim(CODE, "front door").await;
    assert!(phone.hears_error().await.contains("once on a connection"));

    let mut phone = Phone::claiming(world.address, &token).await;
    let long: Result<(), Error> = phone.tries_to_bring(&[0; 9_000]).await;
    assert!(long.is_err() || matches!(phone.hears().await, Came::Closed));
    let mut phone = Phone::claiming(world.address, &token).await;
    for _ in 0..400 {
        if phone.tries_to_bring(b"x").await.is_err() {
            break;
        }
    }
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(world.log.about("claim_closed").iter().any(|line| line.contains("sends too much")));
    world.rest(&world.admin, |admin| admin.health().unwrap()).await;
}

#[tokio::test]
async fn what_is_not_the_locks_answer_is_dropped_and_a_press_more_claims_it() {
    let world = World::with_maker_secret(MAKER).await;
    let (_, token) = world.stranger("olga").await;
    let mut lock = new_lock();
    let mut phone = begun(&world, &token, &mut lock).await;
    phone.hears_packet().await;
    for kind in [Kind::Record, Kind::SealedUp, Kind::Message1, Kind::Message2] {
        phone.brings(&[&kind.prefix()[..], &[7; 80]].concat()).await;
    }
    let said = phone.hears_text().await;
    assert!(matches!(said, ToPhone::Claiming { step: ClaimStep::PressButton, .. }), "{said:?}");
    assert!(world.log.about("dropped").len() >= 3);
    lock.is_pressed();
    let (_, end) = phone.claims(&mut lock).await;
    assert!(matches!(end, ToPhone::Claimed { .. }), "{end:?}");
}

#[tokio::test]
async fn neither_label_nor_makers_secret_is_written_where_others_could_read_it() {
    let world = World::with_maker_secret(MAKER).await;
    let (_, token) = world.stranger("olga").await;
    let mut lock = new_lock();
    lock.is_pressed();
    begun(&world, &token, &mut lock).await.claims(&mut lock).await;
    let label = label_of(CODE);
    assert!(world.log.text().contains("fact=claimed") && !world.log.text().contains(&label[4..12]));
    for file in world.files() {
        let bytes = std::fs::read(&file).unwrap();
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!holds(&CODE) && !holds(&MAKER) && !holds(label.as_bytes()), "{}", file.display());
        assert!(!holds(hex::encode(MAKER).as_bytes()), "{}", file.display());
    }
}

#[tokio::test]
async fn a_lock_without_a_makers_secret_is_claimed_where_the_operator_allows_it_and_nowhere_else() {
    let world = World::with_labels_alone().await;
    let (_, token) = world.stranger("olga").await;
    let mut lock = labelled_lock();
    lock.is_pressed();
    let (_, end) = begun(&world, &token, &mut lock).await.claims(&mut lock).await;
    assert!(matches!(end, ToPhone::Claimed { .. }), "{end:?}");
    // Whether the lock is of this service or unknown to it: the same sentence.
    let world = world.restart().await;
    let (_, stranger) = world.stranger("eve").await;
    let known = begun(&world, &stranger, &mut labelled_lock()).await.hears_error().await;
    assert!(known.contains("maker's secret") && known.contains("ask the operator"), "{known}");
    let elsewhere = World::open(empty()).await;
    let (_, stranger) = elsewhere.stranger("eve").await;
    let unknown = begun(&elsewhere, &stranger, &mut labelled_lock()).await.hears_error().await;
    assert_eq!(unknown, known);
}

fn empty() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    cloud::initialise(&places(&folder)).unwrap();
    folder
}

/// Eve plays the lock with her own software as far as its root, and stops; then Olga claims the lock itself.
#[tokio::test]
async fn who_plays_a_lock_learns_nothing_of_the_root_that_the_next_claimer_gives_it() {
    let world = World::with_labels_alone().await;
    let (_, eve) = world.stranger("eve").await;
    let (_, olga) = world.stranger("olga").await;
    let mut fake = labelled_lock();
    let mut phone = handing_over(&world, &eve, &mut fake).await;
    fake.takes(&phone.hears_packet().await);
    drop(phone);
    assert_eq!(standing(&world, &eve).await, LockStanding::Claiming);

    let mut lock = labelled_lock();
    lock.is_pressed();
    let (_, end) = begun(&world, &olga, &mut lock).await.claims(&mut lock).await;
    assert!(matches!(end, ToPhone::Claimed { .. }), "{end:?}");
    assert_eq!(roots(&world, &world.admin).await, 2, "each has one of their own");
    assert_eq!(roots(&world, &olga).await, 1, "and reads of no other");
    assert!(world.rest(&eve, |eve| eve.locks().unwrap()).await.is_empty());
    let mut phone = Phone::connect(world.address, &olga).await;
    phone.brings(&fake.hello()).await;
    phone.asks(Doing::Status, None).await;
    let sentence = phone.hears_error().await;
    assert!(sentence.contains("is not this one"), "the played lock has another root: {sentence}");
}

#[tokio::test]
async fn a_claim_that_was_not_proven_ends_with_all_rights_and_gives_way_to_a_registration() {
    let world = World::with_labels_alone().await;
    let (_, eve) = world.stranger("eve").await;
    let path = format!("/v1/locks/{}", lock_hex());
    drop(handing_over(&world, &eve, &mut labelled_lock()).await);
    let give_up = format!("{path}/give-up");
    assert_eq!(world.raw("POST", &give_up, Some(&world.admin), "").await.0, 200);
    assert_eq!(world.raw("GET", &path, Some(&world.admin), "").await.0, 404);
    assert_eq!(world.raw("GET", &path, Some(&eve), "").await.0, 403);

    drop(handing_over(&world, &eve, &mut labelled_lock()).await);
    world.rest(&world.admin, |admin| admin.register_lock(&registered()).unwrap()).await;
    assert_eq!(world.raw("GET", &path, Some(&eve), "").await.0, 403, "no right outlives the claim");
    assert_eq!(standing(&world, &world.admin).await, LockStanding::Owned);
}

#[tokio::test]
async fn the_import_of_a_makers_secret_ends_a_claim_that_began_without_it() {
    let world = World::with_labels_alone().await;
    let (_, eve) = world.stranger("eve").await;
    let (_, olga) = world.stranger("olga").await;
    drop(handing_over(&world, &eve, &mut labelled_lock()).await);
    let folder = world.stop().await;
    import_secret(&folder, MAKER);
    let world = World::open(folder).await;
    let path = format!("/v1/locks/{}", lock_hex());
    assert_eq!(world.raw("GET", &path, Some(&world.admin), "").await.0, 404);
    assert_eq!(world.raw("GET", &path, Some(&eve), "").await.0, 403);
    let mut lock = new_lock();
    lock.is_pressed();
    let (_, end) = begun(&world, &olga, &mut lock).await.claims(&mut lock).await;
    assert!(matches!(end, ToPhone::Claimed { .. }), "{end:?}");
}

#[tokio::test]
async fn one_user_has_three_claims_at_a_time_and_leaves_the_way_open_for_others() {
    let world = World::with_maker_secret(MAKER).await;
    let (_, eve) = world.stranger("eve").await;
    let (_, olga) = world.stranger("olga").await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(Phone::claiming(world.address, &eve).await);
    }
    let fourth = Phone::try_open(world.address, &eve, Some(SUBPROTOCOL), "claim").await;
    assert_eq!(fourth.err(), Some(503));
    let mut lock = new_lock();
    lock.is_pressed();
    let (_, end) = begun(&world, &olga, &mut lock).await.claims(&mut lock).await;
    assert!(matches!(end, ToPhone::Claimed { .. }), "{end:?}");
    // Whoever says nothing is sent away, and has room again.
    for phone in &mut open {
        let sentence = phone.hears_error().await;
        assert!(sentence.contains("within ten seconds"), "{sentence}");
        assert!(matches!(phone.hears().await, Came::Closed));
    }
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(Phone::try_open(world.address, &eve, Some(SUBPROTOCOL), "claim").await.is_ok());
}

#[tokio::test]
async fn a_token_that_is_revoked_finishes_no_claim() {
    let world = World::with_maker_secret(MAKER).await;
    let (user, token) = world.stranger("eve").await;
    let mut lock = new_lock();
    lock.is_pressed();
    let mut phone = begun(&world, &token, &mut lock).await;
    lock.takes(&phone.hears_packet().await);
    let number = token.split('_').nth(1).expect("a token names its number");
    let path = format!("/v1/users/{user}/tokens/{number}");
    let (status, body) = world.raw("DELETE", &path, Some(&world.admin), "").await;
    assert!(status < 300, "{status}: {body}");
    phone.carries_up(&mut lock).await;
    let sentence = phone.hears_error().await;
    assert!(sentence.contains("no valid token"), "{sentence}");
    assert!(matches!(phone.hears().await, Came::Closed));
    assert!(world.rest(&world.admin, |admin| admin.locks().unwrap()).await.is_empty(), "nothing is stored");
}

/// The lock was reset at the door, and its former owner has not given it up here.
#[tokio::test]
async fn a_buyer_is_told_who_has_to_give_the_lock_up_at_this_service() {
    let world = World::with_maker_secret(MAKER).await;
    let (_, olga) = world.stranger("olga").await;
    let (_, ben) = world.stranger("ben").await;
    let mut lock = new_lock();
    lock.is_pressed();
    begun(&world, &olga, &mut lock).await.claims(&mut lock).await;
    let sentence = begun(&world, &ben, &mut new_lock()).await.hears_error().await;
    for word in ["its former owner", "the operator", "give it up here"] {
        assert!(sentence.contains(word), "{sentence}");
    }
}
