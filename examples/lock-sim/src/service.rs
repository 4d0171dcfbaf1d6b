//! The simulator as a program: a lock on a TCP port in real time, and a test bench beside it.
//!
//! The lock's power is the process: `kill -9` is a power cut, and there is no other way to switch it off. A motor that was
//! running stops where it is; the flash file and the world file hold what flash and door would.

mod arguments;
mod bench;
mod desk;
mod event_loop;
mod log;
mod manufacture;
mod phones;
mod world_file;

use std::ffi::OsString;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use lock_core::crypto::{LockId, RootKeyError};
use lock_store::host::{FileFlash, HostFlashError, OpenError, RewritableFile};

use crate::controller::{ProvisionError, StartError, StepError};
use arguments::{Arguments, Command};

/// The flash of the simulated chip: words of 4 bytes, 4 sectors of 8,192.
pub type Flash = FileFlash<4, 8192>;
/// Number of its sectors.
pub const SECTORS: usize = 4;

/// The log's flash, in a file beside the other: its units may be programmed again to clear bits.
pub type LogFlash = RewritableFile<4, 4096>;
/// Number of its sectors.
pub const LOG_SECTORS: usize = 8;
/// The ending of its name.
const LOG: &str = ".log";

/// Why the program ends with exit code 1.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There is no flash file.
    #[error("{0} does not exist: make it once with 'lock-sim provision'")]
    NoFlash(PathBuf),
    /// A lock lives in the flash file already.
    #[error("{0} exists and is never overwritten: run it, or choose another file for a new lock")]
    FlashExists(PathBuf),
    /// The flash file cannot be used.
    #[error("{0}: {1}")]
    Flash(PathBuf, #[source] OpenError),
    /// The flash file does not become a lock.
    #[error("{0}: {1}")]
    Provision(PathBuf, #[source] ProvisionError<HostFlashError>),
    /// The lock in the flash file does not start.
    #[error("{0}: the lock does not start and its flash was left untouched: {1}")]
    Start(PathBuf, #[source] StartError<HostFlashError>),
    /// A file that cannot be read or written.
    #[error("{0}: {1}; check the path and its permissions")]
    File(PathBuf, #[source] io::Error),
    /// The file to be made is there.
    #[error("{0} exists and is never overwritten: choose another name")]
    Exists(PathBuf),
    /// A file of keys that is none.
    #[error("{0} is not a file of 'lock-sim manufacture': {1}")]
    KeysFile(PathBuf, String),
    /// The root key is refused.
    #[error(transparent)]
    Root(#[from] RootKeyError),
    /// A world file that is none.
    #[error("{0} does not describe a door: {1}; remove it to start with a new one")]
    WorldFile(PathBuf, String),
    /// An address that cannot be listened on.
    #[error("cannot listen on {0}: {1}; choose a free port, or 0 for any")]
    Listen(SocketAddr, #[source] io::Error),
    /// A test bench that others could reach.
    #[error("the test bench opens the door for everybody: {0} must be a loopback address")]
    BenchNotLocal(SocketAddr),
    /// The random source of the host fails.
    #[error("the host's random source fails: {0}; nothing was done")]
    Entropy(getrandom::Error),
    /// A bug of the device.
    #[error(transparent)]
    Step(#[from] StepError),
}

/// Runs the program with these arguments, its own name first, and returns its exit code: 0 done, 1 with a sentence on
/// standard error, 2 for arguments that make no sense.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help is printed this way too. Where nobody listens, the exit code says it.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    #[cfg(feature = "panel")]
    if arguments.panel {
        return ended(crate::panel::run());
    }
    let Some(command) = arguments.command else {
        eprintln!("lock-sim: say what to do; 'lock-sim --help' lists it");
        return ExitCode::from(2);
    };
    ended(match command {
        Command::Manufacture { out, profile, unowned } => {
            let tenure = if unowned { manufacture::Made::Unowned } else { manufacture::Made::Owned };
            manufacture::manufacture(&out, profile.into(), tenure)
                .map(|lock_id| tell("manufactured", lock_id))
        }
        Command::Provision { flash, keys } => {
            manufacture::provision(&flash, &keys).map(|lock_id| tell("provisioned", lock_id))
        }
        Command::Image(image) => manufacture::image(&image),
        Command::Run(run) => event_loop::run(&run),
    })
}

fn ended<E: std::fmt::Display>(done: Result<(), E>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("lock-sim: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn tell(what: &str, lock_id: LockId) {
    println!("{what} lock_id={}", hex::encode(lock_id.as_bytes()));
}
