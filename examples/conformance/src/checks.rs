//! All checks, in the order in which they run.

mod behaviour;
mod commands;
mod greeting;
mod handshake;
mod log;
mod noise;
mod power;
mod records;
mod sealed;
mod standing;

use crate::check::Check;

/// Every check of a lock. The first group wants a lock that has never been spoken to; the last one judges what was seen in all of them.
pub(crate) fn all() -> Vec<Check> {
    [
        sealed::ON_A_NEW_LOCK,
        greeting::CHECKS,
        handshake::CHECKS,
        records::CHECKS,
        noise::CHECKS,
        sealed::CHECKS,
        commands::CHECKS,
        behaviour::CHECKS,
        log::CHECKS,
        power::CHECKS,
        standing::CHECKS,
    ]
    .concat()
}
