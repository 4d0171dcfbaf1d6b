//! The battery empties.

use anyhow::{Context, Result};
use serde_json::json;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "low battery",
    story: "The battery runs low: the lock says so while everything still works. Nobody changes it. When it may not move the bolt once\n\
            more, a locked door stays locked, and the lock says why it throws no bolt. New cells, and all is well.",
    play,
};

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let mark = stage.lock()?.process.mark();
    stage.lock()?.bench.act(&json!({ "battery_mv": 4_450 }))?;
    let alarm = stage.lock()?.process.wait_for(mark, PATIENCE, |line| line.contains("alarm=battery_low"))?;
    let opened = stage.send(Person::Owner, "unlock", None, 10)?;
    narrator.judge("a low battery is told while the door still opens", opened.executed, &alarm.text);
    let health = stage.send(Person::Owner, "health", None, 10)?;
    narrator.judge(
        "the health report leads to the battery",
        health
            .said
            .iter()
            .any(|said| said["sentence"].as_str().is_some_and(|text| text.contains("batteries"))),
        health.said.last().and_then(|said| said["sentence"].as_str()).unwrap_or_default(),
    );

    let mark = stage.lock()?.process.mark();
    stage.lock()?.bench.act(&json!({ "battery_mv": 3_900 }))?;
    let alarm =
        stage.lock()?.process.wait_for(mark, PATIENCE, |line| line.contains("alarm=battery_critical"))?;
    narrator.tell("lock", &alarm.text);
    let locked = stage.send(Person::Owner, "lock", None, 10)?;
    narrator.judge(
        "with a critical battery no bolt is thrown that could stay half way, and the reason is told",
        !locked.executed && locked.has("reason", "BatteryCritical"),
        &locked.sentence,
    );

    stage.lock()?.bench.act(&json!({ "battery_mv": 6_300 }))?;
    let locked = stage.send(Person::Owner, "lock", None, 10)?;
    let heard = stage.known()?.heard.context("the cloud heard nothing")?;
    narrator.judge(
        "with new cells it locks, and the sensor says so",
        locked.executed && heard.locked,
        &heard.sentence,
    );
    Ok(())
}
