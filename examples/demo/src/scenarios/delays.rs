//! A command withheld and delivered late.

use std::time::Duration;

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
    // Half of the delay before the cloud sees the Hello, half after: each of the two sees nothing odd.
    let split = withheld(narrator, stage, &[Kind::Hello, Kind::Message1], Duration::from_millis(2_700), "5.4 s, in two halves")?;
    narrator.judge("the lock says why, and the owner learns it", split.has("reason", "Expired"), &split.sentence);
    withheld(narrator, stage, &[Kind::Message1], Duration::from_secs(6), "6 s")?;
    withheld(narrator, stage, &[Kind::Message1], Duration::from_secs(11), "11 s")?;
    Ok(())
}

fn withheld(narrator: &mut Narrator, stage: &mut Stage, kinds: &'static [Kind], time: Duration, told: &str) -> Result<Errand> {
    stage.attacker.plan(Plan::Delay(kinds, time));
    let (before, mark) = (stage.truth()?, stage.lock()?.process.mark());
    let errand = stage.send(Person::Owner, "unlock", None, 12)?;
    stage.attacker.plan(Plan::Listen);
    // What is still held back arrives.
    std::thread::sleep(time + Duration::from_millis(300));
    let after = stage.truth()?;
    stage.lock()?.process.since(mark).iter().for_each(|line| narrator.tell("lock", &line.text));
    narrator.judge(
        &format!("an unlock withheld for {told} does not open the door"),
        before == after && !errand.executed,
        &format!("bolt {}, phone: {}", after.bolt, errand.sentence),
    );
    Ok(errand)
}
