//! What the device wants, one thing at a time, made when it is asked for.

use core::fmt;

use lock_crypto::{Key, Suite};
use lock_proto::{Alarm, CommandId, LogEvent, MAX_PACKET, Outcome, Reason, Uptime};
use lock_state::{Drive, Indication, Tables, Work};
use zeroize::Zeroizing;

use super::log::keeping::{Flushed, Keeper};
use super::steps::{Step, Waiting};
use super::update::Tended;
use super::{Device, LinkId, LogRecord, RecordTag};

/// Something to do, at once and before the next output is asked for. Its debug form shows lengths, never bytes: a record may hold
/// the hashes of PIN codes.
#[derive(PartialEq, Eq)]
pub enum Output<'b> {
    /// Write the record, read it back, then call [`Device::persisted`] or [`Device::persist_failed`] with `id`.
    Persist {
        /// Names this record in the answer.
        id: PersistId,
        /// Which record.
        tag: RecordTag,
        /// Its bytes; at most [`RecordTag::MAX_BYTES`].
        bytes: &'b [u8],
    },
    /// Do something with the log's flash; only of a lock that keeps a log.
    Log(LogWork<'b>),
    /// Send a packet of at most 512 bytes on a link; a link that is gone loses it.
    Transmit {
        /// Where.
        link: LinkId,
        /// What.
        packet: &'b [u8],
    },
    /// Order the motor.
    Motor(Drive),
    /// Show or sound.
    Indicate(Indication),
    /// Tell the host of an alarm.
    Alarm(Alarm),
    /// Hang up a link.
    Close(LinkId),
    /// Do something with the spare slot of the firmware or with the boot loader, then call [`Device::update_answer`]. It may take its
    /// time, and inputs may come meanwhile: nothing waits for it, and one is asked at a time.
    Update {
        /// What.
        work: Work,
        /// What is to be written; at most 448 bytes, and none for other work.
        bytes: &'b [u8],
    },
}

/// What a lock wants of its log's flash.
#[derive(PartialEq, Eq, Debug)]
pub enum LogWork<'b> {
    /// Append the record, read it back, then call [`Device::persisted`] or [`Device::persist_failed`] with `id`. It comes when nothing
    /// else waits; other outputs may come before it is answered.
    Append {
        /// Names this record in the answer.
        id: PersistId,
        /// The record.
        record: LogRecord<'b>,
    },
    /// Read an entry, then call [`Device::log_read`] with `id`. Nothing else comes before that.
    Read {
        /// Names the question in the answer.
        id: PersistId,
        /// The entry.
        index: u64,
    },
    /// Free the entries up to this one for overwriting, where its payload begins with `mac`; then call [`Device::persisted`] or
    /// [`Device::persist_failed`] with `id`. Nothing else comes before that.
    Acknowledge {
        /// Names it in the answer.
        id: PersistId,
        /// The last entry to be freed.
        index: u64,
        /// How its payload begins.
        mac: [u8; 16],
    },
}

/// Names a record that was handed out to be persisted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub struct PersistId(pub(super) u32);

impl PersistId {
    /// As a number, for a run loop that cannot keep the type.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The id with this number. One that was never handed out is [`NotPending`].
    #[must_use]
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }
}

/// Why a record is not durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersistFailure {
    /// No prepared storage; it will be there in a moment.
    Busy,
    /// The storage failed.
    Fault,
    /// Of an acknowledgement alone: the entry is not held, or begins otherwise.
    Mismatch,
}

impl PersistFailure {
    /// What a peer is told that waited for it.
    pub(super) const fn reason(self) -> Reason {
        match self {
            Self::Busy => Reason::StorageBusy,
            Self::Fault => Reason::StorageFault,
            Self::Mismatch => Reason::InvalidArgument,
        }
    }
}

/// An answer to a persist that is not pending: a mistake of the run loop. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no record with this id waits to be persisted; answer each Persist output once")]
pub struct NotPending;

