//! What every engine has to do, as code: call [`conformance`] in the tests of a new [`Store`].

use lock_core::cloud::{Conditions, Numbers, Uses, WeeklyWindow};
use lock_core::crypto::{KeyEpoch, LockId, LogHead, LogMac, Missing};
use lock_core::proto::{
    CodeClass, CodeSeries, CodesSwitch, CommandId, CredentialKind, Holiday, Manifest, Marks, Mechanics,
    MinuteOfDay, Mode, Outcome, Policy, PowerSupply, Profile, QuarterHours, Reason, Seconds, Span, Status,
    Table, TicketRights, UnixMillis, User, UserKind, Weekdays, Window, Zone,
};
use lock_core::virtual_key::Binding;

use crate::audit::AuditEntry;
use crate::store::{
    BackupRow, Batch, ClaimRow, Claimant, ClaimedLock, CommandKind, CommandRow, CommandState, Committed,
    HeardBy, HeardStatus, ItemRow, ItemStanding, LockRow, LockState, LogChange, LogEntryRow, LogFaultRow,
    LogGroundRow, LogKeyRow, LogPosition, LogUnverifiedRow, NewKeys, NewLock, NextRow, Path, ProbeRow,
    ProofRow, Reissues, RotationRow, SealedCopy, SingleSetting, Standing, Store, StoreError, Stream,
    TicketRevocation, TicketRow,
};

const LOCK: LockId = LockId([0xc0; 16]);

/// Runs all rules of [`Store`] against an engine that holds nothing yet. It leaves locks `c0c0..` to `c3c3..` behind.
///
/// # Panics
/// Where the engine breaks a rule; the message says which.
pub fn conformance(store: &mut impl Store) {
    a_lock_is_registered_once(store);
    every_number_is_taken_once(store);
    a_batch_is_stored_whole_and_read_back(store);
    an_overtaken_batch_changes_nothing(store);
    a_taken_token_stops_the_whole_batch(store);
    numbers_are_raised_and_never_lowered(store);
    open_commands_and_audit_are_read_in_order(store);
    each_kind_of_command_is_read_back_as_it_was(store);
    items_are_overwritten_by_their_place(store);
    only_the_revocation_of_a_virtual_key_changes(store);
    the_newest_backups_are_kept(store);
    keys_are_replaced_by_those_of_the_next_epoch_alone(store);
    a_claim_registers_a_lock_anew_unless_it_is_owned(store);
    a_log_is_kept_as_it_came(store);
    the_key_check_is_set_once(store);
}

fn done<T>(result: Result<T, StoreError>) -> T {
    result.unwrap_or_else(|error| panic!("the engine failed: {error}"))
}

fn new_lock(lock_id: LockId, incarnation: u64) -> NewLock {
    NewLock {
        lock_id,
        name: "a door, “ünïcode”".into(),
        key_epoch: KeyEpoch::FIRST,
        profile: if lock_id == LOCK { Profile::X } else { Profile::S },
        wrapped_root: vec![1, 2, 3],
        state: LockState::new(incarnation),
    }
}

fn entry(lock: LockId, what: &str) -> AuditEntry {
    AuditEntry { at: UnixMillis(1_000), lock, who: "anna".into(), what: what.into(), result: "done".into() }
}

fn row(id: u64, token: Option<&str>, state: CommandState) -> CommandRow {
    CommandRow {
        id: CommandId(id),
        client_token: token.map(String::from),
        by: "anna".into(),
        kind: CommandKind::SetPin { version: 4, slot: 2, user: None },
        wrapped_digits: Some(vec![9; 50]),
        path: Path::Queued,
        issued_at: UnixMillis(1_000),
        not_after: Some(UnixMillis(u64::MAX >> 1)),
        state,
        changed_at: UnixMillis(2_000),
        sealed: Some(SealedCopy { packet: vec![7; 60], counter: 12, at: UnixMillis(3_000) }),
        reissues: Reissues(1),
    }
}

fn batch(store: &mut impl Store) -> Batch {
    let lock = done(store.lock(LOCK)).expect("a registered lock is found");
    Batch {
        lock_id: LOCK,
        expected_version: lock.version,
        state: lock.state,
        keys: None,
        raise: lock.numbers,
        commands: Vec::new(),
        items: Vec::new(),
        tickets: Vec::new(),
        backups: Vec::new(),
        log: LogChange::default(),
        audit: Vec::new(),
    }
}

