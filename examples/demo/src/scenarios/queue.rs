//! Commands for a lock that is not reached now.

use std::time::Duration;

use anyhow::{Context, Result};
use cloud::messages::Wish;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "store and forward",
    story: "The lock is off while the owner sets a PIN: the setting is sealed and queued. Later somebody else's phone passes by and\n\
            delivers it; it is applied once, however often it is delivered. An unlock that waited for a phone too long is refused.",
    play,
};

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    setting_for_a_lock_that_is_off(narrator, stage)?;
    stale_unlock(narrator, stage)
}

fn setting_for_a_lock_that_is_off(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let before = configuration(stage)?;
    stage.stop_lock()?;
    let pin = Wish::SetPin { slot: 0, digits: "482913".into(), user: None, programming: false };
    let queued = stage.queue(pin, "pin-of-the-guest", None)?;
    narrator.tell("owner", &format!("queued as command {}: {}", queued.command_id, queued.sentence));
    stage.start_lock()?;
    let mark = stage.attacker.mark();
    let delivered = stage.send(Person::Courier, "deliver", None, 10)?;
    stage.attacker.since(mark).iter().for_each(|packet| narrator.tell("link", &packet.described()));
    narrator.tell("courier", &delivered.sentence);
    let command = stage.command(queued.command_id)?;
    narrator.judge(
        "the setting queued while the lock was off is applied",
        command.sentence.contains("done"),
        &command.sentence,
    );
    let sealed: Vec<_> = stage.attacker.since(mark).into_iter().map(|recorded| recorded.packet).collect();
    stage.attacker.inject(&sealed, Duration::from_millis(200))?;
    stage.send(Person::Courier, "deliver", None, 10)?;
    let after = configuration(stage)?;
    narrator.judge(
        "and applied once, however often it is delivered",
        after == before + 1,
        &format!("configuration {before}, then {after}"),
    );
    let runs = stage.truth()?.motor_runs;
    stage.lock()?.bench.act(&serde_json::json!({ "code": "482913" }))?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", crate::stage::PATIENCE)?;
    narrator.judge("the new PIN opens the door", truth.motor_runs == runs + 1, &truth.bolt);
    stage.lock_by_hand()
}

fn stale_unlock(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    // A live session first: the lock knows the time from it.
    configuration(stage)?;
    let (before, log) = (stage.truth()?, stage.lock()?.process.mark());
    let queued = stage.queue(Wish::Unlock, "unlock-for-later", Some(1))?;
    std::thread::sleep(Duration::from_secs(3));
    let delivered = stage.send(Person::Courier, "deliver", None, 10)?;
    narrator.tell("courier", &delivered.sentence);
    let command = stage.command(queued.command_id)?;
    let after = stage.truth()?;
    let reached = stage.lock_log(log).iter().any(|line| line.contains("received=sealed_down"));
    narrator.judge(
        "a queued unlock that became stale is refused by the lock, and shown so",
        reached && before == after && command.sentence.contains("too late"),
        &format!("bolt {}: {}", after.bolt, command.sentence),
    );
    Ok(())
}

/// The configuration version in force, asked of the lock in a live session.
pub(super) fn configuration(stage: &Stage) -> Result<u32> {
    let status = stage.send(Person::Owner, "status", None, 10)?;
    anyhow::ensure!(status.executed, "the lock cannot be asked: {}", status.sentence);
    Ok(stage.known()?.heard.context("the cloud heard nothing")?.status.configuration)
}
