//! A database that was restored from an older copy: it catches up, repeats no nonce, loses nothing and does nothing twice.

use std::collections::HashSet;

use lock_core::state::Drive;
use lock_fleet::proto::{BoltPosition, CommandId, Outcome, PinDigits, Reason, Table, User};
use lock_fleet::{
    Caught, CommandState, LiveAnswer, LiveEvent, LiveRequest, LiveSend, LiveStart, ReportFact, Task,
};

use crate::items::pin;
use crate::queued::{queue, relock, state};
use crate::world::{LOCK, World, action};

/// A copy is made, then the lock lives on: two live commands and five settings that the copy does not know.
fn lost_past() -> World {
    let mut world = World::new();
    world.live_action(Task::Unlock, "before");
    world.back_up();
    world.live_action(Task::Lock, "lost-lock");
    for name in 0..5 {
        queue(&mut world, relock(60 + name), &format!("lost-{name}"));
        world.deliver();
    }
    world.live_action(Task::Unlock, "lost-unlock");
    world.live_action(Task::Lock, "lost-lock-again");
    assert_eq!(world.lock.runs.len(), 4);
    world.pass(3_600_000);
    world.restore();
    world
}

fn assert_no_nonce_repeats(world: &World) {
    let unique: HashSet<_> = world.nonces.iter().collect();
    assert_eq!(unique.len(), world.nonces.len());
}

#[test]
fn a_live_command_under_a_spent_number_is_not_believed_and_runs_once_when_sent_again() {
    let mut world = lost_past();
    // The next number of the copy was spent on "lost lock": the lock repeats its outcome, which is not this one's.
    let (mut finish, _) = world.live(action(Task::Lock, "new"));
    let LiveAnswer::SendAgain { id } = finish.answer else { panic!("{:?}", finish.answer) };
    assert!(matches!(finish.caught, Caught::Raised { reissued: 1, .. }), "{:?}", finish.caught);
    assert_eq!(state(&mut world, id), CommandState::Unexecuted);
    assert_eq!(world.lock.runs.len(), 4, "nothing moved");
    let now = world.now();
    let send = world.fleet().request_live(&mut finish.session, action(Task::Unlock, "other"), now).unwrap();
    let LiveSend::Packet { packet, command: Some(fresh) } = send else { panic!("{send:?}") };
    assert!(fresh > id);
    let records = world.lock.bring(&packet, world.millis);
    let events: Vec<_> = records
        .iter()
        .map(|record| world.fleet().open_live(&mut finish.session, record, now).unwrap())
        .collect();
    assert!(events.contains(&LiveEvent::Finished { id: fresh, outcome: Outcome::Done }), "{events:?}");
    // The same token, sent again, gets a number of its own too.
    let answer = world.live_action(Task::Lock, "new");
    let LiveAnswer::Command { id: again, repeat: false, .. } = answer else { panic!("{answer:?}") };
    assert!(again > fresh);
    assert_eq!(world.lock.runs.len(), 6);
}

#[test]
fn a_conflicting_number_is_told_apart_as_well() {
    let mut world = lost_past();
    // Another action than the lost one under the same number: the lock refuses with a conflict.
    let (finish, _) = world.live(action(Task::Unlock, "new"));
    assert!(matches!(finish.answer, LiveAnswer::SendAgain { .. }), "{:?}", finish.answer);
    let answer = world.live_action(Task::Unlock, "new");
    assert!(matches!(answer, LiveAnswer::Command { repeat: false, .. }), "{answer:?}");
    assert_eq!(world.lock.runs.last(), Some(&Drive::Retract));
    assert_eq!(world.lock.runs.len(), 5);
}

/// Exactly one command is lost, so that its number is the last that the restored database gives out itself.
fn one_lost_unlock() -> World {
    let mut world = World::new();
    world.back_up();
    world.live_action(Task::Unlock, "lost");
    world.live(LiveRequest::Nothing);
    assert_eq!(world.lock.runs, [Drive::Retract]);
    world.pass(3_600_000);
    world.restore();
    world
}

#[test]
fn the_answer_of_the_one_lost_command_is_not_believed_although_the_marks_are_level() {
    let mut world = one_lost_unlock();
    let answer = world.live_action(Task::Unlock, "new");
    assert!(matches!(answer, LiveAnswer::SendAgain { .. }), "{answer:?}");
    let answer = world.live_action(Task::Unlock, "new");
    assert!(matches!(answer, LiveAnswer::Command { repeat: false, .. }), "{answer:?}");
}

