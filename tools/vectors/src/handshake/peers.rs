//! The two ends of a handshake, in the profile that the Hello names.

use lock_core::crypto::hedge::{InitiatorHedge, LockHedge};
use lock_core::crypto::profile_x::ReplyError;
use lock_core::crypto::{Key, OpenError, Prologue, SessionKeys, profile_s, profile_x};
use lock_core::proto::Profile;

/// Why a handshake ends, by its name in section 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Forged,
    NoSecret,
}

impl From<OpenError> for Refused {
    fn from(_: OpenError) -> Self {
        Self::Forged
    }
}

/// An initiator that awaits the answer.
#[derive(Debug)]
pub(crate) enum Waiting {
    S(profile_s::AwaitMessage2),
    X(profile_x::AwaitMessage2),
}

/// What a message adds to its payload.
const fn overhead(profile: Profile) -> usize {
    match profile {
        Profile::S => profile_s::OVERHEAD,
        Profile::X => profile_x::OVERHEAD,
    }
}

/// The handshake part of a Message1, and the initiator.
pub(super) fn start(
    profile: Profile,
    psk: &Key,
    prologue: &Prologue<'_>,
    hedge: &InitiatorHedge,
    payload: &[u8],
) -> anyhow::Result<(Vec<u8>, Waiting)> {
    let mut handshake = vec![0; payload.len() + overhead(profile)];
    let waiting = match profile {
        Profile::S => {
            Waiting::S(<profile_s::Initiator>::start(psk, prologue, hedge, payload, &mut handshake)?.1)
        }
        Profile::X => {
            Waiting::X(<profile_x::Initiator>::start(psk, prologue, hedge, payload, &mut handshake)?.1)
        }
    };
    Ok((handshake, waiting))
}

/// The handshake part of the Message2 with which a lock answers that of a Message1, and its keys.
pub(super) fn answer(
    profile: Profile,
    psk: &Key,
    prologue: &Prologue<'_>,
    handshake: &mut [u8],
    (hedge, payload): (&LockHedge, &[u8]),
) -> anyhow::Result<Result<(Vec<u8>, SessionKeys), Refused>> {
    let mut message2 = vec![0; payload.len() + overhead(profile)];
    let keys = match profile {
        Profile::S => match <profile_s::Responder>::prepare(psk, prologue).open(handshake) {
            Ok((_, opened)) => opened.reply(hedge, payload, &mut message2)?.1,
            Err(error) => return Ok(Err(error.into())),
        },
        Profile::X => match <profile_x::Responder>::prepare(psk, prologue).open(handshake) {
            Ok((_, opened)) => match opened.reply(hedge, payload, &mut message2) {
                Ok((_, keys)) => keys,
                Err(ReplyError::NoSecret) => return Ok(Err(Refused::NoSecret)),
                Err(error) => return Err(error.into()),
            },
            Err(error) => return Ok(Err(error.into())),
        },
    };
    Ok(Ok((message2, keys)))
}

/// Opens a Message2 packet. The crates tell nobody which of the two reasons it is.
pub(crate) fn finish(waiting: Waiting, message2: &[u8]) -> Result<(Vec<u8>, SessionKeys), OpenError> {
    let mut handshake = message2.get(2..).unwrap_or_default().to_vec();
    let (payload, keys) = match waiting {
        Waiting::S(waiting) => waiting.finish(&mut handshake)?,
        Waiting::X(waiting) => waiting.finish(&mut handshake)?,
    };
    Ok((payload.into_inner().to_vec(), keys))
}
