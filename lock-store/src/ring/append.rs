//! Writing entries, acknowledgements, and what each leaves to be tidied up.

use embedded_storage::nor_flash::NorFlash;

use super::record::{self, Kind, Life, Place, Secret};
use super::{
    AcknowledgeError, Ahead, BEGINNING, LogAppendError, LogReadError, LogRing, MAX_ENTRY, SECRET,
    SecretErasure, Tail,
};
use crate::journal::error::{FormatError, WriteError};
use crate::journal::layout::{BLANK_WORD, CLOSED};

impl<F: NorFlash, E: SecretErasure<F>> LogRing<F, E> {
    /// Appends an entry with the secret of the one after it, and returns its index: one record, read back and compared.
    ///
    /// After `Ok` every later mount finds both. The secret before it is then erased, as `E` says; where a cut or the flash
    /// prevents that, [`idle_work`](Self::idle_work) or the next append does it first, or tells that it cannot be done. The call never
    /// erases a sector.
    ///
    /// # Errors
    /// [`LogAppendError`], which says for each case whether anything was written.
    pub fn append(&mut self, secret: &[u8; SECRET], payload: &[u8]) -> Result<u64, LogAppendError<F::Error>> {
        let length = payload.len();
        if length > MAX_ENTRY {
            return Err(LogAppendError::TooLong { length });
        }
        self.tidy_up_or_leave()?;
        let size = self.layout.record_size(Kind::Entry, length as u16);
        let offset = self.room_for(size, self.acknowledged)?.ok_or(LogAppendError::Busy)?;
        // Sealed until the record is known to be whole: after a failure nothing is programmed behind it.
        self.tail = Tail::Sealed;
        self.failed = Some(Place { life: self.newest, offset });
        let at = (self.newest, offset);
        let place = record::write(&mut self.medium, self.layout, at, Kind::Entry, Some(secret), payload)?;
        self.failed = None;
        self.tail = Tail::Open(offset.saturating_add(size));
        self.supersede(self.key);
        self.key = place;
        let index = self.next;
        self.next = self.next.saturating_add(1);
        // What fails here is done again before the next append, which tells of it.
        let _ = self.tidy_up();
        Ok(index)
    }

    /// Frees the entries up to `index` for overwriting, where the payload of that entry begins with `expected`. It survives cuts.
    ///
    /// # Errors
    /// [`AcknowledgeError`]: nothing was freed.
    pub fn acknowledge(&mut self, index: u64, expected: &[u8]) -> Result<(), AcknowledgeError<F::Error>> {
        if index < self.acknowledged && index < self.next {
            return Ok(());
        }
        let mut payload = [0; MAX_ENTRY];
        let length = self.read(index, &mut payload).map_err(|error| match error {
            LogReadError::Flash(error) => AcknowledgeError::Flash(error),
            LogReadError::BufferTooSmall { .. } | LogReadError::Damaged(_) => AcknowledgeError::Fault,
        })?;
        let is_this = length
            .and_then(|length| payload.get(..length))
            .is_some_and(|payload| payload.starts_with(expected));
        if !is_this {
            return Err(AcknowledgeError::Mismatch);
        }
        self.tidy_up_or_leave()?;
        let acknowledged = index.saturating_add(1);
        let before = self.newest;
        let size = self.layout.record_size(Kind::Acknowledgement, 8);
        let offset = self.room_for(size, acknowledged)?.ok_or(AcknowledgeError::Busy)?;
        // The head of a new sector says it already.
        if self.newest == before {
            self.tail = Tail::Sealed;
            let [number] = record::numbers([acknowledged]);
            let at = (self.newest, offset);
            record::write(&mut self.medium, self.layout, at, Kind::Acknowledgement, None, &number)?;
            self.tail = Tail::Open(offset.saturating_add(size));
        }
        self.acknowledged = acknowledged;
        Ok(())
    }

    /// Writes the first sector's head and the first secret.
    pub(super) fn begin(mut self, secret: &[u8; SECRET]) -> Result<Self, FormatError<F::Error>> {
        (self.key, self.tail) = self.open_sector(self.newest, 0, secret)?;
        Ok(self)
    }

