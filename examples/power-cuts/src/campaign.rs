//! Which cuts are made, by whom, and what came of them.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::broken::{Broken, Held, unless_cut};
use crate::judge::{Base, judge};
use crate::operations::{BOOT, Operation, named};
use crate::random::Random;
use crate::scene::Scene;
use crate::worker::Tools;

/// When the power goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// After this store of the operation.
    Store(u64),
    /// After this store of the operation, and again after this store of the boot behind it.
    Pair(u64, u64),
    /// After so long, wherever the chip stands.
    Time(Duration),
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Store(store) => write!(f, "cut after store {store}"),
            Self::Pair(first, second) => {
                write!(f, "cut after store {first}, and after store {second} of the boot")
            }
            Self::Time(after) => write!(f, "killed after {} ms", after.as_millis()),
        }
    }
}

/// How many of all the cuts are made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Share {
    All,
    /// So many, drawn by chance.
    Sample {
        count: usize,
        seed: u64,
    },
}

/// What every operation is run with.
#[derive(Clone, Debug)]
pub(crate) struct Campaign {
    pub(crate) image: PathBuf,
    pub(crate) plugin: PathBuf,
    /// How many locks are emulated at a time.
    pub(crate) jobs: usize,
    pub(crate) share: Share,
    pub(crate) pairs: bool,
    /// Whether the first failure ends it.
    pub(crate) stops_at_failure: bool,
}

/// How many cuts were right, and how many wrong.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Campaign {
    pub(crate) fn tools(&self) -> Held<Tools> {
        Tools::new(&self.image, &self.plugin)
    }

    /// All cuts of one operation that are to be made.
    pub(crate) fn run(&self, operation: &'static dyn Operation) -> Held<Tally> {
        let base = Base::make(operation, self.tools()?)?;
        let tools = self.tools()?;
        let stores = count_stores(operation, &base, &tools)?;
        let boot = if self.pairs { self.count_boot()? } else { 0 };
        let cuts = self.cuts(stores, boot)?;
        let drawn = match self.share {
            Share::All => String::new(),
            Share::Sample { seed, .. } => format!(" drawn with seed {seed}"),
        };
        println!("{}: {stores} stores{}, {} cuts{drawn}", operation.name(), second(boot), cuts.len());
        let began = Instant::now();
        let tally = self.make(operation, &base, &cuts)?;
        let each = began.elapsed().as_secs_f64() / cuts.len().max(1) as f64;
        println!("{}: {} passed, {} failed, {each:.2} s a cut", operation.name(), tally.passed, tally.failed);
        Ok(tally)
    }

    fn count_boot(&self) -> Held<u64> {
        let boot = named(BOOT).ok_or_else(|| Broken::Host("there is no boot".into()))?;
        count_stores(boot, &Base::make(boot, self.tools()?)?, &self.tools()?)
    }

    fn cuts(&self, stores: u64, boot: u64) -> Held<Vec<Cut>> {
        if stores == 0 || (self.pairs && boot == 0) {
            return Err(Broken::Host("it stores nothing, so that nothing can be cut".into()));
        }
        Ok(match (self.share, self.pairs) {
            (Share::All, false) => (1..=stores).map(Cut::Store).collect(),
            (Share::All, true) => (1..=stores)
                .flat_map(|first| (1..=boot).map(move |second| Cut::Pair(first, second)))
                .collect(),
            (Share::Sample { count, seed }, pairs) => {
                let mut chance = Random::from_seed(seed);
                let draw = |_| {
                    let first = chance.up_to(stores);
                    if pairs { Cut::Pair(first, chance.up_to(boot)) } else { Cut::Store(first) }
                };
                (0..count).map(draw).collect()
            }
        })
    }

    /// Makes cuts, several at a time.
    pub(crate) fn make(&self, operation: &dyn Operation, base: &Base, cuts: &[Cut]) -> Held<Tally> {
        let (next, is_over, tally) =
            (AtomicUsize::new(0), AtomicBool::new(false), Mutex::new(Tally::default()));
        let work = || -> Held {
            let tools = self.tools()?;
            while !is_over.load(Ordering::Relaxed) {
                let Some(cut) = cuts.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                let result = one(operation, base, &tools, *cut);
                let mut tally = tally.lock().map_err(Broken::host)?;
                match result {
                    Ok(()) => tally.passed += 1,
                    Err(why) => {
                        tally.failed += 1;
                        println!("FAILED: {}, {cut}: {why}", operation.name());
                        is_over.store(self.stops_at_failure, Ordering::Relaxed);
                    }
                }
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.jobs).map(|_| scope.spawn(work)).collect();
            workers.into_iter().try_for_each(|worker| {
                worker.join().unwrap_or_else(|_| Err(Broken::Host("a worker panicked".into())))
            })
        })?;
        tally.into_inner().map_err(Broken::host)
    }
}

fn second(boot: u64) -> String {
    if boot == 0 { String::new() } else { format!(" and {boot} of the boot behind it") }
}

/// How many stores an operation makes from the same flash.
pub(crate) fn count_stores(operation: &dyn Operation, base: &Base, tools: &Tools) -> Held<u64> {
    let mut scene = base.kept.put_back(tools)?;
    let before = begin(operation, &mut scene, Cut::Store(0))?;
    operation.act(&mut scene)?;
    scene.settle()?;
    let stores = tools.scissors.stores()? - before;
    scene.power_off()?;
    Ok(stores)
}

/// How long an operation takes.
pub(crate) fn measure(operation: &dyn Operation, base: &Base, tools: &Tools) -> Held<Duration> {
    let mut scene = base.kept.put_back(tools)?;
    begin(operation, &mut scene, Cut::Store(0))?;
    let began = Instant::now();
    operation.act(&mut scene)?;
    scene.settle()?;
    let took = began.elapsed();
    scene.power_off()?;
    Ok(took)
}

/// Brings the lock to the first store that may be the last; how many there were before.
fn begin(operation: &dyn Operation, scene: &mut Scene<'_>, cut: Cut) -> Held<u64> {
    let after = match cut {
        Cut::Store(first) | Cut::Pair(first, _) => first,
        Cut::Time(_) => 0,
    };
    if operation.name() == BOOT {
        scene.power_up(after)?;
        return Ok(0);
    }
    scene.power_up(0)?;
    operation.lead_up(scene)?;
    scene.settle()?;
    let before = scene.tools().scissors.stores()?;
    scene.tools().scissors.cut_after(after)?;
    Ok(before)
}

fn act_until_cut(operation: &dyn Operation, scene: &mut Scene<'_>, cut: Cut) -> Held {
    begin(operation, scene, cut)?;
    if let Cut::Time(after) = cut {
        kill_later(scene.process()?, after);
    }
    operation.act(scene)?;
    scene.settle()
}

/// Kills an emulator from outside, as a hand that takes the battery out.
fn kill_later(process: u32, after: Duration) {
    std::thread::spawn(move || {
        std::thread::sleep(after);
        let _ = std::process::Command::new("kill").args(["-9", &process.to_string()]).output();
    });
}

/// One cut, and the judgement behind it.
fn one(operation: &dyn Operation, base: &Base, tools: &Tools, cut: Cut) -> Held {
    let mut scene = base.kept.put_back(tools)?;
    unless_cut(act_until_cut(operation, &mut scene, cut))?;
    scene.power_off()?;
    if let Cut::Pair(_, second) = cut {
        unless_cut(scene.power_up(second))?;
        scene.power_off()?;
    }
    judge(operation, &mut scene)
}
