//! The configuration: staged, stored, then in force; absolute and numbered; and the exact reason of each refusal.

use lock_crypto::RustCrypto;
use lock_proto::{
    BoltPosition, CodeSeries, CodesSwitch, CredentialKind, Holiday, Mechanics, MinuteOfDay, Mode, Night,
    Policy, PowerSupply, Put, Reason, Seconds, Secret, Setting, Span, Supply, Table, TokenId, Transition,
    UnixMillis, User, UserKind, UtcOffset, Weekdays, Window, Zone,
};
use lock_state::{
    Change, CodesOnly, Configuration, Effects, House, ItemDigest, MAX_AUTO_RELOCK, RecordError,
};
use proptest::prelude::*;

use crate::peers::{live_claimer, live_holder, sealed_cloud};
use crate::world::{RIGHT, Rooms, WRONG, World, code_in, load, pages, pin};

fn user(slot: u8, put: Put) -> Setting {
    Setting::SetUser { slot, put, user: User::default() }
}

fn window(slot: u8, user: u8) -> Setting {
    let span = Span::Dates { from: UnixMillis(1), until: UnixMillis(2) };
    Setting::SetWindow { slot, put: Put::Add, window: Window { user, span } }
}

fn holiday(slot: u8, put: Put) -> Setting {
    let holiday = Holiday { from: UnixMillis(1), until: UnixMillis(2), mode: None };
    Setting::SetHoliday { slot, put, holiday }
}

const fn clear(table: Table, slot: u8) -> Setting {
    Setting::Clear { table, slot }
}

/// A lock in which these were set.
fn with(settings: impl IntoIterator<Item = Setting>) -> World {
    let mut world = World::new();
    for setting in settings {
        world.configure(setting);
    }
    world
}

fn refusal(world: &mut World, setting: Setting) -> Option<Reason> {
    let version = world.lock.configuration().version() + 1;
    let refusal = world.stage(version, setting).err();
    world.lock.discard();
    refusal
}

#[test]
fn a_staged_change_is_in_the_record_and_not_in_force() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    let version = world.lock.configuration().version() + 1;
    world.stage(version, code_in(3, None, RIGHT)).unwrap();
    assert_eq!(world.lock.configuration().version(), version - 1);
    assert_eq!(world.code(RIGHT).unwrap().motor, None);
    assert!(world.lock.commit(world.now).changed);
    assert_eq!(world.status().configuration, version);
    assert!(world.code(RIGHT).unwrap().motor.is_some());
}

#[test]
fn the_page_before_a_commit_is_the_page_after_it_and_the_others_stay() {
    let night = Night { from: MinuteOfDay(22 * 60), until: MinuteOfDay(6 * 60), relock: Seconds(30) };
    let mut world = World::new();
    for setting in [
        Setting::AutoRelock(Seconds(40)),
        Setting::Night(Some(night)),
        user(0, Put::Add),
        user(3, Put::Add),
        code_in(5, Some(3), RIGHT),
        window(1, 0),
        holiday(1, Put::Add),
        user(3, Put::Replace),
        clear(Table::Windows, 1),
        clear(Table::Credentials, 5),
        clear(Table::Users, 3),
    ] {
        let before = pages(world.lock.configuration());
        let version = world.lock.configuration().version() + 1;
        world.stage(version, setting).unwrap();
        let page = usize::from(world.lock.staged_page().unwrap());
        let mut record = [0; 512];
        let length = world.lock.staged_record(&mut record).unwrap();
        let _ = world.lock.commit(world.now);
        let after = pages(world.lock.configuration());
        assert_eq!(after[page], record[..length]);
        for (number, (before, after)) in before.iter().zip(&after).enumerate() {
            assert_eq!(before == after, number != page);
        }
        // A cut leaves the old page or the new one: the configuration before or after.
        assert_eq!(load(&before).version(), version - 1);
        let mut mixed = before;
        mixed[page] = after[page].clone();
        assert_eq!(pages(&load(&mixed)), after);
        assert_eq!(load(&mixed).version(), version);
    }
}

#[test]
fn a_discarded_change_never_takes_effect() {
    let mut world = World::new();
    world.stage(1, code_in(0, None, RIGHT)).unwrap();
    world.lock.discard();
    assert_eq!(world.lock.commit(world.now), Effects::NONE);
    assert_eq!(world.lock.staged_record(&mut [0; 512]), Err(RecordError::NothingStaged));
    assert_eq!(world.lock.configuration().version(), 0);
}

