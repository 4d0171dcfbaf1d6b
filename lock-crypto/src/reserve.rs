//! Counters reserved in storage before they are used (section 5, "Up").
//!
//! The ceiling is persisted first; only numbers below it are given out. After a power cut counting goes on at the ceiling:
//! some numbers are lost, none is used twice.

/// How many counters a lock reserves at a time (section 5).
pub const UP_BLOCK: u64 = 64;

/// No reserved counter is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("no reserved counter is left; persist the ceiling of a new reservation first")]
pub struct NeedReserve;

/// All counters of this key are used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the counters of this key are used up; rotate the key")]
pub struct CountersExhausted;

/// A reservation to persist.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Clone, Hash))]
#[must_use = "persist its ceiling, then grant it"]
pub struct Reservation {
    ceiling: u64,
}

impl Reservation {
    /// The value to persist.
    #[must_use]
    pub const fn ceiling(&self) -> u64 {
        self.ceiling
    }
}

/// The reserved counters of one key.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct CounterBlock {
    next: u64,
    ceiling: u64,
}

impl CounterBlock {
    /// Goes on where the persisted ceiling ends; 0 for a new key. Nothing is reserved yet.
    #[must_use]
    pub const fn after_boot(persisted_ceiling: u64) -> Self {
        Self { next: persisted_ceiling, ceiling: persisted_ceiling }
    }

    /// How many counters can be taken without a reservation: reserve while idle, before it is 0.
    #[must_use]
    pub const fn remaining(&self) -> u64 {
        self.ceiling - self.next
    }

    /// Takes a counter. It is never given again, whatever becomes of the message.
    ///
    /// # Errors
    /// [`NeedReserve`] when all reserved counters are taken.
    pub const fn next(&mut self) -> Result<u64, NeedReserve> {
        if self.next >= self.ceiling {
            return Err(NeedReserve);
        }
        let counter = self.next;
        self.next += 1;
        Ok(counter)
    }

    /// A reservation of `count` more counters. Nothing changes until it is granted.
    ///
    /// # Errors
    /// [`CountersExhausted`] when fewer are left; `u64::MAX` is never used.
    pub const fn reserve(&self, count: u64) -> Result<Reservation, CountersExhausted> {
        match self.ceiling.checked_add(count) {
            Some(ceiling) => Ok(Reservation { ceiling }),
            None => Err(CountersExhausted),
        }
    }

    /// Makes the counters of a reservation available. Call it when its ceiling is persisted, not before.
    pub const fn grant(&mut self, Reservation { ceiling }: Reservation) {
        if ceiling > self.ceiling {
            self.ceiling = ceiling;
        }
    }
}
