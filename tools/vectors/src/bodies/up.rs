//! What the lock says (sections 7.3, 7.4 and 7.6).

use lock_core::proto::{
    Alarm, Answer, BatteryFact, BatteryLevel, BoltPosition, BootReason, Boots, Calibration, Cause, Celsius,
    ClockFact, CodeClass, CommandId, CredentialKind, Dbm, DoorState, DriveEnd, DriveRecord, Event, Fact,
    Fault, FirmwareHealth, HashedSecret, Health, KeptSecret, LatchPosition, LockShare, LogAnswer, LogHealth,
    LogPage, Marks, Millivolts, Mode, Motion, MotorHealth, Outcome, Part, PartsHealth, PinKey, PowerHealth,
    PowerSupply, PreparedRotation, QuarterHours, RadioHealth, Reason, Reply, Report, ReportBody,
    SealedReport, Seconds, Status, Supply, Table, Target, TestResult, TicketState, Travel, UnixMillis,
    UpdateReport, UpdateState, Uptime,
};

use super::accepted;
use super::down::MANIFEST;
use crate::case::Case;
use crate::world::entropy;

pub(super) const MARKS: Marks = Marks { down: 300, command: CommandId(7) };
const NONCE: [u8; 16] = *b"a nonce of ours.";
const CODE: Cause = Cause::Credential { kind: CredentialKind::Pin, slot: 3, user: None };
const VERSIONS: [u32; Reply::ITEMS] = [0, 1, 127, 128, 300, u32::MAX, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];

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
        ("digest", "The hash over the items.", Reply::Digest { version: 300, digest: NONCE }),
        (
            "items",
            "The versions of 16 slots.",
            Reply::Items { table: Table::Credentials, first: 16, versions: VERSIONS },
        ),
        ("health", "What a diagnosis needs.", Reply::Health(worn())),
        ("no rotation", "Nothing is prepared.", Reply::Rotation { epoch: 1, prepared: None }),
        (
            "a prepared rotation",
            "What the next epoch follows from.",
            Reply::Rotation {
                epoch: 300,
                prepared: Some(PreparedRotation {
                    epoch: 301,
                    digest: NONCE,
                    share: LockShare(entropy("a lock's share")),
                }),
            },
        ),
        ("secrets", "What is kept in 8 slots, for a backup.", kept(300, 0)),
        ("secrets at their largest", "Every number at its largest.", kept(u32::MAX, u8::MAX)),
        ("log", "Where the log stands, and two entries.", Reply::Log(two_entries()?)),
        ("log at its end", "Where the log stands; there is no entry from there on.", Reply::Log(no_entry())),
        (
            "unowned",
            "What a lock without an owner tells a claimer.",
            Reply::Unowned { key_epoch: 2, revocation_epoch: 300, configuration: 41, code_epoch: u32::MAX },
        ),
        ("claimed", "The lock has a new owner.", Reply::Claimed(Outcome::Done)),
        (
            "claim refused",
            "The lock has no owner yet.",
            Reply::Claimed(Outcome::Refused(Reason::StorageFault)),
        ),
        ("update", "An image is being received.", Reply::Update(update(UpdateState::Receiving))),
        ("wanted", "To a chunk.", Reply::Wanted(4_992)),
        (
            "tickets",
            "Two keys of the epoch are denied.",
            Reply::Tickets(TicketState { epoch: 300, denied: 2 }),
        ),
    ];
    let mut cases = Vec::new();
    for (name, description, reply) in replies {
        cases.push(accepted(name, description, &answer(reply.clone()))?);
        cases.push(accepted(name, description, &report(ReportBody::Reply(reply)))?);
    }
    Ok(cases)
}

/// Secrets in every second slot.
fn kept(version: u32, number: u8) -> Reply {
    let secrets = core::array::from_fn(|slot| {
        let user = (slot % 4 == 0).then_some(number);
        let secret =
            KeptSecret { version, user, kind: CredentialKind::Pin, hash: HashedSecret([number; 16]) };
        (slot % 2 == 0 || number == u8::MAX).then_some(secret)
    });
    Reply::Secrets { key: PinKey(entropy("the PIN key of a lock")), slots: 40, first: number, secrets }
}

fn no_entry() -> LogAnswer {
    LogAnswer {
        key_epoch: 1,
        first: 40,
        next: 302,
        last_mac: *b"MAC of entry 301",
        tag: *b"over this nonce.",
        from: 302,
        previous: *b"MAC of entry 301",
        entries: LogPage::EMPTY,
    }
}

fn two_entries() -> anyhow::Result<LogAnswer> {
    let page = LogPage::EMPTY.with(*b"MAC of entry 300", &[1, 100, 0, 1, 0, 0, 1]);
    let page = page.and_then(|page| page.with(*b"MAC of entry 301", &[1, 101, 0, 6, 0, 2, 2]));
    let entries = page.ok_or_else(|| anyhow::anyhow!("two short entries fit a page"))?;
    Ok(LogAnswer { from: 300, previous: *b"MAC of entry 299", entries, ..no_entry() })
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
    for alarm in Alarm::ALL {
        let message = report(ReportBody::Event(Event::Alarm(alarm)));
        cases.push(accepted(&format!("alarm {alarm:?}"), "People should hear about this.", &message)?);
    }
    for state in UpdateState::ALL {
        let message = report(ReportBody::Event(Event::Update(update(state))));
        cases.push(accepted(&format!("update {state:?}"), "An update has come further.", &message)?);
    }
    Ok(cases)
}

