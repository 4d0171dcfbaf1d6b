//! What the device wants, one thing at a time, made when it is asked for.

use lock_crypto::hedge::sealed_up_random;
use lock_crypto::{Direction, Label, SealedHeader, Suite, UP_BLOCK, seal_sealed};
use lock_proto::{
    Alarm, Answer, CommandId, Event, Kind, MAX_PACKET, Marks, Outcome, RECORD_HEADER, Reason, Reply, Report,
    ReportBody, SEALED_HEADER, SealedReport, Uptime,
};
use lock_state::{Drive, Indication};

use super::links::Peer;
use super::steps::{Answering, Reporting, Step};
use super::{Barrier, Device, LinkId, RecordTag, storage};

/// Something to do, at once and before the next output is asked for.
#[derive(Debug, PartialEq, Eq)]
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
}

/// Names a record that was handed out to be persisted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersistId(pub(super) u32);

/// Why a record is not durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersistFailure {
    /// No prepared storage; it will be there in a moment.
    Busy,
    /// The storage failed.
    Fault,
}

/// An answer to a persist that is not pending: a mistake of the run loop. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no record with this id waits to be persisted; answer each Persist output once")]
pub struct NotPending;

/// An output before its bytes are lent out.
enum Made {
    Persist(PersistId, RecordTag, usize),
    Transmit(LinkId, usize),
    Motor(Drive),
    Indicate(Indication),
    Alarm(Alarm),
    Close(LinkId),
}

