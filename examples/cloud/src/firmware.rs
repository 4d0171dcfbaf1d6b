//! Firmware images, and which lock is to have which: files in a directory beside the database.
//!
//! An image is one file, named by all that is known of it: `MODEL-VERSION-INDEX-SHA256.image`. A rollout is one file a lock,
//! `LOCK.rollout`. Each is written whole under another name, and gets its own in one step.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lock_fleet::LockId;
use lock_fleet::proto::{Manifest, Seconds};
use serde::{Deserialize, Serialize};
use sha2_host::{Digest, Sha256};

use crate::messages::Install;

/// The longest image, in bytes.
pub(crate) const MAX_IMAGE: usize = 4 * 1024 * 1024;

/// Why there is no image, or it was not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FirmwareError {
    /// The directory.
    #[error("the firmware directory {} fails ({}); look at the disk and its permissions", .0.display(), .1)]
    Disk(PathBuf, #[source] io::Error),
    /// No bytes, or too many.
    #[error("an image has 1 to {MAX_IMAGE} bytes; upload another file")]
    Size,
    /// There is no such image.
    #[error("there is no firmware of version {0}; upload it first, or list what is there")]
    NoSuchVersion(u32),
    /// Two images have this version.
    #[error("firmware {0} is there more than once; name the model as well, or remove one")]
    Ambiguous(u32),
    /// Nothing is wanted of this lock.
    #[error("no update of this lock is wanted; ask for one first")]
    NoRollout,
    /// Another version is wanted than the one that was named.
    #[error("firmware {wanted} is wanted of this lock, not {named}; look at what is wanted, then name that")]
    OtherVersion {
        /// The one that was named.
        named: u32,
        /// The one that is wanted.
        wanted: u32,
    },
    /// A file that this program did not write.
    #[error("{} is not a rollout of this service; remove it", .0.display())]
    BadRollout(PathBuf),
}

/// What a lock is to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rollout {
    pub(crate) model: u32,
    pub(crate) version: u32,
    pub(crate) rollback_index: u32,
    pub(crate) size: u32,
    /// In hexadecimal.
    pub(crate) sha256: String,
    pub(crate) install: Install,
    /// How long the image may be on trial, in seconds.
    pub(crate) trial_s: u32,
    /// Who asked.
    pub(crate) by: String,
    /// Whether the lock has taken the offer: what fails from then on has failed, and is not begun anew by itself.
    pub(crate) offered: bool,
}

impl Rollout {
    /// The image that is meant.
    pub(crate) fn manifest(&self) -> Option<Manifest> {
        let mut sha256 = [0; 32];
        hex::decode_to_slice(&self.sha256, &mut sha256).ok()?;
        let Self { model, version, rollback_index, size, .. } = *self;
        Some(Manifest { model, version, rollback_index, size, sha256 })
    }

    /// How long it may be on trial.
    pub(crate) const fn trial(&self) -> Seconds {
        Seconds(self.trial_s)
    }
}

/// The directory.
#[derive(Debug)]
pub(crate) struct Firmware {
    directory: PathBuf,
    unfinished: AtomicU64,
    /// Held while what a lock is to run is changed.
    changing: Mutex<()>,
}

impl Firmware {
    /// Beside this database; made when something is first kept.
    pub(crate) fn beside(database: &Path) -> Self {
        let mut name = database.as_os_str().to_owned();
        name.push(".firmware");
        Self { directory: name.into(), unfinished: AtomicU64::new(0), changing: Mutex::default() }
    }

    /// Keeps an image. The same one again is kept once.
    pub(crate) fn keep(
        &self,
        (model, version, rollback_index): (u32, u32, u32),
        bytes: &[u8],
    ) -> Result<Manifest, FirmwareError> {
        let size = u32::try_from(bytes.len()).ok().filter(|_| (1..=MAX_IMAGE).contains(&bytes.len()));
        let size = size.ok_or(FirmwareError::Size)?;
        let manifest =
            Manifest { model, version, rollback_index, size, sha256: Sha256::digest(bytes).into() };
        let path = self.image(&manifest);
        if !path.exists() {
            self.write(&path, bytes)?;
        }
        Ok(manifest)
    }

