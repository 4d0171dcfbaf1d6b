use lock_core::proto::{BoltPosition, LatchPosition};
use lock_core::state::{DoorReading, TamperContact};

use super::*;

/// Lets the world run until everything rests; each switch reading with its moment.
fn run(world: &mut World) -> Vec<(u64, BoltPosition)> {
    let mut seen = Vec::new();
    while let Some(next) = world.next_change() {
        world.advance(next);
        if seen.last().is_none_or(|(_, last)| *last != world.bolt_sensor()) {
            seen.push((next.0, world.bolt_sensor()));
        }
    }
    seen
}

#[test]
fn the_motor_needs_nine_hundred_milliseconds_from_end_to_end_and_stalls_at_the_end() {
    let mut world = World::new(Moment(0));
    world.drive(Drive::Extend);
    let seen = run(&mut world);
    assert_eq!(seen, [(21, BoltPosition::Between), (880, BoltPosition::Extended)]);
    assert_eq!((world.now(), world.truth().bolt_micrometres), (Moment(TRAVEL_MILLIS + 60), THROW));
    assert!(world.take_stall() && !world.take_stall() && !world.motor_runs());
}

#[test]
fn one_long_step_ends_where_many_short_ones_do() {
    let (mut long, mut short) = (World::new(Moment(0)), World::new(Moment(0)));
    long.drive(Drive::Extend);
    short.drive(Drive::Extend);
    long.advance(Moment(5_000));
    (1..=5_000).for_each(|millis| short.advance(Moment(millis)));
    assert_eq!(long.snapshot(), short.snapshot());
    assert_eq!((long.take_stall(), short.take_stall()), (true, true));
}

#[test]
fn power_that_fails_leaves_the_bolt_where_it_is_and_a_hand_moves_it_on() {
    let mut world = World::new(Moment(0));
    world.drive(Drive::Extend);
    world.advance(Moment(450));
    world.lose_power();
    world.advance(Moment(10_000));
    assert_eq!(world.truth().bolt_micrometres, THROW / 2);
    let mut world = World::restore(&world.snapshot(), Moment(0));
    assert_eq!(world.bolt_sensor(), BoltPosition::Between);
    world.turn(Side::Thrown).unwrap();
    assert_eq!(run(&mut world), [(144, BoltPosition::Extended)]);
    assert_eq!(world.truth().motor_runs, 1);
}

#[test]
fn a_misaligned_strike_stops_the_motor_and_a_stall_is_seen_sixty_milliseconds_later() {
    let mut world = World::new(Moment(0));
    world.set_strike(Strike::Misaligned);
    world.drive(Drive::Extend);
    run(&mut world);
    assert!(world.take_stall());
    assert_eq!((world.now(), world.truth().bolt_micrometres), (Moment(600 + 60), OBSTACLE));
    world.drive(Drive::Retract);
    assert_eq!(run(&mut world).last().unwrap().1, BoltPosition::Retracted);
}

#[test]
fn a_bound_bolt_resists_the_motor_and_yields_to_a_hand() {
    let mut world = World::new(Moment(0));
    world.turn(Side::Thrown).unwrap();
    run(&mut world);
    world.set_strike(Strike::Misaligned);
    world.drive(Drive::Retract);
    run(&mut world);
    assert_eq!((world.take_stall(), world.bolt_sensor()), (true, BoltPosition::Extended));
    world.turn(Side::Withdrawn).unwrap();
    run(&mut world);
    assert_eq!(world.bolt_sensor(), BoltPosition::Retracted);
}

#[test]
fn the_door_neither_opens_nor_closes_past_a_thrown_bolt() {
    let mut world = World::new(Moment(0));
    world.move_door(Door::Open).unwrap();
    world.turn(Side::Thrown).unwrap();
    run(&mut world);
    assert_eq!(world.move_door(Door::Closed), Err(BoltInTheWay));
    assert_eq!(world.door_sensor(), DoorReading::Open);
}

#[test]
fn a_hand_does_not_turn_against_the_motor() {
    let mut world = World::new(Moment(0));
    world.drive(Drive::Extend);
    assert_eq!(world.turn(Side::Withdrawn), Err(MotorHolds));
}

#[test]
fn the_battery_sags_under_the_motor_and_each_run_takes_a_little() {
    let mut world = World::new(Moment(0));
    let before = world.battery_sensor();
    world.drive(Drive::Extend);
    world.advance(Moment(100));
    assert_eq!(world.battery_sensor(), Millivolts(before.0 - 240 - 1));
    world.advance(Moment(930));
    assert_eq!(world.battery_sensor(), Millivolts(before.0 - 960 - 1));
    run(&mut world);
    assert_eq!(world.battery_sensor(), Millivolts(before.0 - 1));
}

#[test]
fn an_empty_battery_does_not_move_the_bolt() {
    let mut world = World::new(Moment(0));
    world.replace_battery(Millivolts(3_400));
    world.drive(Drive::Extend);
    run(&mut world);
    assert_eq!((world.take_stall(), world.truth().bolt_micrometres), (true, 0));
}

#[test]
fn the_keypad_keeps_four_presses() {
    let mut world = World::new(Moment(0));
    (0..5).for_each(|_| world.press(Press::LockButton));
    assert_eq!(std::iter::from_fn(|| world.take_press()).count(), 4);
}

