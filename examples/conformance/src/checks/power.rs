//! What holds wherever the power is cut: the lock's process is killed, and started again on its storage.

use std::thread;
use std::time::Duration;

use lock_core::proto::{Action, CommandId, Outcome, Query, Reply, Request, Seconds, Setting};
use serde_json::json;

use crate::check::{Check, Pace, Seen, Stop, applies, ensure};
use crate::cloud::Sent;
use crate::lab::Lab;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "power/boot-counter-grows",
        section: "3.4, 7.3",
        rule: "Each start has a higher boot counter, also after cuts right behind a start, and no Hello of before comes again.",
        look_at: "the boot counter is durable before the first Hello",
        pace: Pace::Short,
        run: boots,
    },
    Check {
        name: "power/used-numbers-stay-used",
        section: "5, 6",
        rule: "After a power cut, a Message1 and a sealed message of before move nothing, a command of before is a repeat, and no mark has gone back.",
        look_at: "mark and ledger are durable before the motor moves",
        pace: Pace::Short,
        run: used_numbers,
    },
    Check {
        name: "power/cut-in-an-unlock",
        section: "6",
        rule: "Wherever the power is cut in an Unlock, its command has run wholly, is Interrupted for good, or was never begun and still runs; it never runs twice.",
        look_at: "the record with the id comes before the motor; begun and not finished is Interrupted at the next boot",
        pace: Pace::Short,
        run: random_cuts,
    },
    Check {
        name: "power/cut-at-each-step",
        section: "6",
        rule: "The same at each step of the run loop that the bench can hold.",
        look_at: "the step that is named: what was durable there, and what had left the lock",
        pace: Pace::Short,
        run: each_step,
    },
    Check {
        name: "power/configuration-stays",
        section: "6",
        rule: "A setting that was Done is in force after a power cut, with the same version and the same digest.",
        look_at: "a setting is durable before it is answered",
        pace: Pace::Short,
        run: configuration,
    },
    Check {
        name: "power/sealed-numbers-never-come-again",
        section: "5, 3.4",
        rule: "The lock's sealed messages have other numbers after each power cut.",
        look_at: "counters are reserved in storage in blocks before they are used",
        pace: Pace::Short,
        run: sealed_up,
    },
    Check {
        name: "power/wrong-codes-are-counted-over-cuts",
        section: "3.5",
        rule: "Five wrong codes with a power cut behind each lock codes out, and a cut does not end it.",
        look_at: "the count is durable before a code is compared; a boot takes up the lockout where it was",
        pace: Pace::Short,
        run: wrong_codes,
    },
];

const NO_POWER: &str = "the kit does not give this lock its power: say how to start it";

fn boots(lab: &mut Lab) -> Seen {
    applies(lab.target.is_restartable(), NO_POWER)?;
    let mut last = lab.open(&Request::Nothing)?.1.boot;
    let first = last;
    for _ in 0..4 {
        lab.reboot()?;
        // Once with nothing between two cuts but a Hello.
        let (link, _) = lab.greeted()?;
        drop(link);
        lab.reboot()?;
        let boot = lab.open(&Request::Nothing)?.1.boot;
        ensure(boot > last, || format!("boot {last} is followed by boot {boot}"))?;
        last = boot;
    }
    match lab.witness.breaches.iter().find(|breach| breach.contains("came twice")) {
        Some(breach) => Err(Stop::Failed(breach.clone())),
        None => Ok(format!("boots {first} to {last}, and no nonce came twice")),
    }
}

fn used_numbers(lab: &mut Lab) -> Seen {
    applies(lab.target.is_restartable(), NO_POWER)?;
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Lock)?;
    let link = live.link.clone();
    let (sealed_id, live_id) = (lab.cloud.command(), lab.cloud.command());
    let request = Request::Command { id: sealed_id, action: Action::Unlock };
    let sealed = lab.cloud.seal(&request, Sent::now(), &mut lab.random);
    lab.deliver(&link, &sealed)?;
    thread::sleep(lab.patience());
    lab.rest(&mut live)?;
    drop((live, link));
    let (link, hello) = lab.greeted()?;
    let request = Request::Command { id: live_id, action: Action::Lock };
    let (message1, waiting) = lab.cloud.message1(&hello, &request, &mut lab.random);
    link.send(&message1);
    let (mut live, _) = lab.finish(link, waiting)?;
    lab.rest(&mut live)?;
    let told = lab.witness.marks;
    drop(live);
    lab.reboot()?;
    let (mut live, answer) = lab.open(&Request::Nothing)?;
    ensure(
        told.is_none_or(|told| answer.marks.down >= told.down && answer.marks.command >= told.command),
        || format!("marks went back from {told:?} to {:?}", answer.marks),
    )?;
    lab.rest(&mut live)?;
    let before = lab.signs(&mut live)?;
    live.link.send(&sealed);
    thread::sleep(lab.patience());
    for (id, action) in [(sealed_id, Action::Unlock), (live_id, Action::Lock)] {
        let (outcome, repeat) = lab.order(&mut live, id, action)?;
        ensure(repeat, || {
            format!("command {}, of before the cut, is answered by {outcome:?} as a new one", id.0)
        })?;
    }
    let after = lab.signs(&mut live)?;
    ensure(before == after, || {
        format!("what was used before the cut moved something: {before:?} became {after:?}")
    })?;
    drop(live);
    let (link, _) = lab.greeted()?;
    link.send(&message1);
    lab.silence(&link, "a Message1 of before the cut")?;
    drop(link);
    thread::sleep(if lab.target.is_serial() { crate::link::HELLO_EVERY } else { Duration::ZERO });
    Ok(format!("nothing moved, two repeats, {:?}", answer.marks))
}

