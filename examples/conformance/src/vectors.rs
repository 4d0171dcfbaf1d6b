//! The committed vectors, as they are in this build of the kit.

use serde_json::Value;

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        /// The files, by name.
        pub(crate) const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../vectors/", $name, ".json")))),+];
    };
}

files!(
    "framing",
    "fragments",
    "packets",
    "bodies",
    "keys",
    "handshake",
    "records",
    "sealed",
    "tickets",
    "offline_codes",
    "log",
    "backups",
);

/// The section and the cases of a file.
pub(crate) fn cases(file: &str) -> (String, Vec<Value>) {
    let text = FILES.iter().find(|(name, _)| *name == file).map_or("", |(_, text)| text);
    let parsed: Value = serde_json::from_str(text).unwrap_or_default();
    let section = parsed["section"].as_str().unwrap_or_default().to_owned();
    (section, parsed["cases"].as_array().cloned().unwrap_or_default())
}

/// A field of a case, as text.
pub(crate) fn text<'c>(case: &'c Value, field: &str) -> &'c str {
    case[field].as_str().unwrap_or_default()
}

/// A field of a case, as bytes.
pub(crate) fn bytes(case: &Value, field: &str) -> Vec<u8> {
    hex::decode(text(case, field)).unwrap_or_default()
}

/// A body that a lock does not execute.
pub(crate) struct RefusedBody {
    pub(crate) name: String,
    pub(crate) body: Vec<u8>,
    /// Whose action it does not know.
    pub(crate) command: Option<u64>,
}

/// Those of these messages.
pub(crate) fn refused_bodies(messages: &[&str]) -> Vec<RefusedBody> {
    let refused = cases("bodies")
        .1
        .into_iter()
        .filter(|case| messages.contains(&text(case, "message")) && case["error"].is_string());
    refused
        .map(|case| RefusedBody {
            name: text(&case, "name").to_owned(),
            body: bytes(&case, "body"),
            command: text(&case, "id").parse().ok(),
        })
        .collect()
}
