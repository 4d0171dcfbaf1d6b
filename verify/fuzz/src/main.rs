//! Gives inputs to a target, on the stable compiler and without any fuzzer.
//!
//! ```text
//! cargo run -p fuzz                    the names of the targets, and the longest input of each
//! cargo run -p fuzz -- TARGET FILE..   each input once: a panic says what does not hold
//! ```

use std::process::ExitCode;

use fuzz::{TARGETS, named};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            TARGETS.iter().for_each(|target| println!("{} {}", target.name, target.longest));
            ExitCode::SUCCESS
        }
        [target, ref files @ ..] if !files.is_empty() => replay(target, files),
        [..] => {
            eprintln!("usage: fuzz [TARGET FILE..]");
            ExitCode::from(2)
        }
    }
}

fn replay(target: &str, files: &[&str]) -> ExitCode {
    let Some(target) = named(target) else {
        eprintln!("there is no target {target}: say one of those that are listed without arguments");
        return ExitCode::from(2);
    };
    for file in files {
        match std::fs::read(file) {
            Ok(input) => {
                println!("{}: {file}", target.name);
                (target.take)(&input);
            }
            Err(error) => {
                eprintln!("{file}: {error}");
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::SUCCESS
}
