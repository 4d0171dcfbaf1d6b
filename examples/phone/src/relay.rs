//! The phone's one loop: what comes from one side goes to the other.

use std::path::Path;
use std::time::Duration;

use cloud::messages::relay::{Doing, FromPhone};
use lock_core::holder;
use lock_core::proto::{Packet, Uptime};
use lock_link::{HELLO_EVERY, HELLO_WITHIN, LockLink};
use tokio::time::{Instant, sleep_until};
use zeroize::Zeroizing;

use crate::arguments::Arguments;
use crate::cloud_link::{CloudLink, FromCloud};
use crate::errand::{Errand, Progress};
use crate::failure::Failure;
use crate::output::{From, Output};

/// How long until a lock or a cloud that went away is looked for again.
const AGAIN: Duration = Duration::from_millis(700);

/// Connects to both, sends the wish and relays until its end. Returns a sentence for people.
///
/// A firmware update goes on with another connection where one breaks: the lock restarts in the midst of it, and says where it stands.
pub(crate) async fn run(arguments: &Arguments, output: &Output) -> Result<String, Failure> {
    let until = Instant::now() + arguments.patience();
    loop {
        match once(arguments, output).await {
            Err(failure)
                if arguments.command.doing() == Doing::Update
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

async fn once(arguments: &Arguments, output: &Output) -> Result<String, Failure> {
    let token = token(&arguments.token_file)?;
    let (cloud, lock) = tokio::join!(
        CloudLink::connect(&arguments.cloud, &token, &arguments.lock_id),
        LockLink::connect(arguments.lock),
    );
    let (cloud, lock) = (cloud?, lock.map_err(|error| Failure::LockUnreachable(arguments.lock, error.0))?);
    output.connected("cloud");
    output.connected("lock");
    let doing = arguments.command.doing();
    let mut relay = Relay {
        lock,
        cloud,
        output,
        errand: Errand::new(doing),
        hello: HelloWait::start(),
        unsent: Some(FromPhone::Do {
            action: doing,
            client_token: arguments.client_token.clone(),
            from: arguments.from.clone(),
        }),
        routes: holder::Relay::new(),
        started: Instant::now(),
    };
    let ended = tokio::select! {
        ended = relay.carry(arguments, doing) => ended,
        _ = tokio::signal::ctrl_c() => match doing {
            Doing::Watch => Ok("stopped watching".to_owned()),
            Doing::Unlock
            | Doing::Lock
            | Doing::Status
            | Doing::Health
            | Doing::Compare
            | Doing::Rotate
            | Doing::Deliver
            | Doing::Update
            | Doing::Backup
            | Doing::Restore
            | Doing::Log => Err(Failure::Interrupted),
        },
    };
    relay.cloud.close().await;
    match ended {
        Err(Failure::LockGone) if !moves(doing) => Err(Failure::LockAway),
        ended => ended,
    }
}

/// Whether the bolt may have moved for it.
const fn moves(doing: Doing) -> bool {
    match doing {
        Doing::Unlock | Doing::Lock | Doing::Deliver => true,
        Doing::Status
        | Doing::Health
        | Doing::Compare
        | Doing::Rotate
        | Doing::Watch
        | Doing::Update
        | Doing::Backup
        | Doing::Restore
        | Doing::Log => false,
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
    unsent: Option<FromPhone>,
    routes: holder::Relay,
    started: Instant,
}

impl Relay<'_> {
    async fn carry(&mut self, arguments: &Arguments, doing: Doing) -> Result<String, Failure> {
        let patience = Instant::now() + arguments.patience();
        // Watching goes on; everything else has an end.
        let bounded = !matches!(doing, Doing::Watch);
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
                        return Err(self.errand.timed_out(arguments.wait));
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
        self.cloud.ask(&wish).await?;
        let FromPhone::Do { action, .. } = wish;
        self.output.asked(action.name());
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
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_err(unreadable)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(Failure::TokenExposed(path.to_owned()));
        }
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?);
    let token = Zeroizing::new(text.trim().to_owned());
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failure::NoToken(path.to_owned()));
    }
    Ok(token)
}
