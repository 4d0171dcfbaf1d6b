//! What a run came to.

use std::any::Any;
use std::fmt;
use std::time::Duration;

use crate::Plan;
use crate::arena::{Arena, Cut, Reboots};
use crate::attack::{Attack, Tally};
use crate::oracle::{MAX_FAILURES, Route, Worst};

/// What the columns of the table mean.
const LEGEND: &str = "silence    the lock did and said nothing
answered   the lock told, under its seal, what it knows of that command, or why not; nothing moved
in time    the lock did it, for the first time: it came late and was still fresh, or the power had gone before it was taken
refused    the cloud did not believe it
accepted   the cloud took a genuine packet that came late
lost       the relay kept it";

/// The result of a run. Prints as a table, the quotas, the failures, and `N passed, N failed`.
#[derive(Clone, Debug)]
pub struct Report {
    plan: Plan,
    tally: Tally,
    executed: [u64; Route::ALL.len()],
    reboots: Reboots,
    passed: u64,
    failures: Vec<String>,
    worst: Worst,
    virtual_millis: u64,
    took: Duration,
}

impl Report {
    pub(crate) fn of(plan: &Plan, arena: &Arena, took: Duration) -> Self {
        Self {
            plan: *plan,
            tally: arena.tally.clone(),
            executed: arena.oracle.orders.executed(),
            reboots: arena.reboots,
            passed: arena.oracle.checks.passed,
            failures: arena.oracle.checks.failures.clone(),
            worst: arena.oracle.checks.worst,
            virtual_millis: arena.now.0,
            took,
        }
    }

    pub(crate) fn without_a_lock(plan: &Plan, why: String) -> Self {
        Self {
            plan: *plan,
            tally: Tally::default(),
            executed: [0; Route::ALL.len()],
            reboots: Reboots::default(),
            passed: 0,
            failures: vec![why],
            worst: Worst::default(),
            virtual_millis: 0,
            took: Duration::ZERO,
        }
    }

    /// Attacks by outcome.
    #[must_use]
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Commands that were carried out.
    #[must_use]
    pub fn executed(&self) -> u64 {
        self.executed.iter().sum()
    }

    /// Boots by the cut before them.
    #[must_use]
    pub const fn reboots(&self) -> Reboots {
        self.reboots
    }

    /// What did not hold, in words; the quotas are not among it.
    #[must_use]
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    /// What must be zero.
    #[must_use]
    pub const fn worst(&self) -> Worst {
        self.worst
    }

    /// Whether every check held and every quota was met.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.failures.is_empty() && self.is_complete()
    }

    /// Whether every quota was met.
    pub(crate) fn is_complete(&self) -> bool {
        self.quotas().iter().all(Quota::is_met)
    }

    pub(crate) fn progress(&self) -> String {
        format!(
            "{:>5.1} s: {} hostile packets, {} commands carried out, {} reboots, {:.1} h of the lock's time",
            self.took.as_secs_f64(),
            self.tally.total(),
            self.executed(),
            self.reboots.total(),
            self.virtual_millis as f64 / 3_600_000.0,
        )
    }

    fn quotas(&self) -> Vec<Quota> {
        let (plan, quota) = (&self.plan, Quota::new);
        let mut quotas = vec![
            quota("hostile packets", self.tally.total(), plan.hostile),
            quota("commands carried out", self.executed(), plan.executed),
            quota("reboots", self.reboots.total(), plan.reboots),
        ];
        quotas.extend(
            Attack::ALL.map(|attack| quota(&attack.to_string(), self.tally.of(attack), plan.each_attack)),
        );
        quotas.extend(
            Route::ALL.map(|route| quota(route.name(), self.executed[route as usize], plan.each_route)),
        );
        quotas.extend(Cut::ALL.map(|cut| {
            quota(&format!("power cuts, {}", cut.name()), self.reboots.after(cut), plan.each_cut)
        }));
        quotas
    }
}

/// A number that a run must come to.
struct Quota {
    name: String,
    found: u64,
    wanted: u64,
}

impl Quota {
    fn new(name: &str, found: u64, wanted: u64) -> Self {
        Self { name: name.to_owned(), found, wanted }
    }

    fn is_met(&self) -> bool {
        self.found >= self.wanted
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.tally)?;
        writeln!(f, "{LEGEND}\n")?;
        let quotas = self.quotas();
        for Quota { name, found, wanted } in &quotas {
            writeln!(f, "{name:<40}{found:>10} of at least {wanted}")?;
        }
        let Worst { replays_executed, executed_twice, panics } = self.worst;
        for (name, found) in [
            ("replays executed", replays_executed),
            ("commands executed twice", executed_twice),
            ("panics", panics),
        ] {
            writeln!(f, "{name:<40}{found:>10} of none allowed")?;
        }
        writeln!(f, "\nseed {}; {}", self.plan.seed, self.progress().trim_start())?;
        for failure in self.failures.iter().take(MAX_FAILURES) {
            writeln!(f, "FAILED: {failure}")?;
        }
        let mut failed = self.failures.len();
        // A run that stopped at a failure has missed the rest for that reason.
        for quota in quotas.iter().filter(|quota| self.failures.is_empty() && !quota.is_met()) {
            failed += 1;
            writeln!(f, "FAILED: only {} {} of {}", quota.found, quota.name, quota.wanted)?;
        }
        let met = quotas.iter().filter(|quota| quota.is_met()).count() as u64;
        write!(f, "{} passed, {failed} failed", self.passed + met)
    }
}

/// What a panic said.
pub(crate) fn words_of(panicked: &(dyn Any + Send)) -> String {
    let words = panicked.downcast_ref::<&str>().map(|words| (*words).to_owned());
    words.or_else(|| panicked.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without words".to_owned())
}
