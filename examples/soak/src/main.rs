//! The soak; see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    soak::run(std::env::args_os())
}
