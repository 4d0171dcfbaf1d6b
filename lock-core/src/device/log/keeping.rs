//! How a running lock keeps its log: what happens goes into the book, its records go out when there is nothing else to do.
//!
//! ```text
//! something happens ──> note ──> LogBook ──(the queue is empty)──> Output::Log ──> persisted        the next one
//!                                   ^                                        └──> persist_failed   made again, after a pause
//!        the flash gave entries up ─┘  Input::LogHeld: an entry says which
//! ```
//!
//! The motor, a code and a message never wait for a record of the log. Two things do: the end of a factory reset, which must be in the
//! log when it counts as done, and an answer that tells where the log stands.

use core::marker::PhantomData;

use lock_crypto::Suite;
use lock_proto::{
    Alarm, Cause, CommandId, LogEntry, LogEvent, LogHealth, LogTime, MAX_PACKET, Reason, UnixMillis, Uptime,
};
use lock_state::{ClockReading, Effects, Happened, Observation, Source, Tables};

use super::sparing::Sparing;
use super::telling::{Acknowledging, Telling};
use super::turning::{LogTenure, Turn};
use super::{Appended, LogBeginning, LogBook, LogRecord};
use crate::device::Device;
use crate::device::output::{Made, PersistFailure, PersistId};
use crate::device::steps::{Claim, EFFECTS};

/// After a flash that had no room: so long it may take to erase.
const BUSY_PAUSE_MILLIS: u64 = 250;
/// After a flash that failed: this, and twice as long each time.
const FIRST_PAUSE_MILLIS: u64 = 1_000;
const LONGEST_PAUSE_MILLIS: u64 = 64_000;

/// What the log's flash holds, as `lock-store`'s ring tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub struct LogHeld {
    /// The index of the oldest entry that can be read; that of the entry to come where there is none.
    pub first: u64,
    /// Entries below this were acknowledged. Where it is below `first`, those between were overwritten, and nobody has them.
    pub acknowledged: u64,
    /// How many typical entries it holds at least.
    pub capacity: u32,
}

impl LogHeld {
    /// What was given up of an owner's entries, which are those from `began` on.
    fn overwritten(&self, began: u64) -> Option<LogEvent> {
        let last = self.first.checked_sub(1)?;
        let first = self.acknowledged.max(began);
        (first <= last).then_some(LogEvent::Overwritten { first, last })
    }
}

/// What the log's flash held at boot, for [`Stored::with_log`](crate::device::Stored::with_log).
#[derive(Clone, Copy)]
pub struct StoredLog<'s> {
    /// The index of the entry to come.
    pub next: u64,
    /// The secret that is stored with the last entry; the caller erases its copy.
    pub secret: &'s [u8; 32],
    /// How the payload of the last entry begins; zero bytes where there is none yet.
    pub last: &'s LogBeginning,
    /// What is held.
    pub held: LogHeld,
}

impl core::fmt::Debug for StoredLog<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("StoredLog")
            .field("next", &self.next)
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}

/// The log of a device that has one.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Keeper {
    pub(crate) book: LogBook,
    pub(crate) held: LogHeld,
    pub(super) tenure: LogTenure,
    pub(super) turn: Turn,
    /// Work that was handed out, one thing at a time.
    pending: Option<Pending>,
    /// The answer that is being put together, or the last one.
    pub(super) telling: Option<Telling>,
    pub(super) acknowledging: Option<Acknowledging>,
    /// After a failure, not before this.
    retry_at: Option<Uptime>,
    /// The failure was that there was no room: it is over as soon as the flash has made some.
    lacked_room: bool,
    pause_ms: u64,
    /// What the health report says.
    told: LogHealth,
    /// That codes are refused is noted once a lockout: whoever presses keys in it is not to fill the log.
    is_lockout_noted: bool,
    pub(super) sparing: Sparing,
}

/// The log of a lock that may have one. In a lock of a type without logs a compiler knows that there is none, and leaves out what
/// would be done with it.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Kept<T: Tables>(Option<Keeper>, PhantomData<T>);

impl<T: Tables> Kept<T> {
    pub(crate) const NONE: Self = Self(None, PhantomData);

    #[inline(never)]
    pub(crate) fn begin(&mut self, stored: Option<&StoredLog<'_>>, tenure: LogTenure) {
        if T::PARTS.log {
            self.0 = stored.and_then(|stored| Keeper::at_boot(stored, tenure));
        }
    }

