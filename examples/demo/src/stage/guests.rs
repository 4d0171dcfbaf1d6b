//! Guests on stage: each use of a virtual key is a process of its own, on the attacker's line, and none of them knows the cloud.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use cloud::messages::{KeyConditions, KeyMade, KeyView, NewKey, Revoke};
use serde_json::Value;

use super::{PATIENCE, Stage, write_private};
use crate::process::{Process, Role};

/// Longer than a guest waits at a silent lock.
const AT_THE_DOOR: Duration = Duration::from_secs(40);

/// What became of a guest's wish at the door.
#[derive(Debug)]
pub(crate) struct Visit {
    /// Whether it was done.
    pub(crate) executed: bool,
    /// What the program says.
    pub(crate) sentence: String,
    /// What the lock answered, such as `Done` or a refusal with its reason; empty where it was silent.
    pub(crate) outcome: String,
}

impl Visit {
    /// Whether the lock refused it for this reason.
    pub(crate) fn was_refused_for(&self, reason: &str) -> bool {
        !self.executed && self.outcome.contains(reason)
    }
}

impl Stage {
    /// The owner has a virtual key made, and sends its link: a file of the guest's phone.
    pub(crate) fn virtual_key(
        &self,
        label: &str,
        conditions: KeyConditions,
        holder: Option<String>,
    ) -> Result<(KeyView, PathBuf)> {
        let new = NewKey { label: label.to_owned(), conditions, holder, phone: None };
        let made: KeyMade = self.owner()?.issue_key(&self.lock_id, &new)?;
        let file = self.file(&format!("{label}.key"));
        write_private(&file, &made.link)?;
        Ok((made.key.clone(), file))
    }

    /// The owner revokes a key.
    pub(crate) fn revoke_key(&self, serial: u64, token: &str) -> Result<KeyView> {
        let revoke = Revoke { client_token: token.to_owned() };
        Ok(self.owner()?.revoke_key(&self.lock_id, serial, &revoke)?)
    }

    /// How it stands with a key.
    pub(crate) fn key(&self, serial: u64) -> Result<KeyView> {
        let keys = self.owner()?.virtual_keys(&self.lock_id)?;
        keys.into_iter().find(|key| key.serial == serial).context("the cloud has forgotten the key")
    }

    /// A holder narrows a key for somebody else, with nobody's help, and sends the new link.
    pub(crate) fn narrow(&self, key: &Path, label: &str, conditions: &[&str]) -> Result<PathBuf> {
        let link = self.guest_says(|guest| {
            guest.arg("narrow").arg("--key").arg(key).args(conditions);
        })?;
        let file = self.file(&format!("{label}.key"));
        write_private(&file, &link)?;
        Ok(file)
    }

    /// A guest's phone makes the secret that a key can be bound to: its file, and what the owner registers.
    pub(crate) fn holder_secret(&self, name: &str) -> Result<(PathBuf, String)> {
        let file = self.file(name);
        let registered = self.guest_says(|guest| {
            guest.arg("holder").arg("--out").arg(&file);
        })?;
        Ok((file, registered))
    }

    /// A guest at the door.
    pub(crate) fn visit(&self, wish: &str, key: &Path, holder: Option<&Path>) -> Result<Visit> {
        let mut guest = Process::start(Role::Guest, |guest| {
            guest.arg(wish).arg("--key").arg(key).args(["--json", "--wait", "5"]);
            guest.arg("--lock").arg(self.attacker.address().to_string());
            if let Some(holder) = holder {
                guest.arg("--holder").arg(holder);
            }
        })?;
        guest.wait(AT_THE_DOOR)?;
        let lines = guest.since(0);
        let said = lines.iter().find_map(|line| serde_json::from_str::<Value>(&line.text).ok());
        let said = said.with_context(|| format!("the guest's phone printed no answer: {lines:?}"))?;
        let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Visit {
            executed: said.get("executed") == Some(&Value::Bool(true)),
            sentence: text("sentence"),
            outcome: said.get("outcome").map(Value::to_string).unwrap_or_default(),
        })
    }

    /// Runs a guest's phone, which prints one line.
    fn guest_says(&self, arguments: impl FnOnce(&mut Command)) -> Result<String> {
        let mut guest = Process::start(Role::Guest, arguments)?;
        let status = guest.wait(PATIENCE)?;
        let lines: Vec<_> = guest.since(0).into_iter().map(|line| line.text).collect();
        match (status.success(), lines.as_slice()) {
            (true, [line, ..]) => Ok(line.clone()),
            _ => bail!("the guest's phone said: {}", lines.join(" | ")),
        }
    }
}
