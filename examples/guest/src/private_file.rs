//! Files that only their owner may read.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use zeroize::Zeroizing;

use crate::Failure;

/// More than any link with line ends and dashes in it.
const LONGEST: usize = 8_192;

/// Where standard input stands for a file.
pub(crate) const STANDARD_INPUT: &str = "-";

/// Reads a text of a file that its owner alone may read, or of standard input for `-`. What is longer than any link is cut.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let unreadable = |error: io::Error| Failure::Unreadable(path.to_owned(), error.to_string());
    if path == Path::new(STANDARD_INPUT) {
        return text(io::stdin().lock()).map_err(unreadable);
    }
    let file = File::open(path).map_err(unreadable)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(unreadable)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(Failure::Exposed(path.to_owned()));
        }
    }
    text(file).map_err(unreadable)
}

/// Writes a new file, mode 0600 where the system knows modes, down to the disk. Nothing is overwritten.
pub(crate) fn create(path: &Path, content: &str) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(content.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            Failure::Exists(path.to_owned())
        } else {
            Failure::NotWritten(path.to_owned(), error.to_string())
        }
    })
}

/// Into room that is there from the start, so that no copy stays behind.
fn text(from: impl Read) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(2 * LONGEST));
    from.take(LONGEST as u64).read_to_string(&mut text)?;
    Ok(text)
}
