//! Verifies an exported log with its key, and says in words what it holds: for an owner, an insurer, a court.
//!
//! ```text
//! cargo run --release -p lock-core --example verify_log -- EXPORT --key KEY [--nonce HEX]
//! ```
//!
//! `EXPORT` and `KEY` are the files of section 6.3 of `docs/protocol.md`. With `--nonce` the head must answer the nonce that you drew
//! yourself: without it, somebody may show you an old export that ends before what matters. The program prints each entry, each gap
//! and each fault, then the verdict. It exits 0 when the log is whole, 1 when anything is wrong, 2 when it could not read the files.

#![forbid(unsafe_code)]

mod files;
mod words;

use std::process::ExitCode;

use files::{Export, KeyFile};
use lock_core::cloud::LogReader;

const USAGE: &str = "usage: verify_log EXPORT --key KEY [--nonce HEX]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let read = |path: &str| std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
    let (export, key, nonce) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [export, "--key", key] => (export, key, None),
        [export, "--key", key, "--nonce", nonce] => (export, key, Some(nonce)),
        [..] => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    let verdict = read(export).and_then(|export| verify(&export, &read(key)?, nonce));
    match verdict {
        Ok(report) => {
            report.lines.iter().for_each(|line| println!("{line}"));
            if report.faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("verify_log: {error}");
            ExitCode::from(2)
        }
    }
}

/// What is printed, and how many faults there are.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) lines: Vec<String>,
    pub(crate) faults: usize,
}

/// Walks along an export.
pub(crate) fn verify(export: &str, key: &str, nonce: Option<&str>) -> Result<Report, String> {
    let export = Export::read(export)?;
    let key = KeyFile::read(key)?;
    let drawn = match nonce {
        Some(nonce) => files::bytes::<16>(nonce).ok_or("--nonce takes 32 hexadecimal digits")?,
        None => export.nonce,
    };
    let mut reader = <LogReader>::new(key.into_chain(&export)?);
    let mut lines = vec![format!("Log of lock {}, key epoch {}", export.lock_id, export.key_epoch)];
    let (mut faults, mut gaps) = (0, 0);
    for entry in &export.entries {
        match reader.entry(&entry.as_exported()) {
            Ok(read) => {
                if let Some(missing) = read.missing {
                    lines.push(format!("        entries {} to {} are not here", missing.first, missing.last));
                }
                lines.push(format!("{:>6}  {}", entry.index, words::entry(read.entry.as_ref())));
                if let Some(gap) = read.gap {
                    gaps += 1;
                    lines.push(format!(
                        "        GAP: entries {} to {} were overwritten in the lock",
                        gap.first, gap.last
                    ));
                }
            }
            Err(fault) => {
                faults += 1;
                lines.push(format!("{:>6}  WRONG: {fault}", entry.index));
            }
        }
    }
    if let Err(fault) = reader.head(&export.head, &drawn) {
        faults += 1;
        lines.push(format!("  head  WRONG: {fault}"));
    }
    lines.push(match (faults, gaps) {
        (0, 0) => format!("The log is whole: {} entries, none edited, dropped, reordered or cut off.", export.entries.len()),
        (0, _) => format!(
            "The log is as the lock wrote it: {} entries, none edited, dropped, reordered or cut off; gaps that it admits: {gaps}.",
            export.entries.len()
        ),
        (1, _) => "THE LOG IS NOT AS THE LOCK WROTE IT: 1 fault.".to_owned(),
        (_, _) => format!("THE LOG IS NOT AS THE LOCK WROTE IT: {faults} faults."),
    });
    if faults == 0 && nonce.is_none() {
        let nonce = files::hex(&export.nonce);
        lines.push(format!("It is as fresh as the nonce {nonce}: was it you who drew it, and when?"));
    }
    Ok(Report { lines, faults })
}
