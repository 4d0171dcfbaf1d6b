//! Everything that was ever recorded, played again.

use std::time::Duration;

use anyhow::Result;
use cloud::messages::Wish;

use super::Scenario;
use super::queue::configuration;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "replay",
    story: "The attacker has recorded every packet since the lock was installed. It plays all of them to the lock again: at once, after the\n\
            lock was shut down and started, and after its power was cut. Nothing must move, and no setting change.",
    play,
};

/// How long the attacker waits for an answer to one packet, and to all of them.
const LISTEN_TO_ONE: Duration = Duration::from_millis(15);
const LISTEN_TO_ALL: Duration = Duration::from_millis(150);

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    for _ in 0..2 {
        stage.send(Person::Owner, "unlock", None, 10)?;
        stage.send(Person::Owner, "lock", None, 10)?;
    }
    stage.queue(Wish::AutoRelock { seconds: 0 }, "on-record", None)?;
    stage.send(Person::Courier, "deliver", None, 10)?;
    let recorded: Vec<_> = stage.attacker.since(0).into_iter().map(|recorded| recorded.packet).collect();
    replay(narrator, stage, &recorded, "at once")?;
    stage.stop_lock()?;
    stage.start_lock()?;
    replay(narrator, stage, &recorded, "after a restart")?;
    stage.restart_lock()?;
    replay(narrator, stage, &recorded, "after a power cut")?;
    let opened = stage.send(Person::Owner, "unlock", None, 10)?;
    narrator.judge("a new command is obeyed as before", opened.executed, &opened.sentence);
    Ok(())
}

fn replay(narrator: &mut Narrator, stage: &mut Stage, recorded: &[Vec<u8>], when: &str) -> Result<()> {
    let (before, setting) = (stage.truth()?, configuration(stage)?);
    let log = stage.lock()?.process.mark();
    let mut answered = 0;
    // Each on a connection of its own, then all on one: a failed handshake makes a link rest, and must not hide the others.
    for packet in recorded {
        let heard = stage.lock()?.process.mark();
        answered += stage.attacker.inject(std::slice::from_ref(packet), LISTEN_TO_ONE)?.len();
        stage.lock()?.process.wait_for(heard, PATIENCE, |line| line.contains(" received="))?;
    }
    answered += stage.attacker.inject(recorded, LISTEN_TO_ALL)?.len();
    let received = stage.lock_log(log).iter().filter(|line| line.contains(" received=")).count();
    let (after, setting_after) = (stage.truth()?, configuration(stage)?);
    narrator.tell(
        "attacker",
        &format!(
            "played {} packets {when}, one by one and in a row; packets that came back: {answered}",
            recorded.len()
        ),
    );
    narrator.judge(
        &format!("{} recorded packets played {when}: nothing moves, no setting changes", recorded.len()),
        after == before && setting_after == setting && received >= recorded.len(),
        &format!(
            "{received} packets reached the lock; bolt {}, {} motor runs and configuration {setting} before and after",
            after.bolt, after.motor_runs
        ),
    );
    Ok(())
}
