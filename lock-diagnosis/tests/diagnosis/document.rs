//! The tables of `docs/diagnosis.md` name what there is.

use std::path::{Path, PathBuf};

use lock_diagnosis::{Cause, Check, Question, Risk, Rung, Sign, Step, StopIf};

struct Row {
    number: String,
    here: Vec<String>,
    shown_by: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn in_code(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).filter(|name| !name.contains('.')).map(str::to_owned).collect()
}

fn rows() -> Vec<Row> {
    let text = read("docs/diagnosis.md");
    let cells = text.lines().filter_map(|line| {
        let cells: Vec<_> = line.strip_prefix("| ")?.split('|').map(str::trim).collect();
        let is_row = cells.first()?.starts_with(|letter: char| letter.is_ascii_uppercase());
        (is_row && cells.len() >= 4).then_some(cells)
    });
    let rows = cells.map(|cells| Row {
        number: cells[0].to_owned(),
        here: in_code(cells[2]),
        shown_by: in_code(cells[3]),
    });
    rows.collect()
}

/// All that a row may name.
fn is_known(name: &str) -> bool {
    Cause::from_name(name).is_some()
        || Step::from_name(name).is_some()
        || Question::from_name(name).is_some()
        || Sign::from_name(name).is_some()
        || Check::from_name(name).is_some()
        || Risk::from_name(name).is_some()
        || StopIf::from_name(name).is_some()
        || Rung::from_name(name).is_some()
        || name == "Capture"
}

#[test]
fn each_paragraph_names_rules_that_there_are_and_shows_them_by_cases_that_there_are() {
    let tests: String = ["dialogues.rs", "fixtures.rs", "installation.rs", "outcomes.rs", "truthful.rs"]
        .into_iter()
        .map(|file| Path::new("lock-diagnosis/tests/diagnosis").join(file))
        .chain(["lock-diagnosis/src/step/table.rs", "lock-diagnosis/src/texts.rs"].map(PathBuf::from))
        .map(read)
        .collect();
    for Row { number, here, shown_by } in rows() {
        for name in &here {
            assert!(is_known(name), "{number}: there is no {name}");
        }
        for name in &shown_by {
            let fixture = root().join("lock-diagnosis/fixtures").join(name).with_extension("json");
            assert!(
                fixture.exists() || tests.contains(&format!("fn {name}(")),
                "{number}: no fixture or test {name}"
            );
        }
        assert_eq!(
            here.is_empty(),
            shown_by.is_empty(),
            "{number}: what is here is shown, and what is not is not"
        );
    }
}

#[test]
fn the_paragraphs_are_numbered_without_a_gap() {
    let mut last = (' ', 0);
    for Row { number, .. } in rows() {
        let (guide, paragraph) = number.split_at(1);
        let this = (guide.chars().next().expect("a letter"), paragraph.parse::<u32>().expect("a number"));
        assert!(this == (last.0, last.1 + 1) || (this.1 == 1 && this.0 > last.0), "{number} after {last:?}");
        last = this;
    }
    assert_eq!(last.0, 'E');
}

#[test]
fn each_cause_and_each_fixture_is_in_the_tables() {
    let rows = rows();
    for cause in Cause::ALL {
        let name = cause.name().to_owned();
        assert!(rows.iter().any(|row| row.here.contains(&name)), "{name} is in no row");
    }
    for entry in std::fs::read_dir(root().join("lock-diagnosis/fixtures")).expect("the fixtures") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let is_named =
            name.starts_with("nothing-wrong") || rows.iter().any(|row| row.shown_by.contains(&name));
        assert!(is_named, "{name} is in no row");
    }
}
