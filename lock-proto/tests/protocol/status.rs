//! Section 7.3: when a door may be called locked.

use crate::strategies::{BOLTS, FAULTS, MOTIONS, status};
use lock_proto::{BoltPosition, DoorPosition, Fact, Fault, Motion, Status};
use proptest::prelude::*;

#[test]
fn locked_is_said_of_one_combination_only() {
    let mut locked = Vec::new();
    for bolt in BOLTS {
        for motion in MOTIONS {
            for fault in FAULTS {
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
    assert!(thrown(DoorPosition::Closed).is_locked());
    assert!(thrown(DoorPosition::Unknown).is_locked(), "a lock without a door sensor answers for its bolt");
    assert!(!thrown(DoorPosition::Open).is_locked());
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
            && status.door.value != DoorPosition::Open;
        prop_assert_eq!(status.is_locked(), evidence);
    }
}
