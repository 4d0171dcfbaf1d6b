//! Everything that was ever recorded, played again.

use std::time::Duration;

use anyhow::Result;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "replay",
    story: "The attacker has recorded every packet of successful unlocks. It plays all of them to the lock again: at once, after the lock\n\
            was shut down and started, and after its power was cut. The bolt must not move.",
    play,
};

/// How long the attacker waits for an answer.
const LISTEN: Duration = Duration::from_millis(150);

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let mark = stage.attacker.mark();
    for _ in 0..2 {
        stage.send(Person::Owner, "unlock", None, 10)?;
        stage.send(Person::Owner, "lock", None, 10)?;
    }
    let recorded: Vec<_> = stage.attacker.since(mark).into_iter().map(|recorded| recorded.packet).collect();
    replay(narrator, stage, &recorded, "at once")?;
    stage.stop_lock()?;
    stage.start_lock()?;
    replay(narrator, stage, &recorded, "after a restart")?;
    stage.restart_lock()?;
    replay(narrator, stage, &recorded, "after a power cut")
}

fn replay(narrator: &mut Narrator, stage: &mut Stage, recorded: &[Vec<u8>], when: &str) -> Result<()> {
    let before = stage.truth()?;
    // Each on a connection of its own, then all on one: a failed handshake makes a link rest, and must not hide the others.
    for packet in recorded {
        stage.attacker.inject(std::slice::from_ref(packet), Duration::from_millis(15))?;
    }
    let answers = stage.attacker.inject(recorded, LISTEN)?;
    let after = stage.truth()?;
    narrator.tell(
        "attacker",
        &format!(
            "played {} packets {when}, twice; the lock sent {} packets back",
            recorded.len(),
            answers.len()
        ),
    );
    narrator.judge(
        &format!("{} recorded packets played {when}: the bolt does not move", recorded.len()),
        after == before,
        &format!("bolt {}, {} motor runs before and after", after.bolt, after.motor_runs),
    );
    Ok(())
}
