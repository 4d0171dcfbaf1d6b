//! A report in, ranked findings out.
//!
//! ```text
//! cargo run --release -p lock-diagnosis --example diagnose -- lock-diagnosis/fixtures/dead-cells.json
//! ```

mod fixture;

use std::io::{BufRead, Write};
use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use lock_diagnosis::texts::ENGLISH;
use lock_diagnosis::{
    Answer, Capture, CheckResult, Dialogue, Finding, Outcome, Question, Risk, Seen, Sign, Turn,
};
use lock_proto::Health;
use serde_json::{Value, json};

use fixture::Fixture;

/// Says why a door does not open, and what to do next.
#[derive(Debug, Parser)]
struct Arguments {
    /// The case: a file of `lock-diagnosis/fixtures`, or one like it.
    fixture: PathBuf,
    /// Print JSON.
    #[arg(long, conflicts_with = "ask")]
    json: bool,
    /// Go on with the case as a dialogue: questions, steps, checks, answered by number.
    #[arg(long)]
    ask: bool,
    /// Print what to tell whoever helps.
    #[arg(long)]
    capture: bool,
}

/// Prints a line. A reader that has gone away wants no more: the program ends.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        if writeln!(std::io::stdout(), $($text)*).is_err() {
            std::process::exit(0);
        }
    }};
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let fixture = Fixture::read(&arguments.fixture)?;
    let (report, mut dialogue) = (fixture.report()?, fixture.dialogue()?);
    if arguments.ask {
        talk(&mut dialogue, &mut std::io::stdin().lock(), &mut std::io::stdout().lock())?;
    }
    let capture = Capture {
        about: fixture.about.named(),
        report: report.as_ref(),
        dialogue: &dialogue,
        texts: &ENGLISH,
    };
    if arguments.json {
        let mut output = in_json(&dialogue);
        if arguments.capture {
            output["capture"] = serde_json::to_value(capture)?;
        }
        say!("{}", serde_json::to_string_pretty(&output)?);
    } else {
        print_case(&fixture);
        print_findings(&dialogue, report.as_ref());
        if arguments.capture {
            say!("\n{capture}");
        }
    }
    Ok(())
}

/// What the case was made with, so that everybody can judge what is found.
fn print_case(fixture: &Fixture) {
    let Some(expected) = &fixture.expect else { return };
    let name = expected.cause.map_or(ENGLISH.nothing_found, |cause| (ENGLISH.cause)(cause).name);
    say!("A case made {}, in which this is wrong: {name}", fixture.source);
    if let (Some(confidence), Some(step)) = (expected.confidence, expected.step) {
        say!(
            "It should be found as {}, with this step: {}",
            (ENGLISH.confidence)(confidence),
            (ENGLISH.step)(step).act
        );
    }
    if let Some(most) = expected.at_most {
        say!(
            "It leaves room for {} more, and is found as {} at most.",
            expected.rivals,
            (ENGLISH.confidence)(most)
        );
    }
    if let Some(helper) = expected.helper {
        say!("Where that does not help: {}", (ENGLISH.helper)(helper));
    }
    for cause in &expected.not_found {
        say!("It must not be taken for this: {}", (ENGLISH.cause)(*cause).name);
    }
}

fn print_findings(dialogue: &Dialogue, report: Option<&Health>) {
    if let Some(report) = report {
        let status = &report.status;
        say!(
            "The lock says: bolt {}, door {}, fault {}, mode {}, battery {}.",
            (ENGLISH.bolt)(status.bolt.value),
            (ENGLISH.door)(status.door.value),
            (ENGLISH.fault)(status.fault.value),
            (ENGLISH.mode)(status.mode.value),
            (ENGLISH.level)(report.power.level)
        );
    }
    let findings = dialogue.findings();
    if findings.is_empty() {
        say!("{}", ENGLISH.nothing_found);
    }
    for (number, finding) in findings.iter().enumerate() {
        print_finding(number + 1, finding);
    }
    print_turn(dialogue);
}

fn print_finding(number: usize, finding: &Finding) {
    let text = (ENGLISH.cause)(finding.cause());
    let confidence = (ENGLISH.confidence)(finding.confidence());
    say!("\n{number}. {} ({confidence}, {:+} dB)", text.name, finding.weight());
    say!("   {}", text.explanation);
    for (sign, seen, origin) in finding.evidence() {
        say!("   + {} ({})", (ENGLISH.sign)(sign, seen), (ENGLISH.origin)(origin));
    }
    for (sign, seen, origin) in finding.doubts() {
        say!("   - {} ({})", (ENGLISH.sign)(sign, seen), (ENGLISH.origin)(origin));
    }
    if let Some(step) = finding.next_step() {
        say!("   Next: {}", (ENGLISH.step)(step).act);
        say!("   Good: {}", (ENGLISH.step)(step).good);
        say!("   Where: {}", (ENGLISH.place)(step.place()));
        if finding.risk() != Risk::None {
            say!("   Risk: {}", (ENGLISH.risk)(finding.risk()));
        }
        say!("   {}", (ENGLISH.stop_if)(finding.stop_if()));
    }
    say!("   If nothing helps: {}", (ENGLISH.helper)(finding.helper()));
}

