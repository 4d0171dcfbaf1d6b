//! The power cuts; see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    power_cuts::run()
}
