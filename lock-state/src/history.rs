//! What happened since boot, for the health report: nothing here decides anything.

use lock_proto::{
    Boots, Dbm, DriveEnd, DriveRecord, FirmwareHealth, LogHealth, Millivolts, Part, PartsHealth, Reason,
    RefusalKind, TestResult, TestStep, Uptime,
};

use crate::BootInfo;
use crate::motor::Run;
use crate::power::Mains;

/// Something that the lock's firmware saw and that changes nothing but the health report, and perhaps raises an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Observation {
    /// The strength of the last signal.
    Signal(Dbm),
    /// The radio was reset or its settings were erased.
    RadioReset,
    /// The contact of the escutcheon or cover.
    Tamper(TamperContact),
    /// How full the log is.
    Log(LogHealth),
    /// Which firmware runs, and where an update stands.
    Firmware(FirmwareHealth),
    /// The mains came or went.
    Mains(Mains),
    /// The voltage of a battery in the keypad.
    KeypadBattery(Millivolts),
    /// How it stands with a part that can tell.
    Part(PartKind, Part),
}

/// A contact that opens when the lock is taken from the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TamperContact {
    /// As mounted.
    Closed,
    /// Off.
    Open,
}

/// A part of which a firmware may know how it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// The accelerometer or other sensor of the turn.
    Accelerometer,
    /// The keypad.
    Keypad,
    /// The light.
    Light,
    /// The buzzer or speaker.
    Buzzer,
}

#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct History {
    pub(crate) boots: Boots,
    pub(crate) last: [Option<DriveRecord>; 4],
    pub(crate) parts: PartsHealth,
    pub(crate) signal: Option<Dbm>,
    pub(crate) cloud_heard_at: Option<Uptime>,
    pub(crate) link_drops: u16,
    pub(crate) bad_packets: u16,
    pub(crate) refusals: [u16; RefusalKind::ALL.len()],
    pub(crate) firmware: FirmwareHealth,
    pub(crate) log: LogHealth,
    pub(crate) self_test: [TestResult; TestStep::ALL.len()],
}

impl History {
    pub(crate) fn at_boot(info: BootInfo) -> Self {
        Self {
            boots: Boots { count: info.count, reason: info.reason, ..Boots::default() },
            last: [None; 4],
            parts: PartsHealth::default(),
            signal: None,
            cloud_heard_at: None,
            link_drops: 0,
            bad_packets: 0,
            refusals: [0; RefusalKind::ALL.len()],
            firmware: FirmwareHealth::default(),
            log: LogHealth::default(),
            self_test: [TestResult::NotRun; TestStep::ALL.len()],
        }
    }

    /// Keeps how a run ended, the newest first.
    pub(crate) fn ended(&mut self, run: &Run, end: DriveEnd, now: Uptime) {
        self.last.rotate_right(1);
        if let Some(newest) = self.last.first_mut() {
            *newest = Some(DriveRecord {
                goal: run.goal.target(),
                end,
                duration_ms: u16::try_from(now.millis_since(run.began)).unwrap_or(u16::MAX),
                attempts: run.attempt,
            });
        }
    }

    pub(crate) fn count_refusal(&mut self, reason: Reason) {
        if let Some(kind) = kind_of(reason)
            && let Some(count) = self.refusals.get_mut(usize::from(kind.number()))
        {
            *count = count.saturating_add(1);
        }
    }
}

/// What a person can do about a refusal; `None` for those that are between machines.
const fn kind_of(reason: Reason) -> Option<RefusalKind> {
    Some(match reason {
        Reason::WrongCode => RefusalKind::WrongCode,
        Reason::LockedOut => RefusalKind::LockedOut,
        Reason::UserDisabled | Reason::NoAccess | Reason::AlreadyUsed | Reason::NoSuchUser => {
            RefusalKind::User
        }
        Reason::OutsideSchedule | Reason::OutsideValidity => RefusalKind::Schedule,
        Reason::VacationMode | Reason::PrivacyMode | Reason::NoRemoteMode | Reason::PassageMode => {
            RefusalKind::Mode
        }
        Reason::ClockNotTrusted => RefusalKind::Clock,
        Reason::PositionUnknown
        | Reason::DoorOpen
        | Reason::DoorNotClosed
        | Reason::BatteryCritical
        | Reason::Moving
        | Reason::NoLatch
        | Reason::StorageBusy
        | Reason::StorageFault => RefusalKind::Mechanism,
        Reason::NotPermitted
        | Reason::RemoteOnly
        | Reason::MoreCredentials
        | Reason::PresenceNeeded
        | Reason::TicketRevoked
        | Reason::TicketStale
        | Reason::InvalidTicket
        | Reason::TicketsFull => RefusalKind::Rights,
        Reason::Unsupported
        | Reason::SessionNeeded
        | Reason::AnotherPinKey
        | Reason::RollbackRefused
        | Reason::WrongModel
        | Reason::ImageTooLarge
        | Reason::AlreadyRuns
        | Reason::DigestMismatch
        | Reason::UpdateNotReady
        | Reason::UpdateUnderWay
        | Reason::BatteryLow
        | Reason::Expired
        | Reason::ValidTooLong
        | Reason::IdConflict
        | Reason::OutcomeUnknown
        | Reason::IdTooFar
        | Reason::StaleConfiguration
        | Reason::InvalidArgument
        | Reason::Duplicate
        | Reason::Occupied
        | Reason::Vacant
        | Reason::NoSuchSlot
        | Reason::UserInUse
        | Reason::Busy => return None,
    })
}
