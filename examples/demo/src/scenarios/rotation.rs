//! New keys for the lock, with the power gone and the cloud dead in the midst.

use std::time::{Duration, Instant};

use anyhow::Result;
use cloud::messages::{KeyConditions, RotationView, Wish};
use serde_json::json;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage, finished};
use crate::verify_log;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "rotation",
    story: "Somebody may have seen the keys of a lock (profile X), so lock and cloud agree on new ones. The lock is killed (kill -9) at every step\n\
            of a rotation, and the cloud after every packet that it sends. Each time they work together at once, and the next try ends it.\n\
            What was recorded or given out under the old keys is dead.",
    play,
};

/// More than a rotation has.
const MOST: usize = 60;

fn play(narrator: &mut Narrator, others: &mut Stage) -> Result<()> {
    others.send(Person::Owner, "status", None, 10)?;
    let first = others.rotation()?;
    narrator.judge(
        "the lock of the other scenarios has the keys that it was made with",
        first.key_epoch == 1 && first.under_way.is_none(),
        &first.sentence,
    );
    let mut stage = Stage::set_up_as("x")?;
    let lock_cuts = cut_the_lock(narrator, &mut stage)?;
    narrator.judge(
        "a rotation was cut at each step of the lock",
        (15..MOST).contains(&lock_cuts),
        &format!("{lock_cuts} cuts"),
    );
    let cloud_cuts = kill_the_cloud(narrator, &mut stage)?;
    narrator.judge(
        "and behind each packet of the cloud",
        (5..MOST).contains(&cloud_cuts),
        &format!("{cloud_cuts} times"),
    );
    old_things(narrator, &mut stage)?;
    log_goes_on(narrator, &mut stage)?;
    let (count, repeats) = stage.attacker.nonces();
    narrator.judge(
        "no nonce and no ephemeral key was seen twice, whatever was cut",
        count > 0 && repeats.is_empty(),
        &format!("{count} looked at, repeated: {repeats:?}"),
    );
    Ok(())
}

fn cut_the_lock(narrator: &mut Narrator, stage: &mut Stage) -> Result<usize> {
    for boundary in 1..=MOST {
        stage.want_rotation()?;
        let lock = stage.lock()?;
        let log = lock.process.mark();
        lock.bench.act(&json!({ "hold": boundary }))?;
        let phone = stage.phone(Person::Owner, "rotate", None, 20)?;
        let held = wait_for_end_or(stage, log, &phone)?;
        stage.restart_lock()?;
        finished(phone)?;
        let Some(held) = held else { return Ok(boundary - 1) };
        works_and_ends(narrator, stage, &format!("killed at step {boundary}, {held}"))?;
    }
    Ok(MOST)
}

