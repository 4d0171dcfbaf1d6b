//! What the lock says (sections 7.3, 7.4 and 7.6).

use lock_core::proto::{
    Alarm, Answer, BatteryFact, BoltPosition, Cause, ClockFact, CommandId, DoorPosition, Event, Fact, Fault,
    Marks, Millivolts, Motion, Outcome, Reason, Reply, Report, ReportBody, SealedReport, Seconds, Status,
    Target, Uptime,
};

use super::accepted;
use crate::case::Case;

pub(super) const MARKS: Marks = Marks { down: 300, command: CommandId(7) };
const NONCE: [u8; 16] = *b"a nonce of ours.";

pub(super) fn cases() -> anyhow::Result<Vec<Case>> {
    Ok([replies()?, outcomes()?, reasons()?, events()?, sealed_reports()?, statuses()?].concat())
}

fn answer(reply: Reply) -> Answer {
    Answer { uptime: Uptime::from_millis(61_234), boot: 12, marks: MARKS, reply }
}

fn report(body: ReportBody) -> Report {
    Report { uptime: Uptime::from_millis(61_234), body }
}

/// A command's outcome, of a command that is not a repeat.
fn ended(outcome: Outcome) -> Reply {
    Reply::Command { id: CommandId(7), outcome, repeat: false }
}

fn replies() -> anyhow::Result<Vec<Case>> {
    let replies = [
        ("nothing", "To a message that asks for nothing.", Reply::Nothing),
        ("command", "To a command.", ended(Outcome::Started)),
        (
            "repeat",
            "To a command that the lock had begun before.",
            Reply::Command { id: CommandId(7), outcome: Outcome::Done, repeat: true },
        ),
        ("status", "The state of a locked door.", Reply::Status(locked())),
        ("marks", "The marks under the nonce of the query.", Reply::Marks { nonce: NONCE, marks: MARKS }),
        ("not understood", "To a body that is malformed.", Reply::NotUnderstood),
    ];
    let mut cases = Vec::new();
    for (name, description, reply) in replies {
        cases.push(accepted(name, description, &answer(reply))?);
        cases.push(accepted(name, description, &report(ReportBody::Reply(reply)))?);
    }
    Ok(cases)
}

fn outcomes() -> anyhow::Result<Vec<Case>> {
    let outcomes = [
        Outcome::Started,
        Outcome::Done,
        Outcome::Refused(Reason::Expired),
        Outcome::Jammed,
        Outcome::TimedOut,
        Outcome::Superseded,
        Outcome::Interrupted,
        Outcome::NotExecuted,
    ];
    let mut cases = Vec::new();
    for outcome in outcomes {
        let name = format!("outcome {outcome:?}");
        cases.push(accepted(&name, "An outcome in a reply.", &answer(ended(outcome)))?);
        let event = Event::Finished { id: CommandId(7), outcome };
        cases.push(accepted(&name, "An outcome in an event.", &report(ReportBody::Event(event)))?);
        let receipt = SealedReport::Receipt { id: CommandId(7), outcome, configuration: 300 };
        cases.push(accepted(&name, "An outcome in a receipt.", &receipt)?);
    }
    Ok(cases)
}

fn reasons() -> anyhow::Result<Vec<Case>> {
    let cases = Reason::ALL.into_iter().map(|reason| {
        let message = answer(ended(Outcome::Refused(reason)));
        accepted(&format!("reason {reason:?}"), "A refusal with its reason.", &message)
    });
    cases.collect()
}

fn events() -> anyhow::Result<Vec<Case>> {
    let changed = report(ReportBody::Event(Event::Changed(locked())));
    let mut cases = vec![accepted("changed", "A fact changed.", &changed)?];
    for alarm in
        [Alarm::Jammed, Alarm::WrongCodeLimit, Alarm::Forced, Alarm::BatteryLow, Alarm::StorageCorrupt]
    {
        let message = report(ReportBody::Event(Event::Alarm(alarm)));
        cases.push(accepted(&format!("alarm {alarm:?}"), "People should hear about this.", &message)?);
    }
    Ok(cases)
}

fn sealed_reports() -> anyhow::Result<Vec<Case>> {
    Ok(vec![
        accepted(
            "marks answer",
            "The marks under a nonce of the cloud.",
            &SealedReport::MarksAnswer { nonce: NONCE, marks: MARKS },
        )?,
        accepted("marks hint", "The marks unasked.", &SealedReport::MarksHint { marks: MARKS })?,
        accepted(
            "status",
            "The state of a locked door.",
            &SealedReport::Status { boot: 12, status: locked() },
        )?,
    ])
}

