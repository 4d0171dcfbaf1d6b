//! What travels between a smart lock, a phone and a cloud, as bytes: packets with a hand-mapped header, framing for streams,
//! fragments for small radio packets, and the one vocabulary of commands, states and reasons.
//!
//! ```text
//!  message   Down<Opening> / Down<Live> / Answer / Report      bodies in the one encoding, at most a few dozen bytes   section 7
//!               | sealed by lock-crypto
//!  packet    format | kind | header | ciphertext | tag         at most 512 bytes                            section 1
//!               | frame::encode            | Fragmenter
//!  link      COBS and a zero (UART, TCP)   1-byte header (BLE)                                              section 2
//! ```
//!
//! Nothing here knows a key, a clock or a socket, and no input makes it panic. Sections are those of `docs/protocol.md`.
//!
//! ```
//! use lock_proto::{frame, Action, CommandId, Down, Live, Request, Uptime};
//!
//! let unlock = Down {
//!     header: Live { valid_until: Uptime::from_millis(65_000) },
//!     request: Request::Command { id: CommandId(7), action: Action::Unlock },
//! };
//! let mut body = [0; Down::<Live>::MAX_BYTES];
//! let length = unlock.encode(&mut body)?.len();
//! assert_eq!(Down::<Live>::decode(&body[..length])?, unlock);
//!
//! let mut stream = [0; frame::MAX_ENCODED];
//! let wire = frame::encode(&body[..length], &mut stream)?;
//! assert_eq!(wire.last(), Some(&0));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::unreachable
    )
)]

#[cfg(test)]
extern crate std;

pub mod frame;
pub mod wire;

mod access;
mod backup;
mod body;
mod claim;
mod code;
mod command;
#[cfg(feature = "serde")]
mod data;
mod facts;
mod fragment;
mod health;
mod log;
mod log_answer;
mod message;
mod numbered;
mod packet;
mod reason;
mod rotation;
mod secret;
mod settings;
mod status;
mod ticket;
mod told_holder;
mod units;
mod update;

pub use access::{
    CredentialKind, CredentialRule, Holiday, MinuteOfDay, Mode, Night, Span, Transition, User, UserKind,
    UserStatus, UtcOffset, Weekdays, Window, Zone,
};
pub use backup::{Backup, BackupHead, BackupItem};
pub use body::{DecodeError, EncodeError};
pub use claim::{FreshRoot, NewOwner};
pub use code::{CodeClass, CodeSeries, CodesSwitch, OfflineCode, QuarterHours};
pub use command::{Action, CommandId, Query, Request};
pub use facts::{
    Alarm, BoltPosition, Calibration, Cause, ClockFact, DoorState, Fact, Fault, LatchPosition, Motion, Target,
};
pub use fragment::{FragmentError, Fragmenter, MAX_FRAGMENT, MIN_FRAGMENT, Reassembler, ReassemblyError};
pub use health::{
    BatteryLevel, BootReason, Boots, Celsius, Dbm, DriveEnd, DriveRecord, FirmwareHealth, Health, LogHealth,
    MotorHealth, Part, PartsHealth, PowerHealth, RadioHealth, RefusalKind, TestResult, TestStep, Travel,
    UpdateState,
};
pub use log::{LogEntry, LogEvent, LogTime};
pub use log_answer::{LogAnswer, LogPage, PagedEntry};
pub use message::{
    Answer, Down, Event, KeptSecret, Live, Marks, Opening, Outcome, Reply, Report, ReportBody, Sealed,
    SealedReport, TicketState,
};
pub use packet::{
    Hello, Kind, MAX_PACKET, MAX_TICKET, Message1, Message2, PACKET_FORMAT, PROTOCOL_VERSION, Packet,
    PacketError, Profile, RECORD_HEADER, Record, SEALED_HEADER, SealedPacket, Selector, TAG, Versions,
};
pub use reason::Reason;
pub use rotation::{CloudShare, LockShare, PreparedRotation};
pub use secret::{
    HashedSecret, PinDigits, PinDigitsError, PinKey, PinKeyCheck, Secret, TokenId, TokenIdError,
};
pub use settings::{
    CriticalBattery, Latch, Mechanics, Policy, PowerSupply, Put, RemoteAtUnknown, Setting, Sound, Supply,
    Table,
};
pub use status::{BatteryFact, Status};
pub use ticket::{Blocks, Caveat, CaveatError, Caveats, Ticket, TicketError, TicketRights, encode_caveats};
pub use told_holder::{HolderAnswer, HolderBody, HolderEvent, HolderReply, HolderReport};
pub use units::{Millivolts, Seconds, UnixMillis, Uptime};
pub use update::{Chunk, ImageId, Manifest, UpdateReport};
