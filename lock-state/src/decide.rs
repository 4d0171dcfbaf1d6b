//! The one decision function. The lock enforces it; cloud and app call the same function to preview.

mod modes;

use lock_proto::{
    BatteryLevel, BoltPosition, CredentialKind, DoorState, Latch, Mode, Reason, RemoteAtUnknown, Seconds,
    UnixMillis, UserKind,
};

use crate::schedule::{UserRefusal, UserRules, admits};
use crate::{ActionKind, Ask, ClockReading, Source};

pub use modes::mode_forbids;

/// The greatest age of a sealed unlock, or of anything else that must be fresh, by the latest possible time, in milliseconds
/// (protocol section 5, "Age").
pub const SEALED_UNLOCK_AGE_MS: u64 = 60_000;

/// How far ahead of the latest possible time a sealed unlock may claim to be issued, in milliseconds: the clocks of the
/// cloud's machines differ a little. The allowance of a live command (protocol section 4.6).
pub const SEALED_UNLOCK_AHEAD_MS: u64 = 5_000;

/// What the decision looks at besides the question and the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Situation {
    /// Where the sensor says the bolt is.
    pub bolt: BoltPosition,
    /// Where the door is.
    pub door: DoorState,
    /// How much the battery can do.
    pub battery: BatteryLevel,
    /// Between which bounds the true time lies.
    pub clock: ClockReading,
    /// Time until codes are accepted again; 0 when they are.
    pub lockout: Seconds,
    /// The mode in force.
    pub mode: Mode,
    /// What the motor reaches of a latch.
    pub latch: Latch,
    /// Whether the cloud may unlock at an unknown position.
    pub remote_at_unknown: RemoteAtUnknown,
    /// Whether the lock is resetting itself.
    pub is_resetting: bool,
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
    /// The wait after which the same request may pass; `None` where waiting alone does not help, or until when is a matter of the
    /// calendar.
    pub retry_after: Option<Seconds>,
    /// The next moment at which the user's schedule allows it; `None` where no moment would help, or the reason is another one.
    pub next_at: Option<UnixMillis>,
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { reason, retry_after: None, next_at: None }
    }
}

