//! A silent bolt sensor: people are let in, nothing is called a jam for it, and nothing is said that nobody saw.

use lock_proto::{
    Alarm, BoltPosition, CommandId, DriveEnd, Fault, Latch, LatchPosition, Motion, Outcome, Part, Policy,
    RemoteAtUnknown, Seconds, Setting,
};
use lock_state::{BACK_OFF_MS, Deed, Drive, Effects, MOTOR_LIMIT_MS, RELIEF_MS, SETTLE_MS, Source};

use crate::peers::live_holder;
use crate::world::{RIGHT, World, code_in};

/// The learned travel of [`learned`], in milliseconds.
const TRAVEL: u64 = 1_000;

/// A lock with a latch and four attempts, as made: no travel learned, the sensor silent since the boot.
fn silent() -> World {
    let mut world = World::with_bolt(BoltPosition::Unknown);
    world.configure(code_in(2, None, RIGHT));
    world.configure(Setting::AutoRelock(Seconds(30)));
    world.mechanics(|mechanics| (mechanics.latch, mechanics.retries) = (Latch::Sensed, 3));
    let _ = world.latch(LatchPosition::Engaged);
    world
}

/// The same with a learned travel, booted again with a silent sensor.
fn learned() -> World {
    let mut world = silent();
    let _ = world.bolt(BoltPosition::Retracted);
    let _ = world.order(Deed::Calibrate).unwrap();
    for end in [BoltPosition::Extended, BoltPosition::Retracted] {
        world.wait(TRAVEL);
        let _ = world.bolt(end);
    }
    assert_eq!(world.lock.upkeep(world.now).travel.map(|travel| travel.retract_ms), Some(1_000));
    world.reboot();
    let _ = world.latch(LatchPosition::Engaged);
    world
}

fn holder(world: &mut World, deed: Deed) -> Effects {
    let order = world.next_order(deed, Source::VirtualKey);
    world.lock.order(live_holder(order), world.now).unwrap()
}

/// Stalls each attempt at once, until the last one ends.
fn exhaust(world: &mut World) -> Effects {
    for wait in BACK_OFF_MS {
        assert_eq!(world.stall().motor, Some(Drive::Stop));
        assert_eq!(world.after(SETTLE_MS).motor, Some(Drive::Extend));
        assert_eq!(world.after(RELIEF_MS).motor, Some(Drive::Stop));
        assert_eq!(world.after(wait).motor, Some(Drive::Retract));
    }
    world.stall()
}

fn outcome(effects: &Effects) -> Option<(CommandId, Outcome)> {
    effects.finished.map(|finished| (finished.command, finished.outcome))
}

#[test]
fn a_code_at_a_silent_sensor_pulls_the_latch_after_one_drive_and_is_no_jam() {
    let mut world = silent();
    assert_eq!(world.code(RIGHT).unwrap().motor, Some(Drive::Retract));
    world.wait(900);
    let effects = world.stall();
    assert_eq!(effects.motor, Some(Drive::PullLatch));
    assert_eq!(effects.alarms.iter().collect::<Vec<_>>(), [Alarm::SensorFault]);
    assert_eq!((world.fault(), world.status().motion), (Fault::BoltSensor, Motion::Unlatching));
    assert_eq!(world.latch(LatchPosition::Held).motor, Some(Drive::Stop));
    let status = world.status();
    assert_eq!((status.bolt.value, status.fault.value), (BoltPosition::Unknown, Fault::BoltSensor));
    assert!(!status.is_locked());
    let health = world.lock.health(world.now);
    assert_eq!(health.parts.bolt_sensor, Part::Silent);
    assert_eq!(health.motor.stalls, 0);
    assert_eq!(health.motor.last[0].map(|drive| (drive.end, drive.attempts)), Some((DriveEnd::TimedOut, 1)));
}

#[test]
fn a_stall_is_the_sensors_from_three_quarters_of_the_learned_travel_on() {
    for (after, is_early) in
        [(TRAVEL * 3 / 4 - 1, true), (TRAVEL * 3 / 4, false), (TRAVEL * 3 / 4 + 1, false)]
    {
        let mut world = learned();
        let _ = world.code(RIGHT).unwrap();
        world.wait(after);
        let effects = world.stall();
        assert_eq!(effects.motor, Some(if is_early { Drive::Stop } else { Drive::PullLatch }), "{after}");
        assert_eq!(world.status().motion, if is_early { Motion::Pausing } else { Motion::Unlatching });
        assert_eq!(world.fault(), if is_early { Fault::None } else { Fault::BoltSensor });
    }
}

