//! The log over a rotation and a change of owner: a new chain with each key epoch, wherever power is cut and whatever flash fails.

#[cfg(feature = "x25519")]
#[path = "common/claims.rs"]
mod claims;
#[path = "common/owner.rs"]
mod owner;
#[path = "common/pair.rs"]
mod pair;

use lock_core::cloud::{LockKeys, LogPull, LogReader, PullState, Session};
use lock_core::crypto::{FirstKey, Key, KeyEpoch, LogChain, LogFault, Missing, RustCrypto};
use lock_core::device::{Input, LogBook, LogRecord, MAX_WAITING, PersistFailure, RecordTag};
use lock_core::proto::{
    Action, BoltPosition, Cause, CommandId, LogAnswer, LogEntry, LogEvent, LogTime, Outcome, PinKey, Query,
    Reply, ReportBody, Request, Uptime,
};
use owner::Owner;
use pair::log_flash::Append;
use pair::{Did, Flash, LINK, Pair};

fn epoch(number: u32) -> KeyEpoch {
    KeyEpoch::new(number).unwrap()
}

fn first_key(keys: &LockKeys) -> FirstKey {
    let chain = keys.log_chain();
    FirstKey { epoch: chain.epoch(), key: Key::from_bytes(*chain.key().expose()) }
}

fn answer_of(pair: &mut Pair, session: &mut Session, query: Query) -> Option<LogAnswer> {
    pair.ask(session, Request::Query(query)).into_iter().find_map(|report| match report.body {
        ReportBody::Reply(Reply::Log(answer)) => Some(answer),
        ReportBody::Reply(_) | ReportBody::Event(_) => None,
    })
}

/// What a fetch found.
struct Fetched {
    /// Index, epoch and content of each.
    entries: Vec<(u64, u32, LogEntry)>,
    gaps: Vec<Missing>,
    unverified: Vec<Missing>,
    state: PullState,
}

/// Fetches all there is with the keys in force, and has each entry verified.
fn fetch(pair: &mut Pair, pull: &mut LogPull, later: &[FirstKey]) -> Fetched {
    let (_, mut session) = pair.session(Request::Nothing);
    let mut found =
        Fetched { entries: Vec::new(), gaps: Vec::new(), unverified: Vec::new(), state: PullState::More };
    for round in 1..200 {
        let nonce = [round; 16];
        let answer = answer_of(pair, &mut session, pull.query(nonce)).expect("a lock with a log");
        found.state = pull.take(&answer, &nonce, later, |pulled| {
            let read = pulled.verdict.unwrap();
            assert!(read.is_verified);
            found.gaps.extend(read.gap);
            found.unverified.extend(read.unverified);
            found.entries.push((pulled.entry.index, read.epoch.number(), read.entry.unwrap()));
        });
        found.unverified.extend(pull.take_unverified());
        if found.state != PullState::More {
            return found;
        }
    }
    panic!("a fetch does not come to an end");
}

const LEVEL: PullState = PullState::Level { dropped: None };

fn turn(pair: &mut Pair, times: usize) {
    for _ in 0..times {
        pair.sense(BoltPosition::Between);
        pair.sense(BoltPosition::Extended);
    }
}

/// The number of the first entry that a cloud which was there from the first boot on expects.
fn from_the_first(keys: &LockKeys) -> LogPull {
    LogPull::new(LogReader::new(keys.log_chain()))
}

/// Whether the record of the keys holds this key.
fn keys_hold(pair: &Pair, key: &Key) -> bool {
    pair.records[&RecordTag::Keys.number()].windows(32).any(|window| window == key.expose())
}

/// The entries that begin an epoch, with the chain that they are of.
fn turns(entries: &[(u64, u32, LogEntry)]) -> Vec<(u32, u32)> {
    let turn = |(_, of, entry): &(u64, u32, LogEntry)| {
        if let LogEvent::KeyEpoch(begun) = entry.event { Some((*of, begun)) } else { None }
    };
    entries.iter().filter_map(turn).collect()
}

