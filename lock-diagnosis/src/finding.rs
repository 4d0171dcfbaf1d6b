//! Findings: what is probably wrong, why we think so, and what to do next.

use crate::cause::Cause;
use crate::listed::listed;
use crate::rule::Rule;
use crate::sign::{Origin, Seen, Sign, Signs};
use crate::step::{Helper, Risk, Rung, Step, StopIf};

listed! {
    /// How sure a finding is.
    #[derive(PartialOrd, Ord)]
    pub enum Confidence {
        /// Something speaks for it; about as much speaks against it, or for others.
        Possible,
        /// At least three to one: from 5 decibans on.
        Likely,
        /// At least thirty to one: from 15 decibans on, and three to one against each other explanation of the same evidence.
        Certain,
    }
}

impl Confidence {
    const LIKELY_FROM: i16 = 5;
    const CERTAIN_FROM: i16 = 15;
    /// Below this nothing is said of a cause.
    const POSSIBLE_FROM: i16 = -5;

    /// Of so many decibans; `None` where it is not worth a word.
    #[must_use]
    pub const fn of(weight: i16) -> Option<Self> {
        match weight {
            Self::CERTAIN_FROM.. => Some(Self::Certain),
            Self::LIKELY_FROM.. => Some(Self::Likely),
            Self::POSSIBLE_FROM.. => Some(Self::Possible),
            _ => None,
        }
    }

    /// At most, beside the best other explanation of the same evidence: nearly certain is only what is three times as probable, and
    /// what is three times less probable is no more than possible. Causes of different families may be wrong at once, and are not
    /// compared.
    const fn beside(weight: i16, rival: i16) -> Self {
        match weight.saturating_sub(rival) {
            Self::LIKELY_FROM.. => Self::Certain,
            margin if margin > -Self::LIKELY_FROM => Self::Likely,
            _ => Self::Possible,
        }
    }
}

/// One thing that is probably wrong.
#[derive(Clone, Copy, Debug)]
pub struct Finding {
    rule: &'static Rule,
    signs: Signs,
    weight: i16,
    confidence: Confidence,
    tried: Tried,
}

/// Steps that were tried, whatever came of it: a bit each.
#[derive(Clone, Copy, Debug, Default)]
struct Tried(u64);

const _: () = assert!(Step::ALL.len() <= 64);

impl Tried {
    const fn with(self, step: Step) -> Self {
        Self(self.0 | 1 << step.index())
    }

    const fn has(self, step: Step) -> bool {
        self.0 & 1 << step.index() != 0
    }
}

impl Finding {
    /// What is wrong.
    #[must_use]
    pub const fn cause(&self) -> Cause {
        self.rule.cause
    }

    /// How sure that is.
    #[must_use]
    pub const fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// The same in decibans, tenths of a power of ten of odds: what equally sure findings are ranked by.
    #[must_use]
    pub const fn weight(&self) -> i16 {
        self.weight
    }

    /// What speaks for it, with who says so; what is hardly worth a word is left out.
    pub fn evidence(&self) -> impl Iterator<Item = (Sign, Seen, Origin)> + '_ {
        self.speaking(|weight| weight >= WORTH_A_WORD)
    }

    /// What speaks against it, with who says so.
    pub fn doubts(&self) -> impl Iterator<Item = (Sign, Seen, Origin)> + '_ {
        self.speaking(|weight| weight <= -WORTH_A_WORD)
    }

    fn speaking(&self, wanted: fn(i16) -> bool) -> impl Iterator<Item = (Sign, Seen, Origin)> + '_ {
        self.signs.known().filter_map(move |(sign, seen)| {
            wanted(self.rule.weight_of(sign, seen)).then_some((sign, seen, self.signs.origin(sign)?))
        })
    }

    /// All that may cure it, in the order of the escalation ladder, of one rung the best first.
    pub fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        let cures = self.rule.cures;
        Rung::ALL
            .into_iter()
            .flat_map(move |rung| cures.iter().copied().filter(move |step| step.rung() == rung))
    }

    /// The ways in for somebody who is locked out by it, the cheapest first; none for whoever can get in.
    pub fn ways_in(&self) -> impl Iterator<Item = Step> + '_ {
        self.rule.ways_in(&self.signs).map(|(_, step)| step)
    }

    /// What to do next that was not tried: a way in for whoever is locked out, else the lowest of its steps on the ladder that may be
    /// done and is no test of what is known. `None` where only a helper can do something.
    #[must_use]
    pub fn next_step(&self) -> Option<Step> {
        let is_new = |step: &Step| !self.tried.has(*step);
        let cure = || self.steps().find(|step| is_new(step) && step.may_be_done(&self.signs));
        self.ways_in().find(is_new).or_else(cure)
    }

    /// What the next step may cost.
    #[must_use]
    pub fn risk(&self) -> Risk {
        self.next_step().map_or(Risk::None, Step::risk)
    }

    /// When to stop with the next step.
    #[must_use]
    pub fn stop_if(&self) -> StopIf {
        self.next_step().map_or(StopIf::Uneasy, Step::stop_if)
    }

    /// Whom to call where the steps do not help.
    #[must_use]
    pub fn helper(&self) -> Helper {
        Rule::helper_for(self.rule.cause, &self.signs)
    }
}