#[test]
fn one_change_is_staged_at_a_time() {
    let mut world = World::new();
    world.stage(1, code_in(0, None, RIGHT)).unwrap();
    assert_eq!(world.stage(2, code_in(1, None, WRONG)), Err(Reason::StorageBusy));
}

#[test]
fn a_version_must_exceed_the_one_in_force() {
    for (version, expected) in [
        (6, Err(Reason::StaleConfiguration)),
        (7, Err(Reason::StaleConfiguration)),
        (8, Ok(())),
        (u32::MAX, Ok(())),
    ] {
        let mut world = World::new();
        world.stage(7, user(0, Put::Add)).unwrap();
        let _ = world.lock.commit(world.now);
        assert_eq!(world.stage(version, user(1, Put::Add)), expected, "{version}");
    }
}

#[test]
fn only_the_cloud_configures() {
    let change = Change { version: 1, setting: user(0, Put::Add) };
    let mut world = World::new();
    for message in [live_holder(change.clone()), live_claimer(change.clone())] {
        assert_eq!(world.lock.stage::<RustCrypto>(message, &world.k_pin), Err(Reason::NotPermitted));
    }
    assert_eq!(world.lock.stage::<RustCrypto>(sealed_cloud(change), &world.k_pin), Ok(()));
}

#[test]
fn a_slot_beyond_the_room_is_refused_and_the_last_one_is_not() {
    for (last, setting) in [
        (3, (|slot| user(slot, Put::Add)) as fn(u8) -> Setting),
        (5, |slot| code_in(slot, None, RIGHT)),
        (5, |slot| window(slot, 0)),
        (1, |slot| holiday(slot, Put::Add)),
    ] {
        let mut world = with([user(2, Put::Add)]);
        let slot = if last == 5 { 5 } else { last };
        world.configure(user(0, Put::Add));
        assert_eq!(refusal(&mut world, setting(slot)), None);
        for beyond in [last + 1, 255] {
            assert_eq!(refusal(&mut world, setting(beyond)), Some(Reason::NoSuchSlot));
        }
    }
}

#[test]
fn an_added_slot_is_vacant_a_replaced_one_is_taken_and_a_cleared_one_is_either() {
    let mut world = with([user(1, Put::Add), holiday(0, Put::Add)]);
    for (setting, expected) in [
        (user(1, Put::Add), Some(Reason::Occupied)),
        (user(1, Put::Replace), None),
        (user(0, Put::Replace), Some(Reason::Vacant)),
        (user(0, Put::Add), None),
        (holiday(0, Put::Add), Some(Reason::Occupied)),
        (holiday(1, Put::Replace), Some(Reason::Vacant)),
        (clear(Table::Users, 0), None),
        (user(0, Put::Set), None),
        (user(1, Put::Set), None),
        (clear(Table::Users, 1), None),
        (clear(Table::Users, 4), Some(Reason::NoSuchSlot)),
        (clear(Table::Settings, 0), Some(Reason::InvalidArgument)),
    ] {
        assert_eq!(refusal(&mut world, setting.clone()), expected, "{setting:?}");
    }
}

#[test]
fn a_code_that_another_slot_holds_is_a_duplicate_and_its_own_is_not() {
    let mut world = with([code_in(1, None, RIGHT)]);
    assert_eq!(refusal(&mut world, code_in(0, None, RIGHT)), Some(Reason::Duplicate));
    assert_eq!(refusal(&mut world, code_in(0, None, WRONG)), None);
    let again =
        |kind| Setting::SetCredential { slot: 1, put: Put::Replace, user: None, kind, secret: pin(RIGHT) };
    assert_eq!(refusal(&mut world, again(CredentialKind::Pin)), None);
    let programming = Setting::SetCredential {
        slot: 2,
        put: Put::Add,
        user: None,
        kind: CredentialKind::ProgrammingPin,
        secret: pin(RIGHT),
    };
    assert_eq!(
        refusal(&mut world, programming),
        Some(Reason::Duplicate),
        "one keypad cannot tell them apart"
    );
}

#[test]
fn credentials_and_windows_belong_to_a_user_that_is_there() {
    let mut world = with([user(1, Put::Add)]);
    for (slot, expected) in [(0, Some(Reason::NoSuchUser)), (1, None), (9, Some(Reason::NoSuchUser))] {
        assert_eq!(refusal(&mut world, code_in(0, Some(slot), RIGHT)), expected);
        assert_eq!(refusal(&mut world, window(0, slot)), expected);
    }
}

