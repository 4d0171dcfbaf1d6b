//! Virtual keys: issued while the lock is out of reach, used while the cloud is, and dead when the fleet says so at the latest.

use lock_core::crypto::Delivery;
use lock_core::crypto::hedge::InitiatorHedge;
use lock_fleet::proto::{
    Action, CommandId, MinuteOfDay, Outcome, Reason, Reply, Request, Seconds, TicketRights, UnixMillis,
    Weekdays,
};
use lock_fleet::{
    Binding, CommandState, Conditions, FleetError, IssuedKey, KeyInfo, KeyStanding, KeyWish, LiveRequest,
    Monotonic, QueueOptions, Uses, VirtualKey, WeeklyWindow,
};
use zeroize::Zeroizing;

use crate::world::{LOCK, World, token};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

fn wish(conditions: Conditions) -> KeyWish {
    KeyWish { label: "dog walker".into(), conditions, holder: None }
}

fn issue(world: &mut World, conditions: Conditions) -> IssuedKey {
    let now = world.now();
    world.fleet().issue_key(LOCK, &wish(conditions), "anna", now).unwrap()
}

fn ending(world: &World, hours: u64) -> Conditions {
    Conditions { not_after: Some(world.now().unix.plus_millis(hours * HOUR)), ..Conditions::default() }
}

fn options(name: &str) -> QueueOptions {
    QueueOptions::new(token(name), "anna")
}

fn revoke(world: &mut World, serial: u64, name: &str) -> Result<KeyInfo, FleetError> {
    let now = world.now();
    world.fleet().revoke_key(LOCK, serial, options(name), now)
}

fn standing(world: &mut World, serial: u64) -> KeyStanding {
    let now = world.now();
    let keys = world.fleet().virtual_keys(LOCK, now).unwrap();
    keys.iter().find(|key| key.serial == serial).unwrap().standing
}

/// What the lock answers to an unlock with this key; `None` where it is silent.
fn use_key(world: &mut World, key: &VirtualKey) -> Option<Outcome> {
    let hello = world.lock.connect(world.millis);
    let request = Request::Command { id: CommandId(1), action: Action::Unlock };
    let hedge = InitiatorHedge { attempt: world.millis, entropy: [5; 32] };
    let mut packet = [0; 512];
    let (length, connecting) = key.connect(&hello, request, &hedge, &mut packet).unwrap();
    let mut sent = world.lock.bring(&packet[..length], world.millis);
    world.lock.close(world.millis);
    let mut message2 = (!sent.is_empty()).then(|| sent.remove(0))?;
    let at = Monotonic(world.millis);
    let (answer, _, _) = connecting.finish(&mut message2, Delivery::Ordered, at).unwrap();
    let reply = answer.into_inner().reply;
    let Reply::Command { outcome, .. } = reply else { panic!("{reply:?}") };
    Some(outcome)
}

const DEAD: Option<Outcome> = Some(Outcome::Refused(Reason::TicketRevoked));

fn told() -> World {
    let mut world = World::new();
    let _ = world.live(LiveRequest::Status);
    world
}

#[test]
fn a_key_is_issued_without_contact_and_opens_without_the_cloud() {
    let mut world = told();
    let conditions = ending(&world, 5);
    let issued = issue(&mut world, conditions);
    assert_eq!((issued.info.standing, issued.info.binding), (KeyStanding::Given, Binding::None));
    assert_eq!(use_key(&mut world, &issued.key), Some(Outcome::Started));
    let narrower = Conditions { rights: Some(TicketRights::STATUS), ..Conditions::default() };
    assert!(matches!(issued.key.narrow(&narrower).map(|key| use_key(&mut world, &key)), Ok(Some(_))));
    world.pass(6 * HOUR);
    assert_eq!(standing(&mut world, issued.info.serial), KeyStanding::Over);
    let late = use_key(&mut world, &issued.key);
    assert_eq!(late, Some(Outcome::Refused(Reason::OutsideValidity)));
    let audit = world.audit();
    assert!(
        audit.contains(&format!("anna | issue virtual key {} | for dog walker", issued.info.serial)),
        "{audit}"
    );
    let mut text = [0; lock_core::virtual_key::LINK_LETTERS];
    let link = issued.key.to_link(&mut text).unwrap();
    let file = world.file();
    let secret = &link.as_bytes()[link.len() - 60..];
    assert!(!file.windows(60).any(|part| part == secret), "the link is kept nowhere");
    assert!(!file.windows(32).any(|part| part == &issued.key.ticket()[20..52]), "nor the ticket");
}