fn a_lock_is_registered_once(store: &mut impl Store) {
    assert_eq!(done(store.lock(LOCK)), None, "the engine must be empty");
    let incarnation = store.incarnation();
    for lock_id in [LockId([0xc1; 16]), LOCK] {
        done(store.insert_lock(&new_lock(lock_id, incarnation), &entry(lock_id, "provision")));
    }
    let mut other = new_lock(LOCK, incarnation);
    other.wrapped_root = vec![6; 6];
    other.profile = Profile::S;
    let refused = store.insert_lock(&other, &entry(LOCK, "provision again"));
    assert!(matches!(refused, Err(StoreError::LockExists(LOCK))), "a lock is registered once: {refused:?}");
    let found = done(store.lock(LOCK)).expect("a registered lock is found");
    assert_eq!(found.wrapped_root, [1, 2, 3], "its keys stay as they were");
    assert_eq!((found.name.as_str(), found.numbers), ("a door, “ünïcode”", Numbers::FIRST));
    assert_eq!(found.state, LockState::new(incarnation));
    let profiles: Vec<_> = done(store.locks()).into_iter().map(|lock| lock.profile).collect();
    assert_eq!(profiles, [Profile::X, Profile::S], "each lock keeps the profile that it was registered with");
    let ids: Vec<_> = done(store.locks()).into_iter().map(|lock| lock.lock_id).collect();
    assert_eq!(ids, [LOCK, LockId([0xc1; 16])], "locks come by id");
    assert_eq!(done(store.audit(LOCK, 0, 10)).len(), 1, "a refused registration leaves no audit row");
}

fn every_number_is_taken_once(store: &mut impl Store) {
    for stream in [Stream::Down, Stream::Attempt] {
        let taken: Vec<_> = (0..3).map(|_| done(store.take(LOCK, KeyEpoch::FIRST, stream))).collect();
        assert_eq!(taken, [1, 2, 3], "{stream:?} counts from 1, by 1");
    }
    let other = KeyEpoch::new(2).unwrap_or(KeyEpoch::FIRST);
    for (lock, epoch) in [(LOCK, other), (LockId([0; 16]), KeyEpoch::FIRST)] {
        let refused = store.take(lock, epoch, Stream::Down);
        assert!(matches!(refused, Err(StoreError::NoSuchEpoch)), "numbers belong to an epoch: {refused:?}");
    }
}

fn full_state(incarnation: u64) -> LockState {
    let mut state = LockState::new(incarnation);
    for counter in [1, 5, 3] {
        assert!(state.accepted_up.accept(counter).is_ok());
    }
    state.configuration = 4;
    let status = Status { sequence: 8, configuration: 3, ..Status::default() };
    state.heard = Some(HeardStatus { boot: 2, status, at: UnixMillis(5_000), by: HeardBy::Relayed });
    state.marks = Marks { down: 11, command: CommandId(2) };
    state.marks_asked_at = UnixMillis(4_000);
    state.down_seen = 11;
    state.probe = Some(ProbeRow { nonce: [3; 16], asked_at: UnixMillis(4_500), packet: vec![1; 70] });
    state.probed = Some(40..=42);
    state.proven = CommandId(3);
    state.ticket_epoch = 512;
    state.told_ticket_epoch = 513;
    let next = NextRow { digest: [8; 16], wrapped_root: vec![4; 81], proof: ProofRow::Unheard };
    state.rotation = Some(RotationRow { by: "anna".into(), at: UnixMillis(6_000), next: Some(next) });
    let start = QuarterHours(2_000_000);
    assert!(state.issued_codes.take(2, CodeClass::Once, start, UnixMillis(0)).is_some());
    state
}

fn a_batch_is_stored_whole_and_read_back(store: &mut impl Store) {
    let mut batch = batch(store);
    batch.state = full_state(store.incarnation());
    let states = [
        CommandState::Queued,
        CommandState::Sealed,
        CommandState::HandedOver,
        CommandState::Started,
        CommandState::Settled(Outcome::Refused(Reason::Expired)),
        CommandState::Expired,
        CommandState::Unexecuted,
        CommandState::Replaced { by: CommandId(9) },
        CommandState::Unknown,
    ];
    batch.commands = (1..).zip(states).map(|(id, state)| row(id, None, state)).collect();
    let [first, second, ..] = batch.commands.as_mut_slice() else { return };
    first.client_token = Some("token one".into());
    (second.kind, second.path) = (CommandKind::Unlock, Path::Live);
    (second.wrapped_digits, second.not_after, second.sealed) = (None, None, None);
    batch.audit = vec![entry(LOCK, "second"), entry(LOCK, "third")];
    assert_eq!(done(store.commit(&batch)), Committed::Done);
    assert_eq!(done(store.lock(LOCK)).map(|lock| lock.state), Some(batch.state), "the row is read back");
    assert_eq!(done(store.commands(LOCK, CommandId(0), 100)), batch.commands, "so are its commands");
    assert_eq!(done(store.command(LOCK, CommandId(2))).as_ref(), batch.commands.get(1));
    assert_eq!(done(store.command(LOCK, CommandId(99))), None);
    let by_token = done(store.command_with_token(LOCK, "token one"));
    assert_eq!(by_token.map(|row| row.id), Some(CommandId(1)), "a token finds its command");
    assert_eq!(done(store.command_with_token(LockId([0xc1; 16]), "token one")), None, "of its lock only");
}

