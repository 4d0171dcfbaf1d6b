//! Virtual keys: what a link yields at the door, what no holder can make of it, and that a single use happens once, whatever is cut.

use lock_core::cloud::{Conditions, IssueError, NewTicket, Session, SessionError, Uses, WeeklyWindow};
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::crypto::{Delivery, Key};
use lock_core::device::{Input, PersistFailure, RecordTag};
use lock_core::proto::{
    Action, Answer, BoltPosition, Cause, CommandId, Event, LogEvent, Marks, MinuteOfDay, Outcome, Query,
    Reason, Reply, ReportBody, Request, Seconds, Target, Ticket, TicketRights, UnixMillis, Weekdays,
};
use lock_core::state::{Drive, ResetButton};
use lock_core::virtual_key::{Binding, LINK_BYTES, LINK_LETTERS, LinkError, VirtualKey, VirtualKeyError};
use proptest::prelude::*;

#[path = "common/pair.rs"]
mod pair;
use pair::{Did, EPOCH_MILLIS, Flash, Pair, lock, set_relock, unlock};

const HOUR: u64 = 3_600_000;

fn now(pair: &Pair) -> UnixMillis {
    UnixMillis(EPOCH_MILLIS + pair.world_millis)
}

fn issue(pair: &Pair, serial: u64, conditions: Conditions) -> VirtualKey {
    let new = NewTicket { serial, issued: now(pair), epoch: 0, conditions };
    pair.keys.issue(&new, None, &[serial as u8; 32]).unwrap()
}

/// A lock that knows the time: its cloud was there.
fn told() -> Pair {
    let mut pair = Pair::new();
    let _ = pair.session(Request::Nothing);
    pair
}

fn message1(pair: &mut Pair, key: &VirtualKey, request: Request) -> (Vec<u8>, lock_core::cloud::Connecting) {
    let hello = pair.hello();
    pair.attempt += 1;
    let hedge = InitiatorHedge { attempt: pair.attempt, entropy: pair.entropy };
    let mut packet = [0; 512];
    let (length, connecting) = key.connect(&hello, request, &hedge, &mut packet).unwrap();
    (packet[..length].to_vec(), connecting)
}

/// A holder at the door; `None` where the lock is silent.
fn try_use(pair: &mut Pair, key: &VirtualKey, request: Request) -> Option<(Answer, Session)> {
    let (message1, connecting) = message1(pair, key, request);
    pair.up.clear();
    pair.deliver(&message1);
    let mut message2 = pair.up.pop_front()?;
    let (answer, _, session) = connecting.finish(&mut message2, Delivery::Ordered, pair.cloud_now()).unwrap();
    Some((answer.into_inner(), session))
}

fn outcome(pair: &mut Pair, key: &VirtualKey, request: Request) -> Outcome {
    let (answer, _) = try_use(pair, key, request).expect("the lock answers");
    let Reply::Command { outcome, .. } = answer.reply else { panic!("{answer:?}") };
    outcome
}

fn refused(reason: Reason) -> Outcome {
    Outcome::Refused(reason)
}

fn narrowed(key: &VirtualKey, conditions: Conditions) -> VirtualKey {
    key.narrow(&conditions).unwrap()
}

fn rights(rights: TicketRights) -> Conditions {
    Conditions { rights: Some(rights), ..Conditions::default() }
}

fn throw(pair: &mut Pair) {
    pair.sense(BoltPosition::Extended);
    pair.did.clear();
}

#[test]
fn a_guest_opens_within_one_round_trip_and_hears_the_end_while_the_cloud_is_off() {
    let mut pair = told();
    let key = issue(&pair, 1, Conditions::default());
    pair.did.clear();
    let (answer, mut session) = try_use(&mut pair, &key, unlock(5)).unwrap();
    let started = Reply::Command { id: CommandId(5), outcome: Outcome::Started, repeat: false };
    assert_eq!(
        (answer.reply, answer.marks),
        (started, Marks::default()),
        "a guest learns no numbers of the cloud"
    );
    let motor = pair.did.iter().position(|did| *did == Did::Motor(Drive::Retract)).expect("the motor runs");
    let said =
        pair.did.iter().rposition(|did| matches!(did, Did::Transmit(..))).expect("and then it answers");
    assert!(motor < said);
    pair.sense(BoltPosition::Retracted);
    let reports = pair.reports(&mut session);
    let end = Event::Finished { id: CommandId(5), outcome: Outcome::Done };
    assert!(reports.iter().any(|report| report.body == ReportBody::Event(end)), "{reports:?}");
    // Asking again tells and moves nothing.
    let again = pair.ask(&mut session, unlock(5));
    let done = Reply::Command { id: CommandId(5), outcome: Outcome::Done, repeat: true };
    assert!(again.iter().any(|report| report.body == ReportBody::Reply(done.clone())), "{again:?}");
    let asked = pair.ask(&mut session, Request::Query(Query::Command(CommandId(5))));
    assert!(asked.iter().any(|report| report.body == ReportBody::Reply(done.clone())), "{asked:?}");
    assert_eq!(pair.drives(), [Drive::Retract]);
}

