//! What is worth a notification.

use lock_proto::{Alarm, Cause, CredentialKind, DoorState, Reason, Target};

use super::Notification;
use crate::power::Mains;

/// Of an alarm; `None` where Z-Wave has none. Duress has none on purpose: controllers sound and show what they are told.
#[must_use]
pub const fn alarm_notification(alarm: Alarm) -> Option<Notification> {
    match alarm {
        Alarm::Jammed | Alarm::ClutchFailed => Some(Notification::LockJammed),
        Alarm::WrongCodeLimit => Some(Notification::KeypadTemporarilyDisabled),
        Alarm::Forced => Some(Notification::Intrusion),
        Alarm::Tamper => Some(Notification::CoverRemoved),
        Alarm::BatteryLow => Some(Notification::ReplaceBatterySoon),
        Alarm::BatteryCritical => Some(Notification::ReplaceBatteryNow),
        Alarm::StorageCorrupt | Alarm::SensorFault => Some(Notification::HardwareFailure),
        Alarm::DoorAjar
        | Alarm::Duress
        | Alarm::FactoryReset
        | Alarm::RadioReset
        | Alarm::BatteryDrain
        | Alarm::ClockLost
        | Alarm::UpdateFailed
        | Alarm::UpdateRolledBack
        | Alarm::LogNearlyFull => None,
    }
}

/// Of a door that is so now; `None` where the sensor does not know.
#[must_use]
pub const fn door_notification(door: DoorState) -> Option<Notification> {
    match door {
        DoorState::Open | DoorState::Ajar | DoorState::Forced => Some(Notification::DoorOpen),
        DoorState::Closed => Some(Notification::DoorClosed),
        DoorState::Unknown | DoorState::Faulty => None,
    }
}

/// Of the mains.
#[must_use]
pub const fn mains_notification(mains: Mains) -> Notification {
    match mains {
        Mains::Absent => Notification::MainsDisconnected,
        Mains::Present => Notification::MainsReconnected,
    }
}

/// Who did it, as Z-Wave sees it.
enum By {
    Hand,
    Radio,
    Keypad,
    Credential,
    Itself,
    Nobody,
}

const fn by(cause: Cause) -> By {
    match cause {
        Cause::Manual | Cause::Button => By::Hand,
        Cause::RemoteLive | Cause::RemoteSealed | Cause::VirtualKey => By::Radio,
        Cause::Credential { kind, .. } => match kind {
            CredentialKind::ProgrammingPin | CredentialKind::Pin => By::Keypad,
            CredentialKind::Rfid
            | CredentialKind::Fingerprint
            | CredentialKind::FingerVein
            | CredentialKind::Face
            | CredentialKind::Fob
            | CredentialKind::VirtualKey => By::Credential,
        },
        Cause::OfflineCode { .. } => By::Keypad,
        Cause::AutoRelock | Cause::Schedule | Cause::Battery => By::Itself,
        Cause::Unknown | Cause::Boot | Cause::Mechanism | Cause::Reset => By::Nobody,
    }
}

/// Of an operation that reached its target, on evidence; `None` where nobody did it, and for an unlock that the lock did by itself.
#[must_use]
pub const fn operation_notification(target: Target, cause: Cause) -> Option<Notification> {
    match target {
        Target::None => None,
        Target::Locked => match by(cause) {
            By::Hand => Some(Notification::ManualLock),
            By::Radio => Some(Notification::RfLock),
            By::Keypad => Some(Notification::KeypadLock),
            By::Credential => Some(Notification::CredentialLock),
            By::Itself => Some(Notification::AutoLock),
            By::Nobody => None,
        },
        Target::Unlocked | Target::Unlatched => match by(cause) {
            By::Hand => Some(Notification::ManualUnlock),
            By::Radio => Some(Notification::RfUnlock),
            By::Keypad => Some(Notification::KeypadUnlock),
            By::Credential => Some(Notification::CredentialUnlock),
            By::Itself | By::Nobody => None,
        },
    }
}

/// Of a lock that was asked for and did not come about; `None` where Z-Wave has none for its cause.
#[must_use]
pub const fn not_locked_notification(cause: Cause) -> Option<Notification> {
    match by(cause) {
        By::Hand => Some(Notification::ManualNotFullyLocked),
        By::Radio => Some(Notification::RfNotFullyLocked),
        By::Itself => Some(Notification::AutoNotFullyLocked),
        By::Keypad | By::Credential | By::Nobody => None,
    }
}

/// Of a refusal; `None` where Z-Wave has none.
#[must_use]
pub const fn refusal_notification(reason: Reason) -> Option<Notification> {
    match reason {
        Reason::WrongCode | Reason::TicketRevoked | Reason::InvalidTicket => {
            Some(Notification::InvalidCredential)
        }
        Reason::LockedOut => Some(Notification::KeypadTemporarilyDisabled),
        // A one-time user is disabled after its use.
        Reason::UserDisabled | Reason::AlreadyUsed => Some(Notification::UserDisabled),
        Reason::OutsideSchedule | Reason::OutsideValidity | Reason::ClockNotTrusted => {
            Some(Notification::ScheduleInactive)
        }
        Reason::MoreCredentials => Some(Notification::NotEnoughCredentials),
        Reason::NoAccess => Some(Notification::NonAccessCredential),
        Reason::Duplicate => Some(Notification::DuplicateCode),
        Reason::Unsupported
        | Reason::Expired
        | Reason::ValidTooLong
        | Reason::IdConflict
        | Reason::OutcomeUnknown
        | Reason::IdTooFar
        | Reason::StorageBusy
        | Reason::StorageFault
        | Reason::PositionUnknown
        | Reason::NotPermitted
        | Reason::StaleConfiguration
        | Reason::InvalidArgument
        | Reason::Moving
        | Reason::DoorOpen
        | Reason::BatteryCritical
        | Reason::RemoteOnly
        | Reason::VacationMode
        | Reason::PrivacyMode
        | Reason::NoRemoteMode
        | Reason::PassageMode
        | Reason::Occupied
        | Reason::Vacant
        | Reason::NoSuchSlot
        | Reason::NoSuchUser
        | Reason::UserInUse
        | Reason::NoLatch
        | Reason::Busy
        | Reason::DoorNotClosed
        | Reason::PresenceNeeded
        | Reason::TicketStale
        | Reason::TicketsFull
        | Reason::SessionNeeded
        | Reason::AnotherPinKey
        | Reason::RollbackRefused
        | Reason::WrongModel
        | Reason::ImageTooLarge
        | Reason::AlreadyRuns
        | Reason::DigestMismatch
        | Reason::UpdateNotReady
        | Reason::UpdateUnderWay
        | Reason::BatteryLow => None,
    }
}
