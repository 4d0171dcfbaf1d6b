//! The conformance kit: an implementation of `docs/protocol.md` that is not ours, in the hands of a hostile relay and a power cutter.
//!
//! ```text
//!  checks ── Lab ── honest cloud (keys, numbers) ──┐
//!              │                                   ├── COBS frames over TCP or pipes ── the lock, a process with a power switch
//!              ├── hostile relay (alter, replay) ──┘                                      │
//!              └── test bench, where there is one: codes, sensor, jam, a look ────────────┘
//!  vectors ── questions in JSON ── a program that computes
//! ```
//!
//! The kit computes with the crates, and looks at nothing but what a stranger's lock says, what its bench sees, and what it does after its
//! process was killed. `docs/conformance.md` says what an implementer provides.
#![forbid(unsafe_code)]

mod alteration;
mod arguments;
mod check;
mod checks;
mod cloud;
mod codec;
mod description;
mod lab;
mod link;
mod report;
mod target;
mod vectors;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use soak::Random;

use arguments::Arguments;
use check::{Check, Pace, Seen, Stop};
use cloud::Cloud;
use codec::Codec;
use description::Description;
use lab::{Lab, Witness};
use report::{Entry, Report, Verdict};
use target::Target;

/// The first argument with which this program plays the simulator.
const SIMULATOR: &str = "play-simulator";

/// Runs the program with these arguments, its own name first. The exit code is 0 where nothing failed and something passed, 1 where
/// something failed, and 2 for arguments that make no sense.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments: Vec<_> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|first| first == SIMULATOR) {
        arguments.remove(0);
        return lock_sim::run(arguments);
    }
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help is printed this way too.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    if arguments.list {
        list(&arguments);
        return ExitCode::SUCCESS;
    }
    match kit(&arguments) {
        Ok(report) => {
            println!("{}", report.last_line());
            if report.has_passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(sentence) => {
            eprintln!("conformance: {sentence}");
            ExitCode::from(2)
        }
    }
}

fn is_chosen(arguments: &Arguments, name: &str) -> bool {
    arguments.only.is_empty() || arguments.only.iter().any(|only| name.starts_with(only.as_str()))
}

fn list(arguments: &Arguments) {
    for check in checks::all().iter().filter(|check| is_chosen(arguments, check.name)) {
        println!("{:<42} section {:<14} {}", check.name, check.section, check.rule);
    }
    for kind in codec::kinds().iter().filter(|kind| is_chosen(arguments, &kind.name)) {
        println!("{:<42} section {:<14} {}", kind.name, kind.section, rule_of(kind.file));
    }
}

fn rule_of(file: &str) -> String {
    format!("What {file}.json gives leads to what it says.")
}

fn kit(arguments: &Arguments) -> Result<Report, String> {
    let description = Description::read(arguments)?;
    if !description.is_reachable() && arguments.codec.is_none() {
        return Err(
            "say what to check: --target, --connect, --start, --codec or --simulator; --help says more"
                .to_owned(),
        );
    }
    let mut chosen: Vec<_> = checks::all().iter().map(|check| check.name.to_owned()).collect();
    chosen.extend(codec::kinds().into_iter().map(|kind| kind.name));
    if let Some(unknown) =
        arguments.only.iter().find(|only| !chosen.iter().any(|name| name.starts_with(only.as_str())))
    {
        return Err(format!("no check begins with {unknown}; --list names them"));
    }
    let seed = arguments.seed.unwrap_or_else(|| cloud::now().0 % 1_000_000);
    println!("seed {seed}");
    let named: Vec<_> =
        [&description.connect, &description.start, &arguments.codec].into_iter().flatten().cloned().collect();
    let target = if arguments.simulator { "the simulator".to_owned() } else { named.join("; ") };
    let mut report = Report { target, seed, entries: Vec::new() };
    if description.is_reachable() {
        lock(arguments, description, seed, &mut report);
    }
    if let Some(command) = &arguments.codec {
        program(arguments, command, &mut report)?;
    }
    for path in &arguments.report {
        report.write(path)?;
    }
    Ok(report)
}

/// Runs the checks of a lock.
fn lock(arguments: &Arguments, description: Description, seed: u64, report: &mut Report) {
    let deadline = Instant::now() + Duration::from_secs(arguments.limit);
    let identity = description.identity().map_err(Stop::Broken);
    let profile = description.profile();
    let made = identity.and_then(|(lock_id, root)| {
        Ok(Lab {
            cloud: Cloud::new(lock_id, &root, profile),
            target: Target::new(description)?,
            random: Random::from_seed(seed),
            witness: Witness::default(),
            mutations: arguments.mutations,
            cuts: arguments.cuts,
            deadline,
        })
    });
    let mut lab = match made {
        Ok(lab) => lab,
        Err(stop) => {
            let start = Check {
                name: "target/starts",
                section: "2.1",
                rule: "The lock is provisioned, gets power and takes connections.",
                look_at: "the commands of the target file, by hand",
                pace: Pace::Short,
                run: |_| Ok(String::new()),
            };
            report.entries.push(told(&start, Err(stop), Duration::ZERO));
            return;
        }
    };
    for check in checks::all().iter().filter(|check| is_chosen(arguments, check.name)) {
        let began = Instant::now();
        let seen = if began > deadline {
            Err(Stop::Broken(format!("the {} s of the run were over", arguments.limit)))
        } else if arguments.quick && check.pace == Pace::Long {
            Err(Stop::NotApplicable("left out by --quick".to_owned()))
        } else {
            (check.run)(&mut lab)
        };
        let has_failed = matches!(seen, Err(Stop::Failed(_) | Stop::Broken(_)));
        report.entries.push(told(check, seen, began.elapsed()));
        // What a failure has left is nothing for the next check to stand on.
        if has_failed && lab.target.is_restartable() && lab.renew().is_err() {
            let _ = lab.renew();
        }
    }
}

fn program(arguments: &Arguments, command: &str, report: &mut Report) -> Result<(), String> {
    let mut codec = Codec::start(command)?;
    for kind in codec::kinds().into_iter().filter(|kind| is_chosen(arguments, &kind.name)) {
        let began = Instant::now();
        let seen = codec.check(kind.file, kind.ask);
        let entry = Entry {
            look_at: format!("the case of this name in vectors/{}.json", kind.file),
            rule: rule_of(kind.file),
            name: kind.name,
            section: kind.section,
            seen,
            took: began.elapsed(),
        };
        say(&entry);
        report.entries.push(entry);
    }
    Ok(())
}

fn told(check: &Check, seen: Seen, took: Duration) -> Entry {
    let entry = Entry {
        name: check.name.to_owned(),
        section: check.section.to_owned(),
        rule: check.rule.to_owned(),
        look_at: check.look_at.to_owned(),
        seen,
        took,
    };
    say(&entry);
    entry
}

/// A line as soon as there is a verdict; what failed in full.
fn say(entry: &Entry) {
    println!(
        "{}: {}: {} ({:.1} s)",
        entry.verdict().word(),
        entry.name,
        entry.sentence(),
        entry.took.as_secs_f32()
    );
    if entry.verdict() == Verdict::Failed {
        println!("        expected, by section {}: {}", entry.section, entry.rule);
        println!("        look at: {}", entry.look_at);
    }
}
