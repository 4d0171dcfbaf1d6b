//! Talks: with people who have one trouble and tell the truth about it, and with people who say anything.

use lock_diagnosis::{
    Answer, Cause, Check, CheckResult, Dialogue, DialogueError, Family, Finding, Helper, MOST_QUESTIONS,
    MOST_STEPS, Outcome, Question, Rule, Rung, Seen, Sign, Signs, Step, Turn,
};
use proptest::prelude::*;

#[test]
fn the_first_question_is_what_happens_unless_the_report_says_it() {
    assert_eq!(Dialogue::new(Signs::default()).turn(), Turn::Ask(Question::Happens));
    let mut report = lock_proto::Health::default();
    report.status.mode.value = lock_proto::Mode::Vacation;
    report.refusals[usize::from(lock_proto::RefusalKind::Mode.number())] = 1;
    let mut dialogue = Dialogue::new(Signs::from_report(&report));
    assert_eq!(dialogue.turn(), Turn::Ask(Question::Where), "what is wrong is known, where to begin is not");
    dialogue.answer(Question::Where, Answer::Number(0)).expect("inside");
    assert_eq!(dialogue.turn(), Turn::Advise { step: Step::LeaveVacation, cause: Cause::VacationMode });
}

#[test]
fn who_knows_nothing_is_led_up_the_ladder() {
    let mut dialogue = Dialogue::new(Signs::default());
    let mut rungs = vec![];
    loop {
        match dialogue.turn() {
            Turn::Ask(question) => dialogue.answer(question, Answer::Unknown).expect("an answer"),
            Turn::Advise { step, .. } => {
                rungs.push(step.rung());
                dialogue.tried(step, Outcome::Bad);
            }
            Turn::Check(_) | Turn::Solved { .. } | Turn::Stop { .. } => panic!("nothing helped"),
            Turn::Refer { .. } => break,
        }
    }
    assert_eq!(rungs[..2], [Rung::Power, Rung::Power], "{rungs:?}");
    assert!(rungs.contains(&Rung::PhysicalKey) && rungs.contains(&Rung::Alignment), "{rungs:?}");
    assert_eq!(rungs.len(), MOST_STEPS);
}

#[test]
fn a_factory_reset_is_advised_only_after_power_cycle_and_re_pairing() {
    let mut dialogue = Dialogue::new(Signs::default());
    dialogue.answer(Question::Happens, Answer::Number(0)).expect("nothing at all happens");
    dialogue.answer(Question::Compartment, Answer::Number(0)).expect("all in order");
    let mut tried = vec![];
    loop {
        match dialogue.turn() {
            Turn::Ask(question) => dialogue.answer(question, Answer::Unknown).expect("an answer"),
            Turn::Advise { step, .. } => {
                tried.push(step);
                dialogue.tried(step, Outcome::Bad);
            }
            Turn::Refer { .. } => break,
            Turn::Check(_) | Turn::Solved { .. } | Turn::Stop { .. } => panic!("nothing helped"),
        }
    }
    let place = |step| tried.iter().position(|tried| *tried == step);
    let reset =
        place(Step::FactoryReset).unwrap_or_else(|| panic!("a dead lock is reset in the end: {tried:?}"));
    assert!(place(Step::ReplaceCells) < place(Step::PowerCycle), "{tried:?}");
    assert!(place(Step::PowerCycle) < place(Step::RePair) && place(Step::RePair) < Some(reset), "{tried:?}");
    assert_eq!(reset, tried.len() - 1, "{tried:?}");
}

