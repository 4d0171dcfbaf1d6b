//! The cloud service; see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    cloud::run(std::env::args_os())
}
