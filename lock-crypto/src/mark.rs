//! The highest counter that was accepted from a peer (section 5, "Down").

/// How far above the mark a counter may be (section 5).
pub const MAX_JUMP: u64 = 1 << 20;

/// What a mark says about a counter.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// New. Persist the mark that [`HighWaterMark::advance`] returns before anything else comes of the message.
    Fresh(NewMark),
    /// Seen, or passed over: nothing moves.
    AtOrBelow,
    /// More than [`MAX_JUMP`] above the mark, or the last number there is: nothing moves.
    TooFar,
}

/// A counter that was judged fresh, to advance to.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "advance the mark, or the message can be replayed"]
pub struct NewMark(u64);

/// The highest counter accepted so far. It only grows; at 0 nothing was accepted, and counters start at 1.
#[derive(Debug, Default)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct HighWaterMark(u64);

impl HighWaterMark {
    /// The mark that was persisted last; 0 for a new key epoch.
    #[must_use]
    pub const fn from_persisted(mark: u64) -> Self {
        Self(mark)
    }

    /// The mark.
    #[must_use]
    pub const fn value(&self) -> u64 {
        self.0
    }

    /// Judges the counter of a message that has opened. It changes nothing.
    #[must_use]
    pub const fn judge(&self, counter: u64) -> Verdict {
        match counter.checked_sub(self.0) {
            None | Some(0) => Verdict::AtOrBelow,
            Some(jump) if jump > MAX_JUMP || counter == u64::MAX => Verdict::TooFar,
            Some(_) => Verdict::Fresh(NewMark(counter)),
        }
    }

    /// Moves up to a fresh counter and returns the mark to persist.
    ///
    /// A verdict that another message has overtaken moves nothing.
    #[must_use = "persist the mark before anything else comes of the message"]
    pub const fn advance(&mut self, NewMark(counter): NewMark) -> u64 {
        if counter > self.0 {
            self.0 = counter;
        }
        self.0
    }
}
