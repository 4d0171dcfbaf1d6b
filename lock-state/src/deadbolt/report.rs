//! What the lock says of itself, and what it keeps for the next boot.

use lock_proto::{Seconds, Status, Uptime};

use super::Deadbolt;
use crate::Saved;

impl<const PINS: usize> Deadbolt<PINS> {
    /// Everything a person needs to know about the door at `now`.
    #[must_use]
    pub fn status(&self, now: Uptime) -> Status {
        let now = now.max(self.now);
        Status {
            sequence: self.facts.sequence(),
            bolt: self.facts.bolt.report(now),
            target: self.facts.target.report(now),
            motion: self.motor.motion(),
            door: self.facts.door.report(now),
            fault: self.facts.fault.report(now),
            battery: self.battery.report(now),
            relock_in: self.relock.due().map(|due| Seconds::from_millis_ceiling(due.millis_since(now))),
            clock: self.clock.report(now),
            lockout: self.lockout.remaining(now),
            configuration: self.configuration.version(),
        }
    }

    /// What to persist so that the next boot goes on from `now`.
    #[must_use]
    pub fn saved(&self, now: Uptime) -> Saved {
        let now = now.max(self.now);
        Saved {
            wrong_codes: self.lockout.wrong_codes(),
            lockout_remaining: self.lockout.remaining_ms(now),
            relock_remaining: self.relock.remaining_ms(self.configuration.auto_relock(), now),
            clock_floor: self.clock.floor(now),
        }
    }
}
