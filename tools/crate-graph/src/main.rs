//! `crate-graph` prints the graph of our crates; `crate-graph --check` refuses one that the architecture does not
//! allow, with a sentence for each breach and the exit code 1.

#![forbid(unsafe_code)]

use std::path::Path;
use std::process::ExitCode;

use crate_graph::{Graph, all_breaches, picture};

/// Run from anywhere: the workspace is the one that this tool was built in.
const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let graph = match Graph::of_manifest(Path::new(MANIFEST)) {
        Ok(graph) => graph,
        Err(error) => return refuse(&error),
    };
    match arguments.as_slice() {
        [] => print!("{}", picture(&graph)),
        ["--check"] => return check(&graph),
        _ => return refuse(&"say nothing to print the graph, or --check to check it"),
    }
    ExitCode::SUCCESS
}

fn check(graph: &Graph) -> ExitCode {
    let breaches = all_breaches(graph);
    for breach in &breaches {
        eprintln!("{breach}");
    }
    if breaches.is_empty() {
        println!("{} crates, as the architecture says", graph.packages().count());
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn refuse(reason: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("{reason}");
    ExitCode::FAILURE
}
