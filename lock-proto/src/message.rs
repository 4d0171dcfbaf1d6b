//! The bodies that are sealed into packets, with their longest encoding.

use crate::body::{self, DecodeError, EncodeError};
use crate::wire::{Malformed, Reader, Wire};
use crate::{
    Action, Alarm, CommandId, CredentialKind, HashedSecret, Health, LogAnswer, PinKey, PreparedRotation,
    Reason, Request, Status, Table, UnixMillis, UpdateReport, Uptime, wire,
};

/// A message towards the lock: when it counts, and what it asks. `H` is [`Opening`], [`Live`] or [`Sealed`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Down<H> {
    /// When it counts.
    pub header: H,
    /// What it asks.
    pub request: Request,
}

/// Header of the payload of Message1 (section 7.1). It counts while the Hello lives that the handshake binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Opening {
    /// The cloud's clock when it answered the Hello: the true time is then in `[t, t + age of the Hello]`. Only the cloud's counts.
    pub time: Option<UnixMillis>,
}

/// Header of a record (section 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Live {
    /// The lock's uptime after which a command is refused; at most 5,000 ms ahead of it.
    pub valid_until: Uptime,
}

/// Header of a sealed message (section 7.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sealed {
    /// The cloud's clock when the command was issued.
    pub issued_at: UnixMillis,
    /// The cloud's clock after which it must not be executed; `None` where the command does not expire.
    pub not_after: Option<UnixMillis>,
}

const LONGEST_REQUEST: usize = 1 + 10 + Action::LONGEST;

impl Down<Opening> {
    /// The longest encoding, in bytes.
    pub const MAX_BYTES: usize = 11 + LONGEST_REQUEST;
}

impl Down<Live> {
    /// The longest encoding, in bytes.
    pub const MAX_BYTES: usize = 10 + LONGEST_REQUEST;
}

impl Down<Sealed> {
    /// The longest encoding, in bytes.
    pub const MAX_BYTES: usize = 21 + LONGEST_REQUEST;
}

impl<H: Wire> Down<H> {
    /// Writes the body and returns the part of `buffer` that holds it.
    ///
    /// # Errors
    /// [`EncodeError::BufferTooShort`]; `MAX_BYTES` of the message suffices.
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], EncodeError> {
        body::encode(self, buffer)
    }

    /// Reads a whole body.
    ///
    /// # Errors
    /// [`DecodeError::UnknownAction`] for a command of a newer version, [`DecodeError::Malformed`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        wire::read(bytes).map_err(|Malformed| match Self::unknown_command(bytes) {
            Ok(id) => DecodeError::UnknownAction { id },
            Err(Malformed) => DecodeError::Malformed,
        })
    }

    /// The id in a body that is a command of this version up to an action that is not.
    fn unknown_command(bytes: &[u8]) -> Result<CommandId, Malformed> {
        const COMMAND: u8 = 1;
        let mut input = Reader::of(bytes);
        H::read(&mut input)?;
        let (request, id) = (input.byte()?, CommandId::read(&mut input)?);
        if request == COMMAND && Action::is_unknown(input)? { Ok(id) } else { Err(Malformed) }
    }
}

/// What became of a command. The numbers are the wire's: new ones go to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Outcome {
    /// Begun; a later event or query says how it ended.
    Started,
    /// Done, on sensor evidence where the bolt was to move.
    Done,
    /// Not begun, and why.
    Refused(Reason),
    /// Begun, and stopped by a jam.
    Jammed,
    /// Begun, and the sensor never saw the end.
    TimedOut,
    /// Begun, and overtaken by a later command or a hand.
    Superseded,
    /// Begun before a power cut; never run again. The state of the door says where it stands.
    Interrupted,
    /// The lock never began it.
    NotExecuted,
}

/// The counters by which a cloud catches up with its lock (section 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Marks {
    /// The highest sealed-down counter that the lock accepted.
    pub down: u64,
    /// The highest command id that the lock began.
    pub command: CommandId,
}

/// Where the revocation of virtual keys stands (section 10.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TicketState {
    /// The revocation epoch in force: keys of any other are dead.
    pub epoch: u32,
    /// How many keys of it are denied.
    pub denied: u8,
}

/// A credential as a lock keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct KeptSecret {
    /// The configuration version in which it was set.
    pub version: u32,
    /// The slot of its user; `None` for a credential that belongs to nobody in particular.
    pub user: Option<u8>,
    /// Its kind.
    pub kind: CredentialKind,
    /// What is kept.
    pub hash: HashedSecret,
}

