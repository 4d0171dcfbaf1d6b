//! Which cuts are made, by whom, and what came of them.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::broken::{Broken, End, Held, unless_cut};
use crate::judge::{Base, judge};
use crate::operations::{BOOT, Operation};
use crate::random::Random;
use crate::scene::Scene;
use crate::worker::Tools;

/// How often a cut is tried that does not happen.
const TRIES: usize = 5;

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

impl Cut {
    /// Another one, for an operation that made so few stores, or that was over sooner.
    fn first_within(self, stores: u64) -> Self {
        match self {
            Self::Store(first) => Self::Store(within(first, stores)),
            Self::Pair(first, second) => Self::Pair(within(first, stores), second),
            Self::Time(after) => Self::Time(after / 2),
        }
    }
}

/// How many of all the cuts are made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Share {
    All,
    /// So many different ones, drawn by chance; all where there are no more.
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
        let stores = count_stores(operation, &base, &self.tools()?)?;
        if stores == 0 {
            return Err(Broken::Host("it stores nothing, so that nothing can be cut".into()));
        }
        let cuts = if self.pairs { self.pairs(operation, &base, stores)? } else { self.singles(stores) };
        let drawn = match self.share {
            Share::All => String::new(),
            Share::Sample { seed, .. } => format!(" drawn with seed {seed}"),
        };
        println!("{}: {stores} stores, {} cuts{drawn}", operation.name(), cuts.len());
        let began = Instant::now();
        let tally = self.make(operation, &base, &cuts)?;
        let each = began.elapsed().as_secs_f64() / cuts.len().max(1) as f64;
        println!("{}: {} passed, {} failed, {each:.2} s a cut", operation.name(), tally.passed, tally.failed);
        Ok(tally)
    }

    fn singles(&self, stores: u64) -> Vec<Cut> {
        match self.share {
            Share::All => (1..=stores).map(Cut::Store).collect(),
            Share::Sample { count, seed } => {
                Random::from_seed(seed).distinct(count, stores).into_iter().map(Cut::Store).collect()
            }
        }
    }

    /// Pairs of cuts: what can be cut behind a first one are the stores of the boot that follows that one.
    fn pairs(&self, operation: &dyn Operation, base: &Base, stores: u64) -> Held<Vec<Cut>> {
        let (mut chance, firsts) = match self.share {
            Share::All => (Random::from_seed(0), (1..=stores).map(|first| (first, usize::MAX)).collect()),
            Share::Sample { count, seed } => {
                let mut chance = Random::from_seed(seed);
                let firsts = chance.spread(count, stores);
                (chance, firsts)
            }
        };
        let boots =
            self.each(&firsts, |tools, (first, _)| count_boot_behind(operation, base, tools, *first))?;
        let mut cuts = Vec::new();
        for ((first, count), boot) in firsts.into_iter().zip(boots) {
            cuts.extend(chance.distinct(count, boot?).into_iter().map(|second| Cut::Pair(first, second)));
        }
        Ok(cuts)
    }

    /// Makes cuts, several at a time.
    pub(crate) fn make(&self, operation: &dyn Operation, base: &Base, cuts: &[Cut]) -> Held<Tally> {
        let is_over = AtomicBool::new(false);
        let made = self.each(cuts, |tools, cut| {
            if is_over.load(Ordering::Relaxed) {
                return Tally::default();
            }
            let Err(why) = until_cut(operation, base, tools, *cut) else {
                return Tally { passed: 1, failed: 0 };
            };
            println!("FAILED: {}, {cut}: {why}", operation.name());
            is_over.store(self.stops_at_failure, Ordering::Relaxed);
            Tally { passed: 0, failed: 1 }
        })?;
        let mut tally = Tally::default();
        made.into_iter().for_each(|one| tally.add(one));
        Ok(tally)
    }

    /// Does something with each of these, several at a time: what came of it, in their order.
    fn each<I: Sync, O: Send>(&self, all: &[I], act: impl Fn(&Tools, &I) -> O + Sync) -> Held<Vec<O>> {
        let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let work = || -> Held {
            let tools = self.tools()?;
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(one) = all.get(place) else { return Ok(()) };
                let came = act(&tools, one);
                done.lock().map_err(Broken::host)?.push((place, came));
            }
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.jobs).map(|_| scope.spawn(work)).collect();
            workers.into_iter().try_for_each(|worker| {
                worker.join().unwrap_or_else(|_| Err(Broken::Host("a worker panicked".into())))
            })
        })?;
        let mut done = done.into_inner().map_err(Broken::host)?;
        done.sort_unstable_by_key(|(place, _)| *place);
        Ok(done.into_iter().map(|(_, came)| came).collect())
    }
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

