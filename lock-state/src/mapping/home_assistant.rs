//! Home Assistant: the state of a lock entity (developer documentation, "Lock entity") and of binary sensors beside it ("Binary sensor
//! entity": device classes `door`, `battery`, `tamper`, `problem`).
//!
//! `None` is the state `unknown`. `unavailable` is the integration's to say: a lock that does not answer says nothing.

use lock_proto::{
    BatteryLevel, BoltPosition, Calibration, DoorState, Fault, LatchPosition, Motion, Part, Status, Target,
};

/// The state of a lock entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LockEntityState {
    /// Locked, by evidence.
    Locked,
    /// Being locked.
    Locking,
    /// Not locked.
    Unlocked,
    /// Being unlocked.
    Unlocking,
    /// The latch is pulled back.
    Open,
    /// The latch is being pulled back.
    Opening,
    /// It did not get where it should.
    Jammed,
}

impl LockEntityState {
    /// All members.
    pub const ALL: [Self; 7] = [
        Self::Locked,
        Self::Locking,
        Self::Unlocked,
        Self::Unlocking,
        Self::Open,
        Self::Opening,
        Self::Jammed,
    ];

    /// The string of the state.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Locking => "locking",
            Self::Unlocked => "unlocked",
            Self::Unlocking => "unlocking",
            Self::Open => "open",
            Self::Opening => "opening",
            Self::Jammed => "jammed",
        }
    }
}

/// The state of a lock entity. A jam comes first, as in Home Assistant's own order, also while the motor tries again.
#[must_use]
pub fn lock_state(status: &Status) -> Option<LockEntityState> {
    match status.fault.value {
        Fault::Jammed | Fault::MotorTimeout | Fault::ClutchFailed => return Some(LockEntityState::Jammed),
        Fault::BoltSensor => return None,
        Fault::None => {}
    }
    match status.motion {
        Motion::Extending => Some(LockEntityState::Locking),
        Motion::Retracting => Some(LockEntityState::Unlocking),
        Motion::Unlatching => Some(LockEntityState::Opening),
        Motion::HoldingLatch => Some(LockEntityState::Open),
        // Between two attempts of a drive, that drive is still under way.
        Motion::Relieving | Motion::Pausing => match status.target.value {
            Target::Locked => Some(LockEntityState::Locking),
            Target::Unlocked => Some(LockEntityState::Unlocking),
            Target::Unlatched => Some(LockEntityState::Opening),
            Target::None => at_rest(status),
        },
        Motion::Releasing | Motion::Still => at_rest(status),
    }
}

/// By the sensors alone. What is not locked is unlocked: there is no word for half way, and none for a bolt thrown in an open door.
fn at_rest(status: &Status) -> Option<LockEntityState> {
    if status.is_locked() {
        return Some(LockEntityState::Locked);
    }
    match (status.bolt.value, status.latch.value) {
        (BoltPosition::Unknown, _) => None,
        (BoltPosition::Retracted, LatchPosition::Held) => Some(LockEntityState::Open),
        (BoltPosition::Retracted, LatchPosition::Unknown | LatchPosition::Engaged)
        | (BoltPosition::Extended | BoltPosition::Between, _) => Some(LockEntityState::Unlocked),
    }
}

/// The state of a binary sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryState {
    /// On: open, low, tampered, problem.
    On,
    /// Off.
    Off,
}

impl BinaryState {
    const fn of(is_on: bool) -> Self {
        if is_on { Self::On } else { Self::Off }
    }

    /// The string of the state.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
    }
}

/// Device class `door`: on is open. Unknown where the sensor contradicts itself.
#[must_use]
pub const fn door(door: DoorState) -> Option<BinaryState> {
    match door {
        DoorState::Unknown | DoorState::Faulty => None,
        DoorState::Closed => Some(BinaryState::Off),
        DoorState::Open | DoorState::Ajar | DoorState::Forced => Some(BinaryState::On),
    }
}

/// Device class `battery`: on is low.
#[must_use]
pub const fn battery(level: BatteryLevel) -> Option<BinaryState> {
    match level {
        BatteryLevel::Unknown => None,
        BatteryLevel::Good => Some(BinaryState::Off),
        BatteryLevel::Low | BatteryLevel::Critical => Some(BinaryState::On),
    }
}

/// Device class `tamper`, by the contact of the cover: on is tampered with. A contact that contradicts itself was, until shown otherwise.
#[must_use]
pub const fn tamper(contact: Part) -> Option<BinaryState> {
    match contact {
        Part::Unknown => None,
        Part::Good => Some(BinaryState::Off),
        Part::Silent | Part::Contradictory => Some(BinaryState::On),
    }
}

/// Device class `problem`: on where the mechanism, the door's sensor or the calibration is at fault.
#[must_use]
pub fn problem(status: &Status) -> BinaryState {
    BinaryState::of(
        status.fault.value != Fault::None
            || status.door.value == DoorState::Faulty
            || status.calibration.value == Calibration::Failed,
    )
}
