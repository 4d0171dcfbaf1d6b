//! The sliding window of a link that loses and reorders records (RFC 6479; section 4.6).
//!
//! A ring of three 64-bit blocks covers the newest 128 counters. A newer counter clears the blocks that it enters, so that
//! nothing is ever shifted.
//!
//! ```text
//! block of a counter = counter / 64 mod 3        bit = counter mod 64
//!
//!   [ older ......... | ............ | .. newest ]
//!         128 counters up to the newest ^ are told apart; older ones are refused
//! ```

/// How many counters, up to the newest, the window tells apart.
pub const WINDOW: u64 = 128;

const BLOCK_BITS: u64 = 64;
const BLOCKS: usize = 3;

/// A counter that was accepted before, or is too old to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the counter was used before or is older than the window; drop the record")]
pub struct Replayed;

/// A counter that passed [`ReplayWindow::check`]. Open the record, then hand this to [`ReplayWindow::accept`].
#[derive(Debug)]
#[must_use = "accept the counter once its record has opened, or a replay passes"]
pub struct Admission(u64);

impl Admission {
    pub(crate) const fn of(counter: u64) -> Self {
        Self(counter)
    }

    /// The counter that passed.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.0
    }
}

/// The counters accepted so far.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct ReplayWindow {
    /// One above the newest accepted counter; 0 before the first.
    next: u64,
    blocks: [u64; BLOCKS],
}

impl ReplayWindow {
    /// A window that has accepted nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { next: 0, blocks: [0; BLOCKS] }
    }

    /// Whether `counter` may still be accepted. It changes nothing.
    ///
    /// # Errors
    /// [`Replayed`] when it was accepted before, lies [`WINDOW`] or more below the newest, or is `u64::MAX`, which is
    /// never used.
    pub fn check(&self, counter: u64) -> Result<Admission, Replayed> {
        if counter == u64::MAX {
            return Err(Replayed);
        }
        if counter >= self.next {
            return Ok(Admission(counter));
        }
        let seen = self.blocks.get(place(counter)).is_none_or(|block| block & bit(counter) != 0);
        if self.next - counter > WINDOW || seen { Err(Replayed) } else { Ok(Admission(counter)) }
    }

    /// Strikes out a counter whose record has opened.
    pub fn accept(&mut self, Admission(counter): Admission) {
        if counter >= self.next {
            self.enter(counter);
            self.next = counter.saturating_add(1);
        } else if self.next - counter > WINDOW {
            return;
        }
        if let Some(block) = self.blocks.get_mut(place(counter)) {
            *block |= bit(counter);
        }
    }

    /// Clears the blocks between that of the newest counter and that of `counter`, which is newer.
    fn enter(&mut self, counter: u64) {
        let newest_block = self.next.checked_sub(1).map_or(0, |newest| newest / BLOCK_BITS);
        let entered = (counter / BLOCK_BITS - newest_block).min(BLOCKS as u64);
        for step in 1..=entered {
            if let Some(block) = self.blocks.get_mut(place((newest_block + step) * BLOCK_BITS)) {
                *block = 0;
            }
        }
    }
}

impl Default for ReplayWindow {
    fn default() -> Self {
        Self::new()
    }
}

const fn place(counter: u64) -> usize {
    (counter / BLOCK_BITS % BLOCKS as u64) as usize
}

const fn bit(counter: u64) -> u64 {
    1 << (counter % BLOCK_BITS)
}
