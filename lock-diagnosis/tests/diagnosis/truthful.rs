//! Talks with people who have one trouble and tell the truth, as the table of `truth` has it.

use lock_diagnosis::{
    Answer, Cause, CheckResult, Dialogue, Helper, MOST_QUESTIONS, MOST_STEPS, Outcome, Place, Question,
    Signs, Step, Turn,
};

use crate::truth::{TRUTHS, Truth};

/// Where somebody stands, and what is at hand there.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stands {
    Inside,
    /// Locked out, with a key and everything else that a way in needs.
    OutsideWithKey,
    /// Locked out, without any of it.
    OutsideWithNothing,
}

#[derive(Debug, PartialEq)]
enum End {
    Cured(Step),
    Called(Helper, Cause),
}

#[derive(Debug)]
struct Talk {
    end: End,
    questions: Vec<Question>,
    /// In their order.
    steps: Vec<Step>,
}

fn talk(truth: &Truth, stands: Stands) -> Talk {
    talk_without(truth, stands, None)
}

/// The same with somebody who does not know the answer to one question.
fn talk_without(truth: &Truth, stands: Stands, unknown: Option<Question>) -> Talk {
    let mut dialogue = Dialogue::new(Signs::default());
    let mut is_inside = stands == Stands::Inside;
    let (mut questions, mut steps) = (vec![], vec![]);
    for _ in 0..64 {
        let end = match dialogue.turn() {
            Turn::Ask(question) => {
                let reaches = is_inside || question.place() != Place::Inside;
                assert!(reaches, "{:?}: who is locked out is asked {question:?}", truth.cause);
                let answer = if question == Question::Where {
                    Answer::Number(u8::from(!is_inside))
                } else if Some(question) == unknown {
                    Answer::Unknown
                } else {
                    truth.answer(question)
                };
                questions.push(question);
                dialogue.answer(question, answer).expect("an answer to what was asked");
                continue;
            }
            Turn::Advise { step, .. } => {
                let is_said = dialogue.answer_to(Question::Where).is_some();
                let reaches = is_inside || step.place() != Place::Inside || !is_said;
                assert!(reaches, "{:?}: who is locked out is told {step:?}", truth.cause);
                let outcome = if step.is_way_in() && stands == Stands::OutsideWithNothing {
                    Outcome::NotDone
                } else {
                    truth.outcome(step)
                };
                steps.push(step);
                is_inside |= outcome == Outcome::Good && step.is_way_in();
                dialogue.tried(step, outcome);
                continue;
            }
            Turn::Check(check) => {
                dialogue.checked(check, CheckResult::Passed).expect("it is mended");
                continue;
            }
            Turn::Solved { by } => End::Cured(by),
            Turn::Refer { helper, cause } => End::Called(helper, cause),
            Turn::Stop { .. } => panic!("{:?}: nothing was stopped", truth.cause),
        };
        return Talk { end, questions, steps };
    }
    panic!("{:?}: the talk does not end", truth.cause);
}

/// Whether the talk ended where the table says: in what mends it, or with whom has to mend it, and for the right reason.
fn is_right(truth: &Truth, end: &End) -> bool {
    match (end, truth.call) {
        (End::Cured(step), _) => truth.cures.contains(step),
        (End::Called(helper, cause), Some((wanted, alike))) => {
            *helper == wanted && (*cause == truth.cause || alike.contains(cause))
        }
        (End::Called(..), None) => false,
    }
}

fn all(stands: Stands) -> (Vec<String>, usize, f64, f64) {
    let (mut wrong, mut questions, mut steps) = (vec![], 0, 0);
    let there = TRUTHS.iter().filter(|truth| stands == Stands::Inside || truth.locks_out());
    for truth in there.clone() {
        let talk = talk(truth, stands);
        (questions, steps) = (questions + talk.questions.len(), steps + talk.steps.len());
        assert!(
            talk.questions.len() <= MOST_QUESTIONS && talk.steps.len() <= MOST_STEPS,
            "{:?}",
            truth.cause
        );
        if !is_right(truth, &talk.end) {
            wrong.push(format!("{:?} ({}): {talk:?}", truth.cause, truth.source));
        }
    }
    let count = there.count();
    (wrong, count, questions as f64 / count as f64, steps as f64 / count as f64)
}

#[test]
fn whoever_has_one_trouble_and_tells_the_truth_is_led_to_its_cure() {
    for stands in [Stands::Inside, Stands::OutsideWithKey] {
        let (wrong, count, questions, steps) = all(stands);
        println!(
            "{} causes in {count} ways, {stands:?}: {questions:.1} questions and {steps:.1} steps on average",
            Cause::ALL.len(),
        );
        assert!(wrong.is_empty(), "{stands:?}, {} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }
}

#[test]
fn whoever_does_not_know_one_of_the_answers_is_led_to_the_cure_nearly_as_well() {
    let (mut all, mut wrong) = (0, vec![]);
    for truth in &TRUTHS {
        let asked = talk(truth, Stands::Inside).questions;
        // Whoever does not know what happens has no trouble yet.
        for unknown in asked.into_iter().filter(|question| *question != Question::Happens) {
            let talk = talk_without(truth, Stands::Inside, Some(unknown));
            all += 1;
            if !is_right(truth, &talk.end) {
                wrong.push(format!("{:?} without {unknown:?}: {talk:?}", truth.cause));
            }
        }
    }
    println!("{} of {all} talks with one answer that is not known end well", all - wrong.len());
    assert!(wrong.len() * 20 <= all, "{} of {all} end badly:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn nobody_whose_door_opens_is_asked_where_they_stand_and_everybody_else_is() {
    for truth in &TRUTHS {
        let Talk { questions, .. } = talk(truth, Stands::Inside);
        let is_asked = questions.contains(&Question::Where);
        assert_eq!(is_asked, truth.locks_out(), "{:?} ({}): {questions:?}", truth.cause, truth.source);
    }
}

#[test]
fn whoever_is_locked_out_is_let_in_first() {
    for truth in TRUTHS.iter().filter(|truth| truth.locks_out()) {
        let Talk { steps, .. } = talk(truth, Stands::OutsideWithKey);
        assert_eq!(steps.first(), Some(&Step::UseKey), "{:?} ({}): {steps:?}", truth.cause, truth.source);
    }
}

#[test]
fn whoever_is_locked_out_with_nothing_is_cured_from_outside_or_sent_to_somebody_who_opens() {
    let mut cured = vec![];
    for truth in TRUTHS.iter().filter(|truth| truth.locks_out()) {
        let Talk { end, questions, steps } = talk(truth, Stands::OutsideWithNothing);
        assert!(questions.len() <= MOST_QUESTIONS, "{:?}: {questions:?}", truth.cause);
        assert!(steps.first().is_some_and(|step| step.is_way_in()), "{:?}: {steps:?}", truth.cause);
        match end {
            End::Cured(step) => {
                assert!(truth.cures.contains(&step), "{:?}: {step:?}", truth.cause);
                cured.push(truth.cause);
            }
            End::Called(helper, _) => {
                let opens = matches!(helper, Helper::Locksmith | Helper::Owner);
                assert!(opens, "{:?} ({}): {helper:?} after {steps:?}", truth.cause, truth.source);
            }
        }
    }
    // The codes, the bell, and what a hand outside reaches.
    for cause in [Cause::WrongCode, Cause::LockedOut, Cause::PrivacyMode, Cause::FrozenActuator] {
        assert!(cured.contains(&cause), "{cause:?} is not cured from outside: {cured:?}");
    }
}
