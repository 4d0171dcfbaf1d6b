//! What a controller tells whoever runs it, and where the power can be cut.

use std::fmt;

use lock_core::device::{LinkId, Output, RecordTag};
use lock_core::proto::{Alarm, BoltPosition, Kind, Millivolts, Packet};
use lock_core::state::{DoorReading, Drive, Indication, Work as UpdateWork};
use lock_store::IdleStep;

use crate::loader::{Image, Start};

/// One thing that the run loop does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Work {
    /// Writing a record.
    Persist(RecordTag),
    /// Sending a packet of this kind on a link.
    Transmit(LinkId, Option<Kind>),
    /// Ordering the motor.
    Motor(Drive),
    /// Showing something.
    Indicate,
    /// Telling the host of an alarm.
    Alarm,
    /// Writing an entry of the log.
    Log,
    /// Hanging up a link.
    Close(LinkId),
    /// Tidying the flash.
    Tidy,
    /// Something with the spare slot of the firmware, or with the loader.
    Update(UpdateWork),
}

impl Work {
    pub(super) fn of(output: &Output<'_>) -> Self {
        match output {
            Output::Persist { tag, .. } => Self::Persist(*tag),
            Output::Transmit { link, packet } => {
                Self::Transmit(*link, Packet::parse(packet).ok().map(|packet| packet.kind()))
            }
            Output::Motor(drive) => Self::Motor(*drive),
            Output::Indicate(_) => Self::Indicate,
            Output::Alarm(_) => Self::Alarm,
            Output::Log(_) => Self::Log,
            Output::Close(link) => Self::Close(*link),
            Output::Update { work, .. } => Self::Update(*work),
        }
    }
}

/// Before it, or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Nothing of it is done.
    Before,
    /// It is done, and the device does not know yet.
    After,
}

/// A place between two things that the run loop does. Prints as `before motor`, `after persist memory`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Boundary {
    /// On which side of the work.
    pub side: Side,
    /// Which work.
    pub work: Work,
}

impl fmt::Display for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.side {
            Side::Before => "before ",
            Side::After => "after ",
        })?;
        match self.work {
            Work::Persist(tag) => write!(f, "persist {}", tag_name(tag)),
            Work::Transmit(_, kind) => match kind {
                Some(Kind::Hello) => f.write_str("transmit hello"),
                Some(Kind::Message2) => f.write_str("transmit message2"),
                Some(Kind::Record) => f.write_str("transmit record"),
                Some(Kind::SealedUp) => f.write_str("transmit sealed_up"),
                Some(Kind::HelloRequest | Kind::Message1 | Kind::SealedDown) | None => {
                    f.write_str("transmit")
                }
            },
            Work::Motor(Drive::Extend | Drive::Retract) => f.write_str("motor"),
            Work::Motor(Drive::PullLatch | Drive::ReleaseLatch) => f.write_str("motor latch"),
            Work::Motor(Drive::Stop) => f.write_str("motor stop"),
            Work::Indicate => f.write_str("indicate"),
            Work::Alarm => f.write_str("alarm"),
            Work::Log => f.write_str("log"),
            Work::Close(_) => f.write_str("close"),
            Work::Tidy => f.write_str("tidy"),
            Work::Update(work) => f.write_str(match work {
                UpdateWork::Erase { .. } => "update erase",
                UpdateWork::Write { .. } => "update write",
                UpdateWork::Read { .. } => "update read",
                UpdateWork::MarkPending => "update pending",
                UpdateWork::Confirm => "update confirm",
                UpdateWork::Restart => "update restart",
            }),
        }
    }
}

/// The name of a record in logs and boundaries.
#[must_use]
pub(crate) const fn tag_name(tag: RecordTag) -> &'static str {
    match tag {
        RecordTag::Keys => "keys",
        RecordTag::Boot => "boot",
        RecordTag::Memory => "memory",
        RecordTag::UpCeiling => "up_ceiling",
        RecordTag::Upkeep => "upkeep",
        RecordTag::Tickets => "tickets",
        RecordTag::Page(_) => "configuration",
        RecordTag::Codes => "codes",
        RecordTag::Rotation => "rotation",
        RecordTag::Claim => "claim",
        RecordTag::Update => "update",
        RecordTag::Ownership => "ownership",
    }
}

/// Something that happened, for a log or an oracle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A record is durable.
    Persisted {
        /// Which.
        tag: RecordTag,
        /// Its length.
        bytes: usize,
    },
    /// A record is not, or not known to be.
    NotPersisted {
        /// Which.
        tag: RecordTag,
        /// What the journal says.
        why: String,
    },
    /// The motor was ordered.
    Motor(Drive),
    /// The motor's driver saw a stall.
    Stalled,
    /// The bolt's switches changed.
    Bolt(BoltPosition),
    /// The door's contact changed.
    Door(DoorReading),
    /// The battery was read at rest.
    Battery(Millivolts),
    /// Something was shown at the door.
    Indicated(Indication),
    /// People should hear of this.
    Alarm(Alarm),
    /// The flash was tidied.
    Tidied(IdleStep),
    /// The flash could not be tidied.
    NotTidied(String),
    /// The loader started this.
    Firmware(Image, Start),
    /// The slot or the loader was asked to do this.
    Update(UpdateWork),
}

/// Whether the run loop goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    GoOn,
    /// The power is gone here.
    CutPower,
}

/// Whoever runs a controller: takes its packets, hears what happens, and may cut the power between any two things it does.
pub trait Harness {
    /// A packet leaves on a link.
    fn transmit(&mut self, link: LinkId, packet: &[u8]);

    /// A link is hung up.
    fn close(&mut self, link: LinkId);

    /// Something happened.
    fn note(&mut self, fact: &Fact);

    /// The run loop is here.
    fn boundary(&mut self, boundary: Boundary) -> Verdict;
}

/// Power that never fails, on a lock that nobody listens to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Steady;

impl Harness for Steady {
    fn transmit(&mut self, _link: LinkId, _packet: &[u8]) {}

    fn close(&mut self, _link: LinkId) {}

    fn note(&mut self, _fact: &Fact) {}

    fn boundary(&mut self, _boundary: Boundary) -> Verdict {
        Verdict::GoOn
    }
}
