//! Rotation of a lock's keys, through losses, cuts, restarts and restored copies.

use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::device::{LinkId, RecordTag};
use lock_core::state::Drive;
use lock_fleet::proto::{Action, CodeClass, CommandId, Outcome, Profile, Request};
use lock_fleet::{
    CodesWish, CommandState, Conditions, FleetError, KeyStanding, KeyWish, LiveAnswer, LiveAttempt,
    LiveEvent, LiveRequest, LiveSend, LiveSession, LiveStart, QueueOptions, RotationProgress, RotationStage,
    Task,
};

use crate::queued::{queue, relock};
use crate::world::{LOCK, World, action, token};

/// Whether the next packet is lost.
type Losses<'l> = &'l mut dyn FnMut() -> bool;

pub(crate) fn want(world: &mut World) {
    let now = world.now();
    world.fleet().rotate_keys(LOCK, "anna", now).unwrap();
}

fn epoch(world: &mut World) -> u32 {
    let now = world.now();
    world.fleet().rotation(LOCK, now).unwrap().key_epoch
}

fn stage(world: &mut World) -> Option<RotationStage> {
    let now = world.now();
    world.fleet().rotation(LOCK, now).unwrap().under_way.map(|under_way| under_way.stage)
}

/// One connection; whatever it comes to. `None` where something was lost.
fn connection(world: &mut World, is_lost: Losses<'_>) -> Option<RotationProgress> {
    world.pass(1_500);
    let hello = world.lock.try_connect(world.millis)?;
    let now = world.now();
    let start = world.fleet().begin_live(LOCK, &hello, LiveRequest::Rotate, now);
    let Ok(LiveStart::Send(attempt)) = start else { panic!("{start:?}") };
    if is_lost() {
        return None;
    }
    let mut sent = world.lock.bring(attempt.packet(), world.millis);
    if sent.is_empty() || is_lost() {
        return None;
    }
    let finish = world.fleet().finish_live(attempt, &sent.remove(0), now).unwrap();
    let mut session = finish.session;
    let mut progress = match (finish.answer, finish.unasked) {
        (LiveAnswer::Connected, Some(LiveRequest::Rotate)) => RotationProgress::GoesOn,
        (LiveAnswer::Rotation(progress), None) => progress,
        other => panic!("{other:?}"),
    };
    while progress == RotationProgress::GoesOn {
        let send = world.fleet().request_live(&mut session, LiveRequest::Rotate, now);
        let Ok(LiveSend::Packet { packet, .. }) = send else { panic!("{send:?}") };
        if is_lost() {
            return None;
        }
        let mut answer = None;
        for packet in world.lock.bring(&packet, world.millis) {
            if is_lost() {
                return None;
            }
            let event = world.fleet().open_live(&mut session, &packet, now).unwrap();
            if let LiveEvent::Answer(LiveAnswer::Rotation(next)) = event {
                answer = Some(next);
            } else {
                let is_news = matches!(event, LiveEvent::Finished { .. } | LiveEvent::Changed(_));
                assert!(is_news, "{event:?}");
            }
        }
        progress = answer?;
    }
    Some(progress)
}

/// A first message over a link, and the lock's answer to it.
fn begin(world: &mut World, link: LinkId) -> (LiveAttempt, Option<Vec<u8>>) {
    let (hello, now) = (world.lock.connect_over(link, world.millis).unwrap(), world.now());
    let start = world.fleet().begin_live(LOCK, &hello, LiveRequest::Rotate, now);
    let Ok(LiveStart::Send(attempt)) = start else { panic!("{start:?}") };
    let answer = world.lock.bring_over(link, attempt.packet(), world.millis).into_iter().next();
    (attempt, answer)
}

/// A session for the first step of a rotation.
fn session(world: &mut World, link: LinkId) -> LiveSession {
    let (attempt, answer) = begin(world, link);
    let now = world.now();
    world.fleet().finish_live(attempt, &answer.unwrap(), now).unwrap().session
}

