//! Lengths: `MAX_BYTES` of each message is reached, and packets stay within the bounds of section 1.

use crate::messages::Message;
use lock_proto::{
    Action, Answer, BatteryFact, BatteryLevel, BoltPosition, BootReason, Boots, Calibration, Cause, Celsius,
    Chunk, ClockFact, CodeClass, CommandId, CredentialKind, Dbm, DoorState, Down, DriveEnd, DriveRecord,
    Event, Fact, Fault, FirmwareHealth, Health, ImageId, LatchPosition, Live, LogAnswer, LogEntry, LogEvent,
    LogHealth, LogPage, LogTime, MAX_PACKET, Manifest, Marks, Millivolts, Mode, Motion, MotorHealth, Opening,
    Outcome, Part, PartsHealth, PowerHealth, PowerSupply, QuarterHours, Query, RECORD_HEADER, RadioHealth,
    Reason, Reply, Report, ReportBody, Request, SEALED_HEADER, Sealed, SealedReport, Seconds, Setting,
    Status, Supply, TAG, Table, Target, TestResult, Transition, Travel, UnixMillis, UpdateReport,
    UpdateState, Uptime, UtcOffset, Zone,
};

const END_OF_TIME: Uptime = Uptime::from_millis(u64::MAX);
const LAST_ID: CommandId = CommandId(u64::MAX);
const LARGEST_MARKS: Marks = Marks { down: u64::MAX, command: LAST_ID };

const LARGEST_MANIFEST: Manifest = Manifest {
    model: u32::MAX,
    version: u32::MAX,
    rollback_index: u32::MAX,
    size: u32::MAX,
    sha256: [255; 32],
};
const LARGEST_UPDATE: UpdateReport = UpdateReport {
    state: UpdateState::RolledBack,
    manifest: Some(LARGEST_MANIFEST),
    wanted: u32::MAX,
    version: u32::MAX,
    rollback_index: u32::MAX,
    failure: Some(Reason::BatteryLow),
};

