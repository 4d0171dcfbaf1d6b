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
    /// At a service that runs: end the token of a phone that is lost, and the virtual keys that were issued by it or for it
    LostPhone(LostPhoneAt),
    /// At a service that runs: queue another code for a slot of a lock, such as a master code that was forgotten
    SetCode(SetCodeAt),
}

/// Which service, and who asks.
#[derive(Debug, Args)]
pub(crate) struct At {
    /// The service, such as http://127.0.0.1:8080
    #[arg(long, value_name = "URL", value_parser = local_url)]
    pub(crate) cloud: String,
    /// A file that holds your token and that only you may read
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct LostPhoneAt {
    #[command(flatten)]
    pub(crate) at: At,
    /// The number of the user whose phone it was
    #[arg(long, value_name = "NUMBER")]
    pub(crate) user: i64,
    /// The number of its token, which stands in the token behind lkt_
    #[arg(long, value_name = "NUMBER")]
    pub(crate) token: i64,
    /// Revoke all keys of a lock where those of the phone cannot be revoked one by one
    #[arg(long)]
    pub(crate) revoke_all_where_needed: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SetCodeAt {
    #[command(flatten)]
    pub(crate) at: At,
    /// The lock: 32 hex digits
    #[arg(long, value_name = "HEX")]
    pub(crate) lock_id: String,
    /// The slot whose code is replaced
    #[arg(long, value_name = "NUMBER")]
    pub(crate) slot: u8,
    /// The slot of the user whose code it is
    #[arg(long, value_name = "NUMBER")]
    pub(crate) user: Option<u8>,
    /// It is a programming code, the master code of the lock
    #[arg(long)]
    pub(crate) programming: bool,
    /// A file with the digits that only you may read; - reads them from the keyboard
    #[arg(long, value_name = "FILE")]
    pub(crate) digits_file: PathBuf,
    /// Names the wish: the same name is the same command, however often it is sent
    #[arg(long, value_name = "TEXT")]
    pub(crate) client_token: String,
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
    /// Let users claim locks whose makers registered no secret: whoever wrote a label can then play a lock of any id to this service
    #[arg(long)]
    pub(crate) claim_without_maker_secret: bool,
}

/// The token crosses plain HTTP in clear: only within this machine.
fn local_url(text: &str) -> Result<String, String> {
    let wrong = "a service is reached at http:// and an address of this machine, such as http://127.0.0.1:8080; put a TLS proxy in between where it is elsewhere";
    let authority = text.strip_prefix("http://").ok_or(wrong)?.trim_end_matches('/');
    let (host, _) = authority.rsplit_once(':').ok_or(wrong)?;
    let is_local = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    if is_local { Ok(text.to_owned()) } else { Err(wrong.to_owned()) }
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
    fn a_token_never_leaves_the_machine_in_clear() {
        for good in ["http://127.0.0.1:80", "http://localhost:1/", "http://[::1]:80"] {
            assert!(local_url(good).is_ok(), "{good}");
        }
        for bad in [
            "https://127.0.0.1:80",
            "http://192.0.2.7:80",
            "http://127.0.0.1",
            "127.0.0.1:80",
            "http://127.0.0.1@example.org:80",
        ] {
            assert!(local_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_label_alone_suffices_for_a_claim_where_the_operator_says_so_and_else_not() {
        let serve = ["cloud", "serve", "--database", "db", "--kek", "kek", "--listen", "127.0.0.1:0"];
        for (more, expected) in [(None, false), (Some("--claim-without-maker-secret"), true)] {
            let arguments = Arguments::try_parse_from(serve.into_iter().chain(more)).unwrap();
            let Command::Serve(serve) = arguments.command else { panic!("it is `serve`") };
            assert_eq!(serve.claim_without_maker_secret, expected);
        }
    }

    #[test]
    fn the_service_listens_on_this_machine_alone() {
        assert!(loopback("127.0.0.1:0").is_ok() && loopback("[::1]:80").is_ok());
        assert!(
            loopback("0.0.0.0:80").is_err() && loopback("192.0.2.1:80").is_err() && loopback("80").is_err()
        );
    }
}