    /// All images, by model and version.
    pub(crate) fn list(&self) -> Result<Vec<Manifest>, FirmwareError> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.failed(error)),
        };
        let mut images = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| self.failed(error))?;
            let size = entry.metadata().map_err(|error| self.failed(error))?.len();
            images.extend(named(&entry.file_name().to_string_lossy(), size));
        }
        images.sort_unstable_by_key(|image| (image.model, image.version, image.rollback_index, image.sha256));
        Ok(images)
    }

    /// The one image of this version, of this model where one is named.
    pub(crate) fn find(&self, version: u32, model: Option<u32>) -> Result<Manifest, FirmwareError> {
        let mut images = self.list()?;
        images.retain(|image| image.version == version && model.is_none_or(|model| model == image.model));
        match images[..] {
            [image] => Ok(image),
            [] => Err(FirmwareError::NoSuchVersion(version)),
            [..] => Err(FirmwareError::Ambiguous(version)),
        }
    }

    /// A part of an image.
    pub(crate) fn read(
        &self,
        manifest: &Manifest,
        offset: u32,
        length: u32,
    ) -> Result<Vec<u8>, FirmwareError> {
        let path = self.image(manifest);
        let mut bytes = vec![0; length as usize];
        File::open(&path)
            .and_then(|mut file| {
                file.seek(SeekFrom::Start(offset.into()))?;
                file.read_exact(&mut bytes)
            })
            .map_err(|error| FirmwareError::Disk(path, error))?;
        Ok(bytes)
    }

    /// What this lock is to run.
    pub(crate) fn rollout(&self, lock: LockId) -> Result<Rollout, FirmwareError> {
        let path = self.rollout_file(lock);
        match fs::read(&path) {
            Ok(json) => serde_json::from_slice(&json).map_err(|_| FirmwareError::BadRollout(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(FirmwareError::NoRollout),
            Err(error) => Err(FirmwareError::Disk(path, error)),
        }
    }

    /// Wants this of a lock from now on.
    pub(crate) fn want(&self, lock: LockId, rollout: &Rollout) -> Result<(), FirmwareError> {
        let _changing = self.changing();
        self.put(lock, rollout)
    }

    /// Lets a lock install this version, where it is the one that is wanted of it.
    pub(crate) fn confirm(&self, lock: LockId, named: u32) -> Result<Rollout, FirmwareError> {
        let _changing = self.changing();
        let wanted = self.rollout(lock)?;
        if wanted.version != named {
            return Err(FirmwareError::OtherVersion { named, wanted: wanted.version });
        }
        let rollout = Rollout { install: Install::Automatic, ..wanted };
        self.put(lock, &rollout)?;
        Ok(rollout)
    }

    /// The lock has taken the offer of this image. What is wanted of it by now, and says so where it still is that image; a wish for
    /// another one stays as it is.
    pub(crate) fn taken(&self, lock: LockId, image: &Manifest) -> Result<Rollout, FirmwareError> {
        let _changing = self.changing();
        let wanted = self.rollout(lock)?;
        if wanted.offered || wanted.manifest().as_ref() != Some(image) {
            return Ok(wanted);
        }
        let rollout = Rollout { offered: true, ..wanted };
        self.put(lock, &rollout)?;
        Ok(rollout)
    }

    fn changing(&self) -> MutexGuard<'_, ()> {
        // Each change is one file that gets its name in one step: there is none by halves.
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, lock: LockId, rollout: &Rollout) -> Result<(), FirmwareError> {
        let json = serde_json::to_vec_pretty(rollout).map_err(|error| self.failed(error.into()))?;
        self.write(&self.rollout_file(lock), &json)
    }

    fn image(&self, manifest: &Manifest) -> PathBuf {
        let Manifest { model, version, rollback_index, sha256, .. } = manifest;
        self.directory.join(format!("{model}-{version}-{rollback_index}-{}.image", hex::encode(sha256)))
    }

    fn rollout_file(&self, lock: LockId) -> PathBuf {
        self.directory.join(format!("{}.rollout", hex::encode(lock.0)))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), FirmwareError> {
        let number = self.unfinished.fetch_add(1, Ordering::Relaxed);
        let unfinished = self.directory.join(format!("unfinished-{}-{number}", std::process::id()));
        let write = || {
            fs::create_dir_all(&self.directory)?;
            let mut file = File::create(&unfinished)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&unfinished, path)?;
            File::open(&self.directory)?.sync_all()
        };
        write().map_err(|error| FirmwareError::Disk(path.to_owned(), error))
    }

    fn failed(&self, error: io::Error) -> FirmwareError {
        FirmwareError::Disk(self.directory.clone(), error)
    }
}