    pub(crate) const fn as_ref(&self) -> Option<&Keeper> {
        if T::PARTS.log { self.0.as_ref() } else { None }
    }

    pub(crate) const fn as_mut(&mut self) -> Option<&mut Keeper> {
        if T::PARTS.log { self.0.as_mut() } else { None }
    }
}

#[derive(Clone, Copy, Debug)]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
struct Pending {
    id: PersistId,
    work: Work,
    /// Nothing comes out before it is answered.
    is_awaited: bool,
}

/// What the flash is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub(crate) enum Work {
    Append,
    Read,
    Acknowledge,
}

/// Whether a step that waits for the log may be done.
pub(crate) enum Flushed {
    /// Nothing waits, or what waits cannot be stored now.
    Level,
    /// This first.
    First(Made),
    /// The flash has to answer first.
    Waits,
}

impl Flushed {
    /// What comes first.
    pub(crate) fn first(self) -> Option<Made> {
        match self {
            Self::First(made) => Some(made),
            Self::Level | Self::Waits => None,
        }
    }
}

impl Keeper {
    /// `None` where the stored key was erased: the lock works on without a log.
    pub(crate) fn at_boot(stored: &StoredLog<'_>, tenure: LogTenure) -> Option<Self> {
        Some(Self {
            book: LogBook::resume(stored.next, stored.secret, stored.last).ok()?,
            held: stored.held,
            tenure,
            turn: Turn::default(),
            pending: None,
            telling: None,
            acknowledging: None,
            retry_at: None,
            lacked_room: false,
            pause_ms: FIRST_PAUSE_MILLIS,
            told: LogHealth::default(),
            is_lockout_noted: false,
            sparing: Sparing::default(),
        })
    }

    /// What was given up of the present owner's entries.
    fn overwritten(&self) -> Option<LogEvent> {
        self.held.overwritten(self.tenure.began().unwrap_or_default())
    }

    /// The first entry that is held and told; `None` where none is told yet.
    pub(super) fn first_told(&self) -> Option<u64> {
        self.tenure.began().map(|began| began.max(self.held.first))
    }

    fn health(&self) -> LogHealth {
        let from = self.held.first.max(self.held.acknowledged).max(self.tenure.began().unwrap_or_default());
        let pending = self.book.next().saturating_sub(from);
        LogHealth { pending: u32::try_from(pending).unwrap_or(u32::MAX), capacity: self.held.capacity }
    }

    fn may_store(&self, now: Uptime) -> bool {
        self.is_behind() && self.pending.is_none() && self.retry_at.is_none_or(|at| now >= at)
    }

    fn is_behind(&self) -> bool {
        self.book.is_behind() || self.turn.owes().is_some()
    }

    pub(crate) fn poll_timeout(&self) -> Option<Uptime> {
        self.retry_at.filter(|_| self.is_behind() && self.pending.is_none())
    }

    /// Whether nothing may come out before the flash has answered.
    pub(crate) fn is_awaited(&self) -> bool {
        self.pending.is_some_and(|pending| pending.is_awaited)
    }

    /// Has what follows wait for the work that was handed out; `false` where there is none.
    pub(super) fn await_pending(&mut self) -> bool {
        if let Some(pending) = &mut self.pending {
            pending.is_awaited = true;
        }
        self.pending.is_some()
    }

    pub(super) fn take_pending(&mut self, id: PersistId, work: Work) -> Option<()> {
        self.pending.take_if(|pending| pending.id == id && pending.work == work).map(drop)
    }

    /// Takes the answer to work that was to be stored; `false` where none with this id waits for it.
    pub(crate) fn persisted(&mut self, id: PersistId) -> bool {
        if self.take_pending(id, Work::Append).is_some() {
            match self.book.stored() {
                Appended::Entry => {}
                Appended::Epoch => self.epoch_begun(),
            }
            self.works();
            return true;
        }
        let is_this = self.take_pending(id, Work::Acknowledge).is_some();
        if is_this {
            self.acknowledged(Ok(()));
        }
        is_this
    }

    pub(crate) fn persist_failed(&mut self, id: PersistId, why: PersistFailure, now: Uptime) -> bool {
        if self.take_pending(id, Work::Append).is_some() {
            self.book.failed();
            self.rests(why, now);
            return true;
        }
        let is_this = self.take_pending(id, Work::Acknowledge).is_some();
        if is_this {
            self.acknowledged(Err(why));
        }
        is_this
    }
}

