//! Records on their way to storage: one at a time, and nothing passes it.

use lock_crypto::{Reservation, Suite, UP_BLOCK};
use lock_proto::{Cause, LogEvent, MAX_PACKET, Marks, Outcome, Uptime};
use lock_state::{Indication, Order, Saved, Tables};

use super::output::{Made, NotPending, PersistFailure, PersistId};
use super::rotation::Certainty;
use super::steps::{Group, Step};
use super::{Device, RecordTag, parts, storage};

/// A record that was handed out and is not yet durable.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Barrier {
    id: PersistId,
    tag: RecordTag,
    reservation: Option<Reservation>,
    /// The marks in a memory record.
    marks: Marks,
}

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// The record is durable: every later boot loads it or a newer one.
    ///
    /// # Errors
    /// [`NotPending`].
    pub fn persisted(&mut self, id: PersistId) -> Result<(), NotPending> {
        if self.log.as_mut().is_some_and(|log| log.persisted(id)) {
            self.drop_log_key();
            return Ok(());
        }
        let barrier = self.take_barrier(id)?;
        if let Some(log) = self.log.as_mut() {
            log.record_stored(id);
        }
        match barrier.tag {
            RecordTag::Boot => self.nonces.boot_is_durable(),
            RecordTag::Memory => {
                self.durable_marks = barrier.marks;
                self.is_behind = false;
            }
            RecordTag::Keys => self.rotation.keys_written(Certainty::Durable),
            RecordTag::Update if T::PARTS.life => self.update.stored(),
            RecordTag::UpCeiling
            | RecordTag::Upkeep
            | RecordTag::Page(_)
            | RecordTag::Tickets
            | RecordTag::Codes
            | RecordTag::Rotation
            | RecordTag::Claim
            | RecordTag::Update
            | RecordTag::Ownership => {}
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
    pub fn persist_failed(
        &mut self,
        id: PersistId,
        why: PersistFailure,
        now: Uptime,
    ) -> Result<(), NotPending> {
        if self.log.as_mut().is_some_and(|log| log.persist_failed(id, why, now)) {
            return Ok(());
        }
        let barrier = self.take_barrier(id)?;
        if let Some(log) = self.log.as_mut() {
            log.record_failed(id, why, now);
        }
        self.refuse_dependents(barrier.tag, self.steps.written(), why, now);
        Ok(())
    }

    fn take_barrier(&mut self, id: PersistId) -> Result<Barrier, NotPending> {
        self.barrier.take_if(|barrier| barrier.id == id).ok_or(NotPending)
    }

    fn refuse_dependents(&mut self, failed: RecordTag, group: Group, why: PersistFailure, now: Uptime) {
        let reason = why.reason();
        self.is_behind |= failed == RecordTag::Memory;
        if T::PARTS.life && failed == RecordTag::Update {
            self.update.not_stored(now);
        }
        while let Some(step) = self.steps.take_dependent(group, failed) {
            match step {
                Step::Obey(held) => {
                    if let Some(waiting) = self.steps.take_order(&held) {
                        let Order { id, source, .. } = *waiting.order.get();
                        self.note_refusal(reason, source, self.asked_by(id), now);
                        self.finish(id, Outcome::Refused(reason));
                    }
                }
                Step::Commit(id) => {
                    let id = id.get();
                    self.lock.discard();
                    self.note(LogEvent::Refused(reason), self.staged_by, Some(id), now);
                    self.finish(id, Outcome::Refused(reason));
                    // The record may be there all the same: one with what is in force has the last word, if it can be written.
                    if let RecordTag::Page(_) = failed
                        && why == PersistFailure::Fault
                    {
                        self.steps.push_first(Step::Persist(failed));
                    }
                }
                Step::Adopt(id) if T::PARTS.life => self.not_adopted(id.get(), reason, failed, why),
                Step::UpdateStaged(id) if T::PARTS.life => {
                    let id = id.get();
                    self.update.discard();
                    self.finish(id, Outcome::Refused(reason));
                }
                Step::Revoked(id) if T::PARTS.virtual_keys => self.finish(id.get(), Outcome::Refused(reason)),
                Step::Prepared(id) | Step::Rotated(id, _) if T::PARTS.life => {
                    let id = id.get();
                    self.rotation.discard();
                    self.finish(id, Outcome::Refused(reason));
                    // As above. Until then nothing else may be prepared: storage may be in the next epoch already.
                    if failed != RecordTag::Memory && why == PersistFailure::Fault {
                        self.steps.push_first(Step::Persist(failed));
                    }
                    if failed == RecordTag::Keys && why == PersistFailure::Fault {
                        self.rotation.keys_written(Certainty::Doubtful);
                    }
                }
                Step::Acknowledge(id) if T::PARTS.log => {
                    let id = id.get();
                    self.drop_acknowledgement();
                    self.finish(id, Outcome::Refused(reason));
                }
                Step::EndOwnership(id) if T::PARTS.life => {
                    let id = id.get();
                    self.lock.keep_owner();
                    self.finish(id, Outcome::Refused(reason));
                    // As above: what was refused must not come true at the next boot.
                    self.steps.push_first(Step::Persist(RecordTag::Memory));
                }
                Step::Own(link) if T::PARTS.life => self.disown(link, reason, failed),
                Step::Check if T::PARTS.people => {
                    self.presented = None;
                    self.note(LogEvent::Refused(reason), Cause::Unknown, None, now);
                    self.steps.indicate(Indication::Refused(reason));
                }
                Step::Admit if T::PARTS.people => {
                    let effects = self.lock.dismiss(reason, now);
                    self.follow(effects, now);
                }
                Step::Wipe | Step::WipePage(_) | Step::EraseKeys | Step::ResetFinished => {
                    self.reset_interrupted(&step, failed, now);
                }
                Step::Persist(_)
                | Step::Motor(_)
                | Step::Indicate(_)
                | Step::Alarms
                | Step::Hello(_)
                | Step::Message2(..)
                | Step::Reply(..)
                | Step::Event(..)
                | Step::HolderEvent(_)
                | Step::Sealed(..)
                | Step::Close(_) => {}
                // Of a part that this lock does without.
                Step::Adopt(_)
                | Step::UpdateStaged(_)
                | Step::Revoked(_)
                | Step::Prepared(_)
                | Step::Rotated(..)
                | Step::Acknowledge(_)
                | Step::EndOwnership(_)
                | Step::Own(_)
                | Step::Check
                | Step::Admit => {}
            }
        }
    }

    /// Hands a record out. One that cannot be made has failed like one that cannot be written.
    #[inline(never)]
    pub(super) fn persist(
        &mut self,
        tag: RecordTag,
        group: Group,
        now: Uptime,
        buffer: &mut [u8; MAX_PACKET],
    ) -> Option<Made> {
        let mut reservation = None;
        if !parts::keeps(T::PARTS, tag) {
            return None;
        }
        let length = match tag {
            RecordTag::Keys
                if T::PARTS.life
                    && self.steps.any_of_this_input(|step| matches!(step, Step::Rotated(..))) =>
            {
                self.encode_rotated(buffer)
            }
            RecordTag::Keys => self.keys_record(buffer),
            // Written at manufacture, and never by the lock.
            RecordTag::Claim => None,
            RecordTag::Boot => storage::encode_number(self.nonces.boot(), buffer),
            RecordTag::Memory => {
                self.memory.saved = Saved { wiping: self.wiping_to_store(), ..self.lock.saved(now) };
                self.memory.encode(buffer)
            }
            RecordTag::UpCeiling => self.up.reserve(UP_BLOCK).ok().and_then(|wanted| {
                let ceiling = wanted.ceiling();
                reservation = Some(wanted);
                storage::encode_number(ceiling, buffer)
            }),
            RecordTag::Upkeep => self.lock.upkeep(now).encode(buffer).ok(),
            RecordTag::Tickets if T::PARTS.virtual_keys => self.tickets.encode(buffer).ok(),
            RecordTag::Page(_)
                if self.steps.any_of_this_input(|step| matches!(step, Step::Commit(_) | Step::Admit)) =>
            {
                self.lock.staged_record(buffer).ok()
            }
            RecordTag::Page(page) => self.lock.configuration().encode_page(page, buffer).ok(),
            RecordTag::Codes if T::PARTS.people => self.lock.codes_record(buffer).ok(),
            RecordTag::Rotation if T::PARTS.life => self.rotation.encode(buffer),
            RecordTag::Update if T::PARTS.life => self.update.record(buffer).ok(),
            RecordTag::Ownership if T::PARTS.life => self.ownership_record(buffer),
            // Of a part that this lock does without.
            RecordTag::Tickets
            | RecordTag::Codes
            | RecordTag::Rotation
            | RecordTag::Update
            | RecordTag::Ownership => return None,
        };
        let Some(length) = length else {
            self.refuse_dependents(tag, group, PersistFailure::Fault, now);
            return None;
        };
        self.next_persist = self.next_persist.wrapping_add(1);
        let id = PersistId(self.next_persist);
        self.steps.writes(group);
        self.barrier = Some(Barrier { id, tag, reservation, marks: self.memory.marks() });
        Some(Made::Persist(id, tag, length))
    }
}
