//! The factory reset: a button inside, held for 10 to 15 seconds.
//!
//! It wipes users, credentials, windows, holidays, settings, the mode and the learned travels. It keeps what protects the lock
//! from its past: the configuration's version (which grows by one), wrong codes and lockout, the clock's floor, and everything
//! that the device keeps beside (keys, epochs, counters, marks).
//!
//! A second hold that begins within a minute of a finished reset ends the ownership, where a lock can have another owner: the same
//! is wiped once more, and then the device erases the owner's keys. With them goes all that they could have said, so that what an
//! owner could run to its end begins anew for the next: the configuration's version, the code epoch, used codes, and the clock.

use lock_proto::{Alarm, Calibration, Cause, Mode, UnixMillis, Uptime};

use super::{Lock, Tenure};
use crate::clock::Clock;
use crate::effects::Barrier;
use crate::saved::Wiping;
use crate::{Effects, Happened, Indication, Tables, UsedCodes};

/// How long the button is held at least, in milliseconds.
pub const RESET_HOLD_MS: u64 = 10_000;
/// And at most, in milliseconds: a button that is stuck resets nothing.
pub const RESET_HOLD_LONGEST_MS: u64 = 15_000;

/// How long after a finished reset the button offers to end the ownership, in milliseconds.
pub const RELEASE_OFFER_MS: u64 = 60_000;

/// What the reset button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResetButton {
    /// It is down.
    Pressed,
    /// It is up.
    Released,
}

/// Where a reset stands.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) enum Reset {
    None,
    /// Just reset: the next hold ends the ownership.
    Offered {
        until: Uptime,
    },
    /// The button is held, for this.
    Held {
        since: Uptime,
        told_s: u64,
        aim: Wiping,
    },
    /// It was held for too long, and must be released first.
    Stuck,
    /// Begun; goes on after every boot until it is done.
    UnderWay(Wiping),
}

impl Reset {
    pub(super) const fn at_boot(wiping: Wiping) -> Self {
        match wiping {
            Wiping::Nothing => Self::None,
            Wiping::Reset | Wiping::EndOfOwnership => Self::UnderWay(wiping),
        }
    }

    pub(super) const fn wiping(&self) -> Wiping {
        match self {
            Self::UnderWay(wiping) => *wiping,
            Self::None | Self::Offered { .. } | Self::Held { .. } | Self::Stuck => Wiping::Nothing,
        }
    }

    /// When the next second is to be told, or the offer ends.
    pub(super) const fn due(&self) -> Option<Uptime> {
        match self {
            Self::Held { since, told_s, .. } => Some(since.plus_millis((*told_s + 1) * 1_000)),
            Self::Offered { until } => Some(*until),
            Self::None | Self::Stuck | Self::UnderWay(_) => None,
        }
    }
}

impl<T: Tables> Lock<T> {
    /// The reset button inside was pressed or released. Between 10 and 15 seconds of holding it resets the lock; progress is
    /// indicated each second. Sooner or later than that nothing happens. A second hold that begins within [`RELEASE_OFFER_MS`] of a
    /// finished reset ends the ownership, with a count-down of its own.
    pub fn reset_button(&mut self, button: ResetButton, now: Uptime) -> Effects {
        self.step(now, |lock, effects| match (button, &lock.reset) {
            (ResetButton::Pressed, Reset::None) => lock.hold_reset(Wiping::Reset, effects),
            (ResetButton::Pressed, Reset::Offered { until }) => {
                let aim = if lock.now < *until { Wiping::EndOfOwnership } else { Wiping::Reset };
                lock.hold_reset(aim, effects);
            }
            (ResetButton::Released, Reset::Held { since, aim, .. }) => {
                let (held, aim) = (lock.now.millis_since(*since), *aim);
                if (RESET_HOLD_MS..=RESET_HOLD_LONGEST_MS).contains(&held) {
                    lock.begin_reset(aim, effects);
                } else {
                    lock.reset = Reset::None;
                    effects.indicate = Some(Indication::ResetCancelled);
                }
            }
            (ResetButton::Released, Reset::Stuck) => lock.reset = Reset::None,
            (ResetButton::Pressed, Reset::Held { .. } | Reset::Stuck | Reset::UnderWay(_))
            | (ResetButton::Released, Reset::None | Reset::Offered { .. } | Reset::UnderWay(_)) => {}
        })
    }

