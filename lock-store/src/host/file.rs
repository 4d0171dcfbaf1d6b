//! The bytes of a simulated flash in a file, held by one process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use thiserror::Error;

use super::cells::Cells;
use super::flash::SimulatedFlash;

/// Erased bytes are written to a new file in pieces of this size.
const FILL: [u8; 4096] = [0xFF; 4096];

/// Why a flash could not be opened or made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no such file.
    #[error("the flash file does not exist: create it explicitly, once, when the lock is made")]
    Missing,
    /// The file to be created is there already.
    #[error("the flash file exists: open it, or remove it first if its lock is to be lost")]
    Exists,
    /// The size does not fit the number of sectors.
    #[error(
        "the flash has {found} bytes where {expected} are expected: open it with the sizes it was made with"
    )]
    WrongSize {
        /// Bytes found.
        found: u64,
        /// Bytes of the sectors asked for.
        expected: u64,
    },
    /// Another process, or another flash of this one, has it open.
    #[error("the flash file is in use: stop the other process first")]
    InUse,
    /// The host's file system failed.
    #[error("the flash file cannot be used: {0}")]
    Io(#[from] io::Error),
}

/// How much a program or erase that returned survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Durability {
    /// The host's power may fail: every program and erase is synced to the disk, at some milliseconds each.
    #[default]
    HostPowerLoss,
    /// The process may be killed at any instruction: the bytes are in the operating system's hands. For simulators.
    ProcessDeath,
}

/// Bytes in a locked file.
#[derive(Debug)]
pub struct FileCells {
    file: File,
    size: usize,
    durability: Durability,
}

impl FileCells {
    fn create(path: &Path, size: usize) -> Result<Self, OpenError> {
        let mut options = OpenOptions::new();
        let opened = options.read(true).write(true).create_new(true).open(path);
        let mut file = opened.map_err(|error| {
            if error.kind() == io::ErrorKind::AlreadyExists {
                OpenError::Exists
            } else {
                OpenError::Io(error)
            }
        })?;
        lock(&file)?;
        let mut left = size;
        while left > 0 {
            let piece = FILL.get(..left).unwrap_or(&FILL);
            file.write_all(piece)?;
            left = left.saturating_sub(piece.len());
        }
        file.sync_all()?;
        Ok(Self { file, size, durability: Durability::default() })
    }

    fn open(path: &Path, size: usize) -> Result<Self, OpenError> {
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound { OpenError::Missing } else { OpenError::Io(error) }
        })?;
        lock(&file)?;
        let (found, expected) = (file.metadata()?.len(), size as u64);
        if found != expected {
            return Err(OpenError::WrongSize { found, expected });
        }
        Ok(Self { file, size, durability: Durability::default() })
    }

    fn seek(&mut self, offset: usize, length: usize) -> io::Result<()> {
        if offset.saturating_add(length) > self.size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.seek(SeekFrom::Start(offset as u64)).map(drop)
    }
}

/// The lock lives as long as the open file: the operating system drops it with a killed process.
fn lock(file: &File) -> Result<(), OpenError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => OpenError::InUse,
        TryLockError::Error(error) => OpenError::Io(error),
    })
}

impl Cells for FileCells {
    fn size(&self) -> usize {
        self.size
    }

    fn load(&mut self, offset: usize, bytes: &mut [u8]) -> io::Result<()> {
        self.seek(offset, bytes.len())?;
        self.file.read_exact(bytes)
    }

    fn store(&mut self, offset: usize, bytes: &[u8]) -> io::Result<()> {
        self.seek(offset, bytes.len())?;
        self.file.write_all(bytes)?;
        match self.durability {
            Durability::HostPowerLoss => self.file.sync_data(),
            Durability::ProcessDeath => Ok(()),
        }
    }
}

impl<const WRITE: usize, const ERASE: usize, const REWRITES: bool>
    SimulatedFlash<FileCells, WRITE, ERASE, REWRITES>
{
    /// Makes a new file with so many erased sectors.
    ///
    /// # Errors
    /// [`OpenError::Exists`] if the file is there: a lock's flash is never overwritten.
    pub fn create(path: impl AsRef<Path>, sectors: usize) -> Result<Self, OpenError> {
        FileCells::create(path.as_ref(), sectors.saturating_mul(ERASE)).map(Self::with_cells)
    }

    /// Opens the file that [`FileFlash::create`](super::FileFlash::create) made with as many sectors.
    ///
    /// # Errors
    /// [`OpenError`]: missing (it is never made silently), of another size, in use, or the file system fails.
    pub fn open(path: impl AsRef<Path>, sectors: usize) -> Result<Self, OpenError> {
        FileCells::open(path.as_ref(), sectors.saturating_mul(ERASE)).map(Self::with_cells)
    }

    /// Chooses what a program must survive; [`Durability::HostPowerLoss`] unless told otherwise.
    #[must_use]
    pub fn surviving(mut self, durability: Durability) -> Self {
        self.cells_mut().durability = durability;
        self
    }
}