#[test]
fn a_rotation_begins_a_chain_and_the_log_is_verified_across() {
    let mut owner = Owner::of(Pair::with_log(16));
    turn(&mut owner.pair, 3);
    let first = owner.pair.keys.log_chain();
    let mut pull = LogPull::new(<LogReader>::new(LogChain::begin(
        first.epoch(),
        Key::from_bytes(*first.key().expose()),
    )));
    owner.rotate();
    let second = first_key(&owner.pair.keys);
    // Neither the leaf nor the key that follows from it is stored with the other keys.
    assert!(!keys_hold(&owner.pair, &second.key));
    turn(&mut owner.pair, 3);
    owner.rotate();
    let third = first_key(&owner.pair.keys);
    turn(&mut owner.pair, 2);
    let found = fetch(&mut owner.pair, &mut pull, &[second, third]);
    assert_eq!(found.state, LEVEL);
    let held = owner.pair.log.as_ref().unwrap().ring.held();
    assert_eq!(found.entries.len() as u64, held.next, "all are there");
    assert_eq!(turns(&found.entries), [(1, 2), (2, 3)]);
    assert!(found.entries.is_sorted_by_key(|(index, of, _)| (*of, *index)));
    let begun = found.entries.iter().find(|(_, _, entry)| entry.event == LogEvent::KeyEpoch(2)).unwrap();
    assert_eq!(begun.2.cause, Cause::RemoteLive);
    assert!(begun.2.command.is_some(), "by the command that committed");
    // The acknowledgement is under the last chain.
    let Some(action @ Action::AcknowledgeLog { key_epoch: 3, .. }) = pull.acknowledgement() else { panic!() };
    let (_, mut session) = owner.pair.session(Request::Nothing);
    let done = owner.command(&mut session, action).unwrap().into_inner();
    assert_eq!(done, Outcome::Done);
    assert_eq!(owner.pair.log.as_ref().unwrap().ring.held().pending(), 0);
}

#[test]
fn what_happened_before_the_commit_is_in_the_old_chain_and_what_comes_in_the_new_one() {
    let mut owner = Owner::of(Pair::with_log(16));
    let mut pull = from_the_first(&owner.pair.keys);
    // Nothing can be stored while the keys are rotated.
    owner.pair.log.as_mut().unwrap().next = Append::Fails(PersistFailure::Busy);
    turn(&mut owner.pair, 1);
    owner.rotate();
    turn(&mut owner.pair, 1);
    assert!(keys_hold(&owner.pair, &first_key(&owner.pair.keys).key), "it is nowhere else yet");
    owner.pair.log.as_mut().unwrap().next = Append::Works;
    owner.pair.wait(2_000);
    let second = first_key(&owner.pair.keys);
    assert!(!keys_hold(&owner.pair, &second.key));
    let found = fetch(&mut owner.pair, &mut pull, &[second]);
    assert_eq!((found.state, turns(&found.entries)), (LEVEL, vec![(1, 2)]));
    let bolts = |of: u32| {
        let is_bolt = |event| matches!(event, LogEvent::Bolt(_));
        found.entries.iter().filter(|(_, epoch, entry)| *epoch == of && is_bolt(entry.event)).count()
    };
    assert!(bolts(1) >= 2 && bolts(2) >= 1, "{:?}", found.entries);
}

#[test]
fn a_rotation_with_a_log_cut_anywhere_leaves_a_log_that_is_verified() {
    let rotated = |faults: &[usize]| {
        let mut owner = Owner::of(Pair::with_log(16));
        let mut pull = from_the_first(&owner.pair.keys);
        turn(&mut owner.pair, 1);
        owner.faults = faults.to_vec();
        owner.rotate();
        owner.faults.clear();
        owner.pair.run();
        let events = owner.events;
        // What is left is done by the next boot at the latest.
        owner.pair.cut_power(BoltPosition::Extended);
        let second = first_key(&owner.pair.keys);
        assert!(!keys_hold(&owner.pair, &second.key), "cut at {faults:?}");
        turn(&mut owner.pair, 1);
        let found = fetch(&mut owner.pair, &mut pull, &[second]);
        assert_eq!((found.state, turns(&found.entries)), (LEVEL, vec![(1, 2)]), "cut at {faults:?}");
        let indices: Vec<_> = found.entries.iter().map(|(index, ..)| *index).collect();
        assert_eq!(indices, (0..indices.len() as u64).collect::<Vec<_>>(), "cut at {faults:?}");
        assert_eq!(found.entries.last().unwrap().1, 2);
        events
    };
    let whole = rotated(&[]);
    assert!(whole > 30, "{whole} events");
    for first in 1..=whole {
        rotated(&[first]);
        rotated(&[first, first + 1]);
        rotated(&[first, first + 4]);
    }
}

