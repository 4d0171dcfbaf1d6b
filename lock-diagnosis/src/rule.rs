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
                        weigh(Sign::BoltFollows, 2, -6),
                        weigh(Sign::CodeRefused, -8, 0),
                    ]
                }
            }
            Self::Firmware => const { &[weigh(Sign::CodeRefused, -4, 0)] },
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

    /// All that speaks for it and against it, its family's first.
    pub fn weighs(&self) -> impl Iterator<Item = &'static Evidence> + use<> {
        self.family.evidence().iter().chain(self.evidence)
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
            assert!(Rule::all().any(|rule| rule.weighs().any(|evidence| evidence.sign == sign)), "{sign:?}");
        }
        for step in Step::ALL {
            assert!(Rule::all().any(|rule| rule.cures.contains(&step)), "{step:?}");
        }
    }
}
