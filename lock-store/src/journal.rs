//! The counter journal: the newest committed payload of each tag, whatever happens to the power.

use embedded_storage::nor_flash::NorFlash;

pub use error::{
    AppendError, Corruption, Damage, FormatError, GeometryError, IdleError, MountError, ReadError,
};
pub use layout::{MAX_PAYLOAD, MAX_SECTORS, MAX_UNIT, MIN_SECTORS, TAGS};

use layout::CLOSED;
use medium::Medium;
use record::{Index, Life, Payload};

pub(crate) mod crc32c;
pub(crate) mod error;
pub(crate) mod header;
mod idle;
pub(crate) mod layout;
pub(crate) mod medium;
mod mount;
mod record;

pub use idle::IdleStep;

/// A log-structured store of small records on NOR flash.
///
/// A record is a tag in `0..`[`TAGS`] and a payload of up to [`MAX_PAYLOAD`] bytes; the newest committed payload of a
/// tag is its value. RAM: about 260 bytes beside the flash driver, and buffers of 64 bytes on the stack during a call.
///
/// Every call does bounded work: `read` and an `append` with room touch one record; an `append` that moves to the next
/// sector copies at most one record a tag; `idle_work` erases or moves at most one sector; `mount` reads each sector
/// at most three times.
#[derive(Debug)]
pub struct Journal<F> {
    medium: Medium<F>,
    active: Life,
    index: Index,
    tail: Tail,
    states: [SectorState; MAX_SECTORS],
    unclosed: Option<u32>,
    forgetting: Forgetting,
}

/// Whether older values must go from the active sector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Forgetting {
    Nothing,
    Older,
}

/// Where the next record goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tail {
    /// At this offset of the active sector.
    Open(u32),
    /// Into another sector: what follows the last record here is not provably blank.
    Sealed,
}

/// What a sector is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SectorState {
    /// Beyond the end of the flash.
    Absent,
    /// Holds the records.
    Active,
    /// Provably erased.
    Ready,
    /// To be erased when there is time.
    Stale,
    /// To be erased before anything is appended: it might pass for the newest sector.
    Rejected,
}

impl<F: NorFlash> Journal<F> {
    /// Erases the whole flash and starts an empty journal. For manufacture alone: nothing in this crate calls it.
    ///
    /// # Errors
    /// [`FormatError`]: the flash does not suit, does not hold what is written, or its driver fails.
    pub fn format(flash: F) -> Result<Self, FormatError<F::Error>> {
        let mut medium = Medium::new(flash)?;
        let layout = medium.layout();
        for sector in 0..layout.sectors() {
            medium.prepare(sector)?;
        }
        let active = Life { sector: 0, sequence: 1 };
        medium.program_word(layout.address(0, layout.opened()), layout.opened_word(active.sequence))?;
        let live = layout.live_word(active.sequence, layout.records());
        medium.program_word(layout.address(0, layout.live()), live)?;
        let mut states = [SectorState::Absent; MAX_SECTORS];
        for (sector, state) in (0..layout.sectors()).zip(&mut states) {
            *state = if sector == active.sector { SectorState::Active } else { SectorState::Ready };
        }
        let tail = Tail::Open(layout.records());
        let forgetting = Forgetting::Nothing;
        Ok(Self { medium, active, index: Index::default(), tail, states, unclosed: None, forgetting })
    }

    /// Finds the newest committed record of each tag. Writes nothing.
    ///
    /// A record whose append was cut is there or not, and stays so. A committed record that went bad is an error:
    /// neither an older value nor an empty journal takes its place.
    ///
    /// # Errors
    /// [`MountError`]: blank, corrupt, unsuited, or the driver fails.
    pub fn mount(flash: F) -> Result<Self, MountError<F::Error>> {
        let mut medium = Medium::new(flash)?;
        let mount::Recovered { active, index, tail, states, unclosed } = mount::recover(&mut medium)?;
        Ok(Self { medium, active, index, tail, states, unclosed, forgetting: Forgetting::Nothing })
    }

