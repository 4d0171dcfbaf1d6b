//! The keypad and the button that locks.

use lock_crypto::{Key, Suite, find_pin};
use lock_proto::{Alarm, Cause, PinDigits, Reason, Uptime};

use super::Deadbolt;
use crate::{ActionKind, Ask, Decision, Effects, Indication, MotionAction, Refusal, Source};

/// Whether a code was counted and not yet compared.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) enum Entry {
    None,
    Counted,
}

impl<const PINS: usize> Deadbolt<PINS> {
    /// First half of a code's entry: counts it as wrong, before anything is compared. The caller then persists
    /// [`saved`](Self::saved), and only then calls [`check_code`](Self::check_code): a power cut in between costs the guess.
    /// Where it could not be persisted, the code is not checked and the count stays.
    ///
    /// # Errors
    /// `LockedOut` with the time to wait; then nothing was counted and nothing may be compared.
    pub fn count_code(&mut self, now: Uptime) -> Result<(), Refusal> {
        self.now = self.now.max(now);
        let remaining = self.lockout.remaining(self.now);
        if remaining.0 > 0 {
            return Err(Refusal { reason: Reason::LockedOut, retry_after: Some(remaining) });
        }
        self.lockout.count(self.now);
        self.facts.count_change();
        self.entry = Entry::Counted;
        Ok(())
    }

    /// Second half: compares the counted code with every slot. A right one forgets the count and unlocks; it never locks.
    ///
    /// One count pays for one comparison: without it nothing is compared and the code is refused.
    pub fn check_code<S: Suite>(&mut self, k_pin: &Key, digits: &PinDigits, now: Uptime) -> Effects {
        self.step(now, |lock, effects| match core::mem::replace(&mut lock.entry, Entry::None) {
            Entry::None => effects.indicate = Some(Indication::Refused(Reason::NotPermitted)),
            Entry::Counted => match find_pin::<S>(k_pin, digits.as_ascii(), lock.configuration.pins()) {
                Some(slot) => lock.code_right(slot, effects),
                None => lock.code_wrong(effects),
            },
        })
    }

    /// The button that locks was pressed; it needs no code.
    pub fn lock_button(&mut self, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            lock.ask_at_the_door(MotionAction::Lock, Source::Button, Cause::Manual, effects);
        })
    }

    fn code_right(&mut self, slot: usize, effects: &mut Effects) {
        self.lockout.reset();
        self.facts.count_change();
        effects.save = true;
        let slot = u8::try_from(slot).unwrap_or(u8::MAX);
        self.ask_at_the_door(MotionAction::Unlock, Source::Keypad, Cause::Keypad { slot }, effects);
    }

    fn code_wrong(&mut self, effects: &mut Effects) {
        if self.lockout.remaining_ms(self.now) > 0 {
            effects.indicate = Some(Indication::LockedOut);
            effects.alarm = Some(Alarm::WrongCodeLimit);
        } else {
            effects.indicate = Some(Indication::Refused(Reason::WrongCode));
        }
    }

    fn ask_at_the_door(&mut self, motion: MotionAction, source: Source, cause: Cause, effects: &mut Effects) {
        let ask = Ask { action: ActionKind::from(motion), source };
        match self.preview(&ask, self.now) {
            Decision::Allow => {
                effects.indicate = Some(Indication::Accepted);
                self.begin(motion, cause, None, effects);
            }
            Decision::Deny(refusal) => effects.indicate = Some(Indication::Refused(refusal.reason)),
        }
    }
}