impl From<UserRefusal> for Refusal {
    fn from(refusal: UserRefusal) -> Self {
        Self { reason: refusal.reason, retry_after: None, next_at: refusal.next }
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
/// `user` are the rules of whom the credential belongs to; `None` for a source without one, and for a credential that opens at any
/// time. The checks, in this order; the first that fails gives the reason:
///
/// 1. A lock that resets itself does nothing else, but for whoever is inside.
/// 2. Rights: who may ask for what at all.
/// 3. A credential is refused during a lockout, and nothing else is.
/// 4. The mode ([`mode_forbids`]).
/// 5. The user's status, dates, windows and uses, where the door is to be opened or something changed: anybody may lock.
/// 6. A sealed message that expires needs a trusted clock, and its expiry is tested at the latest possible time; what must be
///    fresh ([`ActionKind::must_be_fresh`]) always needs one and must not be older than [`SEALED_UNLOCK_AGE_MS`].
/// 7. The mechanism: the cloud does not unlock a bolt whose position is unknown, unless the policy permits it; somebody at the door
///    does. The bolt is not thrown at a door that is sensed open. A critical battery throws no bolt, since it might not withdraw
///    it again; unlocking is always attempted. A latch is pulled where there is one.
pub fn decide(ask: &Ask, user: Option<&UserRules<'_>>, situation: &Situation) -> Decision {
    let checks = occupied(ask, situation)
        .and_then(|()| rights(ask, user))
        .and_then(|()| lockout(ask, situation))
        .and_then(|()| mode(ask, user, situation.mode))
        .and_then(|()| user_rules(ask, user, situation.clock))
        .and_then(|()| in_time(ask, situation.clock).map_err(Refusal::from))
        .and_then(|()| mechanics(ask, situation).map_err(Refusal::from));
    match checks {
        Ok(()) => Decision::Allow,
        Err(refusal) => Decision::Deny(refusal),
    }
}

fn occupied(ask: &Ask, situation: &Situation) -> Result<(), Refusal> {
    if situation.is_resetting && ask.source != Source::Button { Err(Reason::Busy.into()) } else { Ok(()) }
}

/// Whether the source may change settings at the lock.
pub(crate) fn is_programming(ask: &Ask, user: Option<&UserRules<'_>>) -> bool {
    let by_code = ask.source == Source::Credential(CredentialKind::ProgrammingPin);
    let by_user = matches!(ask.source, Source::Credential(_))
        && user.is_some_and(|rules| rules.user.kind == UserKind::Programming);
    by_code || by_user
}

fn rights(ask: &Ask, user: Option<&UserRules<'_>>) -> Result<(), Refusal> {
    let permitted = match ask.source {
        Source::RemoteLive | Source::RemoteSealed { .. } => true,
        Source::VirtualKey | Source::Credential(_) => match ask.action {
            ActionKind::Lock | ActionKind::Unlock | ActionKind::Unlatch => true,
            ActionKind::SetMode(_) | ActionKind::Configure => is_programming(ask, user),
            ActionKind::Exercise
            | ActionKind::EndLockout
            | ActionKind::EndOwnership
            | ActionKind::InstallUpdate => false,
        },
        Source::Button => match ask.action {
            ActionKind::Lock | ActionKind::Unlock | ActionKind::Unlatch | ActionKind::Exercise => true,
            ActionKind::SetMode(mode) => matches!(mode, Mode::Privacy | Mode::Normal),
            ActionKind::EndLockout
            | ActionKind::Configure
            | ActionKind::EndOwnership
            | ActionKind::InstallUpdate => false,
        },
        Source::OutsideButton | Source::AutoRelock => ask.action == ActionKind::Lock,
        Source::Schedule => {
            matches!(ask.action, ActionKind::Lock | ActionKind::Unlock | ActionKind::SetMode(_))
        }
        Source::Battery => ask.action == ActionKind::Unlock,
    };
    if permitted { Ok(()) } else { Err(Reason::NotPermitted.into()) }
}

fn lockout(ask: &Ask, situation: &Situation) -> Result<(), Refusal> {
    if matches!(ask.source, Source::Credential(_)) && situation.lockout > Seconds(0) {
        let retry_after = Some(situation.lockout);
        return Err(Refusal { reason: Reason::LockedOut, retry_after, next_at: None });
    }
    Ok(())
}

fn mode(ask: &Ask, user: Option<&UserRules<'_>>, mode: Mode) -> Result<(), Refusal> {
    match mode_forbids(mode, ask, is_programming(ask, user)) {
        Some(reason) => Err(reason.into()),
        None => Ok(()),
    }
}

fn user_rules(ask: &Ask, user: Option<&UserRules<'_>>, clock: ClockReading) -> Result<(), Refusal> {
    let Some(rules) = user.filter(|_| ask.action != ActionKind::Lock) else { return Ok(()) };
    let is_local = matches!(ask.source, Source::Credential(kind) if kind != CredentialKind::VirtualKey);
    if rules.user.kind == UserKind::RemoteOnly && is_local {
        return Err(Reason::RemoteOnly.into());
    }
    admits(rules, clock).map_err(Refusal::from)
}

/// Property 12: what is limited in time fails while the clock is not trusted.
fn in_time(ask: &Ask, clock: ClockReading) -> Result<(), Reason> {
    let Source::RemoteSealed { issued_at, not_after } = ask.source else {
        return Ok(());
    };
    let must_be_fresh = ask.action.must_be_fresh();
    if !must_be_fresh && not_after.is_none() {
        return Ok(());
    }
    let ClockReading::Trusted { latest, .. } = clock else {
        return Err(Reason::ClockNotTrusted);
    };
    if not_after.is_some_and(|last| latest > last) {
        return Err(Reason::Expired);
    }
    if must_be_fresh { fresh_unlock(issued_at, latest) } else { Ok(()) }
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
    let is_blind = ask.source.is_remote()
        && situation.bolt == BoltPosition::Unknown
        && situation.remote_at_unknown == RemoteAtUnknown::Refuse;
    let is_critical = situation.battery == BatteryLevel::Critical;
    match ask.action {
        ActionKind::Unlatch if situation.latch == Latch::None => Err(Reason::NoLatch),
        ActionKind::Unlock | ActionKind::Unlatch | ActionKind::SetMode(Mode::Passage) if is_blind => {
            Err(Reason::PositionUnknown)
        }
        ActionKind::Lock if situation.door.is_open() => Err(Reason::DoorOpen),
        ActionKind::Exercise if situation.door.is_open() => Err(Reason::DoorNotClosed),
        ActionKind::Lock | ActionKind::Exercise if is_critical => Err(Reason::BatteryCritical),
        ActionKind::Lock
        | ActionKind::Unlock
        | ActionKind::Unlatch
        | ActionKind::SetMode(_)
        | ActionKind::Exercise
        | ActionKind::EndLockout
        | ActionKind::Configure
        | ActionKind::EndOwnership
        | ActionKind::InstallUpdate => Ok(()),
    }
}
