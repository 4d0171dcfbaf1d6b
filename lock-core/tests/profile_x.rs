//! A lock of profile X and its cloud: what they share with profile S, what they forbid, and that nobody between them can choose.
#![cfg(feature = "x25519")]

#[path = "common/pair.rs"]
mod pair;

use lock_core::cloud::{Connecting, SessionError};
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::device::{BootError, Input, RecordTag, provision, provision_x};
use lock_core::proto::{
    BoltPosition, BootReason, CommandId, Down, Event, Opening, Outcome, PinDigits, Profile, Query, Reason,
    Reply, ReportBody, Request, Setting,
};
use lock_core::state::{Drive, ResetButton};
use pair::{Did, LOCK_ID, Lock, Pair, lock, root, set_pin, set_relock, stored, unlock};

/// Where a Hello names its profile (section 1.2).
const PROFILE: usize = 4;

fn outcome(reply: &Reply) -> (Outcome, bool) {
    let Reply::Command { outcome, repeat, .. } = *reply else { panic!("not about a command: {reply:?}") };
    (outcome, repeat)
}

/// What the cloud says to this Hello.
fn answer(pair: &Pair, hello: &[u8], request: Request) -> Result<(Vec<u8>, Connecting), SessionError> {
    let mut packet = [0; 128];
    let opening = Down { header: Opening { time: None }, request };
    let hedge = InitiatorHedge { attempt: 900, entropy: [3; 32] };
    let (length, connecting) = Connecting::start(&pair.keys, hello, &opening, &hedge, &mut packet)?;
    Ok((packet[..length].to_vec(), connecting))
}

#[test]
fn an_unlock_takes_one_round_trip_and_records_follow() {
    let mut pair = Pair::of_profile_x();
    let hello = pair.hello();
    assert_eq!(hello[PROFILE], 2);
    let (message1, connecting) = pair.message1(&hello, unlock(1));
    pair.did.clear();
    pair.deliver(&message1);
    let order: Vec<_> = pair
        .did
        .iter()
        .filter(|did| matches!(did, Did::Persist(_) | Did::Motor(_) | Did::Transmit(..)))
        .take(3)
        .collect();
    assert!(
        matches!(order[..], [Did::Persist(RecordTag::Memory), Did::Motor(Drive::Retract), Did::Transmit(..)]),
        "the motor comes before the curve: {order:?}"
    );
    let (answer, marks, mut session) = pair.finish(connecting);
    assert_eq!(outcome(&answer.get().reply), (Outcome::Started, false));
    assert_eq!(marks.marks().command, CommandId(1));

    let _ = pair.reports(&mut session);
    pair.wait(300);
    pair.sense(BoltPosition::Between);
    pair.wait(600);
    pair.sense(BoltPosition::Retracted);
    let finished = ReportBody::Event(Event::Finished { id: CommandId(1), outcome: Outcome::Done });
    assert!(pair.reports(&mut session).into_iter().any(|report| report.body == finished));
    let reports = pair.ask(&mut session, Request::Query(Query::Status));
    assert!(matches!(reports[0].body, ReportBody::Reply(Reply::Status(_))));
    pair.ask(&mut session, lock(2));
    assert_eq!(pair.drives().last(), Some(&Drive::Extend));
}

#[test]
fn a_configuration_is_refused_in_the_first_message_and_done_in_the_session() {
    for request in [set_pin(1, 1, b"123456"), set_relock(1, 1, 30)] {
        let mut pair = Pair::of_profile_x();
        let hello = pair.hello();
        let refused = answer(&pair, &hello, request.clone()).err();
        assert_eq!(refused, Some(SessionError::OpenSessionFirst));
        assert!(refused.is_some_and(|error| error.to_string().contains("open the session first")));

        let (_, mut session) = pair.session(Request::Nothing);
        let reports = pair.ask(&mut session, request);
        let ReportBody::Reply(reply) = &reports[0].body else { panic!("{reports:?}") };
        assert_eq!(outcome(reply), (Outcome::Done, false));
        assert_eq!(pair.lock.status(pair.now).configuration, 1);
    }
}

