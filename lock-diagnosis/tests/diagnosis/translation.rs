//! No word for people stands anywhere but in the texts: in a language without one ASCII letter, none is left in the export.

use lock_diagnosis::texts::{CauseText, Labels, QuestionText, StepText, Texts};
use lock_diagnosis::{
    About, Answer, Capture, Check, CheckResult, Dialogue, Outcome, Question, Signs, Step, Turn,
};
use lock_proto::{
    BootReason, Celsius, Fault, FirmwareHealth, Health, Millivolts, RefusalKind, Supply, UnixMillis,
    UpdateState,
};

use crate::fixture::Fixture;

const WORD: &str = "\u{5b57}";

/// A language of one word.
const MARKED: Texts = Texts {
    language: "und",
    cause: |_| CauseText { name: WORD, explanation: WORD },
    step: |_| StepText { act: WORD, good: WORD },
    question: |_| QuestionText { ask: WORD, answers: &[WORD; 10] },
    do_not_know: WORD,
    sign: |_, _| WORD,
    origin: |_| WORD,
    confidence: |_| WORD,
    rung: |_| WORD,
    risk: |_| WORD,
    stop_if: |_| WORD,
    stopped: |_| WORD,
    place: |_| WORD,
    helper: |_| WORD,
    item: |_| WORD,
    check: |_| WORD,
    check_result: |_| WORD,
    outcome: |_| WORD,
    nothing_found: WORD,
    mishap: |_| WORD,
    fault: |_| WORD,
    update: |_| WORD,
    boot: |_| WORD,
    supply: |_| WORD,
    level: |_| WORD,
    bolt: |_| WORD,
    door: |_| WORD,
    mode: |_| WORD,
    labels: Labels {
        title: WORD,
        model: WORD,
        maker: WORD,
        firmware: WORD,
        app: WORD,
        keypad_lit: WORD,
        key_turns: WORD,
        battery: WORD,
        replaced: WORD,
        errors: WORD,
        signs: WORD,
        tried: WORD,
        findings: WORD,
        checks: WORD,
        yes: WORD,
        no: WORD,
        unknown: WORD,
        none: WORD,
        resting: WORD,
        loaded: WORD,
        call: WORD,
    },
};

/// What is the same in each language.
const UNITS: [&str; 3] = ["mV", "C", "x"];

fn foreign_words(capture: &Capture<'_>) -> Vec<String> {
    let text = capture.to_string();
    text.split(|letter: char| !letter.is_ascii_alphabetic())
        .filter(|word| !word.is_empty() && !UNITS.contains(word))
        .map(str::to_owned)
        .collect()
}

fn export<'a>(report: Option<&'a Health>, dialogue: &'a Dialogue) -> Capture<'a> {
    let about = About { model: Some("7-1"), battery: Some("4"), ..About::default() };
    Capture { about, report, dialogue, texts: &MARKED }
}

/// A report in which everything went wrong at least once.
fn worst(fault: Fault, update: UpdateState, reason: BootReason, supply: Supply) -> Health {
    let mut report = Health { refusals: [3; RefusalKind::ALL.len()], ..Health::default() };
    report.status.fault.value = fault;
    report.firmware = FirmwareHealth { version: 12, update };
    (report.boots.reason, report.boots.brown_outs, report.boots.watchdogs) = (reason, 2, 1);
    (report.motor.stalls, report.motor.timeouts) = (4, 5);
    (report.radio.link_drops, report.radio.bad_packets) = (6, 7);
    report.power.supply.supply = supply;
    (report.power.resting, report.power.loaded) = (Some(Millivolts(6_000)), Some(Millivolts(5_000)));
    (report.power.percent, report.power.temperature) = (Some(50), Some(Celsius(-3)));
    report.power.replaced_at = Some(UnixMillis(1_768_471_200_000));
    report
}

#[test]
fn the_export_holds_no_word_that_is_not_translated() {
    let mut dialogue = Dialogue::new(Signs::default());
    dialogue.answer(Question::Happens, Answer::Number(0)).expect("nothing at all happens");
    dialogue.answer(Question::KeyTurns, Answer::Number(0)).expect("the key turns");
    let steps = [Step::CleanContacts, Step::PlaceCells, Step::UseKey, Step::ReplaceCells];
    for (step, outcome) in
        steps.into_iter().zip([Outcome::Bad, Outcome::NotDone, Outcome::Good, Outcome::Good])
    {
        dialogue.tried(step, outcome);
    }
    for (check, result) in Check::ALL.into_iter().zip([CheckResult::Passed, CheckResult::NotFitted]) {
        dialogue.checked(check, result).expect("mended");
    }
    assert!(matches!(dialogue.turn(), Turn::Check(_)));
    for fault in Fault::ALL {
        for update in UpdateState::ALL {
            for reason in BootReason::ALL {
                for supply in Supply::ALL {
                    let report = worst(fault, update, reason, supply);
                    assert_eq!(foreign_words(&export(Some(&report), &dialogue)), [""; 0], "{report:?}");
                }
            }
        }
    }
    assert_eq!(foreign_words(&export(None, &dialogue)), [""; 0]);
    dialogue.tried(Step::CheckWires, Outcome::Stopped);
    assert!(matches!(dialogue.turn(), Turn::Stop { .. }));
    assert_eq!(foreign_words(&export(None, &dialogue)), [""; 0]);
}

#[test]
fn no_case_makes_an_export_with_a_word_that_is_not_translated() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for entry in std::fs::read_dir(folder).expect("the fixtures") {
        let path = entry.expect("an entry").path();
        let fixture = Fixture::read(&path).expect("a fixture");
        let (report, dialogue) =
            (fixture.report().expect("a report"), fixture.dialogue().expect("a dialogue"));
        assert_eq!(foreign_words(&export(report.as_ref(), &dialogue)), [""; 0], "{}", path.display());
    }
}
