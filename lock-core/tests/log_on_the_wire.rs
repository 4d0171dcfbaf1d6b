//! The log from the lock to the cloud's verdict: questions, pages, heads, and what an acknowledgement frees.

#[path = "common/pair.rs"]
mod pair;

use lock_core::cloud::{LogPull, LogReader, PullState, Session};
use lock_core::crypto::{Key, KeyEpoch, Label, LeafKeys, LogChain, LogFault, Missing, RustCrypto};
use lock_core::device::PersistFailure;
use lock_core::proto::{
    Action, BoltPosition, CommandId, LogAnswer, LogEntry, LogEvent, Outcome, Query, Reason, Reply,
    ReportBody, Request, SealedReport,
};
use pair::log_flash::Append;
use pair::{Did, Flash, LOCK_ID, Pair, root, unlock};

const NONCE: [u8; 16] = *b"fresh, of ours..";

fn pull() -> LogPull {
    let leaves = LeafKeys::expand::<RustCrypto>(&root(), LOCK_ID, KeyEpoch::FIRST);
    let first = Key::from_bytes(*leaves.leaf(Label::Log).expose());
    LogPull::new(LogReader::new(LogChain::begin(KeyEpoch::FIRST, first)))
}

/// Happenings at the door, each an entry.
fn turn(pair: &mut Pair, times: u64) {
    for time in 0..times {
        pair.sense(if time % 2 == 0 { BoltPosition::Retracted } else { BoltPosition::Extended });
        let log = pair.log.as_mut().unwrap();
        log.idle(&mut pair.lock, pair.now);
        pair.run();
    }
}

fn answer_of(pair: &mut Pair, session: &mut Session, query: Query) -> LogAnswer {
    let reports = pair.ask(session, Request::Query(query));
    let answers = reports.into_iter().find_map(|report| match report.body {
        ReportBody::Reply(Reply::Log(answer)) => Some(answer),
        ReportBody::Reply(_) | ReportBody::Event(_) => None,
    });
    answers.expect("the lock answers")
}

/// Fetches until there is no more: the entries, the faults, and the end.
fn fetch(
    pair: &mut Pair,
    session: &mut Session,
    pull: &mut LogPull,
) -> (Vec<LogEntry>, Vec<LogFault>, PullState, u32) {
    let (mut entries, mut faults) = (Vec::new(), Vec::new());
    for round in 1..200 {
        let nonce = [round as u8; 16];
        let answer = answer_of(pair, session, pull.query(nonce));
        let state = pull.take(&answer, &nonce, &[], |pulled| match pulled.verdict {
            Ok(read) => entries.extend(read.entry),
            Err(fault) => faults.push(fault),
        });
        if state != PullState::More {
            return (entries, faults, state, round);
        }
    }
    panic!("the log never ends");
}

fn command(pair: &mut Pair, session: &mut Session, id: u64, action: Action) -> Outcome {
    let reports = pair.ask(session, Request::Command { id: CommandId(id), action });
    let outcome = reports.into_iter().find_map(|report| match report.body {
        ReportBody::Reply(Reply::Command { outcome, .. }) => Some(outcome),
        ReportBody::Reply(_) | ReportBody::Event(_) => None,
    });
    outcome.expect("the lock answers")
}

fn held(pair: &Pair) -> lock_store::LogHeld {
    pair.log.as_ref().unwrap().ring.held()
}