impl Keeper {
    /// The flash works.
    pub(super) const fn works(&mut self) {
        (self.retry_at, self.pause_ms) = (None, FIRST_PAUSE_MILLIS);
    }

    /// The flash gets a pause before it is tried again.
    pub(super) fn rests(&mut self, why: PersistFailure, now: Uptime) {
        let pause = match why {
            PersistFailure::Busy => BUSY_PAUSE_MILLIS,
            PersistFailure::Fault | PersistFailure::Mismatch => {
                let pause = self.pause_ms;
                self.pause_ms = pause.saturating_mul(2).min(LONGEST_PAUSE_MILLIS);
                pause
            }
        };
        self.retry_at = Some(now.plus_millis(pause));
        self.lacked_room = why == PersistFailure::Busy;
    }
}

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// Writes into the log what one input brought about. `command` is what asked for it, where something did.
    pub(crate) fn note_effects(&mut self, effects: &Effects, command: Option<CommandId>, now: Uptime) {
        let first = effects.happened.iter().next();
        for happening in effects.happened.iter() {
            let event = match happening.what {
                Happened::Asked(target) => LogEvent::Asked(target),
                Happened::Bolt(position) => LogEvent::Bolt(position),
                Happened::Refused(reason) => LogEvent::Refused(reason),
                Happened::Mode(mode) => LogEvent::Mode(mode),
                Happened::ClockSet => LogEvent::ClockSet,
                Happened::ClockLost => LogEvent::ClockLost,
                Happened::FactoryReset => LogEvent::FactoryReset,
            };
            let is_asked_for =
                matches!(happening.cause, Cause::RemoteLive | Cause::RemoteSealed | Cause::VirtualKey);
            self.note(event, happening.cause, command.filter(|_| is_asked_for), now);
        }
        for alarm in effects.alarms.iter() {
            let cause = first.map_or(cause_of_alarm(alarm), |first| first.cause);
            self.note(LogEvent::Alarm(alarm), cause, None, now);
        }
    }

    /// Writes an event into the log.
    #[inline(never)]
    pub(crate) fn note(&mut self, event: LogEvent, cause: Cause, command: Option<CommandId>, now: Uptime) {
        let entry = self.entry(event, cause, command, now);
        if let Some(log) = self.log.as_mut()
            && log.sparing.admits(event, cause, now)
        {
            if let Some(lost) = log.sparing.take_untold() {
                log.book.note(LogEntry { cause: Cause::Unknown, command: None, event: lost, ..entry });
            }
            log.book.note(entry);
        }
    }

    pub(super) fn entry(
        &self,
        event: LogEvent,
        cause: Cause,
        command: Option<CommandId>,
        now: Uptime,
    ) -> LogEntry {
        let time = log_time(self.lock.clock(now));
        LogEntry { boot: self.nonces.boot(), uptime: now, time, cause, command, event }
    }

    /// Writes the refusal of somebody far away into the log.
    pub(crate) fn note_refusal(
        &mut self,
        reason: Reason,
        source: Source,
        command: Option<CommandId>,
        now: Uptime,
    ) {
        self.note(LogEvent::Refused(reason), cause_of(source), command, now);
    }

    /// A code was counted, or refused without being looked at.
    pub(crate) fn note_attempt(&mut self, counted: Result<(), Reason>, now: Uptime) {
        let is_locked_out = counted == Err(Reason::LockedOut);
        let is_new = self.log.as_ref().is_some_and(|log| is_locked_out && !log.is_lockout_noted);
        if is_new {
            self.note(LogEvent::Refused(Reason::LockedOut), Cause::Unknown, None, now);
        }
        if let Some(log) = self.log.as_mut() {
            log.is_lockout_noted = is_locked_out;
        }
    }

    /// Takes what the log's flash holds now. Where it gave entries up that nobody had, one says which.
    pub(crate) fn log_held(&mut self, held: LogHeld, now: Uptime) {
        let Some(log) = self.log.as_mut() else { return };
        let before = log.overwritten();
        log.held = held;
        if core::mem::take(&mut log.lacked_room) {
            log.retry_at = None;
        }
        if log.overwritten() != before {
            self.note_overwritten(now);
        }
    }

    /// Also at boot, where nobody knows any more whether an entry says it already.
    pub(crate) fn note_overwritten(&mut self, now: Uptime) {
        let Some(event) = self.log.as_ref().and_then(Keeper::overwritten) else { return };
        let entry = self.entry(event, Cause::Mechanism, None, now);
        if let Some(log) = self.log.as_mut() {
            log.book.overwritten(entry);
        }
    }

    /// What the log wants done while nothing else waits: its state for the health report, which may raise an alarm; then a record.
    #[inline(never)]
    pub(crate) fn log_at_rest(&mut self, now: Uptime, buffer: &mut [u8; MAX_PACKET]) -> Option<Made> {
        let log = self.log.as_mut()?;
        let health = log.health();
        // The queue is empty: there is room.
        if health != log.told && self.steps.begin_input(Claim::Urgent(EFFECTS)).is_some() {
            log.told = health;
            let effects = self.lock.observe(Observation::Log(health), now);
            self.follow(effects, now);
        }
        self.log_record(now, buffer, false)
    }

    /// Has all that waits stored before the step at hand, as far as the flash takes it.
    #[inline(never)]
    pub(crate) fn flush_log(&mut self, now: Uptime, buffer: &mut [u8; MAX_PACKET]) -> Flushed {
        if self.log.as_mut().is_some_and(Keeper::await_pending) {
            return Flushed::Waits;
        }
        self.log_record(now, buffer, true).map_or(Flushed::Level, Flushed::First)
    }

    fn log_record(&mut self, now: Uptime, buffer: &mut [u8; MAX_PACKET], is_awaited: bool) -> Option<Made> {
        let log = self.log.as_mut().filter(|log| log.may_store(now))?;
        if let Some(tag) = log.turn.owes() {
            return self.persist_turn(tag, now, buffer);
        }
        let LogRecord { index, secret, payload } = log.book.record::<S>(buffer.first_chunk_mut()?)?;
        let length = payload.len();
        let id = self.hand_out(Work::Append);
        if is_awaited {
            self.log.as_mut()?.await_pending();
        }
        Some(Made::Log(id, index, secret, length))
    }

    /// The flash is asked for something: reads and acknowledgements are waited for.
    pub(super) fn hand_out(&mut self, work: Work) -> PersistId {
        self.next_persist = self.next_persist.wrapping_add(1);
        let id = PersistId(self.next_persist);
        if let Some(log) = self.log.as_mut() {
            log.pending = Some(Pending { id, work, is_awaited: work != Work::Append });
        }
        id
    }
}

