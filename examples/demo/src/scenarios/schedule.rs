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
    stage.settle(window(-60, 120)?, "two-hours-around-now")?;
    stage.settle(
        Wish::SetPin { slot: 1, digits: GUEST.into(), user: Some(1), programming: false },
        "pin-of-the-guest-with-hours",
    )?;
    stage.settle(
        Wish::SetPin { slot: 2, digits: FAMILY.into(), user: None, programming: false },
        "pin-of-the-family",
    )?;
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

    stage.settle(window(120, 120)?, "two-hours-later")?;
    let refused = stage.enter(GUEST)?;
    narrator.judge(
        "outside its hours the code is refused, and the lock says why",
        refused.contains("reason=outside_schedule"),
        &refused,
    );
    Ok(())
}

/// From so many minutes before now, by UTC, for so long; it may cross midnight.
fn window(from_now: i64, minutes: i64) -> Result<Wish> {
    let minute = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() / 60)?;
    let of_day =
        |minute: i64| -> Result<MinuteOfDay> { Ok(MinuteOfDay(u16::try_from(minute.rem_euclid(1_440))?)) };
    let (from, until) = (of_day(minute + from_now)?, of_day(minute + from_now + minutes)?);
    let span = Span::Weekly { days: Weekdays::ALL, from, until };
    Ok(Wish::SetWindow { slot: 0, window: Window { user: 1, span } })
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
