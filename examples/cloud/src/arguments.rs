//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Decides who may open which lock, and keeps the keys of a fleet.
#[derive(Debug, Parser)]
#[command(name = "cloud")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a new service: database, key file and the admin's token; nothing is ever overwritten
    Init(Init),
    /// Run the service until it is interrupted
    Serve(Serve),
    /// Keep what makers registered for the labels of their locks, so that these can be claimed here; the service must not run
    ImportMakerSecrets(ImportMakerSecrets),
}

#[derive(Debug, Args)]
pub(crate) struct ImportMakerSecrets {
    /// The database that `init` made
    #[arg(long, value_name = "FILE")]
    pub(crate) database: PathBuf,
    /// The key file that `init` made
    #[arg(long, value_name = "FILE")]
    pub(crate) kek: PathBuf,
    /// What the maker gave: a line a lock, {"lock_id": "..", "maker_secret": ".."}; only you may read it
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The database; users and rights are kept beside it, in FILE.access
    #[arg(long, value_name = "FILE")]
    pub(crate) database: PathBuf,
    /// The key file, without which the database cannot be read; keep a copy elsewhere
    #[arg(long, value_name = "FILE")]
    pub(crate) kek: PathBuf,
    /// Where the admin's token is written
    #[arg(long, value_name = "FILE")]
    pub(crate) admin_token: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The database that `init` made
    #[arg(long, value_name = "FILE")]
    pub(crate) database: PathBuf,
    /// The key file that `init` made
    #[arg(long, value_name = "FILE")]
    pub(crate) kek: PathBuf,
    /// An address of this machine, such as 127.0.0.1:8080; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", value_parser = loopback)]
    pub(crate) listen: SocketAddr,
}

/// Tokens cross plain HTTP in clear: only within this machine.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| "an address looks like 127.0.0.1:8080".to_owned())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("this service speaks plain HTTP; listen on 127.0.0.1 and put a TLS proxy in front of it"
            .to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_listens_on_this_machine_alone() {
        assert!(loopback("127.0.0.1:0").is_ok() && loopback("[::1]:80").is_ok());
        assert!(
            loopback("0.0.0.0:80").is_err() && loopback("192.0.2.1:80").is_err() && loopback("80").is_err()
        );
    }
}
