//! Reading entries, in order without looking twice.

use embedded_storage::nor_flash::NorFlash;

use super::error::LogDamage;
use super::record::{self, Kind, Life, Secret};
use super::{BEGINNING, Cursor, LogReadError, LogRing, MAX_ENTRY, SECRET, SecretErasure, mount};
use crate::journal::header::Header;
use crate::journal::layout::Mark;

impl<F: NorFlash, E: SecretErasure<F>> LogRing<F, E> {
    /// Copies the payload of an entry to the start of `out` and returns its length; `None` where it is not held.
    ///
    /// # Errors
    /// [`LogReadError`]: short buffer, the entry went bad, or the driver fails.
    pub fn read(&mut self, index: u64, out: &mut [u8]) -> Result<Option<usize>, LogReadError<F::Error>> {
        if index < self.first || index >= self.next {
            return Ok(None);
        }
        let mut at = match self.cursor.take() {
            Some(cursor) if cursor.index <= index && index < cursor.end => cursor,
            Some(_) | None => self.locate(index)?,
        };
        loop {
            let (kind, header) = self.record_at(at.life, at.offset)?;
            let behind = at.offset.saturating_add(self.layout.record_size(kind, header.length));
            if kind == Kind::Entry && at.index == index {
                let needed = usize::from(header.length);
                let out = out.get_mut(..needed).ok_or(LogReadError::BufferTooSmall { needed })?;
                let mut slots = out.iter_mut();
                let is_whole = record::payload(
                    &mut self.medium,
                    self.layout,
                    (at.life, at.offset),
                    (kind, header),
                    |piece| piece.iter().zip(&mut slots).for_each(|(byte, slot)| *slot = *byte),
                );
                if !is_whole.map_err(LogReadError::Flash)? {
                    return Err(LogDamage { sector: at.life.sector, offset: at.offset }.into());
                }
                let index = at.index.saturating_add(1);
                self.cursor = (index < at.end).then_some(Cursor { index, offset: behind, ..at });
                return Ok(Some(needed));
            }
            if kind == Kind::Entry {
                at.index = at.index.saturating_add(1);
            }
            at.offset = behind;
        }
    }

    /// What a boot goes on from: the secret of the entry to come, and how the payload of the last entry begins; zero bytes where there
    /// was none yet.
    ///
    /// # Errors
    /// [`LogReadError`]. Without this the log ends: work on without it, and report it.
    pub fn newest(&mut self, secret: &mut [u8; SECRET]) -> Result<[u8; BEGINNING], LogReadError<F::Error>> {
        let (life, offset) = (self.key.life, self.key.offset);
        match record::secret(&mut self.medium, self.layout, life, offset).map_err(LogReadError::Flash)? {
            Secret::Whole(bytes) => *secret = bytes,
            Secret::Erased | Secret::Broken => return Err(LogDamage { sector: life.sector, offset }.into()),
        }
        self.last_beginning()
    }

    /// How the payload of the last entry begins; where its sector was given up, the head of the newest says it.
    pub(super) fn last_beginning(&mut self) -> Result<[u8; BEGINNING], LogReadError<F::Error>> {
        match self.next.checked_sub(1) {
            None => Ok([0; BEGINNING]),
            Some(last) if last >= self.first => self.beginning(last),
            Some(_) => self.head_of_oldest().map(|head| head.before),
        }
    }

    fn head_of_oldest(&mut self) -> Result<mount::Head, LogReadError<F::Error>> {
        let head = mount::head(&mut self.medium, self.layout, self.oldest).map_err(LogReadError::Flash)?;
        Ok(head.ok_or(LogDamage { sector: self.oldest.sector, offset: self.layout.records() })?)
    }

    /// How the payload of the entry before this one begins, which the log may have to be verified from; also where that entry is gone, for
    /// the first one that is held. Zero bytes before the very first; `None` where the entry itself is not held.
    ///
    /// # Errors
    /// [`LogReadError`]: the entry went bad, or the driver fails.
    pub fn before(&mut self, index: u64) -> Result<Option<[u8; BEGINNING]>, LogReadError<F::Error>> {
        if index < self.first || index >= self.next {
            return Ok(None);
        }
        if index == self.first {
            let head =
                mount::head(&mut self.medium, self.layout, self.oldest).map_err(LogReadError::Flash)?;
            let damage = LogDamage { sector: self.oldest.sector, offset: self.layout.records() };
            return Ok(Some(head.ok_or(damage)?.before));
        }
        self.beginning(index.saturating_sub(1)).map(Some)
    }

    /// How the payload of an entry begins that is held; zero bytes where it is shorter.
    fn beginning(&mut self, index: u64) -> Result<[u8; BEGINNING], LogReadError<F::Error>> {
        let mut payload = [0; MAX_ENTRY];
        self.read(index, &mut payload)?;
        Ok(*payload.first_chunk().unwrap_or(&[0; BEGINNING]))
    }

    /// The beginning of the sector that holds an entry.
    fn locate(&mut self, index: u64) -> Result<Cursor, LogReadError<F::Error>> {
        let (mut life, mut end) = (self.newest, self.next);
        loop {
            let head = mount::head(&mut self.medium, self.layout, life).map_err(LogReadError::Flash)?;
            // A sector whose head went bad is passed over: its entries are counted from nowhere.
            if let Some(mount::Head { first, .. }) = head {
                if first <= index && index < end {
                    return Ok(Cursor { index: first, life, offset: self.layout.records(), end });
                }
                end = end.min(first);
            }
            if life == self.oldest || life.sequence <= 1 {
                return Err(LogDamage { sector: life.sector, offset: self.layout.records() }.into());
            }
            life = self.layout.life(life.sequence.saturating_sub(1));
        }
    }

    fn record_at(&mut self, life: Life, offset: u32) -> Result<(Kind, Header), LogReadError<F::Error>> {
        let damage = LogDamage { sector: life.sector, offset };
        if offset.saturating_add(self.layout.record_size(Kind::Acknowledgement, 0)) > self.layout.end() {
            return Err(damage.into());
        }
        let mark = record::mark(&mut self.medium, self.layout, life, offset).map_err(LogReadError::Flash)?;
        let header =
            record::header(&mut self.medium, self.layout, life, offset).map_err(LogReadError::Flash)?;
        match (mark, header) {
            (Mark::Set | Mark::Begun, Some(found)) => Ok(found),
            (Mark::Blank, _) | (_, None) => Err(damage.into()),
        }
    }
}
