//! Matter 1.4, Application Cluster Specification, Door Lock (cluster 0x0101, section 5.2) and the two battery attributes of
//! the Core Specification's Power Source cluster (0x002F).
//!
//! Attributes and data types are named as the specification names them. What may be null is an `Option`; null
//! means "not known at present".

mod codes;
mod operations;
mod users;

use lock_proto::{BatteryLevel, BoltPosition, DoorState, Fault, LatchPosition, Mode, Motion, Status};

pub use codes::{
    AlarmCode, BatChargeLevel, CLUSTER, CredentialRuleCode, CredentialType, DoorStateCode, LockOperationType,
    LockState, OperatingMode, OperationError, OperationSource, StatusCode, UserStatusCode, UserType,
};
pub use operations::{
    alarm_code, operation_error, operation_source, operation_type, operation_type_of_action,
    operation_type_of_user, outcome_error, status_code,
};
pub use users::{
    credential_kind, credential_rule, credential_rule_code, credential_type, user_kind, user_status,
    user_status_code, user_type,
};

/// `SupportedOperatingModes`: a mode's bit is *clear* where it is supported, and the bits without a mode are set. We
/// support all five.
pub const SUPPORTED_OPERATING_MODES: u16 = 0xffe0;

/// `LockState`. Null where nothing is known: no reading, or a sensor that contradicts itself.
#[must_use]
pub fn lock_state(status: &Status) -> Option<LockState> {
    if status.is_locked() {
        return Some(LockState::Locked);
    }
    if status.fault.value == Fault::BoltSensor {
        return None;
    }
    match status.bolt.value {
        BoltPosition::Unknown => None,
        // Thrown, and not locked: still driven, faulty, or thrown beside the strike of an open door.
        BoltPosition::Extended | BoltPosition::Between => Some(LockState::NotFullyLocked),
        BoltPosition::Retracted if is_latch_held(status) => Some(LockState::Unlatched),
        BoltPosition::Retracted => Some(LockState::Unlocked),
    }
}

/// A latch without a sensor counts as held while the motor holds it: that errs on the open side.
fn is_latch_held(status: &Status) -> bool {
    status.latch.value == LatchPosition::Held || status.motion == Motion::HoldingLatch
}

/// `DoorState`. Null without a reading.
#[must_use]
pub const fn door_state(door: DoorState) -> Option<DoorStateCode> {
    match door {
        DoorState::Unknown => None,
        DoorState::Open => Some(DoorStateCode::DoorOpen),
        DoorState::Closed => Some(DoorStateCode::DoorClosed),
        DoorState::Ajar => Some(DoorStateCode::DoorAjar),
        DoorState::Forced => Some(DoorStateCode::DoorForcedOpen),
        DoorState::Faulty => Some(DoorStateCode::DoorUnspecifiedError),
    }
}

/// `OperatingMode` of our mode.
#[must_use]
pub const fn operating_mode(mode: Mode) -> OperatingMode {
    match mode {
        Mode::Normal => OperatingMode::Normal,
        Mode::Vacation => OperatingMode::Vacation,
        Mode::Privacy => OperatingMode::Privacy,
        Mode::NoRemote => OperatingMode::NoRemoteLockUnlock,
        Mode::Passage => OperatingMode::Passage,
    }
}

/// Our mode of an `OperatingMode`.
#[must_use]
pub const fn mode(mode: OperatingMode) -> Mode {
    match mode {
        OperatingMode::Normal => Mode::Normal,
        OperatingMode::Vacation => Mode::Vacation,
        OperatingMode::Privacy => Mode::Privacy,
        OperatingMode::NoRemoteLockUnlock => Mode::NoRemote,
        OperatingMode::Passage => Mode::Passage,
    }
}

/// `BatChargeLevel` of the Power Source cluster. It cannot be null: a bridge leaves the attribute as it was where this is `None`.
#[must_use]
pub const fn bat_charge_level(level: BatteryLevel) -> Option<BatChargeLevel> {
    match level {
        BatteryLevel::Unknown => None,
        BatteryLevel::Good => Some(BatChargeLevel::Ok),
        BatteryLevel::Low => Some(BatChargeLevel::Warning),
        BatteryLevel::Critical => Some(BatChargeLevel::Critical),
    }
}

/// `BatPercentRemaining` of the Power Source cluster, in half percent: 0 to 200; null where it is not known.
#[must_use]
pub fn bat_percent_remaining(percent: Option<u8>) -> Option<u8> {
    percent.map(|percent| percent.min(100).saturating_mul(2))
}