#[test]
fn early_stalls_are_a_jam_and_the_latch_is_pulled_all_the_same() {
    let mut world = learned();
    let _ = world.code(RIGHT).unwrap();
    let effects = exhaust(&mut world);
    assert_eq!((effects.motor, world.fault()), (Some(Drive::PullLatch), Fault::Jammed));
    assert!(effects.alarms.contains(Alarm::Jammed));
}

#[test]
fn a_motor_that_runs_on_at_a_silent_sensor_pulls_the_latch_at_the_end_of_its_time() {
    let mut world = silent();
    let _ = world.code(RIGHT).unwrap();
    let effects = world.after(MOTOR_LIMIT_MS);
    assert_eq!((effects.motor, world.fault()), (Some(Drive::PullLatch), Fault::BoltSensor));
}

#[test]
fn an_unlatch_that_no_sensor_saw_ends_once_and_never_as_done() {
    let mut world = silent();
    assert_eq!(holder(&mut world, Deed::Unlatch).motor, Some(Drive::Retract));
    let effects = world.stall();
    assert_eq!(effects.motor, Some(Drive::PullLatch));
    assert_eq!(outcome(&effects), Some((CommandId(1), Outcome::TimedOut)));
    assert_eq!(outcome(&world.latch(LatchPosition::Held)), None);
    // Asked again while the latch is held: the bolt is driven again behind a latch that was let go, and nobody says that it is done.
    let effects = holder(&mut world, Deed::Unlatch);
    assert_eq!((effects.motor, outcome(&effects)), (Some(Drive::ReleaseLatch), None));
    assert_eq!(world.latch(LatchPosition::Engaged).motor, Some(Drive::Retract));
    let effects = world.stall();
    assert_eq!(effects.motor, Some(Drive::PullLatch));
    assert_eq!(outcome(&effects), Some((CommandId(2), Outcome::TimedOut)));
}

#[test]
fn the_latch_is_not_pulled_from_afar_behind_a_bolt_that_no_sensor_saw() {
    let mut world = silent();
    let policy = Policy { remote_at_unknown: RemoteAtUnknown::Permit, ..Policy::default() };
    world.configure(Setting::Policy(policy));
    assert_eq!(world.order(Deed::Unlatch).unwrap().motor, Some(Drive::Retract));
    let effects = world.stall();
    assert_eq!(
        (effects.motor, outcome(&effects)),
        (Some(Drive::Stop), Some((CommandId(1), Outcome::TimedOut)))
    );
    assert_eq!((world.fault(), world.status().motion), (Fault::BoltSensor, Motion::Still));
}

#[test]
fn a_bolt_that_may_be_withdrawn_is_thrown_once_after_the_delay() {
    let mut world = silent();
    let _ = holder(&mut world, Deed::Unlock);
    let _ = world.stall();
    assert_eq!(world.status().relock_in, Some(Seconds(30)));
    assert_eq!(world.after(30_000).motor, Some(Drive::Extend));
    let effects = world.stall();
    assert_eq!((effects.motor, world.fault()), (Some(Drive::Stop), Fault::BoltSensor));
    assert!(!world.status().is_locked());
    assert_eq!(world.after(24 * 3_600_000).motor, None, "it does not grind on");
}

#[test]
fn a_lock_at_a_silent_sensor_is_not_said_to_be_done() {
    let mut world = silent();
    assert_eq!(world.lock().motor, Some(Drive::Extend));
    let effects = world.stall();
    assert_eq!(outcome(&effects), Some((CommandId(1), Outcome::TimedOut)));
    assert_eq!((world.fault(), world.status().relock_in), (Fault::BoltSensor, None));
    assert!(!world.status().is_locked());
}

#[test]
fn a_sensor_that_falls_silent_on_the_way_is_judged_as_one_that_was_silent_before() {
    let mut world = silent();
    let _ = world.bolt(BoltPosition::Extended);
    let _ = world.code(RIGHT).unwrap();
    let _ = world.bolt(BoltPosition::Unknown);
    assert_eq!((world.stall().motor, world.fault()), (Some(Drive::PullLatch), Fault::BoltSensor));
}

#[test]
fn a_sensor_that_speaks_again_at_an_end_takes_the_fault_back() {
    let mut world = silent();
    let _ = world.code(RIGHT).unwrap();
    let _ = world.stall();
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!((world.fault(), world.lock.health(world.now).parts.bolt_sensor), (Fault::None, Part::Good));
}