#[test]
fn a_bound_key_is_worth_nothing_without_its_holders_secret() {
    let mut world = told();
    let secret = [0x77; 32];
    let now = world.now();
    let wish = KeyWish { holder: Some(Zeroizing::new(secret)), ..wish(ending(&world, 5)) };
    let issued = world.fleet().issue_key(LOCK, &wish, "anna", now).unwrap();
    assert_eq!(issued.info.binding, Binding::Needed);
    assert!(!format!("{wish:?}").contains("119"), "the secret is not printed");
    let file = world.file();
    assert!(!file.windows(32).any(|part| part == secret), "nor kept");
    let wrong = VirtualKey::bind(copy(&issued.key), &lock_core::crypto::Key::from_bytes([0x78; 32]));
    assert_eq!(use_key(&mut world, &wrong), None, "the lock is silent");
    let bound = issued.key.bind(&lock_core::crypto::Key::from_bytes(secret));
    assert_eq!(use_key(&mut world, &bound), Some(Outcome::Started));
}

fn copy(key: &VirtualKey) -> VirtualKey {
    let mut text = [0; lock_core::virtual_key::LINK_LETTERS];
    VirtualKey::from_link(key.to_link(&mut text).unwrap()).unwrap()
}

#[test]
fn a_revocation_says_when_it_is_in_force_and_on_whose_word() {
    let mut world = told();
    let unbounded = issue(&mut world, Conditions::default());
    let conditions = ending(&world, 5);
    let bounded = issue(&mut world, conditions);
    let (first, second) = (unbounded.info.serial, bounded.info.serial);
    let revoking = revoke(&mut world, first, "one").unwrap();
    assert!(
        matches!(revoking.standing, KeyStanding::Revoking { effective_by: None, .. }),
        "nothing but the lock can tell"
    );
    let end = conditions.not_after.map(|end| end.plus_millis(MINUTE));
    let revoking = revoke(&mut world, second, "two").unwrap().standing;
    assert!(matches!(revoking, KeyStanding::Revoking { effective_by, .. } if effective_by == end));
    assert_eq!(use_key(&mut world, &bounded.key), Some(Outcome::Started), "the lock has not heard of it");
    assert_eq!(
        revoke(&mut world, second, "three").unwrap().standing,
        revoking,
        "once asked for is asked for"
    );
    world.pass(1_000);
    world.deliver();
    let since = world.now().unix;
    for (serial, key) in [(first, &unbounded.key), (second, &bounded.key)] {
        assert_eq!(standing(&mut world, serial), KeyStanding::Revoked { since });
        assert_eq!(use_key(&mut world, key), DEAD);
    }
    let conditions = ending(&world, 5);
    let other = issue(&mut world, conditions);
    assert_eq!(use_key(&mut world, &other.key), Some(Outcome::Started), "no other key is touched");
    assert!(matches!(revoke(&mut world, 1, "four"), Err(FleetError::NoSuchKey(1))));
}

/// A relay keeps the revocation back and has the owner ask for the status all day: the key goes stale all the same.
#[test]
fn a_held_back_revocation_is_in_force_when_the_key_is_stale() {
    let mut world = told();
    let hour = Conditions { staleness: Some(Seconds(3_600)), ..Conditions::default() };
    let issued = issue(&mut world, hour);
    world.pass(30 * MINUTE);
    let asked = world.now().unix;
    let revoking = revoke(&mut world, issued.info.serial, "one").unwrap().standing;
    let KeyStanding::Revoking { effective_by: Some(by), .. } = revoking else { panic!("{revoking:?}") };
    assert_eq!(by, asked.plus_millis(HOUR + MINUTE));
    while world.now().unix < by {
        let _ = world.live(LiveRequest::Status);
        world.pass(10 * MINUTE);
    }
    assert_eq!(use_key(&mut world, &issued.key), Some(Outcome::Refused(Reason::TicketStale)));
    world.deliver();
    let _ = world.live(LiveRequest::Status);
    assert_eq!(use_key(&mut world, &issued.key), DEAD);
    let again = issue(&mut world, hour);
    assert_eq!(use_key(&mut world, &again.key), Some(Outcome::Started), "and the time is told again");
}