#[test]
fn the_log_names_the_number_of_the_key_whether_or_not_it_opened() {
    let mut pair = Pair::with_log(4);
    let _ = pair.session(Request::Nothing);
    let opens = issue(&pair, 77, rights(TicketRights::UNLOCK));
    let _ = outcome(&mut pair, &opens, unlock(1));
    let _ = outcome(&mut pair, &opens, lock(2));
    pair.run();
    let (entries, _) = pair.log.as_mut().unwrap().read();
    let told: Vec<_> = entries
        .iter()
        .filter(|(_, entry)| entry.cause == Cause::VirtualKey)
        .map(|(_, entry)| (entry.event, entry.command))
        .collect();
    let serial = Some(CommandId(77));
    assert_eq!(
        told,
        [(LogEvent::Asked(Target::Unlocked), serial), (LogEvent::Refused(Reason::NotPermitted), serial)]
    );
}

#[test]
fn each_level_only_narrows_and_the_whole_fits() {
    let mut pair = told();
    let start = now(&pair);
    let root = issue(
        &pair,
        7,
        Conditions {
            depth: Some(4),
            not_after: Some(start.plus_millis(50 * HOUR)),
            ..rights(TicketRights::ALL)
        },
    );
    let full = |hours: u64| Conditions {
        rights: Some(TicketRights::UNLOCK.or(TicketRights::STATUS)),
        not_before: Some(start),
        not_after: Some(start.plus_millis(hours * HOUR)),
        weekly: Some(WeeklyWindow { days: Weekdays::ALL, from: MinuteOfDay(1), until: MinuteOfDay(0) }),
        staleness: Some(Seconds(90_000)),
        ..Conditions::default()
    };
    let mut key = root.narrow(&full(40)).unwrap();
    for hours in [30, 20, 10] {
        key = key.narrow(&full(hours)).unwrap();
    }
    assert!(key.ticket().len() <= 384, "{} bytes", key.ticket().len());
    assert_eq!(outcome(&mut pair, &key, unlock(1)), Outcome::Started);
    assert_eq!(
        outcome(&mut pair, &key, lock(2)),
        refused(Reason::NotPermitted),
        "the right to lock was taken away"
    );
    assert!(matches!(key.narrow(&full(5)), Err(VirtualKeyError::TooDeep)));
    // What an ancestor may do it still may.
    assert_ne!(outcome(&mut pair, &root, lock(3)), refused(Reason::NotPermitted));
}

#[test]
fn nobody_widens_what_they_were_given() {
    let mut pair = told();
    let root = issue(&pair, 7, Conditions { depth: Some(1), ..rights(TicketRights::STATUS) });
    let wider = narrowed(&root, rights(TicketRights::ALL));
    assert_eq!(
        outcome(&mut pair, &wider, unlock(1)),
        refused(Reason::NotPermitted),
        "rights are those of all blocks"
    );
    let deeper = narrowed(&wider, rights(TicketRights::STATUS));
    assert_eq!(
        outcome(&mut pair, &deeper, unlock(2)),
        refused(Reason::InvalidTicket),
        "one block was allowed"
    );
    let late = now(&pair);
    let short =
        issue(&pair, 8, Conditions { not_after: Some(late), depth: Some(1), ..Conditions::default() });
    let longer =
        narrowed(&short, Conditions { not_after: Some(late.plus_millis(HOUR)), ..Conditions::default() });
    pair.wait(1_000);
    assert_eq!(outcome(&mut pair, &longer, unlock(3)), refused(Reason::OutsideValidity));
    // A holder who may not pass it on cannot: its lock reads no block.
    let own = issue(&pair, 9, Conditions::default());
    let passed = narrowed(&own, rights(TicketRights::UNLOCK));
    assert_eq!(outcome(&mut pair, &passed, unlock(4)), refused(Reason::InvalidTicket));
}

#[test]
fn a_ticket_that_is_altered_anywhere_or_cut_or_taken_apart_is_met_with_silence() {
    let mut pair = told();
    let root = issue(&pair, 7, Conditions { depth: Some(2), ..Conditions::default() });
    let key = narrowed(&root, rights(TicketRights::UNLOCK));
    let (packet, _) = message1(&mut pair, &key, unlock(1));
    let ticket_end = 6 + key.ticket().len();
    for place in 0..packet.len() {
        let (mut altered, _) = message1(&mut pair, &key, unlock(1));
        altered[place] ^= 0x10;
        pair.up.clear();
        pair.deliver(&altered);
        assert!(pair.up.is_empty(), "byte {place} of {}", packet.len());
        pair.wait(1_100);
    }
    // Without its last block the ticket is its parent's, and the key of the child opens no handshake for it.
    let (mut shorter, _) = message1(&mut pair, &key, unlock(1));
    let block = 1 + rights_block().len();
    shorter.drain(ticket_end - block..ticket_end);
    let length = u16::try_from(ticket_end - block - 6).unwrap();
    shorter[4..6].copy_from_slice(&length.to_be_bytes());
    pair.up.clear();
    pair.deliver(&shorter);
    assert!(pair.up.is_empty());
    assert_eq!(pair.drives(), []);
    pair.wait(1_100);
    assert_eq!(outcome(&mut pair, &key, unlock(2)), Outcome::Started, "and the whole one still opens");
}

