//! What the log says (section 7.7).

use lock_core::proto::{
    Alarm, BoltPosition, BootReason, Cause, CommandId, CredentialKind, LogEntry, LogEvent, LogTime, Mode,
    Reason, Table, Target, UnixMillis, Uptime,
};

use super::accepted;
use crate::case::Case;
use crate::world::NOW;

pub(super) fn cases() -> anyhow::Result<Vec<Case>> {
    let earliest = UnixMillis(NOW);
    let user = Cause::Credential { kind: CredentialKind::Fob, slot: 3, user: Some(2) };
    let cloud = (Cause::RemoteLive, Some(CommandId(300)));
    let lock = (Cause::Mechanism, None);
    let trusted = LogTime::Trusted { earliest, span_ms: 300 };
    let entries = [
        (
            "booted",
            "The lock started, and knows no time.",
            (Cause::Boot, None),
            LogTime::Unset,
            LogEvent::Booted(BootReason::BrownOut),
        ),
        (
            "asked",
            "The cloud asked for it, when the lock knew a floor.",
            cloud,
            LogTime::Floor(earliest),
            LogEvent::Asked(Target::Unlatched),
        ),
        (
            "bolt",
            "The sensor saw the bolt where a user wanted it.",
            (user, None),
            trusted,
            LogEvent::Bolt(BoltPosition::Retracted),
        ),
        ("refused", "A code that nobody has.", lock, trusted, LogEvent::Refused(Reason::WrongCode)),
        (
            "configured",
            "An item was put in force.",
            (Cause::RemoteSealed, Some(CommandId(301))),
            trusted,
            LogEvent::Configured { version: 300, table: Table::Credentials, slot: 39 },
        ),
        ("alarm", "An alarm was raised.", lock, trusted, LogEvent::Alarm(Alarm::Tamper)),
        ("mode", "A holiday began.", (Cause::Schedule, None), trusted, LogEvent::Mode(Mode::Vacation)),
        ("clock set", "The cloud told the time.", (Cause::RemoteLive, None), trusted, LogEvent::ClockSet),
        ("clock lost", "The time is no longer trusted.", lock, LogTime::Floor(earliest), LogEvent::ClockLost),
        (
            "factory reset",
            "Somebody inside reset the lock.",
            (Cause::Reset, None),
            LogTime::Unset,
            LogEvent::FactoryReset,
        ),
        ("overwritten", "An explicit gap.", lock, trusted, LogEvent::Overwritten { first: 0, last: 300 }),
        ("lost", "Events without an entry.", lock, trusted, LogEvent::Lost(2)),
        ("key epoch", "A rotation was committed.", cloud, trusted, LogEvent::KeyEpoch(300)),
    ];
    let mut cases = Vec::new();
    for (name, description, (cause, command), time, event) in entries {
        let entry = LogEntry { boot: 12, uptime: Uptime::from_millis(61_234), time, cause, command, event };
        cases.push(accepted(name, description, &entry)?);
    }
    Ok(cases)
}
