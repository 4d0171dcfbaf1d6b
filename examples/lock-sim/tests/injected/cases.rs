//! What is done to the lock, and what has to be found.

#[path = "access.rs"]
mod access;
#[path = "door.rs"]
mod door;
#[path = "parts.rs"]
mod parts;
#[path = "power.rs"]
mod power;

use lock_diagnosis::{Cause, Confidence, Step};

use crate::Rig;

pub(super) struct Case {
    pub(super) name: &'static str,
    /// What was done to the lock, for whoever reads the fixture.
    pub(super) fault: &'static str,
    pub(super) inject: fn(Rig) -> Rig,
    pub(super) cause: Cause,
    pub(super) confidence: Confidence,
    pub(super) step: Option<Step>,
}

/// All cases.
pub(super) fn all() -> impl Iterator<Item = &'static Case> {
    power::CASES.iter().chain(&door::CASES).chain(&access::CASES).chain(&parts::CASES)
}