#[test]
fn a_check_that_fails_is_the_next_trouble() {
    let mut dialogue = Dialogue::new(Signs::default());
    dialogue.answer(Question::Happens, Answer::Number(0)).expect("nothing at all happens");
    while let Turn::Ask(question) = dialogue.turn() {
        dialogue.answer(question, Answer::Unknown).expect("an answer");
    }
    assert_eq!(dialogue.turn(), Turn::Advise { step: Step::ReplaceCells, cause: Cause::DeadCells });
    assert_eq!(dialogue.checked(Check::Keypad, CheckResult::Passed), Err(DialogueError::NotMended));
    dialogue.tried(Step::ReplaceCells, Outcome::Good);
    assert_eq!(dialogue.turn(), Turn::Check(Check::Keypad));
    dialogue.checked(Check::Keypad, CheckResult::Passed).expect("mended");
    assert_eq!(dialogue.turn(), Turn::Check(Check::App));
    dialogue.checked(Check::App, CheckResult::Failed).expect("mended");
    let next = loop {
        match dialogue.turn() {
            Turn::Ask(Question::PhoneSettings) => {
                dialogue.answer(Question::PhoneSettings, Answer::Number(1)).expect("Bluetooth is off");
            }
            Turn::Ask(question) => dialogue.answer(question, Answer::Unknown).expect("an answer"),
            next @ (Turn::Advise { .. }
            | Turn::Check(_)
            | Turn::Solved { .. }
            | Turn::Stop { .. }
            | Turn::Refer { .. }) => {
                break next;
            }
        }
    };
    assert_eq!(next, Turn::Advise { step: Step::BluetoothOn, cause: Cause::BluetoothOff });
    dialogue.tried(Step::BluetoothOn, Outcome::Good);
    let mut checks = vec![];
    while let Turn::Check(check) = dialogue.turn() {
        checks.push(check);
        dialogue.checked(check, CheckResult::Passed).expect("mended");
    }
    assert_eq!(checks, Check::ALL, "all agree at the end, also those that passed before");
    assert_eq!(dialogue.turn(), Turn::Solved { by: Step::BluetoothOn });

    // A third trouble is not confused with the second.
    dialogue.checked(Check::Key, CheckResult::Failed).expect("mended");
    assert_eq!(dialogue.signs().seen(Sign::AppConnects), None);
    assert_eq!(dialogue.signs().seen(Sign::KeyTurns), Some(Seen::No));
}

#[test]
fn an_answer_can_be_changed_and_a_wrong_number_is_refused() {
    let mut dialogue = Dialogue::new(Signs::default());
    dialogue.answer(Question::Happens, Answer::Number(3)).expect("the code is refused");
    let before = dialogue.findings().first().map(Finding::cause);
    assert_eq!(
        dialogue.answer(Question::Happens, Answer::Number(10)),
        Err(DialogueError::NoSuchAnswer { answers: 10 })
    );
    assert_eq!(dialogue.findings().first().map(Finding::cause), before);
    dialogue.answer(Question::Happens, Answer::Number(0)).expect("no, nothing happens");
    assert_eq!(dialogue.questions(), 1);
    assert_eq!(dialogue.findings().first().map(Finding::cause), Some(Cause::DeadCells));
}

#[test]
fn a_guest_who_cannot_leave_vacation_mode_is_sent_to_the_owner_and_not_through_the_house() {
    let mut report = lock_proto::Health::default();
    report.status.mode.value = lock_proto::Mode::Vacation;
    report.refusals[usize::from(lock_proto::RefusalKind::Mode.number())] = 1;
    let mut dialogue = Dialogue::new(Signs::from_report(&report));
    dialogue.answer(Question::Where, Answer::Number(0)).expect("somebody is inside");
    dialogue.tried(Step::LeaveVacation, Outcome::Bad);
    assert_eq!(dialogue.findings().first().map(Finding::cause), Some(Cause::VacationMode));
    assert_eq!(dialogue.turn(), Turn::Refer { helper: Helper::Owner, cause: Cause::VacationMode });
}

#[test]
fn a_keypad_that_fails_at_the_end_leads_to_keypad_or_code() {
    let mut dialogue = Dialogue::new(Signs::default());
    dialogue.answer(Question::Happens, Answer::Number(0)).expect("nothing at all happens");
    dialogue.tried(Step::ReplaceCells, Outcome::Good);
    dialogue.checked(Check::Keypad, CheckResult::Failed).expect("mended");
    let family =
        dialogue.findings().first().and_then(|finding| Rule::of(finding.cause())).map(|rule| rule.family);
    assert_eq!(family, Some(Family::Parts));
}

