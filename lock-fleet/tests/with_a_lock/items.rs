//! The configuration as items: pending, applied or refused; one hash is compared, and only what differs travels.

use lock_core::cloud::Comparison;
use lock_fleet::proto::{
    CodesSwitch, CommandId, CredentialKind, Holiday, Latch, Mechanics, MinuteOfDay, Mode, Night, Outcome,
    PinDigits, Policy, PowerSupply, Reason, Seconds, Secret, Supply, Table, TokenId, UnixMillis, User,
    UserStatus, UtcOffset, Zone,
};
use lock_fleet::{
    CodesWish, CommandKind, CommandState, FleetError, ForeignItems, Item, ItemStanding, LiveAnswer,
    LiveEvent, LiveRequest, LiveSend, LostCodes, QueueOptions, Restored, SingleSetting, Task,
};

use crate::queued::{queue, relock, state};
use crate::world::{LOCK, World, action, token};

pub(crate) fn user(slot: u8) -> Task {
    Task::SetUser { slot, user: User::default() }
}

pub(crate) fn pin(slot: u8, digits: &[u8]) -> Task {
    Task::SetPin { slot, digits: PinDigits::from_ascii(digits).unwrap(), user: None }
}

fn items(world: &mut World) -> Vec<Item> {
    world.fleet().items(LOCK).unwrap()
}

pub(crate) fn standings(world: &mut World) -> Vec<ItemStanding> {
    items(world).into_iter().map(|item| item.standing).collect()
}

/// Asks in one session until the comparison ends; returns the end and how many questions that took.
pub(crate) fn compare(world: &mut World) -> (Comparison, usize) {
    let (finish, _) = world.live(LiveRequest::Compare);
    let (LiveAnswer::Compared(mut stands), mut session) = (finish.answer, finish.session) else {
        panic!("a comparison was asked for")
    };
    // The first question is about virtual keys.
    let (now, mut asked) = (world.now(), 0);
    while stands.query().is_some() {
        let send = world.fleet().request_live(&mut session, LiveRequest::Compare, now).unwrap();
        let LiveSend::Packet { packet, command: None } = send else { panic!("{send:?}") };
        let records = world.lock.bring(&packet, world.millis);
        let event = world.fleet().open_live(&mut session, &records[0], now).unwrap();
        let LiveEvent::Answer(LiveAnswer::Compared(next)) = event else { panic!("{event:?}") };
        (stands, asked) = (next, asked + 1);
        assert!(asked < 100, "it ends");
    }
    (stands, asked)
}

pub(crate) fn restore(world: &mut World, foreign: ForeignItems) -> Restored {
    let now = world.now();
    world.fleet().restore(LOCK, foreign, LostCodes::AskAgain, "anna", now).unwrap()
}

pub(crate) fn factory_reset(world: &mut World) {
    world.millis = world.lock.factory_reset(world.millis);
    world.pass(1_000);
}

/// Three items, all in the lock.
fn configured() -> World {
    let mut world = World::new();
    queue(&mut world, user(0), "user");
    queue(&mut world, pin(1, b"2580"), "pin");
    queue(&mut world, relock(30), "relock");
    assert_eq!(standings(&mut world), [ItemStanding::Pending; 3]);
    world.deliver();
    world
}

#[test]
fn an_item_is_pending_then_applied_and_one_question_shows_that_lock_and_fleet_agree() {
    let mut world = configured();
    assert_eq!(standings(&mut world), [ItemStanding::Applied; 3]);
    let places: Vec<_> = items(&mut world).iter().map(|item| (item.table, item.slot, item.held)).collect();
    assert_eq!(places, [(Table::Settings, 0, 3), (Table::Users, 0, 1), (Table::Credentials, 1, 2)]);
    assert_eq!(compare(&mut world), (Comparison::Agreed, 1));
    assert_eq!(restore(&mut world, ForeignItems::Clear), Restored::default(), "nothing differs");
}