/// What has become of a command after a cut, and that it can never run twice.
fn judge(lab: &mut Lab, id: CommandId, message1: &[u8]) -> Result<Outcome, Stop> {
    let (mut live, answer) = lab.open(&Request::Query(Query::Command(id)))?;
    let Reply::Command { outcome, .. } = answer.reply else {
        return Err(Stop::Failed(format!(
            "asked for the command after the cut, the lock says {:?}",
            answer.reply
        )));
    };
    let begun = [Outcome::Interrupted, Outcome::Done].contains(&outcome);
    ensure(begun || outcome == Outcome::NotExecuted, || {
        format!("after the cut, command {} is {outcome:?}", id.0)
    })?;
    ensure(begun == (answer.marks.command >= id), || {
        format!("command {} is {outcome:?}, and the marks are {:?}", id.0, answer.marks)
    })?;
    lab.rest(&mut live)?;
    let before = lab.signs(&mut live)?;
    drop(live);
    let (link, _) = lab.greeted()?;
    link.send(message1);
    lab.silence(&link, "the Message1 of before the cut")?;
    drop(link);
    thread::sleep(if lab.target.is_serial() { crate::link::HELLO_EVERY } else { Duration::ZERO });
    let mut live = lab.live()?;
    let (again, repeat) = lab.order(&mut live, id, Action::Unlock)?;
    if begun {
        ensure(repeat && again == outcome, || {
            format!("it was {outcome:?}, and is answered by {again:?}, repeat {repeat}")
        })?;
        let after = lab.signs(&mut live)?;
        ensure(before == after, || format!("command {} ran twice: {before:?} became {after:?}", id.0))?;
    } else {
        ensure(!repeat && matches!(again, Outcome::Started | Outcome::Done), || {
            format!("it was never begun, and is answered by {again:?}, repeat {repeat}")
        })?;
    }
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Lock)?;
    Ok(outcome)
}

/// An Unlock is on its way, and what `cut` does happens to the lock.
fn cut_unlock(
    lab: &mut Lab,
    cut: impl FnOnce(&mut Lab, &dyn Fn()) -> Result<bool, Stop>,
) -> Result<Option<Outcome>, Stop> {
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Lock)?;
    drop(live);
    let (link, hello) = lab.greeted()?;
    let id = lab.cloud.command();
    let request = Request::Command { id, action: Action::Unlock };
    let (message1, _) = lab.cloud.message1(&hello, &request, &mut lab.random);
    let sent = message1.clone();
    if !cut(lab, &move || link.send(&sent))? {
        return Ok(None);
    }
    lab.reboot()?;
    judge(lab, id, &message1).map(Some)
}

fn random_cuts(lab: &mut Lab) -> Seen {
    applies(lab.target.is_restartable(), NO_POWER)?;
    let mut found = [0_u32; 3];
    for number in 0..lab.cuts {
        // Most of them in the first moments, where the records are written.
        let longest = match number % 3 {
            0 => 3_000,
            1 => 30_000,
            _ => lab.target.description.travel_ms.min(1_200) * 1_000,
        };
        let wait = Duration::from_micros(lab.random.below(longest));
        let outcome = cut_unlock(lab, |lab, send| {
            send();
            thread::sleep(wait);
            lab.target.cut_power();
            Ok(true)
        })
        .map_err(|stop| named(stop, &format!("cut {wait:?} behind an Unlock")))?;
        found[match outcome {
            Some(Outcome::NotExecuted) => 0,
            Some(Outcome::Interrupted) => 1,
            _ => 2,
        }] += 1;
    }
    let [never, interrupted, done] = found;
    Ok(format!(
        "{} cuts: {never} before it was begun, {interrupted} Interrupted, {done} Done; none ran twice",
        lab.cuts
    ))
}

