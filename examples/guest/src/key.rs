//! The key itself, out of its link.

use std::path::Path;

use lock_core::virtual_key::{Binding, VirtualKey};

use crate::{Failure, holder, private_file};

/// Reads a key as it came.
pub(crate) fn read(path: &Path) -> Result<VirtualKey, Failure> {
    Ok(VirtualKey::from_link(&private_file::read(path)?)?)
}

/// Reads a key and makes it usable: one that is bound needs its holder's secret.
pub(crate) fn usable(path: &Path, secret: Option<&Path>) -> Result<VirtualKey, Failure> {
    let key = read(path)?;
    match (key.binding(), secret) {
        (Binding::None, _) => Ok(key),
        (Binding::Needed, Some(secret)) => Ok(key.bind(&holder::read(secret)?)),
        (Binding::Needed, None) => Err(Failure::HolderNeeded),
    }
}
