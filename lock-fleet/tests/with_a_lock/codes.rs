//! Offline codes: computed while the lock is out of reach, opened by it all the same, and dead once it has a revocation.

use lock_core::state::Drive;
use lock_fleet::proto::{CodeClass, CodesSwitch, CommandId, PinDigits, Reason, Table, UnixMillis};
use lock_fleet::{
    CodesInfo, CodesWish, CommandState, FleetError, ForeignItems, IssuedCode, ItemStanding, LiveRequest,
    LostCodes, QueueOptions,
};

use crate::items::compare;
use crate::queued::state;
use crate::world::{LOCK, World, token};

const HOUR: u64 = 3_600_000;

fn wish(world: &mut World, wish: CodesWish, name: &str) -> CommandId {
    let now = world.now();
    world.fleet().set_offline_codes(LOCK, wish, QueueOptions::new(token(name), "anna"), now).unwrap()
}

fn issue(world: &mut World, class: CodeClass, from_now: i64) -> Result<IssuedCode, FleetError> {
    let now = world.now();
    let start = UnixMillis(now.unix.0.checked_add_signed(from_now).unwrap());
    world.fleet().offline_code(LOCK, class, start, "anna", now)
}

fn info(world: &mut World) -> Option<CodesInfo> {
    let now = world.now();
    world.fleet().offline_codes(LOCK, now).unwrap()
}

/// Whether the lock opens to the digits.
fn opens(world: &mut World, digits: &PinDigits) -> bool {
    let runs = world.lock.runs.len();
    world.lock.enter(digits.clone(), world.millis);
    let opened = world.lock.runs[runs..].contains(&Drive::Retract);
    world.lock.close(world.millis);
    opened
}

/// A lock that takes codes and knows the time.
fn allowed() -> World {
    let mut world = World::new();
    let id = wish(&mut world, CodesWish::Allow, "allow");
    world.deliver();
    assert!(matches!(state(&mut world, id), CommandState::Settled(_)));
    let _ = world.live(LiveRequest::Status);
    world
}

#[test]
fn a_code_is_given_out_without_contact_and_opens_once() {
    let mut world = allowed();
    let issued = issue(&mut world, CodeClass::Once, 0).unwrap();
    assert_eq!((issued.standing, issued.series.epoch, issued.code.serial), (ItemStanding::Applied, 1, 0));
    assert!(issued.code.begin() <= world.now().unix && world.now().unix < issued.code.end());
    assert!(opens(&mut world, &issued.digits));
    assert!(!opens(&mut world, &issued.digits));
    let audit = world.audit();
    assert!(audit.contains("offline code Once from") && audit.contains("code epoch 1, serial 0"), "{audit}");
    let digits = String::from_utf8(issued.digits.as_ascii().to_vec()).unwrap();
    assert!(!audit.contains(&digits), "the digits are kept nowhere");
    let file = world.file();
    assert!(!file.windows(9).any(|part| part == digits.as_bytes()));
}

#[test]
fn codes_that_open_once_differ_until_their_hour_has_no_more() {
    let mut world = allowed();
    let mut seen = Vec::new();
    for _ in 0..4 {
        let issued = issue(&mut world, CodeClass::Once, 0).unwrap();
        assert!(!seen.contains(&issued.digits));
        seen.push(issued.digits);
    }
    assert!(matches!(issue(&mut world, CodeClass::Once, 0), Err(FleetError::CodesGivenOut)));
    world.restart();
    assert!(
        matches!(issue(&mut world, CodeClass::Once, 0), Err(FleetError::CodesGivenOut)),
        "nor after a restart"
    );
    assert!(issue(&mut world, CodeClass::Once, HOUR as i64).is_ok());
    let hourly = issue(&mut world, CodeClass::OneHour, 0).unwrap();
    assert_eq!(
        issue(&mut world, CodeClass::OneHour, 0).unwrap().digits,
        hourly.digits,
        "a time has one code"
    );
    for digits in &seen {
        assert!(opens(&mut world, digits));
    }
}

