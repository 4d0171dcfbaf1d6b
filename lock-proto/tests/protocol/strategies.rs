//! Strategies for every message. Numbers lie on the bounds of their encodings more often than chance would have it.
//! Those of many parts are boxed: a tree of a whole status does not fit the stack of a test.

use lock_proto::{
    Action, Alarm, Answer, BackupHead, BackupItem, BatteryFact, BatteryLevel, BoltPosition, BootReason,
    Boots, Calibration, Cause, Celsius, ClockFact, CloudShare, CodeClass, CodeSeries, CodesSwitch, CommandId,
    CredentialKind, CredentialRule, Dbm, DoorState, Down, DriveEnd, DriveRecord, Event, Fact, Fault,
    FirmwareHealth, HashedSecret, Health, Holiday, KeptSecret, Latch, LatchPosition, Live, LockShare,
    LogAnswer, LogEntry, LogEvent, LogHealth, LogPage, LogTime, Manifest, Marks, Mechanics, Millivolts,
    MinuteOfDay, Mode, Motion, MotorHealth, Night, Opening, Outcome, Part, PartsHealth, PinDigits, PinKey,
    PinKeyCheck, Policy, PowerHealth, PowerSupply, PreparedRotation, Put, QuarterHours, Query, RadioHealth,
    Reason, Reply, Report, ReportBody, Request, Sealed, SealedReport, Seconds, Secret, Setting, Span, Status,
    Supply, Table, Target, TestResult, TicketState, TokenId, Transition, UnixMillis, UpdateReport,
    UpdateState, Uptime, User, UserKind, UserStatus, UtcOffset, Weekdays, Window, Zone,
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

fn moment() -> impl Strategy<Value = UnixMillis> {
    long().prop_map(UnixMillis)
}

fn put() -> impl Strategy<Value = Put> {
    select(Put::ALL.to_vec())
}

fn user() -> impl Strategy<Value = User> {
    let kind = prop_oneof![
        select(vec![UserKind::Unrestricted, UserKind::WeekDay, UserKind::Holiday, UserKind::Disposable]),
        any::<u16>().prop_map(|minutes| UserKind::Expiring { minutes }),
    ];
    let choices = (select(UserStatus::ALL.to_vec()), select(CredentialRule::ALL.to_vec()));
    (kind, choices, option::of(moment()), option::of(moment())).prop_map(
        |(kind, (status, rule), not_before, not_after)| User { kind, status, rule, not_before, not_after },
    )
}

fn span() -> impl Strategy<Value = Span> {
    prop_oneof![
        (any::<u8>(), any::<u16>(), any::<u16>()).prop_map(|(days, from, until)| Span::Weekly {
            days: Weekdays(days),
            from: MinuteOfDay(from),
            until: MinuteOfDay(until)
        }),
        (moment(), moment()).prop_map(|(from, until)| Span::Dates { from, until }),
    ]
}

fn secret() -> impl Strategy<Value = Secret> {
    prop_oneof![
        digits().prop_map(Secret::Pin),
        prop::collection::vec(any::<u8>(), 1..=TokenId::MAX)
            .prop_map(|bytes| Secret::Token(TokenId::from_bytes(&bytes).unwrap())),
    ]
}

fn zone() -> impl Strategy<Value = Zone> {
    let transition =
        (moment(), any::<i16>()).prop_map(|(at, offset)| Transition { at, offset: UtcOffset(offset) });
    (any::<i16>(), prop::array::uniform4(option::of(transition)))
        .prop_map(|(offset, transitions)| Zone { offset: UtcOffset(offset), transitions })
}

fn singles() -> BoxedStrategy<Setting> {
    let mechanics = (select(Latch::ALL.to_vec()), any::<[u8; 3]>(), seconds(), seconds()).prop_map(
        |(latch, [latch_hold, lock_n_go, retries], lock_on_close, ajar_after)| {
            Setting::Mechanics(Mechanics { latch, latch_hold, lock_n_go, lock_on_close, ajar_after, retries })
        },
    );
    let night = (any::<u16>(), any::<u16>(), seconds()).prop_map(|(from, until, relock)| Night {
        from: MinuteOfDay(from),
        until: MinuteOfDay(until),
        relock,
    });
    prop_oneof![
        seconds().prop_map(Setting::AutoRelock),
        mechanics,
        any::<u8>().prop_map(|wrong_codes| Setting::Policy(Policy { wrong_codes, ..Policy::default() })),
        option::of(night).prop_map(Setting::Night),
        zone().prop_map(Setting::Zone),
        (select(Supply::ALL.to_vec()), any::<u8>())
            .prop_map(|(supply, cells)| Setting::PowerSupply(PowerSupply { supply, cells })),
        (select(CodesSwitch::ALL.to_vec()), word(), word()).prop_map(|(switch, epoch, since)| {
            Setting::OfflineCodes(CodeSeries { switch, epoch, since })
        }),
    ]
    .boxed()
}

fn setting() -> BoxedStrategy<Setting> {
    let holiday = (moment(), moment(), option::of(select(Mode::ALL.to_vec())))
        .prop_map(|(from, until, mode)| Holiday { from, until, mode });
    let window = (any::<u8>(), span()).prop_map(|(user, span)| Window { user, span });
    let kind = select(CredentialKind::ALL.to_vec());
    prop_oneof![
        3 => singles(),
        1 => (any::<u8>(), put(), user()).prop_map(|(slot, put, user)| Setting::SetUser { slot, put, user }),
        1 => (any::<u8>(), put(), window)
            .prop_map(|(slot, put, window)| Setting::SetWindow { slot, put, window }),
        1 => (any::<u8>(), put(), holiday)
            .prop_map(|(slot, put, holiday)| Setting::SetHoliday { slot, put, holiday }),
        2 => (any::<u8>(), put(), option::of(any::<u8>()), kind, secret()).prop_map(
            |(slot, put, user, kind, secret)| Setting::SetCredential { slot, put, user, kind, secret }
        ),
        1 => (select(Table::ALL.to_vec()), any::<u8>())
            .prop_map(|(table, slot)| Setting::Clear { table, slot }),
        1 => restored(),
    ]
    .boxed()
}

pub(crate) fn action() -> BoxedStrategy<Action> {
    prop_oneof![
        1 => select(vec![
            Action::Lock,
            Action::Unlock,
            Action::Unlatch,
            Action::LockNGo,
            Action::Calibrate,
            Action::SelfTest,
            Action::EndLockout,
        ]),
        1 => seconds().prop_map(|delay| Action::UnlockFor { delay }),
        1 => word().prop_map(|epoch| Action::RevokeTickets { epoch }),
        1 => (word(), any::<u64>()).prop_map(|(epoch, serial)| Action::DenyTicket { epoch, serial }),
        1 => (word(), any::<[u8; 32]>())
            .prop_map(|(epoch, share)| Action::PrepareRotation { epoch, share: CloudShare::new(share) }),
        1 => word().prop_map(|epoch| Action::CommitRotation { epoch }),
        1 => (word(), long(), any::<[u8; 16]>())
            .prop_map(|(key_epoch, index, mac)| Action::AcknowledgeLog { key_epoch, index, mac }),
        1 => word().prop_map(|key_epoch| Action::EndOwnership { key_epoch }),
        1 => manifest().prop_map(Action::OfferUpdate),
        1 => (word(), seconds()).prop_map(|(version, trial)| Action::InstallUpdate { version, trial }),
        1 => select(Mode::ALL.to_vec()).prop_map(Action::SetMode),
        1 => any::<[u8; 32]>().prop_map(|key| Action::AdoptPinKey(PinKey(key))),
        4 => (word(), setting()).prop_map(|(version, setting)| Action::Configure { version, setting }),
    ]
    .boxed()
}

fn request() -> BoxedStrategy<Request> {
    let query = prop_oneof![
        Just(Query::Status),
        id().prop_map(Query::Command),
        any::<[u8; 16]>().prop_map(Query::Marks),
        Just(Query::Digest),
        Just(Query::Health),
        Just(Query::Rotation),
        any::<u8>().prop_map(|first| Query::Secrets { first }),
        Just(Query::Update),
        Just(Query::Tickets),
        (select(Table::ALL.to_vec()), any::<u8>()).prop_map(|(table, first)| Query::Items { table, first }),
        (long(), any::<[u8; 16]>()).prop_map(|(from, nonce)| Query::Log { from, nonce }),
    ];
    prop_oneof![
        1 => Just(Request::Nothing),
        4 => (id(), action()).prop_map(|(id, action)| Request::Command { id, action }),
        2 => query.prop_map(Request::Query),
    ]
    .boxed()
}

pub(crate) fn opening() -> BoxedStrategy<Down<Opening>> {
    (option::of(long().prop_map(UnixMillis)), request())
        .prop_map(|(time, request)| Down { header: Opening { time }, request })
        .boxed()
}

pub(crate) fn live() -> BoxedStrategy<Down<Live>> {
    (uptime(), request())
        .prop_map(|(valid_until, request)| Down { header: Live { valid_until }, request })
        .boxed()
}

pub(crate) fn sealed() -> BoxedStrategy<Down<Sealed>> {
    (long(), option::of(long()), request())
        .prop_map(|(issued_at, not_after, request)| {
            let header = Sealed { issued_at: UnixMillis(issued_at), not_after: not_after.map(UnixMillis) };
            Down { header, request }
        })
        .boxed()
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
    let credential = (select(CredentialKind::ALL.to_vec()), any::<u8>(), option::of(any::<u8>()))
        .prop_map(|(kind, slot, user)| Cause::Credential { kind, slot, user });
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
            Cause::Button,
            Cause::Schedule,
            Cause::Battery,
            Cause::Reset,
        ]),
        credential,
        code_start(),
    ]
}

