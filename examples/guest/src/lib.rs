//! The holder of a virtual key on the command line: it opens a lock, and no cloud is asked (section 10 of the protocol).
//!
//! ```text
//!   owner's cloud ── link ──> guest ── TCP, COBS frames ──> lock
//!                               │
//!                               └── narrow ── link ──> another guest, who can do less and never more
//! ```
//!
//! The link is the key: it is read of a file that its owner alone may read, or of standard input, and never of the command line, which
//! others can see. It exits with 0 only when what was asked has been done: for a motion that is when the lock's sensor saw its end.
#![forbid(unsafe_code)]

mod arguments;
mod attempts;
mod door;
mod failure;
mod holder;
mod key;
mod narrow;
mod output;
mod private_file;
mod said;
mod show;
mod weekly;
mod when;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

pub use arguments::{Arguments, Command};
pub use failure::Failure;

use arguments::{Visit, Wish};
use output::Form;

/// Runs the program with these arguments; the first is its name. Prints to standard output, and failures for people to standard error.
/// Returns the exit code: 0 when what was asked has been done, 1 when it has not, 2 for arguments that make no sense.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    match &arguments.command {
        Command::Show(show) => {
            let form = Form::of(show.json);
            said(form, show::run(&show.key).map(|view| output::view(form, &view)))
        }
        Command::Narrow(narrow) => said(Form::People, narrow::run(narrow).map(|text| output::line(&text))),
        Command::Holder { out } => said(Form::People, holder::make(out).map(|text| output::line(&text))),
        Command::Unlock(at) => visit(Wish::Unlock, at),
        Command::Lock(at) => visit(Wish::Lock, at),
        Command::Unlatch(at) => visit(Wish::Unlatch, at),
        Command::Status(at) => visit(Wish::Status, at),
    }
}

fn said(form: Form, done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::failure(form, &failure);
            ExitCode::FAILURE
        }
    }
}

fn visit(wish: Wish, at: &Visit) -> ExitCode {
    let form = Form::of(at.json);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(door::visit(wish, at)),
        Err(error) => Err(Failure::System(error.to_string())),
    };
    match ended {
        Ok(said) => {
            output::said(form, &said);
            if said.is_done() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(failure) => {
            output::failure(form, &failure);
            ExitCode::FAILURE
        }
    }
}