fn keys_are_replaced_by_those_of_the_next_epoch_alone(store: &mut impl Store) {
    let keys = |number, byte| {
        let key_epoch = KeyEpoch::new(number).expect("not zero");
        Some(NewKeys { key_epoch, wrapped_root: vec![byte; 9] })
    };
    let before = done(store.lock(LOCK)).expect("a registered lock is found");
    for other in [1, 3] {
        let refused = Batch { keys: keys(other, 5), ..batch(store) };
        assert!(matches!(store.commit(&refused), Err(StoreError::NoSuchEpoch)), "epoch {other}");
    }
    assert_eq!(done(store.lock(LOCK)), Some(before), "nothing changed");
    let next = Batch { keys: keys(2, 6), ..batch(store) };
    assert_eq!(done(store.commit(&next)), Committed::Done);
    let after = done(store.lock(LOCK)).expect("a registered lock is found");
    assert_eq!((after.key_epoch.number(), after.wrapped_root), (2, vec![6; 9]));
    assert!(matches!(store.take(LOCK, KeyEpoch::FIRST, Stream::Down), Err(StoreError::NoSuchEpoch)));
    let second = KeyEpoch::new(2).expect("not zero");
    assert!(done(store.take(LOCK, second, Stream::Down)) >= 1, "numbers go on");
}

fn an_overtaken_batch_changes_nothing(store: &mut impl Store) {
    let slow = Batch {
        commands: vec![row(50, None, CommandState::Queued)],
        audit: vec![entry(LOCK, "slow")],
        ..batch(store)
    };
    let fast = batch_noting(store, "fast");
    assert_eq!(done(store.commit(&fast)), Committed::Done);
    assert_eq!(done(store.commit(&slow)), Committed::Overtaken, "the version is compared");
    assert_eq!(done(store.command(LOCK, CommandId(50))), None);
    assert!(done(store.audit(LOCK, 0, 100)).iter().all(|row| row.entry.what != "slow"));
}

fn batch_noting(store: &mut impl Store, what: &str) -> Batch {
    Batch { audit: vec![entry(LOCK, what)], ..batch(store) }
}

fn a_taken_token_stops_the_whole_batch(store: &mut impl Store) {
    let mut wrong = batch_noting(store, "wrong");
    wrong.state.configuration = 77;
    wrong.commands =
        vec![row(60, None, CommandState::Queued), row(61, Some("token one"), CommandState::Queued)];
    let refused = store.commit(&wrong);
    assert!(matches!(refused, Err(StoreError::TokenTaken)), "a token names one command: {refused:?}");
    assert_eq!(done(store.command(LOCK, CommandId(60))), None, "nothing of the batch is stored");
    assert_eq!(done(store.lock(LOCK)).map(|lock| lock.state.configuration), Some(4));
    // The token moves when its first owner gives it up in the same batch.
    let mut moved = batch(store);
    moved.commands = vec![
        row(1, None, CommandState::Replaced { by: CommandId(62) }),
        row(62, Some("token one"), CommandState::Queued),
    ];
    assert_eq!(done(store.commit(&moved)), Committed::Done);
    let by_token = done(store.command_with_token(LOCK, "token one"));
    assert_eq!(by_token.map(|row| row.id), Some(CommandId(62)));
}

fn numbers_are_raised_and_never_lowered(store: &mut impl Store) {
    let mut stale = batch(store);
    stale.raise = Numbers { next_down: 100, next_command: CommandId(70) };
    assert_eq!(done(store.commit(&stale)), Committed::Done);
    assert_eq!(done(store.take(LOCK, KeyEpoch::FIRST, Stream::Down)), 100);
    let mut lower = batch(store);
    lower.raise = Numbers::FIRST;
    assert_eq!(done(store.commit(&lower)), Committed::Done);
    let numbers = done(store.lock(LOCK)).map(|lock| lock.numbers);
    assert_eq!(numbers, Some(Numbers { next_down: 101, next_command: CommandId(70) }));
    assert_eq!(done(store.take(LOCK, KeyEpoch::FIRST, Stream::Attempt)), 4, "attempts are their own stream");
}

