//! Searches all that can happen, within bounds, to a lock, its cloud and the relay between them: the real roles of `lock-core`, every
//! order of events, every place where power may go. Run it with `--help`.

#[cfg(not(lock_model))]
compile_error!(
    "build it in its own folder, whose .cargo/config.toml lets the device's state be copied: cd verify/model && cargo run --release"
);

mod air;
mod checks;
mod cloud;
mod door;
mod honest;
mod report;
mod scenario;
mod search;
mod steps;
mod world;

use std::process::ExitCode;

use scenario::{ALL, Size};

const HELP: &str = "\
Searches all that can happen, within bounds, to a lock, its cloud and a hostile relay between them.

Usage: cargo run --release -- SIZE [SCENARIO]... [BOUND=N]...
  --small       bounds for every change: about a minute
  --large       bounds for once in a while: over thirty-three million states, half an hour
  --threads N   search with N threads; 1 unless said otherwise
  --property N  judge this property alone
  --list        the scenarios, their properties and their bounds

The properties are numbered as in docs/verification.md. A scenario passes when its search has come to its end, no property is broken,
and all that it is about was reached. Exit code 1 where one fails: then the steps that lead to it are printed.";

fn main() -> ExitCode {
    let (mut size, mut threads, mut judged, mut names, mut changes) = (None, 1, None, Vec::new(), Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--small" => size = Some(Size::Small),
            "--large" => size = Some(Size::Large),
            "--threads" => threads = arguments.next().and_then(|count| count.parse().ok()).unwrap_or(0),
            "--property" => judged = arguments.next().and_then(|number| number.parse().ok()),
            "--list" => {
                ALL.iter().for_each(report::list);
                return ExitCode::SUCCESS;
            }
            "--help" => {
                println!("{HELP}");
                return ExitCode::SUCCESS;
            }
            other => match other.split_once('=') {
                Some((bound, count)) => changes.push((bound.to_owned(), count.parse().unwrap_or(0))),
                None => names.push(other.to_owned()),
            },
        }
    }
    let is_known = |name: &String| ALL.iter().any(|scenario| scenario.name == name);
    let Some(size) = size.filter(|_| threads > 0 && names.iter().all(is_known)) else {
        eprintln!("{HELP}");
        return ExitCode::from(2);
    };
    let chosen =
        ALL.iter().filter(|scenario| names.is_empty() || names.iter().any(|name| name == scenario.name));
    let mut passed = Vec::new();
    for scenario in chosen {
        let bounds =
            changes.iter().try_fold(scenario.bounds(size), |bounds, (name, count)| bounds.with(name, *count));
        let Some(bounds) = bounds else {
            eprintln!(
                "a bound of that name is not known; the names are the fields of Left in src/scenario.rs"
            );
            return ExitCode::from(2);
        };
        passed.push(search::run(scenario, bounds, judged, threads));
    }
    let failed = passed.iter().filter(|passed| !**passed).count();
    println!("{} passed, {failed} failed", passed.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
