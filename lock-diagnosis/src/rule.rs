//! The rules: for each cause, what speaks for and against it, what cures it, and who helps when nothing does. All of it is data.
//!
//! Evidence is weighed in decibans, tenths of a power of ten of odds: +10 makes a cause ten times as likely against the others,
//! −10 a tenth. (The unit is Turing's and Good's, from I. J. Good, "Probability and the Weighing of Evidence", 1950.) The figures
//! are judgements made from the troubleshooting guides of the field, see `docs/diagnosis.md`; they order causes and questions, and
//! claim no more.

mod access;
mod electronics;
mod mechanism;
mod network;
mod parts;
mod phone;
mod power;

use crate::cause::{Cause, Family};
use crate::sign::{Seen, Sign, Signs};
use crate::step::{Helper, Step};

/// What one sign says of a cause, in decibans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The sign.
    pub sign: Sign,
    /// Where it is so.
    pub if_seen: i8,
    /// Where it is not.
    pub if_not: i8,
}

impl Evidence {
    /// What it says where the sign is as `seen`.
    #[must_use]
    pub const fn weight(&self, seen: Seen) -> i8 {
        match seen {
            Seen::Yes => self.if_seen,
            Seen::No => self.if_not,
        }
    }
}

/// All that is known of a cause in general.
#[derive(Debug)]
pub struct Rule {
    /// The cause.
    pub cause: Cause,
    /// Where it lies.
    pub family: Family,
    /// How frequent it is, in decibans against the most frequent.
    pub prior: i8,
    /// What speaks for it and against it, besides its family's.
    pub evidence: &'static [Evidence],
    /// What cures it, the best first; empty where a person can do nothing.
    pub cures: &'static [Step],
    /// Who helps where no cure did.
    pub helper: Helper,
}

const fn weigh(sign: Sign, if_seen: i8, if_not: i8) -> Evidence {
    Evidence { sign, if_seen, if_not }
}

impl Family {
    /// What speaks for and against each of its causes.
    #[must_use]
    pub const fn evidence(self) -> &'static [Evidence] {
        match self {
            Self::Power => {
                const {
                    &[
                        weigh(Sign::CodeRefused, -8, 0),
                        weigh(Sign::BoltFollows, -6, 1),
                        weigh(Sign::MotorHeard, -3, 3),
                    ]
                }
            }
            Self::Mechanism => {
                const {
                    &[
                        weigh(Sign::Wakes, 0, -20),
                        weigh(Sign::CodeRefused, -10, 0),
                        weigh(Sign::BoltFollows, -14, 6),
                        weigh(Sign::MotorHeard, 2, -5),
                        // What a lock says of its bolt that cannot see it is worth little.
                        weigh(Sign::BoltSensorGood, 0, -14),
                    ]
                }
            }
            Self::Parts => {
                const {
                    &[
                        weigh(Sign::Wakes, 0, -15),
                        weigh(Sign::BoltFollows, 3, -4),
                        weigh(Sign::CodeRefused, -6, 0),
                    ]
                }
            }
            Self::Electronics => {
                const { &[weigh(Sign::CodeRefused, -6, 0), weigh(Sign::BoltFollows, -6, 1)] }
            }
            Self::Access => {
                const {
                    &[
                        weigh(Sign::Wakes, 0, -20),
                        weigh(Sign::CodeRefused, 8, -10),
                        weigh(Sign::KeypadOpens, -6, 4),
                        weigh(Sign::MotorHeard, -8, 0),
                        weigh(Sign::BoltFollows, -4, 0),
                    ]
                }
            }
            Self::Phone => {
                const {
                    &[
                        weigh(Sign::Wakes, 0, -10),
                        weigh(Sign::AppConnects, -14, 8),
                        weigh(Sign::PartsWork, 0, -8),
                        weigh(Sign::ShowsTruth, 0, -6),
                        weigh(Sign::BoltFollows, 3, -6),
                        weigh(Sign::CodeRefused, -8, 0),
                    ]
                }
            }
            Self::Network => {
                const {
                    &[
                        weigh(Sign::Wakes, 0, -10),
                        weigh(Sign::RemoteWorks, -8, 7),
                        weigh(Sign::PartsWork, 0, -8),
                        weigh(Sign::BoltFollows, 2, -6),
                        weigh(Sign::CodeRefused, -8, 0),
                    ]
                }
            }
            Self::Firmware => const { &[weigh(Sign::CodeRefused, -4, 0)] },
        }
    }

    /// How somebody gets in who is locked out by one of its causes, the cheapest way first. Where phone or network fail, the cure
    /// itself is the way in, and where a sensor or the light fails the door opens.
    #[must_use]
    pub const fn ways_in(self) -> &'static [Step] {
        match self {
            Self::Power | Self::Electronics => &[Step::UseKey, Step::FeedFromOutside],
            Self::Mechanism => &[Step::UseKey, Step::PressDoor],
            Self::Access => &[Step::UseKey, Step::AskAnother],
            Self::Parts | Self::Phone | Self::Network | Self::Firmware => &[],
        }
    }
}

/// The rules, by family.
static RULES: [&[Rule]; 7] = [
    &power::RULES,
    &mechanism::RULES,
    &parts::RULES,
    &electronics::RULES,
    &access::RULES,
    &phone::RULES,
    &network::RULES,
];

