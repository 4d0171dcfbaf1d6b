//! The files of section 6.3: an export, one JSON object a line, and a key.

use lock_core::cloud::Exported;
use lock_core::crypto::{Key, KeyEpoch, LogChain, LogHead, LogMac};
use serde_json::Value;

/// A whole export.
#[derive(Debug)]
pub(crate) struct Export {
    pub(crate) lock_id: String,
    pub(crate) key_epoch: u32,
    next: u64,
    previous: LogMac,
    pub(crate) entries: Vec<Entry>,
    pub(crate) head: LogHead,
    pub(crate) nonce: [u8; 16],
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) index: u64,
    previous: LogMac,
    mac: LogMac,
    body: Vec<u8>,
}

impl Entry {
    pub(crate) fn as_exported(&self) -> Exported<'_> {
        let Self { index, previous, mac, body } = self;
        Exported { index: *index, previous: *previous, mac: *mac, body }
    }
}

impl Export {
    /// Reads a file. A line that is not of its form is an error of the file, and no fault of the log.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut lines = (1_usize..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        let parsed = |(number, line): (usize, &str)| {
            serde_json::from_str::<Value>(line)
                .map_err(|error| format!("line {number} of the export: {error}"))
        };
        let begin = parsed(lines.next().ok_or("the export is empty")?)?;
        let is_ours = begin.get("lock_log").and_then(Value::as_str) == Some("1");
        if !is_ours {
            return Err("the first line is not that of a log of form 1".to_owned());
        }
        let (mut entries, mut end) = (Vec::new(), None);
        for line in lines {
            let number = line.0;
            let value = parsed(line)?;
            if end.is_some() {
                return Err(format!("line {number} of the export comes after the head"));
            }
            if let Some(head) = value.get("head") {
                end = Some((read_head(head)?, fixed(&value, "nonce")?));
            } else {
                let body = text_of(&value, "body")?;
                entries.push(Entry {
                    index: integer(&value, "index")?,
                    previous: LogMac(fixed(&value, "previous")?),
                    mac: LogMac(fixed(&value, "mac")?),
                    body: hex::decode(body)
                        .map_err(|error| format!("line {number} of the export: {error}"))?,
                });
            }
        }
        let (head, nonce) = end.ok_or("the export has no head: nothing shows that its end is not missing")?;
        Ok(Self {
            lock_id: text_of(&begin, "lock_id")?.to_owned(),
            key_epoch: u32::try_from(integer(&begin, "key_epoch")?).map_err(|error| error.to_string())?,
            next: integer(&begin, "next")?,
            previous: LogMac(fixed(&begin, "previous")?),
            entries,
            head,
            nonce,
        })
    }
}

/// The key of the first entry of an export.
pub(crate) struct KeyFile {
    lock_id: String,
    key_epoch: u32,
    index: u64,
    key: Key,
}

impl KeyFile {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| format!("the key file: {error}"))?;
        Ok(Self {
            lock_id: text_of(&value, "lock_id")?.to_owned(),
            key_epoch: u32::try_from(integer(&value, "key_epoch")?).map_err(|error| error.to_string())?,
            index: integer(&value, "index")?,
            key: Key::from_bytes(fixed(&value, "key")?),
        })
    }

    /// Where the walk begins.
    pub(crate) fn into_chain(self, export: &Export) -> Result<LogChain, String> {
        if self.lock_id != export.lock_id || self.key_epoch != export.key_epoch {
            return Err(format!("the key is of lock {}, key epoch {}", self.lock_id, self.key_epoch));
        }
        if self.index != export.next {
            return Err(format!(
                "the key is that of entry {}, and the export begins at {}",
                self.index, export.next
            ));
        }
        let epoch = KeyEpoch::new(self.key_epoch).ok_or("key epochs start at 1")?;
        LogChain::resume(epoch, export.next, self.key, export.previous).map_err(|error| error.to_string())
    }
}

fn read_head(head: &Value) -> Result<LogHead, String> {
    let epoch = u32::try_from(integer(head, "key_epoch")?).ok().and_then(KeyEpoch::new);
    Ok(LogHead {
        epoch: epoch.ok_or("key epochs start at 1")?,
        first: integer(head, "first")?,
        next: integer(head, "next")?,
        last: LogMac(fixed(head, "last")?),
        tag: fixed(head, "tag")?,
    })
}

fn text_of<'v>(value: &'v Value, name: &str) -> Result<&'v str, String> {
    value
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| format!("there is no text \"{name}\" where one belongs"))
}

fn integer(value: &Value, name: &str) -> Result<u64, String> {
    text_of(value, name)?.parse().map_err(|error| format!("\"{name}\": {error}"))
}

fn fixed<const N: usize>(value: &Value, name: &str) -> Result<[u8; N], String> {
    bytes(text_of(value, name)?).ok_or_else(|| format!("\"{name}\" has not {N} bytes in hexadecimal"))
}

/// So many bytes in hexadecimal.
pub(crate) fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    hex::decode(text).ok()?.try_into().ok()
}

/// The other way round.
pub(crate) fn hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}
