//! Sections 7.3 and 3.5: what is said is so.

use std::thread;
use std::time::{Duration, Instant};

use lock_core::proto::{Action, BoltPosition, Fault, Outcome, Reason, Seconds};
use serde_json::{Value, json};

use crate::check::{Check, Pace, Seen, Stop, applies, ensure};
use crate::lab::Lab;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "behaviour/unlock-and-lock",
        section: "7.1, 7.3",
        rule: "Unlock and Lock end with Done where the sensor saw the bolt arrive, the status says the same, and so does the bench.",
        look_at: "Done comes from the sensor and never from the motor alone",
        pace: Pace::Short,
        run: there_and_back,
    },
    Check {
        name: "behaviour/says-what-is-so-while-it-moves",
        section: "7.3",
        rule: "While the bolt is on its way no status says that it is where it is to go.",
        look_at: "the fact `bolt` is what the sensor says; `target` is what was wanted",
        pace: Pace::Short,
        run: on_the_way,
    },
    Check {
        name: "behaviour/no-position-without-a-sensor",
        section: "7.3",
        rule: "A lock whose sensor fails says neither Extended nor Retracted, and refuses an Unlock from afar with PositionUnknown.",
        look_at: "what a silent or contradictory sensor makes of the fact `bolt`",
        pace: Pace::Short,
        run: without_a_sensor,
    },
    Check {
        name: "behaviour/lock-without-a-sensor",
        section: "7.3",
        rule: "A lock that has no sensor never says Extended or Retracted, and no motion ends with Done.",
        look_at: "a position that was computed from the time of the motor is none",
        pace: Pace::Short,
        run: never_had_one,
    },
    Check {
        name: "behaviour/jam",
        section: "7.3",
        rule: "A bolt that meets the frame ends with Jammed or TimedOut, the fault is told, and no status calls it Extended; when the frame is free again, Lock ends with Done.",
        look_at: "retries, and that a jam ends by the sensor's evidence alone",
        pace: Pace::Short,
        run: jam,
    },
    Check {
        name: "behaviour/unlock-for",
        section: "7.1",
        rule: "UnlockFor withdraws the bolt and throws it again after its delay, not before.",
        look_at: "the relock's deadline",
        pace: Pace::Short,
        run: unlock_for,
    },
    Check {
        name: "behaviour/wrong-codes-lock-out",
        section: "3.5, 7.1",
        rule: "The fifth wrong code locks codes out for a while, which the status tells; EndLockout ends it.",
        look_at: "the count of wrong codes, which is durable before a code is compared",
        pace: Pace::Short,
        run: lockout,
    },
];

fn sees(lab: &mut Lab, bolt: &str) -> Result<(), Stop> {
    if let Some(seen) = lab.look()? {
        let so = seen.get("bolt").and_then(Value::as_str).unwrap_or_default().to_owned();
        ensure(so == bolt, || format!("the lock says that the bolt is {bolt}, the bench sees it {so}"))?;
    }
    Ok(())
}

fn there_and_back(lab: &mut Lab) -> Seen {
    applies(lab.target.description.position, "no sensor sees the bolt")?;
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    for (action, position, bolt) in [
        (Action::Lock, BoltPosition::Extended, "extended"),
        (Action::Unlock, BoltPosition::Retracted, "retracted"),
        (Action::Lock, BoltPosition::Extended, "extended"),
    ] {
        lab.bring(&mut live, &action)?;
        let said = lab.status(&mut live)?.bolt.value;
        ensure(said == position, || format!("{action:?} is Done, and the status says {said:?}"))?;
        sees(lab, bolt)?;
    }
    Ok("Done, and so".to_owned())
}

fn on_the_way(lab: &mut Lab) -> Seen {
    applies(lab.target.description.position, "no sensor sees the bolt")?;
    applies(lab.target.description.can("look"), "its bench does not look")?;
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Unlock)?;
    let id = lab.cloud.command();
    lab.order(&mut live, id, Action::Lock)?;
    let (mut count, end) = (0, Instant::now() + lab.travel());
    loop {
        let status = lab.status(&mut live)?;
        count += 1;
        if status.bolt.value == BoltPosition::Extended {
            sees(lab, "extended")?;
            break;
        }
        ensure(Instant::now() < end, || format!("the bolt never arrived: {:?}", status.bolt.value))?;
        thread::sleep(Duration::from_millis(20));
    }
    Ok(format!("{count} statuses while it moved, and Extended when it was"))
}

