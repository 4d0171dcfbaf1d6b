//! The interactive path: a few questions, one step at a time with its result, and at the end the proof that all is well.
//!
//! ```text
//!            ┌──────────────┐ decided, or 7 asked  ┌────────┐ good  ┌───────┐ all pass
//!  signs ──> │ Ask          │ ───────────────────> │ Advise │ ────> │ Check │ ────────> Solved
//!            └──────────────┘ <─────────────────── └────────┘ <──── └───────┘
//!                               bad, and not sure      │       one fails: the next trouble
//!                                                      └─ no step is left ─> Refer
//! ```

use lock_proto::Health;

use crate::cause::Cause;
use crate::check::{Check, CheckResult};
use crate::choose::Belief;
use crate::finding::{Confidence, Findings, diagnose};
use crate::question::{AnswerNumber, Question};
use crate::rule::Rule;
use crate::sign::{Origin, Seen, Sign, Signs};
use crate::step::{Helper, Outcome, Rung, Step};

/// Questions that a dialogue asks at most, results of steps and checks at the end aside.
pub const MOST_QUESTIONS: usize = 7;
/// Steps that are advised at most before somebody else is called.
pub const MOST_STEPS: usize = 8;

/// A step that did not help makes what it cures so much less likely, in decibans.
const FAILED: i16 = 4;
/// The same where nothing is left to try.
const EXHAUSTED: i16 = 60;
/// Where what has nothing left to try is so much likelier than the best of the rest, it is what is wrong: the rest is not tried.
const BEYOND: i16 = 20;
/// Causes that lie so near the best, in decibans, take part in the choice of the next step: the ladder decides among them.
const NEAR: i16 = 6;
/// A cause below this is not worth a step.
const LEAST: i16 = -12;

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
    pub fn tried(&mut self, step: Step, outcome: Outcome) {
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

    /// What comes next. The same until something is told.
    #[must_use]
    pub fn turn(&self) -> Turn {
        if let Some(by) = self.mended_by {
            let open = Check::ALL.into_iter().find(|check| self.check_result(*check).is_none());
            return open.map_or(Turn::Solved { by }, Turn::Check);
        }
        let signs = self.signs();
        let belief = Belief::new(|rule| rule.weight(&signs) - self.penalty(rule, &signs));
        if self.is_at_the_end(&belief, &signs) {
            return self.refer(&signs);
        }
        if let Some(question) = self.next_question(&belief, &signs) {
            return Turn::Ask(question);
        }
        match self.next_step(&belief, &signs) {
            Some((step, cause)) => Turn::Advise { step, cause },
            None => self.refer(&signs),
        }
    }

    /// What is probably wrong, by all that was told so far.
    #[must_use]
    pub fn findings(&self) -> Findings {
        diagnose(&self.signs())
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
            for (sign, seen) in step.makes_so() {
                // What did not help may not have been possible at all: it corrects nothing that the lock says, and a guest who could not
                // leave vacation mode has not left it.
                let is_done = outcome == Outcome::Good
                    || (step.rung() != Rung::Access && signs.origin(*sign) != Some(Origin::Report));
                if is_done {
                    signs.note(*sign, *seen, Origin::Person);
                }
            }
            if let Some(sign) = step.shows() {
                let seen = match outcome {
                    Outcome::Good => Seen::Yes,
                    Outcome::Bad => Seen::No,
                };
                signs.note(sign, seen, Origin::Person);
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

    /// What was tried against a cause and did not help, or is mended already, in decibans. Where nothing is left to try, it is out
    /// of the choice of questions and steps.
    fn penalty(&self, rule: &Rule, signs: &Signs) -> i16 {
        if !rule.cures.iter().any(|step| self.is_open(*step, signs)) {
            return EXHAUSTED;
        }
        let tried = rule.cures.iter().filter(|step| !step.is_test() && self.outcome(**step).is_some());
        tried.map(|_| FAILED).sum()
    }

    fn next_question(&self, belief: &Belief, signs: &Signs) -> Option<Question> {
        if self.questions() >= MOST_QUESTIONS {
            return None;
        }
        let nobody_said_what_happens = self.failed == Signs::NONE && self.steps().next().is_none();
        let likely = Confidence::of(belief.best()) >= Some(Confidence::Likely);
        if nobody_said_what_happens && !likely && self.answer_to(Question::Happens).is_none() {
            return Some(Question::Happens);
        }
        if likely && belief.is_concentrated() {
            return None;
        }
        belief.question(signs, |question| question != Question::Happens && self.answer_to(question).is_none())
    }

    /// Whether all was tried that may be: so many steps, a reset, or all that there is against what is by far the likeliest.
    fn is_at_the_end(&self, belief: &Belief, signs: &Signs) -> bool {
        let likeliest = Rule::all().map(|rule| rule.weight(signs)).max().unwrap_or_default();
        let is_known =
            Confidence::of(likeliest) >= Some(Confidence::Likely) && likeliest >= belief.best() + BEYOND;
        let is_reset = self.outcome(Step::FactoryReset) == Some(Outcome::Bad);
        self.steps().count() >= MOST_STEPS || is_reset || is_known
    }

    /// The lowest step on the ladder among those that cure what is most probable; of one rung, what cures the more probable, and of
    /// its cures the better.
    fn next_step(&self, belief: &Belief, signs: &Signs) -> Option<(Step, Cause)> {
        if belief.best() < LEAST {
            return None;
        }
        let near = Rule::all().filter(|rule| belief.weight(rule.cause) >= belief.best() - NEAR);
        let open = near.flat_map(|rule| {
            let cures = rule.cures.iter().enumerate().filter(|(_, step)| self.is_open(**step, signs));
            cures.map(|(place, step)| (place, *step, rule.cause))
        });
        open.min_by_key(|(place, step, cause)| {
            (step.rung(), core::cmp::Reverse(belief.weight(*cause)), *place)
        })
        .map(|(_, step, cause)| (step, cause))
    }

    /// Whether a step is worth trying: not tried, and not a test of what is known. Where the key does not turn nobody takes the lock
    /// apart: that is a locksmith's work.
    fn is_open(&self, step: Step, signs: &Signs) -> bool {
        let is_for_a_locksmith =
            step.rung() == Rung::Dismantle && signs.seen(Sign::KeyTurns) == Some(Seen::No);
        !is_for_a_locksmith && self.outcome(step).is_none() && !step.tests_what_is_known(signs)
    }

    /// For what is most probable, whatever was tried against it. Where the key does not turn, it is a locksmith's work.
    fn refer(&self, signs: &Signs) -> Turn {
        let rule = Rule::all().max_by_key(|rule| (rule.weight(signs), core::cmp::Reverse(rule.cause)));
        let (helper, cause) =
            rule.map_or((Helper::Locksmith, Cause::ControllerFaulty), |rule| (rule.helper, rule.cause));
        match signs.seen(Sign::KeyTurns) {
            Some(Seen::No) => Turn::Refer { helper: Helper::Locksmith, cause },
            Some(Seen::Yes) | None => Turn::Refer { helper, cause },
        }
    }
}