fn print_turn(dialogue: &Dialogue) {
    say!();
    match dialogue.turn() {
        Turn::Ask(question) => say!("To know more, ask: {}", (ENGLISH.question)(question).ask),
        Turn::Advise { step, cause } => say!(
            "Do next, in the order of the ladder ({}): {}\n  against: {}",
            (ENGLISH.rung)(step.rung()),
            (ENGLISH.step)(step).act,
            (ENGLISH.cause)(cause).name
        ),
        Turn::Check(check) => say!("Check: {}", (ENGLISH.check)(check)),
        Turn::Solved { by } => say!("Solved. What helped: {}", (ENGLISH.step)(by).act),
        Turn::Stop { step, helper, .. } => {
            say!("{} {}", (ENGLISH.stopped)(step.stop_if()), (ENGLISH.helper)(helper));
        }
        Turn::Refer { helper, cause } => {
            say!("{}\n  against: {}", (ENGLISH.helper)(helper), (ENGLISH.cause)(cause).name);
        }
    }
}

fn in_json(dialogue: &Dialogue) -> Value {
    let findings = dialogue.findings();
    json!({
        "findings": findings.iter().map(finding_in_json).collect::<Vec<_>>(),
        "next": turn_in_json(dialogue.turn()),
    })
}

fn finding_in_json(finding: &Finding) -> Value {
    let said = |(sign, seen, origin): (Sign, Seen, _)| json!({ "sign": sign, "seen": seen, "origin": origin, "text": (ENGLISH.sign)(sign, seen) });
    let text = (ENGLISH.cause)(finding.cause());
    json!({
        "cause": finding.cause(),
        "name": text.name,
        "explanation": text.explanation,
        "confidence": finding.confidence(),
        "decibans": finding.weight(),
        "evidence": finding.evidence().map(said).collect::<Vec<_>>(),
        "doubts": finding.doubts().map(said).collect::<Vec<_>>(),
        "steps": finding.steps().map(|step| json!({
            "step": step,
            "rung": step.rung(),
            "act": (ENGLISH.step)(step).act,
            "good": (ENGLISH.step)(step).good,
            "risk": step.risk(),
            "stop_if": step.stop_if(),
            "place": step.place(),
        })).collect::<Vec<_>>(),
        "ways_in": finding.ways_in().collect::<Vec<_>>(),
        "next_step": finding.next_step(),
        "helper": finding.helper(),
    })
}

fn turn_in_json(turn: Turn) -> Value {
    match turn {
        Turn::Ask(question) => json!({ "ask": question, "text": (ENGLISH.question)(question).ask }),
        Turn::Advise { step, cause } => json!({ "advise": step, "against": cause }),
        Turn::Check(check) => json!({ "check": check }),
        Turn::Solved { by } => json!({ "solved": by }),
        Turn::Stop { step, helper, cause } => {
            json!({ "stop": step.stop_if(), "step": step, "refer": helper, "for": cause })
        }
        Turn::Refer { helper, cause } => json!({ "refer": helper, "for": cause }),
    }
}

/// Asks until the door works or somebody has to be called, or until the input ends.
fn talk(dialogue: &mut Dialogue, input: &mut impl BufRead, output: &mut impl Write) -> Result<()> {
    loop {
        match dialogue.turn() {
            Turn::Ask(question) => {
                let text = (ENGLISH.question)(question);
                let mut choices = text.answers.to_vec();
                choices.push(ENGLISH.do_not_know);
                let Some(chosen) = choose(text.ask, &choices, input, output)? else { return Ok(()) };
                dialogue.answer(question, answer(question, chosen)?)?;
            }
            Turn::Advise { step, cause } => {
                let text = (ENGLISH.step)(step);
                let mut ask = format!("{}: {}", (ENGLISH.cause)(cause).name, text.act);
                if step.risk() != Risk::None {
                    ask.push_str(&format!("\n  {}", (ENGLISH.risk)(step.risk())));
                }
                ask.push_str(&format!("\n  {}", (ENGLISH.stop_if)(step.stop_if())));
                ask.push_str(&format!("\n  Where: {}", (ENGLISH.place)(step.place())));
                let mut choices = Outcome::ALL.map(ENGLISH.outcome);
                choices[Outcome::Good.index()] = text.good;
                let Some(chosen) = choose(&ask, &choices, input, output)? else { return Ok(()) };
                dialogue.tried(step, Outcome::ALL[chosen]);
            }
            Turn::Check(check) => {
                let results = [CheckResult::Passed, CheckResult::Failed, CheckResult::NotFitted];
                let choices = results.map(ENGLISH.check_result);
                let Some(chosen) = choose((ENGLISH.check)(check), &choices, input, output)? else {
                    return Ok(());
                };
                dialogue.checked(check, results[chosen])?;
            }
            Turn::Solved { .. } | Turn::Stop { .. } | Turn::Refer { .. } => return Ok(()),
        }
    }
}

fn answer(question: Question, chosen: usize) -> Result<Answer> {
    Ok(if chosen < question.answers().len() {
        Answer::Number(u8::try_from(chosen)?)
    } else {
        Answer::Unknown
    })
}

/// The choice from 0; `None` at the end of the input.
fn choose(
    ask: &str,
    choices: &[&str],
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> Result<Option<usize>> {
    writeln!(output, "\n{ask}")?;
    for (number, choice) in choices.iter().enumerate() {
        writeln!(output, "  {} {choice}", number + 1)?;
    }
    loop {
        write!(output, "> ")?;
        output.flush()?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            writeln!(output)?;
            return Ok(None);
        }
        match line.trim().parse::<usize>() {
            Ok(number) if (1..=choices.len()).contains(&number) => return Ok(Some(number - 1)),
            Ok(_) | Err(_) => writeln!(output, "Type a number from 1 to {}.", choices.len())?,
        }
    }
}
