//! The interactive path: a few questions, one step at a time with its result, and at the end the proof that all is well.
//!
//! ```text
//!            ┌──────────────┐ decided, or 7 asked  ┌────────┐ good  ┌───────┐ all pass
//!  signs ──> │ Ask          │ ───────────────────> │ Advise │ ────> │ Check │ ────────> Solved
//!            └──────────────┘ <─────────────────── └────────┘ <──── └───────┘
//!                               bad, or not done,      │       one fails: the next trouble
//!                               and not sure           ├─ no step is left ─> Refer
//!                                                      └─ it was stopped ──> Stop
//! ```
//!
//! `advice` holds how the next turn is chosen; here is what was told.

mod advice;

use lock_proto::Health;

use crate::cause::Cause;
use crate::check::{Check, CheckResult};
use crate::finding::{Findings, diagnose};
use crate::question::{AnswerNumber, Question};
use crate::sign::{Origin, Seen, Sign, Signs};
use crate::step::{Helper, Outcome, Rung, Step};

/// Questions that a dialogue asks at most, results of steps and checks at the end aside.
pub const MOST_QUESTIONS: usize = 7;
/// Steps that are advised at most before somebody else is called.
pub const MOST_STEPS: usize = 8;

/// What a person said to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Answer {
    /// The answer of this number, from 0.
    Number(AnswerNumber),
    /// "I do not know", or "I cannot look".
    Unknown,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Ask this, and [`Dialogue::answer`].
    Ask(Question),
    /// Do this, and say with [`Dialogue::tried`] how it went.
    Advise {
        /// What to do.
        step: Step,
        /// What it would cure.
        cause: Cause,
    },
    /// Try this, and say with [`Dialogue::checked`] how it went.
    Check(Check),
    /// All that the lock has works.
    Solved {
        /// The step that mended it.
        by: Step,
    },
    /// A step was stopped, because its [`StopIf`](crate::StopIf) came true: do nothing more, and call.
    Stop {
        /// The step; its [`stop_if`](Step::stop_if) is the reason.
        step: Step,
        /// Whom.
        helper: Helper,
        /// For what, as far as is known.
        cause: Cause,
    },
    /// Nothing is left that a person could do without harm: stop, and call.
    Refer {
        /// Whom.
        helper: Helper,
        /// For what, as far as is known.
        cause: Cause,
    },
}

/// Why something was not taken. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialogueError {
    /// The question has fewer answers.
    #[error("the question has {answers} answers; number them from 0, or answer that it is not known")]
    NoSuchAnswer {
        /// How many it has.
        answers: u8,
    },
    /// All questions were asked.
    #[error("seven questions were asked; change an answer, or go on with the advice")]
    NoMoreQuestions,
    /// Nothing is mended that could be checked.
    #[error("there is nothing to check yet; say first that a step helped")]
    NotMended,
    /// No way was tried at all.
    #[error("nothing shows yet that the door works; try at least one of the ways to open it")]
    NothingTried,
}

/// A talk about one door. It is a value: keep it, show it, go back and change an answer.
///
/// ```
/// use lock_diagnosis::{Answer, Check, CheckResult, Dialogue, Outcome, Question, Signs, Step, Turn};
///
/// let mut talk = Dialogue::new(Signs::default());
/// assert_eq!(talk.turn(), Turn::Ask(Question::Happens));
/// talk.answer(Question::Happens, Answer::Number(2))?; // the motor runs and the bolt does not arrive
/// talk.answer(Question::StrikeHole, Answer::Number(1))?; // there is something in the hole
/// while let Turn::Ask(question) = talk.turn() {
///     talk.answer(question, Answer::Unknown)?;
/// }
/// assert!(matches!(talk.turn(), Turn::Advise { step: Step::ClearStrike, .. }));
/// talk.tried(Step::ClearStrike, Outcome::Good);
/// while let Turn::Check(check) = talk.turn() {
///     talk.checked(check, CheckResult::Passed)?;
/// }
/// assert_eq!(talk.turn(), Turn::Solved { by: Step::ClearStrike });
/// # Ok::<(), lock_diagnosis::DialogueError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dialogue {
    /// From the report and the app.
    known: Signs,
    /// From checks that failed.
    failed: Signs,
    answers: [Option<Answer>; Question::ALL.len()],
    /// Answers about a trouble that is mended, or that a newer report contradicts: they count as asked and say nothing any more.
    settled: [bool; Question::ALL.len()],
    /// In the order in which they were tried.
    tried: [Option<(Step, Outcome)>; Step::ALL.len()],
    /// Steps that could not be done a second time: they are not offered again.
    given_up: [bool; Step::ALL.len()],
    mended_by: Option<Step>,
    checks: [Option<CheckResult>; Check::ALL.len()],
}