/// A lock whose commit is done, cut after so many outputs more.
fn committed_and_cut_after(outputs: usize) -> (Pair, LogPull, FirstKey, bool) {
    let mut owner = Owner::of(Pair::with_log(16));
    let pull = from_the_first(&owner.pair.keys);
    owner.pair.log.as_mut().unwrap().next = Append::Fails(PersistFailure::Busy);
    turn(&mut owner.pair, 1);
    owner.rotate();
    let mut pair = owner.pair;
    pair.log.as_mut().unwrap().next = Append::Works;
    pair.now = pair.now.plus_millis(2_000);
    pair.world_millis += 2_000;
    pair.input(Input::Tick);
    let is_over = !(0..outputs).all(|_| pair.step());
    pair.cut_power(BoltPosition::Extended);
    let second = first_key(&pair.keys);
    (pair, pull, second, is_over)
}

#[test]
fn each_cut_between_the_entry_and_the_keys_without_its_leaf_is_made_good_at_the_next_boot() {
    let mut cuts = 0;
    for outputs in 0.. {
        let (mut pair, mut pull, second, is_over) = committed_and_cut_after(outputs);
        assert!(!keys_hold(&pair, &second.key), "after {outputs} outputs");
        let found = fetch(&mut pair, &mut pull, &[second]);
        assert_eq!((found.state, turns(&found.entries)), (LEVEL, vec![(1, 2)]), "after {outputs} outputs");
        if is_over {
            break;
        }
        cuts += 1;
    }
    assert!(cuts > 4, "{cuts} cuts");
}

#[test]
fn no_entry_is_stored_behind_the_one_that_begins_an_epoch_before_the_leaf_is_in_the_log_alone() {
    let mut owner = Owner::of(Pair::with_log(16));
    let mut pull = from_the_first(&owner.pair.keys);
    owner.pair.log.as_mut().unwrap().next = Append::Fails(PersistFailure::Busy);
    owner.rotate();
    let mut pair = owner.pair;
    let second = first_key(&pair.keys);
    pair.log.as_mut().unwrap().next = Append::Works;
    pair.fail_from = Some((RecordTag::Keys, Flash::Fails(PersistFailure::Fault)));
    pair.wait(2_000);
    let next = pair.log.as_ref().unwrap().ring.held().next;
    let (_, last) = *pair.log.as_ref().unwrap().stored.last().unwrap();
    assert_eq!(last.event, LogEvent::KeyEpoch(2));
    turn(&mut pair, 3);
    pair.wait(5_000);
    assert_eq!(pair.log.as_ref().unwrap().ring.held().next, next, "the log waits");
    assert!(keys_hold(&pair, &second.key));
    // A question is answered all the same: the chain stands at its beginning.
    let tries = pair.did.iter().filter(|did| **did == Did::Persist(RecordTag::Keys)).count();
    assert!(tries < 12, "with pauses that grow: {tries}");
    pair.fail_from = None;
    pair.wait(70_000);
    assert!(!keys_hold(&pair, &second.key));
    let found = fetch(&mut pair, &mut pull, &[second]);
    assert_eq!((found.state, turns(&found.entries)), (LEVEL, vec![(1, 2)]));
    assert!(found.entries.len() as u64 > next);
}

#[test]
fn the_keys_without_the_leaf_are_written_without_a_pin_key_that_another_command_wants_adopted() {
    let mut owner = Owner::of(Pair::with_log(16));
    owner.pair.log.as_mut().unwrap().next = Append::Fails(PersistFailure::Fault);
    owner.rotate();
    let mut pair = owner.pair;
    let (_, mut session) = pair.session(Request::Nothing);
    pair.wait(2_000);
    pair.log.as_mut().unwrap().next = Append::Works;
    // A question for the log, which has to go over into its new chain first; and behind it an adoption whose number cannot be stored.
    let adopted = [7, 8].repeat(16);
    let adopt = Action::AdoptPinKey(PinKey(adopted.clone().try_into().unwrap()));
    let query = Request::Query(Query::Log { from: 0, nonce: [7; 16] });
    for request in [query, Request::Command { id: CommandId(900), action: adopt }] {
        let mut packet = [0; 512];
        let length = session.request(request, pair.cloud_now(), &mut packet).unwrap();
        pair.input(Input::Packet { link: LINK, packet: &mut packet[..length] });
    }
    pair.fail_from = Some((RecordTag::Memory, Flash::Fails(PersistFailure::Fault)));
    pair.now = pair.now.plus_millis(10_000);
    pair.world_millis += 10_000;
    pair.run();
    assert!(!keys_hold(&pair, &first_key(&pair.keys).key), "the leaf is gone");
    let keys = &pair.records[&RecordTag::Keys.number()];
    assert!(!keys.ends_with(&adopted), "and nothing else has changed");
}