fn code_start() -> impl Strategy<Value = Cause> {
    (select(CodeClass::ALL.to_vec()), word())
        .prop_map(|(class, start)| Cause::OfflineCode { class, start: QuarterHours(start) })
}

fn fact<T: Clone + core::fmt::Debug + 'static>(values: &[T]) -> BoxedStrategy<Fact<T>> {
    (select(values.to_vec()), cause(), seconds(), word())
        .prop_map(|(value, cause, age, sequence)| Fact { value, cause, age, sequence })
        .boxed()
}

pub(crate) fn status() -> BoxedStrategy<Status> {
    let mechanism = (
        fact(&BoltPosition::ALL),
        fact(&LatchPosition::ALL),
        fact(&Target::ALL),
        select(Motion::ALL.to_vec()),
        fact(&DoorState::ALL),
    );
    let facts = (mechanism, fact(&Calibration::ALL), fact(&Fault::ALL), fact(&Mode::ALL));
    let battery = (any::<u16>(), option::of(any::<u8>()), seconds())
        .prop_map(|(resting, percent, age)| BatteryFact { resting: Millivolts(resting), percent, age });
    let clock = prop_oneof![
        Just(ClockFact::Unset),
        Just(ClockFact::Floor),
        word().prop_map(|error_ms| ClockFact::Trusted { error_ms }),
    ];
    let rest = (word(), option::of(battery), option::of(seconds()), clock, seconds(), word());
    (facts, rest)
        .prop_map(|(((bolt, latch, target, motion, door), calibration, fault, mode), rest)| {
            let (sequence, battery, relock_in, clock, lockout, configuration) = rest;
            Status {
                sequence,
                bolt,
                latch,
                target,
                motion,
                door,
                calibration,
                fault,
                mode,
                battery,
                relock_in,
                clock,
                lockout,
                configuration,
            }
        })
        .boxed()
}

