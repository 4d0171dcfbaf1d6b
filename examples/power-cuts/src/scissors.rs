//! What takes the power away: `host/cut.c` in the emulator counts the stores into the flash, and kills it right after one of them.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::broken::{Broken, Held};
use crate::chip::STORED;

/// Two numbers that are shared with the plugin: how many stores there were, and after which the power goes; 0 for never.
#[derive(Debug)]
pub(crate) struct Scissors {
    file: File,
    path: PathBuf,
    plugin: PathBuf,
}

impl Scissors {
    pub(crate) fn create(plugin: &Path, path: &Path) -> Held<Self> {
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).open(path).map_err(Broken::host)?;
        let scissors = Self { file, path: path.to_owned(), plugin: plugin.to_owned() };
        scissors.reset()?;
        Ok(scissors)
    }

    /// The arguments for the emulator.
    pub(crate) fn argument(&self) -> String {
        let (plugin, counts) = (self.plugin.display(), self.path.display());
        format!("{plugin},from={:#x},to={:#x},counts={counts}", STORED.start, STORED.end)
    }

    /// Counts from 0, before the power comes on.
    pub(crate) fn reset(&self) -> Held {
        self.file.write_all_at(&[0; 16], 0).map_err(Broken::host)
    }

    /// How many stores there were since then.
    pub(crate) fn stores(&self) -> Held<u64> {
        let mut number = [0; 8];
        self.file.read_exact_at(&mut number, 0).map_err(Broken::host)?;
        Ok(u64::from_ne_bytes(number))
    }

    /// The power goes after so many more stores; 0 for never.
    pub(crate) fn cut_after(&self, more: u64) -> Held {
        let at = if more == 0 { 0 } else { self.stores()? + more };
        self.file.write_all_at(&at.to_ne_bytes(), 8).map_err(Broken::host)
    }
}
