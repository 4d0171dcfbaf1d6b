//! The simulated lock; see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    lock_sim::run(std::env::args_os())
}