#[test]
fn all_keys_die_together_and_new_ones_do_not() {
    let mut world = told();
    let old: Vec<_> = (0..3).map(|_| issue(&mut world, Conditions::default())).collect();
    let now = world.now();
    let id = world.fleet().revoke_all_keys(LOCK, options("all"), now).unwrap();
    assert_eq!(world.fleet().revoke_all_keys(LOCK, options("all"), now).unwrap(), id, "the same token");
    let new = issue(&mut world, Conditions::default());
    assert_eq!(new.info.standing, KeyStanding::Awaiting { command: id });
    assert_eq!(use_key(&mut world, &new.key), DEAD, "before the lock has the revocation");
    assert!(
        matches!(standing(&mut world, old[0].info.serial), KeyStanding::Revoking { command, .. } if command == id)
    );
    world.deliver();
    assert_eq!(use_key(&mut world, &new.key), Some(Outcome::Started), "and after");
    for key in &old {
        assert_eq!(use_key(&mut world, &key.key), DEAD);
        assert!(matches!(standing(&mut world, key.info.serial), KeyStanding::Revoked { .. }));
    }
    assert_eq!(standing(&mut world, new.info.serial), KeyStanding::Given);
}

/// A revocation that failed binds nothing: the lock was told the time since.
#[test]
fn a_revocation_that_is_asked_for_again_counts_from_then_on() {
    let mut world = told();
    let hour = Conditions { staleness: Some(Seconds(3_600)), ..Conditions::default() };
    let issued = issue(&mut world, hour);
    // Others fill the lock's list behind the back of this database.
    world.back_up();
    for n in 0..12 {
        let serial = issue(&mut world, Conditions::default()).info.serial;
        revoke(&mut world, serial, &format!("lost-{n}")).unwrap();
    }
    world.deliver();
    world.restore();
    revoke(&mut world, issued.info.serial, "one").unwrap();
    for _ in 0..3 {
        world.deliver();
        world.pass(2_000);
    }
    let failed = standing(&mut world, issued.info.serial);
    assert!(matches!(failed, KeyStanding::NotRevoked { .. }), "{failed:?}");
    world.pass(10 * HOUR);
    let _ = world.live(LiveRequest::Status);
    let asked = world.now().unix;
    let again = revoke(&mut world, issued.info.serial, "two").unwrap().standing;
    let KeyStanding::Revoking { effective_by, .. } = again else { panic!("{again:?}") };
    assert_eq!(effective_by, Some(asked.plus_millis(HOUR + MINUTE)));
}

/// The lock is ahead of a restored database, which revokes what it has forgotten all the same.
#[test]
fn revoking_all_keys_goes_past_what_a_restored_database_has_forgotten() {
    let mut world = told();
    world.back_up();
    let now = world.now();
    world.fleet().revoke_all_keys(LOCK, options("lost"), now).unwrap();
    world.deliver();
    let lost = issue(&mut world, Conditions::default());
    assert_eq!(use_key(&mut world, &lost.key), Some(Outcome::Started));
    world.restore();
    world.pass(10_000);
    let now = world.now();
    world.fleet().revoke_all_keys(LOCK, options("all"), now).unwrap();
    for _ in 0..3 {
        world.deliver();
        world.pass(2_000);
    }
    assert_eq!(use_key(&mut world, &lost.key), DEAD);
    let new = issue(&mut world, Conditions::default());
    assert_eq!(use_key(&mut world, &new.key), Some(Outcome::Started));
}

