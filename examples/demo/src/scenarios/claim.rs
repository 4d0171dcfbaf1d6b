//! A lock without an owner is claimed with its label.

use anyhow::Result;
use cloud::messages::LockStanding;
use serde_json::json;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage, finished};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "claim",
    story: "A lock comes from its maker without an owner. Somebody scans its label and has the cloud claim it: with a wrong label, without a\n\
            press of the button inside, with the power gone before the lock has its keys, and with cloud and lock killed (kill -9) right\n\
            after that. The same claim, asked again, comes to its end; no root is made twice.",
    play,
};

fn play(narrator: &mut Narrator, others: &mut Stage) -> Result<()> {
    let unregistered = finished(others.claiming(Person::Courier, &others.label()?, 10)?)?;
    narrator.judge(
        "a cloud whose operator has nothing from the maker claims no lock, whatever label somebody brings",
        !unregistered.executed && unregistered.sentence.contains("ask the operator to import it"),
        &unregistered.sentence,
    );
    others.stop_cloud()?;
    others.import_maker_secret()?;
    others.start_cloud()?;
    others.press_inside()?;
    let taken = finished(others.claiming(Person::Courier, &others.label()?, 10)?)?;
    narrator.judge(
        "a lock with an owner is claimed by nobody, with its own label and a press of its button",
        !taken.executed && taken.sentence.contains("compare label and lock id"),
        &taken.sentence,
    );
    let mut stage = Stage::set_up_unowned()?;
    let label = stage.label()?;
    let wrong = stage.claim(&stage.another_label()?, 10)?;
    let known = stage.cloud()?.admin.locks()?.len();
    narrator.judge(
        "the label of another lock is refused before anything is sent, and nothing is stored",
        !wrong.executed && wrong.sentence == taken.sentence && known == 0,
        &wrong.sentence,
    );
    killed_before_the_lock_has_its_keys(narrator, &mut stage, &label)?;
    killed_after(narrator, &mut stage, &label)?;

    stage.lock_by_hand()?;
    let opened = stage.send(Person::Owner, "unlock", None, 15)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    let audit = stage.audit()?;
    let roots = audit.iter().filter(|entry| entry.result.starts_with("a root for")).count();
    narrator.judge(
        "the owner opens; over all tries one root was made",
        opened.executed && truth.bolt == "retracted" && roots == 1,
        &format!("{}; {roots} root", opened.sentence),
    );
    let (count, repeats) = stage.attacker.nonces();
    narrator.judge(
        "no nonce was seen twice, whatever was cut",
        count > 0 && repeats.is_empty(),
        &format!("{count} looked at, repeated: {repeats:?}"),
    );
    Ok(())
}

fn killed_before_the_lock_has_its_keys(
    narrator: &mut Narrator,
    stage: &mut Stage,
    label: &std::path::Path,
) -> Result<()> {
    let phone = stage.claiming(Person::Owner, label, 30)?;
    let told = phone.wait_for(0, PATIENCE, |line| line.contains("\"press_button\""));
    narrator.judge(
        "a lock whose button nobody pressed is silent, and the phone says what to do",
        told.is_ok() && stage.cloud()?.admin.locks()?.is_empty(),
        &told.map_or_else(|error| format!("{error:#}"), |_| "press the button inside".to_owned()),
    );
    let lock = stage.lock()?;
    let mark = lock.process.mark();
    lock.bench.act(&json!({ "hold": "before persist keys" }))?;
    stage.press_inside()?;
    let held = stage.lock()?.process.wait_for(mark, PATIENCE, |line| line.contains("held="))?;
    narrator.tell("lock", &held.text);
    stage.kill_lock()?;
    drop(phone);
    stage.start_lock()?;
    let standing = stage.known()?.standing;
    narrator.judge(
        "the power went before the lock had its keys: the cloud waits for the lock's proof",
        standing == LockStanding::Claiming,
        &format!("{standing:?}"),
    );
    Ok(())
}

fn killed_after(narrator: &mut Narrator, stage: &mut Stage, label: &std::path::Path) -> Result<()> {
    let lock = stage.lock()?;
    let mark = lock.process.mark();
    lock.bench.act(&json!({ "hold": "after persist keys" }))?;
    stage.press_inside()?;
    let phone = stage.claiming(Person::Owner, label, 30)?;
    let held = stage.lock()?.process.wait_for(mark, PATIENCE, |line| line.contains("held="))?;
    let took_part = phone.wait_for(0, PATIENCE, |line| line.contains("\"handing_over\""));
    narrator.judge(
        "the lock had no owner, and takes part again after another press",
        took_part.is_ok(),
        &held.text,
    );
    stage.kill_cloud()?;
    stage.kill_lock()?;
    drop(phone);
    stage.start_cloud()?;
    stage.start_lock()?;
    let claimed = stage.claim(label, 20)?;
    narrator.judge(
        "cloud, lock and phone were killed after it had them: the same claim goes on and ends, and nobody presses again",
        claimed.executed
            && claimed.has("step", "resuming")
            && !claimed.has("step", "handing_over")
            && stage.known()?.standing == LockStanding::Owned,
        &claimed.sentence,
    );
    Ok(())
}
