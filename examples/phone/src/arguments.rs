//! The command line.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use cloud::messages::relay::Doing;
use lock_core::proto::Profile;

use crate::output::Form;

/// Carries packets between a lock and the cloud, and says what became of a wish.
#[derive(Debug, Parser)]
#[command(name = "phone")]
pub struct Arguments {
    /// The cloud, such as http://127.0.0.1:8080
    #[arg(long, value_name = "URL", value_parser = cloud_url)]
    pub cloud: CloudUrl,
    /// A file that holds your token and that only you may read
    #[arg(long, value_name = "FILE")]
    pub token_file: PathBuf,
    /// Where the lock listens, such as 127.0.0.1:7001
    #[arg(long, value_name = "ADDRESS")]
    pub lock: SocketAddr,
    /// Which lock it is: 32 hex digits
    #[arg(long, value_name = "HEX", value_parser = lock_id)]
    pub lock_id: String,
    /// What to do
    #[arg(value_enum)]
    pub command: Command,
    /// Names your wish: the same name is the same command, however often you send it
    #[arg(long, value_name = "TEXT")]
    pub client_token: Option<String>,
    /// Restore what another lock had, which this one replaces: its 32 hex digits
    #[arg(long, value_name = "HEX", value_parser = lock_id)]
    pub from: Option<String>,
    /// For claim: a file with the text of the lock's label, typed or scanned, that only you may read; - reads it from the keyboard
    #[arg(long, value_name = "FILE", required_if_eq("command", "claim"))]
    pub label_file: Option<PathBuf>,
    /// For claim: what the lock will be called
    #[arg(long, value_name = "TEXT", required_if_eq("command", "claim"))]
    pub name: Option<String>,
    /// For claim: the profile that the lock speaks from then on, s, or x for forward secrecy
    #[arg(long, value_enum, default_value = "s")]
    pub profile: Speaking,
    /// For release: yes, the lock shall forget everything
    #[arg(long)]
    pub destroy: bool,
    /// One JSON object a line, with time stamps in microseconds
    #[arg(long)]
    pub json: bool,
    /// How long to wait for the end, in seconds: 30, and 180 for claim, where somebody has two minutes to press
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub wait: Option<u64>,
}

/// What the phone can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Command {
    /// Show where bolt and door are
    Status,
    /// Show what the lock says of itself, and what is probably wrong
    Health,
    /// Compare what the lock has of its configuration with what is wanted
    Compare,
    /// Bring the rotation of the lock's keys that was asked for to its end
    Rotate,
    /// Withdraw the bolt
    Unlock,
    /// Throw the bolt
    Lock,
    /// Show each change until interrupted
    Watch,
    /// Hand the waiting messages to the lock
    Deliver,
    /// Bring the lock the firmware that is wanted of it, and stay until it runs; give it time with --wait
    Update,
    /// Have the cloud store what the lock keeps of its codes
    Backup,
    /// Have the cloud give the lock back what it lacks, codes and all; deliver brings it
    Restore,
    /// Have the cloud fetch the lock's log and verify it
    Log,
    /// Make a lock without an owner yours, with the text of its label; somebody presses the button inside it
    Claim,
    /// End your ownership: the lock forgets all that it was told, and whoever has its label may claim it
    Release,
}

/// A profile as the command line says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Speaking {
    /// Symmetric keys alone.
    S,
    /// Forward secrecy.
    X,
}

impl From<Speaking> for Profile {
    fn from(speaking: Speaking) -> Self {
        match speaking {
            Speaking::S => Self::S,
            Speaking::X => Self::X,
        }
    }
}

impl Command {
    /// What the relay of a lock is asked; `None` for what has a relay of its own.
    pub(crate) const fn doing(self) -> Option<Doing> {
        Some(match self {
            Self::Claim => return None,
            Self::Status => Doing::Status,
            Self::Health => Doing::Health,
            Self::Compare => Doing::Compare,
            Self::Rotate => Doing::Rotate,
            Self::Unlock => Doing::Unlock,
            Self::Lock => Doing::Lock,
            Self::Watch => Doing::Watch,
            Self::Deliver => Doing::Deliver,
            Self::Update => Doing::Update,
            Self::Backup => Doing::Backup,
            Self::Restore => Doing::Restore,
            Self::Log => Doing::Log,
            Self::Release => Doing::Release,
        })
    }

    /// The name, as on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self.doing() {
            Some(doing) => doing.name(),
            None => "claim",
        }
    }
}

impl Arguments {
    pub(crate) const fn form(&self) -> Form {
        if self.json { Form::JsonLines } else { Form::People }
    }

    /// How long to wait for the end.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(self.wait.unwrap_or(match self.command {
            // A press opens the lock to a claim for two minutes, and the service gives up after three.
            Command::Claim => 180,
            Command::Status
            | Command::Health
            | Command::Compare
            | Command::Rotate
            | Command::Unlock
            | Command::Lock
            | Command::Watch
            | Command::Deliver
            | Command::Update
            | Command::Backup
            | Command::Restore
            | Command::Log
            | Command::Release => 30,
        }))
    }
}

/// Address of a cloud service that is reached without TLS: on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudUrl {
    /// Host and port, as in the URL.
    pub(crate) authority: String,
}

/// Plain HTTP carries the token in clear: only to this machine.
fn cloud_url(text: &str) -> Result<CloudUrl, String> {
    let authority = text
        .strip_prefix("http://")
        .ok_or("a cloud's address starts with http://; this phone speaks no TLS")?;
    let authority = authority.trim_end_matches('/');
    let host = authority.rsplit_once(':').ok_or("the address lacks a port, such as http://127.0.0.1:8080")?.0;
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    if host == "localhost" || address.is_ok_and(|address| address.is_loopback()) {
        return Ok(CloudUrl { authority: authority.to_owned() });
    }
    Err("the token would cross the network in clear; use a TLS proxy on this machine and its address, such as http://127.0.0.1:8080".to_owned())
}

fn lock_id(text: &str) -> Result<String, String> {
    let hexadecimal = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hexadecimal {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("a lock id has 32 hex digits; the cloud's list of locks shows it".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_never_leaves_the_machine_in_clear() {
        for good in ["http://127.0.0.1:8080", "http://localhost:1/", "http://[::1]:80"] {
            assert!(cloud_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://192.0.2.7:80",
            "https://127.0.0.1:443",
            "127.0.0.1:80",
            "http://127.0.0.1",
            "http://example.org:80",
        ] {
            assert!(cloud_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_claim_waits_for_the_whole_time_in_which_somebody_may_press() {
        let always =
            ["phone", "--cloud", "http://127.0.0.1:1", "--token-file", "token", "--lock", "127.0.0.1:2"];
        let lock_id = ["--lock-id", "ab00000000000000000000000000000f"];
        let waits = |more: &[&str]| {
            let arguments = always.iter().chain(&lock_id).chain(more);
            Arguments::try_parse_from(arguments).unwrap().patience().as_secs()
        };
        let claim = ["claim", "--label-file", "label", "--name", "door"];
        assert_eq!((waits(&claim), waits(&["unlock"])), (180, 30));
        assert_eq!(waits(&[&claim[..], &["--wait", "7"]].concat()), 7);
    }

    #[test]
    fn a_lock_id_is_32_hex_digits() {
        assert_eq!(
            lock_id("AB00000000000000000000000000000f"),
            Ok("ab00000000000000000000000000000f".to_owned())
        );
        assert!(lock_id("ab0000000000000000000000000000").is_err());
        assert!(lock_id("zz000000000000000000000000000000").is_err());
    }
}
