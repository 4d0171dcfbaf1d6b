//! A phone on the command line: it carries packets between a lock and the cloud, and can read none of them.
//!
//! ```text
//!   lock  <── TCP, COBS frames ──>  phone  <── WebSocket, binary: packets ──>  cloud
//!                                     │    <── WebSocket, text: wish, result ──>
//!                                     └── prints direction, kind and length of what crosses it, and the result
//! ```
//!
//! It exits with 0 only when what was asked has been done: for a motion that is when the lock's sensor saw its end.
#![forbid(unsafe_code)]

mod arguments;
mod claim;
mod cloud_link;
mod errand;
mod failure;
mod output;
mod private_file;
mod relay;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

pub use arguments::{Arguments, Command, Speaking};
pub use errand::{Errand, Progress};
pub use failure::Failure;

use output::Output;

/// Runs the program with these arguments; the first is its name. Prints to standard output and returns the exit code: 0 when
/// what was asked has been done, 1 when it has not, 2 for arguments that make no sense.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let output = Output::new(arguments.form());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(relay::run(&arguments, &output)),
        Err(error) => Err(Failure::System(error.to_string())),
    };
    match ended {
        Ok(sentence) => {
            output.ended(output::Ended::Executed, &sentence);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            output.ended(output::Ended::NotExecuted, &failure.to_string());
            ExitCode::FAILURE
        }
    }
}
