//! Message bodies as postcard bytes, one encoding for each value.

use postcard::ser_flavors::Flavor;
use serde::{Deserialize, Serialize};

use crate::CommandId;

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
pub(crate) fn decode<'b, T: Serialize + Deserialize<'b>>(bytes: &'b [u8]) -> Result<T, DecodeError> {
    match split(bytes) {
        Some((value, [])) => Ok(value),
        Some(_) | None => Err(DecodeError::Malformed),
    }
}

/// Reads a value in its one encoding from the start of `bytes`; also returns what follows it.
pub(crate) fn split<'b, T: Serialize + Deserialize<'b>>(bytes: &'b [u8]) -> Option<(T, &'b [u8])> {
    let (value, rest) = postcard::take_from_bytes::<T>(bytes).ok()?;
    let length = bytes.len().checked_sub(rest.len())?;
    let Compare(left) = postcard::serialize_with_flavor(&value, Compare(bytes.get(..length)?)).ok()?;
    left.is_empty().then_some((value, rest))
}

/// Compares an encoding with bytes while it is made, so that no copy of it stays anywhere.
struct Compare<'b>(&'b [u8]);

impl<'b> Flavor for Compare<'b> {
    type Output = Self;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        match self.0.split_first() {
            Some((first, rest)) if *first == byte => {
                self.0 = rest;
                Ok(())
            }
            Some(_) | None => Err(postcard::Error::SerializeBufferFull),
        }
    }

    fn finalize(self) -> postcard::Result<Self::Output> {
        Ok(self)
    }
}
