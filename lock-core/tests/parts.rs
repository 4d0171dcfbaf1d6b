//! A lock that does without a part: what it has works as ever, and of what it has not it says so.

#[path = "common/pair.rs"]
mod pair;

use std::collections::BTreeMap;

use lock_core::cloud::{Conditions, LockKeys, NewTicket};
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::crypto::{KeyEpoch, RustCrypto};
use lock_core::device::{BootError, Device, Input, RecordTag, provision};
use lock_core::proto::{
    Action, Alarm, BoltPosition, BootReason, CloudShare, CommandId, Kind, Message1, Outcome, Packet,
    PinDigits, Query, Reason, Reply, ReportBody, Request, Seconds, Selector, Table, UnixMillis, Uptime,
};
use lock_core::state::{CloudOnly, Drive, ForGood, Indication, ResetButton, Tables};
use pair::{Did, EPOCH_MILLIS, LOCK_ID, Pair, Room, lock, root, set_pin, set_relock, stored, unlock};

fn a_lock<T: Tables>() -> Pair<T> {
    let record = provision::<RustCrypto>(&root(), LOCK_ID, &[9; 32]);
    let keys = LockKeys::expand(&root(), LOCK_ID, KeyEpoch::FIRST);
    Pair::of(BTreeMap::from([(RecordTag::Keys.number(), record.to_vec())]), keys)
}

fn answer<T: Tables>(pair: &mut Pair<T>, request: Request) -> Reply {
    let (_, mut session) = pair.session(Request::Nothing);
    let reply = pair.ask(&mut session, request).into_iter().find_map(|report| match report.body {
        ReportBody::Reply(reply) => Some(reply),
        ReportBody::Event(_) => None,
    });
    reply.expect("an answer")
}

fn refusal(reply: &Reply) -> Option<Reason> {
    let Reply::Command { outcome: Outcome::Refused(reason), .. } = reply else { return None };
    Some(*reason)
}

#[test]
fn a_lock_of_its_cloud_alone_opens_and_locks_by_sessions_and_sealed_messages() {
    let mut pair = a_lock::<CloudOnly>();
    let _ = pair.session(unlock(1));
    assert_eq!(pair.drives(), [Drive::Retract]);
    pair.sense(BoltPosition::Retracted);
    pair.wait(3_000);
    let sealed = pair.seal(1, lock(2));
    pair.did.clear();
    pair.deliver(&sealed);
    assert_eq!(pair.drives(), [Drive::Extend]);
    pair.sense(BoltPosition::Extended);
    pair.wait(3_000);
    pair.did.clear();
    pair.deliver(&sealed);
    assert_eq!(pair.drives(), [], "at most once");
    pair.cut_power(BoltPosition::Extended);
    pair.deliver(&sealed);
    assert_eq!(pair.drives(), [], "also over a boot");
    assert!(matches!(
        answer(&mut pair, set_relock(3, 1, 30)),
        Reply::Command { outcome: Outcome::Started | Outcome::Done, .. }
    ));
    assert_eq!(pair.lock.lock().configuration().settings().auto_relock, Seconds(30));
    pair.cut_power(BoltPosition::Extended);
    assert_eq!(pair.lock.lock().configuration().settings().auto_relock, Seconds(30));
}

#[test]
fn what_belongs_to_a_part_that_is_left_out_is_refused_by_name_and_changes_nothing() {
    let mut pair = a_lock::<CloudOnly>();
    let before = pair.records.clone();
    let commands = [
        set_pin(1, 1, b"1234"),
        command(1, Action::EndLockout),
        command(1, Action::RevokeTickets { epoch: 1 }),
        command(1, Action::DenyTicket { epoch: 1, serial: 5 }),
        command(1, Action::AcknowledgeLog { key_epoch: 1, index: 0, mac: [0; 16] }),
        command(1, Action::PrepareRotation { epoch: 2, share: CloudShare::new([3; 32]) }),
        command(1, Action::CommitRotation { epoch: 2 }),
        command(1, Action::EndOwnership { key_epoch: 1 }),
        command(1, Action::InstallUpdate { version: 2, trial: Seconds(60) }),
    ];
    for request in commands {
        let name = format!("{request:?}");
        let reply = answer(&mut pair, request);
        assert_eq!(refusal(&reply), Some(Reason::Unsupported), "{name}: {reply:?}");
        pair.wait(2_000);
    }
    for query in [
        Query::Log { from: 0, nonce: [1; 16] },
        Query::Tickets,
        Query::Rotation,
        Query::Secrets { first: 0 },
        Query::Update,
    ] {
        assert_eq!(answer(&mut pair, Request::Query(query)), Reply::NotUnderstood);
        pair.wait(2_000);
    }
    let kept = |records: &BTreeMap<u8, Vec<u8>>| records.get(&RecordTag::Keys.number()).cloned();
    assert_eq!(kept(&pair.records), kept(&before));
    assert!(pair.drives().is_empty());
    let _ = pair.session(unlock(1));
    assert_eq!(pair.drives(), [Drive::Retract], "no number was burned");
}

