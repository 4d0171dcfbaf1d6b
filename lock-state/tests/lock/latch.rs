//! The spring latch: pulled, held, let go, and never under a bolt.

use lock_proto::{
    Alarm, BoltPosition, CommandId, Fault, Latch, LatchPosition, Motion, Outcome, Reason, Seconds, Target,
};
use lock_state::{Deed, Drive, LATCH_LIMIT_MS};

use crate::world::{RIGHT, World, code_in};

fn with_latch(latch: Latch) -> World {
    let mut world = World::with_bolt(BoltPosition::Extended);
    world.mechanics(|mechanics| {
        mechanics.latch = latch;
        mechanics.latch_hold = 4;
    });
    world
}

/// Withdrawn, and the pull has begun.
fn pulling(latch: Latch) -> World {
    let mut world = with_latch(latch);
    assert_eq!(world.order(Deed::Unlatch).unwrap().motor, Some(Drive::Retract));
    assert_eq!(world.bolt(BoltPosition::Retracted).motor, Some(Drive::PullLatch));
    assert_eq!(world.status().motion, Motion::Unlatching);
    assert_eq!(world.status().target.value, Target::Unlatched);
    world
}

fn outcome(effects: &lock_state::Effects) -> Option<Outcome> {
    effects.finished.map(|finished| finished.outcome)
}

#[test]
fn a_lock_without_a_latch_refuses_to_pull_it() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    assert_eq!(world.order(Deed::Unlatch).unwrap_err().reason, Reason::NoLatch);
}

#[test]
fn a_sensed_latch_is_pulled_when_its_sensor_says_so_held_and_let_go() {
    let mut world = pulling(Latch::Sensed);
    let effects = world.latch(LatchPosition::Held);
    assert_eq!((effects.motor, outcome(&effects)), (Some(Drive::Stop), Some(Outcome::Done)));
    assert_eq!(world.status().motion, Motion::HoldingLatch);
    assert_eq!(world.after(3_999).motor, None);
    assert_eq!(world.after(1).motor, Some(Drive::ReleaseLatch));
    assert_eq!(world.latch(LatchPosition::Engaged).motor, Some(Drive::Stop));
    assert_eq!(world.status().motion, Motion::Still);
}

#[test]
fn an_unsensed_latch_is_pulled_when_the_motor_meets_its_stop() {
    let mut world = pulling(Latch::Unsensed);
    assert_eq!(outcome(&world.stall()), Some(Outcome::Done));
    assert_eq!(world.status().latch.value, LatchPosition::Unknown, "what was commanded is not sensed");
    let _ = world.after(4_000);
    assert_eq!(world.after(LATCH_LIMIT_MS).motor, Some(Drive::Stop));
}

#[test]
fn a_sensed_latch_that_does_not_come_is_a_jam_and_is_let_go() {
    let mut world = pulling(Latch::Sensed);
    let effects = world.after(LATCH_LIMIT_MS);
    assert_eq!((effects.motor, outcome(&effects)), (Some(Drive::ReleaseLatch), Some(Outcome::Jammed)));
    assert!(effects.alarms.contains(Alarm::Jammed));
    assert_eq!(world.fault(), Fault::Jammed);
}

#[test]
fn a_latch_that_stays_held_when_it_is_let_go_is_told() {
    let mut world = pulling(Latch::Sensed);
    let _ = world.latch(LatchPosition::Held);
    let _ = world.after(4_000);
    let effects = world.after(LATCH_LIMIT_MS);
    assert!(effects.alarms.contains(Alarm::SensorFault));
}

#[test]
fn the_bolt_is_thrown_only_behind_a_latch_that_was_let_go() {
    for holding in [false, true] {
        let mut world = pulling(Latch::Sensed);
        if holding {
            let _ = world.latch(LatchPosition::Held);
        }
        let effects = world.lock();
        assert_eq!(effects.motor, Some(Drive::ReleaseLatch), "{holding}");
        assert_eq!(effects.superseded, (!holding).then_some(CommandId(1)));
        assert_eq!(world.latch(LatchPosition::Engaged).motor, Some(Drive::Extend));
        assert_eq!(world.status().motion, Motion::Extending);
        assert_eq!(outcome(&world.bolt(BoltPosition::Extended)), Some(Outcome::Done));
    }
}

#[test]
fn an_unlatch_while_the_latch_is_held_holds_it_anew() {
    let mut world = pulling(Latch::Sensed);
    let _ = world.latch(LatchPosition::Held);
    let _ = world.after(3_000);
    assert_eq!(outcome(&world.order(Deed::Unlatch).unwrap()), Some(Outcome::Done));
    assert_eq!(world.after(3_999).motor, None);
    assert_eq!(world.after(1).motor, Some(Drive::ReleaseLatch));
}

#[test]
fn an_unlatch_while_it_is_let_go_pulls_it_again() {
    let mut world = pulling(Latch::Sensed);
    let _ = world.latch(LatchPosition::Held);
    let _ = world.after(4_000);
    assert_eq!(world.order(Deed::Unlatch).unwrap().motor, Some(Drive::PullLatch));
}

#[test]
fn an_unlock_during_the_pull_lets_the_latch_go_and_is_done() {
    let mut world = pulling(Latch::Sensed);
    let effects = world.unlock();
    assert_eq!((effects.motor, outcome(&effects)), (Some(Drive::ReleaseLatch), Some(Outcome::Done)));
    assert_eq!(effects.superseded, Some(CommandId(1)));
}

#[test]
fn a_code_pulls_the_latch_where_there_is_one() {
    let mut world = with_latch(Latch::Unsensed);
    world.configure(code_in(0, None, RIGHT));
    let _ = world.code(RIGHT).unwrap();
    assert_eq!(world.bolt(BoltPosition::Retracted).motor, Some(Drive::PullLatch));
}

#[test]
fn the_relock_counts_from_the_pull() {
    let mut world = with_latch(Latch::Sensed);
    world.configure(lock_proto::Setting::AutoRelock(Seconds(30)));
    let _ = world.order(Deed::Unlatch).unwrap();
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().relock_in, None);
    let _ = world.latch(LatchPosition::Held);
    assert_eq!(world.status().relock_in, Some(Seconds(30)));
}