#[test]
fn the_log_is_told_under_the_old_chain_as_long_as_its_flash_takes_nothing() {
    let mut owner = Owner::of(Pair::with_log(16));
    let mut pull = from_the_first(&owner.pair.keys);
    turn(&mut owner.pair, 1);
    owner.pair.log.as_mut().unwrap().next = Append::Fails(PersistFailure::Fault);
    owner.rotate();
    let found = fetch(&mut owner.pair, &mut pull, &[]);
    assert_eq!((found.state, turns(&found.entries)), (LEVEL, vec![]));
    assert_eq!(pull.reader().chain().epoch(), epoch(1));
    // Two rotations, and no record between them: the log goes over into the later one.
    owner.rotate();
    owner.pair.log.as_mut().unwrap().next = Append::Works;
    owner.pair.wait(130_000);
    let third = first_key(&owner.pair.keys);
    let found = fetch(&mut owner.pair, &mut pull, &[third]);
    assert_eq!((found.state, turns(&found.entries)), (LEVEL, vec![(1, 3)]));
}

#[test]
fn two_rotations_with_a_cut_between_them_and_no_record_go_over_into_the_later_epoch() {
    let mut owner = Owner::of(Pair::with_log(16));
    let mut pull = from_the_first(&owner.pair.keys);
    for _ in 0..2 {
        owner.pair.log.as_mut().unwrap().next = Append::Fails(PersistFailure::Fault);
        owner.rotate();
    }
    owner.pair.cut_power(BoltPosition::Extended);
    let third = first_key(&owner.pair.keys);
    let found = fetch(&mut owner.pair, &mut pull, &[third]);
    assert_eq!((found.state, turns(&found.entries)), (LEVEL, vec![(1, 3)]));
}

#[test]
fn a_cloud_that_missed_the_entry_which_begins_an_epoch_finds_its_chain_behind_the_gap() {
    let mut owner = Owner::of(Pair::with_log(3));
    let mut pull = from_the_first(&owner.pair.keys);
    turn(&mut owner.pair, 3);
    let before = fetch(&mut owner.pair, &mut pull, &[]);
    assert_eq!(before.state, LEVEL);
    owner.pair.input(Input::LinkDown { link: LINK });
    owner.rotate();
    for _ in 0..60 {
        turn(&mut owner.pair, 1);
        let log = owner.pair.log.as_mut().unwrap();
        log.idle(&mut owner.pair.lock, owner.pair.now);
        owner.pair.run();
    }
    let first = owner.pair.log.as_ref().unwrap().ring.held().first;
    assert!(first > 20, "{first}");
    let second = first_key(&owner.pair.keys);
    let found = fetch(&mut owner.pair, &mut pull, &[second]);
    assert_eq!((found.state, turns(&found.entries), found.unverified.len()), (LEVEL, vec![], 0));
    assert_eq!(found.gaps, [Missing { first: 0, last: first - 1 }]);
}

#[test]
fn with_another_key_than_the_locks_nothing_of_the_new_epoch_is_right() {
    let mut owner = Owner::of(Pair::with_log(16));
    let mut pull = from_the_first(&owner.pair.keys);
    owner.rotate();
    turn(&mut owner.pair, 2);
    let wrong = [FirstKey { epoch: epoch(2), key: Key::from_bytes([3; 32]) }];
    let (_, mut session) = owner.pair.session(Request::Nothing);
    let mut faults = Vec::new();
    let state = loop {
        let answer = answer_of(&mut owner.pair, &mut session, pull.query([7; 16])).unwrap();
        let state = pull.take(&answer, &[7; 16], &wrong, |pulled| faults.extend(pulled.verdict.err()));
        if state != PullState::More {
            break state;
        }
    };
    assert!(!faults.is_empty() && faults.iter().all(|fault| matches!(fault, LogFault::Edited { .. })));
    assert_eq!(state, PullState::Broken(LogFault::WrongKey));
    assert_eq!(pull.acknowledgement(), None);
}

