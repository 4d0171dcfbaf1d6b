//! What is said towards the lock (sections 7.1, 7.2 and 7.5).

use lock_core::proto::{
    Action, CloudShare, CodeSeries, CodesSwitch, CommandId, CredentialKind, CredentialRule, CriticalBattery,
    Down, HashedSecret, Holiday, Latch, Live, Manifest, Mechanics, MinuteOfDay, Mode, Night, Opening,
    PinDigits, PinKey, PinKeyCheck, Policy, PowerSupply, Put, Query, RemoteAtUnknown, Request, Sealed,
    Seconds, Secret, Setting, Sound, Span, Supply, Table, TokenId, Transition, UnixMillis, Uptime, User,
    UserKind, UserStatus, UtcOffset, Weekdays, Window, Zone,
};

use super::{SentChunk, accepted};
use crate::case::Case;
use crate::world::{NOW, entropy};

/// An image of a lock.
pub(super) const MANIFEST: Manifest = Manifest {
    model: 7,
    version: 300,
    rollback_index: 3,
    size: 200_000,
    sha256: *b"a SHA-256 of a firmware image...",
};

/// Requests with their names and what they ask.
type Requests = Vec<(&'static str, &'static str, Request)>;

pub(super) fn cases() -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (name, description, request) in requests()? {
        let header = Opening { time: Some(UnixMillis(NOW)) };
        cases.push(accepted(name, description, &Down { header, request: request.clone() })?);
        let header = Live { valid_until: Uptime::from_millis(65_000) };
        cases.push(accepted(name, description, &Down { header, request: request.clone() })?);
        let header = Sealed { issued_at: UnixMillis(NOW), not_after: Some(UnixMillis(NOW + 60_000)) };
        cases.push(accepted(name, description, &Down { header, request })?);
    }
    for (number, request) in (0..).zip(actions()?) {
        let header = Live { valid_until: Uptime::from_millis(65_000) };
        let name = format!("action {number} of the tables");
        cases.push(accepted(&name, "An action, setting or query.", &Down { header, request })?);
    }
    cases.extend(headers()?);
    cases.extend(numbers()?);
    cases.extend(update()?);
    Ok(cases)
}

fn requests() -> anyhow::Result<Requests> {
    let command = |action| Request::Command { id: CommandId(7), action };
    let configure = |setting| command(Action::Configure { version: 300, setting });
    let pin = |digits: &[u8]| PinDigits::from_ascii(digits);
    Ok(vec![
        ("nothing", "Asks for nothing.", Request::Nothing),
        ("lock", "Throws the bolt.", command(Action::Lock)),
        ("unlock", "Withdraws the bolt.", command(Action::Unlock)),
        ("relock after 30 s", "Sets automatic relock.", configure(Setting::AutoRelock(Seconds(30)))),
        ("never relock", "Turns automatic relock off.", configure(Setting::AutoRelock(Seconds(0)))),
        ("set a short pin", "Sets a PIN of 4 digits.", configure(Setting::pin(0, pin(b"0000")?))),
        ("set a long pin", "Sets a PIN of 10 digits.", configure(Setting::pin(255, pin(b"0123456789")?))),
        ("clear a pin", "Clears a PIN.", configure(Setting::clear_credential(9))),
        ("query the status", "Asks for the state of the lock.", Request::Query(Query::Status)),
        ("query a command", "Asks what became of a command.", Request::Query(Query::Command(CommandId(7)))),
        (
            "query the marks",
            "Asks for the marks, under a fresh nonce.",
            Request::Query(Query::Marks(
                *b"\x00\x01\x02\x03\x80\x81\x82\x83\xf0\xf1\xf2\xf3\xff\xfe\xfd\xfc",
            )),
        ),
    ])
}

/// Firmware: what is offered, asked and sent (section 11).
fn update() -> anyhow::Result<Vec<Case>> {
    let most = Manifest {
        model: u32::MAX,
        version: u32::MAX,
        rollback_index: u32::MAX,
        size: u32::MAX,
        sha256: [0xff; 32],
    };
    let command = |action| Request::Command { id: CommandId(7), action };
    let install = |version, trial| command(Action::InstallUpdate { version, trial: Seconds(trial) });
    let mut cases = Vec::new();
    for (name, description, request) in [
        ("offer firmware", "Offers an image.", command(Action::OfferUpdate(MANIFEST))),
        ("offer the largest firmware", "Every number at its largest.", command(Action::OfferUpdate(most))),
        ("install firmware", "Starts the image of this version on trial.", install(300, 600)),
        ("install the largest version", "Every number at its largest.", install(u32::MAX, u32::MAX)),
        ("query the update", "Asks where an update stands.", Request::Query(Query::Update)),
    ] {
        let header = Live { valid_until: Uptime::from_millis(65_000) };
        cases.push(accepted(name, description, &Down { header, request: request.clone() })?);
        let header = Sealed { issued_at: UnixMillis(NOW), not_after: None };
        cases.push(accepted(name, description, &Down { header, request })?);
    }
    for (name, description, offset, length) in [
        ("of one byte", "The last of an image.", 4_992, 1),
        ("of 32 bytes", "The unit.", 0, 32),
        ("of 448 bytes", "The most.", u32::MAX, 448),
    ] {
        let valid_until = Uptime::from_millis(if offset == u32::MAX { u64::MAX } else { 65_000 });
        let bytes = (0..length).map(|place| (place % 251) as u8).collect();
        cases.push(accepted(
            name,
            description,
            &SentChunk { valid_until, image: MANIFEST.image(), offset, bytes },
        )?);
    }
    Ok(cases)
}