impl Dialogue {
    /// Begins with what is known without asking: [`Signs::from_report`], and what the app knows of itself and its phone.
    #[must_use]
    pub const fn new(known: Signs) -> Self {
        Self {
            known,
            failed: Signs::NONE,
            answers: [None; Question::ALL.len()],
            settled: [false; Question::ALL.len()],
            tried: [None; Step::ALL.len()],
            given_up: [false; Step::ALL.len()],
            mended_by: None,
            checks: [None; Check::ALL.len()],
        }
    }

    /// The lock was asked again: its new report takes the place of what was known of it, and of answers that it contradicts.
    pub fn refresh(&mut self, report: &Health) {
        let fresh = Signs::from_report(report);
        for question in Question::ALL {
            let mut says = self.said(question).iter();
            let is_contradicted =
                says.any(|(sign, seen)| fresh.seen(*sign).is_some_and(|fresh| fresh != *seen));
            if let Some(settled) = self.settled.get_mut(question.index()).filter(|_| is_contradicted) {
                *settled = true;
            }
        }
        self.known.replace_report(&fresh);
    }

    /// Takes an answer, also a new one to an earlier question.
    ///
    /// # Errors
    /// [`DialogueError::NoSuchAnswer`], [`DialogueError::NoMoreQuestions`].
    pub fn answer(&mut self, question: Question, answer: Answer) -> Result<(), DialogueError> {
        let answers = question.answers().len();
        if let Answer::Number(number) = answer
            && usize::from(number) >= answers
        {
            return Err(DialogueError::NoSuchAnswer { answers: u8::try_from(answers).unwrap_or(u8::MAX) });
        }
        let is_new = self.answer_to(question).is_none();
        if is_new && self.questions() >= MOST_QUESTIONS {
            return Err(DialogueError::NoMoreQuestions);
        }
        if let (Some(place), Some(settled)) =
            (self.answers.get_mut(question.index()), self.settled.get_mut(question.index()))
        {
            (*place, *settled) = (Some(answer), false);
        }
        Ok(())
    }

    /// Takes the result of a step, advised or done before. The last one of each step counts.
    ///
    /// A step that was not done says nothing of the lock: another way is sought, and it is offered once more where nothing else is
    /// left that neither erases nor takes apart. One that was stopped ends the talk.
    pub fn tried(&mut self, step: Step, outcome: Outcome) {
        if let Some(given_up) = self.given_up.get_mut(step.index()) {
            let is_again = self.tried.iter().flatten().any(|tried| *tried == (step, Outcome::NotDone));
            *given_up = is_again && outcome == Outcome::NotDone;
        }
        let free = self.tried.iter_mut().find(|place| place.is_none_or(|(tried, _)| tried == step));
        if let Some(place) = free {
            *place = Some((step, outcome));
        }
        if outcome == Outcome::Good && !step.is_test() {
            self.mended_by = Some(step);
            self.checks = self.checks.map(|result| result.filter(|result| *result == CheckResult::NotFitted));
        }
    }

