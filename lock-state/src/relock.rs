//! The timer that throws the bolt by itself.

use lock_proto::{Seconds, Uptime};

/// The longest delay of the automatic relock: one day.
pub const MAX_AUTO_RELOCK: Seconds = Seconds(86_400);

/// Where the timer stands.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) enum Relock {
    /// The bolt was not sensed since boot; what remained when it was last saved.
    AtBoot { remaining_ms: Option<u32> },
    /// Nothing to do: switched off, thrown, being moved, or given up after a jam.
    Idle,
    /// Throws the bolt at `due`.
    Running { due: Uptime },
    /// The door is open or the battery critical: the whole delay starts when that ends.
    Held,
}

impl Relock {
    /// When it throws the bolt.
    pub(crate) const fn due(&self) -> Option<Uptime> {
        match self {
            Self::Running { due } => Some(*due),
            Self::AtBoot { .. } | Self::Idle | Self::Held => None,
        }
    }

    /// Milliseconds that remain, as they are persisted; `setting` is the whole delay.
    pub(crate) fn remaining_ms(&self, setting: Seconds, now: Uptime) -> Option<u32> {
        match self {
            Self::AtBoot { remaining_ms } => *remaining_ms,
            Self::Idle => None,
            Self::Running { due } => Some(saturating_u32(due.millis_since(now))),
            Self::Held => Some(saturating_u32(setting.as_millis())),
        }
    }
}

/// `millis`, or the largest value where there are more.
pub(crate) fn saturating_u32(millis: u64) -> u32 {
    u32::try_from(millis).unwrap_or(u32::MAX)
}
