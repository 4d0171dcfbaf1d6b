//! The log of a lock, in JSON and in words.

use lock_proto::{BoltPosition, Cause, LogEntry, LogEvent, LogTime, Target, UnixMillis};
use serde::{Deserialize, Serialize};

/// `GET /v1/locks/{id}/log?from=N`: what was fetched of a lock's log, page by page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogView {
    /// Whether all of it is in order, in a sentence.
    pub verdict: String,
    /// When the log was last level with a fresh head of the lock; absent for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_at: Option<UnixMillis>,
    /// The index of the entry to come.
    pub next: u64,
    /// What was found wrong, for good.
    pub faults: Vec<LogFaultView>,
    /// What could not be verified, which is no fault of the log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unverified: Vec<LogUnverifiedView>,
    /// A page of entries, in order.
    pub entries: Vec<LogEntryView>,
    /// Where the next page begins; absent behind the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u64>,
}

/// Something that is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFaultView {
    /// The name of section 6.2.
    pub kind: String,
    /// The first index that it speaks of.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// For people.
    pub sentence: String,
    /// When it was found.
    pub found_at: UnixMillis,
}

/// A stretch of a log that is not verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogUnverifiedView {
    /// The first index.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// Why, for people.
    pub sentence: String,
}

/// An entry: who, what, when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntryView {
    /// Its index.
    pub index: u64,
    /// Whether it is as the lock wrote it, in its place.
    pub verified: bool,
    /// What is wrong with it where it is not, by the name of section 6.2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Who or what caused it, for people.
    pub who: String,
    /// What happened, for people.
    pub what: String,
    /// When, as well as the lock knew it.
    pub when: LogWhen,
    /// The entries that the lock overwrote before anybody had them, where this one says so: an explicit gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<LogGap>,
    /// The command that asked for it, as in the commands of this service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command_id: Option<u64>,
    /// The serial of the virtual key with which it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub virtual_key: Option<u64>,
    /// The boot of the lock in which it happened; 0 where the entry cannot be read.
    pub boot: u64,
}

/// Entries that nobody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGap {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

/// A time with its quality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "quality", rename_all = "snake_case")]
pub enum LogWhen {
    /// The lock knew no time.
    Unknown,
    /// Not before this.
    NotBefore {
        /// The moment.
        at: UnixMillis,
    },
    /// Between this and so many milliseconds later.
    Within {
        /// The moment.
        at: UnixMillis,
        /// How much later at most.
        span_ms: u32,
    },
}

/// `POST /v1/locks/{id}/log/key`: from which entry on somebody else is to verify. Whoever gets the keys, one for each key epoch, can write
/// such a log from there on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogKeyWish {
    /// The index of the first entry of the export.
    #[serde(default)]
    pub from: u64,
}

impl LogEntryView {
    /// An entry with what is wrong with it; `None` for the entry is one that cannot be read, such as of a newer version.
    #[must_use]
    pub fn new(index: u64, entry: Option<&LogEntry>, fault: Option<String>) -> Self {
        let verified = fault.is_none();
        let Some(entry) = entry else {
            return Self {
                index,
                verified,
                who: "not known".into(),
                what: told("an event that this version does not know".into(), fault.as_deref()),
                fault,
                when: LogWhen::Unknown,
                gap: None,
                command_id: None,
                virtual_key: None,
                boot: 0,
            };
        };
        let number = entry.command.map(|id| id.0);
        let (command_id, virtual_key) =
            if entry.cause == Cause::VirtualKey { (None, number) } else { (number, None) };
        let gap = if let LogEvent::Overwritten { first, last } = entry.event {
            Some(LogGap { first, last })
        } else {
            None
        };
        let when = match entry.time {
            LogTime::Unset => LogWhen::Unknown,
            LogTime::Floor(at) => LogWhen::NotBefore { at },
            LogTime::Trusted { earliest, span_ms } => LogWhen::Within { at: earliest, span_ms },
        };
        let (who, what) = (who(entry.cause, virtual_key), told(what(&entry.event), fault.as_deref()));
        Self { index, verified, fault, who, what, when, gap, command_id, virtual_key, boot: entry.boot }
    }
}

/// What happened, or what an entry says that is not right.
fn told(what: String, fault: Option<&str>) -> String {
    match fault {
        None => what,
        Some(fault) => format!("not verified ({fault}): {what}"),
    }
}

fn what(event: &LogEvent) -> String {
    match event {
        LogEvent::Booted(reason) => format!("the lock started ({reason:?})"),
        LogEvent::Asked(Target::None) => "nothing was asked".into(),
        LogEvent::Asked(Target::Locked) => "asked to lock".into(),
        LogEvent::Asked(Target::Unlocked) => "asked to unlock".into(),
        LogEvent::Asked(Target::Unlatched) => "asked to open the latch".into(),
        LogEvent::Bolt(BoltPosition::Extended) => "the bolt is thrown".into(),
        LogEvent::Bolt(BoltPosition::Retracted) => "the bolt is withdrawn".into(),
        LogEvent::Bolt(BoltPosition::Between) => "the bolt is half way".into(),
        LogEvent::Bolt(BoltPosition::Unknown) => "the bolt's sensor is silent".into(),
        LogEvent::Refused(reason) => format!("refused: {reason}"),
        LogEvent::Configured { version, table, slot } => {
            format!("configuration {version} in force: {table:?}, slot {slot}")
        }
        LogEvent::Alarm(alarm) => format!("alarm: {alarm:?}"),
        LogEvent::Mode(mode) => format!("mode {mode:?} in force"),
        LogEvent::ClockSet => "the clock was set".into(),
        LogEvent::ClockLost => "the clock is no longer trusted".into(),
        LogEvent::FactoryReset => "factory reset".into(),
        LogEvent::Overwritten { first, last } => {
            format!("entries {first} to {last} were overwritten before anybody had them")
        }
        LogEvent::Lost(count) => format!("{count} events found no room for an entry"),
        LogEvent::KeyEpoch(epoch) => format!("key epoch {epoch} begins"),
    }
}

fn who(cause: Cause, key: Option<u64>) -> String {
    match cause {
        Cause::Unknown => "somebody unknown".into(),
        Cause::Boot => "the boot".into(),
        Cause::RemoteLive => "the cloud, live".into(),
        Cause::RemoteSealed => "the cloud, queued".into(),
        Cause::VirtualKey => key.map_or("a virtual key".into(), |serial| format!("virtual key {serial}")),
        Cause::Credential { kind, slot, user: Some(user) } => {
            format!("user {user} ({kind:?} in slot {slot})")
        }
        Cause::Credential { kind, slot, user: None } => format!("{kind:?} in slot {slot}"),
        Cause::Manual => "a hand".into(),
        Cause::AutoRelock => "the automatic relock".into(),
        Cause::Mechanism => "the lock itself".into(),
        Cause::Button => "the button inside".into(),
        Cause::Schedule => "the schedule".into(),
        Cause::Battery => "the policy for the battery".into(),
        Cause::Reset => "a factory reset".into(),
        Cause::OfflineCode { class, .. } => format!("an offline code ({class:?})"),
    }
}
