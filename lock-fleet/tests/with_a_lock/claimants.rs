//! Several who claim one lock, and locks that are played: what one of them was promised, or has said, reaches nobody else.

use lock_core::claimer::Claimer;
use lock_fleet::proto::{Outcome, Profile};
use lock_fleet::{
    Account, ClaimAttempt, ClaimCode, ClaimHandOver, ClaimProof, ClaimWish, CommandState, Discarded, Fleet,
    FleetError, KeyEncryptionKey, LiveRequest, LiveStart, LockId, QueueOptions, SqliteStore, Standing,
    StoreError, Task,
};
use tempfile::TempDir;

use crate::claim::{CODE, MAKER, live, moment};
use crate::world::{LOCK, ROOT, SimLock, action, token};

const EVE: Account = Account(*b"the account: eve");
const OLGA: Account = Account(*b"the account:olga");

/// A fleet that takes a label for enough.
struct Trusting {
    _folder: TempDir,
    fleet: Fleet<SqliteStore>,
}

impl Trusting {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyEncryptionKey::create(&folder.path().join("kek")).unwrap();
        let store = SqliteStore::create(&folder.path().join("fleet.db")).unwrap();
        Self { fleet: Fleet::open(store, key).unwrap(), _folder: folder }
    }
}

/// A lock as whoever has the label, and no maker's secret, can build one.
fn labelled(code: [u8; 16], lock: LockId) -> SimLock {
    SimLock::unowned(lock, &Claimer::of(&ClaimCode::from_bytes(code), None, lock))
}

/// The same, after two owners: the epoch that it names is a later one.
fn aged(code: [u8; 16]) -> SimLock {
    let mut lock = labelled(code, LOCK);
    for start in [1_000, 61_000] {
        let mut owner = Trusting::new();
        let _ = claim(&mut owner.fleet, wish(EVE, code), &mut lock, start);
        for later in [2_000, 22_000] {
            let _ = lock.factory_reset(start + later);
        }
    }
    lock
}

fn wish(account: Account, code: [u8; 16]) -> ClaimWish {
    let (by, profile) = if account == EVE { ("eve", Profile::S) } else { ("olga", Profile::X) };
    let (code, name, proof) = (ClaimCode::from_bytes(code), format!("{by}'s door"), ClaimProof::LabelAlone);
    ClaimWish { lock: LOCK, code, name, profile, by: by.to_owned(), account, proof }
}

fn begin(fleet: &mut Fleet<SqliteStore>, wish: ClaimWish, lock: &mut SimLock, millis: u64) -> ClaimAttempt {
    let hello = lock.connect(millis);
    fleet.begin_claim(wish, &hello).unwrap()
}

/// The lock has answered; its root is kept and has not left.
fn answered(
    fleet: &mut Fleet<SqliteStore>,
    wish: ClaimWish,
    lock: &mut SimLock,
    millis: u64,
) -> Result<ClaimHandOver, FleetError> {
    lock.press(millis);
    let attempt = begin(fleet, wish, lock, millis);
    let message2 = lock.bring(attempt.packet(), millis).remove(0);
    fleet.finish_claim(attempt, &message2, moment(millis))
}

/// A claim that the lock has taken, and that waits for its proof.
fn claim(fleet: &mut Fleet<SqliteStore>, wish: ClaimWish, lock: &mut SimLock, millis: u64) -> Outcome {
    let over = answered(fleet, wish, lock, millis).unwrap();
    let answer = lock.bring(over.packet(), millis).remove(0);
    fleet.end_claim(over, &answer, moment(millis)).unwrap()
}

fn unproven(fleet: &mut Fleet<SqliteStore>) -> Option<Standing> {
    fleet.lock(LOCK).ok().map(|info| info.standing)
}

