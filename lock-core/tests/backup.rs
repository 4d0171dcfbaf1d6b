//! Backups: codes come back into the same lock after a reset, and into another lock, with the key that they were hashed under; and
//! nobody is locked out by half of one, wherever the power is cut.

#[path = "common/pair.rs"]
mod pair;

use lock_core::cloud::{
    BackupError, Connecting, LockKeys, Session, SessionError, open_backup, pin_key_check, seal_backup,
};
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::crypto::{KeyEpoch, LockId, RootKey, RustCrypto};
use lock_core::device::{Input, PersistFailure, RecordTag};
use lock_core::proto::{
    Action, BackupItem, BoltPosition, CommandId, CredentialKind, Down, HashedSecret, KeptSecret, Opening,
    Outcome, PinDigits, PinKey, Put, Query, Reason, Reply, Report, ReportBody, Request, Secret, Setting,
    TokenId, UnixMillis,
};
use lock_core::state::{Drive, Indication, ResetButton};
use pair::{Did, EPOCH_MILLIS, Flash, LOCK_ID, Pair, root, set_pin, set_relock};

const CODE: &[u8] = b"2468";

fn command(id: u64, action: Action) -> Request {
    Request::Command { id: CommandId(id), action }
}

fn reply(mut reports: Vec<Report>) -> Reply {
    let report = reports.drain(..).find_map(|report| match report.body {
        ReportBody::Reply(reply) => Some(reply),
        ReportBody::Event(_) => None,
    });
    report.expect("the lock answers")
}

fn outcome(reply: &Reply) -> Outcome {
    let Reply::Command { outcome, .. } = reply else { panic!("{reply:?}") };
    *outcome
}

/// Asks for the key and for what is kept, as a backup does.
fn secrets(pair: &mut Pair, session: &mut Session) -> (PinKey, Vec<Option<KeptSecret>>) {
    let told = reply(pair.ask(session, Request::Query(Query::Secrets { first: 0 })));
    let Reply::Secrets { key, slots, first: 0, secrets } = told else { panic!("{told:?}") };
    assert_eq!(slots, 6);
    (key, secrets.to_vec())
}

fn restore(id: u64, version: u32, slot: u8, key: &PinKey, kept: &KeptSecret) -> Request {
    let setting = Setting::RestoreCredential {
        slot,
        put: Put::Set,
        user: kept.user,
        kind: kept.kind,
        check: pin_key_check::<RustCrypto>(key),
        hash: kept.hash.clone(),
    };
    command(id, Action::Configure { version, setting })
}

fn opens(pair: &mut Pair, input: Input<'static>) -> bool {
    pair.sense(BoltPosition::Extended);
    pair.did.clear();
    pair.input(input);
    pair.run();
    let opens = pair.did.contains(&Did::Motor(Drive::Retract));
    let refused = pair.did.contains(&Did::Indicate(Indication::Refused(Reason::WrongCode)));
    assert!(opens != refused, "{:?}", pair.did);
    pair.sense(BoltPosition::Retracted);
    pair.sense(BoltPosition::Extended);
    opens
}

fn code_opens(pair: &mut Pair) -> bool {
    opens(pair, Input::code(PinDigits::from_ascii(CODE).unwrap()))
}

fn reset(pair: &mut Pair) {
    pair.input(Input::ResetButton(ResetButton::Pressed));
    pair.wait(11_000);
    pair.input(Input::ResetButton(ResetButton::Released));
    pair.run();
    pair.did.clear();
}

/// A lock with a code, the backup of it, and how it stands after a reset.
fn after_a_reset() -> (Pair, PinKey, KeptSecret) {
    let mut pair = Pair::new();
    let (_, mut session) = pair.session(set_pin(1, 1, CODE));
    let (key, kept) = secrets(&mut pair, &mut session);
    let kept = kept[0].clone().expect("a code is in slot 0");
    assert_eq!((kept.version, kept.user, kept.kind), (1, None, CredentialKind::Pin));
    assert!(code_opens(&mut pair));
    reset(&mut pair);
    assert!(!code_opens(&mut pair));
    (pair, key, kept)
}