#[test]
fn a_user_is_cleared_when_nothing_names_it() {
    let mut world = with([user(1, Put::Add), code_in(0, Some(1), RIGHT), window(0, 1)]);
    assert_eq!(refusal(&mut world, clear(Table::Users, 1)), Some(Reason::UserInUse));
    world.configure(clear(Table::Credentials, 0));
    assert_eq!(refusal(&mut world, clear(Table::Users, 1)), Some(Reason::UserInUse));
    world.configure(clear(Table::Windows, 0));
    assert_eq!(refusal(&mut world, clear(Table::Users, 1)), None);
}

#[test]
fn a_secret_fits_its_kind() {
    for kind in CredentialKind::ALL {
        let is_pin = matches!(kind, CredentialKind::Pin | CredentialKind::ProgrammingPin);
        let token = Secret::Token(TokenId::from_bytes(b"1234").unwrap());
        for (secret, fits) in [(pin(b"1234"), is_pin), (token, !is_pin)] {
            let setting = Setting::SetCredential { slot: 0, put: Put::Add, user: None, kind, secret };
            let expected = (!fits).then_some(Reason::InvalidArgument);
            assert_eq!(refusal(&mut World::new(), setting), expected, "{kind:?}");
        }
    }
}

#[test]
fn every_value_has_its_range() {
    let mechanics = Mechanics::default();
    let ok = |setting: Setting| {
        assert_eq!(refusal(&mut with([user(0, Put::Add)]), setting.clone()), None, "{setting:?}");
    };
    let bad = |setting: Setting| {
        let refused = refusal(&mut with([user(0, Put::Add)]), setting.clone());
        assert_eq!(refused, Some(Reason::InvalidArgument), "{setting:?}");
    };
    ok(Setting::AutoRelock(MAX_AUTO_RELOCK));
    bad(Setting::AutoRelock(Seconds(MAX_AUTO_RELOCK.0 + 1)));
    for (hold, check) in [(0, false), (1, true), (30, true), (31, false)] {
        let setting = Setting::Mechanics(Mechanics { latch_hold: hold, ..mechanics });
        if check { ok(setting) } else { bad(setting) }
    }
    for (seconds, check) in [(4, false), (5, true), (60, true), (61, false)] {
        let setting = Setting::Mechanics(Mechanics { lock_n_go: seconds, ..mechanics });
        if check { ok(setting) } else { bad(setting) }
    }
    ok(Setting::Mechanics(Mechanics { lock_on_close: Seconds(1_800), ..mechanics }));
    bad(Setting::Mechanics(Mechanics { lock_on_close: Seconds(1_801), ..mechanics }));
    ok(Setting::Mechanics(Mechanics { retries: 3, ..mechanics }));
    bad(Setting::Mechanics(Mechanics { retries: 4, ..mechanics }));
    for (codes, check) in [(2, false), (3, true), (20, true), (21, false)] {
        let setting = Setting::Policy(Policy { wrong_codes: codes, ..Policy::default() });
        if check { ok(setting) } else { bad(setting) }
    }
    let night = |from, until| {
        Setting::Night(Some(Night { from: MinuteOfDay(from), until: MinuteOfDay(until), relock: Seconds(0) }))
    };
    ok(night(1_439, 0));
    bad(night(1_440, 0));
    bad(night(0, 1_440));
    for (supply, cells, check) in [
        (Supply::Mains, 0, true),
        (Supply::Mains, 1, false),
        (Supply::NiMh, 0, false),
        (Supply::NiMh, 8, true),
        (Supply::NiMh, 9, false),
    ] {
        let setting = Setting::PowerSupply(PowerSupply { supply, cells });
        if check { ok(setting) } else { bad(setting) }
    }
    for (minutes, check) in [(0, false), (1, true), (2_880, true), (2_881, false)] {
        let user = User { kind: UserKind::Expiring { minutes }, ..User::default() };
        let setting = Setting::SetUser { slot: 1, put: Put::Add, user };
        if check { ok(setting) } else { bad(setting) }
    }
    for (days, from, until, check) in [
        (0, 0, 1, false),
        (1, 0, 0, true),
        (0x7f, 1_439, 1_439, true),
        (0x80, 0, 1, false),
        (1, 1_440, 1, false),
        (1, 1, 1_440, false),
    ] {
        let span = Span::Weekly { days: Weekdays(days), from: MinuteOfDay(from), until: MinuteOfDay(until) };
        let setting = Setting::SetWindow { slot: 0, put: Put::Add, window: Window { user: 0, span } };
        if check { ok(setting) } else { bad(setting) }
    }
    let span = Span::Dates { from: UnixMillis(2), until: UnixMillis(2) };
    bad(Setting::SetWindow { slot: 0, put: Put::Add, window: Window { user: 0, span } });
    let holiday = Holiday { from: UnixMillis(2), until: UnixMillis(2), mode: None };
    bad(Setting::SetHoliday { slot: 0, put: Put::Add, holiday });
}