fn note(number: u64, event: LogEvent) -> LogEntry {
    let uptime = Uptime::from_millis(number);
    LogEntry { boot: 1, uptime, time: LogTime::Unset, cause: Cause::Unknown, command: None, event }
}

/// The entries of a book in the order of their records, with the epoch that is stored with each.
fn drained(book: &mut LogBook) -> Vec<(LogEvent, u32)> {
    let mut told = Vec::new();
    let mut buffer = [0; LogRecord::MAX_BYTES];
    while let Some(record) = book.record::<RustCrypto>(&mut buffer) {
        let (beginning, body) = record.payload.split_at(LogRecord::BEGINNING);
        let epoch = u32::from_be_bytes(beginning[16..].try_into().unwrap());
        told.push((LogEntry::decode(body).unwrap().event, epoch));
        book.stored();
    }
    told
}

#[test]
fn an_epoch_finds_its_place_in_a_full_queue_behind_what_was_lost_before_it() {
    let mut book =
        LogBook::resume(0, b"the leaf `log` of this key epoch", &[0; LogRecord::BEGINNING]).unwrap();
    for number in 0..MAX_WAITING as u64 + 5 {
        book.note(note(number, LogEvent::ClockSet));
    }
    let first = |number, byte| FirstKey { epoch: epoch(number), key: Key::from_bytes([byte; 32]) };
    book.begin_epoch(note(30, LogEvent::KeyEpoch(2)), first(2, 1));
    for number in 31..34 {
        book.note(note(number, LogEvent::ClockLost));
    }
    // A later one takes its place: the first key of the one before is gone.
    book.begin_epoch(note(40, LogEvent::KeyEpoch(3)), first(3, 2));
    book.note(note(41, LogEvent::ClockSet));
    let mut told = drained(&mut book);
    assert_eq!(told.drain(..MAX_WAITING).collect::<Vec<_>>(), [(LogEvent::ClockSet, 1); MAX_WAITING]);
    assert_eq!(told, [(LogEvent::Lost(8), 1), (LogEvent::KeyEpoch(3), 3), (LogEvent::Lost(1), 3)]);
}

#[test]
fn an_epoch_that_is_being_stored_when_a_later_one_begins_is_stored_or_dropped_as_a_whole() {
    for is_stored in [true, false] {
        let mut book =
            LogBook::resume(0, b"the leaf `log` of this key epoch", &[0; LogRecord::BEGINNING]).unwrap();
        let first = |number, byte| FirstKey { epoch: epoch(number), key: Key::from_bytes([byte; 32]) };
        book.begin_epoch(note(1, LogEvent::KeyEpoch(2)), first(2, 1));
        let mut buffer = [0; LogRecord::MAX_BYTES];
        assert!(book.record::<RustCrypto>(&mut buffer).is_some());
        book.begin_epoch(note(2, LogEvent::KeyEpoch(3)), first(3, 2));
        if is_stored {
            book.stored();
            assert_eq!(book.epoch(), epoch(2));
        } else {
            book.failed();
            assert_eq!(book.epoch(), epoch(1));
        }
        assert_eq!(drained(&mut book), [(LogEvent::KeyEpoch(3), 3)]);
        assert_eq!(book.epoch(), epoch(3));
    }
}

#[cfg(feature = "x25519")]
mod change_of_owner {
    //! The log when a lock changes its owner.

    use lock_core::cloud::LockKeys;
    use lock_core::device::provision_unowned_log;
    use lock_core::proto::{Profile, Reason};
    use lock_store::LogRing;

    use super::claims::{Came, answer, claim, claimer, is_served, keys_of, owned, press, root_of, unowned};
    use super::pair::LOCK_ID;
    use super::pair::log_flash::{Cells, LogFlash};
    use super::*;

