//! The buttons: the one inside, which needs no right, and the one outside, which locks.

use lock_proto::{Cause, Mode, Uptime};

use super::Lock;
use crate::{Deed, Effects, Source, Tables};

/// What the inside button can ask for. Which press means what is the firmware's: each is absolute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InsideButton {
    /// Throw the bolt.
    Lock,
    /// Withdraw it.
    Unlock,
    /// Withdraw it for somebody who leaves.
    LockNGo,
    /// Nobody from outside, please.
    PrivacyOn,
    /// Back to normal; from privacy only.
    PrivacyOff,
    /// Try everything.
    SelfTest,
}

impl<T: Tables> Lock<T> {
    /// The button outside was pressed; it needs no credential, and only locks.
    pub fn outside_button(&mut self, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            let _ = lock.ask_here(Deed::Lock, Source::OutsideButton, Cause::Manual, None, effects);
        })
    }

    /// The button inside was pressed.
    pub fn inside_button(&mut self, press: InsideButton, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            let deed = match press {
                InsideButton::Lock => Deed::Lock,
                InsideButton::Unlock => Deed::Unlock,
                InsideButton::LockNGo => Deed::LockNGo,
                InsideButton::PrivacyOn => Deed::SetMode(Mode::Privacy),
                InsideButton::PrivacyOff if lock.calendar.set == Mode::Privacy => Deed::SetMode(Mode::Normal),
                InsideButton::PrivacyOff => return,
                InsideButton::SelfTest => Deed::SelfTest,
            };
            let _ = lock.ask_here(deed, Source::Button, Cause::Button, None, effects);
        })
    }
}
