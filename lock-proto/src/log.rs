//! What the log of a lock says: who did what, and when, as far as the lock knew (section 7.7).

use crate::body::{self, DecodeError, EncodeError};
use crate::{
    Alarm, BoltPosition, BootReason, Cause, CommandId, Mode, Reason, Table, Target, UnixMillis, Uptime, wire,
};

/// One entry of the log. Its index and its MAC stand beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LogEntry {
    /// The boot in which it happened.
    pub boot: u64,
    /// When in that boot, by the lock's own clock.
    pub uptime: Uptime,
    /// The time of day, as well as the lock knew it then.
    pub time: LogTime,
    /// Who or what caused it.
    pub cause: Cause,
    /// The command of the cloud that asked for it, where one did. With the cause [`Cause::VirtualKey`] it is the serial of the key: a
    /// holder's own numbers count in a session alone.
    pub command: Option<CommandId>,
    /// What happened.
    pub event: LogEvent,
}

impl LogEntry {
    /// The longest encoding, in bytes.
    pub const MAX_BYTES: usize = 10 + 10 + LogTime::LONGEST + 5 + 11 + LogEvent::LONGEST;

    /// Writes the body and returns the part of `buffer` that holds it.
    ///
    /// # Errors
    /// [`EncodeError::BufferTooShort`]; `MAX_BYTES` suffices.
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], EncodeError> {
        body::encode(self, buffer)
    }

    /// Reads a whole body.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] for anything that is not one; an event of a newer version is none.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        body::decode(bytes)
    }
}

/// What the lock knew of the time. The numbers are the wire's and storage's: new ones go to the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum LogTime {
    /// Nothing.
    #[default]
    Unset,
    /// It was not before this.
    Floor(UnixMillis),
    /// It was between two moments, both included.
    Trusted {
        /// The first.
        earliest: UnixMillis,
        /// The last is so much later; at most 120,000 ms.
        span_ms: u32,
    },
}

impl LogTime {
    /// The longest encoding, in bytes.
    const LONGEST: usize = 1 + 10 + 5;
}

/// Something that happened. The numbers are the wire's and storage's: new ones go to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum LogEvent {
    /// The lock started.
    Booted(BootReason),
    /// The bolt or latch was told to go there.
    Asked(Target),
    /// The sensor saw the bolt at an end, or fell silent.
    Bolt(BoltPosition),
    /// Somebody was refused.
    Refused(Reason),
    /// An item of the configuration was put in force.
    Configured {
        /// The version that it made.
        version: u32,
        /// The table of the item.
        table: Table,
        /// Its slot.
        slot: u8,
    },
    /// An alarm was raised.
    Alarm(Alarm),
    /// A mode came in force.
    Mode(Mode),
    /// The cloud told the time to a clock that was not trusted.
    ClockSet,
    /// The clock is no longer trusted.
    ClockLost,
    /// A factory reset wiped the configuration.
    FactoryReset,
    /// Entries were overwritten before the cloud acknowledged them: nobody has them.
    Overwritten {
        /// The index of the first.
        first: u64,
        /// The index of the last.
        last: u64,
    },
    /// So many events found no room, and have no entry.
    Lost(u32),
    /// The key epoch with this number begins: this is the last entry of the chain before, and the next one is the first of a new
    /// chain, under the leaf `log` of that epoch.
    KeyEpoch(u32),
}

impl LogEvent {
    /// The longest encoding, in bytes: that of overwritten entries.
    const LONGEST: usize = 1 + 10 + 10;
}

wire! {
    struct LogEntry { boot, uptime, time, cause, command, event }
    enum LogTime {
        0 => Unset,
        1 => Floor(moment),
        2 => Trusted { earliest, span_ms },
    }
    enum LogEvent {
        0 => Booted(reason),
        1 => Asked(target),
        2 => Bolt(position),
        3 => Refused(reason),
        4 => Configured { version, table, slot },
        5 => Alarm(alarm),
        6 => Mode(mode),
        7 => ClockSet,
        8 => ClockLost,
        9 => FactoryReset,
        10 => Overwritten { first, last },
        11 => Lost(events),
        12 => KeyEpoch(epoch),
    }
}
