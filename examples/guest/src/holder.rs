//! The holder's secret: 32 bytes in hex, that the owner's cloud registers and a bound key needs (section 10.2).

use std::path::Path;

use lock_core::crypto::Key;
use zeroize::{Zeroize, Zeroizing};

use crate::{Failure, private_file};

/// Draws a secret into a new private file. Returns what the owner's cloud registers: the same hex.
pub(crate) fn make(out: &Path) -> Result<Zeroizing<String>, Failure> {
    let secret = Zeroizing::new(random()?);
    let text = Zeroizing::new(hex::encode(*secret));
    private_file::create(out, &text)?;
    Ok(text)
}

/// Reads a secret.
pub(crate) fn read(path: &Path) -> Result<Key, Failure> {
    let text = private_file::read(path)?;
    let mut bytes = [0; 32];
    let decoded = hex::decode_to_slice(text.trim(), &mut bytes);
    let key = decoded.map(|()| Key::from_bytes(bytes));
    bytes.zeroize();
    key.map_err(|_| Failure::NotAHolder(path.to_owned()))
}

/// 32 bytes of the host's random source.
pub(crate) fn random() -> Result<[u8; 32], Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Failure::NoRandomness(error.to_string()))?;
    Ok(bytes)
}
