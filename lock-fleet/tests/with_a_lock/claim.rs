//! A lock changes hands between two fleets that know nothing of each other.

use lock_core::claimer::Claimer;
use lock_core::cloud::SessionError;
use lock_core::crypto::Key;
use lock_fleet::proto::{CodeClass, CommandId, Outcome, Profile, UnixMillis};
use lock_fleet::{
    Account, BackingUp, ClaimAttempt, ClaimCode, ClaimProof, ClaimWish, CodesWish, CommandState, Conditions,
    Fleet, FleetError, ItemStanding, KeyEncryptionKey, KeyStanding, KeyWish, LiveAnswer, LiveRequest,
    LiveStart, Moment, Monotonic, QueueOptions, SqliteStore, Standing, StoreError, Task,
};
use tempfile::TempDir;

use crate::backups::back_up;
use crate::items::pin;
use crate::queued::{queue, relock, state};
use crate::world::{LOCK, SimLock, World, action, token};

pub(crate) const CODE: [u8; 16] = *b"what a label has";
pub(crate) const MAKER: [u8; 32] = *b"what the maker registered for it";

pub(crate) fn claimer() -> Claimer {
    Claimer::of(&ClaimCode::from_bytes(CODE), Some(&Key::from_bytes(MAKER)), LOCK)
}

/// The cloud of somebody else.
pub(crate) struct Other {
    pub(crate) folder: TempDir,
    pub(crate) fleet: Fleet<SqliteStore>,
}

impl Other {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyEncryptionKey::create(&folder.path().join("kek")).unwrap();
        let mut fleet = Fleet::open(SqliteStore::create(&folder.path().join("b.db")).unwrap(), key).unwrap();
        fleet.set_maker_secret(LOCK, &MAKER, moment(0)).unwrap();
        Self { folder, fleet }
    }
}

fn wish() -> ClaimWish {
    let (code, name, by) = (ClaimCode::from_bytes(CODE), "my door".to_owned(), "ben".to_owned());
    let (account, proof) = (Account([1; 16]), ClaimProof::MakerSecret);
    ClaimWish { lock: LOCK, code, name, profile: Profile::S, by, account, proof }
}

pub(crate) fn moment(millis: u64) -> Moment {
    Moment { unix: UnixMillis(1_795_305_600_000 + millis), monotonic: Monotonic(millis) }
}

fn begin(fleet: &mut Fleet<SqliteStore>, lock: &mut SimLock, millis: u64) -> ClaimAttempt {
    let hello = lock.connect(millis);
    fleet.begin_claim(wish(), &hello).unwrap()
}

/// A whole claim; the lock's button was pressed.
pub(crate) fn claim(fleet: &mut Fleet<SqliteStore>, lock: &mut SimLock, millis: u64) -> Outcome {
    let attempt = begin(fleet, lock, millis);
    let message2 = lock.bring(attempt.packet(), millis).remove(0);
    let over = fleet.finish_claim(attempt, &message2, moment(millis)).unwrap();
    let answer = lock.bring(over.packet(), millis).remove(0);
    fleet.end_claim(over, &answer, moment(millis)).unwrap()
}

/// A live session of a fleet, as far as the first answer.
pub(crate) fn live(
    fleet: &mut Fleet<SqliteStore>,
    lock: &mut SimLock,
    request: LiveRequest,
    millis: u64,
) -> Result<LiveAnswer, FleetError> {
    let hello = lock.connect(millis);
    let LiveStart::Send(attempt) = fleet.begin_live(LOCK, &hello, request, moment(millis))? else {
        panic!("the outcome is known")
    };
    let message2 = lock.bring(attempt.packet(), millis).remove(0);
    Ok(fleet.finish_live(attempt, &message2, moment(millis))?.answer)
}

fn standing(fleet: &mut Fleet<SqliteStore>) -> Standing {
    fleet.lock(LOCK).unwrap().standing
}

