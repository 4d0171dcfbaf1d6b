//! Z-Wave: Door Lock Command Class version 4 (0x62) and Notification Command Class version 8 (0x71, with the Notification registry of
//! the Z-Wave Alliance).

mod codes;
mod notifications;

use lock_proto::{Action, BoltPosition, DoorState, Fault, LatchPosition, Seconds, Status};

pub use codes::{DoorLockMode, Notification};
pub use notifications::{
    alarm_notification, door_notification, mains_notification, not_locked_notification,
    operation_notification, refusal_notification,
};

/// The mode in a Door Lock Operation Report. Unknown (0xFE) is also the mode of a bolt half way, jammed or thrown in an open door.
#[must_use]
pub fn door_lock_mode(status: &Status) -> DoorLockMode {
    if status.is_locked() {
        return DoorLockMode::Secured;
    }
    if status.fault.value == Fault::BoltSensor {
        return DoorLockMode::Unknown;
    }
    match (status.bolt.value, status.relock_in) {
        (BoltPosition::Retracted, None) => DoorLockMode::Unsecured,
        (BoltPosition::Retracted, Some(_)) => DoorLockMode::UnsecuredWithTimeout,
        (BoltPosition::Unknown | BoltPosition::Extended | BoltPosition::Between, _) => DoorLockMode::Unknown,
    }
}

/// The action of a Door Lock Operation Set, where the lock timeout of the configuration is `timeout`; `None` for a mode that asks for
/// handles to be coupled, which we have none of, and for unknown.
#[must_use]
pub const fn action(mode: DoorLockMode, timeout: Seconds) -> Option<Action> {
    match mode {
        DoorLockMode::Unsecured => Some(Action::Unlock),
        DoorLockMode::UnsecuredWithTimeout => Some(Action::UnlockFor { delay: timeout }),
        DoorLockMode::Secured => Some(Action::Lock),
        DoorLockMode::InsideUnsecured
        | DoorLockMode::InsideUnsecuredWithTimeout
        | DoorLockMode::OutsideUnsecured
        | DoorLockMode::OutsideUnsecuredWithTimeout
        | DoorLockMode::Unknown => None,
    }
}

/// In the Door Condition: set while the door is closed.
pub const CONDITION_DOOR_CLOSED: u8 = 0b001;
/// In the Door Condition: set while the bolt is unlocked.
pub const CONDITION_BOLT_UNLOCKED: u8 = 0b010;
/// In the Door Condition: set while the latch is closed.
pub const CONDITION_LATCH_CLOSED: u8 = 0b100;

/// The Door Condition in a Door Lock Operation Report. It has no bit for "unknown": what is not known counts as open and unlocked. A
/// lock without the sensor says so in its capabilities.
#[must_use]
pub fn door_condition(status: &Status) -> u8 {
    let door = match status.door.value {
        DoorState::Closed => CONDITION_DOOR_CLOSED,
        DoorState::Unknown | DoorState::Open | DoorState::Ajar | DoorState::Forced | DoorState::Faulty => 0,
    };
    let bolt = if status.is_locked() { 0 } else { CONDITION_BOLT_UNLOCKED };
    let latch = match status.latch.value {
        LatchPosition::Engaged => CONDITION_LATCH_CLOSED,
        LatchPosition::Unknown | LatchPosition::Held => 0,
    };
    door | bolt | latch
}