/// How many stores the boot makes that follows a cut.
fn count_boot_behind(operation: &dyn Operation, base: &Base, tools: &Tools, first: u64) -> Held<u64> {
    let mut scene = base.kept.put_back(tools)?;
    let count = |scene: &mut Scene<'_>| {
        begin(operation, scene, Cut::Store(first))?;
        unless_cut(operation.act(scene).and_then(|()| scene.settle()))?;
        scene.power_off()?;
        scene.power_up(0)?;
        let stores = tools.scissors.stores()?;
        scene.power_off()?;
        Ok(stores)
    };
    count(&mut scene).map_err(|why: Broken| {
        Broken::Wrong(format!("{}, cut after store {first}, then a boot: {why}", operation.name()))
    })
}

/// Brings the lock to the first store that may be the last; how many there were before.
fn begin(operation: &dyn Operation, scene: &mut Scene<'_>, cut: Cut) -> Held<u64> {
    let after = match cut {
        Cut::Store(first) | Cut::Pair(first, _) => first,
        Cut::Time(_) => 0,
    };
    if operation.name() == BOOT {
        scene.power_on(after)?;
        return Ok(0);
    }
    scene.power_up(0)?;
    operation.lead_up(scene)?;
    scene.settle()?;
    let before = scene.tools().scissors.stores()?;
    scene.tools().scissors.cut_after(after)?;
    Ok(before)
}

/// What came of a cut.
enum Came {
    /// The power went, and what follows is as it must be.
    Cut,
    /// The lock has stored less, or was faster, than when the cut was chosen: what to cut instead.
    NotCut(Cut),
}

/// Cuts and judges, if need be elsewhere than was chosen: a cut that does not happen shows nothing.
fn until_cut(operation: &dyn Operation, base: &Base, tools: &Tools, chosen: Cut) -> Held {
    let mut cut = chosen;
    for _ in 0..TRIES {
        match one(operation, base, tools, cut)? {
            Came::Cut => return Ok(()),
            Came::NotCut(instead) => {
                println!("NOT CUT: {}, {cut}: {instead} instead", operation.name());
                cut = instead;
            }
        }
    }
    Err(Broken::Wrong(format!("the power did not go in {TRIES} tries")))
}

/// One cut, and the judgement behind it.
fn one(operation: &dyn Operation, base: &Base, tools: &Tools, cut: Cut) -> Held<Came> {
    let mut scene = base.kept.put_back(tools)?;
    let before = begin(operation, &mut scene, cut)?;
    if let Cut::Time(after) = cut {
        scene.cut_later(after)?;
    }
    unless_cut(operation.act(&mut scene).and_then(|()| scene.settle()))?;
    let stores = tools.scissors.stores()? - before;
    if scene.power_off()? == End::Own {
        return Ok(Came::NotCut(cut.first_within(stores)));
    }
    // Taken here, so that a motor that runs by itself in the boot between two cuts is noticed, too.
    let runs = scene.history.runs;
    if let Cut::Pair(first, second) = cut {
        unless_cut(scene.power_up(second))?;
        let stores = tools.scissors.stores()?;
        if scene.power_off()? == End::Own {
            return Ok(Came::NotCut(Cut::Pair(first, within(second, stores))));
        }
    }
    judge(operation, &mut scene, runs)?;
    Ok(Came::Cut)
}

/// The same number where there are so many, or another that there is.
fn within(number: u64, last: u64) -> u64 {
    1 + (number - 1) % last.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_cut_is_cut_where_there_is_something() {
        assert_eq!([1, 9, 10, 11, 25].map(|number| within(number, 9)), [1, 9, 1, 2, 7]);
        assert_eq!(within(4, 0), 1);
        assert!(matches!(Cut::Pair(12, 3).first_within(9), Cut::Pair(3, 3)));
        assert!(matches!(Cut::Store(12).first_within(9), Cut::Store(3)));
        let Cut::Time(after) = Cut::Time(Duration::from_millis(8)).first_within(9) else { panic!() };
        assert_eq!(after, Duration::from_millis(4));
    }
}