/// A cloud that breaks the rule: its Message1 is made with the parts of this crate that the role of the cloud stands on.
#[test]
fn a_lock_refuses_a_configuration_in_a_first_message_and_keeps_the_id_free() {
    use lock_core::crypto::{KeySelector, Label, LeafKeys, Prologue, RustCrypto, profile_x};
    use lock_core::proto::{Action, Message1, Selector};

    let mut pair = Pair::of_profile_x();
    let leaves = LeafKeys::expand::<RustCrypto>(&root(), LOCK_ID, pair.keys.key_epoch());
    let hello: [u8; 29] = pair.hello().try_into().unwrap();
    let prologue = Prologue {
        lock_id: LOCK_ID,
        key_epoch: pair.keys.key_epoch(),
        hello: &hello,
        version: 1,
        selector: KeySelector::CloudCurrent,
    };
    let setting = Setting::pin(0, PinDigits::from_ascii(b"123456").unwrap());
    let request = Request::Command { id: CommandId(1), action: Action::Configure { version: 1, setting } };
    let (mut body, mut handshake) = ([0; 128], [0; 128]);
    let body = Down { header: Opening { time: None }, request: request.clone() }.encode(&mut body).unwrap();
    let hedge = InitiatorHedge { attempt: 1, entropy: [3; 32] };
    let psk = leaves.leaf(Label::Session);
    let (length, waiting) =
        <profile_x::Initiator>::start(psk, &prologue, &hedge, body, &mut handshake).unwrap();
    let message1 = Message1 {
        version: 1,
        selector: Selector::CloudCurrent,
        ticket: &[],
        handshake: &handshake[..length],
    };
    let mut packet = [0; 512];
    let message1 = message1.encode(&mut packet).unwrap().to_vec();
    pair.deliver(&message1);
    assert_eq!(pair.lock.status(pair.now).configuration, 0);

    let mut message2 = pair.up.pop_front().expect("the lock answers");
    let (payload, _) = waiting.finish(&mut message2[2..]).unwrap();
    let told = payload.try_map(lock_core::proto::Answer::decode).unwrap().into_inner();
    assert_eq!(outcome(&told.reply), (Outcome::Refused(Reason::SessionNeeded), false));

    let (_, mut session) = pair.session(Request::Nothing);
    let reports = pair.ask(&mut session, request);
    let ReportBody::Reply(reply) = &reports[0].body else { panic!("{reports:?}") };
    assert_eq!(outcome(reply), (Outcome::Done, false), "the id was not taken by the refusal");
}

#[test]
fn nobody_between_them_can_choose_the_profile() {
    for (mut pair, other) in [(Pair::of_profile_x(), 1), (Pair::new(), 2)] {
        let genuine = pair.hello();
        let mut altered = genuine.clone();
        altered[PROFILE] = other;
        assert_eq!(answer(&pair, &altered, unlock(1)).err(), Some(SessionError::AnotherProfile));

        // Nor if the cloud were told by its registry that the lock is another: what it then says does not open, and burns the Hello.
        let registered = pair.keys.profile();
        let wrong = if registered == Profile::X { Profile::S } else { Profile::X };
        let keys = lock_core::cloud::LockKeys::expand(&root(), LOCK_ID, pair.keys.key_epoch());
        pair.keys = keys.with_profile(wrong);
        let (message1, _) = answer(&pair, &altered, unlock(1)).unwrap();
        pair.deliver(&message1);
        assert_eq!((pair.drives(), pair.up.len()), (vec![], 0));
    }
}

#[test]
fn a_recorded_session_of_one_profile_opens_nothing_at_a_lock_of_the_other() {
    // The same root, the same epoch, the same entropy: all but the profile is equal.
    let (mut of_x, mut of_s) = (Pair::of_profile_x(), Pair::new());
    let (hello_x, hello_s) = (of_x.hello(), of_s.hello());
    assert_eq!(hello_x[PROFILE + 1..], hello_s[PROFILE + 1..], "one handle, one nonce");
    let (message1_x, connecting_x) = of_x.message1(&hello_x, unlock(1));
    let (message1_s, connecting_s) = of_s.message1(&hello_s, unlock(1));
    of_s.deliver(&message1_x);
    of_x.deliver(&message1_s);
    for pair in [&mut of_x, &mut of_s] {
        assert_eq!((pair.drives(), pair.up.len()), (vec![], 0));
    }

    // Nor does an answer of one, or a record, go through at the other's cloud.
    let mut recorded = Vec::new();
    for (pair, connecting) in [(Pair::of_profile_x(), connecting_x), (Pair::new(), connecting_s)] {
        let mut pair = pair;
        drop(connecting);
        let hello = pair.hello();
        let (message1, connecting) = pair.message1(&hello, unlock(1));
        pair.deliver(&message1);
        let message2 = pair.up.front().cloned().expect("the lock answers");
        let (_, _, mut session) = pair.finish(connecting);
        pair.up.clear();
        let mut record = [0; 512];
        let length = session.request(lock(2), pair.cloud_now(), &mut record).unwrap();
        recorded.push((message1, message2, record[..length].to_vec()));
    }
    for (pair, (message1, message2, record)) in
        [(Pair::of_profile_x(), &recorded[1]), (Pair::new(), &recorded[0])]
    {
        let mut pair = pair;
        pair.hello();
        pair.deliver(message1);
        assert_eq!((pair.drives(), pair.up.len()), (vec![], 0));
        pair.wait(2_000);
        let hello = pair.hello();
        let (_, connecting) = pair.message1(&hello, unlock(1));
        let refused =
            connecting.finish(&mut message2.clone(), lock_core::crypto::Delivery::Ordered, pair.cloud_now());
        assert_eq!(refused.err(), Some(SessionError::Refused));
        let (_, _) = pair.session(Request::Nothing);
        pair.up.clear();
        pair.deliver(record);
        assert_eq!((pair.drives(), pair.up.len()), (vec![], 0));
    }
}

