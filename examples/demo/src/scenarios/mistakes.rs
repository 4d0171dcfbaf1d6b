//! Mistakes of operators: told in one sentence, and nothing is lost.

use anyhow::{Context, Result};

use super::Scenario;
use crate::narrator::Narrator;
use crate::process::Process;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "mistakes",
    story: "A second cloud on the same database, a second lock on the same flash, a missing key file, a port in use, a damaged database, a\n\
            damaged flash: each is refused with a sentence that says what to do, and the damaged file is left as it is.",
    play,
};

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    refused(narrator, "a second cloud on the same database", stage.serve()?)?;
    refused(narrator, "a second lock on the same flash", stage.run_lock()?)?;
    stage.stop_cloud()?;
    let (kek, hidden) = (stage.file("kek"), stage.file("kek-hidden"));
    std::fs::rename(&kek, &hidden)?;
    refused(narrator, "a cloud without its key file", stage.serve()?)?;
    std::fs::rename(&hidden, &kek)?;
    damaged(narrator, stage, "fleet.db", "a damaged database", Stage::serve)?;
    stage.stop_lock()?;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").context("no free port can be found")?;
    refused(narrator, "a lock on a port in use", stage.run_lock_at(taken.local_addr()?)?)?;
    damaged(narrator, stage, "flash.bin", "a damaged flash", Stage::run_lock)?;
    stage.start_cloud()?;
    stage.start_lock()?;
    let opened = stage.send(Person::Owner, "unlock", None, 10)?;
    narrator.judge("with everything back in its place the door opens", opened.executed, &opened.sentence);
    Ok(())
}

/// Damages a file, tries to start on it, and puts the good file back.
fn damaged(
    narrator: &mut Narrator,
    stage: &Stage,
    name: &str,
    what: &str,
    start: fn(&Stage) -> Result<Process>,
) -> Result<()> {
    let path = stage.file(name);
    let good = std::fs::read(&path).with_context(|| format!("{name} cannot be read"))?;
    let mut bad = good.clone();
    // Wear takes a bit here and there, of whatever was written.
    for byte in bad.iter_mut().step_by(7).filter(|byte| **byte != 0 && **byte != 0xff) {
        *byte &= *byte - 1;
    }
    std::fs::write(&path, &bad)?;
    refused(narrator, what, start(stage)?)?;
    let kept = std::fs::read(&path)? == bad;
    narrator.judge(&format!("{what} is left as it is"), kept, "compared byte by byte");
    std::fs::write(&path, &good)?;
    Ok(())
}

fn refused(narrator: &mut Narrator, what: &str, mut process: Process) -> Result<()> {
    let status = process.wait(PATIENCE)?;
    let sentence = process.since(0).last().map(|line| line.text.clone()).unwrap_or_default();
    narrator.judge(
        &format!("{what} is refused"),
        status.code() == Some(1) && !sentence.is_empty(),
        &sentence,
    );
    Ok(())
}
