//! Why does the door not lock?

use anyhow::{Context, Result, bail};
use lock_diagnosis::texts::ENGLISH;
use lock_diagnosis::{
    About, Answer, Capture, Check, CheckResult, Dialogue, MOST_QUESTIONS, Outcome, Question, Signs, Step,
    Turn, diagnose,
};
use lock_proto::{Fault, Health};
use serde_json::json;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "diagnosis",
    story: "The door does not lock. The lock's report alone leads to the strike plate; so do a few questions, for somebody who has no\n\
            report. One step after the other follows, until keypad, app, key and sensor agree; the export is for whoever has to help.",
    play,
};

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    stage.settle(
        cloud::messages::Wish::SetPin { slot: 0, digits: "482913".into(), user: None, programming: false },
        "pin-to-check",
    )?;
    stage.send(Person::Owner, "unlock", None, 10)?;
    stage.lock()?.bench.act(&json!({ "jam": true }))?;
    let locked = stage.send(Person::Owner, "lock", None, 10)?;
    narrator.tell("owner", &locked.sentence);
    let report = report(stage)?;
    let findings = diagnose(&Signs::from_report(&report));
    let first = findings.first().map(|finding| (ENGLISH.cause)(finding.cause()).name);
    narrator.judge(
        "from the lock's report alone the strike plate is suspected",
        first.is_some_and(|name| name.contains("strike")),
        first.unwrap_or("nothing found"),
    );
    let mut dialogue = Dialogue::new(Signs::default());
    let mended = talk(narrator, stage, &mut dialogue)?;
    narrator.judge(
        "a few questions and steps lead to the cure, and all ways agree at the end",
        mended == Some(Step::AdjustStrike) && (1..=MOST_QUESTIONS).contains(&dialogue.questions()),
        &format!("{} questions, {} steps", dialogue.questions(), dialogue.steps().count()),
    );
    let about = About { model: Some("lock-sim"), ..About::default() };
    let capture = Capture { about, report: Some(&report), dialogue: &dialogue, texts: &ENGLISH }.to_string();
    capture.lines().take(16).for_each(|line| narrator.tell("export", line));
    let names_all = ["lock-sim", (ENGLISH.fault)(Fault::Jammed), (ENGLISH.step)(Step::AdjustStrike).act];
    narrator.judge(
        "the report for whoever helps names the lock, its errors and what was tried",
        names_all.iter().all(|name| capture.contains(name)),
        &format!("{} lines", capture.lines().count()),
    );
    Ok(())
}

/// The health report, as it came to the owner's phone.
fn report(stage: &Stage) -> Result<Health> {
    let errand = stage.send(Person::Owner, "health", None, 10)?;
    let said = errand.said.iter().find_map(|said| said.get("report")).context("no report came")?;
    Ok(serde_json::from_value(said.clone())?)
}

/// Does what the dialogue says, and looks at the door for each answer. Returns what mended it.
fn talk(narrator: &Narrator, stage: &mut Stage, dialogue: &mut Dialogue) -> Result<Option<Step>> {
    loop {
        match dialogue.turn() {
            Turn::Ask(question) => {
                let (answer, said) = look(question);
                narrator.tell("asks", (ENGLISH.question)(question).ask);
                narrator.tell("owner", said);
                dialogue.answer(question, answer)?;
            }
            Turn::Advise { step, .. } => {
                narrator.tell("advises", (ENGLISH.step)(step).act);
                let outcome = act(stage, step)?;
                narrator.tell("owner", (ENGLISH.outcome)(outcome));
                dialogue.tried(step, outcome);
            }
            Turn::Check(check) => {
                let result = try_out(stage, check)?;
                narrator.tell("checks", (ENGLISH.check)(check));
                narrator.tell("owner", (ENGLISH.check_result)(result));
                if result == CheckResult::Failed {
                    bail!("{check:?} does not work although the strike was mended");
                }
                dialogue.checked(check, result)?;
            }
            Turn::Solved { by } => return Ok(Some(by)),
            Turn::Stop { .. } | Turn::Refer { .. } => return Ok(None),
        }
    }
}

/// What somebody sees who stands at this door: the number of the answer.
const SEEN: [(Question, u8); 12] = [
    (Question::Happens, 2),
    (Question::Where, 0),
    (Question::DoorOpen, 0),
    (Question::Press, 0),
    (Question::StrikeHole, 0),
    (Question::Gap, 0),
    (Question::DoorShut, 0),
    (Question::Mounting, 0),
    (Question::KeyTurns, 0),
    (Question::Screws, 1),
    (Question::Frost, 1),
    (Question::Installed, 1),
];

fn look(question: Question) -> (Answer, &'static str) {
    let answers = (ENGLISH.question)(question).answers;
    SEEN.iter()
        .find(|(asked, _)| *asked == question)
        .and_then(|(_, number)| Some((Answer::Number(*number), *answers.get(usize::from(*number))?)))
        .unwrap_or((Answer::Unknown, ENGLISH.do_not_know))
}

fn act(stage: &mut Stage, step: Step) -> Result<Outcome> {
    let helps = if step == Step::AdjustStrike {
        stage.lock()?.bench.act(&json!({ "jam": false }))?;
        stage.send(Person::Owner, "lock", None, 10)?.executed
    } else {
        // A push takes the weight off the bolt while it lasts, and the key turns; neither mends the strike.
        matches!(step, Step::PressDoor | Step::UseKey)
    };
    Ok(if helps { Outcome::Good } else { Outcome::Bad })
}

fn try_out(stage: &mut Stage, check: Check) -> Result<CheckResult> {
    let works = match check {
        Check::Keypad => {
            stage.enter("482913")?;
            stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?.bolt == "retracted"
        }
        Check::App => stage.send(Person::Owner, "lock", None, 10)?.executed,
        // The phone is the only way in this play, and was tried just now.
        Check::Remote => return Ok(CheckResult::NotFitted),
        Check::Key => {
            stage.lock()?.bench.act(&json!({ "turn": "unlocked" }))?;
            stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?.bolt == "retracted"
        }
        Check::Sensor => {
            let seen = stage.lock()?.bench.act(&json!({ "look": true }))?;
            seen["bolt"] == seen["says"]["bolt"] && seen["door"] == seen["says"]["door"]
        }
    };
    Ok(if works { CheckResult::Passed } else { CheckResult::Failed })
}
