//! Everything that happens by time alone.

use lock_proto::{Alarm, Cause, Uptime};

use super::Lock;
use crate::{Effects, Happened, Tables};

/// How often the remaining time of a running lockout or relock is saved at most, in milliseconds: what a power cut can add to it. A
/// long lockout is saved more seldom, as a quarter of what was left has passed.
pub const SAVE_INTERVAL_MS: u64 = 60_000;
/// How often wear and battery are saved, in milliseconds.
pub const UPKEEP_INTERVAL_MS: u64 = 24 * 3_600_000;
/// How long after a boot the cloud has to set a clock that was known before, in milliseconds, until people hear that it is lost.
pub const CLOCK_GRACE_MS: u64 = 10 * 60_000;

impl<T: Tables> Lock<T> {
    /// The next moment at which [`handle_timeout`](Self::handle_timeout) has something to do; every input may move it.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Uptime> {
        [
            self.motor_deadline(),
            self.restraint.due(),
            self.relock.due(),
            self.lockout.ends(),
            self.clock.trust_ends(),
            self.door.due(),
            self.partial.due(),
            self.reset.due(),
            self.calendar.due(),
            self.calendar.clock_missed,
            self.next_save(),
            self.next_upkeep(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Does the one thing that is due first; more may be due at the same moment, and [`poll_timeout`](Self::poll_timeout) says so.
    ///
    /// One at a time, so that what one input asks for stays small.
    pub fn handle_timeout(&mut self, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            if lock.is_due(lock.motor_deadline()) {
                lock.motor_due(effects);
            } else if lock.is_due(lock.restraint.due()) {
                lock.brown_out_due(effects);
            } else if lock.is_due(lock.lockout.ends()) {
                lock.lockout.open();
                lock.facts.count_change();
                effects.save = true;
            } else if lock.is_due(lock.clock.trust_ends()) {
                lock.clock.end_trust();
                lock.facts.count_change();
                effects.save = true;
                effects.alarms.raise(Alarm::ClockLost);
                effects.happened.add(Happened::ClockLost, Cause::Mechanism);
                lock.look_at_calendar(effects);
            } else if lock.is_due(lock.calendar.clock_missed) {
                lock.calendar.clock_missed = None;
                effects.alarms.raise(Alarm::ClockLost);
            } else if lock.is_due(lock.door.due()) {
                lock.door_due(effects);
            } else if lock.is_due(lock.partial.due()) {
                lock.partial_due(effects);
            } else if lock.is_due(lock.reset.due()) {
                lock.reset_due(effects);
            } else if lock.is_due(lock.calendar.due()) {
                lock.look_at_calendar(effects);
            } else if lock.is_due(lock.relock.due()) {
                lock.relock_due(effects);
            } else if lock.is_due(lock.next_save()) {
                effects.save = true;
            } else if lock.is_due(lock.next_upkeep()) {
                effects.save_upkeep = true;
            }
        })
    }

    fn next_save(&self) -> Option<Uptime> {
        let relock = self.relock.due().map(|_| SAVE_INTERVAL_MS);
        // Whoever enters codes all day would wear the flash out, and a lockout may well be longer by some of its length.
        let lockout =
            self.lockout.ends().map(|ends| (ends.millis_since(self.saved_at) / 4).max(SAVE_INTERVAL_MS));
        [relock, lockout].into_iter().flatten().min().map(|after| self.saved_at.plus_millis(after))
    }

    fn next_upkeep(&self) -> Option<Uptime> {
        let is_newer = self.upkeep != self.upkeep_saved;
        is_newer.then(|| self.upkeep_saved_at.plus_millis(UPKEEP_INTERVAL_MS))
    }

    fn is_due(&self, deadline: Option<Uptime>) -> bool {
        deadline.is_some_and(|deadline| self.now >= deadline)
    }
}
