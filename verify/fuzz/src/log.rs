//! The program that verifies an export: no text makes it panic, and whatever is done to a log is told.

#[allow(dead_code, reason = "its main is for people")]
#[path = "../../../lock-core/examples/verify_log/main.rs"]
mod verify_log;

use arbitrary::{Arbitrary, Unstructured};
use lock_core::cloud::{ExportLine, Exported};
use lock_core::crypto::{Key, KeyEpoch, LockId, LogChain, LogHead, LogMac, RustCrypto};
use lock_core::proto::{
    Alarm, BoltPosition, BootReason, Cause, CommandId, LogEntry, LogEvent, LogTime, Reason, Target,
    UnixMillis, Uptime,
};

const LOCK: LockId = LockId([7; 16]);
const KEY: [u8; 32] = *b"the leaf `log` of this key epoch";
const STRANGER: [u8; 32] = *b"the key of another lock entirely";
const NONCE: [u8; 16] = *b"drawn by a court";
/// Entries of an export.
const MOST: usize = 24;

/// What somebody does to a copy; places by any number.
#[derive(Arbitrary, Debug)]
enum Edit {
    Drop(u8),
    DropFrom(u8),
    Swap(u8, u8),
    Twice(u8, u8),
    /// An entry of another chain in place of one.
    Foreign(u8),
    Body {
        entry: u8,
        at: u8,
        by: u8,
    },
    BodyCut(u8),
    BodyLonger(u8, u8),
    Mac {
        entry: u8,
        at: u8,
        by: u8,
    },
    Previous {
        entry: u8,
        at: u8,
        by: u8,
    },
    Index {
        entry: u8,
        by: i8,
    },
    Head {
        first: i8,
        next: i8,
        at: u8,
        last: u8,
        tag: u8,
    },
    Nonce {
        at: u8,
        by: u8,
    },
    Begin {
        next: i8,
        at: u8,
        by: u8,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    index: u64,
    previous: LogMac,
    mac: LogMac,
    body: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Export {
    next: u64,
    previous: LogMac,
    entries: Vec<Entry>,
    head: LogHead,
    nonce: [u8; 16],
}

/// The first byte says whether texts follow, a zero byte between them, or what was logged and what is done to it.
pub(crate) fn take(bytes: &[u8]) {
    match bytes {
        [0, texts @ ..] => {
            let texts = String::from_utf8_lossy(texts);
            let mut texts = texts.split('\0');
            let (export, key, nonce) = (texts.next().unwrap_or(""), texts.next(), texts.next());
            let _ = verify_log::verify(export, key.unwrap_or(&key_file()), nonce);
        }
        [_, choices @ ..] => {
            if let Ok((events, edits)) = Unstructured::new(choices).arbitrary::<(Vec<(u8, u64)>, Vec<Edit>)>()
            {
                edited(&events, &edits);
            }
        }
        [] => {}
    }
}

/// Texts as they are written.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let events: Vec<_> = (0..14).map(|number| (number, u64::from(number) << 33)).collect();
    let export = written(&events, KEY).text();
    let texts = [
        export.clone(),
        format!("{export}\0{}", key_file()),
        format!("{export}\0{}\0{}", key_file(), hex::encode(NONCE)),
    ];
    texts.iter().map(|text| [&[0], text.as_bytes()].concat()).collect()
}

fn edited(events: &[(u8, u64)], edits: &[Edit]) {
    let whole = written(events, KEY);
    let foreign = written(events, STRANGER);
    let mut copy = whole.clone();
    edits.iter().for_each(|edit| copy.apply(edit, &foreign));
    let told = verify_log::verify(&copy.text(), &key_file(), None);
    let is_noticed = told.as_ref().map_or(true, |report| report.faults > 0 || report.unverified > 0);
    if copy.text() == whole.text() {
        assert!(!is_noticed, "a whole log is called altered: {told:?}");
    } else if !copy.only_drops_what_the_lock_has_not(&whole) {
        assert!(is_noticed, "{edits:?} is not noticed: {told:?}");
    }
}

fn key_file() -> String {
    let line = |key: &[u8; 32]| {
        format!(
            r#"{{"lock_id":"{}","key_epoch":"1","index":"0","key":"{}"}}"#,
            hex::encode(LOCK.0),
            hex::encode(key)
        )
    };
    line(&KEY)
}

/// What a lock would have written.
fn written(events: &[(u8, u64)], key: [u8; 32]) -> Export {
    let mut chain = LogChain::begin(KeyEpoch::FIRST, Key::from_bytes(key));
    let mut entries = Vec::new();
    for (number, (kind, value)) in (0_u64..).zip(events.iter().take(MOST)) {
        let entry = LogEntry {
            boot: 3,
            uptime: Uptime::from_millis(2_000 * number),
            time: LogTime::Floor(UnixMillis(value >> 16)),
            cause: Cause::RemoteLive,
            command: (kind & 1 == 0).then_some(CommandId(*value)),
            event: event(*kind, *value, number),
        };
        let mut buffer = [0; LogEntry::MAX_BYTES];
        let body = entry.encode(&mut buffer).expect("the longest entry").to_vec();
        let (index, previous) = (chain.next(), chain.last());
        let link = chain.link::<RustCrypto>(&body);
        entries.push(Entry { index, previous, mac: link.mac(), body });
        chain.advance(link);
    }
    let head = chain.head::<RustCrypto>(&NONCE, 0);
    Export { next: 0, previous: LogMac::NONE, entries, head, nonce: NONCE }
}

fn event(kind: u8, value: u64, index: u64) -> LogEvent {
    match kind / 2 % 7 {
        0 => LogEvent::Booted(BootReason::PowerOn),
        1 => LogEvent::Asked(Target::Unlocked),
        2 => LogEvent::Bolt(BoltPosition::Extended),
        3 => LogEvent::Refused(Reason::NotPermitted),
        4 => LogEvent::Alarm(Alarm::Jammed),
        // What a lock says has been overwritten was there before.
        5 if index > 0 => {
            let first = value % index;
            LogEvent::Overwritten { first, last: first + (value >> 32) % (index - first) }
        }
        _ => LogEvent::Lost(value as u32),
    }
}

impl Export {
    fn place(&self, any: u8) -> Option<usize> {
        usize::from(any).checked_rem(self.entries.len())
    }

