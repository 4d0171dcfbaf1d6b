//! The program: its commands, and every way to fail in one sentence.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser as _;
use lock_fleet::{ClaimProof, CustodyError, Fleet, FleetError, KeyEncryptionKey, SqliteStore, StoreError};
use tokio::net::TcpListener;

use crate::access::{Access, AccessError};
use crate::arguments::{Arguments, Command, Serve};
use crate::initialise::{InitialiseError, Places, initialise};
use crate::log::{Log, fact};
use crate::maker_secrets::{ImportError, Imported, import_maker_secrets};
use crate::operate::{self, OperateError};
use crate::service::Service;

/// Why the program ended without success.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No new service.
    #[error(transparent)]
    Initialise(#[from] InitialiseError),
    /// Secrets of makers.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// Something at a service that runs.
    #[error(transparent)]
    Operate(#[from] OperateError),
    /// The key file.
    #[error(transparent)]
    Custody(#[from] CustodyError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The fleet.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// Users and rights.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Something else listens there.
    #[error("{0} is in use by another program; stop it or choose another port")]
    AddressInUse(SocketAddr),
    /// The address cannot be had.
    #[error("the service cannot listen on {0} ({1}); choose another address")]
    Listen(SocketAddr, std::io::Error),
    /// The operating system failed.
    #[error("the system refused what the service needs ({0}); free memory or files and start it again")]
    System(#[from] std::io::Error),
}

/// Runs the program with these arguments; the first is its name. Logs to standard output and returns the exit code: 0 after an
/// orderly end, 1 after a failure, whose one sentence is on standard error, 2 for arguments that make no sense.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let ended = match arguments.command {
        Command::Init(init) => {
            let places = Places { database: init.database, kek: init.kek, admin_token: init.admin_token };
            initialise(&places).map(|()| announce(&places)).map_err(Failure::from)
        }
        Command::Serve(serve) => serve_until_interrupted(&serve),
        Command::ImportMakerSecrets(import) => {
            let imported = import_maker_secrets(&import.database, &import.kek, &import.from);
            imported.map(announce_import).map_err(Failure::from)
        }
        Command::LostPhone(lost) => operate::lost_phone(&lost).map(|told| tell(&told)).map_err(Failure::from),
        Command::SetCode(code) => operate::set_code(&code).map(|told| tell(&told)).map_err(Failure::from),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr(), "cloud: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn announce(places: &Places) {
    let log = Log::standard_output();
    log.plain(&format!(
        "made the database {} and the key file {}",
        places.database.display(),
        places.kek.display()
    ));
    log.plain(&format!(
        "keep a copy of the key file elsewhere; the admin's token is in {}",
        places.admin_token.display()
    ));
}

fn tell(told: &str) {
    let log = Log::standard_output();
    told.lines().for_each(|line| log.plain(line));
}

fn announce_import(imported: Imported) {
    let Imported { new, changed, unchanged } = imported;
    let log = Log::standard_output();
    log.plain(&format!(
        "keeps the maker's secrets of {} locks: {new} new, {changed} changed, {unchanged} as they were; they can be claimed here with their labels",
        new + changed + unchanged
    ));
    if changed > 0 {
        log.plain("where a secret changed and its lock did not, the label of that lock claims nothing here: ask the maker which is right");
    }
    log.plain("destroy the file that they came in");
}

fn serve_until_interrupted(serve: &Serve) -> Result<(), Failure> {
    let kek = KeyEncryptionKey::load(&serve.kek)?;
    let fleet = Fleet::open(SqliteStore::open(&serve.database)?, kek)?;
    // After the fleet's, whose lock keeps a second service out of both files.
    let access = Access::open(&Access::beside(&serve.database))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(serve.listen).await.map_err(|error| {
            if error.kind() == std::io::ErrorKind::AddrInUse {
                Failure::AddressInUse(serve.listen)
            } else {
                Failure::Listen(serve.listen, error)
            }
        })?;
        let address = listener.local_addr()?;
        let stop = interrupted()?;
        let log = Log::standard_output();
        log.plain(&format!("listening on {address}"));
        let proof =
            if serve.claim_without_maker_secret { ClaimProof::LabelAlone } else { ClaimProof::MakerSecret };
        let service = Service::new(fleet, access, log, &serve.database, proof);
        service.clone().serve(listener, stop).await?;
        service.write(fact("stopped"));
        Ok(())
    })
}

/// Ready when the process is asked to end.
#[cfg(unix)]
fn interrupted() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ready when the process is asked to end.
#[cfg(not(unix))]
fn interrupted() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
