//! The log of a lock in the fleet: fetched, verified, kept, acknowledged, exported; past a hostile relay, a restored database and a ring
//! that ran round.

use lock_core::crypto::Missing;
use lock_fleet::proto::{Cause, LogEvent, Outcome, Target};
use lock_fleet::{
    Fetched, FleetError, LiveAnswer, LiveEvent, LiveRequest, LiveSend, LiveSession, Task, gap_of,
};

use crate::world::{LOCK, World, action};

pub(crate) fn world(sectors: usize) -> World {
    let mut world = World::new();
    let now = world.millis;
    world.lock.keep_log(LOCK, sectors, now);
    world
}

pub(crate) fn turn(world: &mut World, times: usize) {
    for _ in 0..times {
        world.pass(1_000);
        let now = world.millis;
        world.lock.turn(now);
    }
}

fn send(world: &mut World, session: &mut LiveSession, request: LiveRequest) -> LiveSend {
    let now = world.now();
    world.fleet().request_live(session, request, now).unwrap()
}

/// Asks in a session and brings back the answer.
fn ask(world: &mut World, session: &mut LiveSession, request: LiveRequest) -> LiveAnswer {
    let packet = match send(world, session, request) {
        LiveSend::Packet { packet, .. } => packet,
        LiveSend::Known(command) => panic!("known: {command:?}"),
    };
    let (now, millis) = (world.now(), world.millis);
    let sent = world.lock.bring(&packet, millis);
    let mut answer = None;
    for record in sent {
        if let LiveEvent::Answer(told) = world.fleet().open_live(session, &record, now).unwrap() {
            answer = Some(told);
        }
    }
    answer.expect("the lock answers")
}

/// Fetches until there is no more, and acknowledges.
pub(crate) fn fetch(world: &mut World) -> (Fetched, Option<LiveAnswer>) {
    let (finish, _) = world.live(LiveRequest::Log);
    let (mut answer, mut session) = (finish.answer, finish.session);
    loop {
        let LiveAnswer::Log(fetched) = answer else { panic!("{answer:?}") };
        match fetched {
            Fetched::More { .. } => answer = ask(world, &mut session, LiveRequest::Log),
            Fetched::Level { .. } => {
                let acknowledged = match send(world, &mut session, LiveRequest::AcknowledgeLog) {
                    LiveSend::Packet { packet, .. } => {
                        let (now, millis) = (world.now(), world.millis);
                        let sent = world.lock.bring(&packet, millis);
                        sent.iter().find_map(|record| {
                            match world.fleet().open_live(&mut session, record, now).unwrap() {
                                LiveEvent::Answer(answer) => Some(answer),
                                LiveEvent::Changed(_)
                                | LiveEvent::Finished { .. }
                                | LiveEvent::Update(_)
                                | LiveEvent::Alarm(_) => None,
                            }
                        })
                    }
                    LiveSend::Known(_) => None,
                };
                return (fetched, acknowledged);
            }
            Fetched::Broken { .. } => return (fetched, None),
        }
    }
}

/// The file of an export, from all of its pages.
pub(crate) fn exported(world: &mut World, from: u64) -> String {
    let now = world.now();
    let mut export = world.fleet().export_log(LOCK, from, "anna", now).unwrap();
    let mut file = String::new();
    while let Some(page) = world.fleet().log_export_page(&mut export).unwrap() {
        file.push_str(&page);
    }
    file
}

fn acknowledged(world: &World) -> u64 {
    world.lock.ring.as_ref().unwrap().held().acknowledged
}

fn first_held(world: &World) -> u64 {
    world.lock.ring.as_ref().unwrap().held().first
}

#[test]
fn a_log_is_fetched_verified_kept_and_only_then_acknowledged() {
    let mut world = world(16);
    world.live_action(Task::Unlock, "in");
    turn(&mut world, 20);
    let (fetched, answer) = fetch(&mut world);
    assert!(matches!(fetched, Fetched::Level { .. }));
    assert!(matches!(answer, Some(LiveAnswer::Command { outcome: Outcome::Done, .. })), "{answer:?}");
    let standing = world.fleet().log_standing(LOCK).unwrap();
    assert_eq!((standing.faults.len(), standing.unexplained), (0, None));
    assert!(standing.level_at.is_some() && standing.next > 20);
    assert_eq!(acknowledged(&world), standing.next);
    let entries = world.fleet().log(LOCK, 0, 1_000).unwrap();
    assert_eq!(
        entries.iter().map(|entry| entry.index).collect::<Vec<_>>(),
        (0..standing.next).collect::<Vec<_>>()
    );
    let asked =
        entries.iter().filter_map(|kept| kept.entry).find(|entry| matches!(entry.event, LogEvent::Asked(_)));
    let asked = asked.unwrap();
    assert_eq!((asked.event, asked.cause), (LogEvent::Asked(Target::Unlocked), Cause::RemoteLive));
    assert!(asked.command.is_some());
    assert_eq!(world.fleet().log(LOCK, 3, 2).unwrap().len(), 2);
    // It goes on where it stands, also after a restart of the service.
    world.restart();
    turn(&mut world, 3);
    let (_, answer) = fetch(&mut world);
    assert!(matches!(answer, Some(LiveAnswer::Command { outcome: Outcome::Done, .. })), "{answer:?}");
    assert_eq!(acknowledged(&world), world.fleet().log_standing(LOCK).unwrap().next);
}