#[test]
fn a_released_lock_is_claimed_by_another_fleet_and_the_old_one_is_refused() {
    let mut world = World::new();
    world.lock.make_claimable(&claimer(), 1_000);
    world.pass(1_000);
    let now = world.now();
    let old = world.fleet().queue(
        LOCK,
        Task::AutoRelock(lock_fleet::proto::Seconds(7)),
        QueueOptions::new(token("old"), "anna"),
        now,
    );
    let kept = world.fleet().sealed_for(LOCK, now).unwrap();
    assert!(old.is_ok() && !kept.is_empty());
    let answer = world.live_action(Task::EndOwnership { key_epoch: 1 }, "end");
    assert!(matches!(answer, LiveAnswer::Command { outcome: Outcome::Done, .. }), "{answer:?}");
    assert_eq!(standing(world.fleet()), Standing::Released);

    let mut other = Other::new();
    world.pass(2_000);
    let millis = world.millis;
    world.lock.press(millis);
    assert_eq!(claim(&mut other.fleet, &mut world.lock, millis), Outcome::Done);
    assert_eq!(standing(&mut other.fleet), Standing::Claiming);
    let opened =
        live(&mut other.fleet, &mut world.lock, action(Task::Unlock, "first"), millis + 2_000).unwrap();
    assert!(matches!(opened, LiveAnswer::Command { outcome: Outcome::Started, .. }), "{opened:?}");
    assert_eq!(standing(&mut other.fleet), Standing::Owned);
    assert_eq!(other.fleet.lock(LOCK).unwrap().key_epoch.number(), 2);

    let refused = live(world.fleet.as_mut().unwrap(), &mut world.lock, LiveRequest::Status, millis + 4_000);
    assert!(matches!(refused, Err(FleetError::OwnershipEnded)), "{refused:?}");
    world.lock.connect(millis + 6_000);
    for packet in kept {
        assert!(world.lock.bring(&packet.packet, millis + 6_000).is_empty());
    }
}

#[test]
fn the_root_is_the_same_until_it_is_proven_wherever_the_claim_is_cut() {
    // After how many packets the line breaks: the record never came, or its answer did not.
    for arrives in [false, true] {
        let mut other = Other::new();
        let mut lock = SimLock::unowned(LOCK, &claimer());
        lock.press(1_000);
        let attempt = begin(&mut other.fleet, &mut lock, 1_000);
        let message2 = lock.bring(attempt.packet(), 1_000).remove(0);
        let over = other.fleet.finish_claim(attempt, &message2, moment(1_000)).unwrap();
        if arrives {
            assert!(!lock.bring(over.packet(), 1_000).is_empty());
        }
        drop(over);
        lock.reboot(3_000);
        assert_eq!(standing(&mut other.fleet), Standing::Claiming);
        let proof = live(&mut other.fleet, &mut lock, LiveRequest::Status, 5_000);
        let has_none = matches!(proof, Err(FleetError::GreetsUnowned));
        assert_eq!((proof.is_ok(), has_none), (arrives, !arrives), "{proof:?}");
        if !arrives {
            lock.press(7_000);
            assert_eq!(claim(&mut other.fleet, &mut lock, 7_000), Outcome::Done);
            assert!(live(&mut other.fleet, &mut lock, LiveRequest::Status, 9_000).is_ok());
        }
        assert_eq!(standing(&mut other.fleet), Standing::Owned);
        assert_eq!(roots(&mut other.fleet), 1, "one root, however often it is sent");
    }
}

fn roots(fleet: &mut Fleet<SqliteStore>) -> usize {
    let rows = fleet.audit(LOCK, 0, 100).unwrap();
    rows.iter().filter(|row| row.entry.result.starts_with("a root for")).count()
}

/// The phone keeps the answer of one attempt back, until the lock is this fleet's by another and was given up by mistake.
#[test]
fn an_answer_that_was_kept_back_does_not_replace_the_root_that_the_lock_has() {
    let mut other = Other::new();
    let mut lock = SimLock::unowned(LOCK, &claimer());
    lock.press(1_000);
    let attempt = begin(&mut other.fleet, &mut lock, 1_000);
    let kept = lock.bring(attempt.packet(), 1_000).remove(0);
    lock.press(3_000);
    assert_eq!(claim(&mut other.fleet, &mut lock, 3_000), Outcome::Done);
    assert!(live(&mut other.fleet, &mut lock, LiveRequest::Status, 5_000).is_ok());
    other.fleet.give_up(LOCK, "ben", moment(6_000)).unwrap();
    assert_eq!(standing(&mut other.fleet), Standing::Lost);
    let refused = other.fleet.finish_claim(attempt, &kept, moment(6_000)).err();
    assert!(matches!(refused, Some(FleetError::Session(SessionError::Refused))), "{refused:?}");
    assert!(live(&mut other.fleet, &mut lock, LiveRequest::Status, 7_000).is_ok(), "it is still there");
    assert_eq!((standing(&mut other.fleet), roots(&mut other.fleet)), (Standing::Owned, 1));
}

