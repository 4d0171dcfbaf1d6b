//! Messages for a lock that is not reached now, and what it sends back the same way (section 5).

use lock_crypto::{Authenticated, Direction, SealedHeader, Suite, open_sealed, seal_sealed};
use lock_proto::{Down, Kind, Packet, SEALED_HEADER, Sealed, SealedReport};
use zeroize::Zeroize;

use super::LockKeys;

/// Why a sealed packet was not made or not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealedError {
    /// The message does not fit the buffer.
    #[error("the message does not fit; a buffer of 512 bytes always suffices")]
    TooLong,
    /// Not a sealed packet of a lock.
    #[error("the relay brought something else than a sealed packet of a lock; drop it")]
    UnexpectedPacket,
    /// Of another key epoch.
    #[error("the packet is of key epoch {0}; open it with that epoch's keys if they still exist")]
    AnotherEpoch(u32),
    /// Altered, or of another lock.
    #[error("the packet was altered on the way or is not from this lock; drop it")]
    Refused,
    /// From the lock, and of another protocol.
    #[error("the lock sent something that this version does not understand; update the cloud")]
    NotUnderstood,
}

/// Seals a message for a lock into `packet` (512 bytes suffice) and returns the packet's length.
///
/// `counter` was taken durably for this message alone, before this call, and is burned whatever becomes of it; `random` is 16
/// fresh random bytes. A nonce repeats only if both repeat.
///
/// # Errors
/// [`SealedError::TooLong`].
pub fn seal_down<S: Suite>(
    keys: &LockKeys<S>,
    counter: u64,
    random: [u8; 16],
    message: &Down<Sealed>,
    packet: &mut [u8],
) -> Result<usize, SealedError> {
    let header =
        SealedHeader { prefix: Kind::SealedDown.prefix(), key_epoch: keys.key_epoch, counter, random };
    let sealed = packet
        .get_mut(SEALED_HEADER..)
        .and_then(|body| message.encode(body).ok())
        .map(|body| body.len())
        .and_then(|length| seal_sealed::<S>(&keys.leaves, Direction::Down, &header, packet, length).ok());
    // A request may carry a code: what was not sealed does not stay.
    sealed.ok_or_else(|| {
        packet.zeroize();
        SealedError::TooLong
    })
}

/// A sealed message of a lock.
#[derive(Debug)]
pub struct OpenedUp {
    /// Its number: the caller accepts each (lock, epoch, counter) once, durably, in any order.
    pub counter: u64,
    /// What it says.
    pub report: Authenticated<SealedReport>,
}

/// Opens a sealed packet of a lock in place.
///
/// # Errors
/// [`SealedError`]; nothing of the packet may be believed then.
pub fn open_up<S: Suite>(keys: &LockKeys<S>, packet: &mut [u8]) -> Result<OpenedUp, SealedError> {
    let Ok(Packet::SealedUp(sealed)) = Packet::parse(packet) else {
        return Err(SealedError::UnexpectedPacket);
    };
    if sealed.key_epoch != keys.key_epoch.number() {
        return Err(SealedError::AnotherEpoch(sealed.key_epoch));
    }
    let opened = open_sealed::<S>(&keys.leaves, Direction::Up, packet).map_err(|_| SealedError::Refused)?;
    let counter = opened.get().counter;
    let report = opened
        .try_map(|message| SealedReport::decode(message.body))
        .map_err(|_| SealedError::NotUnderstood)?;
    Ok(OpenedUp { counter, report })
}
