//! Users and credentials, both ways.

use lock_proto::{CredentialKind, CredentialRule, UserKind, UserStatus};

use super::{CredentialRuleCode, CredentialType, UserStatusCode, UserType};

/// `UserType` of our kind; `None` for a user of holidays, whom Matter does not have.
#[must_use]
pub const fn user_type(kind: UserKind) -> Option<UserType> {
    match kind {
        UserKind::Unrestricted => Some(UserType::UnrestrictedUser),
        UserKind::YearDay => Some(UserType::YearDayScheduleUser),
        UserKind::WeekDay => Some(UserType::WeekDayScheduleUser),
        UserKind::Programming => Some(UserType::ProgrammingUser),
        UserKind::NonAccess => Some(UserType::NonAccessUser),
        UserKind::Forced => Some(UserType::ForcedUser),
        UserKind::Disposable => Some(UserType::DisposableUser),
        // Its minutes are lost: Matter has one `ExpiringUserTimeout` for the whole lock.
        UserKind::Expiring { minutes: _ } => Some(UserType::ExpiringUser),
        UserKind::ScheduleRestricted => Some(UserType::ScheduleRestrictedUser),
        UserKind::RemoteOnly => Some(UserType::RemoteOnlyUser),
        UserKind::Holiday => None,
    }
}

/// Our kind of a `UserType`, where `ExpiringUserTimeout` has so many minutes.
#[must_use]
pub const fn user_kind(user_type: UserType, expiring_user_timeout: u16) -> UserKind {
    match user_type {
        UserType::UnrestrictedUser => UserKind::Unrestricted,
        UserType::YearDayScheduleUser => UserKind::YearDay,
        UserType::WeekDayScheduleUser => UserKind::WeekDay,
        UserType::ProgrammingUser => UserKind::Programming,
        UserType::NonAccessUser => UserKind::NonAccess,
        UserType::ForcedUser => UserKind::Forced,
        UserType::DisposableUser => UserKind::Disposable,
        UserType::ExpiringUser => UserKind::Expiring { minutes: expiring_user_timeout },
        UserType::ScheduleRestrictedUser => UserKind::ScheduleRestricted,
        UserType::RemoteOnlyUser => UserKind::RemoteOnly,
    }
}

/// `UserStatus` of a slot; `None` for a vacant one.
#[must_use]
pub const fn user_status_code(status: Option<UserStatus>) -> UserStatusCode {
    match status {
        None => UserStatusCode::Available,
        Some(UserStatus::Enabled) => UserStatusCode::OccupiedEnabled,
        Some(UserStatus::Disabled) => UserStatusCode::OccupiedDisabled,
    }
}

/// Our status of a slot with a `UserStatus`; `None` for a vacant one.
#[must_use]
pub const fn user_status(code: UserStatusCode) -> Option<UserStatus> {
    match code {
        UserStatusCode::Available => None,
        UserStatusCode::OccupiedEnabled => Some(UserStatus::Enabled),
        UserStatusCode::OccupiedDisabled => Some(UserStatus::Disabled),
    }
}

/// `CredentialRule` of our rule.
#[must_use]
pub const fn credential_rule_code(rule: CredentialRule) -> CredentialRuleCode {
    match rule {
        CredentialRule::Single => CredentialRuleCode::Single,
        CredentialRule::Dual => CredentialRuleCode::Dual,
        CredentialRule::Tri => CredentialRuleCode::Tri,
    }
}

/// Our rule of a `CredentialRule`.
#[must_use]
pub const fn credential_rule(code: CredentialRuleCode) -> CredentialRule {
    match code {
        CredentialRuleCode::Single => CredentialRule::Single,
        CredentialRuleCode::Dual => CredentialRule::Dual,
        CredentialRuleCode::Tri => CredentialRule::Tri,
    }
}

/// `CredentialType` of our kind; `None` for a fob and for a virtual key, which is no Aliro key.
#[must_use]
pub const fn credential_type(kind: CredentialKind) -> Option<CredentialType> {
    match kind {
        CredentialKind::ProgrammingPin => Some(CredentialType::ProgrammingPin),
        CredentialKind::Pin => Some(CredentialType::Pin),
        CredentialKind::Rfid => Some(CredentialType::Rfid),
        CredentialKind::Fingerprint => Some(CredentialType::Fingerprint),
        CredentialKind::FingerVein => Some(CredentialType::FingerVein),
        CredentialKind::Face => Some(CredentialType::Face),
        CredentialKind::Fob | CredentialKind::VirtualKey => None,
    }
}

/// Our kind of a `CredentialType`; `None` for the keys of Aliro.
#[must_use]
pub const fn credential_kind(credential_type: CredentialType) -> Option<CredentialKind> {
    match credential_type {
        CredentialType::ProgrammingPin => Some(CredentialKind::ProgrammingPin),
        CredentialType::Pin => Some(CredentialKind::Pin),
        CredentialType::Rfid => Some(CredentialKind::Rfid),
        CredentialType::Fingerprint => Some(CredentialKind::Fingerprint),
        CredentialType::FingerVein => Some(CredentialKind::FingerVein),
        CredentialType::Face => Some(CredentialKind::Face),
        CredentialType::AliroCredentialIssuerKey
        | CredentialType::AliroEvictableEndpointKey
        | CredentialType::AliroNonEvictableEndpointKey => None,
    }
}