fn step(world: &mut World, session: &mut LiveSession) -> Vec<u8> {
    let now = world.now();
    let send = world.fleet().request_live(session, LiveRequest::Rotate, now);
    let Ok(LiveSend::Packet { packet, .. }) = send else { panic!("{send:?}") };
    packet
}

/// Goes on until the rotation is over.
pub(crate) fn rotate(world: &mut World) {
    let wanted = epoch(world) + 1;
    for _ in 0..8 {
        let _ = connection(world, &mut || false);
        if epoch(world) == wanted {
            return;
        }
    }
    panic!("the rotation does not come to an end\n{}", world.audit());
}

fn obeys(world: &mut World, name: &str) -> bool {
    world.pass(1_500);
    let before = world.lock.runs.len();
    let task = if before.is_multiple_of(2) { Task::Unlock } else { Task::Lock };
    let token = format!("{}-{}", name.replace(' ', "-"), world.millis);
    // A restored copy gives out the number of a step that it has forgotten: then the command is asked for again.
    for _ in 0..2 {
        let answer = world.live_action(task.clone(), &token);
        if !matches!(answer, LiveAnswer::SendAgain { .. }) {
            break;
        }
    }
    world.lock.runs.len() == before + 1
}

#[test]
fn a_rotation_takes_two_connections_on_both_profiles_and_everything_goes_on() {
    for profile in [Profile::S, Profile::X] {
        let mut world = World::of_profile(profile);
        want(&mut world);
        assert_eq!(stage(&mut world), Some(RotationStage::Wanted));
        assert_eq!(connection(&mut world, &mut || false), Some(RotationProgress::NeedsHello));
        assert_eq!((epoch(&mut world), stage(&mut world)), (1, Some(RotationStage::Prepared)));
        assert!(obeys(&mut world, "between"));
        assert_eq!(connection(&mut world, &mut || false), Some(RotationProgress::Done(2)));
        assert_eq!((epoch(&mut world), stage(&mut world)), (2, None));
        world.restart();
        world.lock.reboot(world.millis);
        assert!(obeys(&mut world, "behind"));
        let audit = world.audit();
        assert!(audit.contains("anna | rotate the keys | to key epoch 2"), "{audit}");
        assert!(audit.contains("commit the rotation | key epoch 2 is in force"), "{audit}");
    }
}

#[test]
fn asking_for_a_rotation_twice_is_asking_once_and_none_goes_on_that_nobody_wants() {
    let mut world = World::new();
    let (hello, now) = (world.lock.connect(world.millis), world.now());
    let refused = world.fleet().begin_live(LOCK, &hello, LiveRequest::Rotate, now);
    assert!(matches!(refused, Err(FleetError::NoRotation)), "{refused:?}");
    want(&mut world);
    want(&mut world);
    assert_eq!(world.audit().matches("rotate the keys").count(), 1);
    rotate(&mut world);
    assert_eq!(epoch(&mut world), 2);
}

#[test]
fn whatever_packet_is_lost_lock_and_fleet_work_on_and_the_rotation_comes_to_its_end() {
    for lost in 0..12 {
        for restarted in [false, true] {
            let mut world = World::new();
            want(&mut world);
            let mut number = 0;
            let mut losses = || {
                number += 1;
                number == lost + 1
            };
            while epoch(&mut world) == 1 {
                if connection(&mut world, &mut losses).is_none() {
                    if restarted {
                        world.restart();
                    }
                    assert!(obeys(&mut world, "in between"), "packet {lost}\n{}", world.audit());
                }
            }
            assert!(obeys(&mut world, "at last"));
        }
    }
}

#[test]
fn wherever_the_power_goes_at_the_lock_they_work_on_and_the_rotation_comes_to_its_end() {
    for outputs in 0..32 {
        let mut world = World::new();
        want(&mut world);
        world.lock.cut_after = Some(outputs);
        let _ = connection(&mut world, &mut || false);
        let _ = connection(&mut world, &mut || false);
        world.lock.cut_after = None;
        let _ = world.lock.try_connect(world.millis);
        assert!(obeys(&mut world, "in between"), "cut after {outputs}\n{}", world.audit());
        if epoch(&mut world) == 1 {
            rotate(&mut world);
        }
        assert!(obeys(&mut world, "at last"), "cut after {outputs}");
    }
}