#[test]
fn a_code_whose_digits_nobody_keeps_opens_again_after_a_reset_and_a_restore() {
    let (mut pair, key, kept) = after_a_reset();
    let (_, mut session) = pair.session(Request::Nothing);
    let (fresh, vacant) = secrets(&mut pair, &mut session);
    assert!(fresh != key && vacant.iter().all(Option::is_none), "a reset makes another key");
    let adopted = pair.ask(&mut session, command(2, Action::AdoptPinKey(key.clone())));
    assert_eq!(outcome(&reply(adopted)), Outcome::Done);
    let restored = pair.ask(&mut session, restore(3, 10, 0, &key, &kept));
    assert_eq!(outcome(&reply(restored)), Outcome::Done);
    assert!(code_opens(&mut pair));
    // It is durable, and a change of its own: the next comparison finds it in version 10.
    pair.cut_power(BoltPosition::Extended);
    assert!(code_opens(&mut pair));
    let (_, mut session) = pair.session(Request::Nothing);
    let (now, kept) = secrets(&mut pair, &mut session);
    assert!(now == key && kept[0].as_ref().is_some_and(|kept| kept.version == 10));
}

#[test]
fn a_replacement_lock_takes_the_codes_and_tokens_of_the_lock_before_it() {
    let mut old = Pair::new();
    let (_, mut session) = old.session(set_pin(1, 1, CODE));
    let fob = Setting::SetCredential {
        slot: 3,
        put: Put::Set,
        user: None,
        kind: CredentialKind::Fob,
        secret: Secret::Token(TokenId::from_bytes(b"fob").unwrap()),
    };
    let _ = old.ask(&mut session, command(2, Action::Configure { version: 2, setting: fob }));
    let (key, kept) = secrets(&mut old, &mut session);

    let mut new = Pair::with_entropy([0x77; 32]);
    let (_, mut session) = new.session(Request::Nothing);
    assert!(secrets(&mut new, &mut session).0 != key, "no two locks make the same key");
    let _ = new.ask(&mut session, command(1, Action::AdoptPinKey(key.clone())));
    for (number, slot) in [(2, 0), (3, 3)] {
        let kept = kept[usize::from(slot)].clone().unwrap();
        let told = new.ask(&mut session, restore(number, number as u32, slot, &key, &kept));
        assert_eq!(outcome(&reply(told)), Outcome::Done);
    }
    assert!(code_opens(&mut new));
    assert!(opens(
        &mut new,
        Input::Presented(lock_core::device::Presented {
            kind: CredentialKind::Fob,
            secret: Secret::Token(TokenId::from_bytes(b"fob").unwrap()),
            wish: lock_core::state::Wish::Open,
        })
    ));
}

#[test]
fn a_lock_with_codes_never_takes_another_key_and_a_hash_of_another_key_is_refused() {
    let (mut pair, key, kept) = after_a_reset();
    let (_, mut session) = pair.session(restore(2, 10, 0, &key, &kept));
    let told = pair.ask(&mut session, Request::Query(Query::Command(CommandId(2))));
    assert_eq!(outcome(&reply(told)), Outcome::NotExecuted, "a refusal takes no number");
    let told = pair.ask(&mut session, restore(2, 10, 0, &key, &kept));
    assert_eq!(outcome(&reply(told)), Outcome::Refused(Reason::AnotherPinKey));
    let _ = pair.ask(&mut session, set_pin(2, 10, b"1357"));
    let told = pair.ask(&mut session, command(3, Action::AdoptPinKey(key)));
    assert_eq!(outcome(&reply(told)), Outcome::Refused(Reason::Occupied));
    assert!(opens(&mut pair, Input::code(PinDigits::from_ascii(b"1357").unwrap())));
    assert!(!code_opens(&mut pair));
}