/// How many findings there are room for.
pub const MOST_FINDINGS: usize = 8;

/// What is probably wrong, the surest first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Findings {
    ranked: [Option<Finding>; MOST_FINDINGS],
}

impl Findings {
    /// The findings in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.ranked.iter().flatten()
    }

    /// The most probable one.
    #[must_use]
    pub fn first(&self) -> Option<&Finding> {
        self.iter().next()
    }

    /// Whether nothing is wrong, as far as is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first().is_none()
    }

    /// The same, with next steps that are none of `tried`.
    pub(crate) fn after(mut self, tried: impl Iterator<Item = Step>) -> Self {
        let tried = tried.fold(Tried::default(), Tried::with);
        for finding in self.ranked.iter_mut().flatten() {
            finding.tried = tried;
        }
        self
    }

    /// Puts one at its place; the least probable falls out.
    fn insert(&mut self, finding: Finding) {
        let mut carried = Some(finding);
        for place in &mut self.ranked {
            let Some(new) = carried else { break };
            let comes_first = place.is_none_or(|old| {
                (new.confidence, new.weight, old.rule.cause) > (old.confidence, old.weight, new.rule.cause)
            });
            if comes_first {
                carried = place.replace(new);
            }
        }
    }
}

/// What is probably wrong, by all that is known: from the lock's report, from the app, from people. What is unknown argues for
/// nothing, and a cause that nothing speaks for is no finding.
///
/// ```
/// use lock_diagnosis::{Cause, Confidence, Signs, Step, diagnose};
/// use lock_proto::{Fact, Fault, Health};
///
/// let mut report = Health::default();
/// report.status.fault = Fact { value: Fault::ClutchFailed, ..Fact::default() };
/// let findings = diagnose(&Signs::from_report(&report));
/// let first = findings.first().expect("the lock says it itself");
/// assert_eq!((first.cause(), first.confidence()), (Cause::ClutchFailed, Confidence::Certain));
/// assert_eq!(first.next_step(), Some(Step::OpenLock));
/// ```
#[must_use]
pub fn diagnose(signs: &Signs) -> Findings {
    let mut findings = Findings::default();
    for rule in Rule::all() {
        let weight = rule.weight(signs);
        let Some(confidence) = Confidence::of(weight) else { continue };
        let confidence = confidence.min(Confidence::beside(weight, rival(rule, signs)));
        let finding = Finding { rule, signs: *signs, weight, confidence, tried: Tried::default() };
        if rule.has_evidence(signs) {
            findings.insert(finding);
        }
    }
    findings
}

/// How much the best other explanation of the same evidence weighs: another cause of the same family that something of its own
/// speaks for.
fn rival(rule: &Rule, signs: &Signs) -> i16 {
    let others = Rule::all().filter(|other| other.family == rule.family && other.cause != rule.cause);
    let others = others.filter(|other| other.has_evidence(signs));
    others.map(|other| other.weight(signs)).max().unwrap_or(i16::MIN)
}

/// What weighs less, for or against, is not told, in decibans.
const WORTH_A_WORD: i16 = 2;
