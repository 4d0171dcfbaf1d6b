//! What the lock knows of the time: two bounds that drift apart, and a floor that never goes back.

use lock_proto::{ClockFact, UnixMillis, Uptime};

use crate::relock::saturating_u32;

/// How long the answer to a question for the time counts, in milliseconds: as long as the Hello that asked lives (protocol
/// section 1.2).
pub const ANSWER_LIFE_MS: u64 = 10_000;
/// The largest error of a trusted clock, in milliseconds.
pub const LARGEST_ERROR_MS: u32 = 60_000;
/// The largest jump ahead that one answer may make, in milliseconds: seven days. A larger one needs a second, fresh exchange.
pub const LARGEST_JUMP_MS: u64 = 7 * 24 * 3_600_000;
/// The lock's oscillator gains or loses at most one millisecond in this many: 100 ppm.
const DRIFT: u64 = 10_000;
/// How far the answers of two exchanges may disagree beyond their own bounds, in milliseconds.
const AGREEMENT_MS: u64 = LARGEST_ERROR_MS as u64;

/// The cloud's answer to the lock's question for the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeAnswer {
    /// The cloud's clock when it answered.
    pub time: UnixMillis,
    /// The lock's clock when it asked. The true time is now in `[time, time + (now - asked_at)]`.
    pub asked_at: Uptime,
}

/// Why an answer did not set the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ClockError {
    /// Only the cloud, reached live, knows the time.
    #[error("the time did not come from the cloud in a live session; open one and ask there")]
    NotFromCloud,
    /// The question is older than 10 s, or of the future.
    #[error("the answer is too old to set the clock; ask for the time again")]
    NotFresh,
    /// The clock never goes back.
    #[error("the answer lies before a time that the lock already knows has passed; check the cloud's clock")]
    BeforeFloor,
    /// The first of the two exchanges that a jump of more than seven days needs.
    #[error("the clock would jump by more than seven days; ask for the time once more to confirm it")]
    ConfirmationNeeded,
}

/// What the clock says at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClockReading {
    /// Nothing.
    Unset,
    /// The true time is not before this.
    Floor(UnixMillis),
    /// The true time is between these, both included.
    Trusted {
        /// For "not before".
        earliest: UnixMillis,
        /// For "not after" and ages.
        latest: UnixMillis,
    },
}

/// The clock of the lock.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Clock {
    floor: UnixMillis,
    /// The newest time that the cloud has told; 0 for none.
    told: UnixMillis,
    heard: Option<Heard>,
    unconfirmed: Option<Heard>,
    trust_ends: Option<Uptime>,
}

/// An answer and when it came: the true time was then in `[time, time + round_trip_ms]`.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
struct Heard {
    time: UnixMillis,
    round_trip_ms: u64,
    at: Uptime,
}

impl Heard {
    fn drift_ms(&self, now: Uptime) -> u64 {
        now.millis_since(self.at).div_ceil(DRIFT)
    }

    /// The largest distance of the true time from `time`, advanced to `now`.
    fn error_ms(&self, now: Uptime) -> u64 {
        self.round_trip_ms.saturating_add(self.drift_ms(now))
    }

    /// Grows with `now`, since the drift grows more slowly.
    fn earliest(&self, now: Uptime) -> UnixMillis {
        self.time.plus_millis(now.millis_since(self.at).saturating_sub(self.drift_ms(now)))
    }

    fn latest(&self, now: Uptime) -> UnixMillis {
        self.time.plus_millis(now.millis_since(self.at)).plus_millis(self.error_ms(now))
    }

    fn is_trusted(&self, now: Uptime) -> bool {
        self.error_ms(now) <= u64::from(LARGEST_ERROR_MS)
    }

    /// The first moment at which the error is too large.
    fn trusted_until(&self) -> Uptime {
        let allowance = u64::from(LARGEST_ERROR_MS).saturating_sub(self.round_trip_ms);
        self.at.plus_millis(allowance.saturating_mul(DRIFT)).plus_millis(1)
    }

