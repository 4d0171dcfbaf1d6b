//! Each case in `fixtures/` is found, and each cause has one.

use std::path::{Path, PathBuf};

use lock_diagnosis::texts::ENGLISH;
use lock_diagnosis::{Capture, Cause, Finding};
use lock_proto::{Health, Mode};

use crate::fixture::Fixture;

fn paths() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder of fixtures")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

#[test]
fn what_is_wrong_in_each_fixture_is_the_first_finding_with_the_right_next_step() {
    let mut wrong = vec![];
    for path in paths() {
        let fixture = Fixture::read(&path).expect("a fixture");
        let findings = fixture.dialogue().expect("a dialogue").findings();
        let expected = fixture.expect.as_ref().expect("a fixture says what is wrong");
        let first = findings.first();
        let sure = first.map(Finding::confidence);
        let rivals = findings.iter().skip(1).filter(|finding| Some(finding.confidence()) == sure).count();
        let is_right = first.map(Finding::cause) == expected.cause
            && sure >= expected.confidence
            && expected.at_most.is_none_or(|most| sure <= Some(most))
            && rivals <= expected.rivals
            && findings.iter().all(|finding| !expected.not_found.contains(&finding.cause()))
            && expected.helper.is_none_or(|helper| first.map(Finding::helper) == Some(helper))
            && first.and_then(Finding::next_step) == expected.step;
        if !is_right {
            let found: Vec<_> =
                findings.iter().map(|f| (f.cause(), f.confidence(), f.weight(), f.next_step())).collect();
            wrong.push(format!("{}: {expected:?}\n    found {found:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_cause_has_a_fixture() {
    let covered: Vec<_> =
        paths().iter().filter_map(|path| Fixture::read(path).expect("a fixture").expect?.cause).collect();
    let missing: Vec<_> = Cause::ALL.into_iter().filter(|cause| !covered.contains(cause)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn each_finding_names_evidence_and_what_to_do_or_whom_to_call() {
    for path in paths() {
        let findings = Fixture::read(&path).expect("a fixture").dialogue().expect("a dialogue").findings();
        for finding in findings.iter() {
            assert!(finding.evidence().next().is_some(), "{}: {:?}", path.display(), finding.cause());
        }
        let ranks: Vec<_> = findings.iter().map(|finding| (finding.confidence(), finding.weight())).collect();
        assert!(ranks.is_sorted_by(|higher, lower| higher >= lower), "{}: {ranks:?}", path.display());
    }
}

#[test]
fn each_export_names_the_lock_what_was_tried_and_what_was_found_and_reads_as_json() {
    for path in paths() {
        let fixture = Fixture::read(&path).expect("a fixture");
        assert!(!fixture.source.is_empty(), "{}", path.display());
        let (report, dialogue) =
            (fixture.report().expect("a report"), fixture.dialogue().expect("a dialogue"));
        let about = fixture.about.named();
        let capture = Capture { about, report: report.as_ref(), dialogue: &dialogue, texts: &ENGLISH };
        let (text, json) = (capture.to_string(), serde_json::to_value(capture).expect("JSON"));
        for word in
            [about.model, about.maker, about.app, about.battery, about.battery_replaced].into_iter().flatten()
        {
            assert!(text.contains(word), "{}: {word} is not in {text}", path.display());
        }
        for (step, _) in dialogue.steps() {
            assert!(text.contains((ENGLISH.step)(step).act), "{}", path.display());
        }
        assert_eq!(json["tried"].as_array().map(Vec::len), Some(dialogue.steps().count()));
        let first = dialogue.findings().first().map(|finding| finding.cause().name());
        assert_eq!(json["findings"][0][0].as_str(), first, "{}", path.display());
        assert_eq!(
            json["signs"].as_object().map(serde_json::Map::len),
            Some(dialogue.signs().known().count())
        );
    }
}

#[test]
fn a_bare_report_is_a_case_too() {
    let mut report = Health::default();
    report.status.mode.value = Mode::Privacy;
    let text = serde_json::to_string(&report).expect("JSON");
    let fixture = Fixture::parse(&text).expect("a report");
    assert_eq!(fixture.report().expect("a report"), Some(report));
    let findings = fixture.dialogue().expect("a dialogue").findings();
    assert_eq!(findings.first().map(Finding::cause), Some(Cause::PrivacyMode));
}
