//! Section 7.3: when a door may be called locked.

use crate::strategies::status;
use lock_proto::{BoltPosition, DoorState, Fact, Fault, Motion, Status};
use proptest::prelude::*;

#[test]
fn locked_is_said_of_one_combination_only() {
    let mut locked = Vec::new();
    for bolt in BoltPosition::ALL {
        for motion in Motion::ALL {
            for fault in Fault::ALL {
                let status = Status {
                    bolt: Fact { value: bolt, ..Fact::default() },
                    motion,
                    fault: Fact { value: fault, ..Fact::default() },
                    ..Status::default()
                };
                locked.extend(status.is_locked().then_some((bolt, motion, fault)));
            }
        }
    }
    assert_eq!(locked, [(BoltPosition::Extended, Motion::Still, Fault::None)]);
}

#[test]
fn a_door_that_is_sensed_open_is_not_locked_whatever_the_bolt_does() {
    let thrown = |door| Status {
        bolt: Fact { value: BoltPosition::Extended, ..Fact::default() },
        door: Fact { value: door, ..Fact::default() },
        ..Status::default()
    };
    assert!(thrown(DoorState::Closed).is_locked());
    for unsensed in [DoorState::Unknown, DoorState::Faulty] {
        assert!(thrown(unsensed).is_locked(), "a lock without a door sensor answers for its bolt");
    }
    for open in [DoorState::Open, DoorState::Ajar, DoorState::Forced] {
        assert!(!thrown(open).is_locked(), "{open:?}");
    }
}

#[test]
fn a_lock_that_has_just_booted_is_not_called_locked() {
    assert!(!Status::default().is_locked());
}

proptest! {
    #[test]
    fn no_other_fact_makes_a_door_locked(status in status()) {
        let evidence = status.bolt.value == BoltPosition::Extended
            && status.motion == Motion::Still
            && status.fault.value == Fault::None
            && !matches!(status.door.value, DoorState::Open | DoorState::Ajar | DoorState::Forced);
        prop_assert_eq!(status.is_locked(), evidence);
    }
}
