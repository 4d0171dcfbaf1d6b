//! How the bolt moves, and what may be said of it.

use lock_proto::{Alarm, BoltPosition, Cause, CommandId, DoorState, Fault, Motion, Outcome, Seconds, Target};
use lock_state::{Deed, DoorReading, Drive, Effects, Finished, Goal, Indication, MOTOR_LIMIT_MS};

use crate::world::World;

fn finished(id: u64, outcome: Outcome) -> Option<Finished> {
    Some(Finished { command: CommandId(id), outcome })
}

#[test]
fn a_lock_is_locked_when_the_sensor_says_so_and_not_before() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    assert_eq!(world.lock().motor, Some(Drive::Extend));
    assert_eq!(world.status().motion, Motion::Extending);
    assert_eq!(world.status().target.value, Target::Locked);
    assert!(!world.status().is_locked());
    assert_eq!(world.bolt(BoltPosition::Between).motor, None);
    assert!(!world.status().is_locked());
    let effects = world.bolt(BoltPosition::Extended);
    assert_eq!(effects.motor, Some(Drive::Stop));
    assert_eq!(effects.finished, finished(1, Outcome::Done));
    assert!(effects.changed && world.status().is_locked());
}

#[test]
fn nothing_is_known_after_a_boot_until_it_is_sensed() {
    let mut world = World::new();
    let status = world.status();
    assert_eq!((status.bolt.value, status.bolt.cause), (BoltPosition::Unknown, Cause::Boot));
    assert_eq!((status.door.value, status.target.value), (DoorState::Unknown, Target::None));
    assert_eq!(status.battery, None);
    let effects = world.bolt(BoltPosition::Extended);
    assert!(effects.changed && world.status().is_locked());
    assert_eq!(world.status().bolt.cause, Cause::Boot);
}

#[test]
fn a_stall_is_a_jam_and_never_locked() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.lock();
    let _ = world.bolt(BoltPosition::Between);
    let effects = world.stall();
    assert_eq!(effects.motor, Some(Drive::Stop));
    assert_eq!(effects.finished, finished(1, Outcome::Jammed));
    assert_eq!(
        (effects.alarms.iter().next(), effects.indicate),
        (Some(Alarm::Jammed), Some(Indication::Jammed))
    );
    assert_eq!(world.fault(), Fault::Jammed);
    assert_eq!(world.status().motion, Motion::Still);
    assert!(!world.status().is_locked());
}

#[test]
fn a_jam_does_not_end_by_time_nor_by_a_repeated_reading() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    let _ = world.unlock();
    let _ = world.stall();
    let _ = world.after(30 * 24 * 3_600_000);
    assert_eq!(world.bolt(BoltPosition::Extended), Effects::NONE);
    assert_eq!(world.fault(), Fault::Jammed);
    assert!(!world.status().is_locked());
}

#[test]
fn a_jam_ends_when_the_bolt_arrives_at_an_end() {
    for end in [BoltPosition::Extended, BoltPosition::Retracted] {
        let mut world = World::with_bolt(BoltPosition::Retracted);
        let _ = world.lock();
        let _ = world.bolt(BoltPosition::Between);
        let _ = world.stall();
        assert!(world.bolt(end).changed);
        assert_eq!(world.fault(), Fault::None);
        assert_eq!(world.status().is_locked(), end == BoltPosition::Extended);
    }
}

#[test]
fn a_jam_ends_when_a_later_drive_ends_where_the_sensor_sees_the_bolt() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    let _ = world.unlock();
    let _ = world.stall();
    assert_eq!(world.lock().motor, Some(Drive::Extend));
    assert!(!world.status().is_locked());
    assert_eq!(world.stall().finished, finished(2, Outcome::Done));
    assert_eq!(world.fault(), Fault::None);
    assert!(world.status().is_locked());
}

#[test]
fn a_sensor_that_is_stuck_at_an_end_does_not_stand_in_for_a_drive() {
    for (away, back) in [(Deed::Unlock, Deed::Lock), (Deed::Lock, Deed::Unlock)] {
        let goal = if back == Deed::Lock { Goal::Locked } else { Goal::Unlocked };
        let end = goal.end();
        let mut world = World::with_bolt(end);
        let _ = world.order(away).unwrap();
        assert_eq!(world.after(MOTOR_LIMIT_MS).finished, finished(1, Outcome::TimedOut));
        let effects = world.order(back).unwrap();
        assert_eq!((effects.motor, effects.finished), (Some(goal.drive()), None));
        assert_eq!(world.bolt(end), Effects::NONE, "the same reading again says nothing of this drive");
        assert!(!world.status().is_locked());
        // Nor does time: the motor turned freely, as before.
        assert_eq!(world.after(MOTOR_LIMIT_MS).finished, finished(2, Outcome::TimedOut));
        assert_eq!(world.fault(), Fault::ClutchFailed);
        let _ = world.bolt(BoltPosition::Between);
        let _ = world.bolt(end);
        assert_eq!(world.fault(), Fault::None, "a hand that moves the bolt to its end does");
    }
}