#[test]
fn a_log_is_fetched_page_by_page_verified_and_acknowledged() {
    let mut pair = Pair::with_log(16);
    turn(&mut pair, 40);
    let (_, mut session) = pair.session(Request::Nothing);
    let mut pull = pull();
    let (entries, faults, state, rounds) = fetch(&mut pair, &mut session, &mut pull);
    assert_eq!((faults, state), (vec![], PullState::Level { dropped: None }));
    assert_eq!(entries.len() as u64, held(&pair).next);
    assert!(rounds <= 8, "several entries in one answer: {rounds} answers for {}", entries.len());
    assert_eq!(pair.lock.health(pair.now).log.pending as usize, entries.len());
    let acknowledgement = pull.acknowledgement().unwrap();
    assert_eq!(command(&mut pair, &mut session, 1, acknowledgement), Outcome::Done);
    assert_eq!(held(&pair).acknowledged, entries.len() as u64);
    assert_eq!(pair.lock.health(pair.now).log.pending, 0);
    // A later fetch goes on where this one ended.
    turn(&mut pair, 2);
    let (later, _, state, _) = fetch(&mut pair, &mut session, &mut pull);
    assert_eq!((later.len(), state), (2, PullState::Level { dropped: None }));
}

#[test]
fn the_first_message_may_ask_and_a_sealed_one_too() {
    let mut pair = Pair::with_log(4);
    turn(&mut pair, 3);
    let (answer, _) = pair.session(Request::Query(Query::Log { from: 0, nonce: NONCE }));
    let Reply::Log(answer) = answer.reply else { panic!("{answer:?}") };
    let mut shown = 0;
    assert_eq!(pull().take(&answer, &NONCE, &[], |_| shown += 1), PullState::Level { dropped: None });
    assert!(shown >= 4);
    let sealed = pair.seal(1, Request::Query(Query::Log { from: 0, nonce: NONCE }));
    pair.up.clear();
    pair.deliver(&sealed);
    let reports = pair.receipts();
    let [SealedReport::Log(answer)] = reports[..] else { panic!("{reports:?}") };
    assert_eq!(pull().take(&answer, &NONCE, &[], |_| {}), PullState::Level { dropped: None });
}

#[test]
fn what_happened_before_the_question_is_in_the_answer_although_it_was_not_stored_yet() {
    let mut pair = Pair::with_log(4);
    let (_, mut session) = pair.session(Request::Nothing);
    pair.log.as_mut().unwrap().next = Append::Slow;
    pair.sense(BoltPosition::Retracted);
    let log = pair.log.as_mut().unwrap();
    log.next = Append::Works;
    let id = log.unanswered.take().unwrap();
    let mut packet = [0; 512];
    let query = Request::Query(Query::Log { from: 0, nonce: NONCE });
    let length = session.request(query, pair.cloud_now(), &mut packet).unwrap();
    let _ = pair.reports(&mut session);
    pair.did.clear();
    pair.deliver(&packet[..length]);
    assert!(pair.up.is_empty(), "the answer waits for the flash: {:?}", pair.did);
    pair.lock.persist_failed(id, PersistFailure::Busy, pair.now).unwrap();
    pair.wait(1_000);
    let reports = pair.reports(&mut session);
    assert!(!reports.is_empty());
    // A flash that fails does not keep the answer back for ever.
    pair.log.as_mut().unwrap().next = Append::Fails(PersistFailure::Fault);
    pair.sense(BoltPosition::Extended);
    let _ = answer_of(&mut pair, &mut session, Query::Log { from: 0, nonce: NONCE });
}

#[test]
fn the_motor_goes_before_the_next_entry_that_is_read() {
    let mut pair = Pair::with_log(8);
    turn(&mut pair, 20);
    let (_, mut session) = pair.session(Request::Nothing);
    let mut packet = [0; 512];
    let query = Request::Query(Query::Log { from: 0, nonce: NONCE });
    let length = session.request(query, pair.cloud_now(), &mut packet).unwrap();
    let mut packet = packet[..length].to_vec();
    pair.input(lock_core::device::Input::Packet { link: pair::LINK, packet: &mut packet });
    pair.did.clear();
    while !pair.did.iter().any(|did| matches!(did, Did::LogRead(_))) {
        assert!(pair.step());
    }
    pair.input(lock_core::device::Input::InsideButton(lock_core::state::InsideButton::Unlock));
    pair.run();
    let motor = pair.did.iter().position(|did| matches!(did, Did::Motor(_))).unwrap();
    let reads = pair.did[..motor].iter().filter(|did| matches!(did, Did::LogRead(_))).count();
    assert_eq!(reads, 1, "{:?}", pair.did);
}