fn health() -> BoxedStrategy<Health> {
    let numbers = (word(), long(), any::<[u16; 8]>(), any::<[i8; 2]>());
    let drive = (select(Target::ALL.to_vec()), select(DriveEnd::ALL.to_vec()), any::<u16>(), any::<u8>())
        .prop_map(|(goal, end, duration_ms, attempts)| DriveRecord { goal, end, duration_ms, attempts });
    let choices = (
        select(BootReason::ALL.to_vec()),
        select(BatteryLevel::ALL.to_vec()),
        select(Part::ALL.to_vec()),
        select(UpdateState::ALL.to_vec()),
        select(TestResult::ALL.to_vec()),
    );
    (status(), numbers, prop::array::uniform4(option::of(drive)), choices, option::of(any::<u8>()))
        .prop_map(|(status, (word, long, halves, [cold, signal]), last, choices, percent)| {
            let (reason, level, part, update, result) = choices;
            Health {
                status,
                uptime: Seconds(word),
                boots: Boots { count: long, reason, brown_outs: halves[0], watchdogs: halves[1] },
                power: PowerHealth {
                    level,
                    resting: percent.map(|_| Millivolts(halves[2])),
                    temperature: percent.map(|_| Celsius(cold)),
                    percent,
                    replaced_at: percent.map(|_| UnixMillis(long)),
                    ..PowerHealth::default()
                },
                motor: MotorHealth { drives: word, stalls: halves[3], last, ..MotorHealth::default() },
                parts: PartsHealth { bolt_sensor: part, ..PartsHealth::default() },
                radio: RadioHealth { signal: percent.map(|_| Dbm(signal)), ..RadioHealth::default() },
                refusals: halves,
                firmware: FirmwareHealth { version: word, update },
                log: LogHealth { pending: word, capacity: word },
                self_test: [result; 6],
            }
        })
        .boxed()
}

