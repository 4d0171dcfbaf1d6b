//! Message bodies as postcard bytes, one encoding for each value.

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::CommandId;

/// The longest body of any message, in bytes: room for the canonical check on the stack.
pub(crate) const LONGEST: usize = 160;

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

pub(crate) fn encode<'b, T: Serialize>(value: &T, buffer: &'b mut [u8]) -> Result<&'b mut [u8], EncodeError> {
    postcard::to_slice(value, buffer).map_err(|_| EncodeError::BufferTooShort)
}

/// Decodes all of `bytes`. Section 7: a value has one encoding; any other (long varints, trailing bytes) is refused.
pub(crate) fn decode<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    match split(bytes) {
        Some((value, [])) => Ok(value),
        Some(_) | None => Err(DecodeError::Malformed),
    }
}

/// Reads a value in its one encoding from the start of `bytes`; also returns what follows it.
pub(crate) fn split<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<(T, &[u8])> {
    let (value, rest) = postcard::take_from_bytes::<T>(bytes).ok()?;
    // A request may carry a code: the copy does not stay on the stack.
    let mut again = Zeroizing::new([0; LONGEST]);
    let canonical: &[u8] = postcard::to_slice(&value, again.as_mut_slice()).ok()?;
    let length = bytes.len().checked_sub(rest.len())?;
    (bytes.get(..length)? == canonical).then_some((value, rest))
}