    /// Copies the value of a tag to the start of `out` and returns its length; `None` if the tag was never written.
    /// Bytes of `out` beyond the payload are left as they are.
    ///
    /// # Errors
    /// [`ReadError`]: unknown tag, short buffer, the record went bad since mount, or the driver fails.
    pub fn read(&mut self, tag: u8, out: &mut [u8]) -> Result<Option<usize>, ReadError<F::Error>> {
        if usize::from(tag) >= TAGS {
            return Err(ReadError::UnknownTag { tag });
        }
        let Some(entry) = self.index.entry(tag) else { return Ok(None) };
        let needed = usize::from(entry.length);
        let Some(out) = out.get_mut(..needed) else { return Err(ReadError::BufferTooSmall { needed }) };
        match record::load(&mut self.medium, self.active, tag, entry, out).map_err(ReadError::Flash)? {
            Ok(()) => Ok(Some(needed)),
            Err(damage) => {
                Err(Corruption { sector: self.active.sector, offset: entry.offset, damage }.into())
            }
        }
    }

    /// Makes `payload` the value of `tag`: programs it, reads it back and compares before it returns.
    ///
    /// After `Ok` every later mount finds this payload or one appended to the tag later. The call never erases: with
    /// room in the sector it costs one record; without, the newest record of each tag moves to a sector erased before.
    ///
    /// # Errors
    /// [`AppendError`], which says for each case whether anything was written.
    pub fn append(&mut self, tag: u8, payload: &[u8]) -> Result<(), AppendError<F::Error>> {
        if usize::from(tag) >= TAGS {
            return Err(AppendError::UnknownTag { tag });
        }
        let length = payload.len();
        let Some(size) = self.record_size(length) else { return Err(AppendError::TooLong { length }) };
        let layout = self.medium.layout();
        if self.live_size(Some(tag)).saturating_add(size) > layout.capacity() {
            return Err(AppendError::Full);
        }
        if self.has(SectorState::Rejected) {
            return Err(AppendError::Busy);
        }
        self.close_predecessor()?;
        match self.tail {
            Tail::Open(offset) if offset.saturating_add(size) <= layout.tail_ready() => {
                Ok(self.append_here(offset, tag, payload)?)
            }
            Tail::Open(_) | Tail::Sealed => match self.next_ready() {
                Some(sector) => Ok(self.switch(sector, Some((tag, payload)))?),
                None => Err(AppendError::Busy),
            },
        }
    }

    /// Wants older values of a tag gone from the flash, such as keys that were replaced. Where there are any, idle work moves the newest
    /// records of all tags to another sector, and erases the one that they leave; until it has nothing more to do, whoever reads the
    /// chip finds them. Ask after each append of a secret, and after each mount, since a cut forgets the wish. Writes nothing itself.
    ///
    /// # Errors
    /// [`ReadError`]: unknown tag, a record that went bad since mount, or the driver fails.
    pub fn forget_older(&mut self, tag: u8) -> Result<(), ReadError<F::Error>> {
        if usize::from(tag) >= TAGS {
            return Err(ReadError::UnknownTag { tag });
        }
        let Some(newest) = self.index.entry(tag) else { return Ok(()) };
        let mut offset = self.medium.layout().records();
        while offset < newest.offset {
            let verdict = record::check(&mut self.medium, self.active, offset).map_err(ReadError::Flash)?;
            let (found, entry) =
                verdict.map_err(|damage| Corruption { sector: self.active.sector, offset, damage })?;
            if found == tag {
                self.forgetting = Forgetting::Older;
                return Ok(());
            }
            offset = offset.saturating_add(self.medium.layout().record_size(entry.length));
        }
        Ok(())
    }

    /// Whether values of these lengths in bytes, each under a tag of its own, fit together. A journal for which they do not will say
    /// [`AppendError::Full`] one day: ask at manufacture, with the greatest lengths that there may be.
    pub fn has_room_for(&self, lengths: impl IntoIterator<Item = usize>) -> bool {
        let mut sizes = lengths.into_iter().map(|length| self.record_size(length));
        let all = sizes.try_fold(0, |sum: u32, size| Some(sum.saturating_add(size?)));
        all.is_some_and(|all| all <= self.medium.layout().capacity())
    }

    /// Gives the flash back.
    pub fn into_flash(self) -> F {
        self.medium.into_flash()
    }

    fn append_here(&mut self, offset: u32, tag: u8, payload: &[u8]) -> Result<(), IdleError<F::Error>> {
        // Sealed until the record is known to be whole: after a failure nothing is programmed behind it.
        self.tail = Tail::Sealed;
        let entry = record::write(&mut self.medium, self.active, offset, tag, Payload::Bytes(payload))?;
        self.index.set(tag, entry);
        self.tail = Tail::Open(offset.saturating_add(self.medium.layout().record_size(entry.length)));
        Ok(())
    }

