//! What a lock told whoever is in a session with it.

use lock_core::proto::{
    Alarm, Answer, CommandId, Event, HolderAnswer, HolderBody, HolderEvent, HolderReply, HolderReport,
    Outcome, Reply, Report as Record, ReportBody, Status,
};

use crate::{Report, words};

/// What a lock told. What `kind` does not name is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeardThat {
    /// The lock's clock when it spoke, in milliseconds since its boot.
    pub uptime_ms: u64,
    /// The number of the command.
    pub command: u64,
    /// How it stands.
    pub report: Report,
    /// An `lk_heard`.
    pub kind: u8,
    /// An `lk_outcome`.
    pub outcome: u8,
    /// The reason or the alarm.
    pub code: u8,
    /// 1 where the lock had begun the command before, so that the message moved nothing, else 0.
    pub is_repeat: u8,
    /// For a cloud: 1 where the lock has seen numbers that the cloud does not remember giving out, else 0.
    pub was_behind: u8,
}

impl HeardThat {
    pub(crate) const fn only(kind: words::Heard) -> Self {
        let report = Report {
            boot: 0,
            configuration: 0,
            lockout_seconds: 0,
            relock_seconds: 0,
            is_relock_planned: 0,
            is_locked: 0,
            bolt: 0,
            latch: 0,
            door: 0,
            motion: 0,
            fault: 0,
            mode: 0,
        };
        Self {
            uptime_ms: 0,
            command: 0,
            report,
            kind: kind as u8,
            outcome: 0,
            code: 0,
            is_repeat: 0,
            was_behind: 0,
        }
    }

    /// The answer that opens a session.
    pub(crate) fn answer(answer: &Answer) -> Self {
        let uptime_ms = answer.uptime.as_millis();
        Self { uptime_ms, ..Self::reply(&answer.reply, answer.boot) }
    }

    /// A record of the session.
    pub(crate) fn record(record: &Record) -> Self {
        let heard = match &record.body {
            ReportBody::Reply(reply) => Self::reply(reply, 0),
            ReportBody::Event(Event::Changed(status)) => Self::status(status, 0),
            ReportBody::Event(Event::Finished { id, outcome }) => Self::outcome(*id, *outcome, false),
            ReportBody::Event(Event::Alarm(alarm)) => Self::alarm(*alarm),
            ReportBody::Event(Event::Update(_)) => Self::only(words::Heard::Other),
        };
        Self { uptime_ms: record.uptime.as_millis(), ..heard }
    }

    /// The answer that opens a holder's session.
    pub(crate) fn holder_answer(answer: &HolderAnswer) -> Self {
        let uptime_ms = answer.uptime.as_millis();
        Self { uptime_ms, ..Self::holder_reply(&answer.reply, answer.boot) }
    }

    /// A record of a holder's session.
    pub(crate) fn holder_record(record: &HolderReport) -> Self {
        let heard = match &record.body {
            HolderBody::Reply(reply) => Self::holder_reply(reply, 0),
            HolderBody::Event(HolderEvent::Changed(status)) => Self::status(status, 0),
            HolderBody::Event(HolderEvent::Finished { id, outcome }) => Self::outcome(*id, *outcome, false),
            HolderBody::Event(HolderEvent::Alarm(alarm)) => Self::alarm(*alarm),
        };
        Self { uptime_ms: record.uptime.as_millis(), ..heard }
    }

    fn holder_reply(reply: &HolderReply, boot: u64) -> Self {
        match reply {
            HolderReply::Nothing => Self::only(words::Heard::Open),
            HolderReply::Command { id, outcome, repeat } => Self::outcome(*id, *outcome, *repeat),
            HolderReply::Status(status) => Self::status(status, boot),
            HolderReply::NotUnderstood => Self::only(words::Heard::NotUnderstood),
            HolderReply::Marks { .. } => Self::only(words::Heard::Other),
        }
    }

    fn alarm(alarm: Alarm) -> Self {
        Self { code: alarm.number(), ..Self::only(words::Heard::Alarm) }
    }

    fn reply(reply: &Reply, boot: u64) -> Self {
        match reply {
            Reply::Nothing => Self::only(words::Heard::Open),
            Reply::Command { id, outcome, repeat } => Self::outcome(*id, *outcome, *repeat),
            Reply::Status(status) => Self::status(status, boot),
            Reply::NotUnderstood => Self::only(words::Heard::NotUnderstood),
            Reply::Marks { .. }
            | Reply::Digest { .. }
            | Reply::Items { .. }
            | Reply::Health(_)
            | Reply::Rotation { .. }
            | Reply::Secrets { .. }
            | Reply::Log(_)
            | Reply::Unowned { .. }
            | Reply::Claimed(_)
            | Reply::Update(_)
            | Reply::Wanted(_)
            | Reply::Tickets(_) => Self::only(words::Heard::Other),
        }
    }

    pub(crate) fn status(status: &Status, boot: u64) -> Self {
        Self { report: Report::of(boot, status), ..Self::only(words::Heard::Status) }
    }

    pub(crate) fn outcome(id: CommandId, outcome: Outcome, is_repeat: bool) -> Self {
        let (word, code) = match outcome {
            Outcome::Started => (words::Outcome::Started, 0),
            Outcome::Done => (words::Outcome::Done, 0),
            Outcome::Refused(reason) => (words::Outcome::Refused, reason.number()),
            Outcome::Jammed => (words::Outcome::Jammed, 0),
            Outcome::TimedOut => (words::Outcome::TimedOut, 0),
            Outcome::Superseded => (words::Outcome::Superseded, 0),
            Outcome::Interrupted => (words::Outcome::Interrupted, 0),
            Outcome::NotExecuted => (words::Outcome::NotExecuted, 0),
        };
        Self {
            command: id.0,
            outcome: word as u8,
            code,
            is_repeat: is_repeat.into(),
            ..Self::only(words::Heard::Outcome)
        }
    }
}
