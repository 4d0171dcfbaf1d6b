//! The whole lock as one machine: inputs with the time go in, [`Effects`] come out.

mod keypad;
mod mechanism;
mod report;
mod settings;
mod timers;

use lock_crypto::Authenticated;
use lock_proto::{Reason, Uptime};

use crate::ask::cause_of;
use crate::battery::Battery;
use crate::clock::Clock;
use crate::configuration::{Configuration, Staged};
use crate::decide::{Decision, Refusal, Situation, decide};
use crate::facts::Facts;
use crate::lockout::Lockout;
use crate::motor::Motor;
use crate::relock::{MAX_AUTO_RELOCK, Relock, saturating_u32};
use crate::{Ask, Effects, Indication, Order, Saved};

use keypad::Entry;

pub use timers::SAVE_INTERVAL_MS;

/// A motorised deadbolt with a sensor for the bolt, one for the door, and a keypad for `PINS` codes.
///
/// Every input takes `now`, the lock's uptime; one that is earlier than the last counts as the last. The caller carries out the
/// [`Effects`], and calls [`handle_timeout`](Self::handle_timeout) at [`poll_timeout`](Self::poll_timeout), which every input
/// may move.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Deadbolt<const PINS: usize = 16> {
    now: Uptime,
    saved_at: Uptime,
    facts: Facts,
    motor: Motor,
    relock: Relock,
    lockout: Lockout,
    entry: Entry,
    battery: Battery,
    clock: Clock,
    configuration: Configuration<PINS>,
    staged: Option<Staged>,
}

impl<const PINS: usize> Deadbolt<PINS> {
    /// The lock after a boot. Nothing is known of bolt and door until they are sensed; a lockout goes on where it was saved, and
    /// a relock, once the bolt is sensed withdrawn or half way, at the smaller of what remained and the setting.
    #[must_use]
    pub fn boot(saved: Saved, configuration: Configuration<PINS>, now: Uptime) -> Self {
        let longest_relock = saturating_u32(MAX_AUTO_RELOCK.as_millis());
        Self {
            now,
            saved_at: now,
            facts: Facts::at_boot(now),
            motor: Motor::Resting,
            relock: Relock::AtBoot {
                remaining_ms: saved.relock_remaining.map(|remaining| remaining.min(longest_relock)),
            },
            lockout: Lockout::at_boot(saved.wrong_codes, saved.lockout_remaining, now),
            entry: Entry::None,
            battery: Battery::default(),
            clock: Clock::at_boot(saved.clock_floor),
            configuration,
            staged: None,
        }
    }

    /// What [`decide`] says of `ask` in this lock's situation: to be asked before the id of a command is burned.
    pub fn preview(&self, ask: &Ask, now: Uptime) -> Decision {
        decide(ask, &self.situation(now.max(self.now)))
    }

    /// Carries out a command to move the bolt. The caller has persisted its id as started.
    ///
    /// A bolt that is at its end already, by its sensor, at rest and without a fault, is not moved: the command is finished at
    /// once. Otherwise the motor starts, or reverses; a command under way is superseded.
    ///
    /// # Errors
    /// The [`Refusal`] of [`decide`], or `NotPermitted` where the order's source does not fit the channel of its message.
    pub fn order(&mut self, order: Authenticated<Order>, now: Uptime) -> Result<Effects, Refusal> {
        let Some(cause) = cause_of(&order) else {
            return Err(Reason::NotPermitted.into());
        };
        let order = order.into_inner();
        self.preview(&order.ask(), now).into_result()?;
        Ok(self.step(now, |lock, effects| {
            if order.source.is_at_the_door() {
                effects.indicate = Some(Indication::Accepted);
            }
            lock.begin(order.motion, cause, Some(order.id), effects);
        }))
    }

    fn situation(&self, now: Uptime) -> Situation {
        Situation {
            bolt: self.facts.bolt.value(),
            door: self.facts.door.value(),
            battery: self.battery.level(),
            clock: self.clock.reading(now),
            lockout: self.lockout.remaining(now),
        }
    }

    /// Runs one input under a time that never goes back, and gathers what it asks for.
    fn step(&mut self, now: Uptime, input: impl FnOnce(&mut Self, &mut Effects)) -> Effects {
        self.now = self.now.max(now);
        let mut effects = Effects::NONE;
        input(self, &mut effects);
        effects.changed = self.facts.take_changed();
        if effects.save {
            self.saved_at = self.now;
        }
        effects
    }
}

/// Model checkers copy and compare whole locks.
#[cfg(lock_model)]
const _: () = {
    const fn is_model_state<T: Clone + Eq + core::hash::Hash>() {}
    is_model_state::<Deadbolt>();
};
