//! The whole system at work: a lock, a cloud and phones as processes of their own, and an attacker on the relay between them.
//!
//! ```text
//!   cloud process            phone processes          attacker (this process)        lock process
//!   SQLite file   <- WebSocket ->   relay   <- TCP ->  records, drops, alters  <- TCP ->  flash file
//!                                                                                          bench: door, hand, jam
//! ```
//!
//! This program re-executes itself for each role, plays scenarios against the real processes, and judges each step by what they
//! did: packets on the link, lines in their logs, and the physical truth about the bolt, which only the test bench knows.

mod attacker;
mod bench;
mod narrator;
mod process;
mod scenarios;
mod stage;
#[path = "../../../lock-core/examples/verify_log/main.rs"]
#[allow(
    dead_code,
    reason = "the program for third parties, of which the demonstration takes the part that judges"
)]
mod verify_log;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use narrator::{Manner, Narrator};

/// Plays the whole system: lock, cloud, phones and an attacker.
#[derive(Debug, Parser)]
#[command(name = "demo")]
struct Arguments {
    /// One line a step, and `N passed, N failed` at the end
    #[arg(long)]
    headless: bool,
    /// Play only the scenarios whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Say which scenarios there are, and play none
    #[arg(long)]
    list: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Hours of a hostile relay in virtual time; see `demo soak --help`
    #[command(disable_help_flag = true)]
    Soak {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let all: Vec<OsString> = std::env::args_os().collect();
    if let Some(exit) = process::Role::run_if_asked(&all) {
        return exit;
    }
    let arguments = Arguments::parse_from(all);
    if let Some(Command::Soak { arguments }) = arguments.command {
        return soak::run(std::iter::once(OsString::from("demo soak")).chain(arguments));
    }
    if arguments.list {
        scenarios::list();
        return ExitCode::SUCCESS;
    }
    if let Err(error) = scenarios::check_choice(arguments.only.as_deref()) {
        eprintln!("demo: {error}");
        return ExitCode::from(2);
    }
    let manner = if arguments.headless { Manner::Headless } else { Manner::Told };
    let mut narrator = Narrator::new(manner);
    if let Err(error) = scenarios::play(&mut narrator, arguments.only.as_deref()) {
        narrator.broke_off(&error);
    }
    narrator.closing_line()
}
