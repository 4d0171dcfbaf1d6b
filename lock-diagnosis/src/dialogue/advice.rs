//! What comes next in a talk: a question, a step, a check, or whom to call.

use super::{Dialogue, MOST_QUESTIONS, MOST_STEPS, Turn};
use crate::cause::Cause;
use crate::check::Check;
use crate::choose::Belief;
use crate::finding::Confidence;
use crate::question::Question;
use crate::rule::Rule;
use crate::sign::{Origin, Seen, Sign, Signs};
use crate::step::{Helper, Outcome, Rung, Step};

/// A step that did not help makes what it cures so much less likely, in decibans.
const FAILED: i16 = 4;
/// The same where nothing is left to try.
const EXHAUSTED: i16 = 60;
/// Where what has nothing left to try is so much likelier than the best of the rest, it is what is wrong: the rest is not tried.
const BEYOND: i16 = 16;
/// Causes that lie so near the best, in decibans, take part in the choice of the next step: the ladder decides among them.
const NEAR: i16 = 6;
/// Taking the lock apart waits for everything cheaper against causes that lie so near.
const FAR: i16 = 12;
/// A cause below this is not worth a step.
const LEAST: i16 = -12;

impl Dialogue {
    /// What comes next. The same until something is told.
    #[must_use]
    pub fn turn(&self) -> Turn {
        let signs = self.signs();
        if let Some((step, _)) = self.steps().find(|(_, outcome)| *outcome == Outcome::Stopped) {
            return stop(step, &signs);
        }
        if let Some(by) = self.mended_by {
            let open = Check::ALL.into_iter().find(|check| self.check_result(*check).is_none());
            return open.map_or(Turn::Solved { by }, Turn::Check);
        }
        if signs.seen(Sign::CanGetIn).is_some()
            || self.answer_to(Question::Where).is_some()
            || self.questions() >= MOST_QUESTIONS
        {
            return self.turn_with(&signs);
        }
        // Where people stand is asked when it makes a difference, not before: when there is a way in that comes first for whoever is
        // locked out.
        let mut outside = signs;
        outside.note(Sign::CanGetIn, Seen::No, Origin::Person);
        let (here, there) = (self.turn_with(&signs), self.turn_with(&outside));
        if here != there && self.way_in(&outside).is_some() { Turn::Ask(Question::Where) } else { here }
    }

    /// The same, with all that is known.
    fn turn_with(&self, signs: &Signs) -> Turn {
        let belief = Belief::new(|rule| rule.weight(signs) - self.penalty(rule, signs));
        if self.has_to_hear_what_happens(&belief) {
            return Turn::Ask(Question::Happens);
        }
        if let Some((step, cause)) = self.way_in(signs) {
            return Turn::Advise { step, cause };
        }
        if self.is_at_the_end(signs) {
            return self.last_resort(signs);
        }
        if let Some(question) = self.next_question(&belief, signs) {
            return Turn::Ask(question);
        }
        if self.nothing_speaks_for_the_rest(signs) {
            return self.last_resort(signs);
        }
        match self.next_step(&belief, signs) {
            // Before anything is erased or taken apart, what could not be done may be possible now.
            Some((step, _)) if step.rung() >= Rung::FactoryReset && self.once_more(signs).is_some() => {
                self.last_resort(signs)
            }
            Some((step, cause)) => Turn::Advise { step, cause },
            None => self.last_resort(signs),
        }
    }

    fn has_to_hear_what_happens(&self, belief: &Belief) -> bool {
        let nobody_said = self.failed == Signs::NONE && self.steps().next().is_none();
        let is_likely = Confidence::of(belief.best()) >= Some(Confidence::Likely);
        nobody_said && !is_likely && self.answer_to(Question::Happens).is_none()
    }

