//! What follows from the host's answers.

use lock_crypto::{RunningHash, Suite};
use lock_proto::{Alarm, Outcome, Reason, Uptime};

use super::{ATTEMPTS, Asked, BootedAs, Phase, Update, UpdateAnswer, Work, wishes};

impl<S: Suite> Update<S> {
    /// Takes the answer to what was asked last; `false`, and nothing changed, where nothing was asked that it answers.
    pub fn answered(&mut self, answer: UpdateAnswer<'_>, now: Uptime) -> bool {
        let fits = match (self.asked.map(|asked| asked.work), answer) {
            (Some(Work::Read { length, .. }), UpdateAnswer::Read(bytes)) => {
                u32::try_from(bytes.len()) == Ok(length)
            }
            (Some(Work::Read { .. }), UpdateAnswer::Done) | (_, UpdateAnswer::Read(_)) => false,
            (asked, UpdateAnswer::Done | UpdateAnswer::Failed) => asked.is_some(),
        };
        let Some(Asked { work, is_stale }) = self.asked.take_if(|_| fits) else { return false };
        match (work, answer) {
            _ if is_stale => {}
            (Work::Erase { offset, length }, UpdateAnswer::Done) => {
                self.erased = offset.saturating_add(length);
            }
            (Work::Write { .. }, UpdateAnswer::Done) => self.chunk_written(),
            (Work::Erase { .. } | Work::Write { .. }, _) => self.sector_failed(),
            (Work::Read { length, .. }, UpdateAnswer::Read(bytes)) => self.bytes_read(bytes, length),
            (Work::Read { .. }, _) => self.check_failed(),
            (Work::MarkPending, answer) => self.marked(answer),
            (Work::Confirm, UpdateAnswer::Done) => self.confirmed(),
            (Work::Confirm, _) => self.pace.not_before = now.plus_millis(wishes::RETRY_MILLIS),
            (Work::Restart, _) => {}
        }
        true
    }

    /// Progress is stored at each full sector, and when the image is complete.
    fn chunk_written(&mut self) {
        let length = u32::try_from(self.chunk.length).unwrap_or_default();
        self.chunk.length = 0;
        self.written = self.written.saturating_add(length);
        self.notice.chunk_done = true;
        if let (Phase::Receiving { manifest, written }, Some(firmware)) =
            (&mut self.saved.phase, self.firmware)
        {
            let is_complete = self.written >= manifest.size;
            let durable = if is_complete { manifest.size } else { firmware.slot.floor(self.written) };
            if durable > *written {
                (*written, self.failures) = (durable, 0);
            }
        }
    }

    /// Back to the last full sector, a few times.
    fn sector_failed(&mut self) {
        self.notice.chunk_done = true;
        self.chunk.length = 0;
        self.written = self.saved.phase.written();
        self.erased = self.written;
        self.failed_once();
    }

    fn check_failed(&mut self) {
        self.check = None;
        self.failed_once();
    }

    fn failed_once(&mut self) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= ATTEMPTS {
            self.fail(Reason::StorageFault);
        }
    }

    fn fail(&mut self, reason: Reason) {
        if let Some(manifest) = self.saved.phase.manifest() {
            self.enter(Phase::Failed { manifest, reason });
            self.notice.alarm = Some(Alarm::UpdateFailed);
        }
    }

    fn bytes_read(&mut self, bytes: &[u8], length: u32) {
        let (Some(check), Phase::Receiving { manifest, .. }) = (&mut self.check, self.saved.phase) else {
            return;
        };
        check.hash.update(bytes);
        check.read = check.read.saturating_add(length);
        if check.read < manifest.size {
            return;
        }
        let digest = self.check.take().map(|check| check.hash.finish());
        if digest == Some(manifest.sha256) {
            self.enter(Phase::Ready { manifest });
        } else {
            self.fail(Reason::DigestMismatch);
        }
    }

    fn marked(&mut self, answer: UpdateAnswer<'_>) {
        let Phase::Installing { manifest, trial } = self.saved.phase else { return };
        let outcome = if answer == UpdateAnswer::Done {
            self.enter(Phase::Pending { manifest, trial });
            Outcome::Done
        } else {
            self.enter(Phase::Ready { manifest });
            Outcome::Refused(Reason::StorageFault)
        };
        self.notice.finished = self.command.take().map(|command| (command, outcome));
    }

    /// The loader keeps what runs. Its word comes first: were it stored before, a power cut between the two would leave a record of a
    /// firmware that does not run.
    fn confirmed(&mut self) {
        if let Some(firmware) = &mut self.firmware {
            firmware.booted_as = BootedAs::Confirmed;
        }
        self.trial = None;
        self.raise_rollback_index();
        self.enter(Phase::None);
    }
}
