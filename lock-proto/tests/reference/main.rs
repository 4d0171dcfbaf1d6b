//! Section 7, type by type, against postcard: the same bytes are taken, refused and written.

mod judge;

use judge::{agree, verdict};
use lock_proto::*;

/// The types with an encoding, in a test each; but for that of a claim, which keeps its secret from serde and has vectors.
macro_rules! types {
    ($($test:ident: $name:ty),* $(,)?) => {$(
        #[test]
        fn $test() {
            agree::<$name>(200);
        }
    )*};
}

types! {
    action: Action,
    alarm: Alarm,
    answer: Answer,
    backup_head: BackupHead,
    backup_item: BackupItem,
    battery_fact: BatteryFact,
    battery_level: BatteryLevel,
    bolt_position: BoltPosition,
    boot_reason: BootReason,
    boots: Boots,
    calibration: Calibration,
    cause: Cause,
    caveat: Caveat,
    celsius: Celsius,
    clock_fact: ClockFact,
    cloud_share: CloudShare,
    code_class: CodeClass,
    code_series: CodeSeries,
    codes_switch: CodesSwitch,
    command_id: CommandId,
    credential_kind: CredentialKind,
    credential_rule: CredentialRule,
    critical_battery: CriticalBattery,
    dbm: Dbm,
    door_state: DoorState,
    drive_end: DriveEnd,
    drive_record: DriveRecord,
    event: Event,
    fault: Fault,
    firmware_health: FirmwareHealth,
    hashed_secret: HashedSecret,
    health: Health,
    holder_answer: HolderAnswer,
    holder_body: HolderBody,
    holder_event: HolderEvent,
    holder_reply: HolderReply,
    holder_report: HolderReport,
    holiday: Holiday,
    image_id: ImageId,
    kept_secret: KeptSecret,
    latch: Latch,
    latch_position: LatchPosition,
    live: Live,
    lock_share: LockShare,
    log_answer: LogAnswer,
    log_entry: LogEntry,
    log_event: LogEvent,
    log_health: LogHealth,
    log_page: LogPage,
    log_time: LogTime,
    manifest: Manifest,
    marks: Marks,
    mechanics: Mechanics,
    millivolts: Millivolts,
    minute_of_day: MinuteOfDay,
    mode: Mode,
    motion: Motion,
    motor_health: MotorHealth,
    night: Night,
    opening: Opening,
    outcome: Outcome,
    part: Part,
    parts_health: PartsHealth,
    pin_key: PinKey,
    pin_key_check: PinKeyCheck,
    policy: Policy,
    power_health: PowerHealth,
    power_supply: PowerSupply,
    prepared_rotation: PreparedRotation,
    put: Put,
    quarter_hours: QuarterHours,
    query: Query,
    radio_health: RadioHealth,
    reason: Reason,
    refusal_kind: RefusalKind,
    remote_at_unknown: RemoteAtUnknown,
    reply: Reply,
    report: Report,
    report_body: ReportBody,
    request: Request,
    sealed: Sealed,
    sealed_report: SealedReport,
    seconds: Seconds,
    secret: Secret,
    setting: Setting,
    sound: Sound,
    span: Span,
    status: Status,
    supply: Supply,
    table: Table,
    target: Target,
    test_result: TestResult,
    test_step: TestStep,
    ticket_rights: TicketRights,
    ticket_state: TicketState,
    token_id: TokenId,
    transition: Transition,
    travel: Travel,
    unix_millis: UnixMillis,
    update_report: UpdateReport,
    update_state: UpdateState,
    uptime: Uptime,
    user: User,
    user_kind: UserKind,
    user_status: UserStatus,
    utc_offset: UtcOffset,
    weekdays: Weekdays,
    window: Window,
    zone: Zone,
    down_opening: Down<Opening>,
    down_live: Down<Live>,
    down_sealed: Down<Sealed>,
    fact: Fact<BoltPosition>,
    eight_bytes: [u8; 8],
    byte: u8,
    signed_byte: i8,
    short: u16,
    signed_short: i16,
    number: u32,
    long: u64,
    truth: bool,
    perhaps: Option<u16>,
}

#[test]
fn digits_of_each_length_with_and_without_another_byte() {
    for length in 0..=12_u8 {
        let digits: Vec<u8> =
            core::iter::once(length).chain((0..length).map(|digit| b'0' + digit % 10)).collect();
        let is_code = (4..=10).contains(&length);
        assert_eq!(verdict::<PinDigits>(&digits).is_ok(), is_code);
        for place in 1..digits.len() {
            for other in [0, b'/', b':', b'a', 0xff] {
                let mut altered = digits.clone();
                altered[place] = other;
                assert!(verdict::<PinDigits>(&altered).is_err());
            }
            assert!(verdict::<PinDigits>(&digits[..place]).is_err());
        }
    }
}
