//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use lock_core::proto::Profile;

/// A smart lock on simulated hardware, running the real core on its own flash file.
#[derive(Debug, clap::Parser)]
#[command(name = "lock-sim", version, arg_required_else_help = true, args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    /// Play with a lock in this terminal: keys, door, battery, jams, clock. Nothing is stored.
    #[cfg(feature = "panel")]
    #[arg(long)]
    pub(super) panel: bool,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Draw identity, root key and label of a new lock, for its provisioning and for the cloud.
    Manufacture {
        /// The file to make: JSON, readable by its owner only.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// The profile of its live sessions: s, or x for forward secrecy. It is fixed from here on.
        #[arg(long, value_enum, default_value = "s")]
        profile: MadeFor,
        /// Without an owner: there is no root key, and whoever has the label claims it.
        #[arg(long)]
        unowned: bool,
    },
    /// Make a blank flash file a lock. Never overwrites one.
    Provision {
        /// The flash file to make.
        #[arg(long, value_name = "FILE")]
        flash: PathBuf,
        /// The file of 'manufacture'.
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
    },
    /// Make a firmware image for the simulated lock: its loader verifies it by a hash at its end.
    Image(MakeImage),
    /// Give the lock power: it listens for phones until the process is killed.
    Run(Run),
}

#[derive(Debug, clap::Args)]
pub(super) struct MakeImage {
    /// The file to make. Never overwrites one.
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
    /// The model that it is for.
    #[arg(long, default_value_t = 1)]
    pub(super) model: u32,
    /// Its version. A new lock runs version 1.
    #[arg(long)]
    pub(super) version: u32,
    /// Its rollback index: no lock takes one that is lower than it has confirmed. That of a new lock is 1.
    #[arg(long)]
    pub(super) rollback_index: u32,
    /// Its length in bytes, 52 at least.
    #[arg(long, default_value_t = 40_000)]
    pub(super) bytes: usize,
}

/// A profile as the command line says it.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum MadeFor {
    S,
    X,
}

impl From<MadeFor> for Profile {
    fn from(made_for: MadeFor) -> Self {
        match made_for {
            MadeFor::S => Self::S,
            MadeFor::X => Self::X,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Run {
    /// The flash file of 'provision'.
    #[arg(long, value_name = "FILE")]
    pub(super) flash: PathBuf,
    /// The door with the lock in it: JSON, made when it is missing.
    #[arg(long, value_name = "FILE")]
    pub(super) world: PathBuf,
    /// Where phones connect: packets in COBS frames. Port 0 takes any.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(super) listen: SocketAddr,
    /// Where the test bench connects: lines of JSON. Loopback only; it has the lock in its hands.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) bench: Option<SocketAddr>,
    /// Test bench only: the random source delivers zeros for ever. No nonce repeats all the same.
    #[arg(long)]
    pub(super) stuck_entropy: bool,
}
