//! Matter's numbers.

use lock_proto::{
    Alarm, BatteryLevel, BoltPosition, Cause, CredentialKind, CredentialRule, DoorState, LatchPosition, Mode,
    Motion, Outcome, Reason, Status, Target, UserKind, UserStatus,
};
use lock_state::mapping::matter::*;

use crate::everything::{USER_KINDS, actions, at, causes, fact, outcomes};

#[test]
fn each_number_leads_back_to_its_member_and_no_other_does() {
    macro_rules! check {
        ($($name:ident),+) => { $(
            for member in $name::ALL {
                assert_eq!($name::from_number(member.number()), Some(member));
            }
            let known = (0..=u8::MAX).filter(|&number| $name::from_number(number).is_some()).count();
            assert_eq!(known, $name::ALL.len(), stringify!($name));
        )+ };
    }
    check!(
        LockState,
        DoorStateCode,
        OperatingMode,
        UserType,
        UserStatusCode,
        CredentialRuleCode,
        CredentialType,
        AlarmCode,
        OperationError,
        StatusCode,
        LockOperationType,
        OperationSource,
        BatChargeLevel
    );
}

#[test]
fn numbers_that_the_specification_leaves_out_are_none() {
    assert_eq!(AlarmCode::from_number(2), None);
    assert_eq!(UserStatusCode::from_number(2), None);
    assert_eq!(LockState::from_number(4), None);
    assert_eq!(OperationSource::from_number(11), None);
}

#[test]
fn the_numbers_of_our_vocabulary_that_claim_to_be_matters_are() {
    for ours in Mode::ALL {
        assert_eq!(operating_mode(ours).number(), ours.number());
    }
    for (number, kind) in (0..).zip(USER_KINDS) {
        let expected = (number < 10).then_some(number);
        assert_eq!(user_type(kind).map(UserType::number), expected, "{kind:?}");
    }
}

#[test]
fn what_goes_both_ways_comes_back() {
    for ours in Mode::ALL {
        assert_eq!(mode(operating_mode(ours)), ours);
    }
    for code in OperatingMode::ALL {
        assert_eq!(operating_mode(mode(code)), code);
    }
    for kind in USER_KINDS {
        assert_eq!(
            user_type(kind).map(|code| user_kind(code, 90)),
            (kind != UserKind::Holiday).then_some(kind)
        );
    }
    for code in UserType::ALL {
        assert_eq!(user_type(user_kind(code, 1)), Some(code));
    }
    for status in [None, Some(UserStatus::Enabled), Some(UserStatus::Disabled)] {
        assert_eq!(user_status(user_status_code(status)), status);
    }
    for rule in CredentialRule::ALL {
        assert_eq!(credential_rule(credential_rule_code(rule)), rule);
    }
    for kind in CredentialKind::ALL {
        let expected = !matches!(kind, CredentialKind::Fob | CredentialKind::VirtualKey);
        assert_eq!(credential_type(kind).and_then(credential_kind), expected.then_some(kind));
    }
}

#[test]
fn the_keys_of_aliro_are_not_ours() {
    for code in CredentialType::ALL {
        assert_eq!(credential_kind(code).is_none(), code.number() >= 6);
    }
}

#[test]
fn all_five_modes_are_supported_and_matter_writes_that_as_zeros() {
    for code in OperatingMode::ALL {
        assert_eq!(SUPPORTED_OPERATING_MODES & (1 << code.number()), 0);
    }
    assert_eq!(SUPPORTED_OPERATING_MODES.count_ones(), 16 - 5);
}

#[test]
fn a_latch_that_is_pulled_back_is_unlatched_with_and_without_a_sensor() {
    let sensed = Status { latch: fact(LatchPosition::Held), ..at(BoltPosition::Retracted) };
    let unsensed = Status {
        latch: fact(LatchPosition::Unknown),
        motion: Motion::HoldingLatch,
        ..at(BoltPosition::Retracted)
    };
    for status in [sensed, unsensed] {
        assert_eq!(lock_state(&status), Some(LockState::Unlatched));
    }
    assert_eq!(lock_state(&at(BoltPosition::Retracted)), Some(LockState::Unlocked));
}

