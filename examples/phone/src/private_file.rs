//! Files that only their owner may read.

use std::io;
use std::path::Path;

/// Whether others than its owner may read or write a file.
///
/// # Errors
/// Where there is none, or it cannot be looked at.
pub(crate) fn is_exposed(path: &Path) -> io::Result<bool> {
    let metadata = std::fs::metadata(path)?;
    #[cfg(unix)]
    return Ok(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0);
    #[cfg(not(unix))]
    {
        let _ = metadata;
        Ok(false)
    }
}
