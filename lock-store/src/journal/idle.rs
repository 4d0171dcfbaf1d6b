//! Work for quiet times, so that an actuation never waits for an erase.

use embedded_storage::nor_flash::NorFlash;

use super::error::IdleError;
use super::{Forgetting, Journal, SectorState, Tail};

/// What one call of [`Journal::idle_work`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdleStep {
    /// There was nothing to do.
    Nothing,
    /// The sector before the active one was marked as closed: one word programmed.
    ClosedSector,
    /// One sector was erased and made ready.
    ErasedSector,
    /// The newest records moved to a sector erased before.
    MovedRecords,
}

impl<F: NorFlash> Journal<F> {
    /// Whether [`Journal::idle_work`] has something to do. Touches no flash.
    ///
    /// Ask after each mount as well: after a cut in a sector switch, appends are `Busy` until the work is done.
    pub fn needs_idle_work(&self) -> bool {
        self.unclosed.is_some() || self.sector_to_erase().is_some() || self.sector_to_move_to().is_some()
    }

    /// Does one bounded step: erases one sector, or moves the records once. Call it when nobody waits at the door,
    /// until [`Journal::needs_idle_work`] says no.
    ///
    /// # Errors
    /// [`IdleError`]; nothing committed is lost, and the next call tries again.
    pub fn idle_work(&mut self) -> Result<IdleStep, IdleError<F::Error>> {
        if self.unclosed.is_some() {
            // Before any erase: the predecessor must not vanish while a mount might still count on it.
            self.close_predecessor()?;
            return Ok(IdleStep::ClosedSector);
        }
        if let Some(sector) = self.sector_to_erase() {
            self.medium.prepare(sector)?;
            self.set_state(sector, SectorState::Ready);
            return Ok(IdleStep::ErasedSector);
        }
        if let Some(sector) = self.sector_to_move_to() {
            self.switch(sector, None)?;
            return Ok(IdleStep::MovedRecords);
        }
        Ok(IdleStep::Nothing)
    }

    /// A rejected sector first, since appends wait for it.
    fn sector_to_erase(&self) -> Option<u32> {
        let with = |wanted| (0..self.medium.layout().sectors()).find(|sector| self.state(*sector) == wanted);
        with(SectorState::Rejected).or_else(|| with(SectorState::Stale))
    }

    /// The sector to move to, where moving is worth an erase: after a torn record, or when there is no room for two
    /// more records of the longest kind and at least half of what is not in use is filled with old ones; and where older values are
    /// to be forgotten.
    fn sector_to_move_to(&self) -> Option<u32> {
        let layout = self.medium.layout();
        let worthwhile = match self.tail {
            Tail::Sealed => true,
            Tail::Open(_) if self.forgetting == Forgetting::Older => true,
            Tail::Open(tail) => {
                let live = self.live_size(None);
                let old = tail.saturating_sub(layout.records()).saturating_sub(live);
                let room = layout.tail_ready().saturating_sub(tail);
                let longest = self.index.entries().map(|(_, entry)| layout.record_size(entry.length)).max();
                let unused = layout.capacity().saturating_sub(live);
                room < longest.unwrap_or(0).saturating_mul(2) && old > 0 && old.saturating_mul(2) >= unused
            }
        };
        if worthwhile { self.next_ready() } else { None }
    }
}
