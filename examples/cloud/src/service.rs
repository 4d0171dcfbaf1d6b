//! The service as a whole: the fleet, who may ask, the log, and its end.

use std::collections::HashMap;
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::serve::ListenerExt as _;
use lock_fleet::proto::UpdateReport;
use lock_fleet::{
    ClaimProof, Fleet, FleetError, HistoryEnd, HostClock, LockId, Moment, SqliteStore, Standing,
};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch};

use crate::access::{Access, Identity, UserId};
use crate::firmware::Firmware;
use crate::http::{self, Refusal};
use crate::log::{Fact, Log};
use crate::{Right, Rights};

/// How many relays are open at a time.
const MAX_RELAYS: u32 = 1_000;

/// How many claims are under way at a time. They are open to each user, and must not push the relays out.
const MAX_CLAIMS: u32 = 100;

/// How many of them are one user's, so that nobody closes the way for all.
const MAX_CLAIMS_OF_A_USER: usize = 3;

/// How long open relays may take to end when the service stops.
const GOODBYE: Duration = Duration::from_secs(5);

/// The service. Its databases block: they are asked from threads that may.
#[derive(Debug)]
pub struct Service {
    fleet: Mutex<Fleet<SqliteStore>>,
    access: Access,
    firmware: Firmware,
    /// What locks said of their updates since this service started.
    updates: Mutex<HashMap<LockId, UpdateReport>>,
    clock: HostClock,
    log: Log,
    queued: broadcast::Sender<LockId>,
    stopping: watch::Sender<Life>,
    relays: Arc<Semaphore>,
    claims: Arc<Semaphore>,
    claimers: Arc<Mutex<HashMap<UserId, usize>>>,
    claim_proof: ClaimProof,
    /// The highest attempt of a claim that each lock has answered. Attempts live in memory, and so does this.
    answered: Mutex<HashMap<LockId, u64>>,
}

/// Whether the service goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    Running,
    Stopping,
}

/// Ready when the service is asked to end.
pub(crate) async fn stopping(life: &mut watch::Receiver<Life>) {
    // An error means that the service is gone altogether.
    let _ = life.wait_for(|life| *life == Life::Stopping).await;
}

/// The room that a claim takes.
pub(crate) struct ClaimRoom {
    claimers: Arc<Mutex<HashMap<UserId, usize>>>,
    user: UserId,
    _all: OwnedSemaphorePermit,
}

impl Drop for ClaimRoom {
    fn drop(&mut self) {
        let mut claimers = self.claimers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = claimers.get_mut(&self.user) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                claimers.remove(&self.user);
            }
        }
    }
}

impl Service {
    /// A service over these databases; firmware lies beside `database`. A claim takes `claim_proof` besides the label.
    #[must_use]
    pub fn new(
        fleet: Fleet<SqliteStore>,
        access: Access,
        log: Log,
        database: &Path,
        claim_proof: ClaimProof,
    ) -> Arc<Self> {
        Arc::new(Self {
            fleet: Mutex::new(fleet),
            access,
            firmware: Firmware::beside(database),
            updates: Mutex::default(),
            clock: HostClock::start(),
            log,
            queued: broadcast::Sender::new(256),
            stopping: watch::Sender::new(Life::Running),
            relays: Arc::new(Semaphore::new(MAX_RELAYS as usize)),
            claims: Arc::new(Semaphore::new(MAX_CLAIMS as usize)),
            claimers: Arc::default(),
            claim_proof,
            answered: Mutex::default(),
        })
    }

    /// Its interface, for whoever brings requests by another way than [`serve`](Self::serve).
    pub fn router(self: &Arc<Self>) -> axum::Router {
        http::router(Arc::clone(self))
    }