#[test]
fn a_retry_that_nobody_can_tell_from_the_lost_command_is_said_to_be_unknown() {
    let mut world = one_lost_unlock();
    let (hello, now) = (world.lock.connect(world.millis), world.now());
    let start = world.fleet().begin_live(LOCK, &hello, action(Task::Unlock, "new"), now).unwrap();
    let LiveStart::Send(lost) = start else { panic!("{start:?}") };
    let _lost_answer = world.lock.bring(lost.packet(), world.millis);
    let answer = world.live_action(Task::Unlock, "new");
    let outcome = Outcome::Refused(Reason::OutcomeUnknown);
    assert!(matches!(answer, LiveAnswer::Command { outcome: told, .. } if told == outcome), "{answer:?}");
    assert_eq!(state(&mut world, lost.command().unwrap()), CommandState::Unknown);
    assert_eq!(world.lock.runs.len(), 1);
}

#[test]
fn after_a_plain_restart_the_first_unlock_takes_one_round_trip() {
    let mut world = World::new();
    world.restart();
    let answer = world.live_action(Task::Unlock, "one");
    assert!(
        matches!(answer, LiveAnswer::Command { outcome: Outcome::Started, repeat: false, .. }),
        "{answer:?}"
    );
}

#[test]
fn a_queued_command_reaches_the_lock_through_relays_alone() {
    let mut world = lost_past();
    let id = queue(&mut world, relock(7), "new");
    let mut settled = false;
    for _ in 0..8 {
        world.deliver();
        settled = state(&mut world, id) == CommandState::Settled(Outcome::Done);
        if settled {
            break;
        }
        world.pass(2_000);
    }
    assert!(settled, "{}", world.audit());
    assert!(world.audit().contains("resynchronise with the lock's marks"), "{}", world.audit());
    let (finish, _) = world.live(LiveRequest::Status);
    let LiveAnswer::Status(status) = finish.answer else { panic!("{:?}", finish.answer) };
    assert_eq!(status.configuration, world.fleet().command(LOCK, id).unwrap().kind.version().unwrap());
    assert_eq!(finish.caught, Caught::Level);
    assert_no_nonce_repeats(&world);
}

#[test]
fn a_queued_command_is_renumbered_when_a_live_session_brings_the_marks() {
    let mut world = lost_past();
    let id = queue(&mut world, relock(7), "new");
    let (finish, _) = world.live(LiveRequest::Nothing);
    let Caught::Raised { from, to, reissued: 1 } = finish.caught else { panic!("{:?}", finish.caught) };
    assert!(to.next_down > from.next_down && to.next_command > from.next_command);
    let renumbered = world.fleet().command(LOCK, id).unwrap();
    assert!(renumbered.id > id);
    // Version 1 is long past at the lock; its refusal teaches the next one.
    world.deliver();
    world.deliver();
    assert_eq!(state(&mut world, id), CommandState::Settled(Outcome::Done));
    assert_no_nonce_repeats(&world);
}

/// Delivers until nothing waits any more.
fn deliver_all(world: &mut World) {
    for _ in 0..8 {
        world.deliver();
        world.pass(2_000);
    }
    assert_eq!(world.fleet().pending(LOCK).unwrap(), 0, "{}", world.audit());
}

/// The version in which the lock has a place of its configuration.
fn held(world: &mut World, table: Table) -> u32 {
    let items = world.fleet().items(LOCK).unwrap();
    items.iter().find(|item| item.table == table).unwrap().held
}

/// Queues what uses up the numbers that the lost past spent.
fn use_up_the_spent_numbers(world: &mut World) {
    for second in 0..16 {
        queue(world, relock(second), &format!("filler-{second}"));
    }
}

#[test]
fn a_code_that_was_cleared_later_does_not_come_back() {
    let mut world = lost_past();
    let set = queue(&mut world, pin(3, b"271828"), "set");
    use_up_the_spent_numbers(&mut world);
    let clear = queue(&mut world, Task::ClearPin { slot: 3 }, "clear");
    // Only the number of the older wish was spent.
    let (finish, _) = world.live(LiveRequest::Nothing);
    assert!(matches!(finish.caught, Caught::Raised { .. }), "{:?}", finish.caught);
    deliver_all(&mut world);
    assert_eq!(state(&mut world, set), CommandState::Expired, "overtaken: {}", world.audit());
    assert_eq!(state(&mut world, clear), CommandState::Settled(Outcome::Done));
    assert_eq!(held(&mut world, Table::Credentials), 0, "nothing is in the slot");
    assert_no_nonce_repeats(&world);
}

