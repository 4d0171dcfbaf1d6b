//! What of the lock's state survives a power cut, apart from its configuration.

use lock_proto::{Mode, UnixMillis, wire};

use crate::RecordError;
use crate::lockout::LONGEST_LOCKOUT_MS;
use crate::relock::MAX_AUTO_RELOCK;

/// What a boot must know of the motor, so that a brown-out under it is not repeated for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum Initiative {
    /// It rested, and the lock may start it by itself.
    #[default]
    Free,
    /// It was at work.
    Driving,
    /// It rested. A brown-out came before, and since then the door did not move, nobody ordered, and no other cells were sensed:
    /// the lock does not start it by itself.
    Held,
}

/// What is being wiped: it goes on after every boot until it is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum Wiping {
    /// Nothing.
    #[default]
    Nothing,
    /// What a factory reset wipes.
    Reset,
    /// The same, and then the owner's keys.
    EndOfOwnership,
}

impl Wiping {
    /// Whether anything is.
    #[must_use]
    pub const fn is_under_way(self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Reset | Self::EndOfOwnership => true,
        }
    }
}

/// The small part of the state that the device persists with each record that it writes before acting.
///
/// Deadlines are kept as the time that remains: without power no time passes for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct Saved {
    /// Wrong PIN codes since a stored credential last opened; stays at 255.
    pub wrong_codes: u8,
    /// Milliseconds until PIN codes are accepted again; at most one hour.
    pub lockout_remaining: u32,
    /// Milliseconds until the bolt is thrown by itself, at most one day; `None` where that was not planned.
    pub relock_remaining: Option<u32>,
    /// Whether it stands even where the settings plan none: an unlock for a time, lock'n'go, or the night's, which needs a clock.
    pub relock_stands: bool,
    /// A moment that has certainly passed; 0 where none is known.
    pub clock_floor: UnixMillis,
    /// The mode that people have set.
    pub mode: Mode,
    /// Whether the motor was at work, and whether the lock may start it by itself.
    pub initiative: Initiative,
    /// What began to be wiped and is not finished.
    pub wiping: Wiping,
    /// The newest time that the cloud has told, in answer to a fresh question; 0 for none.
    pub cloud_told: UnixMillis,
}

impl Saved {
    /// The longest encoding, in bytes.
    pub const MAX_BYTES: usize = 1 + 5 + (1 + 5) + 1 + 10 + 1 + 1 + 1 + 10;

    /// Writes the record and returns its length in bytes.
    ///
    /// # Errors
    /// [`RecordError::BufferTooShort`]; [`Saved::MAX_BYTES`] suffice.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, RecordError> {
        wire::write(self, out).map(|written| written.len()).ok_or(RecordError::BufferTooShort)
    }

    /// Reads a whole record.
    ///
    /// # Errors
    /// [`RecordError::Malformed`] for anything that [`encode`](Self::encode) does not write of a lock's state.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let saved: Self = wire::read(bytes)?;
        if saved.is_in_range() { Ok(saved) } else { Err(RecordError::Malformed) }
    }

    fn is_in_range(&self) -> bool {
        self.lockout_remaining <= LONGEST_LOCKOUT_MS
            && self
                .relock_remaining
                .is_none_or(|remaining| u64::from(remaining) <= MAX_AUTO_RELOCK.as_millis())
            && (self.relock_remaining.is_some() || !self.relock_stands)
    }
}

wire! {
    enum Initiative {
        0 => Free,
        1 => Driving,
        2 => Held,
    }
    enum Wiping {
        0 => Nothing,
        1 => Reset,
        2 => EndOfOwnership,
    }
    struct Saved {
        wrong_codes, lockout_remaining, relock_remaining, relock_stands, clock_floor, mode, initiative, wiping, cloud_told,
    }
}