fn update(state: UpdateState) -> UpdateReport {
    UpdateReport {
        state,
        manifest: (state != UpdateState::None).then_some(MANIFEST),
        wanted: if state == UpdateState::Receiving { 4_992 } else { 0 },
        version: 299,
        rollback_index: 2,
        failure: (state == UpdateState::Failed).then_some(Reason::DigestMismatch),
    }
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
            "tickets",
            "Nothing is denied.",
            &SealedReport::Tickets(TicketState { epoch: u32::MAX, denied: 0 }),
        )?,
        accepted(
            "status",
            "The state of a locked door.",
            &SealedReport::Status { boot: 12, status: locked() },
        )?,
        accepted(
            "digest",
            "The hash over the items.",
            &SealedReport::Digest { version: 300, digest: NONCE },
        )?,
        accepted(
            "items",
            "The versions of 16 slots.",
            &SealedReport::Items { table: Table::Holidays, first: 0, versions: VERSIONS },
        )?,
        accepted("health", "What a diagnosis needs.", &SealedReport::Health { boot: 12, health: worn() })?,
        accepted("log", "Where the log stands, and two entries.", &SealedReport::Log(two_entries()?))?,
        accepted("update", "A verified image.", &SealedReport::Update(update(UpdateState::Ready)))?,
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
    cases.extend(each_fact()?);
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
            reply: Reply::Health(most()),
        },
    )?);
    cases.push(accepted(
        "longest",
        "Every number at its largest.",
        &Report { uptime: Uptime::from_millis(u64::MAX), body: ReportBody::Reply(Reply::Health(most())) },
    )?);
    let longest = SealedReport::Health { boot: u64::MAX, health: most() };
    cases.push(accepted("longest", "Every number at its largest.", &longest)?);
    Ok(cases)
}

/// Each value of each fact once.
fn each_fact() -> anyhow::Result<Vec<Case>> {
    let mut statuses = Vec::new();
    let known = Cause::Boot;
    statuses
        .extend(LatchPosition::ALL.map(|latch| Status { latch: fact(latch, known), ..Status::default() }));
    statuses.extend(Target::ALL.map(|target| Status { target: fact(target, known), ..Status::default() }));
    statuses.extend(Motion::ALL.map(|motion| Status { motion, ..Status::default() }));
    statuses.extend(DoorState::ALL.map(|door| Status { door: fact(door, known), ..Status::default() }));
    statuses.extend(
        Calibration::ALL
            .map(|calibration| Status { calibration: fact(calibration, known), ..Status::default() }),
    );
    statuses.extend(Fault::ALL.map(|fault| Status { fault: fact(fault, known), ..Status::default() }));
    statuses.extend(Mode::ALL.map(|mode| Status { mode: fact(mode, known), ..Status::default() }));
    let cases = (0..).zip(statuses).map(|(number, status)| {
        let name = format!("value {number} of the facts");
        accepted(&name, "A value of a fact.", &answer(Reply::Status(status)))
    });
    cases.collect()
}

fn causes() -> [Cause; 15] {
    [
        Cause::Unknown,
        Cause::Boot,
        Cause::RemoteLive,
        Cause::RemoteSealed,
        Cause::VirtualKey,
        CODE,
        Cause::Credential { kind: CredentialKind::Fob, slot: 39, user: Some(7) },
        Cause::Manual,
        Cause::AutoRelock,
        Cause::Mechanism,
        Cause::Button,
        Cause::Schedule,
        Cause::Battery,
        Cause::Reset,
        Cause::OfflineCode { class: CodeClass::Once, start: QuarterHours(2_000_000) },
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
        door: fact(DoorState::Closed, Cause::Manual),
        fault: fact(Fault::None, Cause::Boot),
        latch: fact(LatchPosition::Engaged, Cause::Boot),
        calibration: fact(Calibration::Done, Cause::Boot),
        mode: fact(Mode::Normal, Cause::Boot),
        battery: Some(BatteryFact { resting: Millivolts(5_870), percent: Some(78), age: Seconds(3_600) }),
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
        door: fact(DoorState::Open, Cause::Manual),
        fault: fact(Fault::Jammed, Cause::Mechanism),
        battery: None,
        clock: ClockFact::Floor,
        lockout: Seconds(300),
        ..locked()
    }
}

fn withdrawing() -> Status {
    Status {
        target: fact(Target::Unlocked, CODE),
        motion: Motion::Retracting,
        fault: fact(Fault::MotorTimeout, Cause::Mechanism),
        relock_in: Some(Seconds(30)),
        ..locked()
    }
}

