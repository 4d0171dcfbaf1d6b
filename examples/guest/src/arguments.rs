//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use lock_core::cloud::WeeklyWindow;
use lock_core::proto::{Action, CommandId, Query, Request, TicketRights, UnixMillis};

use crate::{weekly, when};

/// Uses a virtual key at its lock, reads it, and narrows it for somebody else.
#[derive(Debug, Parser)]
#[command(name = "guest")]
pub struct Arguments {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What a guest can be asked.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Say what can be read of a key
    Show(Show),
    /// Print the link of a narrower key, for somebody else
    Narrow(Narrow),
    /// Withdraw the bolt
    Unlock(Visit),
    /// Throw the bolt
    Lock(Visit),
    /// Withdraw the bolt and pull the latch
    Unlatch(Visit),
    /// Show where bolt and door are
    Status(Visit),
    /// Make a holder secret, and print what the owner's cloud registers
    Holder {
        /// The file to make; never overwritten
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// Arguments of `show`.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The file of the link, which only you may read; - for standard input
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `narrow`.
#[derive(Debug, clap::Args)]
pub struct Narrow {
    /// The file of the link, which only you may read; - for standard input
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The file of your holder secret, for a key that is bound to you
    #[arg(long, value_name = "FILE")]
    pub holder: Option<PathBuf>,
    /// No other rights than these of lock, unlock, unlatch, status
    #[arg(long, value_name = "RIGHT,…", value_parser = rights)]
    pub rights: Option<TicketRights>,
    /// Not before this moment: 2026-12-24T08:00:00Z, or Unix milliseconds
    #[arg(long, value_name = "MOMENT", value_parser = when::moment)]
    pub not_before: Option<UnixMillis>,
    /// Not after this moment
    #[arg(long, value_name = "MOMENT", value_parser = when::moment)]
    pub not_after: Option<UnixMillis>,
    /// Not after this time from now: 2h, 1h30m, 3d
    #[arg(long = "for", value_name = "TIME", value_parser = when::duration, conflicts_with = "not_after")]
    pub lasting: Option<Duration>,
    /// Within this window of each week, by the lock's local clock: mon,tue@08:00-12:00, daily@22:00-06:00
    #[arg(long, value_name = "DAYS@FROM-UNTIL", value_parser = weekly::window)]
    pub weekly: Option<WeeklyWindow>,
    /// Opens once, for all who are given it; the lock demands a last moment, of this key or an earlier one
    #[arg(long)]
    pub once: bool,
    /// May be passed on so many times more
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(0..=3))]
    pub depth: Option<u8>,
    /// A QR code for this terminal instead of the link
    #[arg(long)]
    pub qr: bool,
}

/// Arguments of what is done at the door.
#[derive(Debug, clap::Args)]
pub struct Visit {
    /// The file of the link, which only you may read; - for standard input
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Where the lock listens, such as 127.0.0.1:7001
    #[arg(long, value_name = "ADDRESS")]
    pub lock: SocketAddr,
    /// The file of your holder secret, for a key that is bound to you
    #[arg(long, value_name = "FILE")]
    pub holder: Option<PathBuf>,
    /// Where attempts are counted; beside the key, with .attempts behind its name, if absent
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// How long to wait for the end, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub wait: u64,
}

/// What is wished at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Unlock,
    Lock,
    Unlatch,
    Status,
}

impl Wish {
    /// A holder's command ids count in one session alone, and ours has one command (section 10.3).
    pub(crate) const ID: CommandId = CommandId(1);

    pub(crate) const fn request(self) -> Request {
        let action = match self {
            Self::Unlock => Action::Unlock,
            Self::Lock => Action::Lock,
            Self::Unlatch => Action::Unlatch,
            Self::Status => return Request::Query(Query::Status),
        };
        Request::Command { id: Self::ID, action }
    }
}

fn rights(text: &str) -> Result<TicketRights, String> {
    text.split(',').try_fold(TicketRights::default(), |rights, name| {
        RIGHTS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, right)| rights.or(*right))
            .ok_or_else(|| format!("{name:?} is no right; name some of lock,unlock,unlatch,status"))
    })
}

/// The rights by their names.
pub(crate) const RIGHTS: [(&str, TicketRights); 4] = [
    ("lock", TicketRights::LOCK),
    ("unlock", TicketRights::UNLOCK),
    ("unlatch", TicketRights::UNLATCH),
    ("status", TicketRights::STATUS),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_named_and_a_misspelt_one_is_refused() {
        assert_eq!(rights("unlock"), Ok(TicketRights::UNLOCK));
        assert_eq!(rights("lock,unlock,unlatch,status"), Ok(TicketRights::ALL));
        for bad in ["", "open", "lock,", "lock unlock"] {
            assert!(rights(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_key_ends_by_a_moment_or_by_a_time_from_now_and_not_by_both() {
        let both = ["guest", "narrow", "--key", "k", "--for", "2h", "--not-after", "2030-01-01T00:00:00Z"];
        assert!(Arguments::try_parse_from(both).is_err());
        assert!(Arguments::try_parse_from(&both[..6]).is_ok());
    }
}