fn without_a_sensor(lab: &mut Lab) -> Seen {
    applies(lab.target.description.position, "no sensor sees the bolt")?;
    applies(lab.target.description.can("sensor"), "its bench does not break the sensor")?;
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Lock)?;
    lab.target.bench()?.say(&json!({ "sensor": "broken" }))?;
    thread::sleep(lab.patience());
    let said = lab.status(&mut live)?.bolt.value;
    let (_, outcome) = lab.carry_out(&mut live, Action::Unlock)?;
    lab.target.bench()?.say(&json!({ "sensor": "whole" }))?;
    thread::sleep(lab.patience());
    ensure(said == BoltPosition::Unknown, || format!("without its sensor the lock says {said:?}"))?;
    ensure(outcome == Outcome::Refused(Reason::PositionUnknown), || {
        format!("an Unlock ends with {outcome:?}")
    })?;
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Lock)?;
    Ok("Unknown, PositionUnknown, and all well when the sensor was whole again".to_owned())
}

fn never_had_one(lab: &mut Lab) -> Seen {
    applies(!lab.target.description.position, "a sensor sees the bolt")?;
    let mut live = lab.live()?;
    for action in [Action::Unlock, Action::Lock] {
        let (_, outcome) = lab.carry_out(&mut live, action)?;
        ensure(outcome != Outcome::Done, || "a motion that nothing saw ends with Done".to_owned())?;
        let said = lab.rest(&mut live)?.bolt.value;
        ensure(![BoltPosition::Extended, BoltPosition::Retracted].contains(&said), || {
            format!("the lock says {said:?}")
        })?;
    }
    Ok("no position, and no Done".to_owned())
}

fn jam(lab: &mut Lab) -> Seen {
    applies(lab.target.description.can("jam"), "its bench does not jam the bolt")?;
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Unlock)?;
    lab.target.bench()?.say(&json!({ "jam": true }))?;
    let (_, outcome) = lab.carry_out(&mut live, Action::Lock)?;
    let status = lab.rest(&mut live)?;
    lab.target.bench()?.say(&json!({ "jam": false }))?;
    ensure(matches!(outcome, Outcome::Jammed | Outcome::TimedOut), || {
        format!("a Lock against the frame ends with {outcome:?}")
    })?;
    ensure(status.fault.value != Fault::None, || "no fault is told".to_owned())?;
    ensure(status.bolt.value != BoltPosition::Extended, || {
        "the status calls a jammed bolt Extended".to_owned()
    })?;
    // A hand that frees it, as it were: back, and out again.
    let (_, _) = lab.carry_out(&mut live, Action::Unlock)?;
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Lock)?;
    Ok(format!("{outcome:?}, {:?}, and Done when the frame was free", status.fault.value))
}

fn unlock_for(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Lock)?;
    let delay = Seconds(2);
    let began = Instant::now();
    let (_, outcome) = lab.carry_out(&mut live, Action::UnlockFor { delay })?;
    ensure(outcome == Outcome::Done, || format!("UnlockFor ends with {outcome:?}"))?;
    let end = Instant::now() + Duration::from_secs(4) + lab.travel();
    loop {
        let bolt = lab.status(&mut live)?.bolt.value;
        if bolt == BoltPosition::Extended {
            break;
        }
        ensure(Instant::now() < end, || format!("the bolt was not thrown again: {bolt:?}"))?;
        thread::sleep(Duration::from_millis(50));
    }
    ensure(began.elapsed() >= Duration::from_millis(1_900), || {
        format!("the bolt was thrown again after {:.1} s", began.elapsed().as_secs_f32())
    })?;
    lab.rest(&mut live)?;
    Ok(format!("thrown again after {:.1} s", began.elapsed().as_secs_f32()))
}

fn lockout(lab: &mut Lab) -> Seen {
    applies(lab.target.description.can("code"), "its bench enters no codes")?;
    let mut live = lab.live()?;
    for _ in 0..5 {
        lab.target.bench()?.say(&json!({ "code": "97531864" }))?;
        thread::sleep(lab.patience());
    }
    let left = lab.status(&mut live)?.lockout;
    ensure(left.0 > 0, || "five wrong codes, and the status tells of no lockout".to_owned())?;
    let (_, outcome) = lab.carry_out(&mut live, Action::EndLockout)?;
    ensure(outcome == Outcome::Done, || format!("EndLockout ends with {outcome:?}"))?;
    let behind = lab.status(&mut live)?.lockout;
    ensure(behind.0 == 0, || format!("{} s of lockout are left behind EndLockout", behind.0))?;
    Ok(format!("locked out for {} s, and no more", left.0))
}