fn named(stop: Stop, what: &str) -> Stop {
    match stop {
        Stop::Failed(seen) => Stop::Failed(format!("{what}: {seen}")),
        Stop::Broken(seen) => Stop::Broken(format!("{what}: {seen}")),
        Stop::NotApplicable(why) => Stop::NotApplicable(why),
    }
}

fn each_step(lab: &mut Lab) -> Seen {
    applies(lab.target.is_restartable(), NO_POWER)?;
    applies(lab.target.description.can("hold"), "its bench does not hold the run loop")?;
    let mut steps = Vec::new();
    for number in 1..=40_u64 {
        let mut step = String::new();
        let outcome = cut_unlock(lab, |lab, send| {
            lab.target.bench()?.say(&json!({ "hold": number }))?;
            send();
            let Some(line) = lab.target.bench()?.line_within(Duration::from_millis(1_500)) else {
                return Ok(false);
            };
            line["held"].as_str().unwrap_or_default().clone_into(&mut step);
            lab.target.cut_power();
            Ok(true)
        })
        .map_err(|stop| named(stop, &format!("cut {number} steps behind an Unlock ({step})")))?;
        match outcome {
            Some(outcome) => steps.push(format!("{step}: {outcome:?}")),
            None => break,
        }
        // Behind its end nothing of the command is left to be cut.
        if matches!(outcome, Some(Outcome::Done)) {
            break;
        }
    }
    lab.reboot()?;
    ensure(steps.len() > 3, || format!("the bench held at {} steps alone: {steps:?}", steps.len()))?;
    Ok(format!("{} steps; {}", steps.len(), steps.join(", ")))
}

fn configuration(lab: &mut Lab) -> Seen {
    applies(lab.target.is_restartable(), NO_POWER)?;
    let mut live = lab.live()?;
    for round in 0..3_u32 {
        let version = lab.status(&mut live)?.configuration + 1;
        let setting = Setting::AutoRelock(Seconds(if round == 2 { 0 } else { 3_000 + round }));
        let (_, outcome) = lab.carry_out(&mut live, Action::Configure { version, setting })?;
        ensure(outcome == Outcome::Done, || format!("a setting ends with {outcome:?}"))?;
        let before = lab.ask(&mut live, &Request::Query(Query::Digest))?;
        lab.reboot()?;
        live = lab.live()?;
        let told = lab.status(&mut live)?.configuration;
        ensure(told == version, || format!("version {version} was Done, {told} is in force after the cut"))?;
        let after = lab.ask(&mut live, &Request::Query(Query::Digest))?;
        ensure(before == after, || format!("the digest was {before:?}, and is {after:?} after the cut"))?;
    }
    Ok("three settings, each there after a cut".to_owned())
}

fn sealed_up(lab: &mut Lab) -> Seen {
    applies(lab.target.is_restartable(), NO_POWER)?;
    let before = lab.witness.up_counters();
    for _ in 0..3 {
        let (link, _) = lab.greeted()?;
        for _ in 0..2 {
            let packet = lab.cloud.seal(&Request::Query(Query::Status), Sent::now(), &mut lab.random);
            lab.deliver(&link, &packet)?;
        }
        drop(link);
        lab.reboot()?;
    }
    if let Some(breach) = lab.witness.breaches.iter().find(|breach| breach.contains("SealedUp")) {
        return Err(Stop::Failed(breach.clone()));
    }
    Ok(format!(
        "{} messages over three cuts, each with a number of its own",
        lab.witness.up_counters() - before
    ))
}

fn wrong_codes(lab: &mut Lab) -> Seen {
    applies(lab.target.is_restartable(), NO_POWER)?;
    applies(lab.target.description.can("code"), "its bench enters no codes")?;
    for _ in 0..5 {
        lab.target.bench()?.say(&json!({ "code": "97531864" }))?;
        thread::sleep(lab.patience());
        lab.reboot()?;
    }
    let mut live = lab.live()?;
    let left = lab.status(&mut live)?.lockout;
    ensure(left.0 > 0, || "five wrong codes with a cut behind each, and no lockout".to_owned())?;
    lab.reboot()?;
    let mut live = lab.live()?;
    let still = lab.status(&mut live)?.lockout;
    ensure(still.0 > 0, || "a power cut ended the lockout".to_owned())?;
    let (_, outcome) = lab.carry_out(&mut live, Action::EndLockout)?;
    ensure(outcome == Outcome::Done, || format!("EndLockout ends with {outcome:?}"))?;
    Ok(format!("locked out, {} s left after another cut", still.0))
}