fn open_commands_and_audit_are_read_in_order(store: &mut impl Store) {
    let open: Vec<_> = done(store.open_commands(LOCK)).into_iter().map(|row| row.id.0).collect();
    assert_eq!(open, [2, 3, 4, 62], "open commands come in the order of their ids");
    let some: Vec<_> = done(store.commands(LOCK, CommandId(2), 2)).into_iter().map(|row| row.id.0).collect();
    assert_eq!(some, [3, 4], "a page starts after its cursor");
    let kind = CommandKind::AutoRelock { version: 5, seconds: Seconds(30) };
    let batch =
        Batch { commands: vec![CommandRow { kind, ..row(3, None, CommandState::Expired) }], ..batch(store) };
    assert_eq!(done(store.commit(&batch)), Committed::Done);
    assert_eq!(
        done(store.command(LOCK, CommandId(3))).map(|row| row.kind),
        Some(kind),
        "a row is overwritten"
    );
    let audit = done(store.audit(LOCK, 0, 100));
    let what: Vec<_> = audit.iter().map(|row| row.entry.what.as_str()).collect();
    assert_eq!(what, ["provision", "second", "third", "fast"], "audit rows come oldest first");
    assert!(audit.is_sorted_by(|one, next| one.number < next.number), "their numbers grow");
    let after = audit.get(1).map_or(0, |row| row.number);
    assert_eq!(done(store.audit(LOCK, after, 1)).first(), audit.get(2), "and serve as a cursor");
    let newest = audit.last().map_or(0, |row| row.number);
    assert_eq!(done(store.last_audit(LOCK)), newest);
    assert_eq!(done(store.last_audit(LockId([0xee; 16]))), 0, "a lock that is not there has none");
    let third = audit.get(2).map(|row| row.entry.clone()).unwrap_or_else(|| entry(LOCK, ""));
    assert!(done(store.is_audited(LOCK, "third", &third.result)), "a row is found by what it says");
    assert!(!done(store.is_audited(LOCK, "fourth", &third.result)));
    assert!(!done(store.is_audited(LOCK, "third", "something else")));
}

fn each_kind_of_command_is_read_back_as_it_was(store: &mut impl Store) {
    let version = 9;
    let user = User {
        kind: UserKind::Expiring { minutes: 90 },
        not_after: Some(UnixMillis(u64::MAX >> 1)),
        ..User::default()
    };
    let span = Span::Weekly { days: Weekdays(0x41), from: MinuteOfDay(22 * 60), until: MinuteOfDay(6 * 60) };
    let series = CodeSeries { switch: CodesSwitch::On, epoch: 2, since: 500_000 };
    let kinds = [
        CommandKind::Lock,
        CommandKind::Unlock,
        CommandKind::AutoRelock { version, seconds: Seconds(1_800) },
        CommandKind::SetPin { version, slot: 39, user: Some(19) },
        CommandKind::SetPin { version, slot: 0, user: None },
        CommandKind::ClearPin { version, slot: 3 },
        CommandKind::SetMode(Mode::Vacation),
        CommandKind::EndLockout,
        CommandKind::SetUser { version, slot: 19, user },
        CommandKind::SetWindow { version, slot: 7, window: Window { user: 19, span } },
        CommandKind::SetCredential { version, slot: 2, user: Some(3), kind: CredentialKind::Fob },
        CommandKind::SetCredential { version, slot: 2, user: None, kind: CredentialKind::ProgrammingPin },
        CommandKind::SetHoliday {
            version,
            slot: 1,
            holiday: Holiday { from: UnixMillis(1), until: UnixMillis(2), mode: Some(Mode::Vacation) },
        },
        CommandKind::Set { version, setting: SingleSetting::Mechanics(Mechanics::default()) },
        CommandKind::Set { version, setting: SingleSetting::Policy(Policy::default()) },
        CommandKind::Set { version, setting: SingleSetting::Night(None) },
        CommandKind::Set { version, setting: SingleSetting::Zone(Zone::default()) },
        CommandKind::Set { version, setting: SingleSetting::PowerSupply(PowerSupply::default()) },
        CommandKind::Clear { version, table: Table::Holidays, slot: 1 },
        CommandKind::OfflineCodes { version, series },
        CommandKind::RevokeTickets { epoch: u32::MAX },
        CommandKind::DenyTicket { epoch: u32::MAX, serial: u64::MAX },
        CommandKind::RestoreCredential {
            version,
            slot: 2,
            user: Some(3),
            kind: CredentialKind::Fob,
            backup: u32::MAX,
        },
        CommandKind::AdoptPinKey { backup: u32::MAX },
        CommandKind::AcknowledgeLog { key_epoch: u32::MAX, index: u64::MAX, mac: [0xFF; 16] },
        CommandKind::EndOwnership { key_epoch: u32::MAX },
        CommandKind::OfferUpdate(Manifest {
            model: u32::MAX,
            version: u32::MAX,
            rollback_index: u32::MAX,
            size: u32::MAX,
            sha256: [0xff; 32],
        }),
        CommandKind::InstallUpdate { version: u32::MAX, trial: Seconds(u32::MAX) },
    ];
    for kind in kinds {
        let commands = vec![CommandRow { kind, ..row(3, None, CommandState::Expired) }];
        let batch = Batch { commands, ..batch(store) };
        assert_eq!(done(store.commit(&batch)), Committed::Done);
        let read = done(store.command(LOCK, CommandId(3))).map(|row| row.kind);
        assert_eq!(read, Some(kind), "a command is read back as it was");
    }
}