#[test]
fn keys_with_rights_or_hours_that_no_lock_takes_are_not_issued() {
    let mut world = told();
    let now = world.now();
    let of = |rights| Conditions { rights: Some(rights), ..Conditions::default() };
    let within = |days, until| {
        let weekly = WeeklyWindow { days: Weekdays(days), from: MinuteOfDay(480), until: MinuteOfDay(until) };
        Conditions { weekly: Some(weekly), ..Conditions::default() }
    };
    let bad = [
        of(TicketRights(0)),
        of(TicketRights::UNLATCH),
        of(TicketRights(16)),
        within(0, 600),
        within(128, 600),
        within(2, 1_440),
    ];
    for conditions in bad {
        let refused = world.fleet().issue_key(LOCK, &wish(conditions), "anna", now);
        assert!(matches!(refused, Err(FleetError::Key(_))), "{conditions:?}");
    }
    let good = issue(&mut world, of(TicketRights::UNLATCH.or(TicketRights::UNLOCK)));
    assert_eq!(good.info.standing, KeyStanding::Given);
}

#[test]
fn a_reset_lock_takes_keys_again_after_all_were_revoked() {
    let mut world = told();
    let old = issue(&mut world, Conditions::default());
    world.millis = world.lock.factory_reset(world.millis);
    world.pass(1_000);
    assert_eq!(use_key(&mut world, &old.key), DEAD, "a reset kills all keys");
    let dead = issue(&mut world, Conditions::default());
    assert_eq!(use_key(&mut world, &dead.key), DEAD);
    let now = world.now();
    world.fleet().revoke_all_keys(LOCK, options("all"), now).unwrap();
    world.deliver();
    let new = issue(&mut world, Conditions::default());
    assert_eq!(use_key(&mut world, &new.key), Some(Outcome::Started));
    assert_eq!(use_key(&mut world, &old.key), DEAD);
}

#[test]
fn a_comparison_finds_that_a_reset_killed_all_keys_and_the_next_key_opens_at_once() {
    let mut world = told();
    let old = issue(&mut world, Conditions::default());
    world.millis = world.lock.factory_reset(world.millis);
    world.pass(1_000);
    assert_eq!(standing(&mut world, old.info.serial), KeyStanding::Given, "nobody has told the fleet");
    crate::items::compare(&mut world);
    assert_eq!(standing(&mut world, old.info.serial), KeyStanding::Outdated);
    assert!(
        world.audit().contains("virtual keys from before revocation epoch 1 are dead"),
        "{}",
        world.audit()
    );
    let new = issue(&mut world, Conditions::default());
    assert_eq!(standing(&mut world, new.info.serial), KeyStanding::Given);
    assert_eq!(use_key(&mut world, &new.key), Some(Outcome::Started));
    assert_eq!(use_key(&mut world, &old.key), DEAD);
    let now = world.now();
    world.fleet().revoke_all_keys(LOCK, options("all"), now).unwrap();
    world.deliver();
    assert_eq!(use_key(&mut world, &new.key), DEAD);
}

#[test]
fn twelve_keys_are_denied_one_by_one_and_then_all() {
    let mut world = told();
    let keys: Vec<_> = (0..13).map(|_| issue(&mut world, Conditions::default()).info.serial).collect();
    for serial in &keys[..12] {
        revoke(&mut world, *serial, &format!("key-{serial}")).unwrap();
    }
    world.deliver();
    assert!(keys[..12].iter().all(|key| matches!(standing(&mut world, *key), KeyStanding::Revoked { .. })));
    assert!(matches!(revoke(&mut world, keys[12], "last"), Err(FleetError::DeniedFull)));
    let now = world.now();
    world.fleet().revoke_all_keys(LOCK, options("all"), now).unwrap();
    world.deliver();
    assert!(matches!(standing(&mut world, keys[12]), KeyStanding::Revoked { .. }));
    let next = issue(&mut world, Conditions::default()).info.serial;
    assert!(revoke(&mut world, next, "next").is_ok());
}

#[test]
fn a_revocation_is_not_withdrawn_and_outlives_a_restart() {
    let mut world = told();
    let issued = issue(&mut world, Conditions::default());
    let standing_now = revoke(&mut world, issued.info.serial, "one").unwrap().standing;
    let KeyStanding::Revoking { command, .. } = standing_now else { panic!("{standing_now:?}") };
    let now = world.now();
    let withdrawn = world.fleet().withdraw(LOCK, command, "anna", now);
    assert!(matches!(withdrawn, Err(FleetError::RevocationStays)));
    world.restart();
    assert!(matches!(standing(&mut world, issued.info.serial), KeyStanding::Revoking { .. }));
    world.deliver();
    world.deliver();
    assert!(matches!(standing(&mut world, issued.info.serial), KeyStanding::Revoked { .. }));
    assert_eq!(world.fleet().command(LOCK, command).unwrap().state, CommandState::Settled(Outcome::Done));
}

