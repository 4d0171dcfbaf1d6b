//! A supply that breaks down under the motor: the lock does not repeat by itself what brought it down, over any number of boots.

use lock_proto::{
    Alarm, BatteryLevel, BoltPosition, Cause, CriticalBattery, Holiday, Millivolts, Mode, Policy, Put,
    Reason, Seconds, Setting, Target, UnixMillis,
};
use lock_state::{Deed, DoorReading, Drive, Effects, Indication, Initiative, InsideButton, PowerReading};

use crate::world::{NOON, RIGHT, World};

const DELAY: u64 = 30_000;
const HOUR: u64 = 3_600_000;

/// Withdrawn behind a closed door, on weak cells, with a relock after 30 s.
fn unlocked() -> World {
    let mut world = World::furnished(BoltPosition::Retracted, Seconds(30));
    let _ = world.battery(4_800);
    world
}

/// The supply breaks down; the lock boots, tells of it, and senses what there is.
fn boot(world: &mut World, bolt: BoltPosition) -> Effects {
    world.brown_out();
    let told = world.lock.handle_timeout(world.now);
    let _ = world.bolt(bolt);
    let _ = world.door(DoorReading::Closed);
    told
}

/// The relock drives into the jam, and the supply breaks down under it.
fn broken_down() -> World {
    let mut world = unlocked();
    assert_eq!(world.after(DELAY).motor, Some(Drive::Extend));
    let _ = boot(&mut world, BoltPosition::Between);
    world
}

fn level(world: &World) -> BatteryLevel {
    world.lock.health(world.now).power.level
}

#[test]
fn a_relock_that_a_brown_out_cut_is_not_tried_again_over_any_number_of_boots() {
    let mut world = broken_down();
    for _ in 0..12 {
        assert_eq!(world.after(HOUR).motor, None);
        assert_eq!(world.status().relock_in, None);
        assert!(world.saved().relock_remaining.is_some(), "it is held, not forgotten");
        let _ = boot(&mut world, BoltPosition::Between);
    }
    // Nor after a boot for another reason.
    world.reboot();
    let _ = world.bolt(BoltPosition::Between);
    let _ = world.door(DoorReading::Closed);
    assert_eq!(world.after(HOUR).motor, None);
}

#[test]
fn a_relock_that_waits_is_held_after_any_brown_out() {
    let mut world = unlocked();
    let _ = boot(&mut world, BoltPosition::Retracted);
    assert_eq!((world.after(HOUR).motor, level(&world)), (None, BatteryLevel::Unknown));
}

#[test]
fn a_brown_out_under_the_motor_is_a_critical_battery_and_says_so_once() {
    let mut world = unlocked();
    assert!(world.after(DELAY).save, "that the motor is at work is stored");
    assert_eq!(world.saved().initiative, Initiative::Driving);
    let told = boot(&mut world, BoltPosition::Between);
    assert_eq!(told.alarms.iter().collect::<Vec<_>>(), [Alarm::BatteryCritical]);
    assert_eq!(told.indicate, Some(Indication::BatteryLow));
    assert!(told.save && told.save_upkeep && told.changed);
    assert_eq!((level(&world), world.saved().initiative), (BatteryLevel::Critical, Initiative::Held));
    let target = world.status().target;
    assert_eq!((target.value, target.cause), (Target::None, Cause::Battery));
    assert_eq!(world.order(Deed::Lock).unwrap_err().reason, Reason::BatteryCritical);
    // A reading at rest proves nothing, neither now nor after the next boot.
    let _ = world.battery(4_800);
    assert_eq!(level(&world), BatteryLevel::Critical);
    world.reboot();
    let _ = world.battery(4_800);
    assert_eq!(level(&world), BatteryLevel::Critical);
    // One under the motor does.
    let _ = world.lock.power_read(PowerReading::loaded(Millivolts(4_000)), world.now);
    assert_eq!(level(&world), BatteryLevel::Good);
}