fn unlock() -> Request {
    Request::Command { id: CommandId(7), action: Action::Unlock }
}

fn headers() -> anyhow::Result<Vec<Case>> {
    let mut cases = vec![
        accepted(
            "without time",
            "The cloud does not say the time.",
            &Down { header: Opening { time: None }, request: unlock() },
        )?,
        accepted(
            "that does not expire",
            "A sealed message without an end.",
            &Down { header: Sealed { issued_at: UnixMillis(NOW), not_after: None }, request: unlock() },
        )?,
    ];
    let setting = Setting::Zone(longest_zone());
    let request = Request::Command {
        id: CommandId(u64::MAX),
        action: Action::Configure { version: u32::MAX, setting },
    };
    let (name, description, end) = ("longest", "Every number at its largest.", UnixMillis(u64::MAX));
    let header = Opening { time: Some(end) };
    cases.push(accepted(name, description, &Down { header, request: request.clone() })?);
    let header = Live { valid_until: Uptime::from_millis(u64::MAX) };
    cases.push(accepted(name, description, &Down { header, request: request.clone() })?);
    let header = Sealed { issued_at: end, not_after: Some(end) };
    cases.push(accepted(name, description, &Down { header, request })?);
    Ok(cases)
}

/// Numbers on both sides of each step in the length of a varint.
fn numbers() -> anyhow::Result<Vec<Case>> {
    let steps = (1..=9).flat_map(|bytes| [(1 << (7 * bytes)) - 1, 1 << (7 * bytes)]);
    let numbers = [0, 1].into_iter().chain(steps).chain([u64::MAX - 1, u64::MAX]);
    let cases = numbers.map(|number| {
        let request = Request::Query(Query::Command(CommandId(number)));
        let message = Down { header: Live { valid_until: Uptime::from_millis(number) }, request };
        accepted(&format!("number {number}"), "A number in its shortest form, twice.", &message)
    });
    cases.collect()
}

fn longest_zone() -> Zone {
    let transition = Transition { at: UnixMillis(u64::MAX), offset: UtcOffset(i16::MIN) };
    Zone { offset: UtcOffset(i16::MIN), transitions: [Some(transition); Zone::TRANSITIONS] }
}

/// The actions, settings and queries that [`requests`] does not have, each choice in them at least once.
fn actions() -> anyhow::Result<Vec<Request>> {
    let command = |action| Request::Command { id: CommandId(7), action };
    let configure = |setting| command(Action::Configure { version: 300, setting });
    let mut requests = vec![
        command(Action::Unlatch),
        command(Action::UnlockFor { delay: Seconds(600) }),
        command(Action::LockNGo),
        command(Action::Calibrate),
        command(Action::SelfTest),
        command(Action::EndLockout),
        command(Action::RevokeTickets { epoch: u32::MAX }),
        command(Action::DenyTicket { epoch: u32::MAX, serial: u64::MAX }),
        Request::Query(Query::Digest),
        Request::Query(Query::Health),
    ];
    requests.extend(Mode::ALL.map(|mode| command(Action::SetMode(mode))));
    requests.extend(Table::ALL.map(|table| Request::Query(Query::Items { table, first: 16 })));
    requests.extend(singles().into_iter().map(configure));
    requests.extend(users().map(configure));
    requests.extend(credentials()?.into_iter().map(configure));
    requests.extend(Table::ALL.map(|table| configure(Setting::Clear { table, slot: 255 })));
    requests.extend([
        command(Action::PrepareRotation { epoch: 2, share: CloudShare::new(entropy("a cloud's share")) }),
        command(Action::CommitRotation { epoch: u32::MAX }),
        Request::Query(Query::Rotation),
    ]);
    requests.extend([None, Some(19)].map(|user| configure(restored(user))));
    requests.push(command(Action::AdoptPinKey(PinKey(entropy("the PIN key of a backup")))));
    requests.push(Request::Query(Query::Secrets { first: 8 }));
    requests.push(command(Action::AcknowledgeLog {
        key_epoch: u32::MAX,
        index: u64::MAX,
        mac: *b"the entry's MAC.",
    }));
    requests.push(Request::Query(Query::Log { from: 300, nonce: *b"a nonce of ours." }));
    requests.push(command(Action::EndOwnership { key_epoch: u32::MAX }));
    requests.push(Request::Query(Query::Tickets));
    Ok(requests)
}

