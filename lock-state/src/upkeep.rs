//! What a lock keeps of its long life: wear, travels, battery. Losing the newest of it costs nobody the door.

use lock_proto::{BootReason, Travel, wire};

use crate::RecordError;
use crate::power::SavedPower;

/// The record that is stored now and then, apart from [`Saved`](crate::Saved).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct Upkeep {
    /// Learned travels; `None` before the first calibration.
    pub travel: Option<Travel>,
    /// Drives of the motor since manufacture.
    pub drives: u32,
    /// Stalls since manufacture; stays at 65,535.
    pub stalls: u16,
    /// Drives that ran out of time since manufacture; stays at 65,535.
    pub timeouts: u16,
    /// How often the door was opened since manufacture.
    pub door_openings: u32,
    /// Boots by a brown-out since manufacture; stays at 65,535.
    pub brown_outs: u16,
    /// Boots by the watchdog since manufacture; stays at 65,535.
    pub watchdogs: u16,
    /// What is known of the battery.
    pub power: SavedPower,
}

impl Upkeep {
    /// The longest encoding, in bytes.
    pub const MAX_BYTES: usize = 1 + (1 + 3 + 3) + 5 + 3 + 3 + 5 + 3 + 3 + SavedPower::LONGEST;
    /// First byte of the record: its layout.
    const FORMAT: u8 = 1;

    /// Counts this boot.
    pub(crate) fn after_boot(mut self, reason: BootReason) -> Self {
        match reason {
            BootReason::BrownOut => self.brown_outs = self.brown_outs.saturating_add(1),
            BootReason::Watchdog => self.watchdogs = self.watchdogs.saturating_add(1),
            BootReason::Unknown
            | BootReason::PowerOn
            | BootReason::Software
            | BootReason::Update
            | BootReason::ResetPin => {}
        }
        self
    }

    /// Writes the record and returns its length in bytes.
    ///
    /// # Errors
    /// [`RecordError::BufferTooShort`]; [`Upkeep::MAX_BYTES`] suffice.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, RecordError> {
        let (format, body) = out.split_first_mut().ok_or(RecordError::BufferTooShort)?;
        *format = Self::FORMAT;
        let written = wire::write(self, body).ok_or(RecordError::BufferTooShort)?;
        Ok(1 + written.len())
    }

    /// Reads a whole record.
    ///
    /// # Errors
    /// [`RecordError::Malformed`] for anything that [`encode`](Self::encode) does not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let body = bytes.strip_prefix(&[Self::FORMAT]).ok_or(RecordError::Malformed)?;
        Ok(wire::read(body)?)
    }
}

wire! {
    struct Upkeep { travel, drives, stalls, timeouts, door_openings, brown_outs, watchdogs, power }
}
