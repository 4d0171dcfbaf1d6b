//! Whether the lock has an owner, and whether that can change. The keys are the device's; this says what is offered at the door.

use lock_proto::Reason;

use super::Lock;
use super::reset::Reset;
use crate::saved::Wiping;
use crate::{Effects, Tables};

/// Whose the lock is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tenure {
    /// The owner's that it was made for, for good: nothing in it could be claimed.
    #[default]
    Fixed,
    /// An owner's, until that is ended.
    Owned,
    /// Nobody's.
    Unowned,
}

impl<T: Tables> Lock<T> {
    /// What the device's keys say: at boot, and when the lock was claimed or its ownership has ended.
    pub fn set_tenure(&mut self, tenure: Tenure) {
        self.tenure = tenure;
    }

    /// Whose it is.
    #[must_use]
    pub const fn tenure(&self) -> Tenure {
        self.tenure
    }

    /// Begins to end the ownership. The caller then stores [`Saved`](crate::Saved), and calls [`halt`](Self::halt_to_wipe) and
    /// [`wipe`](Self::wipe); where it cannot be stored, [`keep_owner`](Self::keep_owner).
    ///
    /// # Errors
    /// `Unsupported` for a lock that nobody could claim afterwards; `Busy` while a reset is under way.
    pub fn end_ownership(&mut self) -> Result<(), Reason> {
        if self.reset.wiping().is_under_way() {
            return Err(Reason::Busy);
        }
        match self.tenure {
            Tenure::Fixed | Tenure::Unowned => Err(Reason::Unsupported),
            Tenure::Owned => {
                self.reset = Reset::UnderWay(Wiping::EndOfOwnership);
                Ok(())
            }
        }
    }

    /// What [`end_ownership`](Self::end_ownership) began is not stored: everything stays as it was.
    pub fn keep_owner(&mut self) {
        if self.reset.wiping() == Wiping::EndOfOwnership {
            self.reset = Reset::None;
        }
    }

    /// Stops the motor before everything is wiped; the beginning is stored.
    pub fn halt_to_wipe(&mut self, now: lock_proto::Uptime) -> Effects {
        self.step(now, |lock, effects| {
            lock.halt(effects);
            lock.facts.count_change();
        })
    }
}