fn largest_status() -> Status {
    fn fact<T>(value: T) -> Fact<T> {
        let cause = Cause::OfflineCode { class: CodeClass::FourWeeks, start: QuarterHours(u32::MAX) };
        Fact { value, cause, age: Seconds(u32::MAX), sequence: u32::MAX }
    }
    Status {
        sequence: u32::MAX,
        bolt: fact(BoltPosition::Between),
        latch: fact(LatchPosition::Held),
        target: fact(Target::Unlatched),
        motion: Motion::Pausing,
        door: fact(DoorState::Faulty),
        calibration: fact(Calibration::Failed),
        fault: fact(Fault::BoltSensor),
        mode: fact(Mode::Passage),
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

fn largest_health() -> Health {
    let drive = DriveRecord {
        goal: Target::Unlatched,
        end: DriveEnd::Superseded,
        duration_ms: u16::MAX,
        attempts: u8::MAX,
    };
    let part = Part::Contradictory;
    Health {
        status: largest_status(),
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

/// A page that is full to its last byte.
fn largest_log_answer() -> LogAnswer {
    let body = |length| [0xFF; 255][..length].to_vec();
    let page = LogPage::EMPTY.with([0xFF; 16], &body(255)).unwrap();
    let entries = page.with([0xFF; 16], &body(LogPage::MAX_BYTES - 272 - 17)).unwrap();
    LogAnswer {
        key_epoch: u32::MAX,
        first: u64::MAX,
        next: u64::MAX,
        last_mac: [0xFF; 16],
        tag: [0xFF; 16],
        from: u64::MAX,
        previous: [0xFF; 16],
        entries,
    }
}

#[test]
fn a_page_of_the_log_takes_what_fits_and_gives_it_back_in_order() {
    let mut page = LogPage::EMPTY;
    assert!(page.is_empty());
    let mut taken = 0;
    while let Some(more) = page.with([taken; 16], &[taken; 40]) {
        (page, taken) = (more, taken + 1);
    }
    assert_eq!(usize::from(taken), LogPage::MAX_BYTES / 57);
    let entries: Vec<_> = page.iter().map(|entry| (entry.mac, entry.body.to_vec())).collect();
    assert_eq!(entries, (0..taken).map(|n| ([n; 16], vec![n; 40])).collect::<Vec<_>>());
    assert_eq!(LogPage::EMPTY.with([0; 16], &[]), None, "no entry is empty");
    assert_eq!(LogPage::EMPTY.with([0; 16], &[0; 256]), None, "no body is longer than 255 bytes");
}

fn largest_configure() -> Action {
    let transition = Transition { at: UnixMillis(u64::MAX), offset: UtcOffset(i16::MIN) };
    let zone = Zone { offset: UtcOffset(i16::MIN), transitions: [Some(transition); Zone::TRANSITIONS] };
    Action::Configure { version: u32::MAX, setting: Setting::Zone(zone) }
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
    let reply = Reply::Log(largest_log_answer());
    reaches_its_length(&Answer {
        uptime: END_OF_TIME,
        boot: u64::MAX,
        marks: LARGEST_MARKS,
        reply: reply.clone(),
    });
    reaches_its_length(&Report { uptime: END_OF_TIME, body: ReportBody::Reply(reply) });
    reaches_its_length(&SealedReport::Log(largest_log_answer()));
}

#[test]
fn the_longest_log_entry_is_as_long_as_its_type_says() {
    let credential = Cause::Credential { kind: CredentialKind::VirtualKey, slot: 255, user: Some(255) };
    reaches_its_length(&LogEntry {
        boot: u64::MAX,
        uptime: END_OF_TIME,
        time: LogTime::Trusted { earliest: UnixMillis(u64::MAX), span_ms: u32::MAX },
        cause: credential,
        command: Some(LAST_ID),
        event: LogEvent::Overwritten { first: u64::MAX, last: u64::MAX },
    });
}

#[test]
fn no_other_reply_or_report_is_longer_than_a_page_of_the_log() {
    let outcome = Outcome::Refused(Reason::BatteryCritical);
    let versions = [u32::MAX; Reply::ITEMS];
    for reply in [
        Reply::Command { id: LAST_ID, outcome, repeat: true },
        Reply::Status(largest_status()),
        Reply::Marks { nonce: [255; 16], marks: LARGEST_MARKS },
        Reply::Digest { version: u32::MAX, digest: [255; 16] },
        Reply::Items { table: Table::Holidays, first: u8::MAX, versions },
        Reply::Health(largest_health()),
        Reply::Nothing,
        Reply::NotUnderstood,
        Reply::Unowned {
            key_epoch: u32::MAX,
            revocation_epoch: u32::MAX,
            configuration: u32::MAX,
            code_epoch: u32::MAX,
        },
        Reply::Claimed(outcome),
        Reply::Update(LARGEST_UPDATE),
        Reply::Wanted(u32::MAX),
    ] {
        let answer = Answer { uptime: END_OF_TIME, boot: u64::MAX, marks: LARGEST_MARKS, reply };
        assert!(answer.bytes().len() < Answer::MAX_BYTES);
    }
    let changed = Report { uptime: END_OF_TIME, body: ReportBody::Event(Event::Changed(largest_status())) };
    assert!(changed.bytes().len() < Report::MAX_BYTES);
    for report in [
        SealedReport::Receipt { id: LAST_ID, outcome, configuration: u32::MAX },
        SealedReport::MarksAnswer { nonce: [255; 16], marks: LARGEST_MARKS },
        SealedReport::MarksHint { marks: LARGEST_MARKS },
        SealedReport::Status { boot: u64::MAX, status: largest_status() },
        SealedReport::Digest { version: u32::MAX, digest: [255; 16] },
        SealedReport::Items { table: Table::Holidays, first: u8::MAX, versions },
        SealedReport::Health { boot: u64::MAX, health: largest_health() },
        SealedReport::Update(LARGEST_UPDATE),
    ] {
        assert!(report.bytes().len() < SealedReport::MAX_BYTES);
    }
}

#[test]
fn the_longest_chunk_fits_a_record_and_none_has_more_bytes() {
    let most = [7; Chunk::MAX + 1];
    for (length, fits) in
        [(1, true), (Chunk::MAX - 1, true), (Chunk::MAX, true), (Chunk::MAX + 1, false), (0, false)]
    {
        let chunk = Chunk { image: ImageId([1; 8]), offset: u32::MAX, bytes: &most[..length] };
        let mut room = [0; 512];
        let body = chunk.encode(LARGEST_LIVE, &mut room).unwrap();
        assert_eq!(Chunk::decode(body).is_ok(), fits, "{length}");
        if length == Chunk::MAX {
            assert_eq!(body.len(), Chunk::MAX_BYTES);
            assert_eq!(Chunk::decode(body), Ok((LARGEST_LIVE, chunk)));
        }
        assert!(Down::<Live>::decode(body).is_err(), "a chunk is no request");
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
    for (share, longest) in [(16, 126), (32, 142)] {
        let lengths = [
            Request::Nothing,
            command(Action::Lock),
            command(Action::Unlock),
            command(largest_configure()),
            command(Action::Configure { version: u32::MAX, setting: Setting::AutoRelock(Seconds(u32::MAX)) }),
            command(Action::Configure { version: u32::MAX, setting: Setting::clear_credential(u8::MAX) }),
            Request::Query(Query::Items { table: Table::Holidays, first: u8::MAX }),
            command(Action::OfferUpdate(LARGEST_MANIFEST)),
            Request::Query(Query::Status),
            Request::Query(Query::Command(LAST_ID)),
            Request::Query(Query::Marks([255; 16])),
        ]
        .map(|request| HEADER + share + Down { header: LARGEST_OPENING, request }.bytes().len() + TAG);
        assert_eq!(lengths.into_iter().max(), Some(longest));
        // In profile X, where a share has 32 bytes, Message1 carries no configuration; and an offer in it at its longest does not fit.
        assert!(share == 32 || longest <= 128);
    }
}

// Every message fits its packet, of either profile.
const _: () = assert!(2 + 32 + Answer::MAX_BYTES + TAG <= MAX_PACKET);
const _: () = assert!(RECORD_HEADER + Down::<Live>::MAX_BYTES + TAG <= MAX_PACKET);
const _: () = assert!(RECORD_HEADER + Chunk::MAX_BYTES + TAG <= MAX_PACKET);
const _: () = assert!(RECORD_HEADER + Report::MAX_BYTES + TAG <= MAX_PACKET);
const _: () = assert!(SEALED_HEADER + Down::<Sealed>::MAX_BYTES + TAG <= MAX_PACKET);
const _: () = assert!(SEALED_HEADER + SealedReport::MAX_BYTES + TAG <= MAX_PACKET);
