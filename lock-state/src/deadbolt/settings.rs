//! Configuration and clock: what only the cloud sets.

use lock_crypto::{Authenticated, Channel, Key, Suite};
use lock_proto::{Reason, Uptime};

use super::Deadbolt;
use crate::clock::{ClockError, TimeAnswer};
use crate::configuration::{Change, Configuration};
use crate::{Effects, RecordError};

impl<const PINS: usize> Deadbolt<PINS> {
    /// Checks a change of the configuration and holds it until its record is stored; nothing takes effect before
    /// [`commit`](Self::commit). It is kept as a small difference, not as a second configuration.
    ///
    /// # Errors
    /// `NotPermitted` unless the cloud sent it; `StorageBusy` while another change is staged; `StaleConfiguration` unless its
    /// version exceeds the one in force; `InvalidArgument` for a slot that does not exist or a delay of more than a day.
    pub fn stage<S: Suite>(&mut self, change: Authenticated<Change>, k_pin: &Key) -> Result<(), Reason> {
        if !matches!(change.channel(), Channel::LiveCloud | Channel::SealedCloud) {
            return Err(Reason::NotPermitted);
        }
        if self.staged.is_some() {
            return Err(Reason::StorageBusy);
        }
        self.staged = Some(self.configuration.check::<S>(&change.into_inner(), k_pin)?);
        Ok(())
    }

    /// Writes the record of the configuration with the staged change and returns its length in bytes. It needs at most
    /// [`Configuration::MAX_BYTES`].
    ///
    /// # Errors
    /// [`RecordError::NothingStaged`], [`RecordError::BufferTooShort`].
    pub fn staged_record(&self, out: &mut [u8]) -> Result<usize, RecordError> {
        let staged = self.staged.as_ref().ok_or(RecordError::NothingStaged)?;
        self.configuration.encode_with(Some(staged), out)
    }

    /// Puts the staged change in force: its record is stored. Without one, nothing happens.
    ///
    /// A new relock delay starts anew for a bolt that waits to be thrown.
    pub fn commit(&mut self, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            let Some(staged) = lock.staged.take() else {
                return;
            };
            let before = lock.configuration.auto_relock();
            lock.configuration.apply(staged);
            lock.facts.count_change();
            if lock.configuration.auto_relock() != before {
                lock.relock_setting_changed(effects);
            }
        })
    }

    /// Drops the staged change: its record could not be stored.
    pub fn discard(&mut self) {
        self.staged = None;
    }

    /// The configuration in force.
    #[must_use]
    pub const fn configuration(&self) -> &Configuration<PINS> {
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
        self.clock.set(answer.into_inner(), self.now)?;
        Ok(self.step(now, |lock, effects| {
            lock.facts.count_change();
            effects.save = true;
        }))
    }
}
