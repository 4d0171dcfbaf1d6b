//! The phone's one loop: what comes from one side goes to the other.

use std::path::Path;
use std::time::Duration;

use cloud::messages::FromClaimer;
use cloud::messages::relay::FromPhone;
use lock_core::holder;
use lock_core::proto::{Packet, Uptime};
use lock_link::{HELLO_EVERY, HELLO_WITHIN, LockLink};
use tokio::time::{Instant, sleep_until};
use zeroize::Zeroizing;

use crate::arguments::{Arguments, Command};
use crate::claim;
use crate::cloud_link::{CloudLink, FromCloud};
use crate::errand::{Errand, Progress};
use crate::failure::Failure;
use crate::output::{From, Output};
use crate::private_file;

/// How long until a lock or a cloud that went away is looked for again.
const AGAIN: Duration = Duration::from_millis(700);

/// Connects to both, sends the wish and relays until its end. Returns a sentence for people.
///
/// A firmware update and a claim go on with another connection where one breaks: the lock says where they stand.
pub(crate) async fn run(arguments: &Arguments, output: &Output) -> Result<String, Failure> {
    if arguments.command == Command::Release && !arguments.destroy {
        return Err(Failure::NotConfirmed);
    }
    let wish = Wish::of(arguments)?;
    let until = Instant::now() + arguments.patience();
    loop {
        match once(arguments, &wish, until, output).await {
            Err(failure)
                if matches!(arguments.command, Command::Update | Command::Claim)
                    && failure.is_a_broken_connection()
                    && Instant::now() < until =>
            {
                output.again(&failure);
                sleep_until(Instant::now() + AGAIN).await;
            }
            ended => return ended,
        }
    }
}

/// What is asked, on the relay that is for it.
enum Wish {
    Do(FromPhone),
    Claim(FromClaimer),
}

impl Wish {
    fn of(arguments: &Arguments) -> Result<Self, Failure> {
        Ok(match arguments.command.doing() {
            Some(action) => Self::Do(FromPhone::Do {
                action,
                client_token: arguments.client_token.clone(),
                from: arguments.from.clone(),
            }),
            None => Self::Claim(claim::wish(arguments)?),
        })
    }

    const fn route(&self) -> &'static str {
        match self {
            Self::Do(_) => "relay",
            Self::Claim(_) => "claim",
        }
    }
}

async fn once(
    arguments: &Arguments,
    wish: &Wish,
    until: Instant,
    output: &Output,
) -> Result<String, Failure> {
    let token = token(&arguments.token_file)?;
    let (cloud, lock) = tokio::join!(
        CloudLink::connect(&arguments.cloud, &token, &arguments.lock_id, wish.route()),
        LockLink::connect(arguments.lock),
    );
    let (cloud, lock) = (cloud?, lock.map_err(|error| Failure::LockUnreachable(arguments.lock, error.0))?);
    output.connected("cloud");
    output.connected("lock");
    let command = arguments.command;
    let mut relay = Relay {
        lock,
        cloud,
        output,
        errand: Errand::new(command),
        hello: HelloWait::start(),
        unsent: Some(wish),
        routes: holder::Relay::new(),
        started: Instant::now(),
    };
    let ended = tokio::select! {
        ended = relay.carry(arguments, until) => ended,
        _ = tokio::signal::ctrl_c() => match command {
            Command::Watch => Ok("stopped watching".to_owned()),
            Command::Unlock
            | Command::Lock
            | Command::Status
            | Command::Health
            | Command::Compare
            | Command::Rotate
            | Command::Deliver
            | Command::Update
            | Command::Backup
            | Command::Restore
            | Command::Log
            | Command::Claim
            | Command::Release => Err(Failure::Interrupted),
        },
    };
    relay.cloud.close().await;
    match ended {
        Err(Failure::LockGone) if !moves(command) => Err(Failure::LockAway),
        ended => ended,
    }
}

/// Whether the bolt may have moved for it.
const fn moves(command: Command) -> bool {
    match command {
        Command::Unlock | Command::Lock | Command::Deliver => true,
        Command::Status
        | Command::Health
        | Command::Compare
        | Command::Rotate
        | Command::Watch
        | Command::Update
        | Command::Backup
        | Command::Restore
        | Command::Log
        | Command::Claim
        | Command::Release => false,
    }
}

/// Whether a Hello is awaited, since when, and when to ask again.
enum HelloWait {
    Nothing,
    Awaited { until: Instant, ask_at: Instant },
}

impl HelloWait {
    /// A lock greets when a link comes up: it is asked only when it does not.
    fn start() -> Self {
        let now = Instant::now();
        Self::Awaited { until: now + HELLO_WITHIN, ask_at: now + HELLO_EVERY }
    }
}