#[test]
fn a_key_goes_in_a_record_of_a_session_alone_and_no_secret_is_ever_sealed_for_later() {
    let (mut pair, key, _) = after_a_reset();
    let adopt = command(2, Action::AdoptPinKey(key.clone()));
    let (hello, hedge) = (pair.hello(), InitiatorHedge { attempt: 1_000, entropy: [1; 32] });
    let opening = Down { header: Opening { time: None }, request: adopt.clone() };
    let early = Connecting::start(&pair.keys, &hello, &opening, &hedge, &mut [0; 128]).map(|_| ());
    assert_eq!(early, Err(SessionError::OpenSessionFirst), "a cloud puts it in no Message1");
    let (_, mut session) = pair.session(Request::Nothing);
    let packet = pair.seal(1, adopt.clone());
    pair.deliver(&packet);
    let receipts = format!("{:?}", pair.receipts());
    assert!(receipts.contains("SessionNeeded"), "{receipts}");
    let packet = pair.seal(2, Request::Query(Query::Secrets { first: 0 }));
    pair.deliver(&packet);
    let told = format!("{:?}", pair.receipts());
    assert!(told.contains("MarksHint") && !told.contains("Secrets"), "{told}");
    assert_eq!(outcome(&reply(pair.ask(&mut session, adopt))), Outcome::Done, "its number was free");
    let blank = command(3, Action::AdoptPinKey(PinKey([0xff; 32])));
    assert_eq!(outcome(&reply(pair.ask(&mut session, blank))), Outcome::Refused(Reason::InvalidArgument));
}

#[test]
fn a_code_cannot_be_set_under_a_key_that_is_about_to_go() {
    let (mut pair, key, _) = after_a_reset();
    let (_, mut session) = pair.session(Request::Nothing);
    pair.flash = Flash::Slow;
    assert!(pair.ask(&mut session, command(2, Action::AdoptPinKey(key))).is_empty());
    // Another link, say: the next command comes while the record of the key is on its way.
    assert!(pair.ask(&mut session, set_pin(3, 10, CODE)).is_empty());
    pair.flash = Flash::Works;
    pair.answer_flash(Flash::Works);
    pair.run();
    let outcomes: Vec<_> = pair
        .reports(&mut session)
        .into_iter()
        .filter_map(|report| match report.body {
            ReportBody::Reply(reply) => Some(outcome(&reply)),
            ReportBody::Event(_) => None,
        })
        .collect();
    assert_eq!(outcomes, [Outcome::Done, Outcome::Refused(Reason::StorageBusy)]);
}

/// Restores a code, cut off after so many outputs; whether the key and then the code arrived does not matter: a second attempt
/// makes it whole, and in between every code that the lock has opens.
#[test]
fn a_restore_that_is_cut_anywhere_also_twice_is_made_whole_by_doing_it_again() {
    let steps = {
        let (mut pair, key, kept) = after_a_reset();
        pair.did.clear();
        restore_all(&mut pair, &key, &kept);
        pair.did.len()
    };
    assert!(steps > 6, "{steps}");
    for (first, second) in (0..steps).flat_map(|first| [(first, None), (first, Some(first / 2))]) {
        let (mut pair, key, kept) = after_a_reset();
        for cut in [Some(first), second].into_iter().flatten() {
            cut_restore(&mut pair, &key, &kept, cut);
            pair.cut_power(BoltPosition::Extended);
            pair.run();
            let (_, mut session) = pair.session(Request::Nothing);
            let (held, slots) = secrets(&mut pair, &mut session);
            assert!(slots[0].is_none() || held == key, "cut after {cut}: a code without its key");
            assert_eq!(code_opens(&mut pair), slots[0].is_some(), "cut after {cut}");
        }
        restore_all(&mut pair, &key, &kept);
        assert!(code_opens(&mut pair), "cut after {first} and {second:?}");
    }
}

/// The whole of it, with numbers above all that were used.
fn restore_all(pair: &mut Pair, key: &PinKey, kept: &KeptSecret) {
    let (answer, mut session) = pair.session(Request::Nothing);
    let id = answer.marks.command.0;
    let (held, slots) = secrets(pair, &mut session);
    if held != *key {
        let _ = pair.ask(&mut session, command(id + 1, Action::AdoptPinKey(key.clone())));
    }
    if slots[0].is_none() {
        let _ = pair.ask(&mut session, restore(id + 2, 100 + id as u32, 0, key, kept));
    }
}

