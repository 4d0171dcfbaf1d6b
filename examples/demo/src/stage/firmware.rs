//! Firmware: images as the maker makes them, and updates of the lock on stage.

use std::path::PathBuf;

use anyhow::{Context, Result};
use cloud::messages::{ImageName, ImageView, Install, NewUpdate, UpdateView};
use serde_json::Value;

use super::{Stage, run_to_end};
use crate::process::Role;

/// An image that the maker builds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Build {
    pub(crate) version: u32,
    pub(crate) rollback_index: u32,
    pub(crate) bytes: u32,
}

impl Stage {
    /// The maker builds an image, and the operator uploads it.
    pub(crate) fn publish(&self, build: Build) -> Result<ImageView> {
        let Build { version, rollback_index, bytes } = build;
        let file = self.file(&format!("firmware-{version}.image"));
        run_to_end(Role::Lock, |command| {
            command.arg("image").arg("--out").arg(&file).arg("--version").arg(version.to_string());
            command.arg("--rollback-index").arg(rollback_index.to_string());
            command.arg("--bytes").arg(bytes.to_string());
        })?;
        let image = std::fs::read(&file)?;
        self.upload(ImageName { model: 1, version, rollback_index }, image)
    }

    /// The operator uploads these bytes under that name.
    pub(crate) fn upload(&self, name: ImageName, image: Vec<u8>) -> Result<ImageView> {
        Ok(self.cloud()?.admin.upload_firmware(&name, image)?)
    }

    /// The owner wants the lock to run this version.
    pub(crate) fn want_update(&self, version: u32, install: Install, trial_s: u32) -> Result<UpdateView> {
        let update = NewUpdate { version, model: None, install, trial_s };
        Ok(self.owner()?.want_update(&self.lock_id, &update)?)
    }

    /// The owner confirms the install of this version.
    pub(crate) fn confirm_install(&self, version: u32) -> Result<UpdateView> {
        Ok(self.owner()?.confirm_install(&self.lock_id, version)?)
    }

    /// What the cloud knows of the update.
    pub(crate) fn update(&self) -> Result<UpdateView> {
        Ok(self.owner()?.update(&self.lock_id)?)
    }

    /// The version that the lock runs, and where its update stands.
    pub(crate) fn firmware(&mut self) -> Result<(u64, String)> {
        let says = self.lock()?.bench.says()?;
        let version = says.get("firmware").and_then(Value::as_u64).context("the lock says no version")?;
        let update = says.get("update").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok((version, update))
    }

    /// The slot that the lock does not run from.
    pub(crate) fn spare_slot(&self) -> Result<PathBuf> {
        let record = std::fs::read_to_string(self.file("flash.bin.loader"))?;
        Ok(self.file(if record.starts_with('a') { "flash.bin.slot_b" } else { "flash.bin.slot_a" }))
    }
}
