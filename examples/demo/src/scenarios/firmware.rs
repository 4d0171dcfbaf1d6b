//! Firmware: updated through a power cut, and never rolled back.

use std::time::Duration;

use anyhow::Result;
use cloud::messages::{ImageName, Install};
use serde_json::{Value, json};

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{Build, Errand, PATIENCE, Person, Stage, finished};

pub(super) const UPDATE: Scenario = Scenario {
    name: "firmware update",
    story: "An operator uploads new firmware, the owner wants it, and a courier's phone carries it to the lock. The power fails in the\n\
            midst of it. The transfer goes on where the lock says. The new version is tried, proves itself, and stays.",
    play: update,
};

pub(super) const REFUSED: Scenario = Scenario {
    name: "rollback refused",
    story: "An older image, with a lower rollback index than the lock has confirmed, is refused, although the maker made it. An image\n\
            that was damaged in the slot does not start. One that runs and never reaches its cloud is rolled back by the lock itself.",
    play: refused,
};

/// Bytes of an image.
const SIZE: u32 = 60_000;
/// So many things the lock does until it has about half of them.
const MIDDLE: u32 = 300;
/// What a cut may cost: a sector, and what was in flight.
const TWICE: u64 = 4_096 + 4 * 448;

fn update(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let runs = stage.firmware()?.0;
    let version = u32::try_from(runs + 1)?;
    let image = stage.publish(Build { version, rollback_index: version, bytes: SIZE })?;
    stage.want_update(version, Install::Confirmed, 60)?;
    narrator.tell("owner", &format!("wants version {version}, of {} bytes, in place of {runs}", image.size));

    let mark = stage.lock()?.process.mark();
    stage.lock()?.bench.act(&json!({ "hold": MIDDLE }))?;
    let phone = stage.phone(Person::Courier, "update", None, 40)?;
    stage.lock()?.process.wait_for(mark, PATIENCE, |line| line.contains("held="))?;
    stage.restart_lock()?;
    let carried = finished(phone)?;
    let starts = sending_from(&carried);
    let sent_twice = starts.iter().skip(1).copied().max().unwrap_or_default();
    let furthest = furthest_before_restart(&carried);
    narrator.judge(
        "the power failed in the midst, and the transfer went on from the last full sector",
        carried.executed
            && starts.len() >= 2
            && sent_twice > 0
            && furthest.saturating_sub(sent_twice) <= TWICE,
        &format!("sent from bytes {starts:?} of {SIZE}; the lock had told of {furthest}"),
    );
    let (running, state) = stage.firmware()?;
    narrator.judge(
        "the lock holds the verified image and runs the version before it",
        running == runs && state == "ready",
        &format!("runs {running}, update {state}"),
    );

    stage.confirm_install(version)?;
    let installed = stage.send(Person::Courier, "update", None, 40)?;
    let (running, state) = stage.firmware()?;
    narrator.judge(
        "confirmed by the owner, tried by the boot loader, kept because it hears its cloud and its bolt is fine",
        installed.executed && running == u64::from(version) && state == "none",
        &format!("runs {running}, update {state}; {}", installed.sentence),
    );
    let known = stage.update()?.lock_said.map(|said| said.version);
    stage.restart_lock()?;
    let (running, _) = stage.firmware()?;
    narrator.judge(
        "after another power cut it is still there, and the cloud knows",
        running == u64::from(version) && known == Some(version),
        &format!("runs {running}; the cloud knows {known:?}"),
    );
    stage.lock_by_hand()?;
    let opened = stage.send(Person::Owner, "unlock", None, 10)?;
    narrator.judge("the door opens under the new version", opened.executed, &opened.sentence);
    Ok(())
}