#[test]
fn a_fetch_that_is_cut_off_goes_on_and_a_hostile_relay_leaves_no_fault() {
    let mut world = world(16);
    turn(&mut world, 40);
    let (finish, _) = world.live(LiveRequest::Log);
    let mut session = finish.session;
    let now = world.now();
    // The relay drops an answer, brings another twice, and one with a bit turned.
    let LiveSend::Packet { packet, .. } = send(&mut world, &mut session, LiveRequest::Log) else { panic!() };
    let millis = world.millis;
    let sent = world.lock.bring(&packet, millis);
    let mut bent = sent[0].clone();
    *bent.last_mut().unwrap() ^= 1;
    assert!(world.fleet().open_live(&mut session, &bent, now).is_err());
    world.fleet().open_live(&mut session, &sent[0], now).unwrap();
    assert!(world.fleet().open_live(&mut session, &sent[0], now).is_err(), "an answer comes once");
    let LiveSend::Packet { packet, .. } = send(&mut world, &mut session, LiveRequest::Log) else { panic!() };
    let _ = world.lock.bring(&packet, millis);
    drop(session);
    assert_eq!(acknowledged(&world), 0);
    let (fetched, _) = fetch(&mut world);
    assert!(matches!(fetched, Fetched::Level { .. }));
    assert_eq!(world.fleet().log_standing(LOCK).unwrap().faults, []);
    assert!(acknowledged(&world) > 40);
}

#[test]
fn two_sessions_that_fetch_at_once_find_no_fault_in_each_other() {
    let mut world = world(16);
    turn(&mut world, 30);
    let (first, _) = world.live(LiveRequest::Log);
    let mut session = first.session;
    let LiveSend::Packet { packet, .. } = send(&mut world, &mut session, LiveRequest::Log) else { panic!() };
    let (now, millis) = (world.now(), world.millis);
    let late = world.lock.bring(&packet, millis);
    let (fetched, _) = fetch(&mut world);
    assert!(matches!(fetched, Fetched::Level { .. }));
    let event = world.fleet().open_live(&mut session, &late[0], now).unwrap();
    assert_eq!(event, LiveEvent::Answer(LiveAnswer::Log(Fetched::More { entries: 0 })));
    assert_eq!(world.fleet().log_standing(LOCK).unwrap().faults, []);
}

#[test]
fn a_ring_that_ran_round_is_an_explicit_gap_and_no_fault() {
    let mut world = world(3);
    turn(&mut world, 80);
    let first = first_held(&world);
    assert!(first > 20);
    let (fetched, _) = fetch(&mut world);
    assert!(matches!(fetched, Fetched::Level { .. }));
    let standing = world.fleet().log_standing(LOCK).unwrap();
    assert_eq!((standing.faults.len(), standing.unexplained), (0, None));
    let entries = world.fleet().log(LOCK, 0, 1_000).unwrap();
    assert!(entries[0].index >= first - 1, "{}", entries[0].index);
    let gap = entries.iter().filter_map(|kept| gap_of(&kept.entry?)).next_back();
    assert_eq!(gap, Some(Missing { first: 0, last: first - 1 }));
}

#[test]
fn a_restored_database_is_told_what_it_lost_keeps_that_as_a_fault_and_goes_on() {
    let mut world = world(3);
    turn(&mut world, 6);
    let _ = fetch(&mut world);
    let before = world.fleet().log_standing(LOCK).unwrap().next;
    world.back_up();
    for _ in 0..10 {
        turn(&mut world, 6);
        let _ = fetch(&mut world);
    }
    let first = first_held(&world);
    assert!(first > before);
    world.restore();
    turn(&mut world, 2);
    let (fetched, _) = fetch(&mut world);
    assert!(matches!(fetched, Fetched::Level { .. }), "{fetched:?}");
    let standing = world.fleet().log_standing(LOCK).unwrap();
    let [fault] = &standing.faults[..] else { panic!("{standing:?}") };
    assert_eq!((fault.kind.as_str(), fault.range), ("Dropped", Missing { first: before, last: first - 1 }));
    assert!(world.audit().contains("a fault in its log"));
    turn(&mut world, 2);
    let (fetched, _) = fetch(&mut world);
    assert!(matches!(fetched, Fetched::Level { .. }));
    assert_eq!(world.fleet().log_standing(LOCK).unwrap().faults.len(), 1, "told once, and kept");
}