    /// Whoever is locked out gets in first, and then sees to the lock: the cheapest way that was not tried, of those that what is
    /// most probable leaves open.
    fn way_in(&self, signs: &Signs) -> Option<(Step, Cause)> {
        if self.steps().count() >= MOST_STEPS {
            return None;
        }
        nearest(signs)
            .flat_map(|rule| rule.ways_in(signs).map(move |(place, step)| (place, step, rule)))
            .filter(|(_, step, _)| self.outcome(*step).is_none())
            .min_by_key(|(place, _, rule)| (*place, core::cmp::Reverse(rule.weight(signs))))
            .map(|(_, step, rule)| (step, rule.cause))
    }

    /// What was tried against a cause and did not help, or is mended already, in decibans. Where nothing is left to try, it is out
    /// of the choice of questions and steps.
    fn penalty(&self, rule: &Rule, signs: &Signs) -> i16 {
        if self.has_cure(rule, signs) { self.failures(rule) } else { EXHAUSTED }
    }

    fn has_cure(&self, rule: &Rule, signs: &Signs) -> bool {
        rule.cures.iter().any(|step| self.is_open(*step, signs))
    }

    /// What was tried against a cause and did not help, in decibans.
    fn failures(&self, rule: &Rule) -> i16 {
        let tried = rule.cures.iter().filter(|step| !step.is_test() && self.is_done(**step));
        tried.map(|_| FAILED).sum()
    }

    fn next_question(&self, belief: &Belief, signs: &Signs) -> Option<Question> {
        if self.questions() >= MOST_QUESTIONS {
            return None;
        }
        if Confidence::of(belief.best()) >= Some(Confidence::Likely) && belief.is_concentrated() {
            return None;
        }
        belief.question(signs, |question| {
            question != Question::Happens
                && self.answer_to(question).is_none()
                && question.makes_sense(signs)
                && question.place().is_within_reach(signs)
        })
    }

    /// Whether all was tried that may be: so many steps, a reset, or all that there is against what is by far the likeliest.
    fn is_at_the_end(&self, signs: &Signs) -> bool {
        let is_reset = self.outcome(Step::FactoryReset) == Some(Outcome::Bad);
        self.steps().count() >= MOST_STEPS || is_reset || self.is_known_against(signs, |_| true)
    }

    /// Whether nothing can be asked any more that would make a rival of what nothing speaks for.
    fn nothing_speaks_for_the_rest(&self, signs: &Signs) -> bool {
        self.is_known_against(signs, |rule| {
            rule.has_evidence(signs) && Confidence::of(rule.weight(signs)).is_some()
        })
    }

    /// Whether all was tried against the likeliest, and none of the rest that `may_be` a rival comes near it.
    fn is_known_against(&self, signs: &Signs, may_be: impl Fn(&Rule) -> bool) -> bool {
        let weight = |rule: &Rule| rule.weight(signs) - self.failures(rule);
        let Some(likeliest) = Rule::all().max_by_key(|rule| weight(rule)) else { return false };
        let rivals = Rule::all().filter(|rule| self.has_cure(rule, signs) && may_be(rule));
        Confidence::of(weight(likeliest)) >= Some(Confidence::Likely)
            && likeliest.has_evidence(signs)
            && !self.has_cure(likeliest, signs)
            && rivals.map(weight).max().is_none_or(|rival| weight(likeliest) >= rival + BEYOND)
    }

    /// The lowest step on the ladder among those that cure what is most probable; of one rung, what cures the more probable, and of
    /// its cures the better.
    fn next_step(&self, belief: &Belief, signs: &Signs) -> Option<(Step, Cause)> {
        if belief.best() < LEAST {
            return None;
        }
        let (step, cause) = self.lowest(belief, signs, NEAR)?;
        if step.rung() < Rung::Dismantle { Some((step, cause)) } else { self.lowest(belief, signs, FAR) }
    }

    fn lowest(&self, belief: &Belief, signs: &Signs, near: i16) -> Option<(Step, Cause)> {
        let least = (belief.best() - near).max(LEAST);
        let open = Rule::all().filter(|rule| belief.weight(rule.cause) >= least).flat_map(|rule| {
            let cures = rule.cures.iter().enumerate().filter(|(_, step)| self.is_open(**step, signs));
            cures.map(|(place, step)| (place, *step, rule.cause))
        });
        open.min_by_key(|(place, step, cause)| {
            (step.rung(), core::cmp::Reverse(belief.weight(*cause)), *place)
        })
        .map(|(_, step, cause)| (step, cause))
    }