fn largest() -> Status {
    fn fact<T>(value: T) -> Fact<T> {
        let cause = Cause::OfflineCode { class: CodeClass::FourWeeks, start: QuarterHours(u32::MAX) };
        Fact { value, cause, age: Seconds(u32::MAX), sequence: u32::MAX }
    }
    Status {
        sequence: u32::MAX,
        bolt: fact(BoltPosition::Between),
        target: fact(Target::Unlocked),
        motion: Motion::Extending,
        door: fact(DoorState::Closed),
        latch: fact(LatchPosition::Held),
        calibration: fact(Calibration::Failed),
        mode: fact(Mode::Passage),
        fault: fact(Fault::MotorTimeout),
        battery: Some(BatteryFact {
            resting: Millivolts(u16::MAX),
            percent: Some(u8::MAX),
            age: Seconds(u32::MAX),
        }),
        relock_in: Some(Seconds(u32::MAX)),
        clock: ClockFact::Trusted { error_ms: u32::MAX },
        lockout: Seconds(u32::MAX),
        configuration: u32::MAX,
    }
}

fn worn() -> Health {
    Health {
        status: jammed(),
        uptime: Seconds(86_400),
        boots: Boots { count: 12, reason: BootReason::BrownOut, brown_outs: 3, watchdogs: 0 },
        power: PowerHealth {
            level: BatteryLevel::Low,
            resting: Some(Millivolts(4_400)),
            loaded: Some(Millivolts(3_500)),
            temperature: Some(Celsius(-12)),
            percent: Some(8),
            read_ago: Some(Seconds(60)),
            days_left: Some(9),
            replaced_at: Some(UnixMillis(1_790_000_000_000)),
            rapid_drain: true,
            ..PowerHealth::default()
        },
        motor: MotorHealth {
            drives: 4_000,
            stalls: 5,
            timeouts: 1,
            learned: Some(Travel { extend_ms: 800, retract_ms: 700 }),
            last: [Some(drive()), None, None, None],
        },
        parts: PartsHealth { bolt_sensor: Part::Good, door_sensor: Part::Silent, ..PartsHealth::default() },
        radio: RadioHealth {
            signal: Some(Dbm(-87)),
            cloud_heard_ago: Some(Seconds(4_000)),
            link_drops: 9,
            bad_packets: 2,
        },
        refusals: [3, 1, 0, 2, 0, 0, 0, 0],
        firmware: FirmwareHealth { version: 65_537, update: UpdateState::RolledBack },
        log: LogHealth { pending: 90, capacity: 100 },
        self_test: [
            TestResult::Passed,
            TestResult::Failed,
            TestResult::NotRun,
            TestResult::Passed,
            TestResult::Passed,
            TestResult::Failed,
        ],
    }
}

fn drive() -> DriveRecord {
    DriveRecord { goal: Target::Locked, end: DriveEnd::Stalled, duration_ms: 4_120, attempts: 3 }
}

fn most() -> Health {
    let drive = DriveRecord {
        goal: Target::Unlatched,
        end: DriveEnd::Superseded,
        duration_ms: u16::MAX,
        attempts: u8::MAX,
    };
    let part = Part::Contradictory;
    Health {
        status: largest(),
        uptime: Seconds(u32::MAX),
        boots: Boots {
            count: u64::MAX,
            reason: BootReason::ResetPin,
            brown_outs: u16::MAX,
            watchdogs: u16::MAX,
        },
        power: PowerHealth {
            supply: PowerSupply { supply: Supply::Mains, cells: u8::MAX },
            level: BatteryLevel::Critical,
            resting: Some(Millivolts(u16::MAX)),
            loaded: Some(Millivolts(u16::MAX)),
            temperature: Some(Celsius(i8::MIN)),
            percent: Some(u8::MAX),
            read_ago: Some(Seconds(u32::MAX)),
            days_left: Some(u16::MAX),
            replaced_at: Some(UnixMillis(u64::MAX)),
            rapid_drain: true,
            keypad: Some(Millivolts(u16::MAX)),
        },
        motor: MotorHealth {
            drives: u32::MAX,
            stalls: u16::MAX,
            timeouts: u16::MAX,
            learned: Some(Travel { extend_ms: u16::MAX, retract_ms: u16::MAX }),
            last: [Some(drive); 4],
        },
        parts: PartsHealth {
            bolt_sensor: part,
            door_sensor: part,
            accelerometer: part,
            keypad: part,
            light: part,
            buzzer: part,
            tamper_contact: part,
        },
        radio: RadioHealth {
            signal: Some(Dbm(i8::MAX)),
            cloud_heard_ago: Some(Seconds(u32::MAX)),
            link_drops: u16::MAX,
            bad_packets: u16::MAX,
        },
        refusals: [u16::MAX; 8],
        firmware: FirmwareHealth { version: u32::MAX, update: UpdateState::RolledBack },
        log: LogHealth { pending: u32::MAX, capacity: u32::MAX },
        self_test: [TestResult::Failed; 6],
    }
}
