//! What is in the flash of the emulated chip, as `examples/firmware-c/flash.c` lays it out, and the door beside it.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::broken::{Broken, Held};

/// Where the emulated processor sees the flash, and the end of what firmware stores there.
pub(crate) const STORED: std::ops::Range<u64> = 0x2100_0000..0x2102_0000;
/// The memory that the emulator wants to be backed.
pub(crate) const BYTES: u64 = 16 << 20;

const RECORD_SECTORS: usize = 4;
const SECTOR: usize = 8192;
const FACTORY_AT: usize = 8 * SECTOR;
const DOOR_AT: usize = 0x2_0000;
const DOOR_MARK: u32 = 0x626F_6C74;
/// A door whose bolt has a short way, so that a thousand runs of the motor are soon over.
const TRAVEL_MILLIS: u32 = 20;
/// The end of all that is ever in it.
const END: usize = DOOR_AT + 12;

/// What is in the flash, and where the bolt is.
#[derive(Clone, Debug)]
pub(crate) struct Image(Vec<u8>);

impl Image {
    /// A blank chip with what the production line leaves there, and a bolt that is thrown.
    pub(crate) fn made(root: &[u8; 32], lock_id: &[u8; 16], entropy: &[u8; 32]) -> Self {
        let mut bytes = vec![0xFF; END];
        let page = [b"lkmade1\0".as_slice(), root, lock_id, entropy].concat();
        bytes[FACTORY_AT..][..page.len()].copy_from_slice(&page);
        let door = [DOOR_MARK, TRAVEL_MILLIS, TRAVEL_MILLIS].map(u32::to_le_bytes).concat();
        bytes[DOOR_AT..].copy_from_slice(&door);
        Self(bytes)
    }

    /// Whether these bytes lie in what firmware stores, wherever that is.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        self.0[..DOOR_AT].windows(bytes.len()).any(|stored| stored == bytes)
    }

    /// The sequence number of the sector that holds the journal's records (`lock-store`, "The bytes"); 0 where none does.
    pub(crate) fn journal(&self) -> u32 {
        self.0[..RECORD_SECTORS * SECTOR].chunks_exact(SECTOR).filter_map(sequence).max().unwrap_or(0)
    }
}

/// The number that a sector was opened with, where it is live.
fn sequence(sector: &[u8]) -> Option<u32> {
    let word =
        |at: usize| sector.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    let (opened, live) = (word(8)?, word(16)?);
    (opened != u32::MAX && live != u32::MAX).then_some(opened)
}

/// The file that the emulator has as the chip's flash.
#[derive(Debug)]
pub(crate) struct Flash {
    file: File,
    path: PathBuf,
}

impl Flash {
    pub(crate) fn create(path: &Path) -> Held<Self> {
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).open(path).map_err(Broken::host)?;
        file.set_len(BYTES).map_err(Broken::host)?;
        Ok(Self { file, path: path.to_owned() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What is in it now.
    pub(crate) fn image(&self) -> Held<Image> {
        let mut bytes = vec![0; END];
        self.file.read_exact_at(&mut bytes, 0).map_err(Broken::host)?;
        Ok(Image(bytes))
    }

    /// Puts something in it, while the power is off.
    pub(crate) fn put(&self, image: &Image) -> Held {
        self.file.write_all_at(&image.0, 0).map_err(Broken::host)
    }
}