#[test]
fn keys_that_never_open_are_not_issued() {
    let mut world = told();
    let now = world.now();
    let past = Conditions { not_after: Some(UnixMillis(now.unix.0 - 1)), ..Conditions::default() };
    let backwards = Conditions { not_before: Some(now.unix.plus_millis(3 * HOUR)), ..ending(&world, 1) };
    for conditions in [past, backwards] {
        let refused = world.fleet().issue_key(LOCK, &wish(conditions), "anna", now);
        assert!(matches!(refused, Err(FleetError::KeyIsOver)));
    }
    let endless = Conditions { uses: Uses::Single, ..Conditions::default() };
    let refused = world.fleet().issue_key(LOCK, &wish(endless), "anna", now);
    assert!(matches!(refused, Err(FleetError::Key(_))));
    let nameless = KeyWish { label: "  ".into(), ..wish(Conditions::default()) };
    assert!(matches!(world.fleet().issue_key(LOCK, &nameless, "anna", now), Err(FleetError::BadName)));
    assert_eq!(world.fleet().virtual_keys(LOCK, now).unwrap(), [], "and nothing is kept of them");
}

/// A lock that was reset, which the fleet has heard of.
fn reset() -> World {
    let mut world = told();
    world.millis = world.lock.factory_reset(world.millis);
    world.pass(1_000);
    crate::items::compare(&mut world);
    world
}

#[test]
fn a_reset_lock_denies_twelve_keys_too_and_no_more() {
    let mut world = reset();
    let keys: Vec<_> = (0..13).map(|_| issue(&mut world, Conditions::default()).info.serial).collect();
    for serial in &keys[..12] {
        revoke(&mut world, *serial, &format!("key-{serial}")).unwrap();
    }
    assert!(matches!(revoke(&mut world, keys[12], "last"), Err(FleetError::DeniedFull)));
    world.deliver();
    assert!(keys[..12].iter().all(|key| matches!(standing(&mut world, *key), KeyStanding::Revoked { .. })));
}

/// Revocations in quick succession run ahead of the time, and a restored copy has forgotten them.
#[test]
fn revoking_all_keys_goes_above_what_the_lock_has_told() {
    let mut world = told();
    world.back_up();
    for n in 0..3 {
        let now = world.now();
        world.fleet().revoke_all_keys(LOCK, options(&format!("lost-{n}")), now).unwrap();
    }
    world.deliver();
    world.restore();
    world.pass(10_000);
    crate::items::compare(&mut world);
    let new = issue(&mut world, Conditions::default());
    assert_eq!(use_key(&mut world, &new.key), Some(Outcome::Started));
    let now = world.now();
    world.fleet().revoke_all_keys(LOCK, options("all"), now).unwrap();
    for _ in 0..3 {
        world.deliver();
        world.pass(2_000);
    }
    assert!(matches!(standing(&mut world, new.info.serial), KeyStanding::Revoked { .. }));
    assert_eq!(use_key(&mut world, &new.key), DEAD);
}

/// A copy that is older than a revocation of all keys issues keys that the lock refuses; revoking all again goes past it.
#[test]
fn a_restored_database_gives_no_number_twice() {
    let mut world = told();
    world.back_up();
    let lost = issue(&mut world, Conditions::default());
    world.restore();
    let conditions = ending(&world, 1);
    let new = issue(&mut world, conditions);
    assert_ne!(lost.info.serial, new.info.serial);
    assert_eq!(use_key(&mut world, &lost.key), Some(Outcome::Started), "nobody remembers that it exists");
    let now = world.now();
    world.fleet().revoke_all_keys(LOCK, options("all"), now).unwrap();
    for _ in 0..2 {
        world.deliver();
    }
    assert_eq!(use_key(&mut world, &lost.key), DEAD);
}
