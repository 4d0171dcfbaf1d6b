//! The checklist for a new lock.

use lock_diagnosis::{Chapter, Installation, InstallationError, Item, ItemResult, Step, Task};
use lock_proto::{Health, TestResult, TestStep};

fn all_by_hand() -> Installation {
    let mut installation = Installation::default();
    while let Task::Ask(item) = installation.task() {
        installation.note(item, ItemResult::Passed).expect("an item for people");
    }
    installation
}

fn tested(failed: &[TestStep]) -> Health {
    let mut report = Health { self_test: [TestResult::Passed; 6], ..Health::default() };
    for step in failed {
        report.self_test[usize::from(step.number())] = TestResult::Failed;
    }
    report
}

#[test]
fn the_chapters_come_in_order_from_what_fits_to_the_self_test() {
    assert!(Item::ALL.is_sorted_by_key(|item| item.chapter()));
    let mut installation = Installation::default();
    let mut asked = vec![];
    while let Task::Ask(item) = installation.task() {
        asked.push(item.chapter());
        installation.note(item, ItemResult::Passed).expect("an item for people");
    }
    asked.dedup();
    assert_eq!(asked, [Chapter::Compatibility, Chapter::Wiring, Chapter::Mounting, Chapter::Alignment]);
    assert_eq!(installation.task(), Task::RunSelfTest);
    installation.report(&tested(&[]));
    assert_eq!(installation.task(), Task::Done);
}

#[test]
fn a_lock_that_does_not_fit_is_said_before_anything_is_drilled() {
    let mut installation = Installation::default();
    installation.note(Item::DoorThickness, ItemResult::Passed).expect("for people");
    installation.note(Item::Backset, ItemResult::Failed).expect("for people");
    assert_eq!(installation.task(), Task::Unfit(Item::Backset));
}

#[test]
fn what_failed_is_mended_and_looked_at_again() {
    let mut installation = all_by_hand();
    installation.note(Item::FreeWithDoorClosed, ItemResult::Failed).expect("for people");
    let mend = Task::Mend { item: Item::FreeWithDoorClosed, step: Step::AdjustStrike };
    assert_eq!(installation.task(), mend);
    installation.note(Item::FreeWithDoorClosed, ItemResult::Passed).expect("for people");
    installation.report(&tested(&[TestStep::Clock]));
    assert_eq!(installation.task(), Task::Mend { item: Item::Clock, step: Step::SyncClock });
    installation.report(&tested(&[]));
    assert_eq!(installation.task(), Task::Done);
}

#[test]
fn the_self_test_is_the_lock_s_word_alone_and_what_it_did_not_try_stays_open() {
    let mut installation = all_by_hand();
    assert_eq!(installation.note(Item::Radio, ItemResult::Passed), Err(InstallationError::LocksOwn));
    assert_eq!(installation.note(Item::Backset, ItemResult::NotFitted), Err(InstallationError::AlwaysFitted));
    installation.note(Item::WiresFirm, ItemResult::NotFitted).expect("not every lock has wires");
    let mut report = tested(&[]);
    report.self_test[usize::from(TestStep::Radio.number())] = TestResult::NotRun;
    installation.report(&report);
    assert_eq!(installation.task(), Task::RunSelfTest);
}

#[test]
fn a_lock_without_a_sensor_of_the_door_is_installed_without_it() {
    let mut installation = all_by_hand();
    installation.note(Item::DoorSensor, ItemResult::NotFitted).expect("not every lock has one");
    let mut report = tested(&[]);
    report.self_test[usize::from(TestStep::DoorSensor.number())] = TestResult::NotRun;
    installation.report(&report);
    assert_eq!(installation.task(), Task::Done);
}
