//! Locks of profile X, and locks that are registered as what they are not.

use lock_core::cloud::SessionError;
use lock_core::state::Drive;
use lock_fleet::proto::{CommandId, Outcome, PinDigits, Profile, Seconds};
use lock_fleet::{CommandState, FleetError, LiveAnswer, LiveEvent, LiveRequest, LiveSend, LiveStart, Task};

use crate::queued::{queue, relock};
use crate::world::{LOCK, SimLock, World, action};

/// Where a Hello names its profile.
const PROFILE: usize = 4;

#[test]
fn a_lock_of_profile_x_unlocks_in_one_round_trip_and_after_restarts_of_both() {
    let mut world = World::of_profile(Profile::X);
    assert_eq!(world.fleet().lock(LOCK).unwrap().profile, Profile::X);
    let answer = world.live_action(Task::Unlock, "one");
    assert!(
        matches!(answer, LiveAnswer::Command { outcome: Outcome::Started, repeat: false, .. }),
        "{answer:?}"
    );
    world.restart();
    world.pass(5_000);
    world.lock.reboot(world.millis);
    let answer = world.live_action(Task::Lock, "two");
    assert!(
        matches!(answer, LiveAnswer::Command { outcome: Outcome::Started, repeat: false, .. }),
        "{answer:?}"
    );
    assert_eq!(world.lock.runs, [Drive::Retract, Drive::Extend]);
}

#[test]
fn a_configuration_of_profile_x_waits_for_the_session_and_takes_no_number_before() {
    let pin = Task::SetPin { slot: 1, digits: PinDigits::from_ascii(b"123456").unwrap(), user: None };
    for task in [pin, Task::AutoRelock(Seconds(30)), Task::ClearPin { slot: 2 }] {
        let mut world = World::of_profile(Profile::X);
        let wish = action(task, "one");
        let (mut finish, _) = world.live(wish.clone());
        assert_eq!((finish.answer, finish.unasked.as_ref()), (LiveAnswer::Connected, Some(&wish)));
        assert!(world.fleet().command(LOCK, CommandId(1)).is_err(), "nothing was issued");

        let now = world.now();
        let asked = finish.unasked.unwrap();
        let send = world.fleet().request_live(&mut finish.session, asked, now).unwrap();
        let LiveSend::Packet { packet, command: Some(id) } = send else { panic!("{send:?}") };
        let sent = world.lock.bring(&packet, world.millis);
        let event = world.fleet().open_live(&mut finish.session, &sent[0], now).unwrap();
        let LiveEvent::Answer(LiveAnswer::Command { outcome: Outcome::Done, .. }) = event else {
            panic!("{event:?}")
        };
        assert_eq!(world.fleet().command(LOCK, id).unwrap().state, CommandState::Settled(Outcome::Done));
    }
}

#[test]
fn a_configuration_of_profile_s_goes_in_the_first_message_as_before() {
    let mut world = World::new();
    let (finish, _) = world.live(action(Task::AutoRelock(Seconds(30)), "one"));
    assert!(
        matches!(finish.answer, LiveAnswer::Command { outcome: Outcome::Done, .. }),
        "{:?}",
        finish.answer
    );
    assert_eq!(finish.unasked, None);
}

#[test]
fn a_hello_with_another_profile_than_the_registered_one_costs_no_number() {
    for (profile, other) in [(Profile::X, 1), (Profile::S, 2)] {
        let mut world = World::of_profile(profile);
        let (mut hello, now) = (world.lock.connect(world.millis), world.now());
        hello[PROFILE] = other;
        let refused = world.fleet().begin_live(LOCK, &hello, LiveRequest::Nothing, now).unwrap_err();
        assert!(matches!(refused, FleetError::Session(SessionError::AnotherProfile)), "{refused}");
        let (hello, now) = (world.lock.connect(world.millis), world.now());
        let start = world.fleet().begin_live(LOCK, &hello, LiveRequest::Nothing, now).unwrap();
        let LiveStart::Send(attempt) = start else { panic!("{start:?}") };
        assert_eq!(attempt.number(), 1);
    }
}

#[test]
fn a_lock_that_was_registered_with_the_wrong_profile_is_not_spoken_to() {
    for (made, registered) in [(Profile::S, Profile::X), (Profile::X, Profile::S)] {
        let mut world = World::of_profile(registered);
        world.lock = SimLock::of_profile(made, LOCK);
        let (hello, now) = (world.lock.connect(world.millis), world.now());
        let refused = world.fleet().begin_live(LOCK, &hello, action(Task::Unlock, "one"), now).unwrap_err();
        assert!(matches!(refused, FleetError::Session(SessionError::AnotherProfile)), "{refused}");
        assert_eq!(world.lock.runs, []);
    }
}

#[test]
fn sealed_messages_are_the_same_for_both_profiles() {
    let mut world = World::of_profile(Profile::X);
    let id = queue(&mut world, relock(1), "one");
    world.deliver();
    assert_eq!(world.fleet().command(LOCK, id).unwrap().state, CommandState::Settled(Outcome::Done));
}
