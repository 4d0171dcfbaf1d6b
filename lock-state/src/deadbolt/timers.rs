//! Everything that happens by time alone.

use lock_proto::{BoltPosition, Cause, Fault, Seconds, Uptime};

use super::Deadbolt;
use crate::relock::Relock;
use crate::{ActionKind, Ask, Decision, Effects, MotionAction, Source};

/// How often the remaining time of a running lockout or relock is saved, in milliseconds: what a power cut can add to it.
pub const SAVE_INTERVAL_MS: u64 = 60_000;

impl<const PINS: usize> Deadbolt<PINS> {
    /// The next moment at which [`handle_timeout`](Self::handle_timeout) has something to do; every input may move it.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Uptime> {
        [
            self.motor.deadline(),
            self.relock.due(),
            self.lockout.ends(),
            self.clock.trust_ends(),
            self.next_save(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Does what is due: the end of a drive that took too long, of a lockout, of the clock's trust; the relock; a save.
    pub fn handle_timeout(&mut self, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            if let Some(run) = lock.motor.run().filter(|_| lock.is_due(lock.motor.deadline())) {
                lock.end_drive(run, Fault::MotorTimeout, effects);
            }
            if lock.is_due(lock.lockout.ends()) {
                lock.lockout.open();
                lock.facts.count_change();
                effects.save = true;
            }
            if lock.is_due(lock.clock.trust_ends()) {
                lock.clock.end_trust();
                lock.facts.count_change();
                effects.save = true;
            }
            if lock.is_due(lock.relock.due()) {
                lock.relock(effects);
            }
            if lock.is_due(lock.next_save()) {
                effects.save = true;
            }
        })
    }

    /// Throws the bolt, or holds the relock until what forbids it ends.
    fn relock(&mut self, effects: &mut Effects) {
        let ask = Ask { action: ActionKind::Lock, source: Source::AutoRelock };
        match self.preview(&ask, self.now) {
            Decision::Allow => self.begin(MotionAction::Lock, Cause::AutoRelock, None, effects),
            Decision::Deny(_) => {
                self.relock = Relock::Held;
                self.facts.count_change();
                effects.save = true;
            }
        }
    }

    pub(super) fn relock_setting_changed(&mut self, effects: &mut Effects) {
        let is_planned = match self.relock {
            Relock::Running { .. } | Relock::Held => true,
            Relock::AtBoot { .. } => return,
            Relock::Idle => self.motor.run().is_none() && self.facts.bolt.value() == BoltPosition::Retracted,
        };
        if is_planned && self.configuration.auto_relock() > Seconds(0) {
            self.start_relock(effects);
        } else {
            self.stop_relock(effects);
        }
    }

    fn next_save(&self) -> Option<Uptime> {
        let is_running = self.relock.due().is_some() || self.lockout.ends().is_some();
        is_running.then(|| self.saved_at.plus_millis(SAVE_INTERVAL_MS))
    }

    fn is_due(&self, deadline: Option<Uptime>) -> bool {
        deadline.is_some_and(|deadline| self.now >= deadline)
    }
}
