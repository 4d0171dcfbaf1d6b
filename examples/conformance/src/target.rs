//! The lock under test: where it is, and its power.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::check::Stop;
use crate::description::Description;
use crate::link::Link;

/// How long a lock may take from its start to taking connections.
const START: Duration = Duration::from_secs(20);

/// A lock that has power.
struct Running {
    child: Child,
    address: Option<SocketAddr>,
    bench: Option<SocketAddr>,
}

/// The lock, its storage and its power.
pub(crate) struct Target {
    pub(crate) description: Description,
    folder: TempDir,
    storage: PathBuf,
    storages: u32,
    running: Option<Running>,
    /// The one link of a serial lock, or of one behind pipes.
    only_link: Option<Link>,
    bench: Option<Bench>,
}

impl Drop for Target {
    fn drop(&mut self) {
        self.cut_power();
    }
}

fn broken(what: &str, error: impl std::fmt::Display) -> Stop {
    Stop::Broken(format!("{what}: {error}"))
}

impl Target {
    pub(crate) fn new(description: Description) -> Result<Self, Stop> {
        let folder = tempfile::tempdir().map_err(|error| broken("no folder for the storage", error))?;
        let storage = folder.path().join("0");
        let mut target =
            Self { description, folder, storage, storages: 0, running: None, only_link: None, bench: None };
        if target.is_restartable() {
            target.renew()?;
        }
        Ok(target)
    }

    /// Whether this program gives it its power.
    pub(crate) fn is_restartable(&self) -> bool {
        self.description.start.is_some()
    }

    /// Whether links are one and the same.
    pub(crate) fn is_serial(&self) -> bool {
        self.description.serial || self.description.start.as_ref().is_some_and(|start| !has_address(start))
    }

    /// A new lock: with blank storage, provisioned, and with power.
    pub(crate) fn renew(&mut self) -> Result<(), Stop> {
        self.cut_power();
        self.storages += 1;
        self.storage = self.folder.path().join(self.storages.to_string());
        fs::create_dir(&self.storage).map_err(|error| broken("no folder for the storage", error))?;
        self.provision()?;
        self.give_power()
    }

    fn provision(&self) -> Result<(), Stop> {
        let keys = self.storage.join("keys.json");
        let text = json!({
            "lock_id": self.description.lock_id,
            "root": self.description.root,
            "profile": format!("{:?}", self.description.profile()),
            "label": "LK1-208H-44RM-2MB1-E60S-38DH-R78Y-3WW8",
        });
        fs::write(&keys, text.to_string())
            .map_err(|error| broken("the file of keys cannot be written", error))?;
        let Some(provision) = &self.description.provision else { return Ok(()) };
        let output = shell(&self.filled(provision, None, None))
            .output()
            .map_err(|error| broken("the command that provisions does not start", error))?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        Err(Stop::Broken(format!(
            "the command that provisions failed: {}",
            String::from_utf8_lossy(&said).trim()
        )))
    }

    fn filled(&self, command: &str, address: Option<SocketAddr>, bench: Option<SocketAddr>) -> String {
        let say =
            |address: Option<SocketAddr>| address.map(|address| address.to_string()).unwrap_or_default();
        let port = |address: Option<SocketAddr>| {
            address.map(|address| address.port().to_string()).unwrap_or_default()
        };
        command
            .replace("{storage}", &self.storage.display().to_string())
            .replace("{keys}", &self.storage.join("keys.json").display().to_string())
            .replace("{lock_id}", &self.description.lock_id)
            .replace("{root}", &self.description.root)
            .replace("{profile}", &format!("{:?}", self.description.profile()))
            .replace("{address}", &say(address))
            .replace("{port}", &port(address))
            .replace("{bench_port}", &port(bench))
            .replace("{bench}", &say(bench))
    }

    /// Starts the lock on its storage, and waits until it takes connections.
    pub(crate) fn give_power(&mut self) -> Result<(), Stop> {
        let Some(start) = self.description.start.clone() else { return Ok(()) };
        let address = has_address(&start).then(free_address).transpose()?;
        let bench =
            (start.contains("{bench}") || start.contains("{bench_port}")).then(free_address).transpose()?;
        let log = fs::OpenOptions::new().create(true).append(true).open(self.storage.join("output.log"));
        let log = log.map_err(|error| broken("no file for what the lock prints", error))?;
        let mut command = shell(&self.filled(&start, address, bench));
        command.stderr(log.try_clone().map_err(|error| broken("no file for what the lock prints", error))?);
        if address.is_some() {
            command.stdin(Stdio::null()).stdout(log);
        } else {
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
        }
        let mut child = command.spawn().map_err(|error| broken("the lock does not start", error))?;
        if let (Some(writer), Some(reader)) = (child.stdin.take(), child.stdout.take()) {
            self.only_link = Some(Link::over(reader, writer, None));
        }
        self.running = Some(Running { child, address, bench });
        // The bench first: an emulator may wait for it.
        for address in [bench, address].into_iter().flatten() {
            self.await_port(address)?;
        }
        Ok(())
    }