#[test]
fn a_lock_whose_log_was_put_back_is_found_out_and_nothing_is_acknowledged() {
    let mut world = world(8);
    turn(&mut world, 5);
    let old = world.lock.ring.take().unwrap().into_flash();
    world.lock.ring = Some(lock_store::LogRing::mount(old.clone()).unwrap());
    turn(&mut world, 5);
    let _ = fetch(&mut world);
    world.lock.ring = Some(lock_store::LogRing::mount(old).unwrap());
    let now = world.millis;
    world.lock.reboot(now);
    let (fetched, acknowledged) = fetch(&mut world);
    assert!(matches!(fetched, Fetched::Broken { .. }), "{fetched:?}");
    assert_eq!(acknowledged, None);
    let standing = world.fleet().log_standing(LOCK).unwrap();
    assert_eq!(standing.faults[0].kind, "HeadBehind");
}

#[test]
fn an_export_has_every_line_and_its_key_is_a_choice_of_its_own() {
    let mut world = world(8);
    let now = world.now();
    assert!(matches!(world.fleet().export_log(LOCK, 0, "anna", now), Err(FleetError::NoLog)));
    turn(&mut world, 8);
    let _ = fetch(&mut world);
    let next = world.fleet().log_standing(LOCK).unwrap().next;
    let file = exported(&mut world, 0);
    assert_eq!(file.lines().count() as u64, next + 2);
    let later = exported(&mut world, 4);
    assert_eq!(later.lines().count() as u64, next - 4 + 2);
    assert!(later.starts_with(r#"{"lock_log":"1""#) && later.contains(r#""next":"4""#), "{later}");
    let behind = |refused| matches!(refused, Some(FleetError::LogEnds { from, next: end }) if (from, end) == (next + 1, next));
    assert!(behind(world.fleet().export_log(LOCK, next + 1, "anna", now).err()));
    assert!(behind(world.fleet().export_log_key(LOCK, next + 1, "anna", now).err()));
    assert!(!world.audit().contains("export the key"));
    let key = world.fleet().export_log_key(LOCK, 4, "anna", now).unwrap().walk().unwrap();
    assert!(key.file.contains(r#""index":"4""#));
    assert!(!format!("{key:?}").contains("key\":"), "no key is printed");
    assert!(world.audit().contains("anna | export the key of the log | from entry 4 on"));
}

#[test]
fn an_export_ends_at_the_head_with_which_it_was_begun_and_comes_in_pages() {
    let mut world = world(16);
    while world.fleet().log_standing(LOCK).unwrap().next <= 500 {
        turn(&mut world, 60);
        let _ = fetch(&mut world);
    }
    let (now, next) = (world.now(), world.fleet().log_standing(LOCK).unwrap().next);
    let mut export = world.fleet().export_log(LOCK, 0, "anna", now).unwrap();
    let first = world.fleet().log_export_page(&mut export).unwrap().unwrap();
    assert_eq!(first.lines().count(), 501, "where it begins, and a page of entries");
    turn(&mut world, 2);
    let _ = fetch(&mut world);
    assert!(world.fleet().log_standing(LOCK).unwrap().next > next);
    let second = world.fleet().log_export_page(&mut export).unwrap().unwrap();
    assert_eq!(second.lines().count() as u64, next - 500 + 1);
    assert!(second.lines().last().unwrap().contains(&format!(r#""next":"{next}""#)), "{second}");
    assert_eq!(world.fleet().log_export_page(&mut export).unwrap(), None);
}

#[test]
fn the_key_of_a_log_is_not_in_the_database_in_clear() {
    let mut world = world(8);
    turn(&mut world, 4);
    let _ = fetch(&mut world);
    let now = world.now();
    let next = world.fleet().log_standing(LOCK).unwrap().next;
    let key = world.fleet().export_log_key(LOCK, next, "anna", now).unwrap().walk().unwrap();
    let hex = key.file.split(r#""key":""#).nth(1).unwrap()[..64].to_owned();
    let bytes: Vec<u8> =
        (0..32).map(|place| u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).unwrap()).collect();
    let file = world.file();
    assert!(!file.windows(32).any(|window| window == bytes), "the key of the entry to come is wrapped");
}

#[test]
fn a_lock_without_a_log_says_so() {
    let mut world = World::new();
    let (finish, _) = world.live(LiveRequest::Log);
    assert_eq!(finish.answer, LiveAnswer::NotUnderstood);
    let standing = world.fleet().log_standing(LOCK).unwrap();
    assert_eq!((standing.next, standing.level_at), (0, None));
    world.live(action(Task::Unlock, "still-works"));
}
