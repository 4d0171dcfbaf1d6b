//! Households: each has a cloud of its own, and whoever reads the label of a lock can bring it into theirs.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use lock_core::crypto::RustCrypto;
use lock_core::label::ClaimCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Errand, Person, Phone, RunningCloud, Stage, finished, run_to_end, write_private};
use crate::attacker::Attacker;
use crate::process::{Process, Role};

/// A household that is not on stage now.
pub(crate) struct Household {
    cloud_folder: PathBuf,
    cloud: Option<RunningCloud>,
    phones: Vec<Phone>,
}

impl Stage {
    /// A lock that was made without an owner, and a household whose operator has what the maker registered for it.
    pub(crate) fn set_up_unowned() -> Result<Self> {
        let folder = TempDir::new().context("no temporary folder can be made")?;
        let mut stage = Self {
            cloud_folder: folder.path().to_owned(),
            folder,
            lock_id: String::new(),
            lock: None,
            cloud: None,
            attacker: Attacker::between(([127, 0, 0, 1], 1).into())?,
            phones: Vec::new(),
            lost: None,
        };
        let keys = stage.file("keys.json");
        run_to_end(Role::Lock, |command| {
            command.arg("manufacture").arg("--unowned").arg("--out").arg(&keys);
        })?;
        run_to_end(Role::Lock, |command| {
            command.arg("provision").arg("--flash").arg(stage.file("flash.bin")).arg("--keys").arg(&keys);
        })?;
        stage.lock_id = stage.made("lock_id")?;
        stage.settle_in()?;
        stage.start_lock()?;
        Ok(stage)
    }

    /// Another household takes the stage; the one before is handed back, with its cloud running.
    pub(crate) fn another_household(&mut self, name: &str) -> Result<Household> {
        let cloud_folder = self.file(name);
        std::fs::create_dir(&cloud_folder)?;
        let mut other = Household { cloud_folder, cloud: None, phones: Vec::new() };
        self.exchange(&mut other);
        self.settle_in()?;
        Ok(other)
    }

    /// The two households change places.
    pub(crate) fn exchange(&mut self, household: &mut Household) {
        let Household { cloud_folder, cloud, phones } = household;
        std::mem::swap(&mut self.cloud_folder, cloud_folder);
        std::mem::swap(&mut self.cloud, cloud);
        std::mem::swap(&mut self.phones, phones);
    }

    /// A cloud with the maker's secret, and somebody who has a phone and no lock yet.
    fn settle_in(&mut self) -> Result<()> {
        self.new_cloud()?;
        self.import_maker_secret()?;
        self.start_cloud()?;
        let admin = &self.cloud()?.admin;
        let user = admin.add_user(Person::Owner.name())?.user_id;
        let made = admin.issue_token(user)?;
        write_private(&self.cloud_file(Person::Owner.name()), &made.token)?;
        self.phones.push(Phone { person: Person::Owner, user, token: made.token_id });
        self.connect_owner()
    }

    /// The operator imports what the maker registered for the label; the cloud does not run.
    pub(crate) fn import_maker_secret(&self) -> Result<()> {
        let secrets = self.cloud_file("maker-secrets");
        let line = json!({ "lock_id": self.lock_id, "maker_secret": self.made("maker_secret")? });
        write_private(&secrets, &format!("{line}\n"))?;
        run_to_end(Role::Cloud, |command| {
            self.with_cloud_files(command.arg("import-maker-secrets")).arg("--from").arg(&secrets);
        })?;
        Ok(std::fs::remove_file(&secrets)?)
    }

    /// What manufacture wrote of the lock.
    fn made(&self, name: &str) -> Result<String> {
        let made: Value = serde_json::from_str(&std::fs::read_to_string(self.file("keys.json"))?)?;
        let text = made.get(name).and_then(Value::as_str).map(str::to_owned);
        text.context("manufacture wrote no such field")
    }

    /// The label as somebody scanned it: a file of the phone.
    pub(crate) fn label(&self) -> Result<PathBuf> {
        self.scanned("label", &self.made("label")?)
    }

    /// The label of another lock.
    pub(crate) fn another_label(&self) -> Result<PathBuf> {
        let mut text = [0; ClaimCode::TEXT_BYTES];
        let label = ClaimCode::from_bytes(*b"of another lock.").to_text::<RustCrypto>(&mut text).to_owned();
        self.scanned("another-label", &label)
    }

    fn scanned(&self, name: &str, text: &str) -> Result<PathBuf> {
        let file = self.file(name);
        if file.exists() {
            std::fs::remove_file(&file)?;
        }
        write_private(&file, text)?;
        Ok(file)
    }

    /// A person's phone claims the lock.
    pub(crate) fn claiming(&self, person: Person, label: &Path, wait: u32) -> Result<Process> {
        self.phone_that(&self.cloud_file(person.name()), wait, |phone| {
            phone.arg("claim").arg("--label-file").arg(label).args(["--name", "front door"]);
        })
    }

    /// The owner's, until it is done.
    pub(crate) fn claim(&self, label: &Path, wait: u32) -> Result<Errand> {
        finished(self.claiming(Person::Owner, label, wait)?)
    }

    /// Somebody presses the button inside.
    pub(crate) fn press_inside(&mut self) -> Result<()> {
        self.lock()?.bench.act(&json!({ "inside": "privacy_off" })).map(drop)
    }

    /// A person ends the ownership, and says that it is meant so.
    pub(crate) fn release(&self, person: Person) -> Result<Errand> {
        finished(self.phone_that(&self.cloud_file(person.name()), 15, |phone| {
            phone.args(["release", "--destroy"]);
        })?)
    }
}