struct Relay<'o> {
    lock: LockLink,
    cloud: CloudLink,
    output: &'o Output,
    errand: Errand,
    hello: HelloWait,
    /// The wish, until the lock's first Hello: the two go to the cloud together, so that one round trip is enough.
    unsent: Option<&'o Wish>,
    routes: holder::Relay,
    started: Instant,
}

impl Relay<'_> {
    async fn carry(&mut self, arguments: &Arguments, until: Instant) -> Result<String, Failure> {
        // A claim may be at the last of many connections.
        let is_claim = matches!(arguments.command, Command::Claim);
        let patience = if is_claim { until } else { Instant::now() + arguments.patience() };
        // Watching goes on; everything else has an end.
        let bounded = arguments.command != Command::Watch;
        loop {
            let wake = match self.hello {
                HelloWait::Awaited { ask_at, until } => ask_at.min(until).min(patience),
                HelloWait::Nothing => patience,
            };
            let waits = bounded || matches!(self.hello, HelloWait::Awaited { .. });
            tokio::select! {
                packet = self.lock.receive() => self.up(packet?).await?,
                from_cloud = self.cloud.receive() => match from_cloud? {
                    FromCloud::Packet(packet) => self.down(&packet).await?,
                    FromCloud::Said(said) => {
                        self.output.said(&said);
                        match self.errand.handle(&said) {
                            Progress::GoesOn => {}
                            Progress::NeedsHello => self.ask_hello().await?,
                            Progress::Executed(sentence) => return Ok(sentence),
                            Progress::Failed(failure) => return Err(failure),
                        }
                    }
                },
                () = sleep_until(wake), if waits => {
                    if bounded && Instant::now() >= patience {
                        return Err(self.errand.timed_out(arguments.patience().as_secs()));
                    }
                    self.hello_is_late(arguments).await?;
                }
            }
        }
    }

    async fn up(&mut self, packet: Vec<u8>) -> Result<(), Failure> {
        let now = Uptime::from_millis(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX));
        match self.routes.from_lock(&packet, now) {
            Ok(holder::Route::KeepHello) => {
                self.hello = HelloWait::Nothing;
                self.output.packet(From::Lock, &packet);
                self.cloud.send_packet(packet).await?;
                return self.ask().await;
            }
            Ok(holder::Route::ToCloud | holder::Route::ToLock) => {}
            Err(error) => {
                self.output.dropped(From::Lock, packet.len(), &error);
                return Ok(());
            }
        }
        self.output.packet(From::Lock, &packet);
        self.cloud.send_packet(packet).await
    }

    async fn ask(&mut self) -> Result<(), Failure> {
        let Some(wish) = self.unsent.take() else { return Ok(()) };
        let name = match wish {
            Wish::Do(wish @ FromPhone::Do { action, .. }) => {
                self.cloud.ask(wish).await?;
                action.name()
            }
            Wish::Claim(wish) => {
                self.cloud.ask(wish).await?;
                Command::Claim.name()
            }
        };
        self.output.asked(name);
        Ok(())
    }

    async fn down(&mut self, packet: &[u8]) -> Result<(), Failure> {
        if let Err(error) = self.routes.from_cloud(packet) {
            self.output.dropped(From::Cloud, packet.len(), &error);
            return Ok(());
        }
        self.output.packet(From::Cloud, packet);
        Ok(self.lock.send(packet).await?)
    }

    async fn ask_hello(&mut self) -> Result<(), Failure> {
        let now = Instant::now();
        self.hello = HelloWait::Awaited { until: now + HELLO_WITHIN, ask_at: now + HELLO_EVERY };
        self.output.packet(From::Phone, &Packet::HELLO_REQUEST);
        Ok(self.lock.send(&Packet::HELLO_REQUEST).await?)
    }

    async fn hello_is_late(&mut self, arguments: &Arguments) -> Result<(), Failure> {
        let HelloWait::Awaited { until, .. } = self.hello else { return Ok(()) };
        if Instant::now() >= until {
            return Err(Failure::NoHello(arguments.lock));
        }
        self.ask_hello().await?;
        // Asking again does not buy the lock more time.
        if let HelloWait::Awaited { until: newer, .. } = &mut self.hello {
            *newer = until;
        }
        Ok(())
    }
}

/// Reads the token of a file that its owner alone may read.
fn token(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let unreadable = |error: std::io::Error| Failure::TokenUnreadable(path.to_owned(), error.to_string());
    if private_file::is_exposed(path).map_err(unreadable)? {
        return Err(Failure::TokenExposed(path.to_owned()));
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?);
    let token = Zeroizing::new(text.trim().to_owned());
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failure::NoToken(path.to_owned()));
    }
    Ok(token)
}
