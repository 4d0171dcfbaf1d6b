//! Message bodies as bytes.

use crate::CommandId;
use crate::wire::{self, Malformed, Wire};

/// Why a body was not encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The buffer is shorter than the body; `MAX_BYTES` of the message always suffices.
    #[error("the buffer is too short for this message; give it MAX_BYTES of the message type")]
    BufferTooShort,
}

/// Why an authentic body could not be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A well-formed command whose action this version does not know: the sender is newer.
    #[error("this version does not know the action of command {}; update the lock or use an older action", id.0)]
    UnknownAction {
        /// The command, so that it can be refused by name.
        id: CommandId,
    },
    /// Not a body of this version, or not in its one canonical encoding.
    #[error("the body is not a message of this protocol version; compare the versions of both peers")]
    Malformed,
}

impl From<Malformed> for DecodeError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

pub(crate) fn encode<'b, T: Wire>(value: &T, buffer: &'b mut [u8]) -> Result<&'b mut [u8], EncodeError> {
    wire::write(value, buffer).ok_or(EncodeError::BufferTooShort)
}

/// Decodes all of `bytes`.
pub(crate) fn decode<T: Wire>(bytes: &[u8]) -> Result<T, DecodeError> {
    Ok(wire::read(bytes)?)
}
