//! The stored vectors are what the code makes, and a difference is found and named.

use std::fs;
use std::path::Path;

#[test]
fn the_stored_vectors_are_what_the_code_makes() {
    let drift = vectors::first_drift(vectors::folder()).unwrap();
    assert_eq!(drift.map(|drift| drift.to_string()), None);
}

/// The first drift of a fresh copy after `change`.
fn drift_after(change: impl FnOnce(&Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    vectors::write(folder.path()).unwrap();
    assert_eq!(vectors::first_drift(folder.path()).unwrap(), None);
    change(folder.path());
    vectors::first_drift(folder.path()).unwrap().unwrap().to_string()
}

fn replace(folder: &Path, name: &str, from: &str, to: &str) {
    let path = folder.join(name);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from));
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_changed_case_is_named_with_its_file() {
    let drift = drift_after(|folder| {
        replace(folder, "packets.json", "\"packet\": \"0101\"", "\"packet\": \"0102\"");
    });
    assert!(drift.starts_with("vectors/packets.json differs"), "{drift}");
    assert!(drift.contains("in the case \"hello_request\""), "{drift}");
}

#[test]
fn a_renamed_case_is_named() {
    let drift = drift_after(|folder| replace(folder, "keys.json", "\"leaf code of", "\"leaf cold of"));
    assert!(drift.contains("in the case \"leaf code of the first epoch\""), "{drift}");
}

#[test]
fn a_change_outside_the_cases_is_found() {
    let drift = drift_after(|folder| replace(folder, "sealed.json", "Store and forward.", ""));
    assert!(drift.starts_with("vectors/sealed.json differs outside its cases"), "{drift}");
}

#[test]
fn a_missing_or_stray_file_is_found() {
    let missing = drift_after(|folder| fs::remove_file(folder.join("records.json")).unwrap());
    assert!(missing.starts_with("vectors/records.json could not be read"), "{missing}");
    let stray = drift_after(|folder| fs::write(folder.join("old.json"), "{}").unwrap());
    assert!(stray.starts_with("vectors/old.json is not made by the code"), "{stray}");
}

#[test]
fn every_case_has_a_name_of_its_own_and_a_sentence() {
    for file in vectors::all().unwrap() {
        assert!(!file.cases().is_empty());
        let text: serde_json::Value = serde_json::from_str(&file.text().unwrap()).unwrap();
        for case in text["cases"].as_array().unwrap() {
            let sentence = case["description"].as_str().unwrap();
            assert!(sentence.ends_with('.'), "{}: {sentence}", case["name"]);
        }
    }
}
