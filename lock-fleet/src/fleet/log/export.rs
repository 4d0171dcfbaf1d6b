//! A log for somebody else: its file, page by page, and the keys for that (section 6.3).
//!
//! An export goes over as many key epochs as the log does, and needs the first key of each. It begins with the present ownership at the
//! earliest: no head proves what was before.
//!
//! Both take from the fleet what they need and are noted in the audit before anything goes out. What takes long is done without the
//! fleet: its other locks wait for nothing.

use std::fmt::{self, Write as _};

use lock_core::cloud::{ExportLine, Exported};
use lock_core::crypto::{KeyEpoch, LockId, LogChain, LogHead, LogMac, RustCrypto};
use zeroize::Zeroizing;

use super::chains::first_key;
use crate::clock::Moment;
use crate::fleet::{Fleet, FleetError};
use crate::store::{LogKeyRow, Store};

/// How many entries are in one page.
const PAGE: usize = 500;

/// A line of the key file is shorter, in bytes.
const LINE: usize = 256;

/// How many keys are walked at once: fewer than the chain allows.
const STRIDE: u64 = 1 << 16;

/// The file of a log on its way, which ends in the head that was the newest when it was begun.
#[derive(Debug)]
pub struct LogExport {
    lock: LockId,
    /// The index of the entry to come.
    at: u64,
    /// The epoch of the first entry and the MAC before it, until they are written.
    begins: Option<(KeyEpoch, LogMac)>,
    /// The head and its nonce, until they are written.
    ends: Option<(LogHead, [u8; 16])>,
}

/// The keys for an export, still to be walked to.
pub struct LogKeyExport {
    lock: LockId,
    index: u64,
    /// By epoch. The first may begin before the first entry of the export.
    chains: Vec<LogChain>,
}

/// The keys with which somebody else verifies an export: whoever has them can write such a log.
pub struct ExportKey {
    /// The index of the first entry that they verify.
    pub index: u64,
    /// The file, one line of JSON for each key epoch (section 6.3).
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
    /// Begins an export of the log of a lock from an index on, and from the beginning of the present ownership at the earliest (section 6.3):
    /// [`Self::log_export_page`] makes the file. Noted in the audit.
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
        let from = from.max(self.log_begins(lock)?);
        if from > head.next {
            return Err(FleetError::LogEnds { from, next: head.next });
        }
        let keys = self.store.log_keys(lock)?;
        let first = self.store.log_entries(lock, from, 1)?.pop().filter(|row| row.index == from);
        let begins = match first {
            Some(row) => (row.key_epoch, LogMac(row.previous)),
            None if from == head.next => (head.epoch, head.last),
            // It is missing, as the entries behind it say: nothing is compared with the MAC before it.
            None => match keys.iter().find(|row| row.begins == Some(from)) {
                Some(row) => (row.key_epoch, LogMac::NONE),
                None => return Err(FleetError::NoLog),
            },
        };
        self.change(lock, now, |change| {
            change.note(by, "export the log", format!("entries {from} to {}", head.next));
            Ok(())
        })?;
        Ok(LogExport { lock, at: from, begins: Some(begins), ends: Some((head, nonce)) })
    }

    /// The index with which the log of the present ownership begins.
    fn log_begins(&mut self, lock: LockId) -> Result<u64, FleetError> {
        let before = self.store.log_unverified(lock)?.into_iter().filter(|row| row.key_epoch.is_none());
        Ok(before.map(|row| row.last.saturating_add(1)).max().unwrap_or(0))
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
        if let Some((key_epoch, previous)) = export.begins.take() {
            line(ExportLine::Begin { lock_id: lock, key_epoch, next: export.at, previous })?;
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

    /// The keys for an export from an index on, one for each key epoch: the owner's choice, for each export. Whoever has them can verify the
    /// log from there on, and can write one. An epoch whose key is lost here has none. Noted in the audit. What comes still has to be [walked](LogKeyExport::walk) to.
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
        let from = from.max(self.log_begins(lock)?);
        if from > position.next {
            return Err(FleetError::LogEnds { from, next: position.next });
        }
        let rows = self.store.log_keys(lock)?;
        let begins = |row: &LogKeyRow| row.begins.filter(|begins| *begins <= position.next);
        let holding = rows.iter().filter(|row| begins(row).is_some_and(|begins| begins <= from));
        let holding = holding.max_by_key(|row| row.begins).map(|row| row.key_epoch);
        let entry = self.store.log_entries(lock, from, 1)?.pop().filter(|row| row.index == from);
        // An entry whose key is lost is of none of these.
        let first = entry.map(|row| row.key_epoch).or(holding).ok_or(FleetError::NoLog)?;
        let mut chains = Vec::new();
        for row in rows.iter().filter(|row| row.key_epoch >= first) {
            if let Some(begins) = begins(row) {
                let key = first_key(&self.vault, lock, row)?.key;
                let chain = LogChain::resume(row.key_epoch, begins, key, LogMac::NONE);
                chains.push(chain.map_err(|_| FleetError::NoLog)?);
            }
        }
        let index = chains.first().map(|chain| from.max(chain.next())).ok_or(FleetError::NoLog)?;
        self.change(lock, now, |change| {
            change.note(by, "export the key of the log", format!("from entry {from} on"));
            Ok(())
        })?;
        Ok(LogKeyExport { lock, index, chains })
    }
}

impl LogKeyExport {
    /// Walks to the entry: one HMAC for each before it in its epoch, so not where others wait.
    ///
    /// # Errors
    /// [`FleetError::NoLog`] for an entry before the first.
    pub fn walk(self) -> Result<ExportKey, FleetError> {
        let Self { lock, index, chains } = self;
        // Never moved while it grows.
        let mut file = Zeroizing::new(String::with_capacity(chains.len().saturating_mul(LINE)));
        for mut chain in chains {
            // A later epoch is handed out from its first key on.
            let wanted = index.max(chain.next());
            while chain.next() != wanted {
                let next = wanted.min(chain.next().saturating_add(STRIDE));
                chain = chain.at::<RustCrypto>(next).ok_or(FleetError::NoLog)?;
            }
            let key = Zeroizing::new(hex::encode(chain.key().expose()));
            let line = Zeroizing::new(format!(
                r#"{{"lock_id":"{}","key_epoch":"{}","index":"{wanted}","key":"{}"}}"#,
                hex::encode(lock.0),
                chain.epoch().number(),
                key.as_str(),
            ));
            if !file.is_empty() {
                file.push('\n');
            }
            file.push_str(&line);
        }
        Ok(ExportKey { index, file })
    }
}