#[test]
fn a_wrong_acknowledgement_frees_nothing() {
    let mut pair = Pair::with_log(4);
    turn(&mut pair, 6);
    let (_, mut session) = pair.session(Request::Nothing);
    let mut pull = pull();
    let _ = fetch(&mut pair, &mut session, &mut pull);
    let Some(Action::AcknowledgeLog { key_epoch, index, mac }) = pull.acknowledgement() else { panic!() };
    let mut wrong_mac = mac;
    wrong_mac[15] ^= 1;
    let next = held(&pair).next;
    let attempts = [
        Action::AcknowledgeLog { key_epoch, index, mac: wrong_mac },
        Action::AcknowledgeLog { key_epoch, index: index - 1, mac },
        Action::AcknowledgeLog { key_epoch, index: next, mac },
        Action::AcknowledgeLog { key_epoch, index: u64::MAX, mac },
        Action::AcknowledgeLog { key_epoch: key_epoch + 1, index, mac },
    ];
    for (id, action) in (1..).zip(attempts) {
        let outcome = command(&mut pair, &mut session, id, action.clone());
        assert_eq!(outcome, Outcome::Refused(Reason::InvalidArgument), "{action:?}");
        assert_eq!(held(&pair).acknowledged, 0, "{action:?}");
    }
    let right = Action::AcknowledgeLog { key_epoch, index, mac };
    assert_eq!(command(&mut pair, &mut session, 9, right.clone()), Outcome::Done);
    assert_eq!(held(&pair).acknowledged, index + 1);
    // The same once more, also under a new id, changes nothing.
    assert_eq!(command(&mut pair, &mut session, 9, right.clone()), Outcome::Done);
    assert_eq!(command(&mut pair, &mut session, 10, right), Outcome::Done);
    assert_eq!(held(&pair).acknowledged, index + 1);
}

#[test]
fn an_acknowledgement_may_come_sealed_and_waits_for_its_number() {
    let mut pair = Pair::with_log(4);
    turn(&mut pair, 3);
    let (_, mut session) = pair.session(Request::Nothing);
    let mut pull = pull();
    let _ = fetch(&mut pair, &mut session, &mut pull);
    let action = pull.acknowledgement().unwrap();
    pair.flash = Flash::Fails(PersistFailure::Busy);
    let first = pair.seal(1, Request::Command { id: CommandId(1), action: action.clone() });
    pair.deliver(&first);
    assert_eq!(held(&pair).acknowledged, 0, "its number is not durable");
    pair.flash = Flash::Works;
    pair.wait(5_000);
    let second = pair.seal(2, Request::Command { id: CommandId(2), action });
    pair.up.clear();
    pair.deliver(&second);
    assert!(held(&pair).acknowledged > 0);
    assert!(matches!(pair.receipts()[..], [SealedReport::Receipt { outcome: Outcome::Done, .. }]));
}

#[test]
fn a_lock_without_a_log_and_a_peer_that_is_no_cloud_are_told_nothing() {
    let mut pair = Pair::new();
    let (answer, mut session) = pair.session(Request::Query(Query::Log { from: 0, nonce: NONCE }));
    assert_eq!(answer.reply, Reply::NotUnderstood);
    let action = Action::AcknowledgeLog { key_epoch: 1, index: 0, mac: [0; 16] };
    assert_eq!(command(&mut pair, &mut session, 1, action), Outcome::Refused(Reason::Unsupported));
}

#[test]
fn a_log_that_ran_round_is_an_explicit_gap_for_the_cloud() {
    let mut pair = Pair::with_log(3);
    turn(&mut pair, 80);
    let first = held(&pair).first;
    assert!(first > 20);
    let (_, mut session) = pair.session(Request::Nothing);
    let mut gaps = Vec::new();
    let mut pull = pull();
    for round in 1.. {
        let nonce = [round; 16];
        let answer = answer_of(&mut pair, &mut session, pull.query(nonce));
        let state = pull.take(&answer, &nonce, &[], |pulled| gaps.extend(pulled.verdict.unwrap().gap));
        if state != PullState::More {
            assert_eq!(state, PullState::Level { dropped: None });
            break;
        }
    }
    assert_eq!(gaps, [Missing { first: 0, last: first - 1 }]);
}

