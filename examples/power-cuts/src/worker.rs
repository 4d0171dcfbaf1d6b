//! Where one lock at a time is emulated: its flash, its scissors and its service lie in a folder of their own.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::broken::{Broken, Held};
use crate::chip::{Flash, Image};
use crate::history::History;
use crate::scene::Scene;
use crate::scissors::Scissors;
use crate::service::{Books, Service};

/// What an emulated lock is made of.
#[derive(Debug)]
pub(crate) struct Tools {
    /// The firmware.
    pub(crate) image: PathBuf,
    pub(crate) folder: TempDir,
    pub(crate) flash: Flash,
    pub(crate) scissors: Scissors,
}

impl Tools {
    pub(crate) fn new(image: &Path, plugin: &Path) -> Held<Self> {
        let folder = memory_folder().map_err(Broken::host)?;
        let flash = Flash::create(&folder.path().join("flash"))?;
        let scissors = Scissors::create(plugin, &folder.path().join("stores"))?;
        Ok(Self { image: image.to_owned(), folder, flash, scissors })
    }

    /// Where the key of a service is that was made here.
    pub(crate) fn key(&self) -> PathBuf {
        self.folder.path().join("kek")
    }
}

/// Thousands of databases are opened and thousands of chips written: in memory, where the machine has a folder there.
fn memory_folder() -> std::io::Result<TempDir> {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }
}

/// A lock with the power off, and all that is known of it: what each cut starts from.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    image: Image,
    books: Books,
    key: PathBuf,
    history: History,
}

impl Kept {
    /// Cuts the power, and keeps a copy of what a scene has come to.
    pub(crate) fn of(scene: &mut Scene<'_>) -> Held<Self> {
        scene.power_off()?;
        let mut history = scene.history.clone();
        history.carried.clear();
        Ok(Self {
            image: scene.tools().flash.image()?,
            books: scene.service.books()?,
            key: scene.tools().key(),
            history,
        })
    }

    /// The same lock again, with these tools.
    pub(crate) fn put_back<'t>(&self, tools: &'t Tools) -> Held<Scene<'t>> {
        tools.flash.put(&self.image)?;
        let service = Service::start(tools.folder.path(), &self.key, &self.books)?;
        Ok(Scene::new(tools, service, self.history.clone()))
    }
}
