//! What holds in every ecosystem: locked is said there exactly where it is said here.

use lock_proto::{BoltPosition, DoorState, Fault, Status};
use lock_state::mapping::home_assistant::{self, LockEntityState};
use lock_state::mapping::matter::{self, LockState};
use lock_state::mapping::zwave::{self, CONDITION_BOLT_UNLOCKED, DoorLockMode};
use proptest::prelude::*;

use crate::everything::{any_status, at, fact};

/// By Matter, Home Assistant, Z-Wave's mode and Z-Wave's condition.
fn says_locked(status: &Status) -> [bool; 4] {
    [
        matter::lock_state(status) == Some(LockState::Locked),
        home_assistant::lock_state(status) == Some(LockEntityState::Locked),
        zwave::door_lock_mode(status) == DoorLockMode::Secured,
        zwave::door_condition(status) & CONDITION_BOLT_UNLOCKED == 0,
    ]
}

#[test]
fn a_thrown_bolt_at_rest_in_a_closed_door_is_locked_everywhere() {
    assert_eq!(says_locked(&at(BoltPosition::Extended)), [true; 4]);
}

#[test]
fn a_fault_is_locked_nowhere() {
    for fault in Fault::ALL.into_iter().filter(|&fault| fault != Fault::None) {
        for bolt in BoltPosition::ALL {
            let status = Status { fault: fact(fault), ..at(bolt) };
            assert_eq!(says_locked(&status), [false; 4], "{fault:?} {bolt:?}");
        }
    }
}

#[test]
fn a_bolt_thrown_in_an_open_door_is_locked_nowhere() {
    for door in DoorState::ALL.into_iter().filter(|door| door.is_open()) {
        let status = Status { door: fact(door), ..at(BoltPosition::Extended) };
        assert_eq!(says_locked(&status), [false; 4], "{door:?}");
    }
}

#[test]
fn a_position_that_is_not_known_is_said_nowhere() {
    let status = at(BoltPosition::Unknown);
    assert_eq!(matter::lock_state(&status), None);
    assert_eq!(home_assistant::lock_state(&status), None);
    assert_eq!(zwave::door_lock_mode(&status), DoorLockMode::Unknown);
}

#[test]
fn a_silent_sensor_is_not_known_whatever_it_said_last() {
    for bolt in BoltPosition::ALL {
        let status = Status { fault: fact(Fault::BoltSensor), ..at(bolt) };
        assert_eq!(matter::lock_state(&status), None);
        assert_eq!(home_assistant::lock_state(&status), None);
        assert_eq!(zwave::door_lock_mode(&status), DoorLockMode::Unknown);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    #[test]
    fn locked_is_said_there_exactly_where_it_is_said_here(status in any_status()) {
        prop_assert_eq!(says_locked(&status), [status.is_locked(); 4]);
    }

    #[test]
    fn unlocked_is_said_by_numbers_only_on_evidence(status in any_status()) {
        let is_withdrawn = status.bolt.value == BoltPosition::Retracted;
        let matter = matter::lock_state(&status);
        prop_assert!(is_withdrawn || !matches!(matter, Some(LockState::Unlocked | LockState::Unlatched)));
        let mode = zwave::door_lock_mode(&status);
        prop_assert!(is_withdrawn || matches!(mode, DoorLockMode::Secured | DoorLockMode::Unknown));
    }

    #[test]
    fn what_no_sensor_knows_is_unknown_by_number(status in any_status()) {
        if status.bolt.value == BoltPosition::Unknown || status.fault.value == Fault::BoltSensor {
            prop_assert_eq!(matter::lock_state(&status), None);
            prop_assert_eq!(zwave::door_lock_mode(&status), DoorLockMode::Unknown);
        }
    }

    #[test]
    fn a_jam_is_jammed_at_home_assistant_whatever_else_is_so(status in any_status()) {
        let is_jam =
            matches!(status.fault.value, Fault::Jammed | Fault::MotorTimeout | Fault::ClutchFailed);
        prop_assert_eq!(home_assistant::lock_state(&status) == Some(LockEntityState::Jammed), is_jam);
    }
}