#[test]
fn a_code_that_was_cleared_live_does_not_come_back() {
    let mut world = lost_past();
    let set = queue(&mut world, pin(3, b"271828"), "set");
    use_up_the_spent_numbers(&mut world);
    let answer = world.live_action(Task::ClearPin { slot: 3 }, "clear");
    let LiveAnswer::Command { id: clear, outcome, .. } = answer else { panic!("{answer:?}") };
    let stale = Outcome::Refused(Reason::StaleConfiguration);
    assert!([Outcome::Done, stale].contains(&outcome), "{outcome:?}");
    let answer = world.live_action(Task::ClearPin { slot: 3 }, "clear-again");
    assert!(
        matches!(answer, LiveAnswer::Command { outcome: Outcome::Done, id, .. } if id > clear),
        "{answer:?}"
    );
    deliver_all(&mut world);
    assert_ne!(state(&mut world, set), CommandState::Settled(Outcome::Done), "{}", world.audit());
}

#[test]
fn what_needs_an_earlier_wish_is_still_done_after_it() {
    let mut world = lost_past();
    let user = queue(&mut world, Task::SetUser { slot: 2, user: User::default() }, "user");
    use_up_the_spent_numbers(&mut world);
    let digits = PinDigits::from_ascii(b"271828").unwrap();
    let code = queue(&mut world, Task::SetPin { slot: 3, digits, user: Some(2) }, "code");
    world.live(LiveRequest::Nothing);
    deliver_all(&mut world);
    for id in [user, code] {
        assert_eq!(state(&mut world, id), CommandState::Settled(Outcome::Done), "{}", world.audit());
    }
    assert!(held(&mut world, Table::Users) < held(&mut world, Table::Credentials));
    assert_no_nonce_repeats(&world);
}

#[test]
fn a_relay_that_keeps_receipts_back_brings_no_cleared_code_back() {
    let mut world = World::new();
    queue(&mut world, pin(1, b"314159"), "other");
    let set = queue(&mut world, pin(3, b"271828"), "set");
    let clear = queue(&mut world, Task::ClearPin { slot: 3 }, "clear");
    let now = world.now();
    let sealed = world.fleet().sealed_for(LOCK, now).unwrap();
    world.fleet().handed_over(LOCK, &[CommandId(1), set, clear], "a phone", now).unwrap();
    // The first comes last, and is stale then; of the others only the last receipt is brought.
    let mut bring = |place: usize| world.lock.bring(&sealed[place].packet, world.millis).pop().unwrap();
    let [_, cleared, stale] = [1, 2, 0].map(&mut bring);
    for receipt in [cleared, stale] {
        world.fleet().ingest(LOCK, &receipt, "a phone", now).unwrap();
    }
    assert_eq!(state(&mut world, clear), CommandState::Settled(Outcome::Done));
    deliver_all(&mut world);
    let items = world.fleet().items(LOCK).unwrap();
    assert!(
        items.iter().all(|item| (item.table, item.slot, item.held == 0) != (Table::Credentials, 3, false)),
        "{items:?}"
    );
    assert!(world.lock.runs.is_empty());
    world.lock.enter(PinDigits::from_ascii(b"271828").unwrap(), world.millis);
    assert!(world.lock.runs.is_empty(), "the code came back: {}", world.audit());
}

#[test]
fn an_unlock_that_left_already_is_not_said_twice() {
    let mut world = lost_past();
    let user = queue(&mut world, Task::SetUser { slot: 2, user: User::default() }, "user");
    use_up_the_spent_numbers(&mut world);
    let unlock = queue(&mut world, Task::Unlock, "unlock");
    let (finish, _) = world.live(LiveRequest::Nothing);
    assert!(matches!(finish.caught, Caught::Raised { .. }), "{:?}", finish.caught);
    deliver_all(&mut world);
    assert_eq!(state(&mut world, user), CommandState::Settled(Outcome::Done));
    assert_eq!(
        world.fleet().command(LOCK, unlock).unwrap().state,
        CommandState::Settled(Outcome::Done),
        "{}",
        world.audit()
    );
    assert_eq!(world.lock.runs.len(), 5, "four of the past and this one: {:?}", world.lock.runs);
}

