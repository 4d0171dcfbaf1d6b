//! The kit against locks and programs that are right, and against some that are not. What it says of a lock with a bug in it is
//! verify/conformance/planted.py's to show.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn kit(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_conformance")).args(arguments).output().expect("the kit starts")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// A few checks of each group, which take no long motions.
const PART: [&str; 22] = [
    "--only",
    "vectors/bodies",
    "--only",
    "vectors/streams",
    "--only",
    "greeting/hello",
    "--only",
    "handshake/opens",
    "--only",
    "relay/record-again",
    "--only",
    "records/validity",
    "--only",
    "noise/oversize",
    "--only",
    "sealed/query",
    "--only",
    "power/boot-counter",
    "--only",
    "power/configuration",
    "--only",
    "standing",
];

#[test]
fn the_simulator_passes_with_both_profiles() {
    for profile in [None, Some("--profile-x")] {
        let arguments: Vec<_> =
            ["--simulator", "--seed", "7"].into_iter().chain(PART).chain(profile).collect();
        let output = kit(&arguments);
        let said = said(&output);
        assert!(output.status.success(), "{said}");
        assert!(said.trim_end().ends_with("13 passed, 0 failed, 0 not applicable"), "{said}");
    }
}

#[test]
fn a_report_says_what_was_expected_and_what_was_seen() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (json, page) = (file("report.json"), file("report.html"));
    let output = kit(&[
        "--simulator",
        "--seed",
        "7",
        "--only",
        "greeting/hello",
        "--report",
        &json,
        "--report",
        &page,
    ]);
    assert!(output.status.success(), "{}", said(&output));
    let report: serde_json::Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    assert_eq!((&report["passed"], &report["failed"], &report["seed"]), (&1.into(), &0.into(), &7.into()));
    let check = &report["checks"][0];
    assert_eq!((check["name"].as_str(), check["verdict"].as_str()), (Some("greeting/hello"), Some("passed")));
    assert!(check["expected"].as_str().unwrap().contains("Hello of 29 bytes"));
    assert!(check["seen"].as_str().unwrap().contains("profile S"));
    assert!(fs::read_to_string(page).unwrap().contains("<code>greeting/hello</code>"));
}

/// A target file for the simulator that differs from what the simulator is.
fn target(folder: &Path, other: &str) -> String {
    let program = env!("CARGO_BIN_EXE_conformance");
    let path = folder.join("target.json");
    let text = format!(
        r#"{{"provision": "{program} play-simulator provision --flash {{storage}}/flash --keys {{keys}}",
            "start": "{program} play-simulator run --flash {{storage}}/flash --world {{storage}}/world --listen {{address}}"{other}}}"#
    );
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn a_lock_with_other_keys_fails_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let made = target(folder.path(), "").replace("target.json", "made.json");
    // The lock is made with the keys of this file, and the kit has others.
    fs::write(
        &made,
        r#"{"lock_id": "4c4b31000102030405060708090a0b0c", "root": "1111111111111111111111111111111111111111111111111111111111111112", "profile": "S", "label": "LK1-208H-44RM-2MB1-E60S-38DH-R78Y-3WW8"}"#,
    )
    .unwrap();
    let text = fs::read_to_string(folder.path().join("target.json")).unwrap().replace("{keys}", &made);
    fs::write(folder.path().join("target.json"), text).unwrap();
    let target = folder.path().join("target.json").display().to_string();
    let output = kit(&["--target", &target, "--only", "greeting/hello", "--only", "handshake/opens"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("failed: greeting/hello: its handle"), "{said}");
    assert!(said.contains("failed: handshake/opens: an honest Message1 got no Message2"), "{said}");
    assert!(said.trim_end().ends_with("0 passed, 2 failed, 0 not applicable"), "{said}");
}

#[test]
fn a_lock_that_does_not_start_fails_and_says_what_it_said() {
    let output = kit(&["--start", "sh -c 'echo no flash here; exit 3; #{address}'"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("failed: target/starts") && said.contains("no flash here"), "{said}");
}

#[test]
fn a_program_that_computes_nothing_fails_every_question() {
    let output = kit(&["--codec", "sh -c 'while read question; do echo {}; done'"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.trim_end().ends_with("0 passed, 27 failed, 0 not applicable"), "{said}");
}

#[test]
fn a_program_that_has_a_part_alone_is_asked_for_that_part() {
    let output = kit(&["--codec", r#"sh -c 'while read question; do echo "{\"unsupported\":true}"; done'"#]);
    let said = said(&output);
    // Where nothing was looked at, nothing has passed.
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.trim_end().ends_with("0 passed, 0 failed, 27 not applicable"), "{said}");
}

#[test]
fn a_check_that_does_not_exist_is_a_mistake_in_the_arguments() {
    let output = kit(&["--simulator", "--only", "relay/nothing"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("no check begins with relay/nothing; --list names them"));
}
