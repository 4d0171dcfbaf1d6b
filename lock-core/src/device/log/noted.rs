//! An event that waits for its record, in as few bytes as it may need: a dozen of them wait at a time.

use lock_proto::{
    Alarm, BoltPosition, BootReason, Cause, CommandId, LogEntry, LogEvent, LogTime, Mode, Reason, Table,
    Target, UnixMillis, Uptime,
};

/// An entry but for the boot, which all that wait have in common. What is absent is zero.
#[derive(Clone, Copy)]
#[repr(Rust, packed(2))]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
pub(super) struct Noted {
    uptime: Uptime,
    command: u64,
    moment: u64,
    span_ms: u32,
    cause: Cause,
    pub(super) event: Brief,
    time: Known,
    is_commanded: bool,
}

/// What was known of the time.
#[derive(Clone, Copy)]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
enum Known {
    Nothing,
    Floor,
    Bounds,
}

/// An event, but for entries that were overwritten: those do not wait with the others.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub(super) enum Brief {
    Booted(BootReason),
    Asked(Target),
    Bolt(BoltPosition),
    Refused(Reason),
    Configured { version: u32, table: Table, slot: u8 },
    Alarm(Alarm),
    Mode(Mode),
    ClockSet,
    ClockLost,
    FactoryReset,
    Lost(u32),
    KeyEpoch(u32),
}

impl Noted {
    /// `None` for entries that were overwritten.
    pub(super) fn of(entry: &LogEntry) -> Option<Self> {
        let (time, moment, span_ms) = match entry.time {
            LogTime::Unset => (Known::Nothing, 0, 0),
            LogTime::Floor(UnixMillis(moment)) => (Known::Floor, moment, 0),
            LogTime::Trusted { earliest, span_ms } => (Known::Bounds, earliest.0, span_ms),
        };
        Some(Self {
            uptime: entry.uptime,
            command: entry.command.unwrap_or_default().0,
            moment,
            span_ms,
            cause: entry.cause,
            event: Brief::of(entry.event)?,
            time,
            is_commanded: entry.command.is_some(),
        })
    }

    pub(super) fn entry(&self, boot: u64) -> LogEntry {
        let Self { uptime, command, moment, span_ms, cause, event, time, is_commanded } = *self;
        let moment = UnixMillis(moment);
        LogEntry {
            boot,
            uptime,
            time: match time {
                Known::Nothing => LogTime::Unset,
                Known::Floor => LogTime::Floor(moment),
                Known::Bounds => LogTime::Trusted { earliest: moment, span_ms },
            },
            cause,
            command: is_commanded.then_some(CommandId(command)),
            event: event.event(),
        }
    }

    /// The same, with another event.
    pub(super) const fn saying(self, event: Brief) -> Self {
        Self { event, ..self }
    }

    pub(super) const fn begins_epoch(&self) -> bool {
        matches!(self.event, Brief::KeyEpoch(_))
    }
}

impl Brief {
    const fn of(event: LogEvent) -> Option<Self> {
        Some(match event {
            LogEvent::Booted(reason) => Self::Booted(reason),
            LogEvent::Asked(target) => Self::Asked(target),
            LogEvent::Bolt(position) => Self::Bolt(position),
            LogEvent::Refused(reason) => Self::Refused(reason),
            LogEvent::Configured { version, table, slot } => Self::Configured { version, table, slot },
            LogEvent::Alarm(alarm) => Self::Alarm(alarm),
            LogEvent::Mode(mode) => Self::Mode(mode),
            LogEvent::ClockSet => Self::ClockSet,
            LogEvent::ClockLost => Self::ClockLost,
            LogEvent::FactoryReset => Self::FactoryReset,
            LogEvent::Overwritten { .. } => return None,
            LogEvent::Lost(count) => Self::Lost(count),
            LogEvent::KeyEpoch(number) => Self::KeyEpoch(number),
        })
    }

    const fn event(self) -> LogEvent {
        match self {
            Self::Booted(reason) => LogEvent::Booted(reason),
            Self::Asked(target) => LogEvent::Asked(target),
            Self::Bolt(position) => LogEvent::Bolt(position),
            Self::Refused(reason) => LogEvent::Refused(reason),
            Self::Configured { version, table, slot } => LogEvent::Configured { version, table, slot },
            Self::Alarm(alarm) => LogEvent::Alarm(alarm),
            Self::Mode(mode) => LogEvent::Mode(mode),
            Self::ClockSet => LogEvent::ClockSet,
            Self::ClockLost => LogEvent::ClockLost,
            Self::FactoryReset => LogEvent::FactoryReset,
            Self::Lost(count) => LogEvent::Lost(count),
            Self::KeyEpoch(number) => LogEvent::KeyEpoch(number),
        }
    }
}

const _: () = assert!(size_of::<Noted>() <= 48, "there is room for many");

#[cfg(test)]
mod tests {
    use lock_proto::{CodeClass, CredentialKind, QuarterHours};
    use proptest::prelude::*;

    use super::*;

    fn event(of: usize, number: u32, slot: u8) -> LogEvent {
        let of_all = [
            LogEvent::Booted(BootReason::PowerOn),
            LogEvent::Asked(Target::ALL[usize::from(slot) % Target::ALL.len()]),
            LogEvent::Bolt(BoltPosition::ALL[usize::from(slot) % BoltPosition::ALL.len()]),
            LogEvent::Refused(Reason::ALL[usize::from(slot) % Reason::ALL.len()]),
            LogEvent::Configured { version: number, table: Table::Windows, slot },
            LogEvent::Alarm(Alarm::ALL[usize::from(slot) % Alarm::ALL.len()]),
            LogEvent::Mode(Mode::ALL[usize::from(slot) % Mode::ALL.len()]),
            LogEvent::ClockSet,
            LogEvent::ClockLost,
            LogEvent::FactoryReset,
            LogEvent::Lost(number),
            LogEvent::KeyEpoch(number),
        ];
        of_all[of % of_all.len()]
    }

    proptest! {
        #[test]
        fn each_entry_comes_back_as_it_was(
            (boot, uptime, moment) in any::<(u64, u64, u64)>(),
            command in any::<Option<u64>>(),
            (of, number, slot) in any::<(usize, u32, u8)>(),
        ) {
            let earliest = UnixMillis(moment);
            for time in [LogTime::Unset, LogTime::Floor(earliest), LogTime::Trusted { earliest, span_ms: number }] {
                for cause in [
                    Cause::Unknown,
                    Cause::Credential { kind: CredentialKind::Pin, slot, user: Some(slot) },
                    Cause::OfflineCode { class: CodeClass::Once, start: QuarterHours(number) },
                ] {
                    let event = event(of, number, slot);
                    let (command, uptime) = (command.map(CommandId), Uptime::from_millis(uptime));
                    let entry = LogEntry { boot, uptime, time, cause, command, event };
                    prop_assert_eq!(Noted::of(&entry).map(|noted| noted.entry(boot)), Some(entry));
                }
            }
        }
    }

    #[test]
    fn entries_that_were_overwritten_do_not_wait_with_the_others() {
        let event = LogEvent::Overwritten { first: 1, last: 2 };
        let (boot, uptime, time, cause) = (1, Uptime::default(), LogTime::Unset, Cause::Mechanism);
        assert!(Noted::of(&LogEntry { boot, uptime, time, cause, command: None, event }).is_none());
    }
}
