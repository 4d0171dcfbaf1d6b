//! The door on disk: a bolt is where it was, whatever became of the process.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::Failure;
use super::manufacture::beside;
use crate::hardware::{Moment, Snapshot, World};

/// A file that always holds a whole description of the door.
#[derive(Debug)]
pub(super) struct WorldFile {
    path: PathBuf,
    saved: Option<Snapshot>,
}

impl WorldFile {
    /// Loads the world, or makes a new one where there is no file.
    pub(super) fn load(path: &Path) -> Result<(Self, World), Failure> {
        let file = Self { path: path.into(), saved: None };
        let world = match fs::read(path) {
            Ok(json) => {
                let snapshot: Snapshot = serde_json::from_slice(&json)
                    .map_err(|error| Failure::WorldFile(path.into(), error.to_string()))?;
                World::restore(&snapshot, Moment(0))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => World::new(Moment(0)),
            Err(error) => return Err(Failure::File(path.into(), error)),
        };
        Ok((file, world))
    }

    /// Saves the world where it changed. The file is replaced in one step.
    pub(super) fn save(&mut self, world: &World) -> Result<(), Failure> {
        let snapshot = world.snapshot();
        if self.saved == Some(snapshot) {
            return Ok(());
        }
        let json = serde_json::to_vec(&snapshot)
            .map_err(|error| Failure::WorldFile(self.path.clone(), error.to_string()))?;
        let unfinished = beside(&self.path, ".new");
        fs::write(&unfinished, json)
            .and_then(|()| fs::rename(&unfinished, &self.path))
            .map_err(|error| Failure::File(self.path.clone(), error))?;
        self.saved = Some(snapshot);
        Ok(())
    }
}
