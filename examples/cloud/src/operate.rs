//! What people do at a service that runs, from the command line: over its interface, with a token of theirs.

use std::fmt::Write as _;
use std::io::BufRead as _;
use std::path::{Path, PathBuf};

use lock_fleet::proto::UnixMillis;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

use crate::arguments::{At, LostPhoneAt, SetCodeAt};
use crate::client::{Client, ClientError};
use crate::messages::{CommandStage, CommandView, LostKeyView, LostPhone, LostPhoneView, NewCommand, Wish};
use crate::private_file;

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum OperateError {
    /// A file.
    #[error("{} cannot be read ({}); check its path", .0.display(), .1)]
    Unreadable(PathBuf, std::io::Error),
    /// Others may read it.
    #[error("others may read {}; make it yours alone with chmod 600", .0.display())]
    Exposed(PathBuf),
    /// The service.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The name stands for a command that is over, whose digits are not kept.
    #[error(
        "this name was used before, for command {command}, which is over ({sentence}), and its digits are not kept: nothing was queued now; where this is another code, choose another --client-token"
    )]
    NameUsed {
        /// Its number.
        command: u64,
        /// What became of it.
        sentence: String,
    },
    /// Not all of it is dead.
    #[error("{0}")]
    StillCounts(String),
}

/// Ends the token of a lost phone and its virtual keys; returns what to tell, of which the last line says by when.
pub(crate) fn lost_phone(lost: &LostPhoneAt) -> Result<String, OperateError> {
    let wish = LostPhone { revoke_all_where_needed: lost.revoke_all_where_needed };
    let view = client(&lost.at)?.lost_phone(lost.user, lost.token, wish)?;
    let told = told(&view);
    if view.keys.iter().any(|key| key.still_counts.is_some()) {
        Err(OperateError::StillCounts(told))
    } else {
        Ok(told)
    }
}

fn told(view: &LostPhoneView) -> String {
    let LostPhoneView { token_id, ended_at, keys, effective_by, sentence } = view;
    let mut text = format!("token {token_id} is dead since {}", words(*ended_at));
    for LostKeyView { lock_id, serial, key, still_counts } in keys {
        let stands = key.as_ref().map(|key| key.sentence.as_str());
        let stands = still_counts.as_deref().or(stands).unwrap_or_default();
        let _ = write!(text, "\nvirtual key {serial} of lock {lock_id}: {stands}");
    }
    let _ = write!(text, "\n{sentence}\n");
    text += &match effective_by {
        Some(moment) => format!("effective at the latest by {}", words(*moment)),
        None => "effective only when each lock confirms it".to_owned(),
    };
    text
}

/// Queues another code for a slot of a lock; returns what to tell.
pub(crate) fn set_code(code: &SetCodeAt) -> Result<String, OperateError> {
    let digits = line_of(&code.digits_file)?;
    let action = Wish::SetPin {
        slot: code.slot,
        digits: digits.to_string(),
        user: code.user,
        programming: code.programming,
    };
    let command = NewCommand { action, client_token: code.client_token.clone(), valid_for_seconds: None };
    let queued = client(&code.at)?.queue(&code.lock_id, &command)?;
    let CommandView { command_id, stage, sentence, .. } = queued;
    match stage {
        // Digits are compared as long as they are kept: this is the wish.
        CommandStage::Queued | CommandStage::Sealed | CommandStage::HandedOver | CommandStage::Started => {
            Ok(format!(
                "command {command_id}: {sentence}; the code of before counts until a phone has delivered this one"
            ))
        }
        CommandStage::Settled
        | CommandStage::Withdrawn
        | CommandStage::NeverExecuted
        | CommandStage::Replaced
        | CommandStage::Unknown => Err(OperateError::NameUsed { command: command_id, sentence }),
    }
}

fn client(at: &At) -> Result<Client, OperateError> {
    Ok(Client::new(&at.cloud, &line_of(&at.token_file)?))
}

/// The first line of a file that its owner alone may read; of standard input for `-`.
fn line_of(file: &Path) -> Result<Zeroizing<String>, OperateError> {
    let unreadable = |error| OperateError::Unreadable(file.to_owned(), error);
    let mut line = Zeroizing::new(String::new());
    if file == Path::new("-") {
        std::io::stdin().read_line(&mut line).map_err(unreadable)?;
    } else {
        if private_file::is_exposed(file).map_err(unreadable)? {
            return Err(OperateError::Exposed(file.to_owned()));
        }
        let file = std::fs::File::open(file).map_err(unreadable)?;
        std::io::BufReader::new(file).read_line(&mut line).map_err(unreadable)?;
    }
    Ok(Zeroizing::new(line.trim().to_owned()))
}

/// A moment in UTC, to the second; one that no calendar has, in milliseconds.
fn words(UnixMillis(moment): UnixMillis) -> String {
    i64::try_from(moment / 1_000)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| format!("{moment} ms after 1970"))
}
