//! Strategies for every message. Numbers lie on the bounds of their encodings more often than chance would have it.
//! Those of many parts are boxed: a tree of a whole status does not fit the stack of a test.

use lock_proto::{
    Action, Alarm, Answer, BatteryFact, BoltPosition, Cause, ClockFact, CommandId, DoorPosition, Down, Event,
    Fact, Fault, Live, Marks, Millivolts, Motion, Opening, Outcome, PinDigits, Query, Reason, Reply, Report,
    ReportBody, Request, Sealed, SealedReport, Seconds, Setting, Status, Target, UnixMillis, Uptime,
};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn long() -> impl Strategy<Value = u64> {
    let bounds = (0_u32..64).prop_map(|bit| 1 << bit);
    prop_oneof![any::<u64>(), bounds.clone(), bounds.prop_map(|above| above - 1), Just(u64::MAX)]
}

fn word() -> impl Strategy<Value = u32> {
    long().prop_map(|number| u32::try_from(number).unwrap_or(u32::MAX))
}

fn id() -> impl Strategy<Value = CommandId> {
    long().prop_map(CommandId)
}

fn seconds() -> impl Strategy<Value = Seconds> {
    word().prop_map(Seconds)
}

fn uptime() -> impl Strategy<Value = Uptime> {
    long().prop_map(Uptime::from_millis)
}

pub(crate) fn digits() -> impl Strategy<Value = PinDigits> {
    prop::collection::vec(b'0'..=b'9', PinDigits::MIN..=PinDigits::MAX)
        .prop_map(|text| PinDigits::from_ascii(&text).unwrap())
}

pub(crate) fn action() -> BoxedStrategy<Action> {
    let setting = prop_oneof![
        seconds().prop_map(Setting::AutoRelock),
        (any::<u8>(), digits()).prop_map(|(slot, digits)| Setting::SetPin { slot, digits }),
        any::<u8>().prop_map(|slot| Setting::ClearPin { slot }),
    ];
    prop_oneof![
        Just(Action::Lock),
        Just(Action::Unlock),
        (word(), setting).prop_map(|(version, setting)| Action::Configure { version, setting }),
    ]
    .boxed()
}

fn request() -> BoxedStrategy<Request> {
    let query = prop_oneof![
        Just(Query::Status),
        id().prop_map(Query::Command),
        any::<[u8; 16]>().prop_map(Query::Marks),
    ];
    prop_oneof![
        1 => Just(Request::Nothing),
        4 => (id(), action()).prop_map(|(id, action)| Request::Command { id, action }),
        2 => query.prop_map(Request::Query),
    ]
    .boxed()
}

pub(crate) fn opening() -> impl Strategy<Value = Down<Opening>> {
    (option::of(long().prop_map(UnixMillis)), request())
        .prop_map(|(time, request)| Down { header: Opening { time }, request })
}

pub(crate) fn live() -> impl Strategy<Value = Down<Live>> {
    (uptime(), request()).prop_map(|(valid_until, request)| Down { header: Live { valid_until }, request })
}

pub(crate) fn sealed() -> impl Strategy<Value = Down<Sealed>> {
    (long(), option::of(long()), request()).prop_map(|(issued_at, not_after, request)| {
        let header = Sealed { issued_at: UnixMillis(issued_at), not_after: not_after.map(UnixMillis) };
        Down { header, request }
    })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        select(vec![
            Outcome::Started,
            Outcome::Done,
            Outcome::Jammed,
            Outcome::TimedOut,
            Outcome::Superseded,
            Outcome::Interrupted,
            Outcome::NotExecuted,
        ]),
        select(Reason::ALL.to_vec()).prop_map(Outcome::Refused),
    ]
}

fn marks() -> impl Strategy<Value = Marks> {
    (long(), id()).prop_map(|(down, command)| Marks { down, command })
}

fn cause() -> impl Strategy<Value = Cause> {
    prop_oneof![
        select(vec![
            Cause::Unknown,
            Cause::Boot,
            Cause::RemoteLive,
            Cause::RemoteSealed,
            Cause::VirtualKey,
            Cause::Manual,
            Cause::AutoRelock,
            Cause::Mechanism,
        ]),
        any::<u8>().prop_map(|slot| Cause::Keypad { slot }),
    ]
}

