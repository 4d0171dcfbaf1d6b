//! Nobody is at home for two weeks.

use anyhow::{Context, Result};
use cloud::messages::Wish;
use lock_proto::Mode;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "vacation",
    story: "The family leaves and sets vacation mode. Codes no longer open, also after a power cut; the owner still does, from afar.\n\
            Back home, codes open again.",
    play,
};

const CODE: &str = "482914";

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    stage.settle(
        Wish::SetPin { slot: 3, digits: CODE.into(), user: None, programming: false },
        "pin-of-the-neighbour",
    )?;
    stage.settle(Wish::SetMode { mode: Mode::Vacation }, "off-we-go")?;
    let refused = stage.enter(CODE)?;
    narrator.judge(
        "in vacation mode the code is refused",
        refused.contains("reason=vacation_mode"),
        &refused,
    );
    stage.restart_lock()?;
    let says = stage.lock()?.bench.says()?;
    let mode = says["mode"].as_str().context("the lock says nothing of its mode")?;
    narrator.judge("the mode survives a power cut", mode == "vacation", mode);
    let health = stage.send(Person::Owner, "health", None, 10)?;
    narrator.tell("owner", &health.sentence);
    let opened = stage.send(Person::Owner, "unlock", None, 10)?;
    narrator.judge("the owner opens from afar", opened.executed, &opened.sentence);
    stage.lock_by_hand()?;
    stage.settle(Wish::SetMode { mode: Mode::Normal }, "back-again")?;
    let shown = stage.enter(CODE)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    narrator.judge("back home the code opens again", truth.bolt == "retracted", &shown);
    Ok(())
}
