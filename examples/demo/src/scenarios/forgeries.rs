//! Packets altered on the way.

use std::time::Duration;

use anyhow::{Context, Result};
use lock_proto::Kind;

use super::Scenario;
use crate::attacker::{Alteration, Plan, Way};
use crate::narrator::Narrator;
use crate::stage::{Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "tampering",
    story: "The relay alters genuine packets: flips a bit, cuts a byte off, adds one, joins halves of two messages, sends the lock's own\n\
            packets back to it. Whatever fails its tag gets no answer at all.",
    play,
};

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let alterations = [
        ("flipped in its version", Alteration::FlipBit(2 * 8)),
        ("flipped in its nonce", Alteration::FlipBit(10 * 8)),
        ("flipped in its command", Alteration::FlipBit(30 * 8)),
        ("truncated", Alteration::Truncate),
        ("extended", Alteration::Extend),
        ("spliced with an earlier one", Alteration::Splice),
    ];
    for (name, alteration) in alterations {
        stage.attacker.plan(Plan::Alter(Kind::Message1, alteration));
        let (before, mark, log) = (stage.truth()?, stage.attacker.mark(), stage.lock()?.process.mark());
        let errand = stage.send(Person::Owner, "unlock", None, 2)?;
        let after = stage.truth()?;
        let log = stage.lock_log(log);
        log.iter().filter(|line| line.contains("link=")).for_each(|line| narrator.tell("lock", line));
        let reached = log.iter().filter(|line| line.contains("received=message1")).count();
        let is_silent = stage
            .attacker
            .since(mark)
            .iter()
            .all(|recorded| recorded.way == Way::ToLock || recorded.kind() == Some(Kind::Hello));
        narrator.judge(
            &format!("a first message that was {name} is refused in silence"),
            reached > 0 && is_silent && before == after && !errand.executed,
            &format!("{reached} reached the lock, bolt {}, phone: {}", after.bolt, errand.sentence),
        );
    }
    stage.attacker.plan(Plan::Listen);
    // The link rests for a second after a message that failed.
    std::thread::sleep(Duration::from_millis(1_100));
    reflect(narrator, stage)
}

fn reflect(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let mark = stage.attacker.mark();
    let unlocked = stage.send(Person::Owner, "unlock", None, 10)?;
    anyhow::ensure!(unlocked.executed, "the door does not open any more: {}", unlocked.sentence);
    let from_lock: Vec<_> =
        stage.attacker.since(mark).into_iter().filter(|recorded| recorded.way == Way::FromLock).collect();
    let reflected: Vec<_> = from_lock.into_iter().map(|recorded| recorded.packet).collect();
    let (before, log) = (stage.truth()?, stage.lock()?.process.mark());
    let answers = stage.attacker.inject(&reflected, Duration::from_millis(200))?;
    let after = stage.truth()?;
    let reached = stage.lock_log(log).iter().filter(|line| line.contains(" received=")).count();
    narrator.judge(
        &format!("{} packets of the lock reflected to it are refused in silence", reflected.len()),
        reached == reflected.len() && before == after && answers.is_empty(),
        &format!("{reached} reached the lock, bolt {}, {} answers", after.bolt, answers.len()),
    );
    let sealed = queued_and_altered(stage)?;
    narrator.judge(
        "a sealed setting with a flipped bit is not applied, and the genuine one is",
        sealed.0,
        &sealed.1,
    );
    Ok(())
}

/// A sealed message is carried once altered and once as it is.
fn queued_and_altered(stage: &Stage) -> Result<(bool, String)> {
    let version = || -> Result<u32> {
        stage.send(Person::Owner, "status", None, 10)?;
        Ok(stage.known()?.heard.context("the cloud heard nothing")?.status.configuration)
    };
    let before = version()?;
    stage.queue(cloud::messages::Wish::AutoRelock { seconds: 0 }, "altered-on-the-way", None)?;
    stage.attacker.plan(Plan::Alter(Kind::SealedDown, Alteration::FlipBit(40 * 8)));
    stage.send(Person::Courier, "deliver", None, 3)?;
    let altered = version()?;
    stage.attacker.plan(Plan::Listen);
    stage.send(Person::Courier, "deliver", None, 10)?;
    let genuine = version()?;
    Ok((
        altered == before && genuine == before + 1,
        format!("configuration {before}, then {altered}, then {genuine}"),
    ))
}