    fn hold_reset(&mut self, aim: Wiping, effects: &mut Effects) {
        self.reset = Reset::Held { since: self.now, told_s: 0, aim };
        effects.indicate = Some(count_down(aim, 10));
    }

    /// A second of holding has passed, or the time to end the ownership.
    pub(super) fn reset_due(&mut self, effects: &mut Effects) {
        if let Reset::Offered { .. } = self.reset {
            self.reset = Reset::None;
        }
        let Reset::Held { since, told_s, aim } = &mut self.reset else { return };
        let held = self.now.millis_since(*since);
        if held > RESET_HOLD_LONGEST_MS {
            self.reset = Reset::Stuck;
            effects.indicate = Some(Indication::ResetCancelled);
            return;
        }
        *told_s = held / 1_000;
        let left = RESET_HOLD_MS.saturating_sub(held).div_ceil(1_000);
        effects.indicate = Some(count_down(*aim, u8::try_from(left).unwrap_or(u8::MAX)));
    }

    fn begin_reset(&mut self, wiping: Wiping, effects: &mut Effects) {
        self.halt(effects);
        self.reset = Reset::UnderWay(wiping);
        self.facts.count_change();
        effects.save = true;
        effects.barrier = Some(Barrier::Reset);
    }

    /// Whether a reset began and is not finished: also after a boot in its midst. Then call [`wipe`](Self::wipe).
    #[must_use]
    pub const fn is_resetting(&self) -> bool {
        self.reset.wiping().is_under_way()
    }

    /// What is being wiped.
    #[must_use]
    pub const fn wiping(&self) -> Wiping {
        self.reset.wiping()
    }

    /// Wipes what a reset wipes, in memory. The caller then stores every page of the configuration, [`Upkeep`](crate::Upkeep), a
    /// new PIN key and, where the ownership ends, the used codes, and when all is stored calls [`reset_finished`](Self::reset_finished). Without a reset under way nothing
    /// happens.
    pub fn wipe(&mut self, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            if !lock.is_resetting() {
                return;
            }
            lock.staged = None;
            lock.entry = super::Entry::None;
            lock.partial = super::Partial::None;
            match lock.wiping() {
                Wiping::EndOfOwnership => {
                    lock.configuration.reset();
                    lock.used_codes = UsedCodes::default();
                    lock.clock = Clock::at_boot(UnixMillis(0), UnixMillis(0));
                }
                Wiping::Reset | Wiping::Nothing => lock.configuration.wipe(),
            }
            lock.upkeep.travel = None;
            lock.calendar.set = Mode::Normal;
            lock.facts.note_mode(Mode::Normal, Cause::Reset, lock.now);
            effects.happened.add(Happened::FactoryReset, Cause::Reset);
            lock.facts.note_calibration(Calibration::Needed, Cause::Reset, lock.now);
            lock.stop_relock(effects);
            lock.look_at_calendar(effects);
            lock.power.set_supply(lock.configuration.settings().power_supply);
        })
    }

    /// That a reset began could not be stored: everything stays as it was. The caller stores [`Saved`](crate::Saved) again.
    pub fn cancel_reset(&mut self, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            if !lock.is_resetting() {
                return;
            }
            lock.reset = Reset::None;
            lock.facts.count_change();
            effects.indicate = Some(Indication::ResetCancelled);
            effects.save = true;
        })
    }

    /// What a reset wipes is stored as wiped.
    pub fn reset_finished(&mut self, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            let wiping = lock.wiping();
            lock.reset = match (wiping, lock.tenure) {
                (Wiping::Nothing, _) => return,
                (Wiping::Reset, Tenure::Owned) => {
                    Reset::Offered { until: lock.now.plus_millis(RELEASE_OFFER_MS) }
                }
                (Wiping::Reset, Tenure::Fixed | Tenure::Unowned) | (Wiping::EndOfOwnership, _) => Reset::None,
            };
            lock.facts.count_change();
            effects.alarms.raise(Alarm::FactoryReset);
            effects.indicate = Some(match wiping {
                Wiping::EndOfOwnership => Indication::Unowned,
                Wiping::Reset | Wiping::Nothing => Indication::ResetDone,
            });
            effects.save = true;
        })
    }
}

const fn count_down(aim: Wiping, seconds: u8) -> Indication {
    match aim {
        Wiping::EndOfOwnership => Indication::UnownedIn(seconds),
        Wiping::Reset | Wiping::Nothing => Indication::ResetIn(seconds),
    }
}
