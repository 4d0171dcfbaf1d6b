//! A command withheld and delivered late.

use std::time::{Duration, Instant};

use anyhow::Result;
use lock_proto::Kind;

use super::Scenario;
use crate::attacker::Plan;
use crate::narrator::Narrator;
use crate::stage::{Errand, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "withheld",
    story: "The relay keeps a genuine unlock in its pocket until the owner has gone, and delivers it then. The command is bound to the\n\
            lock's Hello, which is worth five seconds for motion and ten for anything.",
    play,
};

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let late = withheld(narrator, stage, Duration::from_secs(6))?;
    narrator.judge(
        "the lock says why, under its seal, and the owner learns it",
        late.has("reason", "Expired"),
        &late.sentence,
    );
    withheld(narrator, stage, Duration::from_secs(11))?;
    Ok(())
}

fn withheld(narrator: &mut Narrator, stage: &mut Stage, time: Duration) -> Result<Errand> {
    stage.attacker.plan(Plan::Delay(Kind::Message1, time));
    let (before, mark, begun) = (stage.truth()?, stage.lock()?.process.mark(), Instant::now());
    let errand = stage.send(Person::Owner, "unlock", None, 8)?;
    stage.attacker.plan(Plan::Listen);
    // What is still held back arrives.
    std::thread::sleep((time + Duration::from_secs(1)).saturating_sub(begun.elapsed()));
    let after = stage.truth()?;
    let log = stage.lock_log(mark);
    log.iter().for_each(|line| narrator.tell("lock", line));
    let reached = log.iter().any(|line| line.contains("received=message1"));
    narrator.judge(
        &format!("an unlock withheld for {} s does not open the door", time.as_secs()),
        reached && before == after && !errand.executed,
        &format!("bolt {}, phone: {}", after.bolt, errand.sentence),
    );
    Ok(errand)
}