    /// Whether a step is worth trying: not tried, and one that may be done.
    fn is_open(&self, step: Step, signs: &Signs) -> bool {
        self.outcome(step).is_none() && step.may_be_done(signs)
    }

    /// Where nothing else is left, what could not be done before is offered once more; then somebody is called.
    fn last_resort(&self, signs: &Signs) -> Turn {
        match self.once_more(signs) {
            Some((step, cause)) => Turn::Advise { step, cause },
            None => refer(signs),
        }
    }

    /// Of the steps against what is most probable that could not be done, the lowest on the ladder. Not the step that was told last:
    /// nothing has changed since.
    fn once_more(&self, signs: &Signs) -> Option<(Step, Cause)> {
        if self.steps().count() >= MOST_STEPS {
            return None;
        }
        let last = self.steps().last().map(|(step, _)| step);
        let cures = nearest(signs).flat_map(|rule| rule.cures.iter().map(|step| (*step, rule.cause)));
        let ways =
            nearest(signs).flat_map(|rule| rule.ways_in(signs).map(move |(_, step)| (step, rule.cause)));
        let undone = ways.chain(cures).filter(|(step, _)| {
            self.outcome(*step) == Some(Outcome::NotDone)
                && Some(*step) != last
                && !self.given_up.get(step.index()).copied().unwrap_or_default()
                && step.may_be_done(signs)
        });
        undone.min_by_key(|(step, _)| (!step.is_way_in(), step.rung()))
    }

    fn is_done(&self, step: Step) -> bool {
        matches!(self.outcome(step), Some(Outcome::Good | Outcome::Bad))
    }
}

impl Step {
    /// Whether it makes sense with what is known: in reach, no test of what is known, and nothing that is so already. Where the key
    /// does not turn nobody takes the lock apart: that is a locksmith's work.
    pub(crate) fn may_be_done(self, signs: &Signs) -> bool {
        let is_for_a_locksmith =
            self.rung() == Rung::Dismantle && signs.seen(Sign::KeyTurns) == Some(Seen::No);
        let is_pointless = self.tests_what_is_known(signs) || self.changes_nothing(signs);
        !is_for_a_locksmith && !is_pointless && self.makes_sense(signs) && self.place().is_within_reach(signs)
    }
}

/// The weight of what is most probable, whatever was tried against it.
fn best(signs: &Signs) -> i16 {
    Rule::all().map(|rule| rule.weight(signs)).max().unwrap_or_default()
}

/// What is most probable, whatever was tried against it, and what lies near.
fn nearest(signs: &Signs) -> impl Iterator<Item = &'static Rule> {
    let best = best(signs);
    Rule::all().filter(move |rule| rule.weight(signs) >= best - NEAR)
}

/// For what the step would have cured; whom to call is a matter of why it was stopped.
fn stop(step: Step, signs: &Signs) -> Turn {
    let rule = Rule::most_probable(signs, |rule| rule.cures.contains(&step))
        .or_else(|| Rule::most_probable(signs, |_| true));
    let cause = rule.map_or(Cause::ControllerFaulty, |rule| rule.cause);
    let is_locked_out = signs.seen(Sign::CanGetIn) == Some(Seen::No);
    let helper = match step.stop_if().helper() {
        // Whoever knows about cells does not open the door.
        Some(Helper::Maker) if is_locked_out => Helper::Locksmith,
        Some(helper) => helper,
        None => Rule::helper_for(cause, signs),
    };
    Turn::Stop { step, helper, cause }
}

/// For what is most probable, whatever was tried against it.
fn refer(signs: &Signs) -> Turn {
    let rule = Rule::most_probable(signs, |_| true);
    let cause = rule.map_or(Cause::ControllerFaulty, |rule| rule.cause);
    Turn::Refer { helper: Rule::helper_for(cause, signs), cause }
}
