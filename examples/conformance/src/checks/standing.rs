//! What must hold over all that was seen in a run.

use crate::check::{Check, Pace, Seen, Stop, applies};
use crate::lab::Lab;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "standing/no-nonce-twice",
        section: "3.4",
        rule: "No nonce of a Hello, a Message2 or a sealed message came twice, over all links and boots of the run.",
        look_at: "boot counter and count go into each nonce; a stuck random source alone repeats none",
        pace: Pace::Short,
        run: nonces,
    },
    Check {
        name: "standing/nothing-goes-back",
        section: "3.4, 5, 6",
        rule: "Neither boot counter nor marks went back, over all answers of the run.",
        look_at: "marks are told when they are durable, and not before",
        pace: Pace::Short,
        run: backwards,
    },
];

fn nonces(lab: &mut Lab) -> Seen {
    applies(lab.witness.hellos > 0, "no Hello came")?;
    match lab.witness.breaches.iter().find(|breach| breach.contains("came twice")) {
        Some(breach) => Err(Stop::Failed(breach.clone())),
        None => Ok(format!("{} Hellos, {} answers", lab.witness.hellos, lab.witness.answers)),
    }
}

fn backwards(lab: &mut Lab) -> Seen {
    applies(lab.witness.answers > 0, "no answer came")?;
    match lab.witness.breaches.iter().find(|breach| breach.contains("went back")) {
        Some(breach) => Err(Stop::Failed(breach.clone())),
        None => Ok(format!("{} answers", lab.witness.answers)),
    }
}
