//! The command line.

use std::path::PathBuf;

/// Checks an implementation of docs/protocol.md that is not ours: the vectors, a hostile relay, power cuts. docs/conformance.md says how to
/// connect yours. The last line is 'N passed, N failed, N not applicable'; the exit code is 0 only where nothing failed and something passed.
#[derive(Debug, clap::Parser)]
#[command(name = "conformance", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// A file that says how to reach the lock, and what it can do: JSON, as docs/conformance.md has it. The options below go before it.
    #[arg(long, value_name = "FILE.json")]
    pub(crate) target: Option<PathBuf>,
    /// A lock that runs already: packets in COBS frames over TCP. It cannot be restarted, so that no power is cut.
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["start", "simulator"])]
    pub(crate) connect: Option<String>,
    /// The command that gives the lock power; its process is killed for a power cut. {address}, or {port} of this machine: where it is to listen; without
    /// it, packets go over its standard input and output. {storage}: a folder of its own, which outlives it. {bench} or
    /// {bench_port}: where its test bench is to listen.
    #[arg(long, value_name = "COMMAND", conflicts_with = "simulator")]
    pub(crate) start: Option<String>,
    /// The command that makes a lock in a blank {storage}, once: with {keys}, a file of its keys, or with {lock_id}, {root} and {profile} in words.
    #[arg(long, value_name = "COMMAND", conflicts_with = "simulator")]
    pub(crate) provision: Option<String>,
    /// The lock of these examples as the target: what the kit looks like where all is well.
    #[arg(long)]
    pub(crate) simulator: bool,
    /// The lock was made for profile X, whatever the target file says.
    #[arg(long)]
    pub(crate) profile_x: bool,
    /// A program that computes: it reads questions from its standard input and answers them with what the vectors must say. Locks, clouds and
    /// holders in any language.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) codec: Option<String>,
    /// Only the checks whose names begin so, as 'relay/' or 'power/cut-in-an-unlock'. May be given several times.
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Vec<String>,
    /// Prints the checks with their sections of docs/protocol.md, and runs none.
    #[arg(long)]
    pub(crate) list: bool,
    /// Leaves out the checks that have to wait many seconds for a deadline of the protocol.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Names the run: what is drawn at random is the same with the same number. Drawn, and printed, where it is not given.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
    /// Mutated packets of the random search.
    #[arg(long, value_name = "NUMBER", default_value_t = 500)]
    pub(crate) mutations: u32,
    /// Power cuts at random times.
    #[arg(long, value_name = "NUMBER", default_value_t = 12)]
    pub(crate) cuts: u32,
    /// How long a silence has to last before it counts as one, in milliseconds.
    #[arg(long, value_name = "MS")]
    pub(crate) patience: Option<u64>,
    /// Ends the run after so many seconds; checks that it did not come to have failed.
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    pub(crate) limit: u64,
    /// Writes a report: .json for programs, .md or .html for people. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Vec<PathBuf>,
}