#[test]
fn a_refused_item_keeps_its_reason_and_is_not_sent_again_until_something_else_is_wanted() {
    let mut world = configured();
    queue(&mut world, pin(2, b"2580"), "the-same-digits");
    world.deliver();
    let refused = ItemStanding::Refused(Reason::Duplicate);
    assert_eq!(standings(&mut world)[3], refused);
    assert_eq!(compare(&mut world), (Comparison::Agreed, 1), "what is refused is not expected there");
    assert_eq!(restore(&mut world, ForeignItems::Clear), Restored::default());
    queue(&mut world, pin(2, b"1379"), "other-digits");
    assert_eq!(standings(&mut world)[3], ItemStanding::Pending);
    world.deliver();
    assert_eq!(standings(&mut world)[3], ItemStanding::Applied);
    assert_eq!(compare(&mut world).0, Comparison::Agreed);
}

#[test]
fn a_reset_lock_is_found_out_and_gets_what_it_lost_only_when_somebody_says_so() {
    let mut world = configured();
    factory_reset(&mut world);
    assert_eq!(compare(&mut world).0, Comparison::Listed);
    assert_eq!(standings(&mut world), [ItemStanding::Missing; 3]);
    assert_eq!(world.fleet().pending(LOCK).unwrap(), 0, "nothing is sent unasked");
    assert!(world.audit().contains("not there; send it again"), "{}", world.audit());
    let restored = restore(&mut world, ForeignItems::Keep);
    assert_eq!((restored.queued.len(), restored.needs_code.as_slice()), (2, [1].as_slice()));
    world.deliver();
    let now = standings(&mut world);
    assert_eq!(now, [ItemStanding::Applied, ItemStanding::Applied, ItemStanding::Missing]);
    assert_eq!(compare(&mut world), (Comparison::Agreed, 1), "what is known to be missing differs no more");
    queue(&mut world, pin(1, b"2580"), "the-digits-once-more");
    world.deliver();
    assert_eq!(standings(&mut world), [ItemStanding::Applied; 3]);
}

#[test]
fn only_what_differs_travels() {
    let mut world = configured();
    let lost = world.lock.storage();
    queue(&mut world, user(5), "another-user");
    world.deliver();
    // The lock's storage goes back by one item; its counters with it, which the marks tell.
    world.lock.put_storage(lost);
    world.pass(1_000);
    world.lock.reboot(world.millis);
    assert_eq!(compare(&mut world).0, Comparison::Listed);
    let restored = restore(&mut world, ForeignItems::Clear);
    let [id] = restored.queued.as_slice() else { panic!("{restored:?}") };
    let kind = world.fleet().command(LOCK, *id).unwrap().kind;
    assert!(matches!(kind, CommandKind::SetUser { slot: 5, .. }), "{kind}");
}

#[test]
fn what_a_lost_copy_of_the_database_set_is_foreign_and_cleared_only_on_request() {
    let mut world = configured();
    world.back_up();
    queue(&mut world, user(7), "after-the-copy");
    queue(&mut world, pin(9, b"8642"), "after-the-copy-too");
    world.deliver();
    world.restore();
    assert_eq!(compare(&mut world).0, Comparison::Listed);
    let foreign: Vec<_> = items(&mut world)
        .into_iter()
        .filter(|item| item.standing == ItemStanding::Foreign)
        .map(|item| (item.table, item.slot))
        .collect();
    assert_eq!(foreign, [(Table::Users, 7), (Table::Credentials, 9)]);
    assert_eq!(compare(&mut world), (Comparison::Agreed, 1), "what is known is expected");
    assert_eq!(restore(&mut world, ForeignItems::Keep), Restored::default());
    assert_eq!(restore(&mut world, ForeignItems::Clear).queued.len(), 2);
    world.deliver();
    assert!(items(&mut world).iter().all(|item| item.standing == ItemStanding::Applied));
    assert_eq!(compare(&mut world), (Comparison::Agreed, 1));
}

#[test]
fn a_lost_receipt_is_made_up_for_by_a_comparison() {
    let mut world = World::new();
    queue(&mut world, user(3), "one");
    let now = world.now();
    let sealed = world.fleet().sealed_for(LOCK, now).unwrap();
    world.note(&sealed);
    let _lost_receipt = world.lock.bring(&sealed[0].packet, world.millis);
    assert_eq!(standings(&mut world), [ItemStanding::Pending]);
    assert_eq!(compare(&mut world).0, Comparison::Listed);
    assert_eq!(standings(&mut world), [ItemStanding::Applied]);
    assert_eq!(compare(&mut world), (Comparison::Agreed, 1));
}

