//! The relay's own moments, apart from those of wishes and deliveries.

use std::time::Duration;

use tokio::time::Instant;

/// What waits for a lock is handed over so long after a phone comes, so that what the phone came for goes first.
const DELIVER_AFTER: Duration = Duration::from_millis(300);

/// Again so long after it was put off.
const DELIVER_AGAIN: Duration = Duration::from_millis(100);

const PING_EVERY: Duration = Duration::from_secs(20);

/// A phone that answers no ping is gone.
const SILENCE: Duration = Duration::from_secs(60);

pub(super) struct Deadlines {
    heard_at: Instant,
    ping_at: Instant,
    deliver_at: Option<Instant>,
}

impl Deadlines {
    pub(super) fn start() -> Self {
        let now = Instant::now();
        Self { heard_at: now, ping_at: now + PING_EVERY, deliver_at: Some(now + DELIVER_AFTER) }
    }

    pub(super) fn heard(&mut self) {
        self.heard_at = Instant::now();
    }

    pub(super) fn deliver_now(&mut self) {
        self.deliver_at = Some(Instant::now());
    }

    pub(super) fn next(&self) -> Instant {
        let own = self.ping_at.min(self.heard_at + SILENCE);
        self.deliver_at.map_or(own, |deliver_at| own.min(deliver_at))
    }

    pub(super) fn is_silent(&self, now: Instant) -> bool {
        now >= self.heard_at + SILENCE
    }

    /// Whether it is time for a ping; the next one is planned then.
    pub(super) fn ping_is_due(&mut self, now: Instant) -> bool {
        let due = now >= self.ping_at;
        if due {
            self.ping_at = now + PING_EVERY;
        }
        due
    }

    /// Whether it is time to hand over what waits; it is planned no more then.
    pub(super) fn delivery_is_due(&mut self, now: Instant) -> bool {
        let due = self.deliver_at.is_some_and(|at| now >= at);
        if due {
            self.deliver_at = None;
        }
        due
    }

    /// Puts a delivery off that is due while a handshake is under way.
    pub(super) fn put_delivery_off(&mut self, now: Instant) {
        if self.deliver_at.is_some_and(|at| now >= at) {
            self.deliver_at = Some(now + DELIVER_AGAIN);
        }
    }
}