impl Rule {
    /// All rules, one for each cause.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        RULES.iter().flat_map(|rules| rules.iter())
    }

    /// The rule of a cause.
    #[must_use]
    pub fn of(cause: Cause) -> Option<&'static Self> {
        Self::all().find(|rule| rule.cause == cause)
    }

    /// The most probable of those that `may_be` lets through.
    pub(crate) fn most_probable(signs: &Signs, may_be: impl Fn(&Self) -> bool) -> Option<&'static Self> {
        Self::all()
            .filter(|rule| may_be(rule))
            .max_by_key(|rule| (rule.weight(signs), core::cmp::Reverse(rule.cause)))
    }

    /// The ways in that are left to somebody who is locked out by this, with their rank; none for whoever can get in, and none where
    /// the lock opens for those who may.
    pub(crate) fn ways_in(&self, signs: &Signs) -> impl Iterator<Item = (usize, Step)> + use<> {
        let opens = signs.seen(Sign::BoltFollows) == Some(Seen::Yes) && self.family != Family::Access;
        let is_locked_out = signs.seen(Sign::CanGetIn) == Some(Seen::No) && !opens;
        let signs = *signs;
        self.family.ways_in().iter().copied().enumerate().filter(move |(_, step)| {
            is_locked_out && step.shows().is_none_or(|sign| signs.seen(sign) != Some(Seen::No))
        })
    }

    /// Whom to call for a cause with all that is known. Where the key does not turn, or somebody is locked out, it is a locksmith;
    /// where the owner decides, the owner; and what hangs on the mains is an electrician's.
    pub(crate) fn helper_for(cause: Cause, signs: &Signs) -> Helper {
        let (helper, family) =
            Self::of(cause).map_or((Helper::Locksmith, Family::Mechanism), |rule| (rule.helper, rule.family));
        let is_mains = family == Family::Power && signs.seen(Sign::RunsOnMains) == Some(Seen::Yes);
        let is_locked_out = signs.seen(Sign::CanGetIn) == Some(Seen::No) && !family.ways_in().is_empty();
        let key_is_stuck = signs.seen(Sign::KeyTurns) == Some(Seen::No);
        match helper {
            Helper::Owner => Helper::Owner,
            _ if key_is_stuck || is_locked_out => Helper::Locksmith,
            _ if is_mains => Helper::Electrician,
            Helper::Locksmith | Helper::Maker | Helper::Electrician | Helper::Provider => helper,
        }
    }

    /// All that speaks for it and against it, its family's first.
    pub fn weighs(&self) -> impl Iterator<Item = &'static Evidence> + use<> {
        self.family.evidence().iter().chain(self.evidence)
    }

    /// What a whole family shares tells a dead lock from a wrong code, and nothing more: evidence is what is the cause's own.
    pub(crate) fn has_evidence(&self, signs: &Signs) -> bool {
        self.evidence.iter().any(|evidence| {
            signs.seen(evidence.sign).is_some_and(|seen| evidence.weight(seen) >= LEAST_EVIDENCE)
        })
    }

    /// What `sign` says of it where it is as `seen`, in decibans.
    pub(crate) fn weight_of(&self, sign: Sign, seen: Seen) -> i16 {
        self.weighs()
            .filter(|evidence| evidence.sign == sign)
            .map(|evidence| i16::from(evidence.weight(seen)))
            .sum()
    }

    /// How likely it is with all that is known, in decibans.
    pub(crate) fn weight(&self, signs: &Signs) -> i16 {
        let evidence = self.weighs().filter_map(|evidence| {
            let seen = signs.seen(evidence.sign)?;
            Some(i16::from(evidence.weight(seen)))
        });
        i16::from(self.prior) + evidence.sum::<i16>()
    }
}

/// What weighs less is a hint, and makes no finding by itself, in decibans.
const LEAST_EVIDENCE: i8 = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn each_cause_has_exactly_one_rule() {
        for cause in Cause::ALL {
            assert_eq!(Rule::all().filter(|rule| rule.cause == cause).count(), 1, "{cause:?}");
        }
        assert_eq!(Rule::all().count(), Cause::ALL.len());
    }

    #[test]
    fn each_rule_has_something_that_alone_makes_it_likely_and_something_that_speaks_against_it() {
        for rule in Rule::all() {
            let best: i16 =
                rule.weighs().map(|evidence| i16::from(evidence.if_seen.max(evidence.if_not)).max(0)).sum();
            assert!(best + i16::from(rule.prior) >= 15, "{:?} can never be nearly certain", rule.cause);
            assert!(
                rule.weighs().any(|evidence| evidence.if_seen.min(evidence.if_not) < 0),
                "{:?}",
                rule.cause
            );
        }
    }

    #[test]
    fn what_speaks_for_a_cause_speaks_against_it_where_it_is_not_so() {
        for rule in Rule::all() {
            for evidence in rule.evidence {
                let product = i16::from(evidence.if_seen) * i16::from(evidence.if_not);
                assert!(product <= 0, "{:?}: {:?}", rule.cause, evidence.sign);
            }
        }
    }

    #[test]
    fn no_rule_weighs_a_sign_twice_of_its_own() {
        for rule in Rule::all() {
            let mut signs: Vec<_> = rule.evidence.iter().map(|evidence| evidence.sign).collect();
            signs.sort();
            let count = signs.len();
            signs.dedup();
            assert_eq!(signs.len(), count, "{:?}", rule.cause);
        }
    }

    #[test]
    fn each_sign_is_weighed_by_a_rule_and_each_step_cures_something() {
        for sign in Sign::ALL {
            let is_weighed = Rule::all().any(|rule| rule.weighs().any(|evidence| evidence.sign == sign));
            // Where people stand says nothing of what is wrong, and much of what they can do.
            assert_eq!(is_weighed, sign != Sign::CanGetIn, "{sign:?}");
        }
        for step in Step::ALL {
            let opens = Rule::all().any(|rule| rule.family.ways_in().contains(&step));
            assert!(opens || Rule::all().any(|rule| rule.cures.contains(&step)), "{step:?}");
            assert_eq!(opens, step.is_way_in(), "{step:?}");
        }
    }
}