#[test]
fn half_way_is_not_fully_locked() {
    assert_eq!(lock_state(&at(BoltPosition::Between)), Some(LockState::NotFullyLocked));
    let moving = Status { motion: Motion::Extending, ..at(BoltPosition::Extended) };
    assert_eq!(lock_state(&moving), Some(LockState::NotFullyLocked));
}

#[test]
fn each_door_has_its_state_and_a_jammed_door_is_never_said() {
    let codes: Vec<_> = DoorState::ALL.into_iter().filter_map(door_state).collect();
    assert_eq!(codes.len(), DoorState::ALL.len() - 1, "all but unknown");
    assert!(!codes.contains(&DoorStateCode::DoorJammed));
}

#[test]
fn every_alarm_code_is_used() {
    let used: Vec<_> = Alarm::ALL.into_iter().filter_map(alarm_code).collect();
    assert!(AlarmCode::ALL.into_iter().all(|code| used.contains(&code)));
}

#[test]
fn every_status_code_of_a_failure_and_every_operation_error_is_used() {
    let codes: Vec<_> = Reason::ALL.into_iter().map(status_code).collect();
    for code in StatusCode::ALL {
        assert_eq!(codes.contains(&code), code != StatusCode::Success, "{code:?}");
    }
    let errors: Vec<_> = Reason::ALL.into_iter().map(operation_error).collect();
    assert!(OperationError::ALL.into_iter().all(|error| errors.contains(&error)));
}

#[test]
fn an_outcome_is_an_error_unless_it_is_done_or_may_still_be() {
    for outcome in outcomes() {
        let fine = matches!(outcome, Outcome::Done | Outcome::Started);
        assert_eq!(outcome_error(outcome).is_none(), fine, "{outcome:?}");
    }
}

#[test]
fn our_cloud_is_a_proprietary_remote_and_never_matters_own() {
    let sources: Vec<_> = causes().into_iter().map(operation_source).collect();
    assert!(!sources.contains(&OperationSource::Remote) && !sources.contains(&OperationSource::Aliro));
    assert_eq!(operation_source(Cause::RemoteLive), OperationSource::ProprietaryRemote);
}

#[test]
fn an_action_and_its_target_are_the_same_operation() {
    let types = actions().map(|action| operation_type_of_action(&action));
    for target in Target::ALL {
        assert!(types.contains(&operation_type(target)), "{target:?}");
    }
}

#[test]
fn only_users_without_access_and_under_duress_have_operations_of_their_own() {
    for kind in USER_KINDS {
        let own = matches!(kind, UserKind::NonAccess | UserKind::Forced);
        assert_eq!(operation_type_of_user(kind).is_some(), own);
    }
}

#[test]
fn the_battery_is_told_in_half_percent_and_an_unknown_one_not_at_all() {
    assert_eq!(
        [0, 1, 100, 101, 255].map(|percent| bat_percent_remaining(Some(percent)).unwrap()),
        [0, 2, 200, 200, 200]
    );
    assert_eq!(bat_percent_remaining(None), None);
    assert_eq!(bat_charge_level(BatteryLevel::Unknown), None);
    assert_eq!(bat_charge_level(BatteryLevel::Critical), Some(BatChargeLevel::Critical));
}

#[test]
fn what_the_bolt_was_told_is_the_operation_and_nothing_is_none() {
    assert_eq!(operation_type(Target::None), None);
    assert_eq!(operation_type(Target::Locked), Some(LockOperationType::Lock));
    assert_eq!(operation_type(Target::Unlocked), Some(LockOperationType::Unlock));
    assert_eq!(operation_type(Target::Unlatched), Some(LockOperationType::Unlatch));
}
