//! Somebody tries codes.

use anyhow::{Context, Result};
use cloud::messages::Wish;
use serde_json::json;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "lockout",
    story: "Somebody tries codes at the keypad. The fifth wrong one closes it, for the right code too, and pulling the batteries does not\n\
            help: the count was stored before the code was compared. Inside the door opens as ever. The owner ends the lockout.",
    play,
};

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    stage.settle(
        Wish::SetPin { slot: 0, digits: "482913".into(), user: None, programming: false },
        "pin-before-guessing",
    )?;
    let mark = stage.lock()?.process.mark();
    for wrong in ["000000", "111111", "123456", "654321"] {
        stage.enter(wrong)?;
    }
    let fifth = stage.enter("999999")?;
    narrator.tell("keypad", &fifth);
    let alarm =
        stage.lock()?.process.wait_for(mark, PATIENCE, |line| line.contains("alarm=wrong_code_limit"))?;
    narrator.judge(
        "the fifth wrong code locks out and raises an alarm",
        fifth.contains("locked_out"),
        &alarm.text,
    );
    let right = stage.enter("482913")?;
    narrator.judge("now the right code is refused as well", right.contains("reason=locked_out"), &right);

    let before = seconds_left(stage)?;
    stage.restart_lock()?;
    let after = seconds_left(stage)?;
    narrator.judge(
        "a power cut does not end the lockout, nor begin it anew",
        0 < after && after <= before,
        &format!("{before} s left before, {after} s after"),
    );
    let right = stage.enter("482913")?;
    narrator.judge("the right code is still refused", right.contains("reason=locked_out"), &right);

    stage.lock()?.bench.act(&json!({ "inside": "unlock" }))?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    narrator.judge("whoever is inside gets out", truth.bolt == "retracted", &truth.bolt);
    stage.lock_by_hand()?;

    // Sealed, the end of a lockout has to be fresh: the lock learns the time first.
    stage.send(Person::Owner, "status", None, 10)?;
    stage.settle(Wish::EndLockout, "end-of-lockout")?;
    let right = stage.enter("482913")?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    narrator.judge("the owner ends the lockout, and the right code opens", truth.bolt == "retracted", &right);
    Ok(())
}

fn seconds_left(stage: &mut Stage) -> Result<u64> {
    stage.lock()?.bench.says()?["lockout_s"].as_u64().context("the lock says nothing of its lockout")
}
