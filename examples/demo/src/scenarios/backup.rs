//! Backup and restore: codes come back whose digits nobody kept.

use std::time::Duration;

use anyhow::Result;
use cloud::messages::{ItemStage, Wish};
use serde_json::json;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage, finished};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "backup",
    story: "The cloud erases the digits of a code once the lock has it. A backup holds what the lock keeps of them, and the key that\n\
            makes it fit. After a factory reset the family's code opens again and nobody has to be asked for it, although the\n\
            power fails while it is restored. A code that was cleared in between stays dead.",
    play,
};

const FAMILY: &str = "590174";
const FORMER: &str = "830265";

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let pin =
        |slot, digits: &str| Wish::SetPin { slot, digits: digits.into(), user: None, programming: false };
    stage.settle(pin(6, FAMILY), "family-before-the-backup")?;
    stage.settle(pin(7, FORMER), "former-before-the-backup")?;
    let taken = stage.send(Person::Owner, "backup", None, 20)?;
    let file = stage.backup_file()?;
    // Format, then the number of the lock (section 11).
    let names = file.get(1..17).map(hex);
    let digits = [FAMILY, FORMER].iter().any(|digits| file.windows(6).any(|part| part == digits.as_bytes()));
    narrator.judge(
        "the cloud stores what the lock keeps of its codes; the owner's copy is sealed and names the lock alone",
        taken.executed && !digits && names.as_ref() == Some(&stage.lock_id),
        &format!("{}; a file of {} bytes", said(&taken.said), file.len()),
    );
    stage.settle(Wish::ClearPin { slot: 7 }, "former-tenant-is-gone")?;

    stage.lock()?.bench.act(&json!({ "reset": "pressed" }))?;
    std::thread::sleep(Duration::from_millis(10_500));
    stage.lock()?.bench.act(&json!({ "reset": "released" }))?;
    stage.send(Person::Owner, "compare", None, 20)?;
    let shown = stage.enter(FAMILY)?;
    narrator.judge("after a factory reset the code is wrong", shown.contains("reason=wrong_code"), &shown);

    // The key of the backup is written, and before the lock can say so the power goes.
    let held = stage.lock()?.bench.act(&json!({ "hold": "after persist keys" }))?;
    narrator.tell("bench", &held.to_string());
    let mark = stage.lock()?.process.mark();
    let phone = stage.phone(Person::Owner, "restore", None, 4)?;
    stage.lock()?.process.wait_for(mark, PATIENCE, |line| line.contains("held="))?;
    stage.restart_lock()?;
    let cut = finished(phone)?;
    let restored = stage.send(Person::Owner, "restore", None, 20)?;
    narrator.judge(
        "a restore that the power cut off is made whole by asking again",
        !cut.executed && restored.executed,
        &format!("first: {}; then: {}", cut.sentence, said(&restored.said)),
    );
    stage.send(Person::Courier, "deliver", None, 20)?;
    stage.lock_by_hand()?;
    stage.enter(FAMILY)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    narrator.judge(
        "the family's code opens again, and nobody gave its digits a second time",
        truth.bolt == "retracted",
        &truth.bolt,
    );
    stage.lock_by_hand()?;
    let shown = stage.enter(FORMER)?;
    let compared = stage.send(Person::Owner, "compare", None, 20)?;
    let lost = stage.items(ItemStage::Missing)?.iter().filter(|item| [6, 7].contains(&item.slot)).count();
    narrator.judge(
        "what was cleared since the backup stays dead, and lock and cloud agree",
        shown.contains("reason=wrong_code") && compared.executed && lost == 0,
        &shown,
    );
    Ok(())
}

/// The last sentence for people.
fn said(said: &[serde_json::Value]) -> String {
    let mut sentences = said.iter().filter_map(|said| said.get("sentence")?.as_str());
    sentences.next_back().unwrap_or_default().to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
