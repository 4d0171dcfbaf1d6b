//! Firmware images and updates in JSON.

use lock_proto::{Manifest, UpdateReport};
use serde::{Deserialize, Serialize};

/// The query of `POST /v1/firmware`: what an image says of itself in its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageName {
    /// The model that it is for.
    pub model: u32,
    /// Its version.
    pub version: u32,
    /// Its rollback index.
    pub rollback_index: u32,
}

/// An image that the service keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageView {
    /// The model that it is for.
    pub model: u32,
    /// Its version.
    pub version: u32,
    /// Its rollback index.
    pub rollback_index: u32,
    /// Its length in bytes.
    pub size: u32,
    /// SHA-256 of it: 64 hex digits.
    pub sha256: String,
}

impl From<&Manifest> for ImageView {
    fn from(image: &Manifest) -> Self {
        let Manifest { model, version, rollback_index, size, sha256 } = *image;
        Self { model, version, rollback_index, size, sha256: hex::encode(sha256) }
    }
}

/// Whether a verified image is started by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Install {
    /// As soon as the lock has it.
    Automatic,
    /// When somebody confirms it.
    Confirmed,
}

/// Body of `POST /v1/locks/{id}/update`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewUpdate {
    /// The version of an image that was uploaded.
    pub version: u32,
    /// Its model, where images of several have that version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<u32>,
    /// Whether it is started by itself.
    pub install: Install,
    /// Within how many seconds it has to prove itself: 10 to 86,400.
    #[serde(default = "ten_minutes")]
    pub trial_s: u32,
}

const fn ten_minutes() -> u32 {
    600
}

/// Body of `POST /v1/locks/{id}/update/install`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstallWish {
    /// The version that is to be installed: another one that was wanted meanwhile is not confirmed with it.
    pub version: u32,
}

/// What a lock is to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutView {
    /// The version.
    pub version: u32,
    /// Its rollback index.
    pub rollback_index: u32,
    /// Its length in bytes.
    pub size: u32,
    /// Whether it is started by itself.
    pub install: Install,
    /// How long it may be on trial.
    pub trial_s: u32,
    /// Who asked for it.
    pub by: String,
}

/// `GET /v1/locks/{id}/update`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateView {
    /// What is wanted; `null` where nothing is.
    pub wanted: Option<RolloutView>,
    /// What the lock last said of its update since the service started; `null` where nothing was heard.
    pub lock_said: Option<UpdateReport>,
}
