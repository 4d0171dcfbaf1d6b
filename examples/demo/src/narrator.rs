//! What the demo prints: a story for people, or one line a step.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// With explanations, packets and log lines.
    Told,
    /// One line a step.
    Headless,
}

/// Prints and counts.
#[derive(Debug)]
pub(crate) struct Narrator {
    manner: Manner,
    colour: bool,
    scenario: String,
    passed: u32,
    failed: u32,
    started: Instant,
}

impl Narrator {
    pub(crate) fn new(manner: Manner) -> Self {
        let colour = manner == Manner::Told && std::io::stdout().is_terminal();
        Self { manner, colour, scenario: String::new(), passed: 0, failed: 0, started: Instant::now() }
    }

    /// Begins a scenario; `story` says what is about to happen and why it matters.
    pub(crate) fn scenario(&mut self, name: &str, story: &str) {
        name.clone_into(&mut self.scenario);
        if self.manner == Manner::Told {
            let line = self.paint("1", &format!("== {name} "));
            println!("\n{line}\n   {}", story.replace('\n', "\n   "));
        }
    }

    /// Something that happened, as the processes showed it.
    pub(crate) fn tell(&self, who: &str, what: &str) {
        if self.manner == Manner::Told {
            println!("     {:<9} {what}", self.paint("36", who));
        }
    }

    /// Judges a step; `seen` is what was seen.
    pub(crate) fn judge(&mut self, claim: &str, holds: bool, seen: &str) {
        if holds {
            self.passed += 1;
        } else {
            self.failed += 1;
        }
        let verdict = if holds { self.paint("32", "ok  ") } else { self.paint("31", "FAIL") };
        match self.manner {
            Manner::Told => println!("   {verdict} {claim}  [{seen}]"),
            Manner::Headless => println!("{verdict} {}: {claim}  [{seen}]", self.scenario),
        }
        let _ = std::io::stdout().flush();
    }

    /// The scenario cannot go on: a failure with its reason.
    pub(crate) fn broke_off(&mut self, error: &anyhow::Error) {
        self.judge("the scenario runs to its end", false, &format!("{error:#}"));
    }

    /// Prints the totals; success only if something was judged and nothing failed.
    pub(crate) fn closing_line(&self) -> ExitCode {
        if self.manner == Manner::Told {
            println!("\n   All of it took {}.", seconds(self.started.elapsed()));
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 && self.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// A duration for people.
pub(crate) fn seconds(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        format!("{:.1} ms", duration.as_secs_f64() * 1e3)
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}
