//! What people do at the service from the command line, as processes of the cloud's program.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::{PATIENCE, Person, Stage, write_private};
use crate::process::{Process, Role};

/// What the program printed, and whether it says that it is done.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) is_done: bool,
    pub(crate) lines: Vec<String>,
}

impl Told {
    /// The last line.
    pub(crate) fn last(&self) -> &str {
        self.lines.last().map_or("", String::as_str)
    }
}

impl Stage {
    /// The admin ends the phone of a person with everything that was issued by it. Returns the file of its token, which the finder has.
    pub(crate) fn lose_phone(&mut self, person: Person) -> Result<PathBuf> {
        let admin = &self.cloud()?.admin;
        let phone = self.phones.iter().find(|phone| phone.person == person).context("no such phone")?;
        let (user, lost) = (phone.user, phone.token);
        let made = admin.issue_token(user)?;
        self.phones
            .iter_mut()
            .filter(|phone| phone.token == lost)
            .for_each(|phone| phone.token = made.token_id);
        let (file, found) = (self.cloud_file(person.name()), self.cloud_file("found-phone"));
        std::fs::rename(&file, &found)?;
        write_private(&file, &made.token)?;
        self.connect_owner()?;
        self.lost = Some((user, lost));
        Ok(found)
    }

    /// The one call for it, as often as it is made.
    pub(crate) fn report_loss(&self) -> Result<Told> {
        let (user, token) = self.lost.context("no phone was lost")?;
        let file = self.cloud_file("admin-token");
        self.operate("lost-phone", &file, |command| {
            command.arg("--user").arg(user.to_string()).arg("--token").arg(token.to_string());
        })
    }

    /// The owner has another programming code set.
    pub(crate) fn set_programming_code(&self, slot: u8, digits: &str, name: &str) -> Result<Told> {
        let typed = self.cloud_file(&format!("{name}.digits"));
        write_private(&typed, digits)?;
        let told = self.operate("set-code", &self.cloud_file(Person::Owner.name()), |command| {
            command.arg("--lock-id").arg(&self.lock_id).arg("--slot").arg(slot.to_string());
            command.arg("--programming").arg("--digits-file").arg(&typed).arg("--client-token").arg(name);
        });
        std::fs::remove_file(&typed)?;
        told
    }

    fn operate(
        &self,
        what: &str,
        token: &std::path::Path,
        arguments: impl FnOnce(&mut Command),
    ) -> Result<Told> {
        let cloud = format!("http://{}", self.cloud()?.address);
        let mut process = Process::start(Role::Cloud, |command| {
            command.arg(what).arg("--cloud").arg(cloud).arg("--token-file").arg(token);
            arguments(command);
        })?;
        let is_done = process.wait(PATIENCE)?.success();
        let lines = process.since(0).into_iter().map(|line| line.text).collect();
        Ok(Told { is_done, lines })
    }
}