fn rights_block() -> Vec<u8> {
    let mut block = [0; Ticket::MAX_BLOCK];
    let caveats = [lock_core::proto::Caveat::Rights(TicketRights::UNLOCK)];
    lock_core::proto::encode_caveats(caveats, &mut block).unwrap().to_vec()
}

#[test]
fn a_key_of_another_lock_epoch_or_secret_is_met_with_silence() {
    let mut pair = told();
    let root = lock_core::crypto::RootKey::from_bytes::<lock_core::crypto::RustCrypto>(
        [7; 32].map({
            let mut next = 0_u8;
            move |byte: u8| {
                next += 1;
                byte ^ next
            }
        }),
        pair::LOCK_ID,
    )
    .unwrap();
    let others = lock_core::cloud::LockKeys::expand(&root, pair::LOCK_ID, lock_core::crypto::KeyEpoch::FIRST);
    let forged = others.issue(
        &NewTicket { serial: 1, issued: now(&pair), epoch: 0, conditions: Conditions::default() },
        None,
        &[1; 32],
    );
    let forged: VirtualKey = forged.unwrap();
    let hello = pair.hello();
    let hedge = InitiatorHedge { attempt: 1, entropy: [1; 32] };
    let refused = forged.connect(&hello, unlock(1), &hedge, &mut [0; 512]);
    assert!(matches!(refused, Err(VirtualKeyError::Session(SessionError::AnotherLock))));
    assert_eq!(pair.drives(), []);
}

#[test]
fn a_recorded_use_is_worth_nothing_later() {
    let mut pair = told();
    let key = issue(&pair, 1, Conditions::default());
    let (packet, _) = message1(&mut pair, &key, unlock(1));
    pair.deliver(&packet);
    pair.sense(BoltPosition::Retracted);
    throw(&mut pair);
    pair.deliver(&packet);
    let _ = pair.hello();
    pair.deliver(&packet);
    pair.cut_power(BoltPosition::Extended);
    let _ = pair.hello();
    pair.deliver(&packet);
    assert_eq!(pair.drives(), []);
}

#[test]
fn a_motion_that_a_relay_kept_for_more_than_five_seconds_is_refused() {
    let mut pair = told();
    let key = issue(&pair, 1, Conditions::default());
    let (packet, connecting) = message1(&mut pair, &key, unlock(1));
    pair.wait(5_001);
    pair.deliver(&packet);
    let (answer, _, _) = pair.finish(connecting);
    let Reply::Command { outcome, .. } = answer.into_inner().reply else { panic!() };
    assert_eq!(outcome, refused(Reason::Expired));
}

#[test]
fn a_stolen_link_of_a_bound_key_opens_nothing_and_its_holder_does() {
    let mut pair = told();
    let secret = Key::from_bytes([0x51; 32]);
    let new = NewTicket {
        serial: 3,
        issued: now(&pair),
        epoch: 0,
        conditions: Conditions { depth: Some(2), ..Conditions::default() },
    };
    let key: VirtualKey = pair.keys.issue(&new, Some(&secret), &[2; 32]).unwrap();
    let mut text = [0; LINK_LETTERS];
    let link = key.to_link(&mut text).unwrap().to_owned();
    let stolen: VirtualKey = VirtualKey::from_link(&link).unwrap();
    assert_eq!(stolen.binding(), Binding::Needed);
    let hello = pair.hello();
    let hedge = InitiatorHedge { attempt: 1, entropy: [1; 32] };
    assert!(matches!(
        stolen.connect(&hello, unlock(1), &hedge, &mut [0; 512]),
        Err(VirtualKeyError::NotBound)
    ));
    assert!(matches!(stolen.narrow(&rights(TicketRights::UNLOCK)), Err(VirtualKeyError::NotBound)));
    // The thief who binds it to another secret has another key.
    let guessed = VirtualKey::from_link(&link).unwrap().bind(&Key::from_bytes([0x52; 32]));
    assert!(try_use(&mut pair, &guessed, unlock(1)).is_none());
    pair.wait(1_100);
    let own = VirtualKey::from_link(&link).unwrap().bind(&secret);
    assert_eq!(outcome(&mut pair, &own, unlock(2)), Outcome::Started);
    let passed_on = narrowed(&own, rights(TicketRights::UNLOCK));
    assert_eq!(outcome(&mut pair, &passed_on, unlock(3)), Outcome::Started);
}

#[test]
fn windows_hold_at_both_bounds_of_the_clock_and_fail_without_one() {
    let mut pair = told();
    let start = now(&pair);
    let later = issue(
        &pair,
        1,
        Conditions {
            not_before: Some(start.plus_millis(HOUR)),
            not_after: Some(start.plus_millis(2 * HOUR)),
            ..Conditions::default()
        },
    );
    assert_eq!(outcome(&mut pair, &later, unlock(1)), refused(Reason::OutsideValidity));
    pair.wait(HOUR + 5_000);
    assert_eq!(outcome(&mut pair, &later, unlock(2)), Outcome::Started);
    throw(&mut pair);
    pair.cut_power(BoltPosition::Extended);
    assert_eq!(outcome(&mut pair, &later, unlock(3)), refused(Reason::ClockNotTrusted));
    let unlimited = issue(&pair, 2, Conditions::default());
    assert_eq!(
        outcome(&mut pair, &unlimited, unlock(4)),
        Outcome::Started,
        "nothing about it is limited in time"
    );
    let _ = pair.session(Request::Nothing);
    pair.wait(HOUR);
    assert_eq!(outcome(&mut pair, &later, unlock(5)), refused(Reason::OutsideValidity));
}

