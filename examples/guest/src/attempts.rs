//! The number of each attempt at a handshake: reserved on the disk before it is used, and never used again (section 3.4).

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::{Failure, private_file};

/// The file of a key: that which is named, or the one beside the key.
pub(crate) fn place(key: &Path, named: Option<&Path>) -> Result<PathBuf, Failure> {
    match named {
        Some(named) => Ok(named.to_owned()),
        None if key == Path::new(private_file::STANDARD_INPUT) => Err(Failure::StateNeeded),
        None => Ok(behind(key, ".attempts")),
    }
}

/// Reserves the next number: it is on the disk when this returns. A file that is missing begins at 1; one that holds something else is
/// refused, and stays as it is. Whoever else reserves there meanwhile waits.
pub(crate) fn reserve(path: &Path) -> Result<u64, Failure> {
    let not_written = |error: io::Error| Failure::NotWritten(path.to_owned(), error.to_string());
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    };
    let folder = File::open(folder).map_err(not_written)?;
    folder.lock().map_err(not_written)?;
    let last = last(path)?;
    let next = last.checked_add(1).ok_or_else(|| Failure::NotAState(path.to_owned()))?;
    let unfinished = behind(path, ".new");
    let written = File::create(&unfinished).and_then(|mut file| {
        writeln!(file, "{next}")?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        folder.sync_all()
    });
    written.map_err(not_written)?;
    Ok(next)
}

fn last(path: &Path) -> Result<u64, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => text.trim().parse().map_err(|_| Failure::NotAState(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(Failure::NotAState(path.to_owned())),
        Err(error) => Err(Failure::Unreadable(path.to_owned(), error.to_string())),
    }
}

fn behind(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_reserved_twice_not_even_by_many_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.attempts");
        let many = || (0..10).map(|_| reserve(&path).unwrap()).collect::<Vec<_>>();
        let mut numbers: Vec<u64> = std::thread::scope(|scope| {
            let threads = [0; 4].map(|_| scope.spawn(many));
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
        assert_eq!(fs::read_to_string(&path).unwrap(), "40\n");
    }

    #[test]
    fn a_file_with_something_else_in_it_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        for content in ["", "LKT1ABC", "-1", "18446744073709551615"] {
            let path = folder.path().join("other");
            fs::write(&path, content).unwrap();
            assert_eq!(reserve(&path), Err(Failure::NotAState(path.clone())), "{content}");
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }

    #[test]
    fn a_key_of_standard_input_needs_a_named_file() {
        assert_eq!(place(Path::new("-"), None), Err(Failure::StateNeeded));
        assert_eq!(place(Path::new("-"), Some(Path::new("s"))), Ok("s".into()));
        assert_eq!(place(Path::new("a/key"), None), Ok("a/key.attempts".into()));
    }
}
