//! Lengths: `MAX_BYTES` of each message is reached, and packets stay within the bounds of section 1.

use crate::messages::Message;
use lock_proto::{
    Action, Answer, BatteryFact, BoltPosition, Cause, ClockFact, CommandId, DoorPosition, Down, Event, Fact,
    Fault, Live, MAX_PACKET, Marks, Millivolts, Motion, Opening, Outcome, PinDigits, Query, RECORD_HEADER,
    Reason, Reply, Report, ReportBody, Request, SEALED_HEADER, Sealed, SealedReport, Seconds, Setting,
    Status, TAG, Target, UnixMillis, Uptime,
};

const END_OF_TIME: Uptime = Uptime::from_millis(u64::MAX);
const LAST_ID: CommandId = CommandId(u64::MAX);
const LARGEST_MARKS: Marks = Marks { down: u64::MAX, command: LAST_ID };

fn largest_status() -> Status {
    fn fact<T>(value: T) -> Fact<T> {
        Fact { value, cause: Cause::Keypad { slot: u8::MAX }, age: Seconds(u32::MAX), sequence: u32::MAX }
    }
    Status {
        sequence: u32::MAX,
        bolt: fact(BoltPosition::Between),
        target: fact(Target::Unlocked),
        motion: Motion::Retracting,
        door: fact(DoorPosition::Closed),
        fault: fact(Fault::MotorTimeout),
        battery: Some(BatteryFact { resting: Millivolts(u16::MAX), age: Seconds(u32::MAX) }),
        relock_in: Some(Seconds(u32::MAX)),
        clock: ClockFact::Trusted { error_ms: u32::MAX },
        lockout: Seconds(u32::MAX),
        configuration: u32::MAX,
    }
}

fn largest_configure() -> Action {
    let digits = PinDigits::from_ascii(b"0123456789").unwrap();
    Action::Configure { version: u32::MAX, setting: Setting::SetPin { slot: u8::MAX, digits } }
}

fn command(action: Action) -> Request {
    Request::Command { id: LAST_ID, action }
}

const LARGEST_OPENING: Opening = Opening { time: Some(UnixMillis(u64::MAX)) };
const LARGEST_LIVE: Live = Live { valid_until: END_OF_TIME };
const LARGEST_SEALED: Sealed =
    Sealed { issued_at: UnixMillis(u64::MAX), not_after: Some(UnixMillis(u64::MAX)) };

fn reaches_its_length<M: Message>(message: &M) {
    assert_eq!(message.bytes().len(), M::LONGEST);
    assert!(message.write(&mut vec![0; M::LONGEST - 1]).is_err());
    assert_eq!(M::read(&message.bytes()).as_ref(), Ok(message));
}

#[test]
fn the_longest_messages_are_as_long_as_their_types_say() {
    reaches_its_length(&Down { header: LARGEST_OPENING, request: command(largest_configure()) });
    reaches_its_length(&Down { header: LARGEST_LIVE, request: command(largest_configure()) });
    reaches_its_length(&Down { header: LARGEST_SEALED, request: command(largest_configure()) });
    let status = Reply::Status(largest_status());
    reaches_its_length(&Answer { uptime: END_OF_TIME, boot: u64::MAX, marks: LARGEST_MARKS, reply: status });
    reaches_its_length(&Report { uptime: END_OF_TIME, body: ReportBody::Reply(status) });
    let event = Event::Changed(largest_status());
    reaches_its_length(&Report { uptime: END_OF_TIME, body: ReportBody::Event(event) });
    reaches_its_length(&SealedReport::Status { boot: u64::MAX, status: largest_status() });
}

#[test]
fn no_other_reply_or_report_is_longer_than_a_status() {
    let outcome = Outcome::Refused(Reason::BatteryCritical);
    for reply in [
        Reply::Command { id: LAST_ID, outcome, repeat: true },
        Reply::Marks { nonce: [255; 16], marks: LARGEST_MARKS },
        Reply::Nothing,
        Reply::NotUnderstood,
    ] {
        let answer = Answer { uptime: END_OF_TIME, boot: u64::MAX, marks: LARGEST_MARKS, reply };
        assert!(answer.bytes().len() < Answer::MAX_BYTES);
    }
    for report in [
        SealedReport::Receipt { id: LAST_ID, outcome, configuration: u32::MAX },
        SealedReport::MarksAnswer { nonce: [255; 16], marks: LARGEST_MARKS },
        SealedReport::MarksHint { marks: LARGEST_MARKS },
    ] {
        assert!(report.bytes().len() < SealedReport::MAX_BYTES);
    }
}

#[test]
fn a_record_that_unlocks_is_at_most_64_bytes() {
    let unlock = Down { header: LARGEST_LIVE, request: command(Action::Unlock) };
    let record = RECORD_HEADER + unlock.bytes().len() + TAG;
    assert_eq!(record, 48);
    assert!(record <= 64);
}

#[test]
fn a_first_handshake_message_with_any_request_is_at_most_128_bytes() {
    const HEADER: usize = 6;
    for (share, longest) in [(16, 79), (32, 95)] {
        let lengths = [
            Request::Nothing,
            command(Action::Lock),
            command(Action::Unlock),
            command(largest_configure()),
            command(Action::Configure { version: u32::MAX, setting: Setting::AutoRelock(Seconds(u32::MAX)) }),
            command(Action::Configure { version: u32::MAX, setting: Setting::ClearPin { slot: u8::MAX } }),
            Request::Query(Query::Status),
            Request::Query(Query::Command(LAST_ID)),
            Request::Query(Query::Marks([255; 16])),
        ]
        .map(|request| HEADER + share + Down { header: LARGEST_OPENING, request }.bytes().len() + TAG);
        assert_eq!(lengths.into_iter().max(), Some(longest));
        assert!(longest <= 128);
    }
}

// Every message fits its packet, of either profile.
const _: () = assert!(2 + 32 + Answer::MAX_BYTES + TAG <= MAX_PACKET);
const _: () = assert!(RECORD_HEADER + Down::<Live>::MAX_BYTES + TAG <= MAX_PACKET);
const _: () = assert!(RECORD_HEADER + Report::MAX_BYTES + TAG <= MAX_PACKET);
const _: () = assert!(SEALED_HEADER + Down::<Sealed>::MAX_BYTES + TAG <= MAX_PACKET);
const _: () = assert!(SEALED_HEADER + SealedReport::MAX_BYTES + TAG <= MAX_PACKET);
