//! Inputs to begin with: the real messages of the test vectors.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// Writes the inputs of a target into a folder.
///
/// # Errors
/// Those of the folder.
pub fn write(target: &str, folder: &Path) -> std::io::Result<()> {
    of(target)
        .iter()
        .enumerate()
        .try_for_each(|(number, seed)| std::fs::write(folder.join(format!("seed-{number:03}")), seed))
}

/// Inputs of a target.
///
/// # Panics
/// Where a file of the test vectors is missing, or is no JSON.
#[must_use]
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let vectors = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let all = |file: &str, names: &[&str]| bytes_of(&vectors.join(file), names);
    let behind = |head: &[u8], bodies: Vec<Vec<u8>>| -> Vec<Vec<u8>> {
        bodies.iter().map(|body| [head, body].concat()).collect()
    };
    match target {
        "packets" => [
            all("packets.json", &["packet"]),
            all("handshake.json", &["hello", "message1", "message2"]),
            all("records.json", &["packet"]),
            all("sealed.json", &["packet"]),
            all("tickets.json", &["ticket", "caveats", "root_caveats"]),
        ]
        .concat(),
        "bodies" => {
            [all("bodies.json", &["body"]), all("backups.json", &["body"]), all("log.json", &["body"])]
                .concat()
        }
        "frames" => [
            behind(&[0, 3, 40, 255], all("framing.json", &["stream", "frame"])),
            behind(&[1, 0, 20], all("framing.json", &["packet"])),
            behind(&[1, 0, 20], all("fragments.json", &["packet"])),
        ]
        .concat(),
        "texts" => [
            texts_of(&vectors.join("keys.json"), &["text", "typed"]),
            texts_of(&vectors.join("tickets.json"), &["link"]),
            texts_of(&vectors.join("offline_codes.json"), &["digits"]),
        ]
        .concat(),
        "c-api" => [
            behind(&[0, 255], all("packets.json", &["packet"])),
            behind(&[0, 255], texts_of(&vectors.join("tickets.json"), &["link"])),
        ]
        .concat(),
        "log" => crate::log::seeds(),
        _ => Vec::new(),
    }
}

/// The texts of these names in a file, at any depth.
fn texts_of(file: &Path, names: &[&str]) -> Vec<Vec<u8>> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut found = Vec::new();
    collect(&value, names, &mut found);
    found.into_iter().map(String::into_bytes).collect()
}

/// The same for those that are bytes in hexadecimal.
fn bytes_of(file: &Path, names: &[&str]) -> Vec<Vec<u8>> {
    texts_of(file, names).iter().filter_map(|text| hex::decode(text).ok()).collect()
}

fn collect(value: &Value, names: &[&str], found: &mut Vec<String>) {
    if let Value::Object(fields) = value {
        let texts = fields.iter().filter(|(name, _)| names.contains(&name.as_str()));
        found.extend(texts.filter_map(|(_, text)| text.as_str().map(str::to_owned)));
        fields.values().for_each(|field| collect(field, names, found));
    }
    value.as_array().into_iter().flatten().for_each(|item| collect(item, names, found));
}
