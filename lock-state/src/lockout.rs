//! Wrong PIN codes, and how long codes are refused after too many.

use lock_proto::{Seconds, Uptime};

use crate::relock::saturating_u32;

/// The first lockout, in milliseconds; each further wrong code doubles it.
pub const FIRST_LOCKOUT_MS: u32 = 60_000;

/// The longest lockout, in milliseconds: one hour.
pub const LONGEST_LOCKOUT_MS: u32 = 3_600_000;

/// The count of wrong codes since a stored credential last opened, and the gate in front of the next.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Lockout {
    wrong_codes: u8,
    gate: Gate,
}

#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
enum Gate {
    Open,
    Closed { until: Uptime },
}

impl Lockout {
    /// Property 13: continues where it was last saved; without power no time passes for it.
    pub(crate) fn at_boot(wrong_codes: u8, remaining_ms: u32, now: Uptime) -> Self {
        let gate = match remaining_ms.min(LONGEST_LOCKOUT_MS) {
            0 => Gate::Open,
            remaining => Gate::Closed { until: now.plus_millis(remaining.into()) },
        };
        Self { wrong_codes, gate }
    }

    pub(crate) const fn wrong_codes(&self) -> u8 {
        self.wrong_codes
    }

    /// Counts a code as wrong before it is compared, and closes the gate behind it where the limit is reached.
    ///
    /// `limit` is the wrong code at which codes are refused for the first time; 0 counts as 1.
    pub(crate) fn count(&mut self, limit: u8, now: Uptime) {
        self.wrong_codes = self.wrong_codes.saturating_add(1);
        if let Some(beyond) = self.wrong_codes.checked_sub(limit.max(1)) {
            let lockout = FIRST_LOCKOUT_MS.saturating_mul(1 << beyond.min(6)).min(LONGEST_LOCKOUT_MS);
            self.gate = Gate::Closed { until: now.plus_millis(lockout.into()) };
        }
    }

    /// A known code: its own count is taken back, and those before it stay. Were they forgotten whoever's code it is, one that opens
    /// nothing, or half of what opens, would buy any number of guesses.
    pub(crate) fn take_back(&mut self) {
        *self = Self { wrong_codes: self.wrong_codes.saturating_sub(1), gate: Gate::Open };
    }

    /// A stored credential that opens the door ends it all.
    pub(crate) fn reset(&mut self) {
        *self = Self { wrong_codes: 0, gate: Gate::Open };
    }

    /// Milliseconds until codes are accepted again; 0 when they are.
    pub(crate) fn remaining_ms(&self, now: Uptime) -> u32 {
        match self.gate {
            Gate::Open => 0,
            Gate::Closed { until } => saturating_u32(until.millis_since(now)),
        }
    }

    /// The same in seconds, rounded up.
    pub(crate) fn remaining(&self, now: Uptime) -> Seconds {
        Seconds::from_millis_ceiling(self.remaining_ms(now).into())
    }

    /// When the gate opens; `None` when it is open.
    pub(crate) const fn ends(&self) -> Option<Uptime> {
        match self.gate {
            Gate::Open => None,
            Gate::Closed { until } => Some(until),
        }
    }

    /// Opens the gate whose time has come.
    pub(crate) fn open(&mut self) {
        self.gate = Gate::Open;
    }
}