/// An output before its bytes are lent out.
pub(crate) enum Made {
    Persist(PersistId, RecordTag, usize),
    Log(PersistId, u64, Zeroizing<[u8; Key::BYTES]>, usize),
    ReadLog(PersistId, u64),
    AcknowledgeLog(PersistId, u64, [u8; 16]),
    Transmit(LinkId, usize),
    Motor(Drive),
    Indicate(Indication),
    Alarm(Alarm),
    Close(LinkId),
    Update(Work, usize),
}

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// The next thing to do; `None` when there is nothing, or a persist waits for its answer.
    pub fn poll_output<'b>(&mut self, now: Uptime, buffer: &'b mut [u8; MAX_PACKET]) -> Option<Output<'b>> {
        let made = self.make(now, buffer)?;
        let bytes = |length| buffer.get(..length).unwrap_or_default();
        Some(match made {
            Made::Persist(id, tag, length) => Output::Persist { id, tag, bytes: bytes(length) },
            Made::Log(id, index, secret, length) => {
                let record = LogRecord { index, secret, payload: bytes(length) };
                Output::Log(LogWork::Append { id, record })
            }
            Made::ReadLog(id, index) => Output::Log(LogWork::Read { id, index }),
            Made::AcknowledgeLog(id, index, mac) => Output::Log(LogWork::Acknowledge { id, index, mac }),
            Made::Transmit(link, length) => Output::Transmit { link, packet: bytes(length) },
            Made::Motor(drive) => Output::Motor(drive),
            Made::Indicate(indication) => Output::Indicate(indication),
            Made::Alarm(alarm) => Output::Alarm(alarm),
            Made::Close(link) => Output::Close(link),
            Made::Update(work, length) => Output::Update { work, bytes: bytes(length) },
        })
    }

    #[inline(never)]
    fn make(&mut self, now: Uptime, buffer: &mut [u8; MAX_PACKET]) -> Option<Made> {
        // A stop keeps the motor from harm and depends on nothing.
        if core::mem::take(&mut self.stop) {
            return Some(Made::Motor(Drive::Stop));
        }
        while self.barrier.is_none() && !self.log.as_ref().is_some_and(Keeper::is_awaited) {
            let Some((group, step)) = self.steps.pop() else {
                if self.begin_owed().is_some() {
                    continue;
                }
                let made = self.log_at_rest(now, buffer);
                if made.is_some() {
                    return made;
                }
                if self.steps.any(|_| true) {
                    continue;
                }
                match self.tend_update(now, buffer) {
                    Tended::Made(made) => return Some(made),
                    Tended::Steps => continue,
                    Tended::Nothing => return None,
                }
            };
            let step = match self.log_before(step, now, buffer) {
                Ok(step) => step,
                Err(None) => continue,
                made @ Err(Some(_)) => return made.err().flatten(),
            };
            let made = match step {
                Step::Persist(tag) => self.persist(tag, group, now, buffer),
                Step::Motor(drive) => Some(Made::Motor(drive)),
                Step::Indicate(indication) => Some(Made::Indicate(indication)),
                Step::Alarms => {
                    let alarm = self.alarms.take_next();
                    if !self.alarms.is_empty() {
                        self.steps.push_first(Step::Alarms);
                    }
                    alarm.map(Made::Alarm)
                }
                Step::Close(link) => Some(Made::Close(link)),
                Step::Hello(link) => self.hello(link, group, now, buffer),
                Step::Message2(link, answering) => self.message2(link, answering, now, buffer),
                Step::Reply(link, answering) => self.say_reply(link, answering, now, buffer),
                Step::Event(from, reporting) => self.event(from, reporting, now, buffer),
                Step::HolderEvent(link) if T::PARTS.virtual_keys => self.holder_event(link, now, buffer),
                Step::Sealed(link, answering) => self.sealed_up(link, answering, group, now, buffer),
                Step::Obey(held) => {
                    if let Some(Waiting { order, until }) = self.steps.take_order(&held) {
                        self.obey(order, until, now);
                    }
                    None
                }
                Step::Commit(id) => {
                    self.commit(id.get(), now);
                    None
                }
                Step::Revoked(id) if T::PARTS.virtual_keys => {
                    let id = id.get();
                    self.finish(id, Outcome::Done);
                    self.save();
                    None
                }
                Step::Prepared(id) if T::PARTS.life => {
                    let id = id.get();
                    self.prepared(id);
                    None
                }
                Step::Adopt(id) if T::PARTS.life => {
                    let id = id.get();
                    self.adopted(id);
                    None
                }
                Step::Rotated(id, link) if T::PARTS.life => {
                    self.rotated(id.get(), link, now);
                    None
                }
                Step::Acknowledge(id) if T::PARTS.log => self.acknowledge(id.get(), now),
                Step::UpdateStaged(id) if T::PARTS.life => {
                    let id = id.get();
                    self.update_staged(id);
                    None
                }
                Step::Check if T::PARTS.people => {
                    self.check(now);
                    None
                }
                // A user's first use, or that of a code.
                Step::Admit if T::PARTS.people => {
                    self.admitted(now);
                    None
                }
                Step::Wipe => {
                    self.wipe(now);
                    None
                }
                Step::WipePage(page) => {
                    self.wipe_page(page);
                    None
                }
                Step::EndOwnership(id) if T::PARTS.life => {
                    let id = id.get();
                    self.finish(id, Outcome::Done);
                    self.ownership_ends(now);
                    None
                }
                Step::EraseKeys if T::PARTS.life => {
                    self.erase_keys();
                    None
                }
                Step::Own(link) if T::PARTS.life => {
                    self.own(link, now);
                    None
                }
                Step::ResetFinished => self.reset_finished(now, buffer),
                // Of a part that this lock does without.
                Step::HolderEvent(_)
                | Step::Revoked(_)
                | Step::Prepared(_)
                | Step::Adopt(_)
                | Step::Rotated(..)
                | Step::Acknowledge(_)
                | Step::UpdateStaged(_)
                | Step::Check
                | Step::Admit
                | Step::EndOwnership(_)
                | Step::EraseKeys
                | Step::Own(_) => None,
            };
            if made.is_some() || self.stop {
                return made.or_else(|| core::mem::take(&mut self.stop).then_some(Made::Motor(Drive::Stop)));
            }
        }
        None
    }

    /// Puts the staged configuration in force. Like all that has effects in a call of its own: they are off the stack while others speak.
    #[inline(never)]
    fn commit(&mut self, id: CommandId, now: Uptime) {
        if let Some((table, slot, version)) = self.lock.staged_item() {
            let configured = LogEvent::Configured { version, table, slot };
            self.note(configured, self.staged_by, Some(id), now);
        }
        let effects = self.lock.commit(now);
        self.finish(id, Outcome::Done);
        self.follow_command(effects, Some(id), now);
        self.save();
    }

    /// Lets somebody in whose use is durable.
    #[inline(never)]
    fn admitted(&mut self, now: Uptime) {
        let effects = self.lock.admit(now);
        self.follow(effects, now);
    }

    /// Ends a reset, behind what is left for the log.
    #[inline(never)]
    fn reset_finished(&mut self, now: Uptime, buffer: &mut [u8; MAX_PACKET]) -> Option<Made> {
        match self.flush_log(now, buffer) {
            Flushed::Level => {
                let effects = self.lock.reset_finished(now);
                self.follow(effects, now);
                None
            }
            waits @ (Flushed::First(_) | Flushed::Waits) => {
                self.steps.push_first(Step::ResetFinished);
                waits.first()
            }
        }
    }
}

impl fmt::Debug for Output<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Persist { id, tag, bytes } => f
                .debug_struct("Persist")
                .field("id", id)
                .field("tag", tag)
                .field("length", &bytes.len())
                .finish(),
            Self::Log(work) => f.debug_tuple("Log").field(work).finish(),
            Self::Transmit { link, packet } => {
                f.debug_struct("Transmit").field("link", link).field("length", &packet.len()).finish()
            }
            Self::Motor(drive) => f.debug_tuple("Motor").field(drive).finish(),
            Self::Indicate(indication) => f.debug_tuple("Indicate").field(indication).finish(),
            Self::Alarm(alarm) => f.debug_tuple("Alarm").field(alarm).finish(),
            Self::Close(link) => f.debug_tuple("Close").field(link).finish(),
            Self::Update { work, bytes } => {
                f.debug_struct("Update").field("work", work).field("length", &bytes.len()).finish()
            }
        }
    }
}