#[test]
fn any_flipped_bit_or_missing_byte_of_message1_is_refused() {
    let mut pair = Pair::of_profile_x();
    for damage in 0.. {
        pair.wait(2_000);
        let hello = pair.hello();
        let (mut message1, _) = pair.message1(&hello, unlock(1));
        if damage >= message1.len() * 9 {
            break;
        }
        match damage % 9 {
            8 => message1.truncate(damage / 9),
            bit => message1[damage / 9] ^= 1 << bit,
        }
        pair.deliver(&message1);
        assert_eq!((pair.drives(), pair.up.len()), (vec![], 0), "damage {damage}");
    }
}

#[test]
fn a_stuck_random_source_repeats_no_ephemeral_key_of_the_lock() {
    let mut keys = Vec::new();
    let mut pair = Pair::of_profile_x();
    pair.entropy = [0; 32];
    for _ in 0..3 {
        pair.cut_power(BoltPosition::Extended);
        for _ in 0..2 {
            pair.wait(2_000);
            let hello = pair.hello();
            let (message1, _) = pair.message1(&hello, Request::Nothing);
            pair.deliver(&message1);
            keys.push(pair.up.pop_front().expect("the lock answers")[2..34].to_vec());
        }
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 6);
}

#[test]
fn the_profile_survives_power_cuts_and_a_factory_reset() {
    let mut pair = Pair::of_profile_x();
    let before = pair.records[&RecordTag::Keys.number()].clone();
    pair.input(Input::ResetButton(ResetButton::Pressed));
    pair.run();
    pair.wait(11_000);
    pair.input(Input::ResetButton(ResetButton::Released));
    pair.run();
    assert_ne!(pair.records[&RecordTag::Keys.number()], before, "a new PIN key");
    for _ in 0..2 {
        pair.wait(2_000);
        assert_eq!(pair.hello()[PROFILE], 2);
        let (_, mut session) = pair.session(Request::Nothing);
        assert!(!pair.ask(&mut session, Request::Query(Query::Status)).is_empty());
        pair.cut_power(BoltPosition::Extended);
    }
}

#[test]
fn keys_of_each_profile_differ_in_their_format_alone_and_others_are_damaged() {
    use lock_core::crypto::RustCrypto;
    let of_s = provision::<RustCrypto>(&root(), LOCK_ID, &[9; 32]);
    let of_x = provision_x::<RustCrypto>(&root(), LOCK_ID, &[9; 32]);
    assert_eq!((of_s[0], of_x[0], &of_s[1..]), (1, 2, &of_x[1..]));
    for format in [0, 4, 0xFF] {
        let mut pair = Pair::of_profile_x();
        pair.records.get_mut(&RecordTag::Keys.number()).unwrap()[0] = format;
        let started = Lock::boot(&stored(&pair.records), [1; 32], BootReason::PowerOn, pair.now);
        assert_eq!(started.err(), Some(BootError::Damaged(RecordTag::Keys)));
    }
    for length in [of_x.len() - 1, of_x.len() + 1] {
        let mut pair = Pair::of_profile_x();
        pair.records.get_mut(&RecordTag::Keys.number()).unwrap().resize(length, 0);
        let started = Lock::boot(&stored(&pair.records), [1; 32], BootReason::PowerOn, pair.now);
        assert_eq!(started.err(), Some(BootError::Damaged(RecordTag::Keys)));
    }
}