#[test]
fn a_weekly_window_is_kept_by_the_local_clock() {
    let mut pair = told();
    // The world began on a Friday, 15 January 2027, at 08:00 UTC.
    let friday =
        WeeklyWindow { days: Weekdays(1 << 5), from: MinuteOfDay(8 * 60), until: MinuteOfDay(9 * 60) };
    let key = issue(&pair, 1, Conditions { weekly: Some(friday), ..Conditions::default() });
    assert_eq!(outcome(&mut pair, &key, unlock(1)), Outcome::Started);
    pair.wait(2 * HOUR);
    throw(&mut pair);
    assert_eq!(outcome(&mut pair, &key, unlock(2)), refused(Reason::OutsideSchedule));
}

#[test]
fn a_lock_that_has_not_heard_its_cloud_for_too_long_refuses_a_key_that_says_so() {
    let mut pair = told();
    let key = issue(&pair, 1, Conditions { staleness: Some(Seconds(3_600)), ..Conditions::default() });
    assert_eq!(outcome(&mut pair, &key, unlock(1)), Outcome::Started);
    throw(&mut pair);
    pair.wait(HOUR + 1_000);
    assert_eq!(outcome(&mut pair, &key, unlock(2)), refused(Reason::TicketStale));
    let _ = pair.session(Request::Nothing);
    assert_eq!(outcome(&mut pair, &key, unlock(3)), Outcome::Started);
}

#[test]
fn a_single_use_is_shared_by_all_who_were_given_it() {
    let mut pair = told();
    let until = Some(now(&pair).plus_millis(HOUR));
    let once = Conditions { uses: Uses::Single, not_after: until, depth: Some(2), ..Conditions::default() };
    let root = issue(&pair, 1, once);
    let (anna, ben) =
        (narrowed(&root, rights(TicketRights::UNLOCK)), narrowed(&root, rights(TicketRights::ALL)));
    assert_eq!(outcome(&mut pair, &anna, unlock(1)), Outcome::Started);
    throw(&mut pair);
    for key in [&anna, &ben, &root] {
        assert_eq!(outcome(&mut pair, key, unlock(2)), refused(Reason::AlreadyUsed));
    }
    pair.cut_power(BoltPosition::Extended);
    let _ = pair.session(Request::Nothing);
    assert_eq!(
        outcome(&mut pair, &ben, unlock(3)),
        refused(Reason::AlreadyUsed),
        "a power cut gives nothing back"
    );
    // A single use of a block is that block's: its parent goes on.
    let many = issue(&pair, 2, Conditions { not_after: until, depth: Some(1), ..Conditions::default() });
    let one = narrowed(&many, Conditions { uses: Uses::Single, ..Conditions::default() });
    assert_eq!(outcome(&mut pair, &one, unlock(4)), Outcome::Started);
    throw(&mut pair);
    assert_eq!(outcome(&mut pair, &one, unlock(5)), refused(Reason::AlreadyUsed));
    assert_eq!(outcome(&mut pair, &many, unlock(6)), Outcome::Started);
    let endless = NewTicket {
        serial: 3,
        issued: now(&pair),
        epoch: 0,
        conditions: Conditions { uses: Uses::Single, ..Conditions::default() },
    };
    assert!(matches!(pair.keys.issue(&endless, None, &[1; 32]), Err(IssueError::SingleUseWithoutEnd)));
}

/// The use is remembered as long as any key that shares it counts, whatever the one says that spends it.
#[test]
fn a_single_use_is_not_forgotten_with_a_shorter_key_that_spent_it() {
    let mut pair = told();
    let start = now(&pair);
    let days = |days: u64| Some(start.plus_millis(days * 24 * HOUR));
    let once = Conditions { uses: Uses::Single, not_after: days(7), depth: Some(2), ..Conditions::default() };
    let root = issue(&pair, 1, once);
    let minute = Some(start.plus_millis(60_000));
    let short = narrowed(&root, Conditions { not_after: minute, ..Conditions::default() });
    assert_eq!(outcome(&mut pair, &short, unlock(1)), Outcome::Started);
    throw(&mut pair);
    pair.wait(HOUR);
    let other =
        issue(&pair, 2, Conditions { uses: Uses::Single, not_after: days(1), ..Conditions::default() });
    assert_eq!(outcome(&mut pair, &other, unlock(2)), Outcome::Started);
    throw(&mut pair);
    assert_eq!(outcome(&mut pair, &root, unlock(3)), refused(Reason::AlreadyUsed));
    assert_eq!(pair.drives(), []);
}

#[test]
fn a_single_use_without_an_end_of_its_own_is_no_key() {
    let mut pair = told();
    let many = issue(&pair, 1, Conditions { depth: Some(2), ..Conditions::default() });
    let endless = narrowed(&many, Conditions { uses: Uses::Single, ..Conditions::default() });
    let until = Some(now(&pair).plus_millis(HOUR));
    let ended = narrowed(&endless, Conditions { not_after: until, ..Conditions::default() });
    for (id, key) in (1..).zip([&endless, &ended]) {
        assert_eq!(outcome(&mut pair, key, unlock(id)), refused(Reason::InvalidTicket));
    }
}

