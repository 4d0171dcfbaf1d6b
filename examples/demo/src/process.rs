//! The roles as processes of their own: this program, executed again.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// A role that this program plays when it is executed with its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Lock,
    Cloud,
    Phone,
    Guest,
}

impl Role {
    const ALL: [Self; 4] = [Self::Lock, Self::Cloud, Self::Phone, Self::Guest];

    const fn name(self) -> &'static str {
        match self {
            Self::Lock => "role-lock",
            Self::Cloud => "role-cloud",
            Self::Phone => "role-phone",
            Self::Guest => "role-guest",
        }
    }

    /// Plays the role that the first argument names, if it names one.
    pub(crate) fn run_if_asked(arguments: &[OsString]) -> Option<ExitCode> {
        let asked = arguments.get(1)?;
        let role = Self::ALL.into_iter().find(|role| asked == role.name())?;
        let arguments = std::iter::once(OsString::from(role.name())).chain(arguments.iter().skip(2).cloned());
        Some(match role {
            Self::Lock => lock_sim::run(arguments),
            Self::Cloud => cloud::run(arguments),
            Self::Phone => phone::run(arguments),
            Self::Guest => guest::run(arguments),
        })
    }
}

/// A line that a process printed, and when it arrived here.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) at: Instant,
}

#[derive(Debug, Default)]
struct Printed {
    lines: Vec<Line>,
    open_streams: u8,
}

/// A running role. It is killed when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    role: Role,
    child: Child,
    printed: Arc<(Mutex<Printed>, Condvar)>,
}

impl Process {
    /// Starts a role; `arguments` adds its command line.
    pub(crate) fn start(role: Role, arguments: impl FnOnce(&mut Command)) -> Result<Self> {
        let program =
            std::env::current_exe().context("this program cannot find itself to start the roles")?;
        let mut command = Command::new(program);
        command.arg(role.name()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        arguments(&mut command);
        let mut child = command.spawn().context("the role cannot be started as a process")?;
        let printed = Arc::new((Mutex::new(Printed { lines: Vec::new(), open_streams: 2 }), Condvar::new()));
        if let Some(stdout) = child.stdout.take() {
            follow(stdout, Arc::clone(&printed));
        }
        if let Some(stderr) = child.stderr.take() {
            follow(stderr, Arc::clone(&printed));
        }
        Ok(Self { role, child, printed })
    }

    /// Its number, as the operating system counts.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How many lines it has printed: a place to wait from.
    pub(crate) fn mark(&self) -> usize {
        self.lock().lines.len()
    }

    /// What it printed since a mark.
    pub(crate) fn since(&self, mark: usize) -> Vec<Line> {
        self.lock().lines.get(mark..).unwrap_or_default().to_vec()
    }

    /// Waits for a line after `mark` that `wanted` takes.
    pub(crate) fn wait_for(
        &self,
        mark: usize,
        limit: Duration,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Line> {
        let (mutex, changed) = &*self.printed;
        let deadline = Instant::now() + limit;
        let mut printed = mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        loop {
            if let Some(line) = printed.lines.iter().skip(mark).find(|line| wanted(&line.text)) {
                return Ok(line.clone());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || printed.open_streams == 0 {
                let last: Vec<_> =
                    printed.lines.iter().rev().take(5).rev().map(|line| line.text.as_str()).collect();
                bail!(
                    "{} did not say what was expected; its last lines: {}",
                    self.role.name(),
                    last.join(" | ")
                );
            }
            printed =
                changed.wait_timeout(printed, left).unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
    }

    /// `kill -9`: no chance to write anything.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.child.kill().context("the process cannot be killed")?;
        self.child.wait().context("the process cannot be waited for")?;
        Ok(())
    }

    /// Asks it to stop, as an operator would, and waits for its end.
    pub(crate) fn interrupt(&mut self, limit: Duration) -> Result<ExitStatus> {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().context("the process cannot be asked to stop")?;
        self.wait(limit)
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().context("the process cannot be waited for")? {
                self.wait_for_last_line(limit);
                return Ok(status);
            }
            if Instant::now() >= deadline {
                bail!("{} did not end within {limit:?}", self.role.name());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn wait_for_last_line(&self, limit: Duration) {
        let (mutex, changed) = &*self.printed;
        let printed = mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(changed.wait_timeout_while(printed, limit, |printed| printed.open_streams > 0));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Printed> {
        self.printed.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn follow(stream: impl std::io::Read + Send + 'static, printed: Arc<(Mutex<Printed>, Condvar)>) {
    std::thread::spawn(move || {
        let (mutex, changed) = &*printed;
        for text in BufReader::new(stream).lines().map_while(Result::ok) {
            let line = Line { text, at: Instant::now() };
            mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner).lines.push(line);
            changed.notify_all();
        }
        mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner).open_streams -= 1;
        changed.notify_all();
    });
}
