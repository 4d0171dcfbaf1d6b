//! Numbers of which a storage knows that they may be in use, before they are.

use crate::Status;

/// The most numbers that are reserved at once: of those a restart loses what was not used.
pub const LK_RESERVE_MAX: u32 = 1024;

/// Counts up, and never past what is durable.
#[derive(Debug)]
pub(crate) struct Reserve {
    /// The last number that was used, or that may have been before the restart.
    used: u64,
    /// The last one that is durable.
    durable: u64,
    /// The last one that was to be stored.
    asked: u64,
}

impl Reserve {
    /// After a restart: all up to here are gone.
    pub(crate) const fn after(durable: u64) -> Self {
        Self { used: durable, durable, asked: durable }
    }

    /// What is to be stored so that `more` numbers can be used from now on.
    ///
    /// # Errors
    /// [`Status::BadValue`] for none, or more than [`LK_RESERVE_MAX`]; [`Status::NumbersExhausted`].
    pub(crate) fn ask(&mut self, more: u32) -> Result<u64, Status> {
        let last = self.last_of(more)?;
        self.asked = self.asked.max(last);
        Ok(last)
    }

    /// What [`ask`](Self::ask) would say, with nothing asked.
    ///
    /// # Errors
    /// As of [`ask`](Self::ask).
    pub(crate) fn last_of(&self, more: u32) -> Result<u64, Status> {
        if more == 0 || more > LK_RESERVE_MAX {
            return Err(Status::BadValue);
        }
        let last = self.used.checked_add(u64::from(more)).ok_or(Status::NumbersExhausted)?;
        Ok(last.max(self.durable))
    }

    /// They are durable up to here; an older word changes nothing.
    ///
    /// # Errors
    /// [`Status::NotPending`] for a number that was never to be stored.
    pub(crate) fn grant(&mut self, durable: u64) -> Result<(), Status> {
        if !self.has_asked(durable) {
            return Err(Status::NotPending);
        }
        self.durable = self.durable.max(durable);
        Ok(())
    }

    /// Whether that number was to be stored, or an earlier one that is durable.
    pub(crate) const fn has_asked(&self, number: u64) -> bool {
        number <= self.asked
    }

    /// Whether that number was used, or may have been before the restart.
    pub(crate) const fn has_used(&self, number: u64) -> bool {
        number <= self.used
    }

    /// The last number that was used, or may have been before the restart.
    pub(crate) const fn used(&self) -> u64 {
        self.used
    }

    /// The number to use next.
    ///
    /// # Errors
    /// [`Status::NotReserved`].
    pub(crate) fn next(&self) -> Result<u64, Status> {
        if self.used < self.durable { Ok(self.used + 1) } else { Err(Status::NotReserved) }
    }

    /// That number is used.
    pub(crate) fn burn(&mut self) {
        self.used = self.used.saturating_add(1);
    }

    /// All up to here are gone, since somebody else knows them.
    pub(crate) fn skip(&mut self, used: u64) {
        self.used = self.used.max(used);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_used_once_it_is_durable_and_once_only() {
        let mut reserve = Reserve::after(7);
        assert_eq!(reserve.next(), Err(Status::NotReserved));
        assert_eq!(reserve.ask(2), Ok(9));
        assert_eq!(reserve.next(), Err(Status::NotReserved), "asked is not durable");
        assert_eq!(reserve.grant(10), Err(Status::NotPending), "nobody was to store that");
        reserve.grant(9).unwrap();
        for number in [8, 9] {
            assert_eq!(reserve.next(), Ok(number));
            reserve.burn();
        }
        assert_eq!(reserve.next(), Err(Status::NotReserved));
    }

    #[test]
    fn an_older_word_takes_nothing_back() {
        let mut reserve = Reserve::after(0);
        reserve.ask(5).unwrap();
        reserve.grant(5).unwrap();
        reserve.grant(3).unwrap();
        assert_eq!(reserve.ask(1), Ok(5));
        reserve.skip(4);
        reserve.skip(2);
        assert_eq!(reserve.next(), Ok(5));
        reserve.skip(9);
        assert_eq!((reserve.next(), reserve.ask(1)), (Err(Status::NotReserved), Ok(10)));
    }

    #[test]
    fn what_cannot_be_reserved_is_refused() {
        for (used, more, asked) in [
            (0, 0, Err(Status::BadValue)),
            (0, 1, Ok(1)),
            (0, LK_RESERVE_MAX, Ok(1024)),
            (0, LK_RESERVE_MAX + 1, Err(Status::BadValue)),
            (u64::MAX - 1, 1, Ok(u64::MAX)),
            (u64::MAX, 1, Err(Status::NumbersExhausted)),
        ] {
            assert_eq!(Reserve::after(used).ask(more), asked, "{used} and {more}");
        }
    }
}
