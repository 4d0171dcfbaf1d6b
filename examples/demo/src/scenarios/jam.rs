//! The bolt meets an obstacle.

use anyhow::{Context, Result};
use serde_json::json;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "jam",
    story: "The door hangs low and the bolt hits the strike plate. The motor stalls. A jam is told as a jam and never as locked, until the\n\
            sensor has seen the bolt at an end again.",
    play,
};

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    stage.send(Person::Owner, "unlock", None, 10)?;
    stage.lock()?.bench.act(&json!({ "jam": true }))?;
    let locked = stage.send(Person::Owner, "lock", None, 10)?;
    narrator.tell("owner", &locked.sentence);
    narrator.judge(
        "the phone says that the bolt is jammed",
        !locked.executed && locked.has("outcome", "Jammed"),
        &locked.sentence,
    );
    let heard = stage.known()?.heard.context("the cloud heard nothing")?;
    let truth = stage.truth()?;
    narrator.judge(
        "nobody calls the door locked",
        !heard.locked && truth.bolt != "extended",
        &format!("{}; really {}", heard.sentence, truth.bolt),
    );
    stage.lock()?.bench.act(&json!({ "jam": false }))?;
    stage.send(Person::Owner, "status", None, 10)?;
    let heard = stage.known()?.heard.context("the cloud heard nothing")?;
    narrator.judge(
        "a jam does not go away by itself",
        format!("{:?}", heard.status.fault.value) == "Jammed",
        &heard.sentence,
    );
    let again = stage.send(Person::Owner, "lock", None, 10)?;
    let heard = stage.known()?.heard.context("the cloud heard nothing")?;
    narrator.judge(
        "with the obstacle gone it locks, and the sensor says so",
        again.executed && heard.locked,
        &heard.sentence,
    );
    Ok(())
}
