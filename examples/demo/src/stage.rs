//! The stage: files, processes and people of one performance.

mod errand;
mod firmware;
mod guests;
mod households;
mod operator;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use cloud::client::Client;
use cloud::messages::{
    AuditEntry, CodeMade, CommandView, ItemStage, ItemView, LockView, LogView, NewCode, NewCommand, NewLock,
    NewSeries, Restore, RestoreMade, SeriesView, SeriesWish, Wish,
};
use cloud::{Right, Rights};
use lock_proto::{CodeClass, UnixMillis};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::attacker::Attacker;
use crate::bench::{Bench, Truth};
use crate::process::{Line, Process, Role};

pub(crate) use errand::{Errand, finished};
pub(crate) use firmware::Build;
pub(crate) use guests::Visit;

/// Long enough for a busy machine, short enough to notice.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// Who holds the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Person {
    /// May do everything with the lock.
    Owner,
    /// May carry sealed messages, and nothing else.
    Courier,
}

impl Person {
    const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Courier => "courier",
        }
    }

    fn rights(self) -> Rights {
        match self {
            Self::Owner => Right::ALL.into_iter().collect(),
            Self::Courier => std::iter::once(Right::Relay).collect(),
        }
    }
}

/// A lock process that runs.
#[derive(Debug)]
pub(crate) struct RunningLock {
    pub(crate) process: Process,
    pub(crate) bench: Bench,
}

/// A cloud process that runs.
#[derive(Debug)]
pub(crate) struct RunningCloud {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    pub(crate) admin: Client,
    pub(crate) owner: Option<Client>,
}

/// Everything that is on stage.
pub(crate) struct Stage {
    folder: TempDir,
    /// Where the files of the cloud are, and of those who use it: a lock may change its owner.
    cloud_folder: PathBuf,
    pub(crate) lock_id: String,
    pub(crate) lock: Option<RunningLock>,
    pub(crate) cloud: Option<RunningCloud>,
    pub(crate) attacker: Attacker,
    phones: Vec<Phone>,
    /// User and token of the phone that was lost last.
    lost: Option<(i64, i64)>,
}

/// Whose phone has which token.
#[derive(Clone, Copy, Debug)]
struct Phone {
    person: Person,
    user: i64,
    token: i64,
}

impl Stage {
    /// Makes a lock and a cloud as manufacture and an operator would, registers one at the other, and starts both.
    pub(crate) fn set_up() -> Result<Self> {
        Self::set_up_as("s")
    }