#[test]
fn a_new_report_takes_the_place_of_answers_that_it_contradicts() {
    let mut dialogue = Dialogue::new(Signs::default());
    dialogue.answer(Question::Happens, Answer::Number(0)).expect("nothing at all happens");
    dialogue.answer(Question::Frost, Answer::Number(0)).expect("there was frost");
    assert_eq!(dialogue.signs().seen(Sign::Wakes), Some(Seen::No));
    dialogue.refresh(&lock_proto::Health::default());
    assert_eq!(dialogue.signs().seen(Sign::Wakes), Some(Seen::Yes), "the lock answered");
    assert_eq!(dialogue.signs().seen(Sign::FrostLately), Some(Seen::Yes), "of frost it says nothing");
    assert_eq!(dialogue.questions(), 2);
}

#[test]
fn nothing_is_solved_before_one_way_was_tried() {
    let mut dialogue = Dialogue::new(Signs::default());
    dialogue.tried(Step::ReplaceCells, Outcome::Good);
    for check in &Check::ALL[..4] {
        dialogue.checked(*check, CheckResult::NotFitted).expect("another way is left");
    }
    assert_eq!(dialogue.checked(Check::ALL[4], CheckResult::NotFitted), Err(DialogueError::NothingTried));
    assert_eq!(dialogue.turn(), Turn::Check(Check::ALL[4]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn whatever_people_say_a_talk_ends_within_seven_questions(choices in proptest::collection::vec(0_u8..16, 128)) {
        let mut dialogue = Dialogue::new(Signs::default());
        let (mut turns, mut offered) = (0, vec![]);
        for choice in choices {
            turns += 1;
            match dialogue.turn() {
                Turn::Ask(question) => {
                    prop_assert_eq!(dialogue.answer_to(question), None, "nothing is asked twice");
                    let number = Some(choice).filter(|choice| usize::from(*choice) < question.answers().len());
                    prop_assert_eq!(dialogue.answer(question, number.map_or(Answer::Unknown, Answer::Number)), Ok(()));
                }
                Turn::Advise { step, .. } => {
                    let before = dialogue.steps().find(|(tried, _)| *tried == step).map(|(_, outcome)| outcome);
                    prop_assert!(matches!(before, None | Some(Outcome::NotDone)), "what was done is advised again");
                    let times = offered.iter().filter(|offered| **offered == step).count();
                    prop_assert!(times < 2, "{:?} is advised a third time", step);
                    offered.push(step);
                    dialogue.tried(step, match choice {
                        0..6 => Outcome::Bad,
                        6..12 => Outcome::NotDone,
                        12..15 => Outcome::Good,
                        _ => Outcome::Stopped,
                    });
                }
                Turn::Check(check) => {
                    let result = match choice {
                        0..8 => CheckResult::Passed,
                        8..12 => CheckResult::Failed,
                        _ => CheckResult::NotFitted,
                    };
                    if dialogue.checked(check, result) == Err(DialogueError::NothingTried) {
                        prop_assert_eq!(dialogue.checked(check, CheckResult::Passed), Ok(()));
                    }
                }
                Turn::Solved { by } => {
                    prop_assert!(dialogue.steps().any(|tried| tried == (by, Outcome::Good)));
                    break;
                }
                Turn::Stop { step, .. } => {
                    prop_assert!(dialogue.steps().any(|tried| tried == (step, Outcome::Stopped)));
                    break;
                }
                Turn::Refer { .. } => break,
            }
        }
        let is_over =
            matches!(dialogue.turn(), Turn::Solved { .. } | Turn::Stop { .. } | Turn::Refer { .. });
        prop_assert!(is_over, "after {} turns", turns);
        prop_assert!(dialogue.questions() <= MOST_QUESTIONS && dialogue.steps().count() <= MOST_STEPS);
    }
}