fn singles() -> Vec<Setting> {
    let mut settings = vec![
        Setting::Night(None),
        Setting::Night(Some(Night {
            from: MinuteOfDay(22 * 60 + 30),
            until: MinuteOfDay(6 * 60),
            relock: Seconds(15),
        })),
        Setting::Zone(Zone::default()),
        Setting::Zone(Zone {
            offset: UtcOffset(60),
            transitions: [
                Some(Transition { at: UnixMillis(NOW), offset: UtcOffset(120) }),
                Some(Transition { at: UnixMillis(NOW + 15_552_000_000), offset: UtcOffset(-210) }),
                None,
                None,
            ],
        }),
        Setting::Policy(Policy {
            wrong_codes: 3,
            critical_battery: CriticalBattery::FailSafe,
            remote_at_unknown: RemoteAtUnknown::Permit,
            sound: Sound::Quiet,
        }),
        Setting::Policy(Policy::default()),
        Setting::OfflineCodes(CodeSeries { switch: CodesSwitch::Off, epoch: 1, since: 500_000 }),
        Setting::OfflineCodes(CodeSeries {
            switch: CodesSwitch::On,
            epoch: u32::MAX,
            since: CodeSeries::LATEST,
        }),
    ];
    settings.extend(Latch::ALL.map(|latch| {
        Setting::Mechanics(Mechanics {
            latch,
            lock_on_close: Seconds(5),
            ajar_after: Seconds(300),
            ..Mechanics::default()
        })
    }));
    settings.extend(Supply::ALL.map(|supply| {
        Setting::PowerSupply(PowerSupply { supply, cells: if supply == Supply::Mains { 0 } else { 4 } })
    }));
    settings
}

fn users() -> impl Iterator<Item = Setting> {
    let kinds = [
        UserKind::Unrestricted,
        UserKind::YearDay,
        UserKind::WeekDay,
        UserKind::Programming,
        UserKind::NonAccess,
        UserKind::Forced,
        UserKind::Disposable,
        UserKind::Expiring { minutes: 2_880 },
        UserKind::ScheduleRestricted,
        UserKind::RemoteOnly,
        UserKind::Holiday,
    ];
    let users = (0_u8..).zip(kinds).map(|(slot, kind)| {
        let put = Put::ALL[usize::from(slot) % Put::ALL.len()];
        let user = User {
            kind,
            status: UserStatus::ALL[usize::from(slot) % 2],
            rule: CredentialRule::ALL[usize::from(slot) % 3],
            not_before: (slot % 2 == 0).then_some(UnixMillis(NOW)),
            not_after: (slot % 3 == 0).then_some(UnixMillis(NOW + 1)),
        };
        Setting::SetUser { slot, put, user }
    });
    let weekly =
        Span::Weekly { days: Weekdays(0b0100_0001), from: MinuteOfDay(22 * 60), until: MinuteOfDay(6 * 60) };
    let dates = Span::Dates { from: UnixMillis(NOW), until: UnixMillis(NOW + 86_400_000) };
    let windows = [weekly, dates].map(|span| Setting::SetWindow {
        slot: 39,
        put: Put::Set,
        window: Window { user: 7, span },
    });
    let holidays = [None, Some(Mode::Vacation)].map(|mode| {
        let holiday = Holiday { from: UnixMillis(NOW), until: UnixMillis(NOW + 86_400_000), mode };
        Setting::SetHoliday { slot: 7, put: Put::Replace, holiday }
    });
    users.chain(windows).chain(holidays)
}

fn credentials() -> anyhow::Result<Vec<Setting>> {
    let mut settings = Vec::new();
    for (slot, kind) in (0_u8..).zip(CredentialKind::ALL) {
        let secret = if matches!(kind, CredentialKind::ProgrammingPin | CredentialKind::Pin) {
            Secret::Pin(PinDigits::from_ascii(b"271828")?)
        } else {
            Secret::Token(TokenId::from_bytes(&[0x5a; 16][..usize::from(slot) * 2])?)
        };
        settings.push(Setting::SetCredential { slot, put: Put::Add, user: Some(slot), kind, secret });
    }
    Ok(settings)
}

/// A credential from a backup.
fn restored(user: Option<u8>) -> Setting {
    let (check, hash) = (PinKeyCheck(*b"8 bytes."), HashedSecret(*b"a hash of 16 b.."));
    Setting::RestoreCredential { slot: 39, put: Put::Set, user, kind: CredentialKind::Pin, check, hash }
}