    /// The same with a lock of this profile, as the command line of manufacture says it.
    pub(crate) fn set_up_as(profile: &str) -> Result<Self> {
        let folder = tempfile::tempdir().context("no temporary folder can be made")?;
        let attacker = Attacker::between(SocketAddr::from(([127, 0, 0, 1], 1)))?;
        let cloud_folder = folder.path().to_owned();
        let mut stage = Self {
            folder,
            cloud_folder,
            lock_id: String::new(),
            lock: None,
            cloud: None,
            attacker,
            phones: Vec::new(),
            lost: None,
        };
        let keys = stage.file("keys.json");
        run_to_end(Role::Lock, |command| {
            command.arg("manufacture").arg("--out").arg(&keys).arg("--profile").arg(profile);
        })?;
        run_to_end(Role::Lock, |command| {
            command.arg("provision").arg("--flash").arg(stage.file("flash.bin")).arg("--keys").arg(&keys);
        })?;
        stage.new_cloud()?;
        stage.start_cloud()?;
        stage.register(&keys)?;
        stage.start_lock()?;
        Ok(stage)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn cloud_file(&self, name: &str) -> PathBuf {
        self.cloud_folder.join(name)
    }

    /// Makes the files of a cloud.
    fn new_cloud(&self) -> Result<()> {
        run_to_end(Role::Cloud, |command| {
            let token = self.cloud_file("admin-token");
            self.with_cloud_files(command.arg("init")).arg("--admin-token").arg(token);
        })
    }

    fn register(&mut self, keys: &Path) -> Result<()> {
        let made: Value = serde_json::from_str(&std::fs::read_to_string(keys)?)?;
        let text = |name: &str| {
            made.get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
                .context("manufacture wrote no such field")
        };
        self.lock_id = text("lock_id")?;
        let (lock_id, root) = (text("lock_id")?, text("root")?);
        let admin = &self.cloud.as_ref().context("the cloud does not run")?.admin;
        let profile = serde_json::from_value(made.get("profile").cloned().unwrap_or_default())?;
        admin.register_lock(&NewLock { lock_id, root, name: "front door".into(), profile })?;
        for person in [Person::Owner, Person::Courier] {
            let user = admin.add_user(person.name())?.user_id;
            admin.grant(&self.lock_id, user, person.rights())?;
            let made = admin.issue_token(user)?;
            write_private(&self.cloud_file(person.name()), &made.token)?;
            self.phones.push(Phone { person, user, token: made.token_id });
        }
        self.connect_owner()
    }

    /// A person has lost their phone: its token ends, and another phone gets a new one. Returns the file of the old token.
    pub(crate) fn replace_phone(&mut self, person: Person) -> Result<PathBuf> {
        let admin = &self.cloud.as_ref().context("the cloud does not run")?.admin;
        let phone = self.phones.iter_mut().find(|phone| phone.person == person).context("no such phone")?;
        let made = admin.issue_token(phone.user)?;
        admin.revoke_token(phone.user, phone.token)?;
        phone.token = made.token_id;
        let (file, lost) = (self.cloud_file(person.name()), self.cloud_file("lost-phone"));
        std::fs::rename(&file, &lost)?;
        write_private(&file, &made.token)?;
        self.connect_owner()?;
        Ok(lost)
    }

    fn connect_owner(&mut self) -> Result<()> {
        let Ok(token) = std::fs::read_to_string(self.cloud_file(Person::Owner.name())) else { return Ok(()) };
        let cloud = self.cloud.as_mut().context("the cloud does not run")?;
        cloud.owner = Some(Client::new(&format!("http://{}", cloud.address), token.trim()));
        Ok(())
    }

    pub(crate) fn cloud(&self) -> Result<&RunningCloud> {
        self.cloud.as_ref().context("the cloud does not run")
    }

    pub(crate) fn lock(&mut self) -> Result<&mut RunningLock> {
        self.lock.as_mut().context("the lock does not run")
    }

    pub(crate) fn owner(&self) -> Result<&Client> {
        self.cloud()?.owner.as_ref().context("the owner has no token yet")
    }

    /// What the cloud knows of the lock.
    pub(crate) fn known(&self) -> Result<LockView> {
        Ok(self.owner()?.lock(&self.lock_id)?)
    }

    /// What is physically true.
    pub(crate) fn truth(&mut self) -> Result<Truth> {
        self.lock()?.bench.look()
    }

    /// Queues something for a lock that is not reached now.
    pub(crate) fn queue(
        &self,
        action: Wish,
        token: &str,
        valid_for_seconds: Option<u32>,
    ) -> Result<CommandView> {
        let command = NewCommand { action, client_token: token.to_owned(), valid_for_seconds };
        Ok(self.owner()?.queue(&self.lock_id, &command)?)
    }

    /// The owner has a code made, whether or not the lock can be reached.
    pub(crate) fn offline_code(&self, class: CodeClass, start: Option<UnixMillis>) -> Result<CodeMade> {
        Ok(self.owner()?.offline_code(&self.lock_id, &NewCode { class, start })?)
    }

    /// The owner says what is wanted of the offline codes.
    pub(crate) fn code_series(&self, wish: SeriesWish, token: &str) -> Result<SeriesView> {
        let series = NewSeries { wish, client_token: token.to_owned() };
        Ok(self.owner()?.code_series(&self.lock_id, &series)?)
    }

    /// How it stands with the offline codes.
    pub(crate) fn offline_codes(&self) -> Result<SeriesView> {
        Ok(self.owner()?.offline_codes(&self.lock_id)?)
    }

    /// What became of a queued command.
    pub(crate) fn command(&self, id: u64) -> Result<CommandView> {
        Ok(self.owner()?.command(&self.lock_id, id)?)
    }

    /// The items of the lock's configuration that stand so.
    pub(crate) fn items(&self, stage: ItemStage) -> Result<Vec<ItemView>> {
        let items = self.owner()?.items(&self.lock_id)?;
        Ok(items.into_iter().filter(|item| item.stage == stage).collect())
    }

    /// The owner has what the lock has lost sent again.
    pub(crate) fn restore(&self) -> Result<RestoreMade> {
        Ok(self.owner()?.restore(&self.lock_id, Restore::default())?)
    }

    /// The log as the owner sees it, from an index on: all pages.
    pub(crate) fn log(&self, from: u64) -> Result<LogView> {
        let mut log = self.owner()?.log(&self.lock_id, from)?;
        while let Some(next) = log.next_page {
            let page = self.owner()?.log(&self.lock_id, next)?;
            log.entries.extend(page.entries);
            log.next_page = page.next_page;
        }
        Ok(log)
    }

    /// The audit trail as the owner sees it: all pages.
    pub(crate) fn audit(&self) -> Result<Vec<AuditEntry>> {
        let mut all = self.owner()?.audit(&self.lock_id, 0)?;
        loop {
            let last = all.last().map_or(0, |entry| entry.number);
            let page = self.owner()?.audit(&self.lock_id, last)?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// The exported log, and the key that the owner chose to give with it.
    pub(crate) fn log_file(&self, from: u64) -> Result<String> {
        Ok(String::from_utf8(self.owner()?.log_file(&self.lock_id, from)?)?)
    }

    pub(crate) fn log_key(&self, from: u64) -> Result<String> {
        Ok(String::from_utf8(self.owner()?.log_key(&self.lock_id, from)?)?)
    }

    /// The newest backup as the owner gets it.
    pub(crate) fn backup_file(&self) -> Result<Vec<u8>> {
        Ok(self.owner()?.backup_file(&self.lock_id)?)
    }

    pub(crate) fn start_cloud(&mut self) -> Result<()> {
        let process = self.serve()?;
        let line = process.wait_for(0, PATIENCE, |line| line.contains("listening on "))?;
        let address = address_in(&line)?;
        let admin = std::fs::read_to_string(self.cloud_file("admin-token"))?;
        let admin = Client::new(&format!("http://{address}"), admin.trim());
        self.cloud = Some(RunningCloud { process, address, admin, owner: None });
        self.connect_owner()
    }

    /// Starts a cloud on the stage's files, without waiting for it.
    pub(crate) fn serve(&self) -> Result<Process> {
        Process::start(Role::Cloud, |command| {
            self.with_cloud_files(command.arg("serve")).args(["--listen", "127.0.0.1:0"]);
        })
    }

    fn with_cloud_files<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.arg("--database").arg(self.cloud_file("fleet.db")).arg("--kek").arg(self.cloud_file("kek"))
    }

    /// `kill -9`.
    pub(crate) fn kill_cloud(&mut self) -> Result<()> {
        self.cloud.take().context("the cloud does not run")?.process.kill()
    }

    pub(crate) fn stop_cloud(&mut self) -> Result<()> {
        let mut cloud = self.cloud.take().context("the cloud does not run")?;
        let status = cloud.process.interrupt(PATIENCE)?;
        if !status.success() {
            bail!("the cloud did not stop in good order: {status}");
        }
        Ok(())
    }

    pub(crate) fn start_lock(&mut self) -> Result<()> {
        let process = self.run_lock()?;
        let listening = address_in(&process.wait_for(0, PATIENCE, |line| line.contains("listening on "))?)?;
        let bench_address = address_in(&process.wait_for(0, PATIENCE, |line| line.contains("bench on "))?)?;
        self.attacker.follow(listening);
        let bench = Bench::connect(bench_address)?;
        self.lock = Some(RunningLock { process, bench });
        Ok(())
    }

    /// Starts a lock on the stage's files, without waiting for it.
    pub(crate) fn run_lock(&self) -> Result<Process> {
        self.run_lock_at(SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// Starts a lock that is to listen at an address, without waiting for it.
    pub(crate) fn run_lock_at(&self, listen: SocketAddr) -> Result<Process> {
        Process::start(Role::Lock, |command| {
            command
                .arg("run")
                .arg("--flash")
                .arg(self.file("flash.bin"))
                .arg("--world")
                .arg(self.file("world.json"));
            command.arg("--listen").arg(listen.to_string()).args(["--bench", "127.0.0.1:0"]);
        })
    }

    /// `kill -9`: the power of the lock is gone.
    pub(crate) fn kill_lock(&mut self) -> Result<()> {
        self.lock.take().context("the lock does not run")?.process.kill()
    }

    pub(crate) fn restart_lock(&mut self) -> Result<()> {
        self.kill_lock()?;
        self.start_lock()
    }

    /// Asks the lock process to stop in good order.
    pub(crate) fn stop_lock(&mut self) -> Result<()> {
        self.lock.take().context("the lock does not run")?.process.interrupt(PATIENCE).map(drop)
    }

    /// What the lock has logged since a mark of its process.
    pub(crate) fn lock_log(&self, mark: usize) -> Vec<String> {
        let lines = self.lock.as_ref().map(|lock| lock.process.since(mark)).unwrap_or_default();
        lines.into_iter().map(|line| line.text).collect()
    }

    /// Starts a phone, on the attacker's line.
    pub(crate) fn phone(
        &self,
        person: Person,
        command: &str,
        token: Option<&str>,
        wait: u32,
    ) -> Result<Process> {
        self.phone_with(&self.cloud_file(person.name()), command, token, wait)
    }

    fn phone_with(
        &self,
        token_file: &Path,
        command: &str,
        token: Option<&str>,
        wait: u32,
    ) -> Result<Process> {
        self.phone_that(token_file, wait, |phone| {
            phone.arg(command);
            if let Some(token) = token {
                phone.arg("--client-token").arg(token);
            }
        })
    }

    fn phone_that(
        &self,
        token_file: &Path,
        wait: u32,
        arguments: impl FnOnce(&mut Command),
    ) -> Result<Process> {
        let cloud = format!("http://{}", self.cloud()?.address);
        Process::start(Role::Phone, |phone| {
            phone.arg("--cloud").arg(cloud).arg("--token-file").arg(token_file);
            phone.arg("--lock").arg(self.attacker.address().to_string()).arg("--lock-id").arg(&self.lock_id);
            phone.arg("--wait").arg(wait.to_string()).arg("--json");
            arguments(phone);
        })
    }

    /// Sends a person with a phone, and waits until they are done.
    pub(crate) fn send(
        &self,
        person: Person,
        command: &str,
        token: Option<&str>,
        wait: u32,
    ) -> Result<Errand> {
        let phone = self.phone(person, command, token, wait)?;
        finished(phone)
    }

    /// Sends somebody who has this token, and waits until they are done.
    pub(crate) fn send_with(&self, token_file: &Path, command: &str, wait: u32) -> Result<Errand> {
        finished(self.phone_with(token_file, command, None, wait)?)
    }

    /// Queues something, has it delivered by the courier, and sees that the lock did it.
    pub(crate) fn settle(&self, action: Wish, token: &str) -> Result<()> {
        let queued = self.queue(action, token, None)?;
        self.send(Person::Courier, "deliver", None, 10)?;
        let command = self.command(queued.command_id)?;
        if !command.sentence.contains("done") {
            bail!("{} was not done: {}", command.action, command.sentence);
        }
        Ok(())
    }

    /// Somebody enters a code; returns what the lock then shows.
    pub(crate) fn enter(&mut self, digits: &str) -> Result<String> {
        let lock = self.lock()?;
        let mark = lock.process.mark();
        lock.bench.act(&json!({ "code": digits }))?;
        Ok(lock.process.wait_for(mark, PATIENCE, |line| line.contains("indicate="))?.text)
    }

    /// A hand throws the bolt, so that a scenario starts with a locked door. Waits until the lock has seen it.
    pub(crate) fn lock_by_hand(&mut self) -> Result<()> {
        let lock = self.lock()?;
        lock.bench.act(&json!({ "door": "closed" }))?;
        lock.bench.act(&json!({ "turn": "locked" }))?;
        lock.bench.wait_for_bolt("extended", PATIENCE).map(drop)
    }
}

/// So many hours from now.
pub(crate) fn hours_from_now(hours: u64) -> Result<UnixMillis> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    Ok(UnixMillis(u64::try_from(now)?).plus_millis(hours * 3_600_000))
}

fn run_to_end(role: Role, arguments: impl FnOnce(&mut Command)) -> Result<()> {
    let mut process = Process::start(role, arguments)?;
    let status = process.wait(PATIENCE)?;
    if !status.success() {
        let lines: Vec<_> = process.since(0).into_iter().map(|line| line.text).collect();
        bail!("setting up failed: {}", lines.join(" | "));
    }
    Ok(())
}

fn address_in(line: &Line) -> Result<SocketAddr> {
    let word = line.text.split_whitespace().find_map(|word| word.trim_end_matches('.').parse().ok());
    word.with_context(|| format!("no address in the line \"{}\"", line.text))
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    Ok(())
}
