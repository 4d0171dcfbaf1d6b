//! The lock is not reached now: store and forward through any relay.

#[path = "common/pair.rs"]
mod pair;

use lock_core::cloud::{CaughtUp, Numbers, Probe, open_up, seal_down};
use lock_core::proto::{
    Action, BoltPosition, CommandId, Down, Outcome, Query, Reason, Request, Sealed, SealedReport, Seconds,
    Setting, UnixMillis,
};
use pair::{EPOCH_MILLIS, Pair, unlock};

fn seal(pair: &Pair, counter: u64, issued_at: u64, request: Request) -> Vec<u8> {
    let message = Down { header: Sealed { issued_at: UnixMillis(issued_at), not_after: None }, request };
    let mut packet = [0; 512];
    let length = seal_down(&pair.keys, counter, [counter as u8; 16], &message, &mut packet).unwrap();
    packet[..length].to_vec()
}

fn reports(pair: &mut Pair) -> Vec<SealedReport> {
    let keys = &pair.keys;
    pair.up
        .drain(..)
        .filter_map(|mut packet| open_up(keys, &mut packet).ok())
        .map(|up| *up.report.get())
        .collect()
}

fn configure(id: u64, version: u32) -> Request {
    let setting = Setting::AutoRelock(Seconds(60));
    Request::Command { id: CommandId(id), action: Action::Configure { version, setting } }
}

#[test]
fn queued_configuration_is_applied_once_and_its_receipt_can_be_had_again() {
    let mut pair = Pair::new();
    let message = seal(&pair, 1, EPOCH_MILLIS, configure(1, 1));
    let _ = pair.hello();
    pair.deliver(&message);
    let receipt = SealedReport::Receipt { id: CommandId(1), outcome: Outcome::Done, configuration: 1 };
    assert_eq!(reports(&mut pair), [receipt]);
    pair.wait(2_000);
    pair.deliver(&message);
    assert_eq!(reports(&mut pair), [receipt], "the same answer; nothing applied again");
    assert_eq!(pair.lock.status(pair.now).configuration, 1);
    pair.cut_power(BoltPosition::Extended);
    let _ = pair.hello();
    pair.deliver(&message);
    assert_eq!(reports(&mut pair), [receipt]);
}

#[test]
fn a_sealed_unlock_needs_a_trusted_clock_and_at_most_a_minute_of_age() {
    let mut pair = Pair::new();
    let _ = pair.hello();
    let early = seal(&pair, 1, EPOCH_MILLIS + pair.world_millis, unlock(1));
    pair.deliver(&early);
    let refused = |id, reason| SealedReport::Receipt {
        id: CommandId(id),
        outcome: Outcome::Refused(reason),
        configuration: 0,
    };
    assert_eq!(reports(&mut pair), [refused(1, Reason::ClockNotTrusted)]);
    let (_, _) = pair.session(Request::Nothing);
    let now = EPOCH_MILLIS + pair.world_millis;
    let stale = seal(&pair, 2, now - 61_000, unlock(2));
    pair.deliver(&stale);
    assert_eq!(reports(&mut pair), [refused(2, Reason::Expired)]);
    assert_eq!(pair.drives(), []);
    let fresh = seal(&pair, 3, now - 30_000, unlock(3));
    pair.deliver(&fresh);
    assert_eq!(pair.drives().len(), 1);
}

#[test]
fn a_mark_survives_power_cuts_and_only_grows() {
    let mut pair = Pair::new();
    let _ = pair.hello();
    let (fifth, fourth) =
        (seal(&pair, 5, EPOCH_MILLIS, configure(2, 2)), seal(&pair, 4, EPOCH_MILLIS, configure(1, 1)));
    pair.deliver(&fifth);
    let _ = reports(&mut pair);
    pair.wait(2_000);
    pair.deliver(&fourth);
    assert!(matches!(reports(&mut pair)[..], [SealedReport::MarksHint { marks }] if marks.down == 5));
    pair.cut_power(BoltPosition::Extended);
    let _ = pair.hello();
    pair.deliver(&fourth);
    assert!(matches!(reports(&mut pair)[..], [SealedReport::MarksHint { marks }] if marks.down == 5));
    assert_eq!(pair.lock.status(pair.now).configuration, 2);
}

#[test]
fn a_message_too_far_ahead_is_not_taken() {
    let mut pair = Pair::new();
    let _ = pair.hello();
    let far = seal(&pair, (1 << 20) + 1, EPOCH_MILLIS, configure(1, 1));
    pair.deliver(&far);
    assert_eq!(pair.lock.status(pair.now).configuration, 0);
    let edge = seal(&pair, 1 << 20, EPOCH_MILLIS, configure(1, 1));
    pair.deliver(&edge);
    assert_eq!(pair.lock.status(pair.now).configuration, 1);
}

#[test]
fn a_restored_cloud_catches_up_by_its_own_nonce_and_not_by_a_hint() {
    let mut pair = Pair::new();
    let _ = pair.hello();
    let newest = seal(&pair, 40, EPOCH_MILLIS, configure(30, 1));
    pair.deliver(&newest);
    pair.up.clear();
    // The cloud was restored: it believes that it gave out nothing.
    let mut numbers = Numbers::FIRST;
    pair.wait(1_500);
    let message = seal(&pair, numbers.next_down, EPOCH_MILLIS, configure(1, 2));
    pair.deliver(&message);
    let mut hint = pair.up.pop_front().unwrap();
    let hint = open_up(&pair.keys, &mut hint).unwrap().report;
    let marks = hint.as_ref().map(|report| {
        let SealedReport::MarksHint { marks } = report else { panic!("not a hint: {report:?}") };
        *marks
    });
    let probe = Probe::new([8; 16]);
    let question = seal(&pair, Probe::counter(&numbers, &marks), EPOCH_MILLIS, probe.request());
    assert_eq!(numbers, Numbers::FIRST, "a hint raises nothing");
    pair.deliver(&question);
    let mut answer = pair.up.pop_front().unwrap();
    let answer = open_up(&pair.keys, &mut answer).unwrap().report;
    assert_eq!(Probe::new([9; 16]).answered(&answer), None, "an answer to another nonce");
    assert_eq!(numbers.catch_up(probe.answered(&answer).unwrap()), CaughtUp::WasBehind);
    assert_eq!((numbers.next_down, numbers.next_command), (42, CommandId(31)));
    assert_eq!(numbers.catch_up(probe.answered(&answer).unwrap()), CaughtUp::Level);
}

#[test]
fn any_flipped_bit_of_a_sealed_message_is_refused_and_moves_no_mark() {
    let mut pair = Pair::new();
    let _ = pair.hello();
    let message = seal(&pair, 1, EPOCH_MILLIS, configure(1, 1));
    for bit in 0..message.len() * 8 {
        let mut altered = message.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        pair.deliver(&altered);
        assert!(pair.up.is_empty(), "bit {bit}");
    }
    pair.deliver(&message);
    assert_eq!(pair.lock.status(pair.now).configuration, 1);
}

#[test]
fn sealed_up_numbers_never_repeat_across_power_cuts() {
    let mut pair = Pair::new();
    let mut seen = std::collections::BTreeSet::new();
    for counter in 1..200 {
        let _ = pair.hello();
        let question = seal(&pair, counter, EPOCH_MILLIS, Request::Query(Query::Status));
        pair.deliver(&question);
        let mut up = pair.up.pop_front().unwrap();
        assert!(seen.insert(open_up(&pair.keys, &mut up).unwrap().counter));
        if counter % 7 == 0 {
            pair.cut_power(BoltPosition::Extended);
        }
    }
}