    /// Moves the newest record of each tag, and the pending one in place of its tag's, into an erased sector.
    ///
    /// The order is what survives a cut: copies, each read back; the live word, read back; then the old sector is
    /// closed; then `Ok`. Until the old sector is closed it holds everything acknowledged. A journal that erased the
    /// old sector first would have none of it after a cut between the two: the cut tests find that at once.
    fn switch(&mut self, sector: u32, pending: Option<(u8, &[u8])>) -> Result<(), IdleError<F::Error>> {
        let layout = self.medium.layout();
        let Some(sequence) = self.active.sequence.checked_add(1) else { return Err(IdleError::Fault) };
        let (old, new) = (self.active, Life { sector, sequence });
        self.set_state(sector, SectorState::Stale);
        self.medium.program_word(layout.address(sector, layout.opened()), layout.opened_word(sequence))?;

        let pending_tag = pending.map(|(tag, _)| tag);
        let copies = self.index.entries().filter(|(tag, _)| Some(*tag) != pending_tag);
        let records = copies.map(|(tag, entry)| (tag, Payload::Stored(old, entry)));
        let mut index = Index::default();
        let mut offset = layout.records();
        for (tag, payload) in records.chain(pending.map(|(tag, bytes)| (tag, Payload::Bytes(bytes)))) {
            let entry = record::write(&mut self.medium, new, offset, tag, payload)?;
            index.set(tag, entry);
            offset = offset.saturating_add(layout.record_size(entry.length));
        }

        self.set_state(sector, SectorState::Rejected);
        self.medium
            .program_word(layout.address(sector, layout.live()), layout.live_word(sequence, offset))?;

        self.set_state(sector, SectorState::Active);
        self.set_state(old.sector, SectorState::Stale);
        (self.active, self.index, self.tail) = (new, index, Tail::Open(offset));
        self.forgetting = Forgetting::Nothing;
        self.unclosed = Some(old.sector);
        self.close_predecessor()
    }

    /// Closes the sector before the active one, if that is still to be done. Nothing is acknowledged in the active
    /// sector before: from here on a mount never falls back.
    fn close_predecessor(&mut self) -> Result<(), IdleError<F::Error>> {
        let Some(sector) = self.unclosed else { return Ok(()) };
        let address = self.medium.layout().address(sector, self.medium.layout().closed());
        let found = self.medium.word(address).map_err(IdleError::Flash)?;
        if found == layout::BLANK_WORD {
            self.medium.program_word(address, CLOSED)?;
        }
        self.unclosed = None;
        Ok(())
    }

    fn record_size(&self, length: usize) -> Option<u32> {
        let length = u16::try_from(length).ok().filter(|length| usize::from(*length) <= MAX_PAYLOAD)?;
        Some(self.medium.layout().record_size(length))
    }

    /// Bytes of the newest records, without that of one tag.
    fn live_size(&self, without: Option<u8>) -> u32 {
        let sizes = self.index.entries().filter(|(tag, _)| Some(*tag) != without);
        sizes.fold(0, |sum, (_, entry)| sum.saturating_add(self.medium.layout().record_size(entry.length)))
    }

    fn has(&self, wanted: SectorState) -> bool {
        self.states.contains(&wanted)
    }

    /// The next erased sector in turn, so that all wear alike.
    fn next_ready(&self) -> Option<u32> {
        let active = self.active.sector;
        let ready =
            || (0..self.medium.layout().sectors()).filter(|sector| self.state(*sector) == SectorState::Ready);
        let after = ready().find(|sector| *sector > active);
        after.or_else(|| ready().next())
    }

    fn state(&self, sector: u32) -> SectorState {
        self.states.get(sector as usize).copied().unwrap_or(SectorState::Absent)
    }

    fn set_state(&mut self, sector: u32, state: SectorState) {
        if let Some(slot) = self.states.get_mut(sector as usize) {
            *slot = state;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_takes_at_most_272_bytes_of_ram() {
        assert!(size_of::<Journal<()>>() <= 272, "{} bytes", size_of::<Journal<()>>());
    }
}
