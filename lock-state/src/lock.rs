//! The whole lock as one machine: inputs with the time go in, [`Effects`] come out.

mod bolt;
mod brownout;
mod button;
mod door;
mod drive;
mod exercise;
mod grants;
mod latch;
mod modes;
mod offline;
mod power;
mod presented;
mod relocking;
mod report;
mod reset;
mod settings;
mod tenure;
mod timers;
mod updating;

use lock_crypto::Authenticated;
use lock_place::{Made, Place, emplace};
use lock_proto::{BootReason, Calibration, Reason, Uptime};

use crate::ask::cause_of;
use crate::clock::Clock;
use crate::configuration::Staged;
use crate::decide::{Decision, Refusal, Situation, decide};
use crate::facts::Facts;
use crate::history::History;
use crate::lockout::Lockout;
use crate::motor::{Afterwards, Motor};
use crate::power::Power;
use crate::relock::{MAX_AUTO_RELOCK, Relock, saturating_u32};
use crate::{
    ActionKind, Ask, ClockReading, Configuration, Deed, Effects, Finished, Goal, Happened, House, Indication,
    Order, RecordError, Saved, Settings, Source, Tables, Upkeep, UsedCodes, UserRules,
};

use brownout::Restraint;
use door::Door;
use exercise::Exercise;
use modes::Calendar;
use presented::{Entry, Partial};
use reset::Reset;

pub use button::InsideButton;
pub use door::DoorReading;
pub use power::{PowerReading, Voltage};
pub use presented::{NEXT_CREDENTIAL_MS, Wish};
pub use reset::{RELEASE_OFFER_MS, RESET_HOLD_LONGEST_MS, RESET_HOLD_MS, ResetButton};
pub use tenure::Tenure;
pub use timers::{CLOCK_GRACE_MS, SAVE_INTERVAL_MS, UPKEEP_INTERVAL_MS};
pub use updating::BATTERY_READ_WITHIN_MS;

/// Why and how often the lock has booted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BootInfo {
    /// The boot counter.
    pub count: u64,
    /// Why this boot came, as the chip says.
    pub reason: BootReason,
}

/// A motorised lock: deadbolt, perhaps a spring latch, sensors, a keypad or readers, and buttons. `T` says how many users,
/// credentials, windows and holidays it has room for.
///
/// Every input takes `now`, the lock's uptime; one that is earlier than the last counts as the last. The caller carries out the
/// [`Effects`], and calls [`handle_timeout`](Self::handle_timeout) at [`poll_timeout`](Self::poll_timeout), which every input
/// may move.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Lock<T: Tables = House> {
    now: Uptime,
    saved_at: Uptime,
    upkeep_saved_at: Uptime,
    upkeep_saved: Upkeep,
    facts: Facts,
    motor: Motor,
    exercise: Option<Exercise>,
    relock: Relock,
    lockout: Lockout,
    door: Door,
    entry: Entry,
    partial: Partial,
    reset: Reset,
    tenure: Tenure,
    calendar: Calendar,
    power: Power,
    restraint: Restraint,
    clock: Clock,
    history: History,
    upkeep: Upkeep,
    configuration: Configuration<T>,
    staged: Option<Staged>,
    /// Which offline codes that open once were used.
    used_codes: UsedCodes,
}

impl<T: Tables> Lock<T> {
    /// The lock after a boot. Nothing is known of bolt, latch and door until they are sensed; a lockout goes on where it was
    /// saved, and a relock, once the bolt is sensed withdrawn or half way, at the smaller of what remained and the setting. After a
    /// brown-out the lock moves nothing by itself until the door moves, somebody orders, or other cells are sensed.
    #[must_use]
    pub fn boot(
        saved: Saved,
        upkeep: Upkeep,
        configuration: Configuration<T>,
        info: BootInfo,
        now: Uptime,
    ) -> Self {
        let mut lock = lock_place::make(|place| Self::waking(place, &saved, &upkeep, info, now));
        lock.configuration = configuration;
        lock.configured(now);
        lock
    }