/// Whoever may pass a key on can make many of it; the keys that the cloud issues for one use have room all the same.
#[test]
fn a_holder_cannot_take_the_room_of_single_uses_from_others_and_a_raised_epoch_gives_it_back() {
    let mut pair = told();
    let many = issue(&pair, 1, Conditions { depth: Some(1), ..Conditions::default() });
    let far = |n: u64| Conditions {
        uses: Uses::Single,
        not_after: Some(UnixMillis(EPOCH_MILLIS + 1_000 * 24 * HOUR + n)),
        ..Conditions::default()
    };
    for n in 1..=16 {
        assert_eq!(outcome(&mut pair, &narrowed(&many, far(n)), unlock(n)), Outcome::Started, "{n}");
        throw(&mut pair);
    }
    let one_more = narrowed(&many, far(17));
    assert_eq!(outcome(&mut pair, &one_more, unlock(17)), refused(Reason::TicketsFull));
    for serial in 2..=17 {
        let key = issue(&pair, serial, far(serial));
        assert_eq!(outcome(&mut pair, &key, unlock(20 + serial)), Outcome::Started, "{serial}");
        throw(&mut pair);
    }
    let key = issue(&pair, 18, far(18));
    assert_eq!(outcome(&mut pair, &key, unlock(40)), refused(Reason::TicketsFull));
    assert_eq!(revoke(&mut pair, 1, Action::RevokeTickets { epoch: 1 }), Outcome::Done);
    let new = NewTicket { serial: 19, issued: now(&pair), epoch: 1, conditions: far(19) };
    let key: VirtualKey = pair.keys.issue(&new, None, &[3; 32]).unwrap();
    assert_eq!(outcome(&mut pair, &key, unlock(41)), Outcome::Started);
}

#[test]
fn no_key_keeps_the_door_unlocked_for_a_time_of_its_holders_choice() {
    let mut pair = told();
    let until = Some(now(&pair).plus_millis(HOUR));
    let once = Conditions { uses: Uses::Single, not_after: until, ..rights(TicketRights::ALL) };
    let key = issue(&pair, 1, once);
    for delay in [Seconds(0), Seconds(60), Seconds(86_400)] {
        let request = Request::Command { id: CommandId(1), action: Action::UnlockFor { delay } };
        assert_eq!(outcome(&mut pair, &key, request), refused(Reason::NotPermitted));
    }
    let unlock_only = issue(&pair, 2, rights(TicketRights::UNLOCK));
    let lock_n_go = Request::Command { id: CommandId(2), action: Action::LockNGo };
    assert_eq!(outcome(&mut pair, &unlock_only, lock_n_go), refused(Reason::NotPermitted));
    assert_eq!(pair.drives(), []);
    assert_eq!(outcome(&mut pair, &key, unlock(3)), Outcome::Started, "and the use is not spent");
}

/// Pulling the latch withdraws the bolt first.
#[test]
fn the_right_to_the_latch_alone_does_not_withdraw_the_bolt() {
    let mut pair = told();
    let unlatch = Request::Command { id: CommandId(1), action: Action::Unlatch };
    let all = issue(&pair, 1, Conditions { depth: Some(1), ..rights(TicketRights::ALL) });
    let latch = narrowed(&all, rights(TicketRights::UNLATCH));
    assert_eq!(outcome(&mut pair, &latch, unlatch.clone()), refused(Reason::NotPermitted));
    assert_eq!(pair.drives(), []);
    let both = issue(&pair, 2, rights(TicketRights::UNLATCH.or(TicketRights::UNLOCK)));
    assert_ne!(outcome(&mut pair, &both, unlatch), refused(Reason::NotPermitted));
}

/// The link is free again for the cloud and for others, also where the key is dead.
#[test]
fn a_holders_session_ends_after_a_minute() {
    let mut pair = told();
    let dead = issue(&pair, 1, Conditions::default());
    assert_eq!(revoke(&mut pair, 1, Action::DenyTicket { epoch: 0, serial: 1 }), Outcome::Done);
    let (_, mut session) = try_use(&mut pair, &dead, unlock(1)).unwrap();
    pair.wait(59_000);
    assert!(!pair.ask(&mut session, Request::Query(Query::Status)).is_empty());
    pair.did.clear();
    pair.wait(2_000);
    assert!(pair.did.iter().any(|did| matches!(did, Did::Close(_))), "{:?}", pair.did);
}

#[test]
fn a_single_use_is_durable_before_the_motor_moves_and_happens_once_wherever_power_is_cut() {
    for cut_after in 0..12 {
        let mut pair = told();
        let until = Some(now(&pair).plus_millis(HOUR));
        let key =
            issue(&pair, 1, Conditions { uses: Uses::Single, not_after: until, ..Conditions::default() });
        let (packet, _) = message1(&mut pair, &key, unlock(1));
        pair.did.clear();
        let mut packet = packet;
        pair.input(Input::Packet { link: pair::LINK, packet: &mut packet });
        for _ in 0..cut_after {
            pair.step();
        }
        let moved = pair.did.contains(&Did::Motor(Drive::Retract));
        let stored = pair.did.contains(&Did::Persist(RecordTag::Tickets));
        assert!(stored || !moved, "cut after {cut_after}: the motor moved before the use was durable");
        pair.cut_power(BoltPosition::Extended);
        let _ = pair.session(Request::Nothing);
        pair.did.clear();
        let again = outcome(&mut pair, &key, unlock(2));
        assert_eq!(again == refused(Reason::AlreadyUsed), stored, "cut after {cut_after}: {again:?}");
    }
}