    /// A lock with an owner and a log, in which something happened.
    fn lived_in(sectors: usize) -> Pair {
        let mut pair = owned();
        pair.log = Some(LogFlash::new(sectors));
        pair.cut_power(BoltPosition::Extended);
        turn(&mut pair, 3);
        pair
    }

    fn end_ownership(pair: &mut Pair, id: u64, key_epoch: u32) {
        let action = Action::EndOwnership { key_epoch };
        let (answer, _) = pair.session(Request::Command { id: CommandId(id), action });
        assert!(matches!(answer.reply, Reply::Command { outcome: Outcome::Done, .. }), "{answer:?}");
        pair.run();
        turn(pair, 1);
    }

    fn claimed(pair: &mut Pair, number: u8) {
        press(pair);
        pair.wait(1_500);
        assert_eq!(claim(pair, &claimer(), number, Profile::S), Came::Answered(Outcome::Done));
        assert!(is_served(pair));
    }

    /// What a new owner, who has nothing but its own keys, is told from the first entry on.
    fn told_to(pair: &mut Pair) -> Fetched {
        let mut pull = LogPull::new(LogReader::before_the_first(0));
        let own = first_key(&pair.keys);
        fetch(pair, &mut pull, &[own])
    }

    /// Nothing but what happened since the claim, and all of that.
    fn is_only_since(found: &Fetched, first: u64, held: u64) {
        assert_eq!(found.state, LEVEL);
        assert_eq!(found.unverified, [Missing { first: 0, last: first - 1 }]);
        let indices: Vec<_> = found.entries.iter().map(|(index, ..)| *index).collect();
        assert_eq!(indices, (first..held).collect::<Vec<_>>());
        assert_eq!(turns(&found.entries), []);
    }

    /// The index behind the entry that begins this epoch, as the flash holds it.
    fn begun(pair: &Pair, number: u32) -> u64 {
        let stored = &pair.log.as_ref().unwrap().stored;
        let is_it = |(_, entry): &&(u64, LogEntry)| entry.event == LogEvent::KeyEpoch(number);
        stored.iter().rfind(is_it).unwrap().0 + 1
    }

    fn next(pair: &Pair) -> u64 {
        pair.log.as_ref().unwrap().ring.held().next
    }

    #[test]
    fn a_new_owner_verifies_the_log_since_its_claim_and_is_told_nothing_of_before() {
        let mut pair = lived_in(16);
        end_ownership(&mut pair, 1, 1);
        claimed(&mut pair, 2);
        turn(&mut pair, 2);
        let first = begun(&pair, 2);
        assert!(first > 6);
        let found = told_to(&mut pair);
        is_only_since(&found, first, next(&pair));
        assert!(!keys_hold(&pair, &first_key(&pair.keys).key));
        assert_eq!(u64::from(pair.lock.health(pair.now).log.pending), next(&pair) - first);
        // Whatever entry is asked for, and also after a boot.
        for _ in 0..2 {
            let (_, mut session) = pair.session(Request::Nothing);
            for from in [0, 1, first - 1, first] {
                let answer = answer_of(&mut pair, &mut session, Query::Log { from, nonce: [7; 16] }).unwrap();
                assert_eq!((answer.from, answer.first), (first, first));
            }
            pair.cut_power(BoltPosition::Extended);
        }
        // And another owner behind it is told nothing of this one.
        end_ownership(&mut pair, 9, 2);
        claimed(&mut pair, 3);
        turn(&mut pair, 1);
        let first = begun(&pair, 3);
        let found = told_to(&mut pair);
        is_only_since(&found, first, next(&pair));
    }

    #[test]
    fn the_keys_of_the_owner_before_verify_nothing_of_the_new_one() {
        let mut pair = lived_in(16);
        let mut pull = LogPull::new(<LogReader>::new(pair.keys.log_chain()));
        assert_eq!(fetch(&mut pair, &mut pull, &[]).state, LEVEL);
        end_ownership(&mut pair, 1, 1);
        claimed(&mut pair, 2);
        turn(&mut pair, 2);
        let (_, mut session) = pair.session(Request::Nothing);
        let answer = answer_of(&mut pair, &mut session, pull.query([7; 16])).unwrap();
        let mut right = 0;
        let state = pull.take(&answer, &[7; 16], &[], |pulled| right += usize::from(pulled.verdict.is_ok()));
        assert_eq!(right, 0);
        assert!(matches!(state, PullState::Broken(_)), "{state:?}");
        // Nor is an acknowledgement of an earlier chain taken.
        let action = Action::AcknowledgeLog { key_epoch: 1, index: 3, mac: [0; 16] };
        let reports = pair.ask(&mut session, Request::Command { id: CommandId(40), action });
        let outcome = reports.iter().find_map(|report| match report.body {
            ReportBody::Reply(Reply::Command { outcome, .. }) => Some(outcome),
            ReportBody::Reply(_) | ReportBody::Event(_) => None,
        });
        assert_eq!(outcome, Some(Outcome::Refused(Reason::InvalidArgument)));
    }