    /// The same with nothing configured yet, where it stays, for a chip on which a lock is too large to be handed around: the caller
    /// gives each page that storage holds to [`load_page`](Self::load_page), and then calls [`configured`](Self::configured).
    pub fn waking<'p>(
        place: Place<'p, Self>,
        saved: &Saved,
        upkeep: &Upkeep,
        info: BootInfo,
        now: Uptime,
    ) -> Made<'p, Self> {
        let longest_relock = saturating_u32(MAX_AUTO_RELOCK.as_millis());
        let calibration = if upkeep.travel.is_some() { Calibration::Done } else { Calibration::Needed };
        emplace!(place => Lock {
            now: now,
            saved_at: now,
            upkeep_saved_at: now,
            upkeep_saved: upkeep.after_boot(info.reason),
            facts: Facts::at_boot(calibration, saved.mode, now),
            motor: Motor::Resting,
            exercise: None,
            relock: Relock::AtBoot {
                remaining_ms: saved.relock_remaining.map(|remaining| remaining.min(longest_relock)),
                stands: saved.relock_stands,
            },
            lockout: Lockout::at_boot(saved.wrong_codes, saved.lockout_remaining, now),
            door: Door::default(),
            entry: Entry::None,
            partial: Partial::None,
            reset: Reset::at_boot(saved.wiping),
            tenure: Tenure::default(),
            calendar: Calendar::at_boot(saved.mode, saved.clock_floor, now),
            power: Power::restore(upkeep.power, Settings::default().power_supply, now),
            restraint: Restraint::at_boot(saved.initiative, info.reason, now),
            clock: Clock::at_boot(saved.clock_floor, saved.cloud_told),
            history: History::at_boot(info),
            upkeep: upkeep.after_boot(info.reason),
            configuration <- Configuration::as_made,
            staged: None,
            used_codes: UsedCodes::default(),
        })
    }

    /// Takes a page of the configuration as storage holds it, before the lock is used.
    ///
    /// # Errors
    /// [`RecordError::Malformed`].
    pub fn load_page(&mut self, page: u8, record: &[u8]) -> Result<(), RecordError> {
        self.configuration.load_page(page, record)
    }

    /// All pages are loaded: what a boot makes of the configuration follows.
    pub fn configured(&mut self, now: Uptime) {
        self.power = Power::restore(self.upkeep.power, self.configuration.settings().power_supply, now);
    }

    /// Takes what storage holds of used offline codes.
    pub const fn load_used_codes(&mut self, used_codes: UsedCodes) {
        self.used_codes = used_codes;
    }

    /// The same lock, with what storage holds of used offline codes.
    #[must_use]
    pub fn with_used_codes(self, used_codes: UsedCodes) -> Self {
        Self { used_codes, ..self }
    }

    /// What [`decide`] says of `ask` in this lock's situation: to be asked before the id of a command is burned.
    pub fn preview(&self, ask: &Ask, now: Uptime) -> Decision {
        decide(ask, None, &self.situation(now.max(self.now)))
    }

    /// The same for a user of the lock; a slot without a user has no rights.
    pub fn preview_user(&self, ask: &Ask, user: u8, now: Uptime) -> Decision {
        match self.configuration.user_rules(user) {
            Some(rules) => decide(ask, Some(&rules), &self.situation(now.max(self.now))),
            None => Decision::Deny(Reason::NoSuchUser.into()),
        }
    }

    /// Carries out a command. The caller has persisted its id as started.
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
        if let Decision::Deny(refusal) = self.preview(&order.ask(), now) {
            self.count_refusal(refusal.reason);
            return Err(refusal);
        }
        if let Deed::UnlockFor(delay) = order.deed
            && (delay.0 == 0 || delay > MAX_AUTO_RELOCK)
        {
            return Err(Reason::InvalidArgument.into());
        }
        Ok(self.step(now, |lock, effects| {
            if order.source.is_at_the_door() {
                effects.indicate = Some(Indication::Accepted);
            }
            lock.do_deed(order.deed, cause, Some(order.id), effects);
        }))
    }

    /// Counts a refusal for the health report.
    pub fn count_refusal(&mut self, reason: Reason) {
        self.history.count_refusal(reason);
    }

    /// Counts the refusal of somebody, and notes who it was.
    fn refuse(&mut self, reason: Reason, cause: lock_proto::Cause, effects: &mut Effects) {
        self.count_refusal(reason);
        effects.happened.add(Happened::Refused(reason), cause);
    }

    fn do_deed(
        &mut self,
        deed: Deed,
        cause: lock_proto::Cause,
        command: Option<lock_proto::CommandId>,
        effects: &mut Effects,
    ) {
        match deed {
            Deed::Lock => self.begin(Goal::Locked, cause, command, Afterwards::Settings, effects),
            Deed::Unlock => self.begin(Goal::Unlocked, cause, command, Afterwards::Settings, effects),
            Deed::Unlatch => self.begin(Goal::Unlatched, cause, command, Afterwards::Settings, effects),
            Deed::UnlockFor(delay) => {
                self.begin(Goal::Unlocked, cause, command, Afterwards::After(delay), effects);
            }
            Deed::LockNGo => self.begin(Goal::Unlocked, cause, command, Afterwards::LockNGo, effects),
            Deed::SetMode(mode) => {
                self.set_mode(mode, cause, effects);
                done(command, effects);
            }
            Deed::Calibrate => self.begin_exercise(exercise::Purpose::Calibration, cause, command, effects),
            Deed::SelfTest => self.begin_exercise(exercise::Purpose::SelfTest, cause, command, effects),
            Deed::EndLockout => {
                self.lockout.reset();
                self.facts.count_change();
                effects.save = true;
                done(command, effects);
            }
        }
    }

    /// Asks [`decide`] for somebody at the door or the lock itself, and does it or says why not.
    fn ask_here(
        &mut self,
        deed: Deed,
        source: Source,
        cause: lock_proto::Cause,
        user: Option<u8>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let ask = Ask { action: ActionKind::from(deed), source };
        let decision = match user {
            Some(user) => self.preview_user(&ask, user, self.now),
            None => self.preview(&ask, self.now),
        };
        match decision {
            Decision::Allow => {
                if source.is_at_the_door() {
                    effects.indicate = Some(Indication::Accepted);
                }
                self.do_deed(deed, cause, None, effects);
                Ok(())
            }
            Decision::Deny(refusal) => {
                if source.is_at_the_door() {
                    self.refuse(refusal.reason, cause, effects);
                    effects.indicate = Some(Indication::Refused(refusal.reason));
                } else {
                    // What the lock asks of itself is nobody's business but a diagnosis's.
                    self.count_refusal(refusal.reason);
                }
                Err(refusal)
            }
        }
    }

    /// What the clock says.
    #[must_use]
    pub fn clock(&self, now: Uptime) -> ClockReading {
        self.clock.reading(now.max(self.now))
    }

    fn situation(&self, now: Uptime) -> Situation {
        let settings = self.configuration.settings();
        Situation {
            bolt: self.facts.bolt.value(),
            door: self.facts.door.value(),
            battery: self.power.level(),
            clock: self.clock.reading(now),
            lockout: self.lockout.remaining(now),
            mode: self.facts.mode.value(),
            latch: settings.mechanics.latch,
            remote_at_unknown: settings.policy.remote_at_unknown,
            is_resetting: self.reset.wiping().is_under_way(),
        }
    }

    /// The rules for a user of this lock, for [`decide`]; `None` for a vacant slot.
    pub fn user_rules(&self, user: u8) -> Option<UserRules<'_>> {
        self.configuration.user_rules(user)
    }

    /// Runs one input under a time that never goes back, and gathers what it asks for.
    fn step(&mut self, now: Uptime, input: impl FnOnce(&mut Self, &mut Effects)) -> Effects {
        self.now = self.now.max(now);
        self.restraint.expect_nothing();
        let mut effects = Effects::NONE;
        input(self, &mut effects);
        effects.changed = self.facts.take_changed();
        let initiative = self.initiative();
        effects.save |= initiative != self.restraint.saved;
        if effects.save {
            (self.saved_at, self.restraint.saved) = (self.now, initiative);
        }
        if effects.save_upkeep {
            (self.upkeep_saved_at, self.upkeep_saved) = (self.now, self.upkeep);
        }
        effects
    }
}

fn done(command: Option<lock_proto::CommandId>, effects: &mut Effects) {
    finish(command, lock_proto::Outcome::Done, effects);
}

fn finish(command: Option<lock_proto::CommandId>, outcome: lock_proto::Outcome, effects: &mut Effects) {
    if let Some(command) = command {
        effects.finished = Some(Finished { command, outcome });
    }
}

/// Model checkers copy and compare whole locks.
#[cfg(lock_model)]
const _: () = {
    const fn is_model_state<T: Clone + Eq + core::hash::Hash>() {}
    is_model_state::<Lock>();
};