#[test]
fn the_record_before_an_order_counts_as_the_drive_and_needs_no_second_one() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    world.lock.expect_order();
    assert_eq!(world.saved().initiative, Initiative::Driving);
    let effects = world.unlock();
    assert_eq!((effects.motor, effects.save), (Some(Drive::Retract), false));
    let mut world = World::with_bolt(BoltPosition::Extended);
    world.lock.expect_order();
    assert_eq!(boot(&mut world, BoltPosition::Extended).alarms.iter().next(), Some(Alarm::BatteryCritical));
    // The order was not given after all: the next input takes it back.
    let mut world = World::with_bolt(BoltPosition::Extended);
    world.lock.expect_order();
    assert!(world.battery(6_000).save);
    assert_eq!(world.saved().initiative, Initiative::Free);
}

#[test]
fn a_brown_out_while_the_motor_rests_says_nothing_of_the_battery_under_it() {
    let mut world = unlocked();
    assert_eq!(boot(&mut world, BoltPosition::Retracted).alarms.iter().next(), None);
    let _ = world.battery(4_800);
    assert_eq!(level(&world), BatteryLevel::Good);
}

#[test]
fn a_power_cut_during_a_drive_says_nothing_of_the_battery() {
    let mut world = unlocked();
    let _ = world.after(DELAY);
    world.reboot();
    let _ = world.bolt(BoltPosition::Between);
    let _ = world.battery(4_800);
    assert_eq!((level(&world), world.saved().initiative), (BatteryLevel::Good, Initiative::Free));
    assert_eq!(world.after(DELAY).motor, Some(Drive::Extend));
}

#[test]
fn a_door_that_moves_lets_the_relock_go_on() {
    let mut world = unlocked();
    let _ = boot(&mut world, BoltPosition::Retracted);
    let _ = world.door(DoorReading::Silent);
    let _ = world.door(DoorReading::Closed);
    assert_eq!(world.after(HOUR).motor, None, "a sensor that speaks again is no door that moves");
    let _ = world.door(DoorReading::Open);
    let _ = world.door(DoorReading::Closed);
    assert_eq!(world.after(DELAY).motor, Some(Drive::Extend));
}

#[test]
fn an_order_is_carried_out_and_lets_the_relock_after_it_go_on() {
    type Order = fn(&mut World) -> Effects;
    let orders: [Order; 3] =
        [World::unlock, |world| world.code(RIGHT).unwrap(), |world| world.inside(InsideButton::Unlock)];
    for order in orders {
        let mut world = unlocked();
        let _ = boot(&mut world, BoltPosition::Between);
        assert_eq!(order(&mut world).motor, Some(Drive::Retract));
        let _ = world.bolt(BoltPosition::Retracted);
        assert_eq!(world.saved().initiative, Initiative::Free);
        assert_eq!(world.after(DELAY).motor, Some(Drive::Extend));
    }
}

#[test]
fn other_cells_let_the_relock_go_on_and_are_not_called_critical() {
    let mut world = broken_down();
    let _ = world.battery(4_800);
    assert_eq!(world.after(HOUR).motor, None);
    let _ = world.battery(6_300);
    assert_eq!((level(&world), world.saved().initiative), (BatteryLevel::Good, Initiative::Free));
    assert_eq!(world.after(DELAY).motor, Some(Drive::Extend));
}

#[test]
fn the_policy_does_not_withdraw_the_bolt_on_cells_that_broke_down() {
    let mut world = unlocked();
    let policy = Policy { critical_battery: CriticalBattery::FailSafe, ..Policy::default() };
    world.configure(Setting::Policy(policy));
    let _ = world.after(DELAY);
    assert_eq!(boot(&mut world, BoltPosition::Between).motor, None);
    assert_eq!(world.battery(3_000).motor, None);
}

#[test]
fn a_holiday_that_frees_the_passage_does_not_drive_after_a_brown_out() {
    for (breaks_down, motor) in [(false, Some(Drive::Retract)), (true, None)] {
        let mut world = World::with_bolt(BoltPosition::Extended);
        let until = UnixMillis(NOON.0 + HOUR);
        let holiday = Holiday { from: NOON, until, mode: Some(Mode::Passage) };
        world.configure(Setting::SetHoliday { slot: 0, put: Put::Add, holiday });
        if breaks_down {
            let _ = boot(&mut world, BoltPosition::Extended);
        }
        assert_eq!(world.time(UnixMillis(NOON.0 + 1_000), 0).unwrap().motor, motor);
        assert_eq!(world.status().mode.value, Mode::Passage);
    }
}
