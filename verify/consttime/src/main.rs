//! Constant time, checked on the binary: `consttime CASE` runs one case with its secrets marked as undefined for valgrind, which then reports each
//! branch and each address that depends on one. `consttime` alone prints the cases. Those called `leaks-...` must be reported.

mod cases;
mod leaks;
mod secrets;
mod watched;

use std::process::ExitCode;

fn main() -> ExitCode {
    let all = [cases::CASES, leaks::CASES].concat();
    let Some(name) = std::env::args().nth(1) else {
        all.iter().for_each(|(name, _)| println!("{name}"));
        return ExitCode::SUCCESS;
    };
    let Some((_, run)) = all.iter().find(|(known, _)| *known == name) else {
        eprintln!("there is no case {name}: consttime alone prints them");
        return ExitCode::FAILURE;
    };
    if !secrets::watched() {
        eprintln!("this shows nothing without valgrind: use ci/verify.sh consttime");
        return ExitCode::FAILURE;
    }
    run();
    ExitCode::SUCCESS
}
