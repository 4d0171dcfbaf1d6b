//! Puts each mutant behind a switch, so that one build of a crate holds all of its mutants and a test run chooses one.
//!
//! `switches TREE <REQUEST >ANSWER`: changes the sources in `TREE`. The request is what `cargo mutants --list --json` prints, each mutant with a
//! number `id`; the answer says which of them got no switch, and where in the changed sources the others are, so that an error of the compiler can
//! be told to the mutant that it comes from.
//!
//! | mutant | becomes |
//! | --- | --- |
//! | another result of a function | `if switch { return RESULT; }` at the start of its body |
//! | another operator, none, or a field left out | `(if switch { MUTATED } else { ORIGINAL })` |
//! | a guard that is true, or false | `switch \|\| (GUARD)`, `!switch && (GUARD)` |
//! | an arm left out | `!switch` in its guard |
//!
//! The mutated text holds no other switch, since one mutant alone is chosen. No switch is possible where the compiler computes: in constants, the
//! lengths of arrays, and beside `let` in a chain.

mod find;
mod request;
mod rewrite;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs, io};

use request::{Answer, Mutant};

/// The function that each mutated crate gets: whether the mutant of that number is chosen.
const SWITCH: &str = include_str!("switch.rs");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tree = PathBuf::from(env::args().nth(1).ok_or("usage: switches TREE <REQUEST >ANSWER")?);
    let mutants: Vec<Mutant> = serde_json::from_reader(io::stdin().lock())?;
    let mut files: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
    for mutant in &mutants {
        files.entry(&mutant.file).or_default().push(mutant);
    }

    let mut answer = Answer::default();
    for (&file, mutants) in &files {
        let path = tree.join(file);
        let text = fs::read_to_string(&path)?;
        let found = find::places(&text, mutants)?;
        answer.without.extend(mutants.iter().map(|mutant| mutant.id).filter(|id| !found.ids.contains(id)));
        let (rewritten, ranges) = rewrite::rewrite(&text, &found.places);
        answer.ranges.insert(file.to_owned(), ranges);
        fs::write(path, rewritten)?;
    }
    for package in mutants.iter().map(|mutant| &mutant.package).collect::<std::collections::BTreeSet<_>>() {
        add_switch(&tree, package, &mut answer)?;
    }
    serde_json::to_writer(io::stdout().lock(), &answer)?;
    Ok(())
}

/// Puts the function into the crate. What stands before its text moves the ranges.
fn add_switch(tree: &std::path::Path, package: &str, answer: &mut Answer) -> io::Result<()> {
    const HEAD: &str = "#![feature(core_intrinsics, const_eval_select)]\n#![allow(warnings)]\n#![allow(arithmetic_overflow, unconditional_panic, overflowing_literals)]\n";
    let file = format!("{package}/src/lib.rs");
    let path = tree.join(&file);
    let text = fs::read_to_string(&path)?;
    for range in answer.ranges.get_mut(&file).into_iter().flatten() {
        range.start += HEAD.len();
        range.end += HEAD.len();
    }
    fs::write(path, format!("{HEAD}{text}\n{SWITCH}"))
}