#[test]
fn a_root_that_was_promised_to_one_user_is_never_given_to_another() {
    // The same label, and one that somebody wrote.
    for played in [CODE, *b"eve's own label."] {
        let Trusting { mut fleet, .. } = Trusting::new();
        let mut fake = labelled(played, LOCK);
        assert_eq!(claim(&mut fleet, wish(EVE, played), &mut fake, 1_000), Outcome::Done);
        assert_eq!(unproven(&mut fleet), Some(Standing::Claiming));
        let mut lock = labelled(CODE, LOCK);
        assert_eq!(claim(&mut fleet, wish(OLGA, CODE), &mut lock, 3_000), Outcome::Done);
        let stranger = live(&mut fleet, &mut fake, LiveRequest::Status, 5_000);
        assert!(matches!(stranger, Err(FleetError::Session(_))), "it has another root: {stranger:?}");
        assert!(live(&mut fleet, &mut lock, LiveRequest::Status, 7_000).is_ok());
        assert_eq!(unproven(&mut fleet), Some(Standing::Owned));
    }
}

#[test]
fn another_label_of_the_same_user_is_another_claim() {
    let Trusting { mut fleet, .. } = Trusting::new();
    let played = *b"pasted over it..";
    let mut fake = labelled(played, LOCK);
    assert_eq!(claim(&mut fleet, wish(OLGA, played), &mut fake, 1_000), Outcome::Done);
    let mut lock = labelled(CODE, LOCK);
    assert_eq!(claim(&mut fleet, wish(OLGA, CODE), &mut lock, 3_000), Outcome::Done);
    assert!(live(&mut fleet, &mut fake, LiveRequest::Status, 5_000).is_err());
    assert!(live(&mut fleet, &mut lock, LiveRequest::Status, 7_000).is_ok());
}

#[test]
fn nothing_that_a_played_lock_has_said_survives_the_next_claimer() {
    let Trusting { mut fleet, .. } = Trusting::new();
    let mut fake = aged(CODE);
    assert_eq!(claim(&mut fleet, wish(EVE, CODE), &mut fake, 150_000), Outcome::Done);
    assert_eq!(fleet.lock(LOCK).unwrap().key_epoch.number(), 3);
    let options = QueueOptions::new(token("hers"), "eve");
    let queued = fleet.queue(LOCK, Task::Unlock, options, moment(151_000)).unwrap();
    let mut lock = labelled(CODE, LOCK);
    assert_eq!(claim(&mut fleet, wish(OLGA, CODE), &mut lock, 152_000), Outcome::Done);
    let info = fleet.lock(LOCK).unwrap();
    assert_eq!((info.key_epoch.number(), info.profile), (1, Profile::X));
    assert_eq!(info.name, "olga's door");
    let hers = fleet.command(LOCK, queued).map(|command| command.state);
    assert!(matches!(hers, Err(FleetError::NoSuchCommand(_))), "{hers:?}");
    assert!(live(&mut fleet, &mut lock, LiveRequest::Status, 154_000).is_ok());
    let options = QueueOptions::new(token("hers"), "olga");
    let mine = fleet.queue(LOCK, Task::Unlock, options, moment(155_000)).unwrap();
    assert_eq!(fleet.command(LOCK, mine).unwrap().state, CommandState::Queued, "the name is free");
    assert_eq!(fleet.log_keys(LOCK).unwrap().len(), 1);
}

#[test]
fn what_was_begun_under_the_root_of_another_claim_proves_nothing() {
    let Trusting { mut fleet, .. } = Trusting::new();
    let mut fake = labelled(CODE, LOCK);
    assert_eq!(claim(&mut fleet, wish(EVE, CODE), &mut fake, 1_000), Outcome::Done);
    let hello = fake.connect(3_000);
    let begun = fleet.begin_live(LOCK, &hello, LiveRequest::Status, moment(3_000)).unwrap();
    let LiveStart::Send(attempt) = begun else { panic!("{begun:?}") };
    let message2 = fake.bring(attempt.packet(), 3_000).remove(0);
    let mut lock = labelled(CODE, LOCK);
    assert_eq!(claim(&mut fleet, wish(OLGA, CODE), &mut lock, 4_000), Outcome::Done);
    let proof = fleet.finish_live(attempt, &message2, moment(5_000)).err();
    assert!(matches!(proof, Some(FleetError::ClaimOvertaken)), "{proof:?}");
    assert_eq!(unproven(&mut fleet), Some(Standing::Claiming));
    assert!(live(&mut fleet, &mut lock, LiveRequest::Status, 7_000).is_ok());
}

