//! The phone on the command line; see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    phone::run(std::env::args_os())
}
