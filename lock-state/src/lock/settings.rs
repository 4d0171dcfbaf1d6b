//! Configuration and clock: what only the cloud sets.

use lock_crypto::{Authenticated, Channel, Key, Suite};
use lock_proto::{Cause, Reason, Table, Uptime};

use super::Lock;
use crate::clock::{ClockError, TimeAnswer};
use crate::configuration::{Change, Configuration, Staged};
use crate::{ClockReading, Effects, Happened, RecordError, Tables};

impl<T: Tables> Lock<T> {
    /// Checks a change of the configuration and holds it until its record is stored; nothing takes effect before
    /// [`commit`](Self::commit). It is kept as a small difference, not as a second configuration.
    ///
    /// # Errors
    /// `NotPermitted` unless the cloud sent it; `Busy` during a reset; `StorageBusy` while another change is staged;
    /// `StaleConfiguration` unless its version exceeds the one in force; `NoSuchSlot` beyond the room of the table; `Occupied` and
    /// `Vacant` where the slot is not as expected; `InvalidArgument` for a value out of range; `NoSuchUser`, `UserInUse`, `Duplicate`
    /// (protocol section 7.1).
    pub fn stage<S: Suite>(&mut self, change: Authenticated<Change>, k_pin: &Key) -> Result<(), Reason> {
        if !matches!(change.channel(), Channel::LiveCloud | Channel::SealedCloud) {
            return Err(Reason::NotPermitted);
        }
        if self.is_resetting() {
            return Err(Reason::Busy);
        }
        if self.staged.is_some() {
            return Err(Reason::StorageBusy);
        }
        self.staged = Some(self.configuration.check::<S>(&change.into_inner(), k_pin)?);
        Ok(())
    }

    /// Whether a lock may keep secrets under another key from now on: only one that keeps none, or they would all be dead.
    ///
    /// # Errors
    /// `Busy` during a reset; `StorageBusy` while a change is staged; `Occupied` with a credential in any slot.
    pub fn may_adopt_pin_key(&self) -> Result<(), Reason> {
        if self.is_resetting() {
            return Err(Reason::Busy);
        }
        if self.staged.is_some() {
            return Err(Reason::StorageBusy);
        }
        if self.configuration.tables().credentials().iter().any(|slot| !slot.is_vacant()) {
            return Err(Reason::Occupied);
        }
        Ok(())
    }

    /// The page that the staged change is in; `None` where none is staged.
    #[must_use]
    pub fn staged_page(&self) -> Option<u8> {
        self.staged.as_ref().map(|staged| Configuration::<T>::page_of(staged))
    }

    /// The item that the staged change puts in force: its table, its slot, and the version that this makes; `None` where none is staged.
    #[must_use]
    pub fn staged_item(&self) -> Option<(Table, u8, u32)> {
        self.staged.as_ref().and_then(Staged::item)
    }

    /// Writes the record of the page with the staged change and returns its length in bytes: at most 512.
    ///
    /// # Errors
    /// [`RecordError::NothingStaged`], [`RecordError::BufferTooShort`].
    pub fn staged_record(&self, out: &mut [u8]) -> Result<usize, RecordError> {
        let staged = self.staged.as_ref().ok_or(RecordError::NothingStaged)?;
        self.configuration.encode_with(Configuration::<T>::page_of(staged), Some(staged), out)
    }

    /// Puts the staged change in force: its record is stored. Without one, nothing happens.
    ///
    /// A new relock delay starts anew for a bolt that waits to be thrown.
    pub fn commit(&mut self, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            let Some(staged) = lock.staged.take() else {
                return;
            };
            let settings = lock.configuration.settings();
            let before = (settings.auto_relock, settings.mechanics.lock_on_close);
            lock.configuration.apply(staged);
            lock.facts.count_change();
            let settings = lock.configuration.settings();
            lock.power.set_supply(settings.power_supply);
            if (settings.auto_relock, settings.mechanics.lock_on_close) != before {
                lock.relock_setting_changed(effects);
            }
            lock.look_at_calendar(effects);
        })
    }

    /// Drops the staged change: its record could not be stored.
    pub fn discard(&mut self) {
        self.staged = None;
    }

    /// The configuration in force.
    #[must_use]
    pub const fn configuration(&self) -> &Configuration<T> {
        &self.configuration
    }

    /// Sets the clock from the cloud's answer.
    ///
    /// # Errors
    /// [`ClockError`]; the clock is then as it was. [`ClockError::ConfirmationNeeded`] asks for a second, fresh exchange.
    pub fn set_clock(
        &mut self,
        answer: Authenticated<TimeAnswer>,
        now: Uptime,
    ) -> Result<Effects, ClockError> {
        if answer.channel() != Channel::LiveCloud {
            return Err(ClockError::NotFromCloud);
        }
        self.now = self.now.max(now);
        let was_trusted = matches!(self.clock.reading(self.now), ClockReading::Trusted { .. });
        self.clock.set(answer.into_inner(), self.now)?;
        Ok(self.step(now, |lock, effects| {
            lock.facts.count_change();
            lock.calendar.clock_missed = None;
            effects.save = true;
            if !was_trusted {
                effects.happened.add(Happened::ClockSet, Cause::RemoteLive);
            }
            lock.look_at_calendar(effects);
        }))
    }
}