#[test]
fn a_code_at_a_lock_without_people_is_refused_at_once() {
    let mut pair = a_lock::<CloudOnly>();
    pair.did.clear();
    pair.input(Input::code(PinDigits::from_ascii(b"123456").unwrap()));
    pair.run();
    assert_eq!(pair.did, [Did::Indicate(Indication::Refused(Reason::Unsupported))]);
}

/// What a lock says to a first message; nothing where it rests.
fn met<T: Tables>(pair: &mut Pair<T>, message1: &[u8]) -> Option<Kind> {
    pair.did.clear();
    pair.deliver(message1);
    pair.up.pop_front().map(|packet| Packet::parse(&packet).unwrap().kind())
}

/// The same message, sent as if another key had made it.
fn under(selector: Selector, message1: &[u8]) -> Vec<u8> {
    let Ok(Packet::Message1(parsed)) = Packet::parse(message1) else { panic!("no first message") };
    let ticket: &[u8] = if selector == Selector::Ticket { &[1; 40] } else { &[] };
    let mut packet = [0; 512];
    Message1 { selector, ticket, ..parsed }.encode(&mut packet).unwrap().to_vec()
}

#[test]
fn a_first_message_under_a_key_of_a_part_that_is_left_out_opens_nothing_and_the_link_rests() {
    let mut pair = a_lock::<CloudOnly>();
    for selector in [Selector::CloudPending, Selector::Ticket, Selector::Claim] {
        let hello = pair.hello();
        let (message1, _) = pair.message1(&hello, unlock(1));
        assert_eq!(met(&mut pair, &under(selector, &message1)), None, "{selector:?}");
        assert_eq!(pair.did, [], "{selector:?}");
        // The greeting is burned, and whoever asks for another waits.
        assert_eq!(met(&mut pair, &message1), None, "{selector:?}");
        assert_eq!(met(&mut pair, &Kind::HelloRequest.prefix()), None, "{selector:?}");
        pair.wait(2_000);
        assert_eq!(met(&mut pair, &Kind::HelloRequest.prefix()), Some(Kind::Hello), "{selector:?}");
    }
    let hello = pair.hello();
    let (message1, _) = pair.message1(&hello, unlock(1));
    assert_eq!(met(&mut pair, &message1), Some(Kind::Message2), "what came before is no reason to say no");
}

/// What a guest's first message is answered with: a key that the cloud issued, in order.
fn met_by_a_guest<T: Tables>(pair: &mut Pair<T>) -> Option<Kind> {
    let _ = pair.session(Request::Nothing);
    let issued = UnixMillis(EPOCH_MILLIS + pair.world_millis);
    let new = NewTicket { serial: 1, issued, epoch: 0, conditions: Conditions::default() };
    let key = pair.keys.issue(&new, None, &[1; 32]).unwrap();
    let hello = pair.hello();
    let hedge = InitiatorHedge { attempt: 900, entropy: [3; 32] };
    let mut packet = [0; 512];
    let (length, _) = key.connect(&hello, unlock(1), &hedge, &mut packet).unwrap();
    met(pair, &packet[..length])
}

#[test]
fn a_virtual_key_that_opens_a_whole_lock_is_met_with_silence_by_one_without_virtual_keys() {
    assert_eq!(met_by_a_guest(&mut a_lock::<Room>()), Some(Kind::Message2));
    let mut pair = a_lock::<CloudOnly>();
    assert_eq!(met_by_a_guest(&mut pair), None);
    assert_eq!(pair.did, []);
}

