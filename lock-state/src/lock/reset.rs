//! The factory reset: a button inside, held for 10 to 15 seconds.
//!
//! It wipes users, credentials, windows, holidays, settings, the mode and the learned travels. It keeps what protects the lock
//! from its past: the configuration's version (which grows by one), wrong codes and lockout, the clock's floor, and everything
//! that the device keeps beside (keys, epochs, counters, marks).

use lock_proto::{Alarm, Calibration, Cause, Mode, Uptime};

use super::Lock;
use crate::effects::Barrier;
use crate::{Effects, Happened, Indication, Tables};

/// How long the button is held at least, in milliseconds.
pub const RESET_HOLD_MS: u64 = 10_000;
/// And at most, in milliseconds: a button that is stuck resets nothing.
pub const RESET_HOLD_LONGEST_MS: u64 = 15_000;

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
    /// The button is held.
    Held {
        since: Uptime,
        told_s: u64,
    },
    /// It was held for too long, and must be released first.
    Stuck,
    /// Begun; goes on after every boot until it is done.
    UnderWay,
}

impl Reset {
    pub(super) const fn at_boot(is_resetting: bool) -> Self {
        if is_resetting { Self::UnderWay } else { Self::None }
    }

    pub(super) const fn is_under_way(&self) -> bool {
        matches!(self, Self::UnderWay)
    }

    /// When the next second is to be told.
    pub(super) const fn due(&self) -> Option<Uptime> {
        match self {
            Self::Held { since, told_s } => Some(since.plus_millis((*told_s + 1) * 1_000)),
            Self::None | Self::Stuck | Self::UnderWay => None,
        }
    }
}

impl<T: Tables> Lock<T> {
    /// The reset button inside was pressed or released. Between 10 and 15 seconds of holding it resets the lock; progress is
    /// indicated each second. Sooner or later than that nothing happens.
    pub fn reset_button(&mut self, button: ResetButton, now: Uptime) -> Effects {
        self.step(now, |lock, effects| match (button, &lock.reset) {
            (ResetButton::Pressed, Reset::None) => {
                lock.reset = Reset::Held { since: lock.now, told_s: 0 };
                effects.indicate = Some(Indication::ResetIn(10));
            }
            (ResetButton::Released, Reset::Held { since, .. }) => {
                let held = lock.now.millis_since(*since);
                if (RESET_HOLD_MS..=RESET_HOLD_LONGEST_MS).contains(&held) {
                    lock.begin_reset(effects);
                } else {
                    lock.reset = Reset::None;
                    effects.indicate = Some(Indication::ResetCancelled);
                }
            }
            (ResetButton::Released, Reset::Stuck) => lock.reset = Reset::None,
            (ResetButton::Pressed, Reset::Held { .. } | Reset::Stuck | Reset::UnderWay)
            | (ResetButton::Released, Reset::None | Reset::UnderWay) => {}
        })
    }

    /// A second of holding has passed.
    pub(super) fn reset_due(&mut self, effects: &mut Effects) {
        let Reset::Held { since, told_s } = &mut self.reset else { return };
        let held = self.now.millis_since(*since);
        if held > RESET_HOLD_LONGEST_MS {
            self.reset = Reset::Stuck;
            effects.indicate = Some(Indication::ResetCancelled);
            return;
        }
        *told_s = held / 1_000;
        let left = RESET_HOLD_MS.saturating_sub(held).div_ceil(1_000);
        effects.indicate = Some(Indication::ResetIn(u8::try_from(left).unwrap_or(u8::MAX)));
    }

    fn begin_reset(&mut self, effects: &mut Effects) {
        self.halt(effects);
        self.reset = Reset::UnderWay;
        self.facts.count_change();
        effects.save = true;
        effects.barrier = Some(Barrier::Reset);
    }

    /// Whether a reset began and is not finished: also after a boot in its midst. Then call [`wipe`](Self::wipe).
    #[must_use]
    pub const fn is_resetting(&self) -> bool {
        self.reset.is_under_way()
    }

    /// Wipes what a reset wipes, in memory. The caller then stores every page of the configuration, [`Upkeep`](crate::Upkeep) and a
    /// new PIN key, and when all is stored calls [`reset_finished`](Self::reset_finished). Without a reset under way nothing
    /// happens.
    pub fn wipe(&mut self, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            if !lock.reset.is_under_way() {
                return;
            }
            lock.staged = None;
            lock.entry = super::Entry::None;
            lock.partial = super::Partial::None;
            lock.configuration.wipe();
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

    /// What a reset wipes is stored as wiped.
    pub fn reset_finished(&mut self, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            if !lock.reset.is_under_way() {
                return;
            }
            lock.reset = Reset::None;
            lock.facts.count_change();
            effects.alarms.raise(Alarm::FactoryReset);
            effects.indicate = Some(Indication::ResetDone);
            effects.save = true;
        })
    }
}
