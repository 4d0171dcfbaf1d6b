//! The master code of a lock is forgotten.

use anyhow::Result;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "forgotten code",
    story: "Nobody remembers the programming code of the lock. The owner has another one set through the cloud, and a phone brings it: no reset, and\n\
            nothing else is lost. From then on the old code is a wrong one.",
    play,
};

const SLOT: u8 = 4;
const OLD: &str = "731904";
const NEW: &str = "268057";

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    stage.set_programming_code(SLOT, OLD, "old-master-code")?;
    stage.send(Person::Courier, "deliver", None, 10)?;
    let before = stage.enter(OLD)?;
    stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    stage.lock_by_hand()?;
    let queued = stage.set_programming_code(SLOT, NEW, "new-master-code")?;
    let printed = queued.lines.join(" ");
    let delivered = stage.send(Person::Courier, "deliver", None, 10)?;
    narrator.judge(
        "another programming code is set from afar, and its digits are printed nowhere",
        queued.is_done && delivered.executed && !printed.contains(NEW),
        &printed,
    );
    let runs = stage.truth()?;
    let refused = stage.enter(OLD)?;
    let same = stage.truth()? == runs;
    let accepted = stage.enter(NEW)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    narrator.judge(
        "the old one is wrong from then on, and the new one is right",
        !before.contains("refused")
            && refused.contains("reason=wrong_code")
            && same
            && !accepted.contains("refused")
            && truth.bolt == "retracted",
        &format!("before: {before}; then: {refused}; the new one: {accepted}"),
    );
    Ok(())
}