/// The reset button is held for long enough, and would do it now.
fn holds_reset<T: Tables>(pair: &mut Pair<T>) {
    pair.input(Input::ResetButton(ResetButton::Pressed));
    pair.run();
    pair.wait(11_000);
    pair.did.clear();
}

#[test]
fn a_factory_reset_of_a_lock_without_its_parts_forgets_its_settings_wherever_power_is_cut() {
    let held = || {
        let mut pair = a_lock::<CloudOnly>();
        let _ = pair.session(set_relock(1, 1, 30));
        pair.wait(2_000);
        holds_reset(&mut pair);
        pair
    };
    let mut whole = held();
    whole.input(Input::ResetButton(ResetButton::Released));
    whole.run();
    assert!(whole.did.contains(&Did::Alarm(Alarm::FactoryReset)), "{:?}", whole.did);
    assert!(whole.did.contains(&Did::Indicate(Indication::ResetDone)), "{:?}", whole.did);
    let outputs = whole.did.len();
    for cut in 0..=outputs {
        let mut pair = held();
        pair.until_cut = Some(cut);
        pair.input(Input::ResetButton(ResetButton::Released));
        pair.run();
        let has_begun = pair.did.contains(&Did::Persist(RecordTag::Memory));
        pair.cut_power(BoltPosition::Extended);
        let relock = pair.lock.lock().configuration().settings().auto_relock;
        assert_eq!(relock, if has_begun { Seconds(0) } else { Seconds(30) }, "cut after {cut}");
        // The cloud is heard as before, and its numbers go on.
        pair.wait(2_000);
        let (answer, _) = pair.session(unlock(2));
        assert!(
            matches!(answer.reply, Reply::Command { outcome: Outcome::Started, repeat: false, .. }),
            "cut after {cut}: {answer:?}"
        );
    }
}

#[test]
fn a_lock_whose_keys_are_for_good_has_people_and_no_rotation() {
    let mut pair = a_lock::<ForGood>();
    let _ = pair.session(set_pin(1, 1, b"123456"));
    pair.wait(2_000);
    pair.did.clear();
    pair.input(Input::code(PinDigits::from_ascii(b"123456").unwrap()));
    pair.run();
    assert_eq!(pair.drives(), [Drive::Retract]);
    pair.wait(2_000);
    let prepare = command(2, Action::PrepareRotation { epoch: 2, share: CloudShare::new([3; 32]) });
    assert_eq!(refusal(&answer(&mut pair, prepare)), Some(Reason::Unsupported));
    pair.wait(2_000);
    assert!(matches!(answer(&mut pair, Request::Query(Query::Tickets)), Reply::Tickets(_)));
    pair.wait(2_000);
    let table = Request::Query(Query::Items { table: Table::Credentials, first: 0 });
    let Reply::Items { versions, .. } = answer(&mut pair, table) else { panic!("no items") };
    assert_eq!(versions[0], 1);
}

#[test]
fn what_a_part_has_stored_is_never_passed_over() {
    let mut pair = Pair::new();
    let _ = pair.session(set_pin(1, 1, b"123456"));
    pair.wait(2_000);
    // Were it passed over, a factory reset would not wipe it, and the code would open again under a firmware that has the part.
    let started = Device::<RustCrypto, 2, CloudOnly>::boot(
        &stored(&pair.records),
        [1; 32],
        BootReason::Update,
        Uptime::from_millis(0),
    );
    let Err(BootError::PartNotInBuild(tag)) = started else { panic!("{started:?}") };
    assert!(matches!(tag, RecordTag::Page(1..)), "{tag:?}");
    let larger = BTreeMap::from([(RecordTag::Page(10).number(), vec![3; 40])]);
    let records: BTreeMap<_, _> = pair.records.clone().into_iter().chain(larger).collect();
    let started = Device::<RustCrypto, 2, Room>::boot(
        &stored(&records),
        [1; 32],
        BootReason::Update,
        Uptime::from_millis(0),
    );
    assert_eq!(started.err(), Some(BootError::PartNotInBuild(RecordTag::Page(10))), "tables with less room");
}

fn command(id: u64, action: Action) -> Request {
    Request::Command { id: CommandId(id), action }
}
