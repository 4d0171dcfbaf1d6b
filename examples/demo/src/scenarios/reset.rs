//! Factory reset.

use std::time::Duration;

use anyhow::{Context, Result};
use cloud::messages::{ItemStage, ItemView, Wish};
use lock_proto::{Table, User};
use serde_json::json;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "factory reset",
    story: "Somebody inside holds the reset button: briefly, and nothing happens; for more than ten seconds, and the lock counts down and\n\
            forgets users, codes and settings. The power fails in the middle of it. The owner's cloud stays the owner's: it finds what is lost\n\
            and sends it again when it is told to.",
    play,
};

const CODE: &str = "194857";

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    stage.settle(Wish::SetUser { slot: 9, user: User::default() }, "user-before-the-reset")?;
    stage.settle(
        Wish::SetPin { slot: 5, digits: CODE.into(), user: None, programming: false },
        "pin-before-the-reset",
    )?;
    let mark = hold(stage, Duration::from_secs(3))?;
    let line =
        stage.lock()?.process.wait_for(mark, PATIENCE, |line| line.contains("indicate=reset_cancelled"))?;
    stage.enter(CODE)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    narrator.judge(
        "a short press resets nothing: the code still opens",
        truth.bolt == "retracted",
        &line.text,
    );
    stage.lock_by_hand()?;

    stage.lock()?.bench.act(&json!({ "reset": "pressed" }))?;
    let mark = stage.lock()?.process.mark();
    std::thread::sleep(Duration::from_millis(10_500));
    let counted = stage.lock_log(mark).iter().filter(|line| line.contains("indicate=reset_in")).count();
    narrator.judge(
        "the lock counts down while the button is held",
        counted >= 5,
        &format!("{counted} signs"),
    );
    // The reset is durable as begun; then, before the settings are erased, the power goes.
    let held = stage.lock()?.bench.act(&json!({ "hold": "after persist memory" }))?;
    narrator.tell("bench", &held.to_string());
    let mark = stage.lock()?.process.mark();
    stage.lock()?.bench.act(&json!({ "reset": "released" }))?;
    stage.lock()?.process.wait_for(mark, PATIENCE, |line| line.contains("held="))?;
    stage.restart_lock()?;
    let shown = stage.enter(CODE)?;
    narrator.judge(
        "a reset that was cut off by a power failure is finished at the next start: the code is gone",
        shown.contains("reason=wrong_code"),
        &shown,
    );
    let status = stage.send(Person::Owner, "status", None, 10)?;
    let heard = stage.known()?.heard.context("the cloud heard nothing")?;
    narrator.tell("owner", &status.sentence);
    let opened = stage.send(Person::Owner, "unlock", None, 10)?;
    narrator.judge(
        "the lock keeps its keys and every counter: the owner's cloud still opens it, and nothing old does",
        opened.executed,
        &format!("configuration {}; {}", heard.status.configuration, opened.sentence),
    );
    set_up_again(narrator, stage)
}

/// The cloud finds out what the lock has lost, and sends that and nothing else, because the owner says so.
fn set_up_again(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let compared = stage.send(Person::Owner, "compare", None, 20)?;
    let lost = stage.items(ItemStage::Missing)?;
    narrator.judge(
        "the cloud compares one hash, asks for what differs, and names each item that the lock has lost; nothing is sent unasked",
        compared.executed && lost.iter().any(|item| (item.table, item.slot) == (Table::Credentials, 5)),
        &format!("{} lost: {}", lost.len(), names(&lost)),
    );
    let restored = stage.restore()?;
    narrator.tell("owner", &restored.sentence);
    stage.send(Person::Courier, "deliver", None, 20)?;
    stage.settle(
        Wish::SetPin { slot: 5, digits: CODE.into(), user: None, programming: false },
        "pin-after-the-reset",
    )?;
    let compared = stage.send(Person::Owner, "compare", None, 20)?;
    let left: Vec<u8> = stage.items(ItemStage::Missing)?.into_iter().map(|item| item.slot).collect();
    let others: Vec<u8> = restored.needs_code.iter().copied().filter(|slot| *slot != 5).collect();
    narrator.judge(
        "only what differs travels; codes, whose digits nobody keeps, are asked for again",
        compared.executed
            && !restored.queued.is_empty()
            && restored.queued.len() + restored.needs_code.len() == lost.len()
            && left == others,
        &format!(
            "{} sent again, {} codes to be given, {} left",
            restored.queued.len(),
            restored.needs_code.len(),
            left.len()
        ),
    );
    stage.lock_by_hand()?;
    stage.enter(CODE)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    narrator.judge("the code opens again", truth.bolt == "retracted", &truth.bolt);
    Ok(())
}

fn names(items: &[ItemView]) -> String {
    let names: Vec<_> = items.iter().map(|item| format!("{:?} {}", item.table, item.slot)).collect();
    names.join(", ")
}

fn hold(stage: &mut Stage, duration: Duration) -> Result<usize> {
    let mark = stage.lock()?.process.mark();
    stage.lock()?.bench.act(&json!({ "reset": "pressed" }))?;
    std::thread::sleep(duration);
    stage.lock()?.bench.act(&json!({ "reset": "released" }))?;
    Ok(mark)
}