/// The time of an entry, as well as the lock knows it.
fn log_time(clock: ClockReading) -> LogTime {
    match clock {
        ClockReading::Unset => LogTime::Unset,
        ClockReading::Floor(UnixMillis(0)) => LogTime::Unset,
        ClockReading::Floor(at) => LogTime::Floor(at),
        ClockReading::Trusted { earliest, latest } => {
            let span_ms = u32::try_from(latest.millis_since(earliest)).unwrap_or(u32::MAX);
            LogTime::Trusted { earliest, span_ms }
        }
    }
}

/// The cause of an alarm that came with nothing else. Otherwise it is that of what came with it: whose code was one of duress.
const fn cause_of_alarm(alarm: Alarm) -> Cause {
    match alarm {
        Alarm::Jammed
        | Alarm::ClutchFailed
        | Alarm::SensorFault
        | Alarm::ClockLost
        | Alarm::StorageCorrupt
        | Alarm::RadioReset
        | Alarm::LogNearlyFull
        | Alarm::UpdateFailed
        | Alarm::UpdateRolledBack => Cause::Mechanism,
        Alarm::BatteryLow | Alarm::BatteryCritical | Alarm::BatteryDrain => Cause::Battery,
        Alarm::FactoryReset => Cause::Reset,
        Alarm::WrongCodeLimit | Alarm::Forced | Alarm::DoorAjar | Alarm::Tamper | Alarm::Duress => {
            Cause::Unknown
        }
    }
}

/// The cause in an entry of somebody who asks.
pub(crate) const fn cause_of(source: Source) -> Cause {
    match source {
        Source::RemoteLive => Cause::RemoteLive,
        Source::RemoteSealed { .. } => Cause::RemoteSealed,
        Source::VirtualKey => Cause::VirtualKey,
        Source::Button => Cause::Button,
        Source::OutsideButton => Cause::Manual,
        Source::AutoRelock => Cause::AutoRelock,
        Source::Schedule => Cause::Schedule,
        Source::Battery => Cause::Battery,
        Source::Credential(_) => Cause::Unknown,
    }
}
