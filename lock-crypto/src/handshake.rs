//! What the handshakes of both profiles share: each message is `share ‖ ciphertext ‖ tag`, where the share is the nonce of profile S
//! or the ephemeral public key of profile X.

use crate::parts::split_packet;
use crate::suite::{OpenError, Suite, TAG};
use crate::symmetric::SymmetricState;

/// The caller's buffer does not hold the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the buffer is too small; pass one of at least {needed} bytes")]
pub struct BufferTooSmall {
    /// The length that suffices, in bytes.
    pub needed: usize,
}

/// The start of a buffer that holds a message with a share of `SHARE` bytes exactly.
pub(crate) struct Room<'m, const SHARE: usize> {
    share: &'m mut [u8; SHARE],
    body: &'m mut [u8],
    tag: &'m mut [u8; TAG],
}

impl<'m, const SHARE: usize> Room<'m, SHARE> {
    /// Finds the room for a payload of so many bytes, and writes nothing.
    pub(crate) fn find(payload: usize, out: &'m mut [u8]) -> Result<Self, BufferTooSmall> {
        let needed = payload.saturating_add(SHARE + TAG);
        let parts = out.get_mut(..needed).and_then(split_packet);
        let (share, body, tag) = parts.ok_or(BufferTooSmall { needed })?;
        Ok(Self { share, body, tag })
    }

    /// EncryptAndHash(payload), written behind its share, which is mixed in already. `payload` is the one that the room was
    /// found for. Returns the length of the message.
    pub(crate) fn fill<S: Suite>(
        self,
        state: &mut SymmetricState<S>,
        share: &[u8; SHARE],
        payload: &[u8],
    ) -> usize {
        self.body.iter_mut().zip(payload).for_each(|(to, from)| *to = *from);
        self.seal(state, share)
    }

    /// The same of a payload that stands in its place already.
    pub(crate) fn seal<S: Suite>(self, state: &mut SymmetricState<S>, share: &[u8; SHARE]) -> usize {
        *self.share = *share;
        *self.tag = state.encrypt_and_hash(self.body);
        self.body.len().saturating_add(SHARE + TAG)
    }

    /// The payload in its place.
    pub(crate) fn payload(&mut self) -> &mut [u8] {
        self.body
    }
}

/// A message that came, split and not yet looked at.
pub(crate) struct Arrival<'m, const SHARE: usize> {
    pub(crate) share: [u8; SHARE],
    body: &'m mut [u8],
    tag: &'m [u8; TAG],
}

impl<'m, const SHARE: usize> Arrival<'m, SHARE> {
    /// Refuses what is too short for a share and a tag.
    pub(crate) fn split(message: &'m mut [u8]) -> Result<Self, OpenError> {
        let (share, body, tag) = split_packet::<SHARE>(message).ok_or(OpenError)?;
        Ok(Self { share: *share, body, tag })
    }

    /// DecryptAndHash(payload), in place; the share is mixed in already.
    pub(crate) fn open<S: Suite>(self, state: &mut SymmetricState<S>) -> Result<&'m [u8], OpenError> {
        state.decrypt_and_hash(self.body, self.tag)?;
        Ok(self.body)
    }
}

/// Writes a state's name alone when it is printed.
macro_rules! opaque {
    ($($state:ident)*) => {$(
        impl<S: Suite> core::fmt::Debug for $state<S> {
            fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                formatter.write_str(concat!(stringify!($state), "(..)"))
            }
        }
    )*};
}
pub(crate) use opaque;