#[test]
fn a_lock_of_this_fleet_is_not_claimed_over_and_one_that_was_given_up_is() {
    let mut world = World::new();
    world.lock.make_claimable(&claimer(), 1_000);
    world.pass(1_000);
    world.fleet().set_maker_secret(LOCK, &MAKER, moment(0)).unwrap();
    let hello = world.lock.connect(world.millis);
    let refused = world.fleet().begin_claim(wish(), &hello).err();
    assert!(matches!(refused, Some(FleetError::Store(StoreError::LockExists(LOCK)))), "{refused:?}");
    assert!(!world.fleet().greets_unowned(LOCK, &ClaimCode::from_bytes(CODE), &hello).unwrap());

    // The ownership was ended at the lock: a factory reset, and a second hold.
    for _ in 0..2 {
        let millis = world.millis;
        let _ = world.lock.factory_reset(millis);
        world.pass(20_000);
    }
    let now = world.now();
    let (fleet, lock, millis) = (world.fleet.as_mut().unwrap(), &mut world.lock, world.millis);
    let lost = live(fleet, lock, LiveRequest::Status, millis);
    assert!(matches!(lost, Err(FleetError::Session(_))), "the keys fit no more: {lost:?}");
    let hello = lock.connect(millis + 1_000);
    for (code, expected) in [(CODE, true), ([1; 16], false)] {
        let code = ClaimCode::from_bytes(code);
        assert_eq!(
            fleet.greets_unowned(LOCK, &code, &hello).unwrap(),
            expected,
            "who has the label can tell"
        );
    }
    let waiting = fleet.queue(LOCK, Task::Lock, QueueOptions::new(token("old"), "anna"), now).unwrap();
    fleet.give_up(LOCK, "anna", now).unwrap();
    let ended = live(fleet, lock, LiveRequest::Status, millis + 2_000);
    assert!(matches!(ended, Err(FleetError::OwnershipEnded)), "{ended:?}");
    lock.press(millis + 4_000);
    assert_eq!(claim(fleet, lock, millis + 4_000), Outcome::Done);
    assert!(!fleet.command(LOCK, waiting).unwrap().state.is_open(), "nothing of before is on its way");
    assert!(live(fleet, lock, LiveRequest::Status, millis + 6_000).is_ok());
    assert_eq!(standing(fleet), Standing::Owned);
}

/// A lock of this fleet with a virtual key, offline codes, a backup, and a command that waits.
fn house() -> World {
    let mut world = World::new();
    world.lock.make_claimable(&claimer(), 1_000);
    world.pass(1_000);
    world.fleet().set_maker_secret(LOCK, &MAKER, moment(0)).unwrap();
    let now = world.now();
    world.fleet().issue_key(LOCK, &key(), "anna", now).unwrap();
    allow(&mut world, "codes").unwrap();
    queue(&mut world, pin(1, b"2580"), "pin");
    world.deliver();
    assert!(matches!(back_up(&mut world), BackingUp::Taken { number: 1, .. }));
    queue(&mut world, relock(7), "waits");
    world
}

fn key() -> KeyWish {
    KeyWish { label: "dog walker".into(), conditions: Conditions::default(), holder: None }
}

fn allow(world: &mut World, name: &str) -> Result<CommandId, FleetError> {
    let (options, now) = (QueueOptions::new(token(name), "anna"), world.now());
    world.fleet().set_offline_codes(LOCK, CodesWish::Allow, options, now)
}

pub(crate) fn end_at_the_lock(world: &mut World) {
    let answer = world.live_action(Task::EndOwnership { key_epoch: 1 }, "end");
    assert!(matches!(answer, LiveAnswer::Command { outcome: Outcome::Done, .. }), "{answer:?}");
    world.pass(2_000);
}

#[test]
fn nothing_is_made_for_a_lock_whose_ownership_has_ended() {
    for is_released in [false, true] {
        let mut world = house();
        let now = world.now();
        if is_released {
            end_at_the_lock(&mut world);
        } else {
            world.fleet().give_up(LOCK, "anna", now).unwrap();
        }
        let options = || QueueOptions::new(token("new"), "anna");
        let fleet = world.fleet();
        let start = now.unix;
        let refused = [
            fleet.issue_key(LOCK, &key(), "anna", now).err(),
            fleet.revoke_all_keys(LOCK, options(), now).err(),
            fleet.offline_code(LOCK, CodeClass::OneDay, start, "anna", now).err(),
            fleet.set_offline_codes(LOCK, CodesWish::Allow, options(), now).err(),
            fleet.queue(LOCK, Task::Unlock, options(), now).err(),
            fleet.release(LOCK, options(), now).err(),
            fleet.rotate_keys(LOCK, "anna", now).err(),
            fleet.export_backup(LOCK, "anna", now).err(),
            fleet.sealed_for(LOCK, now).err(),
        ];
        for (place, error) in refused.into_iter().enumerate() {
            assert!(matches!(error, Some(FleetError::OwnershipEnded)), "{place}: {error:?}");
        }
        assert_eq!(fleet.pending(LOCK).unwrap(), 0);
        let keys = fleet.virtual_keys(LOCK, now).unwrap();
        assert_eq!(keys[0].standing, KeyStanding::Outdated);
        assert_eq!(fleet.rotation(LOCK, now).unwrap().to_reissue, []);
        let again = fleet.queue(LOCK, relock(7), QueueOptions::new(token("waits"), "anna"), now);
        assert!(again.is_ok(), "what was asked for before is still told: {again:?}");
    }
}

