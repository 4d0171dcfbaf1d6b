//! `cargo run --release -p conformance -- --help`

use std::process::ExitCode;

fn main() -> ExitCode {
    conformance::run(std::env::args_os())
}
