//! Z-Wave's numbers.

use lock_proto::{
    Action, Alarm, BoltPosition, Cause, DoorState, LatchPosition, Reason, Seconds, Status, Target,
};
use lock_state::mapping::zwave::*;
use lock_state::power::Mains;

use crate::everything::{at, causes, fact};

#[test]
fn each_number_leads_back_to_its_member_and_no_other_does() {
    for mode in DoorLockMode::ALL {
        assert_eq!(DoorLockMode::from_number(mode.number()), Some(mode));
    }
    for notification in Notification::ALL {
        assert_eq!(Notification::from_number(notification.number()), Some(notification));
        assert_eq!(u16::from_be_bytes([notification.kind(), notification.event()]), notification.number());
    }
    assert_eq!((0..=u8::MAX).filter(|&number| DoorLockMode::from_number(number).is_some()).count(), 8);
}

#[test]
fn a_bolt_that_will_be_thrown_again_is_unsecured_with_a_timeout() {
    let status = at(BoltPosition::Retracted);
    assert_eq!(door_lock_mode(&status), DoorLockMode::Unsecured);
    let relocking = Status { relock_in: Some(Seconds(5)), ..status };
    assert_eq!(door_lock_mode(&relocking), DoorLockMode::UnsecuredWithTimeout);
}

#[test]
fn a_mode_that_is_set_is_the_mode_that_is_reported_when_it_is_done() {
    assert_eq!(action(DoorLockMode::Secured, Seconds(0)), Some(Action::Lock));
    assert_eq!(action(DoorLockMode::Unsecured, Seconds(0)), Some(Action::Unlock));
    let for_a_while = Some(Action::UnlockFor { delay: Seconds(90) });
    assert_eq!(action(DoorLockMode::UnsecuredWithTimeout, Seconds(90)), for_a_while);
}

#[test]
fn modes_of_handles_and_the_unknown_one_ask_for_nothing() {
    let none = DoorLockMode::ALL.into_iter().filter(|&mode| action(mode, Seconds(1)).is_none());
    assert_eq!(none.map(DoorLockMode::number).collect::<Vec<_>>(), [0x10, 0x11, 0x20, 0x21, 0xfe]);
}

#[test]
fn what_is_not_known_counts_as_open_and_unlocked_in_the_condition() {
    assert_eq!(door_condition(&at(BoltPosition::Extended)), CONDITION_DOOR_CLOSED | CONDITION_LATCH_CLOSED);
    let unknown = Status::default();
    assert_eq!(door_condition(&unknown), CONDITION_BOLT_UNLOCKED);
    let held = Status { latch: fact(LatchPosition::Held), ..at(BoltPosition::Retracted) };
    assert_eq!(door_condition(&held), CONDITION_DOOR_CLOSED | CONDITION_BOLT_UNLOCKED);
}

#[test]
fn a_locked_notification_is_only_of_a_lock_and_an_unlocked_one_only_of_an_unlock() {
    use Notification::*;
    for cause in causes() {
        assert_eq!(operation_notification(Target::None, cause), None);
        let locked = operation_notification(Target::Locked, cause);
        assert!(matches!(locked, None | Some(ManualLock | RfLock | KeypadLock | AutoLock | CredentialLock)));
        for target in [Target::Unlocked, Target::Unlatched] {
            let unlocked = operation_notification(target, cause);
            assert!(matches!(
                unlocked,
                None | Some(ManualUnlock | RfUnlock | KeypadUnlock | CredentialUnlock)
            ));
        }
        let failed = not_locked_notification(cause);
        assert!(matches!(failed, None | Some(ManualNotFullyLocked | RfNotFullyLocked | AutoNotFullyLocked)));
    }
}

#[test]
fn nobody_is_named_who_did_not_do_it() {
    for cause in [Cause::Unknown, Cause::Boot, Cause::Mechanism, Cause::Reset] {
        assert_eq!(operation_notification(Target::Locked, cause), None);
        assert_eq!(not_locked_notification(cause), None);
    }
}

#[test]
fn duress_is_not_told_to_whoever_stands_there() {
    assert_eq!(alarm_notification(Alarm::Duress), None);
}

#[test]
fn the_types_are_access_security_power_and_system() {
    for (alarm, number) in [
        (Alarm::Jammed, 0x060b),
        (Alarm::WrongCodeLimit, 0x0610),
        (Alarm::Tamper, 0x0703),
        (Alarm::BatteryLow, 0x080a),
        (Alarm::BatteryCritical, 0x080b),
        (Alarm::SensorFault, 0x0901),
    ] {
        assert_eq!(alarm_notification(alarm).map(Notification::number), Some(number), "{alarm:?}");
    }
    assert_eq!(mains_notification(Mains::Absent).number(), 0x0802);
    assert_eq!(mains_notification(Mains::Present).number(), 0x0803);
}

#[test]
fn the_door_is_open_or_closed_or_not_told() {
    for door in DoorState::ALL {
        let expected = match door {
            DoorState::Unknown | DoorState::Faulty => None,
            DoorState::Closed => Some(Notification::DoorClosed),
            DoorState::Open | DoorState::Ajar | DoorState::Forced => Some(Notification::DoorOpen),
        };
        assert_eq!(door_notification(door), expected);
    }
}

#[test]
fn every_notification_is_used() {
    let mut used: Vec<Notification> = Vec::new();
    used.extend(Alarm::ALL.into_iter().filter_map(alarm_notification));
    used.extend(DoorState::ALL.into_iter().filter_map(door_notification));
    used.extend(Reason::ALL.into_iter().filter_map(refusal_notification));
    used.extend([Mains::Absent, Mains::Present].map(mains_notification));
    for cause in causes() {
        used.extend(Target::ALL.into_iter().filter_map(|target| operation_notification(target, cause)));
        used.extend(not_locked_notification(cause));
    }
    for notification in Notification::ALL {
        assert!(used.contains(&notification), "{notification:?}");
    }
}
