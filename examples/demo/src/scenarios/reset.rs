//! Factory reset.

use std::time::Duration;

use anyhow::{Context, Result};
use cloud::messages::Wish;
use serde_json::json;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "factory reset",
    story: "Somebody inside holds the reset button: briefly, and nothing happens; for more than ten seconds, and the lock counts down and\n\
            forgets users, codes and settings. The power fails in the middle of it. The owner's cloud stays the owner's.",
    play,
};

const CODE: &str = "194857";

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    stage.settle(Wish::SetPin { slot: 5, digits: CODE.into(), user: None }, "pin-before-the-reset")?;
    let mark = hold(stage, Duration::from_secs(3))?;
    let line =
        stage.lock()?.process.wait_for(mark, PATIENCE, |line| line.contains("indicate=reset_cancelled"))?;
    stage.enter(CODE)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    narrator.judge(
        "a short press resets nothing: the code still opens",
        truth.bolt == "retracted",
        &line.text,
    );
    stage.lock_by_hand()?;

    stage.lock()?.bench.act(&json!({ "reset": "pressed" }))?;
    let mark = stage.lock()?.process.mark();
    std::thread::sleep(Duration::from_millis(10_500));
    let counted = stage.lock_log(mark).iter().filter(|line| line.contains("indicate=reset_in")).count();
    narrator.judge(
        "the lock counts down while the button is held",
        counted >= 5,
        &format!("{counted} signs"),
    );
    // The reset is durable as begun; then, before the settings are erased, the power goes.
    let held = stage.lock()?.bench.act(&json!({ "hold": "after persist memory" }))?;
    narrator.tell("bench", &held.to_string());
    let mark = stage.lock()?.process.mark();
    stage.lock()?.bench.act(&json!({ "reset": "released" }))?;
    stage.lock()?.process.wait_for(mark, PATIENCE, |line| line.contains("held="))?;
    stage.restart_lock()?;
    let shown = stage.enter(CODE)?;
    narrator.judge(
        "a reset that was cut off by a power failure is finished at the next start: the code is gone",
        shown.contains("reason=wrong_code"),
        &shown,
    );
    let status = stage.send(Person::Owner, "status", None, 10)?;
    let heard = stage.known()?.heard.context("the cloud heard nothing")?;
    narrator.tell("owner", &status.sentence);
    let opened = stage.send(Person::Owner, "unlock", None, 10)?;
    narrator.judge(
        "the lock keeps its keys and every counter: the owner's cloud still opens it, and nothing old does",
        opened.executed,
        &format!("configuration {}; {}", heard.status.configuration, opened.sentence),
    );
    Ok(())
}

fn hold(stage: &mut Stage, duration: Duration) -> Result<usize> {
    let mark = stage.lock()?.process.mark();
    stage.lock()?.bench.act(&json!({ "reset": "pressed" }))?;
    std::thread::sleep(duration);
    stage.lock()?.bench.act(&json!({ "reset": "released" }))?;
    Ok(mark)
}