fn versions() -> impl Strategy<Value = [u32; Reply::ITEMS]> {
    prop::array::uniform16(word())
}

fn log_answer() -> impl Strategy<Value = LogAnswer> {
    let entry = (any::<[u8; 16]>(), prop::collection::vec(any::<u8>(), 1..=80));
    let page = prop::collection::vec(entry, 0..=3).prop_map(|entries| {
        entries.iter().fold(LogPage::EMPTY, |page, (mac, body)| page.with(*mac, body).unwrap())
    });
    let tags = (any::<[u8; 16]>(), any::<[u8; 16]>(), any::<[u8; 16]>());
    (word(), long(), long(), long(), tags, page).prop_map(
        |(key_epoch, first, next, from, (last_mac, tag, previous), entries)| LogAnswer {
            key_epoch,
            first,
            next,
            last_mac,
            tag,
            from,
            previous,
            entries,
        },
    )
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
        (word(), any::<[u8; 16]>()).prop_map(|(version, digest)| Reply::Digest { version, digest }),
        (select(Table::ALL.to_vec()), any::<u8>(), versions())
            .prop_map(|(table, first, versions)| Reply::Items { table, first, versions }),
        health().prop_map(Reply::Health),
        (word(), option::of(prepared())).prop_map(|(epoch, prepared)| Reply::Rotation { epoch, prepared }),
        secrets(),
        log_answer().prop_map(Reply::Log),
        (word(), word(), word(), word()).prop_map(
            |(key_epoch, revocation_epoch, configuration, code_epoch)| Reply::Unowned {
                key_epoch,
                revocation_epoch,
                configuration,
                code_epoch,
            }
        ),
        outcome().prop_map(Reply::Claimed),
        update().prop_map(Reply::Update),
        word().prop_map(Reply::Wanted),
        (word(), any::<u8>()).prop_map(|(epoch, denied)| Reply::Tickets(TicketState { epoch, denied })),
    ]
    .boxed()
}

fn prepared() -> impl Strategy<Value = PreparedRotation> {
    (word(), any::<[u8; 16]>(), any::<[u8; 32]>()).prop_map(|(epoch, digest, share)| PreparedRotation {
        epoch,
        digest,
        share: LockShare(share),
    })
}

fn manifest() -> BoxedStrategy<Manifest> {
    (word(), word(), word(), word(), any::<[u8; 32]>())
        .prop_map(|(model, version, rollback_index, size, sha256)| Manifest {
            model,
            version,
            rollback_index,
            size,
            sha256,
        })
        .boxed()
}

fn update() -> BoxedStrategy<UpdateReport> {
    let state = select(UpdateState::ALL.to_vec());
    let failure = option::of(select(Reason::ALL.to_vec()));
    (state, option::of(manifest()), word(), word(), word(), failure)
        .prop_map(|(state, manifest, wanted, version, rollback_index, failure)| UpdateReport {
            state,
            manifest,
            wanted,
            version,
            rollback_index,
            failure,
        })
        .boxed()
}

fn event() -> BoxedStrategy<Event> {
    prop_oneof![
        status().prop_map(Event::Changed),
        (id(), outcome()).prop_map(|(id, outcome)| Event::Finished { id, outcome }),
        select(Alarm::ALL.to_vec()).prop_map(Event::Alarm),
        update().prop_map(Event::Update),
    ]
    .boxed()
}

pub(crate) fn answer() -> BoxedStrategy<Answer> {
    (uptime(), long(), marks(), reply())
        .prop_map(|(uptime, boot, marks, reply)| Answer { uptime, boot, marks, reply })
        .boxed()
}

pub(crate) fn report() -> BoxedStrategy<Report> {
    let body = prop_oneof![reply().prop_map(ReportBody::Reply), event().prop_map(ReportBody::Event)];
    (uptime(), body).prop_map(|(uptime, body)| Report { uptime, body }).boxed()
}

