//! The power of the lock goes, between any two things that it does.

use anyhow::Result;
use serde_json::json;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage, finished};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "power cuts",
    story: "The lock process is killed (kill -9) at every boundary of one unlock: before and after each flash record, before the motor,\n\
            before the answer. After each cut it starts again from its flash file, and the owner's phone retries the same command.\n\
            The command may be lost to the cut; it must never run twice.",
    play,
};

/// More boundaries than an unlock has.
const MOST_BOUNDARIES: u32 = 60;

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let mut cuts = 0;
    for boundary in 1..=MOST_BOUNDARIES {
        stage.lock_by_hand()?;
        let before = stage.truth()?.motor_runs;
        let token = format!("cut-at-{boundary}");
        let Some(held) = cut_at(stage, boundary, &token)? else { break };
        cuts += 1;
        let retried = stage.send(Person::Owner, "unlock", Some(&token), 8)?;
        std::thread::sleep(std::time::Duration::from_millis(100));
        let runs = stage.truth()?.motor_runs - before;
        narrator.judge(
            &format!("killed at step {boundary}, {held}: the command does not run twice"),
            runs <= 1,
            &format!("motor runs: {runs}; the retry says: {}", retried.sentence),
        );
    }
    narrator.judge(
        "an unlock was cut at each of its boundaries",
        (6..MOST_BOUNDARIES).contains(&cuts),
        &format!("{cuts} cuts"),
    );
    Ok(())
}

/// Sends an unlock and kills the lock at its `boundary`-th step. Returns what it was about to do; `None` when the unlock has
/// fewer steps.
fn cut_at(stage: &mut Stage, boundary: u32, token: &str) -> Result<Option<String>> {
    let lock = stage.lock()?;
    let log = lock.process.mark();
    lock.bench.act(&json!({ "hold": boundary }))?;
    let phone = stage.phone(Person::Owner, "unlock", Some(token), 3)?;
    let held =
        stage.lock()?.process.wait_for(log, std::time::Duration::from_secs(4), |line| line.contains("held="));
    let Ok(line) = held else {
        finished(phone)?;
        stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
        // It still waits for a boundary to stop at.
        stage.restart_lock()?;
        return Ok(None);
    };
    stage.restart_lock()?;
    finished(phone)?;
    let place = line.text.split("held=").nth(1).unwrap_or_default().trim_matches('"').to_owned();
    Ok(Some(place))
}