#[test]
fn a_withdrawn_change_leaves_what_was_there() {
    let mut world = configured();
    let id = queue(&mut world, pin(1, b"1111"), "a-change-of-mind");
    assert_eq!(standings(&mut world)[2], ItemStanding::Pending);
    let now = world.now();
    world.fleet().withdraw(LOCK, id, "anna", now).unwrap();
    assert_eq!(standings(&mut world), [ItemStanding::Applied; 3]);
    assert_eq!(compare(&mut world), (Comparison::Agreed, 1));
}

#[test]
fn a_change_that_is_withdrawn_over_a_loss_leaves_the_loss() {
    let mut world = configured();
    factory_reset(&mut world);
    assert_eq!(compare(&mut world).0, Comparison::Listed);
    let id = queue(&mut world, pin(1, b"1111"), "again");
    let now = world.now();
    world.fleet().withdraw(LOCK, id, "anna", now).unwrap();
    assert_eq!(standings(&mut world), [ItemStanding::Missing; 3], "what was wanted before is not there");
    assert_eq!(restore(&mut world, ForeignItems::Keep).needs_code, [1]);
}

/// A lock whose slot 1 holds a code of a lost copy of the database, in place of the one that the fleet knows.
fn with_a_foreign_code() -> World {
    let mut world = configured();
    world.back_up();
    queue(&mut world, pin(1, b"9999"), "of-the-lost-copy");
    world.deliver();
    world.restore();
    assert_eq!(compare(&mut world).0, Comparison::Listed);
    assert_eq!(standings(&mut world)[2], ItemStanding::Foreign);
    world
}

#[test]
fn a_foreign_code_stays_foreign_whatever_is_tried_over_it_until_it_is_cleared_or_overwritten() {
    let mut world = with_a_foreign_code();
    let id = queue(&mut world, pin(1, b"1111"), "tried-and-withdrawn");
    let now = world.now();
    world.fleet().withdraw(LOCK, id, "anna", now).unwrap();
    assert_eq!(standings(&mut world)[2], ItemStanding::Foreign);
    queue(&mut world, pin(3, b"4711"), "another-slot");
    world.deliver();
    queue(&mut world, pin(1, b"4711"), "the-same-digits");
    world.deliver();
    assert_eq!(standings(&mut world)[2], ItemStanding::Foreign, "a refused change does not hide it");
    assert_eq!(restore(&mut world, ForeignItems::Keep).queued, []);
    let restored = restore(&mut world, ForeignItems::Clear);
    assert_eq!((restored.queued.len(), restored.needs_code.as_slice()), (1, [1].as_slice()));
    world.deliver();
    let code = items(&mut world)[2];
    assert_eq!((code.standing, code.held), (ItemStanding::Applied, 0), "nobody opens with it any more");
    assert_eq!(compare(&mut world), (Comparison::Agreed, 1));
}

#[test]
fn a_wanted_user_is_set_over_a_foreign_one() {
    let mut world = configured();
    world.back_up();
    queue(&mut world, user(0), "of-the-lost-copy");
    world.deliver();
    world.restore();
    assert_eq!(compare(&mut world).0, Comparison::Listed);
    assert_eq!(standings(&mut world)[1], ItemStanding::Foreign);
    assert_eq!(restore(&mut world, ForeignItems::Keep).queued.len(), 1);
    world.deliver();
    assert_eq!(standings(&mut world), [ItemStanding::Applied; 3]);
}

#[test]
fn what_was_there_before_a_refused_change_is_missed_when_it_is_gone() {
    let mut world = configured();
    queue(&mut world, pin(4, b"7777"), "four");
    world.deliver();
    queue(&mut world, pin(4, b"2580"), "a-duplicate");
    world.deliver();
    assert_eq!(standings(&mut world)[3], ItemStanding::Refused(Reason::Duplicate));
    factory_reset(&mut world);
    assert_eq!(compare(&mut world).0, Comparison::Listed);
    assert_eq!(standings(&mut world)[3], ItemStanding::Missing);
    assert_eq!(restore(&mut world, ForeignItems::Keep).needs_code, [1, 4]);
}