fn fact<T: Clone + core::fmt::Debug + 'static>(values: &[T]) -> BoxedStrategy<Fact<T>> {
    (select(values.to_vec()), cause(), seconds(), word())
        .prop_map(|(value, cause, age, sequence)| Fact { value, cause, age, sequence })
        .boxed()
}

pub(crate) const BOLTS: [BoltPosition; 4] =
    [BoltPosition::Unknown, BoltPosition::Extended, BoltPosition::Retracted, BoltPosition::Between];
pub(crate) const MOTIONS: [Motion; 3] = [Motion::Still, Motion::Extending, Motion::Retracting];
pub(crate) const FAULTS: [Fault; 3] = [Fault::None, Fault::Jammed, Fault::MotorTimeout];

pub(crate) fn status() -> BoxedStrategy<Status> {
    let facts = (
        fact(&BOLTS),
        fact(&[Target::None, Target::Locked, Target::Unlocked]),
        select(MOTIONS.to_vec()),
        fact(&[DoorPosition::Unknown, DoorPosition::Open, DoorPosition::Closed]),
        fact(&FAULTS),
    );
    let battery = (any::<u16>(), seconds())
        .prop_map(|(resting, age)| BatteryFact { resting: Millivolts(resting), age });
    let clock = prop_oneof![
        Just(ClockFact::Unset),
        Just(ClockFact::Floor),
        word().prop_map(|error_ms| ClockFact::Trusted { error_ms }),
    ];
    let rest = (word(), option::of(battery), option::of(seconds()), clock, seconds(), word());
    (facts, rest)
        .prop_map(|((bolt, target, motion, door, fault), rest)| {
            let (sequence, battery, relock_in, clock, lockout, configuration) = rest;
            Status {
                sequence,
                bolt,
                target,
                motion,
                door,
                fault,
                battery,
                relock_in,
                clock,
                lockout,
                configuration,
            }
        })
        .boxed()
}

fn reply() -> BoxedStrategy<Reply> {
    prop_oneof![
        Just(Reply::Nothing),
        (id(), outcome(), any::<bool>()).prop_map(|(id, outcome, repeat)| Reply::Command {
            id,
            outcome,
            repeat
        }),
        status().prop_map(Reply::Status),
        (any::<[u8; 16]>(), marks()).prop_map(|(nonce, marks)| Reply::Marks { nonce, marks }),
        Just(Reply::NotUnderstood),
    ]
    .boxed()
}

fn event() -> BoxedStrategy<Event> {
    let alarms =
        vec![Alarm::Jammed, Alarm::WrongCodeLimit, Alarm::Forced, Alarm::BatteryLow, Alarm::StorageCorrupt];
    prop_oneof![
        status().prop_map(Event::Changed),
        (id(), outcome()).prop_map(|(id, outcome)| Event::Finished { id, outcome }),
        select(alarms).prop_map(Event::Alarm),
    ]
    .boxed()
}

pub(crate) fn answer() -> impl Strategy<Value = Answer> {
    (uptime(), long(), marks(), reply()).prop_map(|(uptime, boot, marks, reply)| Answer {
        uptime,
        boot,
        marks,
        reply,
    })
}

pub(crate) fn report() -> impl Strategy<Value = Report> {
    let body = prop_oneof![reply().prop_map(ReportBody::Reply), event().prop_map(ReportBody::Event)];
    (uptime(), body).prop_map(|(uptime, body)| Report { uptime, body })
}

pub(crate) fn sealed_report() -> impl Strategy<Value = SealedReport> {
    prop_oneof![
        (id(), outcome(), word()).prop_map(|(id, outcome, configuration)| SealedReport::Receipt {
            id,
            outcome,
            configuration
        }),
        (any::<[u8; 16]>(), marks()).prop_map(|(nonce, marks)| SealedReport::MarksAnswer { nonce, marks }),
        marks().prop_map(|marks| SealedReport::MarksHint { marks }),
        (long(), status()).prop_map(|(boot, status)| SealedReport::Status { boot, status }),
    ]
}