/// The lock's answer to one request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Reply {
    /// To [`Request::Nothing`].
    Nothing,
    /// To a command, or to a query about one.
    Command {
        /// Which.
        id: CommandId,
        /// What became of it.
        outcome: Outcome,
        /// True when the lock had begun it before this message came, so that this message moved nothing.
        repeat: bool,
    },
    /// To a query for the status.
    Status(Status),
    /// To a query for the marks, with its nonce.
    Marks {
        /// The nonce of the query.
        nonce: [u8; 16],
        /// The lock's marks.
        marks: Marks,
    },
    /// To an authentic message that cannot be understood.
    NotUnderstood,
    /// To a query for the digest.
    Digest {
        /// The configuration version in force.
        version: u32,
        /// The hash over its items (section 6.1).
        digest: [u8; 16],
    },
    /// To a query for items: for each slot from `first` on the configuration version in which it was set; 0 where it is vacant or
    /// there is no such slot.
    Items {
        /// The table.
        table: Table,
        /// The first slot.
        first: u8,
        /// By slot.
        versions: [u32; Self::ITEMS],
    },
    /// To a query for the health.
    Health(Health),
    /// To a query for the rotation.
    Rotation {
        /// The key epoch in force.
        epoch: u32,
        /// What is prepared.
        prepared: Option<PreparedRotation>,
    },
    /// To a query for secrets: for each slot of credentials from `first` on what is kept there; `None` where it is vacant or there is
    /// no such slot.
    Secrets {
        /// The key under which all of them are kept.
        key: PinKey,
        /// How many slots of credentials the lock has.
        slots: u8,
        /// The first slot.
        first: u8,
        /// By slot.
        secrets: [Option<KeptSecret>; Self::SECRETS],
    },
    /// To a query for the log.
    Log(LogAnswer),
    /// To the first message of a claimer: what no change of owner sets back.
    Unowned {
        /// The key epoch that a claim begins.
        key_epoch: u32,
        /// The revocation epoch of virtual keys in force (section 10.5).
        revocation_epoch: u32,
        /// The configuration version in force.
        configuration: u32,
        /// The epoch of offline codes in force (section 3.6).
        code_epoch: u32,
    },
    /// To the record of a claimer: `Done` where the lock is the claimer's from now on.
    Claimed(Outcome),
    /// To a query for the update, and to a chunk that the lock does not wait for.
    Update(UpdateReport),
    /// To a chunk: the offset of the first byte that the lock wants next. The size of the image once it has all.
    Wanted(u32),
    /// To a query for the tickets.
    Tickets(TicketState),
}

impl Reply {
    /// How many slots one answer about items covers.
    pub const ITEMS: usize = 16;
    /// How many slots one answer about secrets covers.
    pub const SECRETS: usize = 8;
    const LONGEST_SECRETS: usize = 32 + 1 + 1 + Self::SECRETS * (1 + 5 + 2 + 1 + 16);
}
const _: () = assert!(Reply::LONGEST_SECRETS <= Health::LONGEST, "the longest answer is the health");

/// Something the lock says unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Event {
    /// A fact changed.
    Changed(Status),
    /// A command that had started has ended.
    Finished {
        /// Which.
        id: CommandId,
        /// How.
        outcome: Outcome,
    },
    /// People should hear about this.
    Alarm(Alarm),
    /// A firmware update has come further.
    Update(UpdateReport),
}

macro_rules! up_message {
    ($name:ty, $max:expr) => {
        impl $name {
            /// The longest encoding, in bytes.
            pub const MAX_BYTES: usize = $max;

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
            /// [`DecodeError::Malformed`] for anything that is not one.
            pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                body::decode(bytes)
            }
        }
    };
}

const LONGEST_MARKS: usize = 10 + 10;
const LONGEST_REPLY: usize =
    1 + if Health::LONGEST > LogAnswer::LONGEST { Health::LONGEST } else { LogAnswer::LONGEST };
const LONGEST_EVENT: usize = 1 + Status::LONGEST;

/// The payload of Message2 (section 7.3): the answer to a fresh nonce of the initiator.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Answer {
    /// The lock's clock when it answered.
    pub uptime: Uptime,
    /// The lock's boot counter.
    pub boot: u64,
    /// The lock's counters.
    pub marks: Marks,
    /// To the request in Message1.
    pub reply: Reply,
}
up_message!(Answer, 10 + 10 + LONGEST_MARKS + LONGEST_REPLY);