#[test]
fn a_stall_at_the_sensed_end_is_an_arrival() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.lock();
    let _ = world.unlock();
    let effects = world.stall();
    assert_eq!(effects.finished, finished(2, Outcome::Done));
    assert_eq!((effects.alarms.iter().next(), world.fault()), (None, Fault::None));
}

#[test]
fn a_stall_without_a_drive_means_nothing() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    assert_eq!(world.stall(), Effects::NONE);
    assert!(world.status().is_locked());
}

#[test]
fn the_motor_stops_after_five_seconds_without_an_end() {
    for (millis, stops) in [(MOTOR_LIMIT_MS - 1, false), (MOTOR_LIMIT_MS, true), (MOTOR_LIMIT_MS + 1, true)] {
        let mut world = World::with_bolt(BoltPosition::Retracted);
        let _ = world.lock();
        assert_eq!(world.lock.poll_timeout(), Some(world.now.plus_millis(MOTOR_LIMIT_MS)));
        let effects = world.after(millis);
        assert_eq!(effects.motor == Some(Drive::Stop), stops, "{millis}");
        assert_eq!(effects.finished, stops.then_some(finished(1, Outcome::TimedOut).unwrap()));
        assert_eq!(world.fault(), if stops { Fault::ClutchFailed } else { Fault::None });
        assert_eq!(effects.alarms.iter().next(), stops.then_some(Alarm::ClutchFailed));
    }
}

#[test]
fn a_bolt_that_is_at_its_end_is_not_moved() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    let effects = world.lock();
    assert_eq!((effects.motor, effects.finished), (None, finished(1, Outcome::Done)));
    assert_eq!(world.status().motion, Motion::Still);
}

#[test]
fn a_later_command_reverses_the_motor_and_supersedes() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.lock();
    world.wait(4_000);
    let effects = world.unlock();
    assert_eq!((effects.motor, effects.superseded), (Some(Drive::Retract), Some(CommandId(1))));
    assert_eq!(effects.finished, None);
    assert_eq!(world.after(4_000).motor, None, "the reversed drive has its own five seconds");
    assert_eq!(world.bolt(BoltPosition::Retracted).finished, finished(2, Outcome::Done));
}

#[test]
fn a_repeated_command_takes_over_the_drive_with_its_time() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.lock();
    world.wait(4_000);
    let effects = world.lock();
    assert_eq!((effects.motor, effects.superseded), (None, Some(CommandId(1))));
    assert_eq!(world.after(1_000).finished, finished(2, Outcome::TimedOut));
}

#[test]
fn a_hand_on_the_thumb_turn_is_seen() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    world.wait(10_000);
    assert!(world.bolt(BoltPosition::Retracted).changed);
    let bolt = world.status().bolt;
    assert_eq!((bolt.value, bolt.cause, bolt.age), (BoltPosition::Retracted, Cause::Manual, Seconds(0)));
}

#[test]
fn a_moved_bolt_has_the_cause_of_its_command() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    let _ = world.unlock();
    let _ = world.bolt(BoltPosition::Between);
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().bolt.cause, Cause::RemoteLive);
    assert_eq!(world.status().target.cause, Cause::RemoteLive);
}

#[test]
fn a_silent_bolt_sensor_takes_the_word_locked_back() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    assert!(world.bolt(BoltPosition::Unknown).changed);
    assert!(!world.status().is_locked());
    assert_eq!(world.status().bolt.cause, Cause::Mechanism);
    let _ = world.bolt(BoltPosition::Extended);
    assert_eq!(world.status().bolt.cause, Cause::Mechanism, "nobody is known to have moved it");
}

#[test]
fn facts_are_numbered_in_the_order_of_their_changes_and_grow_old() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    let before = world.status();
    assert!(before.bolt.sequence < before.door.sequence);
    assert_eq!(before.sequence, before.door.sequence);
    world.wait(61_000);
    assert_eq!(world.status().bolt.age, Seconds(61));
    assert_eq!(world.status().sequence, before.sequence);
    let _ = world.bolt(BoltPosition::Between);
    assert_eq!(world.status().bolt.sequence, before.sequence + 1);
}

#[test]
fn a_door_that_opens_while_the_bolt_is_thrown_has_it_withdrawn() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.lock();
    let _ = world.bolt(BoltPosition::Between);
    let effects = world.door(DoorReading::Open);
    assert_eq!((effects.motor, effects.superseded), (Some(Drive::Retract), Some(CommandId(1))));
    assert_eq!(world.status().target.value, Target::Unlocked);
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().motion, Motion::Still);
}

#[test]
fn time_that_runs_backwards_counts_as_standing_still() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    world.wait(10_000);
    let _ = world.lock();
    let early = lock_proto::Uptime::from_millis(3);
    assert_eq!(world.lock.handle_timeout(early).motor, None);
    assert_eq!(world.lock.status(early).bolt.age, Seconds(10));
}
