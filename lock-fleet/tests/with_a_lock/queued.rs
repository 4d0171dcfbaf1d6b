//! Store and forward: what is queued arrives once, and its receipt is believed once.

use lock_core::state::Drive;
use lock_fleet::proto::{
    CommandId, MinuteOfDay, Mode, Outcome, PinDigits, Reason, Seconds, Span, Table, User, UserKind, Weekdays,
    Window,
};
use lock_fleet::{CommandState, FleetError, LiveRequest, OutgoingPacket, QueueOptions, ReportFact, Task};

use crate::world::{LOCK, World, token};

pub(crate) fn relock(seconds: u32) -> Task {
    Task::AutoRelock(Seconds(seconds))
}

fn set_pin(slot: u8) -> Task {
    Task::SetPin { slot, digits: PinDigits::from_ascii(b"271828").unwrap(), user: None }
}

pub(crate) fn queue(world: &mut World, task: Task, name: &str) -> CommandId {
    let now = world.now();
    world.fleet().queue(LOCK, task, QueueOptions::new(token(name), "anna"), now).unwrap()
}

pub(crate) fn state(world: &mut World, id: CommandId) -> CommandState {
    world.fleet().command(LOCK, id).unwrap().state
}

fn seal(world: &mut World) -> Vec<OutgoingPacket> {
    let now = world.now();
    let outgoing = world.fleet().sealed_for(LOCK, now).unwrap();
    world.note(&outgoing);
    outgoing
}

#[test]
fn a_queued_setting_arrives_and_its_receipt_settles_it() {
    let mut world = World::new();
    let id = queue(&mut world, relock(30), "one");
    assert_eq!(state(&mut world, id), CommandState::Queued);
    let sealed = seal(&mut world);
    assert_eq!(state(&mut world, id), CommandState::Sealed);
    let now = world.now();
    world.fleet().handed_over(LOCK, &[id], "a phone", now).unwrap();
    assert_eq!(state(&mut world, id), CommandState::HandedOver);
    assert_eq!((sealed.len(), sealed[0].counter, sealed[0].command), (1, 1, Some(id)));
    let facts = world.deliver();
    assert_eq!(facts[0].fact, ReportFact::Receipt { id, outcome: Outcome::Done, reissued_as: None });
    assert_eq!(state(&mut world, id), CommandState::Settled(Outcome::Done));
    assert_eq!(world.fleet().pending(LOCK).unwrap(), 0);
    assert!(seal(&mut world).is_empty());
    // The lock really has it.
    let (finish, _) = world.live(LiveRequest::Status);
    assert!(matches!(finish.answer, lock_fleet::LiveAnswer::Status(status) if status.configuration == 1));
}

#[test]
fn a_lost_receipt_is_had_by_sending_the_command_again() {
    let mut world = World::new();
    let id = queue(&mut world, relock(30), "one");
    let sealed = seal(&mut world);
    let _lost_receipt = world.lock.bring(&sealed[0].packet, world.millis);
    world.pass(61_000);
    let again = seal(&mut world);
    assert_eq!(again[0].command, Some(id));
    assert!(again[0].counter > sealed[0].counter);
    world.deliver();
    assert_eq!(state(&mut world, id), CommandState::Settled(Outcome::Done));
}

#[test]
fn a_packet_of_the_lock_is_taken_once_and_forgeries_never() {
    let mut world = World::new();
    let id = queue(&mut world, relock(30), "one");
    let sealed = seal(&mut world);
    let receipt = world.lock.bring(&sealed[0].packet, world.millis).pop().unwrap();
    let now = world.now();
    for place in 0..receipt.len() {
        let mut forged = receipt.clone();
        forged[place] ^= 1;
        assert!(world.fleet().ingest(LOCK, &forged, "a phone", now).is_err(), "byte {place}");
    }
    assert!(matches!(
        world.fleet().ingest(LOCK, &sealed[0].packet, "a phone", now),
        Err(FleetError::Sealed(_))
    ));
    assert_eq!(state(&mut world, id), CommandState::Sealed);
    assert!(matches!(
        world.fleet().ingest(LOCK, &receipt, "a phone", now).unwrap().fact,
        ReportFact::Receipt { .. }
    ));
    world.restart();
    let again = world.fleet().ingest(LOCK, &receipt, "a phone", now).unwrap();
    assert_eq!(again.fact, ReportFact::SeenBefore);
}