#[test]
fn a_cloud_that_forgot_what_it_had_acknowledged_is_told_that_it_is_lost_and_goes_on() {
    let mut pair = Pair::with_log(3);
    let (_, mut session) = pair.session(Request::Nothing);
    let mut current = pull();
    let mut id = 0;
    for _ in 0..12 {
        turn(&mut pair, 6);
        let _ = fetch(&mut pair, &mut session, &mut current);
        id += 1;
        let action = current.acknowledgement().unwrap();
        assert_eq!(command(&mut pair, &mut session, id, action), Outcome::Done);
    }
    let first = held(&pair).first;
    assert!(first > 10, "{:?}", held(&pair));
    let mut restored = pull();
    let (_, faults, state, _) = fetch(&mut pair, &mut session, &mut restored);
    assert_eq!(
        (faults, state),
        (vec![], PullState::Level { dropped: Some(Missing { first: 0, last: first - 1 }) })
    );
    turn(&mut pair, 2);
    let (_, _, state, _) = fetch(&mut pair, &mut session, &mut restored);
    assert_eq!(state, PullState::Level { dropped: None });
}

#[test]
fn an_old_answer_under_another_nonce_acknowledges_nothing() {
    let mut pair = Pair::with_log(4);
    turn(&mut pair, 3);
    let (_, mut session) = pair.session(Request::Nothing);
    let old = answer_of(&mut pair, &mut session, Query::Log { from: 0, nonce: NONCE });
    let mut pull = pull();
    assert_eq!(pull.take(&old, &[7; 16], &[], |_| {}), PullState::Broken(LogFault::NotFresh));
    assert_eq!(pull.acknowledgement(), None);
}

#[test]
fn an_answer_that_begins_elsewhere_than_asked_is_refused_whatever_number_it_names() {
    let mut pair = Pair::with_log(4);
    turn(&mut pair, 3);
    let (_, mut session) = pair.session(Request::Nothing);
    let right = answer_of(&mut pair, &mut session, Query::Log { from: 0, nonce: NONCE });
    let beyond = right.next + 1;
    let shown_of = |pull: &mut LogPull, answer: &LogAnswer| {
        let mut shown = 0;
        let state = pull.take(answer, &NONCE, &[], |_| shown += 1);
        (shown, state)
    };
    for (from, next) in [(u64::MAX, right.next), (beyond, right.next)] {
        let state = PullState::Broken(LogFault::TooFar { index: from });
        assert_eq!(shown_of(&mut pull(), &LogAnswer { from, next, ..right }), (0, state));
    }
    // The last number that there is: what would come behind it is not looked at.
    let (shown, state) = shown_of(&mut pull(), &LogAnswer { from: u64::MAX, next: u64::MAX, ..right });
    assert_eq!((shown, state), (1, PullState::Broken(LogFault::TooFar { index: u64::MAX })));
    // Behind what was read.
    let mut read = pull();
    assert_eq!(read.take(&right, &NONCE, &[], |_| {}), PullState::Level { dropped: None });
    let state = PullState::Broken(LogFault::Reordered { index: 0, expected: right.next });
    assert_eq!(shown_of(&mut read, &right), (0, state));
    assert_eq!(read.acknowledgement(), None);
}

#[test]
fn an_answer_with_a_jump_that_nothing_proves_costs_the_cloud_one_walk_and_no_more() {
    let mut pair = Pair::with_log(4);
    turn(&mut pair, 6);
    let (_, mut session) = pair.session(Request::Nothing);
    let right = answer_of(&mut pair, &mut session, Query::Log { from: 0, nonce: NONCE });
    assert!(right.entries.iter().count() > 2);
    let (mut pull, mut shown) = (pull(), Vec::new());
    let answer = LogAnswer { from: 3, next: 40, ..right };
    let state = pull.take(&answer, &NONCE, &[], |pulled| shown.push(pulled.verdict.map(|_| ())));
    assert_eq!(shown, [Err(LogFault::Edited { index: 3 })]);
    assert!(matches!(state, PullState::Broken(_)), "{state:?}");
}

