//! The bolt is thrown by itself.

use anyhow::{Context, Result};
use cloud::messages::Wish;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "auto-relock",
    story: "The owner sets the lock to throw its bolt two seconds after an unlock. The setting travels sealed, by way of somebody who\n\
            may carry messages and nothing else. \"Locked\" is said only once the sensor has seen the bolt thrown.",
    play,
};

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    set(stage, 2)?;
    let runs = stage.truth()?.motor_runs;
    stage.send(Person::Owner, "unlock", None, 10)?;
    stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    let truth = stage.lock()?.bench.wait_for_bolt("extended", PATIENCE)?;
    narrator.judge(
        "the bolt is thrown by itself",
        truth.motor_runs == runs + 2,
        &format!("motor runs: {}", truth.motor_runs - runs),
    );
    let status = stage.send(Person::Owner, "status", None, 10)?;
    narrator.tell("owner", &status.sentence);
    let heard = stage.known()?.heard.context("the cloud heard nothing")?;
    narrator.judge("the cloud calls the door locked once the sensor saw it", heard.locked, &heard.sentence);
    let cause = format!("{:?}", heard.status.bolt.cause);
    narrator.judge("and knows who did it", cause == "AutoRelock", &cause);
    set(stage, 0)
}

/// Sets the relock delay by a sealed message, and sees it applied.
fn set(stage: &Stage, seconds: u32) -> Result<()> {
    let queued = stage.queue(Wish::AutoRelock { seconds }, &format!("relock-{seconds}"), None)?;
    stage.send(Person::Courier, "deliver", None, 10)?;
    let command = stage.command(queued.command_id)?;
    anyhow::ensure!(command.sentence.contains("done"), "the setting was not applied: {}", command.sentence);
    Ok(())
}
