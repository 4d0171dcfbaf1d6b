//! The decision function alone: every bound before, on and past it.

use lock_proto::{
    BatteryLevel, BoltPosition, CredentialKind, DoorState, Latch, Mode, Reason, RemoteAtUnknown, Seconds,
    UnixMillis,
};
use lock_state::{
    ActionKind, Ask, ClockReading, Decision, Refusal, SEALED_UNLOCK_AGE_MS, SEALED_UNLOCK_AHEAD_MS,
    Situation, Source, decide,
};

use crate::world::NOON;

const CODE: Source = Source::Credential(CredentialKind::Pin);
const LOCAL: [Source; 7] = [
    Source::VirtualKey,
    CODE,
    Source::Button,
    Source::OutsideButton,
    Source::AutoRelock,
    Source::Schedule,
    Source::Battery,
];

fn calm() -> Situation {
    Situation {
        bolt: BoltPosition::Extended,
        door: DoorState::Closed,
        battery: BatteryLevel::Good,
        clock: ClockReading::Unset,
        lockout: Seconds(0),
        mode: Mode::Normal,
        latch: Latch::Sensed,
        remote_at_unknown: RemoteAtUnknown::Refuse,
        is_resetting: false,
    }
}

fn reason(action: ActionKind, source: Source, situation: &Situation) -> Option<Reason> {
    decide(&Ask { action, source }, None, situation).into_result().err().map(|refusal| refusal.reason)
}

fn trusted(latest: u64) -> Situation {
    let clock = ClockReading::Trusted { earliest: UnixMillis(latest - 10_000), latest: UnixMillis(latest) };
    Situation { clock, ..calm() }
}

fn sealed(not_after: Option<u64>) -> Source {
    Source::RemoteSealed { issued_at: NOON, not_after: not_after.map(UnixMillis) }
}

#[test]
fn each_source_may_ask_for_what_is_its_own() {
    for action in ActionKind::ALL {
        assert_eq!(reason(action, Source::RemoteLive, &calm()), None);
        for source in LOCAL {
            let opens = matches!(action, ActionKind::Unlock | ActionKind::Unlatch);
            let permitted = match source {
                Source::VirtualKey | Source::Credential(_) => opens || action == ActionKind::Lock,
                Source::Button => opens || matches!(action, ActionKind::Lock | ActionKind::Exercise),
                Source::OutsideButton | Source::AutoRelock => action == ActionKind::Lock,
                Source::Schedule => {
                    matches!(action, ActionKind::Lock | ActionKind::Unlock | ActionKind::SetMode(_))
                }
                Source::Battery => action == ActionKind::Unlock,
                Source::RemoteLive | Source::RemoteSealed { .. } => true,
            };
            let expected = (!permitted).then_some(Reason::NotPermitted);
            assert_eq!(reason(action, source, &calm()), expected, "{action:?} {source:?}");
        }
    }
}

#[test]
fn the_inside_button_sets_privacy_and_no_other_mode_but_normal() {
    for mode in Mode::ALL {
        let permitted = matches!(mode, Mode::Privacy | Mode::Normal);
        let refusal = reason(ActionKind::SetMode(mode), Source::Button, &calm());
        assert_eq!(refusal, (!permitted).then_some(Reason::NotPermitted));
    }
}

#[test]
fn a_lockout_stops_credentials_and_nothing_else() {
    let situation = Situation { lockout: Seconds(17), ..calm() };
    let ask = Ask { action: ActionKind::Unlock, source: CODE };
    let refusal = Refusal { reason: Reason::LockedOut, retry_after: Some(Seconds(17)), next_at: None };
    assert_eq!(decide(&ask, None, &situation), Decision::Deny(refusal));
    for source in [Source::RemoteLive, Source::VirtualKey, Source::Button] {
        assert_eq!(reason(ActionKind::Unlock, source, &situation), None);
    }
    assert_eq!(reason(ActionKind::Lock, Source::OutsideButton, &situation), None);
}

#[test]
fn nothing_limited_in_time_passes_while_the_clock_is_not_trusted() {
    for clock in [ClockReading::Unset, ClockReading::Floor(NOON)] {
        let situation = Situation { clock, ..calm() };
        for action in ActionKind::ALL {
            let may_be_late = matches!(action, ActionKind::Lock | ActionKind::Configure);
            let limited = sealed(Some(u64::MAX));
            assert_eq!(reason(action, limited, &situation), Some(Reason::ClockNotTrusted));
            assert_eq!(reason(action, Source::RemoteLive, &situation), None);
            let expected = (!may_be_late).then_some(Reason::ClockNotTrusted);
            assert_eq!(reason(action, sealed(None), &situation), expected, "{action:?}");
        }
    }
}