fn refused(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let runs = u32::try_from(stage.firmware()?.0)?;
    // The one that was confirmed has its version for an index; a lock as made has 1.
    let older = Build { version: 9_000, rollback_index: 0, bytes: 9_000 };
    stage.publish(older)?;
    stage.want_update(older.version, Install::Automatic, 60)?;
    let carried = stage.send(Person::Courier, "update", None, 30)?;
    narrator.judge(
        "an image below the lock's rollback index is refused before a byte of it is sent",
        !carried.executed && carried.sentence.contains("rollback index") && sending_from(&carried).is_empty(),
        &carried.sentence,
    );

    // Whole for the lock, since its digest is what the cloud says; and damaged for the loader, which has the maker's own check.
    let forged = Build { version: runs + 100, rollback_index: runs + 100, bytes: 9_000 };
    let file = stage.file("forged.image");
    stage.publish(Build { version: forged.version + 1, ..forged })?;
    let mut bytes = std::fs::read(stage.file(&format!("firmware-{}.image", forged.version + 1)))?;
    if let Some(byte) = bytes.get_mut(4_000) {
        *byte ^= 1;
    }
    std::fs::write(file, &bytes)?;
    let name = ImageName { model: 1, version: forged.version, rollback_index: forged.rollback_index };
    stage.upload(name, bytes)?;
    stage.want_update(forged.version, Install::Automatic, 60)?;
    let mark = stage.lock()?.process.mark();
    let carried = stage.send(Person::Courier, "update", None, 40)?;
    let log = stage.lock_log(mark).join("\n");
    let (running, state) = stage.firmware()?;
    narrator.judge(
        "an image that the maker did not make is not started: the loader looks for itself",
        !carried.executed
            && log.contains("start=refused")
            && running == u64::from(runs)
            && state == "rolled_back",
        &format!("runs {running}, update {state}; {}", carried.sentence),
    );

    let lonely = Build { version: runs + 200, rollback_index: runs + 200, bytes: 9_000 };
    stage.publish(lonely)?;
    stage.want_update(lonely.version, Install::Automatic, 10)?;
    let mark = stage.lock()?.process.mark();
    let phone = stage.phone(Person::Courier, "update", None, 40)?;
    // Right after it has asked for the install, the phone is gone for good.
    stage.lock()?.process.wait_for(mark, PATIENCE, |line| line.contains("update=pending"))?;
    drop(phone);
    let lock = &stage.lock()?.process;
    lock.wait_for(mark, PATIENCE, |line| line.contains("start=on_trial"))?;
    lock.wait_for(mark, Duration::from_secs(30), |line| line.contains("start=reverted"))?;
    let (running, state) = stage.firmware()?;
    narrator.judge(
        "a version that never hears its cloud gives up by itself, and the one before it runs again",
        running == u64::from(runs) && state == "rolled_back",
        &format!("runs {running}, update {state}, slot {}", stage.spare_slot()?.display()),
    );
    stage.lock_by_hand()?;
    let opened = stage.send(Person::Owner, "unlock", None, 10)?;
    narrator.judge("the door opens as before", opened.executed, &opened.sentence);
    Ok(())
}

/// From which bytes on the image was sent, connection by connection.
fn sending_from(errand: &Errand) -> Vec<u64> {
    let starts = errand.said.iter().filter(|said| {
        said.get("type").and_then(Value::as_str) == Some("updating")
            && said
                .get("sentence")
                .and_then(Value::as_str)
                .is_some_and(|text| text.starts_with("sending from"))
    });
    starts.filter_map(|said| said.get("received")?.as_u64()).collect()
}

/// How much the lock had when it last told so on the first connection.
fn furthest_before_restart(errand: &Errand) -> u64 {
    let mut connections = 0;
    let mut furthest = 0;
    for said in &errand.said {
        let text = said.get("sentence").and_then(Value::as_str).unwrap_or_default();
        connections += usize::from(text.starts_with("sending from"));
        if connections == 1 {
            furthest = said.get("received").and_then(Value::as_u64).unwrap_or(furthest).max(furthest);
        }
    }
    furthest
}
