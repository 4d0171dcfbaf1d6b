//! What a check is, and what came of it.

use crate::lab::Lab;

/// Why a check ends without having passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The rule does not hold: what was seen.
    Failed(String),
    /// There is nothing to look at: why.
    NotApplicable(String),
    /// The lock could not be brought to where the rule could be looked at: it failed too, for another reason.
    Broken(String),
}

/// What a check that passes has seen.
pub(crate) type Seen = Result<String, Stop>;

/// One rule of the specification, and how it is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Check {
    /// `group/name`, by which it is chosen.
    pub(crate) name: &'static str,
    /// The section of docs/protocol.md.
    pub(crate) section: &'static str,
    /// What is expected, in one sentence.
    pub(crate) rule: &'static str,
    /// What to look at where it fails.
    pub(crate) look_at: &'static str,
    pub(crate) pace: Pace,
    pub(crate) run: fn(&mut Lab) -> Seen,
}

/// How long it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    Short,
    /// It waits for a deadline of many seconds.
    Long,
}

/// Fails with what was seen, unless it holds.
pub(crate) fn ensure(holds: bool, seen: impl FnOnce() -> String) -> Result<(), Stop> {
    if holds { Ok(()) } else { Err(Stop::Failed(seen())) }
}

/// There is nothing to look at, unless it holds.
pub(crate) fn applies(holds: bool, why: &str) -> Result<(), Stop> {
    if holds { Ok(()) } else { Err(Stop::NotApplicable(why.to_owned())) }
}