/// What the lock was about to do when it stopped; `None` where the phone was done before.
fn wait_for_end_or(stage: &mut Stage, log: usize, phone: &crate::process::Process) -> Result<Option<String>> {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if let Some(line) = stage.lock_log(log).into_iter().find(|line| line.contains("held=")) {
            let place = line.split("held=").nth(1).unwrap_or_default().trim_matches('"');
            return Ok(Some(place.to_owned()));
        }
        if phone.since(0).iter().any(|line| line.text.contains("\"ended\"")) {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    anyhow::bail!("neither the lock stopped nor the phone ended")
}

fn kill_the_cloud(narrator: &mut Narrator, stage: &mut Stage) -> Result<usize> {
    for packets in 1..=MOST {
        stage.want_rotation()?;
        let log = stage.cloud()?.process.mark();
        let phone = stage.phone(Person::Owner, "rotate", None, 20)?;
        let until = Instant::now() + PATIENCE;
        let sent = |stage: &Stage| -> Result<usize> {
            let lines = stage.cloud()?.process.since(log);
            Ok(lines.iter().filter(|line| line.text.contains("fact=sent")).count())
        };
        let mut is_over = false;
        while sent(stage)? < packets && !is_over && Instant::now() < until {
            is_over = phone.since(0).iter().any(|line| line.text.contains("\"ended\""));
            std::thread::sleep(Duration::from_millis(2));
        }
        stage.kill_cloud()?;
        finished(phone)?;
        stage.start_cloud()?;
        if is_over {
            return Ok(packets - 1);
        }
        works_and_ends(narrator, stage, &format!("the cloud killed behind packet {packets}"))?;
    }
    Ok(MOST)
}

/// The owner opens and locks at once; then the rotation comes to its end.
fn works_and_ends(narrator: &mut Narrator, stage: &mut Stage, when: &str) -> Result<()> {
    stage.lock_by_hand()?;
    let opened = stage.send(Person::Owner, "unlock", None, 15)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    let before = stage.rotation()?;
    let ended = if before.under_way.is_some() {
        stage.send(Person::Owner, "rotate", None, 40)?.executed
    } else {
        true
    };
    let after = stage.rotation()?;
    narrator.judge(
        &format!("{when}: the door opens, and the rotation comes to its end"),
        opened.executed && truth.bolt == "retracted" && ended && after.under_way.is_none(),
        &format!("{}; key epoch {}", opened.sentence, after.key_epoch),
    );
    Ok(())
}

fn old_things(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    // The lock learns the time, and a packet is on its way that nobody delivers.
    stage.send(Person::Owner, "status", None, 15)?;
    let (key, file) = stage.virtual_key("dog-walker", KeyConditions::default(), None)?;
    stage.lock_by_hand()?;
    let visit = stage.visit("unlock", &file, None)?;
    narrator.judge("a guest key opens before the rotation", visit.executed, &visit.sentence);
    stage.settle(Wish::AutoRelock { seconds: 45 }, "before-the-rotation")?;
    let recorded: Vec<_> = stage.attacker.since(0).into_iter().map(|recorded| recorded.packet).collect();
    stage.want_rotation()?;
    let rotated = stage.send(Person::Owner, "rotate", None, 40)?;
    narrator.judge("the keys are rotated", rotated.executed, &rotated.sentence);

    stage.lock_by_hand()?;
    let before = stage.truth()?;
    let visit = stage.visit("unlock", &file, None)?;
    let is_same = stage.truth()? == before;
    narrator.judge("the guest key opens nothing any more", !visit.executed && is_same, &visit.sentence);
    let view = stage.rotation()?;
    let listed: Vec<_> = view.to_reissue.iter().map(|key| key.label.as_str()).collect();
    narrator.judge(
        "and stands in the list of keys to issue again",
        view.to_reissue.iter().any(|listed| listed.serial == key.serial),
        &format!("{listed:?}"),
    );
    let mut answered = 0;
    for packets in recorded.chunks(40) {
        answered += stage.attacker.inject(packets, Duration::from_millis(100))?.len();
    }
    narrator.judge(
        "of all that was recorded under the old keys nothing moves the lock",
        stage.truth()? == before,
        &format!("{} packets played; packets that came back: {answered}", recorded.len()),
    );
    let opened = stage.send(Person::Owner, "unlock", None, 15)?;
    narrator.judge("the owner opens with the new ones", opened.executed, &opened.sentence);
    Ok(())
}

/// Each key epoch has a chain of the log of its own, wherever the lock was killed in between.
fn log_goes_on(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let fetched = stage.send(Person::Owner, "log", None, 40)?;
    let (log, epoch) = (stage.log(0)?, stage.rotation()?.key_epoch);
    let begun = log.entries.iter().filter(|entry| entry.what.starts_with("key epoch ")).count();
    let is_last = log.entries.iter().any(|entry| entry.what == format!("key epoch {epoch} begins"));
    narrator.judge(
        "the log goes on through all rotations, a chain for each, and the cloud verifies all of it",
        fetched.executed && log.faults.is_empty() && log.unverified.is_empty() && is_last,
        &format!("{begun} chains begun in {} entries; {}", log.entries.len(), log.verdict),
    );
    let report =
        verify_log::verify(&stage.log_file(0)?, &stage.log_key(0)?, None).map_err(anyhow::Error::msg)?;
    narrator.judge(
        "and so does somebody else, with the first key of each",
        report.faults == 0 && report.unverified == 0,
        report.lines.iter().rev().nth(1).map_or("", String::as_str),
    );
    Ok(())
}

impl Stage {
    fn want_rotation(&self) -> Result<RotationView> {
        Ok(self.owner()?.rotate(&self.lock_id)?)
    }

    fn rotation(&self) -> Result<RotationView> {
        Ok(self.owner()?.rotation(&self.lock_id)?)
    }
}