fn items_are_overwritten_by_their_place(store: &mut impl Store) {
    assert_eq!(done(store.items(LOCK)), [], "a lock has no items at first");
    let item = |table, slot, standing| ItemRow {
        wanted: Some(CommandId(3)),
        held: u32::MAX,
        standing,
        ..ItemRow::vacant(table, slot, UnixMillis(9_000))
    };
    let items = vec![
        item(Table::Settings, 0, ItemStanding::Applied),
        item(Table::Users, 255, ItemStanding::Pending),
        item(Table::Credentials, 1, ItemStanding::Missing),
        item(Table::Credentials, 2, ItemStanding::Refused(Reason::Duplicate)),
        ItemRow { wanted: None, ..item(Table::Windows, 0, ItemStanding::Foreign) },
    ];
    let shuffled = items.iter().rev().copied().collect();
    let batch_of = |store: &mut _, items| Batch { items, ..batch(store) };
    let first = batch_of(store, shuffled);
    assert_eq!(done(store.commit(&first)), Committed::Done);
    assert_eq!(done(store.items(LOCK)), items, "items come by table and slot, as they were");
    let newer =
        ItemRow { applied: Some(CommandId(4)), held: 0, ..item(Table::Users, 255, ItemStanding::Applied) };
    let second = batch_of(store, vec![newer]);
    assert_eq!(done(store.commit(&second)), Committed::Done);
    assert_eq!(done(store.items(LOCK)).get(1), Some(&newer), "an item is overwritten");
    assert_eq!(done(store.items(LOCK)).len(), items.len());
    assert_eq!(done(store.items(LockId([0xc1; 16]))), [], "items are their lock's own");
}

fn only_the_revocation_of_a_virtual_key_changes(store: &mut impl Store) {
    assert_eq!(done(store.tickets(LOCK)), [], "a lock has no virtual keys at first");
    let window = WeeklyWindow { days: Weekdays::ALL, from: MinuteOfDay(1_320), until: MinuteOfDay(360) };
    let every = Conditions {
        rights: Some(TicketRights::ALL),
        not_before: Some(UnixMillis(1)),
        not_after: Some(UnixMillis(1 << 42)),
        weekly: Some(window),
        uses: Uses::Single,
        depth: Some(4),
        staleness: Some(Seconds(u32::MAX)),
    };
    let ticket = |serial, at, conditions| TicketRow {
        serial,
        key_epoch: KeyEpoch::FIRST,
        epoch: 256,
        label: "dog walker".into(),
        by: "anna".into(),
        issued_at: UnixMillis(at),
        conditions,
        binding: Binding::Needed,
        revoked: None,
    };
    let mut tickets = vec![ticket(1 << 51, 9_000, every), ticket(1, 9_001, Conditions::default())];
    let batch_of = |store: &mut _, tickets: &[TicketRow]| Batch { tickets: tickets.to_vec(), ..batch(store) };
    let first = batch_of(store, &tickets);
    assert_eq!(done(store.commit(&first)), Committed::Done);
    assert_eq!(done(store.tickets(LOCK)), tickets, "they come in the order of issue, as they were");
    let revoked = Some(TicketRevocation { command: CommandId(4), at: UnixMillis(9_500) });
    let forged = TicketRow { revoked, conditions: every, label: "other".into(), ..ticket(1, 1, every) };
    let second = batch_of(store, &[forged]);
    assert_eq!(done(store.commit(&second)), Committed::Done);
    if let Some(last) = tickets.last_mut() {
        last.revoked = revoked;
    }
    assert_eq!(done(store.tickets(LOCK)), tickets, "what was issued stays");
    assert_eq!(done(store.tickets(LockId([0xc1; 16]))), [], "virtual keys are their lock's own");
}