#[test]
fn a_clutch_that_slips_lets_the_motor_turn_for_ever_and_the_bolt_stay() {
    let mut world = World::new(Moment(0));
    world.set_gearing(Gearing::Slipping);
    world.drive(Drive::Extend);
    assert_eq!(world.next_change(), None);
    world.advance(Moment(5_000));
    assert_eq!(world.truth().bolt_micrometres, 0);
    assert!(world.motor_runs() && !world.take_stall());
    world.turn(Side::Thrown).expect_err("the motor holds the thumb-turn as long as it runs");
    world.drive(Drive::Stop);
    world.turn(Side::Thrown).unwrap();
    run(&mut world);
    assert_eq!(world.bolt_sensor(), BoltPosition::Extended);
}

#[test]
fn the_lowest_voltage_of_a_drive_is_told_once_and_after_it() {
    let mut world = World::new(Moment(0));
    world.set_strike(Strike::Misaligned);
    world.drive(Drive::Extend);
    world.advance(Moment(300));
    assert_eq!(world.take_lowest(), None, "it still runs");
    run(&mut world);
    let lowest = world.take_lowest().expect("it ran");
    assert!(lowest < world.battery_sensor(), "{lowest:?} at the stall, {:?} at rest", world.battery_sensor());
    assert_eq!(world.take_lowest(), None);
}

#[test]
fn a_door_that_is_broken_open_leaves_the_bolt_thrown_and_does_not_close_over_it() {
    let mut world = World::new(Moment(0));
    world.turn(Side::Thrown).unwrap();
    run(&mut world);
    world.break_open();
    assert_eq!((world.door_sensor(), world.bolt_sensor()), (DoorReading::Open, BoltPosition::Extended));
    assert_eq!(world.move_door(Door::Closed), Err(BoltInTheWay));
}

#[test]
fn a_broken_wire_silences_the_contact_of_the_door_and_nothing_else() {
    let mut world = World::new(Moment(0));
    world.set_door_wiring(Wiring::Broken);
    assert_eq!((world.door_sensor(), world.bolt_sensor()), (DoorReading::Silent, BoltPosition::Retracted));
    world.set_door_wiring(Wiring::Whole);
    assert_eq!(world.door_sensor(), DoorReading::Closed);
}

#[test]
fn a_case_without_a_latch_has_none_to_sense_and_none_to_pull() {
    let mut world = World::new(Moment(0));
    world.drive(Drive::PullLatch);
    run(&mut world);
    assert_eq!(world.latch_sensor(), LatchPosition::Held);
    world.set_case(Case::Deadbolt);
    world.drive(Drive::PullLatch);
    assert_eq!((world.latch_sensor(), world.next_change()), (LatchPosition::Unknown, None));
    world.set_case(Case::WithLatch);
    assert_eq!(world.latch_sensor(), LatchPosition::Engaged, "it was not pulled");
}

#[test]
fn a_cover_is_sensed_where_there_is_a_contact_under_it() {
    let mut world = World::new(Moment(0));
    assert_eq!(world.cover_sensor(), None);
    world.set_cover(Cover::Mounted);
    assert_eq!(world.cover_sensor(), Some(TamperContact::Closed));
    world.set_cover(Cover::Off);
    let world = World::restore(&world.snapshot(), Moment(0));
    assert_eq!(world.cover_sensor(), Some(TamperContact::Open));
}

#[test]
fn a_weak_battery_browns_out_under_a_blocked_motor_and_holds_under_one_that_turns() {
    let mut world = World::new(Moment(0));
    world.set_strike(Strike::Misaligned);
    world.drain(Millivolts(2_300));
    world.drive(Drive::Extend);
    world.advance(Moment(600));
    assert!(!world.take_brown_out(), "it turns up to the obstacle");
    world.advance(Moment(601));
    assert!(world.take_brown_out() && !world.take_brown_out());
    world.lose_power();
    assert!(world.can_start(), "at rest it recovers");
}

#[test]
fn an_empty_battery_browns_out_at_rest_and_starts_a_little_above_it() {
    let browned_out = |millivolts| {
        let mut world = World::new(Moment(0));
        world.replace_battery(Millivolts(millivolts));
        world.advance(Moment(1));
        (world.take_brown_out(), world.can_start())
    };
    assert_eq!(browned_out(RUNS_FROM.0 - 1), (true, false));
    assert_eq!(browned_out(RUNS_FROM.0), (false, false));
    assert_eq!(browned_out(STARTS_FROM.0 - 1), (false, false));
    assert_eq!(browned_out(STARTS_FROM.0), (false, true));
}

#[test]
fn worn_gears_take_twice_as_long_and_arrive() {
    let mut world = World::new(Moment(0));
    world.set_wear(Wear::Heavy);
    world.drive(Drive::Extend);
    run(&mut world);
    assert_eq!((world.now(), world.truth().bolt_micrometres), (Moment(2 * TRAVEL_MILLIS + 60), THROW));
}

#[test]
fn a_leak_empties_the_battery_while_nothing_moves() {
    let mut world = World::new(Moment(0));
    let before = world.battery_sensor();
    world.set_leak(12);
    world.advance(Moment(24 * 3_600_000));
    assert_eq!(world.battery_sensor(), Millivolts(before.0 - 1_037));
}
