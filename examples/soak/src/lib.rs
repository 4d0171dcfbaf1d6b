//! Hours of a hostile relay, in virtual time, against the real core.
//!
//! ```text
//!   Cloud ────────────── relay ────────────── Lock
//!   lock_core::cloud     ten attacks          lock_core::device on simulated flash, motor, door
//!   store: restored      records, withholds,  power: cut between outputs, in any byte of a program
//!   from older copies    alters, replays      random source: broken for a part of the run
//!        └──────────── Oracle: knows what was issued, byte for byte, and what is physically so ─┘
//! ```
//!
//! The oracle does not look into the lock. It holds that each run of the motor and each configuration has one cause that was
//! issued for it, fresh, and used once; that no nonce repeats; that nothing altered gets an answer; that "locked" is so; that
//! what an honest relay brings is carried out. The run is deterministic: a seed names it. It fails when a check does, and
//! when it did not come to what it promises: see [`Plan`].
#![forbid(unsafe_code)]

mod arena;
mod attack;
mod cloud;
mod lock;
mod oracle;
mod random;
mod report;
mod scenes;

use std::ffi::OsString;
use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use arena::{Arena, Stranded};
use cloud::Source;
use scenes::Stores;

pub use arena::{Cut, Reboots};
pub use attack::{Attack, Outcome, Tally};
pub use oracle::{Route, Worst};
pub use random::Random;
pub use report::Report;

/// A line of progress this often.
const PROGRESS: Duration = Duration::from_secs(1);

/// What a run must come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Names the run: the same seed, the same run.
    pub seed: u64,
    /// Hostile packets, at least.
    pub hostile: u64,
    /// Of each attack, at least.
    pub each_attack: u64,
    /// Commands that were carried out, at least.
    pub executed: u64,
    /// Of each route of a command, at least.
    pub each_route: u64,
    /// Reboots, at least.
    pub reboots: u64,
    /// Of each kind of cut, at least.
    pub each_cut: u64,
    /// A run that takes longer has failed.
    pub limit: Duration,
}

impl Plan {
    /// The whole soak.
    pub const FULL: Self = Self {
        seed: 1,
        hostile: 500_000,
        each_attack: 10_000,
        executed: 10_000,
        each_route: 1_000,
        reboots: 2_000,
        each_cut: 500,
        limit: Duration::from_secs(240),
    };

    /// A small part of it, for planted bugs.
    pub const QUICK: Self = Self {
        seed: 1,
        hostile: 10_000,
        each_attack: 100,
        executed: 100,
        each_route: 10,
        reboots: 50,
        each_cut: 10,
        limit: Duration::from_secs(60),
    };
}

const USAGE: &str = "usage: soak [--quick] [--seed NUMBER]
  --quick        a small part of the run
  --seed NUMBER  another run; the same number is the same run";

/// Runs the program with these arguments, its own name first: `[--quick] [--seed NUMBER]`, or `--help`. The exit code is 0 only
/// when every check held and every quota was met, and 2 for arguments that make no sense.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<_> = arguments.into_iter().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let Some(plan) = parse(arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let report = soak(&plan, &mut std::io::stdout());
    // Where nobody reads, the exit code says it.
    let _ = writeln!(std::io::stdout(), "{report}");
    if report.has_passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn parse(arguments: Vec<OsString>) -> Option<Plan> {
    let mut plan = Plan::FULL;
    let mut seed = plan.seed;
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.to_str()? {
            "--quick" => plan = Plan::QUICK,
            "--seed" => seed = arguments.next()?.to_str()?.parse().ok()?,
            _ => return None,
        }
    }
    Some(Plan { seed, ..plan })
}

/// Runs a plan; a line of progress goes to `progress` about every second.
pub fn soak(plan: &Plan, progress: &mut impl Write) -> Report {
    let started = Instant::now();
    let quiet = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let report = match Arena::new(plan.seed) {
        Ok(arena) => run_scenes(plan, arena, started, progress),
        Err(Stranded(why)) => Report::without_a_lock(plan, why),
    };
    panic::set_hook(quiet);
    report
}

fn run_scenes(plan: &Plan, mut arena: Arena, started: Instant, progress: &mut impl Write) -> Report {
    let (mut said_at, mut part) = (started, Part::Sound);
    loop {
        let report = Report::of(plan, &arena, started.elapsed());
        if report.is_complete() || arena.oracle.checks.is_hopeless() {
            return report;
        }
        if started.elapsed() > plan.limit {
            arena.oracle.hold(false, || format!("the run took longer than {} s", plan.limit.as_secs()));
            return Report::of(plan, &arena, started.elapsed());
        }
        if said_at.elapsed() >= PROGRESS {
            said_at = Instant::now();
            let _ = writeln!(progress, "{}", report.progress());
        }
        let next = Part::at(arena.tally.total(), plan.hostile);
        if next != part {
            part = next;
            part.begin(&mut arena);
        }
        let played = panic::catch_unwind(AssertUnwindSafe(|| arena.scene(part.stores())));
        let failure = match played {
            Ok(Ok(())) => continue,
            Ok(Err(Stranded(why))) => why,
            Err(panicked) => {
                arena.oracle.checks.worst.panics += 1;
                format!("a panic: {}", report::words_of(&*panicked))
            }
        };
        // Neither lock nor arena can be trusted to go on.
        arena.oracle.hold(false, || failure);
        return Report::of(plan, &arena, started.elapsed());
    }
}

/// The parts of a run: what is broken in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Nothing but the relay and the power.
    Sound,
    /// The lock's random source.
    LockEntropyStuck,
    /// The cloud's random source; its store is kept, since one of the two must be sound (section 5).
    CloudEntropyStuck,
    /// The cloud's store.
    StoreRestored,
}

impl Part {
    fn at(hostile: u64, of: u64) -> Self {
        match hostile * 100 / of.max(1) {
            0..15 => Self::Sound,
            15..35 => Self::LockEntropyStuck,
            35..50 => Self::CloudEntropyStuck,
            _ => Self::StoreRestored,
        }
    }

    const fn stores(self) -> Stores {
        match self {
            Self::Sound | Self::LockEntropyStuck | Self::CloudEntropyStuck => Stores::Kept,
            Self::StoreRestored => Stores::Restored,
        }
    }

    fn begin(self, arena: &mut Arena) {
        arena.is_lock_entropy_stuck = self == Self::LockEntropyStuck;
        arena.cloud.source = match self {
            Self::CloudEntropyStuck => Source::Stuck,
            Self::Sound | Self::LockEntropyStuck | Self::StoreRestored => {
                Source::Sound(Random::from_seed(arena.random.next()))
            }
        };
    }
}