#[test]
fn a_zone_has_its_changes_in_order_and_vacant_places_last() {
    let at = |at, offset| Some(Transition { at: UnixMillis(at), offset: UtcOffset(offset) });
    let zone = |offset, transitions| Setting::Zone(Zone { offset: UtcOffset(offset), transitions });
    for (setting, expected) in [
        (zone(840, [None; 4]), None),
        (zone(841, [None; 4]), Some(Reason::InvalidArgument)),
        (zone(-840, [at(5, 60), at(6, 0), None, None]), None),
        (zone(-841, [None; 4]), Some(Reason::InvalidArgument)),
        (zone(0, [at(5, 60), at(5, 0), None, None]), Some(Reason::InvalidArgument)),
        (zone(0, [at(5, 60), None, at(6, 0), None]), Some(Reason::InvalidArgument)),
        (zone(0, [at(5, 900), None, None, None]), Some(Reason::InvalidArgument)),
        (zone(0, [at(5, i16::MIN), None, None, None]), Some(Reason::InvalidArgument)),
    ] {
        assert_eq!(refusal(&mut World::new(), setting.clone()), expected, "{setting:?}");
    }
}

#[test]
fn each_item_has_the_version_in_which_it_was_set() {
    let world = with([
        Setting::AutoRelock(Seconds(9)),
        user(2, Put::Add),
        code_in(1, Some(2), RIGHT),
        user(2, Put::Replace),
    ]);
    let versions = |table, first| world.lock.configuration().item_versions(table, first);
    assert_eq!(versions(Table::Settings, 0)[..6], [1, 0, 0, 0, 0, 0]);
    assert_eq!(versions(Table::Users, 0)[..4], [0, 0, 4, 0]);
    assert_eq!(versions(Table::Users, 2)[..2], [4, 0]);
    assert_eq!(versions(Table::Credentials, 0)[..3], [0, 3, 0]);
    assert_eq!(versions(Table::Credentials, 250), [0; 16]);
}

#[test]
fn the_cloud_computes_the_same_digest_from_its_own_list() {
    let world = with([user(0, Put::Add), code_in(3, Some(0), RIGHT), holiday(1, Put::Add)]);
    let mut expected = ItemDigest::<RustCrypto>::default();
    for (table, slot, version) in [(Table::Users, 0, 1), (Table::Credentials, 3, 2), (Table::Holidays, 1, 3)]
    {
        expected.add(table, slot, version);
    }
    assert_eq!(world.lock.configuration().digest::<RustCrypto>(), expected.finish());
    assert_eq!(World::new().lock.configuration().digest::<RustCrypto>(), [0; 16]);
}

#[test]
fn a_digest_says_nothing_of_a_secret() {
    let one = with([code_in(0, None, RIGHT)]);
    let other = with([code_in(0, None, WRONG)]);
    let digest = |world: &World| world.lock.configuration().digest::<RustCrypto>();
    assert_eq!(digest(&one), digest(&other));
}

#[test]
fn a_configuration_never_prints_a_code() {
    let world = with([code_in(1, None, RIGHT)]);
    let printed = format!("{:?}", world.lock.configuration());
    assert!(printed.contains("SecretHash(..)") && !printed.contains("2580"));
}

#[test]
fn the_state_of_a_house_fits_in_eight_kibibytes_and_codes_alone_in_two() {
    let house = size_of::<lock_state::Lock<House>>();
    let codes = size_of::<lock_state::Lock<CodesOnly>>();
    println!("bytes of a lock with 20 users and 40 credentials: {house}; with 16 codes alone: {codes}");
    assert!(house <= 8 * 1024, "{house}");
    assert!(codes <= 2048, "{codes}");
    assert_eq!(Configuration::<House>::PAGES, 9);
    assert_eq!(Configuration::<CodesOnly>::PAGES, 2);
}

