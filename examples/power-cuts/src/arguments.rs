//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Takes the power away from an emulated lock, and judges what it does then. Ends with `N passed, N failed`.
#[derive(Debug, Parser)]
#[command(name = "power-cuts")]
pub(crate) struct Arguments {
    /// The firmware, as examples/firmware-c/build.sh makes it
    pub(crate) image: PathBuf,
    /// host/cut.c as a shared object
    pub(crate) plugin: PathBuf,
    /// Which operations; all where none is named
    #[arg(value_parser = operation)]
    pub(crate) operations: Vec<String>,
    /// Not every store, but so many that chance draws
    #[arg(long, value_name = "COUNT")]
    pub(crate) sample: Option<usize>,
    /// Whose chance
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Cut twice: after a store of the operation, and after one of the boot behind it
    #[arg(long)]
    pub(crate) pairs: bool,
    /// Kill the emulator at any moment instead, for so long
    #[arg(long, value_name = "SECONDS", conflicts_with_all = ["sample", "pairs", "operations"])]
    pub(crate) soak: Option<u64>,
    /// So many locks at a time
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) jobs: u8,
    /// End with the first failure
    #[arg(long)]
    pub(crate) stop: bool,
}

fn operation(name: &str) -> Result<String, String> {
    if crate::operations::named(name).is_some() {
        return Ok(name.to_owned());
    }
    let names: Vec<_> = crate::operations::ALL.iter().map(|operation| operation.name()).collect();
    Err(format!("the operations are {}", names.join(", ")))
}
