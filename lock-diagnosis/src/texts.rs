//! The words that people read, as data in one place: a translation is one more [`Texts`].
//!
//! Each text is one or two plain sentences. Nothing else in this crate holds words for people.

mod en;

use lock_proto::{BatteryLevel, BoltPosition, BootReason, DoorState, Fault, Mode, Supply, UpdateState};

use crate::capture::Mishap;
use crate::cause::Cause;
use crate::check::{Check, CheckResult};
use crate::finding::Confidence;
use crate::installation::Item;
use crate::place::Place;
use crate::question::Question;
use crate::sign::{Origin, Seen, Sign};
use crate::step::{Helper, Outcome, Risk, Rung, Step, StopIf};

pub use en::ENGLISH;

/// What people read about a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CauseText {
    /// A headline, without a full stop.
    pub name: &'static str,
    /// What is going on, in one sentence.
    pub explanation: &'static str,
}

/// What people read about a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepText {
    /// What to do.
    pub act: &'static str,
    /// What they see where it helped.
    pub good: &'static str,
}

/// What people are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuestionText {
    /// The question.
    pub ask: &'static str,
    /// Its answers, in the order of [`Question::answers`].
    pub answers: &'static [&'static str],
}

/// The labels of the export, in their order of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the label of the field of the same name")]
pub struct Labels {
    pub title: &'static str,
    pub model: &'static str,
    pub maker: &'static str,
    pub firmware: &'static str,
    pub app: &'static str,
    pub keypad_lit: &'static str,
    pub key_turns: &'static str,
    pub battery: &'static str,
    pub replaced: &'static str,
    pub errors: &'static str,
    pub signs: &'static str,
    pub tried: &'static str,
    pub findings: &'static str,
    pub checks: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub unknown: &'static str,
    pub none: &'static str,
    pub resting: &'static str,
    pub loaded: &'static str,
    pub call: &'static str,
}

/// All words in one language.
#[derive(Clone, Copy, Debug)]
pub struct Texts {
    /// The language, by BCP 47.
    pub language: &'static str,
    /// Of a cause.
    pub cause: fn(Cause) -> CauseText,
    /// Of a step.
    pub step: fn(Step) -> StepText,
    /// Of a question.
    pub question: fn(Question) -> QuestionText,
    /// The answer that each question has besides its own.
    pub do_not_know: &'static str,
    /// A sign, as a statement.
    pub sign: fn(Sign, Seen) -> &'static str,
    /// Who says so.
    pub origin: fn(Origin) -> &'static str,
    /// How sure.
    pub confidence: fn(Confidence) -> &'static str,
    /// A rung of the ladder.
    pub rung: fn(Rung) -> &'static str,
    /// What a step may cost.
    pub risk: fn(Risk) -> &'static str,
    /// When to stop.
    pub stop_if: fn(StopIf) -> &'static str,
    /// What to do first where it came true.
    pub stopped: fn(StopIf) -> &'static str,
    /// Where a step is done.
    pub place: fn(Place) -> &'static str,
    /// Whom to call.
    pub helper: fn(Helper) -> &'static str,
    /// What to look at when a lock is installed, as a statement that is to be so.
    pub item: fn(Item) -> &'static str,
    /// What to check at the end.
    pub check: fn(Check) -> &'static str,
    /// How a check went.
    pub check_result: fn(CheckResult) -> &'static str,
    /// How a step went.
    pub outcome: fn(Outcome) -> &'static str,
    /// Where nothing is found.
    pub nothing_found: &'static str,
    /// What a lock counts or says of what went wrong.
    pub mishap: fn(Mishap) -> &'static str,
    /// A lock's fault.
    pub fault: fn(Fault) -> &'static str,
    /// Where an update stands.
    pub update: fn(UpdateState) -> &'static str,
    /// Why a lock booted.
    pub boot: fn(BootReason) -> &'static str,
    /// What feeds a lock.
    pub supply: fn(Supply) -> &'static str,
    /// How much the battery can do.
    pub level: fn(BatteryLevel) -> &'static str,
    /// Where the bolt is.
    pub bolt: fn(BoltPosition) -> &'static str,
    /// How the door stands.
    pub door: fn(DoorState) -> &'static str,
    /// A lock's mode.
    pub mode: fn(Mode) -> &'static str,
    /// Of the export.
    pub labels: Labels,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_has_a_text_for_each_of_its_answers() {
        for question in Question::ALL {
            let text = (ENGLISH.question)(question);
            assert_eq!(text.answers.len(), question.answers().len(), "{question:?}");
            assert!(text.ask.ends_with('?'), "{question:?}");
        }
    }

    #[test]
    fn each_text_is_a_sentence_or_a_headline() {
        let is_sentence = |text: &str| {
            text.ends_with('.')
                && text.starts_with(|first: char| first.is_uppercase())
                && !text.contains("  ")
        };
        for cause in Cause::ALL {
            let CauseText { name, explanation } = (ENGLISH.cause)(cause);
            assert!(!name.ends_with('.') && is_sentence(explanation), "{cause:?}");
        }
        for step in Step::ALL {
            let StepText { act, good } = (ENGLISH.step)(step);
            assert!(is_sentence(act) && is_sentence(good), "{step:?}");
        }
        for sign in Sign::ALL {
            let (yes, no) = ((ENGLISH.sign)(sign, Seen::Yes), (ENGLISH.sign)(sign, Seen::No));
            assert!(is_sentence(yes) && is_sentence(no) && yes != no, "{sign:?}");
        }
        assert!(Risk::ALL.into_iter().all(|risk| is_sentence((ENGLISH.risk)(risk))));
        assert!(StopIf::ALL.into_iter().all(|stop| is_sentence((ENGLISH.stop_if)(stop))));
        assert!(StopIf::ALL.into_iter().all(|stop| is_sentence((ENGLISH.stopped)(stop))));
        assert!(Helper::ALL.into_iter().all(|helper| is_sentence((ENGLISH.helper)(helper))));
        assert!(Item::ALL.into_iter().all(|item| is_sentence((ENGLISH.item)(item))));
        assert!(Check::ALL.into_iter().all(|check| is_sentence((ENGLISH.check)(check))));
    }
}