#[test]
fn the_receipt_of_a_lost_command_is_not_taken_for_a_new_one() {
    let mut world = World::new();
    world.live_action(Task::Unlock, "before");
    world.back_up();
    // The lost past sets the same value under the same version and number as what is queued later.
    queue(&mut world, relock(30), "lost");
    world.deliver();
    world.pass(3_600_000);
    world.restore();
    let id = queue(&mut world, relock(30), "new");
    let facts = world.deliver();
    assert!(!facts.is_empty());
    for _ in 0..4 {
        world.pass(2_000);
        world.deliver();
    }
    let now = world.fleet().command(LOCK, id).unwrap();
    assert!(now.id > id, "it got a number of its own: {now:?}");
    assert_eq!(now.state, CommandState::Settled(Outcome::Done));
    assert_no_nonce_repeats(&world);
}

#[test]
fn a_receipt_for_a_command_of_the_lost_past_is_told_as_stray() {
    let mut world = World::new();
    world.back_up();
    queue(&mut world, relock(30), "lost");
    let now = world.now();
    let sealed = world.fleet().sealed_for(LOCK, now).unwrap();
    let receipt = world.lock.bring(&sealed[0].packet, world.millis).pop().unwrap();
    world.restore();
    let ingested = world.fleet().ingest(LOCK, &receipt, "a phone", now).unwrap();
    assert!(matches!(ingested.fact, ReportFact::StrayReceipt { outcome: Outcome::Done, .. }), "{ingested:?}");
}

#[test]
fn a_number_above_a_hint_that_was_spent_on_a_lost_question_is_skipped_later() {
    let mut world = World::new();
    world.back_up();
    for name in 0..3 {
        queue(&mut world, relock(60 + name), &format!("lost-{name}"));
        world.deliver();
    }
    world.pass(3_600_000);
    world.restore();
    queue(&mut world, relock(7), "new");
    // The question goes out below the lock's mark of 3; its hint makes one above it, which the relay loses.
    world.deliver();
    let now = world.now();
    let lost = world.fleet().sealed_for(LOCK, now).unwrap();
    assert_eq!(lost.iter().map(|packet| packet.counter).collect::<Vec<_>>(), [4]);
    // The marks come in a live session instead, and the numbers go on past the spent one.
    let (finish, _) = world.live(LiveRequest::Nothing);
    assert!(matches!(finish.caught, Caught::Raised { to, .. } if to.next_down == 4), "{:?}", finish.caught);
    let next = world.fleet().sealed_for(LOCK, now).unwrap();
    assert_eq!(next.iter().map(|packet| packet.counter).collect::<Vec<_>>(), [5]);
}

#[test]
fn a_restart_without_a_restore_changes_no_number_and_repeats_nothing() {
    let mut world = World::new();
    world.live_action(Task::Unlock, "one");
    let id = queue(&mut world, relock(30), "two");
    world.restart();
    // It was numbered when the marks were known: nothing holds it back.
    world.deliver();
    assert_eq!(state(&mut world, id), CommandState::Settled(Outcome::Done));
    let (finish, _) = world.live(LiveRequest::Status);
    assert_eq!(finish.caught, Caught::Level);
    let LiveAnswer::Status(status) = finish.answer else { panic!("{:?}", finish.answer) };
    assert_eq!(status.bolt.value, BoltPosition::Retracted);
    assert_eq!(world.lock.runs, [Drive::Retract]);
    assert_no_nonce_repeats(&world);
}

#[test]
fn what_is_queued_after_a_restart_waits_for_the_marks_and_is_not_renumbered() {
    let mut world = World::new();
    world.live_action(Task::Unlock, "one");
    world.restart();
    let id = queue(&mut world, relock(30), "two");
    let facts = world.deliver();
    assert!(matches!(facts[0].fact, ReportFact::Marks(_)), "{facts:?}");
    assert_eq!(facts[0].caught, Some(Caught::Level));
    world.deliver();
    let command = world.fleet().command(LOCK, id).unwrap();
    assert_eq!((command.id, command.state), (id, CommandState::Settled(Outcome::Done)));
}
