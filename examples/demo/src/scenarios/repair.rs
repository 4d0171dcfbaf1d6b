//! Power-cycle and re-pair: what the fourth rung of the ladder does, and what it leaves alone.

use std::time::Duration;

use anyhow::{Context, Result};
use cloud::messages::Wish;
use serde_json::json;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "power-cycle and re-pair",
    story: "The cells are taken out for a while and put back, the radio starts anew, and the owner's phone is lost: its token ends at\n\
            once, another phone gets one of its own, and the lock needs no reset for it.",
    play,
};

const CODE: &str = "615243";

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    stage.settle(
        Wish::SetPin { slot: 6, digits: CODE.into(), user: None, programming: false },
        "pin-before-the-cells-go",
    )?;
    stage.send(Person::Owner, "status", None, 10)?;
    let before = stage.lock()?.bench.says()?;
    without_power(narrator, stage)?;
    let after = stage.lock()?.bench.says()?;
    narrator.judge(
        "the lock comes back with all that it was told, and says that it knows the time only from below",
        after["configuration"] == before["configuration"]
            && before["clock"] == "trusted"
            && after["clock"] == "floor",
        &format!("configuration {}, clock {}", after["configuration"], after["clock"]),
    );
    radio_starts_anew(narrator, stage)?;
    another_phone(narrator, stage)?;
    stage.lock_by_hand()?;
    let shown = stage.enter(CODE)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    narrator.judge("and the code of the family was never touched", truth.bolt == "retracted", &shown);
    Ok(())
}

fn without_power(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    stage.kill_lock()?;
    let vain = stage.send(Person::Owner, "status", None, 5)?;
    narrator.judge(
        "without cells the phone says that the lock is not there, and what to do",
        !vain.executed && vain.sentence.contains("check that it has power"),
        &vain.sentence,
    );
    stage.start_lock()
}

/// The link that was open ends, the lock tells its alarm, and the next phone that comes is served.
fn radio_starts_anew(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let mut watching = stage.phone(Person::Owner, "watch", None, 20)?;
    watching.wait_for(0, PATIENCE, |line| line.contains("\"type\":\"status\""))?;
    let mark = stage.lock()?.process.mark();
    stage.lock()?.bench.act(&json!({ "radio": "reset" }))?;
    let alarm = stage.lock()?.process.wait_for(mark, PATIENCE, |line| line.contains("alarm=radio_reset"))?;
    let ended = watching.wait(Duration::from_secs(10))?;
    narrator.judge(
        "a radio that starts anew drops its links, and the lock tells it as an alarm",
        !ended.success(),
        &alarm.text,
    );
    let status = stage.send(Person::Owner, "status", None, 10)?;
    let clock = stage.lock()?.bench.says()?["clock"].as_str().map(str::to_owned);
    let clock = clock.context("the lock says nothing of its clock")?;
    narrator.judge(
        "a new link with a new handshake is all that it takes, and it brings the time back",
        status.executed && clock == "trusted",
        &format!("{}; clock {clock}", status.sentence),
    );
    Ok(())
}

fn another_phone(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let lost = stage.replace_phone(Person::Owner)?;
    let refused = stage.send_with(&lost, "unlock", 10)?;
    narrator.judge(
        "the lost phone opens nothing any more",
        !refused.executed && refused.sentence.contains("token"),
        &refused.sentence,
    );
    let opened = stage.send(Person::Owner, "unlock", None, 10)?;
    narrator.judge(
        "the new phone opens, and nobody touched the lock for it",
        opened.executed,
        &opened.sentence,
    );
    Ok(())
}