    #[test]
    fn a_claim_cut_anywhere_leaves_a_log_that_the_new_owner_verifies_and_nothing_of_before() {
        let mut cuts = 0;
        for outputs in 0.. {
            let mut pair = lived_in(16);
            end_ownership(&mut pair, 1, 1);
            press(&mut pair);
            pair.until_cut = Some(outputs);
            let came = claim_with(&mut pair);
            let is_cut = pair.until_cut == Some(0);
            pair.cut_power(BoltPosition::Extended);
            if pair.lock.lock().tenure() == lock_core::state::Tenure::Unowned {
                claimed(&mut pair, 2);
            } else {
                pair.keys = keys_of(2, 2, Profile::S);
                assert!(is_served(&mut pair), "cut after {outputs}: {came:?}");
            }
            turn(&mut pair, 1);
            assert!(!keys_hold(&pair, &first_key(&pair.keys).key), "cut after {outputs}");
            let found = told_to(&mut pair);
            is_only_since(&found, begun(&pair, 2), next(&pair));
            if !is_cut {
                break;
            }
            cuts += 1;
        }
        assert!(cuts > 8, "{cuts} cuts");
    }

    /// A claim that goes on as far as the power does.
    fn claim_with(pair: &mut Pair) -> Option<Came> {
        use lock_core::crypto::Delivery;
        pair.up.clear();
        pair.input(Input::LinkUp { link: LINK, delivery: Delivery::Ordered });
        pair.run();
        let hello = pair.up.pop_front()?;
        let (message1, claiming) = answer(pair, &claimer(), &hello).unwrap();
        pair.deliver(&message1);
        let mut message2 = pair.up.pop_front()?;
        let now = pair.cloud_now();
        let (_, mut session) = claiming.finish(&mut message2, Delivery::Ordered, now).unwrap();
        let mut packet = [0; 512];
        let root = root_of(2);
        let length = session.hand_over(&root, Profile::S, now, &mut packet).unwrap();
        pair.deliver(&packet[..length]);
        pair.run();
        pair.up.pop_front().map(|mut answer| Came::Answered(session.open(&mut answer, now).unwrap()))
    }

    #[test]
    fn until_the_first_entry_of_a_claim_is_stored_the_new_owner_is_told_nothing() {
        let mut pair = lived_in(16);
        end_ownership(&mut pair, 1, 1);
        pair.log.as_mut().unwrap().next = Append::Fails(PersistFailure::Fault);
        claimed(&mut pair, 2);
        let (_, mut session) = pair.session(Request::Nothing);
        let query = Query::Log { from: 0, nonce: [7; 16] };
        assert_eq!(answer_of(&mut pair, &mut session, query), None);
        // Nor after a boot, while its flash is as it was.
        pair.cut_power(BoltPosition::Extended);
        assert!(begun(&pair, 2) > 6, "the next boot does it");
        let found = told_to(&mut pair);
        is_only_since(&found, begun(&pair, 2), next(&pair));
    }

