//! Home Assistant's strings.

use lock_proto::{
    BatteryLevel, BoltPosition, Calibration, DoorState, Fault, LatchPosition, Motion, Part, Status, Target,
};
use lock_state::mapping::home_assistant::*;

use crate::everything::{at, fact};

#[test]
fn each_motion_has_its_word() {
    for (motion, state) in [
        (Motion::Still, LockEntityState::Unlocked),
        (Motion::Extending, LockEntityState::Locking),
        (Motion::Retracting, LockEntityState::Unlocking),
        (Motion::Unlatching, LockEntityState::Opening),
        (Motion::HoldingLatch, LockEntityState::Open),
        (Motion::Releasing, LockEntityState::Unlocked),
    ] {
        let status = Status { motion, ..at(BoltPosition::Retracted) };
        assert_eq!(lock_state(&status), Some(state), "{motion:?}");
    }
}

#[test]
fn between_two_attempts_the_drive_is_still_under_way() {
    for motion in [Motion::Relieving, Motion::Pausing] {
        for (target, state) in [
            (Target::None, LockEntityState::Unlocked),
            (Target::Locked, LockEntityState::Locking),
            (Target::Unlocked, LockEntityState::Unlocking),
            (Target::Unlatched, LockEntityState::Opening),
        ] {
            let status = Status { motion, target: fact(target), ..at(BoltPosition::Between) };
            assert_eq!(lock_state(&status), Some(state), "{motion:?} {target:?}");
        }
    }
}

#[test]
fn a_latch_that_is_pulled_back_is_open() {
    let status = Status { latch: fact(LatchPosition::Held), ..at(BoltPosition::Retracted) };
    assert_eq!(lock_state(&status), Some(LockEntityState::Open));
}

#[test]
fn a_jam_stays_jammed_while_the_motor_tries_again() {
    let status =
        Status { fault: fact(Fault::Jammed), motion: Motion::Extending, ..at(BoltPosition::Between) };
    assert_eq!(lock_state(&status), Some(LockEntityState::Jammed));
}

#[test]
fn the_strings_are_home_assistants() {
    assert_eq!(
        LockEntityState::ALL.map(LockEntityState::as_str),
        ["locked", "locking", "unlocked", "unlocking", "open", "opening", "jammed"]
    );
    assert_eq!([BinaryState::On, BinaryState::Off].map(BinaryState::as_str), ["on", "off"]);
}

#[test]
fn an_open_door_is_on_and_an_unknown_one_unknown() {
    for state in DoorState::ALL {
        let expected = match state {
            DoorState::Unknown | DoorState::Faulty => None,
            DoorState::Closed => Some(BinaryState::Off),
            DoorState::Open | DoorState::Ajar | DoorState::Forced => Some(BinaryState::On),
        };
        assert_eq!(door(state), expected);
        assert_eq!(expected == Some(BinaryState::On), state.is_open());
    }
}

#[test]
fn the_battery_is_on_when_low_and_unknown_is_not_low() {
    let states = BatteryLevel::ALL.map(battery);
    assert_eq!(states, [None, Some(BinaryState::Off), Some(BinaryState::On), Some(BinaryState::On)]);
}

#[test]
fn a_cover_that_is_off_is_tampered_with() {
    let states = Part::ALL.map(tamper);
    assert_eq!(states, [None, Some(BinaryState::Off), Some(BinaryState::On), Some(BinaryState::On)]);
}

#[test]
fn any_fault_is_a_problem() {
    assert_eq!(problem(&at(BoltPosition::Extended)), BinaryState::Off);
    for fault in Fault::ALL {
        let status = Status { fault: fact(fault), ..at(BoltPosition::Extended) };
        assert_eq!(problem(&status) == BinaryState::On, fault != Fault::None);
    }
    let door = Status { door: fact(DoorState::Faulty), ..at(BoltPosition::Extended) };
    let travel = Status { calibration: fact(Calibration::Failed), ..at(BoltPosition::Extended) };
    assert_eq!([problem(&door), problem(&travel)], [BinaryState::On; 2]);
}