#[test]
fn a_queued_unlock_that_became_stale_is_delivered_refused_and_shown_so() {
    let mut world = World::new();
    // The lock learns the time in a live session.
    world.live(LiveRequest::Nothing);
    let id = queue(&mut world, Task::Unlock, "one");
    world.pass(120_000);
    let facts = world.deliver();
    let outcome = Outcome::Refused(Reason::Expired);
    assert_eq!(facts[0].fact, ReportFact::Receipt { id, outcome, reissued_as: None });
    assert_eq!(state(&mut world, id), CommandState::Settled(outcome));
    assert!(world.lock.runs.is_empty());
    assert!(world.audit().contains("refused: the command came too late"), "{}", world.audit());
}

#[test]
fn a_queued_unlock_in_time_opens_once() {
    let mut world = World::new();
    world.live(LiveRequest::Nothing);
    let id = queue(&mut world, Task::Unlock, "one");
    world.pass(10_000);
    world.deliver();
    assert_eq!(state(&mut world, id), CommandState::Started);
    world.pass(61_000);
    world.deliver();
    assert_eq!(state(&mut world, id), CommandState::Settled(Outcome::Done));
    assert_eq!(world.lock.runs, [Drive::Retract]);
}

#[test]
fn the_same_token_is_the_same_command_whatever_became_of_it() {
    let mut world = World::new();
    let id = queue(&mut world, set_pin(3), "one");
    assert_eq!(queue(&mut world, set_pin(3), "one"), id);
    world.deliver();
    assert_eq!(state(&mut world, id), CommandState::Settled(Outcome::Done));
    assert_eq!(queue(&mut world, set_pin(3), "one"), id);
    let now = world.now();
    let other = world.fleet().queue(LOCK, set_pin(4), QueueOptions::new(token("one"), "anna"), now);
    assert!(matches!(other, Err(FleetError::TokenReused)));
}

#[test]
fn digits_are_never_in_the_file_in_clear_and_are_gone_after_the_receipt() {
    let mut world = World::new();
    let id = queue(&mut world, set_pin(3), "one");
    seal(&mut world);
    assert!(!contains(&world.file(), b"271828"));
    assert!(!world.audit().contains("271828"));
    assert!(has_digits(&mut world, id));
    world.deliver();
    assert_eq!(state(&mut world, id), CommandState::Settled(Outcome::Done));
    assert!(!has_digits(&mut world, id));
}