    #[test]
    fn a_record_of_the_ownership_that_fails_refuses_the_claim_or_is_written_again() {
        let mut pair = lived_in(16);
        end_ownership(&mut pair, 1, 1);
        press(&mut pair);
        pair.fail_from = Some((RecordTag::Ownership, Flash::Fails(PersistFailure::Fault)));
        let refused = Came::Answered(Outcome::Refused(Reason::StorageFault));
        assert_eq!(claim(&mut pair, &claimer(), 2, Profile::S), refused);
        assert_eq!(pair.lock.lock().tenure(), lock_core::state::Tenure::Unowned);
        pair.fail_from = None;
        pair.log.as_mut().unwrap().next = Append::Fails(PersistFailure::Fault);
        claimed(&mut pair, 2);
        // Where it fails behind the entry, the log waits for it.
        pair.log.as_mut().unwrap().next = Append::Works;
        pair.fail_from = Some((RecordTag::Ownership, Flash::Fails(PersistFailure::Fault)));
        pair.wait(70_000);
        assert_eq!(begun(&pair, 2), next(&pair));
        pair.fail_from = None;
        pair.wait(130_000);
        turn(&mut pair, 1);
        let found = told_to(&mut pair);
        is_only_since(&found, begun(&pair, 2), next(&pair));
    }

    #[test]
    fn strangers_who_were_spared_an_entry_before_the_claim_are_not_counted_in_the_new_owners_log() {
        let mut pair = lived_in(16);
        end_ownership(&mut pair, 1, 1);
        press(&mut pair);
        pair.wait(1_500);
        for _ in 0..60 {
            pair.input(Input::OutsideButton);
            pair.run();
        }
        assert_eq!(claim(&mut pair, &claimer(), 2, Profile::S), Came::Answered(Outcome::Done));
        turn(&mut pair, 2);
        let found = told_to(&mut pair);
        is_only_since(&found, begun(&pair, 2), next(&pair));
        let is_lost = |entry: &LogEntry| matches!(entry.event, LogEvent::Lost(_));
        assert!(!found.entries.iter().any(|(_, _, entry)| is_lost(entry)), "{:?}", found.entries);
        let stored = &pair.log.as_ref().unwrap().stored;
        assert!(stored.iter().any(|(_, entry)| is_lost(entry)), "they are in the log of before");
    }

    #[test]
    fn what_the_ring_gives_up_of_the_owner_before_is_not_told_and_of_the_new_one_it_is() {
        let mut pair = lived_in(3);
        turn(&mut pair, 12);
        end_ownership(&mut pair, 1, 1);
        claimed(&mut pair, 2);
        let first = begun(&pair, 2);
        let mut seen = false;
        for _ in 0..60 {
            turn(&mut pair, 1);
            let log = pair.log.as_mut().unwrap();
            log.idle(&mut pair.lock, pair.now);
            pair.run();
            let held = pair.log.as_ref().unwrap().ring.held();
            if held.first > 0 && held.first < first {
                seen = true;
                let found = told_to(&mut pair);
                assert_eq!((found.state, &found.gaps[..]), (LEVEL, &[][..]));
            }
        }
        assert!(seen, "the ring gave up entries of the owner before alone");
        let held = pair.log.as_ref().unwrap().ring.held();
        assert!(held.first > first);
        let found = told_to(&mut pair);
        assert_eq!(found.state, LEVEL);
        assert_eq!(found.gaps.last(), Some(&Missing { first, last: held.first - 1 }));
    }

    #[test]
    fn a_lock_that_was_made_without_an_owner_begins_the_log_of_its_first_one() {
        let mut pair = unowned();
        let secret = provision_unowned_log::<RustCrypto>(claimer().key(), LOCK_ID);
        let mut log = LogFlash::new(8);
        log.ring = LogRing::format(Cells::new(8), &secret).unwrap();
        pair.log = Some(log);
        for _ in 0..3 {
            pair.cut_power(BoltPosition::Extended);
        }
        claimed(&mut pair, 1);
        assert_eq!(pair.keys.key_epoch(), epoch(1));
        for _ in 0..2 {
            turn(&mut pair, 1);
            let found = told_to(&mut pair);
            is_only_since(&found, begun(&pair, 1), next(&pair));
            pair.cut_power(BoltPosition::Extended);
        }
        assert!(!keys_hold(&pair, &first_key(&pair.keys).key));
    }

    #[test]
    fn a_lock_without_a_log_is_claimed_as_ever() {
        let mut pair = owned();
        let (_, _) = pair.session(Request::Nothing);
        end_ownership(&mut pair, 1, 1);
        claimed(&mut pair, 2);
        let keys: &LockKeys = &pair.keys;
        assert_eq!(keys.key_epoch(), epoch(2));
        pair.cut_power(BoltPosition::Extended);
        assert!(is_served(&mut pair));
    }
}