fn the_newest_backups_are_kept(store: &mut impl Store) {
    assert_eq!(done(store.backups(LOCK)), [], "a lock has no backups at first");
    let backup = |number| BackupRow {
        number,
        taken_at: UnixMillis(9_000 + u64::from(number)),
        by: "anna".into(),
        credentials: 40,
        wrapped: vec![0xee; 300],
    };
    for number in 1..=BackupRow::KEPT + 2 {
        let batch = Batch { backups: vec![backup(number)], ..batch(store) };
        assert_eq!(done(store.commit(&batch)), Committed::Done);
    }
    let kept: Vec<_> = (3..=BackupRow::KEPT + 2).rev().map(backup).collect();
    assert_eq!(done(store.backups(LOCK)), kept, "the newest come first, and the oldest go");
    assert_eq!(done(store.backups(LockId([0xc1; 16]))), [], "backups are their lock's own");
}

fn a_log_is_kept_as_it_came(store: &mut impl Store) {
    assert_eq!(done(store.log_position(LOCK)), None, "nothing of a log is known at first");
    let entry = |index: u64, mac: u8| LogEntryRow {
        index,
        key_epoch: KeyEpoch::FIRST,
        previous: [mac; 16],
        mac: [mac + 1; 16],
        body: vec![mac; 30],
        fault: None,
        received_at: UnixMillis(7_000),
    };
    let edited = |index, mac| LogEntryRow { fault: Some("Edited".into()), ..entry(index, mac) };
    let fault = |first| LogFaultRow {
        key_epoch: KeyEpoch::FIRST,
        kind: "Dropped".into(),
        first,
        last: 9,
        sentence: "entries were dropped".into(),
        found_at: UnixMillis(7_000),
    };
    let position = |next, missing| LogPosition {
        key_epoch: KeyEpoch::FIRST,
        next,
        last_mac: [3; 16],
        ground: LogGroundRow::Keyed(vec![0xcc; 80]),
        missing,
        head: Some((
            LogHead { epoch: KeyEpoch::FIRST, first: 0, next, last: LogMac([3; 16]), tag: [4; 16] },
            [5; 16],
            UnixMillis(7_000),
        )),
    };
    let key = |number, begins| LogKeyRow {
        key_epoch: KeyEpoch::new(number).expect("not zero"),
        begins,
        wrapped_key: vec![0xdd; 81],
    };
    let unverified = |first, key_epoch| LogUnverifiedRow {
        first,
        last: first + 5,
        key_epoch,
        found_at: UnixMillis(7_000),
    };
    let first = LogChange {
        entries: vec![entry(0, 1), edited(5, 3), edited(6, 3), entry(10, 2)],
        faults: vec![fault(1)],
        keys: vec![key(2, None), key(1, Some(0))],
        unverified: vec![unverified(20, KeyEpoch::new(2))],
        position: Some(position(11, Some(Missing { first: 1, last: 9 }))),
    };
    let log = |store: &mut _, log| Batch { log, ..batch(store) };
    let made = log(store, first);
    assert_eq!(done(store.commit(&made)), Committed::Done);
    // The same index again, another entry: what came first stays, unless it was not right and this one is.
    let again = LogChange {
        entries: vec![entry(5, 9), edited(6, 9), edited(10, 9), entry(10, 7), entry(11, 8)],
        faults: vec![fault(1), fault(2)],
        keys: vec![
            LogKeyRow { wrapped_key: vec![1], ..key(1, Some(8)) },
            LogKeyRow { wrapped_key: vec![2], ..key(2, Some(40)) },
        ],
        unverified: vec![unverified(20, None), unverified(3, None)],
        position: Some(position(12, None)),
    };
    let made = log(store, again);
    assert_eq!(done(store.commit(&made)), Committed::Done);
    assert_eq!(
        done(store.log_entries(LOCK, 0, 10)),
        [entry(0, 1), entry(5, 9), edited(6, 3), entry(10, 2), entry(11, 8)]
    );
    assert_eq!(
        done(store.log_entries(LOCK, 7, 1)),
        [entry(10, 2)],
        "from an index on, and no more than asked"
    );
    assert_eq!(done(store.log_faults(LOCK)), [fault(1), fault(2)], "each fault once, for good");
    assert_eq!(done(store.log_position(LOCK)), Some(position(12, None)));
    let keys = [key(1, Some(0)), key(2, Some(40))];
    assert_eq!(done(store.log_keys(LOCK)), keys, "by epoch; where a chain begins is noted once");
    let stretches = [unverified(3, None), unverified(20, KeyEpoch::new(2))];
    assert_eq!(done(store.log_unverified(LOCK)), stretches, "in order, and each for good");
    for ground in [LogGroundRow::Start, LogGroundRow::Lost(7)] {
        let position = LogPosition { ground, head: None, ..position(13, None) };
        let made = log(store, LogChange { position: Some(position.clone()), ..LogChange::default() });
        assert_eq!(done(store.commit(&made)), Committed::Done);
        assert_eq!(done(store.log_position(LOCK)), Some(position));
    }
    let other = LockId([0xc1; 16]);
    assert_eq!((done(store.log_keys(other)), done(store.log_unverified(other))), (vec![], vec![]));
    assert_eq!(done(store.log_entries(other, 0, 10)), [], "a log is its lock's own");
    assert_eq!((done(store.log_faults(other)), done(store.log_position(other))), (vec![], None));
}

