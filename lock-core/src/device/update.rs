//! Firmware updates: commands and chunks of the cloud, and what the update wants when nothing else is to be done (section 12).
//!
//! It is polled last. Its work goes out while the queue is empty and the motor rests, a little for each input, and is no barrier: a code
//! or a command that comes meanwhile finds the lock as free as ever.

use lock_crypto::{Authenticated, Channel, Suite};
use lock_proto::{Action, Cause, Chunk, CommandId, LogEvent, MAX_PACKET, Outcome, Reason, Uptime};
use lock_state::{Firmware, Notice, Tables, Taken, UpdateAnswer, UpdateWish};

use super::command::Via;
use super::output::{Made, NotPending};
use super::steps::{Answering, Reporting, Step};
use super::{Device, LinkId, RecordTag};

/// What a notice makes: the answer to a chunk, the end of a command with its record, an alarm with its report, the report of the update.
const NOTICE: usize = 6;

/// What the update wants.
pub(super) enum Tended {
    Made(Made),
    /// It is in the queue.
    Steps,
    Nothing,
}

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// The same device, with what the boot loader says of the firmware that runs: without it, updates are refused as `Unsupported`. To be
    /// said right after [`boot`](Self::boot).
    #[must_use]
    pub fn with_firmware(mut self, firmware: Firmware, now: Uptime) -> Self {
        self.set_firmware(firmware, now);
        self
    }

    /// The same for a device that stays where it is.
    pub fn set_firmware(&mut self, firmware: Firmware, now: Uptime) {
        if T::PARTS.life {
            self.update.booted(firmware, now);
        }
    }

    /// Answers the last [`Output::Update`](super::Output::Update). Done is what stays after a power cut.
    ///
    /// # Errors
    /// [`NotPending`] where nothing was asked, or something that this does not answer: bytes for a read, of just the length that was asked.
    pub fn update_answer(&mut self, answer: UpdateAnswer<'_>, now: Uptime) -> Result<(), NotPending> {
        if T::PARTS.life && self.update.answered(answer, now) { Ok(()) } else { Err(NotPending) }
    }

    /// What to do once the id of the command is durable.
    pub(super) fn stage_update(
        &mut self,
        id: CommandId,
        action: &Action,
        now: Uptime,
    ) -> Result<Step, Reason> {
        match action {
            Action::OfferUpdate(manifest) => self.update.offer(*manifest)?,
            Action::InstallUpdate { version, trial } => {
                self.lock.may_install(now)?;
                self.update.install(id, *version, *trial)?;
            }
            Action::Lock
            | Action::Unlock
            | Action::Configure { .. }
            | Action::Unlatch
            | Action::UnlockFor { .. }
            | Action::LockNGo
            | Action::SetMode(_)
            | Action::Calibrate
            | Action::SelfTest
            | Action::EndLockout
            | Action::RevokeTickets { .. }
            | Action::DenyTicket { .. }
            | Action::PrepareRotation { .. }
            | Action::CommitRotation { .. }
            | Action::AdoptPinKey(_)
            | Action::AcknowledgeLog { .. }
            | Action::EndOwnership { .. } => return Err(Reason::Unsupported),
        }
        Ok(Step::UpdateStaged(id.into()))
    }

    pub(super) fn update_staged(&mut self, id: CommandId) {
        if self.update.commit() {
            self.finish(id, Outcome::Done);
            self.save();
        }
    }

    /// Takes a piece of an image: of the cloud alone.
    pub(super) fn chunk(&mut self, link: LinkId, chunk: &Authenticated<Chunk<'_>>) {
        let via = Via::Session(link);
        if chunk.channel() != Channel::LiveCloud {
            return self.answer(via, Answering::NotUnderstood);
        }
        match self.update.chunk(chunk.get()) {
            Taken::Kept => {
                if let Some(state) = self.links.of(link) {
                    state.awaits_chunk = true;
                }
            }
            Taken::NotWanted => self.answer(via, Answering::Wanted),
            Taken::NotReceiving => self.answer(via, Answering::Update),
        }
    }

    /// The update's turn: the queue is empty, and no record is on its way.
    #[inline(never)]
    pub(super) fn tend_update(&mut self, now: Uptime, buffer: &mut [u8; MAX_PACKET]) -> Tended {
        if !T::PARTS.life {
            return Tended::Nothing;
        }
        if let Some(notice) = self.update.take_notice() {
            self.steps.begin_idle(NOTICE);
            self.tell(notice, now);
            return Tended::Steps;
        }
        let surroundings = self.lock.surroundings(now);
        match self.update.next(&surroundings, now) {
            None => Tended::Nothing,
            Some(UpdateWish::Save) => {
                self.steps.begin_idle(1);
                self.steps.push(Step::Persist(RecordTag::Update));
                Tended::Steps
            }
            Some(UpdateWish::Do(work, bytes)) => {
                buffer.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
                Tended::Made(Made::Update(work, bytes.len()))
            }
        }
    }

    fn tell(&mut self, notice: Notice, now: Uptime) {
        let Notice { chunk_done, finished, alarm, changed } = notice;
        if chunk_done && let Some(link) = self.links.take_chunk_link() {
            self.steps.push(Step::Reply(link, Answering::Wanted));
        }
        if let Some((id, outcome)) = finished {
            self.finish(id, outcome);
            self.save();
        }
        if let Some(alarm) = alarm {
            self.note(LogEvent::Alarm(alarm), Cause::Mechanism, None, now);
            self.raise(alarm);
        }
        if changed {
            self.report(Reporting::Update);
        }
    }
}
