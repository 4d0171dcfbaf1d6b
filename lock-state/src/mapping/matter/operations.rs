//! Alarms, operations, their sources, and why they failed.

use lock_proto::{Action, Alarm, Cause, CredentialKind, Outcome, Reason, Target, UserKind};

use super::{AlarmCode, LockOperationType, OperationError, OperationSource, StatusCode};

/// `AlarmCode` of the event `DoorLockAlarm`; `None` where Matter has none. The battery is told by the Power Source cluster.
#[must_use]
pub const fn alarm_code(alarm: Alarm) -> Option<AlarmCode> {
    match alarm {
        // To people, a bolt that does not move is jammed, whatever the motor does.
        Alarm::Jammed | Alarm::ClutchFailed => Some(AlarmCode::LockJammed),
        Alarm::FactoryReset => Some(AlarmCode::LockFactoryReset),
        Alarm::RadioReset => Some(AlarmCode::LockRadioPowerCycled),
        Alarm::WrongCodeLimit => Some(AlarmCode::WrongCodeEntryLimit),
        Alarm::Tamper => Some(AlarmCode::FrontEscutcheonRemoved),
        Alarm::Forced => Some(AlarmCode::DoorForcedOpen),
        Alarm::DoorAjar => Some(AlarmCode::DoorAjar),
        Alarm::Duress => Some(AlarmCode::ForcedUser),
        Alarm::BatteryLow
        | Alarm::BatteryCritical
        | Alarm::BatteryDrain
        | Alarm::StorageCorrupt
        | Alarm::ClockLost
        | Alarm::LogNearlyFull
        | Alarm::SensorFault
        | Alarm::UpdateFailed
        | Alarm::UpdateRolledBack => None,
    }
}

/// `LockOperationType` of the event `LockOperation`, by what the bolt was told; `None` where it was told nothing.
#[must_use]
pub const fn operation_type(target: Target) -> Option<LockOperationType> {
    match target {
        Target::None => None,
        Target::Locked => Some(LockOperationType::Lock),
        Target::Unlocked => Some(LockOperationType::Unlock),
        Target::Unlatched => Some(LockOperationType::Unlatch),
    }
}

/// The same by the action; `None` for one that leaves the door as it was.
#[must_use]
pub const fn operation_type_of_action(action: &Action) -> Option<LockOperationType> {
    match action {
        Action::Lock => Some(LockOperationType::Lock),
        Action::Unlock | Action::UnlockFor { .. } | Action::LockNGo => Some(LockOperationType::Unlock),
        Action::Unlatch => Some(LockOperationType::Unlatch),
        Action::Configure { .. }
        | Action::SetMode(_)
        | Action::Calibrate
        | Action::SelfTest
        | Action::EndLockout
        | Action::RevokeTickets { .. }
        | Action::DenyTicket { .. }
        | Action::PrepareRotation { .. }
        | Action::CommitRotation { .. }
        | Action::AdoptPinKey(_)
        | Action::AcknowledgeLog { .. }
        | Action::EndOwnership { .. }
        | Action::OfferUpdate(_)
        | Action::InstallUpdate { .. } => None,
    }
}

/// What the credential of such a user is reported as beside the operation; `None` for nothing of its own.
#[must_use]
pub const fn operation_type_of_user(kind: UserKind) -> Option<LockOperationType> {
    match kind {
        UserKind::NonAccess => Some(LockOperationType::NonAccessUserEvent),
        UserKind::Forced => Some(LockOperationType::ForcedUserEvent),
        UserKind::Unrestricted
        | UserKind::YearDay
        | UserKind::WeekDay
        | UserKind::Programming
        | UserKind::Disposable
        | UserKind::Expiring { .. }
        | UserKind::ScheduleRestricted
        | UserKind::RemoteOnly
        | UserKind::Holiday => None,
    }
}

/// `OperationSource`. Our cloud and our virtual keys are remote by another protocol; a bridge that passes on a command
/// of Matter says `Remote` itself.
#[must_use]
pub const fn operation_source(cause: Cause) -> OperationSource {
    match cause {
        Cause::Unknown | Cause::Boot | Cause::Mechanism | Cause::Reset => OperationSource::Unspecified,
        Cause::RemoteLive | Cause::RemoteSealed | Cause::VirtualKey => OperationSource::ProprietaryRemote,
        Cause::Credential { kind, .. } => match kind {
            CredentialKind::ProgrammingPin | CredentialKind::Pin => OperationSource::Keypad,
            CredentialKind::Rfid => OperationSource::Rfid,
            CredentialKind::Fingerprint | CredentialKind::FingerVein | CredentialKind::Face => {
                OperationSource::Biometric
            }
            CredentialKind::Fob | CredentialKind::VirtualKey => OperationSource::ProprietaryRemote,
        },
        Cause::OfflineCode { .. } => OperationSource::Keypad,
        Cause::Manual => OperationSource::Manual,
        Cause::AutoRelock | Cause::Battery => OperationSource::Auto,
        Cause::Button => OperationSource::Button,
        Cause::Schedule => OperationSource::Schedule,
    }
}

