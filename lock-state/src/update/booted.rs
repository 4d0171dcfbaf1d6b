//! What the boot loader says of what runs, and what follows from it.

use lock_crypto::Suite;
use lock_proto::{Alarm, Manifest, Reason, Seconds, Uptime};

use super::{Phase, Trial, UNASKED_TRIAL, Update};

/// The firmware that runs, and the room for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Firmware {
    /// The model that it is for, as the maker numbers it.
    pub model: u32,
    /// Its version, as the maker numbers it.
    pub version: u32,
    /// Its rollback index: MCUboot's security counter.
    pub rollback_index: u32,
    /// How the loader started it.
    pub booted_as: BootedAs,
    /// The spare slot.
    pub slot: Slot,
}

/// How the loader started what runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BootedAs {
    /// It starts again with each reset.
    Confirmed,
    /// The next reset brings the version before it back, unless it is confirmed.
    OnTrial,
    /// It starts again with each reset, and came back with this one: the loader has undone a trial, or refused to start what it was to
    /// try. To be said at that boot alone.
    Reverted,
}

/// The spare slot: MCUboot's secondary one, without the trailer of the loader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// The longest image that fits, in bytes.
    pub bytes: u32,
    /// What is erased at once, in bytes: 512 at least, and a multiple of 32.
    pub sector: u32,
}

impl Slot {
    /// The end of the last whole sector up to `offset`.
    pub(super) fn floor(self, offset: u32) -> u32 {
        offset.saturating_sub(offset.checked_rem(self.sector.max(1)).unwrap_or_default())
    }
}

impl Firmware {
    fn is(&self, manifest: &Manifest) -> bool {
        (self.version, self.rollback_index) == (manifest.version, manifest.rollback_index)
    }

    /// Whether an image may come into its spare slot.
    pub(super) fn takes(&self, manifest: &Manifest, rollback_index: u32) -> Result<(), Reason> {
        if manifest.model != self.model {
            Err(Reason::WrongModel)
        } else if manifest.rollback_index < rollback_index {
            Err(Reason::RollbackRefused)
        } else if self.is(manifest) {
            Err(Reason::AlreadyRuns)
        } else if manifest.size > self.slot.bytes {
            Err(Reason::ImageTooLarge)
        } else if manifest.size == 0 {
            Err(Reason::InvalidArgument)
        } else {
            Ok(())
        }
    }
}

impl<S: Suite> Update<S> {
    /// Takes what the loader says, once a boot and before anything else. What was stored follows it: the loader decides what runs.
    pub fn booted(&mut self, firmware: Firmware, now: Uptime) {
        self.firmware = Some(firmware);
        let phase = self.saved.phase;
        let is_new = phase.manifest().is_some_and(|manifest| firmware.is(&manifest));
        let next = match phase {
            Phase::Installing { manifest, trial }
            | Phase::Pending { manifest, trial }
            | Phase::Trial { manifest, trial }
                if is_new && firmware.booted_as == BootedAs::OnTrial =>
            {
                Phase::Trial { manifest, trial }
            }
            // The loader had confirmed it, and the power went before that was stored.
            Phase::Installing { .. } | Phase::Pending { .. } | Phase::Trial { .. } if is_new => Phase::None,
            // It died on trial before its first record, or was never let start.
            Phase::Installing { manifest, .. } if firmware.booted_as == BootedAs::Reverted => {
                self.notice.alarm = Some(Alarm::UpdateRolledBack);
                Phase::RolledBack { manifest }
            }
            // The power went before the loader was told.
            Phase::Installing { manifest, .. } => Phase::Ready { manifest },
            Phase::Pending { manifest, .. } | Phase::Trial { manifest, .. } => {
                self.notice.alarm = Some(Alarm::UpdateRolledBack);
                Phase::RolledBack { manifest }
            }
            Phase::Receiving { manifest, written } if written < manifest.size => {
                Phase::Receiving { manifest, written: firmware.slot.floor(written) }
            }
            Phase::None
            | Phase::Receiving { .. }
            | Phase::Ready { .. }
            | Phase::Failed { .. }
            | Phase::RolledBack { .. } => phase,
        };
        match firmware.booted_as {
            BootedAs::Confirmed | BootedAs::Reverted => self.raise_rollback_index(),
            BootedAs::OnTrial => {
                let Seconds(seconds) =
                    if let Phase::Trial { trial, .. } = next { trial } else { UNASKED_TRIAL };
                let until = now.plus_millis(u64::from(seconds).saturating_mul(1_000));
                self.trial = Some(Trial { until, is_over: false, cloud_heard: false });
            }
        }
        if next != phase {
            self.enter(next);
        }
    }

    /// What was confirmed once is the least that is taken from then on.
    pub(super) fn raise_rollback_index(&mut self) {
        let confirmed = self.firmware.map(|firmware| firmware.rollback_index).unwrap_or_default();
        self.saved.rollback_index = self.saved.rollback_index.max(confirmed);
    }

    /// The cloud has proven itself under this firmware.
    pub const fn note_cloud_heard(&mut self) {
        if let Some(trial) = &mut self.trial {
            trial.cloud_heard = true;
        }
    }
}