fn cut_restore(pair: &mut Pair, key: &PinKey, kept: &KeptSecret, cut: usize) {
    let (answer, mut session) = pair.session(Request::Nothing);
    let id = answer.marks.command.0;
    pair.did.clear();
    let requests =
        [command(id + 1, Action::AdoptPinKey(key.clone())), restore(id + 2, 100 + id as u32, 0, key, kept)];
    for request in requests {
        let mut packet = [0; 512];
        let length = session.request(request, pair.cloud_now(), &mut packet).unwrap();
        let mut packet = packet[..length].to_vec();
        pair.input(Input::Packet { link: pair::LINK, packet: &mut packet });
        while pair.did.len() < cut && pair.step() {}
        if pair.did.len() >= cut {
            return;
        }
    }
}

#[test]
fn a_flash_that_fails_or_lies_leaves_the_key_in_force_that_its_last_record_says() {
    for flash in [
        Flash::Fails(PersistFailure::Busy),
        Flash::Fails(PersistFailure::Fault),
        Flash::Lies(PersistFailure::Fault),
    ] {
        for failing in [RecordTag::Memory, RecordTag::Keys] {
            let (mut pair, key, _) = after_a_reset();
            let (_, mut session) = pair.session(Request::Nothing);
            let (before, _) = secrets(&mut pair, &mut session);
            pair.flash = Flash::Slow;
            let _ = pair.ask(&mut session, command(2, Action::AdoptPinKey(key.clone())));
            while pair.pending.as_ref().is_some_and(|(_, tag, _)| *tag != failing) {
                pair.answer_flash(Flash::Works);
                pair.run();
            }
            pair.flash = Flash::Works;
            pair.answer_flash(flash);
            pair.run();
            let _ = pair.reports(&mut session);
            let told = pair.ask(&mut session, Request::Query(Query::Command(CommandId(2))));
            assert!(
                matches!(outcome(&reply(told)), Outcome::Refused(Reason::StorageBusy | Reason::StorageFault)),
                "{flash:?} at {failing:?}"
            );
            assert!(secrets(&mut pair, &mut session).0 == before, "{flash:?} at {failing:?}");
            // What the lock works with is what it starts with.
            let _ = pair.ask(&mut session, set_pin(3, 10, CODE));
            pair.cut_power(BoltPosition::Extended);
            assert!(code_opens(&mut pair), "{flash:?} at {failing:?}");
        }
    }
}

#[test]
fn no_code_is_set_and_no_key_adopted_while_storage_may_hold_another_key_than_the_lock() {
    let (mut pair, key, _) = after_a_reset();
    let (_, mut session) = pair.session(Request::Nothing);
    let (before, _) = secrets(&mut pair, &mut session);
    let adopt = |id| command(id, Action::AdoptPinKey(key.clone()));
    pair.flash = Flash::Slow;
    let _ = pair.ask(&mut session, adopt(2));
    pair.answer_flash(Flash::Works);
    pair.run();
    // The adopted key is written, the driver says that it is not, and the repair fails, too.
    pair.fail_from = Some((RecordTag::Keys, Flash::Fails(PersistFailure::Fault)));
    pair.flash = Flash::Works;
    pair.answer_flash(Flash::Lies(PersistFailure::Fault));
    pair.run();
    let _ = pair.reports(&mut session);
    let doubtful = Outcome::Refused(Reason::StorageFault);
    for request in [set_pin(3, 10, CODE), adopt(3), restore(3, 10, 0, &before, &some_secret())] {
        let told = pair.ask(&mut session, request);
        assert_eq!(outcome(&reply(told)), doubtful);
        let (held, slots) = secrets(&mut pair, &mut session);
        assert!(held == before && slots[0].is_none());
    }
    let told = pair.ask(&mut session, set_relock(3, 10, 30));
    assert_eq!(outcome(&reply(told)), Outcome::Done, "what no key hashes is set");
    // The flash works again: the next refusal comes with the record that ends the doubt.
    pair.fail_from = None;
    let told = pair.ask(&mut session, set_pin(4, 11, CODE));
    assert_eq!(outcome(&reply(told)), doubtful);
    let told = pair.ask(&mut session, set_pin(4, 11, CODE));
    assert_eq!(outcome(&reply(told)), Outcome::Done);
    pair.cut_power(BoltPosition::Extended);
    assert!(code_opens(&mut pair));
}

