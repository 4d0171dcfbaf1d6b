//! The files of section 6.3: an export and its keys, one JSON object a line.

use lock_core::cloud::{Exported, LogReader};
use lock_core::crypto::{FirstKey, Key, KeyEpoch, LogChain, LogHead, LogMac};
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

/// The keys for an export: of its first entry, and the first of each later key epoch.
pub(crate) struct KeyFile {
    lock_id: String,
    /// With the index of the entry whose key it is.
    keys: Vec<(u64, FirstKey)>,
}

impl KeyFile {
    /// Reads a file with one object a line.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let (mut lock, mut keys) = (None, Vec::new());
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let value: Value =
                serde_json::from_str(line).map_err(|error| format!("the key file: {error}"))?;
            let lock_id = text_of(&value, "lock_id")?;
            if lock.get_or_insert_with(|| lock_id.to_owned()) != lock_id {
                return Err("the key file has keys of several locks".to_owned());
            }
            let epoch = u32::try_from(integer(&value, "key_epoch")?).ok().and_then(KeyEpoch::new);
            let epoch = epoch.ok_or("key epochs start at 1")?;
            let key = Key::from_bytes(fixed(&value, "key")?);
            keys.push((integer(&value, "index")?, FirstKey { epoch, key }));
        }
        Ok(Self { lock_id: lock.ok_or("the key file is empty")?, keys })
    }

    /// Where the walk begins, and the keys of the epochs that it goes over into.
    pub(crate) fn into_reader(self, export: &Export) -> Result<(LogReader, Vec<FirstKey>), String> {
        if self.lock_id != export.lock_id {
            return Err(format!("the key is of lock {}", self.lock_id));
        }
        let epoch = KeyEpoch::new(export.key_epoch).ok_or("key epochs start at 1")?;
        let is_later = |key: &(u64, FirstKey)| key.1.epoch > epoch;
        let (later, own): (Vec<_>, Vec<_>) = self.keys.into_iter().partition(is_later);
        let later: Vec<_> = later.into_iter().map(|(_, key)| key).collect();
        let reader = match own.into_iter().find(|(_, key)| key.epoch == epoch) {
            Some((index, first)) => {
                let FirstKey { key, .. } = first;
                if index != export.next {
                    let next = export.next;
                    return Err(format!("the key is that of entry {index}, and the export begins at {next}"));
                }
                let chain = LogChain::resume(epoch, index, key, export.previous);
                LogReader::new(chain.map_err(|error| error.to_string())?)
            }
            None if later.is_empty() => {
                return Err(format!("there is no key of key epoch {} or a later one", export.key_epoch));
            }
            None => LogReader::without_key(epoch, export.next, export.previous, export.next),
        };
        Ok((reader, later))
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
