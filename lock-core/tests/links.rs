//! Sessions that replace one another, end and time out; what packets and debug output leave behind.

#[path = "common/pair.rs"]
mod pair;

use lock_core::crypto::Delivery;
use lock_core::device::{Input, LinkId, Output, RecordTag};
use lock_core::proto::{BoltPosition, CommandId, Packet, PinDigits, Query, Reply, Request};
use pair::{Did, Flash, LINK, Pair, lock, set_pin, unlock};

#[test]
fn a_second_handshake_gets_its_own_answer_and_not_that_of_the_first() {
    let mut pair = Pair::new();
    let hello = pair.hello();
    let (first, _) = pair.message1(&hello, unlock(1));
    pair.wait(1_500);
    // The flash is busy with something else while a new Hello is asked for and the old one is answered.
    pair.flash = Flash::Slow;
    pair.input(Input::code(PinDigits::from_ascii(b"1234").unwrap()));
    pair.run();
    pair.up.clear();
    pair.deliver(&Packet::HELLO_REQUEST);
    pair.deliver(&first);
    pair.answer_flash(Flash::Works);
    pair.run();
    let hello = pair.up.pop_front().expect("the second Hello");
    let (second, connecting) = pair.message1(&hello, Request::Query(Query::Status));
    pair.deliver(&second);
    pair.flash = Flash::Works;
    pair.answer_flash(Flash::Works);
    pair.run();
    let (answer, _, mut session) = pair.finish(connecting);
    assert!(matches!(answer.get().reply, Reply::Status(_)), "{:?}", answer.get().reply);
    pair.up.clear();
    let query = Request::Query(Query::Command(CommandId(1)));
    assert_eq!(pair.ask(&mut session, query).len(), 1, "the session lives");
}

#[test]
fn a_link_whose_session_failed_is_closed_like_one_that_proved_nothing() {
    let mut pair = Pair::new();
    let (_, mut session) = pair.session(Request::Nothing);
    let mut forged = [0; 512];
    let length = session.request(Request::Nothing, pair.cloud_now(), &mut forged).unwrap();
    forged[length - 1] ^= 1;
    for _ in 0..8 {
        pair.deliver(&forged[..length]);
    }
    pair.did.clear();
    pair.wait(10_000);
    assert_eq!(pair.did, [Did::Close(LINK)]);
}

#[test]
fn a_session_of_one_hour_is_over_even_if_nobody_ticks() {
    for (age, answers) in [(3_599_999, 1), (3_600_000, 0), (3_600_001, 0)] {
        let mut pair = Pair::new();
        let (_, mut session) = pair.session(Request::Nothing);
        let mut packet = [0; 512];
        let query = Request::Query(Query::Status);
        let length = session.request(query, pair.cloud_now(), &mut packet).unwrap();
        pair.now = pair.now.plus_millis(age);
        pair.deliver(&packet[..length]);
        assert_eq!(pair.up.len(), answers, "{age} ms");
    }
}

#[test]
fn every_deadline_that_has_come_is_gone_after_a_few_ticks() {
    let mut pair = Pair::new();
    for link in 0..2 {
        pair.input(Input::LinkUp { link: LinkId(link), delivery: Delivery::Ordered });
        pair.run();
    }
    let (_, _) = pair.session(unlock(1));
    pair.now = pair.now.plus_millis(100_000_000);
    for _ in 0..4 {
        pair.input(Input::Tick);
        pair.run();
    }
    assert!(pair.lock.poll_timeout().is_none_or(|at| at > pair.now));
}

#[test]
fn an_event_reaches_every_session_once_and_the_queue_never_overflows() {
    let mut pair = Pair::new();
    let (_, _) = pair.session(Request::Nothing);
    pair.flash = Flash::Slow;
    pair.input(Input::code(PinDigits::from_ascii(b"1234").unwrap()));
    pair.run();
    for position in [BoltPosition::Retracted, BoltPosition::Extended].repeat(200) {
        pair.input(Input::Bolt(position));
    }
    pair.flash = Flash::Works;
    pair.up.clear();
    pair.answer_flash(Flash::Works);
    pair.run();
    assert_eq!(pair.up.len(), 1, "one change that waits is told once");
}

#[test]
fn no_packet_buffer_keeps_what_was_decrypted_in_it() {
    let mut pair = Pair::new();
    let hello = pair.hello();
    let (mut message1, connecting) = pair.message1(&hello, set_pin(1, 1, b"24682468"));
    pair.input(Input::Packet { link: LINK, packet: &mut message1 });
    pair.run();
    let (_, _, mut session) = pair.finish(connecting);
    let mut record = [0; 512];
    let length = session.request(set_pin(2, 2, b"24682468"), pair.cloud_now(), &mut record).unwrap();
    pair.input(Input::Packet { link: LINK, packet: &mut record[..length] });
    pair.run();
    let mut sealed = pair.seal(1, set_pin(3, 3, b"24682468"));
    pair.input(Input::Packet { link: LINK, packet: &mut sealed });
    pair.run();
    assert_eq!(pair.lock.status(pair.now).configuration, 3);
    for packet in [&message1[..], &record, &sealed] {
        assert!(!packet.windows(8).any(|bytes| bytes == b"24682468"));
    }
}

#[test]
fn no_buffer_of_the_cloud_keeps_the_digits_of_a_request_that_was_not_sealed() {
    let mut pair = Pair::new();
    let (_, mut session) = pair.session(Request::Nothing);
    let mut packet = [0; 38];
    assert!(session.request(set_pin(1, 1, b"24682468"), pair.cloud_now(), &mut packet).is_err());
    assert!(!packet.windows(8).any(|bytes| bytes == b"24682468"));
    pair.world_millis += 3_600_000;
    let mut packet = [0; 512];
    assert!(session.request(set_pin(1, 1, b"24682468"), pair.cloud_now(), &mut packet).is_err());
    assert!(!packet.windows(8).any(|bytes| bytes == b"24682468"));
}

#[test]
fn debug_output_shows_no_secret() {
    let entropy = format!("{:?}", Input::Entropy([0xAB; 32]));
    assert!(!entropy.contains("171"), "{entropy}");
    let bytes = [0xAB; 4];
    let mut pair = Pair::new();
    pair.flash = Flash::Slow;
    let _ = pair.lock.handle(Input::code(PinDigits::from_ascii(b"1234").unwrap()), pair.now);
    let mut buffer = [0; 512];
    let Some(Output::Persist { id, .. }) = pair.lock.poll_output(pair.now, &mut buffer) else { panic!() };
    let record = format!("{:?}", Output::Persist { id, tag: RecordTag::Page(0), bytes: &bytes });
    assert!(!record.contains("171"), "{record}");
}

#[test]
fn two_commands_in_flight_are_each_answered_and_the_second_overtakes_the_first() {
    let mut pair = Pair::new();
    pair.sense(BoltPosition::Between);
    let (_, mut session) = pair.session(Request::Nothing);
    pair.flash = Flash::Slow;
    pair.up.clear();
    for request in [unlock(1), lock(2)] {
        let mut packet = [0; 512];
        let length = session.request(request, pair.cloud_now(), &mut packet).unwrap();
        pair.deliver(&packet[..length]);
    }
    pair.flash = Flash::Works;
    pair.answer_flash(Flash::Works);
    pair.run();
    assert_eq!(pair.drives().len(), 2);
    let replies = pair.reports(&mut session);
    let told = |id| {
        replies.iter().any(|report| {
            matches!(report.body, lock_core::proto::ReportBody::Reply(Reply::Command { id: of, .. }) if of == CommandId(id))
        })
    };
    assert!(told(1) && told(2));
}