/// A record of the lock (section 7.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Report {
    /// The lock's clock when it spoke.
    pub uptime: Uptime,
    /// What it says.
    pub body: ReportBody,
}
up_message!(Report, 10 + 1 + if LONGEST_REPLY > LONGEST_EVENT { LONGEST_REPLY } else { LONGEST_EVENT });

/// An answer or an event.
#[expect(clippy::large_enum_variant, reason = "there is no heap, and one is made where it is sent")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ReportBody {
    /// To a request in a record.
    Reply(Reply),
    /// Unasked.
    Event(Event),
}

/// The body of a sealed message of the lock (section 7.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SealedReport {
    /// What became of a sealed command.
    Receipt {
        /// Which.
        id: CommandId,
        /// What became of it.
        outcome: Outcome,
        /// The configuration version in force.
        configuration: u32,
    },
    /// The marks in answer to a nonce of the cloud: they count.
    MarksAnswer {
        /// The nonce of the query.
        nonce: [u8; 16],
        /// The lock's marks.
        marks: Marks,
    },
    /// The marks unasked: a hint that anybody may replay.
    MarksHint {
        /// The lock's marks.
        marks: Marks,
    },
    /// The answer to a sealed status query.
    Status {
        /// The boot counter that `status.sequence` counts in.
        boot: u64,
        /// The state of the lock.
        status: Status,
    },
    /// The answer to a sealed query for the digest.
    Digest {
        /// The configuration version in force.
        version: u32,
        /// The hash over its items (section 6.1).
        digest: [u8; 16],
    },
    /// The answer to a sealed query for items.
    Items {
        /// The table.
        table: Table,
        /// The first slot.
        first: u8,
        /// By slot, as in [`Reply::Items`].
        versions: [u32; Reply::ITEMS],
    },
    /// The answer to a sealed query for the health.
    Health {
        /// The boot counter that `health.status.sequence` counts in.
        boot: u64,
        /// What a diagnosis needs.
        health: Health,
    },
    /// The answer to a sealed query for the log.
    Log(LogAnswer),
    /// The answer to a sealed query for the update.
    Update(UpdateReport),
    /// The answer to a sealed query for the tickets.
    Tickets(TicketState),
}
up_message!(
    SealedReport,
    1 + if 10 + Health::LONGEST > LogAnswer::LONGEST { 10 + Health::LONGEST } else { LogAnswer::LONGEST }
);

wire! {
    struct Down<H> { header, request }
    struct Opening { time }
    struct Live { valid_until }
    struct Sealed { issued_at, not_after }
    enum Outcome {
        0 => Started,
        1 => Done,
        2 => Refused(reason),
        3 => Jammed,
        4 => TimedOut,
        5 => Superseded,
        6 => Interrupted,
        7 => NotExecuted,
    }
    struct Marks { down, command }
    struct TicketState { epoch, denied }
    struct KeptSecret { version, user, kind, hash }
    enum Reply {
        0 => Nothing,
        1 => Command { id, outcome, repeat },
        2 => Status(status),
        3 => Marks { nonce, marks },
        4 => NotUnderstood,
        5 => Digest { version, digest },
        6 => Items { table, first, versions },
        7 => Health(health),
        8 => Rotation { epoch, prepared },
        9 => Secrets { key, slots, first, secrets },
        10 => Log(answer),
        11 => Unowned { key_epoch, revocation_epoch, configuration, code_epoch },
        12 => Claimed(outcome),
        13 => Update(report),
        14 => Wanted(offset),
        15 => Tickets(state),
    }
    enum Event {
        0 => Changed(status),
        1 => Finished { id, outcome },
        2 => Alarm(alarm),
        3 => Update(report),
    }
    struct Answer { uptime, boot, marks, reply }
    struct Report { uptime, body }
    enum ReportBody {
        0 => Reply(reply),
        1 => Event(event),
    }
    enum SealedReport {
        0 => Receipt { id, outcome, configuration },
        1 => MarksAnswer { nonce, marks },
        2 => MarksHint { marks },
        3 => Status { boot, status },
        4 => Digest { version, digest },
        5 => Items { table, first, versions },
        6 => Health { boot, health },
        7 => Log(answer),
        8 => Update(report),
        9 => Tickets(state),
    }
}