#[test]
fn a_lost_receipt_of_a_clear_is_made_up_for_by_a_comparison() {
    let mut world = configured();
    queue(&mut world, Task::ClearPin { slot: 1 }, "clear");
    let now = world.now();
    let sealed = world.fleet().sealed_for(LOCK, now).unwrap();
    world.note(&sealed);
    let _lost_receipt = world.lock.bring(&sealed[0].packet, world.millis);
    assert_eq!(compare(&mut world).0, Comparison::Listed);
    assert_eq!(standings(&mut world), [ItemStanding::Applied; 3]);
    assert_eq!(compare(&mut world), (Comparison::Agreed, 1));
}

#[test]
fn a_live_setting_is_an_item_too_and_a_cleared_slot_is_expected_to_be_vacant() {
    let mut world = configured();
    world.live_action(Task::ClearPin { slot: 1 }, "clear");
    let cleared = items(&mut world)[2];
    assert_eq!((cleared.held, cleared.standing), (0, ItemStanding::Applied));
    assert_eq!(compare(&mut world), (Comparison::Agreed, 1));
}

#[test]
fn items_of_a_database_from_before_there_were_any_are_recognised_by_their_versions() {
    let mut world = configured();
    world.forget_items();
    assert_eq!(items(&mut world), []);
    assert_eq!(compare(&mut world).0, Comparison::Listed);
    assert_eq!(standings(&mut world), [ItemStanding::Applied; 3]);
    assert_eq!(compare(&mut world), (Comparison::Agreed, 1));
}

#[test]
fn all_that_a_lock_can_be_told_reaches_it_and_no_secret_stays_behind() {
    let mut world = World::new();
    let fob = TokenId::from_bytes(b"fob-seen-by-all").unwrap();
    let digits = PinDigits::from_ascii(b"31415926").unwrap();
    let holiday = Holiday { from: UnixMillis(1), until: UnixMillis(2), mode: Some(Mode::Vacation) };
    let night = Night { from: MinuteOfDay(1_320), until: MinuteOfDay(360), relock: Seconds(15) };
    let zone = Zone { offset: UtcOffset(60), ..Zone::default() };
    let told = [
        relock(30),
        Task::Set(SingleSetting::Mechanics(Mechanics { latch: Latch::Sensed, ..Mechanics::default() })),
        Task::Set(SingleSetting::Policy(Policy { wrong_codes: 3, ..Policy::default() })),
        Task::Set(SingleSetting::Night(Some(night))),
        Task::Set(SingleSetting::Zone(zone)),
        Task::Set(SingleSetting::PowerSupply(PowerSupply { supply: Supply::NiMh, cells: 6 })),
        user(0),
        Task::SetCredential { slot: 2, user: Some(0), kind: CredentialKind::Fob, secret: Secret::Token(fob) },
        Task::SetCredential {
            slot: 3,
            user: None,
            kind: CredentialKind::ProgrammingPin,
            secret: Secret::Pin(digits),
        },
        Task::SetHoliday { slot: 1, holiday },
    ];
    for (number, task) in told.into_iter().enumerate() {
        queue(&mut world, task, &format!("wish-{number}"));
    }
    world.deliver();
    assert_eq!(standings(&mut world), [ItemStanding::Applied; 10]);
    assert_eq!(compare(&mut world), (Comparison::Agreed, 1));
    let file = world.file();
    for secret in [b"fob-seen-by-all".as_slice(), b"31415926"] {
        assert!(!file.windows(secret.len()).any(|part| part == secret));
    }
    factory_reset(&mut world);
    compare(&mut world);
    let restored = restore(&mut world, ForeignItems::Keep);
    assert_eq!((restored.queued.len(), restored.needs_code.as_slice()), (8, [2, 3].as_slice()));
    world.deliver();
    assert_eq!(
        standings(&mut world).iter().filter(|standing| **standing == ItemStanding::Applied).count(),
        8
    );
}

#[test]
fn a_later_mode_overtakes_one_that_no_relay_has() {
    let mut world = World::new();
    let vacation = queue(&mut world, Task::SetMode(Mode::Vacation), "away");
    let normal = queue(&mut world, Task::SetMode(Mode::Normal), "back");
    assert_eq!(state(&mut world, vacation), CommandState::Expired);
    assert_eq!(state(&mut world, normal), CommandState::Queued);
    let now = world.now();
    world.fleet().handed_over(LOCK, &[normal], "a phone", now).unwrap();
    queue(&mut world, Task::SetMode(Mode::Privacy), "later");
    assert_ne!(state(&mut world, normal), CommandState::Expired, "what a relay has may arrive");
}

