//! A lock changes hands between two households.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use cloud::messages::{KeyConditions, LockStanding, Wish};

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};
use crate::verify_log;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "new owner",
    story: "A flat is sold, and the lock stays on its door. The old owner ends the ownership with a phone; the new one scans the label and has\n\
            a cloud of their own claim it. The old cloud, its virtual keys, its codes and all that was ever recorded open nothing.",
    play,
};

const CODE: &str = "602914";

fn play(narrator: &mut Narrator, others: &mut Stage) -> Result<()> {
    let refused = others.release(Person::Courier)?;
    let standing = others.known()?.standing;
    narrator.judge(
        "who may only carry messages ends no ownership",
        !refused.executed && refused.sentence.contains("`own`") && standing == LockStanding::Owned,
        &refused.sentence,
    );
    let mut stage = Stage::set_up_unowned()?;
    let label = stage.label()?;
    stage.press_inside()?;
    let claimed = stage.claim(&label, 20)?;
    narrator.tell("owner", &claimed.sentence);
    let key = live_in_it(narrator, &mut stage)?;
    let recorded: Vec<_> = stage.attacker.since(0).into_iter().map(|recorded| recorded.packet).collect();

    let fetched = stage.send(Person::Owner, "log", None, 20)?;
    let their_log = stage.log(0)?;
    narrator.judge(
        "the old owner reads the log since the claim",
        fetched.executed && their_log.faults.is_empty() && their_log.entries.len() > 5,
        &format!("{} entries; {}", their_log.entries.len(), their_log.verdict),
    );
    let before = stage.send(Person::Owner, "release", None, 10)?;
    let released = stage.release(Person::Owner)?;
    narrator.judge(
        "the ownership ends when its owner says that it is meant so, and not before",
        !before.executed
            && before.sentence.contains("--destroy")
            && released.executed
            && stage.known()?.standing == LockStanding::Released,
        &format!("first: {}; then: {}", before.sentence, released.sentence),
    );
    nothing_old_opens(narrator, &mut stage, &key, &recorded, "the lock has no owner")?;

    let mut old = stage.another_household("buyers")?;
    stage.press_inside()?;
    let claimed = stage.claim(&label, 20)?;
    stage.lock_by_hand()?;
    let opened = stage.send(Person::Owner, "unlock", None, 15)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    narrator.judge(
        "the new owner's cloud claims it with the label, and opens",
        claimed.executed && opened.executed && truth.bolt == "retracted",
        &format!("{}; {}", claimed.sentence, opened.sentence),
    );
    stage.lock_by_hand()?;
    log_begins_anew(narrator, &mut stage, their_log.next)?;
    stage.exchange(&mut old);
    nothing_old_opens(narrator, &mut stage, &key, &recorded, "the lock has another owner")?;
    stage.exchange(&mut old);
    let (count, repeats) = stage.attacker.nonces();
    narrator.judge(
        "no nonce was seen twice under any owner",
        count > 0 && repeats.is_empty(),
        &format!("{count} looked at, repeated: {repeats:?}"),
    );
    Ok(())
}

/// The old owner's time: a code for the family, a key for a guest.
fn live_in_it(narrator: &mut Narrator, stage: &mut Stage) -> Result<PathBuf> {
    // The lock learns the time.
    stage.send(Person::Owner, "status", None, 10)?;
    let pin = Wish::SetPin { slot: 0, digits: CODE.into(), user: None, programming: false };
    stage.queue(pin, "code-of-the-family", None)?;
    stage.send(Person::Owner, "deliver", None, 10)?;
    let (_, key) = stage.virtual_key("old-guest", KeyConditions::default(), None)?;
    stage.lock_by_hand()?;
    let visit = stage.visit("unlock", &key, None)?;
    stage.lock_by_hand()?;
    stage.enter(CODE)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    narrator.judge(
        "in the old owner's time a guest's key and a code open",
        visit.executed && truth.bolt == "retracted",
        &format!("{}; code: {}", visit.sentence, truth.bolt),
    );
    stage.lock_by_hand()?;
    Ok(key)
}

/// The new owner's log begins with the claim, and has nothing of the time before.
fn log_begins_anew(narrator: &mut Narrator, stage: &mut Stage, theirs: u64) -> Result<()> {
    let fetched = stage.send(Person::Owner, "log", None, 20)?;
    let log = stage.log(0)?;
    let first = log.entries.first().map(|entry| entry.index);
    narrator.judge(
        "the new owner verifies the log since the claim, and is told nothing of the old owner's time",
        fetched.executed && log.faults.is_empty() && first.is_some_and(|first| first >= theirs),
        &format!("from entry {first:?} on, and the old owner had those below {theirs}; {}", log.verdict),
    );
    let report =
        verify_log::verify(&stage.log_file(0)?, &stage.log_key(0)?, None).map_err(anyhow::Error::msg)?;
    narrator.judge(
        "and so does somebody else, with the key of the new owner",
        report.faults == 0 && report.unverified == 0,
        report.lines.iter().rev().nth(1).map_or("", String::as_str),
    );
    Ok(())
}

fn nothing_old_opens(
    narrator: &mut Narrator,
    stage: &mut Stage,
    key: &Path,
    recorded: &[Vec<u8>],
    when: &str,
) -> Result<()> {
    // The lock debounces its sensors; let it see what the hand did.
    std::thread::sleep(Duration::from_millis(300));
    let before = stage.truth()?;
    let asked = stage.send(Person::Owner, "unlock", None, 10)?;
    narrator.judge(
        &format!("{when}: the old cloud is refused"),
        !asked.executed && stage.truth()? == before,
        &asked.sentence,
    );
    let visit = stage.visit("unlock", key, None)?;
    let shown = stage.enter(CODE)?;
    narrator.judge(
        &format!("{when}: the old guest's key and the old code are dead"),
        !visit.executed && shown.contains("indicate=refused") && stage.truth()? == before,
        &format!("{}; code: {shown}", visit.sentence),
    );
    for packets in recorded.chunks(40) {
        stage.attacker.inject(packets, Duration::from_millis(100))?;
    }
    narrator.judge(
        &format!("{when}: of all that was recorded nothing moves it"),
        stage.truth()? == before,
        &format!("{} packets played", recorded.len()),
    );
    Ok(())
}
