//! The fleet against the real device, in memory: what a person asked for happens, once, and is known.

#[path = "with_a_lock/backups.rs"]
mod backups;
#[path = "with_a_lock/claim.rs"]
mod claim;
#[path = "with_a_lock/claimants.rs"]
mod claimants;
#[path = "with_a_lock/codes.rs"]
mod codes;
#[path = "with_a_lock/items.rs"]
mod items;
#[path = "with_a_lock/keys.rs"]
mod keys;
#[path = "with_a_lock/log.rs"]
mod log;
#[path = "with_a_lock/log_epochs.rs"]
mod log_epochs;
#[path = "with_a_lock/profiles.rs"]
mod profiles;
#[path = "with_a_lock/queued.rs"]
mod queued;
#[path = "with_a_lock/restored.rs"]
mod restored;
#[path = "with_a_lock/rotation.rs"]
mod rotation;
#[path = "with_a_lock/statuses.rs"]
mod statuses;
#[path = "with_a_lock/walk.rs"]
mod walk;
#[path = "with_a_lock/world.rs"]
mod world;

use lock_core::cloud::SessionError;
use lock_core::state::Drive;
use lock_fleet::proto::{BoltPosition, CommandId, Outcome, PinDigits};
use lock_fleet::{
    Caught, CommandState, Fleet, FleetError, HeardBy, LiveAnswer, LiveAttempt, LiveEvent, LiveRequest,
    LiveSend, LiveSession, LiveStart, LockId, SqliteStore, Task,
};
use world::{LOCK, SimLock, World, action};

const fn is_send<T: Send>() {}
/// A service keeps fleets, attempts and sessions in tasks that move between threads.
const _: () = {
    is_send::<Fleet<SqliteStore>>();
    is_send::<LiveAttempt>();
    is_send::<LiveSession>();
};

#[test]
fn a_live_unlock_moves_the_bolt_once_and_its_end_is_known() {
    let mut world = World::new();
    let (mut finish, records) = world.live(action(Task::Unlock, "one"));
    let LiveAnswer::Command { id, outcome: Outcome::Started, repeat: false } = finish.answer else {
        panic!("{:?}", finish.answer)
    };
    assert_eq!(finish.caught, Caught::Level);
    assert_eq!(world.fleet().command(LOCK, id).unwrap().state, CommandState::Started);
    let now = world.now();
    let events: Vec<_> = records
        .iter()
        .map(|record| world.fleet().open_live(&mut finish.session, record, now).unwrap())
        .collect();
    assert!(events.contains(&LiveEvent::Finished { id, outcome: Outcome::Done }), "{events:?}");
    assert_eq!(world.fleet().command(LOCK, id).unwrap().state, CommandState::Settled(Outcome::Done));
    assert_eq!(world.lock.runs, [Drive::Retract]);
    let heard = world.fleet().lock(LOCK).unwrap().heard.unwrap();
    assert_eq!(
        (heard.by, heard.at, heard.status.bolt.value),
        (HeardBy::Live, now.unix, BoltPosition::Retracted)
    );
    assert!(!heard.status.is_locked());
}

#[test]
fn a_retry_after_the_outcome_is_known_sends_nothing() {
    let mut world = World::new();
    world.live_action(Task::Unlock, "one");
    let (hello, now) = (world.lock.connect(world.millis), world.now());
    let start = world.fleet().begin_live(LOCK, &hello, action(Task::Unlock, "one"), now).unwrap();
    let LiveStart::Known(command) = start else { panic!("{start:?}") };
    assert_eq!(command.state, CommandState::Settled(Outcome::Done));
}

#[test]
fn a_retry_after_a_lost_answer_is_the_same_command_and_moves_nothing() {
    let mut world = World::new();
    let (hello, now) = (world.lock.connect(world.millis), world.now());
    let start = world.fleet().begin_live(LOCK, &hello, action(Task::Unlock, "one"), now).unwrap();
    let LiveStart::Send(lost) = start else { panic!("{start:?}") };
    let _lost_answer = world.lock.bring(lost.packet(), world.millis);
    let first = lost.command().unwrap();
    world.restart();
    let answer = world.live_action(Task::Unlock, "one");
    assert_eq!(answer, LiveAnswer::Command { id: first, outcome: Outcome::Done, repeat: true });
    assert_eq!(world.lock.runs, [Drive::Retract]);
}

#[test]
fn a_command_that_never_arrived_is_executed_by_its_retry() {
    let mut world = World::new();
    let (hello, now) = (world.lock.connect(world.millis), world.now());
    let start = world.fleet().begin_live(LOCK, &hello, action(Task::Unlock, "one"), now).unwrap();
    let LiveStart::Send(lost) = start else { panic!("{start:?}") };
    let answer = world.live_action(Task::Unlock, "one");
    let LiveAnswer::Command { id, repeat: false, .. } = answer else { panic!("{answer:?}") };
    assert_eq!(Some(id), lost.command());
    assert_eq!(world.lock.runs, [Drive::Retract]);
    // The late Message1 meets a Hello that is burned.
    assert!(world.lock.bring(lost.packet(), world.millis).is_empty());
    assert_eq!(world.lock.runs, [Drive::Retract]);
}

