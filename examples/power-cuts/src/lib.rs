//! The power of an emulated lock goes right after each store into its flash; then it starts again from the same flash, and is judged.
//!
//! ```text
//!   service ── fleet, SQLite ──┐                          ┌── bench: keypad, buttons, what the motor does
//!                              v                          v
//!                            Scene ── phone's cable ── firmware-c in QEMU ── flash, a file that outlives it
//!                              │                          ^
//!                           History                       └── host/cut.c: kills it after the chosen store
//! ```
//!
//! Nothing here is made up: the firmware is the image that `examples/firmware-c/build.sh` makes, the cloud is `lock-fleet` with its database,
//! and packets go over the emulated serial port as a phone would carry them. Each cut begins with a copy of the same chip and the same
//! database. What must be so after it, whatever the operation: the lock starts; the motor does not move by itself, nor when everything that
//! was carried before is brought again; no command runs twice; boot counters, greetings and sealed numbers never come again, and the service
//! sees no mark go back; the log is whole and verified, or says what is missing; a lockout stays; service and lock agree on the
//! configuration, and go on. What an operation adds to that is said in its own file.
#![forbid(unsafe_code)]

mod arguments;
mod board;
mod broken;
mod campaign;
mod chip;
mod history;
mod judge;
mod operations;
mod orders;
mod random;
mod scene;
mod scissors;
mod service;
mod soak;
mod worker;

use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use broken::Held;
use campaign::{Campaign, Share, Tally};

/// Runs the program.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    match cuts(&arguments) {
        Ok(Tally { passed, failed }) => {
            println!("{passed} passed, {failed} failed");
            ExitCode::from(u8::from(failed > 0 || passed == 0))
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn cuts(arguments: &Arguments) -> Held<Tally> {
    let seed = arguments.seed;
    let campaign = Campaign {
        image: arguments.image.clone(),
        plugin: std::path::absolute(&arguments.plugin).map_err(broken::Broken::host)?,
        jobs: arguments.jobs.into(),
        share: arguments.sample.map_or(Share::All, |count| Share::Sample { count, seed }),
        pairs: arguments.pairs,
        stops_at_failure: arguments.stop,
    };
    if let Some(seconds) = arguments.soak {
        return soak::soak(&campaign, seconds, seed);
    }
    let mut tally = Tally::default();
    for operation in operations::ALL {
        let is_wanted = arguments.operations.iter().any(|name| name == operation.name());
        if is_wanted || arguments.operations.is_empty() {
            tally.add(campaign.run(operation)?);
        }
    }
    Ok(tally)
}