/// The phone carries two offers in the wrong order, and keeps an answer back until it speaks of a root that is long gone.
#[test]
fn an_answer_that_was_kept_back_does_not_drop_the_root_that_the_lock_has_committed_to() {
    let mut world = World::new();
    want(&mut world);
    let (one, other) = (LinkId(0), LinkId(1));
    let (mut second, mut first) = (session(&mut world, other), session(&mut world, one));
    let mut packet = step(&mut world, &mut first);
    let kept_offer = step(&mut world, &mut second);
    for _ in 0..2 {
        for answer in world.lock.bring_over(one, &packet, world.millis) {
            let now = world.now();
            world.fleet().open_live(&mut first, &answer, now).unwrap();
        }
        if stage(&mut world) == Some(RotationStage::Wanted) {
            packet = step(&mut world, &mut first);
        }
    }
    assert_eq!(stage(&mut world), Some(RotationStage::Prepared), "the first root");
    // The second offer takes the place of the first at the lock: the root that is stored cannot be proven.
    assert!(!world.lock.bring_over(other, &kept_offer, world.millis).is_empty());
    assert!(begin(&mut world, one).1.is_none(), "silence");
    let (asking, kept_answer) = begin(&mut world, one);
    // The next one asks too, is answered, and agrees on a third root, to which the lock commits. Only its last word is lost.
    assert_eq!(connection(&mut world, &mut || false), Some(RotationProgress::NeedsHello));
    let mut packets = 0;
    let committed = connection(&mut world, &mut || {
        packets += 1;
        packets > 3
    });
    assert_eq!((committed, world.lock.key_epoch(), epoch(&mut world)), (None, 2, 1));
    let now = world.now();
    let finish = world.fleet().finish_live(asking, &kept_answer.unwrap(), now).unwrap();
    assert_eq!(finish.answer, LiveAnswer::Rotation(RotationProgress::NeedsHello));
    assert_eq!(stage(&mut world), Some(RotationStage::Prepared), "{}", world.audit());
    assert!(obeys(&mut world, "at last"));
    assert_eq!((epoch(&mut world), stage(&mut world)), (2, None));
}

#[test]
fn what_was_sealed_before_is_sealed_again_under_the_new_keys_with_its_own_number() {
    let mut world = World::new();
    let id = queue(&mut world, relock(30), "one");
    let now = world.now();
    let before = world.fleet().sealed_for(LOCK, now).unwrap();
    want(&mut world);
    rotate(&mut world);
    // What a phone still carries is of the old epoch: the lock is silent.
    let _ = world.lock.connect(world.millis);
    assert!(world.lock.bring(&before[0].packet, world.millis).is_empty());
    let again = world.fleet().sealed_for(LOCK, now).unwrap();
    assert_eq!(again[0].command, Some(id));
    assert!(again[0].counter > before[0].counter);
    world.deliver();
    let state = world.fleet().command(LOCK, id).unwrap().state;
    assert_eq!(state, CommandState::Settled(Outcome::Done));
}

#[test]
fn a_sealed_word_from_behind_the_commit_proves_it() {
    let mut world = World::new();
    queue(&mut world, relock(30), "one");
    want(&mut world);
    assert_eq!(connection(&mut world, &mut || false), Some(RotationProgress::NeedsHello));
    world.back_up();
    let id = queue(&mut world, relock(40), "two");
    rotate(&mut world);
    let now = world.now();
    let outgoing = world.fleet().sealed_for(LOCK, now).unwrap();
    let _ = world.lock.connect(world.millis);
    let up: Vec<_> =
        outgoing.iter().flat_map(|packet| world.lock.bring(&packet.packet, world.millis)).collect();
    assert!(!up.is_empty());
    // The database that knows of no commit takes it all the same.
    world.restore();
    assert_eq!((epoch(&mut world), stage(&mut world)), (1, Some(RotationStage::Prepared)));
    let _ = id;
    for packet in up {
        world.fleet().ingest(LOCK, &packet, "a phone", now).unwrap();
    }
    assert_eq!((epoch(&mut world), stage(&mut world)), (2, None));
}

