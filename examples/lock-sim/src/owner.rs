//! An owner's cloud in the same process: the real role, over a link that nobody touches.
//!
//! For the panel, and for tests that need a lock with users and settings. It keeps its numbers in memory; a cloud that lasts is
//! `examples/cloud`.

use embedded_storage::nor_flash::NorFlash;
use lock_core::cloud::{Connecting, LockKeys, Monotonic, Numbers, Session, SessionError};
use lock_core::crypto::{Delivery, InitiatorHedge, KeyEpoch, LockId, RootKey};
use lock_core::device::LinkId;
use lock_core::proto::{
    Action, Down, Health, Opening, Query, Reply, ReportBody, Request, Setting, UnixMillis,
};

use crate::controller::{Boundary, Controller, Fact, Harness, LINKS, StepError, Verdict};

/// The link that the owner uses: the last one.
pub const LINK: LinkId = LinkId(LINKS as u8 - 1);

/// Why the owner heard nothing.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The lock stopped.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The lock answered something else than the protocol says.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The lock did not answer.
    #[error("the lock did not answer; look whether it has power and a free link")]
    Silent,
}

/// Whoever the lock belongs to.
pub struct Owner {
    keys: LockKeys,
    numbers: Numbers,
    attempt: u64,
    /// The version of the configuration that was set last.
    version: u32,
    /// What it tells the lock of the time; nothing where it does not know.
    pub time: Option<UnixMillis>,
}

impl Owner {
    /// Of a lock that was just made.
    #[must_use]
    pub fn of(root: &RootKey, lock_id: LockId) -> Self {
        let keys = LockKeys::expand(root, lock_id, KeyEpoch::FIRST);
        Self { keys, numbers: Numbers::FIRST, attempt: 0, version: 0, time: None }
    }

    /// Has the lock do something, and returns its answer. What it does in time follows with time.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn order<F: NorFlash>(
        &mut self,
        lock: &mut Controller<F>,
        action: Action,
        harness: &mut impl Harness,
    ) -> Result<Reply, AskError> {
        let id = self.numbers.next_command;
        self.numbers.next_command.0 += 1;
        self.ask(lock, Request::Command { id, action }, harness)
    }

    /// Sets something in the lock.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn set<F: NorFlash>(
        &mut self,
        lock: &mut Controller<F>,
        setting: Setting,
        harness: &mut impl Harness,
    ) -> Result<Reply, AskError> {
        self.version = self.version.max(lock.status().configuration) + 1;
        let action = Action::Configure { version: self.version, setting };
        self.order(lock, action, harness)
    }

    /// Asks the lock for its health report.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn health<F: NorFlash>(
        &mut self,
        lock: &mut Controller<F>,
        harness: &mut impl Harness,
    ) -> Result<Health, AskError> {
        let reply = self.ask(lock, Request::Query(Query::Health), harness)?;
        let Reply::Health(health) = reply else { return Err(AskError::Silent) };
        Ok(health)
    }

    /// Asks in a session of its own: the first message only opens it, since a first message has no room for every setting.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn ask<F: NorFlash>(
        &mut self,
        lock: &mut Controller<F>,
        request: Request,
        harness: &mut impl Harness,
    ) -> Result<Reply, AskError> {
        let answered = self.try_ask(lock, request, harness);
        lock.link_down(LINK);
        lock.step(lock.world().now(), harness)?;
        answered
    }

    fn try_ask<F: NorFlash>(
        &mut self,
        lock: &mut Controller<F>,
        request: Request,
        harness: &mut impl Harness,
    ) -> Result<Reply, AskError> {
        let now = Monotonic(lock.world().now().0);
        let mut line = Line { harness, sent: Vec::new() };
        lock.link_up(LINK, Delivery::Ordered);
        lock.step(lock.world().now(), &mut line)?;
        let hello = line.sent.pop().ok_or(AskError::Silent)?;
        self.attempt += 1;
        let hedge = InitiatorHedge { attempt: self.attempt, entropy: [0; 32] };
        let opening = Down { header: Opening { time: self.time }, request: Request::Nothing };
        let mut packet = [0; 512];
        let (length, connecting) = Connecting::start(&self.keys, &hello, &opening, &hedge, &mut packet)?;
        let mut message2 = line.exchange(lock, &packet[..length])?;
        let (_, _, mut session) = connecting.finish(&mut message2, Delivery::Ordered, now)?;
        let length = session.request(request, now, &mut packet)?;
        let sent = packet[..length].to_vec();
        line.answer(lock, &sent, &mut session, now)
    }
}

/// The line between lock and owner: packets stay here, everything else goes on to whoever runs the lock.
struct Line<'h, H> {
    harness: &'h mut H,
    sent: Vec<Vec<u8>>,
}

impl<H: Harness> Line<'_, H> {
    fn exchange<F: NorFlash>(
        &mut self,
        lock: &mut Controller<F>,
        packet: &[u8],
    ) -> Result<Vec<u8>, AskError> {
        self.sent.clear();
        lock.receive(LINK, packet.to_vec());
        lock.step(lock.world().now(), self)?;
        if self.sent.is_empty() { Err(AskError::Silent) } else { Ok(self.sent.remove(0)) }
    }

    /// Sends a record, and waits for the answer among what the lock tells of itself.
    fn answer<F: NorFlash>(
        &mut self,
        lock: &mut Controller<F>,
        packet: &[u8],
        session: &mut Session,
        now: Monotonic,
    ) -> Result<Reply, AskError> {
        let mut next = self.exchange(lock, packet)?;
        loop {
            let report = session.open(&mut next, now)?.into_inner();
            match report.body {
                ReportBody::Reply(reply) => return Ok(reply),
                ReportBody::Event(_) if !self.sent.is_empty() => next = self.sent.remove(0),
                ReportBody::Event(_) => return Err(AskError::Silent),
            }
        }
    }
}

impl<H: Harness> Harness for Line<'_, H> {
    fn transmit(&mut self, link: LinkId, packet: &[u8]) {
        if link == LINK {
            self.sent.push(packet.to_vec());
        } else {
            self.harness.transmit(link, packet);
        }
    }

    fn close(&mut self, link: LinkId) {
        self.harness.close(link);
    }

    fn note(&mut self, fact: &Fact) {
        self.harness.note(fact);
    }

    fn boundary(&mut self, boundary: Boundary) -> Verdict {
        self.harness.boundary(boundary)
    }
}

impl std::fmt::Debug for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Owner").field("version", &self.version).finish_non_exhaustive()
    }
}