fn the_key_check_is_set_once(store: &mut impl Store) {
    assert_eq!(done(store.key_check()), None);
    done(store.set_key_check(b"check"));
    assert!(matches!(store.set_key_check(b"other"), Err(StoreError::KeyCheckExists)));
    assert_eq!(done(store.key_check()).as_deref(), Some(b"check".as_slice()));
}

const EVE: Claimant = Claimant { account: [1; 16], digest: [1; 32] };
const OLGA: Claimant = Claimant { account: [2; 16], digest: [2; 32] };

/// A claim of a lock, with a root, a profile and numbers that tell it from others.
fn claimed(lock: LockId, incarnation: u64, attempt: u64, epoch: u32, claimant: Claimant) -> ClaimedLock {
    let state = LockState { standing: Standing::Claiming, ..LockState::new(incarnation) };
    let key_epoch = KeyEpoch::new(epoch).unwrap_or(KeyEpoch::FIRST);
    let profile = if attempt.is_multiple_of(2) { Profile::X } else { Profile::S };
    let wrapped_root = vec![u8::try_from(attempt).unwrap_or_default(); 3];
    let numbers = Numbers { next_down: u64::from(epoch) * 9, next_command: CommandId(u64::from(epoch) * 8) };
    let lock = NewLock { key_epoch, profile, wrapped_root, state, ..new_lock(lock, incarnation) };
    let wrapped_handle = vec![7, u8::try_from(attempt).unwrap_or_default()];
    let position = LogPosition {
        key_epoch,
        next: u64::from(epoch),
        last_mac: [0; 16],
        ground: LogGroundRow::Start,
        missing: None,
        head: None,
    };
    let log = LogChange { position: Some(position), ..LogChange::default() };
    ClaimedLock { lock, numbers, claimant, attempt, wrapped_handle, log }
}

fn as_claimed(store: &mut impl Store, claim: &ClaimedLock) -> LockRow {
    let lock = claim.lock.lock_id;
    done(store.claim_lock(claim, &entry(lock, "claim")));
    let found = done(store.lock(lock)).expect("a claimed lock is found");
    assert_eq!((found.key_epoch, found.profile), (claim.lock.key_epoch, claim.lock.profile));
    assert_eq!((&found.wrapped_root, found.numbers), (&claim.lock.wrapped_root, claim.numbers));
    assert_eq!((&found.state, found.ownership), (&claim.lock.state, claim.attempt));
    assert_eq!(done(store.unowned_handle(lock)).as_ref(), Some(&claim.wrapped_handle));
    assert_eq!(done(store.log_position(lock)), claim.log.position, "the log of the ownership begins");
    found
}

fn is_refused(store: &mut impl Store, claim: &ClaimedLock, why: &str) {
    let lock = claim.lock.lock_id;
    let before = done(store.lock(lock));
    let refused = store.claim_lock(claim, &entry(lock, "claim"));
    assert!(matches!(refused, Err(StoreError::LockExists(_))), "{why}: {refused:?}");
    assert_eq!(done(store.lock(lock)), before, "nothing changed");
}

fn becomes(store: &mut impl Store, lock: LockId, standing: Standing) {
    let found = done(store.lock(lock)).expect("a claimed lock is found");
    let state = LockState { standing, ..found.state };
    let (expected_version, raise) = (found.version, found.numbers);
    let change = Batch { lock_id: lock, expected_version, state, raise, ..batch(store) };
    assert_eq!(done(store.commit(&change)), Committed::Done);
}

