//! The cloud of a lock: a real fleet in a database of its own, and copies of that database.

use std::path::{Path, PathBuf};

use lock_fleet::{Fleet, HostClock, KeyEncryptionKey, LockId, Moment, SqliteStore};
use tempfile::TempDir;

use crate::broken::{Broken, Held};

/// A copy of what a service knows.
#[derive(Clone, Debug)]
pub(crate) struct Books(Vec<u8>);

/// A service that has one lock.
#[derive(Debug)]
pub(crate) struct Service {
    fleet: Fleet<SqliteStore>,
    clock: HostClock,
    /// Each service has its own: the emulator of another one, while it is being started, holds on to every file for a moment.
    folder: TempDir,
}

impl Service {
    /// A new service that is told of a lock.
    pub(crate) fn create(within: &Path, key: &Path, root: [u8; 32], lock: LockId) -> Held<Self> {
        let (folder, clock) = (tempfile::tempdir_in(within).map_err(Broken::host)?, HostClock::start());
        let kek = KeyEncryptionKey::create(key).map_err(Broken::host)?;
        let store = SqliteStore::create(&database(&folder)).map_err(Broken::host)?;
        let mut fleet = Fleet::open(store, kek).map_err(Broken::host)?;
        fleet.provision(lock, root, "a door in C", "the factory", clock.now()).map_err(Broken::host)?;
        Ok(Self { fleet, clock, folder })
    }

    /// A copy of what it knows.
    pub(crate) fn books(&self) -> Held<Books> {
        let copy = self.folder.path().join("copy.db");
        self.fleet.store().back_up(&copy).map_err(Broken::host)?;
        let bytes = std::fs::read(&copy).map_err(Broken::host)?;
        std::fs::remove_file(copy).map_err(Broken::host)?;
        Ok(Books(bytes))
    }

    /// Starts the service of such a copy.
    pub(crate) fn start(within: &Path, key: &Path, books: &Books) -> Held<Self> {
        let folder = tempfile::tempdir_in(within).map_err(Broken::host)?;
        std::fs::write(database(&folder), &books.0).map_err(Broken::host)?;
        let kek = KeyEncryptionKey::load(key).map_err(Broken::host)?;
        let store = SqliteStore::open(&database(&folder)).map_err(Broken::host)?;
        let fleet = Fleet::open(store, kek).map_err(Broken::host)?;
        Ok(Self { fleet, clock: HostClock::start(), folder })
    }

    pub(crate) fn fleet(&mut self) -> &mut Fleet<SqliteStore> {
        &mut self.fleet
    }

    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }
}

fn database(folder: &TempDir) -> PathBuf {
    folder.path().join("fleet.db")
}
