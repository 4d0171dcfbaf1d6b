//! The audit log: from the door through a hostile relay to somebody else's verdict.

use anyhow::{Context, Result};
use cloud::messages::Wish;
use serde_json::json;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};
use crate::verify_log;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "log export",
    story: "Things happen at the door, and the lock writes down who did what. A phone fetches the log for the cloud, which verifies it and\n\
            lets the lock free it. The owner exports it and gives somebody else the key to judge it. Then the export is edited, entries\n\
            are taken out, exchanged and cut off: each is named.",
    play,
};

const CODE: &str = "614907";

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    stage.settle(
        Wish::SetPin { slot: 11, digits: CODE.into(), user: None, programming: false },
        "code-for-the-log",
    )?;
    stage.send(Person::Owner, "unlock", Some("unlock-for-the-log"), 20)?;
    stage.lock_by_hand()?;
    stage.enter(CODE)?;
    stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    stage.enter("000000")?;
    stage.lock_by_hand()?;
    stage.restart_lock()?;

    let fetched = stage.send(Person::Owner, "log", None, 20)?;
    let sentence = fetched.said.iter().filter_map(|said| said.get("sentence")?.as_str()).next_back();
    let log = stage.log(0)?;
    let told = |who: &str, what: &str| {
        log.entries.iter().any(|entry| entry.who.contains(who) && entry.what.contains(what))
    };
    narrator.judge(
        "the cloud has the log, verified: who unlocked and how, whose code was wrong, what the bolt did, and the power cut",
        fetched.executed
            && log.faults.is_empty()
            && told("the cloud, live", "asked to unlock")
            && told("Pin in slot 11", "asked to unlock")
            && told("somebody unknown", "refused")
            && told("a hand", "the bolt is thrown")
            && told("the boot", "the lock started"),
        sentence.unwrap_or_default(),
    );
    for entry in log.entries.iter().rev().take(6).rev() {
        narrator.tell("log", &format!("{} {}, by {}", entry.index, entry.what, entry.who));
    }
    let again = stage.send(Person::Owner, "log", None, 20)?;
    let health = stage.send(Person::Owner, "health", None, 20)?;
    let pending =
        health.said.iter().filter_map(|said| said.pointer("/report/log/pending")?.as_u64()).next_back();
    narrator.judge(
        "what the cloud has is acknowledged: the lock has nothing left that nobody has",
        again.executed && pending == Some(0),
        &format!("pending: {pending:?}"),
    );

    let (export, key) = (stage.log_file(0)?, stage.log_key(0)?);
    let verdict = |export: &str| verify_log::verify(export, &key, None).map_err(anyhow::Error::msg);
    let whole = verdict(&export)?;
    narrator.judge(
        "somebody else verifies the export with the key that the owner chose to give",
        whole.faults == 0,
        whole.lines.iter().rev().nth(1).map_or("", String::as_str),
    );
    for (what, tampered, word) in tampered(&export)? {
        let report = verdict(&tampered)?;
        let found = report.lines.iter().find(|line| line.contains("WRONG") && line.contains(word));
        narrator.judge(
            &format!("a copy with {what} is found out, and what is wrong is named"),
            report.faults > 0 && found.is_some(),
            found.map_or("nothing", |line| line.trim()),
        );
    }
    Ok(())
}

/// Copies of an export with something done to them, and a word of what the verifier must say.
fn tampered(export: &str) -> Result<[(&'static str, String, &'static str); 4]> {
    let lines: Vec<&str> = export.lines().collect();
    anyhow::ensure!(lines.len() > 8, "the log is too short to be tampered with");
    let joined = |lines: &[&str]| lines.join("\n") + "\n";
    let mut entry: serde_json::Value = serde_json::from_str(lines[4])?;
    let body = entry["body"].as_str().context("an entry has a body")?;
    let last = if body.ends_with('0') { "1" } else { "0" };
    entry["body"] = json!(format!("{}{last}", &body[..body.len() - 1]));
    let edited_line = entry.to_string();
    let mut edited = lines.clone();
    edited[4] = &edited_line;
    let mut dropped = lines.clone();
    dropped.remove(5);
    let mut exchanged = lines.clone();
    exchanged.swap(3, 4);
    let mut truncated = lines.clone();
    truncated.drain(lines.len() - 3..lines.len() - 1);
    Ok([
        ("one entry edited", joined(&edited), "was edited"),
        ("one entry taken out", joined(&dropped), "were dropped"),
        ("two entries exchanged", joined(&exchanged), "out of order"),
        ("its last entries cut off", joined(&truncated), "cut off at the end"),
    ])
}