#[test]
fn a_single_use_whose_record_fails_moves_nothing() {
    for why in [PersistFailure::Busy, PersistFailure::Fault] {
        let mut pair = told();
        let until = Some(now(&pair).plus_millis(HOUR));
        let key =
            issue(&pair, 1, Conditions { uses: Uses::Single, not_after: until, ..Conditions::default() });
        let (packet, connecting) = message1(&mut pair, &key, unlock(1));
        pair.did.clear();
        pair.flash = Flash::Fails(why);
        pair.deliver(&packet);
        pair.flash = Flash::Works;
        assert_eq!(pair.drives(), [], "{why:?}");
        let (answer, _, _) = pair.finish(connecting);
        let Reply::Command { outcome: Outcome::Refused(reason), .. } = answer.into_inner().reply else {
            panic!()
        };
        assert!(matches!(reason, Reason::StorageBusy | Reason::StorageFault), "{reason:?}");
    }
}

#[test]
fn as_many_single_uses_as_there_is_room_for_and_then_the_lock_refuses_until_their_time_has_passed() {
    let mut pair = told();
    let until = Some(now(&pair).plus_millis(HOUR));
    let once = |pair: &Pair, serial, not_after| {
        issue(pair, serial, Conditions { uses: Uses::Single, not_after, ..Conditions::default() })
    };
    for serial in 1..=32 {
        let key = once(&pair, serial, until);
        assert_eq!(outcome(&mut pair, &key, unlock(serial)), Outcome::Started, "{serial}");
        throw(&mut pair);
    }
    let later = Some(now(&pair).plus_millis(3 * HOUR));
    let one_more = once(&pair, 33, later);
    assert_eq!(outcome(&mut pair, &one_more, unlock(33)), refused(Reason::TicketsFull));
    pair.wait(HOUR + 60_000);
    assert_eq!(outcome(&mut pair, &one_more, unlock(34)), Outcome::Started);
}

fn revoke(pair: &mut Pair, id: u64, action: Action) -> Outcome {
    let (answer, mut session) = pair.session(Request::Command { id: CommandId(id), action });
    let Reply::Command { outcome, .. } = answer.reply else { panic!("{answer:?}") };
    if outcome != Outcome::Started {
        return outcome;
    }
    let reports = pair.ask(&mut session, Request::Query(Query::Command(CommandId(id))));
    let mut outcomes = reports.into_iter().filter_map(|report| match report.body {
        ReportBody::Reply(Reply::Command { outcome, .. }) => Some(outcome),
        ReportBody::Reply(_) | ReportBody::Event(_) => None,
    });
    outcomes.next_back().expect("the lock answers")
}

#[test]
fn one_key_is_denied_and_all_keys_of_an_epoch_die_also_in_an_open_session_and_after_a_power_cut() {
    let mut pair = told();
    let (anna, ben) = (issue(&pair, 1, Conditions::default()), issue(&pair, 2, Conditions::default()));
    assert_eq!(revoke(&mut pair, 1, Action::DenyTicket { epoch: 0, serial: 1 }), Outcome::Done);
    assert_eq!(outcome(&mut pair, &anna, unlock(1)), refused(Reason::TicketRevoked));
    let (_, mut session) = try_use(&mut pair, &ben, Request::Nothing).unwrap();
    // The revocation comes sealed, while the guest's session goes on.
    let request = Request::Command { id: CommandId(2), action: Action::RevokeTickets { epoch: 1 } };
    let sealed = pair.seal(1, request);
    pair.deliver(&sealed);
    pair.up.retain(|packet| packet[1] == 5);
    let reports = pair.ask(&mut session, unlock(9));
    let dead = Reply::Command { id: CommandId(9), outcome: refused(Reason::TicketRevoked), repeat: false };
    assert!(reports.iter().any(|report| report.body == ReportBody::Reply(dead.clone())), "{reports:?}");
    pair.cut_power(BoltPosition::Extended);
    assert_eq!(outcome(&mut pair, &ben, unlock(3)), refused(Reason::TicketRevoked));
    assert_eq!(
        revoke(&mut pair, 3, Action::RevokeTickets { epoch: 0 }),
        refused(Reason::InvalidArgument),
        "never back"
    );
    let new = NewTicket { serial: 3, issued: now(&pair), epoch: 1, conditions: Conditions::default() };
    let fresh: VirtualKey = pair.keys.issue(&new, None, &[3; 32]).unwrap();
    assert_eq!(outcome(&mut pair, &fresh, unlock(4)), Outcome::Started);
    assert_eq!(pair.drives(), [Drive::Retract]);
}

