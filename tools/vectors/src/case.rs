//! Files and cases, and how their values are written.

use std::fmt::Debug;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// One file of vectors.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    name: &'static str,
    section: &'static str,
    description: &'static str,
    cases: Vec<Case>,
}

impl File {
    /// Cases for `name` (with its ending), which test `section` of the specification.
    ///
    /// # Errors
    /// Two cases have one name.
    pub(crate) fn new(
        name: &'static str,
        section: &'static str,
        description: &'static str,
        cases: Vec<Case>,
    ) -> anyhow::Result<Self> {
        let mut names: Vec<_> = cases.iter().map(Case::name).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            anyhow::bail!("two cases are called {:?}; give one of them another name", twice[0]);
        }
        Ok(Self { name, section, description, cases })
    }

    /// The name of the file, with its ending.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The cases, in the order of the file.
    #[must_use]
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The file as JSON with a line feed at its end.
    ///
    /// # Errors
    /// None that a case of this crate can cause.
    pub fn text(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

impl Serialize for File {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("specification", "docs/protocol.md")?;
        map.serialize_entry("section", self.section)?;
        map.serialize_entry("description", self.description)?;
        map.serialize_entry("cases", &self.cases)?;
        map.end()
    }
}

/// One case: a name, a sentence, and fields in the order in which they are read.
#[derive(Clone, Debug, PartialEq)]
pub struct Case(Fields);

impl Case {
    pub(crate) fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self(Fields::new().text("name", name).text("description", description))
    }

    /// The name, unique in its file.
    #[must_use]
    pub fn name(&self) -> &str {
        match self.0.0.first() {
            Some((_, Field::Plain(Value::String(name)))) => name,
            _ => "",
        }
    }

    /// Adds fields.
    pub(crate) fn with(self, fields: Fields) -> Self {
        Self(self.0.join(fields))
    }
}

impl Serialize for Case {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Named values in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fields(Vec<(&'static str, Field)>);

#[derive(Clone, Debug, PartialEq)]
enum Field {
    Plain(Value),
    Group(Fields),
    Groups(Vec<Fields>),
}

impl Fields {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn text(self, name: &'static str, text: impl Into<String>) -> Self {
        self.plain(name, Value::String(text.into()))
    }

    /// Adds those of `other`.
    pub(crate) fn join(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Bytes, in hexadecimal.
    pub(crate) fn hex(self, name: &'static str, bytes: impl AsRef<[u8]>) -> Self {
        self.text(name, hex::encode(bytes))
    }

    /// A list of byte strings, in hexadecimal.
    pub(crate) fn hexes(self, name: &'static str, list: &[Vec<u8>]) -> Self {
        self.plain(name, list.iter().map(hex::encode).collect())
    }

    /// A number as a decimal string: those of the protocol have up to 64 bits, and numbers of JSON not everywhere.
    pub(crate) fn number(self, name: &'static str, number: impl Into<u64>) -> Self {
        self.text(name, number.into().to_string())
    }

    /// The name of an error or of another word of the vocabulary.
    pub(crate) fn word(self, name: &'static str, word: &impl Debug) -> Self {
        self.text(name, format!("{word:?}"))
    }

    pub(crate) fn plain(mut self, name: &'static str, value: Value) -> Self {
        self.0.push((name, Field::Plain(value)));
        self
    }

    pub(crate) fn group(mut self, name: &'static str, fields: Fields) -> Self {
        self.0.push((name, Field::Group(fields)));
        self
    }

    pub(crate) fn groups(mut self, name: &'static str, list: Vec<Fields>) -> Self {
        self.0.push((name, Field::Groups(list)));
        self
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, field)| (name, field)))
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(value) => value.serialize(serializer),
            Self::Group(fields) => fields.serialize(serializer),
            Self::Groups(list) => list.serialize(serializer),
        }
    }
}

/// The name of the error with which `result` refuses.
///
/// # Errors
/// It did not refuse.
pub(crate) fn refusal<T, E: Debug>(result: Result<T, E>) -> anyhow::Result<String> {
    match result {
        Err(error) => Ok(format!("{error:?}")),
        Ok(_) => anyhow::bail!("the code accepts what this case is to refuse"),
    }
}
