//! Whose orders count, and in which situation.

use lock_proto::{BoltPosition, Cause, CredentialKind, Reason, UnixMillis};
use lock_state::{Decision, Deed, DoorReading, Drive, Indication, Source};

use crate::peers::{live_claimer, live_cloud, live_holder, live_lock, sealed_cloud, sealed_lock};
use crate::world::{NOON, World};

const SEALED: Source = Source::RemoteSealed { issued_at: NOON, not_after: None };

#[test]
fn an_order_counts_only_over_the_channel_of_its_source() {
    let sources = [
        Source::RemoteLive,
        SEALED,
        Source::VirtualKey,
        Source::Credential(CredentialKind::Pin),
        Source::OutsideButton,
        Source::AutoRelock,
    ];
    for source in sources {
        let mut world = World::with_bolt(BoltPosition::Extended);
        let order = world.next_order(Deed::Lock, source);
        let now = world.now;
        let accepted = [
            world.lock.order(live_cloud(order), now).is_ok(),
            world.lock.order(sealed_cloud(order), now).is_ok(),
            world.lock.order(live_holder(order), now).is_ok(),
            world.lock.order(live_claimer(order), now).is_ok(),
            world.lock.order(live_lock(order), now).is_ok(),
            world.lock.order(sealed_lock(order), now).is_ok(),
        ];
        let expected = [
            source == Source::RemoteLive,
            source == SEALED,
            source == Source::VirtualKey,
            false,
            false,
            false,
        ];
        assert_eq!(accepted, expected, "{source:?}");
    }
}

#[test]
fn the_cloud_does_not_unlock_a_bolt_whose_position_is_unknown() {
    let mut world = World::new();
    assert_eq!(world.order(Deed::Unlock).unwrap_err().reason, Reason::PositionUnknown);
    let order = world.next_order(Deed::Unlock, Source::VirtualKey);
    let effects = world.lock.order(live_holder(order), world.now).unwrap();
    assert_eq!(effects.motor, Some(Drive::Retract), "somebody at the door is let in");
    assert_eq!(effects.indicate, Some(Indication::Accepted));
    let _ = world.bolt(BoltPosition::Retracted);
    assert_eq!(world.status().bolt.cause, Cause::VirtualKey);
}

#[test]
fn the_cloud_unlocks_a_bolt_that_is_sensed_between_its_ends() {
    let mut world = World::with_bolt(BoltPosition::Between);
    assert_eq!(world.unlock().motor, Some(Drive::Retract));
}

#[test]
fn no_bolt_is_thrown_at_an_open_door() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let _ = world.door(DoorReading::Open);
    assert_eq!(world.order(Deed::Lock).unwrap_err().reason, Reason::DoorOpen);
    assert_eq!(world.button().indicate, Some(Indication::Refused(Reason::DoorOpen)));
    assert_eq!(world.status().target.value, lock_proto::Target::None);
    let _ = world.door(DoorReading::Silent);
    assert_eq!(world.lock().motor, Some(Drive::Extend), "where nothing is sensed it is");
}

#[test]
fn a_refused_order_changes_nothing() {
    let mut world = World::new();
    let before = world.status();
    assert!(world.order(Deed::Unlock).is_err());
    assert_eq!(world.status(), before);
}

#[test]
fn a_preview_says_what_the_order_will_say() {
    let mut world = World::new();
    for motion in [Deed::Lock, Deed::Unlock] {
        let order = world.next_order(motion, Source::RemoteLive);
        let preview = world.lock.preview(&order.ask(), world.now);
        let order = world.lock.order(live_cloud(order), world.now);
        assert_eq!(preview.into_result(), order.map(|_| ()));
    }
}

#[test]
fn a_sealed_unlock_needs_a_trusted_clock() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    let order = world.next_order(Deed::Unlock, SEALED);
    let refusal = world.lock.order(sealed_cloud(order), world.now).unwrap_err();
    assert_eq!(refusal.reason, Reason::ClockNotTrusted);
    let _ = world.time(NOON, 0).unwrap();
    let effects = world.lock.order(sealed_cloud(order), world.now).unwrap();
    assert_eq!(effects.motor, Some(Drive::Retract));
    assert_eq!(effects.indicate, None, "nobody is at the door");
}

#[test]
fn a_sealed_unlock_is_too_old_after_sixty_seconds_by_the_latest_time() {
    for (age, expired) in [(59_999, false), (60_000, false), (60_001, true)] {
        let mut world = World::with_bolt(BoltPosition::Extended);
        world.wait(2_000);
        let _ = world.time(UnixMillis(NOON.0 + age - 2_000), 2_000).unwrap();
        let order = world.next_order(Deed::Unlock, SEALED);
        let refusal = world.lock.order(sealed_cloud(order), world.now).err().map(|refusal| refusal.reason);
        assert_eq!(refusal, expired.then_some(Reason::Expired), "{age}");
    }
}

#[test]
fn a_button_throws_the_bolt_without_a_code() {
    let mut world = World::with_bolt(BoltPosition::Retracted);
    let effects = world.button();
    assert_eq!((effects.motor, effects.indicate), (Some(Drive::Extend), Some(Indication::Accepted)));
    let ask = lock_state::Ask { action: lock_state::ActionKind::Unlock, source: Source::OutsideButton };
    assert!(matches!(world.lock.preview(&ask, world.now), Decision::Deny(_)));
}
