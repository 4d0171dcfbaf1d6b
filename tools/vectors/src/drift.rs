//! Whether the stored vectors are those that the code makes.

use std::fmt;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::all;

/// The first difference between what is stored and what the code makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    file: String,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// The file cannot be read.
    Unreadable(String),
    /// The case with this name.
    Case(String),
    /// Outside the cases.
    Frame,
    /// A file that the code does not make.
    Stray,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = &self.file;
        match &self.place {
            Place::Unreadable(reason) => {
                write!(f, "vectors/{file} could not be read ({reason}): run `cargo run -p vectors`")
            }
            Place::Case(name) => write!(
                f,
                "vectors/{file} differs from what the code makes in the case {name:?}: if the protocol was to change, run \
                 `cargo run -p vectors` and change docs/protocol.md and the changelog with it"
            ),
            Place::Frame => {
                write!(f, "vectors/{file} differs outside its cases: run `cargo run -p vectors`")
            }
            Place::Stray => {
                write!(f, "vectors/{file} is not made by the code: remove it, or have a generator make it")
            }
        }
    }
}

/// Compares the files in `folder` with those that the code makes; `None` when they are the same to the byte.
///
/// # Errors
/// Those of [`all`], and what the file system says of the folder.
pub fn first_drift(folder: &Path) -> anyhow::Result<Option<Drift>> {
    let files = all()?;
    for file in &files {
        let found = |place| Ok(Some(Drift { file: file.name().to_owned(), place }));
        let fresh = file.text()?;
        match fs::read_to_string(folder.join(file.name())) {
            Err(error) => return found(Place::Unreadable(error.to_string())),
            Ok(stored) if stored == fresh => {}
            Ok(stored) => return found(place(&stored, &fresh)),
        }
    }
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".json") && files.iter().all(|file| file.name() != name) {
            return Ok(Some(Drift { file: name, place: Place::Stray }));
        }
    }
    Ok(None)
}

/// Where two different texts of one file differ first.
fn place(stored: &str, fresh: &str) -> Place {
    let (stored, fresh) = (cases(stored), cases(fresh));
    let length = stored.len().max(fresh.len());
    let differs = (0..length).find(|number| stored.get(*number) != fresh.get(*number));
    match differs.and_then(|number| fresh.get(number).or(stored.get(number))) {
        Some(case) => Place::Case(case["name"].as_str().unwrap_or("without a name").to_owned()),
        None => Place::Frame,
    }
}

fn cases(text: &str) -> Vec<Value> {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(mut file)) => match file.remove("cases") {
            Some(Value::Array(cases)) => cases,
            Some(_) | None => Vec::new(),
        },
        Ok(_) | Err(_) => Vec::new(),
    }
}
