//! What people read of a search.

use crate::scenario::Scenario;
use crate::search::Found;

/// What the properties of the design say, by number.
const PROPERTIES: [(u8, &str); 12] = [
    (1, "each executed command was issued, and is executed once"),
    (2, "no nonce comes twice under one key"),
    (3, "a later boot loads at least what was durable"),
    (4, "nothing leaves before the record that it depends on"),
    (5, "each sealed number is taken once"),
    (7, "altered and reflected packets, and answers to altered Hellos, are refused"),
    (11, "floors, marks, epochs and versions never go back"),
    (12, "nothing limited in time succeeds without the time"),
    (13, "too many wrong codes close the keypad, over reboots"),
    (15, "\"locked\" is said on the sensor's evidence alone"),
    (16, "the relock comes in its time, over reboots"),
    (17, "lock and cloud agree again as soon as the relay is honest"),
];

fn property(number: u8) -> &'static str {
    PROPERTIES.iter().find(|(known, _)| *known == number).expect("a property that is checked").1
}

pub(crate) fn list(scenario: &Scenario) {
    println!("{}: {}", scenario.name, scenario.about);
    scenario.numbers().for_each(|number| println!("  property {number}: {}", property(number)));
    println!("  small: {}", scenario.small.words());
    println!("  large: {}", scenario.large.words());
}

pub(crate) fn begin(scenario: &Scenario, bounds: &crate::scenario::Left) {
    println!("{}: {}", scenario.name, scenario.about);
    println!("  bounds: {}", bounds.words());
}

/// Prints what was found; whether all is well.
pub(crate) fn end(scenario: &Scenario, found: Found) -> bool {
    let Found { distinct, total, depth, seconds, broken, unreached } = found;
    println!("  distinct states {distinct}, all states {total}, depth {depth}, {seconds:.1} s");
    if let Some((name, path)) = broken {
        let states = path.into_vec();
        let last = &states.last().expect("a path has a state").0;
        let (number, what) = match last.truth.breach {
            Some(breach) => (breach.property, breach.what),
            None => (17, last.disagreement(scenario.name == "rotation").unwrap_or(name)),
        };
        println!("failed: {}: property {number} is broken: {what}, after these steps", scenario.name);
        for (world, step) in &states {
            if let Some(step) = step {
                println!("    {}", world.words(*step));
            }
        }
        return false;
    }
    println!("  queue empty: the search is exhausted");
    let numbers: Vec<_> = scenario.numbers().map(|number| number.to_string()).collect();
    match unreached[..] {
        [] => println!(
            "passed: {}: properties {} hold in all {distinct} states",
            scenario.name,
            numbers.join(", ")
        ),
        [what, ..] => println!("failed: {}: it was never reached that {what}", scenario.name),
    }
    unreached.is_empty()
}