#[test]
fn attempts_are_numbered_and_no_message_repeats() {
    let mut world = World::new();
    let hello = world.lock.connect(world.millis);
    let mut numbers = Vec::new();
    let mut packets = Vec::new();
    for turn in 0..4 {
        if turn == 2 {
            world.restart();
        }
        let now = world.now();
        let LiveStart::Send(attempt) =
            world.fleet().begin_live(LOCK, &hello, LiveRequest::Status, now).unwrap()
        else {
            panic!("a query is always sent")
        };
        numbers.push(attempt.number());
        packets.push(attempt.packet().to_vec());
    }
    assert_eq!(numbers, [1, 2, 3, 4]);
    packets.sort();
    packets.dedup();
    assert_eq!(packets.len(), 4);
}

#[test]
fn the_hello_of_another_lock_spends_no_number() {
    let mut world = World::new();
    let stranger = SimLock::new(LockId([0x52; 16])).connect(world.millis);
    let now = world.now();
    let refused = world.fleet().begin_live(LOCK, &stranger, action(Task::Unlock, "one"), now).unwrap_err();
    assert!(matches!(refused, FleetError::Session(SessionError::AnotherLock)), "{refused}");
    let (hello, now) = (world.lock.connect(world.millis), world.now());
    let start = world.fleet().begin_live(LOCK, &hello, action(Task::Unlock, "one"), now).unwrap();
    let LiveStart::Send(attempt) = start else { panic!("{start:?}") };
    assert_eq!((attempt.number(), attempt.command()), (1, Some(CommandId(1))));
}

#[test]
fn a_session_carries_further_commands_and_queries() {
    let mut world = World::new();
    let (mut finish, _) = world.live(LiveRequest::Nothing);
    assert_eq!(finish.answer, LiveAnswer::Connected);
    let now = world.now();
    let send = world.fleet().request_live(&mut finish.session, action(Task::Unlock, "one"), now).unwrap();
    let LiveSend::Packet { packet, command: Some(id) } = send else { panic!("{send:?}") };
    let events: Vec<_> = world
        .lock
        .bring(&packet, world.millis)
        .iter()
        .map(|record| world.fleet().open_live(&mut finish.session, record, now).unwrap())
        .collect();
    let started = LiveAnswer::Command { id, outcome: Outcome::Started, repeat: false };
    assert!(events.contains(&LiveEvent::Answer(started)), "{events:?}");
    assert!(events.contains(&LiveEvent::Finished { id, outcome: Outcome::Done }), "{events:?}");
    let again = world.fleet().request_live(&mut finish.session, action(Task::Unlock, "one"), now).unwrap();
    assert!(matches!(again, LiveSend::Known(_)), "{again:?}");
    let send = world.fleet().request_live(&mut finish.session, LiveRequest::Status, now).unwrap();
    let LiveSend::Packet { packet, command: None } = send else { panic!("{send:?}") };
    let sent = world.lock.bring(&packet, world.millis);
    let event = world.fleet().open_live(&mut finish.session, &sent[0], now).unwrap();
    let LiveEvent::Answer(LiveAnswer::Status(status)) = event else { panic!("{event:?}") };
    assert_eq!(status.bolt.value, BoltPosition::Retracted);
    assert_eq!(world.lock.runs, [Drive::Retract]);
}

#[test]
fn a_token_stands_for_one_wish() {
    let mut world = World::new();
    let pin =
        |digits: &[u8]| Task::SetPin { slot: 1, digits: PinDigits::from_ascii(digits).unwrap(), user: None };
    let (hello, now) = (world.lock.connect(world.millis), world.now());
    let begun = world.fleet().begin_live(LOCK, &hello, action(pin(b"1234"), "one"), now);
    assert!(begun.is_ok());
    for other in [Task::Unlock, pin(b"1235"), Task::ClearPin { slot: 1 }] {
        let refused = world.fleet().begin_live(LOCK, &hello, action(other, "one"), now);
        assert!(matches!(refused, Err(FleetError::TokenReused)));
    }
}

#[test]
fn an_altered_answer_changes_nothing_and_a_retry_heals() {
    let mut world = World::new();
    let (hello, now) = (world.lock.connect(world.millis), world.now());
    let start = world.fleet().begin_live(LOCK, &hello, action(Task::Unlock, "one"), now).unwrap();
    let LiveStart::Send(attempt) = start else { panic!("{start:?}") };
    let mut message2 = world.lock.bring(attempt.packet(), world.millis).remove(0);
    *message2.last_mut().unwrap() ^= 1;
    let refused = world.fleet().finish_live(attempt, &message2, now).unwrap_err();
    assert!(matches!(refused, FleetError::Session(SessionError::Refused)), "{refused}");
    let answer = world.live_action(Task::Unlock, "one");
    assert!(matches!(answer, LiveAnswer::Command { outcome: Outcome::Done, repeat: true, .. }), "{answer:?}");
    assert_eq!(world.lock.runs, [Drive::Retract]);
}

#[test]
fn marks_that_go_back_raise_an_alarm() {
    let mut world = World::new();
    let before = world.lock.storage();
    world.live_action(Task::Unlock, "one");
    world.pass(1_000);
    world.live(LiveRequest::Nothing);
    world.lock.put_storage(before);
    world.pass(1_000);
    world.lock.reboot(world.millis);
    world.live(LiveRequest::Nothing);
    assert!(world.audit().contains("alarm: marks went back"), "{}", world.audit());
}
