//! A code with hours, and a lock that has lost the time.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use cloud::messages::Wish;
use lock_proto::{MinuteOfDay, Span, User, UserKind, Weekdays, Window};

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "schedule",
    story: "A guest's code opens at certain hours. The power fails, and the lock no longer knows the time: what is limited in time is\n\
            refused rather than guessed, while the code of the family opens. The first phone that passes brings the time back.",
    play,
};

const GUEST: &str = "730164";
const FAMILY: &str = "582914";

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let user = User { kind: UserKind::WeekDay, ..User::default() };
    stage.settle(Wish::SetUser { slot: 1, user }, "guest")?;
    stage.settle(window(Weekdays::ALL), "any-day")?;
    stage.settle(
        Wish::SetPin { slot: 1, digits: GUEST.into(), user: Some(1) },
        "pin-of-the-guest-with-hours",
    )?;
    stage.settle(Wish::SetPin { slot: 2, digits: FAMILY.into(), user: None }, "pin-of-the-family")?;
    stage.send(Person::Owner, "status", None, 10)?;
    opens(narrator, stage, GUEST, "within the hours the guest's code opens")?;

    stage.restart_lock()?;
    let clock = clock(stage)?;
    narrator.tell("lock", &format!("after the power cut its clock is {clock}"));
    let refused = stage.enter(GUEST)?;
    narrator.judge(
        "without a trusted clock the guest's code is refused, and the lock says why",
        clock != "trusted" && refused.contains("reason=clock_not_trusted"),
        &refused,
    );
    opens(narrator, stage, FAMILY, "the family's code knows no hours and opens")?;

    stage.send(Person::Owner, "status", None, 10)?;
    let known = self::clock(stage)?;
    narrator.judge("a session with the cloud brings the time", known == "trusted", &known);
    opens(narrator, stage, GUEST, "and the guest's code opens again")?;

    stage.settle(window(Weekdays(1 << another_day()?)), "another-day")?;
    let refused = stage.enter(GUEST)?;
    narrator.judge(
        "on another day than its own the code is refused, and the lock says why",
        refused.contains("reason=outside_schedule"),
        &refused,
    );
    Ok(())
}

fn window(days: Weekdays) -> Wish {
    let span = Span::Weekly { days, from: MinuteOfDay(0), until: MinuteOfDay(0) };
    Wish::SetWindow { slot: 0, window: Window { user: 1, span } }
}

/// A weekday that neither today's nor tomorrow's hours touch; 0 is Sunday. The first day of 1970 was a Thursday.
fn another_day() -> Result<u64> {
    let days = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() / 86_400;
    Ok((days + 4 + 3) % 7)
}

fn clock(stage: &mut Stage) -> Result<String> {
    let clock = stage.lock()?.bench.says()?["clock"].as_str().map(str::to_owned);
    clock.context("the lock says nothing of its clock")
}

fn opens(narrator: &mut Narrator, stage: &mut Stage, code: &str, claim: &str) -> Result<()> {
    let shown = stage.enter(code)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    narrator.judge(claim, truth.bolt == "retracted", &shown);
    stage.lock_by_hand()
}