    /// Answers on `listener` until `stop` is ready; then ends what is open, within a bounded time.
    ///
    /// # Errors
    /// Those of the listener.
    pub async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let service = Arc::clone(&self);
        let stop = async move {
            stop.await;
            service.stopping.send_replace(Life::Stopping);
        };
        let mut life = self.stopping.subscribe();
        // Packets are small and answer each other: none may wait for more bytes to join it.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let serving = axum::serve(listener, self.router()).with_graceful_shutdown(stop);
        // A caller that holds its connection open does not hold the service.
        let overdue = async {
            stopping(&mut life).await;
            tokio::time::sleep(GOODBYE).await;
        };
        tokio::select! {
            ended = serving.into_future() => ended?,
            () = overdue => {}
        }
        let over = async {
            tokio::join!(self.relays.acquire_many(MAX_RELAYS), self.claims.acquire_many(MAX_CLAIMS))
        };
        let _ = tokio::time::timeout(GOODBYE, over).await;
        Ok(())
    }

    pub(crate) const fn access(&self) -> &Access {
        &self.access
    }

    pub(crate) const fn firmware(&self) -> &Firmware {
        &self.firmware
    }

    /// What a lock last said of its update.
    pub(crate) fn update(&self, lock: LockId) -> Option<UpdateReport> {
        self.updates.lock().ok()?.get(&lock).copied()
    }

    pub(crate) fn note_update(&self, lock: LockId, report: UpdateReport) {
        if let Ok(mut updates) = self.updates.lock() {
            updates.insert(lock, report);
        }
    }

    pub(crate) fn write(&self, fact: Fact) {
        self.log.write(fact);
    }

    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The locks for which something was queued, as it happens.
    pub(crate) fn queued(&self) -> &broadcast::Sender<LockId> {
        &self.queued
    }

    pub(crate) fn life(&self) -> watch::Receiver<Life> {
        self.stopping.subscribe()
    }

    /// Room for one more relay, until it is dropped.
    pub(crate) fn room_for_relay(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let full = |_| Refusal::busy("this service carries as many relays as it can; try again in a minute");
        Arc::clone(&self.relays).try_acquire_owned().map_err(full)
    }

    /// What a claim takes besides the label.
    pub(crate) const fn claim_proof(&self) -> ClaimProof {
        self.claim_proof
    }

    /// Whoever has claimed a lock and not proven it has no right on it any more: before the claim ends, so that none outlives it.
    pub(crate) fn end_unproven(&self, lock: LockId) -> Result<(), Refusal> {
        let is_unproven = self.fleet(|fleet, _| match fleet.lock(lock) {
            Ok(info) => Ok(info.standing == Standing::Claiming),
            // Nobody has a right on a lock that is not here, wherever an earlier end broke off.
            Err(FleetError::NoSuchLock(_)) => Ok(true),
            Err(error) => Err(error),
        })?;
        if is_unproven {
            self.access.forget_lock(lock)?;
        }
        Ok(())
    }

    /// Room for one more claim of this user, until it is dropped.
    pub(crate) fn room_for_claim(&self, user: UserId) -> Result<ClaimRoom, Refusal> {
        let full = |_| {
            Refusal::busy(
                "as many locks are being claimed here as this service can take; try again in a minute",
            )
        };
        let all = Arc::clone(&self.claims).try_acquire_owned().map_err(full)?;
        let mut claimers = self.claimers.lock().unwrap_or_else(PoisonError::into_inner);
        let open = claimers.entry(user).or_default();
        if *open >= MAX_CLAIMS_OF_A_USER {
            return Err(Refusal::busy(
                "you are claiming three locks already; finish one of those claims, or wait until it has ended",
            ));
        }
        *open += 1;
        Ok(ClaimRoom { claimers: Arc::clone(&self.claimers), user, _all: all })
    }

    /// The lock has answered this attempt of a claim: the rights on it are this user's alone, and its history for them begins behind what
    /// the audit had `before`. `false`, and nothing is changed, where it has answered a later one, whose answer was not kept back.
    pub(crate) fn hand_over(
        &self,
        lock: LockId,
        attempt: u64,
        user: UserId,
        before: HistoryEnd,
    ) -> Result<bool, Refusal> {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = answered.entry(lock).or_insert(attempt);
        if *newest > attempt {
            return Ok(false);
        }
        *newest = attempt;
        // The claim has its commands and its log begin, and its first audit row is written.
        let begins = HistoryEnd { audit: before.audit, ..self.fleet(|fleet, _| fleet.history_end(lock))? };
        self.access.hand_over(lock, user, begins)?;
        Ok(true)
    }

    /// Does `work` where it may block.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let service = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || work(&service)).await;
        done.map_err(|_| {
            Refusal::failed("the service failed at this; its keeper finds the reason in its log")
        })
    }

    /// Asks the fleet, which one caller at a time may do. From threads that may block only.
    pub(crate) fn fleet<T>(
        &self,
        ask: impl FnOnce(&mut Fleet<SqliteStore>, Moment) -> Result<T, FleetError>,
    ) -> Result<T, Refusal> {
        let broken = |_| {
            Refusal::failed("the service failed before and gives out no numbers until it is started again")
        };
        let mut fleet = self.fleet.lock().map_err(broken)?;
        ask(&mut fleet, self.clock.now()).map_err(Refusal::from)
    }

    /// The same from anywhere.
    pub(crate) async fn ask_fleet<T: Send + 'static>(
        self: &Arc<Self>,
        ask: impl FnOnce(&mut Fleet<SqliteStore>, Moment) -> Result<T, FleetError> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.blocking(move |service| service.fleet(ask)).await?
    }

    /// The caller's rights on a lock, where `right` is among them.
    pub(crate) fn require(&self, who: &Identity, lock: LockId, right: Right) -> Result<Rights, Refusal> {
        let rights = self.access.rights(who, lock)?;
        if rights.allow(right) { Ok(rights) } else { Err(Refusal::no_right(right)) }
    }
}
