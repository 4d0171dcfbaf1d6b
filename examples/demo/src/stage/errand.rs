//! What a phone was sent for, and what it came back with.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::Value;

use crate::process::Process;

/// Longer than any phone waits.
const LIMIT: Duration = Duration::from_secs(60);

/// What a phone did.
#[derive(Debug)]
pub(crate) struct Errand {
    /// Whether the phone says that it was executed.
    pub(crate) executed: bool,
    /// Its last sentence.
    pub(crate) sentence: String,
    /// What the cloud told it, in order.
    pub(crate) said: Vec<Value>,
    /// When it asked the cloud.
    pub(crate) asked_at: Option<Instant>,
}

impl Errand {
    /// The outcomes that the cloud told, such as `Done` or `Refused`.
    pub(crate) fn outcomes(&self) -> Vec<&str> {
        self.said.iter().filter_map(|message| message.get("outcome").and_then(Value::as_str)).collect()
    }

    /// Whether any message has this text in this field.
    pub(crate) fn has(&self, field: &str, text: &str) -> bool {
        self.said.iter().any(|message| message.get(field).and_then(Value::as_str) == Some(text))
    }

    /// Whether the lock said that it knew the command already.
    pub(crate) fn was_repeat(&self) -> bool {
        self.said.iter().any(|message| message.get("repeat") == Some(&Value::Bool(true)))
    }
}

/// Waits until a phone has ended, and reads what it printed.
pub(crate) fn finished(mut phone: Process) -> Result<Errand> {
    let status = phone.wait(LIMIT)?;
    let mut errand =
        Errand { executed: status.success(), sentence: String::new(), said: Vec::new(), asked_at: None };
    for line in phone.since(0) {
        let Ok(printed) = serde_json::from_str::<Value>(&line.text) else {
            errand.sentence = line.text;
            continue;
        };
        match printed.get("event").and_then(Value::as_str) {
            Some("asked") => errand.asked_at = errand.asked_at.or(Some(line.at)),
            Some("said") => errand.said.extend(printed.get("message").cloned()),
            Some("ended") => {
                errand.sentence =
                    printed.get("sentence").and_then(Value::as_str).unwrap_or_default().to_owned();
            }
            _ => {}
        }
    }
    Ok(errand)
}
