//! The log's flash of a simulated lock, and how the run loop serves it.

use std::fmt;

use embedded_storage::nor_flash::{MultiwriteNorFlash, NorFlash};
use lock_core::device::{
    Input, LogBeginning, LogHeld, LogRead, LogRecord, LogWork, PersistFailure, StoredLog,
};
use lock_store::{AcknowledgeError, LogAppendError, LogRing, MAX_ENTRY, SECRET, ZeroInPlace};

use super::{Controller, Harness, Side, StepError, Work, pass};

/// What the run loop wants of a log's flash, whatever chip it is.
pub trait LogRegion: fmt::Debug + Send {
    /// What a boot goes on from: the index of the entry to come, how the last one begins, and its secret; `None` where that went bad.
    fn newest(&mut self, secret: &mut [u8; SECRET]) -> Option<(u64, LogBeginning)>;

    /// What is held.
    fn held(&self) -> LogHeld;

    /// Appends an entry.
    ///
    /// # Errors
    /// Why it is not known to be there.
    fn append(&mut self, record: &LogRecord<'_>) -> Result<(), PersistFailure>;

    /// Reads an entry, and how the one before it begins; `None` where it cannot be read.
    fn read(&mut self, index: u64, payload: &mut [u8; MAX_ENTRY]) -> Option<(LogBeginning, usize)>;

    /// Frees entries.
    ///
    /// # Errors
    /// Why none was freed.
    fn acknowledge(&mut self, index: u64, mac: &[u8; 16]) -> Result<(), PersistFailure>;

    /// Whether there is work for a quiet moment.
    fn needs_idle_work(&self) -> bool;

    /// Does one step of it.
    fn idle_work(&mut self);
}

impl<F: MultiwriteNorFlash + fmt::Debug + Send> LogRegion for LogRing<F, ZeroInPlace> {
    fn newest(&mut self, secret: &mut [u8; SECRET]) -> Option<(u64, LogBeginning)> {
        let last = LogRing::newest(self, secret).ok()?;
        Some((LogRing::held(self).next, last))
    }

    fn held(&self) -> LogHeld {
        let lock_store::LogHeld { first, acknowledged, capacity, .. } = LogRing::held(self);
        LogHeld { first, acknowledged, capacity }
    }

    fn append(&mut self, record: &LogRecord<'_>) -> Result<(), PersistFailure> {
        LogRing::append(self, &record.secret, record.payload).map(drop).map_err(|error| match error {
            LogAppendError::Busy => PersistFailure::Busy,
            LogAppendError::TooLong { .. } | LogAppendError::Fault | LogAppendError::Flash(_) | _ => {
                PersistFailure::Fault
            }
        })
    }

    fn read(&mut self, index: u64, payload: &mut [u8; MAX_ENTRY]) -> Option<(LogBeginning, usize)> {
        let before = self.before(index).ok()??;
        Some((before, LogRing::read(self, index, payload).ok()??))
    }

    fn acknowledge(&mut self, index: u64, mac: &[u8; 16]) -> Result<(), PersistFailure> {
        LogRing::acknowledge(self, index, mac).map_err(|error| match error {
            AcknowledgeError::Mismatch => PersistFailure::Mismatch,
            AcknowledgeError::Busy => PersistFailure::Busy,
            AcknowledgeError::Fault | AcknowledgeError::Flash(_) | _ => PersistFailure::Fault,
        })
    }

    fn needs_idle_work(&self) -> bool {
        LogRing::needs_idle_work(self)
    }

    fn idle_work(&mut self) {
        // Where it fails, the next quiet moment tries again.
        let _ = LogRing::idle_work(self);
    }
}

/// What a boot is given of a log, and the secret that it borrows.
pub(super) struct Newest {
    next: u64,
    last: LogBeginning,
    secret: zeroize::Zeroizing<[u8; SECRET]>,
    held: LogHeld,
}

impl Newest {
    pub(super) fn of(region: &mut dyn LogRegion) -> Option<Self> {
        let mut secret = zeroize::Zeroizing::new([0; SECRET]);
        let (next, last) = region.newest(&mut secret)?;
        Some(Self { next, last, secret, held: region.held() })
    }

    pub(super) fn stored(&self) -> StoredLog<'_> {
        StoredLog { next: self.next, secret: &self.secret, last: &self.last, held: self.held }
    }
}

impl<F: NorFlash> Controller<F> {
    /// Does what the device wants of its log's flash, and answers. The power can be cut before it and after it.
    pub(super) fn serve_log(
        &mut self,
        work: &LogWork<'_>,
        harness: &mut impl Harness,
    ) -> Result<(), StepError> {
        let Some(region) = self.log.as_deref_mut() else { return Ok(()) };
        let now = lock_core::proto::Uptime::from_millis(self.world.now().since(self.booted_at));
        let stored = match work {
            LogWork::Append { id, record } => (*id, region.append(record)),
            LogWork::Acknowledge { id, index, mac } => (*id, region.acknowledge(*index, mac)),
            LogWork::Read { id, index } => {
                let mut payload = [0; MAX_ENTRY];
                let read = region.read(*index, &mut payload);
                pass(harness, Side::After, Work::Log)?;
                let read = read
                    .and_then(|(before, length)| Some(LogRead { before, payload: payload.get(..length)? }));
                let answered = self.device.log_read(*id, read);
                debug_assert!(answered.is_ok());
                return Ok(());
            }
        };
        pass(harness, Side::After, Work::Log)?;
        let answered = match stored {
            (id, Ok(())) => self.device.persisted(id),
            (id, Err(why)) => self.device.persist_failed(id, why, now),
        };
        debug_assert!(answered.is_ok());
        Ok(())
    }

    /// One step of work on the log's flash, of which erasing is the longest; the device hears what is held then.
    pub(super) fn tidy_log(&mut self, harness: &mut impl Harness) -> Result<(), StepError> {
        let Some(region) = self.log.as_deref_mut().filter(|region| region.needs_idle_work()) else {
            return Ok(());
        };
        pass(harness, Side::Before, Work::Tidy)?;
        region.idle_work();
        let held = region.held();
        pass(harness, Side::After, Work::Tidy)?;
        self.feed(Input::LogHeld(held), harness)
    }
}
