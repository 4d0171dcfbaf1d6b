//! An entry of the log, as a person reads it.

use lock_core::proto::{BoltPosition, Cause, LogEntry, LogEvent, LogTime, Target, UnixMillis};

/// Who did what, and when.
pub(crate) fn entry(entry: Option<&LogEntry>) -> String {
    let Some(entry) = entry else {
        return "(authentic; an event that this version does not know)".to_owned();
    };
    let named = if entry.cause == Cause::VirtualKey { "number" } else { "command" };
    let command = entry.command.map(|id| format!(", {named} {}", id.0)).unwrap_or_default();
    format!(
        "{}  boot {} +{} s  {}, by {}{command}",
        time(entry.time),
        entry.boot,
        entry.uptime.as_millis() / 1_000,
        event(&entry.event),
        cause(entry.cause),
    )
}

fn event(event: &LogEvent) -> String {
    match event {
        LogEvent::Booted(reason) => format!("started ({reason:?})"),
        LogEvent::Asked(Target::None) => "asked for nothing".to_owned(),
        LogEvent::Asked(Target::Locked) => "asked to lock".to_owned(),
        LogEvent::Asked(Target::Unlocked) => "asked to unlock".to_owned(),
        LogEvent::Asked(Target::Unlatched) => "asked to open the latch".to_owned(),
        LogEvent::Bolt(BoltPosition::Extended) => "the bolt is thrown".to_owned(),
        LogEvent::Bolt(BoltPosition::Retracted) => "the bolt is withdrawn".to_owned(),
        LogEvent::Bolt(BoltPosition::Between) => "the bolt is half way".to_owned(),
        LogEvent::Bolt(BoltPosition::Unknown) => "the bolt's sensor is silent".to_owned(),
        LogEvent::Refused(reason) => format!("refused: {reason}"),
        LogEvent::Configured { version, table, slot } => {
            format!("configuration {version}: {table:?}, slot {slot}")
        }
        LogEvent::Alarm(alarm) => format!("ALARM: {alarm:?}"),
        LogEvent::Mode(mode) => format!("mode {mode:?}"),
        LogEvent::ClockSet => "the clock was set".to_owned(),
        LogEvent::ClockLost => "the clock is no longer trusted".to_owned(),
        LogEvent::FactoryReset => "factory reset".to_owned(),
        LogEvent::Overwritten { first, last } => format!("entries {first} to {last} were overwritten"),
        LogEvent::Lost(count) => format!("{count} events found no room"),
        LogEvent::KeyEpoch(epoch) => format!("key epoch {epoch} begins, and with it a new chain"),
    }
}

fn cause(cause: Cause) -> String {
    match cause {
        Cause::Unknown => "somebody unknown".to_owned(),
        Cause::Boot => "the boot".to_owned(),
        Cause::RemoteLive => "the cloud".to_owned(),
        Cause::RemoteSealed => "the cloud, queued".to_owned(),
        Cause::VirtualKey => "a virtual key".to_owned(),
        Cause::Credential { kind, slot, user: Some(user) } => {
            format!("user {user} ({kind:?} in slot {slot})")
        }
        Cause::Credential { kind, slot, user: None } => format!("{kind:?} in slot {slot}"),
        Cause::Manual => "a hand".to_owned(),
        Cause::AutoRelock => "the automatic relock".to_owned(),
        Cause::Mechanism => "the lock itself".to_owned(),
        Cause::Button => "the button inside".to_owned(),
        Cause::Schedule => "the schedule".to_owned(),
        Cause::Battery => "the battery's policy".to_owned(),
        Cause::Reset => "a factory reset".to_owned(),
        Cause::OfflineCode { class, start } => {
            format!("an offline code ({class:?}, from {})", moment(u64::from(start.0) * 900_000))
        }
    }
}

fn time(time: LogTime) -> String {
    match time {
        LogTime::Unset => "time unknown           ".to_owned(),
        LogTime::Floor(UnixMillis(at)) => format!("after {}", moment(at)),
        LogTime::Trusted { earliest: UnixMillis(at), span_ms } => {
            format!("{} +{} s", moment(at), span_ms.div_ceil(1_000))
        }
    }
}

/// A moment in UTC (the days of the civil calendar as in H. Hinnant, "chrono-compatible low-level date algorithms").
fn moment(millis: u64) -> String {
    let (days, second) = (millis / 86_400_000, millis / 1_000 % 86_400);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC",
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}