#[test]
fn an_entry_that_cannot_be_read_is_missing_and_those_behind_it_are_not() {
    let mut pair = Pair::with_log(8);
    turn(&mut pair, 12);
    pair.log.as_mut().unwrap().unreadable = vec![3, 4];
    let (_, mut session) = pair.session(Request::Nothing);
    let (entries, faults, state, _) = fetch(&mut pair, &mut session, &mut pull());
    assert_eq!(entries.len() as u64, held(&pair).next - 2);
    assert_eq!((faults, state), (vec![], PullState::Level { dropped: Some(Missing { first: 3, last: 4 }) }));
}

#[test]
fn a_log_of_which_nothing_can_be_read_ends_a_fetch_and_is_not_asked_for_ever() {
    let mut pair = Pair::with_log(4);
    turn(&mut pair, 5);
    pair.log.as_mut().unwrap().unreadable = (0..100).collect();
    let (_, mut session) = pair.session(Request::Nothing);
    let (_, _, state, rounds) = fetch(&mut pair, &mut session, &mut pull());
    assert!(matches!(state, PullState::Broken(LogFault::Truncated(_))), "{state:?}");
    assert_eq!(rounds, 1);
}

#[test]
fn two_links_that_ask_at_once_each_get_the_answer_to_their_own_nonce() {
    let mut pair = Pair::with_log(4);
    turn(&mut pair, 3);
    let sealed = [
        pair.seal(1, Request::Query(Query::Log { from: 0, nonce: [1; 16] })),
        pair.seal(2, Request::Query(Query::Log { from: 2, nonce: [2; 16] })),
    ];
    let _ = pair.hello();
    for packet in sealed {
        pair.deliver(&packet);
    }
    let reports = pair.receipts();
    let [SealedReport::Log(first), SealedReport::Log(second)] = reports[..] else { panic!("{reports:?}") };
    assert_eq!((first.from, second.from), (0, 2));
    assert_ne!(first.tag, second.tag);
}

#[test]
fn power_that_goes_between_any_two_outputs_of_fetch_and_acknowledgement_loses_nothing_that_the_cloud_has_not()
{
    let mut steps = 0;
    for cut in 0..80 {
        let mut pair = Pair::with_log(4);
        turn(&mut pair, 4);
        let (_, mut session) = pair.session(Request::Nothing);
        let mut pull = pull();
        let (mut entries, ..) = fetch(&mut pair, &mut session, &mut pull);
        let action = pull.acknowledgement().unwrap();
        let mut packet = [0; 512];
        let request = Request::Command { id: CommandId(1), action };
        let length = session.request(request, pair.cloud_now(), &mut packet).unwrap();
        let mut packet = packet[..length].to_vec();
        pair.input(lock_core::device::Input::Packet { link: pair::LINK, packet: &mut packet });
        pair.input(lock_core::device::Input::OutsideButton);
        let mut done = 0;
        while done < cut && pair.step() {
            done += 1;
        }
        steps = steps.max(done);
        pair.cut_power(BoltPosition::Between);
        let (_, mut session) = pair.session(unlock(5));
        let (later, faults, state, _) = fetch(&mut pair, &mut session, &mut pull);
        assert_eq!((faults, state), (vec![], PullState::Level { dropped: None }), "cut after {cut}");
        assert!(later.iter().any(|entry| matches!(entry.event, LogEvent::Booted(_))));
        entries.extend(later);
        assert_eq!(entries.len() as u64, held(&pair).next, "cut after {cut}");
        if done < cut {
            break;
        }
    }
    assert!(steps > 3, "{steps}");
}