    /// Takes the result of a check. One that failed is the next trouble: the talk goes on with it.
    ///
    /// # Errors
    /// [`DialogueError::NotMended`]; [`DialogueError::NothingTried`] where this would leave not one way that was tried.
    pub fn checked(&mut self, check: Check, result: CheckResult) -> Result<(), DialogueError> {
        if self.mended_by.is_none() {
            return Err(DialogueError::NotMended);
        }
        let is_untried =
            |other: Check| other == check || self.check_result(other) == Some(CheckResult::NotFitted);
        if result == CheckResult::NotFitted && Check::ALL.into_iter().all(is_untried) {
            return Err(DialogueError::NothingTried);
        }
        if let Some(place) = self.checks.get_mut(check.index()) {
            *place = Some(result);
        }
        if result == CheckResult::Failed {
            self.mended_by = None;
            self.settled = self.answers.map(|answer| answer.is_some());
            // What failed before is mended.
            self.failed = Signs::NONE;
            for (sign, seen) in check.failed() {
                self.failed.note(*sign, *seen, Origin::Person);
            }
        }
        Ok(())
    }

    /// What is probably wrong, by all that was told so far; no next step is one that was tried.
    #[must_use]
    pub fn findings(&self) -> Findings {
        diagnose(&self.signs()).after(self.steps().map(|(step, _)| step))
    }

    /// All that is known: report, app, answers, and what steps and checks have shown.
    #[must_use]
    pub fn signs(&self) -> Signs {
        let mut signs = self.known;
        for question in Question::ALL {
            for (sign, seen) in self.said(question) {
                signs.note(*sign, *seen, Origin::Person);
            }
        }
        for (step, outcome) in self.steps() {
            let helped = match outcome {
                Outcome::Good => Seen::Yes,
                Outcome::Bad => Seen::No,
                Outcome::NotDone | Outcome::Stopped => continue,
            };
            for (sign, seen) in step.makes_so() {
                // What did not help may have been done wrongly: it corrects nothing that the lock says, and a guest whom the app did not
                // let leave vacation mode has not left it.
                let is_done = helped == Seen::Yes
                    || (step.rung() != Rung::Access && signs.origin(*sign) != Some(Origin::Report));
                if is_done {
                    signs.note(*sign, *seen, Origin::Person);
                }
            }
            if let Some(sign) = step.shows() {
                signs.note(sign, helped, Origin::Person);
            }
            if step.is_way_in() && helped == Seen::Yes {
                signs.note(Sign::CanGetIn, Seen::Yes, Origin::Person);
            }
        }
        for (sign, seen) in self.failed.known() {
            signs.note(sign, seen, Origin::Person);
        }
        signs
    }

    /// The answer to a question; `None` where it was not asked.
    #[must_use]
    pub fn answer_to(&self, question: Question) -> Option<Answer> {
        self.answers.get(question.index()).copied().flatten()
    }

    /// What the answer to a question says, as long as it stands.
    fn said(&self, question: Question) -> &'static [(Sign, Seen)] {
        let is_settled = self.settled.get(question.index()).copied().unwrap_or_default();
        match self.answer_to(question) {
            Some(Answer::Number(number)) if !is_settled => {
                question.answers().get(usize::from(number)).copied().unwrap_or_default()
            }
            Some(Answer::Number(_) | Answer::Unknown) | None => &[],
        }
    }

    /// How many questions were answered; at most [`MOST_QUESTIONS`].
    #[must_use]
    pub fn questions(&self) -> usize {
        self.answers.iter().flatten().count()
    }

    /// The steps that were tried, in their order.
    pub fn steps(&self) -> impl Iterator<Item = (Step, Outcome)> + '_ {
        self.tried.iter().flatten().copied()
    }

    /// How a check went; `None` where it was not made.
    #[must_use]
    pub fn check_result(&self, check: Check) -> Option<CheckResult> {
        self.checks.get(check.index()).copied().flatten()
    }

    fn outcome(&self, step: Step) -> Option<Outcome> {
        self.steps().find_map(|(tried, outcome)| (tried == step).then_some(outcome))
    }
}
