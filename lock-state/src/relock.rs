//! The timer that throws the bolt by itself.

use lock_proto::{Seconds, Uptime};

/// The longest delay of the automatic relock: one day.
pub const MAX_AUTO_RELOCK: Seconds = Seconds(86_400);
/// How long a door that was closed is given to rest in its frame before lock'n'go throws the bolt.
pub const CLOSE_SETTLE: Seconds = Seconds(2);

/// When the bolt is to be thrown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Plan {
    /// So long after it was withdrawn; `None` for not by time.
    pub(crate) delay: Option<Seconds>,
    /// So long after the door was opened and closed.
    pub(crate) after_close: Option<Seconds>,
    /// Whether it stands whatever becomes of the settings.
    pub(crate) stands: bool,
}

impl Plan {
    /// Neither.
    pub(crate) const NEVER: Self = Self { delay: None, after_close: None, stands: false };

    /// What remains when the plan starts anew with a door that was just closed.
    pub(crate) fn after_closing(self) -> Option<Seconds> {
        self.after_close.or(self.delay)
    }
}

/// Where the timer stands.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) enum Relock {
    /// The bolt was not sensed since boot; what remained when it was last saved.
    AtBoot { remaining_ms: Option<u32>, stands: bool },
    /// Nothing to do: switched off, thrown, being moved, or given up after a jam.
    Idle,
    /// Throws the bolt at `due`.
    Running { due: Uptime, plan: Plan },
    /// Waits for the door to be opened and closed: no time is set.
    Waiting { plan: Plan },
    /// The door is open, the battery critical, or a brown-out holds the lock back: starts anew when that ends.
    Held { plan: Plan },
}

impl Relock {
    /// When it throws the bolt.
    pub(crate) const fn due(&self) -> Option<Uptime> {
        match self {
            Self::Running { due, .. } => Some(*due),
            Self::AtBoot { .. } | Self::Idle | Self::Waiting { .. } | Self::Held { .. } => None,
        }
    }

    /// Whether it stands whatever becomes of the settings.
    pub(crate) fn stands(&self) -> bool {
        match self {
            Self::AtBoot { remaining_ms, stands } => remaining_ms.is_some() && *stands,
            Self::Idle => false,
            Self::Running { plan, .. } | Self::Waiting { plan } | Self::Held { plan } => {
                plan.stands && plan.after_closing().is_some()
            }
        }
    }

    /// Milliseconds that remain, as they are persisted.
    pub(crate) fn remaining_ms(&self, now: Uptime) -> Option<u32> {
        match self {
            Self::AtBoot { remaining_ms, .. } => *remaining_ms,
            Self::Idle => None,
            Self::Running { due, .. } => Some(saturating_u32(due.millis_since(now))),
            Self::Held { plan } | Self::Waiting { plan } => {
                plan.after_closing().map(|delay| saturating_u32(delay.as_millis()))
            }
        }
    }
}

/// `millis`, or the largest value where there are more.
pub(crate) fn saturating_u32(millis: u64) -> u32 {
    u32::try_from(millis).unwrap_or(u32::MAX)
}