fn some_secret() -> KeptSecret {
    KeptSecret { version: 1, user: None, kind: CredentialKind::Pin, hash: HashedSecret([6; 16]) }
}

fn keys() -> LockKeys {
    LockKeys::expand(&root(), LOCK_ID, KeyEpoch::FIRST)
}

fn items() -> Vec<BackupItem> {
    let Request::Command { action: Action::Configure { setting, .. }, .. } = set_relock(1, 1, 30) else {
        panic!("a setting")
    };
    let credential = Setting::RestoreCredential {
        slot: 0,
        put: Put::Set,
        user: Some(2),
        kind: CredentialKind::Pin,
        check: pin_key_check::<RustCrypto>(&PinKey([4; 32])),
        hash: HashedSecret([6; 16]),
    };
    vec![BackupItem { version: 3, setting }, BackupItem { version: 9, setting: credential }]
}

#[test]
fn a_backup_opens_for_its_lock_and_epoch_alone_and_every_byte_of_it_counts() {
    let mut file = [0; 1_024];
    let taken_at = UnixMillis(EPOCH_MILLIS);
    let length = seal_backup(&keys(), [8; 24], taken_at, PinKey([4; 32]), &items(), &mut file).unwrap();
    let file = &file[..length];
    let mut copy = file.to_vec();
    let backup = open_backup(&keys(), &mut copy).unwrap();
    assert_eq!((backup.head.taken_at, &backup.head.key), (taken_at, &PinKey([4; 32])));
    assert_eq!(backup.items().collect::<Vec<_>>(), items());

    for place in 0..length {
        let mut copy = file.to_vec();
        copy[place] ^= 0x10;
        let fault = open_backup(&keys(), &mut copy).map(|_| ()).unwrap_err();
        let expected = match place {
            0 => BackupError::NotABackup,
            1..17 => {
                let mut id = LOCK_ID.0;
                id[place - 1] ^= 0x10;
                BackupError::AnotherLock(LockId(id))
            }
            17..21 => BackupError::AnotherEpoch(1 ^ (0x10 << (8 * (20 - place)))),
            _ => BackupError::Refused,
        };
        assert_eq!(fault, expected, "byte {place}");
        assert!(open_backup(&keys(), &mut file[..place].to_vec()).is_err(), "{place} bytes");
    }
    let other = RootKey::from_bytes::<RustCrypto>(core::array::from_fn(|i| 5 * i as u8 + 2), LOCK_ID);
    let other = LockKeys::<RustCrypto>::expand(&other.unwrap(), LOCK_ID, KeyEpoch::FIRST);
    assert_eq!(open_backup(&other, &mut file.to_vec()).map(|_| ()), Err(BackupError::Refused));
}

#[test]
fn a_backup_that_does_not_fit_leaves_nothing_behind() {
    for room in 0..61 + 45 + 20 {
        let mut file = vec![0xaa; room];
        let made = seal_backup(&keys(), [8; 24], UnixMillis(1), PinKey([4; 32]), &items(), &mut file);
        if made.is_err() {
            assert!(file.iter().all(|byte| *byte == 0), "{room} bytes");
        }
    }
}

#[test]
fn no_key_and_no_hash_is_printed() {
    let shown = format!("{:?} {:?}", PinKey([0x5a; 32]), items());
    assert!(!shown.contains("90, 90") && !shown.contains("6, 6"), "{shown}");
}
