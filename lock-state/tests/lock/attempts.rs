//! Further attempts after a stall: relief, a wait, and an end.

use lock_proto::{Alarm, BoltPosition, Fault, Motion, Outcome};
use lock_state::{BACK_OFF_MS, Deed, Drive, InsideButton, MOTOR_LIMIT_MS, RELIEF_MS, SETTLE_MS};

use crate::world::World;

/// A lock that tries a drive `1 + retries` times, on its way to lock.
fn locking(retries: u8) -> World {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    world.mechanics(|mechanics| mechanics.retries = retries);
    let _ = world.lock();
    let _ = world.bolt(BoltPosition::Between);
    world
}

#[test]
fn a_stall_is_relieved_and_tried_again_after_a_wait() {
    let mut world = locking(1);
    let effects = world.stall();
    assert_eq!((effects.motor, effects.finished), (Some(Drive::Stop), None));
    assert_eq!(world.after(SETTLE_MS - 1).motor, None);
    assert_eq!(world.after(1).motor, Some(Drive::Retract));
    assert_eq!(world.status().motion, Motion::Relieving);
    assert_eq!(world.after(RELIEF_MS - 1).motor, None);
    assert_eq!(world.after(1).motor, Some(Drive::Stop));
    assert_eq!(world.status().motion, Motion::Pausing);
    assert_eq!(world.after(BACK_OFF_MS[0] - 1).motor, None);
    assert_eq!(world.after(1).motor, Some(Drive::Extend));
    let effects = world.bolt(BoltPosition::Extended);
    assert_eq!(effects.finished.map(|finished| finished.outcome), Some(Outcome::Done));
    assert!(world.status().is_locked());
    let last = world.lock.health(world.now).motor.last[0].unwrap();
    assert_eq!(last.attempts, 2);
    assert_eq!(u64::from(last.duration_ms), SETTLE_MS + RELIEF_MS + BACK_OFF_MS[0]);
}

#[test]
fn the_attempts_end_and_the_waits_grow() {
    for retries in 0..=3 {
        let mut world = locking(retries);
        for wait in BACK_OFF_MS.iter().take(usize::from(retries)) {
            assert_eq!(world.stall().finished, None);
            let _ = world.after(SETTLE_MS);
            let _ = world.after(RELIEF_MS);
            assert_eq!(world.after(wait - 1).motor, None);
            assert_eq!(world.after(1).motor, Some(Drive::Extend));
        }
        let effects = world.stall();
        assert_eq!(effects.finished.map(|finished| finished.outcome), Some(Outcome::Jammed), "{retries}");
        assert!(effects.alarms.contains(Alarm::Jammed));
        assert_eq!(world.fault(), Fault::Jammed);
        assert_eq!(world.lock.health(world.now).motor.stalls, u16::from(retries) + 1);
    }
}

#[test]
fn a_motor_that_stalls_while_backing_off_stops_and_waits() {
    let mut world = locking(1);
    let _ = world.stall();
    let _ = world.after(SETTLE_MS);
    assert_eq!(world.stall().motor, Some(Drive::Stop));
    assert_eq!(world.status().motion, Motion::Pausing);
}

#[test]
fn a_bolt_that_slips_home_during_the_relief_has_arrived() {
    let mut world = locking(1);
    let _ = world.stall();
    let _ = world.after(SETTLE_MS);
    let effects = world.bolt(BoltPosition::Extended);
    assert_eq!(effects.motor, Some(Drive::Stop));
    assert!(world.status().is_locked());
}

#[test]
fn the_same_order_again_gets_no_new_attempts() {
    let mut world = locking(1);
    let _ = world.stall();
    let effects = world.lock();
    assert_eq!((effects.motor, effects.superseded.map(|id| id.0)), (None, Some(1)));
    let _ = world.after(SETTLE_MS);
    let _ = world.after(RELIEF_MS);
    let _ = world.after(BACK_OFF_MS[0]);
    assert_eq!(world.stall().finished.map(|finished| finished.outcome), Some(Outcome::Jammed));
}

#[test]
fn the_other_order_starts_at_once_from_relief_and_from_the_wait() {
    for millis in [0, SETTLE_MS, SETTLE_MS + RELIEF_MS] {
        let mut world = locking(3);
        let _ = world.stall();
        let _ = world.after(millis);
        let effects = world.unlock();
        assert_eq!(effects.motor, Some(Drive::Retract), "{millis}");
        assert_eq!(world.status().motion, Motion::Retracting);
        assert_eq!(world.bolt(BoltPosition::Retracted).finished.unwrap().command.0, 2);
    }
}

#[test]
fn a_bolt_that_never_moved_under_a_free_running_motor_is_not_coupled() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.lock();
    let effects = world.after(MOTOR_LIMIT_MS);
    assert_eq!(world.fault(), Fault::ClutchFailed);
    assert!(effects.alarms.contains(Alarm::ClutchFailed));
    assert_eq!(effects.finished.map(|finished| finished.outcome), Some(Outcome::TimedOut));
}

#[test]
fn a_bolt_that_moved_and_did_not_arrive_has_run_out_of_time() {
    let mut world = locking(0);
    let _ = world.after(MOTOR_LIMIT_MS);
    assert_eq!(world.fault(), Fault::MotorTimeout);
}

#[test]
fn a_bolt_that_nobody_sees_is_the_sensors_fault() {
    let mut world = World::new();
    let _ = world.inside(InsideButton::Unlock);
    let effects = world.after(MOTOR_LIMIT_MS);
    assert_eq!(world.fault(), Fault::BoltSensor);
    assert!(effects.alarms.contains(Alarm::SensorFault));
}

#[test]
fn a_learned_travel_shortens_the_time_that_a_drive_may_take() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.order(Deed::Calibrate).unwrap();
    world.wait(800);
    let _ = world.bolt(BoltPosition::Extended);
    world.wait(600);
    let _ = world.bolt(BoltPosition::Retracted);
    let _ = world.lock();
    assert_eq!(world.after(2 * 800 + 499).motor, None);
    assert_eq!(world.after(1).motor, Some(Drive::Stop));
}
