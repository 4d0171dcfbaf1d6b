//! The time, handed in by the caller at each call.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use lock_core::cloud::Monotonic;
use lock_core::proto::UnixMillis;

/// One moment by both clocks of a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The wall clock: what a lock may take as the time, and what people read.
    pub unix: UnixMillis,
    /// A clock that never steps: what the age of a session is measured by.
    pub monotonic: Monotonic,
}

/// The clocks of the machine that this runs on.
#[derive(Clone, Copy, Debug)]
pub struct HostClock {
    started: Instant,
}

impl HostClock {
    /// Starts counting the monotonic clock. A process has one.
    #[must_use]
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// The moment now. A wall clock before 1970 reads as 1970.
    #[must_use]
    pub fn now(&self) -> Moment {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment { unix: UnixMillis(millis(unix)), monotonic: Monotonic(millis(self.started.elapsed())) }
    }
}

fn millis(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