    fn agrees_with(&self, first: &Self) -> bool {
        self.time <= first.latest(self.at).plus_millis(AGREEMENT_MS)
            && first.earliest(self.at) <= self.latest(self.at).plus_millis(AGREEMENT_MS)
    }
}

impl Clock {
    pub(crate) const fn at_boot(floor: UnixMillis, told: UnixMillis) -> Self {
        Self { floor, told, heard: None, unconfirmed: None, trust_ends: None }
    }

    /// The latest moment that has certainly passed; 0 when none is known. Never decreases while `now` does not.
    pub(crate) fn floor(&self, now: Uptime) -> UnixMillis {
        self.heard.map_or(self.floor, |heard| heard.earliest(now).max(self.floor))
    }

    /// The newest time that the cloud has told, in answer to a fresh question; 0 for none. It never goes back.
    pub(crate) const fn told(&self) -> UnixMillis {
        self.told
    }

    pub(crate) fn reading(&self, now: Uptime) -> ClockReading {
        let floor = self.floor(now);
        match self.heard {
            Some(heard) if heard.is_trusted(now) => {
                ClockReading::Trusted { earliest: floor, latest: heard.latest(now).max(floor) }
            }
            Some(_) | None if floor == UnixMillis(0) => ClockReading::Unset,
            Some(_) | None => ClockReading::Floor(floor),
        }
    }

    pub(crate) fn report(&self, now: Uptime) -> ClockFact {
        match (self.reading(now), self.heard) {
            (ClockReading::Trusted { .. }, Some(heard)) => {
                ClockFact::Trusted { error_ms: saturating_u32(heard.error_ms(now)) }
            }
            (ClockReading::Floor(_), _) => ClockFact::Floor,
            (ClockReading::Unset | ClockReading::Trusted { .. }, _) => ClockFact::Unset,
        }
    }

    /// When the clock stops being trusted; `None` when it is not, or when that was noted.
    pub(crate) const fn trust_ends(&self) -> Option<Uptime> {
        self.trust_ends
    }

    /// Notes that the error has grown too large.
    pub(crate) fn end_trust(&mut self) {
        self.trust_ends = None;
    }

    /// Takes an answer of the cloud.
    pub(crate) fn set(&mut self, answer: TimeAnswer, now: Uptime) -> Result<(), ClockError> {
        let round_trip_ms = now.millis_since(answer.asked_at);
        if answer.asked_at > now || round_trip_ms > ANSWER_LIFE_MS {
            return Err(ClockError::NotFresh);
        }
        let heard = Heard { time: answer.time, round_trip_ms, at: now };
        let floor = self.floor(now);
        if heard.latest(now) < floor {
            return Err(ClockError::BeforeFloor);
        }
        if self.jumps_too_far(&heard) && !self.confirms(&heard, answer.asked_at) {
            self.unconfirmed = Some(heard);
            return Err(ClockError::ConfirmationNeeded);
        }
        *self = Self {
            floor: floor.max(heard.time),
            told: self.told.max(heard.time),
            heard: Some(heard),
            unconfirmed: None,
            trust_ends: Some(heard.trusted_until()),
        };
        Ok(())
    }

    /// A lock that knows no time at all takes its first at once.
    fn jumps_too_far(&self, heard: &Heard) -> bool {
        let known = self.heard.map_or(self.floor, |before| before.latest(heard.at).max(self.floor));
        known > UnixMillis(0) && heard.time.millis_since(known) > LARGEST_JUMP_MS
    }

    /// Whether it was asked after the first answer came, and says the same.
    fn confirms(&self, heard: &Heard, asked_at: Uptime) -> bool {
        self.unconfirmed.is_some_and(|first| asked_at >= first.at && heard.agrees_with(&first))
    }
}