fn has_digits(world: &mut World, id: CommandId) -> bool {
    let copy = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(copy.path(), world.file()).unwrap();
    let plain = rusqlite::Connection::open(copy.path()).unwrap();
    let sql = "SELECT wrapped_digits IS NOT NULL OR sealed_packet IS NOT NULL FROM commands WHERE id = ?1";
    plain.query_row(sql, [id.0 as i64], |row| row.get(0)).unwrap()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn whoever_asks_often_uses_up_one_number_a_minute() {
    let mut world = World::new();
    queue(&mut world, relock(30), "one");
    let first = seal(&mut world);
    for _ in 0..50 {
        world.pass(1_000);
        assert_eq!(seal(&mut world), first);
    }
    world.pass(60_000);
    assert_eq!(seal(&mut world)[0].counter, 2);
}

#[test]
fn settings_that_arrive_out_of_order_are_issued_again_under_the_next_version() {
    let mut world = World::new();
    let pin = queue(&mut world, set_pin(3), "pin");
    let relock = queue(&mut world, relock(30), "relock");
    let sealed = seal(&mut world);
    let now = world.now();
    let late_first =
        sealed.iter().rev().flat_map(|outgoing| world.lock.bring(&outgoing.packet, world.millis));
    let late_first: Vec<_> = late_first.collect();
    for packet in late_first {
        world.fleet().ingest(LOCK, &packet, "a phone", now).unwrap();
    }
    assert_eq!(state(&mut world, relock), CommandState::Settled(Outcome::Done));
    // The first came at a number below the mark: the lock gave a hint. Sealed again, its version is stale.
    world.pass(61_000);
    world.deliver();
    let command = world.fleet().command(LOCK, pin).unwrap();
    assert!(command.id > relock, "{command:?}");
    assert_eq!(command.kind.version(), Some(3));
    world.deliver();
    assert_eq!(state(&mut world, pin), CommandState::Settled(Outcome::Done));
    assert_eq!(queue(&mut world, set_pin(3), "pin"), command.id, "the token went with it");
}

#[test]
fn an_older_value_never_overwrites_a_newer_one_of_the_same_setting() {
    let mut world = World::new();
    let older = queue(&mut world, relock(30), "older");
    let newer = queue(&mut world, relock(60), "newer");
    let sealed = seal(&mut world);
    let now = world.now();
    for packet in world.lock.bring(&sealed[1].packet, world.millis) {
        world.fleet().ingest(LOCK, &packet, "a phone", now).unwrap();
    }
    world.pass(61_000);
    world.deliver();
    assert_eq!(state(&mut world, newer), CommandState::Settled(Outcome::Done));
    let stale = Outcome::Refused(Reason::StaleConfiguration);
    assert_eq!(state(&mut world, older), CommandState::Settled(stale));
}

#[test]
fn a_withdrawn_command_is_not_delivered_and_a_late_receipt_tells_the_truth() {
    let mut world = World::new();
    let id = queue(&mut world, relock(30), "one");
    let sealed = seal(&mut world);
    let now = world.now();
    world.fleet().withdraw(LOCK, id, "anna", now).unwrap();
    assert_eq!(state(&mut world, id), CommandState::Expired);
    assert!(seal(&mut world).is_empty());
    // A relay still had it.
    for packet in world.lock.bring(&sealed[0].packet, world.millis) {
        world.fleet().ingest(LOCK, &packet, "a phone", now).unwrap();
    }
    assert_eq!(state(&mut world, id), CommandState::Settled(Outcome::Done));
    assert!(matches!(world.fleet().withdraw(LOCK, id, "anna", now), Err(FleetError::AlreadyOver(_))));
}

#[test]
fn a_mode_a_user_a_window_and_a_code_of_that_user_arrive_and_stand_in_the_lock() {
    let mut world = World::new();
    // The end of a lockout counts for a minute only: the lock has to know the time.
    let _ = world.live(LiveRequest::Status);
    let user = User { kind: UserKind::WeekDay, ..User::default() };
    let span = Span::Weekly { days: Weekdays(0x3e), from: MinuteOfDay(8 * 60), until: MinuteOfDay(18 * 60) };
    let digits = PinDigits::from_ascii(b"314159").unwrap();
    let tasks = [
        Task::SetUser { slot: 2, user },
        Task::SetWindow { slot: 0, window: Window { user: 2, span } },
        Task::SetPin { slot: 4, digits, user: Some(2) },
        Task::SetMode(Mode::Vacation),
        Task::EndLockout,
    ];
    let ids: Vec<_> =
        (0..).zip(tasks).map(|(number, task)| queue(&mut world, task, &format!("task-{number}"))).collect();
    seal(&mut world);
    world.deliver();
    for id in ids {
        assert_eq!(state(&mut world, id), CommandState::Settled(Outcome::Done), "{id:?}");
    }
    let (finish, _) = world.live(LiveRequest::Status);
    let lock_fleet::LiveAnswer::Status(status) = finish.answer else { panic!("{:?}", finish.answer) };
    assert_eq!((status.configuration, status.mode.value), (3, Mode::Vacation));

    // A user that a code still names is not cleared, and the lock says why.
    let id = queue(&mut world, Task::Clear { table: Table::Users, slot: 2 }, "too-early");
    seal(&mut world);
    world.deliver();
    assert_eq!(state(&mut world, id), CommandState::Settled(Outcome::Refused(Reason::UserInUse)));
}