#[test]
fn a_copy_from_before_the_preparation_or_behind_it_goes_on() {
    // From before: the lock holds a preparation that nobody knows, and takes another.
    let mut world = World::new();
    want(&mut world);
    world.back_up();
    assert_eq!(connection(&mut world, &mut || false), Some(RotationProgress::NeedsHello));
    world.restore();
    rotate(&mut world);
    assert!(obeys(&mut world, "one"));
    // From behind it, while the lock has committed: the root is in the copy.
    let mut world = World::new();
    want(&mut world);
    assert_eq!(connection(&mut world, &mut || false), Some(RotationProgress::NeedsHello));
    world.back_up();
    rotate(&mut world);
    world.restore();
    assert_eq!(epoch(&mut world), 1);
    assert!(obeys(&mut world, "two"), "an unlock alone finds the commit");
    assert_eq!((epoch(&mut world), stage(&mut world)), (2, None));
}

#[test]
fn a_copy_from_before_the_root_of_a_lock_that_has_committed_is_without_its_key() {
    let mut world = World::new();
    want(&mut world);
    world.back_up();
    rotate(&mut world);
    world.restore();
    let (hello, now) = (world.lock.connect(world.millis), world.now());
    let refused = world.fleet().begin_live(LOCK, &hello, action(Task::Unlock, "one"), now);
    assert!(matches!(refused, Err(FleetError::Session(_))), "{refused:?}");
}

#[test]
fn keys_and_codes_of_before_are_dead_and_what_is_to_be_issued_again_is_listed() {
    let mut world = World::new();
    let now = world.now();
    let wish = |label: &str| KeyWish { label: label.into(), conditions: Conditions::default(), holder: None };
    let key = world.fleet().issue_key(LOCK, &wish("dog walker"), "anna", now).unwrap();
    let over = Conditions { not_after: Some(now.unix.plus_millis(10_000)), ..Conditions::default() };
    let ends = KeyWish { conditions: over, ..wish("courier") };
    world.fleet().issue_key(LOCK, &ends, "anna", now).unwrap();
    let options = || QueueOptions::new(token("codes"), "anna");
    world.fleet().set_offline_codes(LOCK, CodesWish::Allow, options(), now).unwrap();
    let _ = world.live(LiveRequest::Status);
    world.deliver();
    let code = world.fleet().offline_code(LOCK, CodeClass::OneDay, now.unix, "anna", now).unwrap();
    world.lock.enter(code.digits.clone(), world.millis);
    assert_eq!(world.lock.runs, [Drive::Retract], "the code opens");
    world.lock.close(world.millis);
    want(&mut world);
    world.pass(20_000);
    rotate(&mut world);
    let now = world.now();
    let info = world.fleet().rotation(LOCK, now).unwrap();
    let labels: Vec<_> = info.to_reissue.iter().map(|key| key.label.as_str()).collect();
    assert_eq!(labels, ["dog walker"], "the other is over by itself");
    assert_eq!(info.to_reissue[0].standing, KeyStanding::Outdated);
    let hello = world.lock.connect(world.millis);
    let request = Request::Command { id: CommandId(1), action: Action::Unlock };
    let hedge = InitiatorHedge { attempt: 9, entropy: [5; 32] };
    assert!(key.key.connect(&hello, request, &hedge, &mut [0; 512]).is_err(), "it recognises nobody");
    let _ = world.live(LiveRequest::Status);
    world.lock.enter(code.digits, world.millis);
    assert_eq!(world.lock.runs, [Drive::Retract], "the code of before opens nothing");
    let again = world.fleet().offline_code(LOCK, CodeClass::OneDay, now.unix, "anna", now).unwrap();
    world.lock.enter(again.digits, world.millis);
    assert_eq!(world.lock.runs.len(), 2, "one that is made now does");
}

