//! Verifies an exported log with its key, and says in words what it holds: for an owner, an insurer, a court.
//!
//! ```text
//! cargo run --release -p lock-core --example verify_log -- EXPORT --key KEY [--nonce HEX]
//! ```
//!
//! `EXPORT` and `KEY` are the files of section 6.3 of `docs/protocol.md`. With `--nonce` the head must answer the nonce that you drew
//! yourself: without it, somebody may show you an old export that ends before what matters. The program prints each entry, each gap
//! and each fault, then the verdict. `KEY` has the key of each key epoch of the export. It exits 0 when the log is whole, 1 when anything is
//! wrong or could not be verified, 2 when it could not read the files.

#![forbid(unsafe_code)]

mod files;
mod words;

use std::process::ExitCode;

use files::{Export, KeyFile};
use lock_core::crypto::{LogFault, Missing};

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
            if report.faults == 0 && report.unverified == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("verify_log: {error}");
            ExitCode::from(2)
        }
    }
}

/// What is printed, how many faults there are, and how many entries could not be verified.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) lines: Vec<String>,
    pub(crate) faults: usize,
    pub(crate) unverified: usize,
}

/// Walks along an export.
pub(crate) fn verify(export: &str, key: &str, nonce: Option<&str>) -> Result<Report, String> {
    let export = Export::read(export)?;
    let key = KeyFile::read(key)?;
    let drawn = match nonce {
        Some(nonce) => files::bytes::<16>(nonce).ok_or("--nonce takes 32 hexadecimal digits")?,
        None => export.nonce,
    };
    let (mut reader, later) = key.into_reader(&export)?;
    let mut lines = vec![format!("Log of lock {}, key epoch {}", export.lock_id, export.key_epoch)];
    let (mut faults, mut gaps, mut unverified) = (0, 0, 0);
    for entry in &export.entries {
        match reader.entry(&entry.as_exported(), &later) {
            Ok(read) => {
                if let Some(missing) = read.missing {
                    lines.push(format!("        entries {} to {} are not here", missing.first, missing.last));
                }
                if let Some(Missing { first, last }) = read.unverified {
                    lines.push(format!(
                        "        NOT VERIFIED: entries {first} to {last}, whose key is not here"
                    ));
                }
                let words = words::entry(read.entry.as_ref());
                if read.is_verified {
                    lines.push(format!("{:>6}  {words}", entry.index));
                } else {
                    unverified += 1;
                    lines.push(format!("{:>6}  NOT VERIFIED: {words}", entry.index));
                }
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
    match reader.head(&export.head, &drawn, &later) {
        Ok(()) => {}
        Err(fault @ LogFault::NoKey { .. }) => lines.push(format!("  head  NOT VERIFIED: {fault}")),
        Err(fault) => {
            faults += 1;
            lines.push(format!("  head  WRONG: {fault}"));
        }
    }
    if let Some(Missing { first, last }) = reader.take_unverified() {
        lines.push(format!("        NOT VERIFIED: entries {first} to {last}, whose key is not here"));
    }
    let entries = export.entries.len();
    lines.push(match (faults, gaps, unverified) {
        (0, 0, 0) => format!("The log is whole: {entries} entries, none edited, dropped, reordered or cut off."),
        (0, _, 0) => format!(
            "The log is as the lock wrote it: {entries} entries, none edited, dropped, reordered or cut off; gaps that it admits: {gaps}."
        ),
        (0, _, _) => format!(
            "What could be verified is as the lock wrote it; {unverified} of {entries} entries could not: the key of their key epoch is not \
             in the key file."
        ),
        (1, _, _) => "THE LOG IS NOT AS THE LOCK WROTE IT: 1 fault.".to_owned(),
        (_, _, _) => format!("THE LOG IS NOT AS THE LOCK WROTE IT: {faults} faults."),
    });
    if faults == 0 && unverified == 0 && nonce.is_none() {
        let nonce = files::hex(&export.nonce);
        lines.push(format!("It is as fresh as the nonce {nonce}: was it you who drew it, and when?"));
    }
    Ok(Report { lines, faults, unverified })
}
