//! What of an update survives a power cut.

use lock_proto::{Manifest, Reason, Seconds, UpdateState, wire};

use crate::RecordError;

/// The record of the update: `format[1]`, and the rest as in a body of protocol section 7.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct SavedUpdate {
    /// The highest rollback index that was ever confirmed. It only grows.
    pub rollback_index: u32,
    /// How far an update has come.
    pub phase: Phase,
}

/// How far an update has come. The numbers are storage's: new ones go to the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum Phase {
    /// There is none, or the last one was confirmed.
    #[default]
    None,
    /// An image is being received.
    Receiving {
        /// Which.
        manifest: Manifest,
        /// All bytes below this are in the slot: whole sectors, or the whole image.
        written: u32,
    },
    /// The slot holds the image, and its digest is right.
    Ready {
        /// Which.
        manifest: Manifest,
    },
    /// The loader is about to be told to try it.
    Installing {
        /// Which.
        manifest: Manifest,
        /// For how long it may be on trial.
        trial: Seconds,
    },
    /// The loader tries it with the next reset.
    Pending {
        /// Which.
        manifest: Manifest,
        /// For how long it may be on trial.
        trial: Seconds,
    },
    /// It runs, and has to prove itself.
    Trial {
        /// Which.
        manifest: Manifest,
        /// For how long.
        trial: Seconds,
    },
    /// It was received damaged, or could not be written.
    Failed {
        /// Which.
        manifest: Manifest,
        /// Why.
        reason: Reason,
    },
    /// It ran or was to run, and the version before it runs again.
    RolledBack {
        /// Which.
        manifest: Manifest,
    },
}

impl Phase {
    /// The image that it is about.
    #[must_use]
    pub const fn manifest(&self) -> Option<Manifest> {
        match self {
            Self::None => None,
            Self::Receiving { manifest, .. }
            | Self::Ready { manifest }
            | Self::Installing { manifest, .. }
            | Self::Pending { manifest, .. }
            | Self::Trial { manifest, .. }
            | Self::Failed { manifest, .. }
            | Self::RolledBack { manifest } => Some(*manifest),
        }
    }

    /// What the slot certainly holds of it.
    pub(super) const fn written(&self) -> u32 {
        match self {
            Self::Receiving { written, .. } => *written,
            Self::None
            | Self::Ready { .. }
            | Self::Installing { .. }
            | Self::Pending { .. }
            | Self::Trial { .. }
            | Self::Failed { .. }
            | Self::RolledBack { .. } => 0,
        }
    }

    /// Whether the slot must stay as it is: the loader has it, or is about to.
    pub(super) const fn is_under_way(&self) -> bool {
        matches!(self, Self::Installing { .. } | Self::Pending { .. } | Self::Trial { .. })
    }

    /// As the health report says it.
    pub(super) const fn state(&self) -> UpdateState {
        match self {
            Self::None => UpdateState::None,
            Self::Receiving { .. } => UpdateState::Receiving,
            Self::Ready { .. } | Self::Installing { .. } => UpdateState::Ready,
            Self::Pending { .. } | Self::Trial { .. } => UpdateState::Trial,
            Self::Failed { .. } => UpdateState::Failed,
            Self::RolledBack { .. } => UpdateState::RolledBack,
        }
    }
}

impl SavedUpdate {
    /// The longest encoding, in bytes.
    pub const MAX_BYTES: usize = 1 + 5 + 1 + (4 * 5 + 32) + 5;
    /// First byte of the record: its layout.
    const FORMAT: u8 = 1;

    /// Writes the record and returns its length in bytes.
    ///
    /// # Errors
    /// [`RecordError::BufferTooShort`]; [`Self::MAX_BYTES`] suffice.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, RecordError> {
        let (format, body) = out.split_first_mut().ok_or(RecordError::BufferTooShort)?;
        *format = Self::FORMAT;
        let written = wire::write(self, body).ok_or(RecordError::BufferTooShort)?;
        Ok(1 + written.len())
    }

    /// Reads a whole record.
    ///
    /// # Errors
    /// [`RecordError::Malformed`] for anything that [`encode`](Self::encode) does not write of a lock's state.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let body = bytes.strip_prefix(&[Self::FORMAT]).ok_or(RecordError::Malformed)?;
        let saved: Self = wire::read(body)?;
        let is_in_range =
            !matches!(saved.phase, Phase::Receiving { manifest, written } if written > manifest.size);
        if is_in_range { Ok(saved) } else { Err(RecordError::Malformed) }
    }
}

wire! {
    struct SavedUpdate { rollback_index, phase }
    enum Phase {
        0 => None,
        1 => Receiving { manifest, written },
        2 => Ready { manifest },
        3 => Installing { manifest, trial },
        4 => Pending { manifest, trial },
        5 => Trial { manifest, trial },
        6 => Failed { manifest, reason },
        7 => RolledBack { manifest },
    }
}