/// `OperationError` of the event `LockOperationError`. `Restricted` is said of schedules only, as the specification has it:
/// a refusal by the mode is `Unspecified`.
#[must_use]
pub const fn operation_error(reason: Reason) -> OperationError {
    match reason {
        Reason::WrongCode | Reason::RemoteOnly | Reason::TicketRevoked | Reason::InvalidTicket => {
            OperationError::InvalidCredential
        }
        // Matter disables a disposable user after its one use.
        Reason::UserDisabled | Reason::AlreadyUsed => OperationError::DisabledUserDenied,
        // Without the time no schedule can be kept.
        Reason::OutsideSchedule | Reason::OutsideValidity | Reason::ClockNotTrusted => {
            OperationError::Restricted
        }
        Reason::BatteryCritical => OperationError::InsufficientBattery,
        Reason::Unsupported
        | Reason::Expired
        | Reason::ValidTooLong
        | Reason::IdConflict
        | Reason::OutcomeUnknown
        | Reason::IdTooFar
        | Reason::StorageBusy
        | Reason::StorageFault
        | Reason::PositionUnknown
        | Reason::LockedOut
        | Reason::NotPermitted
        | Reason::StaleConfiguration
        | Reason::InvalidArgument
        | Reason::Moving
        | Reason::DoorOpen
        | Reason::NoAccess
        | Reason::MoreCredentials
        | Reason::VacationMode
        | Reason::PrivacyMode
        | Reason::NoRemoteMode
        | Reason::PassageMode
        | Reason::Duplicate
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
        | Reason::BatteryLow => OperationError::Unspecified,
    }
}

/// The same by what became of a command; `None` where nothing failed, or nothing yet.
#[must_use]
pub const fn outcome_error(outcome: Outcome) -> Option<OperationError> {
    match outcome {
        Outcome::Started | Outcome::Done => None,
        Outcome::Refused(reason) => Some(operation_error(reason)),
        Outcome::Jammed
        | Outcome::TimedOut
        | Outcome::Superseded
        | Outcome::Interrupted
        | Outcome::NotExecuted => Some(OperationError::Unspecified),
    }
}

/// The status of a command that sets users, credentials or schedules. A slot beyond the last is a field out of
/// range; a slot that is vacant, or a user who is not there, is not found.
#[must_use]
pub const fn status_code(reason: Reason) -> StatusCode {
    match reason {
        Reason::Duplicate => StatusCode::Duplicate,
        Reason::Occupied => StatusCode::Occupied,
        Reason::InvalidArgument | Reason::NoSuchSlot => StatusCode::InvalidField,
        Reason::Vacant | Reason::NoSuchUser => StatusCode::NotFound,
        Reason::StorageBusy | Reason::TicketsFull => StatusCode::ResourceExhausted,
        Reason::Unsupported
        | Reason::Expired
        | Reason::ValidTooLong
        | Reason::ClockNotTrusted
        | Reason::IdConflict
        | Reason::OutcomeUnknown
        | Reason::IdTooFar
        | Reason::StorageFault
        | Reason::PositionUnknown
        | Reason::LockedOut
        | Reason::WrongCode
        | Reason::NotPermitted
        | Reason::StaleConfiguration
        | Reason::Moving
        | Reason::DoorOpen
        | Reason::BatteryCritical
        | Reason::UserDisabled
        | Reason::OutsideSchedule
        | Reason::OutsideValidity
        | Reason::NoAccess
        | Reason::AlreadyUsed
        | Reason::MoreCredentials
        | Reason::RemoteOnly
        | Reason::VacationMode
        | Reason::PrivacyMode
        | Reason::NoRemoteMode
        | Reason::PassageMode
        | Reason::UserInUse
        | Reason::NoLatch
        | Reason::Busy
        | Reason::DoorNotClosed
        | Reason::PresenceNeeded
        | Reason::TicketRevoked
        | Reason::TicketStale
        | Reason::InvalidTicket
        | Reason::SessionNeeded
        | Reason::AnotherPinKey
        | Reason::RollbackRefused
        | Reason::WrongModel
        | Reason::ImageTooLarge
        | Reason::AlreadyRuns
        | Reason::DigestMismatch
        | Reason::UpdateNotReady
        | Reason::UpdateUnderWay
        | Reason::BatteryLow => StatusCode::Failure,
    }
}