/// A key that was issued ahead of a revocation which the lock never got is not the next owner's problem.
#[test]
fn a_key_of_an_epoch_that_the_lock_was_not_told_is_dead_also_after_a_reset() {
    let mut pair = told();
    let of = |pair: &Pair, serial, epoch| -> VirtualKey {
        let new = NewTicket { serial, issued: now(pair), epoch, conditions: Conditions::default() };
        pair.keys.issue(&new, None, &[3; 32]).unwrap()
    };
    let (one, two) = (of(&pair, 1, 1), of(&pair, 2, 2));
    for key in [&one, &two] {
        assert_eq!(outcome(&mut pair, key, unlock(1)), refused(Reason::TicketRevoked));
    }
    // The denial of a key implies the epoch in which it was issued, so that the raise which comes late revives nothing.
    assert_eq!(revoke(&mut pair, 1, Action::DenyTicket { epoch: 2, serial: 2 }), Outcome::Done);
    assert_eq!(revoke(&mut pair, 2, Action::RevokeTickets { epoch: 2 }), Outcome::Done);
    assert_eq!(outcome(&mut pair, &two, unlock(2)), refused(Reason::TicketRevoked));
    assert_eq!(revoke(&mut pair, 3, Action::DenyTicket { epoch: 1, serial: 7 }), Outcome::Done, "it is dead");
    let three = of(&pair, 3, 2);
    assert_eq!(outcome(&mut pair, &three, unlock(3)), Outcome::Started);
}

#[test]
fn a_full_list_of_denied_keys_says_so_and_a_raised_epoch_makes_room() {
    let mut pair = told();
    let mut id = 0;
    let mut next = || {
        id += 1;
        id
    };
    for serial in 1..=12 {
        assert_eq!(revoke(&mut pair, next(), Action::DenyTicket { epoch: 0, serial }), Outcome::Done);
    }
    assert_eq!(
        revoke(&mut pair, next(), Action::DenyTicket { epoch: 0, serial: 1 }),
        Outcome::Done,
        "known already"
    );
    assert_eq!(
        revoke(&mut pair, next(), Action::DenyTicket { epoch: 0, serial: 13 }),
        refused(Reason::TicketsFull)
    );
    assert_eq!(revoke(&mut pair, next(), Action::RevokeTickets { epoch: 1 }), Outcome::Done);
    assert_eq!(revoke(&mut pair, next(), Action::DenyTicket { epoch: 1, serial: 13 }), Outcome::Done);
}

#[test]
fn a_revocation_whose_record_fails_is_refused_and_in_force_all_the_same_until_the_power_goes() {
    let mut pair = told();
    let key = issue(&pair, 1, Conditions::default());
    let request = Request::Command { id: CommandId(1), action: Action::DenyTicket { epoch: 0, serial: 1 } };
    let hello = pair.hello();
    let (message1, connecting) = pair.message1(&hello, request);
    pair.flash = Flash::Fails(PersistFailure::Fault);
    pair.deliver(&message1);
    pair.flash = Flash::Works;
    let (answer, _, _) = pair.finish(connecting);
    let Reply::Command { outcome: said, .. } = answer.into_inner().reply else { panic!() };
    assert_eq!(said, refused(Reason::StorageFault));
    assert_eq!(outcome(&mut pair, &key, unlock(2)), refused(Reason::TicketRevoked));
}

#[test]
fn a_factory_reset_kills_every_key_that_was_issued_before() {
    let mut pair = told();
    let key = issue(&pair, 1, Conditions::default());
    pair.input(Input::ResetButton(ResetButton::Pressed));
    pair.run();
    pair.wait(11_000);
    pair.input(Input::ResetButton(ResetButton::Released));
    pair.run();
    assert_eq!(outcome(&mut pair, &key, unlock(1)), refused(Reason::TicketRevoked));
    pair.cut_power(BoltPosition::Extended);
    assert_eq!(outcome(&mut pair, &key, unlock(2)), refused(Reason::TicketRevoked));
}

#[test]
fn a_guest_may_not_configure_nor_ask_for_what_is_the_cloud_s() {
    let mut pair = told();
    let key = issue(&pair, 1, rights(TicketRights::ALL));
    assert_eq!(outcome(&mut pair, &key, set_relock(1, 1, 30)), refused(Reason::NotPermitted));
    for query in [Query::Health, Query::Digest, Query::Marks([1; 16])] {
        let (answer, _) = try_use(&mut pair, &key, Request::Query(query)).unwrap();
        assert_eq!(answer.reply, Reply::NotUnderstood);
    }
    let (seen, _) = try_use(&mut pair, &key, Request::Query(Query::Status)).unwrap();
    assert!(matches!(seen.reply, Reply::Status(_)));
    let blind = issue(&pair, 2, rights(TicketRights::UNLOCK));
    let (unseen, _) = try_use(&mut pair, &blind, Request::Query(Query::Status)).unwrap();
    assert_eq!(unseen.reply, Reply::NotUnderstood);
}

#[test]
fn the_end_of_one_guest_s_command_is_never_told_as_another_s() {
    let mut pair = told();
    let key = issue(&pair, 1, rights(TicketRights::ALL));
    let _ = try_use(&mut pair, &key, unlock(1)).unwrap();
    // Another guest takes the link while the bolt still moves; the same number means another command.
    let (answer, mut session) =
        try_use(&mut pair, &key, Request::Query(Query::Command(CommandId(1)))).unwrap();
    let unknown = Reply::Command { id: CommandId(1), outcome: Outcome::NotExecuted, repeat: true };
    assert_eq!(answer.reply, unknown);
    pair.sense(BoltPosition::Retracted);
    assert_eq!(pair.reports(&mut session), []);
}

