//! `cargo run -p vectors -- generate` writes `vectors/*.json` anew; `check` compares, and fails on the first difference.

use std::process::ExitCode;

const USAGE: &str = "usage: vectors [generate | check]";

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = vectors::folder();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["generate"] | [] => {
            let written = vectors::write(folder)?;
            println!("wrote {} cases in {} files of vectors/", written.cases, written.files);
        }
        ["check" | "--check"] => {
            if let Some(drift) = vectors::first_drift(folder)? {
                eprintln!("{drift}");
                return Ok(ExitCode::FAILURE);
            }
            println!("vectors/ is what the code makes");
        }
        [..] => {
            eprintln!("{USAGE}");
            return Ok(ExitCode::from(2));
        }
    }
    Ok(ExitCode::SUCCESS)
}