#[test]
fn the_expiry_of_a_sealed_message_is_tested_at_the_latest_time() {
    for (latest, expired) in [(NOON.0 - 1, false), (NOON.0, false), (NOON.0 + 1, true)] {
        for action in ActionKind::ALL {
            let expected = expired.then_some(Reason::Expired);
            assert_eq!(
                reason(action, sealed(Some(NOON.0)), &trusted(latest)),
                expected,
                "{action:?} {latest}"
            );
        }
    }
}

#[test]
fn the_age_of_what_must_be_fresh_is_at_most_sixty_seconds() {
    for (age, expired) in
        [(SEALED_UNLOCK_AGE_MS - 1, false), (SEALED_UNLOCK_AGE_MS, false), (SEALED_UNLOCK_AGE_MS + 1, true)]
    {
        let expected = expired.then_some(Reason::Expired);
        for action in ActionKind::ALL {
            let may_be_late = matches!(action, ActionKind::Lock | ActionKind::Configure);
            let expected = expected.filter(|_| !may_be_late);
            assert_eq!(reason(action, sealed(None), &trusted(NOON.0 + age)), expected, "{action:?} {age}");
        }
    }
}

#[test]
fn a_sealed_unlock_from_the_future_is_not_kept_for_it() {
    for (ahead, refused) in [
        (SEALED_UNLOCK_AHEAD_MS - 1, false),
        (SEALED_UNLOCK_AHEAD_MS, false),
        (SEALED_UNLOCK_AHEAD_MS + 1, true),
    ] {
        let expected = refused.then_some(Reason::ValidTooLong);
        assert_eq!(reason(ActionKind::Unlock, sealed(None), &trusted(NOON.0 - ahead)), expected, "{ahead}");
    }
}

#[test]
fn a_critical_battery_throws_no_bolt_and_still_withdraws_it() {
    let situation = Situation { battery: BatteryLevel::Critical, ..calm() };
    for source in [Source::RemoteLive, Source::VirtualKey, Source::Button, Source::AutoRelock] {
        assert_eq!(reason(ActionKind::Lock, source, &situation), Some(Reason::BatteryCritical));
    }
    assert_eq!(reason(ActionKind::Exercise, Source::Button, &situation), Some(Reason::BatteryCritical));
    for source in [Source::RemoteLive, Source::VirtualKey, CODE, Source::Button, Source::Battery] {
        assert_eq!(reason(ActionKind::Unlock, source, &situation), None);
    }
    for battery in [BatteryLevel::Unknown, BatteryLevel::Good, BatteryLevel::Low] {
        assert_eq!(reason(ActionKind::Lock, Source::OutsideButton, &Situation { battery, ..calm() }), None);
    }
}

#[test]
fn an_unknown_position_stops_only_those_who_are_far_and_the_policy_may_let_them() {
    let situation = Situation { bolt: BoltPosition::Unknown, ..calm() };
    for action in [ActionKind::Unlock, ActionKind::Unlatch, ActionKind::SetMode(Mode::Passage)] {
        assert_eq!(reason(action, Source::RemoteLive, &situation), Some(Reason::PositionUnknown));
    }
    for source in [Source::VirtualKey, CODE, Source::Button] {
        assert_eq!(reason(ActionKind::Unlock, source, &situation), None);
    }
    assert_eq!(reason(ActionKind::Lock, Source::RemoteLive, &situation), None);
    let permitted = Situation { remote_at_unknown: RemoteAtUnknown::Permit, ..situation };
    assert_eq!(reason(ActionKind::Unlock, Source::RemoteLive, &permitted), None);
}

#[test]
fn an_open_door_is_not_locked_however_it_came_to_be_open() {
    for door in DoorState::ALL {
        let expected = door.is_open().then_some(Reason::DoorOpen);
        for source in [Source::RemoteLive, Source::VirtualKey, Source::Button, Source::AutoRelock] {
            assert_eq!(reason(ActionKind::Lock, source, &Situation { door, ..calm() }), expected, "{door:?}");
        }
    }
}

#[test]
fn a_reset_leaves_the_inside_its_way_out() {
    let situation = Situation { is_resetting: true, ..calm() };
    for action in ActionKind::ALL {
        assert_eq!(reason(action, Source::RemoteLive, &situation), Some(Reason::Busy));
    }
    assert_eq!(reason(ActionKind::Unlock, Source::Button, &situation), None);
    assert_eq!(reason(ActionKind::Unlock, CODE, &situation), Some(Reason::Busy));
}
