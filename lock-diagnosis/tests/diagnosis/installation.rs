//! The checklist for a new lock.

use lock_diagnosis::{
    Cause, Chapter, Confidence, Dialogue, Finding, Helper, Installation, InstallationError, Item, ItemResult,
    Signs, Step, Task, diagnose,
};
use lock_proto::{Health, TestResult, TestStep};

fn all_by_hand() -> Installation {
    let mut installation = Installation::default();
    while let Task::Ask(item) = installation.task() {
        installation.note(item, ItemResult::Passed).expect("an item for people");
    }
    installation
}

/// After the self-test somebody saw the light flash, and heard the buzzer.
fn seen_and_heard(installation: &mut Installation) {
    for item in [Item::LightFlashed, Item::BuzzerSounded] {
        assert_eq!(installation.task(), Task::Ask(item));
        installation.note(item, ItemResult::Passed).expect("an item for people");
    }
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
    seen_and_heard(&mut installation);
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
    seen_and_heard(&mut installation);
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
    seen_and_heard(&mut installation);
    assert_eq!(installation.task(), Task::Done);
}

fn first(installation: &Installation) -> Option<(Cause, Confidence, Helper)> {
    let findings = installation.findings();
    findings.first().map(|finding| (finding.cause(), finding.confidence(), finding.helper()))
}

#[test]
fn a_light_that_did_not_flash_and_a_buzzer_that_was_not_heard_are_found_faulty() {
    for (item, cause, step) in [
        (Item::LightFlashed, Cause::LightFaulty, Step::PowerCycle),
        (Item::BuzzerSounded, Cause::BuzzerFaulty, Step::TurnSoundOn),
    ] {
        let mut installation = all_by_hand();
        installation.report(&tested(&[]));
        seen_and_heard(&mut installation);
        assert_eq!(first(&installation), None, "all is well");
        installation.note(item, ItemResult::Failed).expect("an item for people");
        assert_eq!(installation.task(), Task::Mend { item, step });
        assert_eq!(first(&installation), Some((cause, Confidence::Certain, Helper::Maker)));
        let talk = Dialogue::new(installation.signs());
        assert_eq!(talk.findings().first().map(Finding::cause), Some(cause), "a talk goes on with it");

        // A lock without one has none that could fail.
        installation.note(item, ItemResult::NotFitted).expect("not every lock has one");
        assert_eq!((installation.task(), first(&installation)), (Task::Done, None));
    }
}

#[test]
fn light_and_buzzer_are_looked_at_when_the_self_test_has_run_and_not_before() {
    let installation = all_by_hand();
    assert_eq!(installation.task(), Task::RunSelfTest);
}

#[test]
fn each_step_of_the_self_test_that_failed_is_a_sign_of_what_may_be_wrong() {
    for (step, suspects) in [
        (TestStep::MotorOut, [Cause::StrikeMisaligned, Cause::MotorFailed]),
        (TestStep::MotorBack, [Cause::StrikeMisaligned, Cause::MotorFailed]),
        (TestStep::DoorSensor, [Cause::DoorSensorFaulty, Cause::DoorSensorNotSetUp]),
        (TestStep::Calibration, [Cause::NotCalibrated; 2]),
        (TestStep::Radio, [Cause::WifiDown, Cause::HubDown]),
        (TestStep::Clock, [Cause::ClockLost; 2]),
    ] {
        let mut report = tested(&[step]);
        let weights = |report: &Health| {
            let findings = diagnose(&Signs::from_report(report));
            suspects
                .map(|cause| findings.iter().find(|finding| finding.cause() == cause).map(Finding::weight))
        };
        for (with, suspect) in weights(&report).into_iter().zip(suspects) {
            assert!(with.is_some(), "{step:?}: nobody thinks of {suspect:?}");
        }
        let found = diagnose(&Signs::from_report(&report));
        assert!(found.first().is_some_and(|first| suspects.contains(&first.cause())), "{step:?}: {found:?}");
        let with = weights(&report);
        report.self_test = [TestResult::NotRun; 6];
        for (with, without) in with.into_iter().zip(weights(&report)) {
            assert!(without < with, "{step:?}: it says nothing");
        }
    }
}