#[test]
fn a_single_setting_is_set_and_never_cleared() {
    let mut world = World::new();
    let clear = Task::Clear { table: Table::Settings, slot: 0 };
    let now = world.now();
    let queued = world.fleet().queue(LOCK, clear.clone(), QueueOptions::new(token("one"), "anna"), now);
    assert!(matches!(queued, Err(FleetError::SettingsStay)));
    let hello = world.lock.connect(world.millis);
    let live = world.fleet().begin_live(LOCK, &hello, action(clear, "two"), now);
    assert!(matches!(live, Err(FleetError::SettingsStay)));
    assert_eq!(world.fleet().commands(LOCK, CommandId(0), 10).unwrap(), [], "nothing was issued");
}

/// Queues what the lock refuses to do now, though it could be done later: its clock is past the end.
fn queue_too_late(world: &mut World, task: Task, name: &str) {
    let _ = world.live(LiveRequest::Status);
    let now = world.now();
    let options = QueueOptions::new(token(name), "anna").not_after(now.unix);
    let id = world.fleet().queue(LOCK, task, options, now).unwrap();
    world.pass(5_000);
    world.deliver();
    assert_eq!(state(world, id), CommandState::Settled(Outcome::Refused(Reason::Expired)));
}

#[test]
fn what_is_restored_is_the_newest_wish_and_not_the_value_that_it_was_to_replace() {
    let mut world = configured();
    let disabled = User { status: UserStatus::Disabled, ..User::default() };
    queue_too_late(&mut world, Task::SetUser { slot: 0, user: disabled }, "disable");
    assert_eq!(standings(&mut world)[1], ItemStanding::Missing);
    let restored = restore(&mut world, ForeignItems::Keep);
    let [id] = restored.queued.as_slice() else { panic!("{restored:?}") };
    let kind = world.fleet().command(LOCK, *id).unwrap().kind;
    assert!(matches!(kind, CommandKind::SetUser { slot: 0, user, .. } if user == disabled), "{kind}");
    world.deliver();
    assert_eq!(standings(&mut world), [ItemStanding::Applied; 3]);
}

#[test]
fn a_code_whose_clearing_came_to_nothing_is_cleared_by_a_restore() {
    let mut world = configured();
    queue_too_late(&mut world, Task::ClearPin { slot: 1 }, "clear");
    assert_eq!(standings(&mut world)[2], ItemStanding::Missing);
    let restored = restore(&mut world, ForeignItems::Keep);
    assert_eq!((restored.queued.len(), restored.needs_code.as_slice()), (1, [].as_slice()));
    world.deliver();
    assert_eq!(world.lock.item_version(Table::Credentials, 1), 0, "nobody opens with it any more");
    assert_eq!(standings(&mut world), [ItemStanding::Applied; 3]);
}

#[test]
fn offline_codes_whose_end_came_to_nothing_are_ended_by_a_restore() {
    let mut world = World::new();
    let wish = |world: &mut World, wish, options| {
        let now = world.now();
        world.fleet().set_offline_codes(LOCK, wish, options, now).unwrap()
    };
    wish(&mut world, CodesWish::Allow, QueueOptions::new(token("allow"), "anna"));
    world.deliver();
    let _ = world.live(LiveRequest::Status);
    let end = world.now().unix;
    wish(&mut world, CodesWish::Forbid, QueueOptions::new(token("forbid"), "anna").not_after(end));
    world.pass(5_000);
    world.deliver();
    assert_eq!(standings(&mut world), [ItemStanding::Missing]);
    assert_eq!(restore(&mut world, ForeignItems::Keep).queued.len(), 1);
    world.deliver();
    let [item] = items(&mut world)[..] else { panic!("one item") };
    assert_eq!(item.standing, ItemStanding::Applied);
    let Some(CommandKind::OfflineCodes { series, .. }) = item.wanted else { panic!("{item:?}") };
    assert_eq!(series.switch, CodesSwitch::Off);
}

/// A lock that has done a command whose receipt a relay keeps back; returns the receipt.
fn with_a_receipt_kept_back(world: &mut World, task: Task) -> Vec<Vec<u8>> {
    let id = queue(world, task, "receipt-kept-back");
    let now = world.now();
    let sealed = world.fleet().sealed_for(LOCK, now).unwrap();
    world.note(&sealed);
    world.fleet().handed_over(LOCK, &[id], "a phone", now).unwrap();
    world.lock.bring(&sealed[0].packet, world.millis)
}