#[test]
fn a_key_that_a_reset_had_killed_before_is_not_to_be_issued_again_and_one_from_since_is() {
    let mut world = World::new();
    let wish = |label: &str| KeyWish { label: label.into(), conditions: Conditions::default(), holder: None };
    let now = world.now();
    world.fleet().issue_key(LOCK, &wish("from before"), "anna", now).unwrap();
    crate::items::factory_reset(&mut world);
    crate::items::compare(&mut world);
    let now = world.now();
    world.fleet().issue_key(LOCK, &wish("dog walker"), "anna", now).unwrap();
    want(&mut world);
    rotate(&mut world);
    let now = world.now();
    let info = world.fleet().rotation(LOCK, now).unwrap();
    let labels: Vec<_> = info.to_reissue.iter().map(|key| key.label.as_str()).collect();
    assert_eq!(labels, ["dog walker"]);
}

#[test]
fn neither_root_is_in_the_database_in_clear_and_the_old_one_is_gone_afterwards() {
    let mut world = World::new();
    let before = world.file();
    want(&mut world);
    assert_eq!(connection(&mut world, &mut || false), Some(RotationProgress::NeedsHello));
    assert!(!world.lock.storage()[&RecordTag::Rotation].is_empty());
    rotate(&mut world);
    let after = world.file();
    let root = crate::world::ROOT;
    for file in [&before, &after] {
        assert!(!file.windows(32).any(|window| window == root));
    }
}

#[test]
fn the_first_key_of_the_log_is_kept_when_its_root_goes() {
    let mut world = World::new();
    let mut known = world.fleet().log_keys(LOCK).unwrap();
    for rotations in 1..=2 {
        want(&mut world);
        rotate(&mut world);
        let kept = world.fleet().log_keys(LOCK).unwrap();
        assert_eq!(kept.len(), rotations + 1);
        for (kept, known) in kept.iter().zip(&known) {
            assert_eq!((kept.epoch, kept.key.expose()), (known.epoch, known.key.expose()));
        }
        known = kept;
        world.restart();
    }
    assert_eq!(epoch(&mut world), 3);
}

/// A small reproducible source of choices (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[test]
fn many_rotations_through_losses_cuts_restarts_and_copies_always_come_to_an_end() {
    for seed in 0..8 {
        let (mut world, mut dice, mut wishes) = (World::new(), Dice(seed), 0);
        let mut copied = None;
        for _ in 0..40 {
            match dice.roll(10) {
                0 => world.restart(),
                1 => world.lock.reboot(world.millis),
                2 => {
                    if copied.is_some() {
                        world.back_up_again();
                    } else {
                        world.back_up();
                    }
                    copied = Some(
                        epoch(&mut world) + u32::from(stage(&mut world) == Some(RotationStage::Prepared)),
                    );
                }
                // A copy in which the root of the lock's epoch is missing is lost: see the test above.
                3 if copied.is_some_and(|reach| reach >= world.lock.key_epoch()) => world.restore(),
                4 => {
                    wishes += 1;
                    let name = format!("queued-{seed}-{wishes}-{}", world.millis);
                    queue(&mut world, relock(wishes), &name);
                    world.pass(61_000);
                    world.deliver();
                }
                5 => {
                    wishes += 1;
                    assert!(obeys(&mut world, &format!("{seed}-{wishes}")), "{}", world.audit());
                }
                _ => {
                    want(&mut world);
                    if dice.roll(3) == 0 {
                        world.lock.cut_after = Some(dice.roll(14) as usize);
                    }
                    let _ = connection(&mut world, &mut || dice.roll(8) == 0);
                    world.lock.cut_after = None;
                }
            }
            let _ = world.lock.try_connect(world.millis);
        }
        want(&mut world);
        rotate(&mut world);
        assert_eq!(epoch(&mut world), world.lock.key_epoch());
        assert!(obeys(&mut world, "at last"), "{}", world.audit());
    }
}