    fn apply(&mut self, edit: &Edit, foreign: &Self) {
        let alter = |bytes: &mut [u8], at: u8, by: u8| {
            if let Some(at) = usize::from(at).checked_rem(bytes.len()) {
                bytes[at] ^= by;
            }
        };
        let moved = |number: u64, by: i8| number.wrapping_add_signed(by.into());
        match *edit {
            Edit::Drop(any) => drop(self.place(any).map(|at| self.entries.remove(at))),
            Edit::DropFrom(any) => self.entries.truncate(self.place(any).unwrap_or(0)),
            Edit::Swap(any, other) => {
                if let (Some(at), Some(to)) = (self.place(any), self.place(other)) {
                    self.entries.swap(at, to);
                }
            }
            Edit::Twice(any, to) => {
                if let (Some(at), Some(to)) = (self.place(any), self.place(to)) {
                    self.entries.insert(to, self.entries[at].clone());
                }
            }
            Edit::Foreign(any) => {
                if let Some(at) = self.place(any)
                    && let Some(other) = foreign.entries.get(at)
                {
                    self.entries[at] = other.clone();
                }
            }
            Edit::Body { entry, at, by } => {
                if let Some(place) = self.place(entry) {
                    alter(&mut self.entries[place].body, at, by);
                }
            }
            Edit::BodyCut(any) => drop(self.place(any).map(|at| self.entries[at].body.pop())),
            Edit::BodyLonger(any, byte) => {
                if let Some(at) = self.place(any) {
                    self.entries[at].body.push(byte);
                }
            }
            Edit::Mac { entry, at, by } => {
                if let Some(place) = self.place(entry) {
                    alter(&mut self.entries[place].mac.0, at, by);
                }
            }
            Edit::Previous { entry, at, by } => {
                if let Some(place) = self.place(entry) {
                    alter(&mut self.entries[place].previous.0, at, by);
                }
            }
            Edit::Index { entry, by } => {
                if let Some(place) = self.place(entry) {
                    self.entries[place].index = moved(self.entries[place].index, by);
                }
            }
            Edit::Head { first, next, at, last, tag } => {
                (self.head.first, self.head.next) =
                    (moved(self.head.first, first), moved(self.head.next, next));
                alter(&mut self.head.last.0, at, last);
                alter(&mut self.head.tag, at, tag);
            }
            Edit::Nonce { at, by } => alter(&mut self.nonce, at, by),
            Edit::Begin { next, at, by } => {
                self.next = moved(self.next, next);
                alter(&mut self.previous.0, at, by);
            }
        }
    }

    /// Whether it is the whole log but for entries that the lock says, in an entry that is here, were overwritten: that is no fault of a copy.
    fn only_drops_what_the_lock_has_not(&self, whole: &Self) -> bool {
        let has = |entry: &Entry| self.entries.contains(entry);
        let admitted: Vec<_> = whole
            .entries
            .iter()
            .filter(|entry| has(entry))
            .filter_map(|entry| match LogEntry::decode(&entry.body) {
                Ok(LogEntry { event: LogEvent::Overwritten { first, last }, .. }) => Some(first..=last),
                Ok(_) | Err(_) => None,
            })
            .collect();
        let is_admitted = |entry: &&Entry| admitted.iter().any(|gap| gap.contains(&entry.index));
        let kept: Vec<_> =
            whole.entries.iter().filter(|entry| has(entry) || !is_admitted(entry)).cloned().collect();
        self.text() == Self { entries: kept, ..whole.clone() }.text()
    }

    fn text(&self) -> String {
        let (lock_id, key_epoch) = (LOCK, KeyEpoch::FIRST);
        let mut lines = vec![
            ExportLine::Begin { lock_id, key_epoch, next: self.next, previous: self.previous }.to_string(),
        ];
        lines.extend(self.entries.iter().map(|Entry { index, previous, mac, body }| {
            ExportLine::Entry(Exported { index: *index, previous: *previous, mac: *mac, body }).to_string()
        }));
        lines.push(ExportLine::Head(self.head, self.nonce).to_string());
        lines.join("\n")
    }
}
