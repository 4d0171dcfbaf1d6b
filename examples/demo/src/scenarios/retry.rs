//! The answer is lost, and the phone asks again.

use anyhow::Result;

use super::Scenario;
use crate::attacker::Plan;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "retry",
    story: "The relay loses every answer of the lock. The phone does not know whether the door opened, and sends the same command again:\n\
            same command id, so the lock returns what became of it and moves nothing.",
    play,
};

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let before = stage.truth()?.motor_runs;
    stage.attacker.plan(Plan::SwallowAnswers);
    let first = stage.send(Person::Owner, "unlock", Some("one-wish"), 3)?;
    stage.attacker.plan(Plan::Listen);
    stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    narrator.judge("the phone that heard nothing does not claim success", !first.executed, &first.sentence);
    let again = stage.send(Person::Owner, "unlock", Some("one-wish"), 10)?;
    let truth = stage.truth()?;
    narrator.judge("the retry learns that it is done", again.executed, &again.sentence);
    narrator.judge(
        "the lock answered it as a repeat",
        again.was_repeat(),
        &format!("outcomes told: {}", again.outcomes().join(", ")),
    );
    narrator.judge(
        "the motor ran once",
        truth.motor_runs == before + 1,
        &format!("motor runs: {}", truth.motor_runs - before),
    );
    let third = stage.send(Person::Owner, "unlock", Some("one-wish"), 10)?;
    let truth = stage.truth()?;
    narrator.judge(
        "a third time changes nothing",
        truth.motor_runs == before + 1 && third.executed,
        &third.sentence,
    );
    Ok(())
}
