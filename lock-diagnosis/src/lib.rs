//! Why does the door not open, and what now?
//!
//! A lock reports what it sees of itself ([`Health`](lock_proto::Health)); an app knows of its phone and network; a person sees,
//! hears and feels the rest. All three become [`Signs`]; rules, which are data, weigh them for and against each [`Cause`].
//!
//! ```text
//!  report of the lock ──┐                ┌──> Findings: cause, confidence, evidence, next step, risk, stop-if, whom to call
//!  what the app knows ──┼──> Signs ──────┤
//!  answers, results ────┘      ^         └──> Dialogue: Ask ─> Advise ─> Check ─> Solved, or Refer
//!                              └──────────────────┘  at most 7 questions, one step at a time
//! ```
//!
//! [`diagnose`] is a pure function: what is known in, ranked [`Findings`] out. [`Dialogue`] asks the question that splits what is
//! left best, gives one step at a time in the order of the escalation ladder (power, physical key, alignment, settings and
//! connections, power-cycle and re-pair, factory reset), asks for its result (it helped, it did not, it could not be done, it was
//! stopped), and ends in a proof that keypad, app, remote, key and sensor agree, or says whom to call. Whoever is locked out is let in
//! first, and told nothing that needs the inside. [`Capture`] is what to send to them. [`Installation`] is the checklist for a new lock, up to
//! its self-test. All words that people read are in [`texts`].
//!
//! `no_std`, without heap; it knows no clock and asks nobody by itself, so that the same engine runs in an app, in a cloud and in a
//! lock with a display.
//!
//! ```
//! use lock_diagnosis::{Cause, Origin, Seen, Sign, Signs, diagnose};
//!
//! // An app that cannot reach the lock knows this much by itself.
//! let mut signs = Signs::default();
//! signs.note(Sign::AppConnects, Seen::No, Origin::App);
//! signs.note(Sign::BluetoothOn, Seen::No, Origin::App);
//! assert_eq!(diagnose(&signs).first().map(|finding| finding.cause()), Some(Cause::BluetoothOff));
//! ```
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::unreachable
    )
)]

#[cfg(test)]
extern crate std;

pub mod texts;

mod capture;
mod cause;
mod check;
mod choose;
mod dialogue;
mod finding;
mod installation;
mod listed;
mod observe;
mod place;
mod question;
mod rule;
mod sign;
mod step;

pub use capture::{About, Capture, Mishap};
pub use cause::{Cause, Family};
pub use check::{Check, CheckResult};
pub use dialogue::{Answer, Dialogue, DialogueError, MOST_QUESTIONS, MOST_STEPS, Turn};
pub use finding::{Confidence, Finding, Findings, MOST_FINDINGS, diagnose};
pub use installation::{Chapter, Installation, InstallationError, Item, ItemResult, Task};
pub use place::Place;
pub use question::{AnswerNumber, Question};
pub use rule::{Evidence, Rule};
pub use sign::{Origin, Seen, Sign, Signs};
pub use step::{Helper, Outcome, Risk, Rung, Step, StopIf};