#[test]
fn a_link_is_read_back_in_any_case_and_a_damaged_one_is_named() {
    let pair = told();
    let key = issue(&pair, 1, Conditions { depth: Some(4), ..Conditions::default() });
    let mut text = [0; LINK_LETTERS];
    let link = key.to_link(&mut text).unwrap().to_owned();
    let spaced: String = link.to_lowercase().chars().flat_map(|letter| [letter, '\n']).collect();
    for read in [link.clone(), spaced] {
        let read: VirtualKey = VirtualKey::from_link(&read).unwrap();
        assert_eq!(
            (read.ticket(), read.lock_id(), read.binding()),
            (key.ticket(), key.lock_id(), Binding::None)
        );
    }
    let read = |text: &str| VirtualKey::<lock_core::crypto::RustCrypto>::from_link(text).map(drop);
    assert_eq!(read("https://example.org"), Err(LinkError::NotALink));
    assert_eq!(read(&link[..link.len() - 8]), Err(LinkError::Damaged));
    for place in 4..link.len() {
        let mut altered = link.clone().into_bytes();
        altered[place] = if altered[place] == b'7' { b'8' } else { b'7' };
        assert!(read(core::str::from_utf8(&altered).unwrap()).is_err(), "letter {place}");
    }
}

#[test]
fn a_key_is_kept_as_bytes_and_read_back_and_a_damaged_one_is_named() {
    let pair = told();
    let key = issue(&pair, 1, Conditions { depth: Some(4), ..Conditions::default() });
    let (mut letters, mut kept, mut again) = ([0; LINK_LETTERS], [0xA5; LINK_BYTES], [0; LINK_LETTERS]);
    let link = key.to_link(&mut letters).unwrap();
    let length = key.to_bytes(&mut kept).unwrap().len();
    let read = |bytes: &[u8]| VirtualKey::<lock_core::crypto::RustCrypto>::from_bytes(bytes);
    assert_eq!(read(&kept[..length]).unwrap().to_link(&mut again), Ok(link));
    assert!(kept[length..].iter().all(|byte| *byte == 0xA5), "what is behind the key is left alone");
    assert_eq!(key.to_bytes(&mut [0; LINK_BYTES][..length - 1]), Err(LinkError::TooLong));
    for place in 0..length {
        let mut altered = kept;
        altered[place] ^= 1;
        assert_eq!(read(&altered[..length]).err(), Some(LinkError::Damaged), "byte {place}");
        assert_eq!(read(&kept[..place]).err(), Some(LinkError::Damaged), "the first {place} bytes");
    }
}

fn any_conditions() -> impl Strategy<Value = Conditions> {
    let moment = || prop::option::of((0..4 * HOUR).prop_map(|after| UnixMillis(EPOCH_MILLIS + after)));
    let weekly = prop::option::of((1_u8..0x80, 0_u16..1440, 0_u16..1440).prop_map(|(days, from, until)| {
        WeeklyWindow { days: Weekdays(days), from: MinuteOfDay(from), until: MinuteOfDay(until) }
    }));
    let uses = prop_oneof![4 => Just(Uses::Many), 1 => Just(Uses::Single)];
    let staleness = prop::option::of((1_u32..20_000).prop_map(Seconds));
    (0_u8..16, moment(), moment(), weekly, uses, prop::option::of(0_u8..5), staleness).prop_map(
        |(bits, not_before, not_after, weekly, uses, depth, staleness)| Conditions {
            rights: Some(TicketRights(bits)),
            not_before,
            not_after,
            weekly,
            uses,
            depth,
            staleness,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    /// Whatever a holder says on top, the narrower key never does what the wider one would not do at that moment.
    #[test]
    fn a_narrowed_key_never_does_more_than_the_key_it_came_from(
        root in any_conditions(),
        blocks in prop::collection::vec(any_conditions(), 1..4),
        wait in 0..5 * HOUR,
        locks in any::<bool>(),
    ) {
        let mut pair = told();
        let new = NewTicket { serial: 1, issued: now(&pair), epoch: 0, conditions: root };
        let Ok(root) = pair.keys.issue(&new, None, &[1; 32]) else { return Ok(()) };
        let mut keys: Vec<VirtualKey> = vec![root];
        for block in blocks {
            let next = keys.last().unwrap().narrow(&block).unwrap();
            keys.push(next);
        }
        pair.wait(wait);
        let request = |id| if locks { lock(id) } else { unlock(id) };
        let mut allowed_before = false;
        // From the narrowest to the widest; a single use that one spends, all others have lost too.
        let mut outcomes = Vec::new();
        for (id, key) in (1..).zip(keys.iter().rev()) {
            let is_allowed = !matches!(outcome(&mut pair, key, request(id)), Outcome::Refused(_));
            let is_used = allowed_before && !is_allowed;
            if is_used {
                let again = outcome(&mut pair, key, request(100 + id));
                prop_assert_eq!(again, refused(Reason::AlreadyUsed));
            }
            outcomes.push(is_allowed);
            allowed_before |= is_allowed;
            throw(&mut pair);
        }
    }
}