/// Storage is sized by these lengths: a page that grew beyond its own would crowd out the record of the next command.
#[test]
fn no_page_is_longer_than_it_says_and_one_full_of_the_longest_items_is_as_long() {
    const LATE: UnixMillis = UnixMillis(u64::MAX - 1);
    const END: UnixMillis = UnixMillis(u64::MAX);
    let at = |at| Some(Transition { at: UnixMillis(u64::MAX - at), offset: UtcOffset(840) });
    let relock = MAX_AUTO_RELOCK;
    let night = Night { from: MinuteOfDay(1439), until: MinuteOfDay(1438), relock };
    let kind = UserKind::Expiring { minutes: 2880 };
    let user = User { kind, not_before: Some(LATE), not_after: Some(END), ..User::default() };
    let put = Put::Add;
    let mut settings = vec![
        Setting::AutoRelock(relock),
        Setting::Mechanics(Mechanics {
            lock_on_close: Seconds(1800),
            ajar_after: relock,
            ..Mechanics::default()
        }),
        Setting::Policy(Policy::default()),
        Setting::Night(Some(night)),
        Setting::Zone(Zone { offset: UtcOffset(840), transitions: [at(4), at(3), at(2), at(1)] }),
        Setting::PowerSupply(PowerSupply { supply: Supply::NiMh, cells: 8 }),
        Setting::OfflineCodes(CodeSeries {
            switch: CodesSwitch::On,
            epoch: u32::MAX,
            since: CodeSeries::LATEST,
        }),
    ];
    settings.extend((0..4).map(|slot| Setting::SetUser { slot, put, user }));
    settings.extend((0..6).map(|slot| {
        let secret = Secret::Token(TokenId::from_bytes(&[slot; 4]).unwrap());
        Setting::SetCredential { slot, put, user: Some(0), kind: CredentialKind::Face, secret }
    }));
    let window = Window { user: 0, span: Span::Dates { from: LATE, until: END } };
    settings.extend((0..6).map(|slot| Setting::SetWindow { slot, put, window }));
    let holiday = Holiday { from: LATE, until: END, mode: Some(Mode::Vacation) };
    settings.extend((0..2).map(|slot| Setting::SetHoliday { slot, put, holiday }));

    let records = pages(with(settings).lock.configuration());
    let longest: Vec<usize> = (0..).map(Configuration::<Rooms>::longest_page).take(records.len()).collect();
    let lengths: Vec<usize> = records.iter().map(Vec::len).collect();
    // The moment of a user's first use, which none of the four has had yet, takes ten bytes.
    let used = [0, 4 * 10, 0, 0, 0];
    assert_eq!(lengths.iter().zip(used).map(|(length, used)| length + used).collect::<Vec<_>>(), longest);
    assert_eq!(Configuration::<Rooms>::longest_page(5), 0);
}

#[test]
fn a_stored_credential_of_a_user_that_no_table_has_room_for_is_refused() {
    let world = with([user(0, Put::Add), code_in(0, Some(0), RIGHT)]);
    let records = pages(world.lock.configuration());
    let (page, record) = (2, &records[2]);
    let head = [3, 0, 0, 0].len() + 2;
    assert_eq!(record[head + 1 + 4..][..2], [1, 0], "the first credential is that of user 0");
    for (of, is_taken) in [(254, true), (255, false)] {
        let mut record = record.clone();
        record[head + 1 + 4 + 1] = of;
        assert_eq!(Configuration::<Rooms>::default().load_page(page, &record).is_ok(), is_taken, "{of}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_page_in_its_one_encoding_or_none(
        page in 0..6u8,
        head in prop::option::of(0..=255u8),
        bytes in prop::collection::vec(prop_oneof![0..4u8, any::<u8>()], 0..80),
    ) {
        let mut record = vec![3, 0, 0, 0, 1];
        record.extend(head);
        record.extend(&bytes);
        let mut configuration = Configuration::<Rooms>::default();
        if configuration.load_page(page, &record).is_ok() {
            let mut again = [0; 512];
            let length = configuration.encode_page(page, &mut again).unwrap();
            prop_assert_eq!(&again[..length], &record[..]);
        }
    }

    #[test]
    fn a_page_with_a_flipped_bit_is_refused_or_another_page(bit in 0..8 * 60usize, page in 0..5usize) {
        let world = with([user(0, Put::Add), code_in(0, Some(0), RIGHT), window(0, 0), holiday(0, Put::Add)]);
        let mut records = pages(world.lock.configuration());
        let place = (bit / 8) % records[page].len();
        records[page][place] ^= 1 << (bit % 8);
        let mut configuration = Configuration::<Rooms>::default();
        if configuration.load_page(page as u8, &records[page]).is_ok() {
            let mut again = [0; 512];
            let length = configuration.encode_page(page as u8, &mut again).unwrap();
            prop_assert_eq!(&again[..length], &records[page][..]);
        }
    }
}
