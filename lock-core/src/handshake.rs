//! The handshake of section 4 in whichever profile the lock was provisioned for: one type for each step. A build without the feature
//! `x25519` has profile S alone, and is as large as if there were no other.

use lock_crypto::hedge::{InitiatorHedge, LockHedge};
#[cfg(feature = "x25519")]
use lock_crypto::profile_x;
use lock_crypto::{
    Authenticated, BufferTooSmall, Channel, Key, OpenError, Prologue, SessionKeys, Suite, profile_s,
};
use lock_proto::{Action, Profile, Request};

/// What a handshake message adds to its payload at most, in bytes.
#[cfg(not(feature = "x25519"))]
pub(crate) const OVERHEAD: usize = profile_s::OVERHEAD;
/// What a handshake message adds to its payload at most, in bytes.
#[cfg(feature = "x25519")]
pub(crate) const OVERHEAD: usize = profile_x::OVERHEAD;

/// A profile that this build speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub(crate) enum Spoken {
    S,
    #[cfg(feature = "x25519")]
    X,
}

impl Spoken {
    /// `None` for a profile that this build was made without.
    pub(crate) const fn of(profile: Profile) -> Option<Self> {
        match profile {
            Profile::S => Some(Self::S),
            #[cfg(feature = "x25519")]
            Profile::X => Some(Self::X),
            #[cfg(not(feature = "x25519"))]
            Profile::X => None,
        }
    }

    pub(crate) const fn profile(self) -> Profile {
        match self {
            Self::S => Profile::S,
            #[cfg(feature = "x25519")]
            Self::X => Profile::X,
        }
    }

    /// Whether Message1 may carry this. No rotation (section 3.7); with profile X no configuration either, since forward secrecy
    /// starts with Message2 (section 4.4).
    pub(crate) const fn opens_with(self, request: &Request) -> bool {
        match (self.profile(), request) {
            (_, Request::Command { action, .. }) if action.needs_session() => false,
            (Profile::X, Request::Command { action: Action::Configure { .. }, .. }) => false,
            (Profile::S | Profile::X, _) => true,
        }
    }
}

/// A lock that has sent its Hello.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) enum Prepared<S: Suite> {
    S(profile_s::Prepared<S>),
    #[cfg(feature = "x25519")]
    X(profile_x::Prepared<S>),
}

impl<S: Suite> Prepared<S> {
    pub(crate) fn new(profile: Spoken, psk: &Key, prologue: &Prologue<'_>) -> Self {
        match profile {
            Spoken::S => Self::S(profile_s::Responder::prepare(psk, prologue)),
            #[cfg(feature = "x25519")]
            Spoken::X => Self::X(profile_x::Responder::prepare(psk, prologue)),
        }
    }

    /// Opens Message1 in place; [`Self::into_opened`] goes on.
    pub(crate) fn open_in_place<'m>(
        &mut self,
        message: &'m mut [u8],
    ) -> Result<Authenticated<&'m [u8]>, OpenError> {
        match self {
            Self::S(prepared) => prepared.open_in_place(message),
            #[cfg(feature = "x25519")]
            Self::X(prepared) => prepared.open_in_place(message),
        }
    }

    /// What answers the Message1 that was opened; `None` where none was.
    pub(crate) fn into_opened(self) -> Option<Opened<S>> {
        match self {
            Self::S(prepared) => prepared.into_opened().map(Opened::S),
            #[cfg(feature = "x25519")]
            Self::X(prepared) => prepared.into_opened().map(Opened::X),
        }
    }
}

/// A lock that has opened Message1 and not yet answered.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) enum Opened<S: Suite> {
    S(profile_s::Opened<S>),
    #[cfg(feature = "x25519")]
    X(profile_x::Opened<S>),
}

impl<S: Suite> Opened<S> {
    pub(crate) const fn peer(&self) -> Channel {
        match self {
            Self::S(opened) => opened.peer(),
            #[cfg(feature = "x25519")]
            Self::X(opened) => opened.peer(),
        }
    }

    /// Where the payload of Message2 is to stand before it is made.
    pub(crate) const fn payload_at(&self) -> usize {
        match self {
            Self::S(_) => profile_s::Opened::<S>::PAYLOAD,
            #[cfg(feature = "x25519")]
            Self::X(_) => profile_x::Opened::<S>::PAYLOAD,
        }
    }

    /// Makes Message2 around its payload; `None` where there can be none: `out` is too small, or the peer's ephemeral key makes no secret.
    pub(crate) fn reply_in_place(
        self,
        hedge: &LockHedge,
        length: usize,
        out: &mut [u8],
    ) -> Option<(usize, SessionKeys)> {
        match self {
            Self::S(opened) => opened.reply_in_place(hedge, length, out).ok(),
            #[cfg(feature = "x25519")]
            Self::X(opened) => opened.reply_in_place(hedge, length, out).ok(),
        }
    }
}

/// An initiator that has sent Message1.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) enum AwaitMessage2<S: Suite> {
    S(profile_s::AwaitMessage2<S>),
    #[cfg(feature = "x25519")]
    X(profile_x::AwaitMessage2<S>),
}

impl<S: Suite> AwaitMessage2<S> {
    /// Writes Message1 and returns its length.
    pub(crate) fn start(
        profile: Spoken,
        psk: &Key,
        prologue: &Prologue<'_>,
        hedge: &InitiatorHedge,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<(usize, Self), BufferTooSmall> {
        match profile {
            Spoken::S => profile_s::Initiator::start(psk, prologue, hedge, payload, out)
                .map(|(length, waiting)| (length, Self::S(waiting))),
            #[cfg(feature = "x25519")]
            Spoken::X => profile_x::Initiator::start(psk, prologue, hedge, payload, out)
                .map(|(length, waiting)| (length, Self::X(waiting))),
        }
    }

    /// Opens Message2 in place.
    pub(crate) fn finish(self, message: &mut [u8]) -> Result<(Authenticated<&[u8]>, SessionKeys), OpenError> {
        match self {
            Self::S(waiting) => waiting.finish(message),
            #[cfg(feature = "x25519")]
            Self::X(waiting) => waiting.finish(message),
        }
    }
}
