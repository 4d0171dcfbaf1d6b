//! What is played, and in which order.

mod backup;
mod battery;
mod claim;
mod courier;
mod cuts;
mod delays;
mod diagnosis;
mod firmware;
mod forgeries;
mod forgotten_code;
mod guest;
mod jam;
mod lockout;
mod log_export;
mod lost_phone;
mod mistakes;
mod new_owner;
mod profile_x;
mod queue;
mod relock;
mod repair;
mod replays;
mod reset;
mod restore;
mod retry;
mod rotation;
mod schedule;
mod unlock;
mod vacation;

use anyhow::{Context, Result};

use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Stage};

/// A scenario: what it is called, what it is about, and how it goes.
struct Scenario {
    name: &'static str,
    story: &'static str,
    play: fn(&mut Narrator, &mut Stage) -> Result<()>,
}

const ALL: [Scenario; 31] = [
    unlock::SCENARIO,
    relock::SCENARIO,
    replays::SCENARIO,
    delays::SCENARIO,
    forgeries::SCENARIO,
    cuts::SCENARIO,
    queue::SCENARIO,
    retry::SCENARIO,
    restore::SCENARIO,
    jam::SCENARIO,
    lockout::SCENARIO,
    schedule::SCENARIO,
    courier::SCENARIO,
    guest::BY_LINK,
    guest::STOLEN,
    vacation::SCENARIO,
    battery::SCENARIO,
    diagnosis::SCENARIO,
    repair::SCENARIO,
    reset::SCENARIO,
    firmware::UPDATE,
    firmware::REFUSED,
    log_export::SCENARIO,
    mistakes::SCENARIO,
    claim::SCENARIO,
    new_owner::SCENARIO,
    lost_phone::SCENARIO,
    forgotten_code::SCENARIO,
    profile_x::SCENARIO,
    rotation::SCENARIO,
    // More than a minute after the other reset: a second hold within one would end the ownership of the lock.
    backup::SCENARIO,
];

fn chosen(only: Option<&str>) -> impl Iterator<Item = &'static Scenario> {
    ALL.iter().filter(move |scenario| only.is_none_or(|only| scenario.name.contains(only)))
}

/// Prints each scenario with the first sentence of its story; `--only NAME` plays one.
pub(crate) fn list() {
    let longest = ALL.iter().map(|scenario| scenario.name.len()).max().unwrap_or_default();
    for Scenario { name, story, .. } in &ALL {
        let first = story.split_inclusive(['.', '!', '?']).next().unwrap_or(story).replace('\n', " ");
        println!("{name:longest$}  {first}");
    }
}

/// Refuses a choice that no scenario meets, in a sentence that names those there are.
pub(crate) fn check_choice(only: Option<&str>) -> Result<()> {
    let names: Vec<_> = ALL.iter().map(|scenario| scenario.name).collect();
    anyhow::ensure!(
        chosen(only).next().is_some(),
        "no scenario has a name that contains \"{}\"; choose among {}",
        only.unwrap_or_default(),
        names.join(", ")
    );
    Ok(())
}

/// Plays all scenarios whose name contains `only`, one after the other on one stage.
pub(crate) fn play(narrator: &mut Narrator, only: Option<&str>) -> Result<()> {
    narrator.scenario(
        "setting up",
        "A lock is manufactured: a number, a root key and a label. Its chip keeps leaf keys only; the cloud keeps the root,\n\
         wrapped by a key of its own. Then both start as processes, and an attacker takes a place on the line between them.",
    );
    let mut stage = Stage::set_up()?;
    narrator.tell("stage", &format!("lock {} and cloud {} run", stage.lock_id, stage.cloud()?.address));
    let (cloud, lock) = (stage.cloud()?.process.id(), stage.lock()?.process.id());
    let bytes = |name| std::fs::metadata(stage.file(name)).map_or(0, |file| file.len());
    let (flash, database) = (bytes("flash.bin"), bytes("fleet.db"));
    narrator.judge(
        "lock and cloud are processes with files of their own",
        cloud != lock && flash > 0 && database > 0,
        &format!(
            "process {lock} with {flash} bytes of flash, process {cloud} with {database} bytes of database"
        ),
    );
    for scenario in chosen(only) {
        narrator.scenario(scenario.name, scenario.story);
        let ready = make_ready(&mut stage).context("the stage cannot be made ready");
        if let Err(error) = ready.and_then(|()| (scenario.play)(narrator, &mut stage)) {
            narrator.broke_off(&error);
            // Whatever state it left the processes in, the next scenario starts with new ones.
            (stage.lock, stage.cloud) = (None, None);
        }
    }
    let (count, repeats) = stage.attacker.nonces();
    narrator.scenario(
        "afterwards",
        "Everything that crossed the line in all scenarios, looked at once more by the attacker.",
    );
    narrator.judge(
        "no nonce of a handshake or a sealed message was ever seen twice, reboots and restored databases included",
        count > 0 && repeats.is_empty(),
        &format!("{count} nonces, repeated: {repeats:?}"),
    );
    Ok(())
}

/// Both processes run, nobody meddles, and the door is closed and locked.
fn make_ready(stage: &mut Stage) -> Result<()> {
    stage.attacker.plan(crate::attacker::Plan::Listen);
    if stage.cloud.is_none() {
        stage.start_cloud()?;
    }
    if stage.lock.is_none() {
        stage.start_lock()?;
    }
    stage.lock()?.bench.act(&serde_json::json!({ "jam": false }))?;
    stage.lock()?.bench.act(&serde_json::json!({ "battery_mv": 6_300 }))?;
    stage.lock_by_hand()?;
    // The lock debounces its sensors; let it see what the hand did.
    let before = stage.truth()?.motor_runs;
    std::thread::sleep(std::time::Duration::from_millis(300));
    let truth = stage.lock()?.bench.wait_for_bolt("extended", PATIENCE)?;
    anyhow::ensure!(truth.motor_runs == before, "the motor ran although nobody asked");
    Ok(())
}