fn statuses() -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (name, description, status) in [
        ("just booted", "Nothing is known.", Status::default()),
        ("jammed", "The bolt is jammed on its way out.", jammed()),
        ("withdrawing", "The bolt is on its way back.", withdrawing()),
        ("longest status", "Every number at its largest.", largest()),
    ] {
        cases.push(accepted(name, description, &answer(Reply::Status(status)))?);
    }
    for cause in causes() {
        let status = Status { bolt: fact(BoltPosition::Retracted, cause), ..Status::default() };
        let name = format!("cause {cause:?}");
        cases.push(accepted(&name, "A fact with its cause.", &answer(Reply::Status(status)))?);
    }
    cases.push(accepted(
        "longest",
        "Every number at its largest.",
        &Answer {
            uptime: Uptime::from_millis(u64::MAX),
            boot: u64::MAX,
            marks: Marks { down: u64::MAX, command: CommandId(u64::MAX) },
            reply: Reply::Status(largest()),
        },
    )?);
    cases.push(accepted(
        "longest",
        "Every number at its largest.",
        &Report { uptime: Uptime::from_millis(u64::MAX), body: ReportBody::Event(Event::Changed(largest())) },
    )?);
    let longest = SealedReport::Status { boot: u64::MAX, status: largest() };
    cases.push(accepted("longest", "Every number at its largest.", &longest)?);
    Ok(cases)
}

fn causes() -> [Cause; 9] {
    [
        Cause::Unknown,
        Cause::Boot,
        Cause::RemoteLive,
        Cause::RemoteSealed,
        Cause::VirtualKey,
        Cause::Keypad { slot: 3 },
        Cause::Manual,
        Cause::AutoRelock,
        Cause::Mechanism,
    ]
}

fn fact<T>(value: T, cause: Cause) -> Fact<T> {
    Fact { value, cause, age: Seconds(61), sequence: 4 }
}

fn locked() -> Status {
    Status {
        sequence: 5,
        bolt: fact(BoltPosition::Extended, Cause::RemoteLive),
        target: fact(Target::Locked, Cause::RemoteLive),
        motion: Motion::Still,
        door: fact(DoorPosition::Closed, Cause::Manual),
        fault: fact(Fault::None, Cause::Boot),
        battery: Some(BatteryFact { resting: Millivolts(5_870), age: Seconds(3_600) }),
        relock_in: None,
        clock: ClockFact::Trusted { error_ms: 1_250 },
        lockout: Seconds(0),
        configuration: 300,
    }
}

fn jammed() -> Status {
    Status {
        bolt: fact(BoltPosition::Between, Cause::Mechanism),
        target: fact(Target::Locked, Cause::AutoRelock),
        door: fact(DoorPosition::Open, Cause::Manual),
        fault: fact(Fault::Jammed, Cause::Mechanism),
        battery: None,
        clock: ClockFact::Floor,
        lockout: Seconds(300),
        ..locked()
    }
}

fn withdrawing() -> Status {
    Status {
        target: fact(Target::Unlocked, Cause::Keypad { slot: 3 }),
        motion: Motion::Retracting,
        fault: fact(Fault::MotorTimeout, Cause::Mechanism),
        relock_in: Some(Seconds(30)),
        ..locked()
    }
}

fn largest() -> Status {
    fn fact<T>(value: T) -> Fact<T> {
        Fact { value, cause: Cause::Keypad { slot: u8::MAX }, age: Seconds(u32::MAX), sequence: u32::MAX }
    }
    Status {
        sequence: u32::MAX,
        bolt: fact(BoltPosition::Between),
        target: fact(Target::Unlocked),
        motion: Motion::Extending,
        door: fact(DoorPosition::Closed),
        fault: fact(Fault::MotorTimeout),
        battery: Some(BatteryFact { resting: Millivolts(u16::MAX), age: Seconds(u32::MAX) }),
        relock_in: Some(Seconds(u32::MAX)),
        clock: ClockFact::Trusted { error_ms: u32::MAX },
        lockout: Seconds(u32::MAX),
        configuration: u32::MAX,
    }
}
