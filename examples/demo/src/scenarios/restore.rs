//! The cloud's database is restored from an older copy.

use anyhow::{Context, Result};
use cloud::messages::Wish;

use super::Scenario;
use super::queue::configuration;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "restored cloud",
    story: "The cloud's disk dies, and its database comes back from yesterday's copy: it now knows too low counters and command ids.\n\
            It must catch up with the lock by itself, on the lock's authenticated word alone, and never use a nonce twice.",
    play,
};

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    // A clean shutdown puts everything into one file: that is the copy.
    stage.stop_cloud()?;
    let (database, copy) = (stage.file("fleet.db"), stage.file("yesterday.db"));
    std::fs::copy(&database, &copy).context("the database cannot be copied")?;
    stage.start_cloud()?;
    for round in 0..3 {
        stage.send(Person::Owner, "unlock", None, 10)?;
        stage.send(Person::Owner, "lock", None, 10)?;
        stage.queue(Wish::AutoRelock { seconds: 0 }, &format!("before-the-loss-{round}"), None)?;
        stage.send(Person::Courier, "deliver", None, 10)?;
    }
    let version = configuration(stage)?;
    stage.stop_cloud()?;
    for leftover in ["fleet.db-wal", "fleet.db-shm"] {
        let _ = std::fs::remove_file(stage.file(leftover));
    }
    std::fs::copy(&copy, &database).context("the copy cannot be put back")?;
    stage.start_cloud()?;
    narrator.tell("operator", "the database is yesterday's");

    let runs = stage.truth()?.motor_runs;
    let unlocked = stage.send(Person::Owner, "unlock", None, 15)?;
    let retried = if unlocked.executed { unlocked } else { stage.send(Person::Owner, "unlock", None, 15)? };
    stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    let truth = stage.truth()?;
    let log = stage.cloud()?.process.since(0);
    let resynchronised: Vec<_> = log.iter().filter(|line| line.text.contains("resync")).collect();
    resynchronised.iter().for_each(|line| narrator.tell("cloud", &line.text));
    narrator.judge(
        "the restored cloud notices and catches up",
        !resynchronised.is_empty(),
        &format!("lines in its log: {}", resynchronised.len()),
    );
    narrator.judge(
        "the door opens, and the motor ran once for it",
        retried.executed && truth.motor_runs == runs + 1,
        &format!("{}; motor runs: {}", retried.sentence, truth.motor_runs - runs),
    );
    stage.queue(Wish::AutoRelock { seconds: 0 }, "after-the-loss", None)?;
    stage.send(Person::Courier, "deliver", None, 10)?;
    stage.send(Person::Courier, "deliver", None, 10)?;
    let after = configuration(stage)?;
    narrator.judge(
        "sealed settings arrive again, above the lost ones",
        after == version + 1,
        &format!("configuration {version}, then {after}"),
    );
    let (count, repeats) = stage.attacker.nonces();
    narrator.judge(
        "no nonce of a handshake or a sealed message was seen twice",
        count > 0 && repeats.is_empty(),
        &format!("{count} nonces, repeated: {repeats:?}"),
    );
    Ok(())
}
