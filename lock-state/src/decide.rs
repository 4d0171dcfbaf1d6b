//! The one decision function. The lock enforces it; cloud and app call the same function to preview.

use lock_proto::{BoltPosition, DoorPosition, Reason, Seconds, UnixMillis};

use crate::{ActionKind, Ask, BatteryLevel, ClockReading, Source};

/// The greatest age of a sealed unlock by the latest possible time, in milliseconds (protocol section 5, "Age").
pub const SEALED_UNLOCK_AGE_MS: u64 = 60_000;

/// How far ahead of the latest possible time a sealed unlock may claim to be issued, in milliseconds: the clocks of the
/// cloud's machines differ a little. The allowance of a live command (protocol section 4.6).
pub const SEALED_UNLOCK_AHEAD_MS: u64 = 5_000;

/// What the decision looks at besides the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Situation {
    /// Where the sensor says the bolt is.
    pub bolt: BoltPosition,
    /// Where the sensor says the door is.
    pub door: DoorPosition,
    /// How much the battery can do.
    pub battery: BatteryLevel,
    /// Between which bounds the true time lies.
    pub clock: ClockReading,
    /// Time until PIN codes are accepted again; 0 when they are.
    pub lockout: Seconds,
}

/// The answer of [`decide`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub enum Decision {
    /// It may be done.
    Allow,
    /// It must not be done.
    Deny(Refusal),
}

/// Why something is not done, and when to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// Why, in full: for the cloud.
    pub reason: Reason,
    /// The wait after which the same request may pass; `None` where waiting alone does not help.
    pub retry_after: Option<Seconds>,
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { reason, retry_after: None }
    }
}

impl Decision {
    /// The decision as a result.
    ///
    /// # Errors
    /// The [`Refusal`] of a denial.
    pub const fn into_result(self) -> Result<(), Refusal> {
        match self {
            Self::Allow => Ok(()),
            Self::Deny(refusal) => Err(refusal),
        }
    }
}

/// Decides whether the lock may do what is asked, in this situation. Pure: the same question has the same answer anywhere.
///
/// - Rights first: only the cloud configures; only the cloud, a virtual key and a PIN code unlock.
/// - A PIN code is refused during a lockout, and nothing else is.
/// - A sealed message that expires needs a trusted clock, and its expiry is tested at the latest possible time; a sealed unlock
///   always needs one and must not be older than [`SEALED_UNLOCK_AGE_MS`].
/// - The cloud does not unlock a bolt whose position is unknown; somebody at the door does.
/// - The bolt is not thrown at a door that is sensed open; where nothing is sensed it is.
/// - A critical battery throws no bolt, since it might not withdraw it again; unlocking is always attempted.
pub fn decide(ask: &Ask, situation: &Situation) -> Decision {
    let checks = rights(ask)
        .and_then(|()| lockout(ask, situation))
        .and_then(|()| in_time(ask, situation.clock).map_err(Refusal::from))
        .and_then(|()| mechanics(ask, situation).map_err(Refusal::from));
    match checks {
        Ok(()) => Decision::Allow,
        Err(refusal) => Decision::Deny(refusal),
    }
}

fn rights(ask: &Ask) -> Result<(), Refusal> {
    let permitted = match (ask.action, ask.source) {
        (_, Source::RemoteLive | Source::RemoteSealed { .. })
        | (ActionKind::Lock, Source::VirtualKey | Source::Keypad | Source::Button | Source::AutoRelock)
        | (ActionKind::Unlock, Source::VirtualKey | Source::Keypad) => true,
        (ActionKind::Unlock, Source::Button | Source::AutoRelock)
        | (
            ActionKind::Configure,
            Source::VirtualKey | Source::Keypad | Source::Button | Source::AutoRelock,
        ) => false,
    };
    if permitted { Ok(()) } else { Err(Reason::NotPermitted.into()) }
}

fn lockout(ask: &Ask, situation: &Situation) -> Result<(), Refusal> {
    if ask.source == Source::Keypad && situation.lockout > Seconds(0) {
        return Err(Refusal { reason: Reason::LockedOut, retry_after: Some(situation.lockout) });
    }
    Ok(())
}

/// Property 12: what is limited in time fails while the clock is not trusted.
fn in_time(ask: &Ask, clock: ClockReading) -> Result<(), Reason> {
    let Source::RemoteSealed { issued_at, not_after } = ask.source else {
        return Ok(());
    };
    if ask.action != ActionKind::Unlock && not_after.is_none() {
        return Ok(());
    }
    let ClockReading::Trusted { latest, .. } = clock else {
        return Err(Reason::ClockNotTrusted);
    };
    if not_after.is_some_and(|last| latest > last) {
        return Err(Reason::Expired);
    }
    if ask.action == ActionKind::Unlock { fresh_unlock(issued_at, latest) } else { Ok(()) }
}

fn fresh_unlock(issued_at: UnixMillis, latest: UnixMillis) -> Result<(), Reason> {
    if latest.millis_since(issued_at) > SEALED_UNLOCK_AGE_MS {
        Err(Reason::Expired)
    } else if issued_at.millis_since(latest) > SEALED_UNLOCK_AHEAD_MS {
        Err(Reason::ValidTooLong)
    } else {
        Ok(())
    }
}

fn mechanics(ask: &Ask, situation: &Situation) -> Result<(), Reason> {
    let is_remote = matches!(ask.source, Source::RemoteLive | Source::RemoteSealed { .. });
    match ask.action {
        ActionKind::Unlock if is_remote && situation.bolt == BoltPosition::Unknown => {
            Err(Reason::PositionUnknown)
        }
        ActionKind::Lock if situation.door == DoorPosition::Open => Err(Reason::DoorOpen),
        ActionKind::Lock if situation.battery == BatteryLevel::Critical => Err(Reason::BatteryCritical),
        ActionKind::Lock | ActionKind::Unlock | ActionKind::Configure => Ok(()),
    }
}