fn a_claim_registers_a_lock_anew_unless_it_is_owned(store: &mut impl Store) {
    let attempts: Vec<_> = (0..3).map(|_| done(store.take_claim())).collect();
    assert_eq!(attempts, [1, 2, 3], "numbers of claims count from 1, by 1");
    let (lock, incarnation) = (LockId([0xc2; 16]), store.incarnation());
    let claimed = |attempt, epoch, whose| claimed(lock, incarnation, attempt, epoch, whose);
    // Whatever an unproven claim says of the lock, the next one takes its place.
    let before = as_claimed(store, &claimed(1, 9, EVE));
    let queued = Batch {
        lock_id: lock,
        expected_version: before.version,
        state: before.state,
        raise: before.numbers,
        commands: vec![row(900, None, CommandState::Queued)],
        ..batch(store)
    };
    assert_eq!(done(store.commit(&queued)), Committed::Done);
    is_refused(store, &claimed(1, 10, OLGA), "not later than the one that waits");
    let after = as_claimed(store, &claimed(4, 3, OLGA));
    assert!(after.version > before.version, "a batch that was made from the row of before is overtaken");
    assert_eq!(done(store.commands(lock, CommandId(0), 10)), [], "nothing that was not proven is left");
    let row = ClaimRow { claimant: OLGA, proven_epoch: None };
    assert_eq!(done(store.claim(lock)), Some(row));
    assert_eq!((done(store.claims_of(&EVE.account)), done(store.claims_of(&OLGA.account))), (0, 1));
    assert_eq!(done(store.unowned_handle(LOCK)), None);
    becomes(store, lock, Standing::Owned);
    assert_eq!((done(store.claim(lock)), done(store.claims_of(&OLGA.account))), (None, 0), "it is proven");
    is_refused(store, &claimed(5, 4, OLGA), "an owned lock is not claimed");
    assert!(!done(store.discard_claim(lock, &entry(lock, "give up"))), "nor is there a claim to end");
    becomes(store, lock, Standing::Released);
    is_refused(store, &claimed(5, 3, OLGA), "an epoch begins once");
    // What was proven is the floor, and what was not is none.
    as_claimed(store, &claimed(6, 90, EVE));
    is_refused(store, &claimed(7, 3, OLGA), "an epoch that was proven begins once");
    as_claimed(store, &claimed(7, 4, OLGA));
    assert!(done(store.discard_claim(lock, &entry(lock, "give up"))));
    assert!(!done(store.discard_claim(lock, &entry(lock, "give up"))));
    let lost = done(store.lock(lock)).map(|row| row.state.standing);
    assert_eq!((lost, done(store.claims_of(&OLGA.account))), (Some(Standing::Lost), 0));
    is_refused(store, &claimed(8, 3, EVE), "it is still the floor");
    as_claimed(store, &claimed(8, 4, EVE));
    is_a_claim_that_was_never_proven_forgotten(store);
    the_last_makers_secret_counts(store);
}

fn is_a_claim_that_was_never_proven_forgotten(store: &mut impl Store) {
    let (lock, incarnation) = (LockId([0xc3; 16]), store.incarnation());
    as_claimed(store, &claimed(lock, incarnation, 9, u32::MAX, EVE));
    assert!(done(store.discard_claim(lock, &entry(lock, "give up"))));
    assert_eq!((done(store.lock(lock)), done(store.claim(lock))), (None, None));
    let audit = done(store.audit(lock, 0, 10));
    assert_eq!(audit.len(), 2, "the audit outlives it: {audit:?}");
    as_claimed(store, &claimed(lock, incarnation, 10, u32::MAX, EVE));
    done(store.insert_lock(&new_lock(lock, incarnation), &entry(lock, "provision")));
    let found = done(store.lock(lock)).expect("a lock that was registered is found");
    assert_eq!((found.key_epoch, found.numbers, found.ownership), (KeyEpoch::FIRST, Numbers::FIRST, 0));
    assert_eq!(done(store.claim(lock)), None);
}

fn the_last_makers_secret_counts(store: &mut impl Store) {
    let lock = LockId([0xc2; 16]);
    assert_eq!(done(store.maker_secret(lock)), None);
    for wrapped in [[1, 2], [3, 4]] {
        done(store.put_maker_secret(lock, &wrapped));
        assert_eq!(done(store.maker_secret(lock)), Some(wrapped.to_vec()), "the last one counts");
    }
}