    fn await_port(&mut self, address: SocketAddr) -> Result<(), Stop> {
        let end = Instant::now() + START;
        loop {
            let tried = TcpStream::connect_timeout(&address, Duration::from_millis(500));
            let is_bench = self.running.as_ref().is_some_and(|running| running.bench == Some(address));
            match tried {
                Ok(stream) if is_bench => {
                    self.bench = Some(Bench::over(stream)?);
                    return Ok(());
                }
                Ok(stream) if self.is_serial() => {
                    self.only_link =
                        Some(Link::over_tcp(stream).map_err(|error| broken("the link is of no use", error))?);
                    return Ok(());
                }
                Ok(_) => return Ok(()),
                Err(_) => thread::sleep(Duration::from_millis(5)),
            }
            let ended = self.running.as_mut().and_then(|running| running.child.try_wait().ok().flatten());
            if let Some(status) = ended {
                return Err(Stop::Broken(format!(
                    "the lock ended ({status}); it said: {}",
                    self.last_words()
                )));
            }
            if Instant::now() > end {
                return Err(Stop::Broken(format!(
                    "the lock takes no connection on {address} within {} s; it said: {}",
                    START.as_secs(),
                    self.last_words()
                )));
            }
        }
    }

    /// The end of what it printed.
    pub(crate) fn last_words(&self) -> String {
        let said = fs::read(self.storage.join("output.log")).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        let lines: Vec<_> = said.lines().rev().take(4).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join(" | ")
    }

    /// Kills it, and all that it started: the power is gone in the middle of whatever it did.
    pub(crate) fn cut_power(&mut self) {
        (self.only_link, self.bench) = (None, None);
        if let Some(mut running) = self.running.take() {
            // The process leads a group of its own. A group that is gone already needs no signal.
            let group = format!("-{}", running.child.id());
            let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
            let _ = running.child.kill();
            let _ = running.child.wait();
            // What it started has to be gone too, and with it what it held.
            let end = Instant::now() + START;
            let is_there = || {
                let asked = Command::new("kill").args(["-0", "--", &group]).stderr(Stdio::null()).status();
                asked.is_ok_and(|status| status.success())
            };
            while is_there() && Instant::now() < end {
                thread::sleep(Duration::from_millis(2));
            }
        }
    }

    /// A link. That of a serial lock is always the same.
    pub(crate) fn connect(&self) -> Result<Link, Stop> {
        if let Some(link) = &self.only_link {
            return Ok(link.clone());
        }
        let address = match (&self.running, &self.description.connect) {
            (Some(Running { address: Some(address), .. }), _) => *address,
            (_, Some(named)) => named
                .to_socket_addrs()
                .ok()
                .and_then(|mut found| found.next())
                .ok_or_else(|| Stop::Broken(format!("{named} is no address")))?,
            (_, None) => return Err(Stop::Broken("the lock has no power".to_owned())),
        };
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5)).map_err(|error| {
            Stop::Broken(format!("the lock cannot be reached: {error}; it said: {}", self.last_words()))
        })?;
        Link::over_tcp(stream).map_err(|error| broken("the link is of no use", error))
    }

    /// The bench, if there is one.
    pub(crate) fn bench(&mut self) -> Result<&mut Bench, Stop> {
        self.bench.as_mut().ok_or_else(|| Stop::NotApplicable("the lock has no test bench".to_owned()))
    }
}

fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("exec {command}")).process_group(0);
    shell
}

/// Whether a command says where to listen; without it packets go over its pipes.
fn has_address(command: &str) -> bool {
    command.contains("{address}") || command.contains("{port}")
}

fn free_address() -> Result<SocketAddr, Stop> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|error| broken("no free port", error))
}

/// Hands at the door: lines of JSON, each answered by one.
pub(crate) struct Bench {
    lines: BufReader<TcpStream>,
}

impl Bench {
    fn over(stream: TcpStream) -> Result<Self, Stop> {
        stream
            .set_read_timeout(Some(Duration::from_secs(5)))
            .and_then(|()| stream.set_nodelay(true))
            .map_err(|error| broken("the bench is of no use", error))?;
        Ok(Self { lines: BufReader::new(stream) })
    }

    pub(crate) fn say(&mut self, request: &Value) -> Result<Value, Stop> {
        self.lines
            .get_mut()
            .write_all(format!("{request}\n").as_bytes())
            .map_err(|error| broken("the bench does not take a line", error))?;
        let answer = self.line()?;
        match answer.get("error") {
            Some(error) => Err(Stop::Broken(format!("the bench refuses {request}: {error}"))),
            None => Ok(answer),
        }
    }

    /// A line that comes by itself within this time.
    pub(crate) fn line_within(&mut self, within: Duration) -> Option<Value> {
        let stream = self.lines.get_ref().try_clone().ok()?;
        stream.set_read_timeout(Some(within)).ok()?;
        let line = self.line();
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        line.ok()
    }

    fn line(&mut self) -> Result<Value, Stop> {
        let mut line = String::new();
        self.lines.read_line(&mut line).map_err(|error| broken("the bench does not answer", error))?;
        serde_json::from_str(&line).map_err(|error| broken("the bench answers no JSON", error))
    }
}