/// What the name of an image says; `None` for any other file.
fn named(name: &str, size: u64) -> Option<Manifest> {
    let mut parts = name.strip_suffix(".image")?.split('-');
    let mut word = || parts.next()?.parse().ok();
    let (model, version, rollback_index) = (word()?, word()?, word()?);
    let mut sha256 = [0; 32];
    hex::decode_to_slice(parts.next()?, &mut sha256).ok()?;
    Some(Manifest { model, version, rollback_index, size: u32::try_from(size).ok()?, sha256 })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: LockId = LockId([7; 16]);

    #[test]
    fn an_image_is_found_by_its_version_and_read_in_parts_also_by_the_next_service() {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("fleet.db");
        let image = Firmware::beside(&database).keep((1, 2, 3), b"an image of firmware").unwrap();
        let firmware = Firmware::beside(&database);
        assert_eq!(firmware.list().unwrap(), [image]);
        assert_eq!(firmware.find(2, None).unwrap(), image);
        assert!(matches!(firmware.find(2, Some(9)), Err(FirmwareError::NoSuchVersion(2))));
        assert_eq!(firmware.read(&image, 3, 5).unwrap(), b"image");
        assert!(firmware.read(&image, 18, 5).is_err());
        let _ = firmware.keep((1, 2, 4), b"another one").unwrap();
        assert!(matches!(firmware.find(2, None), Err(FirmwareError::Ambiguous(2))));
    }

    #[test]
    fn an_image_has_a_byte_and_is_no_longer_than_four_mebibytes() {
        let directory = tempfile::tempdir().unwrap();
        let firmware = Firmware::beside(&directory.path().join("fleet.db"));
        for (length, is_kept) in [(0, false), (1, true), (MAX_IMAGE, true), (MAX_IMAGE + 1, false)] {
            assert_eq!(firmware.keep((1, 1, 1), &vec![0; length]).is_ok(), is_kept, "{length}");
        }
    }

    #[test]
    fn a_rollout_is_what_was_wanted_last() {
        let directory = tempfile::tempdir().unwrap();
        let firmware = Firmware::beside(&directory.path().join("fleet.db"));
        assert!(matches!(firmware.rollout(LOCK), Err(FirmwareError::NoRollout)));
        firmware.want(LOCK, &rollout(2)).unwrap();
        firmware.want(LOCK, &rollout(3)).unwrap();
        assert_eq!(firmware.rollout(LOCK).unwrap(), rollout(3));
    }

    #[test]
    fn an_offer_that_was_taken_changes_no_newer_wish_and_a_confirmation_is_for_the_version_that_it_names() {
        let directory = tempfile::tempdir().unwrap();
        let firmware = Firmware::beside(&directory.path().join("fleet.db"));
        let image = rollout(2).manifest().unwrap();
        assert!(matches!(firmware.taken(LOCK, &image), Err(FirmwareError::NoRollout)));
        firmware.want(LOCK, &rollout(2)).unwrap();
        let offered = Rollout { offered: true, ..rollout(2) };
        assert_eq!(firmware.taken(LOCK, &image).unwrap(), offered);
        assert_eq!(firmware.rollout(LOCK).unwrap(), offered);
        firmware.want(LOCK, &rollout(3)).unwrap();
        assert_eq!(firmware.taken(LOCK, &image).unwrap(), rollout(3));
        assert!(matches!(
            firmware.confirm(LOCK, 2),
            Err(FirmwareError::OtherVersion { named: 2, wanted: 3 })
        ));
        assert_eq!(firmware.rollout(LOCK).unwrap(), rollout(3));
        let confirmed = Rollout { install: Install::Automatic, ..rollout(3) };
        assert_eq!(firmware.confirm(LOCK, 3).unwrap(), confirmed);
        assert_eq!(firmware.rollout(LOCK).unwrap(), confirmed);
    }

    fn rollout(version: u32) -> Rollout {
        Rollout {
            model: 1,
            version,
            rollback_index: 2,
            size: 5,
            sha256: "ab".repeat(32),
            install: Install::Confirmed,
            trial_s: 600,
            by: "owner".into(),
            offered: false,
        }
    }
}