pub(crate) fn sealed_report() -> BoxedStrategy<SealedReport> {
    prop_oneof![
        (id(), outcome(), word()).prop_map(|(id, outcome, configuration)| SealedReport::Receipt {
            id,
            outcome,
            configuration
        }),
        (any::<[u8; 16]>(), marks()).prop_map(|(nonce, marks)| SealedReport::MarksAnswer { nonce, marks }),
        marks().prop_map(|marks| SealedReport::MarksHint { marks }),
        (long(), status()).prop_map(|(boot, status)| SealedReport::Status { boot, status }),
        (word(), any::<[u8; 16]>()).prop_map(|(version, digest)| SealedReport::Digest { version, digest }),
        (select(Table::ALL.to_vec()), any::<u8>(), versions())
            .prop_map(|(table, first, versions)| SealedReport::Items { table, first, versions }),
        (long(), health()).prop_map(|(boot, health)| SealedReport::Health { boot, health }),
        log_answer().prop_map(SealedReport::Log),
        update().prop_map(SealedReport::Update),
    ]
    .boxed()
}

pub(crate) fn log_entry() -> BoxedStrategy<LogEntry> {
    let moment = || long().prop_map(UnixMillis);
    let time = prop_oneof![
        Just(LogTime::Unset),
        moment().prop_map(LogTime::Floor),
        (moment(), word()).prop_map(|(earliest, span_ms)| LogTime::Trusted { earliest, span_ms }),
    ];
    let configured = (word(), select(Table::ALL.to_vec()), any::<u8>());
    let event = prop_oneof![
        select(BootReason::ALL.to_vec()).prop_map(LogEvent::Booted),
        select(Target::ALL.to_vec()).prop_map(LogEvent::Asked),
        select(BoltPosition::ALL.to_vec()).prop_map(LogEvent::Bolt),
        select(Reason::ALL.to_vec()).prop_map(LogEvent::Refused),
        configured.prop_map(|(version, table, slot)| LogEvent::Configured { version, table, slot }),
        select(Alarm::ALL.to_vec()).prop_map(LogEvent::Alarm),
        select(Mode::ALL.to_vec()).prop_map(LogEvent::Mode),
        select(vec![LogEvent::ClockSet, LogEvent::ClockLost, LogEvent::FactoryReset]),
        (long(), long()).prop_map(|(first, last)| LogEvent::Overwritten { first, last }),
        word().prop_map(LogEvent::Lost),
        word().prop_map(LogEvent::KeyEpoch),
    ];
    (long(), uptime(), time, cause(), option::of(id()), event)
        .prop_map(|(boot, uptime, time, cause, command, event)| LogEntry {
            boot,
            uptime,
            time,
            cause,
            command,
            event,
        })
        .boxed()
}

fn restored() -> impl Strategy<Value = Setting> {
    let credential = (any::<u8>(), put(), option::of(any::<u8>()), select(CredentialKind::ALL.to_vec()));
    (credential, any::<[u8; 8]>(), any::<[u8; 16]>()).prop_map(|((slot, put, user, kind), check, hash)| {
        Setting::RestoreCredential {
            slot,
            put,
            user,
            kind,
            check: PinKeyCheck(check),
            hash: HashedSecret(hash),
        }
    })
}

fn secrets() -> impl Strategy<Value = Reply> {
    let kept = (word(), option::of(any::<u8>()), select(CredentialKind::ALL.to_vec()), any::<[u8; 16]>());
    let kept = kept.prop_map(|(version, user, kind, hash)| KeptSecret {
        version,
        user,
        kind,
        hash: HashedSecret(hash),
    });
    let secrets = prop::array::uniform8(option::of(kept));
    (any::<[u8; 32]>(), any::<u8>(), any::<u8>(), secrets)
        .prop_map(|(key, slots, first, secrets)| Reply::Secrets { key: PinKey(key), slots, first, secrets })
}

pub(crate) fn backup() -> impl Strategy<Value = (BackupHead, Vec<BackupItem>)> {
    let item = (word(), setting()).prop_map(|(version, setting)| BackupItem { version, setting });
    (moment(), any::<[u8; 32]>(), prop::collection::vec(item, 0..40)).prop_map(|(taken_at, key, items)| {
        (BackupHead { taken_at, key: PinKey(key), items: items.len() as u16 }, items)
    })
}