    /// Where a record of this size goes: in the newest sector, or in a new one whose head says how many were acknowledged; `None`
    /// where no sector is ready.
    fn room_for(&mut self, size: u32, acknowledged: u64) -> Result<Option<u32>, WriteError<F::Error>> {
        match self.tail {
            Tail::Open(offset) if offset.saturating_add(size) <= self.layout.end() => {
                return Ok(Some(offset));
            }
            Tail::Open(_) | Tail::Sealed => {}
        }
        let (Ahead::Ready, Some(life)) = (self.ahead, self.after(self.newest)) else { return Ok(None) };
        self.ahead = Ahead::Stale;
        let (before, key) = (self.newest, self.key);
        let found = record::secret(&mut self.medium, self.layout, key.life, key.offset);
        let Secret::Whole(secret) = found.map_err(WriteError::Flash)? else { return Err(WriteError::Fault) };
        (self.key, self.tail) = self.open_sector(life, acknowledged, &secret)?;
        // From here on a mount believes the new sector, and takes a record that failed in the old one for none.
        self.supersede(key);
        if let Some(failed) = self.failed.take() {
            self.supersede(failed);
        }
        if self.oldest == before {
            self.oldest_end = self.next;
        }
        (self.newest, self.unclosed, self.cursor) = (life, Some(before.sector), None);
        self.ahead = self.look_ahead()?;
        self.tidy_up_or_leave()?;
        Ok(match self.tail {
            Tail::Open(offset) if offset.saturating_add(size) <= self.layout.end() => Some(offset),
            Tail::Open(_) | Tail::Sealed => None,
        })
    }

    /// Writes number, head and newest secret of an erased sector, which makes it count; returns where that secret is, and where the next
    /// record goes. With the secret in it, none before it is needed any more, whatever becomes of its first entry.
    fn open_sector(
        &mut self,
        life: Life,
        acknowledged: u64,
        secret: &[u8; SECRET],
    ) -> Result<(Place, Tail), WriteError<F::Error>> {
        let layout = self.layout;
        let opened = layout.opened_word(life.sequence);
        let before = match self.last_beginning() {
            Ok(before) => before,
            Err(LogReadError::Flash(error)) => return Err(WriteError::Flash(error)),
            // What is lost with a damaged entry is the proof of the one after it.
            Err(LogReadError::Damaged(_) | LogReadError::BufferTooSmall { .. }) => [0; BEGINNING],
        };
        let mut head = [0; record::HEAD];
        let numbers = record::numbers([self.next, acknowledged]);
        let parts = numbers.as_flattened().iter().chain(&before);
        head.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
        self.medium.program_word(layout.address(life.sector, layout.opened()), opened)?;
        record::write(&mut self.medium, layout, (life, layout.records()), Kind::Head, None, &head)?;
        let key = record::write(
            &mut self.medium,
            layout,
            (life, layout.first_key()),
            Kind::Key,
            Some(secret),
            &[],
        )?;
        Ok((key, Tail::Open(layout.first_entry())))
    }

    /// What the sector after the newest is good for.
    pub(super) fn look_ahead(&mut self) -> Result<Ahead, WriteError<F::Error>> {
        let Some(life) = self.after(self.newest) else { return Ok(Ahead::Stale) };
        if life.sector == self.oldest.sector {
            return Ok(Ahead::Held);
        }
        let is_ready = self.medium.is_ready(life.sector).map_err(WriteError::Flash)?;
        Ok(if is_ready { Ahead::Ready } else { Ahead::Stale })
    }

    fn supersede(&mut self, place: Place) {
        if E::IN_PLACE
            && let Some(vacant) = self.spent.iter_mut().find(|spent| spent.is_none())
        {
            *vacant = Some(place);
        }
    }

    /// Tidies up, and leaves for good what cannot be erased in place: else one bit that sticks would end the log. The caller is told, once
    /// in each mount; nothing more is written into that sector, so that the log comes round to erase it, and the secret with it.
    pub(super) fn tidy_up_or_leave(&mut self) -> Result<(), WriteError<F::Error>> {
        self.close_before()?;
        let mut result = Ok(());
        for number in 0..self.spent.len() {
            match self.erase_spent(number) {
                Err(WriteError::Fault) => {
                    let stuck = self.spent.get_mut(number).and_then(Option::take);
                    if stuck.is_some_and(|place| place.life == self.newest) {
                        self.tail = Tail::Sealed;
                    }
                    result = Err(WriteError::Fault);
                }
                other => other?,
            }
        }
        result
    }

    /// Closes the sector before the newest, and erases superseded secrets up to the first that cannot be.
    fn tidy_up(&mut self) -> Result<(), WriteError<F::Error>> {
        self.close_before()?;
        (0..self.spent.len()).try_for_each(|number| self.erase_spent(number))
    }

    fn close_before(&mut self) -> Result<(), WriteError<F::Error>> {
        if let Some(sector) = self.unclosed {
            let address = self.layout.address(sector, self.layout.closed());
            if self.medium.word(address).map_err(WriteError::Flash)? == BLANK_WORD {
                self.medium.program_word(address, CLOSED)?;
            }
            self.unclosed = None;
        }
        Ok(())
    }

    fn erase_spent(&mut self, number: usize) -> Result<(), WriteError<F::Error>> {
        if let Some(spent) = self.spent.get_mut(number)
            && let Some(place) = *spent
        {
            E::erase(&mut self.medium, self.layout, place.life, place.offset)?;
            *spent = None;
        }
        Ok(())
    }
}
