//! Calibration and self-test.

use lock_proto::{
    BoltPosition, Calibration, Cause, Latch, LatchPosition, Outcome, Reason, TestResult, TestStep, Travel,
    UnixMillis,
};
use lock_state::{Deed, DoorReading, Drive, Indication, InsideButton};

use crate::world::{NOON, World};

fn travel(world: &World) -> Option<Travel> {
    world.lock.upkeep(world.now).travel
}

fn result(world: &World, step: TestStep) -> TestResult {
    world.lock.health(world.now).self_test[usize::from(step.number())]
}

#[test]
fn the_bolt_goes_out_and_back_and_its_travels_are_learned() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    assert_eq!(world.status().calibration.value, Calibration::Needed);
    let effects = world.order(Deed::Calibrate).unwrap();
    assert_eq!((effects.motor, effects.finished), (Some(Drive::Extend), None));
    assert_eq!(world.status().calibration.value, Calibration::Running);
    world.wait(900);
    assert_eq!(world.bolt(BoltPosition::Extended).motor, Some(Drive::Retract));
    world.wait(700);
    let effects = world.bolt(BoltPosition::Retracted);
    assert_eq!(effects.finished.map(|finished| finished.outcome), Some(Outcome::Done));
    assert_eq!(effects.indicate, Some(Indication::TestPassed));
    assert!(effects.save_upkeep);
    assert_eq!(travel(&world), Some(Travel { extend_ms: 900, retract_ms: 700 }));
    assert_eq!(world.status().calibration.value, Calibration::Done);
    world.reboot();
    assert_eq!(world.status().calibration.value, Calibration::Done);
}

#[test]
fn a_locked_door_is_locked_again_afterwards() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    assert_eq!(world.order(Deed::Calibrate).unwrap().motor, Some(Drive::Retract));
    assert_eq!(world.bolt(BoltPosition::Retracted).motor, Some(Drive::Extend));
    assert_eq!(world.bolt(BoltPosition::Extended).motor, Some(Drive::Retract));
    let effects = world.bolt(BoltPosition::Retracted);
    assert_eq!((effects.motor, effects.finished), (Some(Drive::Extend), None));
    assert!(world.bolt(BoltPosition::Extended).finished.is_some());
    assert!(world.status().is_locked());
}

#[test]
fn a_leg_that_stalls_fails_it_and_nothing_is_learned() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.order(Deed::Calibrate).unwrap();
    let effects = world.stall();
    assert_eq!(effects.finished.map(|finished| finished.outcome), Some(Outcome::Jammed));
    assert_eq!(effects.indicate, Some(Indication::TestFailed));
    assert_eq!((travel(&world), world.status().calibration.value), (None, Calibration::Failed));
}

#[test]
fn whoever_needs_the_door_ends_it() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.order(Deed::Calibrate).unwrap();
    let effects = world.unlock();
    assert_eq!((effects.motor, effects.superseded.map(|id| id.0)), (Some(Drive::Retract), Some(1)));
    assert_eq!(world.status().calibration.value, Calibration::Needed);
}

#[test]
fn a_door_that_opens_ends_it_with_the_bolt_withdrawn() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.order(Deed::Calibrate).unwrap();
    let effects = world.door(DoorReading::Open);
    assert_eq!((effects.motor, effects.superseded.map(|id| id.0)), (Some(Drive::Retract), Some(1)));
}

#[test]
fn one_that_begins_while_the_latch_is_held_waits_for_it() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    world.mechanics(|mechanics| mechanics.latch = Latch::Sensed);
    let _ = world.order(Deed::Unlatch).unwrap();
    let _ = world.latch(LatchPosition::Held);
    assert_eq!(world.order(Deed::Calibrate).unwrap().motor, Some(Drive::ReleaseLatch));
    assert_eq!(world.latch(LatchPosition::Engaged).motor, Some(Drive::Extend));
    let _ = world.bolt(BoltPosition::Extended);
    assert!(world.bolt(BoltPosition::Retracted).finished.is_some());
}

#[test]
fn it_needs_a_closed_door_and_a_battery() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.door(DoorReading::Open);
    assert_eq!(world.order(Deed::Calibrate).unwrap_err().reason, Reason::DoorNotClosed);
    let _ = world.door(DoorReading::Closed);
    let _ = world.battery(3_500);
    assert_eq!(world.order(Deed::SelfTest).unwrap_err().reason, Reason::BatteryCritical);
}

#[test]
fn a_self_test_tells_each_step() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.time(NOON, 0).unwrap();
    world.lock.note_cloud_heard(world.now);
    assert_eq!(world.inside(InsideButton::SelfTest).motor, Some(Drive::Extend));
    let _ = world.bolt(BoltPosition::Extended);
    assert_eq!(world.status().bolt.cause, Cause::Button);
    let effects = world.bolt(BoltPosition::Retracted);
    assert_eq!(effects.indicate, Some(Indication::TestPassed));
    for step in TestStep::ALL {
        assert_eq!(result(&world, step), TestResult::Passed, "{step:?}");
    }
}

#[test]
fn a_self_test_fails_by_its_worst_step() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.inside(InsideButton::SelfTest);
    let _ = world.bolt(BoltPosition::Extended);
    let effects = world.bolt(BoltPosition::Retracted);
    assert_eq!(effects.indicate, Some(Indication::TestFailed), "nobody heard of the cloud");
    assert_eq!(result(&world, TestStep::MotorOut), TestResult::Passed);
    assert_eq!(result(&world, TestStep::Radio), TestResult::Failed);
    assert_eq!(result(&world, TestStep::Clock), TestResult::Failed);
}

#[test]
fn a_jammed_self_test_says_which_way_it_jammed() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.time(UnixMillis(NOON.0), 0).unwrap();
    let _ = world.inside(InsideButton::SelfTest);
    let _ = world.bolt(BoltPosition::Extended);
    let _ = world.stall();
    assert_eq!(result(&world, TestStep::MotorOut), TestResult::Passed);
    assert_eq!(result(&world, TestStep::MotorBack), TestResult::Failed);
    assert_eq!(result(&world, TestStep::Calibration), TestResult::Failed);
    assert_eq!(result(&world, TestStep::Clock), TestResult::Passed);
}
