//! Where slots and the loader's record are: in memory, or in files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{ImageError, SLOT};

const BLANK: u8 = 0xff;

/// Why the loader does not go on.
#[derive(Debug, thiserror::Error)]
pub enum LoaderError {
    /// A file of it.
    #[error("{0}: {1}; check the path and its permissions")]
    File(PathBuf, #[source] io::Error),
    /// The flash of the slots says no.
    #[error("the slot is written where it was not erased, or beyond its end; the run loop is wrong")]
    NotErased,
    /// The slot that is to start holds nothing that starts.
    #[error("no firmware starts: {0}")]
    NothingStarts(ImageError),
}

/// One of the two slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Side {
    #[default]
    A,
    B,
}

impl Side {
    pub(super) const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// What the next reset does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Next {
    #[default]
    Nothing,
    /// It tries the spare slot.
    Pending,
    /// It brings the spare slot back.
    Trial,
}

/// The loader's record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) active: Side,
    pub(super) next: Next,
}

impl State {
    const ALL: [(&str, Self); 6] = [
        ("a confirmed", Self { active: Side::A, next: Next::Nothing }),
        ("a pending", Self { active: Side::A, next: Next::Pending }),
        ("a trial", Self { active: Side::A, next: Next::Trial }),
        ("b confirmed", Self { active: Side::B, next: Next::Nothing }),
        ("b pending", Self { active: Side::B, next: Next::Pending }),
        ("b trial", Self { active: Side::B, next: Next::Trial }),
    ];

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == text.trim_end()).map(|(_, state)| *state)
    }

    fn text(self) -> &'static str {
        Self::ALL.iter().find(|(_, state)| *state == self).map_or("", |(name, _)| name)
    }
}

#[derive(Debug)]
pub(super) enum Medium {
    Memory([Vec<u8>; 2]),
    Files { slots: [PathBuf; 2], state: PathBuf },
}

impl Medium {
    pub(super) fn in_memory(image: &[u8]) -> Self {
        Self::Memory([whole_slot(image), whole_slot(&[])])
    }

    /// The files beside a flash file, and the record in them.
    pub(super) fn beside(flash: &Path, image: &[u8]) -> Result<(Self, State), LoaderError> {
        let named = |suffix: &str| {
            let mut name = flash.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        let (slots, state) = ([named(".slot_a"), named(".slot_b")], named(".loader"));
        let medium = Self::Files { slots: slots.clone(), state: state.clone() };
        match fs::read_to_string(&state) {
            Ok(text) => {
                let wrong = || io::Error::new(io::ErrorKind::InvalidData, "not a record of a loader");
                let read = State::parse(&text).ok_or_else(|| LoaderError::File(state, wrong()))?;
                Ok((medium, read))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let [a, b] = &slots;
                fs::write(a, whole_slot(image)).map_err(|error| LoaderError::File(a.clone(), error))?;
                fs::write(b, whole_slot(&[])).map_err(|error| LoaderError::File(b.clone(), error))?;
                medium.store(State::default())?;
                Ok((medium, State::default()))
            }
            Err(error) => Err(LoaderError::File(state, error)),
        }
    }

    /// Replaces the record in one step.
    pub(super) fn store(&self, state: State) -> Result<(), LoaderError> {
        let Self::Files { state: path, .. } = self else { return Ok(()) };
        let new = path.with_extension("loader.new");
        fs::write(&new, format!("{}\n", state.text()))
            .and_then(|()| fs::rename(&new, path))
            .map_err(|error| LoaderError::File(path.clone(), error))
    }

    pub(super) fn read_all(&self, side: Side) -> Result<Vec<u8>, LoaderError> {
        self.read(side, 0, SLOT.bytes)
    }

    pub(super) fn read(&self, side: Side, offset: u32, length: u32) -> Result<Vec<u8>, LoaderError> {
        let mut bytes = vec![0; length as usize];
        match self {
            Self::Memory(slots) => {
                let from = offset as usize;
                let part =
                    slots[side as usize].get(from..from + bytes.len()).ok_or(LoaderError::NotErased)?;
                bytes.copy_from_slice(part);
            }
            Self::Files { slots, .. } => {
                let path = &slots[side as usize];
                at(path, offset)
                    .and_then(|mut file| file.read_exact(&mut bytes))
                    .map_err(|error| LoaderError::File(path.clone(), error))?;
            }
        }
        Ok(bytes)
    }

    pub(super) fn erase(&mut self, side: Side, offset: u32, length: u32) -> Result<(), LoaderError> {
        self.put(side, offset, &vec![BLANK; length as usize])
    }

    /// Writes what is erased, as flash does.
    pub(super) fn write(&mut self, side: Side, offset: u32, bytes: &[u8]) -> Result<(), LoaderError> {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        if self.read(side, offset, length)?.iter().any(|byte| *byte != BLANK) {
            return Err(LoaderError::NotErased);
        }
        self.put(side, offset, bytes)
    }

    fn put(&mut self, side: Side, offset: u32, bytes: &[u8]) -> Result<(), LoaderError> {
        let from = offset as usize;
        if from + bytes.len() > SLOT.bytes as usize {
            return Err(LoaderError::NotErased);
        }
        match self {
            Self::Memory(slots) => {
                slots[side as usize][from..from + bytes.len()].copy_from_slice(bytes);
                Ok(())
            }
            Self::Files { slots, .. } => {
                let path = &slots[side as usize];
                at(path, offset)
                    .and_then(|mut file| file.write_all(bytes))
                    .map_err(|error| LoaderError::File(path.clone(), error))
            }
        }
    }
}

fn at(path: &Path, offset: u32) -> io::Result<File> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    file.seek(SeekFrom::Start(offset.into()))?;
    Ok(file)
}

fn whole_slot(image: &[u8]) -> Vec<u8> {
    let mut slot = image.to_vec();
    slot.resize(SLOT.bytes as usize, BLANK);
    slot
}
