//! The answers that are not a success: a status and one sentence.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use lock_fleet::{FleetError, StoreError};

use crate::Right;
use crate::access::AccessError;
use crate::firmware::FirmwareError;
use crate::messages::ErrorBody;

/// Why a request is not carried out.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) sentence: String,
}

impl Refusal {
    /// 401: nobody is known to ask.
    pub(crate) fn unknown_caller() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "no valid token came with the request; send `Authorization: Bearer` and a token of this service",
        )
    }

    /// 403: the caller may not. The same whether the lock exists or not: nobody learns that who has no right on it.
    pub(crate) fn no_right(right: Right) -> Self {
        Self::forbidden(format!("you have not the right `{right}` on this lock; ask its owner for it"))
    }

    /// 403.
    pub(crate) fn forbidden(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, sentence)
    }

    /// 404.
    pub(crate) fn not_found(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, sentence)
    }

    /// 405.
    pub(crate) fn method_not_allowed(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, sentence)
    }

    /// 409: what is asked contradicts what is.
    pub(crate) fn conflict(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, sentence)
    }

    /// 422: the request has not the right form.
    pub(crate) fn malformed(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, sentence)
    }

    /// 503: not now.
    pub(crate) fn busy(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, sentence)
    }

    /// 500: the service failed. The sentence is for its keeper.
    pub(crate) fn failed(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, sentence)
    }

    fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut answer = (self.status, Json(ErrorBody { error: self.sentence })).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        answer
    }
}

impl From<AccessError> for Refusal {
    fn from(error: AccessError) -> Self {
        let sentence = error.to_string();
        match error {
            AccessError::NameTaken(_) => Self::conflict(sentence),
            AccessError::BadName => Self::malformed(sentence),
            AccessError::NoSuchUser(_) | AccessError::NoSuchToken(_) => Self::not_found(sentence),
            AccessError::AlreadyExists(_)
            | AccessError::Missing(_)
            | AccessError::NotWritable(..)
            | AccessError::Damaged(_)
            | AccessError::Newer(_)
            | AccessError::NoRandom(_)
            | AccessError::Storage(_) => Self::failed(sentence),
        }
    }
}

impl From<FirmwareError> for Refusal {
    fn from(error: FirmwareError) -> Self {
        let sentence = error.to_string();
        match error {
            FirmwareError::NoSuchVersion(_) | FirmwareError::NoRollout => Self::not_found(sentence),
            FirmwareError::Ambiguous(_) | FirmwareError::OtherVersion { .. } => Self::conflict(sentence),
            FirmwareError::Size => Self::malformed(sentence),
            FirmwareError::Disk(..) | FirmwareError::BadRollout(_) => Self::failed(sentence),
        }
    }
}

impl From<FleetError> for Refusal {
    fn from(error: FleetError) -> Self {
        let sentence = error.to_string();
        match error {
            FleetError::NoSuchLock(_)
            | FleetError::NoSuchCommand(_)
            | FleetError::NoSuchKey(_)
            | FleetError::NoLog
            | FleetError::LogEnds { .. }
            | FleetError::NoBackup => Self::not_found(sentence),
            FleetError::Store(StoreError::LockExists(_) | StoreError::TokenTaken)
            | FleetError::TokenReused
            | FleetError::TokenQueued
            | FleetError::TokenLive
            | FleetError::AlreadyOver(_)
            | FleetError::VersionsExhausted
            | FleetError::CodesOff
            | FleetError::CodesGivenOut
            | FleetError::DeniedFull
            | FleetError::RevocationStays
            | FleetError::EpochsExhausted
            | FleetError::Rotation(_)
            | FleetError::NoRotation
            | FleetError::RotationNeedsHello
            | FleetError::OwnershipEnded
            | FleetError::GreetsUnowned
            | FleetError::NoMakerSecret
            | FleetError::TooManyClaims
            | FleetError::ClaimOvertaken => Self::conflict(sentence),
            FleetError::Root(_)
            | FleetError::BadName
            | FleetError::SettingsStay
            | FleetError::CodeOutOfReach
            | FleetError::Key(_)
            | FleetError::KeyIsOver => Self::malformed(sentence),
            FleetError::Contended => Self::busy(sentence),
            // What a relay brought and the core refused.
            FleetError::Session(_) | FleetError::Sealed(_) => Self::malformed(sentence),
            FleetError::Store(_) | FleetError::Custody(_) => Self::failed(sentence),
        }
    }
}