#[test]
fn a_window_that_is_over_or_beyond_the_epoch_is_refused() {
    let mut world = allowed();
    world.pass(100 * HOUR);
    let year = 8_766 * HOUR as i64;
    for (class, from_now, is_given) in [
        (CodeClass::OneHour, -2 * HOUR as i64, false),
        (CodeClass::OneDay, -2 * HOUR as i64, true),
        (CodeClass::OneDay, -25 * HOUR as i64, false),
        (CodeClass::FourWeeks, -100 * HOUR as i64, true),
        (CodeClass::FourWeeks, -130 * HOUR as i64, false),
        (CodeClass::OneHour, 3 * year, true),
        (CodeClass::OneHour, 4 * year - 101 * HOUR as i64, true),
        (CodeClass::OneHour, 4 * year, false),
    ] {
        match issue(&mut world, class, from_now) {
            Ok(_) => assert!(is_given, "{class:?} {from_now}"),
            Err(FleetError::CodeOutOfReach) => assert!(!is_given, "{class:?} {from_now}"),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn no_code_is_given_out_for_a_lock_that_takes_none() {
    let mut world = World::new();
    assert!(matches!(issue(&mut world, CodeClass::Once, 0), Err(FleetError::CodesOff)));
    assert_eq!(info(&mut world), None);
    wish(&mut world, CodesWish::Allow, "allow");
    let early = issue(&mut world, CodeClass::OneDay, 0).unwrap();
    assert_eq!(early.standing, ItemStanding::Pending, "it opens once the lock has been told");
    let _ = world.live(LiveRequest::Status);
    assert!(!opens(&mut world, &early.digits));
    world.deliver();
    assert!(opens(&mut world, &early.digits));
    wish(&mut world, CodesWish::Forbid, "forbid");
    assert!(matches!(issue(&mut world, CodeClass::Once, 0), Err(FleetError::CodesOff)));
    world.deliver();
    assert!(!opens(&mut world, &early.digits));
    wish(&mut world, CodesWish::Allow, "again");
    world.deliver();
    assert!(opens(&mut world, &early.digits), "the same series");
}

#[test]
fn a_revocation_counts_when_the_lock_has_it_and_the_same_token_is_the_same_one() {
    let mut world = allowed();
    let old = issue(&mut world, CodeClass::OneWeek, 0).unwrap();
    let last_end = info(&mut world).unwrap().last_end;
    assert_eq!(last_end, old.code.end());
    let revocation = wish(&mut world, CodesWish::Revoke, "revoke");
    assert_eq!(wish(&mut world, CodesWish::Revoke, "revoke"), revocation);
    let pending = info(&mut world).unwrap();
    assert_eq!((pending.series.epoch, pending.standing), (2, ItemStanding::Pending));
    assert!(opens(&mut world, &old.digits), "the lock has not heard of it");
    let new = issue(&mut world, CodeClass::OneDay, 0).unwrap();
    assert_eq!((new.series.epoch, new.standing), (2, ItemStanding::Pending));
    world.deliver();
    let applied = info(&mut world).unwrap();
    assert_eq!((applied.standing, applied.last_end), (ItemStanding::Applied, last_end));
    assert!(!opens(&mut world, &old.digits));
    assert!(opens(&mut world, &new.digits));
}

#[test]
fn a_reset_kills_all_codes_and_restoring_the_configuration_renews_the_epoch() {
    let mut world = allowed();
    let old = issue(&mut world, CodeClass::OneWeek, 0).unwrap();
    world.millis = world.lock.factory_reset(world.millis);
    world.pass(1_000);
    assert!(!opens(&mut world, &old.digits));
    compare(&mut world);
    assert_eq!(info(&mut world).unwrap().standing, ItemStanding::Missing);
    assert!(matches!(issue(&mut world, CodeClass::OneDay, 0), Err(FleetError::CodesOff)));
    let now = world.now();
    world.fleet().restore(LOCK, ForeignItems::Keep, LostCodes::AskAgain, "anna", now).unwrap();
    world.deliver();
    let restored = info(&mut world).unwrap();
    assert_eq!((restored.series.epoch, restored.series.switch), (257, CodesSwitch::On));
    assert_eq!(restored.standing, ItemStanding::Applied);
    assert!(!opens(&mut world, &old.digits), "what was given out before stays dead");
    let new = issue(&mut world, CodeClass::OneDay, 0).unwrap();
    assert!(opens(&mut world, &new.digits));
}

/// A revocation that meets a reset lock may be refused; the next one is not.
#[test]
fn a_revocation_that_the_lock_refuses_is_made_again_above_it() {
    let mut world = allowed();
    world.millis = world.lock.factory_reset(world.millis);
    world.pass(1_000);
    let refused = wish(&mut world, CodesWish::Revoke, "first");
    for _ in 0..3 {
        world.deliver();
        world.pass(2_000);
    }
    let standing = info(&mut world).unwrap().standing;
    assert_eq!(standing, ItemStanding::Refused(Reason::InvalidArgument), "{:?}", state(&mut world, refused));
    wish(&mut world, CodesWish::Revoke, "second");
    for _ in 0..3 {
        world.deliver();
        world.pass(2_000);
    }
    assert_eq!(info(&mut world).unwrap().standing, ItemStanding::Applied);
    let items = world.fleet().items(LOCK).unwrap();
    assert!(items.iter().any(|item| (item.table, item.slot) == (Table::Settings, 6)));
}
