#![forbid(unsafe_code)]
//! What a session costs, held against its limits: exit code 1 when one is exceeded.
//!
//! Memory and packets are counted, records are compared with the AEAD in the same process, so the verdict does not depend on
//! how fast the machine is or what else it does. Run it in a release build.

mod memory;
mod packets;
mod records;

use std::process::ExitCode;

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Whether a figure keeps its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
enum Verdict {
    Within,
    Exceeded,
}

impl Verdict {
    /// Prints a counted figure beside its limit.
    fn of(what: &str, figure: usize, limit: usize, unit: &str) -> Self {
        let verdict = if figure <= limit { Self::Within } else { Self::Exceeded };
        println!("{:66} {figure:>7} {unit:12} limit {limit}{}", what, verdict.remark());
        verdict
    }

    const fn remark(self) -> &'static str {
        match self {
            Self::Within => "",
            Self::Exceeded => "   EXCEEDED",
        }
    }
}

/// Prints a counted figure that has no limit.
fn tell(what: &str, figure: usize, unit: &str) {
    println!("{what:66} {figure:>7} {unit}");
}

fn main() -> ExitCode {
    if cfg!(debug_assertions) {
        eprintln!("a debug build says nothing about cost; add --release");
        return ExitCode::from(2);
    }
    let verdicts = [packets::sizes(), packets::hashing(), memory::sessions(), records::beside_the_aead()];
    if verdicts.contains(&Verdict::Exceeded) {
        eprintln!("a limit is exceeded: see the lines that say so");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
