//! The holder of a virtual key on the command line; see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    guest::run(std::env::args_os())
}
