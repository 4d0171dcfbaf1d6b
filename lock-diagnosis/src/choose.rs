//! The question that splits the causes best.
//!
//! Each cause has a share of belief, by its weight; each question divides that share among its answers, by what each answer says of
//! the cause. Asked is the question after which, on average over its answers, belief is most concentrated: the expected sum of
//! squared shares is largest. (That is the Gini index of decision trees, from Breiman and others, "Classification and Regression
//! Trees", 1984; it needs no logarithm, so that integers do.)

use crate::cause::Cause;
use crate::question::Question;
use crate::rule::Rule;
use crate::sign::{Seen, Sign, Signs};

/// 65,536 · 10^(−n/10): the share of belief that lies n decibans below the best.
const BELOW: [u32; 31] = [
    65_536, 52_057, 41_350, 32_846, 26_090, 20_724, 16_462, 13_076, 10_387, 8_250, 6_554, 5_206, 4_135,
    3_285, 2_609, 2_072, 1_646, 1_308, 1_039, 825, 655, 521, 414, 328, 261, 207, 165, 131, 104, 83, 66,
];

/// A question has to concentrate belief by more than this share, in thousandths, to be worth a person's time.
const LEAST_GAIN: u64 = 4;

fn share(weight: i16, best: i16) -> u64 {
    let below = usize::try_from(best.saturating_sub(weight)).unwrap_or(0);
    u64::from(BELOW.get(below).copied().unwrap_or(0))
}

/// How belief is divided among the causes.
#[derive(Debug)]
pub(crate) struct Belief {
    weights: [i16; Cause::ALL.len()],
    best: i16,
}

impl Belief {
    /// With each cause's weight after all that is known.
    pub(crate) fn new(weight: impl Fn(&'static Rule) -> i16) -> Self {
        let mut weights = [i16::MIN; Cause::ALL.len()];
        for rule in Rule::all() {
            if let Some(place) = weights.get_mut(rule.cause.index()) {
                *place = weight(rule);
            }
        }
        let best = weights.iter().copied().max().unwrap_or_default();
        Self { weights, best }
    }

    pub(crate) fn weight(&self, cause: Cause) -> i16 {
        self.weights.get(cause.index()).copied().unwrap_or(i16::MIN)
    }

    pub(crate) const fn best(&self) -> i16 {
        self.best
    }

    fn share(&self, cause: Cause) -> u64 {
        share(self.weight(cause), self.best)
    }

    fn whole(&self) -> u64 {
        Cause::ALL.into_iter().map(|cause| self.share(cause)).sum()
    }

    /// Whether one cause has at least three quarters of all belief.
    pub(crate) fn is_concentrated(&self) -> bool {
        BELOW.first().is_some_and(|best| u64::from(*best) * 4 >= self.whole() * 3)
    }

    /// The question that splits best among those that `may_ask` lets through; `None` where none is worth it.
    pub(crate) fn question(&self, signs: &Signs, may_ask: impl Fn(Question) -> bool) -> Option<Question> {
        let (now, whole) = (self.concentration(), self.whole());
        let asked =
            Question::ALL.into_iter().filter(|question| may_ask(*question) && !question.is_settled(signs));
        let (gain, question) = asked
            .map(|question| (self.concentration_after(question, signs).saturating_sub(now), question))
            .max_by_key(|(gain, question)| (*gain, core::cmp::Reverse(*question)))?;
        (gain * 1_000 > whole * LEAST_GAIN).then_some(question)
    }

    fn concentration(&self) -> u64 {
        let squares: u64 = Cause::ALL.into_iter().map(|cause| self.share(cause).pow(2)).sum();
        squares.checked_div(self.whole()).unwrap_or_default()
    }

    /// The same, on average over the answers.
    fn concentration_after(&self, question: Question, signs: &Signs) -> u64 {
        let mut sums = [(0_u64, 0_u64); MOST_ANSWERS];
        for rule in Rule::all() {
            let share = self.share(rule.cause);
            if share == 0 {
                continue;
            }
            let says = question.answers().iter().filter(|says| is_possible(says, signs));
            let says = says.map(|says| said(rule, says, signs));
            let best = says.clone().max().unwrap_or_default();
            let whole: u64 = says.clone().map(|weight| self::share(weight, best)).sum();
            for ((sum, squares), weight) in sums.iter_mut().zip(says) {
                let part = (share * self::share(weight, best)).checked_div(whole).unwrap_or_default();
                *sum += part;
                *squares += part.pow(2);
            }
        }
        sums.iter().map(|(sum, squares)| squares.checked_div(*sum).unwrap_or_default()).sum()
    }
}

/// Answers that a question has at most.
const MOST_ANSWERS: usize = 10;

/// Whether an answer contradicts nothing that is known: whoever said that the motor is silent does not say next that it grinds.
fn is_possible(says: &[(Sign, Seen)], signs: &Signs) -> bool {
    says.iter().all(|(sign, seen)| signs.seen(*sign).is_none_or(|known| known == *seen))
}

/// What an answer says of a cause beyond what is known, in decibans.
fn said(rule: &Rule, says: &[(Sign, Seen)], signs: &Signs) -> i16 {
    let weighs = says.iter().map(|(sign, seen)| {
        let before = signs.seen(*sign).map_or(0, |before| rule.weight_of(*sign, before));
        rule.weight_of(*sign, *seen) - before
    });
    weighs.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_shares_is_what_its_formula_says() {
        for (below, share) in BELOW.into_iter().enumerate() {
            let exact = 65_536.0 * 10_f64.powf(-(below as f64) / 10.0);
            assert!((f64::from(share) - exact).abs() <= 0.5, "{below}: {share} for {exact}");
        }
    }

    #[test]
    fn there_is_room_for_the_answers_of_each_question() {
        for question in Question::ALL {
            assert!((2..=MOST_ANSWERS).contains(&question.answers().len()), "{question:?}");
        }
    }
}
