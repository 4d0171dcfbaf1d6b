//! The decision function alone: every bound before, on and past it.

use lock_proto::{BoltPosition, DoorPosition, Reason, Seconds, UnixMillis};
use lock_state::{
    ActionKind, Ask, BatteryLevel, ClockReading, Decision, Refusal, SEALED_UNLOCK_AGE_MS,
    SEALED_UNLOCK_AHEAD_MS, Situation, Source, decide,
};

use crate::world::NOON;

const ACTIONS: [ActionKind; 3] = [ActionKind::Lock, ActionKind::Unlock, ActionKind::Configure];
const LOCAL: [Source; 4] = [Source::VirtualKey, Source::Keypad, Source::Button, Source::AutoRelock];

fn calm() -> Situation {
    Situation {
        bolt: BoltPosition::Extended,
        door: DoorPosition::Closed,
        battery: BatteryLevel::Good,
        clock: ClockReading::Unset,
        lockout: Seconds(0),
    }
}

fn reason(action: ActionKind, source: Source, situation: &Situation) -> Option<Reason> {
    decide(&Ask { action, source }, situation).into_result().err().map(|refusal| refusal.reason)
}

fn trusted(latest: u64) -> Situation {
    let clock = ClockReading::Trusted { earliest: UnixMillis(latest - 10_000), latest: UnixMillis(latest) };
    Situation { clock, ..calm() }
}

fn sealed(not_after: Option<u64>) -> Source {
    Source::RemoteSealed { issued_at: NOON, not_after: not_after.map(UnixMillis) }
}

#[test]
fn only_the_cloud_configures_and_no_button_unlocks() {
    for action in ACTIONS {
        assert_eq!(reason(action, Source::RemoteLive, &calm()), None);
        for source in LOCAL {
            let permitted = match action {
                ActionKind::Lock => true,
                ActionKind::Unlock => matches!(source, Source::VirtualKey | Source::Keypad),
                ActionKind::Configure => false,
            };
            let expected = (!permitted).then_some(Reason::NotPermitted);
            assert_eq!(reason(action, source, &calm()), expected, "{action:?} {source:?}");
        }
    }
}

#[test]
fn a_lockout_stops_the_keypad_and_nothing_else() {
    let situation = Situation { lockout: Seconds(17), ..calm() };
    let ask = Ask { action: ActionKind::Unlock, source: Source::Keypad };
    let refusal = Refusal { reason: Reason::LockedOut, retry_after: Some(Seconds(17)) };
    assert_eq!(decide(&ask, &situation), Decision::Deny(refusal));
    for source in [Source::RemoteLive, Source::VirtualKey] {
        assert_eq!(reason(ActionKind::Unlock, source, &situation), None);
    }
    assert_eq!(reason(ActionKind::Lock, Source::Button, &situation), None);
}

#[test]
fn nothing_limited_in_time_passes_while_the_clock_is_not_trusted() {
    for clock in [ClockReading::Unset, ClockReading::Floor(NOON)] {
        let situation = Situation { clock, ..calm() };
        assert_eq!(reason(ActionKind::Unlock, sealed(None), &situation), Some(Reason::ClockNotTrusted));
        for action in ACTIONS {
            let limited = sealed(Some(u64::MAX));
            assert_eq!(reason(action, limited, &situation), Some(Reason::ClockNotTrusted));
            assert_eq!(reason(action, Source::RemoteLive, &situation), None);
        }
        for action in [ActionKind::Lock, ActionKind::Configure] {
            assert_eq!(reason(action, sealed(None), &situation), None);
        }
    }
}

#[test]
fn the_expiry_of_a_sealed_message_is_tested_at_the_latest_time() {
    for (latest, expired) in [(NOON.0 - 1, false), (NOON.0, false), (NOON.0 + 1, true)] {
        for action in ACTIONS {
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
fn the_age_of_a_sealed_unlock_is_at_most_sixty_seconds() {
    for (age, expired) in
        [(SEALED_UNLOCK_AGE_MS - 1, false), (SEALED_UNLOCK_AGE_MS, false), (SEALED_UNLOCK_AGE_MS + 1, true)]
    {
        let expected = expired.then_some(Reason::Expired);
        assert_eq!(reason(ActionKind::Unlock, sealed(None), &trusted(NOON.0 + age)), expected, "{age}");
        assert_eq!(reason(ActionKind::Lock, sealed(None), &trusted(NOON.0 + age)), None);
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
    for source in [Source::RemoteLive, Source::VirtualKey, Source::Keypad] {
        assert_eq!(reason(ActionKind::Unlock, source, &situation), None);
    }
    for battery in [BatteryLevel::Unknown, BatteryLevel::Good, BatteryLevel::Low] {
        assert_eq!(reason(ActionKind::Lock, Source::Button, &Situation { battery, ..calm() }), None);
    }
}

#[test]
fn an_unknown_position_stops_only_those_who_are_far() {
    let situation = Situation { bolt: BoltPosition::Unknown, ..calm() };
    assert_eq!(reason(ActionKind::Unlock, Source::RemoteLive, &situation), Some(Reason::PositionUnknown));
    for source in [Source::VirtualKey, Source::Keypad] {
        assert_eq!(reason(ActionKind::Unlock, source, &situation), None);
    }
    assert_eq!(reason(ActionKind::Lock, Source::RemoteLive, &situation), None);
}