#[test]
fn a_session_of_an_ownership_that_was_given_up_is_asked_nothing_more_for_the_next_owner() {
    let Trusting { mut fleet, .. } = Trusting::new();
    let mut lock = labelled(CODE, LOCK);
    assert_eq!(claim(&mut fleet, wish(EVE, CODE), &mut lock, 1_000), Outcome::Done);
    let hello = lock.connect(3_000);
    let begun = fleet.begin_live(LOCK, &hello, LiveRequest::Status, moment(3_000)).unwrap();
    let LiveStart::Send(attempt) = begun else { panic!("{begun:?}") };
    let message2 = lock.bring(attempt.packet(), 3_000).remove(0);
    let mut session = fleet.finish_live(attempt, &message2, moment(3_000)).unwrap().session;
    fleet.give_up(LOCK, "eve", moment(4_000)).unwrap();
    for millis in [5_000, 25_000] {
        let _ = lock.factory_reset(millis);
    }
    assert_eq!(claim(&mut fleet, wish(OLGA, CODE), &mut lock, 46_000), Outcome::Done);
    let asked = fleet.request_live(&mut session, action(Task::Unlock, "late"), moment(46_000)).err();
    assert!(matches!(asked, Some(FleetError::ClaimOvertaken)), "{asked:?}");
}

#[test]
fn an_answer_that_was_kept_back_does_not_replace_the_root_of_a_later_claim() {
    let Trusting { mut fleet, .. } = Trusting::new();
    let mut fake = labelled(CODE, LOCK);
    fake.press(1_000);
    let early = begin(&mut fleet, wish(EVE, CODE), &mut fake, 1_000);
    let kept = fake.bring(early.packet(), 1_000).remove(0);
    let mut lock = labelled(CODE, LOCK);
    assert_eq!(claim(&mut fleet, wish(OLGA, CODE), &mut lock, 3_000), Outcome::Done);
    let late = fleet.finish_claim(early, &kept, moment(4_000)).err();
    assert!(matches!(late, Some(FleetError::ClaimOvertaken)), "{late:?}");
    assert!(live(&mut fleet, &mut lock, LiveRequest::Status, 5_000).is_ok());
}

#[test]
fn a_claim_that_is_not_proven_gives_way_to_a_registration_and_is_forgotten_when_it_is_given_up() {
    let Trusting { mut fleet, .. } = Trusting::new();
    let mut fake = labelled(CODE, LOCK);
    assert_eq!(claim(&mut fleet, wish(EVE, CODE), &mut fake, 1_000), Outcome::Done);
    fleet.give_up(LOCK, "admin", moment(2_000)).unwrap();
    assert_eq!(unproven(&mut fleet), None);
    assert!(matches!(fleet.give_up(LOCK, "admin", moment(2_000)), Err(FleetError::NoSuchLock(LOCK))));
    let mut again = labelled(CODE, LOCK);
    assert_eq!(claim(&mut fleet, wish(EVE, CODE), &mut again, 3_000), Outcome::Done);
    fleet.provision(LOCK, ROOT, "front door", "admin", moment(4_000)).unwrap();
    let info = fleet.lock(LOCK).unwrap();
    assert_eq!((info.standing, info.name.as_str()), (Standing::Owned, "front door"));
    let audit = fleet.audit(LOCK, 0, 100).unwrap();
    assert_eq!(audit[0].entry.who, "eve", "who did what is kept: {audit:?}");
    let twice = fleet.provision(LOCK, ROOT, "front door", "admin", moment(4_000)).err();
    assert!(matches!(twice, Some(FleetError::Store(StoreError::LockExists(LOCK)))), "{twice:?}");
}