#[test]
fn a_lock_that_is_claimed_again_takes_offline_codes_and_nothing_of_its_former_owner_is_left() {
    let mut world = house();
    end_at_the_lock(&mut world);
    let millis = world.millis;
    world.lock.press(millis);
    assert_eq!(claim(world.fleet.as_mut().unwrap(), &mut world.lock, millis), Outcome::Done);
    world.pass(2_000);
    let _ = world.live(LiveRequest::Status);
    let now = world.now();
    assert_eq!(world.fleet().virtual_keys(LOCK, now).unwrap(), []);
    assert_eq!(world.fleet().backups(LOCK).unwrap(), []);
    assert!(world.fleet().audit(LOCK, 0, 10).unwrap()[0].entry.what == "provision", "who did what is kept");
    // The names that the former owner gave its commands are free.
    let id = allow(&mut world, "codes").unwrap();
    world.deliver();
    assert_eq!(state(&mut world, id), CommandState::Settled(Outcome::Done));
    let now = world.now();
    let info = world.fleet().offline_codes(LOCK, now).unwrap().unwrap();
    assert_eq!(info.standing, ItemStanding::Applied);
    assert_eq!(info.series.epoch, 1, "it begins anew: {info:?}");
    let code = world.fleet().offline_code(LOCK, CodeClass::OneDay, now.unix, "anna", now).unwrap();
    let runs = world.lock.runs.len();
    world.lock.enter(code.digits, world.millis);
    assert_eq!(world.lock.runs.len(), runs + 1, "it opens");
}

#[test]
fn a_wrong_label_or_makers_secret_is_another_lock_and_stores_nothing() {
    let mut other = Other::new();
    let mut lock = SimLock::unowned(LOCK, &claimer());
    lock.press(1_000);
    let hello = lock.connect(1_000);
    let wrong = ClaimWish { code: ClaimCode::from_bytes([1; 16]), ..wish() };
    assert!(matches!(other.fleet.begin_claim(wrong, &hello), Err(FleetError::Session(_))));
    other.fleet.set_maker_secret(LOCK, &[3; 32], moment(0)).unwrap();
    assert!(matches!(other.fleet.begin_claim(wish(), &hello), Err(FleetError::Session(_))));
    assert!(matches!(
        other.fleet.begin_claim(ClaimWish { name: String::new(), ..wish() }, &hello),
        Err(FleetError::BadName)
    ));
    assert!(other.fleet.locks().unwrap().is_empty());
}

#[test]
fn a_lock_that_was_claimed_here_and_was_reset_to_no_owner_is_told_from_another_lock() {
    let mut other = Other::new();
    let mut lock = SimLock::unowned(LOCK, &claimer());
    lock.press(1_000);
    let mut old = lock.connect(1_000);
    assert_eq!(claim(&mut other.fleet, &mut lock, 1_000), Outcome::Done);
    assert!(live(&mut other.fleet, &mut lock, LiveRequest::Status, 3_000).is_ok());
    let mut millis = 5_000;
    for _ in 0..2 {
        let _ = lock.factory_reset(millis);
        millis += 20_000;
    }
    let reset = live(&mut other.fleet, &mut lock, LiveRequest::Status, millis);
    assert!(matches!(reset, Err(FleetError::GreetsUnowned)), "{reset:?}");
    assert_eq!(standing(&mut other.fleet), Standing::Owned, "a Hello may be old: nothing is changed for it");
    // Of before the claim: the same words, and no harm.
    let begun = other.fleet.begin_live(LOCK, &old, LiveRequest::Status, moment(millis));
    assert!(matches!(begun, Err(FleetError::GreetsUnowned)), "{begun:?}");
    old[10] ^= 1;
    let begun = other.fleet.begin_live(LOCK, &old, LiveRequest::Status, moment(millis));
    assert!(matches!(begun, Err(FleetError::Session(SessionError::AnotherLock))), "{begun:?}");
}