fn ingest(world: &mut World, packets: &[Vec<u8>]) {
    let now = world.now();
    for packet in packets {
        world.fleet().ingest(LOCK, packet, "a phone", now).unwrap();
    }
}

#[test]
fn a_late_receipt_does_not_hide_that_what_was_found_there_is_lost() {
    let mut world = World::new();
    let receipt = with_a_receipt_kept_back(&mut world, user(3));
    assert_eq!(compare(&mut world).0, Comparison::Listed);
    assert_eq!(standings(&mut world), [ItemStanding::Applied], "a comparison finds it");
    factory_reset(&mut world);
    assert_eq!(compare(&mut world).0, Comparison::Listed);
    assert_eq!(standings(&mut world), [ItemStanding::Missing]);
    ingest(&mut world, &receipt);
    let [item] = items(&mut world)[..] else { panic!("one item") };
    assert_eq!((item.standing, item.held), (ItemStanding::Missing, 0), "the receipt is older than the loss");
    assert_eq!(compare(&mut world), (Comparison::Agreed, 1));
    assert_eq!(restore(&mut world, ForeignItems::Keep).queued.len(), 1);
    world.deliver();
    assert_eq!(standings(&mut world), [ItemStanding::Applied]);
}

#[test]
fn a_foreign_code_is_told_of_also_while_something_else_is_on_its_way_there() {
    let mut world = configured();
    world.back_up();
    queue(&mut world, pin(1, b"9999"), "of-the-lost-copy");
    world.deliver();
    world.restore();
    queue(&mut world, pin(1, b"1111"), "on-its-way");
    let told = "never asked for; clear it, or set it anew; the lock has version 4";
    assert_eq!(compare(&mut world).0, Comparison::Listed);
    assert_eq!(standings(&mut world)[2], ItemStanding::Pending);
    assert_eq!(world.audit().matches(told).count(), 1, "{}", world.audit());
    assert_eq!(compare(&mut world), (Comparison::Agreed, 1), "what is known is expected");
    assert_eq!(world.audit().matches(told).count(), 1, "it is told once: {}", world.audit());
}

#[test]
fn a_foreign_code_in_place_of_another_foreign_one_is_told_of_too() {
    let mut world = with_a_foreign_code();
    world.back_up_again();
    queue(&mut world, pin(1, b"8888"), "of-another-lost-copy");
    world.deliver();
    world.restore();
    assert_eq!(compare(&mut world).0, Comparison::Listed);
    assert_eq!(standings(&mut world)[2], ItemStanding::Foreign);
    let versions = world.audit().matches("never asked for; clear it, or set it anew").count();
    assert_eq!(versions, 2, "{}", world.audit());
}

#[test]
fn a_loss_is_told_of_also_while_something_else_is_on_its_way_there() {
    let mut world = configured();
    factory_reset(&mut world);
    queue(&mut world, user(0), "on-its-way");
    assert_eq!(compare(&mut world).0, Comparison::Listed);
    assert_eq!(standings(&mut world)[1], ItemStanding::Pending);
    let told = "compare item 0 of Users | not there; send it again; the lock has version 0";
    assert!(world.audit().contains(told), "{}", world.audit());
}

#[test]
fn a_code_of_an_earlier_command_that_is_still_open_is_no_foreign_one() {
    let mut world = World::new();
    let receipt = with_a_receipt_kept_back(&mut world, pin(1, b"2580"));
    queue(&mut world, pin(1, b"1111"), "on-its-way");
    assert_eq!(compare(&mut world).0, Comparison::Listed);
    assert_eq!(standings(&mut world), [ItemStanding::Pending]);
    assert!(!world.audit().contains("never asked for"), "{}", world.audit());
    let now = world.now();
    let id = world.fleet().commands(LOCK, CommandId(0), 10).unwrap()[1].id;
    world.fleet().withdraw(LOCK, id, "anna", now).unwrap();
    ingest(&mut world, &receipt);
    let [item] = items(&mut world)[..] else { panic!("one item") };
    assert_eq!(item.held, 1);
}
