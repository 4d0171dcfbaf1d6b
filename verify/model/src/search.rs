//! The search of one scenario, by stateright: depth first, so that memory holds fingerprints of states and not the states.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use stateright::{Checker, HasDiscoveries, Model, Path, Property};

use crate::report;
use crate::scenario::{Left, Scenario};
use crate::steps::Step;
use crate::world::{Storage, World};

/// How often a long search says that it goes on.
const TELLS_AFTER: Duration = Duration::from_secs(15);

/// A scenario as a model.
pub(crate) struct Search {
    scenario: &'static Scenario,
    first: World,
    /// Storage as it was at first, for a roll-back.
    copy: Storage,
    /// Where lock and cloud were found to agree: what else differs between two states does not matter to that.
    agreed: Mutex<HashSet<u64>>,
}

impl Search {
    fn agrees(&self, world: &World) -> bool {
        let mut hasher = DefaultHasher::new();
        world.hash_what_agrees(&mut hasher);
        let place = hasher.finish();
        if self.agreed.lock().expect("no search has panicked").contains(&place) {
            return true;
        }
        let agrees = world.disagreement(self.scenario.name == "rotation").is_none();
        if agrees {
            self.agreed.lock().expect("no search has panicked").insert(place);
        }
        agrees
    }
}

/// What came of a search.
pub(crate) struct Found {
    pub(crate) distinct: usize,
    pub(crate) total: usize,
    pub(crate) depth: usize,
    pub(crate) seconds: f64,
    pub(crate) broken: Option<(&'static str, Path<World, Step>)>,
    pub(crate) unreached: Vec<&'static str>,
}

impl Model for Search {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![self.first.clone()]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        world.steps(self.scenario, steps);
    }

    fn next_state(&self, world: &World, step: Step) -> Option<World> {
        let mut next = world.clone();
        next.take(step, &self.copy).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties =
            vec![Property::always("safety", |_, world: &World| world.truth.breach.is_none())];
        if self.scenario.progress && self.first.judged.is_none_or(|judged| judged == AGREEMENT) {
            properties.push(Property::always(PROGRESS, |search: &Self, world| {
                world.offered.is_some() || world.truth.breach.is_some() || search.agrees(world)
            }));
        }
        properties.extend(
            WITNESSES
                .iter()
                .take(self.scenario.reaches.len())
                .copied()
                .map(|(name, reached)| Property::sometimes(name, reached)),
        );
        properties
    }
}

pub(crate) const PROGRESS: &str = "progress";
/// The property that lock and cloud agree again.
const AGREEMENT: u8 = 17;

type Reached = fn(&Search, &World) -> bool;

/// A property's condition is a plain function: one for each place in a scenario's list.
const WITNESSES: [(&str, Reached); 4] = [
    ("witness 1", |search, world| search.scenario.reaches[0].1(world)),
    ("witness 2", |search, world| search.scenario.reaches[1].1(world)),
    ("witness 3", |search, world| search.scenario.reaches[2].1(world)),
    ("witness 4", |search, world| search.scenario.reaches[3].1(world)),
];

/// Searches, and prints what was found; whether all is well.
pub(crate) fn run(scenario: &'static Scenario, bounds: Left, judged: Option<u8>, threads: usize) -> bool {
    report::begin(scenario, &bounds);
    let mut first = World::new(bounds);
    first.settle();
    let copy = first.storage.clone();
    (scenario.prepare)(&mut first);
    first.judged = judged;
    let search = Search { scenario, first, copy, agreed: Mutex::default() };
    let begin = Instant::now();
    let checker = search.checker().threads(threads).finish_when(HasDiscoveries::AnyFailures);
    let checker = checker.spawn_dfs();
    let mut told_at = begin;
    while !checker.is_done() {
        std::thread::sleep(Duration::from_millis(50));
        if told_at.elapsed() >= TELLS_AFTER {
            eprintln!(
                "  ... {} states, {:.0} s",
                checker.unique_state_count(),
                begin.elapsed().as_secs_f64()
            );
            told_at = Instant::now();
        }
    }
    let checker = checker.join();
    let seconds = begin.elapsed().as_secs_f64();
    let mut discoveries = checker.discoveries();
    let broken = ["safety", PROGRESS].into_iter().find_map(|name| Some((name, discoveries.remove(name)?)));
    let witnesses = scenario.reaches.iter().zip(WITNESSES);
    let unreached = witnesses.filter(|(_, (name, _))| !discoveries.contains_key(name));
    let found = Found {
        distinct: checker.unique_state_count(),
        total: checker.state_count(),
        depth: checker.max_depth(),
        seconds,
        broken,
        unreached: unreached.map(|((words, _), _)| *words).collect(),
    };
    report::end(scenario, found)
}
