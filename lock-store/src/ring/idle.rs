//! Work for quiet times: no append waits for an erase.

use embedded_storage::nor_flash::NorFlash;

use super::mount;
use super::record::Kind;
use super::{Ahead, LogIdleError, LogRing, MAX_ENTRY, SecretErasure, Tail};

/// What one call of [`LogRing::idle_work`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogIdleStep {
    /// There was nothing to do.
    Nothing,
    /// A sector was closed, or superseded secrets were erased.
    TidiedUp,
    /// One sector was erased. What it held was acknowledged, or is now a gap: [`LogRing::held`] says.
    ErasedSector,
}

impl<F: NorFlash, E: SecretErasure<F>> LogRing<F, E> {
    /// Whether [`LogRing::idle_work`] has something to do. Touches no flash.
    pub fn needs_idle_work(&self) -> bool {
        self.is_untidy() || self.must_erase()
    }

    /// Does one bounded step. The oldest sector is given up when all of it was acknowledged; and, acknowledged or not, when the newest
    /// has no room left for two of the longest entries.
    ///
    /// # Errors
    /// [`LogIdleError`]; the next call tries again, but for a secret that cannot be zeroed: that waits for the erase of its sector.
    pub fn idle_work(&mut self) -> Result<LogIdleStep, LogIdleError<F::Error>> {
        if self.is_untidy() {
            self.tidy_up_or_leave()?;
            return Ok(LogIdleStep::TidiedUp);
        }
        if !self.must_erase() {
            return Ok(LogIdleStep::Nothing);
        }
        let Some(ahead) = self.after(self.newest) else { return Ok(LogIdleStep::Nothing) };
        if self.ahead == Ahead::Held {
            self.give_up_oldest()?;
        }
        self.medium.prepare(ahead.sector)?;
        self.ahead = Ahead::Ready;
        Ok(LogIdleStep::ErasedSector)
    }

    fn is_untidy(&self) -> bool {
        self.unclosed.is_some() || self.spent.iter().any(Option::is_some)
    }

    /// The newest sector holds the newest secret: it is never ahead of itself.
    fn must_erase(&self) -> bool {
        match self.ahead {
            Ahead::Ready => false,
            Ahead::Stale => true,
            Ahead::Held => self.oldest_end <= self.acknowledged || self.is_nearly_full(),
        }
    }

    fn is_nearly_full(&self) -> bool {
        let longest = self.layout.record_size(Kind::Entry, MAX_ENTRY as u16);
        match self.tail {
            Tail::Sealed => true,
            Tail::Open(offset) => self.layout.end().saturating_sub(offset) < longest.saturating_mul(2),
        }
    }

    /// Before the erase: a cut in it leaves a sector that is not held either.
    fn give_up_oldest(&mut self) -> Result<(), LogIdleError<F::Error>> {
        let (layout, newest) = (self.layout, self.newest);
        let (oldest, first) = mount::first_behind(&mut self.medium, layout, self.oldest, newest)?;
        let oldest_end = if oldest == newest {
            self.next
        } else {
            mount::first_behind(&mut self.medium, layout, oldest, newest)?.1
        };
        (self.oldest, self.first, self.oldest_end) = (oldest, first, oldest_end);
        (self.ahead, self.cursor) = (Ahead::Stale, None);
        Ok(())
    }
}