impl<S: Suite, const LINKS: usize, const PINS: usize> Device<S, LINKS, PINS> {
    /// The next thing to do; `None` when there is nothing, or a persist waits for its answer.
    pub fn poll_output<'b>(&mut self, now: Uptime, buffer: &'b mut [u8; MAX_PACKET]) -> Option<Output<'b>> {
        let made = self.make(now, buffer)?;
        let bytes = |length| buffer.get(..length).unwrap_or_default();
        Some(match made {
            Made::Persist(id, tag, length) => Output::Persist { id, tag, bytes: bytes(length) },
            Made::Transmit(link, length) => Output::Transmit { link, packet: bytes(length) },
            Made::Motor(drive) => Output::Motor(drive),
            Made::Indicate(indication) => Output::Indicate(indication),
            Made::Alarm(alarm) => Output::Alarm(alarm),
            Made::Close(link) => Output::Close(link),
        })
    }

    /// The record is durable: every later boot loads it or a newer one.
    ///
    /// # Errors
    /// [`NotPending`].
    pub fn persisted(&mut self, id: PersistId) -> Result<(), NotPending> {
        let barrier = self.take_barrier(id)?;
        if barrier.tag == RecordTag::Boot {
            self.nonces.ready = true;
        }
        if let Some(reservation) = barrier.reservation {
            self.up.grant(reservation);
        }
        Ok(())
    }

    /// The record is not durable, or not known to be. What depends on it is dropped and refused; numbers that were taken stay burned.
    ///
    /// # Errors
    /// [`NotPending`].
    pub fn persist_failed(&mut self, id: PersistId, why: PersistFailure) -> Result<(), NotPending> {
        let barrier = self.take_barrier(id)?;
        let reason = match why {
            PersistFailure::Busy => Reason::StorageBusy,
            PersistFailure::Fault => Reason::StorageFault,
        };
        while let Some(step) = self.steps.take_dependent(barrier.group, barrier.tag) {
            match step {
                Step::Obey(order) => self.finish(order.get().id, Outcome::Refused(reason)),
                Step::Commit(id) => {
                    self.lock.discard();
                    self.finish(id, Outcome::Refused(reason));
                }
                Step::CheckCode(_) => self.steps.push(Step::Indicate(Indication::Refused(reason))),
                Step::Persist(_)
                | Step::Motor(_)
                | Step::Indicate(_)
                | Step::Alarm(_)
                | Step::Hello(_)
                | Step::Message2(..)
                | Step::Reply(..)
                | Step::Event(..)
                | Step::Sealed(..)
                | Step::Close(_) => {}
            }
        }
        Ok(())
    }

    fn take_barrier(&mut self, id: PersistId) -> Result<Barrier, NotPending> {
        self.barrier.take_if(|barrier| barrier.id == id).ok_or(NotPending)
    }

    fn make(&mut self, now: Uptime, buffer: &mut [u8; MAX_PACKET]) -> Option<Made> {
        // A stop keeps the motor from harm and depends on nothing.
        if core::mem::take(&mut self.stop) {
            return Some(Made::Motor(Drive::Stop));
        }
        while self.barrier.is_none() {
            let (group, step) = self.steps.pop()?;
            let made = match step {
                Step::Persist(tag) => self.persist(tag, group, now, buffer),
                Step::Motor(drive) => Some(Made::Motor(drive)),
                Step::Indicate(indication) => Some(Made::Indicate(indication)),
                Step::Alarm(alarm) => Some(Made::Alarm(alarm)),
                Step::Close(link) => Some(Made::Close(link)),
                Step::Hello(link) => self.hello(link, now, buffer),
                Step::Message2(link, answering) => self.message2(link, answering, now, buffer),
                Step::Reply(link, answering) => {
                    let reply = self.reply(answering, now);
                    self.say(link, ReportBody::Reply(reply), now, buffer)
                }
                Step::Event(from, reporting) => self.event(from, reporting, now, buffer),
                Step::Sealed(link, answering) => self.sealed_up(link, answering, now, buffer),
                Step::Obey(order) => {
                    let id = order.get().id;
                    match self.lock.order(order, now) {
                        Ok(effects) => self.follow(effects),
                        // What was allowed when it came is no longer: its id stays burned.
                        Err(refusal) => self.finish(id, Outcome::Refused(refusal.reason)),
                    }
                    None
                }
                Step::Commit(id) => {
                    let effects = self.lock.commit(now);
                    self.finish(id, Outcome::Done);
                    self.follow(effects);
                    self.save();
                    None
                }
                Step::CheckCode(digits) => {
                    let effects = self.lock.check_code::<S>(&self.identity.k_pin, &digits, now);
                    self.follow(effects);
                    None
                }
            };
            if made.is_some() || self.stop {
                return made.or_else(|| core::mem::take(&mut self.stop).then_some(Made::Motor(Drive::Stop)));
            }
        }
        None
    }

    fn persist(
        &mut self,
        tag: RecordTag,
        group: super::Group,
        now: Uptime,
        buffer: &mut [u8; MAX_PACKET],
    ) -> Option<Made> {
        let mut reservation = None;
        let length = match tag {
            RecordTag::Keys => None,
            RecordTag::Boot => storage::encode_number(self.nonces.boot, buffer),
            RecordTag::Memory => {
                self.memory.saved = self.lock.saved(now);
                self.memory.encode(buffer)
            }
            RecordTag::UpCeiling => {
                let wanted = self.up.reserve(UP_BLOCK).ok()?;
                let length = storage::encode_number(wanted.ceiling(), buffer);
                reservation = Some(wanted);
                length
            }
            RecordTag::Configuration => self.lock.staged_record(buffer).ok(),
        }?;
        self.next_persist = self.next_persist.wrapping_add(1);
        let id = PersistId(self.next_persist);
        self.barrier = Some(Barrier { id, tag, group, reservation });
        Some(Made::Persist(id, tag, length))
    }

    fn hello(&mut self, link: LinkId, now: Uptime, buffer: &mut [u8; MAX_PACKET]) -> Option<Made> {
        if !self.nonces.ready {
            // The boot counter's record failed before: try it again, and greet behind it.
            self.steps.push_first(Step::Hello(link));
            self.steps.push_first(Step::Persist(RecordTag::Boot));
            return None;
        }
        let packet = self.greet(link, now)?;
        buffer.iter_mut().zip(packet).for_each(|(to, from)| *to = from);
        Some(Made::Transmit(link, packet.len()))
    }

    fn message2(
        &mut self,
        link: LinkId,
        answering: Answering,
        now: Uptime,
        buffer: &mut [u8; MAX_PACKET],
    ) -> Option<Made> {
        let reply = self.reply(answering, now);
        let answer = Answer { uptime: now, boot: self.nonces.boot, marks: self.marks(), reply };
        let hedge = self.nonces.draw();
        let state = self.links.of(link)?;
        let Peer::Opened(opened) = core::mem::replace(&mut state.peer, Peer::Unknown) else { return None };
        let mut payload = [0; Answer::MAX_BYTES];
        let payload = answer.encode(&mut payload).ok()?;
        let (prefix, handshake) = buffer.split_first_chunk_mut()?;
        *prefix = Kind::Message2.prefix();
        let (length, keys) = opened.reply(&hedge, payload, handshake).ok()?;
        state.peer = Peer::Live { session: keys.into_session(state.delivery), since: now };
        Some(Made::Transmit(link, prefix.len() + length))
    }

    /// Seals a report into the session of a link; nothing when there is none.
    fn say(
        &mut self,
        link: LinkId,
        body: ReportBody,
        now: Uptime,
        buffer: &mut [u8; MAX_PACKET],
    ) -> Option<Made> {
        let Peer::Live { session, .. } = &mut self.links.of(link)?.peer else { return None };
        let length = Report { uptime: now, body }.encode(buffer.get_mut(RECORD_HEADER..)?).ok()?.len();
        let length = session.seal_record(Kind::Record.prefix(), buffer, length).ok()?;
        Some(Made::Transmit(link, length))
    }

    fn event(
        &mut self,
        from: LinkId,
        reporting: Reporting,
        now: Uptime,
        buffer: &mut [u8; MAX_PACKET],
    ) -> Option<Made> {
        let link = self.links.next_listener(from)?;
        let event = match reporting {
            Reporting::Changed => Event::Changed(self.lock.status(now)),
            Reporting::Finished { id, outcome } => Event::Finished { id, outcome },
            Reporting::Alarm(alarm) => Event::Alarm(alarm),
        };
        self.steps.push_first(Step::Event(LinkId(link.0.saturating_add(1)), reporting));
        self.say(link, ReportBody::Event(event), now, buffer)
    }

    fn sealed_up(
        &mut self,
        link: LinkId,
        answering: Answering,
        now: Uptime,
        buffer: &mut [u8; MAX_PACKET],
    ) -> Option<Made> {
        let Ok(counter) = self.up.next() else {
            self.steps.push_first(Step::Sealed(link, answering));
            self.steps.push_first(Step::Persist(RecordTag::UpCeiling));
            return None;
        };
        let report = self.sealed_report(answering, now);
        let length = report.encode(buffer.get_mut(SEALED_HEADER..)?).ok()?.len();
        let leaves = &self.identity.leaves;
        let random = sealed_up_random::<S>(leaves.leaf(Label::Hedge), &self.nonces.draw());
        let header = SealedHeader {
            prefix: Kind::SealedUp.prefix(),
            key_epoch: self.identity.key_epoch,
            counter,
            random,
        };
        let length = seal_sealed::<S>(leaves, Direction::Up, &header, buffer, length).ok()?;
        Some(Made::Transmit(link, length))
    }

    fn marks(&self) -> Marks {
        Marks { down: self.memory.down_mark.value(), command: CommandId(self.memory.ledger.highest()) }
    }

    fn reply(&self, answering: Answering, now: Uptime) -> Reply {
        match answering {
            Answering::Nothing => Reply::Nothing,
            Answering::Command { id, repeat } => Reply::Command { id, outcome: self.outcome_of(id), repeat },
            Answering::Settled { id, outcome, repeat } => Reply::Command { id, outcome, repeat },
            Answering::Status => Reply::Status(self.lock.status(now)),
            Answering::Marks { nonce } => Reply::Marks { nonce, marks: self.marks() },
            Answering::Hint | Answering::NotUnderstood => Reply::NotUnderstood,
        }
    }

    fn sealed_report(&self, answering: Answering, now: Uptime) -> SealedReport {
        let configuration = self.lock.configuration().version();
        match answering {
            Answering::Command { id, .. } => {
                SealedReport::Receipt { id, outcome: self.outcome_of(id), configuration }
            }
            Answering::Settled { id, outcome, .. } => SealedReport::Receipt { id, outcome, configuration },
            Answering::Status => {
                SealedReport::Status { boot: self.nonces.boot, status: self.lock.status(now) }
            }
            Answering::Marks { nonce } => SealedReport::MarksAnswer { nonce, marks: self.marks() },
            Answering::Nothing | Answering::Hint | Answering::NotUnderstood => {
                SealedReport::MarksHint { marks: self.marks() }
            }
        }
    }
}
