//! What a claimer hands to a lock without an owner, in a record of the session of a claim (section 7.8).

use core::fmt;

use zeroize::Zeroize;

use crate::body::{self, DecodeError, EncodeError};
use crate::{Live, Profile, wire};

/// The 32 random bytes that become the root key of a lock. Not `Clone`, erased when dropped, never printed.
pub struct FreshRoot([u8; Self::BYTES]);

impl FreshRoot {
    /// Length in bytes.
    pub const BYTES: usize = 32;

    /// Takes the bytes; the caller erases what it still holds of them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The secret itself, for the expansion of leaves only.
    #[must_use]
    pub const fn expose(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl Drop for FreshRoot {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for FreshRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FreshRoot(..)")
    }
}

/// The body of the one record of a claimer: the lock belongs to whoever knows this root from then on.
#[derive(Debug)]
pub struct NewOwner {
    /// Until when the lock takes it, as for a command.
    pub header: Live,
    /// The profile that the lock speaks from then on.
    pub profile: Profile,
    /// Its root key.
    pub root: FreshRoot,
}

wire! {
    struct FreshRoot(bytes);
    struct NewOwner { header, profile, root }
}

impl NewOwner {
    /// The longest encoding, in bytes.
    pub const MAX_BYTES: usize = 10 + 1 + FreshRoot::BYTES;

    /// Writes the body and returns the part of `buffer` that holds it; the caller erases it.
    ///
    /// # Errors
    /// [`EncodeError::BufferTooShort`]; [`Self::MAX_BYTES`] suffice.
    pub fn encode(self, buffer: &mut [u8]) -> Result<&mut [u8], EncodeError> {
        body::encode(&self, buffer)
    }

    /// Reads a whole body.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] for anything that is not one.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        body::decode(bytes)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::format;
    use std::vec::Vec;

    use super::*;
    use crate::Uptime;

    fn body(valid_until: u64) -> Vec<u8> {
        let header = Live { valid_until: Uptime::from_millis(valid_until) };
        let owner = NewOwner { header, profile: Profile::X, root: FreshRoot::from_bytes([7; 32]) };
        owner.encode(&mut [0; NewOwner::MAX_BYTES]).unwrap().to_vec()
    }

    #[test]
    fn what_is_written_is_read_and_never_printed() {
        let bytes = body(u64::MAX);
        assert_eq!(bytes.len(), NewOwner::MAX_BYTES);
        let read = NewOwner::decode(&bytes).unwrap();
        assert_eq!((read.header.valid_until, read.profile), (Uptime::from_millis(u64::MAX), Profile::X));
        assert_eq!(read.root.expose(), &[7; 32]);
        assert!(format!("{read:?}").ends_with("root: FreshRoot(..) }"));
    }

    #[test]
    fn another_length_or_profile_is_malformed() {
        let bytes = body(5);
        assert!(NewOwner::decode(&bytes[..bytes.len() - 1]).is_err());
        assert!(NewOwner::decode(&[bytes.as_slice(), &[0]].concat()).is_err());
        for profile in [0, 3, 0xFF] {
            let mut altered = bytes.clone();
            altered[1] = profile;
            assert_eq!(NewOwner::decode(&altered).err(), Some(DecodeError::Malformed));
        }
        assert!(NewOwner::decode(&[]).is_err());
    }
}
