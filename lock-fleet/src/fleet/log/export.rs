//! A log for somebody else: its file, page by page, and the key for that (section 6.3).
//!
//! Both take from the fleet what they need and are noted in the audit before anything goes out. What takes long is done without the
//! fleet: its other locks wait for nothing.

use std::fmt::{self, Write as _};

use lock_core::cloud::{ExportLine, Exported};
use lock_core::crypto::{LockId, LogChain, LogHead, LogMac, RustCrypto};
use zeroize::Zeroizing;

use crate::clock::Moment;
use crate::fleet::{Fleet, FleetError};
use crate::store::Store;

/// How many entries are in one page.
const PAGE: usize = 500;

/// How many keys are walked at once: fewer than the chain allows.
const STRIDE: u64 = 1 << 16;

/// The file of a log on its way, which ends in the head that was the newest when it was begun.
#[derive(Debug)]
pub struct LogExport {
    lock: LockId,
    /// The index of the entry to come.
    at: u64,
    /// The MAC before the first entry, until that is written.
    begins: Option<LogMac>,
    /// The head and its nonce, until they are written.
    ends: Option<(LogHead, [u8; 16])>,
}

/// The key for an export, still to be walked to.
pub struct LogKeyExport {
    lock: LockId,
    index: u64,
    chain: LogChain,
}

/// The key with which somebody else verifies an export: whoever has it can write such a log.
pub struct ExportKey {
    /// The index of the entry whose key it is.
    pub index: u64,
    /// The file, one line of JSON (section 6.3).
    pub file: Zeroizing<String>,
}

impl fmt::Debug for LogKeyExport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogKeyExport").field("index", &self.index).finish_non_exhaustive()
    }
}

impl fmt::Debug for ExportKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportKey").field("index", &self.index).finish_non_exhaustive()
    }
}

impl<S: Store> Fleet<S> {
    /// Begins an export of the log of a lock from an index on (section 6.3): [`Self::log_export_page`] makes the file. Noted in the audit.
    ///
    /// # Errors
    /// [`FleetError::NoLog`] where none was fetched as far as a head; [`FleetError::LogEnds`] where the index is behind that;
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn export_log(
        &mut self,
        lock: LockId,
        from: u64,
        by: &str,
        now: Moment,
    ) -> Result<LogExport, FleetError> {
        self.row(lock)?;
        let position = self.store.log_position(lock)?;
        let (head, nonce, _) = position.and_then(|position| position.head).ok_or(FleetError::NoLog)?;
        if from > head.next {
            return Err(FleetError::LogEnds { from, next: head.next });
        }
        let first = self.store.log_entries(lock, from, 1)?.pop().filter(|row| row.index == from);
        let previous = match first {
            Some(row) => LogMac(row.previous),
            None if from == 0 => LogMac::NONE,
            None if from == head.next => head.last,
            None => return Err(FleetError::NoLog),
        };
        self.change(lock, now, |change| {
            change.note(by, "export the log", format!("entries {from} to {}", head.next));
            Ok(())
        })?;
        Ok(LogExport { lock, at: from, begins: Some(previous), ends: Some((head, nonce)) })
    }

    /// The next lines of an export; `None` behind its end.
    ///
    /// # Errors
    /// [`FleetError::Store`]: the export is not whole.
    pub fn log_export_page(&mut self, export: &mut LogExport) -> Result<Option<String>, FleetError> {
        let Some((head, nonce)) = export.ends else { return Ok(None) };
        let lock = export.lock;
        let mut page = String::new();
        let mut line = |line: ExportLine<'_>| writeln!(page, "{line}").map_err(|_| FleetError::NoLog);
        if let Some(previous) = export.begins.take() {
            line(ExportLine::Begin { lock_id: lock, key_epoch: head.epoch, next: export.at, previous })?;
        }
        let mut rows = self.store.log_entries(lock, export.at, PAGE)?;
        // What came after the head was verified is not of this export.
        rows.retain(|row| row.index < head.next);
        for row in &rows {
            export.at = row.index.saturating_add(1);
            let (previous, mac) = (LogMac(row.previous), LogMac(row.mac));
            line(ExportLine::Entry(Exported { index: row.index, previous, mac, body: &row.body }))?;
        }
        if rows.len() < PAGE {
            line(ExportLine::Head(head, nonce))?;
            export.ends = None;
        }
        Ok(Some(page))
    }

    /// The key for an export from an index on: the owner's choice, for each export. Whoever has it can verify the log from there on, and can
    /// write one. Noted in the audit. What comes still has to be [walked](LogKeyExport::walk) to.
    ///
    /// # Errors
    /// [`FleetError::NoLog`] where none was fetched; [`FleetError::LogEnds`] where the index is behind what is here;
    /// [`FleetError::NoSuchLock`], [`FleetError::Custody`], [`FleetError::Store`].
    pub fn export_log_key(
        &mut self,
        lock: LockId,
        from: u64,
        by: &str,
        now: Moment,
    ) -> Result<LogKeyExport, FleetError> {
        self.row(lock)?;
        let position = self.store.log_position(lock)?.ok_or(FleetError::NoLog)?;
        if from > position.next {
            return Err(FleetError::LogEnds { from, next: position.next });
        }
        let chain = self.log_start(lock)?;
        if chain.epoch() != position.key_epoch {
            return Err(FleetError::NoLog);
        }
        self.change(lock, now, |change| {
            change.note(by, "export the key of the log", format!("from entry {from} on"));
            Ok(())
        })?;
        Ok(LogKeyExport { lock, index: from, chain })
    }
}

impl LogKeyExport {
    /// Walks to the entry: one HMAC for each before it, so not where others wait.
    ///
    /// # Errors
    /// [`FleetError::NoLog`] for an entry before the first.
    pub fn walk(self) -> Result<ExportKey, FleetError> {
        let Self { lock, index, mut chain } = self;
        while chain.next() != index {
            let next = index.min(chain.next().saturating_add(STRIDE));
            chain = chain.at::<RustCrypto>(next).ok_or(FleetError::NoLog)?;
        }
        let key = Zeroizing::new(hex::encode(chain.key().expose()));
        let file = Zeroizing::new(format!(
            r#"{{"lock_id":"{}","key_epoch":"{}","index":"{index}","key":"{}"}}"#,
            hex::encode(lock.0),
            chain.epoch().number(),
            key.as_str(),
        ));
        Ok(ExportKey { index, file })
    }
}