#[test]
fn an_ownership_that_was_proven_stands_behind_a_claim_that_was_not() {
    let Trusting { mut fleet, .. } = Trusting::new();
    let mut lock = labelled(CODE, LOCK);
    assert_eq!(claim(&mut fleet, wish(OLGA, CODE), &mut lock, 1_000), Outcome::Done);
    assert!(live(&mut fleet, &mut lock, LiveRequest::Status, 3_000).is_ok());
    fleet.give_up(LOCK, "olga", moment(4_000)).unwrap();
    assert_eq!(unproven(&mut fleet), Some(Standing::Lost));
    let mut fake = aged(CODE);
    assert_eq!(claim(&mut fleet, wish(EVE, CODE), &mut fake, 150_000), Outcome::Done);
    let mut first = labelled(CODE, LOCK);
    let refused = answered(&mut fleet, wish(OLGA, CODE), &mut first, 152_000).err();
    assert!(matches!(refused, Some(FleetError::Session(_))), "epoch 1 began once: {refused:?}");
    fleet.give_up(LOCK, "admin", moment(153_000)).unwrap();
    assert_eq!(unproven(&mut fleet), Some(Standing::Lost), "its log and its audit are kept");
    let provisioned = fleet.provision(LOCK, ROOT, "front door", "admin", moment(153_000)).err();
    assert!(matches!(provisioned, Some(FleetError::Store(StoreError::LockExists(LOCK)))), "{provisioned:?}");
    for millis in [154_000, 174_000] {
        let _ = lock.factory_reset(millis);
    }
    assert_eq!(claim(&mut fleet, wish(OLGA, CODE), &mut lock, 194_000), Outcome::Done);
    assert_eq!(fleet.lock(LOCK).unwrap().key_epoch.number(), 2, "below what the played lock had named");
    assert!(live(&mut fleet, &mut lock, LiveRequest::Status, 196_000).is_ok());
}

#[test]
fn a_user_has_eight_claims_that_are_not_proven_and_no_more() {
    let Trusting { mut fleet, .. } = Trusting::new();
    let id = |number: u8| LockId([number; 16]);
    let wish = |account, lock| ClaimWish { lock, ..wish(account, CODE) };
    for number in 1..=8 {
        let mut lock = labelled(CODE, id(number));
        assert!(answered(&mut fleet, wish(EVE, id(number)), &mut lock, 1_000).is_ok(), "{number}");
    }
    let mut lock = labelled(CODE, id(9));
    let hello = lock.connect(1_000);
    let ninth = fleet.begin_claim(wish(EVE, id(9)), &hello).err();
    assert!(matches!(ninth, Some(FleetError::TooManyClaims)), "{ninth:?}");
    assert!(answered(&mut fleet, wish(OLGA, id(9)), &mut lock, 3_000).is_ok(), "each has eight");
    let mut again = labelled(CODE, id(8));
    assert!(answered(&mut fleet, wish(EVE, id(8)), &mut again, 3_000).is_ok(), "it is one of the eight");
    fleet.give_up(id(1), "eve", moment(4_000)).unwrap();
    let mut lock = labelled(CODE, id(10));
    assert!(answered(&mut fleet, wish(EVE, id(10)), &mut lock, 5_000).is_ok());
}

#[test]
fn without_a_makers_secret_nothing_is_claimed_unless_the_label_suffices_and_its_import_ends_what_was_begun() {
    let Trusting { mut fleet, .. } = Trusting::new();
    let mut fake = labelled(CODE, LOCK);
    let hello = fake.connect(1_000);
    let with_secret = || ClaimWish { proof: ClaimProof::MakerSecret, ..wish(OLGA, CODE) };
    let refused = fleet.begin_claim(with_secret(), &hello).err();
    assert!(matches!(refused, Some(FleetError::NoMakerSecret)), "{refused:?}");
    assert_eq!(claim(&mut fleet, wish(EVE, CODE), &mut fake, 3_000), Outcome::Done);
    assert_eq!(fleet.set_maker_secret(LOCK, &MAKER, moment(4_000)).unwrap(), Discarded::Claim);
    assert_eq!(unproven(&mut fleet), None);
    let mut lock = SimLock::unowned(LOCK, &crate::claim::claimer());
    assert_eq!(claim(&mut fleet, with_secret(), &mut lock, 5_000), Outcome::Done);
    assert_eq!(fleet.set_maker_secret(LOCK, &MAKER, moment(6_000)).unwrap(), Discarded::Nothing);
    assert!(live(&mut fleet, &mut lock, LiveRequest::Status, 7_000).is_ok(), "the same secret ends nothing");
    assert_eq!(fleet.set_maker_secret(LOCK, &[3; 32], moment(8_000)).unwrap(), Discarded::Nothing);
    assert_eq!(unproven(&mut fleet), Some(Standing::Owned), "nor does any an ownership");
}
